//! Whether what is counted is counted of everything: numbers of a first scan or evaluation are not shown as if they were.

use crate::ServiceError;
use claviger_domain::{authz::VisibleAccounts, clock::Clock, scan::ScanProgress};
use claviger_store::{MAX_GROUPS, OverviewRepository, ScanRepository};
use std::sync::Arc;

/// Why the inventory's numbers are not whole yet; `None` once a scan came to its end.
pub(crate) fn first_scan(progress: &ScanProgress) -> Option<String> {
    if progress.finished_at.is_some() {
        return None;
    }
    Some(if progress.running && progress.scans > 0 {
        format!(
            "the first scan is running ({} of {} Regions scanned)",
            progress.scans_done, progress.scans
        )
    } else if progress.running {
        "the first scan is running".to_owned()
    } else {
        "no scan has finished yet".to_owned()
    })
}

/// The same as a sentence for pages.
pub(crate) fn unfinished_scan_of(progress: &ScanProgress) -> Option<String> {
    sentence(&first_scan(progress).into_iter().collect::<Vec<_>>())
}

/// One sentence for pages and reports.
pub(crate) fn sentence(why: &[String]) -> Option<String> {
    (!why.is_empty()).then(|| format!("Incomplete: {}. These numbers will change.", why.join("; ")))
}

fn counted(count: u64, one: &str, many: &str) -> Option<String> {
    match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        more if more >= u64::from(MAX_GROUPS) => Some(format!("{MAX_GROUPS} or more {many}")),
        more => Some(format!("{more} {many}")),
    }
}

/// What is not scanned or evaluated yet, and so is missing from numbers.
#[derive(Clone)]
pub struct ProgressService {
    pub(crate) overview: OverviewRepository,
    pub(crate) scans: ScanRepository,
    pub(crate) clock: Arc<dyn Clock>,
}

impl ProgressService {
    /// Why numbers of the inventory are incomplete, if they are.
    pub(crate) async fn unfinished_scan(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Option<String>, ServiceError> {
        let progress = self.scans.scan_progress(visible, self.clock.now()).await?;
        Ok(unfinished_scan_of(&progress))
    }

    /// Why scores, findings and everything counted from them are incomplete, if they are.
    pub(crate) async fn unfinished_evaluation(
        &self,
        visible: &VisibleAccounts,
    ) -> Result<Option<String>, ServiceError> {
        let progress = self.scans.scan_progress(visible, self.clock.now()).await?;
        self.unfinished_evaluation_after(&progress, visible).await
    }

    /// Whether the first scan has not ended, or an account that holds anything was never evaluated: a score would be of a
    /// part.
    pub(crate) async fn is_first_evaluation(
        &self,
        progress: &ScanProgress,
        visible: &VisibleAccounts,
    ) -> Result<bool, ServiceError> {
        let (accounts, _) = self.overview.not_evaluated(visible).await?;
        Ok(accounts > 0 || progress.finished_at.is_none())
    }

    /// Why scores are incomplete, where it is known already how the scans go.
    pub(crate) async fn unfinished_evaluation_after(
        &self,
        progress: &ScanProgress,
        visible: &VisibleAccounts,
    ) -> Result<Option<String>, ServiceError> {
        let (accounts, secrets) = self.overview.not_evaluated(visible).await?;
        let why: Vec<String> = first_scan(progress)
            .into_iter()
            .chain(counted(
                accounts,
                "account is not evaluated yet",
                "accounts are not evaluated yet",
            ))
            .chain(counted(
                secrets,
                "secret's details are not read yet",
                "secrets' details are not read yet",
            ))
            .collect();
        Ok(sentence(&why))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_scan_is_said_until_it_has_finished() {
        let mut progress = ScanProgress::default();
        assert_eq!(first_scan(&progress).as_deref(), Some("no scan has finished yet"));
        (progress.running, progress.scans, progress.scans_done) = (true, 38, 7);
        let said = sentence(&first_scan(&progress).into_iter().collect::<Vec<_>>());
        assert_eq!(
            said.as_deref(),
            Some(
                "Incomplete: the first scan is running (7 of 38 Regions scanned). These numbers will change."
            )
        );
        progress.finished_at = Some(time::macros::datetime!(2026-11-24 12:00 UTC));
        assert_eq!(first_scan(&progress), None, "a later scan runs over whole numbers");
        assert_eq!(sentence(&[]), None);
    }
}
