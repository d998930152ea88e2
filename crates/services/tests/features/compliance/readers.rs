//! Who can read a secret, from what scans and checks of accounts have stored.

use super::fixture::*;
use claviger_domain::{
    accounts::{
        identities::{
            AttachedPolicy, Guardrail, GuardrailKind, GuardrailReading, Identity, PolicySource,
        },
        readiness::ReadFailure,
    },
    facts::{Reading, ResourceFacts},
    inventory::entitlement::{Answer, Entitlement, EntitlementsView},
    key::{KeyAccess, KeyManager, KmsKey},
    problem::ProblemCode,
    scan::RegionScanFault,
};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, secret};
use sqlx::PgPool;
use time::Duration;

const NO_SECRETS: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Deny", "Action": "secretsmanager:*", "Resource": "*"}]}"#;

async fn view(fixture: &Fixture, name: &str) -> EntitlementsView {
    let id = fixture.id(name).await;
    fixture.services.readers().readers_of(&ada(), &id).await.unwrap()
}

fn row<'a>(view: &'a EntitlementsView, name: &str) -> Option<&'a Entitlement> {
    view.rows.iter().find(|row| row.principal.ends_with(name))
}

fn answer(view: &EntitlementsView, name: &str) -> Answer {
    row(view, name).map_or(Answer::Cannot, |row| row.answer)
}

