//! What a replica cannot know alone, looked at every minute: whether its clock agrees with the database's, and whether others
//! run the same release.

use claviger_domain::{
    clock::{MAX_CLOCK_SKEW, NOTICED_CLOCK_SKEW, describe_skew},
    error_line::ErrorLine,
};
use claviger_services::HealthService;
use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};
use tokio::sync::watch;

const INTERVAL: Duration = Duration::from_mins(1);
/// An upgrade that replaces one replica after the other takes less.
const LONGEST_UPGRADE: Duration = Duration::from_hours(1);

pub(crate) const SYNCHRONISE: &str =
    "Synchronize both machines by NTP (chrony, systemd-timesyncd; on AWS 169.254.169.123)";

/// Why a replica whose clock is so far from the database's must not serve; `None` if it may.
pub(crate) fn wrong_clock(ahead: time::Duration) -> Option<String> {
    (ahead.abs() > MAX_CLOCK_SKEW)
        .then(|| format!("the clock of this machine is {} the database's", describe_skew(ahead)))
}

/// Other releases in words.
pub(crate) fn named(others: &BTreeSet<Option<String>>) -> String {
    let each = others.iter().map(|one| one.as_deref().unwrap_or("an older one"));
    each.collect::<Vec<_>>().join(", ")
}

/// Sees other releases, and tells when it has been longer than an upgrade takes.
#[derive(Debug, Default)]
struct Releases {
    since: Option<Instant>,
    told: Option<Instant>,
}

impl Releases {
    /// Whether it is time to say that there are others: after an hour, and each hour again.
    fn saw(&mut self, others: bool, now: Instant) -> bool {
        if !others {
            *self = Self::default();
            return false;
        }
        let since = *self.since.get_or_insert(now);
        let is_due = |from: Instant| now.duration_since(from) >= LONGEST_UPGRADE;
        let is_told = is_due(since) && self.told.is_none_or(is_due);
        if is_told {
            self.told = Some(now);
        }
        is_told
    }
}

/// Runs until the shutdown. `unfit` is what `/readyz` responds with.
pub(crate) async fn watch(
    health: HealthService,
    unfit: watch::Sender<Option<String>>,
    mut shutdown: watch::Receiver<bool>,
) {
    let mut releases = Releases::default();
    loop {
        // An outage is reported elsewhere, and tells nothing of the clock.
        if let Ok(ahead) = health.clock_skew().await {
            look_at_clock(ahead, &unfit);
        }
        match health.other_releases().await {
            Ok(others) if releases.saw(!others.is_empty(), Instant::now()) => tracing::warn!(
                server.release = env!("CARGO_PKG_VERSION"),
                server.other_releases = named(&others),
                "other releases of Claviger have used this database for over an hour: finish the upgrade or the rollback"
            ),
            Ok(_) => {}
            Err(error) => {
                tracing::debug!(error = %ErrorLine(&error), "other releases cannot be looked for");
            }
        }
        tokio::select! {
            () = tokio::time::sleep(INTERVAL) => {}
            _ = shutdown.wait_for(|shutdown| *shutdown) => return,
        }
    }
}

fn look_at_clock(ahead: time::Duration, unfit: &watch::Sender<Option<String>>) {
    let wrong = wrong_clock(ahead);
    if let Some(why) = &wrong {
        tracing::error!("not ready: {why}. {SYNCHRONISE}");
    } else if ahead.abs() > NOTICED_CLOCK_SKEW {
        tracing::warn!(
            "the clock of this machine is {} the database's. {SYNCHRONISE}",
            describe_skew(ahead)
        );
    }
    unfit.send_replace(wrong);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_wrong_by_ten_minutes_is_not_ready_until_it_is_right() {
        let (unfit, seen) = watch::channel(None);
        look_at_clock(time::Duration::minutes(10), &unfit);
        let why = seen.borrow().clone().unwrap();
        assert_eq!(why, "the clock of this machine is 600 seconds behind the database's");
        look_at_clock(time::Duration::minutes(-10), &unfit);
        assert!(seen.borrow().as_ref().unwrap().contains("600 seconds ahead of"));
        look_at_clock(time::Duration::minutes(2), &unfit);
        assert_eq!(*seen.borrow(), None);
    }

    #[test]
    fn other_releases_are_told_after_an_hour_and_each_hour_again() {
        let mut releases = Releases::default();
        let start = Instant::now();
        let at = |minutes| start + Duration::from_mins(minutes);
        assert!(!releases.saw(true, at(0)));
        assert!(!releases.saw(true, at(59)));
        assert!(releases.saw(true, at(60)));
        assert!(!releases.saw(true, at(61)));
        assert!(releases.saw(true, at(120)));
        assert!(!releases.saw(false, at(121)));
        assert!(!releases.saw(true, at(122)), "a new upgrade begins");
    }
}
