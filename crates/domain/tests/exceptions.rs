//! What a row of the list of exceptions tells: how long it lasts, and where its findings are.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    authz::Person,
    compliance::FindingQuery,
    exceptions::{ExceptionId, ExceptionQuery, ExceptionSort, ExceptionState, view::ExceptionRow},
    list_link::list_of,
};
use time::{Duration, OffsetDateTime, macros::datetime};

const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);

fn row(state: ExceptionState, target: &str) -> ExceptionRow {
    ExceptionRow {
        id: ExceptionId(1),
        policy: Some("customer-managed-key".to_owned()),
        policy_title: None,
        target: target.parse().unwrap(),
        target_name: String::new(),
        reason: String::new(),
        owner: Person { subject: "ben".to_owned(), name: "Ben Ito".to_owned(), email: None },
        state,
        created_at: NOW,
        ends_at: NOW + Duration::hours(36),
        decision: None,
        review: None,
        ending: None,
        review_at: None,
        findings: 1,
        waits: None,
    }
}

#[test]
fn only_an_active_exception_has_days_left() {
    let active = row(ExceptionState::Approved, "organization");
    assert_eq!(active.days_left(NOW), Some(2));
    assert_eq!(active.days_left(NOW + Duration::hours(12)), Some(1));
    assert_eq!(active.days_left(NOW + Duration::days(3)), Some(0));
    assert_eq!(row(ExceptionState::Waiting, "organization").days_left(NOW), None);
}

#[test]
fn the_list_of_its_findings_is_understood() {
    for target in [
        "resource:00000000-0000-0000-0000-000000000001",
        "account:441205839201",
        "ou:ou-prod-12345678",
        "organization",
    ] {
        for state in [ExceptionState::Waiting, ExceptionState::Approved] {
            let href = row(state, target).findings_href().unwrap();
            let query = href.strip_prefix("/findings?").unwrap();
            let read: FindingQuery = query.parse().unwrap();
            assert!(read.to_url_query().contains("policy=customer-managed-key"), "{href}");
        }
        assert_eq!(row(ExceptionState::Ended, target).findings_href(), None);
    }
}

#[test]
fn a_list_is_written_and_read_as_its_url() {
    let url = "q=spring&state=waiting&state=approved&due=expiry&policy=owner&owner=ada&sort=expires&page=2";
    let query: ExceptionQuery = url.parse().unwrap();
    assert_eq!(query.to_url_query(), url);
    assert_eq!(query.sort, ExceptionSort::Expires);
    assert_eq!(
        query.without("state", "waiting").to_url_query(),
        "q=spring&state=approved&due=expiry&policy=owner&owner=ada&sort=expires"
    );
    assert_eq!("sort=work&page=0".parse::<ExceptionQuery>().unwrap().to_url_query(), "");
    for refused in ["sort=colour", "state=open", "due=soon", "page=-1", "page=10001", "colour=red"]
    {
        assert!(refused.parse::<ExceptionQuery>().is_err(), "{refused}");
    }
    let from = "/exceptions?state=waiting";
    assert_eq!(list_of(from), Some(("Exceptions", from.to_owned())));
}
