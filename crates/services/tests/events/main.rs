//! Events of accounts: what each leads to, over an AWS and a queue in memory and a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod alarm_checks;
mod alarms;
mod emulator;
mod fixture;

use claviger_domain::{
    authz::RoleBinding, aws_event::RotationStep, clock::Clock, facts::Kind,
    inventory::activity::ActivityWhat, job::Job, scan::RegionScanFault,
};
use claviger_services::{QueueError, RETENTION, Retention, ServiceError};
use claviger_testkit::{
    US,
    samples::{CHECKOUT, PAYMENTS, parameter, secret, secret_with},
    taken_jobs,
};
use fixture::{DB, Fixture, arn, at, bindings, reader, samples, sent_by};
use serde_json::json;
use sqlx::PgPool;
use std::sync::atomic::Ordering;
use time::Duration;

#[sqlx::test(migrations = "../../migrations")]
async fn every_event_of_a_change_refreshes_one_resource(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let secrets = sent_by("claviger-secrets");
    let parameters = sent_by("claviger-parameters");
    assert!(secrets.len() > 20 && parameters.len() >= 4);
    for (at, what) in secrets.iter().chain(&parameters).enumerate() {
        let is_secret = at < secrets.len();
        let text = format!("after {what}");
        let (facts, named) = if is_secret {
            (secret(PAYMENTS, US, DB), arn(DB))
        } else {
            (parameter(PAYMENTS, US, "/payments/db"), "/payments/db".to_owned())
        };
        let own = facts.arn.to_string();
        fixture.change(facts, &text);
        let mut event = fixture.event(what);
        // Each sample has the same id.
        event["id"] = json!(format!("event-{at}"));
        if event["detail"]["eventID"].is_string() {
            event["detail"]["eventID"] = json!(format!("record-{at}"));
        }
        fixture.queue.send(event);
        fixture.receive().await;
        assert_eq!(fixture.described(), [named], "{what}");
        assert_eq!(fixture.description(&own).await, Some(text), "{what}");
        assert_eq!(fixture.queue.left(), 0, "{what}");
    }
}

/// Reads, alarms, findings and tests cause no call to AWS, and leave the queue.
#[sqlx::test(migrations = "../../migrations")]
async fn other_events_refresh_nothing(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let all = sent_by("claviger-queue");
    let changes: Vec<String> =
        ["claviger-secrets", "claviger-parameters"].into_iter().flat_map(sent_by).collect();
    let others: Vec<&String> = all.iter().filter(|what| !changes.contains(what)).collect();
    assert!(others.len() > 10);
    for what in others {
        fixture.queue.send(fixture.event(what));
    }
    let test = samples().into_values().find(|event| event["source"] == "claviger.test").unwrap();
    fixture.queue.send(test);
    while fixture.queue.left() > 0 {
        fixture.receive().await;
    }
    assert_eq!(fixture.described(), [""; 0]);
    let auditor = claviger_testkit::person("ola", &["audit"], &bindings());
    let view = fixture.console.services.events().events_view(&auditor).await.unwrap();
    let sent = view.sources.iter().find(|one| one.account.as_str() == PAYMENTS).unwrap();
    assert!(sent.last_test_at.is_some() && sent.events > 10, "{sent:?}");
    let silent = view.sources.iter().find(|one| one.account.as_str() == CHECKOUT).unwrap();
    assert_eq!((silent.events, silent.last_event_at), (0, None));
}

/// One change arrives as three events, each more than once, in any order.
#[sqlx::test(migrations = "../../migrations")]
async fn three_forms_of_a_change_are_one_refresh(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let forms = ["the native event of a moved label", "PutSecretValue", "RotationSucceeded"];
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0]] {
        fixture.change(secret(PAYMENTS, US, DB), "new");
        let tag = fixture.console.clock.now().unix_timestamp();
        let events = order.map(|at| {
            let mut event = fixture.event(forms[at]);
            event["id"] = json!(format!("event-{at}-{tag}"));
            if event["detail"]["eventID"].is_string() {
                event["detail"]["eventID"] = json!(format!("record-{at}-{tag}"));
            }
            event
        });
        fixture.console.clock.advance(Duration::seconds(2));
        for event in events.iter().chain(&events) {
            fixture.queue.send(event);
        }
        fixture.receive().await;
        // CloudTrail's come minutes later, and once more.
        fixture.console.clock.advance(Duration::minutes(10));
        for event in &events {
            fixture.queue.send(event);
        }
        fixture.receive().await;
        assert_eq!(fixture.described(), [arn(DB)], "{order:?}");
        assert_eq!(fixture.queue.left(), 0);
    }
    let records: i64 =
        sqlx::query_scalar("select count(*) from aws_event").fetch_one(&pool).await.unwrap();
    assert_eq!(records, 9, "each once");
}

