//! What the settings pages show of the configuration. No secret is among it.

use super::{LogFormat, Settings};
use claviger_domain::settings::{SettingGroup, SettingRow};
use claviger_services::Installation;

/// The settings that only the server knows, in words.
pub(crate) fn installation(settings: &Settings) -> Installation {
    let minutes = |n: u32| counted(n, "minute");
    let issuer = settings.oidc_issuer.url();
    Installation {
        sign_in: vec![
            row("Identity provider", issuer.to_string(), "oidc_issuer"),
            row("Groups claim", settings.oidc_groups_claim.clone(), "oidc_groups_claim"),
            row(
                "Groups are read again after",
                minutes(settings.oidc_groups_minutes),
                "oidc_groups_minutes",
            ),
            row(
                "Grace while the provider does not answer",
                minutes(settings.oidc_grace_minutes),
                "oidc_grace_minutes",
            ),
            row(
                "A session ends when idle for",
                minutes(settings.session_idle_minutes),
                "session_idle_minutes",
            ),
            row("A session ends after", counted(settings.session_hours, "hour"), "session_hours"),
            row("Contact for access", settings.access_contact.clone(), "access_contact"),
        ],
        schedule: vec![SettingGroup {
            title: "Audit log".into(),
            rows: vec![
                row(
                    "The head is exported every",
                    minutes(settings.audit_head_minutes),
                    "audit_head_minutes",
                ),
                row(
                    "Export to a file",
                    configured(settings.audit_head_file.is_some()),
                    "audit_head_file",
                ),
                row(
                    "Export to the event webhook",
                    configured(settings.event_webhook_url.is_some()),
                    "event_webhook_url",
                ),
            ],
        }],
        system: vec![SettingGroup {
            title: "Server".into(),
            rows: vec![
                row("URL", settings.public_url.to_string(), "public_url"),
                row("Replicas", settings.replicas.to_string(), "replicas"),
                row("Jobs at a time in each replica", settings.jobs.to_string(), "jobs"),
                row(
                    "Jobs of a dead replica wait for",
                    counted(settings.takeover_seconds, "second"),
                    "takeover_seconds",
                ),
                row(
                    "Database connections for people",
                    settings.database_connections.to_string(),
                    "database_connections",
                ),
                row(
                    "Metrics",
                    settings.metrics_listen.map_or_else(|| configured(false), |at| at.to_string()),
                    "metrics_listen",
                ),
                row("Traces", configured(settings.otlp_endpoint.is_some()), "otlp_endpoint"),
                row(
                    "Log format",
                    if settings.log_format == LogFormat::Json { "json" } else { "text" }.into(),
                    "log_format",
                ),
            ],
        }],
        replicas: Some(settings.replicas),
        event_queue: settings.event_queue_url.as_ref().map(ToString::to_string),
        writes_head_file: settings.audit_head_file.is_some(),
    }
}

fn row(about: &str, value: String, setting: &str) -> SettingRow {
    SettingRow { about: about.to_owned(), value, setting: Some(setting.to_owned()) }
}

fn counted(n: u32, unit: &str) -> String {
    format!("{n} {unit}{}", if n == 1 { "" } else { "s" })
}

fn configured(is_it: bool) -> String {
    if is_it { "Configured" } else { "Not configured" }.into()
}
