//! What the configuration says about scans.

use claviger_domain::ids::Region;
use time::Duration;

/// What the configuration says about sweeps.
#[derive(Debug, Clone)]
pub struct ScanSettings {
    pub regions: ScannedRegions,
    /// How long after the beginning of one sweep the next begins.
    pub interval: Duration,
    /// For how long the tags of parameters are good: they cost a list of their own. A person's sweep reads them in any case.
    pub parameter_tags: Duration,
}

/// Which Regions sweeps read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScannedRegions {
    /// Those that are enabled in each account. `home` is read where nothing is known of an account.
    Enabled { home: Region },
    /// The same in every account.
    These(Vec<Region>),
}