async fn again(fixture: &Fixture, after: Duration) {
    fixture.clock.advance(after);
    fixture.scan().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn identity_policies_boundaries_and_what_aws_did_not_return(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    fixture.aws.put(secret(PAYMENTS, US, "ledger"));
    let bounded = Identity {
        boundary: Some(AttachedPolicy {
            source: PolicySource::Managed,
            name: "limit".into(),
            document: Some(r#"{"Version": "2012-10-17", "Statement": []}"#.into()),
        }),
        ..role("bounded", Some(READ))
    };
    fixture.aws.set_identities(Ok(vec![
        role("app", Some(READ)),
        bounded,
        role("idle", Some(NO_SECRETS)),
        role("half-read", None),
    ]));
    fixture.scan().await;
    let found = view(&fixture, "ledger").await;
    assert_eq!(answer(&found, ":role/app"), Answer::Can);
    let way = &row(&found, ":role/app").unwrap().ways[0];
    assert_eq!(
        (way.action.as_str(), way.through[0].as_str()),
        ("secretsmanager:GetSecretValue", "managed policy of-app, Read")
    );
    assert_eq!(answer(&found, ":role/bounded"), Answer::Cannot);
    assert_eq!(answer(&found, ":role/idle"), Answer::Cannot);
    assert_eq!(answer(&found, ":role/half-read"), Answer::Unknown);
    assert_eq!(answer(&found, ":root"), Answer::Can);
    assert_eq!(found.cannot, 2);
    let read_at = found.iam_read_at.unwrap();

    // An account whose IAM cannot be read is unknown, and nothing from before counts.
    fixture.aws.set_identities(Err(RegionScanFault::Denied));
    fixture.clock.advance(Duration::minutes(1));
    let stale = view(&fixture, "ledger").await;
    assert!(stale.iam_read_at == Some(read_at) && stale.as_of > read_at, "the roles are of then");
    again(&fixture, Duration::hours(2)).await;
    let found = view(&fixture, "ledger").await;
    assert_eq!(found.iam_read_at, None, "a failed reading says nothing of any time");
    assert_eq!(row(&found, ":role/app"), None);
    assert_eq!(answer(&found, PAYMENTS), Answer::Unknown);
    let unread = row(&found, PAYMENTS).unwrap();
    assert!(
        unread.ways.iter().any(|way| !way.not_read.is_empty()),
        "the fault is said: {unread:?}"
    );

    // Until it is read again.
    fixture.aws.set_identities(Ok(vec![role("app", Some(READ))]));
    again(&fixture, Duration::hours(2)).await;
    let found = view(&fixture, "ledger").await;
    assert!(found.iam_read_at.unwrap() > read_at);
    assert_eq!(answer(&found, ":role/app"), Answer::Can);
}

#[sqlx::test(migrations = "../../migrations")]
async fn guardrails_count_from_the_root_down(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    fixture.aws.put(secret(PAYMENTS, US, "ledger"));
    fixture.aws.set_identities(Ok(vec![role("app", Some(READ))]));
    let organization = claviger_testkit::samples::organization();
    let account = organization.accounts.iter().find(|one| one.id.as_str() == PAYMENTS).unwrap();
    let everywhere: Vec<String> = account
        .ou_path
        .iter()
        .map(ToString::to_string)
        .chain([PAYMENTS.to_owned(), CHECKOUT.to_owned()])
        .collect();
    let scp = |id: &str, content: &str, targets: Vec<String>| Guardrail {
        id: id.into(),
        name: id.into(),
        content: content.into(),
        targets,
    };
    let full = scp("p-FullAWSAccess", ALL, everywhere);
    let reading = |policies| {
        vec![
            GuardrailReading { kind: GuardrailKind::Scp, is_enabled: Ok(true), policies },
            GuardrailReading {
                kind: GuardrailKind::Rcp,
                is_enabled: Ok(false),
                policies: Ok(Vec::new()),
            },
        ]
    };
    fixture.aws.set_guardrails(reading(Ok(vec![full.clone()])));
    fixture.scan().await;
    assert_eq!(answer(&view(&fixture, "ledger").await, ":role/app"), Answer::Can);

    let denies = scp("p-deny", NO_SECRETS, vec![account.ou_path[0].to_string()]);
    fixture.aws.set_guardrails(reading(Ok(vec![full, denies])));
    again(&fixture, Duration::hours(7)).await;
    assert_eq!(answer(&view(&fixture, "ledger").await, ":role/app"), Answer::Cannot);

    // Each level has an SCP at AWS. An account without one was not read as a whole: nothing is denied by that.
    let above =
        scp("p-FullAWSAccess", ALL, account.ou_path.iter().map(ToString::to_string).collect());
    fixture.aws.set_guardrails(reading(Ok(vec![above])));
    again(&fixture, Duration::hours(7)).await;
    assert_eq!(answer(&view(&fixture, "ledger").await, ":role/app"), Answer::Unknown);

    // What AWS does not return any more is not known to hold.
    let denied = ReadFailure { operation: "ListPolicies".into(), code: "AccessDenied".into() };
    fixture.aws.set_guardrails(reading(Err(denied)));
    again(&fixture, Duration::hours(7)).await;
    let found = view(&fixture, "ledger").await;
    assert_eq!(answer(&found, ":role/app"), Answer::Unknown);
    let why = &row(&found, ":role/app").unwrap().ways[0].not_read;
    assert!(why.iter().any(|text| text.contains("ListPolicies")), "{why:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_customer_managed_key_counts_with_its_policy(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    let arn = format!("arn:aws:kms:{US}:{PAYMENTS}:key/own");
    let facts = secret(PAYMENTS, US, "ledger");
    fixture.aws.put(ResourceFacts { kms_key_id: Some(arn.clone()), ..facts });
    fixture.aws.set_key(
        &arn,
        KmsKey {
            arn: arn.clone(),
            manager: KeyManager::Customer,
            state: "Enabled".into(),
            deletion_at: None,
            is_multi_region: false,
            aliases: None,
        },
    );
    fixture.aws.set_identities(Ok(vec![role("app", Some(READ)), role("admin", Some(ALL))]));
    fixture.scan().await;
    let found = view(&fixture, "ledger").await;
    assert_eq!(answer(&found, ":role/admin"), Answer::Unknown, "the key policy was denied");

    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Effect": "Allow",
            "Principal": {{"AWS": "arn:aws:iam::{PAYMENTS}:root"}}, "Action": "kms:*", "Resource": "*"}}]}}"#
    );
    fixture.aws.set_key_access(KeyAccess {
        policy: Reading::Read(policy),
        grants: Reading::Read(Vec::new()),
    });
    again(&fixture, Duration::hours(2)).await;
    let found = view(&fixture, "ledger").await;
    assert_eq!(answer(&found, ":role/admin"), Answer::Can);
    assert!(row(&found, ":role/admin").unwrap().is_administrator);
    assert_eq!(answer(&found, ":role/app"), Answer::Cannot, "it may not decrypt");
}

#[sqlx::test(migrations = "../../migrations")]
async fn readers_are_shown_within_the_scope(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    fixture.aws.put(secret(CHECKOUT, US, "cart"));
    fixture.scan().await;
    let id = fixture.id("cart").await;
    let asked = |group: &'static str| {
        let (services, id) = (fixture.services.clone(), id.clone());
        async move { services.readers().readers_of(&person("p", group), &id).await }
    };
    assert!(asked("viewers").await.is_ok());
    assert_eq!(code(asked("payments").await.unwrap_err()), ProblemCode::NotFound);
    assert_eq!(code(asked("nobody").await.unwrap_err()), ProblemCode::Forbidden);
}
