//! Plans of chosen secrets and parameters: who may make them, what is approved, and what becomes of each.

use crate::fixture::{Fixture, ada, ben, code, eve, person};
use claviger_domain::{
    problem::ProblemCode,
    remediation::{
        PlanState, PlanTarget, PlanTransition, RemediationForm, StepState,
        view::{PlanSubject, PlanView, ResourceChanges},
    },
};
use claviger_services::ServiceError;
use claviger_testkit::{
    Console,
    samples::{CHECKOUT, PAYMENTS, parameter, secret, secret_with},
};
use sqlx::PgPool;

const US: &str = "us-east-1";
pub const OWNER: &str = "id: owner\ntitle: Owners\nseverity: low\nrule: {owner: {}}";

/// The chosen resources, as a plan's URL names them.
pub fn of(ids: &[&str]) -> String {
    let ids: Vec<_> = ids.iter().map(|id| id.parse().unwrap()).collect();
    PlanTarget::query_of(&ids)
}

pub fn form(wish: &str) -> RemediationForm {
    RemediationForm { wish: wish.into(), ..RemediationForm::default() }
}

fn tags() -> RemediationForm {
    RemediationForm { tags: "env=prod".into(), ..form("set-tags") }
}

pub fn says(page: &PlanView) -> Vec<String> {
    page.steps.iter().map(|step| step.says.clone().unwrap_or_default()).collect()
}

/// Ada previews and submits it.
async fn submit<A>(
    console: &Console<A>,
    of: &str,
    form: RemediationForm,
) -> Result<String, ServiceError> {
    let service = console.services.remediation();
    let draft = service.draft_plan(&ada(), &form.to_url_query(of)).await?;
    let plan = service.submit_plan(&ada(), of, &form, "It is needed.", &draft.preview).await?;
    Ok(plan.to_string())
}

