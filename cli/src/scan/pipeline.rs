//! `clv scan --pipeline`: a pipeline uploads what its files name, with the id token of its job and without a sign-in.

use super::{Scan, readers, tree::Tree};
use crate::{
    error::CliError,
    http::{self, ca_bundle, read},
    say, without_controls,
};
use claviger_domain::consumers::{
    declared::{MAX_DECLARED_BYTES, check_source},
    found::{FoundReference, PipelineUpload, Received},
};
use serde::Deserialize;
use std::{collections::BTreeSet, env};
use url::{Host, Url};
use zeroize::Zeroizing;

/// Of GitLab, or of any job that has a token already.
const TOKEN: &str = "CLV_ID_TOKEN";
/// Where GitHub Actions gives a job its token, and with which credential.
const GITHUB_URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const GITHUB_TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// GitHub's answer.
#[derive(Deserialize)]
struct IdToken {
    value: Zeroizing<String>,
}

pub(super) async fn upload(scan: &Scan, console: &Url, tree: &Tree) -> Result<(), CliError> {
    check_console(console)?;
    let mut references: BTreeSet<FoundReference> = BTreeSet::new();
    let mut files = 0_u64;
    let skipped = tree.read(|path, text| {
        files += 1;
        readers::find(text, |line, kind, named| {
            // So many are in memory at once; an upload has room for fewer, and is refused below.
            if references.len() >= super::MAX_REFERENCES {
                return;
            }
            let path = without_controls(path).collect();
            references.insert(FoundReference { path, line, kind, named: named.to_owned() });
        });
    })?;
    for one in &references {
        say(format_args!("{}:{}\t{}\t{}", one.path, one.line, one.kind, one.named));
    }
    if let (Some(repository), Some(commit)) = (&scan.repository, &scan.commit) {
        check_source(repository, commit).map_err(|fault| CliError::Input(fault.to_string()))?;
    }
    let upload = PipelineUpload {
        repository: scan.repository.clone(),
        commit: scan.commit.clone(),
        references: references.into_iter().collect(),
    };
    upload.check().map_err(|fault| CliError::Input(fault.to_string()))?;
    let size = serde_json::to_vec(&upload).map_or(0, |body| body.len());
    if size > MAX_DECLARED_BYTES {
        return Err(CliError::Input(format!(
            "the list has {size} bytes, and an upload has at most {MAX_DECLARED_BYTES}: leave out generated files and copies (files in .gitignore are not read)"
        )));
    }
    let http = http::http(ca_bundle(None).as_deref())?;
    let token = id_token(&http, &console.origin().ascii_serialization()).await?;
    let url = console.join("/v1/consumers/found");
    let url = url.map_err(|error| CliError::Unreachable(error.to_string()))?;
    let request = http.post(url).bearer_auth(token.as_str()).json(&upload);
    let Received { references } = read(request.send().await?).await?;
    eprintln!("clv: uploaded {references} references of {files} files. {skipped}");
    Ok(())
}

/// The token is sent to no other address, and never without TLS.
fn check_console(console: &Url) -> Result<(), CliError> {
    if is_safe(console) && console.path() == "/" && console.query().is_none() {
        return Ok(());
    }
    Err(CliError::Input(
        "--pipeline names the console by its address alone, such as https://claviger.example.com"
            .into(),
    ))
}

fn is_safe(url: &Url) -> bool {
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && is_loopback)
}

fn variable(name: &str) -> Option<Zeroizing<String>> {
    env::var(name).ok().filter(|text| !text.is_empty()).map(Zeroizing::new)
}

/// The id token of this job for the console.
async fn id_token(http: &reqwest::Client, audience: &str) -> Result<Zeroizing<String>, CliError> {
    if let Some(token) = variable(TOKEN) {
        return Ok(token);
    }
    let (Some(url), Some(bearer)) = (variable(GITHUB_URL), variable(GITHUB_TOKEN)) else {
        return Err(CliError::Input(format!(
            "this job has no id token. In GitHub Actions give it `permissions: id-token: write`; in GitLab set `id_tokens: {{ {TOKEN}: {{ aud: {audience} }} }}`"
        )));
    };
    let failed = |why: String| CliError::Input(format!("GitHub gave no id token: {why}"));
    let mut url = Url::parse(&url).map_err(|_| failed(format!("{GITHUB_URL} is not a URL")))?;
    if !is_safe(&url) {
        return Err(failed(format!("{GITHUB_URL} is not an https URL")));
    }
    url.query_pairs_mut().append_pair("audience", audience);
    let answer = http.get(url).bearer_auth(bearer.as_str()).send().await;
    let answer = answer.map_err(|error| failed(error.without_url().to_string()))?;
    let status = answer.status();
    if !status.is_success() {
        return Err(failed(format!("it answered {status}")));
    }
    let token: IdToken =
        answer.json().await.map_err(|_| failed("its answer cannot be read".into()))?;
    Ok(token.value)
}
