//! A plan: approved, carried out, held back, stopped, tried again.

use super::{says, tags};
use crate::compliance::fixture::{Fixture, OWNER, US, ada, ben, code, person, unowned};
use claviger_domain::{
    facts::Detail,
    problem::ProblemCode,
    remediation::{PlanState, PlanTransition, RemediationForm, StepState},
    scan::RegionScanFault,
};
use claviger_store::RemediationLimits;
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, SANDBOX, secret};
use sqlx::PgPool;
use time::Duration;

#[sqlx::test(migrations = "../../migrations")]
async fn from_a_finding_to_a_plan_to_approval_to_a_closed_finding(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.aws.put(unowned(CHECKOUT, "b"));
    fixture.scan().await;
    let draft = fixture.draft(RemediationForm::default()).await;
    // The rule suggests the tag, but no value is known: none is offered, and it is said what is missing.
    assert_eq!((draft.form.tags.as_str(), draft.steps.len()), ("", 0));
    assert!(draft.fault.unwrap().contains("the tag owner"));
    let draft = fixture.draft(tags()).await;
    assert_eq!((draft.steps.len(), draft.needs_approval), (2, true));
    assert_eq!(draft.steps[0].changes[0].before, None);
    let plan = fixture.plan(tags()).await;
    fixture.work().await;
    assert_eq!(fixture.aws.orders(), [], "nothing is done before the approval");
    assert_eq!(fixture.services.inbox().inbox(&ben(), "").await.unwrap().unread, 1);
    assert_eq!(fixture.services.inbox().inbox(&ada(), "").await.unwrap().unread, 0);
    fixture.transition_as(&ben(), &plan, PlanTransition::Approve).await.unwrap();
    fixture.work().await;
    let page = fixture.page(&plan).await;
    assert_eq!(page.row.state, PlanState::Ended);
    assert!(says(&page).iter().all(|(_, says)| says == "Done. The check passes."), "{page:?}");
    assert_eq!(fixture.fails().await, Vec::<String>::new());
    // Each call had a session of its own, for its own secret.
    let orders = fixture.aws.orders();
    assert_eq!(orders.len(), 2);
    for order in &orders {
        assert!(order.policy.contains(order.arn.as_str()), "{}", order.policy);
        assert!(order.policy.contains("secretsmanager:TagResource"), "{}", order.policy);
        assert_eq!(order.source_identity, "ada");
    }
    assert!(fixture.services.audit().verify_audit(&person("x", "admins")).await.is_ok());
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_approves_what_they_planned_or_may_not_change(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.aws.put(unowned(CHECKOUT, "b"));
    fixture.scan().await;
    let plan = fixture.plan(tags()).await;
    let refused = fixture.transition_as(&ada(), &plan, PlanTransition::Approve).await.unwrap_err();
    assert_eq!(code(refused), ProblemCode::Conflict);
    let viewer = person("vi", "viewers");
    let refused = fixture.transition_as(&viewer, &plan, PlanTransition::Approve).await.unwrap_err();
    assert_eq!(code(refused), ProblemCode::Forbidden);
    // An author withdraws, and others deny: also a person who may change these accounts.
    let refused = fixture.transition_as(&ada(), &plan, PlanTransition::Deny).await.unwrap_err();
    assert!(refused.to_string().contains("can't deny your own plan"), "{refused}");
    let sol = person("sol", "admins");
    for other in [&sol, &ben()] {
        let refused = fixture.transition_as(other, &plan, PlanTransition::Withdraw).await;
        assert_eq!(code(refused.unwrap_err()), ProblemCode::Forbidden);
    }
    for (caller, own) in [(&ada(), true), (&sol, false)] {
        let page = fixture.services.remediation().plan_page(caller, &plan).await.unwrap();
        let offered = |step| page.transitions.contains(&step);
        assert_eq!(offered(PlanTransition::Withdraw), own, "{:?}", page.transitions);
        assert_eq!(offered(PlanTransition::Deny), !own, "{:?}", page.transitions);
    }
    // It touches an account that Pat does not see: to Pat it is not there.
    let pat = person("pat", "payments");
    let refused = fixture.transition_as(&pat, &plan, PlanTransition::Approve).await.unwrap_err();
    assert_eq!(code(refused), ProblemCode::NotFound);
    let other = fixture
        .services
        .remediation()
        .transition_plan(&ben(), &plan, PlanTransition::Approve, "0000", "")
        .await;
    assert_eq!(code(other.unwrap_err()), ProblemCode::Conflict, "another hash, another plan");
    // Ada lost her role meanwhile.
    fixture.services.people().upsert_person(&ada().person, &["viewers".to_owned()]).await.unwrap();
    let refused = fixture.transition_as(&ben(), &plan, PlanTransition::Approve).await.unwrap_err();
    assert!(refused.to_string().contains("author no longer has permission"), "{refused}");
    fixture.work().await;
    assert_eq!(fixture.aws.orders(), []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_one_may_not_change_is_not_planned(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.aws.put(unowned(CHECKOUT, "b"));
    fixture.scan().await;
    let pat = person("pat", "payments");
    let draft =
        fixture.services.remediation().draft_plan(&pat, &tags().to_url_query("")).await.unwrap();
    assert_eq!(draft.steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>(), ["a"]);
    for nobody in [ben(), person("vi", "viewers"), person("no", "nothing")] {
        let refused = fixture
            .services
            .remediation()
            .draft_plan(&nobody, &tags().to_url_query(""))
            .await
            .unwrap_err();
        assert_eq!(code(refused), ProblemCode::Forbidden);
        let refused = fixture
            .services
            .remediation()
            .submit_plan(&nobody, "", &tags(), "So.", "")
            .await
            .unwrap_err();
        assert_eq!(code(refused), ProblemCode::Forbidden);
        let refused =
            fixture.services.remediation().pause_remediation(&nobody, "So.").await.unwrap_err();
        assert_eq!(code(refused), ProblemCode::Forbidden);
    }
    // The pause stops everybody; letting go needs the whole Organization.
    fixture.services.remediation().pause_remediation(&pat, "Wait.").await.unwrap();
    assert_eq!(
        code(fixture.services.remediation().resume_remediation(&pat).await.unwrap_err()),
        ProblemCode::Forbidden
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_changed_meanwhile_is_left_alone(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.aws.put(unowned(PAYMENTS, "b"));
    fixture.aws.put(unowned(PAYMENTS, "c"));
    fixture.scan().await;
    let plan = fixture.plan(tags()).await;
    let mut a = unowned(PAYMENTS, "a");
    a.tags = Some([("owner".to_owned(), "sre".to_owned())].into());
    fixture.aws.put(a);
    let mut b = unowned(PAYMENTS, "b");
    b.tags = Some([("owner".to_owned(), "payments".to_owned())].into());
    fixture.aws.put(b);
    fixture.aws.remove(&unowned(PAYMENTS, "c").arn);
    fixture.transition_as(&ben(), &plan, PlanTransition::Approve).await.unwrap();
    fixture.work().await;
    let page = fixture.page(&plan).await;
    let of = |name: &str| {
        let step = page.steps.iter().find(|step| step.name == name).unwrap();
        (step.state, step.says.clone().unwrap())
    };
    assert_eq!(of("a").0, StepState::Failed);
    assert!(of("a").1.contains("resource changed since"), "{:?}", of("a"));
    assert_eq!(
        of("b"),
        (StepState::Done, "No change needed: AWS already has these values.".into())
    );
    assert!(of("c").1.contains("Deleted from AWS"), "{:?}", of("c"));
    assert_eq!(fixture.aws.orders(), [], "no call was made");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_failure_is_shown_and_tried_again(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.scan().await;
    fixture.aws.refuse_calls(Some(RegionScanFault::Denied));
    let plan = fixture.approved(tags()).await;
    fixture.work().await;
    let page = fixture.page(&plan).await;
    assert_eq!((page.row.state, page.row.counts.failed), (PlanState::Ended, 1));
    assert!(says(&page)[0].1.contains("AWS denied TagResource"), "{:?}", says(&page));
    assert_eq!(page.transitions, [PlanTransition::Retry]);
    fixture.aws.refuse_calls(None);
    fixture.transition_as(&ada(), &plan, PlanTransition::Retry).await.unwrap();
    fixture.work().await;
    assert_eq!(fixture.page(&plan).await.row.counts.done, 1);
    assert_eq!(fixture.fails().await, Vec::<String>::new());
    let again = fixture.transition_as(&ada(), &plan, PlanTransition::Retry).await.unwrap_err();
    assert_eq!(code(again), ProblemCode::Conflict);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_call_whose_change_does_not_show_has_failed(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.scan().await;
    fixture.aws.lose_calls();
    let plan = fixture.approved(tags()).await;
    fixture.work().await;
    let page = fixture.page(&plan).await;
    assert_eq!(page.steps[0].state, StepState::Failed);
    assert!(says(&page)[0].1.contains("does not show the change"), "{:?}", says(&page));
    assert_eq!(fixture.fails().await, ["a"]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn limits_and_the_pause_hold_calls_back_and_the_rest_follows(pool: PgPool) {
    let mut fixture = Fixture::new(pool, OWNER).await;
    let limits = RemediationLimits { an_hour: 3, an_account: 2 };
    fixture.services = fixture.services.clone().with_limits(limits);
    for name in ["a", "b", "c", "d"] {
        fixture.aws.put(unowned(PAYMENTS, name));
    }
    fixture.aws.put(unowned(CHECKOUT, "e"));
    fixture.aws.put(unowned(SANDBOX, "f"));
    fixture.scan().await;
    let plan = fixture.approved(tags()).await;
    fixture.work().await;
    // Two in Payments, which is its limit; one elsewhere, and then the hour's is reached.
    assert_eq!(fixture.aws.orders().len(), 3);
    let page = fixture.page(&plan).await;
    assert!(page.waits.is_some_and(|waits| waits.contains("limit")));
    fixture.clock.advance(Duration::minutes(61));
    fixture.services.remediation().pause_remediation(&ada(), "An incident.").await.unwrap();
    fixture.services.remediation().queue_running_plans().await.unwrap();
    fixture.work().await;
    assert_eq!(fixture.aws.orders().len(), 3, "the pause holds");
    assert!(fixture.page(&plan).await.waits.is_some_and(|waits| waits.contains("An incident.")));
    fixture.services.remediation().resume_remediation(&ada()).await.unwrap();
    fixture.work().await;
    assert_eq!(fixture.aws.orders().len(), 6);
    assert_eq!(fixture.page(&plan).await.row.state, PlanState::Ended);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_stopped_plan_makes_no_call_until_it_is_resumed(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.scan().await;
    let plan = fixture.approved(tags()).await;
    fixture.transition_as(&ben(), &plan, PlanTransition::Stop).await.unwrap();
    fixture.work().await;
    assert_eq!(
        (fixture.aws.orders().len(), fixture.page(&plan).await.row.state),
        (0, PlanState::Stopped)
    );
    fixture.transition_as(&ada(), &plan, PlanTransition::Resume).await.unwrap();
    fixture.work().await;
    assert_eq!(fixture.page(&plan).await.row.state, PlanState::Ended);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_call_whose_worker_died_is_made_once(pool: PgPool) {
    let fixture =
        Fixture::new(pool, "id: f\ntitle: F\nseverity: high\nrule: {rotation-failing: {}}").await;
    let mut facts = secret(PAYMENTS, US, "a");
    let Detail::Secret(detail) = &mut facts.detail else { unreachable!() };
    detail.rotation.enabled = Some(true);
    detail.rotation.next_rotation_at = Some(time::macros::datetime!(2020-01-01 0:00 UTC));
    fixture.aws.put(facts);
    fixture.scan().await;
    let form = RemediationForm { wish: "rotate-now".into(), ..RemediationForm::default() };
    let plan = fixture.approved(form).await;
    // The call went out, and its worker was killed before it could say so.
    sqlx::query("update plan_step set state = 'running', attempts = 1, began_at = $1")
        .bind(claviger_domain::clock::Clock::now(fixture.clock.as_ref()))
        .execute(&fixture.pool)
        .await
        .unwrap();
    fixture.work().await;
    assert_eq!(fixture.aws.orders().len(), 0, "it may still be out");
    fixture.clock.advance(Duration::minutes(6));
    fixture.services.remediation().queue_running_plans().await.unwrap();
    fixture.work().await;
    let page = fixture.page(&plan).await;
    assert_eq!((page.steps[0].state, page.steps[0].attempts), (StepState::Done, 2));
    let (token,): (sqlx::types::Uuid,) =
        sqlx::query_as("select token from plan_step").fetch_one(&fixture.pool).await.unwrap();
    assert_eq!(fixture.aws.orders()[0].token, token.to_string(), "AWS takes both for one call");
}
