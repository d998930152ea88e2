//! The server's settings: a TOML file, then the environment (`CLAVIGER_…`), which takes precedence.

mod ca_bundle;
mod catalog;
mod database;
mod defaults;
mod identity;
mod installation;
mod listen;
mod lists;
mod retention;
mod source;
mod telemetry;

pub use ca_bundle::CaBundle;
pub use database::DatabaseAuth;
pub use identity::Issuer;
pub use lists::Regions;
pub use telemetry::LogFormat;

pub(crate) use database::DatabaseSettings;
pub(crate) use installation::installation;
pub(crate) use listen::listen;

use crate::StartError;
use claviger_aws::{Api, AwsSettings, HttpsProxy};
use claviger_domain::{
    authz::{RoleBinding, scope_check::ScopeReference},
    consumers::pipeline::PipelineSource,
    ids::Region,
    owner::{OwnerRule, OwnerRules},
    rotations::blackout::Blackout,
};
use claviger_policy::AccessPolicy;
use ipnet::IpNet;
use secrecy::SecretString;
use serde::Deserialize;
use std::{collections::BTreeMap, net::SocketAddr, num::NonZeroU32, path::PathBuf};
use time::Duration;
use url::{Host, Url};

/// Longer than any load balancer needs to notice.
const MAX_DRAIN_SECONDS: u32 = 300;
const MAX_KEEP_ALIVE_SECONDS: u32 = 3600;

