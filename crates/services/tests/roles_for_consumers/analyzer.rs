//! A drafted role that AWS Access Analyzer checks: for whom, what is sent, and what an answer or no answer means.

use crate::{
    emulator::scanned_id,
    fixture::{Fixture, ada, bindings, code, eve, person},
};
use aws_credential_types::Credentials;
use claviger_domain::{
    authz::Caller,
    consumers::analyzer::{AnalyzerAnswer, AnalyzerView, CustomCheck, FindingType, PolicyFinding},
    problem::ProblemCode,
    scan::RegionScanFault,
};
use claviger_policy::{
    consumers::NOT_GRANTED,
    permissions::{Role, roles::role_policy},
};
use claviger_services::{ServiceError, grants::AccessSettings};
use claviger_testkit::{
    Console, EmulatorRoot, US, ministack,
    samples::{CHECKOUT, PAYMENTS, secret},
};
use serde_json::Value;
use sqlx::PgPool;
use time::Duration;

const POLICY: &str = "id: owner\ntitle: Owners\nseverity: low\nrule: {owner: {}}";
const QUERY: &str = "consumer=lambda&role_name=orders";

struct Checking {
    fixture: Fixture,
    ledger: String,
    other: String,
}

impl Checking {
    async fn new(pool: &PgPool) -> Self {
        let fixture = Fixture::new(pool, POLICY).await;
        let facts = [secret(PAYMENTS, US, "ledger"), secret(CHECKOUT, US, "cart")];
        for one in &facts {
            fixture.aws.put(one.clone());
        }
        fixture.scan().await;
        let ledger = fixture.id(facts[0].arn.as_str()).await;
        let other = fixture.id(facts[1].arn.as_str()).await;
        Self { fixture, ledger, other }
    }

    async fn analyze(&self, caller: &Caller, query: &str) -> Result<AnalyzerView, ServiceError> {
        self.fixture.services.consumer_roles().analyze(caller, &self.ledger, query).await
    }

    async fn last(&self, caller: &Caller) -> Option<AnalyzerView> {
        let roles = self.fixture.services.consumer_roles();
        let page = roles.analyzer_page(caller, self.ledger.parse().unwrap()).await.unwrap();
        assert_eq!(page.not_granted, NOT_GRANTED);
        page.last
    }
}

