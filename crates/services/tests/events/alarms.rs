//! What raises an alarm, and who is told.

use crate::fixture::{DB, Fixture, arn};
use claviger_domain::{
    alarms::{AlarmKind, rules::AlarmRules, view::AlarmRow},
    authz::{Caller, RoleBinding},
    clock::Clock,
    facts::{Detail, ResourceFacts},
    inventory::activity::ActivityWhat,
};
use claviger_testkit::{
    US,
    samples::{PAYMENTS, parameter, secret},
};
use serde_json::{Value, json};
use sqlx::PgPool;
use time::Duration;

const STRANGER: &str = "arn:aws:sts::441205839201:assumed-role/admin/alice";

fn bindings() -> Vec<RoleBinding> {
    serde_json::from_str(
        r#"[{"group": "readers", "role": "requester", "scope": "organization"},
            {"group": "auditors", "role": "auditor", "scope": "organization"},
            {"group": "admins", "role": "security-admin", "scope": "organization"},
            {"group": "payments", "role": "viewer", "scope": "organization"}]"#,
    )
    .unwrap()
}

pub fn person(name: &str, group: &str) -> Caller {
    claviger_testkit::person(name, &[group], &bindings())
}

pub fn admin() -> Caller {
    person("ada", "admins")
}

impl Fixture {
    async fn alarms(&self) -> Vec<AlarmRow> {
        self.console.services.alarms().alarms(&admin(), "").await.unwrap().rows
    }

    /// Kind, name and number of events of each, the oldest first.
    pub async fn raised(&self) -> Vec<(AlarmKind, Option<String>, u32)> {
        let rows = self.alarms().await.into_iter().rev();
        rows.map(|row| (row.kind, row.name, row.events)).collect()
    }

    /// A sample, with an id of its own.
    fn numbered(&self, what: &str, id: &str) -> Value {
        let mut event = self.event(what);
        event["id"] = json!(id);
        if event["detail"]["eventID"].is_string() {
            event["detail"]["eventID"] = json!(id);
        }
        event
    }

    fn read_by(&self, actor: &str, id: &str) -> Value {
        let mut event = self.numbered("a read of a value", id);
        event["detail"]["userIdentity"]["arn"] = json!(actor);
        event
    }

    /// The inventory has it so.
    async fn has(&self, facts: ResourceFacts) {
        self.console.aws.put(facts);
        self.console.clock.advance(Duration::minutes(20));
        let scans = self.console.services.scans();
        scans.start_scan(&admin()).await.unwrap();
        self.console.work().await;
        self.console.aws.described();
    }

    pub async fn tagged(&self) {
        self.has(with_tag(secret(PAYMENTS, US, DB))).await;
    }

    async fn told(&self) -> Vec<(Option<String>, String)> {
        sqlx::query_as(
            "select recipient, title from notice where kind = 'alarm' order by recipient nulls first, title",
        )
        .fetch_all(&self.console.pool)
        .await
        .unwrap()
    }
}

fn with_tag(mut facts: ResourceFacts) -> ResourceFacts {
    facts.tags.get_or_insert_default().insert("claviger:sensitive".into(), "yes".into());
    facts
}