/// All settings. `docs/configuration.md` explains each.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// Also read from `DATABASE_URL`.
    pub database_url: SecretString,
    /// How the database verifies Claviger.
    #[serde(default)]
    pub database_auth: DatabaseAuth,
    #[serde(default = "defaults::listen")]
    pub listen: SocketAddr,
    /// Where Prometheus scrapes `/metrics`, without sign-in. Without this setting there are no metrics.
    pub metrics_listen: Option<SocketAddr>,
    /// The URL of Claviger for people: scheme, host and port, no path.
    #[serde(default = "defaults::public_url")]
    pub public_url: Url,
    /// Where `cargo xtask web` put the browser's files.
    #[serde(default = "defaults::site_dir")]
    pub site_dir: PathBuf,
    /// For people; the worker has its own.
    #[serde(default = "defaults::database_connections")]
    pub database_connections: u32,
    /// How many replicas share the database: at startup the connections are checked for all of them.
    #[serde(default = "defaults::replicas")]
    pub replicas: u32,
    /// Exactly as in the provider's metadata.
    pub oidc_issuer: Issuer,
    pub oidc_client_id: String,
    pub oidc_client_secret: SecretString,
    /// The claim that lists a person's groups, by its path: `groups`, `realm_access.roles`.
    #[serde(default = "defaults::groups_claim")]
    pub oidc_groups_claim: String,
    /// What separates the groups if the claim is one text.
    pub oidc_groups_separator: Option<String>,
    /// After how many minutes a person's groups are read again.
    #[serde(default = "defaults::groups_minutes")]
    pub oidc_groups_minutes: u32,
    /// For how many more minutes the last groups stay valid while the provider does not answer.
    #[serde(default = "defaults::grace_minutes")]
    pub oidc_grace_minutes: u32,
    /// Audiences that an id token may name in addition to ours.
    #[serde(default)]
    pub oidc_trusted_audiences: Vec<String>,
    /// Additional parameters of the authorization request, such as `access_type = "offline"`. Only in the file.
    #[serde(default)]
    pub oidc_authorize_parameters: BTreeMap<String, String>,
    /// Where the provider signs people out, if its metadata do not say.
    pub oidc_logout_url: Option<Url>,
    /// The return parameter of the sign-out.
    #[serde(default = "defaults::logout_return_parameter")]
    pub oidc_logout_return_parameter: String,
    /// The source of the key that encrypts the provider's tokens; without it the client secret is used.
    pub session_secret: Option<SecretString>,
    /// Owners and groups whose pipelines may declare consumers, such as `github.com/acme`. Without one, none may.
    #[serde(default, deserialize_with = "lists::pipelines")]
    pub pipelines: Vec<PipelineSource>,
    /// Whom people without a role should ask.
    #[serde(default = "defaults::access_contact")]
    pub access_contact: String,
    /// The public client of `clv`, by the device flow; without it there is no client.
    pub oidc_cli_client_id: Option<String>,
    /// In addition to `openid`, which is always requested. Default: `profile`, `email`, and `groups` if it is supported.
    pub oidc_scopes: Option<Vec<String>>,
    /// Which group has which role where. Only these entries give roles.
    #[serde(default)]
    pub roles: Vec<RoleBinding>,
    /// Above the idle timeout of the load balancer in front.
    #[serde(default = "defaults::keep_alive_seconds")]
    pub keep_alive_seconds: u32,
    #[serde(default = "defaults::session_idle_minutes")]
    pub session_idle_minutes: u32,
    #[serde(default = "defaults::session_hours")]
    pub session_hours: u32,
    /// Sign-ins a minute from one client address, and as many at once.
    #[serde(default = "defaults::sign_in_per_minute")]
    pub sign_in_per_minute: NonZeroU32,
    /// The same for all addresses together, in each replica.
    #[serde(default = "defaults::sign_in_total_per_minute")]
    pub sign_in_total_per_minute: NonZeroU32,
    /// Load balancers whose `X-Forwarded-For` is trusted: addresses or networks.
    #[serde(default, deserialize_with = "lists::networks")]
    pub trusted_proxies: Vec<IpNet>,
    #[serde(default = "defaults::aws_region")]
    pub aws_region: Region,
    #[serde(default = "defaults::inventory_role")]
    pub inventory_role: String,
    #[serde(default = "defaults::access_role")]
    pub access_role: String,
    #[serde(default = "defaults::remediation_role")]
    pub remediation_role: String,
    #[serde(default = "defaults::consumers_role")]
    pub consumers_role: String,
    #[serde(default = "defaults::iam_role")]
    pub iam_role: String,
    /// The access role's maximum session duration; an hour where this server itself runs as a role.
    #[serde(default = "defaults::access_session_seconds")]
    pub access_session_seconds: u32,
    /// The Cedar policies that decide who may request access. Without the file nobody may.
    pub access_policies: Option<PathBuf>,
    /// The rules that decide who approves. Without a rule nobody can.
    pub access_rules: Option<PathBuf>,
    /// Such as `smtps://user:password@mail.example.com`.
    pub smtp_url: Option<SecretString>,
    #[serde(default = "defaults::mail_from")]
    pub mail_from: String,
    /// The URL of the queue in which the events of accounts arrive.
    pub event_queue_url: Option<Url>,
    /// Resources with this tag are sensitive: who reads them and is no reader raises an alarm.
    #[serde(default = "defaults::sensitive_tag")]
    pub sensitive_tag: String,
    /// Who may read them all: patterns of ARNs.
    #[serde(default)]
    pub sensitive_readers: Vec<String>,
    /// The tag that lists more readers of its own resource.
    pub sensitive_readers_tag: Option<String>,
    /// A Slack-compatible incoming webhook.
    pub webhook_url: Option<SecretString>,
    /// The token of a Slack app's bot: `xoxb-…`.
    pub slack_token: Option<SecretString>,
    /// The id of the channel that the bot posts in.
    pub slack_channel: Option<String>,
    /// Slack's Web API.
    #[serde(default = "defaults::slack_api_url")]
    pub slack_api_url: Url,
    /// Where programs receive the same, as Standard Webhooks.
    pub event_webhook_url: Option<SecretString>,
    /// The signing key: `whsec_` and base64.
    pub event_webhook_secret: Option<SecretString>,
    /// The AWS console's federation endpoint.
    #[serde(default)]
    pub federation_url: Option<Url>,
    pub external_id: Option<SecretString>,
    #[serde(default = "defaults::quota_percent")]
    pub quota_percent: u8,
    /// Requests per second in an account and Region, by API, if AWS granted a quota other than the default.
    #[serde(default)]
    pub quotas: BTreeMap<String, u32>,
    /// Owner rules; the first that names a team applies. Default: the tag `owner`. Only in the file.
    pub owners: Option<Vec<OwnerRule>>,
    /// When secrets should not rotate. Only in the file.
    #[serde(default)]
    pub rotation_blackout: Vec<Blackout>,
    /// The Regions to scan: `enabled` for those of each account, or their names.
    #[serde(default, deserialize_with = "lists::regions")]
    pub regions: Regions,
    #[serde(default = "defaults::sweep_minutes")]
    pub sweep_minutes: u32,
    /// How long scheduled scans keep the tags of parameters.
    #[serde(default = "defaults::parameter_tags_minutes")]
    pub parameter_tags_minutes: u32,
    /// How many jobs one replica runs at a time.
    #[serde(default = "defaults::jobs")]
    pub jobs: usize,
    /// How long the jobs of a dead replica wait.
    #[serde(default = "defaults::takeover_seconds")]
    pub takeover_seconds: u32,
    /// How long a replica that shuts down still takes requests, while `/readyz` says that it is leaving.
    #[serde(default = "defaults::drain_seconds")]
    pub drain_seconds: u32,
    /// The maximum number of secrets and parameters in memory; above it no list is served.
    #[serde(default = "defaults::inventory_limit")]
    pub inventory_limit: NonZeroU32,
    /// How many calls that fix findings may start in an hour, in total and in one account.
    #[serde(default = "defaults::remediation_per_hour")]
    pub remediation_per_hour: u32,
    #[serde(default = "defaults::remediation_account_per_hour")]
    pub remediation_account_per_hour: u32,
    /// The maximum duration of an exception.
    #[serde(default = "defaults::waiver_longest_days")]
    pub waiver_longest_days: u32,
    /// After how many days each exception is due for review.
    #[serde(default = "defaults::waiver_review_days")]
    pub waiver_review_days: u32,
    /// For how many days changes of the inventory are kept.
    #[serde(default = "defaults::changes_days")]
    pub changes_days: u32,
    /// The same for notifications with their deliveries.
    #[serde(default = "defaults::notifications_days")]
    pub notifications_days: u32,
    /// The same for finished scans.
    #[serde(default = "defaults::scans_days")]
    pub scans_days: u32,
    /// The same for the posture of past days.
    #[serde(default = "defaults::posture_days")]
    pub posture_days: u32,
    /// The same for jobs that failed for the last time.
    #[serde(default = "defaults::failed_jobs_days")]
    pub failed_jobs_days: u32,
    /// How often the head of the audit log is published.
    #[serde(default = "defaults::audit_head_minutes")]
    pub audit_head_minutes: u32,
    /// A file to which each replica appends the heads, one per line.
    pub audit_head_file: Option<PathBuf>,
    /// Where spans are exported, by OTLP over HTTP; also read from `OTEL_EXPORTER_OTLP_ENDPOINT`.
    pub otlp_endpoint: Option<Url>,
    /// More root certificates, in a PEM file, which every client trusts.
    pub ca_bundle: Option<CaBundle>,
    /// `text` or `json`.
    #[serde(default)]
    pub log_format: LogFormat,
}

