//! Pipelines that upload what their repository declares. Each has an identity of its own, by an id token of GitHub or GitLab;
//! the configuration lists the owners and groups whose pipelines may upload.

use super::declared::{has_inner_dot, repository_key};
use crate::authz::Person;
use std::str::FromStr;

const GITHUB: &str = "https://token.actions.githubusercontent.com";
const GITLAB: &str = "https://gitlab.com";
/// Behind the address of a GitHub Enterprise Server.
const GITHUB_SERVER: &str = "_services/token";
/// The only host of plain http, for tests.
const LOOPBACK: &str = "127.0.0.1";

/// The product that issues the tokens; it decides which claims name the repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PipelineProvider {
    Github,
    Gitlab,
}

/// Repositories whose pipelines may upload: everything below one path of one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineSource {
    issuer: String,
    provider: PipelineProvider,
    host: String,
    path: String,
}

/// Why a text names no such repositories.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPipelineSource {
    #[error(
        "{0:?} names no owner or group: write github.com/OWNER, gitlab.com/GROUP, or the same with a repository behind it"
    )]
    Path(String),
    #[error(
        "{0:?} is neither on github.com nor on gitlab.com: write https://HOST/GROUP for a GitLab of your own, https://HOST/_services/token/OWNER for GitHub Enterprise Server"
    )]
    Host(String),
    #[error("{0:?} is plain http and not on {LOOPBACK}. Use https")]
    Http(String),
    #[error(
        "the host of {0:?} has no dot, and Claviger stores no repository of such a host: use its full name, such as git.example.com"
    )]
    NoDot(String),
    #[error(
        "{host} has two issuers, {first} and {second}, whose repositories would have the same names: keep the entries of one of them"
    )]
    OneHost { host: String, first: String, second: String },
}

impl FromStr for PipelineSource {
    type Err = InvalidPipelineSource;

    fn from_str(text: &str) -> Result<Self, InvalidPipelineSource> {
        let invalid = |of: fn(String) -> InvalidPipelineSource| of(text.to_owned());
        let (scheme, rest) = text.split_once("://").unwrap_or(("", text));
        let (authority, path) =
            rest.split_once('/').ok_or_else(|| invalid(InvalidPipelineSource::Path))?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let (issuer, provider, path) = match (scheme, authority) {
            ("" | "https", "github.com") => (GITHUB.to_owned(), PipelineProvider::Github, path),
            ("" | "https", "gitlab.com") => (GITLAB.to_owned(), PipelineProvider::Gitlab, path),
            ("https" | "http", own) if is_own_host(own) => {
                if !has_inner_dot(without_port(own)) {
                    return Err(invalid(InvalidPipelineSource::NoDot));
                }
                if scheme == "http" && without_port(own) != LOOPBACK {
                    return Err(invalid(InvalidPipelineSource::Http));
                }
                // Without an owner it names all of them, and is invalid below.
                let server = path
                    .strip_prefix(GITHUB_SERVER)
                    .filter(|rest| rest.is_empty() || rest.starts_with('/'))
                    .map(|rest| rest.strip_prefix('/').unwrap_or(rest));
                let base = format!("{scheme}://{own}");
                match server {
                    Some(path) => {
                        (format!("{base}/{GITHUB_SERVER}"), PipelineProvider::Github, path)
                    }
                    None => (base, PipelineProvider::Gitlab, path),
                }
            }
            _ => return Err(invalid(InvalidPipelineSource::Host)),
        };
        let segments = path.split('/').count();
        let is_deep = provider == PipelineProvider::Github && segments > 2;
        if is_deep || !path.split('/').all(is_segment) {
            return Err(invalid(InvalidPipelineSource::Path));
        }
        let host = without_port(authority).to_owned();
        Ok(Self { issuer, provider, host, path: path.to_owned() })
    }
}

impl PipelineSource {
    /// Exactly as in the tokens.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    pub fn provider(&self) -> PipelineProvider {
        self.provider
    }

    /// Whether the path of a repository is this one or below it. Both providers take names that differ in case for the same.
    fn has(&self, repository: &str) -> bool {
        let len = self.path.len();
        repository.get(..len).is_some_and(|start| start.eq_ignore_ascii_case(&self.path))
            && matches!(repository.as_bytes().get(len), None | Some(b'/'))
    }
}

