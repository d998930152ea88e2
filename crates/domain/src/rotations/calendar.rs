//! The calendar of rotations: which windows open on which day, which collide, and which fall into a blackout.

use super::{
    blackout::Blackout,
    schedule::{Schedule, Since, Window},
};
use crate::{
    choice::InvalidChoice,
    facts::Rotation,
    filter::{Field, Filter, InvalidFilter, Part, parse, text, url_filter},
    ids::{AccountId, Region, ResourceId},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use time::{Date, Duration, OffsetDateTime, Weekday};

/// More secrets than these, of one account and Region, whose windows open in the same hour, are a collision.
pub const MAX_AT_ONCE: usize = 10;
/// So many secrets are put on a calendar; of more, it says so.
pub const MAX_SECRETS: usize = 5_000;
/// So many entries of a day are listed; the rest is counted.
pub const MAX_LISTED: usize = 100;

/// What a page of the calendar shows.
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
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum Span {
    /// From Monday to Sunday.
    #[default]
    Week,
    Month,
}

/// What is shown. Serialized as its URL query.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct CalendarQuery {
    pub span: Span,
    /// A day in the week or month; `None` is today.
    pub on: Option<Date>,
    pub team: Option<String>,
    pub account: Option<AccountId>,
}

url_filter!(CalendarQuery);

fn day(field: &str, value: &str) -> Result<Date, InvalidFilter> {
    let read = || {
        let mut parts = value.split('-').map(|part| part.parse::<u16>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date = Date::from_calendar_date(year.into(), month, u8::try_from(day).ok()?).ok()?;
        // Windows of other centuries are nobody's question.
        ((2000..2200).contains(&date.year()) && parts.next().is_none()).then_some(date)
    };
    read().ok_or_else(|| InvalidFilter::new(field, value, "use a day such as 2026-11-24"))
}

impl Filter for CalendarQuery {
    const FIELDS: &'static [Field<Self>] = &[
        Field {
            name: "view",
            part: Part::Layout,
            read: |query, field, value| {
                query.span = parse(field, value)?;
                Ok(())
            },
            write: |query| text(Some(query.span).filter(|span| *span != Span::default())),
        },
        Field {
            name: "on",
            part: Part::Page,
            read: |query, field, value| {
                query.on = Some(day(field, value)?);
                Ok(())
            },
            write: |query| text(query.on),
        },
        Field {
            name: "team",
            part: Part::Filter,
            read: |query, _, value| {
                query.team = Some(value.to_owned()).filter(|team| !team.is_empty());
                Ok(())
            },
            write: |query| text(query.team.as_ref()),
        },
        Field {
            name: "account",
            part: Part::Filter,
            read: |query, field, value| {
                if !value.is_empty() {
                    query.account = Some(parse(field, value)?);
                }
                Ok(())
            },
            write: |query| text(query.account.as_ref()),
        },
    ];
}

impl CalendarQuery {
    /// The address of the calendar with this filter.
    pub fn path(&self) -> String {
        match self.to_url_query() {
            query if query.is_empty() => "/rotations".to_owned(),
            query => format!("/rotations?{query}"),
        }
    }

    /// The first and the last day.
    pub fn days(&self, today: Date) -> (Date, Date) {
        let on = self.on.unwrap_or(today);
        match self.span {
            Span::Week => {
                let first = on - Duration::days(on.weekday().number_days_from_monday().into());
                (first, first + Duration::days(6))
            }
            Span::Month => {
                let last = on.month().length(on.year());
                (on.replace_day(1).unwrap_or(on), on.replace_day(last).unwrap_or(on))
            }
        }
    }

    /// The same of the week or month before (`false`) or after (`true`).
    #[must_use]
    pub fn beside(&self, today: Date, after: bool) -> Self {
        let (first, last) = self.days(today);
        let on = if after { last + Duration::DAY } else { first - Duration::DAY };
        Self { on: Some(on), ..self.clone() }
    }
}

/// A secret that rotates, as the calendar needs it.
#[derive(Debug, Clone)]
pub struct RotatingSecret {
    pub id: ResourceId,
    pub name: String,
    pub account: AccountId,
    pub account_name: String,
    pub region: Region,
    pub team: Option<String>,
    pub tags: Option<BTreeMap<String, String>>,
    pub rotation: Rotation,
    pub is_stuck: bool,
    /// When the last rotation that an event reported failed, unless it was rotated since.
    pub failed_at: Option<OffsetDateTime>,
}

/// How its rotations have gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Progress {
    Good,
    /// AWS's date has passed.
    Overdue {
        since: OffsetDateTime,
    },
    Failed {
        at: OffsetDateTime,
    },
    /// AWSPENDING stays.
    Stuck,
}

