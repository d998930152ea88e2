//! From pipelines to secrets, from what checks of accounts have stored.

use super::fixture::*;
use claviger_domain::{
    accounts::identities::{AttachedPolicy, Identity, PolicySource},
    pipelines::{
        IssuerKind, TrustSeverity,
        view::{PipelinesView, Reach},
    },
    problem::ProblemCode,
    scan::RegionScanFault,
};
use claviger_testkit::samples::{CHECKOUT, PAYMENTS, secret};
use sqlx::PgPool;
use time::Duration;

const READ_LEDGER: &str = r#"{"Version": "2012-10-17", "Statement": [{"Sid": "Read", "Effect": "Allow",
    "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:ledger*"}]}"#;

fn arn(name: &str) -> String {
    format!("arn:aws:iam::{PAYMENTS}:role/ci/{name}")
}

/// A role that reads the ledger's secrets, and that GitHub Actions may assume under a condition.
fn pipeline(name: &str, document: Option<&str>, condition: &str) -> Identity {
    let url = "token.actions.githubusercontent.com";
    Identity {
        principal: arn(name),
        policies: vec![AttachedPolicy {
            source: PolicySource::Inline,
            name: name.into(),
            document: document.map(Into::into),
        }],
        trust: Some(format!(
            r#"{{"Version": "2012-10-17", "Statement": [{{"Sid": "Ci", "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
                "Principal": {{"Federated": "arn:aws:iam::{PAYMENTS}:oidc-provider/{url}"}},
                "Condition": {{"StringEquals": {{"{url}:aud": "sts.amazonaws.com"{condition}}}}}}}]}}"#
        )),
        ..Identity::default()
    }
}

async fn organization(pool: PgPool) -> Fixture {
    let fixture = Fixture::new(pool, OWNER).await;
    for name in ["ledger", "ledger-backup", "other"] {
        fixture.aws.put(secret(PAYMENTS, US, name));
    }
    fixture.aws.put(secret(CHECKOUT, US, "cart"));
    let narrow =
        r#", "token.actions.githubusercontent.com:sub": "repo:acme@1/ledger@2:environment:prod""#;
    fixture.aws.set_identities(Ok(vec![
        pipeline("open", Some(READ_LEDGER), ""),
        pipeline("narrow", Some(READ_LEDGER), narrow),
        pipeline("half-read", None, narrow),
        Identity {
            principal: arn("task"),
            trust: Some(r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]}"#.into()),
            ..Identity::default()
        },
    ]));
    fixture.scan().await;
    fixture
}

async fn list(fixture: &Fixture, query: &str) -> PipelinesView {
    fixture.services.pipelines().pipelines(&ada(), query).await.unwrap()
}

/// Of the account that was read: the role's name, the severity, and what it reads.
fn rows(view: &PipelinesView) -> Vec<(String, TrustSeverity, Option<Reach>)> {
    let of = view.rows.iter().filter(|row| row.account_id.as_str() == PAYMENTS);
    of.map(|row| {
        let name = row.role.rsplit('/').next().unwrap_or_default().to_owned();
        (name, row.trust.severity, row.reach.clone())
    })
    .collect()
}

