//! Recipes of a secret, and the rights of a role beside those that one needs.

use super::fixture::*;
use claviger_domain::{
    accounts::identities::Identity,
    clock::Clock,
    facts::{Detail, Reading, ResourceFacts, Version},
    inventory::{
        entitlement::Answer,
        recipes::{
            RecipeAction, RecipeId,
            view::{Comparison, RightAnswer, UseView, sentence},
        },
    },
    key::{KeyAccess, KeyManager, KmsKey},
    problem::ProblemCode,
    scan::RegionScanFault,
};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, parameter, secret, secret_with};
use sqlx::PgPool;
use time::Duration;

async fn shown(fixture: &Fixture, name: &str, query: &str) -> UseView {
    let id = fixture.id(name).await;
    fixture.services.recipes().recipes(&ada(), &id, query).await.unwrap()
}

/// What a role has of the rights of External Secrets.
async fn compared(fixture: &Fixture, name: &str) -> Vec<RightAnswer> {
    let query = format!("for=external-secrets&role={}", role_arn(name));
    match shown(fixture, "ledger", &query).await.comparison {
        Comparison::Compared { answers, .. } => answers,
        other => panic!("{other:?}"),
    }
}

/// A role of an account that no policy names.
fn elsewhere(name: &str) -> String {
    format!("arn:aws:iam::{CHECKOUT}:role/{name}")
}

/// A secret under a customer managed key whose policy leaves it to IAM.
async fn under_own_key(pool: PgPool) -> Fixture {
    let fixture = Fixture::new(pool, ROTATION).await;
    let key = format!("arn:aws:kms:{US}:{PAYMENTS}:key/own");
    let facts = secret(PAYMENTS, US, "ledger");
    fixture.aws.put(ResourceFacts { kms_key_id: Some(key.clone()), ..facts });
    fixture.aws.set_key(
        &key,
        KmsKey {
            arn: key.clone(),
            manager: KeyManager::Customer,
            state: "Enabled".into(),
            deletion_at: None,
            is_multi_region: false,
            aliases: None,
        },
    );
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
            "Principal": {{"AWS": "arn:aws:iam::{PAYMENTS}:root"}}, "Action": "kms:*", "Resource": "*"}}]}}"#
    );
    fixture.aws.set_key_access(KeyAccess {
        policy: Reading::Read(policy),
        grants: Reading::Read(Vec::new()),
    });
    fixture.aws.set_identities(Ok(vec![
        role("app", Some(READ)),
        role("admin", Some(ALL)),
        role("half-read", None),
        Identity { principal: elsewhere("buyer"), ..role("buyer", Some(READ)) },
    ]));
    fixture.scan().await;
    fixture
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_role_is_compared_right_by_right(pool: PgPool) {
    let fixture = under_own_key(pool).await;
    let app = compared(&fixture, "app").await;
    assert_eq!(sentence(&app), "This role lacks kms:Decrypt.");
    let of = |action| app.iter().find(|one| one.right.action == action).unwrap().answer;
    assert_eq!(of(RecipeAction::GetSecretValue), Answer::Can);
    assert_eq!(of(RecipeAction::Decrypt), Answer::Cannot);

    let admin = compared(&fixture, "admin").await;
    assert_eq!(sentence(&admin), "This role has every right that the recipe needs.");
    // A policy that was not read is never said to allow or to deny.
    let half = compared(&fixture, "half-read").await;
    assert!(half.iter().all(|one| one.answer == Answer::Unknown), "{half:?}");

    // AWS's caching clients need one right more.
    let query = format!("for=python&role={}", role_arn("app"));
    let view = shown(&fixture, "ledger", &query).await;
    let Comparison::Compared { answers, .. } = &view.comparison else {
        panic!("{:?}", view.comparison)
    };
    assert_eq!(sentence(answers), "This role lacks secretsmanager:DescribeSecret and kms:Decrypt.");
    assert!(view.roles.contains(&role_arn("app")), "{:?}", view.roles);
}

