//! The product itself with the committed roles: it scans the Organization, applies a fix, and grants access that ends when it
//! is revoked.

use claviger::SystemClock;
use claviger_domain::{
    accounts::AccountState,
    authz::{Role, RoleBinding, Scope},
    clock::Clock,
    grants::{Decision, EndReason, GrantState, Vote, view::Revealed},
    remediation::{PlanState, PlanTransition, RemediationForm},
    scan::ScanTrigger,
};
use claviger_policy::AccessPolicy;
use claviger_services::grants::{AccessSettings, RequestInput};
use claviger_testkit::{Console, TestClock, ministack, person};
use sqlx::PgPool;
use std::{collections::BTreeMap, sync::Arc};

/// Growth Dev, whose secrets no other test changes.
const ACCOUNT: &str = "548107392265";
/// Its account has no roles, so it cannot be scanned.
const WITHOUT_ROLES: &str = "Partner Gateway";

const CEDAR: &str = r#"permit(principal in Claviger::Role::"requester", action, resource);"#;
const RULES: &str = r#"
    [[rule]]
    name = "Everything"
    scope = "organization"
    actions = ["read"]
    longest_minutes = 60
    claim_minutes = 60
    decide_minutes = 60
    steps = [{ name = "Security", quorum = 1, approvers = [{ role = "security-admin" }] }]
"#;
const OWNER: &str = "id: owner\ntitle: Owners\nseverity: low\nrule: {owner: {}}";

fn bindings() -> Vec<RoleBinding> {
    let binding =
        |group: &str, role| RoleBinding { group: group.into(), role, scope: Scope::Organization };
    vec![
        binding("admins", Role::SecurityAdmin),
        binding("approvers", Role::Approver),
        binding("requesters", Role::Requester),
    ]
}

/// A secret of the account that has no owner.
async fn unowned_secret(pool: &PgPool) -> String {
    let (id,): (sqlx::types::Uuid,) = sqlx::query_as(
        "select id from resource
         where account_id = $1 and kind = 'secret' and owner is null
           and gone_at is null and deleted_at is null
         order by name limit 1",
    )
    .bind(ACCOUNT)
    .fetch_one(pool)
    .await
    .unwrap();
    id.to_string()
}

