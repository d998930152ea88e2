//! The product itself with the committed roles: it scans the Organization, applies a fix, and grants access that ends when it
//! is revoked.

use crate::member::demo_gateway;
use claviger::SystemClock;
use claviger_domain::{
    accounts::AccountState,
    authz::{Caller, Person, Role, RoleBinding, Scope},
    grants::{Decision, EndReason, GrantState, Vote, view::Revealed},
    remediation::{PlanState, PlanTransition, RemediationForm},
    scan::ScanTrigger,
};
use claviger_policy::AccessPolicy;
use claviger_services::{
    ScanSettings, ScannedRegions, Services,
    grants::{AccessSettings, RequestInput},
};
use claviger_store::Store;
use claviger_testkit::work_off;
use sqlx::PgPool;
use std::{collections::BTreeMap, sync::Arc};
use time::Duration;

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

struct Product {
    pool: PgPool,
    services: Services,
}

fn bindings() -> Vec<RoleBinding> {
    let binding =
        |group: &str, role| RoleBinding { group: group.into(), role, scope: Scope::Organization };
    vec![
        binding("admins", Role::SecurityAdmin),
        binding("approvers", Role::Approver),
        binding("requesters", Role::Requester),
    ]
}

fn person(name: &str, group: &str) -> Caller {
    let email = Some(format!("{name}@example.com"));
    let person = Person { subject: name.into(), name: name.into(), email };
    Caller::new(person, &[group.to_owned()], &bindings())
}

impl Product {
    async fn new(pool: PgPool) -> Self {
        let pool = claviger_testkit::own_pool(&pool);
        let store = Store::from_pool(pool.clone());
        store.migrate().await.unwrap();
        let settings = ScanSettings {
            regions: ScannedRegions::These(vec!["us-east-1".parse().unwrap()]),
            interval: Duration::hours(1),
            parameter_tags: Duration::hours(1),
        };
        let access = AccessSettings {
            policy: Arc::new(AccessPolicy::read(CEDAR, RULES).unwrap()),
            roles: bindings(),
            ..AccessSettings::nothing().unwrap()
        };
        let services = Services::new(
            store,
            Arc::new(demo_gateway().await),
            Arc::new(SystemClock),
            settings,
            access,
        );
        services.policies().import_policies(OWNER).await.unwrap();
        for (caller, group) in [
            (person("ada", "admins"), "admins"),
            (person("tomas", "approvers"), "approvers"),
            (person("ben", "requesters"), "requesters"),
        ] {
            services.people().upsert_person(&caller.person, &[group.to_owned()]).await.unwrap();
        }
        Self { pool, services }
    }

    async fn work(&self) {
        work_off(&self.pool, async |job| self.services.jobs().run(job).await.unwrap()).await;
    }

    /// A secret of the account that has no owner.
    async fn unowned_secret(&self) -> String {
        let (id,): (sqlx::types::Uuid,) = sqlx::query_as(
            "select id from resource
             where account_id = $1 and kind = 'secret' and owner is null
               and gone_at is null and deleted_at is null
             order by name limit 1",
        )
        .bind(ACCOUNT)
        .fetch_one(&self.pool)
        .await
        .unwrap();
        id.to_string()
    }
}

#[sqlx::test(migrations = "../migrations")]
async fn the_product_scans_fixes_and_grants_with_the_committed_roles(pool: PgPool) {
    let product = Product::new(pool).await;
    let services = &product.services;
    let (ada, ben, tomas) =
        (person("ada", "admins"), person("ben", "requesters"), person("tomas", "approvers"));

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
    let id = product.unowned_secret().await;
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
