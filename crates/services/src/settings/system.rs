//! The state of the installation: releases, schema, clocks, database, scans and jobs.

use super::{Installation, may_read};
use crate::{Authority, HealthService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    clock::{Clock, MAX_CLOCK_SKEW, NOTICED_CLOCK_SKEW, describe_skew},
    scan::ScanProgress,
    settings::system::{
        HealthFact,
        HealthState::{Bad, Good, Info, Unknown, Warning},
        SystemView,
    },
};
use claviger_store::{
    AuditProtection, Database, Engine, InventoryIndex, InventorySize, JobCount, JobQueue,
    ScanRepository,
};
use std::{collections::BTreeSet, sync::Arc};
use time::{Duration, OffsetDateTime};

/// This release.
const RELEASE: &str = env!("CARGO_PKG_VERSION");
/// A job that could run waits for a moment in a quiet installation, and for minutes during a scan.
const LATE: Duration = Duration::minutes(15);

/// The state of the installation.
#[derive(Clone)]
pub struct SystemService {
    pub(crate) database: Database,
    pub(crate) index: InventoryIndex,
    pub(crate) jobs: JobQueue,
    pub(crate) scans: ScanRepository,
    pub(crate) health_service: HealthService,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    pub(crate) installation: Arc<Installation>,
}

impl SystemService {
    /// What is known about the installation.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn system(&self, caller: &Caller) -> Result<SystemView, ServiceError> {
        may_read(caller)?;
        let visible = self.authority.within(caller, Permission::ReadAccounts).await?;
        let now = self.clock.now();
        let skew = self.health_service.clock_skew().await?;
        let others = self.health_service.other_releases().await?;
        let (engine, protection, size, jobs, progress) = tokio::try_join!(
            self.database.engine(),
            self.database.audit_protection(),
            self.index.inventory_size(),
            self.jobs.count_jobs(),
            self.scans.scan_progress(&visible, now)
        )?;
        let facts = vec![
            release(&others),
            schema(&engine),
            replicas(self.installation.replicas, &engine),
            clock(skew),
            HealthFact::new("PostgreSQL", Info, format!("Version {}", engine.version)),
            HealthFact::new(
                "Database size",
                Info,
                format!(
                    "{}. PostgreSQL does not report free disk space: monitor the volume.",
                    size_in_words(engine.size_bytes)
                ),
            ),
            audit_log(&protection),
            inventory(size),
            last_scan(&progress),
            waiting_jobs(&jobs, now),
            failed_jobs(&jobs),
        ];
        Ok(SystemView { facts, settings: self.installation.system.clone(), as_of: now })
    }
}

fn release(others: &BTreeSet<Option<String>>) -> HealthFact {
    if others.is_empty() {
        return HealthFact::new("Release", Good, RELEASE);
    }
    let named: Vec<&str> =
        others.iter().map(|one| one.as_deref().unwrap_or("an older one")).collect();
    let found = format!("{RELEASE}; also connected: {}", named.join(", "));
    HealthFact::new("Release", Warning, found)
        .to_do("Expected during an upgrade. Otherwise, stop the replicas of the other release.")
}

fn schema(engine: &Engine) -> HealthFact {
    let found = engine.schema.to_string();
    match engine.schema.cmp(&engine.own_schema) {
        std::cmp::Ordering::Equal => HealthFact::new("Schema", Good, found),
        std::cmp::Ordering::Greater => HealthFact::new(
            "Schema",
            Warning,
            format!("{found}, of a newer release; this release has {}", engine.own_schema),
        )
        .to_do("Upgrade this replica."),
        std::cmp::Ordering::Less => HealthFact::new(
            "Schema",
            Bad,
            format!("{found}; this release needs {}", engine.own_schema),
        )
        .to_do("Run `claviger migrate`."),
    }
}

fn replicas(configured: Option<u32>, engine: &Engine) -> HealthFact {
    let addresses = match engine.addresses {
        0 => "PostgreSQL shows no connection".to_owned(),
        1 => "connected from 1 address".to_owned(),
        n => format!("connected from {n} addresses"),
    };
    match configured {
        Some(n) => HealthFact::new("Replicas", Info, format!("{n} configured; {addresses}")),
        None => HealthFact::new("Replicas", Unknown, addresses),
    }
}

fn clock(skew: Duration) -> HealthFact {
    if skew.abs() <= NOTICED_CLOCK_SKEW {
        return HealthFact::new("Clock", Good, "In step with the database's");
    }
    let state = if skew.abs() > MAX_CLOCK_SKEW { Bad } else { Warning };
    HealthFact::new("Clock", state, format!("{} the database's clock", describe_skew(skew)))
        .to_do("Synchronize the clocks with NTP.")
}

