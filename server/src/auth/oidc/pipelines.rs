//! Tokens of pipelines: id tokens of GitHub and GitLab, by the keys of the issuers that the configuration names.

use super::{
    FRESH_FOR, Oidc,
    claims::{Expected, loose, missing, moment, text, wrong},
    jwt, metadata,
};
use crate::auth::{SignInError, error::bounded};
use claviger_domain::consumers::pipeline::{
    Pipeline, PipelineClaims, PipelineProvider, PipelineSource,
};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter, clock::Clock as _, clock::DefaultClock,
};
use openidconnect::core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm};
use serde_json::{Map, Value};
use std::{
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};
use time::OffsetDateTime;
use tokio::sync::{Mutex, RwLock};

/// What both providers sign with.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 1] = [CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256];
/// An unknown key makes us read the keys again, and a failure makes us try again, but not more often than this: strangers
/// can send tokens with any key.
const LOOK_AGAIN_AFTER: Duration = Duration::from_mins(1);

/// An older token is not accepted, however late it expires. A job gets its own when it starts.
const MAX_AGE_MINUTES: u32 = 60;
/// Uploads of one repository in an hour, on this replica.
const UPLOADS_PER_HOUR: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);
/// With more repositories than this, those with their full allowance are removed.
const MANY_REPOSITORIES: usize = 10_000;

/// An issuer of the configuration, with its keys.
pub(super) struct PipelineIssuer {
    issuer: String,
    provider: PipelineProvider,
    found: RwLock<Found>,
    /// Held while the keys are read, so that those who have fresh ones do not wait.
    reading: Mutex<()>,
    /// By repository.
    uploads: DefaultKeyedRateLimiter<String>,
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
            all.push(PipelineIssuer::new(source.issuer(), source.provider()));
        }
    }
    all
}

impl PipelineIssuer {
    fn new(issuer: &str, provider: PipelineProvider) -> Self {
        Self {
            issuer: issuer.to_owned(),
            provider,
            found: RwLock::default(),
            reading: Mutex::default(),
            uploads: RateLimiter::keyed(Quota::per_hour(UPLOADS_PER_HOUR)),
        }
    }

    /// Counts an upload, or says how long to wait before the next one.
    fn count_upload(&self, repository: &str) -> Result<(), Duration> {
        if self.uploads.len() > MANY_REPOSITORIES {
            self.uploads.retain_recent();
        }
        let now = DefaultClock::default().now();
        self.uploads.check_key(&repository.to_owned()).map_err(|no| no.wait_time_from(now))
    }

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
        // One at a time. The lock on the keys is not held meanwhile: a stranger's token with an unknown key reads them again.
        let _reading = self.reading.lock().await;
        let failed = {
            let found = self.found.read().await;
            if let Some(keys) = fresh(&found) {
                return Ok(keys);
            }
            found.failed
        };
        if failed.is_some_and(|at| at.elapsed() < LOOK_AGAIN_AFTER) {
            let issuer = &self.issuer;
            return Err(SignInError::Unreachable(format!("{issuer} could not be read just now")));
        }
        let read = metadata::keys_of(http, &self.issuer).await;
        let mut found = self.found.write().await;
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
        let known =
            known.ok_or_else(|| wrong("iss", "is not an issuer of the setting pipelines"))?;
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
        let age = now - moment(&claims, "iat")?.ok_or_else(|| missing("iat"))?;
        if age >= time::Duration::minutes(MAX_AGE_MINUTES.into()) {
            let (minutes, allowed) = (age.whole_minutes(), MAX_AGE_MINUTES);
            return Err(SignInError::Stale { minutes, allowed });
        }
        Ok(Pipeline::new(read(known, &claims)?, &self.settings.pipelines))
    }

    /// Counts an upload of a pipeline that may upload.
    ///
    /// # Errors
    ///
    /// How long to wait, after too many uploads of its repository.
    pub fn count_upload(&self, pipeline: &Pipeline) -> Result<(), Duration> {
        let issuer = &pipeline.claims().issuer;
        let known = self.pipelines.iter().find(|known| known.issuer == *issuer);
        let (Some(known), Some(repository)) = (known, pipeline.repository()) else {
            return Ok(());
        };
        known.count_upload(repository)
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
        let known = PipelineIssuer::new("https://issuer", provider);
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

    /// A stranger's token makes us ask an issuer that does not answer; tokens with known keys go on.
    #[tokio::test]
    async fn fresh_keys_are_there_while_they_are_read_again() {
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let issuer = format!("http://{}", silent.local_addr().unwrap());
        let known = PipelineIssuer::new(&issuer, PipelineProvider::Gitlab);
        let keys = Arc::new(CoreJsonWebKeySet::new(Vec::new()));
        known.found.write().await.last = Some((keys, Instant::now()));
        // Another test may have been first.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let http = crate::http_client::local_client().unwrap();
        let goes_on = async {
            let _asked = silent.accept().await.unwrap();
            let keys = known.keys(&http, FRESH_FOR);
            tokio::time::timeout(Duration::from_secs(5), keys).await
        };
        tokio::select! {
            _ = known.keys(&http, Duration::ZERO) => panic!("the issuer does not answer"),
            keys = goes_on => assert!(keys.is_ok_and(|keys| keys.is_ok())),
        }
    }

    #[test]
    fn each_repository_has_its_own_uploads() {
        let known = PipelineIssuer::new("https://issuer", PipelineProvider::Github);
        let passed = (0..100).filter(|_| known.count_upload("github.com/acme/shop").is_ok());
        assert_eq!(passed.count(), 30);
        assert!(known.count_upload("github.com/acme/other").is_ok());
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