impl Settings {
    /// Reads the file, if one is named, and the environment, with the secrets that they name elsewhere, and validates the
    /// result.
    pub async fn load(file: Option<&PathBuf>) -> Result<Self, StartError> {
        check_proxy()?;
        let text = file.map_or_else(|| Ok(String::new()), |file| source::text(file))?;
        let given = source::collect(&database::of_file(&text, file), std::env::vars_os(), None)
            .and_then(source::Collected::read_files)
            .map_err(|fault| said(&fault))?;
        let given = given.read_secrets().await.map_err(|fault| said(&fault))?;
        let settings: Self = given.parse().map_err(|fault| said(&fault))?;
        settings.validate()?;
        Ok(settings)
    }

    fn validate(&self) -> Result<(), StartError> {
        let wrong = |text: &str| Err(StartError::Settings(text.to_owned()));
        if !["https", "http"].contains(&self.public_url.scheme()) || !self.public_url.has_host() {
            return wrong("public_url is to begin with https:// (or http:// on loopback)");
        }
        if !["https", "http"].contains(&self.oidc_issuer.url().scheme()) {
            return wrong("oidc_issuer is to begin with https:// (or http:// on loopback)");
        }
        if self.public_url.path() != "/" || self.public_url.query().is_some() {
            return wrong(
                "public_url is to have a scheme, a host and a port, and nothing behind them",
            );
        }
        if !self.is_https() && !is_loopback(&self.public_url) {
            return wrong(
                "public_url is plain http and not on loopback: session cookies would travel unprotected. Use https",
            );
        }
        self.validate_identity()?;
        self.validate_retention()?;
        self.validate_telemetry()?;
        if self.regions == Regions::These(Vec::new()) {
            return wrong(
                "regions is empty: name at least one Region to scan, or write \"enabled\"",
            );
        }
        if self.database_connections == 0 {
            return wrong("database_connections is to be at least 1");
        }
        if self.quota_percent == 0 || self.quota_percent > 100 {
            return wrong("quota_percent is to be between 1 and 100");
        }
        for (api, rate) in &self.quotas {
            if let Err(expected) = api.parse::<Api>() {
                return Err(StartError::Settings(format!(
                    "quotas names {api}, which is not {expected}"
                )));
            }
            if *rate == 0 {
                return Err(StartError::Settings(format!("quotas.{api} is to be at least 1")));
            }
        }
        if !(900..=43_200).contains(&self.access_session_seconds) {
            return wrong("access_session_seconds is to be between 900 and 43200, as AWS has it");
        }
        let federation = self.federation_url.as_ref();
        if federation.is_some_and(|url| url.scheme() != "https" && !is_loopback(url)) {
            return wrong("federation_url is plain http and not on loopback. Use https");
        }
        if self.session_idle_minutes == 0
            || self.session_hours == 0
            || self.sweep_minutes == 0
            || self.jobs == 0
        {
            return wrong(
                "session_idle_minutes, session_hours, sweep_minutes and jobs are to be at least 1",
            );
        }
        if !(1..=MAX_KEEP_ALIVE_SECONDS).contains(&self.keep_alive_seconds) {
            return Err(StartError::Settings(format!(
                "keep_alive_seconds is to be between 1 and {MAX_KEEP_ALIVE_SECONDS}"
            )));
        }
        if self.replicas == 0 || self.audit_head_minutes == 0 {
            return wrong("replicas and audit_head_minutes are to be at least 1");
        }
        if self.drain_seconds > MAX_DRAIN_SECONDS {
            return Err(StartError::Settings(format!(
                "drain_seconds is to be at most {MAX_DRAIN_SECONDS}"
            )));
        }
        if self.takeover_seconds < 4 {
            return wrong(
                "takeover_seconds is to be at least 4: a live replica reports four times as often",
            );
        }
        Ok(())
    }