/// An event that is late says what is known; one that is newer than the last reading does not.
#[sqlx::test(migrations = "../../migrations")]
async fn events_out_of_order_end_with_what_aws_has(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    fixture.change(secret(PAYMENTS, US, DB), "first");
    let mut first = fixture.event("UpdateSecret");
    first["detail"]["eventID"] = json!("first");
    fixture.change(secret(PAYMENTS, US, DB), "second");
    let mut second = fixture.event("UpdateSecret");
    second["detail"]["eventID"] = json!("second");
    fixture.console.clock.advance(Duration::seconds(5));
    fixture.queue.send(second);
    fixture.receive().await;
    fixture.queue.send(first);
    fixture.receive().await;
    assert_eq!(fixture.described(), [arn(DB)]);
    assert_eq!(fixture.description(&arn(DB)).await.as_deref(), Some("second"));
}

/// What happens while AWS answers is not in the answer.
#[sqlx::test(migrations = "../../migrations")]
async fn a_change_during_a_reading_is_read_again(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    fixture.change(secret(PAYMENTS, US, DB), "first");
    let mut event = fixture.event("UpdateSecret");
    event["detail"]["eventID"] = json!("first");
    fixture.queue.send(event);
    fixture.console.aws.describes_slowly(&fixture.console.clock, Duration::seconds(60));
    fixture.receive().await;
    assert_eq!(fixture.description(&arn(DB)).await.as_deref(), Some("first"));
    // Half a minute before the answer arrived.
    let meanwhile = fixture.console.clock.now() - Duration::seconds(30);
    fixture.change(secret(PAYMENTS, US, DB), "second");
    let mut event = at(samples()["UpdateSecret"].clone(), meanwhile);
    event["detail"]["eventID"] = json!("second");
    fixture.queue.send(event);
    fixture.receive().await;
    assert_eq!(fixture.description(&arn(DB)).await.as_deref(), Some("second"));
}

/// A reading that fails halfway is not taken for one: the next attempt does all of it.
#[sqlx::test(migrations = "../../migrations")]
async fn a_reading_that_failed_halfway_is_done_again(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let own = secret(PAYMENTS, US, DB);
    fixture.change(own.clone(), "new");
    let policy = r#"{"Version":"2012-10-17","Statement":[]}"#;
    fixture.console.aws.attach_policy(&own.arn, policy);
    fixture.console.clock.advance(Duration::minutes(1));
    fixture.console.aws.fail_details(Some(RegionScanFault::Throttled));
    let changed = fixture.console.clock.now() - Duration::seconds(30);
    let job = Job::RefreshResource {
        account: own.arn.account().parse().unwrap(),
        region: own.arn.region().parse().unwrap(),
        kind: Kind::Secret,
        name: own.arn.to_string(),
        at: changed.unix_timestamp(),
    };
    assert!(fixture.console.services.jobs().run(job.clone()).await.is_err());
    fixture.console.aws.fail_details(None);
    fixture.console.services.jobs().run(job).await.unwrap();
    let id = fixture.id(own.arn.as_str()).await;
    let shown = fixture.console.services.inventory().resource(&reader(), &id).await.unwrap();
    assert_eq!(shown.facts.description.as_deref(), Some("new"));
    let text: Option<String> =
        sqlx::query_scalar("select deep #>> '{resource_policy,read}' from resource where arn = $1")
            .bind(own.arn.as_str())
            .fetch_one(&pool)
            .await
            .unwrap();
    assert!(text.is_some_and(|text| text.contains("2012-10-17")));
    let evaluations = taken_jobs(&pool).await;
    assert!(evaluations.iter().any(|job| matches!(job, Job::Evaluate { .. })), "{evaluations:?}");
}