#[sqlx::test(migrations = "../../migrations")]
async fn rotations_and_deletions_raise_one_alarm_each_however_often_they_arrive(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let events = [
        ("RotationFailed with its step", "e-1"),
        ("RotationAbandoned", "e-2"),
        ("TestRotationFailed", "e-3"),
        ("StartSecretVersionDelete", "e-4"),
        ("a deletion with a window", "e-5"),
        ("a deleted parameter", "e-6"),
        ("RotationSucceeded", "e-7"),
        ("EndSecretVersionDelete", "e-8"),
    ];
    for _ in 0..2 {
        for (what, id) in events {
            fixture.queue.send(fixture.numbered(what, id));
        }
    }
    while fixture.queue.left() > 0 {
        fixture.receive().await;
    }
    let (db, own) = (Some(DB.to_owned()), Some("/payments/db".to_owned()));
    assert_eq!(
        fixture.raised().await,
        [
            (AlarmKind::RotationFailed, db.clone(), 1),
            (AlarmKind::RotationAbandoned, db.clone(), 1),
            (AlarmKind::RotationTestFailed, db.clone(), 1),
            (AlarmKind::VersionDeletion, db.clone(), 1),
            (AlarmKind::Deletion, db, 1),
            (AlarmKind::Deletion, own, 1),
        ]
    );
    let rows = fixture.alarms().await;
    assert!(rows.iter().all(|row| row.resource.is_some() && row.can_close));
    let failed = rows.last().unwrap();
    assert!(failed.detail.as_ref().unwrap().contains("createSecret"), "{failed:?}");
    assert_eq!(failed.principal, None, "a service did it");
    let deleted = rows.iter().find(|row| row.kind == AlarmKind::Deletion).unwrap();
    assert_eq!(deleted.principal.as_deref(), Some(STRANGER));
    // An approved plan deletes without an alarm.
    let mut plan = fixture.numbered("a deletion with a window", "e-9");
    plan["detail"]["userIdentity"]["arn"] =
        json!(format!("arn:aws:sts::{PAYMENTS}:assumed-role/claviger-remediation/P-1"));
    fixture.queue.send(plan);
    fixture.receive().await;
    assert_eq!(fixture.alarms().await.len(), 6);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_stranger_who_reads_a_sensitive_secret_raises_an_alarm_and_a_grant_none(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let grant = format!("arn:aws:sts::{PAYMENTS}:assumed-role/claviger-access/G-1-x");
    fixture.queue.send(fixture.read_by(STRANGER, "before"));
    fixture.receive().await;
    assert_eq!(fixture.raised().await, [], "it is not sensitive");
    fixture.tagged().await;
    fixture.queue.send(fixture.read_by(&grant, "e-1"));
    fixture.receive().await;
    assert_eq!(fixture.raised().await, []);
    for id in ["e-2", "e-2", "e-3"] {
        fixture.queue.send(fixture.read_by(STRANGER, id));
    }
    fixture.receive().await;
    assert_eq!(fixture.raised().await, [(AlarmKind::SensitiveRead, Some(DB.to_owned()), 2)]);
    // Somebody else is another alarm; so is a role of that name in another account.
    let elsewhere = "arn:aws:sts::999988887777:assumed-role/claviger-access/G-1-x";
    fixture.queue.send(fixture.read_by(elsewhere, "e-4"));
    fixture.receive().await;
    assert_eq!(fixture.alarms().await.len(), 2);
    // What was refused was tried.
    let mut refused = fixture.numbered("a refused read of a value", "e-5");
    refused["detail"]["userIdentity"]["arn"] = json!("arn:aws:iam::441205839201:user/eve");
    fixture.queue.send(refused);
    fixture.receive().await;
    let newest = fixture.alarms().await.remove(0);
    assert!(newest.detail.unwrap().contains("was refused: AccessDenied"));
    // The timeline has the read, with its alarm.
    let id = fixture.id(&arn(DB)).await;
    let activity = fixture.console.services.activity();
    let rows = activity.activity_of(&admin(), &id, "").await.unwrap().rows;
    let reads: Vec<_> = rows
        .iter()
        .filter_map(|row| match &row.what {
            ActivityWhat::Reported { call, alarm, .. } => Some((call.as_str(), *alarm)),
            _ => None,
        })
        .collect();
    assert_eq!(reads, [("GetSecretValue", Some(AlarmKind::SensitiveRead)); 4]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn readers_of_the_configuration_read_without_an_alarm(pool: PgPool) {
    let mut fixture = Fixture::new(&pool).await;
    fixture.tagged().await;
    let rules =
        AlarmRules { readers: vec!["*:assumed-role/admin/*".into()], ..AlarmRules::default() };
    fixture.console.services = fixture.console.services.with_alarm_rules(rules);
    fixture.queue.send(fixture.read_by(STRANGER, "e-1"));
    fixture.queue.send(fixture.read_by("arn:aws:iam::441205839201:user/eve", "e-2"));
    fixture.receive().await;
    let rows = fixture.alarms().await;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].principal.as_deref(), Some("arn:aws:iam::441205839201:user/eve"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn parameters_are_guarded_by_name_and_by_path(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    fixture.has(with_tag(parameter(PAYMENTS, US, "/payments/db"))).await;
    fixture.has(with_tag(parameter(PAYMENTS, US, "/payments/deep/er"))).await;
    let mut by_name = fixture.numbered("a read of a parameter", "e-1");
    by_name["detail"]["requestParameters"]["name"] = json!("/payments/db:3");
    let path = |path: &str, recursive: bool, id: &str| {
        let mut event = fixture.numbered("a read of a parameter", id);
        event["detail"]["eventName"] = json!("GetParametersByPath");
        event["detail"]["requestParameters"] = json!({"path": path, "recursive": recursive});
        event
    };
    fixture.queue.send(by_name);
    fixture.queue.send(path("/payments", false, "e-2"));
    fixture.queue.send(path("/pay", true, "e-3"));
    fixture.receive().await;
    let db = (AlarmKind::SensitiveRead, Some("/payments/db".to_owned()), 2);
    assert_eq!(fixture.raised().await, std::slice::from_ref(&db));
    fixture.queue.send(path("/", true, "e-4"));
    fixture.receive().await;
    let deep = (AlarmKind::SensitiveRead, Some("/payments/deep/er".to_owned()), 1);
    assert_eq!(fixture.raised().await, [(db.0, db.1, 3), deep]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_read_while_deletion_is_pending_raises_an_alarm(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    // The inventory does not know yet; AWS's message does.
    let grant = format!("arn:aws:sts::{PAYMENTS}:assumed-role/claviger-access/G-1-x");
    let mut first = fixture.read_by(&grant, "e-1");
    first["detail"]["errorCode"] = json!("InvalidRequestException");
    first["detail"]["errorMessage"] =
        json!("You can't perform this operation on the secret because it was marked for deletion.");
    fixture.queue.send(first);
    fixture.receive().await;
    let pending = (AlarmKind::ReadWhileDeleted, Some(DB.to_owned()), 1);
    assert_eq!(fixture.raised().await, std::slice::from_ref(&pending));
    let mut deleted = secret(PAYMENTS, US, DB);
    if let Detail::Secret(detail) = &mut deleted.detail {
        detail.deleted_at = Some(fixture.console.clock.now());
    }
    fixture.has(deleted).await;
    fixture.queue.send(fixture.read_by(STRANGER, "e-2"));
    fixture.receive().await;
    assert_eq!(fixture.raised().await, [pending.clone(), pending]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_finding_is_about_the_account_or_the_secret_that_it_names(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let mut finding = fixture.numbered("a finding about access to credentials", "e-1");
    finding["detail"]["id"] = json!("f-1");
    fixture.queue.send(&finding);
    // GuardDuty's administrator sends it too, and so does its next occurrence.
    finding["id"] = json!("e-2");
    finding["account"] = json!("458812704336");
    fixture.queue.send(&finding);
    finding["detail"]["id"] = json!("f-2");
    finding["detail"]["service"]["action"]["awsApiCallAction"]["affectedResources"] =
        json!({"AWS::SecretsManager::Secret": arn(DB)});
    fixture.queue.send(&finding);
    // Of an account that the inventory does not have.
    finding["detail"]["id"] = json!("f-3");
    finding["detail"]["accountId"] = json!("999988887777");
    fixture.queue.send(&finding);
    fixture.receive().await;
    assert_eq!(fixture.queue.left(), 0);
    let rows = fixture.alarms().await;
    let said: Vec<_> = rows.iter().map(|row| (row.event.as_str(), row.name.as_deref())).collect();
    assert_eq!(said, [("f-2", Some(DB)), ("f-1", None)]);
    assert!(rows.iter().all(|row| row.account.as_str() == PAYMENTS));
}

#[sqlx::test(migrations = "../../migrations")]
async fn owners_and_security_admins_are_told_once(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    for (name, group) in [("ada", "admins"), ("pia", "payments"), ("ben", "readers")] {
        let caller = person(name, group);
        let groups = [group.to_owned()];
        let people = fixture.console.services.people();
        people.upsert_person(&caller.person, &groups).await.unwrap();
    }
    // The people of the fixture's Organization know the roles of its configuration alone.
    fixture.tagged().await;
    for id in ["e-1", "e-2"] {
        fixture.queue.send(fixture.read_by(STRANGER, id));
        fixture.receive().await;
    }
    let told = fixture.told().await;
    let channel = told.iter().filter(|(who, _)| who.is_none()).count();
    assert_eq!(channel, 1, "{told:?}");
    assert!(told[0].1.starts_with("Read of a sensitive value: payments/db, "), "{told:?}");
    assert!(!told.iter().any(|(who, _)| who.as_deref() == Some("ben")), "{told:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_closed_alarm_stays_closed_and_later_events_raise_a_new_one(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    fixture.tagged().await;
    fixture.queue.send(fixture.read_by(STRANGER, "e-1"));
    fixture.receive().await;
    let alarms = fixture.console.services.alarms();
    let id = fixture.alarms().await[0].id.to_string();
    for (caller, note) in [(person("ola", "auditors"), "no"), (admin(), " ")] {
        assert!(alarms.close_alarm(&caller, &id, note).await.is_err());
    }
    alarms.close_alarm(&admin(), &id, "A migration; done.").await.unwrap();
    assert!(alarms.close_alarm(&admin(), &id, "again").await.is_err());
    assert_eq!(fixture.alarms().await.len(), 0);
    fixture.queue.send(fixture.read_by(STRANGER, "e-1"));
    fixture.receive().await;
    assert_eq!(fixture.alarms().await.len(), 0, "the same event");
    fixture.queue.send(fixture.read_by(STRANGER, "e-2"));
    fixture.receive().await;
    assert_eq!(fixture.alarms().await.len(), 1);
    let closed = alarms.alarms(&admin(), "state=closed").await.unwrap().rows;
    assert_eq!(closed[0].closed.as_ref().map(|it| it.note.as_str()), Some("A migration; done."));
    let only = alarms.alarms(&admin(), &format!("alarm={id}")).await.unwrap().rows;
    assert_eq!(only.len(), 1);
    let entries: Vec<String> = sqlx::query_scalar("select body::jsonb ->> 'deed' from audit_entry")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert!(entries.contains(&"close-alarm".to_owned()), "{entries:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn poison_and_unknown_accounts_raise_nothing(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    fixture.tagged().await;
    let mut finding = fixture.event("a finding about access to credentials");
    finding["detail"] = json!({"type": "CredentialAccess:IAMUser/AnomalousBehavior"});
    fixture.queue.send(finding);
    let mut nameless = fixture.read_by(STRANGER, "e-1");
    nameless["detail"]["eventName"] = json!(7);
    fixture.queue.send(nameless);
    let unknown = fixture.numbered("RotationFailed with its step", "e-2").to_string();
    fixture.queue.send(unknown.replace(PAYMENTS, "999988887777"));
    fixture.queue.send(fixture.read_by(STRANGER, "e-3"));
    fixture.receive().await;
    assert_eq!(fixture.queue.left(), 2, "what is no event stays for the dead-letter queue");
    assert_eq!(fixture.raised().await, [(AlarmKind::SensitiveRead, Some(DB.to_owned()), 1)]);
}
