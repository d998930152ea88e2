//! Sweeps in a line.

use claviger_domain::{
    facts::ResourceFacts,
    ids::{Arn, ScanId},
    scan::ScanTrigger,
};
use claviger_store::{RegionScanOutcome, Store};
use claviger_testkit::samples::{account, organization, region};
use time::{OffsetDateTime, macros::datetime};

pub const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

/// A sweep of the sample Organization, planned.
pub async fn planned(store: &Store, regions: &[&str]) -> ScanId {
    store.migrate().await.unwrap();
    let (sweep, _) = store.scans().begin_scan(ScanTrigger::Start, None, NOW).await.unwrap();
    let regions: Vec<_> = regions.iter().map(|code| region(code)).collect();
    store.scans().plan_scan(sweep, &organization(), |_| &regions, NOW).await.unwrap();
    sweep
}

/// A scan that saw exactly these.
pub async fn complete(
    store: &Store,
    sweep: ScanId,
    id: &str,
    code: &str,
    facts: Vec<ResourceFacts>,
) {
    assert!(
        store.scans().begin_region_scan(sweep, &account(id), &region(code), NOW).await.unwrap()
    );
    complete_without(store, sweep, id, code, facts, Vec::new()).await;
}

/// The end of a scan that saw these, and found those gone.
pub async fn complete_without(
    store: &Store,
    sweep: ScanId,
    id: &str,
    code: &str,
    facts: Vec<ResourceFacts>,
    gone: Vec<Arn>,
) {
    let (account, region) = (account(id), region(code));
    store.facts().write_facts(&account, &region, &facts, NOW).await.unwrap();
    store
        .facts()
        .end_region_scan(sweep, &account, &region, &RegionScanOutcome::complete(gone), 3, NOW)
        .await
        .unwrap();
}
