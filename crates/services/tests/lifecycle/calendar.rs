//! The calendar of rotations: who sees what, what stands out, and what a plan says of a blackout.

use crate::{
    fixture::{Fixture, ada, ben, code, person},
    plans::{OWNER, form, of},
};
use claviger_domain::{
    aws_event::RotationStep,
    facts::{Detail, ResourceFacts, RotationRules},
    problem::ProblemCode,
    remediation::RemediationForm,
    rotations::{
        blackout::Blackout,
        calendar::{CalendarView, Collision, Progress},
    },
};
use claviger_services::Services;
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, secret_with};
use sqlx::PgPool;
use time::{Date, Duration};

const US: &str = "us-east-1";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:441205839201:function:rotate";

/// A secret that rotates by this schedule.
fn rotating(account: &str, name: &str, schedule: &str) -> ResourceFacts {
    secret_with(account, US, name, |secret| {
        secret.rotation.enabled = Some(true);
        secret.rotation.lambda_arn = Some(FUNCTION.into());
        secret.rotation.rules = Some(RotationRules {
            schedule_expression: Some(schedule.into()),
            duration: Some("2h".into()),
            ..RotationRules::default()
        });
    })
}

async fn calendar(services: &Services, query: &str) -> CalendarView {
    services.rotations().calendar(&ada(), query).await.unwrap()
}