/// Checks the entries together. A repository is stored by its host name and path, so a host name has one issuer: neither two
/// ports nor two products. Loopback has as many as a test starts.
///
/// # Errors
///
/// The first host name with two issuers.
pub fn check_issuers(sources: &[PipelineSource]) -> Result<(), InvalidPipelineSource> {
    for (at, one) in sources.iter().enumerate() {
        let is_other = |first: &&PipelineSource| {
            first.host == one.host && first.issuer != one.issuer && one.host != LOOPBACK
        };
        if let Some(first) = sources[..at].iter().find(is_other) {
            return Err(InvalidPipelineSource::OneHost {
                host: one.host.clone(),
                first: first.issuer.clone(),
                second: one.issuer.clone(),
            });
        }
    }
    Ok(())
}

/// In lower case, with or without a port. The issuers that many customers share are named by their short form alone.
fn is_own_host(host: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:".contains(c);
    !without_port(host).is_empty()
        && host.chars().all(is_plain)
        && !host.ends_with(".githubusercontent.com")
        && !["github.com", "gitlab.com"].contains(&without_port(host))
}

fn without_port(host: &str) -> &str {
    host.split(':').next().unwrap_or(host)
}

fn is_segment(text: &str) -> bool {
    !matches!(text, "" | "." | "..")
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
}

/// What a verified token says about the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PipelineClaims {
    pub issuer: String,
    /// The path on its host, such as `example/shop`.
    pub repository: String,
    /// The hash of the commit.
    pub commit: String,
    /// The branch or tag.
    pub reference: Option<String>,
    /// The number of the run.
    pub run: Option<String>,
}

/// A pipeline, as its token names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    claims: PipelineClaims,
    /// Host and path in lower case, if the configuration lists it.
    repository: Option<String>,
}

impl Pipeline {
    /// Only listed repositories may upload; without a list, none.
    pub fn new(claims: PipelineClaims, sources: &[PipelineSource]) -> Self {
        let source = sources
            .iter()
            .find(|source| source.issuer == claims.issuer && source.has(&claims.repository));
        let repository =
            source.map(|source| repository_key(&format!("{}/{}", source.host, claims.repository)));
        Self { claims, repository }
    }

    /// Such as `github.com/example/shop`, in lower case; `None` if it may not upload.
    pub fn repository(&self) -> Option<&str> {
        self.repository.as_deref()
    }

    pub fn claims(&self) -> &PipelineClaims {
        &self.claims
    }

    /// The actor of its audit entries: no person, and named as what it is.
    pub fn actor(&self) -> Person {
        let PipelineClaims { issuer, repository, .. } = &self.claims;
        let shown = self.repository.as_deref().unwrap_or(repository);
        let name = format!("Pipeline of {shown}");
        Person { subject: format!("pipeline {issuer} {repository}"), name, email: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn source(text: &str) -> PipelineSource {
        text.parse().unwrap()
    }

    #[rstest]
    #[case("github.com/acme", GITHUB, "acme")]
    #[case("https://github.com/acme/", GITHUB, "acme")]
    #[case("github.com/acme/shop", GITHUB, "acme/shop")]
    #[case("gitlab.com/group/sub/shop", GITLAB, "group/sub/shop")]
    #[case("https://git.example.com/group", "https://git.example.com", "group")]
    #[case("https://git.example.com:8443/group", "https://git.example.com:8443", "group")]
    #[case(
        "https://ghe.example.com/_services/token/acme",
        "https://ghe.example.com/_services/token",
        "acme"
    )]
    #[case("http://127.0.0.1:4711/group", "http://127.0.0.1:4711", "group")]
    fn sources_have_an_issuer_and_a_path(
        #[case] text: &str,
        #[case] issuer: &str,
        #[case] path: &str,
    ) {
        let found = source(text);
        assert_eq!((found.issuer(), found.path.as_str()), (issuer, path));
    }

