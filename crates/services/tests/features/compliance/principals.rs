//! What a role can read: within the caller's scope, bounded, and never a number that looks complete and is not.

use super::fixture::*;
use claviger_domain::{
    compliance::view::PrincipalLocation,
    inventory::entitlement::{Answer, PrincipalView},
    problem::ProblemCode,
    scan::RegionScanFault,
};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, parameter, secret};
use sqlx::PgPool;
use time::Duration;

const READ_LEDGER: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow",
    "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:ledger*"}]}"#;
async fn readable(fixture: &Fixture, name: &str) -> PrincipalView {
    fixture.services.readers().readable_by(&ada(), &role_arn(name), None).await.unwrap()
}

fn names(view: &PrincipalView) -> Vec<&str> {
    view.rows.iter().map(|row| row.name.as_str()).collect()
}

async fn organization(pool: PgPool) -> Fixture {
    let fixture = Fixture::new(pool, OWNER).await;
    for name in ["ledger", "ledger-backup", "other"] {
        fixture.aws.put(secret(PAYMENTS, US, name));
    }
    fixture.aws.put(parameter(PAYMENTS, US, "/app/key"));
    fixture.aws.put(secret(CHECKOUT, US, "ledger-shared"));
    fixture.aws.put(secret(CHECKOUT, US, "ledger-closed"));
    fixture.aws.set_identities(Ok(vec![
        role("app", Some(READ_LEDGER)),
        role("admin", Some(ALL)),
        role("claviger-access", Some(READ_LEDGER)),
    ]));
    fixture.scan().await;
    fixture
}

/// Gives a secret a resource policy that lets an account in.
async fn share(fixture: &Fixture, name: &str, principal: &str) {
    let policy = format!(
        r#"{{"Version": "2012-10-17", "Statement": [{{"Sid": "Share", "Effect": "Allow",
            "Principal": {{"AWS": "{principal}"}}, "Action": "secretsmanager:GetSecretValue", "Resource": "*"}}]}}"#
    );
    fixture.aws.attach_policy(&secret(CHECKOUT, US, name).arn, &policy);
    // Details are read again after a day.
    fixture.clock.advance(Duration::hours(25));
    fixture.scan().await;
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_role_reads_what_its_policies_and_resource_policies_allow(pool: PgPool) {
    let fixture = organization(pool).await;
    let found = readable(&fixture, "app").await;
    assert_eq!(names(&found), ["ledger", "ledger-backup"]);
    assert_eq!((found.evaluated, found.candidates), ((1, 4), 4), "those of its account");
    assert_eq!((found.next, found.is_administrator), (None, false));
    let way = &found.rows[0].entitlement.ways[0];
    assert_eq!(way.through[0], "managed policy of-app, Read");
    assert_eq!(found.policies, ["managed policy of-app"]);

    // Under the AWS managed key another account can't decrypt: it is a candidate and cannot.
    share(&fixture, "ledger-shared", &format!("arn:aws:iam::{PAYMENTS}:root")).await;
    assert_eq!(readable(&fixture, "app").await.candidates, 5);
    share(&fixture, "ledger-closed", "*").await;
    let found = readable(&fixture, "app").await;
    assert_eq!(found.candidates, 6, "a policy for everyone names it as well");
    assert_eq!(found.rows.len(), 2);

    let admin = readable(&fixture, "admin").await;
    assert!(admin.is_administrator && !admin.is_claviger);
    assert_eq!(names(&admin), ["/app/key", "ledger", "ledger-backup", "other"]);
    assert!(readable(&fixture, "claviger-access").await.is_claviger);
}

#[sqlx::test(migrations = "../../migrations")]
async fn many_are_evaluated_page_by_page(pool: PgPool) {
    let fixture = organization(pool).await;
    for n in 0..60 {
        fixture.aws.put(secret(PAYMENTS, US, &format!("ledger-{n:02}")));
    }
    fixture.scan().await;
    let first = readable(&fixture, "app").await;
    assert_eq!((first.rows.len(), first.candidates), (50, 64));
    let next = first.next.clone().expect("there are more");
    assert_eq!(first.evaluated.1, next.seen);
    let services = &fixture.services;
    let second =
        services.readers().readable_by(&ada(), &role_arn("app"), Some(next)).await.unwrap();
    assert_eq!((second.evaluated, second.next.clone()), ((first.evaluated.1 + 1, 64), None));
    let both: Vec<&str> = names(&first).into_iter().chain(names(&second)).collect();
    assert_eq!(both.len(), 62);
    assert!(both.is_sorted(), "{both:?}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_sees_principals_or_secrets_outside_of_their_scope(pool: PgPool) {
    let fixture = organization(pool).await;
    share(&fixture, "ledger-shared", &format!("arn:aws:iam::{PAYMENTS}:root")).await;
    let engineer = person("eva", "payments-engineers");
    let asked = |caller, arn: String| {
        let services = fixture.services.clone();
        async move { services.readers().readable_by(&caller, &arn, None).await }
    };
    let found = asked(engineer.clone(), role_arn("admin")).await.unwrap();
    assert_eq!(found.candidates, 4, "nothing of the other account");
    let elsewhere = format!("arn:aws:iam::{CHECKOUT}:role/app");
    for (caller, arn) in
        [(engineer.clone(), elsewhere), (ada(), role_arn("absent")), (ada(), "nonsense".into())]
    {
        assert_eq!(code(asked(caller, arn).await.unwrap_err()), ProblemCode::NotFound);
    }
    let nobody = asked(person("noa", "nobodies"), role_arn("app")).await.unwrap_err();
    assert_eq!(code(nobody), ProblemCode::Forbidden);

    let list = fixture.services.readers().principals(&engineer, "ROLE/A", "").await.unwrap();
    let listed: Vec<&str> = list.rows.iter().map(|row| row.arn.as_str()).collect();
    assert_eq!(listed, [role_arn("admin"), role_arn("app")]);
    assert!(list.rows.iter().all(|row| row.account_name == list.rows[0].account_name));
    assert!(
        fixture.services.readers().principals(&person("noa", "nobodies"), "", "").await.is_err()
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_account_that_was_not_read_is_unknown(pool: PgPool) {
    let fixture = organization(pool).await;
    fixture.aws.set_identities(Err(RegionScanFault::Denied));
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    let found = readable(&fixture, "app").await;
    assert!(found.fault.is_some() && found.rows.is_empty());
    let list = fixture.services.readers().principals(&ada(), "", "").await.unwrap();
    assert!(list.rows.is_empty() && !list.not_read.is_empty());

    let id = fixture.id("ledger-backup").await;
    let readers = fixture.services.readers().readers_of(&ada(), &id).await.unwrap();
    let summary = readers.summary();
    assert!(summary.unknown > 0, "{readers:?}");
    assert!(
        readers
            .rows
            .iter()
            .any(|row| row.answer == Answer::Unknown
                && row.location == PrincipalLocation::SameAccount)
    );
    assert!(!summary.sentence().starts_with("No one"), "{}", summary.sentence());
}
