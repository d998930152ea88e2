//! The intervals between the runs of a rotation schedule.

use claviger_domain::facts::RotationRules;
use std::{cell::RefCell, collections::HashMap};
use time::{Date, Duration, Month};

/// The interval between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RotationInterval {
    pub(crate) shortest: Duration,
    pub(crate) longest: Duration,
}

impl RotationInterval {
    fn even(pause: Duration) -> Self {
        Self { shortest: pause, longest: pause }
    }
}

/// The part of rotation rules that cannot be interpreted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidSchedule {
    #[error("the schedule {0} cannot be understood")]
    Expression(String),
    #[error("{0} is no number of days that AWS takes")]
    Days(i64),
    #[error("rotation is on without a schedule")]
    Absent,
}

/// The longest interval between two runs.
pub(crate) fn max_interval(rules: &RotationRules) -> Result<Duration, InvalidSchedule> {
    pauses(rules).map(|pauses| pauses.longest)
}

/// The shortest and the longest interval.
pub(crate) fn pauses(rules: &RotationRules) -> Result<RotationInterval, InvalidSchedule> {
    match (&rules.schedule_expression, rules.automatically_after_days) {
        (Some(expression), _) => of_expression(expression.trim())
            .ok_or_else(|| InvalidSchedule::Expression(expression.clone())),
        (None, Some(days)) if (1..=MAX_INTERVAL_DAYS).contains(&days) => {
            Ok(RotationInterval::even(Duration::days(days)))
        }
        (None, Some(days)) => Err(InvalidSchedule::Days(days)),
        (None, None) => Err(InvalidSchedule::Absent),
    }
}

/// AWS's own limit.
const MAX_INTERVAL_DAYS: i64 = 1000;

/// A cache of parsed expressions: an Organization has few of them, and many secrets with each.
const KEPT: usize = 256;

thread_local! {
    static READ: RefCell<HashMap<String, Option<RotationInterval>>> = RefCell::default();
}

fn of_expression(text: &str) -> Option<RotationInterval> {
    READ.with_borrow_mut(|read| {
        if let Some(known) = read.get(text) {
            return *known;
        }
        if read.len() >= KEPT {
            read.clear();
        }
        let found = worked_out(text);
        read.insert(text.to_owned(), found);
        found
    })
}

fn worked_out(text: &str) -> Option<RotationInterval> {
    let inner = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(rate) = inner("rate") {
        let (number, unit) = rate.trim().split_once(' ')?;
        let number: i64 = number.parse().ok().filter(|n| *n > 0)?;
        let pause = match unit.trim() {
            "hour" | "hours" if number <= MAX_INTERVAL_DAYS * 24 => Duration::hours(number),
            "day" | "days" if number <= MAX_INTERVAL_DAYS => Duration::days(number),
            _ => return None,
        };
        return Some(RotationInterval::even(pause));
    }
    of_cron(inner("cron")?)
}

/// `minutes hours day-of-month month day-of-week year`; minutes are 0 and the year is `*`.
/// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html>
fn of_cron(text: &str) -> Option<RotationInterval> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, days, months, weekdays, year] = fields.as_slice() else { return None };
    if minutes.parse() != Ok(0) || *year != "*" {
        return None;
    }
    let mut hours = numbers(hours, 0, 23, &[])?;
    hours.sort_unstable();
    hours.dedup();
    let months = numbers(months, 1, 12, &MONTHS)?;
    let mut runs = Vec::new();
    // After 28 years the weekdays of all dates repeat.
    let mut date = Date::from_calendar_date(2024, Month::January, 1).ok()?;
    let end = Date::from_calendar_date(2053, Month::January, 1).ok()?;
    while date < end {
        if months.contains(&u32::from(u8::from(date.month()))) && is_day(date, days, weekdays)? {
            for hour in &hours {
                runs.push(date.midnight().assume_utc() + Duration::hours(i64::from(*hour)));
            }
        }
        date = date.next_day()?;
    }
    let pauses = || runs.windows(2).map(|pair| pair[1] - pair[0]);
    Some(RotationInterval { shortest: pauses().min()?, longest: pauses().max()? })
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Whether a schedule runs on a day; `None` if its fields cannot be interpreted.
fn is_day(date: Date, days: &str, weekdays: &str) -> Option<bool> {
    let any = |field: &str, of: fn(Date, &str) -> Option<bool>| {
        // Every part is parsed, so that an invalid one is found.
        field.split(',').try_fold(false, |found, part| Some(of(date, part)? || found))
    };
    match (days, weekdays) {
        ("?", "?") => None,
        (days, "?" | "*") => any(days, is_day_of_month),
        ("?" | "*", weekdays) => any(weekdays, is_weekday),
        _ => None,
    }
}

