//! AWS's cron dialect: six fields, of which Secrets Manager takes minutes only as 0 and the year only as `*`.
//! <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html>

use time::{Date, Duration, Month, OffsetDateTime};

/// A cron expression, read. It runs at the full hour, in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    /// Sorted, each once.
    hours: Vec<u8>,
    months: Vec<u8>,
    days: Days,
    undocumented: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Days {
    OfMonth(Vec<DayOfMonth>),
    OfWeek(Vec<DayOfWeek>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum DayOfMonth {
    Numbers(Vec<u8>),
    /// So many days before the last.
    BeforeLast(u8),
    /// The weekday nearest to a day; 0 is the last.
    Nearest(u8),
    /// AWS's documentation also uses `SUNL` for the last Sunday here.
    Last(u8),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum DayOfWeek {
    Numbers(Vec<u8>),
    Nth(u8, u8),
    Last(u8),
}

/// Why a text is no such expression, as a sentence without its full stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidCron(pub &'static str);

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
/// After 28 years the weekdays of all dates repeat, but for centuries.
const ALL_DAYS: i64 = 29 * 366;

impl Cron {
    /// What stands between the parentheses.
    pub fn parse(text: &str) -> Result<Self, InvalidCron> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays, year] = fields.as_slice() else {
            return Err(InvalidCron(
                "a cron expression has six fields: minutes, hours, day of month, month, day of week, year",
            ));
        };
        if minutes.parse() != Ok(0u8) {
            return Err(InvalidCron("minutes must be 0: rotation windows open on the hour"));
        }
        if *year != "*" {
            return Err(InvalidCron("the year must be *"));
        }
        let invalid = InvalidCron;
        let mut hours =
            numbers(hours, 0, 23, &[]).ok_or(invalid("hours are 0 to 23, with , - * and /"))?;
        hours.sort_unstable();
        hours.dedup();
        let months = numbers(months, 1, 12, &MONTHS)
            .ok_or(invalid("months are 1 to 12 or JAN to DEC, with , - * and /"))?;
        let (days, undocumented) = days_of(days, weekdays)?;
        let read = Self { hours, months, days, undocumented };
        if read.first_run().is_none() {
            return Err(InvalidCron("it never runs: no month has such a day"));
        }
        Ok(read)
    }

    /// What AWS does not document of it, although other AWS services take it.
    pub fn undocumented(&self) -> Option<&'static str> {
        self.undocumented
    }

    /// The hours of a day at which it runs, sorted.
    pub fn hours(&self) -> &[u8] {
        &self.hours
    }

    /// Whether it runs on a day.
    pub fn is_day(&self, date: Date) -> bool {
        self.months.contains(&u8::from(date.month()))
            && match &self.days {
                Days::OfMonth(parts) => parts.iter().any(|part| part.has(date)),
                Days::OfWeek(parts) => parts.iter().any(|part| part.has(date)),
            }
    }

    /// Its runs from the beginning of a day on, without an end but that of the calendar.
    pub fn runs_from(&self, first: Date) -> impl Iterator<Item = OffsetDateTime> + '_ {
        let days = std::iter::successors(Some(first), |date| date.next_day());
        days.filter(|date| self.is_day(*date)).flat_map(|date| {
            self.hours
                .iter()
                .map(move |hour| date.midnight().assume_utc() + Duration::hours((*hour).into()))
        })
    }

    fn first_run(&self) -> Option<OffsetDateTime> {
        let first = Date::from_calendar_date(2024, Month::January, 1).ok()?;
        let days = std::iter::successors(Some(first), |date| date.next_day());
        let mut days = days.take(usize::try_from(ALL_DAYS).ok()?);
        days.find(|date| self.is_day(*date)).map(|date| date.midnight().assume_utc())
    }

    /// The shortest and the longest time between two runs.
    pub fn interval(&self) -> Option<(Duration, Duration)> {
        let first = Date::from_calendar_date(2024, Month::January, 1).ok()?;
        let end = (first + Duration::days(ALL_DAYS)).midnight().assume_utc();
        let runs: Vec<OffsetDateTime> = self.runs_from(first).take_while(|at| *at < end).collect();
        let pauses = || runs.windows(2).map(|pair| pair[1] - pair[0]);
        Some((pauses().min()?, pauses().max()?))
    }
}

fn days_of(days: &str, weekdays: &str) -> Result<(Days, Option<&'static str>), InvalidCron> {
    const BOTH: &str = "use ? in exactly one of day of month and day of week";
    let of_month = |field: &str| {
        let parts: Option<Vec<DayOfMonth>> = field.split(',').map(DayOfMonth::parse).collect();
        parts.map(Days::OfMonth).ok_or(InvalidCron(
            "days of a month are 1 to 31, with , - * ? / and L for the last day",
        ))
    };
    let of_week = |field: &str| {
        let parts: Option<Vec<DayOfWeek>> = field.split(',').map(DayOfWeek::parse).collect();
        parts.map(Days::OfWeek).ok_or(InvalidCron(
            "days of a week are 1 to 7 or SUN to SAT, with , - * ? /, L and # for the nth of a month",
        ))
    };
    let documented = |days: Days| {
        let is_odd = |part: &DayOfMonth| match part {
            DayOfMonth::Nearest(_) => true,
            DayOfMonth::BeforeLast(before) => *before > 0,
            _ => false,
        };
        let odd = matches!(&days, Days::OfMonth(parts) if parts.iter().any(is_odd));
        (days, odd.then_some("W and L-n are not wildcards of Secrets Manager"))
    };
    match (days, weekdays) {
        ("?", "?") => Err(InvalidCron(BOTH)),
        (days, "?") => of_month(days).map(documented),
        ("?", weekdays) => of_week(weekdays).map(documented),
        (days, "*") => of_month(days).map(|days| (days, Some(BOTH))),
        ("*", weekdays) => of_week(weekdays).map(|days| (days, Some(BOTH))),
        _ => Err(InvalidCron(BOTH)),
    }
}