#[sqlx::test(migrations = "../migrations")]
async fn the_product_scans_fixes_and_grants_with_the_committed_roles(pool: PgPool) {
    let access = AccessSettings {
        policy: Arc::new(AccessPolicy::read(CEDAR, RULES).unwrap()),
        roles: bindings(),
        ..AccessSettings::nothing().unwrap()
    };
    let product = Console::builder(&pool)
        // The emulator's sessions end by the real time.
        .clock(Arc::new(TestClock::at(SystemClock.now())))
        .access(access)
        .policies(OWNER)
        .build_over(ministack().hub().await)
        .await;
    let services = &product.services;
    let [ada, ben, tomas] = [("ada", "admins"), ("ben", "requesters"), ("tomas", "approvers")]
        .map(|(name, group)| person(name, &[group], &bindings()));
    for caller in [&ada, &ben, &tomas] {
        services.people().upsert_person(&caller.person, &caller.groups).await.unwrap();
    }

    // A scan reads every account that has the roles, and is refused nothing there.
    services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    product.work().await;
    let accounts = services.accounts().accounts(&ada).await.unwrap().rows;
    assert!(accounts.len() > 10, "{accounts:?}");
    for account in accounts.iter().filter(|account| account.state == AccountState::Active) {
        let detail = services.accounts().account(&ada, account.id.as_str()).await.unwrap();
        let errors: Vec<_> = detail.regions.iter().filter_map(|region| region.fault).collect();
        assert_eq!(
            errors.is_empty(),
            account.name != WITHOUT_ROLES,
            "{}: {errors:?}",
            account.name
        );
    }

    // A fix: previewed, submitted, approved by somebody else, applied.
    let id = unowned_secret(&product.pool).await;
    let form = RemediationForm {
        wish: "set-tags".into(),
        tags: "owner=growth".into(),
        ..RemediationForm::default()
    };
    let of = format!("resource={id}");
    let draft = services.remediation().draft_plan(&ada, &form.to_url_query(&of)).await.unwrap();
    assert_eq!(draft.steps.len(), 1, "{draft:?}");
    let plan = services
        .remediation()
        .submit_plan(&ada, &of, &form, "It needs an owner.", &draft.preview)
        .await
        .unwrap()
        .to_string();
    let hash = services.remediation().plan_page(&ada, &plan).await.unwrap().hash;
    services
        .remediation()
        .transition_plan(&tomas, &plan, PlanTransition::Approve, &hash, "")
        .await
        .unwrap();
    product.work().await;
    let page = services.remediation().plan_page(&ada, &plan).await.unwrap();
    assert_eq!(page.row.state, PlanState::Ended, "{page:?}");
    let steps: Vec<_> = page.steps.iter().map(|step| step.says.clone()).collect();
    assert_eq!(steps, [Some("Done. The check passes.".to_owned())]);

    // A grant: requested, approved, claimed, used, revoked.
    let input = RequestInput {
        resources: vec![id.clone()],
        action: "read".into(),
        minutes: 30,
        purpose: "To reconcile the ledger.".into(),
        ..RequestInput::default()
    };
    let grant =
        services.requests().request_access(&ben, input).await.unwrap().grants[0].to_string();
    let hash = services.grants().grant_detail(&ada, &grant).await.unwrap().hash;
    let decision = Decision { verdict: Vote::Approve, reason: None, minutes: None, hash };
    services.grant_lifecycle().decide(&ada, &grant, decision).await.unwrap();
    services.grant_lifecycle().claim(&ben, &grant).await.unwrap();
    let value = services.grant_sessions().reveal(&ben, &grant, &id).await.unwrap();
    assert!(matches!(&value, Revealed::Text(text) if text.contains("CANARY")));
    let ending =
        services.grant_lifecycle().revoke(&ada, &grant, "No longer needed.").await.unwrap();
    assert!(ending.ends_sessions);
    product.work().await;
    let detail = services.grants().grant_detail(&ada, &grant).await.unwrap();
    assert!(
        matches!(detail.row.state, GrantState::Ended { why: EndReason::Revoked, .. }),
        "{detail:?}"
    );
    let confirmed: bool =
        sqlx::query_scalar("select bool_and(confirmed_at is not null) from access_denial")
            .fetch_one(&product.pool)
            .await
            .unwrap();
    assert!(confirmed);

    // Everything at once: another grant with a session, ended by the operator, and confirmed by AWS.
    let input = RequestInput {
        resources: vec![id.clone()],
        action: "read".into(),
        minutes: 30,
        purpose: "To reconcile the ledger.".into(),
        ..RequestInput::default()
    };
    let grant =
        services.requests().request_access(&ben, input).await.unwrap().grants[0].to_string();
    let hash = services.grants().grant_detail(&ada, &grant).await.unwrap().hash;
    let decision = Decision { verdict: Vote::Approve, reason: None, minutes: None, hash };
    services.grant_lifecycle().decide(&ada, &grant, decision).await.unwrap();
    services.grant_lifecycle().claim(&ben, &grant).await.unwrap();
    services.grant_sessions().reveal(&ben, &grant, &id).await.unwrap();
    let ending = services.incident().end_all_grants(&ada.person, "An incident.").await.unwrap();
    assert_eq!(ending.grants, 1);
    let region = "us-east-1".parse().unwrap();
    let ended = services.incident().confirm(&BTreeMap::new(), &region).await.unwrap();
    assert!(ended.iter().all(|ended| ended.confirmed_at.is_some()), "{ended:?}");
    assert!(ended.iter().any(|ended| ended.grant.is_some_and(|id| id.to_string() == grant)));
}
