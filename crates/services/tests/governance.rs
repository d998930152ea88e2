//! From a sweep to findings, over an AWS in memory and a real PostgreSQL.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use claviger_domain::{
    access::{Caller, Person, Role, Scope},
    clock::Clock as _,
    facts::{Detail, ParameterType},
    governance::{
        ExportFormat, Verdict,
        view::{FindingRow, FindingsPage, Overview},
    },
    problem::ProblemCode,
    sweep::SweepTrigger,
};
use claviger_services::{
    FileExport, ServiceError, Services, SweepSettings, SweptRegions, access::AccessSettings,
};
use claviger_store::{NewEvaluation, Store};
use claviger_testkit::{
    FakeAws, TestClock,
    samples::{CHECKOUT, PAYMENTS, SANDBOX, parameter, region, secret, secret_with},
    work_off,
};
use sqlx::PgPool;
use std::sync::Arc;
use time::Duration;

const US: &str = "us-east-1";
const PUBLIC: &str = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}"#;

struct World {
    pool: PgPool,
    aws: FakeAws,
    clock: Arc<TestClock>,
    services: Services,
}

fn caller(role: Role, scope: Scope) -> Caller {
    let person = Person { subject: "s".into(), name: "Ada".into(), email: None };
    Caller { person, groups: Vec::new(), held: vec![(role, scope)] }
}

fn admin() -> Caller {
    caller(Role::SecurityAdmin, Scope::Organization)
}

impl World {
    /// With the policies of a text in force.
    async fn new(pool: PgPool, policies: &str) -> Self {
        let (aws, clock) = (FakeAws::default(), Arc::new(TestClock::default()));
        let pool = claviger_testkit::own_pool(&pool);
        let store = Store::over(pool.clone());
        store.migrate().await.unwrap();
        let settings = SweepSettings {
            regions: SweptRegions::These(vec![region(US)]),
            interval: Duration::minutes(15),
            parameter_tags: Duration::hours(1),
        };
        let services = Services::new(
            store,
            Arc::new(aws.clone()),
            clock.clone(),
            settings,
            AccessSettings::nothing().unwrap(),
        );
        services.import_policies(policies).await.unwrap();
        Self { pool, aws, clock, services }
    }

    async fn sweep(&self) {
        self.clock.advance(Duration::minutes(20));
        self.services.sweep_if_due(SweepTrigger::Schedule).await.unwrap();
        self.work().await;
    }

    async fn work(&self) {
        work_off(&self.pool, async |job| self.services.run(job).await.unwrap()).await;
    }

    async fn page(&self, query: &str) -> FindingsPage {
        self.services.findings(&admin(), query).await.unwrap()
    }

    async fn findings(&self, query: &str) -> Vec<FindingRow> {
        self.page(query).await.rows
    }

    async fn names(&self, query: &str) -> Vec<String> {
        let mut names: Vec<String> =
            self.findings(query).await.into_iter().map(|row| row.name).collect();
        names.sort();
        names
    }

    async fn overview(&self) -> Overview {
        self.services.overview(&admin()).await.unwrap()
    }
}

fn policy(id: &str, severity: &str, rule: &str) -> String {
    format!("id: {id}\ntitle: The {id}\nseverity: {severity}\nrule:\n  {rule}\n")
}

