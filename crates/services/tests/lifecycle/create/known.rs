//! What is known before a request: the key, the account, the owner that a policy wants, and a request of the same name.

use super::*;
use claviger_domain::accounts::AccountState;
use claviger_testkit::samples::account;

/// Teams create what they own.
const OWNED: &str = r#"
    permit(principal in Claviger::Team::"payments-engineers", action == Claviger::Action::"create", resource)
    when { resource.hasTag("owner") && resource.getTag("owner") == "payments" };
"#;

const KEYED: &str = r"
id: keyed
title: Names a key
severity: low
rule:
  cel:
    expression: kms_key != ''
";

fn with_key(key: &str) -> CreationForm {
    CreationForm { key: key.into(), ..form() }
}

fn fields(draft: &CreationDraft) -> Vec<&str> {
    draft.faults.iter().map(|fault| fault.field.as_str()).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_key_that_is_not_known_passes_no_check(pool: PgPool) {
    let fixture = console(&pool).await;
    let draft = fixture.draft(&eve(), &with_key("alias/nosuch")).await;
    assert_eq!(draft.warnings[0].field, "key");
    let preview = draft.preview.unwrap();
    assert_eq!((preview.failing.len(), preview.passing), (0, 3));
    assert_eq!(preview.unknown, ["Has a key of ours"]);

    // By another name than the one that the inventory has for it.
    let known = with_key(&format!("arn:aws:kms:{US}:{PAYMENTS}:key/5d0c"));
    let draft = fixture.draft(&eve(), &known).await;
    assert_eq!(draft.warnings, []);
    assert_eq!(draft.preview.unwrap().passing, 4);
    let managed = fixture.draft(&eve(), &with_key("alias/aws/secretsmanager")).await;
    assert_eq!(managed.preview.unwrap().failing[0].policy, "own-key");

    // Nor one of our own that asks for the key.
    fixture.services.policies().import_policies(KEYED).await.unwrap();
    let preview = fixture.draft(&eve(), &with_key("alias/nosuch")).await.preview.unwrap();
    assert_eq!((preview.failing.len(), preview.passing), (0, 3));
    assert_eq!(preview.unknown, ["Has a key of ours", "Names a key"]);
    let preview = fixture.draft(&eve(), &form()).await.preview.unwrap();
    assert_eq!((preview.passing, preview.unknown), (5, vec![]));
}

/// Right after a first scan, the key of aws/secretsmanager is one by its ID as well.
#[sqlx::test(migrations = "../../migrations")]
async fn a_key_in_use_is_nobodys_until_kms_was_asked(pool: PgPool) {
    let fixture = console(&pool).await;
    sqlx::query("delete from kms_key").execute(&fixture.pool).await.unwrap();
    let draft = fixture.draft(&eve(), &form()).await;
    assert_eq!(draft.keys[0].key, KEY, "it is in use");
    assert_eq!(draft.warnings[0].field, "key");
    let preview = draft.preview.unwrap();
    assert_eq!((preview.failing.len(), preview.passing), (0, 3));
    assert_eq!(preview.unknown, ["Has a key of ours"]);

    fixture.scan().await;
    let draft = fixture.draft(&eve(), &form()).await;
    assert_eq!((draft.warnings, draft.preview.unwrap().passing), (vec![], 4));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_key_that_did_not_encrypt_is_warned_of_and_asked_about_again(pool: PgPool) {
    let fixture = console(&pool).await;
    let there = secret(PAYMENTS, US, "payments/off");
    fixture.aws.put(ResourceFacts { kms_key_id: Some("alias/off".into()), ..there });
    let off = with_key("alias/off");
    for (state, says) in [
        ("Disabled", "the key was disabled: enable it, or use another one."),
        ("PendingDeletion", "pending deletion: cancel"),
        ("PendingImport", "no key material"),
        ("Unavailable", "could not encrypt"),
    ] {
        fixture.aws.set_key("alias/off", key_that_is(state));
        // KMS is asked again.
        fixture.clock.advance(Duration::hours(1));
        fixture.scan().await;
        let draft = fixture.draft(&eve(), &off).await;
        assert_eq!(draft.faults, [], "{state}");
        let [warning] = &draft.warnings[..] else { panic!("{state}: {:?}", draft.warnings) };
        assert!(warning.field == "key" && warning.reason.contains(says), "{}", warning.reason);
        assert!(fixture.submit(&off).await.is_err() && fixture.aws.creations().is_empty());
    }
    for state in ["Updating", "Enabled"] {
        fixture.aws.set_key("alias/off", key_that_is(state));
        fixture.clock.advance(Duration::hours(1));
        fixture.scan().await;
        let draft = fixture.draft(&eve(), &off).await;
        assert_eq!(draft.warnings, [], "{state}");
        assert_eq!(draft.preview.unwrap().passing, 4, "{state}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_that_claviger_does_not_enter_is_refused_or_warned_of(pool: PgPool) {
    let fixture = console(&pool).await;
    fixture.aws.close(&account(PAYMENTS), Some(RegionScanFault::RoleNotAssumable));
    fixture.scan().await;
    let draft = fixture.draft(&eve(), &form()).await;
    assert_eq!(draft.faults, []);
    assert_eq!(draft.warnings[0].field, "account");
    fixture.aws.change_organization(|organization| {
        let found = organization.accounts.iter_mut().find(|one| one.id.as_str() == PAYMENTS);
        found.unwrap().state = AccountState::Suspended;
    });
    fixture.scan().await;
    let draft = fixture.draft(&eve(), &form()).await;
    assert_eq!(fields(&draft), ["account"]);
    assert!(draft.faults[0].reason.contains("suspended"), "{}", draft.faults[0].reason);
    assert!(fixture.submit(&form()).await.is_err() && fixture.aws.creations().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_owner_that_a_policy_wants_is_filled_in_and_named(pool: PgPool) {
    let fixture = Fixture::with_rules(&pool, POLICIES, OWNED, RULES).await;
    fixture.aws.put(secret(PAYMENTS, US, "payments/there"));
    fixture.scan().await;
    // As a link fills it in: nobody has asked for a preview.
    let link = CreationForm { tags: String::new(), reason: String::new(), ..form() };
    let draft = fixture.draft(&eve(), &link).await;
    assert_eq!(draft.form.tags, "owner=payments");
    assert_eq!(draft.faults, []);
    assert!(draft.preview.is_none());
    let none = fixture.draft(&person("tom", "approvers"), &link).await;
    assert_eq!(none.form.tags, "owner=", "no team of his is permitted");

    let sent = CreationForm { tags: "team=a".into(), key: String::new(), ..form() };
    let draft = fixture.draft(&eve(), &sent).await;
    assert_eq!(fields(&draft), ["tags"]);
    assert!(draft.faults[0].reason.contains("owner=payments"), "{}", draft.faults[0].reason);
    assert_eq!(draft.form.tags, "team=a", "what was typed stays");
    let taken = CreationForm { name: "payments/there".into(), ..sent.clone() };
    assert_eq!(fields(&fixture.draft(&eve(), &taken).await), ["name", "tags"]);
    let owned = CreationForm { tags: "owner=payments".into(), ..sent };
    assert!(fixture.draft(&eve(), &owned).await.preview.is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_name_is_requested_once(pool: PgPool) {
    let fixture = console(&pool).await;
    let hash = fixture.draft(&eve(), &production()).await.preview.unwrap().hash;
    let first = fixture.submit(&production()).await.unwrap();
    let draft = fixture.draft(&eve(), &production()).await;
    assert_eq!((draft.open_request, fields(&draft)), (Some(first.id), vec!["name"]));
    assert!(draft.faults[0].reason.contains(&first.id.to_string()));
    // Back, and once more.
    let value = || TypedValue::text(CANARY);
    let creations = fixture.services.creations();
    let again = creations.submit(&eve(), &production(), true, &hash, value()).await;
    assert_eq!(code(again.unwrap_err()), ProblemCode::InvalidInput);
    assert!(creations.creations(&eve()).await.unwrap().may_request);
    let viewer = creations.creations(&person("vera", "viewers")).await.unwrap();
    assert_eq!((viewer.rows.len(), viewer.may_request), (1, false));
    // Other places and kinds are free.
    let elsewhere = CreationForm { region: "eu-west-1".into(), ..production() };
    let elsewhere = CreationForm { replicas: String::new(), key: String::new(), ..elsewhere };
    fixture.submit_as(&eve(), &elsewhere, true, CANARY).await.unwrap();
    fixture.decide(&eve(), &first, CreationTransition::Withdraw).await.unwrap();
    fixture.submit(&production()).await.unwrap();

    // Two browsers at the same time.
    let both = CreationForm { name: "payments/both".into(), ..production() };
    let hash = fixture.draft(&eve(), &both).await.preview.unwrap().hash;
    let caller = eve();
    let (one, two) = tokio::join!(
        creations.submit(&caller, &both, true, &hash, value()),
        creations.submit(&caller, &both, true, &hash, value())
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1, "{one:?} {two:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn of_a_name_that_was_taken_meanwhile_another_one_is_requested(pool: PgPool) {
    let fixture = console(&pool).await;
    let row = fixture.submit(&production()).await.unwrap();
    fixture.decide(&ben(), &row, CreationTransition::Approve).await.unwrap();
    fixture.aws.put(secret(PAYMENTS, US, "payments/new"));
    for _ in ["AWS knows it", "the inventory too"] {
        let problem = fixture.enter(&eve(), &row).await.unwrap_err().into_problem();
        assert_eq!(problem.code, ProblemCode::Conflict, "{}", problem.message);
        assert!(problem.hint.contains("Withdraw"), "{}", problem.hint);
        fixture.scan().await;
    }
    assert!(fixture.aws.creations().is_empty());
}
