//! What AWS refuses, and the windows: against a scan of every minute.

use super::schedule::{Schedule, Since, Window};
use crate::facts::RotationRules;
use proptest::prelude::*;
use rstest::rstest;
use time::{Duration, OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-24 12:30 UTC);

fn of(expression: &str) -> Schedule {
    Schedule::read(None, Some(expression), None).unwrap()
}

fn opens(schedule: &Schedule, since: Since, count: usize) -> Vec<OffsetDateTime> {
    schedule.windows(since, NOW).take(count).map(|window| window.opens).collect()
}

#[rstest]
// Neither form.
#[case("every day", "use rate(n hours)")]
#[case("at(2026-01-01T00:00:00)", "use rate(n hours)")]
#[case("rate(4 hours", "use rate(n hours)")]
// Rates.
#[case("rate(0 days)", "whole number")]
#[case("rate(-1 days)", "whole number")]
#[case("rate(1.5 days)", "whole number")]
#[case("rate(5 minutes)", "rate(n days)")]
#[case("rate(1 week)", "rate(n days)")]
#[case("rate(days)", "whole number")]
#[case("rate(1 hour)", "every 4 hours")]
#[case("rate(3 hours)", "every 4 hours")]
#[case("rate(1000 days)", "999 days")]
#[case("rate(24000 hours)", "999 days")]
#[case("rate(99999999999 days)", "whole number")]
// Cron, field by field.
#[case("cron(0 8 1 * ?)", "six fields")]
#[case("cron(0 8 1 * ? * *)", "six fields")]
#[case("cron(5 8 1 * ? *)", "minutes must be 0")]
#[case("cron(* 8 1 * ? *)", "minutes must be 0")]
#[case("cron(0 24 1 * ? *)", "hours are 0 to 23")]
#[case("cron(0 x 1 * ? *)", "hours are 0 to 23")]
#[case("cron(0 8 0 * ? *)", "days of a month")]
#[case("cron(0 8 32 * ? *)", "days of a month")]
#[case("cron(0 8 1,x * ? *)", "days of a month")]
#[case("cron(0 8 1 13 ? *)", "months are 1 to 12")]
#[case("cron(0 8 1 JANUARY ? *)", "months are 1 to 12")]
#[case("cron(0 8 ? * 0 *)", "days of a week")]
#[case("cron(0 8 ? * 8 *)", "days of a week")]
#[case("cron(0 8 ? * MON#6 *)", "days of a week")]
#[case("cron(0 8 1 * ? 2027)", "the year must be *")]
// Exactly one ?.
#[case("cron(0 8 ? * ? *)", "exactly one")]
#[case("cron(0 8 * * * *)", "exactly one")]
#[case("cron(0 8 1 * MON *)", "exactly one")]
#[case("cron(0 8 1 * * *)", "exactly one")]
#[case("cron(0 8 * * MON *)", "exactly one")]
// What EventBridge takes, and Secrets Manager does not.
#[case("cron(0 8 15W * ? *)", "not wildcards of Secrets Manager")]
#[case("cron(0 8 L-3 * ? *)", "not wildcards of Secrets Manager")]
// Days that no month has.
#[case("cron(0 8 31 2 ? *)", "never runs")]
#[case("cron(0 8 31 4,6 ? *)", "never runs")]
// Too often.
#[case("cron(0 * * * ? *)", "every 4 hours")]
#[case("cron(0 /2 * * ? *)", "every 4 hours")]
#[case("cron(0 8,10 * * ? *)", "every 4 hours")]
// 22:00 and 0:00 of the next day.
#[case("cron(0 0,22 * * ? *)", "every 4 hours")]
fn an_expression_is_refused(#[case] expression: &str, #[case] why: &str) {
    let refused = Schedule::read(None, Some(expression), None).unwrap_err();
    assert_eq!(refused.field, if why.starts_with("use 1") { "days" } else { "schedule" });
    assert!(refused.reason.contains(why), "{expression}: {}", refused.reason);
}

/// Every example of AWS's documentation.
#[rstest]
#[case("rate(4 hours)")]
#[case("rate(1 day)")]
#[case("rate(10 days)")]
#[case("rate(999 days)")]
#[case("cron(0 /8 * * ? *)")]
#[case("cron(0 8/8 * * ? *)")]
#[case("cron(0 2/10 * * ? *)")]
#[case("cron(0 10 * * ? *)")]
#[case("cron(0 18 ? * SAT *)")]
#[case("cron(0 8 1 * ? *)")]
#[case("cron(0 1 ? 1/3 SUN#1 *)")]
#[case("cron(0 17 L * ? *)")]
#[case("cron(0 8 ? * MON-FRI *)")]
#[case("cron(0 16 1,15 * ? *)")]
#[case("cron(0 0 ? * SUN#1 *)")]
#[case("cron(0 17 SUNL * ? *)")]
fn an_expression_is_taken(#[case] expression: &str) {
    assert!(Schedule::read(None, Some(expression), None).is_ok());
}