impl RotatingSecret {
    pub fn progress(&self, now: OffsetDateTime) -> Progress {
        match (self.failed_at, self.rotation.next_rotation_at) {
            (Some(at), _) => Progress::Failed { at },
            (None, _) if self.is_stuck => Progress::Stuck,
            (None, Some(since)) if since < now => Progress::Overdue { since },
            _ => Progress::Good,
        }
    }

    /// Its schedule with what its windows are counted from; `None` where AWS reports none that can be read.
    pub fn schedule(&self, now: OffsetDateTime) -> Option<(Schedule, Since)> {
        let schedule = Schedule::of_rules(self.rotation.rules.as_ref()?).ok()?;
        let since = self
            .rotation
            .next_rotation_at
            .map_or_else(|| Since::Set(self.rotation.last_rotated_at.unwrap_or(now)), Since::Next);
        Some((schedule, since))
    }
}

/// A secret on a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarEntry {
    pub resource: ResourceId,
    pub name: String,
    pub account: AccountId,
    pub account_name: String,
    pub region: Region,
    pub team: Option<String>,
    /// Those that open on this day.
    pub windows: Vec<Window>,
    /// Whether they move when the secret is rotated at another time.
    pub is_expected: bool,
    pub progress: Progress,
    /// Names of the blackouts into which a window falls.
    pub blackouts: Vec<String>,
    pub collides: bool,
}

/// Several rotations at the same time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Collision {
    /// One function rotates so many secrets in windows that overlap.
    Function { arn: String, secrets: u32 },
    /// So many windows of one account and Region open in the same hour.
    Crowd { account_name: String, region: Region, opens: OffsetDateTime, secrets: u32 },
}

/// A day of the calendar, in UTC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarDay {
    pub date: Date,
    /// How many secrets can rotate on it.
    pub secrets: u32,
    /// At most [`MAX_LISTED`] of them, by the time of their first window.
    pub entries: Vec<CalendarEntry>,
    pub collisions: Vec<Collision>,
    /// Blackouts of this day, whether or not a window falls into them.
    pub blackouts: Vec<String>,
    /// How many secrets have a window in a blackout.
    pub in_blackout: u32,
    /// How many of its secrets are late or failing.
    pub troubled: u32,
}

/// A rotation that needs somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LateRotation {
    pub resource: ResourceId,
    pub name: String,
    pub account_name: String,
    pub region: Region,
    pub team: Option<String>,
    pub progress: Progress,
}

/// A page of the calendar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CalendarView {
    pub query: CalendarQuery,
    pub days: Vec<CalendarDay>,
    /// Those that are overdue, failed or stuck: the longest first.
    pub late: Vec<LateRotation>,
    /// How many secrets rotate, as far as they were read.
    pub secrets: u32,
    /// Whether there are more than [`MAX_SECRETS`].
    pub has_more: bool,
    /// Secrets with rotation whose schedule AWS does not report, or that cannot be read: on no day.
    pub without_schedule: u32,
    pub teams: Vec<String>,
    pub accounts: Vec<(AccountId, String)>,
    /// Why the inventory is not whole, as a sentence.
    pub incomplete: Option<String>,
    pub as_of: OffsetDateTime,
}

/// The days from the first to the last, with what opens on each. What has closed already is left out of none: a day shows
/// the windows of the whole day.
pub fn calendar(
    secrets: &[RotatingSecret],
    blackouts: &[Blackout],
    (first, last): (Date, Date),
    now: OffsetDateTime,
) -> Vec<CalendarDay> {
    let begin = first.midnight().assume_utc();
    let end = (last + Duration::DAY).midnight().assume_utc();
    let mut by_day: BTreeMap<Date, Vec<(CalendarEntry, Option<&str>)>> = BTreeMap::new();
    for secret in secrets {
        let Some((schedule, since)) = secret.schedule(now) else { continue };
        let is_fixed = schedule.is_fixed();
        let own: Vec<&Blackout> = blackouts
            .iter()
            .filter(|one| one.covers(&secret.account, secret.tags.as_ref()))
            .collect();
        let windows = schedule.windows(since, begin).skip_while(|window| window.opens < begin);
        let mut days: BTreeMap<Date, Vec<Window>> = BTreeMap::new();
        for window in windows.take_while(|window| window.opens < end) {
            days.entry(window.opens.date()).or_default().push(window);
        }
        for (at, (date, windows)) in days.into_iter().enumerate() {
            let hit = own.iter().filter(|one| windows.iter().any(|window| one.overlaps(window)));
            let entry = CalendarEntry {
                resource: secret.id,
                name: secret.name.clone(),
                account: secret.account.clone(),
                account_name: secret.account_name.clone(),
                region: secret.region.clone(),
                team: secret.team.clone(),
                is_expected: !is_fixed && (at > 0 || secret.rotation.next_rotation_at.is_none()),
                progress: secret.progress(now),
                blackouts: hit.map(|one| one.name.clone()).collect(),
                collides: false,
                windows,
            };
            let function = secret.rotation.lambda_arn.as_deref();
            by_day.entry(date).or_default().push((entry, function));
        }
    }
    let days = std::iter::successors(Some(first), |date| date.next_day());
    days.take_while(|date| *date <= last)
        .map(|date| of_day(date, by_day.remove(&date).unwrap_or_default(), blackouts))
        .collect()
}