fn answers(view: &AnalyzerView) -> Vec<&AnalyzerAnswer> {
    view.checks.iter().map(|check| &check.answer).collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_role_passes_and_the_documents_are_those_of_the_draft(pool: PgPool) {
    let checking = Checking::new(&pool).await;
    let view = checking.analyze(&ada(), QUERY).await.unwrap();
    assert_eq!(view.is_good(), Some(true), "{view:?}");
    assert_eq!((view.role.as_str(), view.query.as_str()), ("orders", QUERY));

    let [(order, policies)] = &checking.fixture.aws.analyzed()[..] else { panic!("one request") };
    assert_eq!((order.account.as_str(), order.region.as_str()), (PAYMENTS, US));
    assert_eq!(order.source_identity, "ada");
    let permission: Value = serde_json::from_str(&policies.permission).unwrap();
    assert_eq!(permission["Statement"][0]["Sid"], "ReadSecret", "{permission}");
    assert!(policies.trust.contains("lambda.amazonaws.com"), "{}", policies.trust);
    assert_eq!(policies.not_granted, NOT_GRANTED);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_aws_finds_is_told_with_the_worst_first(pool: PgPool) {
    let checking = Checking::new(&pool).await;
    let finding = |finding_type| PolicyFinding {
        finding_type,
        code: "CODE".into(),
        message: "Something.".into(),
        link: None,
    };
    checking.fixture.aws.change_analyzer(|analyzer| {
        analyzer.findings = vec![finding(FindingType::Suggestion), finding(FindingType::Error)];
        analyzer.public = vec!["Anyone may assume it.".into()];
        analyzer.granted = vec!["It writes.".into()];
    });
    let view = checking.analyze(&ada(), QUERY).await.unwrap();
    assert_eq!(view.is_good(), Some(false));
    let [AnalyzerAnswer::Findings(found), trust, public, granted] = &answers(&view)[..] else {
        panic!("{view:?}")
    };
    let types: Vec<FindingType> = found.iter().map(|one| one.finding_type).collect();
    assert_eq!(types, [FindingType::Error, FindingType::Suggestion]);
    assert_eq!(**trust, AnalyzerAnswer::Findings(Vec::new()));
    let failed = |why: &str| AnalyzerAnswer::Check(CustomCheck::Failed(vec![why.to_owned()]));
    assert_eq!(**public, failed("Anyone may assume it."));
    assert_eq!(**granted, failed("It writes."));
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_aws_does_not_answer_is_unknown_with_its_reason(pool: PgPool) {
    let checking = Checking::new(&pool).await;
    for (operation, fault, unknown, said) in [
        ("AssumeRole", RegionScanFault::RoleNotAssumable, 4, "can't assume claviger-consumers"),
        ("ValidatePolicy", RegionScanFault::Denied, 2, "since template version"),
        ("CheckNoPublicAccess", RegionScanFault::Unreachable, 1, "may not have this check"),
        ("CheckAccessNotGranted", RegionScanFault::Throttled, 1, "Try again in a minute"),
    ] {
        checking.fixture.aws.change_analyzer(|analyzer| {
            analyzer.refused = [(operation, fault)].into();
        });
        let view = checking.analyze(&ada(), QUERY).await.unwrap();
        assert_eq!(view.is_good(), None, "{operation}");
        let reasons: Vec<&String> = view
            .checks
            .iter()
            .filter_map(|check| match &check.answer {
                AnalyzerAnswer::Unknown(why) => Some(why),
                _ => None,
            })
            .collect();
        assert_eq!(reasons.len(), unknown, "{operation}: {view:?}");
        assert!(reasons.iter().all(|why| why.contains(said)), "{reasons:?}");
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn only_who_may_draft_the_role_has_it_checked(pool: PgPool) {
    let checking = Checking::new(&pool).await;
    let roles = checking.fixture.services.consumer_roles();
    let outside = roles.analyze(&eve(), &checking.other, QUERY).await.unwrap_err();
    assert_eq!(code(outside), ProblemCode::NotFound);
    let beside = format!("{QUERY}&resource={}", checking.other);
    let beside = checking.analyze(&eve(), &beside).await.unwrap_err();
    assert_eq!(code(beside), ProblemCode::NotFound);
    let nobody = checking.analyze(&person("max", "nobody"), QUERY).await.unwrap_err();
    assert_eq!(code(nobody), ProblemCode::Forbidden);
    // A form with faults, and one without a consumer.
    for query in ["consumer=ec2&role_name=app&boundary=x", ""] {
        let refused = checking.analyze(&ada(), query).await.unwrap_err();
        assert_eq!(code(refused), ProblemCode::InvalidInput, "{query}");
    }
    assert!(checking.fixture.aws.analyzed().is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_last_result_is_its_persons_own_and_for_a_quarter_of_an_hour(pool: PgPool) {
    let checking = Checking::new(&pool).await;
    let view = checking.analyze(&ada(), QUERY).await.unwrap();
    assert_eq!(checking.last(&ada()).await, Some(view));
    assert_eq!(checking.last(&eve()).await, None);
    // Whose roles were taken away since.
    assert_eq!(checking.last(&person("ada", "nobody")).await, None);
    checking.fixture.clock.advance(Duration::minutes(15));
    assert_eq!(checking.last(&ada()).await, None);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_person_may_check_twenty_roles_an_hour(pool: PgPool) {
    let checking = Checking::new(&pool).await;
    for _ in 0..20 {
        checking.analyze(&ada(), QUERY).await.unwrap();
    }
    let refused = checking.analyze(&ada(), QUERY).await.unwrap_err();
    assert_eq!(code(refused), ProblemCode::Conflict);
    checking.analyze(&eve(), QUERY).await.unwrap();
    assert_eq!(checking.fixture.aws.analyzed().len(), 21);
    checking.fixture.clock.advance(Duration::hours(1));
    checking.analyze(&ada(), QUERY).await.unwrap();
}

/// The emulator has no Access Analyzer.
#[sqlx::test(migrations = "../../migrations")]
async fn ministack_has_no_answer_and_nothing_passes(pool: PgPool) {
    let emulator = ministack();
    let name = format!("analyzed-{}", std::process::id());
    let root =
        EmulatorRoot { url: emulator.url.clone(), account: PAYMENTS.into(), region: US.into() };
    let ours = role_policy(Role::Consumers, &"aws".parse().unwrap());
    root.put_role_policy(Role::Consumers.name(), Role::Consumers.name(), &ours).await;
    let owner = emulator.config(Credentials::new(PAYMENTS, "root", None, None, "owner")).await;
    let owner = aws_sdk_secretsmanager::Client::new(&owner);
    let made = owner.create_secret().name(&name).secret_string("value").send().await.unwrap();
    let arn = made.arn().unwrap().to_owned();
    let access = AccessSettings { roles: bindings(), ..AccessSettings::nothing().unwrap() };
    let console = Console::builder(&pool).access(access).build_over(emulator.hub().await).await;
    let id = scanned_id(&console, &pool, &arn).await;

    let view = console.services.consumer_roles().analyze(&ada(), &id, QUERY).await.unwrap();
    assert_eq!(view.is_good(), None, "{view:?}");
    for check in &view.checks {
        let AnalyzerAnswer::Unknown(why) = &check.answer else { panic!("{check:?}") };
        assert!(why.contains(check.question.operation()), "{why}");
    }
    owner.delete_secret().secret_id(&arn).force_delete_without_recovery(true).send().await.unwrap();
}
