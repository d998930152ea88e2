//! Which teams' rotation is late.

use super::{Index, NONE, second};
use claviger_domain::{authz::VisibleAccounts, rotation::RotationClass};
use time::OffsetDateTime;

/// The rotation of a team's secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TeamRotation {
    /// `None` where nobody owns them.
    pub team: Option<String>,
    /// Secrets with rotation enabled, the late ones included.
    pub rotated: u64,
    /// The date of their rotation has passed.
    pub overdue: u64,
    /// Their last rotation failed: AWSPENDING stays on a version that is not current.
    pub stuck: u64,
    /// The earliest date that has passed.
    pub overdue_since: Option<OffsetDateTime>,
}

impl Index {
    /// Of every team that has a secret with rotation.
    pub(crate) fn rotation_by_team(
        &self,
        visible: &VisibleAccounts,
        now: OffsetDateTime,
    ) -> Vec<TeamRotation> {
        let seen = self.seen(visible);
        let now = second(Some(now));
        let mut teams = vec![TeamRotation::default(); self.owners.len()];
        let mut earliest = vec![u32::MAX; self.owners.len()];
        for row in 0..self.len() {
            let holder = self.of_place[self.prefix[row] as usize].0;
            if !seen[holder as usize] || !self.is_live(row) {
                continue;
            }
            let (due, owner) = (self.next_rotation_at[row], self.owner[row] as usize);
            let class = self.classes[self.class[row] as usize].rotation.class(due, now);
            let team = &mut teams[owner];
            match class {
                RotationClass::Overdue => {
                    team.overdue += 1;
                    earliest[owner] = earliest[owner].min(due);
                }
                RotationClass::Stuck => team.stuck += 1,
                RotationClass::Scheduled => {}
                RotationClass::Off | RotationClass::NotApplicable => continue,
            }
            team.rotated += 1;
        }
        let named = teams.into_iter().zip(earliest).enumerate().map(|(owner, (team, earliest))| {
            let since = (earliest != u32::MAX).then_some(i64::from(earliest));
            TeamRotation {
                team: (owner != NONE as usize).then(|| self.owners[owner].to_string()),
                overdue_since: since.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()),
                ..team
            }
        });
        named.filter(|team| team.rotated > 0).collect()
    }
}
