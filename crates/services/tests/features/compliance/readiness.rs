//! What has to be in place in an account, and AWS Config beside our own verdict.

use super::fixture::*;
use claviger_aws::{Identity, OurRole};
use claviger_domain::accounts::identities::{AttachedPolicy, PolicySource};
use claviger_domain::{
    accounts::{
        AccountState,
        readiness::{
            Compliance, ConfigReading, ConfigResult, ConfigRules, ManagementEvents, ReadFailure,
            Readiness, ReadinessItem, ReadinessState, Trail,
        },
        roles::{AccountRoles, OptInRole, RoleState},
    },
    compliance::view::ResourceEvaluation,
    ids::AccountId,
    inventory::view::AccountDetail,
    scan::RegionScanFault,
};
use claviger_policy::permissions::templates::TEMPLATE_VERSION;
use claviger_services::Deployment;
use claviger_testkit::{
    FakeRole,
    samples::{PAYMENTS, parameter, region, secret, secret_with},
};
use sqlx::PgPool;
use time::{Duration, macros::datetime};

const ROTATION: &str = "id: rotation\ntitle: R\nseverity: high\nrule: {rotation-enabled: {}}";

async fn account(fixture: &Fixture) -> AccountDetail {
    fixture.services.accounts().account(&ada(), PAYMENTS).await.unwrap()
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
            read_failures: Vec::new(),
        }),
    }
}

fn denied(operation: &str) -> ReadFailure {
    ReadFailure { operation: operation.into(), code: "AccessDeniedException".into() }
}

#[sqlx::test(migrations = "../../migrations")]
async fn each_thing_is_ready_missing_or_unknown(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    let payments: AccountId = PAYMENTS.parse().unwrap();
    fixture.scan().await;
    let shown = account(&fixture).await;
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
        management: Ok(ManagementEvents::default()),
    };
    fixture.aws.set_trails(vec![trail.clone()]);
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    assert_eq!(
        state(&account(&fixture).await, ReadinessItem::Trail).state,
        ReadinessState::Missing
    );
    fixture.aws.set_trails(vec![trail.clone(), Trail { is_organization: true, ..trail }]);
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    assert_eq!(state(&account(&fixture).await, ReadinessItem::Trail).state, ReadinessState::Ready);
    // Who cannot enter knows nothing.
    fixture.aws.close(&payments, Some(RegionScanFault::RoleNotAssumable));
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    let shown = account(&fixture).await;
    assert_eq!(state(&shown, ReadinessItem::InventoryRole).state, ReadinessState::Missing);
    assert_eq!(state(&shown, ReadinessItem::Trail).state, ReadinessState::Unknown);
    assert_eq!(state(&shown, ReadinessItem::ConfigRecorder).state, ReadinessState::Unknown);
}

