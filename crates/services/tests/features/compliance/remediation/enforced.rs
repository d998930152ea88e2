//! Policies that plan their fixes themselves.

use super::tags;
use crate::compliance::fixture::{Fixture, ada, ben, unowned};
use claviger_domain::{
    remediation::{PlanState, PlanTransition, RemediationForm},
    scan::RegionScanFault,
    waits::Waits,
};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS};
use sqlx::PgPool;
use time::Duration;

const ENFORCED: &str = "id: owner\ntitle: The owner\nseverity: high\nmode: enforce\nrule: {owner: {}}\nfix: {do: {set-tags: {tags: {owner: nobody}}}, approval: APPROVAL}";

#[sqlx::test(migrations = "../../migrations")]
async fn an_enforced_policy_plans_by_itself_and_waits_where_it_says_so(pool: PgPool) {
    let follows = "Notify owner team and channel. A fix is planned and needs approval: Set the tags owner=nobody.";
    let fixture = Fixture::new(pool, &ENFORCED.replace("APPROVAL", "required")).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    assert_eq!(
        fixture.services.policies().policy_page(&ada(), "owner").await.unwrap().follows,
        follows
    );
    fixture.scan().await;
    fixture.scan().await;
    let plans = fixture.services.remediation().plans(&ada()).await.unwrap().rows;
    assert_eq!(plans.len(), 1, "planned once");
    assert_eq!((plans[0].state, plans[0].author.is_none()), (PlanState::Waiting, true));
    let page =
        fixture.services.remediation().plan_page(&ada(), &plans[0].id.to_string()).await.unwrap();
    assert!(!page.approvers.is_empty());
    assert_eq!(plans[0].waits, Some(Waits::Approval(page.approvers)), "as its own page says");
    assert_eq!(fixture.aws.orders(), []);
    let plan = plans[0].id.to_string();
    fixture.transition_as(&ben(), &plan, PlanTransition::Deny).await.unwrap();
    fixture.scan().await;
    assert_eq!(
        fixture.services.remediation().plans(&ada()).await.unwrap().rows.len(),
        1,
        "a no is a no for a day"
    );
    fixture.clock.advance(Duration::hours(25));
    fixture.scan().await;
    assert_eq!(fixture.services.remediation().plans(&ada()).await.unwrap().rows.len(), 2);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_enforced_policy_that_needs_nobody_fixes_by_itself(pool: PgPool) {
    let fixture = Fixture::new(pool, &ENFORCED.replace("APPROVAL", "none")).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.aws.put(unowned(CHECKOUT, "b"));
    fixture.scan().await;
    assert_eq!(fixture.aws.orders().len(), 2);
    assert_eq!(fixture.fails().await, Vec::<String>::new());
    // Another action than the policy's own needs somebody, whatever the policy says of its own.
    fixture.aws.put(unowned(PAYMENTS, "c"));
    fixture.aws.refuse_calls(Some(RegionScanFault::Denied));
    fixture.scan().await;
    let draft = fixture.draft(tags()).await;
    assert_eq!((draft.steps.len(), draft.needs_approval), (1, true));
    let own = RemediationForm { tags: "owner=nobody".into(), ..tags() };
    assert!(!fixture.draft(own).await.needs_approval);
}
