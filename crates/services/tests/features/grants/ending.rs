//! Ending: revocation to AWS's own refusal, give-back, break-glass and its review, reconciliation.

use super::fixture::{Fixture, KAFKA, LEDGER, access_request, ada, ben, person, problem, tomas};
use claviger_aws::CloudTrailEvent;
use claviger_domain::{
    grants::{
        GrantId, GrantStateName,
        view::{TimelineEventKind, TrailState},
    },
    job::Job,
    problem::ProblemCode,
};
use claviger_services::grants::{RequestInput, SessionPurpose};
use claviger_store::Store;
use claviger_testkit::samples::{PAYMENTS, account};
use sqlx::PgPool;

async fn credentials(fixture: &Fixture, grant: GrantId) {
    let of = grant.to_string();
    fixture
        .services
        .grant_sessions()
        .issue_credentials(&ben(), &of, None, SessionPurpose::Client)
        .await
        .unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_revoked_grant_is_denied_at_aws_alone_and_confirmed(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let (first, second) = (fixture.live(LEDGER).await, fixture.live(KAFKA).await);
    credentials(&fixture, first).await;
    credentials(&fixture, second).await;
    fixture.aws.access.spread_after(3);
    fixture
        .services
        .grant_lifecycle()
        .revoke(&tomas(), &first.to_string(), "Left the team.")
        .await
        .unwrap();
    // No new session at once, whatever AWS says meanwhile.
    let of = first.to_string();
    let again = fixture
        .services
        .grant_sessions()
        .issue_credentials(&ben(), &of, None, SessionPurpose::Client)
        .await;
    assert!(problem(again).message.contains("It was revoked"));
    fixture.work().await;
    let denials = fixture.aws.access.denials_in(&account(PAYMENTS)).unwrap();
    let names: Vec<String> =
        fixture.aws.access.orders().iter().map(|o| o.session_name.clone()).collect();
    assert!(
        denials.contains(&format!("*:{}", names[0])) && !denials.contains(&names[1]),
        "{denials}"
    );
    let shown = fixture.detail(&ben(), first).await;
    let denial = shown.denial.unwrap();
    assert!(denial.put_at.is_some() && denial.confirmed_at.is_some() && !denial.wide);
    credentials(&fixture, second).await;
    assert_eq!(fixture.word(second).await, GrantStateName::Active);
    // Twice is once.
    let twice = problem(fixture.services.grant_lifecycle().revoke(&ada(), &of, "Again.").await);
    assert!(twice.message.contains("It was revoked"));
    assert_eq!(
        fixture.audit_actions().await.iter().filter(|d| *d == "confirm-denial done").count(),
        1
    );
    // The statement goes when the last session has ended by itself.
    fixture.pass(31).await;
    assert_eq!(fixture.aws.access.denials_in(&account(PAYMENTS)), None);
    assert!(fixture.detail(&ben(), first).await.denial.unwrap().collected_at.is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_grant_that_was_never_used_needs_no_denial(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    fixture.services.grant_lifecycle().give_back(&ben(), &grant.to_string()).await.unwrap();
    fixture.work().await;
    assert_eq!(fixture.word(grant).await, GrantStateName::GivenBack);
    assert!(fixture.detail(&ben(), grant).await.denial.is_none());
    assert_eq!(fixture.aws.access.denials_in(&account(PAYMENTS)), None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn given_back_its_sessions_end_too(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    credentials(&fixture, grant).await;
    fixture.services.grant_lifecycle().give_back(&ben(), &grant.to_string()).await.unwrap();
    fixture.work().await;
    assert!(fixture.detail(&ben(), grant).await.denial.unwrap().confirmed_at.is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_may_revoke(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await.to_string();
    let revoke = |caller| {
        let (services, grant) = (fixture.services.clone(), grant.clone());
        async move { services.grant_lifecycle().revoke(&caller, &grant, "Because.").await }
    };
    assert_eq!(problem(revoke(person("noa", &[])).await).code, ProblemCode::NotFound);
    assert_eq!(problem(revoke(person("ines", &["audit"])).await).code, ProblemCode::Forbidden);
    assert_eq!(problem(revoke(person("mira", &["payments"])).await).code, ProblemCode::NotFound);
    assert!(
        problem(fixture.services.grant_lifecycle().revoke(&ada(), &grant, " ").await)
            .message
            .contains("reason")
    );
    revoke(tomas()).await.unwrap();
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_denial_that_does_not_spread_is_said_and_tried_again(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    credentials(&fixture, grant).await;
    fixture.services.grant_lifecycle().revoke(&ada(), &grant.to_string(), "Now.").await.unwrap();
    // The job was lost with its replica; the timer asks for it again.
    claviger_testkit::taken_jobs(&fixture.pool).await;
    fixture.pass(6).await;
    assert!(fixture.detail(&ben(), grant).await.denial.unwrap().confirmed_at.is_some());
}

#[sqlx::test(migrations = "../../migrations")]
async fn somebody_elses_hand_on_the_denials_is_put_right(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    credentials(&fixture, grant).await;
    fixture.services.grant_lifecycle().revoke(&ada(), &grant.to_string(), "Now.").await.unwrap();
    fixture.work().await;
    let account = account(PAYMENTS);
    let right = fixture.aws.access.denials_in(&account).unwrap();
    fixture.aws.access.tamper(&account, r#"{"Version":"2012-10-17","Statement":[]}"#);
    fixture.services.revocation().reconcile_denials().await.unwrap();
    assert_eq!(fixture.aws.access.denials_in(&account), Some(right));
    let before = fixture.audit_actions().await.len();
    fixture.services.revocation().reconcile_denials().await.unwrap();
    assert_eq!(fixture.audit_actions().await.len(), before, "running twice does nothing more");
}

#[sqlx::test(migrations = "../../migrations")]
async fn break_glass_is_at_once_loud_and_reviewed_by_somebody_else(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let id = fixture.id(LEDGER).await;
    let input = RequestInput { break_glass: true, minutes: 15, ..access_request(&[id]) };
    let refused = fixture.services.requests().request_access(&ada(), input.clone()).await;
    assert_eq!(problem(refused).code, ProblemCode::Forbidden, "policy does not name her");
    let grant = fixture.ask(&ben(), input).await.grants[0];
    assert_eq!(fixture.word(grant).await, GrantStateName::Active);
    fixture
        .services
        .grant_sessions()
        .reveal(&ben(), &grant.to_string(), &id.to_string())
        .await
        .unwrap();
    fixture.work().await;
    let told = fixture.post.sent.lock().unwrap().join("\n\n");
    for who in ["to the channel", "to ada@example.com", "to tomas@example.com"] {
        assert!(
            told.contains(&format!("{who}\nBreak-glass: BEN can read payments/ledger now")),
            "{told}"
        );
    }
    assert_eq!(fixture.services.navigation().me(&ada()).await.unwrap().access.reviews, 1);
    fixture.pass(20).await;
    let of = grant.to_string();
    let own = person("ben", &["payments", "admins"]);
    assert!(
        problem(fixture.services.grant_lifecycle().close_review(&own, &of, "Fine.").await)
            .message
            .contains("own break-glass")
    );
    assert_eq!(
        problem(
            fixture
                .services
                .grant_lifecycle()
                .close_review(&person("ines", &["audit"]), &of, "Fine.")
                .await
        )
        .code,
        ProblemCode::Forbidden
    );
    fixture
        .services
        .grant_lifecycle()
        .close_review(&ada(), &of, "The outage was real.")
        .await
        .unwrap();
    assert!(
        problem(fixture.services.grant_lifecycle().close_review(&tomas(), &of, "Again.").await)
            .message
            .contains("already closed")
    );
    assert_eq!(fixture.services.navigation().me(&ada()).await.unwrap().access.reviews, 0);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cloudtrail_says_joins_the_timeline_late_or_not_at_all(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    credentials(&fixture, grant).await;
    assert_eq!(fixture.detail(&ben(), grant).await.trail, TrailState::NotRead);
    fixture.pass(0).await;
    assert!(matches!(fixture.detail(&ben(), grant).await.trail, TrailState::Read { .. }));
    let session = fixture.aws.access.orders()[0].session_name.clone();
    let event = |id: &str, key: &str, session: &str| CloudTrailEvent {
        event_id: id.into(),
        at: time::macros::datetime!(2026-11-24 12:01 UTC),
        name: "GetSecretValue".into(),
        error: None,
        source_ip: Some("10.20.4.7".into()),
        access_key_id: Some(key.into()),
        session_name: Some(session.into()),
        source_identity: None,
    };
    let key = format!("ASIA{:016}", 1);
    fixture.aws.access.trace(event("late", &key, &session));
    fixture.aws.access.trace(event("foreign", &key, "another-session"));
    fixture.aws.access.trace(event("other", "ASIAOTHER", &session));
    fixture.pass(3).await;
    fixture.pass(3).await;
    let events: Vec<_> = fixture
        .detail(&ben(), grant)
        .await
        .timeline
        .into_iter()
        .filter(|event| matches!(event.what, TimelineEventKind::CloudTrail { .. }))
        .collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert_eq!(events[0].detail["from"], "10.20.4.7");
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_chain_is_sound_and_a_changed_or_missing_entry_is_found(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    credentials(&fixture, grant).await;
    let store = Store::from_pool(fixture.pool.clone());
    let report = store.audit().verify_chain().await.unwrap();
    assert!(report.fault.is_none() && report.entries >= 6, "{report:?}");
    assert!(store.audit().chain_has(&report.head).await.unwrap());
    // Not by way of the table itself …
    for sql in [
        "update audit_entry set subject = 'G-0'",
        "delete from audit_entry",
        "truncate audit_entry",
    ] {
        let refused =
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&fixture.pool).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
    // … and who gets around the trigger is found out.
    let tampered = async |sql: &'static str| {
        let mut tx = fixture.pool.begin().await.unwrap();
        sqlx::query("alter table audit_entry disable trigger all").execute(&mut *tx).await.unwrap();
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
        tx.commit().await.unwrap();
        store.audit().verify_chain().await.unwrap().fault.unwrap()
    };
    // Each column beside the text, one after the other and put right again: a query may read any of them.
    for (column, wrong) in [
        ("subject", "'G-0'"),
        ("deed", "case deed when 'reveal' then 'claim' else 'reveal' end"),
        ("phase", "case phase when 'done' then 'started' else 'done' end"),
        ("succeeded", "case when succeeded is null then true end"),
        ("succeeded", "not coalesce(succeeded, false)"),
        ("started", "coalesce(started + 1, 1)"),
        ("at", "at + interval '1 microsecond'"),
        ("at", "at - interval '1 second'"),
    ] {
        let mut tx = fixture.pool.begin().await.unwrap();
        let change = format!("update audit_entry set {column} = {wrong} where seq = 3");
        for sql in [
            "alter table audit_entry disable trigger all",
            "create table kept as select * from audit_entry where seq = 3",
            &change,
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
        let fault =
            store.audit().verify_chain().await.unwrap().fault.unwrap_or_else(|| panic!("{change}"));
        assert_eq!(
            fault.to_string(),
            format!("entry 3: its column {column} is not what was hashed")
        );
        for sql in [
            format!("update audit_entry set {column} = (select {column} from kept) where seq = 3"),
            "drop table kept".to_owned(),
        ] {
            sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&fixture.pool).await.unwrap();
        }
        assert!(store.audit().verify_chain().await.unwrap().fault.is_none(), "{change}");
    }
    let fault =
        tampered("update audit_entry set body = replace(body, 'ledger', 'kafka') where seq = 1")
            .await;
    assert_eq!((fault.seq, fault.what), (1, "its text is not what was hashed"));
    let fault = tampered("delete from audit_entry where seq = 1").await;
    assert_eq!((fault.seq, fault.what), (2, "an entry before it is missing"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_action_whose_replica_died_is_closed_as_unknown_and_its_session_can_be_ended(
    pool: PgPool,
) {
    let fixture = Fixture::new(pool).await;
    let grant = fixture.live(LEDGER).await;
    // Killed between AssumeRole and the commit.
    let gate = fixture.aws.access.hold_issues();
    let services = fixture.services.clone();
    let of = grant.to_string();
    let issue = tokio::spawn({
        let of = of.clone();
        async move {
            services
                .grant_sessions()
                .issue_credentials(&ben(), &of, None, SessionPurpose::Client)
                .await
        }
    });
    while !fixture.audit_actions().await.contains(&"issue-session started".to_owned()) {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    issue.abort();
    // The abort hits the waiting caller; the write itself goes on until its replica dies, which here it does for good.
    drop(gate);
    fixture.services.grant_lifecycle().revoke(&ada(), &of, "Found dead.").await.unwrap();
    fixture.work().await;
    // The session was written down before it was asked for, so it is denied although nobody knows what became of it.
    assert!(fixture.detail(&ben(), grant).await.denial.unwrap().confirmed_at.is_some());
    fixture.pass(6).await;
    assert!(fixture.audit_actions().await.contains(&"issue-session completed badly".to_owned()));
    assert!(
        Store::from_pool(fixture.pool.clone())
            .audit()
            .verify_chain()
            .await
            .unwrap()
            .fault
            .is_none()
    );
    // A job for a grant that needs nothing does nothing.
    fixture.services.jobs().run(Job::EndSessions { grant: GrantId(4711) }).await.unwrap();
}
