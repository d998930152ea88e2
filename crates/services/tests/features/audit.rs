//! The audit log as people search and export it.

use claviger_domain::{
    audit::{AuditAction, AuditFormat, ChainWalk, NewEntry, view::Position},
    authz::{Caller, Permission, Person, Role, Scope},
    clock::Clock,
};
use claviger_services::{FileExport, ServiceError};
use claviger_testkit::{Console, holder_of};
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;

fn auditor() -> Caller {
    holder_of(vec![(Role::Auditor, Scope::Organization)])
}

/// 120 requests of two people, an hour apart; each tenth failed. Claviger itself lets two grants expire.
async fn filled(pool: &PgPool) -> Console {
    let console = Console::builder(pool).build().await;
    let people = [Person::new("ben", Some("Ben \"B\""), None), Person::new("zoe", None, None)];
    for number in 0..120_usize {
        console.clock.advance(Duration::hours(1));
        let mut work = console.store.transactions().begin(console.clock.now()).await.unwrap();
        let entry =
            NewEntry::done(Some(&people[number % 2]), AuditAction::Request, format!("G-{number}"))
                .with("purpose", format!("Reconcile 100% of ledger {number}"));
        let succeeded = (number % 10 == 9).then_some(false);
        work.audit(NewEntry { succeeded, ..entry });
        if number >= 118 {
            work.audit(NewEntry::done(None, AuditAction::Expire, format!("G-{number}")));
        }
        work.commit().await.unwrap();
    }
    console
}