fn of_day(
    date: Date,
    mut found: Vec<(CalendarEntry, Option<&str>)>,
    blackouts: &[Blackout],
) -> CalendarDay {
    let collisions = collisions(&mut found);
    let whole = Window {
        opens: date.midnight().assume_utc(),
        closes: (date + Duration::DAY).midnight().assume_utc(),
    };
    let mut entries: Vec<CalendarEntry> = found.into_iter().map(|(entry, _)| entry).collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let in_blackout = count(entries.iter().filter(|one| !one.blackouts.is_empty()).count());
    let troubled = count(entries.iter().filter(|one| one.progress != Progress::Good).count());
    let secrets = count(entries.len());
    // What needs a look is listed before what is cut off.
    entries.sort_by(|a, b| {
        let quiet =
            |one: &CalendarEntry| one.progress == Progress::Good && one.blackouts.is_empty();
        (quiet(a), a.windows.first(), &a.name).cmp(&(quiet(b), b.windows.first(), &b.name))
    });
    entries.truncate(MAX_LISTED);
    entries.sort_by(|a, b| (a.windows.first(), &a.name).cmp(&(b.windows.first(), &b.name)));
    CalendarDay {
        date,
        secrets,
        entries,
        collisions,
        blackouts: blackouts
            .iter()
            .filter(|one| one.overlaps(&whole))
            .map(|one| one.name.clone())
            .collect(),
        in_blackout,
        troubled,
    }
}

/// Marks the entries that collide, and says with what.
fn collisions(found: &mut [(CalendarEntry, Option<&str>)]) -> Vec<Collision> {
    let mut functions: BTreeMap<String, Vec<(Window, usize)>> = BTreeMap::new();
    let mut hours: BTreeMap<(AccountId, Region, OffsetDateTime), Vec<usize>> = BTreeMap::new();
    for (at, (entry, function)) in found.iter().enumerate() {
        for window in &entry.windows {
            if let Some(function) = function {
                functions.entry((*function).to_owned()).or_default().push((*window, at));
            }
            let place = (entry.account.clone(), entry.region.clone(), window.opens);
            hours.entry(place).or_default().push(at);
        }
    }
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let mut said = Vec::new();
    for (arn, mut windows) in functions {
        windows.sort_unstable();
        let mut colliding = std::collections::BTreeSet::new();
        // The one that stays open longest of those before.
        let mut open: Option<(Window, usize)> = None;
        for (window, at) in windows {
            if let Some((before, other)) = open
                && before.overlaps(&window)
                && other != at
            {
                colliding.extend([at, other]);
            }
            if open.is_none_or(|(before, _)| before.closes < window.closes) {
                open = Some((window, at));
            }
        }
        if !colliding.is_empty() {
            said.push(Collision::Function { arn, secrets: count(colliding.len()) });
            for at in colliding {
                found[at].0.collides = true;
            }
        }
    }
    for ((_, region, opens), all) in hours {
        if all.len() > MAX_AT_ONCE {
            let account_name = found[all[0]].0.account_name.clone();
            let secrets = count(all.len());
            said.push(Collision::Crowd { account_name, region, opens, secrets });
            for at in all {
                found[at].0.collides = true;
            }
        }
    }
    said.sort();
    said
}

/// Those that need somebody, the longest first; stuck ones, of which no time is known, at the end.
pub fn late(secrets: &[RotatingSecret], now: OffsetDateTime) -> Vec<LateRotation> {
    let since = |progress: Progress| match progress {
        Progress::Overdue { since } => Some(since),
        Progress::Failed { at } => Some(at),
        Progress::Stuck | Progress::Good => None,
    };
    let mut late: Vec<LateRotation> = secrets
        .iter()
        .filter_map(|secret| {
            let progress = secret.progress(now);
            (progress != Progress::Good).then(|| LateRotation {
                resource: secret.id,
                name: secret.name.clone(),
                account_name: secret.account_name.clone(),
                region: secret.region.clone(),
                team: secret.team.clone(),
                progress,
            })
        })
        .collect();
    late.sort_by_key(|one| (since(one.progress).is_none(), since(one.progress), one.name.clone()));
    late
}

/// The weekdays as the calendar has them.
pub const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];