    /// Nothing stands for everybody of an issuer.
    #[rstest]
    #[case("")]
    #[case("*")]
    #[case("github.com")]
    #[case("github.com/")]
    #[case("github.com/*")]
    #[case("github.com//shop")]
    #[case("github.com/acme/..")]
    #[case("github.com/acme/shop/deep")]
    #[case("github.com/ac me")]
    #[case("gitlab.com/")]
    #[case("git.example.com/group")]
    #[case("http://git.example.com/group")]
    #[case("http://github.com/acme")]
    #[case("https://git.example.com")]
    #[case("https://git.example.com/")]
    #[case("https://user@git.example.com/group")]
    #[case("https://ghe.example.com/_services/token/")]
    #[case("https://token.actions.githubusercontent.com/acme")]
    #[case("https://gitlab.com:443/group")]
    #[case("ftp://git.example.com/group")]
    #[case("https://git/group")]
    #[case("https://git:8443/group")]
    #[case("https://git./group")]
    #[case("http://localhost:4711/group")]
    fn what_names_no_owner_is_invalid(#[case] text: &str) {
        assert!(text.parse::<PipelineSource>().is_err(), "{text}");
    }

    #[test]
    fn a_host_without_a_dot_is_refused_in_words() {
        for text in ["https://git/group", "https://ghe/_services/token/acme"] {
            let refused = text.parse::<PipelineSource>().unwrap_err();
            assert_eq!(refused, InvalidPipelineSource::NoDot(text.into()));
            assert!(refused.to_string().contains("use its full name"), "{refused}");
        }
    }

    #[rstest]
    #[case(&["github.com/acme", "github.com/other", "gitlab.com/group"], true)]
    #[case(&["https://git.example.com/a", "https://git.example.com/b"], true)]
    #[case(&["https://git.example.com/a", "https://git.example.com:8443/a"], false)]
    #[case(&["https://git.example.com/a", "https://git.example.com/_services/token/b"], false)]
    #[case(&["http://127.0.0.1:1/a", "http://127.0.0.1:2/a"], true)]
    fn a_host_name_has_one_issuer(#[case] texts: &[&str], #[case] is_valid: bool) {
        let sources: Vec<PipelineSource> = texts.iter().map(|text| source(text)).collect();
        assert_eq!(check_issuers(&sources).is_ok(), is_valid);
    }

    fn claims(issuer: &str, repository: &str) -> PipelineClaims {
        PipelineClaims {
            issuer: issuer.into(),
            repository: repository.into(),
            commit: "0123abc".into(),
            reference: None,
            run: None,
        }
    }

    #[rstest]
    #[case(GITHUB, "acme/shop", Some("github.com/acme/shop"))]
    #[case(GITHUB, "Acme/Shop", Some("github.com/acme/shop"))]
    #[case(GITHUB, "acme", Some("github.com/acme"))]
    #[case(GITHUB, "acme-evil/shop", None)]
    #[case(GITHUB, "evil/acme", None)]
    #[case(GITHUB, "ac", None)]
    #[case(GITHUB, "group/shop", None)]
    #[case(GITLAB, "acme/shop", None)]
    #[case(GITLAB, "group/sub/shop", Some("gitlab.com/group/sub/shop"))]
    #[case("https://git.example.com", "group/shop", None)]
    fn only_listed_repositories_may_upload(
        #[case] issuer: &str,
        #[case] repository: &str,
        #[case] named: Option<&str>,
    ) {
        let sources = [source("github.com/acme"), source("gitlab.com/group")];
        assert_eq!(Pipeline::new(claims(issuer, repository), &sources).repository(), named);
        assert_eq!(Pipeline::new(claims(issuer, repository), &[]).repository(), None);
    }

    #[test]
    fn a_pipeline_is_no_person() {
        let pipeline = Pipeline::new(claims(GITHUB, "acme/shop"), &[source("github.com/acme")]);
        let actor = pipeline.actor();
        assert_eq!(actor.name, "Pipeline of github.com/acme/shop");
        assert_eq!(actor.subject, "pipeline https://token.actions.githubusercontent.com acme/shop");
        assert_eq!(actor.email, None);
    }
}
