//! From a finding to a plan, its approval, the calls and the closed finding; over an AWS in memory and a real PostgreSQL.

use crate::fixture::{Fixture, OWNER, US, ada, ben, code, person, unowned};
use claviger_domain::{
    authz::Caller,
    facts::Detail,
    key::{KeyManager, KmsKey},
    problem::ProblemCode,
    remediation::{
        PlanId, PlanState, PlanTransition, RemediationForm, StepState,
        view::{PlanDraft, PlanView},
    },
    scan::RegionScanFault,
    waits::Waits,
};
use claviger_services::ServiceError;
use claviger_store::RemediationLimits;
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, SANDBOX, secret, secret_with};
use sqlx::PgPool;
use std::collections::BTreeMap;
use time::Duration;

fn tags() -> RemediationForm {
    RemediationForm {
        wish: "set-tags".into(),
        tags: "owner=payments".into(),
        ..RemediationForm::default()
    }
}

impl Fixture {
    async fn draft(&self, form: RemediationForm) -> PlanDraft {
        self.services.remediation().draft_plan(&ada(), &form.to_url_query("")).await.unwrap()
    }

    async fn plan(&self, form: RemediationForm) -> String {
        self.plan_of("", form).await.unwrap().to_string()
    }

    /// As a browser does it: previewed, and submitted with the hash of the preview.
    async fn plan_of(&self, of: &str, form: RemediationForm) -> Result<PlanId, ServiceError> {
        let draft = self.services.remediation().draft_plan(&ada(), &form.to_url_query(of)).await?;
        self.services
            .remediation()
            .submit_plan(&ada(), of, &form, "They need owners.", &draft.preview)
            .await
    }

    async fn page(&self, plan: &str) -> PlanView {
        self.services.remediation().plan_page(&ada(), plan).await.unwrap()
    }

    async fn transition_as(
        &self,
        caller: &Caller,
        plan: &str,
        step: PlanTransition,
    ) -> Result<PlanState, ServiceError> {
        let hash = self.page(plan).await.hash;
        self.services.remediation().transition_plan(caller, plan, step, &hash, "So.").await
    }

    async fn approved(&self, form: RemediationForm) -> String {
        let plan = self.plan(form).await;
        self.transition_as(&ben(), &plan, PlanTransition::Approve).await.unwrap();
        plan
    }
}

