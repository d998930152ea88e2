//! Plans that break off: an eventually consistent IAM, lost answers, refusals, killed workers, the pause. Everything is done once, or it is
//! seen that it is not.

use crate::{
    apply::{Applying, CALLS, FUNCTION, OLD, ROLE, says},
    fixture::ada,
};
use claviger_aws::{ConsumerFunction, ConsumerGateway, ConsumerOrder, RoleWrite};
use claviger_domain::{
    clock::Clock,
    remediation::{PlanState, PlanTransition, StepState, view::skipped as skipped_steps},
};
use claviger_policy::consumers::applying_session;
use claviger_services::REMEDIATION_LIMITS;
use claviger_store::StepClaim;
use sqlx::PgPool;
use time::Duration;

/// What an owner changes.
type Change = fn(&mut ConsumerFunction);

#[sqlx::test(migrations = "../../migrations")]
async fn a_role_that_lambda_cannot_assume_yet_is_attached_after_a_while(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    applying.fixture.aws.change_iam(|iam| iam.settles_after = 3);
    let id = applying.approved().await;
    applying.fixture.work().await;
    assert_eq!(applying.shown(&id).await.row.counts.done, 4);
    assert_eq!(applying.fixture.aws.applied().len(), CALLS.len() + 3);
    assert_eq!(applying.done(), CALLS);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_attempts_are_bounded_and_a_retry_attaches(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    applying.fixture.aws.change_iam(|iam| iam.settles_after = 1_000);
    let id = applying.approved().await;
    applying.fixture.work().await;
    let shown = applying.shown(&id).await;
    assert_eq!((shown.row.counts.done, shown.row.counts.failed), (3, 1));
    assert!(
        says(&shown)[0].contains("Possible causes: Lambda cannot assume the role yet"),
        "{:?}",
        says(&shown)
    );
    assert_eq!(applying.fixture.aws.function_role(FUNCTION), OLD, "the function keeps its role");
    applying.fixture.aws.change_iam(|iam| iam.settles_after = 0);
    applying.transition(&id, PlanTransition::Retry).await;
    applying.fixture.work().await;
    assert_eq!(applying.shown(&id).await.row.counts.done, 4);
    assert_eq!(applying.done(), CALLS, "nothing is created twice");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_lost_answer_is_no_second_call(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    applying.fixture.aws.change_iam(|iam| iam.lost = CALLS.into());
    let id = applying.approved().await;
    applying.fixture.work().await;
    assert_eq!(applying.shown(&id).await.row.counts.done, 4);
    assert_eq!(applying.fixture.aws.applied().len(), CALLS.len());
}

/// IAM knows a new role everywhere after a while: until then it denies what names it, and may say that it is there already.
#[sqlx::test(migrations = "../../migrations")]
async fn a_role_that_iam_does_not_show_yet_is_waited_for(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let denied = || vec!["AccessDenied", "AccessDenied"];
    applying.fixture.aws.change_iam(|iam| {
        iam.doubted =
            [("CreateRole", "EntityAlreadyExists"), ("PutRolePolicy", "AccessDenied")].into();
        iam.unread = [("GetRolePolicy", denied()), ("ListAttachedRolePolicies", denied())].into();
    });
    let id = applying.approved().await;
    applying.fixture.work().await;
    let shown = applying.shown(&id).await;
    assert_eq!(shown.row.counts.done, 4, "{:?}", says(&shown));
    assert_eq!(applying.done(), CALLS, "nothing is created twice");
    // A denial that stays is one.
    applying.reset();
    applying
        .fixture
        .aws
        .change_iam(|iam| iam.unread = [("GetRolePolicy", vec!["AccessDenied"; 50])].into());
    let id = applying.approved().await;
    applying.fixture.work().await;
    let shown = applying.shown(&id).await;
    let all = says(&shown).join(" ");
    assert!(all.contains("AWS denied GetRolePolicy"), "{all}");
    assert_eq!(shown.row.counts.done, 1);
}

/// Two roles make the calls of one step: the one that failed is named.
#[sqlx::test(migrations = "../../migrations")]
async fn the_role_that_cannot_be_assumed_is_named(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let id = applying.approved().await;
    applying.fixture.aws.change_iam(|iam| iam.lacks_reader = true);
    applying.fixture.work().await;
    let all = says(&applying.shown(&id).await).join(" ");
    assert!(all.contains("can't assume claviger-consumers in the account"), "{all}");
    assert!(!all.contains("claviger-iam"), "{all}");
    assert_eq!(applying.done(), &CALLS[..3]);
    applying.reset();
    let id = applying.approved().await;
    applying.fixture.aws.change_iam(|iam| iam.is_absent = true);
    applying.fixture.work().await;
    let all = says(&applying.shown(&id).await).join(" ");
    assert!(all.contains("can't assume claviger-iam in the account"), "{all}");
}

/// A function that is being updated when the step begins gets the role with the revision that it has afterwards.
#[sqlx::test(migrations = "../../migrations")]
async fn an_update_under_way_is_waited_for_and_a_failed_one_is_not_done(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let aws = &applying.fixture.aws;
    let id = applying.approved().await;
    aws.change_function(FUNCTION, |function| function.last_update = Some("InProgress".into()));
    applying.fixture.work().await;
    let shown = applying.shown(&id).await;
    let busy = &says(&shown)[0];
    assert!(busy.starts_with("Function orders was being updated all the time."), "{busy}");
    assert!(!busy.contains("Nothing was changed"), "{busy}");
    assert_eq!(applying.done(), &CALLS[..3]);
    aws.change_function(FUNCTION, |function| {
        function.last_update = Some("Failed".into());
        function.update_reason = Some("EniLimitExceeded".into());
    });
    applying.transition(&id, PlanTransition::Retry).await;
    applying.fixture.work().await;
    let shown = applying.shown(&id).await;
    assert_eq!((shown.row.counts.done, shown.row.counts.failed), (3, 1));
    let all = says(&shown).join(" ");
    assert!(all.contains("last update failed (EniLimitExceeded)"), "{all}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn after_a_refusal_nothing_more_is_done_and_a_retry_goes_on(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    for (operation, code, part) in [
        ("CreateRole", "MalformedPolicyDocument", "Since June 2025"),
        ("CreateRole", "LimitExceeded", "AWS refused CreateRole (LimitExceeded)."),
        ("PutRolePolicy", "AccessDenied", "Check the SCPs and the role claviger-iam."),
    ] {
        applying.reset();
        applying.fixture.aws.change_iam(|iam| iam.refused = [(operation, code)].into());
        let id = applying.approved().await;
        applying.fixture.work().await;
        let shown = applying.shown(&id).await;
        let at = CALLS.iter().position(|one| *one == operation).unwrap();
        assert_eq!(applying.done(), &CALLS[..at]);
        let failed: Vec<&String> = shown
            .steps
            .iter()
            .filter(|s| s.state == StepState::Failed)
            .filter_map(|s| s.says.as_ref())
            .collect();
        assert!(failed[0].contains(part), "{failed:?}");
        assert_eq!(failed.len(), CALLS.len() - at, "{failed:?}");
        let skipped = format!("step {} of this plan is not done", at + 1);
        assert!(failed[1..].iter().all(|says| says.contains(&skipped)), "{failed:?}");
        // One failed, and those after it were not made.
        let first = u32::try_from(at).unwrap() + 1;
        assert_eq!(skipped_steps(&shown.steps), (first + 1..=4).collect::<Vec<u32>>());
        assert_eq!(applying.fixture.aws.function_role(FUNCTION), OLD);
        applying.fixture.aws.change_iam(|iam| iam.refused.clear());
        applying.transition(&id, PlanTransition::Retry).await;
        applying.fixture.work().await;
        assert_eq!(applying.shown(&id).await.row.counts.done, 4);
        assert_eq!(applying.done(), CALLS);
    }
}

fn set_key(function: &mut ConsumerFunction) {
    function.kms_key = Some("arn:aws:kms:us-east-1:441205839201:key/1".into());
}

fn join_vpc(function: &mut ConsumerFunction) {
    function.is_in_vpc = true;
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_changed_after_the_approval_is_left_alone(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let id = applying.approved().await;
    let third = OLD.replace("-old", "-third");
    applying.fixture.aws.change_function(FUNCTION, |function| function.role.clone_from(&third));
    applying.fixture.work().await;
    let shown = applying.shown(&id).await;
    assert_eq!((shown.row.counts.done, shown.row.counts.failed), (3, 1));
    assert!(says(&shown)[0].contains("not as the plan found it"), "{:?}", says(&shown));
    assert_eq!(applying.fixture.aws.function_role(FUNCTION), third);

    // What the preview refuses is refused until the last call.
    let changes: [(&str, Change); 2] =
        [("add kms:Decrypt on that key", set_key), ("is in a VPC now", join_vpc)];
    for (part, change) in changes {
        applying.reset();
        let id = applying.approved().await;
        applying.fixture.aws.change_function(FUNCTION, change);
        applying.fixture.work().await;
        let shown = applying.shown(&id).await;
        assert_eq!((shown.row.counts.done, shown.row.counts.failed), (3, 1), "{part}");
        let says = &says(&shown)[0];
        assert!(says.starts_with("Nothing was changed: ") && says.contains(part), "{says}");
        assert_eq!(applying.fixture.aws.function_role(FUNCTION), OLD);
    }

    // Somebody else's role has the name by then: it gets neither a policy nor the function.
    applying.reset();
    let id = applying.approved().await;
    applying.fixture.aws.put_role(ROLE);
    applying.fixture.work().await;
    assert_eq!(applying.done(), [""; 0]);
    let shown = applying.shown(&id).await;
    assert_eq!(shown.row.counts.failed, 4);
    assert!(says(&shown)[0].contains("another role orders-reads"), "{:?}", says(&shown));
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_pause_holds_every_call(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let service = applying.fixture.services.remediation();
    let id = applying.approved().await;
    service.pause_remediation(&ada(), "An incident.").await.unwrap();
    applying.fixture.work().await;
    assert_eq!(applying.done(), [""; 0]);
    service.resume_remediation(&ada()).await.unwrap();
    service.queue_running_plans().await.unwrap();
    applying.fixture.work().await;
    assert_eq!(applying.shown(&id).await.row.state, PlanState::Ended);
    assert_eq!(applying.done(), CALLS);
}

/// A worker takes the call of one step, and is killed before AWS has it, or after.
async fn killed_at(applying: &Applying, position: usize, after: bool) {
    applying.reset();
    let id = applying.approved().await;
    let fixture = &applying.fixture;
    let plan = id.parse().unwrap();
    let account = claviger_testkit::samples::PAYMENTS.parse().unwrap();
    for at in 1..=position {
        let mut work = fixture.store.transactions().begin(fixture.clock.now()).await.unwrap();
        let claim = work.claim_step(plan, &account, REMEDIATION_LIMITS).await.unwrap();
        let StepClaim::Step(step) = claim else { panic!("{claim:?}") };
        work.commit().await.unwrap();
        let call = step.call.of_consumer().unwrap();
        let order = ConsumerOrder {
            account: step.account.clone(),
            region: step.region.clone(),
            session_name: "claviger-killed".into(),
            source_identity: "ada".into(),
            policy: applying_session(call),
        };
        if at < position || after {
            let revision = Some("r-1".to_owned());
            let write = RoleWrite { mark: step.token.to_string(), revision };
            fixture.aws.apply(&order, call, &write).await.unwrap();
        }
        if at < position {
            let mut work = fixture.store.transactions().begin(fixture.clock.now()).await.unwrap();
            let attempt = (step.position, step.attempts);
            work.end_step(plan, attempt, StepState::Done, "Done.").await.unwrap();
            work.commit().await.unwrap();
        }
    }
    // Until the call is taken over, the plan shows that it is running.
    fixture.work().await;
    let shown = applying.shown(&id).await;
    assert_eq!((shown.row.state, shown.row.counts.running), (PlanState::Running, 1), "{position}");
    fixture.clock.advance(Duration::minutes(6));
    fixture.services.remediation().queue_running_plans().await.unwrap();
    fixture.work().await;
    let shown = applying.shown(&id).await;
    assert_eq!(shown.row.counts.done, 4, "killed at {position}, {after}: {:?}", says(&shown));
    assert_eq!(applying.done(), CALLS, "killed at {position}, {after}");
    assert_eq!(fixture.aws.function_role(FUNCTION), ROLE);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_worker_that_is_killed_leaves_nothing_undone_and_nothing_twice(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    for position in 1..=CALLS.len() {
        for after in [false, true] {
            killed_at(&applying, position, after).await;
        }
    }
}

/// A worker that comes back after another has taken its step over writes nothing of it.
#[sqlx::test(migrations = "../../migrations")]
async fn only_the_attempt_that_holds_a_step_ends_it(pool: PgPool) {
    let applying = Applying::new(&pool).await;
    let id = applying.approved().await;
    let fixture = &applying.fixture;
    let plan = id.parse().unwrap();
    let account = claviger_testkit::samples::PAYMENTS.parse().unwrap();
    let mut work = fixture.store.transactions().begin(fixture.clock.now()).await.unwrap();
    let claim = work.claim_step(plan, &account, REMEDIATION_LIMITS).await.unwrap();
    let StepClaim::Step(lost) = claim else { panic!("{claim:?}") };
    work.commit().await.unwrap();
    let end = async |attempts: i32| {
        let mut work = fixture.store.transactions().begin(fixture.clock.now()).await.unwrap();
        let attempt = (lost.position, attempts);
        work.end_step(plan, attempt, StepState::Failed, "Late.").await.unwrap();
        work.commit().await.unwrap();
    };
    fixture.clock.advance(Duration::minutes(6));
    let mut work = fixture.store.transactions().begin(fixture.clock.now()).await.unwrap();
    let claim = work.claim_step(plan, &account, REMEDIATION_LIMITS).await.unwrap();
    let StepClaim::Step(next) = claim else { panic!("{claim:?}") };
    work.commit().await.unwrap();
    assert_eq!((next.position, next.attempts), (lost.position, lost.attempts + 1));
    end(lost.attempts).await;
    assert_eq!(applying.shown(&id).await.row.counts.running, 1, "the later attempt holds it");
    end(next.attempts).await;
    assert_eq!(applying.shown(&id).await.row.counts.failed, 1);
}
