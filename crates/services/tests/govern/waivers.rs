//! Exceptions from the asking to their end; over an AWS in memory and a real PostgreSQL.

use crate::world::{OWNER, World, ada, ben, code, person, unowned};
use claviger_domain::{
    access::Caller,
    problem::ProblemCode,
    waits::Waits,
    waiver::{Target, WaiverId, WaiverMove, WaiverState, view::WaiverPage},
};
use claviger_services::{ServiceError, WaiverAbout, WaiverLimits};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, SANDBOX};
use sqlx::PgPool;
use time::Duration;

/// Ben may not decide about exceptions; Sol may, everywhere.
fn sol() -> Caller {
    person("sol", "admins")
}

fn about(policy: &str, target: impl ToString) -> WaiverAbout {
    WaiverAbout { policy: policy.into(), target: target.to_string() }
}

impl World {
    /// Two secrets without an owner, in two accounts.
    async fn unowned(pool: PgPool) -> Self {
        let world = Self::new(pool, OWNER).await;
        world.services.note_person(&sol().person, &["admins".to_owned()]).await.unwrap();
        world.aws.put(unowned(PAYMENTS, "ledger"));
        world.aws.put(unowned(CHECKOUT, "tokens"));
        world.sweep().await;
        world
    }

    async fn resource(&self, name: &str) -> Target {
        let page = self.services.inventory(&ada(), &format!("q={name}")).await.unwrap();
        Target::Resource(page.page.rows[0].id)
    }

    fn day(&self, days: i64) -> String {
        (claviger_domain::clock::Clock::now(&*self.clock) + Duration::days(days)).date().to_string()
    }

    async fn ask(&self, about: &WaiverAbout, days: i64) -> Result<WaiverId, ServiceError> {
        self.services.ask_waiver(&ada(), about, "It is being moved.", &self.day(days)).await
    }

    async fn step(
        &self,
        caller: &Caller,
        id: WaiverId,
        step: WaiverMove,
    ) -> Result<WaiverState, ServiceError> {
        let state = self.services.move_waiver(caller, &id.to_string(), step, "So.").await?;
        self.work().await;
        Ok(state)
    }

    async fn waiver(&self, caller: &Caller, id: WaiverId) -> WaiverPage {
        self.services.waiver_page(caller, &id.to_string()).await.unwrap()
    }