/// And Ben approves it.
pub async fn approve<A>(console: &Console<A>, of: &str, form: RemediationForm) -> String {
    let plan = submit(console, of, form).await.unwrap();
    let service = console.services.remediation();
    let hash = service.plan_page(&ben(), &plan).await.unwrap().hash;
    service.transition_plan(&ben(), &plan, PlanTransition::Approve, &hash, "").await.unwrap();
    plan
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_those_who_may_change_a_resource_plan_its_change(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let (own, other) = (secret(PAYMENTS, US, "a"), secret(CHECKOUT, US, "b"));
    fixture.aws.put(own.clone());
    fixture.aws.put(other.clone());
    fixture.scan().await;
    let [own, other] = [fixture.id(own.arn.as_str()).await, fixture.id(other.arn.as_str()).await];
    let service = fixture.services.remediation();
    let draft = async |caller, ids: &[&str]| {
        service.draft_plan(&caller, &tags().to_url_query(&of(ids))).await
    };
    for caller in [eve(), ben(), person("vi", "viewers")] {
        let refused = draft(caller, &[&own]).await.unwrap_err();
        assert_eq!(code(refused), ProblemCode::Forbidden);
    }
    // What lies outside of one's accounts is not there, also beside what does not.
    let pat = || person("pat", "payments-admins");
    let gone = uuid_of_nothing();
    for ids in [&[other.as_str()][..], &[&own, &other], &[&gone]] {
        assert_eq!(code(draft(pat(), ids).await.unwrap_err()), ProblemCode::NotFound);
    }
    let shown = draft(pat(), &[&own]).await.unwrap();
    assert_eq!(shown.steps.len(), 1);
    assert_eq!(shown.steps[0].policy, None);
    assert!(shown.needs_approval, "a plan that no finding asks for always needs an approval");
    assert!(matches!(shown.subject, PlanSubject::Resource { name, .. } if name == "a"));
    assert!(shown.choices.iter().all(|(word, _)| word != "remove-statements"));
    let form = tags();
    let refused = service.submit_plan(&eve(), &of(&[&own]), &form, "So.", &shown.preview).await;
    assert_eq!(code(refused.unwrap_err()), ProblemCode::Forbidden);
    // Its author does not approve it.
    let plan = submit(&fixture.0, &of(&[&own]), tags()).await.unwrap();
    let hash = service.plan_page(&ada(), &plan).await.unwrap().hash;
    let refused = service.transition_plan(&ada(), &plan, PlanTransition::Approve, &hash, "").await;
    assert_eq!(code(refused.unwrap_err()), ProblemCode::Conflict);
    fixture.work().await;
    assert_eq!(fixture.aws.orders(), [], "nothing is done before the approval");
}

fn uuid_of_nothing() -> String {
    "00000000-0000-0000-0000-000000000009".into()
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_submitted_and_approved_is_what_was_previewed(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let one = secret_with(PAYMENTS, US, "a", |secret| {
        secret.accessed_on = Some(time::macros::date!(2026 - 11 - 20));
    });
    fixture.aws.put(one.clone());
    fixture.aws.put(secret(PAYMENTS, US, "b"));
    fixture.scan().await;
    let id = fixture.id(one.arn.as_str()).await;
    let service = fixture.services.remediation();
    let deletion = RemediationForm { window: "7".into(), ..form("schedule-deletion") };
    let query = deletion.to_url_query(&of(&[&id]));
    let draft = service.draft_plan(&ada(), &query).await.unwrap();
    let [warning] = draft.steps[0].warnings.as_slice() else { panic!("{draft:?}") };
    assert!(warning.starts_with("Last read on 2026-11-20, in us-east-1"), "{warning}");
    let shown = service.resource_changes(&ada(), id.parse().unwrap()).await.unwrap();
    assert!(shown.can_plan, "nothing changes it yet");
    // It was read again meanwhile: the preview said something else.
    fixture.aws.put(secret_with(PAYMENTS, US, "a", |secret| {
        secret.accessed_on = Some(time::macros::date!(2026 - 11 - 21));
    }));
    fixture.scan().await;
    let stale = service.submit_plan(&ada(), &of(&[&id]), &deletion, "Old.", &draft.preview).await;
    assert!(matches!(stale, Err(ServiceError::StalePreview)));
    // The same call for a finding is another preview too.
    let other = of(&[&id, &fixture.id(secret(PAYMENTS, US, "b").arn.as_str()).await]);
    let draft = service.draft_plan(&ada(), &query).await.unwrap();
    let stale = service.submit_plan(&ada(), &other, &deletion, "Old.", &draft.preview).await;
    assert!(matches!(stale, Err(ServiceError::StalePreview)));
    let plan = submit(&fixture.0, &of(&[&id]), deletion).await.unwrap();
    let page = service.plan_page(&ben(), &plan).await.unwrap();
    assert_eq!(page.steps[0].warnings, draft.steps[0].warnings, "the approver reads it");
    let wrong = service.transition_plan(&ben(), &plan, PlanTransition::Approve, "0", "").await;
    assert_eq!(code(wrong.unwrap_err()), ProblemCode::Conflict);
    // While it waits, no other plan changes the same secret, and its page says so.
    let second = service.draft_plan(&ada(), &tags().to_url_query(&of(&[&id]))).await.unwrap();
    assert!(second.left_out[0].why.contains("another plan"), "{second:?}");
    let shown = service.resource_changes(&ada(), id.parse().unwrap()).await.unwrap();
    assert!(!shown.can_plan);
    assert_eq!(named(&shown), [(plan.clone(), true)]);
    let viewer = person("vi", "viewers");
    let shown = service.resource_changes(&viewer, id.parse().unwrap()).await.unwrap();
    assert_eq!(named(&shown), [(plan.clone(), true)]);
    service.transition_plan(&ada(), &plan, PlanTransition::Withdraw, "", "").await.unwrap();
    let shown = service.resource_changes(&viewer, id.parse().unwrap()).await.unwrap();
    assert!(!shown.can_plan, "a viewer plans nothing");
}

/// The plans on a resource's page, and whether each changes it.
fn named(shown: &ResourceChanges) -> Vec<(String, bool)> {
    shown.plans.iter().map(|plan| (plan.row.id.to_string(), plan.is_changing)).collect()
}

/// It still keeps others from planning a second change.
#[sqlx::test(migrations = "../../migrations")]
async fn a_plan_that_reaches_beyond_the_scope_is_not_told_of(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let (own, other) = (secret(PAYMENTS, US, "a"), secret(CHECKOUT, US, "b"));
    fixture.aws.put(own.clone());
    fixture.aws.put(other.clone());
    fixture.scan().await;
    let [own, other] = [fixture.id(own.arn.as_str()).await, fixture.id(other.arn.as_str()).await];
    let service = fixture.services.remediation();
    let pat = || person("pat", "payments-admins");
    let shown = service.resource_changes(&pat(), own.parse().unwrap()).await.unwrap();
    assert_eq!(shown, ResourceChanges { can_plan: true, plans: Vec::new() });
    let plan = submit(&fixture.0, &of(&[&own, &other]), tags()).await.unwrap();
    let shown = service.resource_changes(&ada(), own.parse().unwrap()).await.unwrap();
    assert_eq!((named(&shown), shown.can_plan), (vec![(plan, true)], false));
    for caller in [pat(), eve()] {
        let shown = service.resource_changes(&caller, own.parse().unwrap()).await.unwrap();
        assert_eq!(shown, ResourceChanges { can_plan: false, plans: Vec::new() });
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_selection_has_an_outcome_a_row_and_can_be_stopped_and_resumed(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let names = ["a", "b", "c"];
    for name in names {
        fixture.aws.put(secret(PAYMENTS, US, name));
    }
    let deleted = secret_with(PAYMENTS, US, "d", |secret| {
        secret.deleted_at = Some(fixture.now());
    });
    let plain = parameter(PAYMENTS, US, "/p");
    fixture.aws.put(deleted.clone());
    fixture.aws.put(plain.clone());
    fixture.scan().await;
    let mut ids = Vec::new();
    for name in names {
        ids.push(fixture.id(secret(PAYMENTS, US, name).arn.as_str()).await);
    }
    ids.push(fixture.id(plain.arn.as_str()).await);
    ids.push(fixture.id(deleted.arn.as_str()).await);
    let chosen: Vec<&str> = ids.iter().map(String::as_str).collect();
    let service = fixture.services.remediation();
    let query = tags().to_url_query(&of(&chosen));
    let draft = service.draft_plan(&ada(), &query).await.unwrap();
    assert_eq!(draft.subject, PlanSubject::Resources(5));
    assert_eq!(draft.steps.len(), 4);
    assert_eq!(draft.left_out[0].why, "it is pending deletion");
    // One of them is deleted before its turn.
    let plan = approve(&fixture.0, &of(&chosen), tags()).await;
    let stop = async |step| {
        let hash = service.plan_page(&ada(), &plan).await.unwrap().hash;
        service.transition_plan(&ada(), &plan, step, &hash, "").await.unwrap()
    };
    assert_eq!(stop(PlanTransition::Stop).await, PlanState::Stopped);
    fixture.work().await;
    assert_eq!(fixture.aws.orders(), [], "a stopped plan makes no call");
    fixture.aws.remove(&secret(PAYMENTS, US, "b").arn);
    assert_eq!(stop(PlanTransition::Resume).await, PlanState::Running);
    fixture.work().await;
    let page = service.plan_page(&ada(), &plan).await.unwrap();
    assert_eq!((page.row.counts.done, page.row.counts.failed), (3, 1));
    let failed: Vec<_> = page.steps.iter().filter(|step| step.state == StepState::Failed).collect();
    assert_eq!(failed[0].name, "b");
    assert_eq!(failed[0].says.as_deref(), Some("Deleted from AWS."));
    let done = page.steps.iter().filter(|step| step.state == StepState::Done);
    assert!(done.clone().any(|step| step.name == "/p"));
    assert!(done.clone().all(|step| step.says.as_deref().unwrap().starts_with("Done. ")));
    assert!(
        service.resource_changes(&ada(), ids[0].parse().unwrap()).await.unwrap().plans.is_empty()
    );
    assert!(fixture.services.audit().verify_audit(&ada()).await.is_ok());
}

#[sqlx::test(migrations = "../../migrations")]
async fn after_its_call_a_chosen_secret_is_checked_by_every_policy(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let facts = secret(PAYMENTS, US, "a");
    fixture.aws.put(facts.clone());
    fixture.scan().await;
    let target = of(&[&fixture.id(facts.arn.as_str()).await]);
    let removal = RemediationForm { keys: "owner".into(), ..form("remove-tags") };
    let plan = approve(&fixture.0, &target, removal).await;
    fixture.work().await;
    let page = fixture.services.remediation().plan_page(&ada(), &plan).await.unwrap();
    assert_eq!(says(&page), ["Done. A check fails: Owners."]);
    assert_eq!(page.steps[0].policy, None);
    // The finding that it made is in the list at once.
    let again = RemediationForm { tags: "owner=payments".into(), ..form("set-tags") };
    let plan = approve(&fixture.0, &target, again).await;
    fixture.work().await;
    let page = fixture.services.remediation().plan_page(&ada(), &plan).await.unwrap();
    assert_eq!(says(&page), ["Done. No check fails."]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn description_rotation_and_tags_are_changed_for_chosen_secrets(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let facts = secret_with(PAYMENTS, US, "a", |secret| {
        secret.rotation.enabled = Some(true);
        secret.rotation.lambda_arn = Some("arn:aws:lambda:us-east-1:1:function:r".into());
    });
    fixture.aws.put(facts.clone());
    fixture.scan().await;
    let target = of(&[&fixture.id(facts.arn.as_str()).await]);
    let description =
        RemediationForm { description: "Orders of the shop".into(), ..form("set-description") };
    for form in [description, form("cancel-rotation")] {
        let plan = approve(&fixture.0, &target, form).await;
        fixture.work().await;
        let page = fixture.services.remediation().plan_page(&ada(), &plan).await.unwrap();
        assert_eq!(says(&page), ["Done. No check fails."]);
    }
    let after = fixture.aws.resource(&facts.arn).unwrap();
    assert_eq!(after.description.as_deref(), Some("Orders of the shop"));
    let claviger_domain::facts::Detail::Secret(after) = after.detail else { panic!("a secret") };
    assert_eq!(after.rotation.enabled, Some(false));
    assert!(after.rotation.lambda_arn.is_some(), "the function stays configured");
}
