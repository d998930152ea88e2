//! What has to be in place in an account, and AWS Config beside our own verdict.

use crate::world::*;
use claviger_aws::Identity;
use claviger_domain::{
    governance::view::Judgement,
    ids::AccountId,
    readiness::{
        Compliance, ConfigReading, ConfigResult, ConfigRules, NotTold, Readiness, ReadinessItem,
        ReadinessState, Trail,
    },
    sweep::ScanFault,
    view::AccountDetail,
};
use claviger_testkit::samples::{PAYMENTS, parameter, region, secret, secret_with};
use sqlx::PgPool;
use time::{Duration, macros::datetime};

const ROTATION: &str = "id: rotation\ntitle: R\nseverity: high\nrule: {rotation-enabled: {}}";

async fn account(world: &World) -> AccountDetail {
    world.services.account(&ada(), PAYMENTS).await.unwrap()
}

fn state(shown: &AccountDetail, item: ReadinessItem) -> &Readiness {
    shown.readiness.iter().find(|one| one.item == item).unwrap()
}

fn recording(arn: &str, compliance: Compliance) -> ConfigReading {
    ConfigReading {
        is_recording: Ok(Some(true)),
        rules: Ok(ConfigRules {
            results: vec![ConfigResult {
                rule: "securityhub-rotation-1f2e".into(),
                identifier: "SECRETSMANAGER_ROTATION_ENABLED_CHECK".into(),
                parameters: None,
                resource: arn.into(),
                compliance,
                recorded_at: Some(datetime!(2027-01-01 00:00 UTC)),
                annotation: None,
            }],
            untold: Vec::new(),
        }),
    }
}

