//! Every metric: `docs/metrics.md` is generated from this list, and nothing else is exported.

/// The type in the exposition format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MetricType {
    Counter,
    Gauge,
    Histogram,
}

/// How the values of several replicas become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// Each replica reports its own part.
    Replica,
    /// Each replica reports the whole installation, from the shared database.
    Installation,
}

/// One metric.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Metric {
    /// As scraped; counters end with `_total`.
    pub(crate) name: &'static str,
    pub(crate) kind: MetricType,
    #[cfg_attr(not(test), expect(dead_code, reason = "the documentation alone is written by it"))]
    pub(crate) source: Source,
    pub(crate) labels: &'static [&'static str],
    /// Without a period at the end.
    pub(crate) help: &'static str,
}

impl Metric {
    /// The name without what the encoder adds.
    pub(crate) fn base_name(&self) -> &'static str {
        self.name.strip_suffix("_total").unwrap_or(self.name)
    }

    /// The unit, by the name.
    #[cfg(test)]
    pub(crate) fn unit(&self) -> &'static str {
        let base = self.base_name();
        ["seconds", "bytes"]
            .into_iter()
            .find(|unit| base.ends_with(&format!("_{unit}")))
            .unwrap_or("–")
    }
}

macro_rules! catalog {
    ($($constant:ident $type:ident $source:ident $name:literal [$($label:literal)*] $help:literal)*) => {
        $(
            pub(crate) const $constant: Metric = Metric {
                name: $name,
                kind: MetricType::$type,
                source: Source::$source,
                labels: &[$($label),*],
                help: $help,
            };
        )*
        /// All of them, in the order of the documentation.
        #[cfg(test)]
        pub(crate) const CATALOG: &[Metric] = &[$($constant),*];
    };
}

catalog! {
    SCAN_COMPLETE Gauge Installation "claviger_scan_complete_timestamp_seconds" ["account"]
        "When the oldest complete list of an active account was read. The age of the scan is time() minus this. Absent until every list of the account was read once"
    ACCOUNTS_UNSCANNED Gauge Installation "claviger_accounts_unscanned" []
        "Active accounts of which a list has never been read completely"
    EVALUATED Gauge Installation "claviger_evaluation_timestamp_seconds" ["account"]
        "When the policies were last evaluated for an active account that has secrets or parameters. Absent before the first evaluation"
    AWS_REQUESTS Counter Replica "claviger_aws_requests_total" ["service" "operation" "outcome"]
        "Requests to AWS, retries included; outcome is ok, throttled, error (AWS answered with another error) or no_response"
    AWS_DURATION Histogram Replica "claviger_aws_request_duration_seconds" ["service" "operation"]
        "Duration of requests to AWS, without waits between attempts"
    QUEUE_JOBS Gauge Installation "claviger_queue_jobs" ["kind" "state"]
        "Jobs in the queue; state is due, later (a retry that is not due yet), running or given_up"
    QUEUE_AGE Gauge Installation "claviger_queue_oldest_job_age_seconds" ["kind"]
        "How long the oldest due job has waited; 0 without one"
    FINDINGS Gauge Installation "claviger_findings" ["severity"]
        "Open findings without an exception, overdue ones included. Absent until the first scan has ended and every account with secrets or parameters was evaluated"
    FINDINGS_OVERDUE Gauge Installation "claviger_findings_overdue" ["severity"]
        "Open findings whose due date has passed. Absent as above"
    GRANTS Gauge Installation "claviger_grants" ["state"]
        "Grants that are not over; state is requested, approved, claimable or active"
    REVOCATION_DURATION Histogram Replica "claviger_revocation_duration_seconds" []
        "Time from the decision to revoke a grant until AWS denied its sessions"
    REVOCATIONS_UNCONFIRMED Gauge Installation "claviger_revocations_unconfirmed" []
        "Revoked grants whose sessions AWS has not been seen to deny, and could still work"
    REVOCATION_AGE Gauge Installation "claviger_revocation_oldest_unconfirmed_age_seconds" []
        "How long ago the oldest of them was decided; 0 without one"
    DELIVERIES Counter Replica "claviger_notification_deliveries_total" ["channel" "outcome"]
        "Attempts to deliver notifications; outcome is delivered, failed (tried again) or given_up"
    DELIVERIES_WAITING Gauge Installation "claviger_notification_deliveries_waiting" ["channel"]
        "Deliveries that wait for an attempt"
    ROTATION_OVERDUE Gauge Installation "claviger_rotation_overdue_secrets" ["team"]
        "Secrets of an owner team whose rotation date has passed. Absent until the first scan has ended"
    ROTATION_FAILED Gauge Installation "claviger_rotation_failed_secrets" ["team"]
        "Secrets of an owner team whose last rotation did not finish: AWSPENDING stays on a version that is not current. Absent as above"
    ROTATION_AGE Gauge Installation "claviger_rotation_overdue_max_seconds" ["team"]
        "How long the longest overdue rotation of an owner team has been overdue; 0 without one. Absent as above"
    CONNECTIONS Gauge Replica "claviger_database_connections" ["pool" "state"]
        "Open database connections; pool is people or jobs, state is used or idle"
    CONNECTIONS_LIMIT Gauge Replica "claviger_database_connections_limit" ["pool"]
        "The most connections that the pool opens"
    DATABASE_REACHABLE Gauge Replica "claviger_database_reachable" []
        "1 if the database answered this scrape in time, otherwise 0; then all metrics of the installation are absent"
    DISK_FULL Counter Replica "claviger_database_disk_full_total" []
        "Statements that PostgreSQL refused because its disk is full (SQLSTATE 53100)"
    BUILD_INFO Gauge Replica "claviger_build_info" ["version"]
        "Always 1"
    PROCESS_START Gauge Replica "process_start_time_seconds" []
        "When the process started"
    PROCESS_CPU Counter Replica "process_cpu_seconds_total" []
        "CPU time of the process. Linux only"
    PROCESS_MEMORY Gauge Replica "process_resident_memory_bytes" []
        "Resident memory. Linux only"
    PROCESS_FDS Gauge Replica "process_open_fds" []
        "Open file descriptors. Linux only"
    PROCESS_MAX_FDS Gauge Replica "process_max_fds" []
        "The limit of open file descriptors. Linux only"
}