#[sqlx::test(migrations = "../../migrations")]
async fn aws_config_stands_beside_the_verdict(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    let payments: AccountId = PAYMENTS.parse().unwrap();
    let (on, off) = (
        secret_with(PAYMENTS, US, "on", |facts| facts.rotation.enabled = Some(true)),
        secret(PAYMENTS, US, "off"),
    );
    fixture.aws.put(on.clone());
    fixture.aws.put(off.clone());
    let evaluated = async |name: &str| -> ResourceEvaluation {
        let id = fixture.id(name).await;
        fixture.services.compliance().resource_evaluation(&ada(), &id).await.unwrap()
    };
    fixture.scan().await;
    assert_eq!(
        evaluated("off").await.config_gap.unwrap(),
        "us-east-1: AWS Config has no recorder."
    );
    let mut reading = recording(off.arn.as_str(), Compliance::NonCompliant);
    let more = recording(on.arn.as_str(), Compliance::NonCompliant).rules.unwrap();
    reading.rules.as_mut().unwrap().results.extend(more.results);
    fixture.aws.set_config(&payments, &region(US), reading);
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    let resource_evaluation = evaluated("off").await;
    assert_eq!(resource_evaluation.config_gap, None);
    let opinion = &resource_evaluation.checks[0].config[0];
    assert_eq!((opinion.compliance, &opinion.differs), (Compliance::NonCompliant, &None));
    let opinion = evaluated("on").await.checks[0].config[0].clone();
    assert!(opinion.differs.is_some(), "{opinion:?}");
    // What was read stays while the recorder is off, and is said to be old.
    let mut off_now = recording(off.arn.as_str(), Compliance::NonCompliant);
    off_now.is_recording = Ok(Some(false));
    fixture.aws.set_config(&payments, &region(US), off_now);
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    let resource_evaluation = evaluated("off").await;
    assert_eq!(resource_evaluation.checks[0].config.len(), 1);
    assert_eq!(
        resource_evaluation.config_gap.unwrap(),
        "us-east-1: The recorder of AWS Config is off."
    );
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_parameter_that_is_denied_and_listed_all_the_same_fails(pool: PgPool) {
    let fixture =
        Fixture::new(pool, "id: by-path\ntitle: P\nseverity: high\nrule: {read-by-path: {}}").await;
    fixture.aws.put(parameter(PAYMENTS, US, "/app/prod/password"));
    fixture.aws.put(parameter(PAYMENTS, US, "/other/host"));
    let policy = r#"{"Statement": [
        {"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": "arn:aws:ssm:*:*:parameter/app"},
        {"Effect": "Deny", "Action": "ssm:GetParameter", "Resource": "arn:aws:ssm:*:*:parameter/app/prod/*"}]}"#;
    // IAM of an account has roles of that account only.
    let batch = format!("arn:aws:iam::{PAYMENTS}:role/batch");
    let role = |policy: &str| Identity {
        principal: batch.clone(),
        policies: vec![AttachedPolicy {
            source: PolicySource::Inline,
            name: "batch".into(),
            document: Some(policy.into()),
        }],
        ..Identity::default()
    };
    fixture.aws.set_identities(Ok(vec![role(policy)]));
    fixture.scan().await;
    let rows = fixture.services.compliance().findings(&ada(), "").await.unwrap().rows;
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (
            rows[0].name.as_str(),
            rows[0].evidence[0].fact.as_str(),
            rows[0].evidence[0].value.as_str()
        ),
        ("/app/prod/password", batch.as_str(), "lists /app")
    );
    // Fixed: the account is evaluated again, though no parameter has changed.
    fixture.aws.set_identities(Ok(vec![role(r#"{"Statement": []}"#)]));
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    assert!(fixture.fails().await.is_empty());
    // What cannot be read is unknown.
    fixture.aws.set_identities(Err(RegionScanFault::Denied));
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    let unknown =
        fixture.services.compliance().findings(&ada(), "verdict=unknown").await.unwrap().rows;
    assert_eq!(unknown.len(), 2);
}

/// Each call has its own outcome: one that is denied hides nothing that another told, and is named.
#[sqlx::test(migrations = "../../migrations")]
async fn a_denied_call_hides_nothing_of_the_others(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    let payments: AccountId = PAYMENTS.parse().unwrap();
    let off = secret(PAYMENTS, US, "off");
    fixture.aws.put(off.clone());
    let sweep = async |reading: ConfigReading| {
        fixture.aws.set_config(&payments, &region(US), reading);
        fixture.clock.advance(Duration::hours(2));
        fixture.scan().await;
    };
    let evaluated = async || -> ResourceEvaluation {
        let id = fixture.id("off").await;
        fixture.services.compliance().resource_evaluation(&ada(), &id).await.unwrap()
    };
    sweep(recording(off.arn.as_str(), Compliance::NonCompliant)).await;

    // The rules' list is denied: the recorder is known, and what was read before stays.
    let rules = Err(denied("DescribeConfigRules"));
    sweep(ConfigReading { is_recording: Ok(Some(true)), rules }).await;
    let shown = account(&fixture).await;
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
    let resource_evaluation = evaluated().await;
    assert_eq!(resource_evaluation.checks[0].config.len(), 1);
    assert!(resource_evaluation.config_gap.unwrap().contains("DescribeConfigRules"));

    // A recorder that is off is said to be off, whatever else is denied.
    let rules = Err(denied("DescribeConfigRules"));
    sweep(ConfigReading { is_recording: Ok(Some(false)), rules }).await;
    let shown = account(&fixture).await;
    assert_eq!(state(&shown, ReadinessItem::ConfigRecorder).state, ReadinessState::Missing);

    // The recorder's state is denied: what the rules say is read.
    let mut reading = recording(off.arn.as_str(), Compliance::Compliant);
    reading.is_recording = Err(denied("DescribeConfigurationRecorderStatus"));
    sweep(reading).await;
    let recorder = state(&account(&fixture).await, ReadinessItem::ConfigRecorder).clone();
    assert_eq!(recorder.state, ReadinessState::Unknown);
    assert!(recorder.says.contains("DescribeConfigurationRecorderStatus"), "{recorder:?}");
    assert_eq!(evaluated().await.checks[0].config[0].compliance, Compliance::Compliant);

    // What one rule found is denied: another's is new, its own stays.
    let mut reading = recording(off.arn.as_str(), Compliance::NonCompliant);
    let told = reading.rules.as_mut().unwrap();
    told.results[0].rule = "another-rotation".into();
    let of_rule = denied("GetComplianceDetailsByConfigRule");
    told.read_failures.push(("securityhub-rotation-1f2e".into(), of_rule));
    sweep(reading).await;
    let said: Vec<_> = evaluated().await.checks[0].config.clone();
    let said: Vec<_> = said.iter().map(|one| (one.rule.as_str(), one.compliance)).collect();
    assert_eq!(
        said,
        [
            ("another-rotation", Compliance::NonCompliant),
            ("securityhub-rotation-1f2e", Compliance::Compliant)
        ]
    );
    let rules = state(&account(&fixture).await, ReadinessItem::ConfigRules).says.clone();
    assert!(rules.contains("securityhub-rotation-1f2e"), "{rules}");
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_trail_whose_status_is_denied_hides_no_other(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    let trail = |name: &str, is_logging| Trail {
        name: name.into(),
        is_multi_region: true,
        is_organization: false,
        is_logging,
        management: Ok(ManagementEvents::default()),
    };
    let said = async |trails: Vec<Trail>| {
        fixture.aws.set_trails(trails);
        fixture.clock.advance(Duration::hours(2));
        fixture.scan().await;
        let found = state(&account(&fixture).await, ReadinessItem::Trail).clone();
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

/// The list of accounts and the page of one tell what is wrong with a role, and what deploys it; nothing of it is good by
/// default.
#[sqlx::test(migrations = "../../migrations")]
async fn old_missing_and_wrong_roles_are_told_apart_with_what_deploys_them(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    let payments: AccountId = PAYMENTS.parse().unwrap();
    let services =
        fixture.services.clone().with_deployment(Deployment::new("eu-central-1".parse().unwrap()));
    let shown = services.accounts().accounts(&ada()).await.unwrap();
    assert!(shown.rows.iter().all(|row| row.roles == AccountRoles::NotChecked));
    assert_eq!((shown.roll_out.ready(), shown.roll_out.snippets.len()), (0, 0));

    let older = (TEMPLATE_VERSION - 1).to_string();
    let other = FakeRole::OtherExternalId;
    for (fake, role, account, words) in [
        (None, RoleState::Ready, AccountRoles::Ready, ""),
        (
            Some(FakeRole::Missing),
            RoleState::Missing,
            AccountRoles::Missing,
            "create-stack-instances",
        ),
        (Some(FakeRole::Version(Some(older))), RoleState::Old, AccountRoles::Old, "stack-set.yaml"),
        (
            Some(FakeRole::Version(None)),
            RoleState::VersionUnknown,
            AccountRoles::Unknown,
            "stack-set.yaml",
        ),
        (
            Some(other),
            RoleState::WrongExternalId,
            AccountRoles::WrongExternalId,
            "$CLAVIGER_EXTERNAL_ID",
        ),
        (
            Some(FakeRole::Untrusting),
            RoleState::NotTrusted,
            AccountRoles::NotTrusted,
            "$CLAVIGER_HUB_ROLE_ARN",
        ),
    ] {
        fixture.aws.set_role(&payments, OurRole::Access, fake.clone());
        fixture.clock.advance(Duration::hours(2));
        fixture.scan().await;
        let detail = services.accounts().account(&ada(), PAYMENTS).await.unwrap();
        let found = state(&detail, ReadinessItem::AccessRole);
        assert_eq!(found.role.unwrap().state, role, "{fake:?}: {}", found.says);
        assert_eq!(found.state == ReadinessState::Ready, fake.is_none(), "{found:?}");
        assert_eq!(detail.account.roles, account, "{fake:?}");
        // Besides the trail and the recorder.
        assert_eq!(detail.account.unready, Some(2 + u64::from(fake.is_some())), "{fake:?}");
        let list = services.accounts().accounts(&ada()).await.unwrap();
        let row = list.rows.iter().find(|row| row.id == payments).unwrap();
        assert_eq!(row.roles, account);
        let ready = list.roll_out.total() - u64::from(fake.is_some());
        assert_eq!(list.roll_out.ready(), ready, "{:?}", list.roll_out.counts);
        let texts: Vec<&str> = detail.snippets.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(texts.is_empty(), fake.is_none(), "{texts:?}");
        assert!(words.is_empty() || texts[0].contains(words), "{words}: {texts:?}");
    }

    // Without the inventory role nothing else is known of the others.
    fixture.aws.set_role(&payments, OurRole::Inventory, Some(FakeRole::Missing));
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    let detail = services.accounts().account(&ada(), PAYMENTS).await.unwrap();
    let of = |item| state(&detail, item).role.unwrap().state;
    assert_eq!(of(ReadinessItem::InventoryRole), RoleState::NotAssumable);
    assert_eq!(of(ReadinessItem::AccessRole), RoleState::NotAssumable);
    assert_eq!(of(ReadinessItem::RemediationRole), RoleState::VersionUnknown);
}

/// An opt-in role is no prerequisite: absent it is nothing, current it is good, and old it is to be deployed again.
#[sqlx::test(migrations = "../../migrations")]
async fn an_absent_opt_in_role_is_no_problem_and_an_old_one_has_its_command(pool: PgPool) {
    let fixture = Fixture::new(pool.clone(), ROTATION).await;
    let payments: AccountId = PAYMENTS.parse().unwrap();
    let services =
        fixture.services.clone().with_deployment(Deployment::new("eu-central-1".parse().unwrap()));
    let version = |number: Option<u32>| Some(FakeRole::Version(number.map(|one| one.to_string())));
    // The counts are those of accounts where it is installed, is old, and does not trust Claviger.
    for (fake, state, says, counts) in [
        (None, RoleState::Missing, "Not installed.", (0, 0, 0)),
        (version(Some(TEMPLATE_VERSION)), RoleState::Ready, "can be assumed", (1, 0, 0)),
        (version(Some(TEMPLATE_VERSION - 1)), RoleState::Old, "Deploy the roles again", (1, 1, 0)),
        (version(None), RoleState::Old, "Deploy the roles again", (1, 1, 0)),
        (
            Some(FakeRole::OtherExternalId),
            RoleState::WrongExternalId,
            "another external id",
            (0, 0, 1),
        ),
        (Some(FakeRole::Untrusting), RoleState::NotTrusted, "denies sts:AssumeRole", (0, 0, 1)),
    ] {
        fixture.aws.set_role(&payments, OurRole::Consumers, fake.clone());
        fixture.clock.advance(Duration::hours(2));
        fixture.scan().await;
        let detail = services.accounts().account(&ada(), PAYMENTS).await.unwrap();
        let [consumers, iam] = &detail.opt_in_roles[..] else { panic!("{detail:?}") };
        assert_eq!((consumers.role, consumers.check.state), (OptInRole::Consumers, state));
        assert!(consumers.says.contains(says), "{consumers:?}");
        assert_eq!((iam.role, iam.check.state), (OptInRole::Iam, RoleState::Missing));
        // Ready is about the three roles, and the trail and the recorder are missing as before.
        assert_eq!(detail.account.roles, AccountRoles::Ready, "{fake:?}");
        assert_eq!(detail.account.unready, Some(2), "{fake:?}");
        assert_eq!(detail.snippets.is_empty(), state != RoleState::Old, "{:?}", detail.snippets);
        match &detail.snippets[..] {
            [] => {}
            [update, terraform] => {
                assert!(update.text.contains("stack-set.yaml"), "{update:?}");
                assert!(terraform.text.contains("consumers = { create = true }"), "{terraform:?}");
            }
            other => panic!("{other:?}"),
        }
        let list = services.accounts().accounts(&ada()).await.unwrap();
        assert_eq!(list.roll_out.ready(), list.roll_out.total());
        let count = list.roll_out.opt_in[0];
        assert_eq!((count.installed, count.old, count.untrusting), counts, "{fake:?}");
        assert_eq!((count.total, count.unknown), (list.roll_out.total(), 0));
        assert_eq!(list.roll_out.snippets.is_empty(), state != RoleState::Old);
    }

    // Without the inventory role AWS's answer is the same for a missing role and an untrusting one.
    fixture.aws.set_role(&payments, OurRole::Inventory, Some(FakeRole::Missing));
    fixture.aws.set_role(&payments, OurRole::Iam, version(None));
    fixture.clock.advance(Duration::hours(2));
    fixture.scan().await;
    let detail = services.accounts().account(&ada(), PAYMENTS).await.unwrap();
    let found = &detail.opt_in_roles;
    assert_eq!(found[0].check.state, RoleState::NotAssumable);
    assert_eq!(found[1].check.state, RoleState::VersionUnknown, "its tag could not be read");
    let terraform = &detail.snippets.last().unwrap().text;
    assert!(terraform.contains("Not known whether claviger-consumers is"), "{terraform}");
    assert!(terraform.contains("iam = { create = true }"), "{terraform}");

    // A replica of the last release checks the account, and writes nothing of these roles.
    sqlx::query("update account set checked_at = checked_at + interval '1 hour' where id = $1")
        .bind(PAYMENTS)
        .execute(&pool)
        .await
        .unwrap();
    let detail = services.accounts().account(&ada(), PAYMENTS).await.unwrap();
    assert_eq!(detail.opt_in_roles, []);
    let terraform = &detail.snippets.last().unwrap().text;
    for role in ["claviger-consumers", "claviger-iam"] {
        let note = format!("# Not known whether {role} is installed here");
        assert!(terraform.contains(&note), "{terraform}");
    }
    let list = services.accounts().accounts(&ada()).await.unwrap();
    assert_eq!(list.roll_out.opt_in[0].unknown, 1, "not checked is not absent");
}

/// What was found while it was active stays stored, and neither the page nor the list shows it.
#[sqlx::test(migrations = "../../migrations")]
async fn a_suspended_account_shows_no_opt_in_role(pool: PgPool) {
    let fixture = Fixture::new(pool, ROTATION).await;
    let payments: AccountId = PAYMENTS.parse().unwrap();
    let current = FakeRole::Version(Some(TEMPLATE_VERSION.to_string()));
    fixture.aws.set_role(&payments, OurRole::Iam, Some(current));
    fixture.scan().await;
    let shown = async || {
        let page = account(&fixture).await;
        let list = fixture.services.accounts().accounts(&ada()).await.unwrap();
        let row = list.rows.into_iter().find(|row| row.id == payments).unwrap();
        (page.opt_in_roles.len(), page.account.opt_in_roles.len(), row.opt_in_roles.len())
    };
    assert_eq!(shown().await, (2, 2, 2));
    fixture.aws.change_organization(|organization| {
        let found = organization.accounts.iter_mut().find(|one| one.id == payments);
        found.unwrap().state = AccountState::Suspended;
    });
    fixture.scan().await;
    assert_eq!(account(&fixture).await.account.state, AccountState::Suspended);
    assert_eq!(shown().await, (0, 0, 0));
}