    pub fn is_https(&self) -> bool {
        self.public_url.scheme() == "https"
    }

    /// The origin as browsers send it.
    pub fn origin(&self) -> String {
        self.public_url.origin().ascii_serialization()
    }

    pub fn session_idle(&self) -> Duration {
        Duration::minutes(self.session_idle_minutes.into())
    }

    pub fn session_absolute(&self) -> Duration {
        Duration::hours(self.session_hours.into())
    }

    /// Reads and validates the access policy.
    pub fn access_policy(&self) -> Result<AccessPolicy, StartError> {
        let read = |file: &Option<PathBuf>| match file {
            None => Ok(String::new()),
            Some(file) => std::fs::read_to_string(file)
                .map_err(|error| StartError::Settings(format!("{}: {error}", file.display()))),
        };
        AccessPolicy::read(&read(&self.access_policies)?, &read(&self.access_rules)?)
            .map_err(|fault| StartError::Settings(fault.to_string()))
    }

    /// Every OU and account in the configuration, with its source.
    pub fn scope_references(&self, access: &AccessPolicy) -> Vec<ScopeReference> {
        let roles = self.roles.iter().flat_map(|binding| {
            let source = format!("the role {} of the group {}", binding.role, binding.group);
            binding.scope.references(&source)
        });
        roles.chain(self.owners().scope_references()).chain(access.scope_references()).collect()
    }

    pub fn owners(&self) -> OwnerRules {
        self.owners.clone().map_or_else(OwnerRules::default, OwnerRules::new)
    }

    pub fn aws(&self) -> AwsSettings {
        AwsSettings {
            region: self.aws_region.clone(),
            inventory_role: self.inventory_role.clone(),
            access_role: self.access_role.clone(),
            remediation_role: self.remediation_role.clone(),
            consumers_role: self.consumers_role.clone(),
            iam_role: self.iam_role.clone(),
            external_id: self.external_id.clone(),
            quota_percent: self.quota_percent,
            quotas: self
                .quotas
                .iter()
                .filter_map(|(api, rate)| Some((api.parse().ok()?, *rate)))
                .collect(),
            root_certificates: self.ca_bundle.as_ref().map(|bundle| bundle.pem().clone()),
            endpoint_url: None,
        }
    }
}

/// The clients ignore a proxy that cannot be used, and would connect directly.
fn check_proxy() -> Result<(), StartError> {
    HttpsProxy::of_environment().map(drop).map_err(|error| StartError::Settings(error.to_string()))
}

fn said(fault: &source::SettingsError) -> StartError {
    let text = fault.to_string();
    let hint = match text.as_str() {
        text if text.contains("field `database_url`") => {
            ". Set DATABASE_URL, or database_url in the file"
        }
        text if text.contains("field `oidc_") => {
            ". Set CLAVIGER_OIDC_ISSUER, CLAVIGER_OIDC_CLIENT_ID and CLAVIGER_OIDC_CLIENT_SECRET, or the same in the file"
        }
        _ => "",
    };
    StartError::Settings(format!("{text}{hint}"))
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests;
