//! The load simulator as a separate process: `ACCOUNTS`, `REGIONS`, `SECRETS` and `PARAMETERS` (in each account and
//! Region) set its size, `LATENCY` its latency in milliseconds, `EDGE_CASES=1` adds secrets that posture tools differ about,
//! `QUOTAS=0` disables AWS's quotas, `PORT` is the port on loopback. `GET /calls` counts the calls by operation.
//! Serves until it is stopped.

use claviger_testkit::simulator::{Behaviour, REGIONS, SimulatedOrganization, Simulator};
use std::time::Duration;

fn number(name: &str, usual: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[tokio::main]
async fn main() {
    let regions = &REGIONS[..REGIONS.len().min(number("REGIONS", 17) as usize)];
    let organization = SimulatedOrganization::new(
        number("ACCOUNTS", 50).into(),
        regions,
        number("SECRETS", 12),
        number("PARAMETERS", 2),
    );
    let organization =
        if number("EDGE_CASES", 0) == 1 { organization.with_edge_cases() } else { organization };
    let latency = Duration::from_millis(number("LATENCY", 0).into());
    let behaviour = Behaviour { latency, quotas: number("QUOTAS", 1) == 1, faults: None };
    let port = u16::try_from(number("PORT", 0)).unwrap_or_default();
    let _simulator = Simulator::start_at(port, organization, behaviour).await;
    std::future::pending::<()>().await;
}