fn last_of_month(date: Date) -> u8 {
    date.month().length(date.year())
}

/// 1 is Sunday.
fn weekday_of(date: Date) -> u8 {
    date.weekday().number_days_from_sunday() + 1
}

impl DayOfMonth {
    /// One part: `L`, `L-3`, `LW`, `15W`, `SUNL`, numbers.
    fn parse(part: &str) -> Option<Self> {
        let within = |text: &str, last: u8| text.parse().ok().filter(|n| (1..=last).contains(n));
        if part == "L" {
            return Some(Self::BeforeLast(0));
        }
        if let Some(before) = part.strip_prefix("L-") {
            return within(before, 30).map(Self::BeforeLast);
        }
        if let Some(of) = part.strip_suffix('W') {
            return if of == "L" { Some(0) } else { within(of, 31) }.map(Self::Nearest);
        }
        if let Some(name) = part.strip_suffix('L') {
            let day = WEEKDAYS.iter().position(|day| *day == name)?;
            return u8::try_from(day + 1).ok().map(Self::Last);
        }
        numbers(part, 1, 31, &[]).map(Self::Numbers)
    }

    fn has(&self, date: Date) -> bool {
        let (day, last) = (date.day(), last_of_month(date));
        match self {
            Self::Numbers(days) => days.contains(&day),
            Self::BeforeLast(before) => day + before == last,
            Self::Nearest(target) => {
                let target = if *target == 0 { last } else { *target };
                target <= last && nearest_weekday(date, target, last) == Some(day)
            }
            Self::Last(weekday) => weekday_of(date) == *weekday && day + 7 > last,
        }
    }
}

/// The weekday nearest to a day, within its month.
fn nearest_weekday(date: Date, target: u8, last: u8) -> Option<u8> {
    let at = date.replace_day(target).ok()?;
    Some(match weekday_of(at) {
        7 if target == 1 => 3,
        7 => target - 1,
        1 if target == last => target - 2,
        1 => target + 1,
        _ => target,
    })
}

impl DayOfWeek {
    /// One part: `L` (Saturday), `FRIL`, `SUN#1`, names and numbers.
    fn parse(part: &str) -> Option<Self> {
        let named = |name: &str| one(name, &WEEKDAYS, 1).filter(|day| (1..=7).contains(day));
        if part == "L" {
            return Some(Self::Numbers(vec![7]));
        }
        if let Some((name, nth)) = part.split_once('#') {
            let nth = nth.parse().ok().filter(|n| (1..=5).contains(n))?;
            return Some(Self::Nth(named(name)?, nth));
        }
        if let Some(name) = part.strip_suffix('L') {
            return named(name).map(Self::Last);
        }
        numbers(part, 1, 7, &WEEKDAYS).map(Self::Numbers)
    }

    fn has(&self, date: Date) -> bool {
        let (day, weekday) = (date.day(), weekday_of(date));
        match self {
            Self::Numbers(days) => days.contains(&weekday),
            Self::Nth(of, nth) => weekday == *of && (day - 1) / 7 + 1 == *nth,
            Self::Last(of) => weekday == *of && day + 7 > last_of_month(date),
        }
    }
}

fn one(text: &str, names: &[&str], first: u8) -> Option<u8> {
    let found = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    found.and_then(|at| u8::try_from(at).ok()).map(|at| at + first).or_else(|| text.parse().ok())
}

/// A field's numbers: `*`, `5`, `MON-FRI`, `1,15`, `*/2`, `1/7`, and `/8` from the first on.
fn numbers(field: &str, low: u8, high: u8, names: &[&str]) -> Option<Vec<u8>> {
    let mut found = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => {
                let step: usize = step.parse().ok()?;
                (range, (step > 0).then_some(step)?)
            }
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || (range.is_empty() && part.contains('/')) => (low, high),
            Some((from, to)) => (one(from, names, low)?, one(to, names, low)?),
            None if part.contains('/') => (one(range, names, low)?, high),
            None => {
                let single = one(range, names, low)?;
                (single, single)
            }
        };
        if from < low || to > high || from > high || to < low {
            return None;
        }
        if from <= to {
            found.extend((from..=to).step_by(step));
        } else if names.is_empty() {
            return None;
        } else {
            // Such as FRI-MON.
            found.extend((from..=high).chain(low..=to).step_by(step));
        }
    }
    Some(found)
}
