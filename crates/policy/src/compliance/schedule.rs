//! The intervals between the runs of a rotation schedule.

use claviger_domain::{facts::RotationRules, rotations::schedule::Schedule};
use std::{cell::RefCell, collections::HashMap};
use time::Duration;

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
    #[error("{0} is not a number of days that AWS accepts")]
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
    let rules =
        RotationRules { schedule_expression: Some(text.to_owned()), ..RotationRules::default() };
    let (shortest, longest) = Schedule::of_rules(&rules).ok()?.interval()?;
    Some(RotationInterval { shortest, longest })
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
