//! Days, collisions, blackouts.

use super::{
    blackout::Blackout,
    calendar::{
        CalendarDay, CalendarQuery, Collision, MAX_AT_ONCE, Progress, RotatingSecret, Span,
        calendar, late,
    },
};
use crate::{
    facts::{Rotation, RotationRules},
    ids::ResourceId,
};
use time::{Date, Duration, OffsetDateTime, macros::date, macros::datetime};
use uuid::Uuid;

const NOW: OffsetDateTime = datetime!(2026-11-24 12:30 UTC);
/// Monday to Sunday.
const WEEK: (Date, Date) = (date!(2026 - 11 - 23), date!(2026 - 11 - 29));

fn secret(number: u128, expression: &str) -> RotatingSecret {
    RotatingSecret {
        id: ResourceId(Uuid::from_u128(number)),
        name: format!("secret-{number}"),
        account: "441205839201".parse().unwrap(),
        account_name: "Payments".into(),
        region: "us-east-1".parse().unwrap(),
        team: None,
        tags: Some([("tier".to_owned(), number.to_string())].into()),
        rotation: Rotation {
            enabled: Some(true),
            rules: Some(RotationRules {
                schedule_expression: Some(expression.into()),
                ..RotationRules::default()
            }),
            ..Rotation::default()
        },
        is_stuck: false,
        failed_at: None,
    }
}

fn on(days: &[CalendarDay], date: Date) -> &CalendarDay {
    days.iter().find(|day| day.date == date).unwrap()
}

#[test]
fn a_week_begins_on_monday_and_a_month_on_its_first() {
    let query = CalendarQuery::default();
    assert_eq!(query.days(date!(2026 - 11 - 24)), WEEK);
    assert_eq!(query.days(date!(2026 - 11 - 23)), WEEK);
    assert_eq!(query.days(date!(2026 - 11 - 29)), WEEK);
    let month = CalendarQuery { span: Span::Month, on: Some(date!(2024 - 02 - 10)), ..query };
    assert_eq!(month.days(NOW.date()), (date!(2024 - 02 - 01), date!(2024 - 02 - 29)));
    assert_eq!(month.beside(NOW.date(), true).days(NOW.date()).0, date!(2024 - 03 - 01));
    assert_eq!(month.beside(NOW.date(), false).days(NOW.date()).0, date!(2024 - 01 - 01));
}

#[test]
fn the_filter_is_its_address() {
    let url = "view=month&on=2026-11-24&team=payments&account=441205839201";
    let query: CalendarQuery = url.parse().unwrap();
    assert_eq!(query.path(), format!("/rotations?{url}"));
    assert_eq!(CalendarQuery::default().path(), "/rotations");
    let empty: CalendarQuery = "team=&account=".parse().unwrap();
    assert_eq!(empty, CalendarQuery::default());
    for bad in ["view=year", "on=2026-02-30", "on=tomorrow", "on=1999-01-01", "account=12"] {
        assert!(bad.parse::<CalendarQuery>().is_err(), "{bad}");
    }
}

#[test]
fn each_window_is_on_the_day_on_which_it_opens() {
    let mut paused = secret(3, "rate(10 days)");
    paused.rotation.next_rotation_at = Some(datetime!(2026-11-26 23:59:59 UTC));
    let secrets = [secret(1, "cron(0 20 ? * TUE *)"), secret(2, "cron(0 /12 * * ? *)"), paused];
    let days = calendar(&secrets, &[], WEEK, NOW);
    assert_eq!(days.len(), 7);
    let tuesday = on(&days, date!(2026 - 11 - 24));
    assert_eq!(tuesday.secrets, 2);
    // Twice a day is one entry, also where one of its windows has closed.
    let twice = tuesday.entries.iter().find(|one| one.name == "secret-2").unwrap();
    assert_eq!(twice.windows.len(), 2);
    let thursday = on(&days, date!(2026 - 11 - 26));
    let known = thursday.entries.iter().find(|one| one.name == "secret-3").unwrap();
    assert!(!known.is_expected, "AWS has said this date");
    let december = calendar(&secrets, &[], (date!(2026 - 12 - 01), date!(2026 - 12 - 31)), NOW);
    let later = on(&december, date!(2026 - 12 - 06));
    assert_eq!(later.entries.len(), 2);
}

