//! Random steps by several people over a moved clock, through the services and the database.

use super::fixture::{Fixture, KAFKA, LEDGER, access_request, ada, ben, person, tomas};
use claviger_domain::{
    authz::Caller,
    grants::{GrantState, Vote},
};
use claviger_services::grants::{RequestInput, SessionPurpose};
use claviger_store::Store;
use sqlx::PgPool;
use time::Duration;

/// A small generator of our own: the same steps every time.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn whatever_people_do_no_session_is_given_that_should_not_be(pool: PgPool) {
    let fixture = Fixture::new(pool).await;
    let people: Vec<Caller> = vec![
        ben(),
        tomas(),
        ada(),
        person("otto", &["admins", "payments"]),
        person("tina", &["approvers", "payments"]),
    ];
    let ids = [fixture.id(LEDGER).await, fixture.id(KAFKA).await];
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    for _ in 0..1500 {
        let who = &people[usize::try_from(dice.throw(5)).unwrap()];
        let (newest,): (Option<i64>,) = sqlx::query_as("select max(id) from access_grant")
            .fetch_one(&fixture.pool)
            .await
            .unwrap();
        let back = i64::try_from(dice.throw(3)).unwrap();
        let grant = format!("G-{}", (newest.unwrap_or(1) - back).max(1));
        let services = &fixture.services;
        let holder: Option<(String,)> =
            sqlx::query_as("select requester from access_grant where 'G-' || id = $1")
                .bind(&grant)
                .fetch_optional(&fixture.pool)
                .await
                .unwrap();
        // Mostly the holder uses a grant; sometimes anybody tries.
        let user = holder
            .filter(|_| dice.throw(4) > 0)
            .and_then(|(subject,)| people.iter().find(|p| p.person.subject == subject))
            .unwrap_or(who);
        // Most of these are refused; what matters is what is left behind.
        match dice.throw(16) {
            0 => {
                let minutes = u32::try_from(1 + dice.throw(125)).unwrap();
                let resources = &ids[..=usize::from(dice.throw(2) == 1)];
                let input = RequestInput {
                    minutes,
                    break_glass: dice.throw(12) == 0,
                    ..access_request(resources)
                };
                let _ = services.requests().request_access(who, input).await;
            }
            1..=7 => {
                if let Ok(shown) = services.grants().grant_detail(who, &grant).await {
                    let verdict = if dice.throw(25) == 0 { Vote::Deny } else { Vote::Approve };
                    let decision = claviger_domain::grants::Decision {
                        verdict,
                        reason: Some("So.".into()),
                        minutes: (dice.throw(3) == 0).then_some(7),
                        hash: shown.hash,
                    };
                    let _ = services.grant_lifecycle().decide(who, &grant, decision).await;
                }
            }
            8 | 9 => drop(services.grant_lifecycle().claim(user, &grant).await),
            10..=13 => {
                drop(
                    services
                        .grant_sessions()
                        .issue_credentials(user, &grant, None, SessionPurpose::Client)
                        .await,
                );
            }
            14 => {
                if dice.throw(2) == 0 {
                    drop(services.grant_lifecycle().give_back(user, &grant).await);
                } else {
                    drop(services.grant_lifecycle().revoke(who, &grant, "So.").await);
                }
            }
            _ => {
                fixture.clock.advance(Duration::minutes(i64::try_from(dice.throw(12)).unwrap()));
                services.grant_timer().update_grants().await.unwrap();
                fixture.work().await;
            }
        }
    }
    evaluate_all(&fixture).await;
}

/// What must hold whatever was done.
async fn evaluate_all(fixture: &Fixture) {
    let (sessions, grants): (i64, i64) = sqlx::query_as(
        "select (select count(*) from access_session where issued_at is not null), (select count(*) from access_grant)",
    )
    .fetch_one(&fixture.pool)
    .await
    .unwrap();
    assert!(
        sessions > 10 && grants > 30,
        "the steps came to something: {sessions} sessions, {grants} grants"
    );
    let faults: [(&str, &str); 7] = [
        (
            "a session without a quorum of approvals by others",
            "select count(*) from access_session s join access_grant g on g.id = s.grant_id join access_request r on r.id = g.request_id
             where not (r.terms->>'break_glass')::boolean and (
                select count(distinct d.subject) from access_decision d
                where d.grant_id = g.id and d.decided->>'verdict' = 'approve' and d.subject <> g.requester) < 2",
        ),
        (
            "a decision about one's own request",
            "select count(*) from access_decision d join access_grant g on g.id = d.grant_id where d.subject = g.requester",
        ),
        (
            "an approval that signs another hash",
            "select count(*) from access_decision d join access_grant g on g.id = d.grant_id join access_request r on r.id = g.request_id
             where d.decided->>'hash' <> r.hash",
        ),
        (
            "a session that was not in the trail before",
            "select count(*) from access_session s where not exists (
                select 1 from audit_entry e where e.deed = 'issue-session' and e.phase = 'started' and e.at <= s.begun_at
                and e.subject = 'G-' || s.grant_id)",
        ),
        (
            "a started action without an end",
            "select count(*) from audit_entry s where phase = 'started' and not exists (select 1 from audit_entry e where e.started = s.seq)",
        ),
        (
            "a grant revoked or given back more than once",
            "select count(*) from (select subject from audit_entry where deed in ('revoke', 'give-back') group by subject having count(*) > 1) x",
        ),
        (
            "a grant whose window is longer than was asked for",
            "select count(*) from access_grant g join access_request r on r.id = g.request_id where g.minutes > (r.terms->>'minutes')::int",
        ),
    ];
    for (what, sql) in faults {
        let (count,): (i64,) =
            sqlx::query_as(sqlx::AssertSqlSafe(sql)).fetch_one(&fixture.pool).await.unwrap();
        assert_eq!(count, 0, "{what}");
    }
    // No session reaches beyond its window, and none names what was not asked for.
    let store = Store::from_pool(fixture.pool.clone());
    for order in fixture.aws.access.orders() {
        let id = order.session_name.rsplit_once('-').unwrap().0.parse().unwrap();
        let named = store.grants().grant(id).await.unwrap().unwrap().grant;
        for resource in &named.resources {
            assert!(order.policy.contains(resource.arn.as_str()));
        }
        assert_eq!(order.policy.matches("arn:aws:").count(), named.resources.len());
        if let GrantState::Active { until, .. } = named.state {
            let end = until.replace_nanosecond(0).unwrap();
            let end = end.format(&time::format_description::well_known::Rfc3339).unwrap();
            assert!(order.policy.contains(&end), "{} until {end}", order.policy);
        }
    }
    assert!(store.audit().verify_chain().await.unwrap().fault.is_none());
}
