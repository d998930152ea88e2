//! The Organization's tag policies: read with a sweep, merged as AWS merges them, judged by.

use crate::world::*;
use claviger_domain::{
    governance::{Verdict, view::FindingRow},
    organization::TagPolicy,
    readiness::{ReadinessItem, ReadinessState},
    sweep::ScanFault,
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

async fn found(world: &World, query: &str) -> Vec<FindingRow> {
    world.services.findings(&ada(), query).await.unwrap().rows
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
    let world = World::new(pool, POLICY).await;
    world.aws.set_tag_policies(Ok(two_levels()));
    world.aws.put(tagged(PAYMENTS, "prod here", "Env", "prod"));
    world.aws.put(tagged(CHECKOUT, "prod there", "Env", "prod"));
    world.aws.put(tagged(CHECKOUT, "written", "env", "dev"));
    world.aws.put(tagged(CHECKOUT, "other", "owner", "me"));
    world.sweep().await;
    let rows = found(&world, "").await;
    let mut said: Vec<(String, String)> = rows
        .into_iter()
        .map(|row| (row.name, format!("{} {}", row.evidence[0].fact, row.evidence[0].value)))
        .collect();
    said.sort();
    let expected =
        [("prod there", "Env is prod; allowed are dev"), ("written", "Env is written env")];
    assert_eq!(said, expected.map(|(name, what)| (name.to_owned(), what.to_owned())));
    // A policy that goes is asked of nobody any more.
    world.aws.set_tag_policies(Ok(Vec::new()));
    world.sweep().await;
    assert!(found(&world, "").await.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn aws_s_own_merging_has_the_last_word_and_is_asked_for_sparingly(pool: PgPool) {
    let world = World::new(pool, POLICY).await;
    world.aws.set_tag_policies(Ok(two_levels()));
    world.aws.set_effective_tag_policy(Some(r#"{"tags": {"env": {"tag_key": "ENV"}}}"#));
    world.aws.put(tagged(CHECKOUT, "a", "Env", "dev"));
    world.sweep().await;
    assert_eq!(found(&world, "").await[0].evidence[0].fact, "ENV");
    let asked = world.aws.asked_for_effective();
    world.sweep().await;
    assert_eq!(world.aws.asked_for_effective(), asked, "nothing has changed");
    // It does not answer any more, and the policies are others: ours is what there is.
    world.aws.set_effective_tag_policy(None);
    world.aws.set_tag_policies(Ok(two_levels().into_iter().take(1).collect()));
    world.sweep().await;
    assert!(found(&world, "").await.is_empty());
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_cannot_be_read_is_unknown(pool: PgPool) {
    let world = World::new(pool, POLICY).await;
    world.aws.put(tagged(CHECKOUT, "a", "Env", "dev"));
    world.aws.set_tag_policies(Err(ScanFault::Denied));
    world.sweep().await;
    let row = found(&world, "verdict=unknown").await.remove(0);
    assert_eq!(
        (row.verdict, row.says.as_str()),
        (Verdict::Unknown, "The Organization's tag policies could not be read.")
    );
    // That they are turned on is known all the same, and the page says which call was denied.
    let shown = world.services.account(&ada(), CHECKOUT).await.unwrap();
    let of_tags =
        shown.readiness.iter().find(|one| one.item == ReadinessItem::TagPolicies).unwrap();
    assert_eq!(of_tags.state, ReadinessState::Unknown);
    assert!(of_tags.says.contains("turned on, but ListPolicies failed (Fake)"), "{}", of_tags.says);
    let broken = policy("p-broken", "r-test", r#"{"tags": {"env": {"tag_key": "Env"}}}"#);
    world.aws.set_tag_policies(Ok(vec![broken]));
    world.sweep().await;
    let row = found(&world, "verdict=unknown").await.remove(0);
    assert_eq!(row.evidence[0].value, "p-broken: tags.env.tag_key: is to be an object");
}
