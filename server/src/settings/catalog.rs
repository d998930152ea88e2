//! Every setting: the table in `docs/configuration.md` is generated from this list.

/// What a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    /// It can also be in a file of its own or in Secrets Manager, and is never shown.
    Secret,
    /// A file or a folder. In the configuration file it counts from that file's folder.
    Path,
    /// It has parts, which one variable cannot express.
    FileOnly,
}

/// One setting. Its variable follows from its name.
#[derive(Debug, Clone, Copy)]
pub(super) struct Setting {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// As it would be set; or in words, in parentheses.
    #[cfg_attr(not(test), expect(dead_code, reason = "only the documentation is written by it"))]
    pub(super) default: &'static str,
    /// Of a number.
    #[cfg_attr(not(test), expect(dead_code, reason = "only the documentation is written by it"))]
    pub(super) unit: Option<&'static str>,
    /// Without a period at the end.
    #[cfg_attr(not(test), expect(dead_code, reason = "only the documentation is written by it"))]
    pub(super) meaning: &'static str,
}

/// Whether the setting is of this kind.
pub(super) fn is(name: &str, kind: Kind) -> bool {
    CATALOG.iter().any(|setting| setting.name == name && setting.kind == kind)
}

macro_rules! catalog {
    ($($name:literal $kind:ident $default:literal $([$unit:literal])? $meaning:literal)*) => {
        /// All of them, in the order of the documentation.
        pub(super) const CATALOG: &[Setting] = &[$(Setting {
            name: $name,
            kind: Kind::$kind,
            default: $default,
            unit: catalog!(@unit $($unit)?),
            meaning: $meaning,
        }),*];
    };
    (@unit) => { None };
    (@unit $unit:literal) => { Some($unit) };
}