fn audit_log(protection: &AuditProtection) -> HealthFact {
    let role = &protection.role;
    if protection.is_append_only {
        let found = format!("Append-only for the database role {role}");
        return HealthFact::new("Audit log", Good, found);
    }
    HealthFact::new("Audit log", Warning, format!("The database role {role} can change it"))
        .to_do("Run `claviger migrate --grant-to ROLE` as the owner, and Claviger as ROLE.")
}

fn inventory(size: InventorySize) -> HealthFact {
    let found = format!("{} of at most {} rows in memory", size.rows, size.limit);
    let fact = |state| HealthFact::new("Inventory", state, found.clone());
    if size.is_beyond() {
        fact(Bad).to_do("Lists are not available. Raise inventory_limit.")
    } else if size.is_near() {
        fact(Warning).to_do("Raise inventory_limit before it is reached.")
    } else {
        fact(Good)
    }
}

fn last_scan(progress: &ScanProgress) -> HealthFact {
    let (reached, all) = (progress.accounts_reached, progress.accounts);
    let accounts = format!("{reached} of {all} accounts");
    match (progress.running, progress.finished_at, progress.fault) {
        (_, _, Some(_)) => HealthFact::new("Last scan", Bad, "The Organization could not be read")
            .to_do("See Accounts for the reason."),
        (true, _, None) => HealthFact::new(
            "Last scan",
            Info,
            format!("In progress: {} of {} Regions", progress.scans_done, progress.scans),
        ),
        (false, None, None) => HealthFact::new("Last scan", Unknown, "No scan has finished yet"),
        (false, Some(_), None) if progress.accounts_failed > 0 => {
            HealthFact::new("Last scan", Warning, accounts)
                .to_do("See Accounts for the reason of each failure.")
        }
        (false, Some(_), None) => HealthFact::new("Last scan", Good, accounts),
    }
}

fn waiting_jobs(jobs: &[JobCount], now: OffsetDateTime) -> HealthFact {
    let due: u64 = jobs.iter().map(|one| one.due).sum();
    let oldest = jobs.iter().filter_map(|one| one.due_since).min();
    let found = format!("{due} can run now");
    match oldest {
        Some(since) if now - since > LATE => {
            let minutes = (now - since).whole_minutes();
            HealthFact::new(
                "Waiting jobs",
                Warning,
                format!("{found}, the oldest for {minutes} min"),
            )
            .to_do("Raise `jobs` or add a replica, if no scan is in progress.")
        }
        _ => HealthFact::new("Waiting jobs", Good, found),
    }
}

fn failed_jobs(jobs: &[JobCount]) -> HealthFact {
    match jobs.iter().map(|one| one.given_up).sum::<u64>() {
        0 => HealthFact::new("Failed jobs", Good, "None"),
        n => HealthFact::new("Failed jobs", Warning, n.to_string())
            .to_do("See Jobs for the reasons, and retry them."),
    }
}

/// In powers of 1,024, as PostgreSQL's own functions have it.
fn size_in_words(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let (mut size, mut unit) = (bytes, 0);
    while size >= 10_240 && unit + 1 < UNITS.len() {
        size /= 1024;
        unit += 1;
    }
    format!("{size} {}", UNITS[unit])
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_scan_that_never_finished_is_unknown_and_a_fault_is_bad() {
        let progress = ScanProgress { accounts: 14, accounts_reached: 12, ..Default::default() };
        assert_eq!(last_scan(&progress).state, Unknown);
        let ended = ScanProgress { finished_at: Some(datetime!(2026-11-28 12:00 UTC)), ..progress };
        assert_eq!(last_scan(&ended).state, Good);
        let failing = ScanProgress { accounts_failed: 2, ..ended };
        assert_eq!(last_scan(&failing).state, Warning);
        assert_eq!(last_scan(&failing).found, "12 of 14 accounts");
    }

    #[test]
    fn clocks_schemas_and_jobs_are_compared_with_their_limits() {
        let skewed = |minutes| clock(Duration::minutes(minutes)).state;
        assert_eq!([0, 1, 2, -6].map(skewed), [Good, Good, Warning, Bad]);
        let of = |schema| {
            let engine =
                Engine { version: "17".into(), size_bytes: 0, schema, own_schema: 5, addresses: 1 };
            super::schema(&engine).state
        };
        assert_eq!([4, 5, 6].map(of), [Bad, Good, Warning]);
        let now = datetime!(2026-11-28 12:00 UTC);
        let job = |minutes| JobCount {
            kind: "evaluate".into(),
            due: 1,
            later: 0,
            running: 0,
            given_up: 0,
            due_since: Some(now - Duration::minutes(minutes)),
        };
        assert_eq!(waiting_jobs(&[job(1)], now).state, Good);
        assert_eq!(waiting_jobs(&[job(1), job(16)], now).state, Warning);
        assert_eq!([512, 20_480, 52_428_800].map(size_in_words), ["512 bytes", "20 KiB", "50 MiB"]);
    }
}