/// What is no event stays for the dead-letter queue; what is around it is taken in.
#[sqlx::test(migrations = "../../migrations")]
async fn poison_delays_nothing(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    fixture.change(secret(PAYMENTS, US, DB), "new");
    let mut mangled = fixture.event("UpdateSecret");
    mangled["account"] = json!("x");
    for poison in [json!("{"), json!([]), json!({"source": "aws.secretsmanager"}), mangled] {
        fixture.queue.send(poison);
    }
    fixture.queue.send("not JSON at all \u{0}");
    fixture.queue.send(fixture.event("UpdateSecret"));
    fixture.receive().await;
    assert_eq!(fixture.queue.left(), 5);
    assert_eq!(fixture.described(), [arn(DB)]);
    fixture.receive().await;
    assert_eq!((fixture.queue.left(), fixture.described()), (5, Vec::new()));
}

/// Accounts, Regions and resources that the inventory does not have.
#[sqlx::test(migrations = "../../migrations")]
async fn what_is_not_scanned_stays_out(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let text = fixture.event("UpdateSecret").to_string();
    fixture.queue.send(text.replace(PAYMENTS, "999988887777"));
    fixture.queue.send(text.replace("us-east-1", "ap-east-1"));
    fixture.receive().await;
    assert_eq!((fixture.queue.left(), fixture.described()), (0, Vec::new()));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_new_secret_appears_with_who_created_it(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let new = secret(PAYMENTS, US, "payments/new");
    fixture.change(new.clone(), "fresh");
    let event = fixture.event("CreateSecret").to_string().replace(DB, "payments/new");
    fixture.console.clock.advance(Duration::seconds(3));
    fixture.queue.send(event);
    fixture.receive().await;
    assert_eq!(fixture.described(), ["payments/new"], "by its name");
    assert_eq!(fixture.description(new.arn.as_str()).await.as_deref(), Some("fresh"));
    let id = fixture.id(new.arn.as_str()).await;
    let activity =
        fixture.console.services.activity().activity_of(&reader(), &id, "").await.unwrap();
    let created = activity.rows.iter().find_map(|row| match &row.what {
        ActivityWhat::Reported { call, .. } => Some((call.as_str(), row.who.as_deref())),
        _ => None,
    });
    let alice = format!("arn:aws:sts::{PAYMENTS}:assumed-role/admin/alice");
    assert_eq!(created, Some(("CreateSecret", Some(alice.as_str()))));
    // A list is behind for a while: it takes nothing away.
    fixture.console.aws.leave_out_of_lists(&new.arn);
    fixture.console.scan().await;
    assert_eq!(fixture.description(new.arn.as_str()).await.as_deref(), Some("fresh"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_deleted_secret_gets_a_tombstone_and_comes_back(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let own = secret(PAYMENTS, US, DB);
    fixture.console.aws.remove(&own.arn);
    fixture.queue.send(fixture.event("a deletion without recovery"));
    fixture.receive().await;
    let gone = async || -> bool {
        sqlx::query_scalar("select gone_at is not null from resource where arn = $1")
            .bind(own.arn.as_str())
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    assert!(gone().await);
    let others: i64 = sqlx::query_scalar("select count(*) from resource where gone_at is not null")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(others, 1, "nothing else");
    fixture.change(own.clone(), "back");
    fixture
        .queue
        .send(fixture.event("RestoreSecret").to_string().replace("000000000002", "000000000009"));
    fixture.receive().await;
    assert!(!gone().await);
    assert_eq!(fixture.description(own.arn.as_str()).await.as_deref(), Some("back"));
}

/// `ListSecrets` lags up to five minutes behind `DescribeSecret`.
#[sqlx::test(migrations = "../../migrations")]
async fn a_list_that_lags_does_not_undo_a_refresh(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let before = secret(PAYMENTS, US, DB);
    fixture.change(before.clone(), "new");
    fixture.queue.send(fixture.event("UpdateSecret"));
    fixture.receive().await;
    fixture.console.aws.put(before.clone());
    let scan =
        async |minutes| {
            fixture.console.clock.advance(Duration::minutes(minutes));
            fixture.console.services.scans().start_scan(&claviger_testkit::person(
            "ada",
            &["admins"],
            &serde_json::from_str::<Vec<RoleBinding>>(
                r#"[{"group": "admins", "role": "security-admin", "scope": "organization"}]"#,
            )
            .unwrap(),
        )).await.unwrap();
            fixture.console.work().await;
            fixture.description(before.arn.as_str()).await.unwrap()
        };
    assert_eq!(scan(2).await, "new");
    assert_eq!(scan(2).await, "new");
    assert_eq!(scan(2).await, format!("about {DB}"), "after that the list is what AWS has");
}

/// No event came: the next scan finds it.
#[sqlx::test(migrations = "../../migrations")]
async fn the_scan_finds_what_no_event_reported(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    fixture.change(secret(PAYMENTS, US, DB), "unseen");
    fixture.receive().await;
    assert_ne!(fixture.description(&arn(DB)).await.as_deref(), Some("unseen"));
    fixture.console.clock.advance(Duration::days(366));
    fixture.console.scan().await;
    assert_eq!(fixture.description(&arn(DB)).await.as_deref(), Some("unseen"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_failed_rotation_appears_with_its_step_until_one_succeeds(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    assert_eq!(fixture.failure().await, None);
    let send = async |what: &str| {
        fixture.console.clock.advance(Duration::minutes(1));
        let tag = fixture.console.clock.now().unix_timestamp();
        let mut event = fixture.event(what);
        event["detail"]["eventID"] = json!(format!("{what}-{tag}"));
        fixture.queue.send(event);
        fixture.receive().await;
    };
    send("RotationStarted").await;
    send("RotationFailed with its step").await;
    let failure = fixture.failure().await.unwrap();
    assert_eq!(failure.step, Some(RotationStep::CreateSecret));
    assert!(failure.message.unwrap().contains("during createSecret step"));
    send("RotationAbandoned").await;
    assert!(fixture.failure().await.unwrap().is_abandoned);
    send("RotationSucceeded").await;
    assert_eq!(fixture.failure().await, None);
    send("TestRotationFailed").await;
    let test = fixture.failure().await.unwrap();
    assert!(test.is_test && test.step.is_none());
    // A rotation whose event did not arrive.
    fixture.console.clock.advance(Duration::hours(1));
    let rotated = Some(fixture.console.clock.now());
    let facts = secret_with(PAYMENTS, US, DB, |secret| secret.rotation.last_rotated_at = rotated);
    fixture.change(facts, "rotated");
    fixture.console.clock.advance(Duration::days(366));
    fixture.console.scan().await;
    assert_eq!(fixture.failure().await, None);
    // The page of one that CloudTrail does not know.
    let id = fixture.id(&arn("payments/other")).await;
    let header = fixture.console.services.activity().resource_header(&reader(), &id).await.unwrap();
    assert_eq!(header.failed_rotation, None);
}

/// A secret whose own policy denies `DescribeSecret` is not known to be gone, and the job is done.
#[sqlx::test(migrations = "../../migrations")]
async fn a_refused_description_changes_nothing(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let own = secret(PAYMENTS, US, DB);
    fixture.console.aws.deny_describe(&own.arn);
    fixture.queue.send(fixture.event("UpdateSecret"));
    fixture.receive().await;
    let shown = fixture.description(own.arn.as_str()).await;
    assert_eq!(shown, Some(format!("about {DB}")));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_queue_that_cannot_be_read_is_shown_with_its_reason(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let events = fixture.console.services.events();
    fixture.receive().await;
    events.count_queue(&fixture.queue).await.unwrap();
    fixture.queue.is_down.store(true, Ordering::Relaxed);
    fixture.console.clock.advance(Duration::seconds(30));
    let error = events.read_queue(&fixture.queue).await.unwrap_err();
    assert!(matches!(error, QueueError::Aws(_)), "{error}");
    let state = fixture.console.store.events().queue_state().await.unwrap().unwrap();
    assert_eq!(state.fault(), Some("ReceiveMessage: no rights"));
    assert_eq!(state.dead_letters, Some(2));
    fixture.queue.is_down.store(false, Ordering::Relaxed);
    fixture.console.clock.advance(Duration::seconds(30));
    fixture.receive().await;
    let state = fixture.console.store.events().queue_state().await.unwrap().unwrap();
    assert_eq!(state.fault(), None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn events_are_for_those_who_read_the_settings_and_go_with_the_changes(pool: PgPool) {
    let fixture = Fixture::new(&pool).await;
    let refused = fixture.console.services.events().events_view(&reader()).await.unwrap_err();
    assert!(matches!(refused, ServiceError::Forbidden(_)), "{refused}");
    fixture.queue.send(fixture.event("UpdateSecret"));
    fixture.receive().await;
    let count = async || -> i64 {
        sqlx::query_scalar("select count(*) from aws_event").fetch_one(&pool).await.unwrap()
    };
    assert_eq!(count().await, 1);
    let short = Retention { changes: Duration::days(1), ..RETENTION };
    fixture.console.clock.advance(Duration::days(2));
    let services = fixture.console.services.clone().with_retention(short);
    services.retention().prune().await.unwrap();
    assert_eq!(count().await, 0);
}