/// The names of a day.
fn names(view: &CalendarView, date: Date) -> Vec<&str> {
    let day = view.days.iter().find(|day| day.date == date).unwrap();
    day.entries.iter().map(|entry| entry.name.as_str()).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_week_and_a_month_have_the_rotations_that_the_reader_may_see(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    fixture.aws.put(rotating(PAYMENTS, "a", "cron(0 8 * * ? *)"));
    fixture.aws.put(rotating(CHECKOUT, "b", "cron(0 20 * * ? *)"));
    let mut off = rotating(PAYMENTS, "off", "cron(0 8 * * ? *)");
    let Detail::Secret(secret) = &mut off.detail else { panic!("a secret") };
    secret.rotation.enabled = Some(false);
    fixture.aws.put(off);
    fixture.scan().await;
    let today = fixture.now().date();
    let week = calendar(&fixture.services, "").await;
    assert_eq!((week.days.len(), week.secrets, week.has_more), (7, 2, false));
    assert_eq!(names(&week, today), ["a", "b"], "by the time of the window");
    assert!(week.days.iter().all(|day| day.secrets == 2));
    let month = calendar(&fixture.services, "view=month").await;
    assert_eq!(month.days.len(), usize::from(today.month().length(today.year())));
    // Filters.
    let team = week.teams.first().unwrap();
    assert_eq!(calendar(&fixture.services, &format!("team={team}")).await.secrets, 2);
    assert_eq!(calendar(&fixture.services, "team=nobody").await.secrets, 0);
    let one = calendar(&fixture.services, &format!("account={PAYMENTS}")).await;
    assert_eq!(names(&one, today), ["a"]);
    assert_eq!(one.accounts.len(), 2, "the other accounts can still be chosen");
    // Scopes.
    let pat = person("pat", "payments-admins");
    let own = fixture.services.rotations().calendar(&pat, "").await.unwrap();
    assert_eq!(names(&own, today), ["a"]);
    assert_eq!(own.accounts.len(), 1);
    let nobody = person("noa", "nobodies");
    let refused = fixture.services.rotations().calendar(&nobody, "").await.unwrap_err();
    assert_eq!(code(refused), ProblemCode::Forbidden);
    let bad = fixture.services.rotations().calendar(&ada(), "on=tomorrow").await.unwrap_err();
    assert_eq!(code(bad), ProblemCode::InvalidInput);
}

#[sqlx::test(migrations = "../../migrations")]
async fn collisions_and_what_is_late_stand_out(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    fixture.aws.put(rotating(PAYMENTS, "a", "cron(0 8 * * ? *)"));
    fixture.aws.put(rotating(PAYMENTS, "b", "cron(0 9 * * ? *)"));
    let mut late = rotating(PAYMENTS, "late", "cron(0 20 * * ? *)");
    let Detail::Secret(secret) = &mut late.detail else { panic!("a secret") };
    secret.rotation.next_rotation_at = Some(fixture.now() - Duration::days(2));
    fixture.aws.put(late);
    let mut unread = rotating(PAYMENTS, "unread", "on demand");
    unread.name = "unread".into();
    fixture.aws.put(unread);
    fixture.scan().await;
    let view = calendar(&fixture.services, "").await;
    let day = view.days.iter().find(|day| day.date == fixture.now().date()).unwrap();
    assert_eq!(
        day.collisions,
        [Collision::Function { arn: FUNCTION.into(), secrets: 2 }],
        "the windows of a and b overlap"
    );
    let marked: Vec<bool> = day.entries.iter().map(|entry| entry.collides).collect();
    assert_eq!(marked, [true, true, false]);
    let [late] = view.late.as_slice() else { panic!("{:?}", view.late) };
    assert_eq!(late.name, "late");
    assert!(matches!(late.progress, Progress::Overdue { .. }));
    assert_eq!((view.secrets, view.without_schedule), (4, 1), "it is counted, and on no day");
    // A rotation that an event reported as failed.
    let id = sqlx::query_scalar::<_, sqlx::types::Uuid>("select id from resource where name = 'a'")
        .fetch_one(&pool)
        .await
        .unwrap();
    sqlx::query(
        "insert into aws_event (id, account_id, region, kind, named, resource_id, call, at, received_at, rotation, step)
         values ('e1', $1, $2, 'secret', 'a', $3, 'RotationFailed', $4, $4, 'failed', $5)",
    )
    .bind(PAYMENTS)
    .bind(US)
    .bind(id)
    .bind(fixture.now())
    .bind(RotationStep::SetSecret.to_string())
    .execute(&pool)
    .await
    .unwrap();
    let view = calendar(&fixture.services, "").await;
    let failed = view.late.iter().find(|one| one.name == "a").unwrap();
    assert!(matches!(failed.progress, Progress::Failed { .. }));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_blackout_is_marked_and_a_plan_of_a_schedule_in_it_warns(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let facts = rotating(PAYMENTS, "a", "cron(0 8 * * ? *)");
    fixture.aws.put(facts.clone());
    fixture.aws.put(rotating(CHECKOUT, "b", "cron(0 8 * * ? *)"));
    fixture.scan().await;
    let tomorrow = fixture.now().date() + Duration::DAY;
    let json = serde_json::json!({
        "name": "Freeze", "from": tomorrow.to_string(), "to": tomorrow.to_string(), "accounts": [PAYMENTS],
    });
    let freeze: Blackout = serde_json::from_value(json).unwrap();
    let services = fixture.services.clone().with_blackouts(vec![freeze]);
    let view = calendar(&services, &format!("on={tomorrow}")).await;
    let day = view.days.iter().find(|day| day.date == tomorrow).unwrap();
    assert_eq!((day.in_blackout, day.secrets), (1, 2));
    assert_eq!(day.blackouts, ["Freeze"]);

    let target = of(&[&fixture.id(facts.arn.as_str()).await]);
    let schedule = |schedule: &str| RemediationForm {
        schedule: schedule.into(),
        immediately: "no".into(),
        ..form("enable-rotation")
    };
    let draft = async |form: RemediationForm| {
        services.remediation().draft_plan(&ada(), &form.to_url_query(&target)).await.unwrap()
    };
    let shown = draft(schedule("cron(0 10 * * ? *)")).await;
    let warnings = &shown.steps[0].warnings;
    assert!(warnings.iter().any(|text| text.contains("\"Freeze\"")), "{warnings:?}");
    assert_eq!(shown.windows.unwrap().windows.len(), 5);
    // Monthly, it opens after the blackout.
    let day = (tomorrow + Duration::days(7)).day();
    let later = draft(schedule(&format!("cron(0 10 {day} * ? *)"))).await;
    assert!(later.steps[0].warnings.iter().all(|text| !text.contains("Freeze")));
    // What rotates at once warns too, if the blackout is near.
    let now = draft(form("rotate-now")).await;
    assert!(now.steps[0].warnings.iter().any(|text| text.contains("rotates immediately")));
    // An approver reads it.
    let wanted = schedule("cron(0 10 * * ? *)");
    let shown = draft(wanted.clone()).await;
    let service = services.remediation();
    let plan = service.submit_plan(&ada(), &target, &wanted, "So.", &shown.preview).await.unwrap();
    let page = service.plan_page(&ben(), &plan.to_string()).await.unwrap();
    assert_eq!(page.steps[0].warnings, shown.steps[0].warnings);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_schedule_that_aws_would_refuse_is_refused_with_the_field(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let facts = rotating(PAYMENTS, "a", "cron(0 8 * * ? *)");
    fixture.aws.put(facts.clone());
    fixture.scan().await;
    let target = of(&[&fixture.id(facts.arn.as_str()).await]);
    for (schedule, duration, why) in [
        ("rate(3 hours)", "", "schedule: AWS rotates at the soonest every 4 hours"),
        ("cron(0 8 1 * MON *)", "", "schedule: use ? in exactly one"),
        ("cron(0 20 1 * ? *)", "5h", "duration: a window that opens at 20:00 UTC"),
    ] {
        let form = RemediationForm {
            schedule: schedule.into(),
            duration: duration.into(),
            immediately: "no".into(),
            ..form("enable-rotation")
        };
        let query = form.to_url_query(&target);
        let draft = fixture.services.remediation().draft_plan(&ada(), &query).await.unwrap();
        let fault = draft.fault.unwrap_or_default();
        assert!(fault.starts_with(why), "{fault}");
        assert!(draft.steps.is_empty() && draft.windows.is_none());
    }
}
