//! The timeline of a secret: what scans found, who did it where Claviger knows, fixes and exceptions; and its header.

use super::fixture::*;
use claviger_domain::{
    authz::Caller,
    changes::ChangeKind,
    compliance::Severity,
    exceptions::ExceptionTransition,
    inventory::activity::{ActivityKind, ActivityView, ActivityWhat},
    problem::ProblemCode,
    remediation::{RemediationForm, StepState},
};
use claviger_services::ExceptionSubject;
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, secret, secret_with};
use sqlx::PgPool;
use time::{Duration, macros::datetime};

async fn id_of(fixture: &Fixture, name: &str) -> String {
    let page = fixture.services.inventory().inventory(&ada(), "").await.unwrap();
    page.page.rows.iter().find(|row| row.name == name).unwrap().id.to_string()
}

async fn timeline(fixture: &Fixture, caller: &Caller, id: &str, query: &str) -> ActivityView {
    fixture.services.activity().activity_of(caller, id, query).await.unwrap()
}

fn said(view: &ActivityView) -> Vec<String> {
    let of = |what: &ActivityWhat| match what {
        ActivityWhat::Change { what: ChangeKind::Changed, change } => change.field.clone(),
        ActivityWhat::Change { what, .. } => what.to_string(),
        ActivityWhat::Audit { action, subject, .. } => format!("{action} {subject}"),
        ActivityWhat::Call { operation, state, .. } => format!("{operation} {state}"),
        ActivityWhat::Reported { call, .. } => format!("CloudTrail {call}"),
    };
    view.rows.iter().map(|row| of(&row.what)).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_scans_found_is_in_the_timeline_within_the_scope(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.scan().await;
    fixture.aws.put(secret(PAYMENTS, US, "b"));
    fixture.aws.put(secret(CHECKOUT, US, "c"));
    fixture.scan().await;
    fixture.aws.remove(&secret(PAYMENTS, US, "b").arn);
    fixture.scan().await;
    fixture.clock.advance(Duration::hours(1));
    fixture.aws.put(secret_with(PAYMENTS, US, "b", |facts| {
        facts.rotation.last_rotated_at = Some(datetime!(2026-11-24 11:00 UTC));
    }));
    fixture.scan().await;
    let id = id_of(&fixture, "b").await;
    let all = timeline(&fixture, &ada(), &id, "").await;
    let found = said(&all);
    assert_eq!(found.last().unwrap(), "first-seen");
    assert!(found.contains(&"back".to_owned()) && found.contains(&"gone".to_owned()), "{found:?}");
    let rotation = timeline(&fixture, &ada(), &id, "kind=rotation").await;
    assert!(rotation.rows.iter().all(|row| row.kind() == ActivityKind::Rotation));
    let changes = timeline(&fixture, &ada(), &id, "kind=change").await;
    assert_eq!(changes.rows.len() + rotation.rows.len(), all.rows.len());

    // Page by page the same.
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let services = &fixture.services;
        let page = if after.is_empty() {
            services.activity().newest_activity(&ada(), &id, 1).await.unwrap()
        } else {
            timeline(&fixture, &ada(), &id, &after).await
        };
        seen.extend(said(&page));
        match page.next {
            Some(next) => after = format!("after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, found);

    let engineer = person("eva", "payments-engineers");
    assert_eq!(said(&timeline(&fixture, &engineer, &id, "").await), found);
    let other = id_of(&fixture, "c").await;
    for error in [
        fixture.services.activity().activity_of(&engineer, &other, "").await.map(|_| ()),
        fixture.services.activity().resource_header(&engineer, &other).await.map(|_| ()),
    ] {
        assert_eq!(code(error.unwrap_err()), ProblemCode::NotFound);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_change_names_who_planned_it(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "ledger"));
    fixture.scan().await;
    let id = id_of(&fixture, "ledger").await;
    let header = fixture.services.activity().resource_header(&ada(), &id).await.unwrap();
    assert_eq!(header.findings, Some(vec![(Severity::High, 1)]));
    assert!(header.can_remediate);
    let viewer = person("vera", "viewers");
    let header = fixture.services.activity().resource_header(&viewer, &id).await.unwrap();
    assert!(!header.can_remediate && !header.shown.may_request);

    let form = RemediationForm {
        wish: "set-tags".into(),
        tags: "owner=payments".into(),
        ..RemediationForm::default()
    };
    let plan = fixture.approved(form).await;
    fixture.work().await;
    fixture.clock.advance(Duration::hours(1));
    fixture.scan().await;
    let shown = timeline(&fixture, &ada(), &id, "").await;
    let of_field = |field: &str| {
        shown.rows.iter().find(
            |row| matches!(&row.what, ActivityWhat::Change { change, .. } if change.field == field),
        )
    };
    let change = of_field("Tags.owner").expect("the scan found the tag");
    assert_eq!((change.who.as_deref(), change.by.as_deref()), (Some("ada"), Some(plan.as_str())));
    let call = shown.rows.iter().find(|row| row.kind() == ActivityKind::Remediation).unwrap();
    assert!(matches!(&call.what, ActivityWhat::Call { state: StepState::Done, .. }), "{call:?}");
    assert_eq!(
        said(&timeline(&fixture, &ada(), &id, "kind=remediation").await),
        ["TagResource done"]
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn its_exceptions_are_in_the_timeline(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "ledger"));
    fixture.scan().await;
    let id = id_of(&fixture, "ledger").await;
    let about = ExceptionSubject { policy: "owner".into(), target: format!("resource:{id}") };
    let until = claviger_domain::clock::Clock::now(&*fixture.clock) + Duration::days(20);
    let exceptions = fixture.services.exceptions();
    let asked = exceptions
        .request_exception(&ada(), &about, "It is being moved.", &until.date().to_string())
        .await
        .unwrap();
    let sol = person("sol", "admins");
    exceptions
        .transition_exception(&sol, &asked.to_string(), ExceptionTransition::Approve, "So.")
        .await
        .unwrap();
    fixture.work().await;
    let shown = timeline(&fixture, &ada(), &id, "kind=exception").await;
    assert_eq!(
        said(&shown),
        [format!("approve-waiver {asked}"), format!("request-waiver {asked}")]
    );
    assert_eq!(shown.rows[0].who.as_deref(), Some("sol"));
    let header = fixture.services.activity().resource_header(&ada(), &id).await.unwrap();
    assert_eq!(header.findings, Some(Vec::new()), "what is excepted does not count");
    let evaluation = fixture.services.compliance().resource_evaluation(&ada(), &id).await.unwrap();
    assert!(evaluation.checks[0].exception.is_some());
}