fn last_of_month(date: Date) -> u32 {
    u32::from(date.month().length(date.year()))
}

/// 1 is Sunday.
fn weekday_of(date: Date) -> u32 {
    u32::from(date.weekday().number_days_from_sunday()) + 1
}

/// One part of the days of a month: `L`, `L-3`, `LW`, `15W`, numbers; AWS's documentation also uses `SUNL` for the last Sunday.
fn is_day_of_month(date: Date, part: &str) -> Option<bool> {
    let (day, last) = (u32::from(date.day()), last_of_month(date));
    if part == "L" {
        return Some(day == last);
    }
    if let Some(before) = part.strip_prefix("L-") {
        let before: u32 = before.parse().ok().filter(|n| (1..=30).contains(n))?;
        return Some(day + before == last);
    }
    if let Some(of) = part.strip_suffix('W') {
        let target =
            if of == "L" { last } else { of.parse().ok().filter(|n| (1..=31).contains(n))? };
        return Some(target <= last && day == nearest_weekday(date, target, last)?);
    }
    if part.strip_suffix('L').is_some_and(|name| WEEKDAYS.contains(&name)) {
        return is_weekday(date, part);
    }
    Some(numbers(part, 1, 31, &[])?.contains(&day))
}

/// The weekday nearest to a day, within its month.
fn nearest_weekday(date: Date, target: u32, last: u32) -> Option<u32> {
    let at = date.replace_day(u8::try_from(target).ok()?).ok()?;
    Some(match weekday_of(at) {
        7 if target == 1 => 3,
        7 => target - 1,
        1 if target == last => target - 2,
        1 => target + 1,
        _ => target,
    })
}

/// One part of the days of a week: `L` (Saturday), `FRIL`, `SUN#1`, names and numbers.
fn is_weekday(date: Date, part: &str) -> Option<bool> {
    let (day, weekday) = (u32::from(date.day()), weekday_of(date));
    let named = |name: &str| one(name, &WEEKDAYS, 1).filter(|day| (1..=7).contains(day));
    if part == "L" {
        return Some(weekday == 7);
    }
    if let Some((name, nth)) = part.split_once('#') {
        let nth: u32 = nth.parse().ok().filter(|n| (1..=5).contains(n))?;
        return Some(named(name)? == weekday && (day - 1) / 7 + 1 == nth);
    }
    if let Some(name) = part.strip_suffix('L') {
        return Some(named(name)? == weekday && day + 7 > last_of_month(date));
    }
    Some(numbers(part, 1, 7, &WEEKDAYS)?.contains(&weekday))
}

fn one(text: &str, names: &[&str], first: u32) -> Option<u32> {
    let found = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    found.and_then(|at| u32::try_from(at).ok()).map(|at| at + first).or_else(|| text.parse().ok())
}