#[test]
fn days_or_a_schedule_and_no_more_than_a_thousand_days() {
    let field = |days, text| Schedule::read(days, text, None).unwrap_err().field;
    assert_eq!(field(None, None), "days");
    assert_eq!(field(Some(5), Some("rate(5 days)")), "days");
    assert_eq!(field(Some(0), None), "days");
    assert_eq!(field(Some(1001), None), "days");
    assert!(Schedule::read(Some(1000), None, None).is_ok());
}

#[rstest]
#[case("rate(10 days)", "24h", None)]
#[case("rate(10 days)", "25h", Some("1h to 24h"))]
#[case("rate(10 days)", "0h", Some("1h to 24h"))]
#[case("rate(10 days)", "3", Some("1h to 24h"))]
#[case("rate(10 days)", "+3h", Some("1h to 24h"))]
#[case("rate(10 days)", "1.5h", Some("1h to 24h"))]
#[case("cron(0 20 1 * ? *)", "4h", None)]
#[case("cron(0 20 1 * ? *)", "5h", Some("next UTC day"))]
#[case("cron(0 8,20 * * ? *)", "12h", None)]
#[case("cron(0 8,20 * * ? *)", "13h", Some("reaches into the next one"))]
#[case("rate(4 hours)", "4h", None)]
#[case("rate(4 hours)", "5h", Some("reaches into the next one, 4 hours later"))]
fn a_window_has_a_limit(#[case] schedule: &str, #[case] duration: &str, #[case] why: Option<&str>) {
    let read = Schedule::read(None, Some(schedule), Some(duration));
    match why {
        None => assert!(read.is_ok(), "{read:?}"),
        Some(why) => {
            let refused = read.unwrap_err();
            assert_eq!(refused.field, "duration");
            assert!(refused.reason.contains(why), "{}", refused.reason);
        }
    }
}

#[test]
fn a_window_closes_after_an_hour_or_at_the_end_of_the_day() {
    let first = |schedule: &Schedule| schedule.windows(Since::Set(NOW), NOW).next().unwrap();
    let daily = first(&of("cron(0 20 * * ? *)"));
    assert_eq!(daily.opens, datetime!(2026-11-24 20:00 UTC));
    assert_eq!(daily.closes, datetime!(2026-11-25 0:00 UTC));
    let hourly = first(&of("cron(0 /6 * * ? *)"));
    // It opens now.
    assert_eq!(hourly.opens, datetime!(2026-11-24 12:00 UTC));
    assert_eq!(hourly.closes, datetime!(2026-11-24 13:00 UTC));
    let said = Schedule::read(None, Some("cron(0 10 * * ? *)"), Some("3h")).unwrap();
    // It is open now.
    assert_eq!(first(&said).closes, datetime!(2026-11-24 13:00 UTC));
    let rate = first(&of("rate(10 days)"));
    assert_eq!(rate.opens, datetime!(2026-12-04 0:00 UTC));
    assert_eq!(rate.closes, datetime!(2026-12-05 0:00 UTC));
}

#[test]
fn the_windows_of_a_rate_follow_from_the_date_that_aws_reports() {
    let rate = of("rate(10 days)");
    // A latest date: the last second of the window's day.
    let next = Since::Next(datetime!(2026-11-30 23:59:59 UTC));
    let days = [datetime!(2026-11-30 0:00 UTC), datetime!(2026-12-10 0:00 UTC)];
    assert_eq!(opens(&rate, next, 2), days);
    assert_eq!(opens(&rate, Since::Next(datetime!(2026-12-01 0:00 UTC)), 2), days);
    // One that has passed: the series goes on.
    let late = Since::Next(datetime!(2026-11-10 23:59:59 UTC));
    assert_eq!(opens(&rate, late, 1), [datetime!(2026-11-30 0:00 UTC)]);
    let hours = of("rate(6 hours)");
    let next = Since::Next(datetime!(2026-11-24 18:59:59 UTC));
    let known = [datetime!(2026-11-24 18:00 UTC), datetime!(2026-11-25 0:00 UTC)];
    assert_eq!(opens(&hours, next, 2), known);
    assert_eq!(opens(&hours, Since::Set(NOW), 2), known);
    let odd = opens(&of("rate(10 hours)"), Since::Next(datetime!(2026-11-24 20:59:59 UTC)), 2);
    assert_eq!(odd, [datetime!(2026-11-24 20:00 UTC), datetime!(2026-11-25 6:00 UTC)]);
    assert!(!of("rate(10 hours)").is_fixed() && of("rate(6 hours)").is_fixed());
}

#[test]
fn what_aws_reports_is_read_more_leniently_than_a_form() {
    let rules = |text: &str| RotationRules {
        schedule_expression: Some(text.into()),
        ..RotationRules::default()
    };
    assert!(Schedule::of_rules(&rules("cron(0 8 15W * ? *)")).is_ok());
    assert!(Schedule::of_rules(&rules("cron(0 8 * * * *)")).is_ok());
    assert!(Schedule::of_rules(&RotationRules::default()).is_err());
}