#[sqlx::test(migrations = "../../migrations")]
async fn the_most_severe_is_first_with_what_it_reads(pool: PgPool) {
    let fixture = organization(pool).await;
    let found = list(&fixture, "").await;
    let known = |reads, unknown| Some(Reach::Known { reads, unknown });
    assert_eq!(
        rows(&found),
        [
            ("open".to_owned(), TrustSeverity::Critical, known(2, 0)),
            ("half-read".to_owned(), TrustSeverity::NoFinding, known(0, 3)),
            ("narrow".to_owned(), TrustSeverity::NoFinding, known(2, 0)),
        ],
        "a policy that AWS did not return leaves it unknown, and a service's role is no pipeline"
    );
    assert_eq!(found.rows[0].trust.issuer.kind, IssuerKind::GithubActions);
    assert!(found.severe >= 1 && found.total as usize == found.rows.len());

    let only = list(&fixture, "severity=critical&issuer=github-actions&q=OPEN").await;
    assert_eq!(rows(&only).len(), 1);
    assert!(list(&fixture, "issuer=gitlab").await.rows.is_empty());
    assert_eq!(list(&fixture, "q=acme@1").await.rows.len(), 2, "the subject is searched as well");
    assert!(list(&fixture, "skip=50").await.rows.is_empty());
    let bad = fixture.services.pipelines().pipelines(&ada(), "severity=bad").await.unwrap_err();
    assert_eq!(code(bad), ProblemCode::InvalidInput);
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_role_shows_its_secrets_and_the_correction(pool: PgPool) {
    let fixture = organization(pool).await;
    let pipelines = fixture.services.pipelines();
    let open = pipelines.pipeline_role(&ada(), &arn("open")).await.unwrap();
    let names: Vec<&str> = open.resources.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["ledger", "ledger-backup"]);
    // The same name may be in several Regions.
    assert!(open.resources.iter().all(|one| one.region.to_string() == "us-east-1"));
    assert_eq!(open.steps.len(), 2);
    assert!(open.steps[1].command.contains("--role-name open "), "the name has no path");
    assert!(open.policy.contains("oidc-provider"));
    let narrow = pipelines.pipeline_role(&ada(), &arn("narrow")).await.unwrap();
    assert!(narrow.steps.is_empty() && narrow.trusts.len() == 1);
    for absent in [arn("task"), arn("absent"), "nonsense".to_owned()] {
        let error = pipelines.pipeline_role(&ada(), &absent).await.unwrap_err();
        assert_eq!(code(error), ProblemCode::NotFound, "{absent}");
    }
    // What ends at a secret: of the roles that can read it, those that pipelines may assume.
    let readers = [arn("open"), arn("narrow"), arn("task")];
    let ending = pipelines.into_roles(&ada(), &readers).await.unwrap();
    let roles: Vec<&str> = ending.iter().map(|row| row.role.as_str()).collect();
    assert_eq!(roles, [arn("open"), arn("narrow")]);
}

#[sqlx::test(migrations = "../../migrations")]
async fn nobody_sees_pipelines_outside_of_their_scope(pool: PgPool) {
    let fixture = organization(pool).await;
    let pipelines = fixture.services.pipelines();
    let engineer = person("eva", "payments-engineers");
    let own = pipelines.pipelines(&engineer, "").await.unwrap();
    assert!(own.rows.iter().all(|row| row.account_id.as_str() == PAYMENTS), "{own:?}");
    let nobody = person("noa", "nobodies");
    assert_eq!(code(pipelines.pipelines(&nobody, "").await.unwrap_err()), ProblemCode::Forbidden);
    let role = pipelines.pipeline_role(&nobody, &arn("open")).await.unwrap_err();
    assert_eq!(code(role), ProblemCode::Forbidden);
    let readers = [arn("open")];
    assert!(pipelines.into_roles(&nobody, &readers).await.is_err());
}

#[sqlx::test(migrations = "../../migrations")]
async fn what_is_not_read_is_unknown_and_not_none(pool: PgPool) {
    let fixture = organization(pool.clone()).await;
    let account = list(&fixture, "").await.rows[0].account_name.clone();
    // A release that does not keep trust policies has read the account's IAM since.
    sqlx::query("update account set principals_read_at = principals_read_at + interval '1 hour'")
        .execute(&pool)
        .await
        .unwrap();
    let found = list(&fixture, "").await;
    assert!(found.rows.is_empty());
    assert!(found.not_read.iter().any(|(name, _)| *name == account), "{found:?}");
    sqlx::query("update account set state = 'SUSPENDED' where name = $1")
        .bind(&account)
        .execute(&pool)
        .await
        .unwrap();
    let found = list(&fixture, "").await;
    let why = |found: &PipelinesView| {
        let of = found.not_read.iter().find(|(name, _)| *name == account);
        of.map(|(_, why)| why.clone()).unwrap()
    };
    assert_eq!(why(&found), "the account is suspended");

    fixture.aws.set_identities(Err(RegionScanFault::Denied));
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    let found = list(&fixture, "").await;
    assert!(found.rows.is_empty());
    let words = why(&found);
    assert!(words.contains(' ') && !words.contains("no scan"), "{words}");
}
