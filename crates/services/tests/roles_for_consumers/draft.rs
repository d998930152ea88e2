//! What the console drafts: for whom, and what it refuses by which field.

use crate::fixture::{Fixture, ada, code, eve, person};
use claviger_domain::{
    accounts::identities::Identity,
    authz::Caller,
    consumers::view::{NameCheck, RoleDraft},
    inventory::entitlement::Answer,
    problem::ProblemCode,
};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, parameter, secret};
use sqlx::PgPool;
use time::Duration;

const US: &str = "us-east-1";
const POLICY: &str = "id: owner\ntitle: Owners\nseverity: low\nrule: {owner: {}}";

struct Drafts {
    fixture: Fixture,
    ledger: String,
    url: String,
    other: String,
}

async fn drafts(pool: &PgPool) -> Drafts {
    let fixture = Fixture::new(pool, POLICY).await;
    let facts = [
        secret(PAYMENTS, US, "ledger"),
        parameter(PAYMENTS, US, "/ledger/url"),
        secret(CHECKOUT, US, "cart"),
    ];
    for one in &facts {
        fixture.aws.put(one.clone());
    }
    fixture.aws.set_identities(Ok(vec![Identity {
        principal: format!("arn:aws:iam::{PAYMENTS}:role/apps/Taken"),
        ..Identity::default()
    }]));
    fixture.scan().await;
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    let mut ids = Vec::new();
    for one in &facts {
        ids.push(fixture.id(one.arn.as_str()).await);
    }
    let [ledger, url, other] = ids.try_into().unwrap();
    Drafts { fixture, ledger, url, other }
}

impl Drafts {
    async fn draft(&self, caller: &Caller, query: &str) -> RoleDraft {
        let roles = self.fixture.services.consumer_roles();
        roles.draft(caller, &self.ledger, query).await.unwrap()
    }