fn denied(operation: &str) -> NotTold {
    NotTold { operation: operation.into(), code: "AccessDeniedException".into() }
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_thing_is_ready_missing_or_unknown(pool: PgPool) {
    let world = World::new(pool, ROTATION).await;
    let payments: AccountId = PAYMENTS.parse().unwrap();
    world.sweep().await;
    let shown = account(&world).await;
    assert_eq!(state(&shown, ReadinessItem::AccessRole).state, ReadinessState::Ready);
    let trail = state(&shown, ReadinessItem::Trail);
    assert_eq!(trail.state, ReadinessState::Missing, "{}", trail.says);
    let recorder = state(&shown, ReadinessItem::ConfigRecorder);
    assert_eq!(
        (recorder.state, recorder.region.clone(), recorder.says.as_str()),
        (ReadinessState::Missing, Some(region(US)), "AWS Config has no recorder.")
    );
    assert_eq!(shown.account.unready, Some(2));
    // One that logs its own Region alone is not enough; the Organization's is.
    let trail = Trail {
        name: "t".into(),
        is_multi_region: false,
        is_organization: false,
        is_logging: Ok(true),
    };
    world.aws.set_trails(vec![trail.clone()]);
    world.clock.advance(Duration::hours(2));
    world.sweep().await;
    assert_eq!(state(&account(&world).await, ReadinessItem::Trail).state, ReadinessState::Missing);
    world.aws.set_trails(vec![trail.clone(), Trail { is_organization: true, ..trail }]);
    world.clock.advance(Duration::hours(2));
    world.sweep().await;
    assert_eq!(state(&account(&world).await, ReadinessItem::Trail).state, ReadinessState::Ready);
    // Who cannot enter knows nothing.
    world.aws.close(&payments, Some(ScanFault::RoleNotAssumable));
    world.clock.advance(Duration::hours(2));
    world.sweep().await;
    let shown = account(&world).await;
    assert_eq!(state(&shown, ReadinessItem::InventoryRole).state, ReadinessState::Missing);
    assert_eq!(state(&shown, ReadinessItem::Trail).state, ReadinessState::Unknown);
    assert_eq!(state(&shown, ReadinessItem::ConfigRecorder).state, ReadinessState::Unknown);
}

#[sqlx::test(migrations = "../../migrations")]
async fn aws_config_stands_beside_the_verdict(pool: PgPool) {
    let world = World::new(pool, ROTATION).await;
    let payments: AccountId = PAYMENTS.parse().unwrap();
    let (on, off) = (
        secret_with(PAYMENTS, US, "on", |facts| facts.rotation.enabled = Some(true)),
        secret(PAYMENTS, US, "off"),
    );
    world.aws.put(on.clone());
    world.aws.put(off.clone());
    let judged = async |name: &str| -> Judgement {
        let page = world.services.inventory(&ada(), &format!("q={name}")).await.unwrap();
        let id = page.page.rows[0].id.to_string();
        world.services.judgement(&ada(), &id).await.unwrap()
    };
    world.sweep().await;
    assert_eq!(judged("off").await.config_gap.unwrap(), "us-east-1: AWS Config has no recorder.");
    let mut reading = recording(off.arn.as_str(), Compliance::NonCompliant);
    let more = recording(on.arn.as_str(), Compliance::NonCompliant).rules.unwrap();
    reading.rules.as_mut().unwrap().results.extend(more.results);
    world.aws.set_config(&payments, &region(US), reading);
    world.clock.advance(Duration::hours(2));
    world.sweep().await;
    let judgement = judged("off").await;
    assert_eq!(judgement.config_gap, None);
    let opinion = &judgement.checks[0].config[0];
    assert_eq!((opinion.compliance, &opinion.differs), (Compliance::NonCompliant, &None));
    let opinion = judged("on").await.checks[0].config[0].clone();
    assert!(opinion.differs.is_some(), "{opinion:?}");
    // What was read stays while the recorder is off, and is said to be old.
    let mut off_now = recording(off.arn.as_str(), Compliance::NonCompliant);
    off_now.is_recording = Ok(Some(false));
    world.aws.set_config(&payments, &region(US), off_now);
    world.clock.advance(Duration::hours(2));
    world.sweep().await;
    let judgement = judged("off").await;
    assert_eq!(judgement.checks[0].config.len(), 1);
    assert_eq!(judgement.config_gap.unwrap(), "us-east-1: The recorder of AWS Config is off.");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_parameter_that_is_denied_and_listed_all_the_same_fails(pool: PgPool) {
    let world =
        World::new(pool, "id: by-path\ntitle: P\nseverity: high\nrule: {read-by-path: {}}").await;
    world.aws.put(parameter(PAYMENTS, US, "/app/prod/password"));
    world.aws.put(parameter(PAYMENTS, US, "/other/host"));
    let policy = r#"{"Statement": [
        {"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": "arn:aws:ssm:*:*:parameter/app"},
        {"Effect": "Deny", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:*:*:parameter/app/prod/*"}]}"#;
    let role = |policy: &str| Identity {
        principal: "arn:aws:iam::111122223333:role/batch".into(),
        documents: vec![policy.into()],
        boundary: None,
    };
    world.aws.set_identities(Ok(vec![role(policy)]));
    world.sweep().await;
    let rows = world.services.findings(&ada(), "").await.unwrap().rows;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (
            rows[0].name.as_str(),
            rows[0].evidence[0].fact.as_str(),
            rows[0].evidence[0].value.as_str()
        ),
        ("/app/prod/password", "arn:aws:iam::111122223333:role/batch", "lists /app")
    );
    // Mended: the account is judged again, though no parameter has changed.
    world.aws.set_identities(Ok(vec![role(r#"{"Statement": []}"#)]));
    world.clock.advance(Duration::hours(2));
    world.sweep().await;
    assert!(world.fails().await.is_empty());
    // What cannot be read is unknown.
    world.aws.set_identities(Err(ScanFault::Denied));
    world.clock.advance(Duration::hours(2));
    world.sweep().await;
    let unknown = world.services.findings(&ada(), "verdict=unknown").await.unwrap().rows;
    assert_eq!(unknown.len(), 2);
}

/// Each call has its own outcome: one that is denied hides nothing that another told, and is named.
#[sqlx::test(migrations = "../../migrations")]
async fn a_denied_call_hides_nothing_of_the_others(pool: PgPool) {
    let world = World::new(pool, ROTATION).await;
    let payments: AccountId = PAYMENTS.parse().unwrap();
    let off = secret(PAYMENTS, US, "off");
    world.aws.put(off.clone());
    let sweep = async |reading: ConfigReading| {
        world.aws.set_config(&payments, &region(US), reading);
        world.clock.advance(Duration::hours(2));
        world.sweep().await;
    };
    let judged = async || -> Judgement {
        let page = world.services.inventory(&ada(), "q=off").await.unwrap();
        let id = page.page.rows[0].id.to_string();
        world.services.judgement(&ada(), &id).await.unwrap()
    };
    sweep(recording(off.arn.as_str(), Compliance::NonCompliant)).await;

    // The rules' list is denied: the recorder is known, and what was read before stays.
    let rules = Err(denied("DescribeConfigRules"));
    sweep(ConfigReading { is_recording: Ok(Some(true)), rules }).await;
    let shown = account(&world).await;
    let recorder = state(&shown, ReadinessItem::ConfigRecorder);
    assert_eq!(
        (recorder.state, recorder.says.as_str()),
        (ReadinessState::Ready, "AWS Config is recording.")
    );
    let rules = state(&shown, ReadinessItem::ConfigRules);
    assert_eq!(rules.state, ReadinessState::Unknown);
    assert!(
        rules.says.contains("AWS denied DescribeConfigRules (AccessDeniedException)"),
        "{rules:?}"
    );
    let judgement = judged().await;
    assert_eq!(judgement.checks[0].config.len(), 1);
    assert!(judgement.config_gap.unwrap().contains("DescribeConfigRules"));

    // A recorder that is off is said to be off, whatever else is denied.
    let rules = Err(denied("DescribeConfigRules"));
    sweep(ConfigReading { is_recording: Ok(Some(false)), rules }).await;
    let shown = account(&world).await;
    assert_eq!(state(&shown, ReadinessItem::ConfigRecorder).state, ReadinessState::Missing);

    // The recorder's state is denied: what the rules say is read.
    let mut reading = recording(off.arn.as_str(), Compliance::Compliant);
    reading.is_recording = Err(denied("DescribeConfigurationRecorderStatus"));
    sweep(reading).await;
    let recorder = state(&account(&world).await, ReadinessItem::ConfigRecorder).clone();
    assert_eq!(recorder.state, ReadinessState::Unknown);
    assert!(recorder.says.contains("DescribeConfigurationRecorderStatus"), "{recorder:?}");
    assert_eq!(judged().await.checks[0].config[0].compliance, Compliance::Compliant);

    // What one rule found is denied: another's is new, its own stays.
    let mut reading = recording(off.arn.as_str(), Compliance::NonCompliant);
    let told = reading.rules.as_mut().unwrap();
    told.results[0].rule = "another-rotation".into();
    let of_rule = denied("GetComplianceDetailsByConfigRule");
    told.untold.push(("securityhub-rotation-1f2e".into(), of_rule));
    sweep(reading).await;
    let said: Vec<_> = judged().await.checks[0].config.clone();
    let said: Vec<_> = said.iter().map(|one| (one.rule.as_str(), one.compliance)).collect();
    assert_eq!(
        said,
        [
            ("another-rotation", Compliance::NonCompliant),
            ("securityhub-rotation-1f2e", Compliance::Compliant)
        ]
    );
    let rules = state(&account(&world).await, ReadinessItem::ConfigRules).says.clone();
    assert!(rules.contains("securityhub-rotation-1f2e"), "{rules}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_trail_whose_status_is_denied_hides_no_other(pool: PgPool) {
    let world = World::new(pool, ROTATION).await;
    let trail = |name: &str, is_logging| Trail {
        name: name.into(),
        is_multi_region: true,
        is_organization: false,
        is_logging,
    };
    let said = async |trails: Vec<Trail>| {
        world.aws.set_trails(trails);
        world.clock.advance(Duration::hours(2));
        world.sweep().await;
        let found = state(&account(&world).await, ReadinessItem::Trail).clone();
        (found.state, found.says)
    };
    let hidden = trail("hidden", Err(denied("GetTrailStatus")));
    let (state, _) = said(vec![hidden.clone(), trail("own", Ok(true))]).await;
    assert_eq!(state, ReadinessState::Ready);
    let (state, says) = said(vec![hidden.clone(), trail("own", Ok(false))]).await;
    assert_eq!(state, ReadinessState::Unknown, "unknown is not missing");
    assert!(says.contains("hidden") && says.contains("AWS denied GetTrailStatus"), "{says}");
    let narrow = Trail { is_multi_region: false, ..hidden };
    let (state, _) = said(vec![narrow, trail("own", Ok(false))]).await;
    assert_eq!(state, ReadinessState::Missing, "it would not do, whether it logs or not");
}
