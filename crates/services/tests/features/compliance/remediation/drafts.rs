//! What is proposed, previewed and refused.

use super::tags;
use crate::compliance::fixture::{Fixture, OWNER, US, ada, ben, code, unowned};
use claviger_domain::{
    problem::ProblemCode,
    remediation::{PlanTransition, RemediationForm},
};
use claviger_testkit::samples::{PAYMENTS, SANDBOX, secret, secret_with};
use sqlx::PgPool;
use std::collections::BTreeMap;

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
    fixture.scan().await;
    let draft = fixture.draft(RemediationForm::default()).await;
    assert_eq!(draft.form.tags, "owner=payments", "the nearest, not the most frequent");
    assert_eq!(draft.steps.len(), 1);
    assert!(draft.proposed.unwrap().contains("same path"));
    assert!(!draft.reason.is_empty(), "a reason is offered too");
    fixture.aws.put(unowned(PAYMENTS, "x/growth/key"));
    fixture.aws.put(unowned(SANDBOX, "alone"));
    fixture.scan().await;
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
    fixture.scan().await;
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
    fixture.scan().await;
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

#[sqlx::test(migrations = "../../migrations")]
async fn only_what_was_previewed_is_planned(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.scan().await;
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
    fixture.scan().await;
    assert_eq!(submit(&tags(), &seen).await.unwrap_err(), ProblemCode::Conflict);
    assert!(fixture.services.remediation().plans(&ada()).await.unwrap().rows.is_empty());
    let seen = fixture.draft(tags()).await.preview;
    let sent = RemediationForm { tags: "owner=payments\r\n".into(), ..tags() };
    let plan = submit(&sent, &seen).await.unwrap().to_string();
    assert_eq!(fixture.page(&plan).await.steps.len(), 2, "a browser's own line ends are the same");
}

#[sqlx::test(migrations = "../../migrations")]
async fn bad_input_is_refused_with_what_to_do(pool: PgPool) {
    let fixture = Fixture::new(pool, OWNER).await;
    fixture.aws.put(unowned(PAYMENTS, "a"));
    fixture.scan().await;
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
