//! Owner teams as labels. A team's name is the text of a tag, so it can be anything: their number is bounded, and what does
//! not look like the name of a team, such as an email address, is counted as `other`.

use claviger_services::TeamRotation;
use std::{cmp::Reverse, collections::BTreeMap};
use time::OffsetDateTime;

/// The most teams with a series of their own.
const MAX_TEAMS: usize = 200;
const MAX_LENGTH: usize = 64;
/// As in the lists of the console.
const NOBODY: &str = "-";
const OTHER: &str = "other";

/// Late rotation of one label.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct TeamNumbers {
    pub(super) overdue: u64,
    pub(super) stuck: u64,
    pub(super) overdue_since: Option<OffsetDateTime>,
}

/// The numbers by label. Teams with the most late secrets come first into the bound.
pub(super) fn by_team(rotation: &[TeamRotation]) -> BTreeMap<String, TeamNumbers> {
    let mut teams: Vec<&TeamRotation> = rotation.iter().collect();
    teams.sort_by_key(|team| (Reverse(team.overdue + team.stuck), team.team.as_deref()));
    let mut sums: BTreeMap<String, TeamNumbers> = BTreeMap::new();
    for team in teams {
        let label = label(team.team.as_deref());
        let label = if sums.len() < MAX_TEAMS || sums.contains_key(label) { label } else { OTHER };
        let sum = sums.entry(label.to_owned()).or_default();
        sum.overdue += team.overdue;
        sum.stuck += team.stuck;
        sum.overdue_since = match (sum.overdue_since, team.overdue_since) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
    sums
}

fn label(team: Option<&str>) -> &str {
    let Some(team) = team else { return NOBODY };
    let is_name = |c: char| c.is_ascii_alphanumeric() || " ._/-".contains(c);
    if team.len() <= MAX_LENGTH && team.chars().all(is_name) { team } else { OTHER }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    fn team(name: Option<&str>, overdue: u64, since: Option<OffsetDateTime>) -> TeamRotation {
        TeamRotation {
            team: name.map(ToOwned::to_owned),
            rotated: overdue,
            overdue,
            stuck: 1,
            overdue_since: since,
        }
    }

    #[test]
    fn what_is_no_name_of_a_team_is_counted_together() {
        let (early, late) = (datetime!(2026-11-01 0:00 UTC), datetime!(2026-11-20 0:00 UTC));
        let long = "x".repeat(65);
        let sums = by_team(&[
            team(Some("payments"), 2, Some(late)),
            team(Some("ada@example.com"), 3, Some(late)),
            team(Some("arn:aws:iam::1:role/x"), 4, Some(early)),
            team(Some(&long), 5, None),
            team(None, 1, None),
        ]);
        assert_eq!(sums.keys().collect::<Vec<_>>(), ["-", "other", "payments"]);
        let other = TeamNumbers { overdue: 12, stuck: 3, overdue_since: Some(early) };
        assert_eq!(sums["other"], other);
        assert_eq!(sums["payments"].overdue_since, Some(late));
    }

    #[test]
    fn the_number_of_labels_is_bounded() {
        let many: Vec<TeamRotation> =
            (0..1000).map(|n| team(Some(&format!("team-{n}")), n, None)).collect();
        let sums = by_team(&many);
        assert_eq!(sums.len(), MAX_TEAMS + 1);
        assert!(sums.contains_key("team-999") && !sums.contains_key("team-1"));
        assert_eq!(sums.values().map(|sum| sum.overdue).sum::<u64>(), 499_500);
    }
}