catalog! {
    "database_url" Secret "(required)"
        "PostgreSQL 15 or newer. CockroachDB and YugabyteDB are refused by name: they lack, or only recently got, LISTEN/NOTIFY, advisory locks or snapshots that Claviger relies on. The role that migrates must be able to create schemas, tables and the extension `pg_trgm`; the role that serves needs no such privilege, see [Database roles](#database-roles)"
    "database_auth" Plain "password"
        "how the database verifies Claviger: `password`, that of the URL, or `rds-iam`, see [IAM authentication](#iam-authentication-of-rds-and-aurora)"
    "database_connections" Plain "20" ["connections"]
        "of this replica for people's requests, half of them kept open. Jobs have their own connections, two for each of `jobs` and eight more: 24 with the default `jobs`"
    "replicas" Plain "1" ["replicas"]
        "how many share the database. At startup Claviger checks the connections for all of them, see [Connections](#connections)"
    "listen" Plain "127.0.0.1:8080"
        "where the server listens; `serve --listen` takes precedence"
    "metrics_listen" Plain "(no metrics)"
        "where Prometheus scrapes `/metrics`, such as 127.0.0.1:9464. There is no sign-in: use loopback or a network that only Prometheus reaches, see [Metrics and health](metrics.md)"
    "keep_alive_seconds" Plain "65" ["seconds"]
        "how long an idle connection stays open after a request. It is to be longer than the idle timeout of the load balancer (60 seconds on AWS), see [Behind a proxy](#behind-a-proxy). From 1 to 3600"
    "public_url" Plain "http://127.0.0.1:8080"
        "how people reach Claviger. Plain http is accepted on loopback only"
    "site_dir" Path "target/site"
        "the folder where `cargo xtask web` has put the browser's files"
    "oidc_issuer" Plain "(required)"
        "the identity provider's issuer, exactly as in its metadata: with or without a slash at the end. [What each provider needs](identity-providers.md)"
    "oidc_client_id" Plain "(required)"
        "Claviger's client registration at the identity provider"
    "oidc_client_secret" Secret "(required)"
        "the client's secret there"
    "oidc_groups_claim" Plain "groups"
        "the claim that lists the groups, in the id token or otherwise in userinfo: a name, or a path such as `realm_access.roles`; `\\.` is a dot within a name"
    "oidc_groups_separator" Plain "(none)"
        "what separates the groups if the claim is one string"
    "oidc_groups_minutes" Plain "15" ["minutes"]
        "after this time a person's groups are read again, and an id token of `clv` is too old"
    "oidc_grace_minutes" Plain "15" ["minutes"]
        "while the provider does not answer, the last groups stay valid for this long after that; then every answer is 503"
    "oidc_scopes" Plain "(profile, email, groups)"
        "in addition to `openid`. Without this setting Claviger omits `groups` if the provider's metadata list scopes without it"
    "oidc_trusted_audiences" Plain "(none)"
        "other audiences that an id token may name"
    "oidc_authorize_parameters" FileOnly "(none)"
        "additional parameters of the authorization request, such as `{ access_type = \"offline\" }`"
    "oidc_logout_url" Plain "(the provider's metadata)"
        "the provider's sign-out URL"
    "oidc_logout_return_parameter" Plain "post_logout_redirect_uri"
        "the parameter of the sign-out with the return address (Cognito: `logout_uri`)"
    "oidc_cli_client_id" Plain "(none)"
        "the public client of `clv`; without it people cannot use `clv`"
    "pipelines" Plain "(none)"
        "owners, groups or repositories whose pipelines may declare consumers with their own token, such as `github.com/acme, gitlab.com/group`. A GitLab of your own is `https://HOST/GROUP`, GitHub Enterprise Server `https://HOST/_services/token/OWNER`. See [a pipeline's own identity](guide/README.md#upload-from-a-pipeline)"
    "session_secret" Secret "(the client's secret)"
        "Claviger derives from it the key that encrypts the provider's tokens; at least 32 characters. If it changes, people have to sign in again"
    "access_contact" Plain "your security team"
        "whom people without a role should ask"
    "roles" FileOnly "(none)"
        "which group has which role, see [Roles](#roles)"
    "owners" FileOnly "(the tag `owner`)"
        "which team owns which resources, see [Owners](#owners)"
    "rotation_blackout" FileOnly "(none)"
        "when secrets should not rotate, see [Blackout windows](#blackout-windows)"
    "session_idle_minutes" Plain "60" ["minutes"]
        "an idle session ends after this"
    "session_hours" Plain "12" ["hours"]
        "any session ends after this"
    "sign_in_per_minute" Plain "60" ["sign-ins a minute"]
        "from one client address, and as many at once; a 64-bit IPv6 network is one client. Above the limit the answer is 429 with `Retry-After`"
    "sign_in_total_per_minute" Plain "1200" ["sign-ins a minute"]
        "the same for all addresses together, for each replica"
    "trusted_proxies" Plain "(none)"
        "load balancers whose `X-Forwarded-For` is trusted: addresses or networks, such as `[\"10.0.0.0/8\"]`. See [Behind a proxy](#behind-a-proxy)"
    "ca_bundle" Path "(none)"
        "a PEM file with root certificates that Claviger trusts in addition to its usual ones, see [Certificates](deploy.md#certificates-of-your-own-authority)"
    "aws_region" Plain "us-east-1"
        "the Region of Claviger's own calls"
    "inventory_role" Plain "claviger-inventory"
        "the role to assume in each account, see [roles in AWS](roles.md)"
    "access_role" Plain "claviger-access"
        "the role of just-in-time sessions"
    "remediation_role" Plain "claviger-remediation"
        "the role that ends them and runs remediation"
    "consumers_role" Plain "claviger-consumers"
        "the opt-in role that reads which role a workload has and names of plaintext variables, and has Access Analyzer check drafted roles"
    "iam_role" Plain "claviger-iam"
        "the opt-in role that creates and attaches roles of consumers, see [opt-in roles](roles.md#opt-in-roles)"
    "access_session_seconds" Plain "3600" ["seconds"]
        "the access role's maximum session duration. AWS allows one hour if Claviger itself runs as a role; longer grants get a new session each hour"
    "access_policies" Path "(none)"
        "the file with the Cedar policies that decide who may request access. Without it nobody may"
    "access_rules" Path "(none)"
        "the file with the rules that decide who approves. Without a rule nobody can"
    "event_queue_url" Plain "(none)"
        "the URL of the queue of the [event bus](trail-and-events.md), the output `QueueUrl`. Claviger then reads a secret or parameter again within seconds of its change. The queue is in `aws_region`"
    "sensitive_tag" Plain "claviger:sensitive"
        "secrets and parameters with this tag are sensitive, whatever its value: every read by somebody who is not a reader raises an [alarm](trail-and-events.md#alarms). Sessions of grants are always readers"
    "sensitive_readers" Plain "(none)"
        "who else may read all of them: ARNs of roles, users or sessions, in which `*` is any text and `?` any character. Without one, every reader but a grant raises an alarm"
    "sensitive_readers_tag" Plain "(none)"
        "a tag that lists more readers of its own resource: exact ARNs, separated by spaces. Who may tag a resource can then silence its alarm"
    "smtp_url" Secret "(none)"
        "such as `smtps://user:password@mail.example.com`; without it Claviger sends no email"
    "mail_from" Plain "Claviger <claviger@localhost>"
        "the sender of email"
    "webhook_url" Secret "(none)"
        "a Slack-compatible incoming webhook: requests, revocations, break-glass, plans, exceptions, and findings of policies that notify"
    "slack_token" Secret "(none)"
        "instead of `webhook_url`: the token (`xoxb-…`) of a Slack app whose bot has the scope `chat:write`. The message about a request then follows its state, and later messages stand below it"
    "slack_channel" Plain "(none)"
        "the id of the channel that the bot posts in, such as `C0123456789`. Invite the bot to it"
    "slack_api_url" Plain "https://slack.com/api/"
        "Slack's Web API; `https://slack-gov.com/api/` for GovSlack"
    "event_webhook_url" Secret "(none)"
        "where programs receive the channel's messages, signed by [Standard Webhooks](https://www.standardwebhooks.com). A repeated message has the same `webhook-id`. Claviger retries every channel and address separately for about a day; *Notifications* shows its state"
    "event_webhook_secret" Secret "(none)"
        "the key of these signatures: `whsec_` and the base64 of 24 to 64 bytes"
    "federation_url" Plain "(AWS's own in the partition of `aws_region`)"
        "the endpoint that creates sign-in links to the AWS console"
    "external_id" Secret "(none)"
        "the external id that the roles' trust policy requires: 2 to 128 characters for the [templates of the roles](roles.md)"
    "quota_percent" Plain "40" ["percent"]
        "Claviger's share of each API's quota per account and Region"
    "quotas" FileOnly "(AWS's defaults)" ["requests a second"]
        "in an account and Region, by API, if AWS gave you a quota other than the default: `quotas = { ListSecrets = 200 }`. `quota_percent` applies to it"
    "regions" Plain "enabled"
        "the Regions to scan: `enabled` for those that are enabled in each account (read with each scan), or a list for all accounts, `[\"us-east-1\", \"eu-west-1\"]`"
    "sweep_minutes" Plain "15" ["minutes"]
        "from the start of one scan to the start of the next"
    "parameter_tags_minutes" Plain "60" ["minutes"]
        "how long scheduled scans keep the tags of parameters: AWS lists them separately, which costs a call for every account and Region. Scans read the tags of a new parameter immediately; a scan that a person starts reads all tags. 0 reads them with every scan"
    "jobs" Plain "8" ["jobs"]
        "such as Region scans, that one replica runs at a time"
    "takeover_seconds" Plain "60" ["seconds"]
        "how long the jobs of a dead replica wait before another takes them over"
    "drain_seconds" Plain "3" ["seconds"]
        "how long a replica that was told to stop (SIGTERM) still takes requests. `/readyz` responds with 503 from the first moment, so that the load balancer sends requests elsewhere; set it to the time that your load balancer needs for that. Jobs are finished or returned meanwhile; open requests then have five more seconds. At most 300"
    "inventory_limit" Plain "5000000" ["rows"]
        "the maximum number of secrets and parameters that each replica holds in memory, including replicas of secrets and those deleted from AWS. See [Memory](#memory)"
    "remediation_per_hour" Plain "500" ["calls an hour"]
        "how many remediation calls may start; the rest follow later. 0 means none"
    "remediation_account_per_hour" Plain "100" ["calls an hour"]
        "the same in one account"
    "waiver_longest_days" Plain "180" ["days"]
        "the maximum duration of an exception"
    "waiver_review_days" Plain "30" ["days"]
        "after which each exception is due for review"
    "changes_days" Plain "400" ["days"]
        "for which changes of the inventory are kept; at least 7, also for the next four. See [Retention](operations.md#retention)"
    "notifications_days" Plain "180" ["days"]
        "the same for notifications with their deliveries"
    "scans_days" Plain "90" ["days"]
        "the same for finished scans"
    "posture_days" Plain "400" ["days"]
        "the same for the posture of past days, which the overview's line and comparisons are made of"
    "failed_jobs_days" Plain "30" ["days"]
        "the same for jobs that failed for the last time"
    "audit_head_minutes" Plain "60" ["minutes"]
        "how often the head of the audit log is published: in the log, in `audit_head_file`, and as an event `audit-head` to `event_webhook_url`"
    "audit_head_file" Path "(none)"
        "a file to which each replica appends the heads, one JSON object per line"
    "otlp_endpoint" Plain "(no traces)"
        "where spans are exported by OTLP over HTTP, such as http://127.0.0.1:4318. See [Traces](metrics.md#traces)"
    "log_format" Plain "text"
        "or `json`; `RUST_LOG` filters, see [Logs and spans](ARCHITECTURE.md#logs-and-spans)"
}