fn unowned(account: &str, name: &str) -> claviger_domain::facts::ResourceFacts {
    let mut facts = secret(account, US, name);
    facts.tags = Some([("env".to_owned(), "dev".to_owned())].into());
    facts
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_finding_opens_stays_is_resolved_and_comes_back(pool: PgPool) {
    let world = World::new(pool, &policy("owner", "high", "owner: {}")).await;
    world.aws.put(unowned(PAYMENTS, "a"));
    world.aws.put(secret(PAYMENTS, US, "b"));
    world.sweep().await;
    let first = world.findings("").await.remove(0);
    assert_eq!(
        (first.name.as_str(), first.verdict, first.policy_title.as_str(), first.team),
        ("a", Verdict::Fail, "The owner", None)
    );
    assert_eq!(first.due_at - first.opened_at, Duration::days(14));
    // Seen again: not a row is written.
    let version = |pool: PgPool| async move {
        let (text,): (String,) =
            sqlx::query_as("select string_agg(xmin::text, ',') from resource_findings")
                .fetch_one(&pool)
                .await
                .unwrap();
        text
    };
    let before = version(world.pool.clone()).await;
    world.sweep().await;
    assert_eq!(version(world.pool.clone()).await, before);
    // Mended.
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.sweep().await;
    assert_eq!(world.names("").await, Vec::<String>::new());
    assert_eq!(world.findings("state=resolved").await.len(), 1);
    // Back: a day of its own, and counted.
    world.aws.put(unowned(PAYMENTS, "a"));
    world.sweep().await;
    let again = world.findings("").await.remove(0);
    assert!(again.opened_at > first.opened_at && again.reopened == 1, "{again:?}");
    // What is gone from AWS fails at nothing.
    world.aws.remove(&secret(PAYMENTS, US, "a").arn);
    world.sweep().await;
    assert_eq!(world.names("").await, Vec::<String>::new());
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_has_not_changed_is_not_judged_again(pool: PgPool) {
    let world = World::new(pool, &policy("owner", "high", "owner: {}")).await;
    for name in ["a", "b"] {
        world.aws.put(unowned(PAYMENTS, name));
    }
    world.sweep().await;
    let judged = |name: &'static str| {
        let pool = world.pool.clone();
        async move {
            let (version,): (String,) = sqlx::query_as(
                "select j.xmin::text from judgement j join resource r on r.id = j.resource_id where r.name = $1",
            )
            .bind(name)
            .fetch_one(&pool)
            .await
            .unwrap();
            version
        }
    };
    let before = (judged("a").await, judged("b").await);
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.sweep().await;
    assert_ne!(judged("a").await, before.0);
    assert_eq!(judged("b").await, before.1);
    // The numbers are those of both.
    let overview = world.overview().await;
    assert_eq!((overview.resources, overview.tally.pass, overview.tally.fail), (2, 1, 1));
    assert_eq!(overview.offenders[0].name, "b");
    // A policy more, and everybody is asked.
    let more = policy("rotation", "low", "rotation-enabled: {}");
    world.services.import_policies(&more).await.unwrap();
    world.work().await;
    assert_ne!(judged("b").await, before.1);
    assert_eq!(world.overview().await.tally.fail, 3);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_evaluation_that_another_has_overtaken_writes_nothing(pool: PgPool) {
    let world = World::new(pool, &policy("owner", "high", "owner: {}")).await;
    world.aws.put(unowned(PAYMENTS, "a"));
    world.sweep().await;
    let store = Store::over(world.pool.clone());
    let account = PAYMENTS.parse().unwrap();
    let docket = store.docket(&account, b"as it was".to_vec(), world.clock.now()).await.unwrap();
    world.sweep().await;
    let mut work = store.begin(world.clock.now()).await.unwrap();
    let stale = NewEvaluation { round: docket.round, ..NewEvaluation::default() };
    assert_eq!(work.write_evaluation(&account, &stale).await.unwrap(), None);
    work.commit().await.unwrap();
    assert_eq!(world.overview().await.tally.fail, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_resource_policy_is_read_judged_and_explained(pool: PgPool) {
    let world = World::new(pool, &policy("public", "critical", "public-policy: {}")).await;
    let open = secret(PAYMENTS, US, "open");
    world.aws.put(open.clone());
    world.aws.put(secret(PAYMENTS, US, "closed"));
    world.aws.attach_policy(&open.arn, PUBLIC);
    world.sweep().await;
    assert_eq!(world.names("").await, ["open"]);
    let id = world.findings("").await[0].resource.to_string();
    let judgement = world.services.judgement(&admin(), &id).await.unwrap();
    assert_eq!(judgement.checks[0].outcome.verdict, Verdict::Fail);
    assert!(judgement.checks[0].opened_at.is_some());
    let readers = judgement.readers.unwrap();
    assert_eq!(readers.rows[0].sentence, "Anyone can read the value, without a condition.");
    assert_eq!(readers.document.as_deref(), Some(PUBLIC));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_policy_that_could_not_be_read_is_unknown_and_never_good(pool: PgPool) {
    let world = World::new(pool, &policy("public", "critical", "public-policy: {}")).await;
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.aws.deny_policies();
    world.sweep().await;
    assert_eq!(world.names("").await, Vec::<String>::new());
    assert_eq!(world.names("verdict=unknown").await, ["a"]);
    let overview = world.overview().await;
    assert_eq!((overview.score.per_mille(), overview.tally.unknown), (Some(0), 1));
    assert!(overview.gaps[0].why.contains("did not let the console read"), "{:?}", overview.gaps);
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_number_of_the_overview_leads_to_exactly_its_rows(pool: PgPool) {
    let policies = [
        policy("owner", "medium", "owner: {}"),
        policy("rotation", "high", "rotation-enabled: {}"),
        policy("plain", "critical", "plain-credential: {}"),
    ]
    .join("---\n");
    let world = World::new(pool, &policies).await;
    for n in 0..60 {
        world.aws.put(secret(PAYMENTS, US, &format!("p{n}")));
    }
    world.aws.put(unowned(CHECKOUT, "c"));
    world.aws.put(secret_with(CHECKOUT, US, "on", |facts| facts.rotation.enabled = Some(true)));
    let mut plain = parameter(SANDBOX, US, "/db/password");
    if let Detail::Parameter(detail) = &mut plain.detail {
        detail.parameter_type = ParameterType::String;
    }
    world.aws.put(plain);
    world.sweep().await;
    let overview = world.overview().await;
    // Rotation: 61 of 62 fail; owners: 2 of 63; the one plain parameter fails.
    assert_eq!((overview.tally.pass, overview.tally.fail), (1 + 61, 61 + 2 + 1));
    assert_eq!((overview.score.passed, overview.score.of), (5 + 2 * 61, 5 * 62 + 2 * 63 + 10));
    for row in &overview.by_policy {
        assert_eq!(world.page(&format!("policy={}", row.id)).await.matching, row.tally.fail);
    }
    for (field, groups) in
        [("account", &overview.by_account), ("team", &overview.by_team), ("ou", &overview.by_ou)]
    {
        assert!(!groups.is_empty(), "{field}");
        for group in groups {
            let page = world.page(&format!("{field}={}", group.value)).await;
            assert_eq!(page.matching, group.tally.fail, "{field} {}", group.label);
        }
    }
    for need in overview.needs.iter().filter(|need| need.href.starts_with("/findings?")) {
        let query = need.href.trim_start_matches("/findings?");
        assert_eq!(world.page(query).await.matching, need.count, "{}", need.label);
    }
    // Every finding on some page, once, the worst first.
    let (mut seen, mut query) = (Vec::new(), String::new());
    loop {
        let page = world.page(&query).await;
        assert_eq!(page.matching, 64);
        seen.extend(page.rows.iter().map(|row| (row.severity, row.resource, row.policy.clone())));
        match page.next {
            Some(next) => query = page.query.after(Some(next)).to_url_query(),
            None => break,
        }
    }
    assert!(seen.is_sorted_by_key(|(severity, ..)| *severity));
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 64);
    // A facet's number is what its choice leaves.
    let page = world.page("severity=medium").await;
    for value in page.facets.teams.iter().filter(|value| value.count > 0) {
        let left = world.page(&format!("severity=medium&team={}", value.value)).await.matching;
        assert_eq!(left, value.count);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_dry_run_says_what_saving_then_does(pool: PgPool) {
    let world = World::new(pool, &policy("owner", "medium", "owner: {}")).await;
    world.aws.put(unowned(PAYMENTS, "prod"));
    world.aws.put(unowned(SANDBOX, "sand"));
    world.sweep().await;
    let narrower = "id: owner\ntitle: Owners in production\nseverity: high\nscope:\n  within:\n    ous: [Workloads]\nrule:\n  owner: {}\n";
    let rotation = policy("rotation", "high", "rotation-enabled: {}");
    let file = format!("{narrower}---\n{rotation}");
    let run = world.services.dry_run(&admin(), &file).await.unwrap();
    assert_eq!((run.opens_count, run.resolves_count, run.resources), (2, 1, 2));
    assert_eq!(run.resolves[0].name, "sand");
    // Nothing was written.
    assert_eq!(world.names("").await, ["prod", "sand"]);
    assert_eq!(world.services.save_policies(&admin(), &file).await.unwrap(), ["owner", "rotation"]);
    world.work().await;
    assert_eq!(world.names("policy=owner").await, ["prod"]);
    assert_eq!(world.names("policy=rotation").await, ["prod", "sand"]);
    // The same again is no new version.
    assert!(world.services.save_policies(&admin(), &file).await.unwrap().is_empty());
    let page = world.services.policy_page(&admin(), "owner").await.unwrap();
    assert_eq!((page.row.version, page.versions.len()), (2, 2));
    assert_eq!(page.versions[0].saved_by, "Ada");
    // Exported, it can be taken again.
    let exported = world.services.export_policies(None).await.unwrap();
    assert!(world.services.save_policies(&admin(), &exported).await.unwrap().is_empty());
    world.services.retire_policy(&admin(), "owner").await.unwrap();
    world.work().await;
    assert_eq!(world.names("policy=owner").await, Vec::<String>::new());
    assert!(world.services.policy_page(&admin(), "owner").await.is_err());
}

#[sqlx::test(migrations = "../../migrations")]
async fn time_alone_turns_a_verdict(pool: PgPool) {
    let world = World::new(pool, &policy("age", "high", "value-age: {max-days: 365}")).await;
    world.aws.put(secret(PAYMENTS, US, "a"));
    world.sweep().await;
    assert_eq!(world.names("").await, Vec::<String>::new());
    world.clock.advance(Duration::days(366));
    world.services.keep_judging().await.unwrap();
    world.work().await;
    assert_eq!(world.names("").await, ["a"]);
    // Once asked for, it is not asked for again.
    world.services.keep_judging().await.unwrap();
    assert!(claviger_testkit::taken_jobs(&world.pool).await.is_empty());
    // The trend has both days, and those between.
    let overview = world.overview().await;
    assert_eq!(overview.days.last().unwrap().score.per_mille(), Some(0));
    assert_eq!(overview.days.first().unwrap().score.per_mille(), Some(1000));
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_sees_beyond_their_scope_or_edits_without_the_right(pool: PgPool) {
    let world = World::new(pool, &policy("owner", "medium", "owner: {}")).await;
    world.aws.put(unowned(PAYMENTS, "prod"));
    world.aws.put(unowned(SANDBOX, "sand"));
    world.sweep().await;
    let sandbox = caller(Role::Viewer, Scope::Ou("Sandbox".into()));
    let rows = world.services.findings(&sandbox, "").await.unwrap().rows;
    assert_eq!(rows.iter().map(|row| row.name.as_str()).collect::<Vec<_>>(), ["sand"]);
    let overview = world.services.overview(&sandbox).await.unwrap();
    assert_eq!((overview.tally.fail, overview.by_account.len()), (1, 1));
    let other = world.names("account=441205839201").await;
    assert_eq!(other, ["prod"]);
    let id = world.findings("account=441205839201").await[0].resource.to_string();
    assert!(matches!(
        world.services.judgement(&sandbox, &id).await,
        Err(ServiceError::NotFound(_))
    ));
    let scoped = caller(Role::SecurityAdmin, Scope::Ou("Sandbox".into()));
    for who in [&sandbox, &scoped] {
        let policies = policy("x", "low", "owner: {}");
        assert!(matches!(
            world.services.save_policies(who, &policies).await,
            Err(ServiceError::Forbidden(_))
        ));
        assert!(matches!(
            world.services.dry_run(who, &policies).await,
            Err(ServiceError::Forbidden(_))
        ));
        assert!(matches!(
            world.services.retire_policy(who, "owner").await,
            Err(ServiceError::Forbidden(_))
        ));
    }
    let nobody = Caller { held: Vec::new(), ..admin() };
    assert!(matches!(world.services.findings(&nobody, "").await, Err(ServiceError::Forbidden(_))));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_file_that_cannot_be_taken_is_refused_with_the_place(pool: PgPool) {
    let world = World::new(pool, &policy("owner", "medium", "owner: {}")).await;
    let text = format!(
        "{}---\nid: second\ntitle: Second\nseverity: grave\nrule: {{owner: {{}}}}\n",
        policy("owner", "low", "owner: {}")
    );
    let problem = world.services.save_policies(&admin(), &text).await.unwrap_err().into_problem();
    assert_eq!(problem.code, ProblemCode::InvalidInput);
    assert!(problem.message.contains("line 9") && problem.message.contains("grave"), "{problem:?}");
    // All or none.
    let page = world.services.policies_page(&admin()).await.unwrap();
    assert_eq!(page.rows[0].version, 1);
    let problem =
        world.services.findings(&admin(), "after=nonsense").await.unwrap_err().into_problem();
    assert_eq!(problem.code, ProblemCode::InvalidInput);
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_first_policies_are_the_baseline_and_only_once(pool: PgPool) {
    let world = World::new(pool, &policy("mine", "medium", "owner: {}")).await;
    world.services.seed_policies().await.unwrap();
    assert_eq!(world.services.policies_page(&admin()).await.unwrap().rows.len(), 1);
    sqlx::query("truncate policy cascade").execute(&world.pool).await.unwrap();
    world.services.seed_policies().await.unwrap();
    world.services.seed_policies().await.unwrap();
    assert_eq!(world.services.policies_page(&admin()).await.unwrap().rows.len(), 14);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_export_is_the_whole_filtered_list_and_nothing_else(pool: PgPool) {
    // More than one piece.
    const MANY: usize = 600;
    let world = World::new(pool, &policy("owner", "high", "owner: {}")).await;
    for n in 0..MANY {
        world.aws.put(unowned(PAYMENTS, &format!("s-{n:04}")));
    }
    world.sweep().await;
    let elsewhere = caller(Role::SecurityAdmin, Scope::Accounts(vec![SANDBOX.parse().unwrap()]));
    let nobody = Caller { held: Vec::new(), ..admin() };
    let all = async |format, caller: &Caller, query: &str| {
        let mut export = world.services.export_findings(caller, format, query).await?;
        let mut text = String::new();
        while let Some(piece) = export.piece().await? {
            text.push_str(&piece);
        }
        Ok::<_, ServiceError>(text)
    };
    let json = all(ExportFormat::Json, &admin(), "policy=owner").await.unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = json["findings"].as_array().unwrap();
    // Each finding once.
    let ids: std::collections::HashSet<&str> =
        rows.iter().map(|row| row["arn"].as_str().unwrap()).collect();
    assert_eq!((rows.len(), ids.len()), (MANY, MANY));
    assert_eq!(json["filter"], "policy=owner");
    let asff = all(ExportFormat::Asff, &admin(), "q=s-0007").await.unwrap();
    let asff: Vec<serde_json::Value> = serde_json::from_str(&asff).unwrap();
    assert_eq!(asff.len(), 1);
    let ocsf = all(ExportFormat::Ocsf, &admin(), "").await.unwrap();
    assert_eq!(ocsf.lines().count(), MANY);
    assert!(ocsf.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()));
    let csv = all(ExportFormat::Csv, &admin(), "").await.unwrap();
    assert_eq!(csv.lines().count(), MANY + 1);
    let none = all(ExportFormat::Csv, &admin(), "q=nothing").await.unwrap();
    assert_eq!(none.lines().count(), 1, "the heads alone");
    let asff = all(ExportFormat::Asff, &admin(), "q=nothing").await.unwrap();
    assert_eq!(serde_json::from_str::<Vec<serde_json::Value>>(&asff).unwrap().len(), 0);
    let outside = all(ExportFormat::Ocsf, &elsewhere, "").await.unwrap();
    assert_eq!(outside, "", "what lies outside one's scope is not there");
    assert!(all(ExportFormat::Csv, &nobody, "").await.is_err());
    assert!(all(ExportFormat::Csv, &admin(), "colour=red").await.is_err());
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_the_overview_counts_is_what_the_lists_hold(pool: PgPool) {
    let policies = [
        policy("owner", "high", "owner: {}"),
        policy("env", "low", "required-tags: {tags: {env: [prod]}}"),
        policy("age", "medium", "value-age: {max-days: 30}"),
    ];
    let world = World::new(pool, &policies.join("---\n")).await;
    for n in 0..9 {
        world.aws.put(unowned(PAYMENTS, &format!("p{n}")));
        world.aws.put(secret(CHECKOUT, US, &format!("c{n}")));
    }
    world.sweep().await;
    let holds = async || {
        let overview = world.overview().await;
        let overdue =
            overview.needs.iter().find(|need| need.label.starts_with("Past the")).unwrap();
        assert_eq!(overdue.count, world.page("state=overdue").await.matching);
        let unknown: u64 = overview.gaps.iter().map(|gap| gap.count).sum();
        assert_eq!(unknown, world.page("verdict=unknown").await.matching);
        // The worst first: each with all that fails of it, and none that is worse left out.
        let fails = async |name: &str| world.page(&format!("q={name}")).await.matching;
        for offender in &overview.offenders {
            assert_eq!(offender.fails, fails(&offender.name).await, "{}", offender.name);
            assert!(offender.name.starts_with('p'), "those have more and graver failures");
        }
        assert_eq!(overview.offenders.len(), 6);
        let new = world.findings("days=7").await;
        assert_eq!(overview.worse, new.into_iter().take(6).collect::<Vec<_>>());
        overdue.count
    };
    assert_eq!(holds().await, 0);
    // What falls due while nothing is judged counts at once.
    world.clock.advance(Duration::days(14) + Duration::minutes(1));
    assert_eq!(holds().await, 9);
    world.services.keep_judging().await.unwrap();
    world.work().await;
    assert_eq!(holds().await, 9);
    world.clock.advance(Duration::days(80));
    assert_eq!(holds().await, world.page("").await.matching);
}