    async fn count(&self, state: &str) -> u64 {
        self.services.findings(&ada(), &format!("state={state}")).await.unwrap().matching
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_somebody_else_approves_is_borne_until_its_day(pool: PgPool) {
    let world = World::unowned(pool).await;
    let target = world.resource("ledger").await;
    let form = world.services.waiver_form(&ada(), &about("owner", &target)).await.unwrap();
    assert_eq!((form.findings, (form.days.1 - form.days.0).whole_days()), (1, 180));
    assert_eq!(form.targets.first().map(|(target, _)| target), Some(&target));
    assert!(form.targets.iter().any(|(target, _)| *target == Target::Organization));

    let id = world.ask(&about("owner", &target), 30).await.unwrap();
    let page = world.waiver(&ada(), id).await;
    assert_eq!(page.row.state, WaiverState::Waiting);
    let sols = Some(Waits::Approval(vec!["sol".to_owned()]));
    assert_eq!((page.row.findings, &page.row.waits), (1, &sols), "what it would cover");
    let listed = world.services.waivers(&ada()).await.unwrap().rows;
    assert_eq!((listed[0].findings, &listed[0].waits), (1, &sols));
    let told = world.services.inbox(&sol()).await.unwrap().rows;
    assert_eq!(told.iter().find(|row| row.link.ends_with(&id.to_string())).unwrap().waits, sols);
    assert_eq!(world.count("open").await, 2, "asking alone changes nothing");
    assert_eq!(
        code(world.step(&ada(), id, WaiverMove::Approve).await.unwrap_err()),
        ProblemCode::Conflict
    );
    let ben_may = world.step(&ben(), id, WaiverMove::Approve).await.unwrap_err();
    assert_eq!(code(ben_may), ProblemCode::Forbidden, "approving access is not bearing failures");
    let inbox = world.services.inbox(&sol()).await.unwrap();
    assert!(inbox.rows.iter().any(|row| row.title.contains("asks for an exception")), "{inbox:?}");

    world.step(&sol(), id, WaiverMove::Approve).await.unwrap();
    assert_eq!(world.fails().await, ["tokens"]);
    assert_eq!((world.count("open").await, world.count("waived").await), (1, 1));
    let overview = world.services.overview(&ada()).await.unwrap();
    assert_eq!((overview.tally.fail, overview.tally.waived, overview.tally.all()), (1, 1, 1));
    let page = world.waiver(&sol(), id).await;
    assert_eq!(page.row.findings, 1);
    assert_eq!(page.moves, [WaiverMove::Review, WaiverMove::End]);
    assert_eq!(world.waiver(&ada(), id).await.moves, [WaiverMove::End]);

    // It survives a sweep, warns before its day, and is over on it.
    world.sweep().await;
    assert_eq!(world.count("waived").await, 1);
    world.clock.advance(Duration::days(20));
    world.services.keep_waivers().await.unwrap();
    world.services.keep_waivers().await.unwrap();
    let warned = world.services.inbox(&ada()).await.unwrap();
    let soon = warned.rows.iter().filter(|row| row.title.contains("ends soon"));
    assert_eq!(soon.count(), 1, "told once");
    world.clock.advance(Duration::days(12));
    world.services.keep_waivers().await.unwrap();
    world.work().await;
    assert_eq!(world.waiver(&ada(), id).await.row.state, WaiverState::Expired);
    assert_eq!((world.count("open").await, world.count("waived").await), (2, 0));
    let over = world.step(&sol(), id, WaiverMove::End).await.unwrap_err();
    assert_eq!(code(over), ProblemCode::Conflict);
}

#[sqlx::test(migrations = "../../migrations")]
async fn it_reaches_what_it_says_and_nothing_else(pool: PgPool) {
    let world = World::unowned(pool).await;
    world
        .services
        .import_policies(
            "id: env\ntitle: Env\nseverity: low\nrule: {required-tags: {tags: {env: [prod]}}}",
        )
        .await
        .unwrap();
    world.work().await;
    assert_eq!(world.count("open").await, 4);
    let account = format!("account:{PAYMENTS}").parse::<Target>().unwrap();
    let id = world.ask(&about("env", &account), 30).await.unwrap();
    world.step(&sol(), id, WaiverMove::Approve).await.unwrap();
    assert_eq!(world.count("waived").await, 1, "one policy, one account");
    let target = world.resource("tokens").await;
    let every = world.ask(&about("", &target), 30).await.unwrap();
    world.step(&sol(), every, WaiverMove::Approve).await.unwrap();
    assert_eq!(world.count("waived").await, 3, "every policy of one secret");
    let whole = world.ask(&about("owner", Target::Organization), 30).await.unwrap();
    world.step(&sol(), whole, WaiverMove::Approve).await.unwrap();
    assert_eq!(world.count("open").await, 0);
    world.step(&ada(), whole, WaiverMove::End).await.unwrap();
    assert_eq!(world.count("open").await, 1, "its owner may end it");
    // A value that is right again closes the finding, waived or not.
    let mut mended = unowned(CHECKOUT, "tokens");
    mended.tags =
        Some([("owner".to_owned(), "x".to_owned()), ("env".to_owned(), "prod".to_owned())].into());
    world.aws.put(mended);
    world.sweep().await;
    assert_eq!((world.count("waived").await, world.count("resolved").await), (1, 2));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_review_is_somebody_elses_and_moves_the_next_one_on(pool: PgPool) {
    let world = World::unowned(pool).await;
    let target = world.resource("ledger").await;
    let id = world.ask(&about("owner", &target), 90).await.unwrap();
    world.step(&sol(), id, WaiverMove::Approve).await.unwrap();
    let first = world.waiver(&sol(), id).await.row.review_at.unwrap();
    world.clock.advance(Duration::days(31));
    let due = world.waiver(&sol(), id).await;
    assert!(first < due.as_of, "it is due");
    let sols = Some(Waits::Review(vec!["sol".to_owned()]));
    assert_eq!(due.row.waits, sols, "who can review it");
    assert_eq!(world.services.waivers(&ada()).await.unwrap().rows[0].waits, sols);
    let own = world.step(&ada(), id, WaiverMove::Review).await.unwrap_err();
    assert_eq!(code(own), ProblemCode::Conflict);
    world.step(&sol(), id, WaiverMove::Review).await.unwrap();
    let row = world.waiver(&sol(), id).await.row;
    assert_eq!(row.waits, None);
    assert!(row.review_at.unwrap() > first);
    assert_eq!(row.review.unwrap().by.subject, "sol");
    assert!(row.decision.unwrap().at < row.review_at.unwrap());
    assert_eq!(world.count("waived").await, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_may_ask_see_and_decide(pool: PgPool) {
    let world = World::unowned(pool).await;
    let (a, b) = (world.resource("ledger").await, world.resource("tokens").await);
    let pat = person("pat", "payments");
    let vic = person("vic", "viewers");
    let ask = async |caller: &Caller, about: WaiverAbout| {
        let day = world.day(30);
        world.services.ask_waiver(caller, &about, "So.", &day).await.map_err(code)
    };
    assert_eq!(ask(&vic, about("owner", &a)).await, Err(ProblemCode::Forbidden));
    assert_eq!(ask(&pat, about("owner", &b)).await, Err(ProblemCode::NotFound));
    assert_eq!(ask(&pat, about("owner", Target::Organization)).await, Err(ProblemCode::NotFound));
    let theirs = ask(&pat, about("owner", &a)).await.unwrap();
    let elsewhere = ask(&ada(), about("owner", &b)).await.unwrap();
    let missing = world.services.waiver_page(&pat, &elsewhere.to_string()).await.unwrap_err();
    assert_eq!(code(missing), ProblemCode::NotFound);
    let moved = world.step(&pat, elsewhere, WaiverMove::Approve).await.unwrap_err();
    assert_eq!(code(moved), ProblemCode::NotFound);
    let seen = world.services.waivers(&pat).await.unwrap();
    assert_eq!(seen.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [theirs]);
    assert_eq!(world.services.waivers(&vic).await.unwrap().rows.len(), 2);
    assert!(world.waiver(&vic, theirs).await.moves.is_empty());
    // One of the whole Organization is seen by all, and moved by who holds all of it.
    let whole = ask(&ada(), about("owner", Target::Organization)).await.unwrap();
    assert!(world.waiver(&pat, whole).await.moves.is_empty());
    let part = world.step(&pat, whole, WaiverMove::Approve).await.unwrap_err();
    assert_eq!(code(part), ProblemCode::Forbidden);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cannot_be_is_refused_with_its_reason(pool: PgPool) {
    let world = World::unowned(pool).await;
    let services = world
        .services
        .clone()
        .with_waiver_limits(WaiverLimits { longest_days: 60, review_days: 30 });
    let target = world.resource("ledger").await;
    let ask = async |about: WaiverAbout, reason: &str, until: &str| {
        services
            .ask_waiver(&ada(), &about, reason, until)
            .await
            .map_err(|error| error.into_problem().to_string())
    };
    let day = world.day(30);
    let cases = [
        (about("owner", &target), "", day.as_str(), "a reason"),
        (about("owner", &target), "So.", "", "the last day"),
        (about("owner", &target), "So.", "soon", "the last day"),
        (about("owner", &target), "So.", &world.day(-1), "has not passed"),
        (about("owner", &target), "So.", &world.day(62), "at most 60 days"),
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
    let silent =
        services.move_waiver(&sol(), &id.to_string(), WaiverMove::Deny, " ").await.unwrap_err();
    assert_eq!(code(silent), ProblemCode::InvalidInput);
    world.step(&sol(), id, WaiverMove::Deny).await.unwrap();
    assert_eq!(world.waiver(&ada(), id).await.row.state, WaiverState::Denied);
    assert_eq!(world.count("open").await, 2);
}
