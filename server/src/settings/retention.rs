//! For how long things are kept.

use super::Settings;
use crate::StartError;
use claviger_services::Retention;
use time::Duration;

/// Shorter, and people miss what they were told, and the lists have gaps.
const SHORTEST_DAYS: u32 = 7;

impl Settings {
    pub(super) fn validate_retention(&self) -> Result<(), StartError> {
        for (name, days) in [
            ("changes_days", self.changes_days),
            ("notifications_days", self.notifications_days),
            ("scans_days", self.scans_days),
            ("posture_days", self.posture_days),
            ("failed_jobs_days", self.failed_jobs_days),
        ] {
            if days < SHORTEST_DAYS {
                return Err(StartError::Settings(format!(
                    "{name} is to be at least {SHORTEST_DAYS}"
                )));
            }
        }
        Ok(())
    }

    pub(crate) fn retention(&self) -> Retention {
        let days = |days: u32| Duration::days(days.into());
        Retention {
            changes: days(self.changes_days),
            notifications: days(self.notifications_days),
            scans: days(self.scans_days),
            posture: days(self.posture_days),
            failed_jobs: days(self.failed_jobs_days),
        }
    }
}
