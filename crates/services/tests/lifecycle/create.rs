//! A secret or parameter is created: checked before the first call, approved where a rule wants it, and its value kept nowhere.

mod file;
mod known;
mod lost;
mod refused;
mod session;
mod shape;

use crate::{
    fixture::{Fixture, ada, ben, code, eve, person},
    recorder::Recorder,
};
use claviger_domain::{
    authz::Caller,
    compliance::CheckResult,
    creation::{
        CreationForm, CreationState, CreationTransition,
        view::{CreationDraft, CreationRow},
    },
    facts::ResourceFacts,
    key::{KeyManager, KmsKey},
    problem::ProblemCode,
    remediation::PlanState,
    scan::RegionScanFault,
};
use claviger_services::{ServiceError, TypedValue};
use claviger_testkit::samples::{PAYMENTS, secret};
use sqlx::PgPool;
use time::Duration;

/// A text that is only ever a value.
const CANARY: &str = "canary-of-a-new-value-8861";
const US: &str = "us-east-1";
const KEY: &str = "alias/payments";

const CEDAR: &str = r#"
    permit(principal in Claviger::Team::"payments-engineers", action == Claviger::Action::"create",
        resource in Claviger::Account::"441205839201")
    unless { resource.name like "admin/*" };
"#;

const RULES: &str = r#"
    owner_team = "{owner}-engineers"

    [[creation]]
    name = "Production"
    scope = "organization"
    tags = { env = "prod" }
    approval = { by = [{ role = "approver" }] }
    decide_minutes = 60
    value_minutes = 30

    [[creation]]
    name = "Everything else"
    scope = "organization"
    approval = "none"
"#;

const POLICIES: &str = r"
id: owned
title: Has an owner
severity: high
rule:
  owner: {}
---
id: own-key
title: Has a key of ours
severity: medium
rule:
  customer-managed-key: {}
---
id: not-public
title: Is not public
severity: critical
rule:
  public-policy: {}
---
id: replicated
title: Its replicas are in sync
severity: low
rule:
  replica-health: {}
";

const POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow",
    "Principal":{"AWS":"arn:aws:iam::441205839201:role/app"},"Action":"secretsmanager:GetSecretValue","Resource":"*"}]}"#;

fn key_that_is(state: &str) -> KmsKey {
    KmsKey {
        arn: format!("arn:aws:kms:{US}:{PAYMENTS}:key/5d0c"),
        manager: KeyManager::Customer,
        state: state.into(),
        deletion_at: None,
        is_multi_region: false,
        aliases: None,
    }
}

async fn console(pool: &PgPool) -> Fixture {
    let fixture = Fixture::with_rules(pool, POLICIES, CEDAR, RULES).await;
    fixture.aws.set_key(KEY, key_that_is("Enabled"));
    fixture.aws.set_key("alias/off", key_that_is("Disabled"));
    // With its scan, KMS is asked about the key.
    let there = secret(PAYMENTS, US, "payments/there");
    fixture.aws.put(ResourceFacts { kms_key_id: Some(KEY.into()), ..there });
    fixture.scan().await;
    fixture
}

/// Everything that a new secret can have.
fn form() -> CreationForm {
    CreationForm {
        account: PAYMENTS.into(),
        region: US.into(),
        name: "payments/new".into(),
        key: KEY.into(),
        tags: "owner=payments\nteam=a".into(),
        policy: POLICY.into(),
        replicas: "eu-west-1".into(),
        reason: "The new ledger needs it.".into(),
        ..CreationForm::default()
    }
}

/// The same, for which somebody else has to approve the shape.
fn production() -> CreationForm {
    CreationForm { tags: "owner=payments\nenv=prod".into(), ..form() }
}

fn parameter() -> CreationForm {
    CreationForm {
        kind: "parameter".into(),
        name: "/payments/new".into(),
        policy: String::new(),
        replicas: String::new(),
        ..form()
    }
}

impl Fixture {
    async fn draft(&self, caller: &Caller, form: &CreationForm) -> CreationDraft {
        self.services.creations().draft(caller, &form.to_url_query()).await.unwrap()
    }

