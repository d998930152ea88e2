//! The Organization's tag policies: read with a scan, merged as AWS merges them, used by evaluations.

use super::fixture::*;
use claviger_domain::{
    accounts::{
        TagPolicy,
        readiness::{ReadinessItem, ReadinessState},
    },
    compliance::{CheckResult, view::FindingRow},
    scan::RegionScanFault,
};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, secret};
use sqlx::PgPool;

const POLICY: &str = "id: org-tags\ntitle: The tags of the Organization\nseverity: medium\nrule:\n  tag-policy: {}\n";

fn policy(id: &str, target: &str, content: &str) -> TagPolicy {
    TagPolicy {
        id: id.into(),
        name: id.into(),
        content: content.into(),
        targets: vec![target.into()],
    }
}

/// `env` is to be written `Env` everywhere; below the account, `prod` is allowed as well.
fn two_levels() -> Vec<TagPolicy> {
    let root = r#"{"tags": {"env": {"tag_key": {"@@assign": "Env"}, "tag_value": {"@@assign": ["dev"]}}}}"#;
    let own = r#"{"tags": {"env": {"tag_value": {"@@append": ["prod"]}}}}"#;
    vec![policy("p-root", "r-test", root), policy("p-own", PAYMENTS, own)]
}

async fn found(fixture: &Fixture, query: &str) -> Vec<FindingRow> {
    fixture.services.compliance().findings(&ada(), query).await.unwrap().rows
}

fn tagged(
    account: &str,
    name: &str,
    key: &str,
    value: &str,
) -> claviger_domain::facts::ResourceFacts {
    let mut facts = secret(account, US, name);
    facts.tags = Some([(key.to_owned(), value.to_owned())].into());
    facts
}

#[sqlx::test(migrations = "../../migrations")]
async fn they_are_merged_from_the_root_down_to_the_account(pool: PgPool) {
    let fixture = Fixture::new(pool, POLICY).await;
    fixture.aws.set_tag_policies(Ok(two_levels()));
    fixture.aws.put(tagged(PAYMENTS, "prod here", "Env", "prod"));
    fixture.aws.put(tagged(CHECKOUT, "prod there", "Env", "prod"));
    fixture.aws.put(tagged(CHECKOUT, "written", "env", "dev"));
    fixture.aws.put(tagged(CHECKOUT, "other", "owner", "me"));
    fixture.scan().await;
    let rows = found(&fixture, "").await;
    let mut said: Vec<(String, String)> = rows
        .into_iter()
        .map(|row| (row.name, format!("{} {}", row.evidence[0].fact, row.evidence[0].value)))
        .collect();
    said.sort();
    let expected =
        [("prod there", "Env is prod; allowed are dev"), ("written", "Env is written env")];
    assert_eq!(said, expected.map(|(name, what)| (name.to_owned(), what.to_owned())));
    // A policy that goes is asked of nobody any more.
    fixture.aws.set_tag_policies(Ok(Vec::new()));
    fixture.scan().await;
    assert!(found(&fixture, "").await.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn aws_s_own_merging_has_the_last_word_and_is_asked_for_sparingly(pool: PgPool) {
    let fixture = Fixture::new(pool, POLICY).await;
    fixture.aws.set_tag_policies(Ok(two_levels()));
    fixture.aws.set_effective_tag_policy(Some(r#"{"tags": {"env": {"tag_key": "ENV"}}}"#));
    fixture.aws.put(tagged(CHECKOUT, "a", "Env", "dev"));
    fixture.scan().await;
    assert_eq!(found(&fixture, "").await[0].evidence[0].fact, "ENV");
    let asked = fixture.aws.asked_for_effective();
    fixture.scan().await;
    assert_eq!(fixture.aws.asked_for_effective(), asked, "nothing has changed");
    // It does not answer any more, and the policies are others: ours is what there is.
    fixture.aws.set_effective_tag_policy(None);
    fixture.aws.set_tag_policies(Ok(two_levels().into_iter().take(1).collect()));
    fixture.scan().await;
    assert!(found(&fixture, "").await.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cannot_be_read_is_unknown(pool: PgPool) {
    let fixture = Fixture::new(pool, POLICY).await;
    fixture.aws.put(tagged(CHECKOUT, "a", "Env", "dev"));
    fixture.aws.set_tag_policies(Err(RegionScanFault::Denied));
    fixture.scan().await;
    let row = found(&fixture, "verdict=unknown").await.remove(0);
    assert_eq!(
        (row.verdict, row.says.as_str()),
        (CheckResult::Unknown, "The Organization's tag policies could not be read.")
    );
    // That they are turned on is known all the same, and the page says which call was denied.
    let shown = fixture.services.accounts().account(&ada(), CHECKOUT).await.unwrap();
    let of_tags =
        shown.readiness.iter().find(|one| one.item == ReadinessItem::TagPolicies).unwrap();
    assert_eq!(of_tags.state, ReadinessState::Unknown);
    assert!(of_tags.says.contains("turned on, but ListPolicies failed (Fake)"), "{}", of_tags.says);
    let broken = policy("p-broken", "r-test", r#"{"tags": {"env": {"tag_key": "Env"}}}"#);
    fixture.aws.set_tag_policies(Ok(vec![broken]));
    fixture.scan().await;
    let row = found(&fixture, "verdict=unknown").await.remove(0);
    assert_eq!(row.evidence[0].value, "p-broken: tags.env.tag_key: is to be an object");
}
