//! Exceptions from the asking to their end; over an AWS in memory and a real PostgreSQL.

use super::fixture::{Fixture, OWNER, ada, ben, code, person, unowned};
use claviger_domain::{
    authz::Caller,
    compliance::triage::FindingRef,
    exceptions::{
        ExceptionId, ExceptionScope, ExceptionState, ExceptionTransition,
        view::{ExceptionView, ExceptionsView},
    },
    problem::ProblemCode,
    waits::Waits,
};
use claviger_services::{ExceptionLimits, ExceptionSubject, FileExport, ServiceError};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, SANDBOX};
use sqlx::PgPool;
use std::collections::BTreeSet;
use time::Duration;

/// Ben may not decide about exceptions; Sol may, everywhere.
fn sol() -> Caller {
    person("sol", "admins")
}

fn about(policy: &str, target: impl ToString) -> ExceptionSubject {
    ExceptionSubject { policy: policy.into(), target: target.to_string() }
}

impl Fixture {
    /// Two secrets without an owner, in two accounts.
    async fn unowned(pool: PgPool) -> Self {
        let fixture = Self::new(pool, OWNER).await;
        fixture
            .services
            .people()
            .upsert_person(&sol().person, &["admins".to_owned()])
            .await
            .unwrap();
        fixture.aws.put(unowned(PAYMENTS, "ledger"));
        fixture.aws.put(unowned(CHECKOUT, "tokens"));
        fixture.scan().await;
        fixture
    }

    async fn resource(&self, name: &str) -> ExceptionScope {
        let page = self.services.inventory().inventory(&ada(), &format!("q={name}")).await.unwrap();
        ExceptionScope::Resource(page.page.rows[0].id)
    }

    fn day(&self, days: i64) -> String {
        (claviger_domain::clock::Clock::now(&*self.clock) + Duration::days(days)).date().to_string()
    }

    async fn ask(&self, about: &ExceptionSubject, days: i64) -> Result<ExceptionId, ServiceError> {
        self.services
            .exceptions()
            .request_exception(&ada(), about, "It is being moved.", &self.day(days))
            .await
    }

    async fn step(
        &self,
        caller: &Caller,
        id: ExceptionId,
        step: ExceptionTransition,
    ) -> Result<ExceptionState, ServiceError> {
        let state = self
            .services
            .exceptions()
            .transition_exception(caller, &id.to_string(), step, "So.")
            .await?;
        self.work().await;
        Ok(state)
    }

    async fn exception(&self, caller: &Caller, id: ExceptionId) -> ExceptionView {
        self.services.exceptions().exception_page(caller, &id.to_string()).await.unwrap()
    }

