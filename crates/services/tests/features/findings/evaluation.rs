//! What is evaluated, found, resolved, counted and exported.

use super::{Fixture, admin, caller, policy};
use claviger_domain::{
    VariantArray,
    authz::{Caller, Role, Scope},
    clock::Clock as _,
    compliance::{Category, CheckResult, ExportFormat, view::Group},
    facts::{Detail, ParameterType},
};
use claviger_services::{FileExport, ServiceError};
use claviger_store::{NewEvaluation, Store};
use claviger_testkit::{
    US,
    samples::{CHECKOUT, PAYMENTS, SANDBOX, parameter, secret, secret_with, unowned},
};
use sqlx::PgPool;
use time::Duration;

const PUBLIC: &str = r#"{"Statement": {"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}"#;

#[sqlx::test(migrations = "../../migrations")]
async fn a_finding_opens_stays_is_resolved_and_comes_back(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("owner", "high", "owner: {}")).await;
    fixture.aws.put(unowned(PAYMENTS, US, "a"));
    fixture.aws.put(secret(PAYMENTS, US, "b"));
    fixture.scan().await;
    let first = fixture.findings("").await.remove(0);
    assert_eq!(
        (first.name.as_str(), first.verdict, first.policy_title.as_str(), first.team),
        ("a", CheckResult::Fail, "The owner", None)
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
    let before = version(fixture.pool.clone()).await;
    fixture.scan().await;
    assert_eq!(version(fixture.pool.clone()).await, before);
    // Fixed.
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.scan().await;
    assert_eq!(fixture.names("").await, Vec::<String>::new());
    assert_eq!(fixture.findings("state=resolved").await.len(), 1);
    // Back: a day of its own, and counted.
    fixture.aws.put(unowned(PAYMENTS, US, "a"));
    fixture.scan().await;
    let again = fixture.findings("").await.remove(0);
    assert!(again.opened_at > first.opened_at && again.reopened == 1, "{again:?}");
    // What is gone from AWS fails at nothing.
    fixture.aws.remove(&secret(PAYMENTS, US, "a").arn);
    fixture.scan().await;
    assert_eq!(fixture.names("").await, Vec::<String>::new());
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_has_not_changed_is_not_evaluated_again(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("owner", "high", "owner: {}")).await;
    for name in ["a", "b"] {
        fixture.aws.put(unowned(PAYMENTS, US, name));
    }
    fixture.scan().await;
    let evaluated = |name: &'static str| {
        let pool = fixture.pool.clone();
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
    let before = (evaluated("a").await, evaluated("b").await);
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.scan().await;
    assert_ne!(evaluated("a").await, before.0);
    assert_eq!(evaluated("b").await, before.1);
    // The numbers are those of both.
    let overview = fixture.overview().await;
    assert_eq!((overview.resources, overview.tally.pass, overview.tally.fail), (2, 1, 1));
    assert_eq!(overview.offenders[0].name, "b");
    // A policy more, and everybody is asked.
    let more = policy("rotation", "low", "rotation-enabled: {}");
    fixture.services.policies().import_policies(&more).await.unwrap();
    fixture.work().await;
    assert_ne!(evaluated("b").await, before.1);
    assert_eq!(fixture.overview().await.tally.fail, 3);
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_evaluation_that_another_has_overtaken_writes_nothing(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("owner", "high", "owner: {}")).await;
    fixture.aws.put(unowned(PAYMENTS, US, "a"));
    fixture.scan().await;
    let store = Store::from_pool(fixture.pool.clone());
    let account = PAYMENTS.parse().unwrap();
    let evaluation_input = store
        .evaluations()
        .evaluation_input(&account, b"as it was".to_vec(), fixture.clock.now())
        .await
        .unwrap();
    fixture.scan().await;
    let mut work = store.transactions().begin(fixture.clock.now()).await.unwrap();
    let stale = NewEvaluation { round: evaluation_input.round, ..NewEvaluation::default() };
    assert_eq!(work.write_evaluation(&account, &stale).await.unwrap(), None);
    work.commit().await.unwrap();
    assert_eq!(fixture.overview().await.tally.fail, 1);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_resource_policy_is_read_evaluated_and_explained(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("public", "critical", "public-policy: {}")).await;
    let open = secret(PAYMENTS, US, "open");
    fixture.aws.put(open.clone());
    fixture.aws.put(secret(PAYMENTS, US, "closed"));
    fixture.aws.attach_policy(&open.arn, PUBLIC);
    fixture.scan().await;
    assert_eq!(fixture.names("").await, ["open"]);
    let id = fixture.findings("").await[0].resource.to_string();
    let resource_evaluation =
        fixture.services.compliance().resource_evaluation(&admin(), &id).await.unwrap();
    assert_eq!(resource_evaluation.checks[0].outcome.verdict, CheckResult::Fail);
    assert!(resource_evaluation.checks[0].opened_at.is_some());
    let readers =
        fixture.services.compliance().resource_policy(&admin(), &id).await.unwrap().readers;
    assert_eq!(readers.rows[0].sentence, "Anyone can read the value, without a condition.");
    assert_eq!(readers.document.as_deref(), Some(PUBLIC));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_policy_that_could_not_be_read_is_unknown_and_never_good(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("public", "critical", "public-policy: {}")).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.aws.deny_policies();
    fixture.scan().await;
    assert_eq!(fixture.names("").await, Vec::<String>::new());
    assert_eq!(fixture.names("verdict=unknown").await, ["a"]);
    let overview = fixture.overview().await;
    assert_eq!((overview.score.per_mille(), overview.tally.unknown), (Some(0), 1));
    assert!(overview.gaps[0].why.contains("Access denied reading"), "{:?}", overview.gaps);
}