    /// Submits what a fresh preview shows; without one, another hash.
    async fn submit_as(
        &self,
        caller: &Caller,
        form: &CreationForm,
        accepts_failing: bool,
        value: &str,
    ) -> Result<CreationRow, ServiceError> {
        let draft = self.services.creations().draft(caller, &form.to_url_query()).await?;
        let hash = draft.preview.map(|preview| preview.hash).unwrap_or_default();
        let value = TypedValue::text(value);
        self.services.creations().submit(caller, form, accepts_failing, &hash, value).await
    }

    async fn submit(&self, form: &CreationForm) -> Result<CreationRow, ServiceError> {
        self.submit_as(&eve(), form, false, CANARY).await
    }

    async fn decide(
        &self,
        caller: &Caller,
        row: &CreationRow,
        step: CreationTransition,
    ) -> Result<CreationState, ServiceError> {
        let id = row.id.to_string();
        let hash = self.services.creations().creation(caller, &id).await?.hash;
        self.services.creations().transition_creation(caller, &id, step, &hash, "Read.").await
    }

    async fn enter(&self, caller: &Caller, row: &CreationRow) -> Result<CreationRow, ServiceError> {
        let form = CreationForm::default();
        let value = TypedValue::text(CANARY);
        self.services.creations().enter_value(caller, &row.id.to_string(), &form, value).await
    }

    async fn row(&self, row: &CreationRow) -> CreationRow {
        self.services.creations().creation(&eve(), &row.id.to_string()).await.unwrap().row
    }

    /// What tables of every schema hold, as text.
    pub async fn dump(&self) -> String {
        let tables: Vec<(String, String)> = sqlx::query_as(
            "select table_schema::text, table_name::text from information_schema.tables
             where table_schema not in ('pg_catalog', 'information_schema') and table_type = 'BASE TABLE'",
        )
        .fetch_all(&self.pool)
        .await
        .unwrap();
        assert!(tables.len() > 30, "{tables:?}");
        let mut dump = String::new();
        for (schema, table) in tables {
            let query = format!(r#"select string_agg(t::text, E'\n') from "{schema}"."{table}" t"#);
            let rows: Option<String> =
                sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&self.pool).await.unwrap();
            dump.push_str(&rows.unwrap_or_default());
        }
        dump
    }

