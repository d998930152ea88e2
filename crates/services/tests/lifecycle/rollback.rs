//! The previous version is current again, and no value is read for it.

use crate::{
    fixture::{Fixture, ada, ben, bindings},
    plans::{OWNER, approve, form, of, says},
};
use aws_credential_types::Credentials;
use claviger_domain::{
    facts::{Detail, ResourceFacts, SecretFacts, Version},
    remediation::{StepState, view::PlanView},
    scan::ScanTrigger,
};
use claviger_services::grants::AccessSettings;
use claviger_testkit::{
    Console, Ministack, RecordingProxy, ministack,
    samples::{PAYMENTS, secret_with},
};
use sqlx::PgPool;
use time::{OffsetDateTime, macros::datetime};

const US: &str = "us-east-1";
const BEFORE: OffsetDateTime = datetime!(2026-10-01 9:00 UTC);
const SINCE: OffsetDateTime = datetime!(2026-11-01 9:00 UTC);

fn version(id: &str, stages: &[&str]) -> Version {
    Version { id: id.into(), stages: stages.iter().map(|stage| (*stage).to_owned()).collect() }
}

fn versions() -> Vec<Version> {
    vec![version("new", &["AWSCURRENT"]), version("old", &["AWSPREVIOUS"])]
}

impl Fixture {
    /// A secret with a new and an old version, both with values.
    async fn put_versions(&self, change: impl FnOnce(&mut SecretFacts)) -> ResourceFacts {
        let facts = secret_with(PAYMENTS, US, "orders/db", |secret| {
            secret.versions = versions();
            change(secret);
        });
        self.aws.put(facts.clone());
        self.aws.set_values(&facts.arn, &[("new", SINCE), ("old", BEFORE)]);
        self.scan().await;
        facts
    }

    /// The ids of the current, the previous and the pending version, as AWS has them; empty where there is none.
    fn stages(&self, facts: &ResourceFacts) -> [String; 3] {
        let found = self.aws.resource(&facts.arn).unwrap();
        let Detail::Secret(secret) = found.detail else { panic!("a secret") };
        ["AWSCURRENT", "AWSPREVIOUS", "AWSPENDING"]
            .map(|stage| secret.staged(stage).map(|version| version.id.clone()).unwrap_or_default())
    }

    /// Plans the action for the secret, approves it and does it.
    async fn carried_out(&self, facts: &ResourceFacts, wish: &str) -> PlanView {
        let id = self.id(facts.arn.as_str()).await;
        let plan = approve(&self.0, &of(&[&id]), form(wish)).await;
        self.work().await;
        self.services.remediation().plan_page(&ada(), &plan).await.unwrap()
    }

