//! A secret that leaked: access ends at once, its rotation waits for an approval, and what is known of its readers is kept.

use crate::{
    fixture::{Fixture, ada, ben, code, eve, person},
    plans::OWNER,
};
use claviger_domain::{
    authz::Caller,
    grants::{Decision, GrantStateName, Vote},
    ids::ResourceId,
    inventory::activity::ActivityWhat,
    leaks::{LeakId, LeakView, NoPlan, UseKind},
    problem::ProblemCode,
    remediation::{PlanState, PlanTransition, StepState},
};
use claviger_services::{ServiceError, grants::RequestInput};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, parameter, secret, secret_with};
use sqlx::PgPool;
use time::{Duration, macros::date};

const US: &str = "us-east-1";
const FUNCTION: &str = "arn:aws:lambda:us-east-1:441205839201:function:rotate";
pub const CEDAR: &str = r#"
    permit(principal, action in [Claviger::Action::"read", Claviger::Action::"write"], resource);
"#;
/// An approval by an approver of the Organization.
pub const RULES: &str = r#"
    owner_team = "{owner}-engineers"

    [[rule]]
    name = "All"
    scope = "organization"
    actions = ["read", "write"]
    longest_minutes = 120
    claim_minutes = 60
    decide_minutes = 240
    steps = [{ name = "One", quorum = 1, approvers = [{ role = "approver" }] }]
"#;

async fn fixture(pool: &PgPool) -> Fixture {
    Fixture::with_rules(pool, OWNER, CEDAR, RULES).await
}

/// A secret that rotates, and its id.
async fn rotating(fixture: &Fixture, name: &str) -> ResourceId {
    let facts = secret_with(PAYMENTS, US, name, |secret| {
        secret.rotation.enabled = Some(true);
        secret.rotation.lambda_arn = Some(FUNCTION.into());
        secret.accessed_on = Some(date!(2026 - 11 - 20));
    });
    fixture.aws.put(facts.clone());
    fixture.scan().await;
    fixture.id(facts.arn.as_str()).await.parse().unwrap()
}

/// Eve's request, as it waits.
async fn asked(fixture: &Fixture, resources: &[ResourceId]) -> String {
    asked_by(fixture, &eve(), resources).await
}

async fn asked_by(fixture: &Fixture, caller: &Caller, resources: &[ResourceId]) -> String {
    let request = RequestInput {
        action: "read".into(),
        resources: resources.iter().map(ToString::to_string).collect(),
        minutes: 60,
        purpose: "A look.".into(),
        ..RequestInput::default()
    };
    let requested = fixture.services.requests().request_access(caller, request).await.unwrap();
    requested.grants[0].to_string()
}

/// Eve's, approved by Ben and started.
async fn active(fixture: &Fixture, resources: &[ResourceId]) -> String {
    active_of(fixture, &eve(), resources).await
}

/// Approved by Ben and started.
pub async fn active_of(fixture: &Fixture, caller: &Caller, resources: &[ResourceId]) -> String {
    let grant = asked_by(fixture, caller, resources).await;
    let shown = fixture.services.grants().grant_detail(&ben(), &grant).await.unwrap();
    let decision =
        Decision { verdict: Vote::Approve, reason: None, minutes: None, hash: shown.hash };
    fixture.services.grant_lifecycle().decide(&ben(), &grant, decision).await.unwrap();
    fixture.services.grant_lifecycle().claim(caller, &grant).await.unwrap();
    grant
}

async fn state(fixture: &Fixture, grant: &str) -> GrantStateName {
    fixture.services.grants().grant_detail(&ada(), grant).await.unwrap().row.state.word()
}

async fn report(
    fixture: &Fixture,
    caller: &Caller,
    id: ResourceId,
) -> Result<LeakView, ServiceError> {
    let service = fixture.services.leaks();
    let leak = service.report(caller, &id.to_string(), "Seen in a public log.").await?;
    service.leak(caller, &leak.to_string()).await
}

#[sqlx::test(migrations = "../../migrations")]
async fn all_access_ends_at_once_and_its_sessions_are_denied(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let id = rotating(&fixture, "payments/db").await;
    let held = active(&fixture, &[id]).await;
    let sessions = fixture.services.grant_sessions();
    sessions.reveal(&eve(), &held, &id.to_string()).await.unwrap();
    let waiting = asked(&fixture, &[id]).await;

    let draft = fixture.services.leaks().draft(&ada(), &id.to_string()).await.unwrap();
    let listed: Vec<String> = draft.grants.iter().map(|one| one.grant.to_string()).collect();
    assert_eq!(listed, [held.clone(), waiting.clone()]);
    assert!(draft.plan.is_ok() && draft.approvers == ["ben"], "{draft:?}");
    assert_eq!(state(&fixture, &held).await, GrantStateName::Active, "a draft changes nothing");

    let shown = report(&fixture, &ada(), id).await.unwrap();
    for grant in [&held, &waiting] {
        assert_eq!(state(&fixture, grant).await, GrantStateName::Revoked);
    }
    let ended = &shown.report.ended;
    assert_eq!(ended.iter().filter(|one| one.ends_sessions).count(), 1);
    assert_eq!(shown.sessions_left, [ended[0].grant], "AWS was not asked yet");
    fixture.work().await;
    let again = fixture.services.leaks().leak(&ada(), &shown.report.id.to_string()).await.unwrap();
    assert!(again.sessions_left.is_empty(), "AWS denies the session");
    let refused = sessions.reveal(&eve(), &held, &id.to_string()).await.unwrap_err();
    assert_eq!(code(refused), ProblemCode::Conflict);
    assert!(fixture.services.audit().verify_audit(&ada()).await.is_ok());
}