fn says(page: &PlanView) -> Vec<(StepState, String)> {
    page.steps.iter().map(|step| (step.state, step.says.clone().unwrap_or_default())).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn from_a_finding_to_a_plan_to_approval_to_a_closed_finding(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.aws.put(unowned(CHECKOUT, "b"));
    fixture.sweep().await;
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
    assert_eq!(fixture.services.inbox().inbox(&ben()).await.unwrap().unread, 1);
    assert_eq!(fixture.services.inbox().inbox(&ada()).await.unwrap().unread, 0);
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
    fixture.sweep().await;
    let plan = fixture.plan(tags()).await;
    let refused = fixture.transition_as(&ada(), &plan, PlanTransition::Approve).await.unwrap_err();
    assert_eq!(code(refused), ProblemCode::Conflict);
    let viewer = person("vi", "viewers");
    let refused = fixture.transition_as(&viewer, &plan, PlanTransition::Approve).await.unwrap_err();
    assert_eq!(code(refused), ProblemCode::Forbidden);
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
    fixture.sweep().await;
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
    fixture.sweep().await;
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
    fixture.sweep().await;
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
    fixture.sweep().await;
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
    fixture.sweep().await;
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
    fixture.sweep().await;
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
    fixture.sweep().await;
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
    fixture.sweep().await;
    fixture.sweep().await;
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
    fixture.sweep().await;
    assert_eq!(
        fixture.services.remediation().plans(&ada()).await.unwrap().rows.len(),
        1,
        "a no is a no for a day"
    );
    fixture.clock.advance(Duration::hours(25));
    fixture.sweep().await;
    assert_eq!(fixture.services.remediation().plans(&ada()).await.unwrap().rows.len(), 2);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_enforced_policy_that_needs_nobody_fixes_by_itself(pool: PgPool) {
    let fixture = Fixture::new(pool, &ENFORCED.replace("APPROVAL", "none")).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.aws.put(unowned(CHECKOUT, "b"));
    fixture.sweep().await;
    assert_eq!(fixture.aws.orders().len(), 2);
    assert_eq!(fixture.fails().await, Vec::<String>::new());
    // Another action than the policy's own needs somebody, whatever the policy says of its own.
    fixture.aws.put(unowned(PAYMENTS, "c"));
    fixture.aws.refuse_calls(Some(RegionScanFault::Denied));
    fixture.sweep().await;
    let draft = fixture.draft(tags()).await;
    assert_eq!((draft.steps.len(), draft.needs_approval), (1, true));
    let own = RemediationForm { tags: "owner=nobody".into(), ..tags() };
    assert!(!fixture.draft(own).await.needs_approval);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_open_policy_is_closed_and_a_retired_secret_deleted(pool: PgPool) {
    let policies = "id: public\ntitle: P\nseverity: critical\nrule: {public-policy: {}}\n---\nid: unused\ntitle: U\nseverity: low\nrule: {unused: {days: 90}}";
    let fixture = Fixture::new(pool, policies).await;
    let open = secret(PAYMENTS, US, "open");
    fixture.aws.put(open.clone());
    fixture.aws.attach_policy(&open.arn, r#"{"Version":"2012-10-17","Statement":[{"Sid":"Open","Effect":"Allow","Principal":"*","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#);
    fixture.aws.put(secret_with(CHECKOUT, US, "old", |detail| {
        detail.accessed_on = Some(time::macros::date!(2020 - 01 - 01));
    }));
    fixture.sweep().await;
    for (of, action) in
        [("policy=public", "remove-statements"), ("policy=unused", "schedule-deletion")]
    {
        let form = RemediationForm {
            wish: action.into(),
            window: "7".into(),
            ..RemediationForm::default()
        };
        let plan = fixture.plan_of(of, form).await.unwrap().to_string();
        fixture.transition_as(&ben(), &plan, PlanTransition::Approve).await.unwrap();
        fixture.work().await;
        let page = fixture.page(&plan).await;
        assert_eq!(page.row.counts.done, page.row.counts.all(), "{:?}", says(&page));
    }
    assert_eq!(fixture.fails().await, Vec::<String>::new());
}

#[sqlx::test(migrations = "../../migrations")]
async fn bad_input_is_refused_with_what_to_do(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.sweep().await;
    let submit = async |form: RemediationForm, of: &str, reason: &str| {
        let done = fixture.services.remediation().submit_plan(&ada(), of, &form, reason, "").await;
        done.unwrap_err().into_problem()
    };
    let window = RemediationForm {
        wish: "schedule-deletion".into(),
        window: "3".into(),
        ..RemediationForm::default()
    };
    let problem = submit(window, "", "So.").await;
    assert!(problem.message.contains("7 to 30 days"), "{problem:?}");
    assert_eq!(submit(tags(), "", " ").await.code, ProblemCode::InvalidInput);
    assert_eq!(submit(tags(), "severity=urgent", "So.").await.code, ProblemCode::InvalidInput);
    assert_eq!(submit(RemediationForm::default(), "", "So.").await.code, ProblemCode::InvalidInput);
    let none = submit(RemediationForm { wish: "restore".into(), ..tags() }, "", "So.").await;
    assert_eq!(
        (none.code, none.message.as_str()),
        (ProblemCode::Conflict, "There is nothing to do.")
    );
    let missing = fixture.services.remediation().plan_page(&ada(), "P-999").await.unwrap_err();
    assert_eq!(code(missing), ProblemCode::NotFound);
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_what_was_previewed_is_planned(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.sweep().await;
    let seen = fixture.draft(tags()).await.preview;
    let submit = async |form: &RemediationForm, preview: &str| {
        fixture
            .services
            .remediation()
            .submit_plan(&ada(), "", form, "So.", preview)
            .await
            .map_err(code)
    };
    let edited = RemediationForm { tags: "owner=WRONG".into(), ..tags() };
    for (form, preview) in [(&edited, seen.as_str()), (&tags(), ""), (&tags(), "0000")] {
        assert_eq!(submit(form, preview).await.unwrap_err(), ProblemCode::Conflict);
    }
    // Another list of findings is another preview, even where it holds the same ones.
    let other = fixture
        .services
        .remediation()
        .submit_plan(&ada(), "policy=owner", &tags(), "So.", &seen)
        .await;
    assert_eq!(code(other.unwrap_err()), ProblemCode::Conflict);
    // One more secret has come since: its call was not seen.
    fixture.aws.put(unowned(PAYMENTS, "b"));
    fixture.sweep().await;
    assert_eq!(submit(&tags(), &seen).await.unwrap_err(), ProblemCode::Conflict);
    assert!(fixture.services.remediation().plans(&ada()).await.unwrap().rows.is_empty());
    let seen = fixture.draft(tags()).await.preview;
    let sent = RemediationForm { tags: "owner=payments\r\n".into(), ..tags() };
    let plan = submit(&sent, &seen).await.unwrap().to_string();
    assert_eq!(fixture.page(&plan).await.steps.len(), 2, "a browser's own line ends are the same");
}

fn tagged(account: &str, name: &str, owner: &str) -> claviger_domain::facts::ResourceFacts {
    let mut facts = unowned(account, name);
    facts.tags = Some([("owner".to_owned(), owner.to_owned())].into());
    facts
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_owner_is_proposed_by_path_and_by_what_is_next_to_it(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(tagged(PAYMENTS, "ledger/db", "payments"));
    fixture.aws.put(tagged(PAYMENTS, "other/db", "growth"));
    fixture.aws.put(tagged(PAYMENTS, "other/cache", "growth"));
    fixture.aws.put(unowned(PAYMENTS, "ledger/cache"));
    fixture.sweep().await;
    let draft = fixture.draft(RemediationForm::default()).await;
    assert_eq!(draft.form.tags, "owner=payments", "the nearest, not the most frequent");
    assert_eq!(draft.steps.len(), 1);
    assert!(draft.proposed.unwrap().contains("same path"));
    assert!(!draft.reason.is_empty(), "a reason is offered too");
    fixture.aws.put(unowned(PAYMENTS, "x/growth/key"));
    fixture.aws.put(unowned(SANDBOX, "alone"));
    fixture.sweep().await;
    let draft = fixture.draft(RemediationForm::default()).await;
    assert_eq!(draft.form.tags, "owner={suggested}");
    let owners: BTreeMap<&str, Option<&str>> = draft
        .steps
        .iter()
        .map(|step| (step.name.as_str(), step.changes[0].after.as_deref()))
        .collect();
    let expected = [("ledger/cache", Some("payments")), ("x/growth/key", Some("growth"))];
    assert_eq!(owners, expected.into());
    assert_eq!(draft.left_out.len(), 1, "of what nothing is known, nothing is planned");
    // As offered, from the preview to green.
    let plan = fixture.plan_of("", draft.form).await.unwrap().to_string();
    fixture.transition_as(&ben(), &plan, PlanTransition::Approve).await.unwrap();
    fixture.work().await;
    assert_eq!(fixture.fails().await, ["alone"]);
    for empty in ["owner=", "owner = "] {
        let draft = fixture.draft(RemediationForm { tags: empty.into(), ..tags() }).await;
        assert!(draft.steps.is_empty() && draft.fault.unwrap().contains("a value for owner"));
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn required_tags_propose_what_is_allowed_and_keep_what_is_good(pool: PgPool) {
    let policy = "id: env\ntitle: E\nseverity: low\nrule: {required-tags: {tags: {env: [prod, dev], cost: [shared]}}}";
    let fixture = Fixture::new(pool, policy).await;
    let with = |name: &str, tags: &[(&str, &str)]| {
        let mut facts = unowned(PAYMENTS, name);
        let own = tags.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        facts.tags = Some(own.collect());
        facts
    };
    fixture.aws.put(with("a/1", &[("env", "staging")]));
    fixture.aws.put(with("a/2", &[("env", "dev"), ("cost", "shared")]));
    fixture.aws.put(with("b/1", &[("env", "prod")]));
    fixture.sweep().await;
    let draft = fixture.draft(RemediationForm::default()).await;
    let set = |name: &str| {
        let step = draft.steps.iter().find(|step| step.name == name).unwrap();
        let change = |change: &claviger_domain::remediation::Change| {
            (change.field.clone(), change.after.clone().unwrap())
        };
        step.changes.iter().map(change).collect::<BTreeMap<_, _>>()
    };
    let pair = |key: &str, value: &str| (format!("Tags: {key}"), value.to_owned());
    assert_eq!(set("a/1"), [pair("cost", "shared"), pair("env", "dev")].into());
    assert_eq!(set("b/1"), [pair("cost", "shared")].into(), "prod is allowed and stays");
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_action_begins_with_something_that_can_be_submitted_or_says_what_it_lacks(
    pool: PgPool,
) {
    let policies = "id: key\ntitle: K\nseverity: low\nrule: {customer-managed-key: {}}\n---\nid: rotation\ntitle: R\nseverity: low\nrule: {rotation-enabled: {}}";
    let fixture = Fixture::new(pool, policies).await;
    let key = format!("arn:aws:kms:{US}:{PAYMENTS}:key/0b1e1dd1-1111-4222-8333-444455556666");
    let function = format!("arn:aws:lambda:{US}:{PAYMENTS}:function:rotate");
    let mut good = secret_with(PAYMENTS, US, "ledger/db", |detail| {
        detail.rotation.enabled = Some(true);
        detail.rotation.lambda_arn = Some(function.clone());
    });
    good.kms_key_id = Some(key.clone());
    fixture.aws.put(good);
    let mut plain = secret(PAYMENTS, US, "ledger/cache");
    plain.kms_key_id = None;
    fixture.aws.put(plain);
    fixture.sweep().await;
    let draft = async |of: &str, action: &str| {
        let form = RemediationForm { wish: action.into(), ..RemediationForm::default() };
        fixture.services.remediation().draft_plan(&ada(), &form.to_url_query(of)).await.unwrap()
    };
    let keys = draft("policy=key", "").await;
    assert_eq!(keys.form.key, key.replace(&format!(":{US}:{PAYMENTS}:"), ":{region}:{account}:"));
    assert_eq!(keys.steps[0].changes[0].after.as_deref(), Some(key.as_str()));
    let rotation = draft("policy=rotation", "").await;
    assert_eq!(rotation.steps.len(), 1, "{:?}", rotation.left_out);
    let after = |field: &str| {
        let change = rotation.steps[0].changes.iter().find(|change| change.field == field);
        change.unwrap().after.clone()
    };
    assert_eq!(after("RotationLambdaARN"), Some(function));
    // Whatever is chosen from the list: calls, or what is missing, or why each is skipped.
    for (action, _) in keys.choices.clone() {
        let draft = draft("policy=key", &action).await;
        assert!(
            !draft.steps.is_empty() || draft.fault.is_some() || !draft.left_out.is_empty(),
            "{action}: a dead end"
        );
        if draft.steps.is_empty() {
            continue;
        }
        // Exactly as it is offered, it can be submitted.
        let done = fixture
            .services
            .remediation()
            .submit_plan(&ada(), "policy=key", &draft.form, &draft.reason, &draft.preview)
            .await;
        let plan = done.unwrap_or_else(|error| panic!("{action}: {error}")).to_string();
        fixture
            .services
            .remediation()
            .transition_plan(&ada(), &plan, PlanTransition::Withdraw, "", "")
            .await
            .unwrap();
    }
}

const OWN_KEY: &str =
    "id: own-key\ntitle: Own keys\nseverity: high\nrule: {customer-managed-key: {}}";

/// Without kms:Encrypt AWS changes the key and encrypts nothing again: that is not done, and the finding stays.
#[sqlx::test(migrations = "../../migrations")]
async fn a_change_of_key_is_done_when_the_versions_have_moved(pool: PgPool) {
    let fixture = Fixture::new(pool, OWN_KEY).await;
    let facts = secret(PAYMENTS, US, "a");
    fixture.aws.put(facts.clone());
    fixture.aws.set_version_keys(&facts.arn, &["DefaultEncryptionKey"]);
    let key = KmsKey {
        arn: format!("arn:aws:kms:{US}:{PAYMENTS}:key/5d0c"),
        manager: KeyManager::Customer,
        state: "Enabled".into(),
        deletion_at: None,
        is_multi_region: false,
        aliases: Some(vec!["alias/own".into()]),
    };
    fixture.aws.set_key("alias/own", key.clone());
    fixture.aws.set_key(&key.arn.clone(), key);
    fixture.aws.leave_versions(true);
    fixture.sweep().await;
    assert_eq!(fixture.fails().await, ["a"]);
    let form = RemediationForm {
        wish: "change-key".into(),
        key: "alias/own".into(),
        ..RemediationForm::default()
    };
    let plan = fixture.approved(form.clone()).await;
    fixture.work().await;
    let page = fixture.page(&plan).await;
    assert_eq!(page.steps[0].state, StepState::Failed, "{:?}", says(&page));
    assert!(
        says(&page)[0].1.contains("AWSCURRENT is still under another key"),
        "{:?}",
        says(&page)
    );
    assert!(says(&page)[0].1.contains("kms:Encrypt"), "{:?}", says(&page));
    fixture.sweep().await;
    assert_eq!(fixture.fails().await, ["a"], "the finding stays open");

    // What is missing is given, and the same plan goes on.
    fixture.aws.leave_versions(false);
    fixture.transition_as(&ada(), &plan, PlanTransition::Retry).await.unwrap();
    fixture.work().await;
    let page = fixture.page(&plan).await;
    assert_eq!(page.row.counts.done, 1, "{:?}", says(&page));
    assert_eq!(fixture.aws.orders().len(), 2);
    fixture.sweep().await;
    assert_eq!(fixture.fails().await, Vec::<String>::new());
}

/// A secret whose key was changed long ago without the right can be planned again under the same key.
#[sqlx::test(migrations = "../../migrations")]
async fn versions_that_were_left_behind_can_be_planned(pool: PgPool) {
    let fixture = Fixture::new(pool, OWN_KEY).await;
    let mut facts = secret(PAYMENTS, US, "a");
    facts.kms_key_id = Some(format!("arn:aws:kms:{US}:{PAYMENTS}:key/5d0c"));
    fixture.aws.put(facts.clone());
    fixture.aws.set_version_keys(&facts.arn, &["DefaultEncryptionKey"]);
    fixture.sweep().await;
    fixture.sweep().await;
    assert_eq!(fixture.fails().await, ["a"]);
    let key = facts.kms_key_id.clone().unwrap();
    fixture.aws.set_key(
        &key,
        KmsKey {
            arn: key.clone(),
            manager: KeyManager::Customer,
            state: "Enabled".into(),
            deletion_at: None,
            is_multi_region: false,
            aliases: None,
        },
    );
    let form = RemediationForm { wish: "change-key".into(), key, ..RemediationForm::default() };
    let plan = fixture.approved(form).await;
    fixture.work().await;
    let page = fixture.page(&plan).await;
    assert_eq!(page.row.counts.done, 1, "{:?}", says(&page));
    fixture.sweep().await;
    assert_eq!(fixture.fails().await, Vec::<String>::new());
}