    /// Why the action does not apply to the secret.
    async fn refused(&self, facts: &ResourceFacts, wish: &str) -> String {
        let of = of(&[&self.id(facts.arn.as_str()).await]);
        let service = self.services.remediation();
        let draft = service.draft_plan(&ada(), &form(wish).to_url_query(&of)).await.unwrap();
        assert_eq!(draft.steps, [], "{draft:?}");
        draft.left_out[0].why.clone()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_previous_version_is_current_again(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let facts = fixture.put_versions(|_| {}).await;
    let page = fixture.carried_out(&facts, "roll-back").await;
    assert_eq!(says(&page), ["Done. No check fails."]);
    assert_eq!(fixture.stages(&facts), ["old", "new", ""]);
    let orders = fixture.aws.orders();
    assert_eq!(orders.len(), 1, "one call");
    let policy: serde_json::Value = serde_json::from_str(&orders[0].policy).unwrap();
    let statement = &policy["Statement"][0];
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 1);
    assert_eq!(statement["Action"], "secretsmanager:UpdateSecretVersionStage");
    assert_eq!(statement["Resource"], facts.arn.as_str());
    let stage = &statement["Condition"]["StringEquals"]["secretsmanager:VersionStage"];
    assert_eq!(*stage, "AWSCURRENT");
    // And forth again, in a plan of its own.
    fixture.carried_out(&facts, "roll-back").await;
    assert_eq!(fixture.stages(&facts), ["new", "old", ""]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn after_a_lost_race_nothing_is_moved(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let facts = fixture.put_versions(|_| {}).await;
    let target = of(&[&fixture.id(facts.arn.as_str()).await]);
    let plan = approve(&fixture.0, &target, form("roll-back")).await;
    // Somebody writes a new value between the approval and the call.
    let raced = secret_with(PAYMENTS, US, "orders/db", |secret| {
        secret.versions = vec![version("newer", &["AWSCURRENT"]), version("new", &["AWSPREVIOUS"])];
    });
    fixture.aws.put(raced.clone());
    fixture.work().await;
    let page = fixture.services.remediation().plan_page(&ada(), &plan).await.unwrap();
    assert_eq!(page.steps[0].state, StepState::Failed);
    assert!(says(&page)[0].contains("changed since the plan"), "{page:?}");
    assert_eq!(fixture.stages(&raced), ["newer", "new", ""]);
    assert_eq!(fixture.aws.orders(), []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_call_whose_outcome_was_lost_is_not_made_twice(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let facts = fixture.put_versions(|_| {}).await;
    let target = of(&[&fixture.id(facts.arn.as_str()).await]);
    let plan = approve(&fixture.0, &target, form("roll-back")).await;
    // The worker dies after AWS has moved the stages.
    fixture.aws.put(secret_with(PAYMENTS, US, "orders/db", |secret| {
        secret.versions = vec![version("old", &["AWSCURRENT"]), version("new", &["AWSPREVIOUS"])];
    }));
    fixture.work().await;
    let page = fixture.services.remediation().plan_page(&ada(), &plan).await.unwrap();
    assert_eq!(page.steps[0].state, StepState::Done, "{page:?}");
    assert_eq!(fixture.aws.orders(), []);
}

#[sqlx::test(migrations = "../../migrations")]
async fn where_the_target_has_another_password_it_is_refused(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    let managed = fixture.put_versions(|secret| {
        secret.rotation.enabled = Some(true);
        secret.rotation.last_rotated_at = Some(SINCE);
    });
    let facts = managed.await;
    let why = fixture.refused(&facts, "roll-back").await;
    assert!(why.contains("was changed in the target system"), "{why}");
    let facts = fixture.put_versions(|secret| secret.owning_service = Some("rds".into())).await;
    let why = fixture.refused(&facts, "roll-back").await;
    assert!(why.contains("was changed in the target system"), "{why}");
    // A function's password may have changed: the approver is told, and the approval is of that.
    let rotated = fixture.put_versions(|secret| {
        secret.rotation.enabled = Some(true);
        secret.rotation.lambda_arn = Some("arn:aws:lambda:us-east-1:1:function:r".into());
        secret.rotation.last_rotated_at = Some(SINCE);
    });
    let facts = rotated.await;
    let page = fixture.carried_out(&facts, "roll-back").await;
    assert!(page.steps[0].warnings[0].contains("rotated on 2026-11-01"), "{page:?}");
    assert_eq!(fixture.stages(&facts), ["old", "new", ""]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_stuck_pending_is_cleared_even_without_a_value(pool: PgPool) {
    let fixture = Fixture::new(&pool, OWNER).await;
    // No value was ever put into the pending version: AWS lists it in DescribeSecret alone.
    let stuck = fixture.put_versions(|secret| {
        secret.versions.push(version("stuck", &["AWSPENDING"]));
    });
    let facts = stuck.await;
    let page = fixture.carried_out(&facts, "clear-pending").await;
    assert_eq!(says(&page), ["Done. No check fails."]);
    assert_eq!(fixture.stages(&facts), ["new", "old", ""]);
    let why = fixture.refused(&facts, "clear-pending").await;
    assert!(why.contains("no version has AWSPENDING"), "{why}");
    let normal = fixture.put_versions(|secret| secret.versions[0].stages.push("AWSPENDING".into()));
    let why = fixture.refused(&normal.await, "clear-pending").await;
    assert!(why.contains("normal"), "{why}");
}

/// At the emulator that enforces sessions: every request of the product passes the proxy, and none reads a value.
#[sqlx::test(migrations = "../../migrations")]
async fn ministack_no_value_is_read_for_a_roll_back(pool: PgPool) {
    let emulator = ministack();
    let proxy = RecordingProxy::before(&emulator.url).await;
    let seen = Ministack { url: proxy.url.clone(), ..emulator.clone() };
    let access = AccessSettings { roles: bindings(), ..AccessSettings::nothing().unwrap() };
    let console = Console::builder(&pool).access(access).build_over(seen.hub().await).await;
    for caller in [ada(), ben()] {
        console.services.people().upsert_person(&caller.person, &caller.groups).await.unwrap();
    }
    let owner = emulator.config(Credentials::new(PAYMENTS, "root", None, None, "owner")).await;
    let owner = aws_sdk_secretsmanager::Client::new(&owner);
    let own: String =
        sqlx::query_scalar("select current_database()").fetch_one(&pool).await.unwrap();
    let name = format!("payments/{}", own.trim_matches('_'));
    // Of an earlier run at the same emulator.
    let _ = owner.delete_secret().secret_id(&name).force_delete_without_recovery(true).send().await;
    let made = owner.create_secret().name(name).secret_string("CANARY-old").send().await.unwrap();
    let (arn, old) = (made.arn().unwrap(), made.version_id().unwrap());
    owner.put_secret_value().secret_id(arn).secret_string("CANARY-new").send().await.unwrap();
    console.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    console.work().await;
    let id: sqlx::types::Uuid = sqlx::query_scalar("select id from resource where arn = $1")
        .bind(arn)
        .fetch_one(&pool)
        .await
        .unwrap();
    let plan = approve(&console, &of(&[&id.to_string()]), form("roll-back")).await;
    console.work().await;
    let page = console.services.remediation().plan_page(&ada(), &plan).await.unwrap();
    assert_eq!(page.steps[0].state, StepState::Done, "{page:?}");

    let operations = proxy.operations();
    let count = |part: &str| operations.iter().filter(|name| name.contains(part)).count();
    assert_eq!(count("UpdateSecretVersionStage"), 1, "{operations:?}");
    assert_eq!(count("GetSecretValue"), 0, "{operations:?}");
    assert!(count("DescribeSecret") > 1, "the proxy sees what the product asks: {operations:?}");
    let now = owner.get_secret_value().secret_id(arn).send().await.unwrap();
    assert_eq!((now.secret_string(), now.version_id()), (Some("CANARY-old"), Some(old)));
    owner.delete_secret().secret_id(arn).force_delete_without_recovery(true).send().await.unwrap();
}
