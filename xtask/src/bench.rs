//! `cargo xtask bench`: measures on this machine, on loopback, bounded in count and time.

use anyhow::Result;

pub fn run() -> Result<()> {
    anyhow::bail!("not yet")
}