#[sqlx::test(migrations = "../../migrations")]
async fn its_rotation_is_a_plan_that_another_person_approves(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let id = rotating(&fixture, "payments/db").await;
    let shown = report(&fixture, &ada(), id).await.unwrap();
    let plan = shown.report.plan.clone().unwrap().to_string();
    let page = fixture.services.remediation().plan_page(&ben(), &plan).await.unwrap();
    assert_eq!(page.row.state, PlanState::Waiting);
    assert_eq!(page.row.title, "Rotate now: payments/db (leaked)");
    fixture.work().await;
    assert_eq!(fixture.aws.orders(), [], "nothing rotates before the approval");
    let service = fixture.services.remediation();
    let approve = PlanTransition::Approve;
    let own = service.transition_plan(&ada(), &plan, approve, &page.hash, "").await;
    assert_eq!(code(own.unwrap_err()), ProblemCode::Conflict);
    service.transition_plan(&ben(), &plan, approve, &page.hash, "").await.unwrap();
    fixture.work().await;
    let page = service.plan_page(&ben(), &plan).await.unwrap();
    assert_eq!(page.steps[0].state, StepState::Done, "{page:?}");
    // Its approvers were told that it is urgent.
    let told: Vec<(String, String)> = sqlx::query_as(
        "select kind, title from notice where recipient = 'ben' and kind = 'plan-waits'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1, "Urgent: payments/db has leaked, approve its rotation");
}

#[sqlx::test(migrations = "../../migrations")]
async fn without_a_rotation_the_report_asks_for_a_new_value(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let (plain, text) = (secret(PAYMENTS, US, "plain"), parameter(PAYMENTS, US, "/plain"));
    fixture.aws.put(plain.clone());
    fixture.aws.put(text.clone());
    fixture.scan().await;
    for (facts, why) in [(plain, "its rotation is off"), (text, "Parameter Store has no rotation")]
    {
        let id = fixture.id(facts.arn.as_str()).await.parse().unwrap();
        let shown = report(&fixture, &ada(), id).await.unwrap();
        assert_eq!(shown.report.plan, Err(NoPlan::NoRotation { reason: why.into() }));
        assert!(shown.can_request);
    }
    let told: Vec<String> =
        sqlx::query_scalar("select title from notice where recipient = 'ben' order by id")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(told, ["Leaked: plain", "Leaked: /plain"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_who_may_end_all_access_reports_a_leak(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let id = rotating(&fixture, "payments/db").await;
    for caller in [eve(), person("vi", "viewers"), person("olga", "auditors")] {
        let refused = report(&fixture, &caller, id).await.unwrap_err();
        assert_eq!(code(refused), ProblemCode::Forbidden, "{}", caller.person.name);
    }
    let other = secret(CHECKOUT, US, "other");
    fixture.aws.put(other.clone());
    fixture.scan().await;
    let other: ResourceId = fixture.id(other.arn.as_str()).await.parse().unwrap();
    let pat = person("pat", "payments-admins");
    assert_eq!(code(report(&fixture, &pat, other).await.unwrap_err()), ProblemCode::NotFound);
    // An approver ends access, and does not change the secret.
    let held = active(&fixture, &[id]).await;
    let shown = report(&fixture, &ben(), id).await.unwrap();
    assert_eq!(shown.report.plan, Err(NoPlan::NotAllowed));
    assert_eq!(state(&fixture, &held).await, GrantStateName::Revoked);
    // The report is read by who may see access there.
    let leak = shown.report.id.to_string();
    let service = fixture.services.leaks();
    assert!(service.leak(&person("olga", "auditors"), &leak).await.is_ok());
    let blind = service.leak(&person("vi", "viewers"), &leak).await.unwrap_err();
    assert_eq!(code(blind), ProblemCode::Forbidden);
    let mark = async |caller: Caller| {
        let shown = fixture.services.inventory().resource(&caller, &id.to_string()).await.unwrap();
        service.mark(&caller, &shown).await.unwrap()
    };
    assert_eq!(mark(ada()).await.open, Some(shown.report.id));
    assert!(mark(ada()).await.can_report);
    let viewer = mark(person("vi", "viewers")).await;
    assert!(viewer.open.is_none() && !viewer.can_report);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_report_has_who_is_known_to_have_read_it_and_says_what_is_not_known(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let id = rotating(&fixture, "payments/db").await;
    let other = rotating(&fixture, "payments/other").await;
    let grant = active(&fixture, &[id, other]).await;
    let sessions = fixture.services.grant_sessions();
    sessions.reveal(&eve(), &grant, &id.to_string()).await.unwrap();
    fixture.clock.advance(Duration::minutes(1));
    sessions.reveal(&eve(), &grant, &other.to_string()).await.unwrap();
    let shown = report(&fixture, &ada(), id).await.unwrap();
    let reads = &shown.report.reads;
    let revealed: Vec<_> = reads.uses.iter().filter(|one| one.kind == UseKind::Reveal).collect();
    assert_eq!(revealed.len(), 1, "the other secret's reveal is not one of this: {reads:?}");
    assert_eq!(revealed[0].who.as_deref(), Some("eve"));
    assert_eq!(reads.last_accessed, Some(date!(2026 - 11 - 20)));
    assert_eq!(reads.unexplained(), Some(date!(2026 - 11 - 20)), "it was not by Eve's reveal");
    assert_eq!(reads.not_traced.len(), 1, "CloudTrail was not read yet");
    assert_eq!(shown.report.ended[0].others, 1, "the grant had another secret");
    // Nothing that is stored has the value.
    let stored: String =
        sqlx::query_scalar("select leak::text from leak").fetch_one(&pool).await.unwrap();
    assert!(!stored.contains("hunter") && !stored.contains("password"), "{stored}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_report_is_made_once_until_the_value_changes(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let facts = secret(PAYMENTS, US, "plain");
    fixture.aws.put(facts.clone());
    fixture.scan().await;
    let id: ResourceId = fixture.id(facts.arn.as_str()).await.parse().unwrap();
    // Two at the same moment: one of them is made.
    let (caller, other) = (ada(), ben());
    let both = tokio::join!(report(&fixture, &caller, id), report(&fixture, &other, id));
    let made: Vec<LeakId> =
        [both.0, both.1].into_iter().flatten().map(|shown| shown.report.id).collect();
    assert_eq!(made.len(), 1);
    let again = report(&fixture, &ada(), id).await.unwrap_err();
    assert_eq!(code(again), ProblemCode::Conflict);
    // With access since, there is something to end.
    let held = active(&fixture, &[id]).await;
    report(&fixture, &ada(), id).await.unwrap();
    assert_eq!(state(&fixture, &held).await, GrantStateName::Revoked);
    let reasonless = fixture.services.leaks().report(&ada(), &id.to_string(), " ").await;
    assert_eq!(code(reasonless.unwrap_err()), ProblemCode::InvalidInput);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_replica_has_the_same_value_and_its_grants_end_too(pool: PgPool) {
    let regions = [US, "eu-west-1"];
    let fixture = Fixture::over(&pool, OWNER, (CEDAR, RULES), &regions).await;
    let primary = secret_with(PAYMENTS, US, "replicated", |secret| {
        secret.primary_region = Some(US.parse().unwrap());
        secret.rotation.enabled = Some(true);
        secret.rotation.lambda_arn = Some(FUNCTION.into());
    });
    let mut replica = primary.clone();
    replica.arn = primary.arn.in_region(&"eu-west-1".parse().unwrap());
    fixture.aws.put(primary.clone());
    fixture.aws.put(replica.clone());
    fixture.scan().await;
    let here: ResourceId = fixture.id(primary.arn.as_str()).await.parse().unwrap();
    let there: ResourceId = fixture.id(replica.arn.as_str()).await.parse().unwrap();
    let held = active(&fixture, &[here]).await;
    let shown = report(&fixture, &ada(), there).await.unwrap();
    assert_eq!(state(&fixture, &held).await, GrantStateName::Revoked);
    let plan = shown.report.plan.unwrap().to_string();
    let page = fixture.services.remediation().plan_page(&ada(), &plan).await.unwrap();
    assert_eq!(page.steps[0].resource, here, "AWS rotates the primary");
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_report_is_in_the_audit_log_and_in_the_activity_of_the_secret(pool: PgPool) {
    let fixture = fixture(&pool).await;
    let id = rotating(&fixture, "payments/db").await;
    let shown = report(&fixture, &ada(), id).await.unwrap();
    let activity = fixture.services.activity();
    let events = activity.activity_of(&ada(), &id.to_string(), "kind=access").await.unwrap();
    let subjects: Vec<String> = events
        .rows
        .into_iter()
        .filter_map(|row| match row.what {
            ActivityWhat::Audit { subject, .. } => Some(subject),
            _ => None,
        })
        .collect();
    assert_eq!(subjects, [shown.report.id.to_string()]);
    let viewer = person("vi", "viewers");
    let events = activity.activity_of(&viewer, &id.to_string(), "kind=access").await.unwrap();
    assert!(events.rows.is_empty(), "a viewer does not see access");
    let details: String = sqlx::query_scalar(
        "select body::jsonb #>> '{detail,resource}' from audit_entry where deed = 'report-leak'",
    )
    .fetch_one(&pool)
    .await
    .unwrap();
    assert!(details.ends_with("payments/db") || details.contains("payments/db-"), "{details}");
}