async fn numbers(console: &Console, query: &str) -> Vec<i64> {
    let shown = console.services.audit().audit(&auditor(), query).await.unwrap();
    shown.rows.iter().map(|row| row.seq).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_filter_narrows_the_log_and_pages_lead_both_ways(pool: PgPool) {
    let console = filled(&pool).await;
    let audit = console.services.audit();
    let all = audit.audit(&auditor(), "").await.unwrap();
    assert_eq!(all.position, Position::Exact { first: 1, of: 122 });
    assert_eq!((all.newer, all.older), (None, Some(73)));
    assert_eq!(all.chain.unwrap().entries, 122);
    let second = audit.audit(&auditor(), "before=73").await.unwrap();
    assert_eq!(second.position, Position::Exact { first: 51, of: 122 });
    assert_eq!((second.newer, second.older), (Some(72), Some(23)));
    let third = audit.audit(&auditor(), "before=23").await.unwrap();
    assert_eq!((third.rows.len(), third.newer, third.older), (22, Some(22), None));
    // Back from the third page to the second and the first, each whole.
    assert_eq!(audit.audit(&auditor(), "after=22").await.unwrap().rows, second.rows);
    assert_eq!(audit.audit(&auditor(), "after=72").await.unwrap().rows, all.rows);
    assert_eq!(audit.audit(&auditor(), "after=90").await.unwrap().rows, all.rows);

    let names: Vec<(String, String)> =
        all.actors.into_iter().map(|actor| (actor.value, actor.name)).collect();
    let pair = |value: &str, name: &str| (value.to_owned(), name.to_owned());
    assert_eq!(names, [pair("-", "Claviger"), pair("ben", "ben"), pair("zoe", "zoe")]);
    let zoe = audit.audit(&auditor(), "actor=zoe").await.unwrap();
    assert_eq!(zoe.position, Position::Exact { first: 1, of: 60 });
    let zoe = audit.audit(&auditor(), &format!("actor=zoe&before={}", zoe.older.unwrap())).await;
    let zoe = zoe.unwrap();
    assert_eq!((zoe.position, zoe.rows.len()), (Position::Exact { first: 51, of: 60 }, 10));
    assert_eq!(numbers(&console, "actor=-").await, [122, 120]);
    assert_eq!(numbers(&console, "action=expire").await, [122, 120]);
    assert_eq!(numbers(&console, "action=deny").await, [] as [i64; 0]);
    assert_eq!(numbers(&console, "target=G-118").await, [120, 119]);
    assert_eq!(numbers(&console, "outcome=failed&actor=zoe").await.len(), 12);
    assert_eq!(numbers(&console, "outcome=started").await.len(), 0);
    assert_eq!(numbers(&console, "outcome=succeeded&target=G-9").await.len(), 0);
    let day = |hours: i64| (console.clock.now() - Duration::hours(hours)).date();
    let of_a_day = numbers(&console, &format!("from={0}&until={0}", day(72))).await;
    assert_eq!(of_a_day.len(), 24, "{of_a_day:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn words_are_searched_in_what_entries_say(pool: PgPool) {
    let console = filled(&pool).await;
    // The entry's own number is a part of what it says.
    assert_eq!(numbers(&console, "q=LEDGER+77").await, [78, 77]);
    // `%` is a character, and so is a quotation mark, which the entry's text escapes.
    assert_eq!(numbers(&console, "q=100%25+ledger+5+g-5").await.last(), Some(&6));
    assert_eq!(numbers(&console, "q=ben+%22b%22+118").await, [119]);
    assert_eq!(numbers(&console, "q=1%256").await, [] as [i64; 0]);
    // The names of an entry's fields are in every entry.
    assert_eq!(numbers(&console, "q=purpose").await, [] as [i64; 0]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_who_may_read_all_of_it_reads_any_and_an_export_is_logged(pool: PgPool) {
    let console = filled(&pool).await;
    let audit = console.services.audit();
    let limited =
        holder_of(vec![(Role::Auditor, Scope::Accounts(vec!["441205839201".parse().unwrap()]))]);
    for caller in [limited, holder_of(vec![(Role::Viewer, Scope::Organization)])] {
        let refused = audit.audit(&caller, "").await.unwrap_err();
        assert!(matches!(refused, ServiceError::Forbidden(Permission::ReadAudit)), "{refused}");
        let refused = audit.export_audit(&caller, AuditFormat::Csv, "").await.err().unwrap();
        assert!(matches!(refused, ServiceError::Forbidden(Permission::ReadAudit)), "{refused}");
    }
    assert_eq!(audit.audit(&auditor(), "").await.unwrap().chain.unwrap().entries, 122);

    let mut file = audit.export_audit(&auditor(), AuditFormat::Json, "before=9").await.unwrap();
    let mut text = String::new();
    while let Some(piece) = file.piece().await.unwrap() {
        text.push_str(&piece);
    }
    let document: Value = serde_json::from_str(&text).unwrap();
    let entries = document["entries"].as_array().unwrap();
    // All that match, whichever page was open; without the entry about the export.
    assert_eq!(entries.len(), 122);
    assert_eq!(document["head"]["seq"], 122);
    // The file verifies by itself.
    let mut walk = ChainWalk::default();
    let bytes = |text: &Value| -> Vec<u8> {
        let text = text.as_str().unwrap();
        (0..text.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
            .collect()
    };
    for (seq, entry) in (1..).zip(entries.iter().rev()) {
        let body = entry["entry"].as_str().unwrap();
        walk.step(seq, body, &bytes(&entry["previous"]), &bytes(&entry["hash"])).unwrap();
    }
    let logged = audit.audit(&auditor(), "action=export-audit").await.unwrap().rows;
    assert_eq!(logged.len(), 1);
    assert_eq!(logged[0].detail["format"], "json");
    assert_eq!(logged[0].who.as_ref().unwrap().0, "ada");

    let mut file = audit.export_audit(&auditor(), AuditFormat::Csv, "actor=-").await.unwrap();
    let text = file.piece().await.unwrap().unwrap();
    assert_eq!(text.lines().count(), 3, "{text}");
    assert!(audit.export_audit(&auditor(), AuditFormat::Csv, "actor=x&colour=red").await.is_err());
    assert!(audit.verify_audit(&auditor()).await.unwrap().fault.is_none());
}
