//! How far apart the runs of a rotation schedule lie.

use claviger_domain::facts::RotationRules;
use time::{Date, Duration, Month};

/// How long it is between two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pauses {
    pub(crate) shortest: Duration,
    pub(crate) longest: Duration,
}

impl Pauses {
    fn even(pause: Duration) -> Self {
        Self { shortest: pause, longest: pause }
    }
}

/// The longest pause between two runs, or what cannot be understood.
pub(crate) fn longest_pause(rules: &RotationRules) -> Result<Duration, String> {
    pauses(rules).map(|pauses| pauses.longest)
}

/// The shortest and the longest pause, or what cannot be understood.
pub(crate) fn pauses(rules: &RotationRules) -> Result<Pauses, String> {
    match (&rules.schedule_expression, rules.automatically_after_days) {
        (Some(expression), _) => of_expression(expression.trim())
            .ok_or_else(|| format!("the schedule {expression} cannot be understood")),
        (None, Some(days)) => Ok(Pauses::even(Duration::days(days))),
        (None, None) => Err("rotation is on without a schedule".into()),
    }
}

fn of_expression(text: &str) -> Option<Pauses> {
    let inner = |name: &str| text.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    if let Some(rate) = inner("rate") {
        let (number, unit) = rate.trim().split_once(' ')?;
        let number: i64 = number.parse().ok().filter(|n| *n > 0)?;
        return match unit.trim() {
            "hour" | "hours" => Some(Pauses::even(Duration::hours(number))),
            "day" | "days" => Some(Pauses::even(Duration::days(number))),
            _ => None,
        };
    }
    of_cron(inner("cron")?)
}

/// `minutes hours day-of-month month day-of-week year`; minutes are 0 and the year is `*`.
fn of_cron(text: &str) -> Option<Pauses> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let [minutes, hours, days, months, weekdays, year] = fields.as_slice() else { return None };
    if *minutes != "0" || *year != "*" {
        return None;
    }
    let hours = numbers(hours, 0, 23, &[])?;
    let months = numbers(months, 1, 12, &MONTHS)?;
    let mut runs = Vec::new();
    // Two leap years and what lies between: every pattern comes round.
    let mut date = Date::from_calendar_date(2024, Month::January, 1).ok()?;
    let end = Date::from_calendar_date(2029, Month::January, 1).ok()?;
    while date < end {
        if months.contains(&u32::from(u8::from(date.month()))) && is_day(date, days, weekdays)? {
            for hour in &hours {
                runs.push(date.midnight().assume_utc() + Duration::hours(i64::from(*hour)));
            }
        }
        date = date.next_day()?;
    }
    let pauses = || runs.windows(2).map(|pair| pair[1] - pair[0]);
    Some(Pauses { shortest: pauses().min()?, longest: pauses().max()? })
}

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

/// Whether a schedule runs on a day; `None` where its fields cannot be understood.
fn is_day(date: Date, days: &str, weekdays: &str) -> Option<bool> {
    let of_month = u32::from(date.day());
    let last = u32::from(date.month().length(date.year()));
    // 1 is Sunday.
    let weekday = u32::from(date.weekday().number_days_from_sunday()) + 1;
    match (days, weekdays) {
        ("?", "?") => None,
        ("L", "?") => Some(of_month == last),
        (days, "?" | "*") => Some(numbers(days, 1, 31, &[])?.contains(&of_month)),
        ("?" | "*", weekdays) => {
            if let Some((day, nth)) = weekdays.split_once('#') {
                let nth: u32 = nth.parse().ok().filter(|n| (1..=5).contains(n))?;
                let day = one(day, &WEEKDAYS, 1)?;
                return Some(day == weekday && (of_month - 1) / 7 + 1 == nth);
            }
            if let Some(day) = weekdays.strip_suffix('L').filter(|day| !day.is_empty()) {
                return Some(one(day, &WEEKDAYS, 1)? == weekday && of_month + 7 > last);
            }
            Some(numbers(weekdays, 1, 7, &WEEKDAYS)?.contains(&weekday))
        }
        _ => None,
    }
}

fn one(text: &str, names: &[&str], first: u32) -> Option<u32> {
    let found = names.iter().position(|name| name.eq_ignore_ascii_case(text));
    found.and_then(|at| u32::try_from(at).ok()).map(|at| at + first).or_else(|| text.parse().ok())
}

/// A field's numbers: `*`, `5`, `MON-FRI`, `1,15`, `*/2`, `1/7`.
fn numbers(field: &str, low: u32, high: u32, names: &[&str]) -> Option<Vec<u32>> {
    let mut found = Vec::new();
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range.split_once('-') {
            _ if range == "*" => (low, high),
            Some((from, to)) => (one(from, names, low)?, one(to, names, low)?),
            None if part.contains('/') => (one(range, names, low)?, high),
            None => {
                let single = one(range, names, low)?;
                (single, single)
            }
        };
        if from < low || to > high || from > to {
            return None;
        }
        found.extend((from..=to).step_by(step));
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
    #[case("cron(5 8 1 * ? *)", None)]
    #[case("cron(0 8 1 * ? 2027)", None)]
    #[case("rate(1 fortnight)", None)]
    #[case("every day", None)]
    fn a_schedule_has_a_longest_pause(#[case] expression: &str, #[case] hours: Option<i64>) {
        let longest = of_expression(expression).map(|pauses| pauses.longest);
        assert_eq!(longest, hours.map(Duration::hours));
    }
}
