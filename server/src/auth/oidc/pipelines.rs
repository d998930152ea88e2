//! Tokens of pipelines: id tokens of GitHub and GitLab, by the keys of the issuers that the configuration names.

use super::{
    FRESH_FOR, Oidc,
    claims::{Expected, loose, missing, text, wrong},
    jwt, metadata,
};
use crate::auth::{SignInError, error::bounded};
use claviger_domain::consumers::pipeline::{
    Pipeline, PipelineClaims, PipelineProvider, PipelineSource,
};
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use serde_json::{Map, Value};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use tokio::sync::RwLock;

/// What both providers sign with.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 1] = [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256];
/// An unknown key makes us read the keys again, and a failure makes us try again, but not more often than this: strangers
/// can send tokens with any key.
const LOOK_AGAIN_AFTER: Duration = Duration::from_mins(1);

/// An issuer of the configuration, with its keys.
pub(super) struct PipelineIssuer {
    issuer: String,
    provider: PipelineProvider,
    found: RwLock<Found>,
}

#[derive(Default)]
struct Found {
    last: Option<(Arc<CoreJsonWebKeySet>, Instant)>,
    /// When they last could not be read.
    failed: Option<Instant>,
}

/// Each issuer once.
pub(super) fn issuers(sources: &[PipelineSource]) -> Vec<PipelineIssuer> {
    let mut all: Vec<PipelineIssuer> = Vec::new();
    for source in sources {
        if !all.iter().any(|known| known.issuer == source.issuer()) {
            all.push(PipelineIssuer {
                issuer: source.issuer().to_owned(),
                provider: source.provider(),
                found: RwLock::default(),
            });
        }
    }
    all
}

impl PipelineIssuer {
    /// The keys, no older than this.
    async fn keys(
        &self,
        http: &reqwest::Client,
        fresh_for: Duration,
    ) -> Result<Arc<CoreJsonWebKeySet>, SignInError> {
        let fresh = |found: &Found| {
            let last = found.last.as_ref().filter(|(_, at)| at.elapsed() < fresh_for);
            last.map(|(keys, _)| Arc::clone(keys))
        };
        if let Some(keys) = fresh(&*self.found.read().await) {
            return Ok(keys);
        }
        let mut found = self.found.write().await;
        if let Some(keys) = fresh(&found) {
            return Ok(keys);
        }
        if found.failed.is_some_and(|at| at.elapsed() < LOOK_AGAIN_AFTER) {
            let issuer = &self.issuer;
            return Err(SignInError::Unreachable(format!("{issuer} could not be read just now")));
        }
        let read = metadata::keys_of(http, &self.issuer).await;
        found.failed = read.is_err().then(Instant::now);
        let keys = Arc::new(read?);
        found.last = Some((Arc::clone(&keys), Instant::now()));
        Ok(keys)
    }
}

impl Oidc {
    /// The pipeline of a token for this console. Whether it may upload is for its service to say.
    pub async fn validate_pipeline(
        &self,
        token: &str,
        now: OffsetDateTime,
    ) -> Result<Pipeline, SignInError> {
        let named = jwt::named_issuer(token);
        let known = self.pipelines.iter().find(|known| Some(&known.issuer) == named.as_ref());
        let known = known.ok_or_else(|| wrong("iss", "is no issuer of the setting pipelines"))?;
        let verify =
            |keys: &CoreJsonWebKeySet| jwt::verify(token, jwt::Kind::IdToken, keys, &ALGORITHMS);
        let claims = match verify(&*known.keys(&self.http, FRESH_FOR).await?) {
            Err(SignInError::UnknownKey) => {
                verify(&*known.keys(&self.http, LOOK_AGAIN_AFTER).await?)?
            }
            verified => verified?,
        };
        let origin = self.settings.origin();
        let with_slash = format!("{origin}/");
        let expected =
            Expected { issuer: &known.issuer, clients: &[&origin, &with_slash], trusted: &[], now };
        expected.validate(&claims)?;
        Ok(Pipeline::new(read(known, &claims)?, &self.settings.pipelines))
    }
}

/// The claims by which the provider names repository, commit and run.
fn read(
    known: &PipelineIssuer,
    claims: &Map<String, Value>,
) -> Result<PipelineClaims, SignInError> {
    let (path, owner, run) = match known.provider {
        PipelineProvider::Github => ("repository", "repository_owner", "run_id"),
        PipelineProvider::Gitlab => ("project_path", "namespace_path", "pipeline_id"),
    };
    let needed = |name| text(claims, name)?.ok_or_else(|| missing(name));
    let (repository, owner_path) = (needed(path)?, needed(owner)?);
    let is_below = |rest: &str| rest.strip_prefix('/').is_some_and(|name| !name.contains('/'));
    if !repository.strip_prefix(owner_path).is_some_and(is_below) {
        return Err(wrong(path, "is not a repository of its owner"));
    }
    Ok(PipelineClaims {
        issuer: known.issuer.clone(),
        repository: repository.to_owned(),
        commit: needed("sha")?.to_owned(),
        reference: loose(claims, "ref").map(bounded),
        run: loose(claims, run).map(bounded),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn claims(provider: PipelineProvider, change: &Value) -> Result<PipelineClaims, SignInError> {
        let issuer = "https://issuer".to_owned();
        let known = PipelineIssuer { issuer, provider, found: RwLock::default() };
        let mut all = json!({
            "repository": "acme/shop", "repository_owner": "acme", "run_id": "7",
            "project_path": "group/sub/shop", "namespace_path": "group/sub", "pipeline_id": "9",
            "sha": "0123abc", "ref": "refs/heads/main",
        });
        for (name, value) in change.as_object().unwrap() {
            all[name] = value.clone();
        }
        read(&known, all.as_object().unwrap())
    }

    #[test]
    fn each_provider_has_its_own_claims() {
        let github = claims(PipelineProvider::Github, &json!({})).unwrap();
        assert_eq!((github.repository.as_str(), github.run.as_deref()), ("acme/shop", Some("7")));
        assert_eq!(github.reference.as_deref(), Some("refs/heads/main"));
        let gitlab = claims(PipelineProvider::Gitlab, &json!({})).unwrap();
        let (repository, run) = (gitlab.repository.as_str(), gitlab.run.as_deref());
        assert_eq!((repository, run), ("group/sub/shop", Some("9")));
    }

    #[test]
    fn a_repository_is_its_owners() {
        for (provider, change) in [
            (PipelineProvider::Github, json!({"repository_owner": "other"})),
            (PipelineProvider::Github, json!({"repository_owner": "ACME"})),
            (PipelineProvider::Github, json!({"repository_owner": "ac"})),
            (PipelineProvider::Github, json!({"repository_owner": null})),
            (PipelineProvider::Github, json!({"repository": "acme"})),
            (PipelineProvider::Github, json!({"repository": "acme/shop/deep"})),
            (PipelineProvider::Github, json!({"repository": null})),
            (PipelineProvider::Github, json!({"repository": ["acme/shop"]})),
            (PipelineProvider::Github, json!({"sha": null})),
            (PipelineProvider::Gitlab, json!({"namespace_path": "group"})),
            (PipelineProvider::Gitlab, json!({"project_path": null})),
        ] {
            assert!(claims(provider, &change).is_err(), "{change}");
        }
    }
}