#[test]
fn windows_overlap_only_where_both_are_open() {
    let window = |from: i64, to: i64| Window {
        opens: NOW + Duration::hours(from),
        closes: NOW + Duration::hours(to),
    };
    assert!(window(0, 2).overlaps(&window(1, 3)));
    assert!(!window(0, 2).overlaps(&window(2, 3)), "one closes as the other opens");
}

/// A field as text, with the numbers that it means.
type Field = (String, Vec<u8>);

fn list(low: u8, high: u8) -> BoxedStrategy<Field> {
    let all = (low..=high).collect::<Vec<u8>>();
    let every = Just(("*".to_owned(), all));
    let some = prop::collection::vec(low..=high, 1..4).prop_map(|days| {
        let text: Vec<String> = days.iter().map(ToString::to_string).collect();
        (text.join(","), days)
    });
    let range = (low..=high, low..=high).prop_map(|(a, b)| {
        let (a, b) = (a.min(b), a.max(b));
        (format!("{a}-{b}"), (a..=b).collect())
    });
    let step = (low..=high, 1..=9u8).prop_map(move |(from, step)| {
        let days = (from..=high).filter(|n| (n - from) % step == 0).collect();
        (format!("{from}/{step}"), days)
    });
    prop_oneof![every, some, range, step].boxed()
}

/// What days a schedule means, without reading its text.
#[derive(Debug, Clone)]
enum Day {
    OfMonth(Vec<u8>),
    LastOfMonth,
    OfWeek(Vec<u8>),
    NthOfMonth(u8, u8),
    LastOfWeek(u8),
}

fn day() -> BoxedStrategy<(String, String, Day)> {
    let both = |days: String, weekdays: &str, day| (days, weekdays.to_owned(), day);
    prop_oneof![
        list(1, 31).prop_map(move |(text, days)| both(text, "?", Day::OfMonth(days))),
        Just(both("L".into(), "?", Day::LastOfMonth)),
        list(1, 7).prop_map(move |(text, days)| both("?".into(), &text, Day::OfWeek(days))),
        (1..=7u8, 1..=5u8).prop_map(move |(day, nth)| both(
            "?".into(),
            &format!("{day}#{nth}"),
            Day::NthOfMonth(day, nth)
        )),
        (1..=7u8).prop_map(move |day| both("?".into(), &format!("{day}L"), Day::LastOfWeek(day))),
    ]
    .boxed()
}

fn is_open(at: OffsetDateTime, hours: &[u8], months: &[u8], day: &Day) -> bool {
    let weekday = at.weekday().number_days_from_sunday() + 1;
    let tomorrow_is_first = (at + Duration::DAY).day() == 1;
    let in_a_week = at + Duration::WEEK;
    at.minute() == 0
        && hours.contains(&at.hour())
        && months.contains(&u8::from(at.month()))
        && match day {
            Day::OfMonth(days) => days.contains(&at.day()),
            Day::LastOfMonth => tomorrow_is_first,
            Day::OfWeek(days) => days.contains(&weekday),
            Day::NthOfMonth(of, nth) => weekday == *of && at.day().div_ceil(7) == *nth,
            Day::LastOfWeek(of) => weekday == *of && in_a_week.month() != at.month(),
        }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// The windows of a cron expression open where a scan of every minute finds that its fields match.
    #[test]
    fn the_windows_of_cron_are_those_of_a_minute_scan(
        hours in list(0, 23), months in list(1, 12), (days, weekdays, day) in day(), start in 0..20_000i64,
    ) {
        let text = format!("cron(0 {} {days} {} {weekdays} *)", hours.0, months.0);
        let rules = RotationRules { schedule_expression: Some(text), ..RotationRules::default() };
        // Days that no month has are refused.
        let Ok(schedule) = Schedule::of_rules(&rules) else { return Ok(()) };
        let from = datetime!(2024-01-01 0:00 UTC) + Duration::hours(start);
        let until = from + Duration::days(70);
        let mut found = Vec::new();
        let mut at = from;
        while at < until {
            if is_open(at, &hours.1, &months.1, &day) {
                found.push(at);
            }
            at += Duration::MINUTE;
        }
        let windows = schedule.windows(Since::Set(from), from).map(|window| window.opens);
        let windows: Vec<OffsetDateTime> =
            windows.skip_while(|at| *at < from).take_while(|at| *at < until).collect();
        prop_assert_eq!(windows, found);
    }

    #[test]
    fn no_text_makes_the_reader_fall_over(
        text in "(rate|cron|at)?\\(?[-0-9A-Z*?/#, L]{0,30}\\)?", duration in "[0-9h]{0,4}",
    ) {
        if let Ok(schedule) = Schedule::read(None, Some(&text), Some(&duration)) {
            let windows: Vec<Window> = schedule.windows(Since::Set(NOW), NOW).take(5).collect();
            prop_assert!(windows.windows(2).all(|pair| pair[0].opens < pair[1].opens));
        }
    }
}