#[test]
fn secrets_of_one_function_collide_where_their_windows_overlap() {
    let with = |number, expression| {
        let mut secret = secret(number, expression);
        secret.rotation.lambda_arn = Some("arn:aws:lambda:us-east-1:1:function:f".into());
        secret.rotation.rules.as_mut().unwrap().duration = Some("2h".into());
        secret
    };
    let tuesday = |secrets: &[RotatingSecret]| {
        let days = calendar(secrets, &[], WEEK, NOW);
        let day = on(&days, date!(2026 - 11 - 24)).clone();
        (day.collisions, day.entries.iter().filter(|one| one.collides).count())
    };
    let apart = [with(1, "cron(0 8 * * ? *)"), with(2, "cron(0 10 * * ? *)")];
    assert_eq!(tuesday(&apart), (Vec::new(), 0));
    let third = with(3, "cron(0 9 * * ? *)");
    let (said, marked) = tuesday(&[apart[0].clone(), third.clone()]);
    assert!(matches!(said.as_slice(), [Collision::Function { secrets: 2, .. }]), "{said:?}");
    assert_eq!(marked, 2);
    let (said, _) = tuesday(&[apart[0].clone(), third, apart[1].clone()]);
    assert!(matches!(said.as_slice(), [Collision::Function { secrets: 3, .. }]), "{said:?}");
    // Its own windows of one day do not collide with each other.
    assert_eq!(tuesday(&[with(4, "cron(0 /6 * * ? *)")]).1, 0);
}

#[test]
fn more_than_the_limit_of_one_account_and_region_in_one_hour_collide() {
    let limit = u128::try_from(MAX_AT_ONCE).unwrap();
    let mut secrets: Vec<RotatingSecret> =
        (1..=limit).map(|number| secret(number, "cron(0 8 * * ? *)")).collect();
    secrets.push(RotatingSecret {
        region: "eu-west-1".parse().unwrap(),
        ..secret(limit + 1, "cron(0 8 * * ? *)")
    });
    let day = |secrets: &[RotatingSecret]| {
        on(&calendar(secrets, &[], WEEK, NOW), date!(2026 - 11 - 24)).clone()
    };
    assert_eq!(day(&secrets).collisions, Vec::new());
    secrets.push(secret(limit + 2, "cron(0 8 * * ? *)"));
    let found = day(&secrets);
    let [Collision::Crowd { secrets, opens, .. }] = found.collisions.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!(usize::try_from(*secrets).unwrap(), MAX_AT_ONCE + 1);
    assert_eq!(*opens, datetime!(2026-11-24 8:00 UTC));
}

#[test]
fn a_window_in_a_blackout_is_marked_where_the_blackout_covers_the_secret() {
    let json =
        r#"{"name": "Freeze", "from": "2026-11-24", "to": "2026-11-25", "tags": {"tier": "1"}}"#;
    let freeze: Blackout = serde_json::from_str(json).unwrap();
    let secrets = [secret(1, "cron(0 8 * * ? *)"), secret(2, "cron(0 8 * * ? *)")];
    let days = calendar(&secrets, &[freeze], WEEK, NOW);
    let tuesday = on(&days, date!(2026 - 11 - 24));
    assert_eq!((tuesday.in_blackout, tuesday.blackouts.len()), (1, 1));
    let marked: Vec<&str> = tuesday
        .entries
        .iter()
        .filter(|one| !one.blackouts.is_empty())
        .map(|one| one.name.as_str())
        .collect();
    assert_eq!(marked, ["secret-1"]);
    assert_eq!(on(&days, date!(2026 - 11 - 26)).in_blackout, 0);
}

#[test]
fn what_is_late_failed_or_stuck_stands_out() {
    let mut overdue = secret(1, "rate(10 days)");
    overdue.rotation.next_rotation_at = Some(NOW - Duration::DAY);
    let mut failed = secret(2, "rate(10 days)");
    failed.failed_at = Some(NOW - Duration::days(3));
    let mut stuck = secret(3, "rate(10 days)");
    stuck.is_stuck = true;
    let good = secret(4, "rate(10 days)");
    let secrets = [good, stuck, overdue, failed];
    let found = late(&secrets, NOW);
    let names: Vec<&str> = found.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["secret-2", "secret-1", "secret-3"]);
    assert_eq!(found[2].progress, Progress::Stuck);
    // A schedule that AWS does not report is on no day.
    let mut none = secret(5, "rate(10 days)");
    none.rotation.rules = None;
    assert!(none.schedule(NOW).is_none());
    assert!(calendar(&[none], &[], WEEK, NOW).iter().all(|day| day.secrets == 0));
}
