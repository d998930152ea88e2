//! The posture over time: the period that is looked at, what may have moved the score, and how long fixes took.

use super::{Score, Severity};
use crate::{
    VariantArray,
    choice::InvalidChoice,
    filter::{Field, Filter, Part, parse, text, url_filter},
    ids::OuId,
};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use time::{Date, Duration, OffsetDateTime};

/// How many weeks are looked back.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[strum(parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Weeks {
    #[strum(serialize = "4")]
    Four,
    #[default]
    #[strum(serialize = "16")]
    Sixteen,
    #[strum(serialize = "52")]
    FiftyTwo,
}

impl Weeks {
    pub fn duration(self) -> Duration {
        Duration::weeks(match self {
            Self::Four => 4,
            Self::Sixteen => 16,
            Self::FiftyTwo => 52,
        })
    }

    /// Days between two points of a sparkline.
    fn step(self) -> i64 {
        match self {
            Self::Four => 2,
            Self::Sixteen => 7,
            Self::FiftyTwo => 28,
        }
    }

    /// The days of a sparkline that ends on `last`, the earliest first.
    pub fn trend_days(self, last: Date) -> Vec<Date> {
        let points = self.duration().whole_days() / self.step();
        (0..=points).rev().map(|n| last - Duration::days(n * self.step())).collect()
    }
}

/// What the overview is of; its URL's query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PostureQuery {
    pub weeks: Weeks,
    /// With its descendants; `None` means everything within the scope.
    pub ou: Option<OuId>,
}

url_filter!(PostureQuery);

impl Filter for PostureQuery {
    const FIELDS: &'static [Field<Self>] = &[
        Field {
            name: "weeks",
            part: Part::Layout,
            read: |query, field, value| {
                query.weeks = parse(field, value)?;
                Ok(())
            },
            write: |query| text(Some(query.weeks).filter(|weeks| *weeks != Weeks::default())),
        },
        Field {
            name: "ou",
            part: Part::Filter,
            read: |query, field, value| {
                query.ou = Some(parse(field, value)?);
                Ok(())
            },
            write: |query| text(query.ou.as_ref()),
        },
    ];
}

/// Something that may have moved the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum PostureEvent {
    /// A policy was saved or disabled.
    Policy { at: OffsetDateTime, policy: String, version: i32, is_disabled: bool },
    /// A remediation plan was applied.
    Plan { at: OffsetDateTime, plan: i64, title: String },
}

impl PostureEvent {
    pub fn at(&self) -> OffsetDateTime {
        match self {
            Self::Policy { at, .. } | Self::Plan { at, .. } => *at,
        }
    }
}

/// Findings whose checks passed after the same number of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixTime {
    pub severity: Severity,
    /// Whole days.
    pub days: u32,
    pub findings: u64,
}

/// The groups of a distribution: the last whole day of each, and its label. The last group has no end.
pub const FIX_GROUPS: [(u32, &str); 6] = [
    (0, "< 1 day"),
    (2, "1–2 days"),
    (6, "3–6 days"),
    (13, "1–2 weeks"),
    (29, "2–4 weeks"),
    (u32::MAX, "> 4 weeks"),
];

/// How long the fixes of one severity took.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FixDistribution {
    pub severity: Severity,
    /// Findings in each of [`FIX_GROUPS`].
    pub groups: Vec<u64>,
    pub findings: u64,
    /// Whole days within which half of them were fixed; `None` if there were none.
    pub median_days: Option<u32>,
}

/// The distribution of each severity, the most severe first.
pub fn distribute(times: &[FixTime]) -> Vec<FixDistribution> {
    let of = |severity: &Severity| {
        let mut own: Vec<&FixTime> =
            times.iter().filter(|time| time.severity == *severity).collect();
        own.sort_by_key(|time| time.days);
        let findings = own.iter().map(|time| time.findings).sum();
        let mut groups = vec![0; FIX_GROUPS.len()];
        let (mut so_far, mut median_days) = (0, None);
        for time in own {
            let group = FIX_GROUPS.partition_point(|(last, _)| *last < time.days);
            if let Some(count) = groups.get_mut(group) {
                *count += time.findings;
            }
            so_far += time.findings;
            if so_far * 2 >= findings {
                median_days = median_days.or(Some(time.days));
            }
        }
        FixDistribution { severity: *severity, groups, findings, median_days }
    };
    Severity::VARIANTS.iter().map(of).collect()
}

/// How a score moved, in thousandths; `None` if either is not known.
pub fn moved(before: Option<Score>, now: Score) -> Option<(Ordering, u32)> {
    let (before, now) = (before?.per_mille()?, now.per_mille()?);
    Some((now.cmp(&before), now.abs_diff(before)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    #[test]
    fn the_url_holds_the_period_and_the_ou() {
        let query: PostureQuery = "weeks=52&ou=ou-prod-12345678".parse().unwrap();
        assert_eq!(query.weeks, Weeks::FiftyTwo);
        assert_eq!(query.to_url_query(), "weeks=52&ou=ou-prod-12345678");
        // A form sends the empty choice of all OUs, and the usual period.
        let all: PostureQuery = "weeks=16&ou=".parse().unwrap();
        assert_eq!((all.to_url_query(), all), (String::new(), PostureQuery::default()));
        let error = "weeks=5".parse::<PostureQuery>().unwrap_err().to_string();
        assert!(error.contains("use 4, 16 or 52"), "{error}");
    }

    #[test]
    fn a_sparkline_ends_today_and_begins_with_its_period() {
        let last = date!(2026 - 11 - 28);
        for weeks in Weeks::VARIANTS {
            let days = weeks.trend_days(last);
            assert_eq!(days.first(), Some(&(last - weeks.duration())));
            assert_eq!(days.last(), Some(&last));
            assert!((14..=17).contains(&days.len()), "{}", days.len());
        }
    }

    #[test]
    fn fixes_are_counted_by_severity_and_time() {
        let time = |severity, days, findings| FixTime { severity, days, findings };
        let times = [
            time(Severity::High, 40, 1),
            time(Severity::High, 0, 1),
            time(Severity::High, 2, 2),
            time(Severity::Low, 13, 1),
            time(Severity::Low, 14, 1),
        ];
        let all = distribute(&times);
        assert_eq!(all.len(), 4);
        assert_eq!((all[0].findings, all[0].median_days), (0, None));
        assert_eq!((&all[1].groups[..], all[1].median_days), (&[1, 2, 0, 0, 0, 1][..], Some(2)));
        assert_eq!((&all[3].groups[..], all[3].median_days), (&[0, 0, 0, 1, 1, 0][..], Some(13)));
    }

    #[test]
    fn a_score_moves_only_against_a_known_one() {
        let score = |passed| Score { passed, of: 10 };
        assert_eq!(moved(Some(score(5)), score(7)), Some((Ordering::Greater, 200)));
        assert_eq!(moved(None, score(7)), None);
        assert_eq!(moved(Some(Score::default()), score(7)), None);
    }
}