#[sqlx::test(migrations = "../../migrations")]
async fn every_number_of_the_overview_leads_to_exactly_its_rows(pool: PgPool) {
    let policies = [
        policy("owner", "medium", "owner: {}"),
        policy("rotation", "high", "rotation-enabled: {}"),
        policy("plain", "critical", "plain-credential: {}"),
    ]
    .join("---\n");
    let fixture = Fixture::new(pool, &policies).await;
    for n in 0..60 {
        fixture.aws.put(secret(PAYMENTS, US, &format!("p{n}")));
    }
    fixture.aws.put(unowned(CHECKOUT, US, "c"));
    fixture.aws.put(secret_with(CHECKOUT, US, "on", |facts| facts.rotation.enabled = Some(true)));
    let mut plain = parameter(SANDBOX, US, "/db/password");
    if let Detail::Parameter(detail) = &mut plain.detail {
        detail.parameter_type = ParameterType::String;
    }
    fixture.aws.put(plain);
    fixture.scan().await;
    let overview = fixture.overview().await;
    // Rotation: 61 of 62 fail; owners: 2 of 63; the one plain parameter fails.
    assert_eq!((overview.tally.pass, overview.tally.fail), (1 + 61, 61 + 2 + 1));
    assert_eq!((overview.score.passed, overview.score.of), (5 + 2 * 61, 5 * 62 + 2 * 63 + 10));
    for row in &overview.by_policy {
        assert_eq!(fixture.page(&format!("policy={}", row.id)).await.matching, row.tally.fail);
    }
    let groups = |field, groups: &[Group]| -> Vec<(String, u64)> {
        groups.iter().map(|group| (format!("{field}={}", group.value), group.tally.fail)).collect()
    };
    let teams = overview.by_team.iter().map(|row| (format!("team={}", row.team), row.tally.fail));
    let tiles = overview.tiles.iter().map(|tile| (format!("account={}", tile.id), tile.fail));
    let cells = overview.by_ou.iter().flat_map(|group| {
        let cells = Category::VARIANTS.iter().zip(&group.by_category);
        cells.map(|(category, tally)| {
            (format!("ou={}&category={category}", group.value), tally.fail)
        })
    });
    for links in [
        groups("account", &overview.by_account),
        groups("ou", &overview.by_ou),
        teams.collect(),
        tiles.collect(),
        cells.collect(),
    ] {
        assert!(!links.is_empty());
        for (link, fail) in links {
            assert_eq!(fixture.page(&link).await.matching, fail, "{link}");
        }
    }
    for need in overview.needs.iter().filter(|need| need.href.starts_with("/findings?")) {
        let query = need.href.trim_start_matches("/findings?");
        assert_eq!(fixture.page(query).await.matching, need.count, "{}", need.label);
    }
    // Every finding on some page, once, the worst first.
    let (mut seen, mut query) = (Vec::new(), String::new());
    loop {
        let page = fixture.page(&query).await;
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
    let page = fixture.page("severity=medium").await;
    for value in page.facets.teams.iter().filter(|value| value.count > 0) {
        let left = fixture.page(&format!("severity=medium&team={}", value.value)).await.matching;
        assert_eq!(left, value.count);
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn time_alone_turns_a_verdict(pool: PgPool) {
    let fixture = Fixture::new(pool, &policy("age", "high", "value-age: {max-days: 365}")).await;
    fixture.aws.put(secret(PAYMENTS, US, "a"));
    fixture.scan().await;
    assert_eq!(fixture.names("").await, Vec::<String>::new());
    fixture.clock.advance(Duration::days(366));
    fixture.services.evaluations().schedule_due_evaluations().await.unwrap();
    fixture.work().await;
    assert_eq!(fixture.names("").await, ["a"]);
    // Once asked for, it is not asked for again.
    fixture.services.evaluations().schedule_due_evaluations().await.unwrap();
    assert!(claviger_testkit::taken_jobs(&fixture.pool).await.is_empty());
    // The trend has both days, and those between.
    let overview = fixture.overview().await;
    assert_eq!(overview.days.last().unwrap().score.per_mille(), Some(0));
    assert_eq!(overview.days.first().unwrap().score.per_mille(), Some(1000));
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_export_is_the_whole_filtered_list_and_nothing_else(pool: PgPool) {
    // More than one piece.
    const MANY: usize = 600;
    let fixture = Fixture::new(pool, &policy("owner", "high", "owner: {}")).await;
    for n in 0..MANY {
        fixture.aws.put(unowned(PAYMENTS, US, &format!("s-{n:04}")));
    }
    fixture.scan().await;
    let elsewhere = caller(Role::SecurityAdmin, Scope::Accounts(vec![SANDBOX.parse().unwrap()]));
    let nobody = Caller { held: Vec::new(), ..admin() };
    let all = async |format, caller: &Caller, query: &str| {
        let mut export =
            fixture.services.compliance().export_findings(caller, format, query).await?;
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
    let fixture = Fixture::new(pool, &policies.join("---\n")).await;
    for n in 0..9 {
        fixture.aws.put(unowned(PAYMENTS, US, &format!("p{n}")));
        fixture.aws.put(secret(CHECKOUT, US, &format!("c{n}")));
    }
    fixture.scan().await;
    let holds = async || {
        let overview = fixture.overview().await;
        let overdue = overview.needs.iter().find(|need| need.label.starts_with("Overdue")).unwrap();
        assert_eq!(overdue.count, fixture.page("state=overdue").await.matching);
        let unknown: u64 = overview.gaps.iter().map(|gap| gap.count).sum();
        assert_eq!(unknown, fixture.page("verdict=unknown").await.matching);
        // The worst first: each with all that fails of it, and none that is worse left out.
        let fails = async |name: &str| fixture.page(&format!("q={name}")).await.matching;
        for offender in &overview.offenders {
            assert_eq!(offender.fails, fails(&offender.name).await, "{}", offender.name);
            assert!(offender.name.starts_with('p'), "those have more and graver failures");
        }
        assert_eq!(overview.offenders.len(), 6);
        let new = fixture.findings("days=7").await;
        assert_eq!(overview.worse, new.into_iter().take(6).collect::<Vec<_>>());
        overdue.count
    };
    assert_eq!(holds().await, 0);
    // What falls due while nothing is evaluated counts at once.
    fixture.clock.advance(Duration::days(14) + Duration::minutes(1));
    assert_eq!(holds().await, 9);
    fixture.services.evaluations().schedule_due_evaluations().await.unwrap();
    fixture.work().await;
    assert_eq!(holds().await, 9);
    fixture.clock.advance(Duration::days(80));
    assert_eq!(holds().await, fixture.page("").await.matching);
}
