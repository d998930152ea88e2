//! What the overview and the pages of teams show.

use super::{
    PostureQuery, Score, Tally,
    history::{FixDistribution, PostureEvent},
    view::{ControlRow, DayScore, FindingRow, Gap, Group, Offender, PolicyRow, ScorePart},
};
use crate::{
    ids::{AccountId, OuId},
    inventory::view::FacetValue,
};
use serde::{Deserialize, Serialize};
use time::{Date, OffsetDateTime};

/// A number that needs attention, with a link to its rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Need {
    pub label: String,
    pub count: u64,
    pub href: String,
    /// Whether it is broken or exposed, rather than pending.
    pub is_bad: bool,
}

/// The pass rates of an OU over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OuTrend {
    pub ou: OuId,
    /// In thousandths, by category in the order of `Category::VARIANTS`, each with a value for every one of the overview's
    /// `trend_days`; `None` where nothing applied.
    pub by_category: Vec<Vec<Option<u32>>>,
}

/// An account as an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountTile {
    pub id: AccountId,
    pub name: String,
    /// Its secrets and parameters.
    pub resources: u64,
    pub score: Score,
    pub fail: u64,
}

/// A team in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamRow {
    /// As in the URL; `-` means no owner.
    pub team: String,
    pub label: String,
    pub score: Score,
    pub tally: Tally,
    /// Its score a week ago; `None` if it is not known.
    pub week_ago: Option<Score>,
}

/// The overview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub query: PostureQuery,
    /// The OUs to choose from, each by its id with its path.
    pub ous: Vec<FacetValue>,
    pub score: Score,
    pub parts: Vec<ScorePart>,
    pub tally: Tally,
    pub days: Vec<DayScore>,
    /// What may have moved the score within the period, the newest first.
    pub events: Vec<PostureEvent>,
    pub needs: Vec<Need>,
    pub by_ou: Vec<Group>,
    /// Of each of `by_ou`, in its order.
    pub ou_trends: Vec<OuTrend>,
    /// The days of `ou_trends`.
    pub trend_days: Vec<Date>,
    pub by_account: Vec<Group>,
    pub tiles: Vec<AccountTile>,
    pub by_team: Vec<TeamRow>,
    pub fixes: Vec<FixDistribution>,
    pub by_policy: Vec<PolicyRow>,
    pub controls: Vec<ControlRow>,
    pub offenders: Vec<Offender>,
    pub worse: Vec<FindingRow>,
    pub gaps: Vec<Gap>,
    pub resources: u64,
    pub accounts: u64,
    /// The oldest evaluation among the accounts; `None` if one was never evaluated.
    pub evaluated_at: Option<OffsetDateTime>,
    /// Whether the first scan or evaluation has not ended: then there is no score yet.
    pub is_first: bool,
    /// Why these numbers are incomplete, as a sentence.
    pub incomplete: Option<String>,
    pub as_of: OffsetDateTime,
}

/// The rotation of a team's secrets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationNumbers {
    /// Secrets with rotation enabled.
    pub rotated: u64,
    pub overdue: u64,
    pub stuck: u64,
    /// The earliest date of a rotation that has passed.
    pub overdue_since: Option<OffsetDateTime>,
}

/// The page of a team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamView {
    pub query: PostureQuery,
    pub row: TeamRow,
    pub days: Vec<DayScore>,
    pub by_severity: Vec<ScorePart>,
    pub overdue: u64,
    pub offenders: Vec<Offender>,
    pub fixes: Vec<FixDistribution>,
    pub rotation: RotationNumbers,
    pub is_first: bool,
    /// Why these numbers are incomplete, as a sentence.
    pub incomplete: Option<String>,
    pub as_of: OffsetDateTime,
}

/// The list of teams.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamsView {
    pub rows: Vec<TeamRow>,
    pub is_first: bool,
    /// Why these numbers are incomplete, as a sentence.
    pub incomplete: Option<String>,
    pub as_of: OffsetDateTime,
}
