//! The load simulator as a process of its own: `ACCOUNTS`, `REGIONS`, `SECRETS` and `PARAMETERS` (of each account and
//! Region) and `LATENCY` (milliseconds) say what it is like, `PORT` where on loopback it listens. Serves until it is ended.

use claviger_testkit::simulator::{Behaviour, REGIONS, Simulator, World};
use std::time::Duration;

fn number(name: &str, usual: u32) -> u32 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

#[tokio::main]
async fn main() {
    let regions = &REGIONS[..REGIONS.len().min(number("REGIONS", 17) as usize)];
    let world = World::new(
        number("ACCOUNTS", 50).into(),
        regions,
        number("SECRETS", 12),
        number("PARAMETERS", 2),
    );
    let latency = Duration::from_millis(number("LATENCY", 0).into());
    let behaviour = Behaviour { latency, quotas: true, faults: None };
    let port = u16::try_from(number("PORT", 0)).unwrap_or_default();
    let _simulator = Simulator::start_at(port, world, behaviour).await;
    std::future::pending::<()>().await;
}
