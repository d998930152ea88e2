//! The same at the emulator that enforces sessions: real calls, each in a session that can do nothing else.

use crate::{
    change::{CEDAR, RULES},
    fixture::{bindings, eve},
};
use aws_credential_types::Credentials;
use claviger_domain::{
    json_edit::{KeyChange, KeyEdit, NewMember},
    scan::ScanTrigger,
};
use claviger_policy::AccessPolicy;
use claviger_services::grants::{AccessSettings, RequestInput};
use claviger_testkit::{Console, Ministack, RecordingProxy, ministack, samples::PAYMENTS};
use sqlx::PgPool;
use std::sync::Arc;
use time::Duration;

#[sqlx::test(migrations = "../../migrations")]
async fn ministack_a_secret_changes_in_part(pool: PgPool) {
    let emulator = ministack();
    let proxy = RecordingProxy::before(&emulator.url).await;
    let seen = Ministack { url: proxy.url.clone(), ..emulator.clone() };
    let access = AccessSettings {
        roles: bindings(),
        policy: Arc::new(AccessPolicy::read(CEDAR, RULES).unwrap()),
        ..AccessSettings::nothing().unwrap()
    };
    let console = Console::builder(&pool).access(access).build_over(seen.hub().await).await;
    let eve = eve();
    console.services.people().upsert_person(&eve.person, &eve.groups).await.unwrap();
    let config = emulator.config(Credentials::new(PAYMENTS, "root", None, None, "owner")).await;
    let secrets = aws_sdk_secretsmanager::Client::new(&config);
    let own: String =
        sqlx::query_scalar("select current_database()").fetch_one(&pool).await.unwrap();
    let name = format!("payments/{}", own.trim_matches('_'));
    // Of an earlier run at the same emulator.
    let _ =
        secrets.delete_secret().secret_id(&name).force_delete_without_recovery(true).send().await;
    let text = "{ \"user\" : \"CANARY-user\",  \"pass\" : \"CANARY-old\" }\n";
    let made = secrets.create_secret().name(&name).secret_string(text).send().await.unwrap();
    let arn = made.arn().unwrap();
    // The scans read the clock of the test; grants end by the emulator's.
    let real = time::OffsetDateTime::from(std::time::SystemTime::now());
    let now = claviger_domain::clock::Clock::now(console.clock.as_ref());
    console.clock.advance(real - now);
    console.services.scans().scan_if_due(ScanTrigger::Start).await.unwrap();
    console.work().await;
    let id: sqlx::types::Uuid = sqlx::query_scalar("select id from resource where arn = $1")
        .bind(arn)
        .fetch_one(&pool)
        .await
        .unwrap();
    let id = id.to_string();
    let of = {
        let input = RequestInput {
            resources: vec![id.clone()],
            action: "change".into(),
            minutes: 30,
            purpose: "Change the password.".into(),
            ..RequestInput::default()
        };
        let made = console.services.requests().request_access(&eve, input).await.unwrap();
        let grant = made.grants[0].to_string();
        console.services.grant_lifecycle().claim(&eve, &grant).await.unwrap();
        grant
    };
    let changes = console.services.grant_changes();
    let edits = |text: &str| {
        vec![KeyEdit { key: "pass".into(), change: KeyChange::Replace(NewMember::text(text)) }]
    };
    let written = changes.edit_keys(&eve, &of, &id, edits("CANARY-new")).await.unwrap();
    assert_eq!(written.warning(), None, "{written:?}");
    let now = secrets.get_secret_value().secret_id(arn).send().await.unwrap();
    assert_eq!(now.secret_string(), Some(&*text.replace("CANARY-old", "CANARY-new")));
    assert_eq!(now.version_id(), Some(written.version.as_str()));
    let shown = changes.compare(&eve, &of, &id, "AWSPREVIOUS", "AWSCURRENT").await.unwrap();
    assert_eq!(shown.rows.len(), 2, "{shown:?}");

    // Somebody else writes after the reading, before the writing.
    let held = proxy.hold_next("PutSecretValue");
    let rival = async {
        held.came().await;
        let theirs = "{\"user\":\"theirs\"}";
        let put = secrets.put_secret_value().secret_id(arn).secret_string(theirs).send().await;
        held.release();
        put.unwrap().version_id.unwrap()
    };
    let mine = changes.edit_keys(&eve, &of, &id, edits("CANARY-newer"));
    let (theirs, written) = tokio::join!(rival, mine);
    let written = written.unwrap();
    assert_eq!(written.overwrote.as_ref(), Some(&theirs), "{written:?}");
    let still = secrets.get_secret_value().secret_id(arn).version_id(&theirs).send().await.unwrap();
    assert!(still.secret_string().unwrap().contains("theirs"), "it can be rolled back to");

    console.clock.advance(Duration::minutes(31));
    let late = changes.show_keys(&eve, &of, &id).await;
    assert!(late.is_err(), "the grant is over");

    let operations = proxy.operations();
    let count = |part: &str| operations.iter().filter(|name| name.contains(part)).count();
    assert_eq!(count("PutSecretValue"), 2, "{operations:?}");
    assert_eq!(count("GetSecretValue"), 4, "one for each edit, two to compare: {operations:?}");
    secrets
        .delete_secret()
        .secret_id(arn)
        .force_delete_without_recovery(true)
        .send()
        .await
        .unwrap();
}