/// Under aws/secretsmanager no policy has to name the key, but one may deny it.
#[sqlx::test(migrations = "../../migrations")]
async fn the_aws_managed_key_is_compared_too(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    fixture.aws.put(secret(PAYMENTS, US, "ledger"));
    let denied =
        READ.replace("}]}", r#"}, {"Effect": "Deny", "Action": "kms:*", "Resource": "*"}]}"#);
    fixture.aws.set_identities(Ok(vec![
        role("app", Some(READ)),
        role("denied", Some(&denied)),
        role("apps/orders", Some(READ)),
    ]));
    fixture.scan().await;
    let denied = compared(&fixture, "denied").await;
    assert_eq!(sentence(&denied), "This role lacks kms:Decrypt.");
    let app = compared(&fixture, "app").await;
    assert!(app.iter().any(|one| one.right.action == RecipeAction::Decrypt), "{app:?}");
    assert!(app.iter().all(|one| one.answer != Answer::Cannot), "{app:?}");
    // The recipe does not list it as needed, so the comparison says why it is there.
    for one in &app {
        assert_eq!(one.by_managed_key, one.right.action == RecipeAction::Decrypt, "{one:?}");
    }

    // A role is found by its name; the recipe has the ARN that IAM has.
    let query = format!("for=external-secrets&role={}", role_arn("orders"));
    let view = shown(&fixture, "ledger", &query).await;
    let Comparison::Compared { role, .. } = &view.comparison else {
        panic!("{:?}", view.comparison)
    };
    assert_eq!(*role, role_arn("apps/orders"));
    let recipe = view.recipe.unwrap();
    let texts: String = recipe.files.iter().map(|file| file.text.as_str()).collect();
    assert!(
        texts.contains(&role_arn("apps/orders")) && !texts.contains(&role_arn("orders")),
        "{texts}"
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_role_that_is_missing_or_not_read_is_no_answer(pool: PgPool) {
    let fixture = under_own_key(pool).await;
    let ask = |role: String| {
        let fixture = &fixture;
        async move { shown(fixture, "ledger", &format!("role={role}")).await.comparison }
    };
    assert!(matches!(ask(role_arn("nobody")).await, Comparison::Missing));
    // An account that no policy names is looked at too, if it is in the scope of the person who asks.
    assert_eq!(ask(elsewhere("nobody")).await, Comparison::Missing);
    match ask(elsewhere("buyer")).await {
        Comparison::Compared { role, .. } => assert_eq!(role, elsewhere("buyer")),
        other => panic!("{other:?}"),
    }
    let view = shown(&fixture, "ledger", "").await;
    assert_eq!(view.comparison, Comparison::NotAsked);
    assert!(view.roles.contains(&role_arn("app")), "{:?}", view.roles);

    fixture.aws.set_identities(Err(RegionScanFault::Denied));
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    assert!(matches!(ask(role_arn("app")).await, Comparison::NotRead { .. }));
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_role_that_nobody_chose_is_said_to_be_missing_until_it_is_there(pool: PgPool) {
    let fixture = under_own_key(pool).await;
    let suggested = format!("arn:aws:iam::{PAYMENTS}:role/claviger/ledger-reader");
    let view = shown(&fixture, "ledger", "for=ecs").await;
    let unchosen = view.suggested_role.unwrap();
    assert_eq!((unchosen.arn.as_str(), unchosen.is_missing), (suggested.as_str(), true));
    assert_eq!(view.comparison, Comparison::NotAsked);
    assert!(view.recipe.unwrap().names_role(&suggested));
    // A recipe that names no role needs no role to be there.
    assert_eq!(shown(&fixture, "ledger", "for=aws-cli").await.suggested_role, None);
    let chosen = format!("for=ecs&role={}", role_arn("app"));
    assert_eq!(shown(&fixture, "ledger", &chosen).await.suggested_role, None);

    // By its name, wherever it was created.
    fixture.aws.set_identities(Ok(vec![role("teams/ledger-reader", Some(READ))]));
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    let view = shown(&fixture, "ledger", "for=ecs").await;
    assert_eq!(view.suggested_role, None);
    assert!(matches!(view.comparison, Comparison::Compared { .. }), "{:?}", view.comparison);
    assert!(view.recipe.unwrap().names_role(&role_arn("teams/ledger-reader")));
}

#[sqlx::test(migrations = "../../migrations")]
async fn choices_are_kept_and_what_is_wrong_is_named(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    fixture.aws.put(secret_with(PAYMENTS, US, "ledger", |ledger| {
        ledger.versions = vec![Version { id: "v1".into(), stages: vec!["AWSCURRENT".into()] }];
    }));
    fixture.aws.put(parameter(PAYMENTS, US, "/ledger/url"));
    let mut leaving = secret(PAYMENTS, US, "leaving");
    if let Detail::Secret(facts) = &mut leaving.detail {
        facts.deleted_at = Some(fixture.clock.now());
    }
    fixture.aws.put(leaving);
    fixture.scan().await;

    let view = shown(&fixture, "ledger-", "for=ecs&key=password").await;
    let recipe = view.recipe.unwrap();
    assert_eq!(recipe.id, RecipeId::Ecs);
    let text = &recipe.files[0].text;
    assert!(text.contains(&format!("arn:aws:secretsmanager:{US}:{PAYMENTS}:secret:ledger-")));
    assert!(text.contains(":password::"), "{text}");

    let unknown = shown(&fixture, "ledger-", "stage=NOPE").await;
    assert_eq!(unknown.stages, ["AWSCURRENT"]);
    let [fault] = unknown.faults.as_slice() else { panic!("{:?}", unknown.faults) };
    assert!(fault.field == "stage" && fault.reason.contains("NOPE"), "{fault:?}");
    assert!(unknown.recipe.unwrap().files[0].text.contains("NOPE"));

    let wrong = shown(&fixture, "ledger-", "for=teapot&stage=%22").await;
    let fields: Vec<&str> = wrong.faults.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(fields, ["stage", "for"]);
    assert!(wrong.recipe.is_err() && wrong.form.stage == "\"");

    let of_parameter = shown(&fixture, "/ledger/url", "for=rust").await;
    assert!(of_parameter.faults[0].reason.contains("reads secrets only"));
    assert!(!of_parameter.menu.contains(&RecipeId::Rust));

    let leaving = shown(&fixture, "leaving", "").await;
    assert!(leaving.recipe.unwrap_err().contains("scheduled for deletion"));
}

#[sqlx::test(migrations = "../../migrations")]
async fn recipes_are_shown_within_the_scope_and_rights_to_those_who_see_findings(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    fixture.aws.put(secret(CHECKOUT, US, "cart"));
    fixture.scan().await;
    let id = fixture.id("cart").await;
    let asked = |group: &'static str| {
        let (services, id) = (fixture.services.clone(), id.clone());
        async move { services.recipes().recipes(&person("p", group), &id, "").await }
    };
    assert!(asked("viewers").await.unwrap().recipe.is_ok());
    assert_eq!(code(asked("payments").await.unwrap_err()), ProblemCode::NotFound);
    assert_eq!(code(asked("nobody").await.unwrap_err()), ProblemCode::Forbidden);
    let absent = fixture.services.recipes().recipes(&ada(), "nonsense", "").await.unwrap_err();
    assert_eq!(code(absent), ProblemCode::NotFound);
}