/// A field's numbers: `*`, `5`, `MON-FRI`, `1,15`, `*/2`, `1/7`, and `/8` from the first on.
fn numbers(field: &str, low: u32, high: u32, names: &[&str]) -> Option<Vec<u32>> {
    let mut found = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
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

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("rate(10 days)", Some(10 * 24))]
    #[case("rate(4 hours)", Some(4))]
    #[case("cron(0 3 1 * ? *)", Some(31 * 24))]
    #[case("cron(0 3 L * ? *)", Some(31 * 24))]
    #[case("cron(0 8,20 * * ? *)", Some(12))]
    #[case("cron(0 */4 * * ? *)", Some(4))]
    #[case("cron(0 8 ? * MON *)", Some(7 * 24))]
    #[case("cron(0 8 ? * 2#1 *)", Some(35 * 24))]
    #[case("cron(0 8 ? * 6L *)", Some(35 * 24))]
    #[case("cron(0 8 1 JAN,JUL ? *)", Some(184 * 24))]
    // Every example in AWS's documentation.
    #[case("cron(0 /8 * * ? *)", Some(8))]
    #[case("cron(0 8/8 * * ? *)", Some(16))]
    #[case("cron(0 2/10 * * ? *)", Some(10))]
    #[case("cron(0 10 * * ? *)", Some(24))]
    #[case("cron(0 18 ? * SAT *)", Some(7 * 24))]
    #[case("cron(0 8 1 * ? *)", Some(31 * 24))]
    #[case("cron(0 1 ? 1/3 SUN#1 *)", Some(98 * 24))]
    #[case("cron(0 17 L * ? *)", Some(31 * 24))]
    #[case("cron(0 16 1,15 * ? *)", Some(17 * 24))]
    #[case("cron(0 0 ? * SUN#1 *)", Some(35 * 24))]
    #[case("cron(0 17 SUNL * ? *)", Some(35 * 24))]
    #[case("cron(0 8 ? * L *)", Some(7 * 24))]
    #[case("cron(0 8 1/2 * ? *)", Some(48))]
    #[case("cron(0 8 ? * 1/2 *)", Some(48))]
    #[case("cron(0 8 ? * MON-FRI *)", Some(72))]
    #[case("cron(0 8 ? * FRI-MON *)", Some(96))]
    #[case("cron(0 8 ? JAN-MAR 2#1 *)", None)]
    #[case("cron(0 8 1 JAN/3 ? *)", Some(92 * 24))]
    #[case("cron(0 8 15W * ? *)", None)]
    #[case("cron(0 8 L-3 * ? *)", Some(31 * 24))]
    #[case("cron(0 8 ? * MON#1,MON#3 *)", Some(21 * 24))]
    #[case("cron(0 8 1,L * ? *)", Some(30 * 24))]
    fn every_form_is_read(#[case] expression: &str, #[case] hours: Option<i64>) {
        let longest = of_expression(expression).map(|pauses| pauses.longest).unwrap();
        if let Some(hours) = hours {
            assert_eq!(longest, Duration::hours(hours));
        }
    }

    #[rstest]
    #[case("cron(5 8 1 * ? *)", None)]
    #[case("cron(0 8 1 * ? 2027)", None)]
    #[case("rate(1 fortnight)", None)]
    #[case("rate(9223372036854775807 days)", None)]
    #[case("rate(0 days)", None)]
    #[case("rate(-1 days)", None)]
    // It never runs.
    #[case("cron(0 8 31 2 ? *)", None)]
    #[case("cron(0 8 1 1 ? 2020)", None)]
    #[case("cron(0 8 ? * 0 *)", None)]
    #[case("cron(0 8 ? * MON#6 *)", None)]
    #[case("cron(0 8 1,x * ? *)", None)]
    #[case("cron(0 25 1 * ? *)", None)]
    #[case("cron(0 8 * * *)", None)]
    #[case("at(2020-01-01T00:00:00)", None)]
    #[case("every day", None)]
    fn what_is_no_schedule_is_not_read(#[case] expression: &str, #[case] hours: Option<i64>) {
        let longest = of_expression(expression).map(|pauses| pauses.longest);
        assert_eq!(longest, hours.map(Duration::hours));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_the_reader_fall_over(
            text in "(rate|cron|at)?\\(?[-0-9A-Z*?/#, L]{0,30}\\)?", days in proptest::num::i64::ANY,
        ) {
            let _ = of_expression(&text);
            let _ = pauses(&RotationRules { automatically_after_days: Some(days), ..RotationRules::default() });
        }
    }
}