/// A variable of the environment that is no setting.
#[cfg(test)]
#[derive(Debug, Clone, Copy)]
pub(super) struct Variable {
    pub(super) names: &'static [&'static str],
    pub(super) meaning: &'static str,
}

/// All that our code reads, and those of libraries that matter for running it.
#[cfg(test)]
pub(super) const VARIABLES: &[Variable] = &[
    Variable { names: &["CLAVIGER_FILE"], meaning: "the configuration file, as `--file`" },
    Variable {
        names: &["CLAVIGER_URL"],
        meaning: "the server's URL for `clv`; the server ignores it",
    },
    Variable { names: &["RUST_LOG"], meaning: "filters the log, such as `claviger=debug,info`" },
    Variable { names: &["USER"], meaning: "the default of `revoke-all --by`" },
    Variable {
        names: &["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY", "NO_PROXY"],
        meaning: "the [proxy](deploy.md#proxy) for outgoing requests; also in lower case",
    },
    Variable {
        names: &["SSL_CERT_FILE", "SSL_CERT_DIR"],
        meaning: "replace the system's root certificates, see [Certificates](deploy.md#certificates-of-your-own-authority)",
    },
    Variable {
        names: &[
            "AWS_PROFILE",
            "AWS_ACCESS_KEY_ID",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_ENDPOINT_URL",
        ],
        meaning: "and the others of the AWS SDK for Rust: [credentials](#aws-credentials) and endpoints. The Region is `aws_region`",
    },
    Variable {
        names: &["PGSSLROOTCERT", "PGSSLMODE", "PGPASSFILE"],
        meaning: "and the others of libpq that sqlx reads: defaults for what the database's URL leaves out",
    },
];

#[cfg(test)]
mod tests;