    async fn audit(&self, subject: &str) -> Vec<String> {
        let entries = self.store.audit().audit_of(subject).await.unwrap();
        entries.iter().map(|entry| format!("{} {}", entry.audit_action, entry.phase)).collect()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_created_passes_its_checks_and_its_value_is_kept_nowhere(pool: PgPool) {
    let fixture = console(&pool).await;
    let recorder = Recorder::default();
    let recording = recorder.begin();
    let draft = fixture.draft(&eve(), &form()).await;
    assert_eq!(draft.faults, []);
    let preview = draft.preview.unwrap();
    assert_eq!((preview.failing.len(), preview.passing), (0, 4));
    assert_eq!(preview.calls.len(), 3, "{:?}", preview.calls);
    assert_eq!(draft.siblings, ["payments/there"]);
    assert!(fixture.aws.creations().is_empty(), "a preview calls nothing");

    let row = fixture.submit(&form()).await.unwrap();
    assert_eq!((row.state, row.message.as_deref()), (CreationState::Created, None));
    let order = fixture.aws.creations().pop().unwrap();
    assert!(order.policy.contains("secretsmanager:CreateSecret"), "{}", order.policy);
    for other in ["PutSecretValue", "GetSecretValue", "DeleteSecret", "PutResourcePolicy"] {
        assert!(!order.policy.contains(other), "{other}: {}", order.policy);
    }
    fixture.work().await;

    let id = row.resource.clone().unwrap();
    let arn = format!("arn:aws:secretsmanager:{US}:{PAYMENTS}:secret:payments/new-AbCdEf");
    assert_eq!(fixture.id(&arn).await, id);
    let plan = row.plan.unwrap().to_string();
    let plan = fixture.services.remediation().plan_page(&eve(), &plan).await.unwrap();
    assert_eq!(plan.row.state, PlanState::Ended);
    assert_eq!(plan.row.counts.done, 2, "the resource policy and the replica");
    let evaluation = fixture.services.compliance().resource_evaluation(&ada(), &id).await.unwrap();
    assert_eq!(evaluation.checks.len(), 4);
    for check in &evaluation.checks {
        assert_eq!(check.outcome.verdict, CheckResult::Pass, "{}", check.policy);
    }
    let all = ["request-creation done", "create-resource started", "create-resource completed"];
    assert_eq!(fixture.audit(&row.id.to_string()).await, all);

    // Each way of giving a value, and what AWS refuses.
    let pairs = CreationForm { name: "payments/pairs".into(), format: "pairs".into(), ..form() };
    fixture.submit_as(&eve(), &pairs, false, &format!("password={CANARY}")).await.unwrap();
    fixture.submit(&parameter()).await.unwrap();
    fixture.aws.refuse_calls(Some(RegionScanFault::Denied));
    let refused = CreationForm { name: "payments/refused".into(), ..form() };
    let refused = fixture.submit(&refused).await.unwrap();
    assert_eq!(refused.state, CreationState::Approved, "the value can be entered again");
    let twice = format!(r#"{{"a":"{CANARY}","a":1}}"#);
    let other = CreationForm { name: "payments/twice".into(), ..form() };
    let error = fixture.submit_as(&eve(), &other, false, &twice).await.unwrap_err();
    assert!(!format!("{error:?}").contains(CANARY));
    fixture.work().await;
    drop(recording);

    let dump = fixture.dump().await;
    assert!(dump.contains("payments/new") && dump.contains("payments/pairs"));
    assert!(!dump.contains(CANARY), "the value is in a table");
    let log = recorder.text();
    assert!(log.contains("submit") && log.contains("AWS refused a creation"), "nothing recorded");
    assert!(!log.contains(CANARY), "the value is in the log or the trace");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_check_that_would_fail_is_shown_and_has_to_be_accepted(pool: PgPool) {
    let fixture = console(&pool).await;
    let form = CreationForm { key: String::new(), tags: "team=a".into(), ..form() };
    let preview = fixture.draft(&eve(), &form).await.preview.unwrap();
    let failing: Vec<&str> = preview.failing.iter().map(|one| one.policy.as_str()).collect();
    assert_eq!(failing, ["owned", "own-key"], "the most severe first");
    let error = fixture.submit(&form).await.unwrap_err().into_problem();
    assert_eq!(error.code, ProblemCode::Conflict);
    assert!(error.message.contains("Has an owner"), "{}", error.message);
    assert!(fixture.aws.creations().is_empty());
    let row = fixture.submit_as(&eve(), &form, true, CANARY).await.unwrap();
    assert_eq!((row.state, row.failing.len()), (CreationState::Created, 2));
}

#[sqlx::test(migrations = "../../migrations")]
async fn somebody_else_approves_the_shape_and_the_requester_enters_the_value(pool: PgPool) {
    let fixture = console(&pool).await;
    let row = fixture.submit(&production()).await.unwrap();
    assert_eq!(row.state, CreationState::Waiting);
    assert!(fixture.aws.creations().is_empty());
    assert!(!fixture.dump().await.contains(CANARY), "a value that nobody needs yet");
    let error = fixture.enter(&eve(), &row).await.unwrap_err();
    assert_eq!(code(error), ProblemCode::Conflict);

    // Neither the requester, nor whom the rule does not name.
    let approve = CreationTransition::Approve;
    assert_eq!(
        code(fixture.decide(&eve(), &row, approve).await.unwrap_err()),
        ProblemCode::Conflict
    );
    let auditor = person("olga", "auditors");
    assert_eq!(
        code(fixture.decide(&auditor, &row, approve).await.unwrap_err()),
        ProblemCode::Forbidden
    );
    let id = row.id.to_string();
    let creations = fixture.services.creations();
    let stale = creations.transition_creation(&ben(), &id, approve, "another", "").await;
    assert_eq!(code(stale.unwrap_err()), ProblemCode::Conflict);
    let queue = fixture.services.queue().queue(&ben(), "").await.unwrap();
    assert_eq!(queue.to_decide, 1);

    assert_eq!(fixture.decide(&ben(), &row, approve).await.unwrap(), CreationState::Approved);
    assert_eq!(
        code(fixture.enter(&ada(), &row).await.unwrap_err()),
        ProblemCode::Conflict,
        "the requester alone"
    );
    let row = fixture.enter(&eve(), &row).await.unwrap();
    assert_eq!(row.state, CreationState::Created);
    assert_eq!(code(fixture.enter(&eve(), &row).await.unwrap_err()), ProblemCode::Conflict, "once");
    assert_eq!(fixture.aws.creations().len(), 1);
    let all = [
        "request-creation done",
        "approve-creation done",
        "create-resource started",
        "create-resource completed",
    ];
    assert_eq!(fixture.audit(&id).await, all);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_was_denied_or_withdrawn_is_over(pool: PgPool) {
    let fixture = console(&pool).await;
    for (by, step, state) in [
        (ben(), CreationTransition::Deny, CreationState::Denied),
        (eve(), CreationTransition::Withdraw, CreationState::Withdrawn),
    ] {
        let row = fixture.submit(&production()).await.unwrap();
        assert_eq!(fixture.decide(&by, &row, step).await.unwrap(), state);
        let again = fixture.decide(&ben(), &row, CreationTransition::Approve).await;
        assert_eq!(code(again.unwrap_err()), ProblemCode::Conflict);
        assert_eq!(code(fixture.enter(&eve(), &row).await.unwrap_err()), ProblemCode::Conflict);
    }
    assert!(fixture.aws.creations().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_changed_since_the_approval_is_refused(pool: PgPool) {
    let fixture = console(&pool).await;
    let row = fixture.submit(&production()).await.unwrap();
    fixture.decide(&ben(), &row, CreationTransition::Approve).await.unwrap();
    // Another check fails than the approver has seen.
    let stricter =
        "id: named\ntitle: Has our name\nseverity: low\nrule:\n  naming:\n    pattern: ^ledger/\n";
    fixture.services.policies().import_policies(stricter).await.unwrap();
    let error = fixture.enter(&eve(), &row).await.unwrap_err().into_problem();
    assert!(error.message.contains("Has our name"), "{}", error.message);
    // The requester has left the team.
    let gone = person("eve", "viewers");
    assert_eq!(code(fixture.enter(&gone, &row).await.unwrap_err()), ProblemCode::Forbidden);
    assert!(fixture.aws.creations().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_shape_that_changed_after_the_approval_is_not_created(pool: PgPool) {
    let fixture = console(&pool).await;
    let row = fixture.submit(&production()).await.unwrap();
    fixture.decide(&ben(), &row, CreationTransition::Approve).await.unwrap();
    let other = sqlx::query(
        "update creation set shape = jsonb_set(shape, '{name}', '\"payments/else\"') where id = $1",
    );
    other.bind(row.id.0).execute(&fixture.pool).await.unwrap();
    let error = fixture.enter(&eve(), &row).await.unwrap_err().into_problem();
    assert_eq!(error.code, ProblemCode::Conflict);
    assert!(error.message.contains("approved"), "{}", error.message);
    assert!(fixture.aws.creations().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn time_ends_what_nobody_decides_or_enters(pool: PgPool) {
    let fixture = console(&pool).await;
    let waits = fixture.submit(&production()).await.unwrap();
    let approved = CreationForm { name: "payments/b".into(), ..production() };
    let approved = fixture.submit(&approved).await.unwrap();
    fixture.decide(&ben(), &approved, CreationTransition::Approve).await.unwrap();
    fixture.clock.advance(Duration::minutes(31));
    assert_eq!(code(fixture.enter(&eve(), &approved).await.unwrap_err()), ProblemCode::Conflict);
    fixture.services.creations().update_creations().await.unwrap();
    assert_eq!(fixture.row(&approved).await.state, CreationState::Expired);
    assert_eq!(fixture.row(&waits).await.state, CreationState::Waiting);
    fixture.clock.advance(Duration::minutes(30));
    let late = fixture.decide(&ben(), &waits, CreationTransition::Approve).await;
    assert_eq!(code(late.unwrap_err()), ProblemCode::Conflict);
    fixture.services.creations().update_creations().await.unwrap();
    assert_eq!(fixture.row(&waits).await.state, CreationState::Expired);
    assert!(fixture.audit(&waits.id.to_string()).await.contains(&"expire-creation done".into()));
    assert!(fixture.aws.creations().is_empty());
}