    async fn fields(&self, query: &str) -> Vec<String> {
        let draft = self.draft(&ada(), query).await;
        assert!(draft.role.is_none(), "{query}");
        draft.faults.into_iter().map(|fault| fault.field).collect()
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_role_is_drafted_for_one_and_for_several(pool: PgPool) {
    let drafts = drafts(&pool).await;
    let empty = drafts.draft(&ada(), "").await;
    assert!(!empty.is_asked && empty.faults.is_empty() && empty.role.is_none());
    assert_eq!(empty.form.role_name, "ledger-reader");

    let draft = drafts.draft(&ada(), "consumer=lambda&role_name=orders").await;
    let role = draft.role.unwrap();
    assert_eq!(role.is_exact(), Some(true), "{:?}", role.checks);
    assert!(role.files[0].text.contains("secret:ledger-AbCdEf"));
    assert_eq!((role.answers.len(), role.task_definition), (1, None));

    let query = format!("consumer=ecs-execution&role_name=orders&resource={}", drafts.url);
    let draft = drafts.draft(&ada(), &query).await;
    assert_eq!(draft.targets.len(), 2);
    let role = draft.role.unwrap();
    let text = &role.files[0].text;
    assert!(text.contains("ssm:GetParameters") && !text.contains("DescribeSecret"), "{text}");
    // An export creates the role without a path, a plan under Claviger's.
    let planned = drafts.draft(&ada(), &format!("{query}&apply=yes")).await.role.unwrap();
    for (role, name) in [(role, "orders"), (planned, "claviger/orders")] {
        let commands = role.task_definition.unwrap();
        assert!(commands.contains(&format!(":role/{name}' ")), "{commands}");
        assert!(commands.contains(".executionRoleArn = $role"), "{commands}");
    }

    // A selection names them all in the query.
    let query = format!("resource={}&resource={}", drafts.url, drafts.ledger);
    let roles = drafts.fixture.services.consumer_roles();
    let draft = roles.draft(&ada(), "", &query).await.unwrap();
    assert_eq!(draft.targets[0].name, "/ledger/url");
    assert_eq!(draft.form.resource.join(","), drafts.ledger);
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_wrong_names_its_field(pool: PgPool) {
    let drafts = drafts(&pool).await;
    let several = format!("consumer=ec2&role_name=app&resource={}", drafts.other);
    assert_eq!(drafts.fields(&several).await, ["resource"]);
    // IAM compares names without their case and path.
    assert_eq!(drafts.fields("consumer=ec2&role_name=taken").await, ["role_name"]);
    let foreign = "consumer=ec2&role_name=app&boundary=arn:aws-cn:iam::441205839201:policy/b";
    assert_eq!(drafts.fields(foreign).await, ["boundary"]);
    let past = (drafts.fixture.now() - Duration::days(2)).date();
    let past = format!("consumer=ec2&role_name=app&until={past}");
    assert_eq!(drafts.fields(&past).await, ["until"]);
    assert_eq!(drafts.fields("consumer=teapot&role_name=app").await, ["consumer"]);

    let free = drafts.draft(&ada(), "consumer=ec2&role_name=app").await;
    let NameCheck::FreeAt(read_at) = free.role.unwrap().name_check else { panic!("IAM was read") };
    assert!(read_at <= drafts.fixture.now());
}

/// A role that reads from tomorrow on is no role that cannot read.
#[sqlx::test(migrations = "../../migrations")]
async fn dates_are_conditions_and_no_refusals(pool: PgPool) {
    let drafts = drafts(&pool).await;
    let today = drafts.fixture.now().date();
    let (first, last) = (today + Duration::days(1), today + Duration::days(9));
    for (dates, said) in [
        (format!("from={first}"), format!("only from {first} (UTC)")),
        (format!("until={last}"), format!("only until the end of {last} (UTC)")),
        (
            format!("from={first}&until={last}"),
            format!("only from {first} until the end of {last} (UTC)"),
        ),
    ] {
        let query = format!("consumer=ec2&role_name=app&{dates}");
        let role = drafts.draft(&ada(), &query).await.role.unwrap();
        let answer = &role.answers[0];
        assert!(![Answer::Can, Answer::Cannot].contains(&answer.answer), "{dates}: {answer:?}");
        assert_eq!(answer.why[0], said);
    }
    let query = format!("consumer=ec2&role_name=app&from={today}");
    let role = drafts.draft(&ada(), &query).await.role.unwrap();
    let why = role.answers[0].why.join("; ");
    assert!(!why.contains("only from"), "it has begun: {why}");
}

/// By a tag the role reads more than what is selected, and the page has to say so.
#[sqlx::test(migrations = "../../migrations")]
async fn a_role_by_tag_names_the_tag(pool: PgPool) {
    let drafts = drafts(&pool).await;
    let exact = drafts.draft(&ada(), "consumer=ec2&role_name=app").await;
    let key = exact.targets[0].tag_keys.clone().unwrap().remove(0);
    assert_eq!(exact.role.unwrap().by_tag, None);
    let query = format!("consumer=ec2&role_name=app&mode=tag&tag_key={key}");
    let role = drafts.draft(&ada(), &query).await.role.unwrap();
    let (named, value) = role.by_tag.unwrap();
    assert_eq!(named, key);
    assert!(!value.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn who_may_not_see_the_secret_drafts_nothing(pool: PgPool) {
    let drafts = drafts(&pool).await;
    let roles = drafts.fixture.services.consumer_roles();
    let outside = roles.draft(&eve(), &drafts.other, "").await.unwrap_err();
    assert_eq!(code(outside), ProblemCode::NotFound);
    let query = format!("resource={}", drafts.other);
    let beside = roles.draft(&eve(), &drafts.ledger, &query).await.unwrap_err();
    assert_eq!(code(beside), ProblemCode::NotFound);
    let nobody = roles.draft(&person("max", "nobody"), &drafts.ledger, "").await.unwrap_err();
    assert_eq!(code(nobody), ProblemCode::Forbidden);
    let nothing = roles.draft(&ada(), "", "").await.unwrap_err();
    assert_eq!(code(nothing), ProblemCode::NotFound);
}