    async fn count(&self, state: &str) -> u64 {
        self.services
            .compliance()
            .findings(&ada(), &format!("state={state}"))
            .await
            .unwrap()
            .matching
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_somebody_else_approves_is_excepted_until_its_day(pool: PgPool) {
    let fixture = Fixture::unowned(pool).await;
    let target = fixture.resource("ledger").await;
    let form = fixture
        .services
        .exceptions()
        .exception_form(&ada(), &about("owner", &target))
        .await
        .unwrap();
    assert_eq!((form.findings, (form.days.1 - form.days.0).whole_days()), (1, 180));
    assert_eq!(form.targets.first().map(|(target, _)| target), Some(&target));
    assert!(form.targets.iter().any(|(target, _)| *target == ExceptionScope::Organization));

    let id = fixture.ask(&about("owner", &target), 30).await.unwrap();
    let page = fixture.exception(&ada(), id).await;
    assert_eq!(page.row.state, ExceptionState::Waiting);
    let sols = Some(Waits::Approval(vec!["sol".to_owned()]));
    assert_eq!((page.row.findings, &page.row.waits), (1, &sols), "what it would cover");
    let listed = fixture.services.exceptions().exceptions(&ada(), "").await.unwrap().rows;
    assert_eq!((listed[0].findings, &listed[0].waits), (1, &sols));
    let told = fixture.services.inbox().inbox(&sol(), "").await.unwrap().rows;
    assert_eq!(told.iter().find(|row| row.link.ends_with(&id.to_string())).unwrap().waits, sols);
    assert_eq!(fixture.count("open").await, 2, "asking alone changes nothing");
    assert_eq!(
        code(fixture.step(&ada(), id, ExceptionTransition::Approve).await.unwrap_err()),
        ProblemCode::Conflict
    );
    let ben_may = fixture.step(&ben(), id, ExceptionTransition::Approve).await.unwrap_err();
    assert_eq!(code(ben_may), ProblemCode::Forbidden, "approving access is not bearing failures");
    let inbox = fixture.services.inbox().inbox(&sol(), "").await.unwrap();
    assert!(inbox.rows.iter().any(|row| row.title.contains("requests an exception")), "{inbox:?}");

    fixture.step(&sol(), id, ExceptionTransition::Approve).await.unwrap();
    assert_eq!(fixture.fails().await, ["tokens"]);
    assert_eq!((fixture.count("open").await, fixture.count("waived").await), (1, 1));
    let overview = fixture.services.compliance().overview(&ada(), "").await.unwrap();
    assert_eq!((overview.tally.fail, overview.tally.waived, overview.tally.all()), (1, 1, 1));
    let page = fixture.exception(&sol(), id).await;
    assert_eq!(page.row.findings, 1);
    assert_eq!(page.transitions, [ExceptionTransition::Review, ExceptionTransition::End]);
    assert_eq!(fixture.exception(&ada(), id).await.transitions, [ExceptionTransition::End]);

    // It survives a sweep, warns before its day, and is over on it.
    fixture.scan().await;
    assert_eq!(fixture.count("waived").await, 1);
    fixture.clock.advance(Duration::days(20));
    fixture.services.exceptions().update_exceptions().await.unwrap();
    fixture.services.exceptions().update_exceptions().await.unwrap();
    let warned = fixture.services.inbox().inbox(&ada(), "").await.unwrap();
    let soon = warned.rows.iter().filter(|row| row.title.contains("expires soon"));
    assert_eq!(soon.count(), 1, "told once");
    fixture.clock.advance(Duration::days(12));
    fixture.services.exceptions().update_exceptions().await.unwrap();
    fixture.work().await;
    assert_eq!(fixture.exception(&ada(), id).await.row.state, ExceptionState::Expired);
    assert_eq!((fixture.count("open").await, fixture.count("waived").await), (2, 0));
    let over = fixture.step(&sol(), id, ExceptionTransition::End).await.unwrap_err();
    assert_eq!(code(over), ProblemCode::Conflict);
}

#[sqlx::test(migrations = "../../migrations")]
async fn it_reaches_what_it_says_and_nothing_else(pool: PgPool) {
    let fixture = Fixture::unowned(pool).await;
    fixture
        .services
        .policies()
        .import_policies(
            "id: env\ntitle: Env\nseverity: low\nrule: {required-tags: {tags: {env: [prod]}}}",
        )
        .await
        .unwrap();
    fixture.work().await;
    assert_eq!(fixture.count("open").await, 4);
    let account = format!("account:{PAYMENTS}").parse::<ExceptionScope>().unwrap();
    let id = fixture.ask(&about("env", &account), 30).await.unwrap();
    fixture.step(&sol(), id, ExceptionTransition::Approve).await.unwrap();
    assert_eq!(fixture.count("waived").await, 1, "one policy, one account");
    let target = fixture.resource("tokens").await;
    let every = fixture.ask(&about("", &target), 30).await.unwrap();
    fixture.step(&sol(), every, ExceptionTransition::Approve).await.unwrap();
    assert_eq!(fixture.count("waived").await, 3, "every policy of one secret");
    let whole = fixture.ask(&about("owner", ExceptionScope::Organization), 30).await.unwrap();
    fixture.step(&sol(), whole, ExceptionTransition::Approve).await.unwrap();
    assert_eq!(fixture.count("open").await, 0);
    fixture.step(&ada(), whole, ExceptionTransition::End).await.unwrap();
    assert_eq!(fixture.count("open").await, 1, "its owner may end it");
    // A value that is right again closes the finding, waived or not.
    let mut fixed = unowned(CHECKOUT, "tokens");
    fixed.tags =
        Some([("owner".to_owned(), "x".to_owned()), ("env".to_owned(), "prod".to_owned())].into());
    fixture.aws.put(fixed);
    fixture.scan().await;
    assert_eq!((fixture.count("waived").await, fixture.count("resolved").await), (1, 2));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_review_is_somebody_elses_and_moves_the_next_one_on(pool: PgPool) {
    let fixture = Fixture::unowned(pool).await;
    let target = fixture.resource("ledger").await;
    let id = fixture.ask(&about("owner", &target), 90).await.unwrap();
    fixture.step(&sol(), id, ExceptionTransition::Approve).await.unwrap();
    let first = fixture.exception(&sol(), id).await.row.review_at.unwrap();
    fixture.clock.advance(Duration::days(31));
    let due = fixture.exception(&sol(), id).await;
    assert!(first < due.as_of, "it is due");
    let sols = Some(Waits::Review(vec!["sol".to_owned()]));
    assert_eq!(due.row.waits, sols, "who can review it");
    assert_eq!(
        fixture.services.exceptions().exceptions(&ada(), "").await.unwrap().rows[0].waits,
        sols
    );
    let own = fixture.step(&ada(), id, ExceptionTransition::Review).await.unwrap_err();
    assert_eq!(code(own), ProblemCode::Conflict);
    fixture.step(&sol(), id, ExceptionTransition::Review).await.unwrap();
    let row = fixture.exception(&sol(), id).await.row;
    assert_eq!(row.waits, None);
    assert!(row.review_at.unwrap() > first);
    assert_eq!(row.review.unwrap().by.subject, "sol");
    assert!(row.decision.unwrap().at < row.review_at.unwrap());
    assert_eq!(fixture.count("waived").await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_may_ask_see_and_decide(pool: PgPool) {
    let fixture = Fixture::unowned(pool).await;
    let (a, b) = (fixture.resource("ledger").await, fixture.resource("tokens").await);
    let pat = person("pat", "payments");
    let vic = person("vic", "viewers");
    let ask = async |caller: &Caller, about: ExceptionSubject| {
        let day = fixture.day(30);
        fixture
            .services
            .exceptions()
            .request_exception(caller, &about, "So.", &day)
            .await
            .map_err(code)
    };
    assert_eq!(ask(&vic, about("owner", &a)).await, Err(ProblemCode::Forbidden));
    assert_eq!(ask(&pat, about("owner", &b)).await, Err(ProblemCode::NotFound));
    assert_eq!(
        ask(&pat, about("owner", ExceptionScope::Organization)).await,
        Err(ProblemCode::NotFound)
    );
    let theirs = ask(&pat, about("owner", &a)).await.unwrap();
    let elsewhere = ask(&ada(), about("owner", &b)).await.unwrap();
    let missing = fixture
        .services
        .exceptions()
        .exception_page(&pat, &elsewhere.to_string())
        .await
        .unwrap_err();
    assert_eq!(code(missing), ProblemCode::NotFound);
    let moved = fixture.step(&pat, elsewhere, ExceptionTransition::Approve).await.unwrap_err();
    assert_eq!(code(moved), ProblemCode::NotFound);
    let seen = fixture.services.exceptions().exceptions(&pat, "").await.unwrap();
    assert_eq!(seen.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [theirs]);
    assert_eq!(fixture.services.exceptions().exceptions(&vic, "").await.unwrap().rows.len(), 2);
    // The list narrows and counts what the person sees, and nothing else.
    let waiting = |view: &ExceptionsView| {
        view.facets.states.iter().find(|one| one.value == "waiting").map_or(0, |one| one.count)
    };
    assert_eq!((seen.matching, waiting(&seen)), (1, 1));
    let subject = &seen.rows[0].owner.subject;
    let cases = [
        (String::new(), 2),
        ("state=waiting".to_owned(), 2),
        ("state=approved".to_owned(), 0),
        ("due=review".to_owned(), 0),
        ("policy=owner".to_owned(), 2),
        ("policy=other".to_owned(), 0),
        (format!("owner={subject}"), 1),
        (format!("q={}", theirs.to_string().to_lowercase()), 1),
        ("q=100%25".to_owned(), 0),
        ("sort=expires".to_owned(), 2),
        ("sort=requested".to_owned(), 2),
    ];
    for (query, count) in cases {
        let listed = fixture.services.exceptions().exceptions(&vic, &query).await.unwrap();
        assert_eq!((listed.rows.len(), listed.matching), (count, count as u64), "{query}");
        assert_eq!(waiting(&listed), 2, "{query}");
    }
    // The file has the same, with its heads.
    let lines = async |caller: &Caller, query: &str| {
        let exceptions = fixture.services.exceptions();
        let mut export = exceptions.export_exceptions(caller, query).await.unwrap();
        let mut text = String::new();
        while let Some(piece) = export.piece().await.unwrap() {
            text.push_str(&piece);
        }
        text.lines().count()
    };
    assert_eq!((lines(&vic, "").await, lines(&pat, "").await), (3, 2));
    assert_eq!(lines(&vic, "state=approved").await, 1);
    let beyond = fixture.services.exceptions().exceptions(&vic, "page=1").await.unwrap();
    assert_eq!((beyond.rows.len(), beyond.matching), (0, 2));
    let refused = fixture.services.exceptions().exceptions(&vic, "sort=colour").await.unwrap_err();
    assert_eq!(code(refused), ProblemCode::InvalidInput);
    assert!(fixture.exception(&vic, theirs).await.transitions.is_empty());
    // One of the whole Organization is seen by all, and moved by who holds all of it.
    let whole = ask(&ada(), about("owner", ExceptionScope::Organization)).await.unwrap();
    assert!(fixture.exception(&pat, whole).await.transitions.is_empty());
    let part = fixture.step(&pat, whole, ExceptionTransition::Approve).await.unwrap_err();
    assert_eq!(code(part), ProblemCode::Forbidden);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cannot_be_is_refused_with_its_reason(pool: PgPool) {
    let fixture = Fixture::unowned(pool).await;
    let services = fixture
        .services
        .clone()
        .with_exception_limits(ExceptionLimits { longest_days: 60, review_days: 30 });
    let target = fixture.resource("ledger").await;
    let ask = async |about: ExceptionSubject, reason: &str, until: &str| {
        services
            .exceptions()
            .request_exception(&ada(), &about, reason, until)
            .await
            .map_err(|error| error.into_problem().to_string())
    };
    let day = fixture.day(30);
    let cases = [
        (about("owner", &target), "", day.as_str(), "a reason"),
        (about("owner", &target), "So.", "", "the last day"),
        (about("owner", &target), "So.", "soon", "the last day"),
        (about("owner", &target), "So.", &fixture.day(-1), "has not passed"),
        (about("owner", &target), "So.", &fixture.day(62), "at most 60 days"),
        (about("nothing", &target), "So.", &day, "policy"),
        (about("owner", "everything"), "So.", &day, "what it reaches"),
        (
            about("owner", format!("account:{}", "1".repeat(12))),
            "So.",
            &day,
            "place for an exception",
        ),
        (about("", format!("account:{SANDBOX}")), "So.", &day, "of one secret or parameter"),
    ];
    for (about, reason, until, says) in cases {
        let told = ask(about.clone(), reason, until).await.unwrap_err();
        assert!(told.contains(says), "{about:?} {until}: {told}");
    }
    let id = ask(about("owner", &target), "So.", &day).await.unwrap();
    let silent = services
        .exceptions()
        .transition_exception(&sol(), &id.to_string(), ExceptionTransition::Deny, " ")
        .await
        .unwrap_err();
    assert_eq!(code(silent), ProblemCode::InvalidInput);
    // Who asked for it withdraws it.
    let own = services
        .exceptions()
        .transition_exception(&ada(), &id.to_string(), ExceptionTransition::Deny, "So.")
        .await;
    assert_eq!(code(own.unwrap_err()), ProblemCode::Conflict);
    let offered = fixture.exception(&ada(), id).await.transitions;
    assert!(!offered.contains(&ExceptionTransition::Deny), "{offered:?}");
    fixture.step(&sol(), id, ExceptionTransition::Deny).await.unwrap();
    assert_eq!(fixture.exception(&ada(), id).await.row.state, ExceptionState::Denied);
    assert_eq!(fixture.count("open").await, 2);
}

#[sqlx::test(migrations = "../../migrations")]
async fn one_exception_covers_several_secrets_of_one_account(pool: PgPool) {
    let fixture = Fixture::unowned(pool).await;
    for name in ["second", "third"] {
        fixture.aws.put(unowned(PAYMENTS, name));
    }
    fixture.scan().await;
    let mut ids = Vec::new();
    for name in ["ledger", "second", "tokens"] {
        ids.extend_from_slice(fixture.resource(name).await.resources());
    }
    // What a person selects is one request for each policy and account.
    let findings: Vec<_> =
        ids.iter().map(|id| format!("{id}_owner").parse::<FindingRef>().unwrap()).collect();
    let choices = fixture.services.exceptions().exception_choices(&ada(), &findings).await.unwrap();
    let named = choices.iter().map(|choice| choice.target.resources().len());
    assert_eq!(named.collect::<BTreeSet<_>>(), BTreeSet::from([1, 2]));
    let across = ExceptionScope::named(ids.clone()).unwrap();
    let refused = fixture.ask(&about("owner", across), 30).await.unwrap_err();
    assert_eq!(code(refused), ProblemCode::NotFound, "all of them have to be in one account");
    let both = ExceptionScope::named(ids[..2].to_vec()).unwrap();
    let id = fixture.ask(&about("owner", &both), 30).await.unwrap();
    let shown = fixture.exception(&ada(), id).await;
    assert_eq!((&shown.row.target, shown.row.findings), (&both, 2));
    assert!(shown.row.target_name.ends_with(" and 1 more"), "{}", shown.row.target_name);
    fixture.step(&sol(), id, ExceptionTransition::Approve).await.unwrap();
    assert_eq!((fixture.count("waived").await, fixture.count("open").await), (2, 2));
    fixture.step(&sol(), id, ExceptionTransition::End).await.unwrap();
    assert_eq!((fixture.count("waived").await, fixture.count("open").await), (0, 4));
}
