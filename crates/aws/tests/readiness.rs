//! Account prerequisites and tag policies, with the emulator and the real policies of the roles.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

mod hub;

use claviger_aws::{Gateway, OurRole, ReadinessGateway};
use claviger_domain::{accounts::readiness::Compliance, scan::RegionScanFault};
use hub::Hub;

const PAYMENTS: &str = "441205839201";
const NETWORK: &str = "402618835970";
const SANDBOX: &str = "561840927734";
/// An account without the roles.
const PARTNER: &str = "489316607725";

#[tokio::test]
async fn roles_are_tried_with_sessions_that_may_do_nothing() {
    let hub = Hub::new(PAYMENTS).await;
    let partner = PARTNER.parse().unwrap();
    for role in [
        OurRole::Inventory,
        OurRole::Access,
        OurRole::Remediation,
        OurRole::Consumers,
        OurRole::Iam,
    ] {
        hub.gateway.try_role(&hub.account, role).await.unwrap();
        let error = hub.gateway.try_role(&partner, role).await.unwrap_err();
        assert_eq!(error.fault, RegionScanFault::RoleNotAssumable, "{role:?}");
    }
}

#[tokio::test]
async fn trails_are_read_with_whether_they_log() {
    let hub = Hub::new(PAYMENTS).await;
    let trails = hub.gateway.trails(&hub.account, &hub.region).await.unwrap();
    assert_eq!(trails.len(), 1, "{trails:?}");
    assert_eq!(trails[0].is_logging, Ok(true));
    assert!(trails[0].is_organization && trails[0].is_multi_region);
    let sandbox = SANDBOX.parse().unwrap();
    assert_eq!(hub.gateway.trails(&sandbox, &hub.region).await.unwrap(), []);
}

#[tokio::test]
async fn aws_config_is_read_with_what_its_managed_rules_say() {
    let hub = Hub::new(PAYMENTS).await;
    let reading = hub.gateway.config(&hub.account, &hub.region).await.unwrap();
    assert_eq!(reading.is_recording, Ok(Some(true)));
    let rules = reading.rules.unwrap();
    assert_eq!(rules.read_failures, []);
    let reader = hub.gateway.open(&hub.account, &hub.region).await.unwrap();
    let secrets = reader.secrets(None).await.unwrap().facts;
    let of_first: Vec<_> =
        rules.results.iter().filter(|one| one.resource == secrets[0].arn.as_str()).collect();
    assert_eq!(of_first.len(), 3, "{of_first:?}");
    assert!(of_first.iter().all(|one| one.recorded_at.is_some()));
    let unused =
        of_first.iter().find(|one| one.identifier == "SECRETSMANAGER_SECRET_UNUSED").unwrap();
    assert_eq!(unused.parameters.as_deref(), Some(r#"{"unusedForDays": "90"}"#));
    assert!(rules.results.iter().any(|one| one.compliance == Compliance::NonCompliant));
    // Disabled, and missing.
    let network = NETWORK.parse().unwrap();
    let west = "us-west-2".parse().unwrap();
    assert_eq!(hub.gateway.config(&network, &west).await.unwrap().is_recording, Ok(Some(false)));
    let sandbox = SANDBOX.parse().unwrap();
    assert_eq!(hub.gateway.config(&sandbox, &hub.region).await.unwrap().is_recording, Ok(None));
}

#[tokio::test]
async fn tag_policies_are_read_with_their_places() {
    let hub = Hub::new(PAYMENTS).await;
    let reading = hub.gateway.tag_policies().await;
    assert_eq!(reading.is_enabled, Ok(true));
    let policies = reading.policies.unwrap();
    let mut named: Vec<(&str, Vec<String>)> =
        policies.iter().map(|one| (one.name.as_str(), one.targets.clone())).collect();
    named.sort();
    let expected = [
        ("northwind-tags", vec!["r-n0rt".to_owned()]),
        ("production-owners", vec!["ou-n0rt-pr0ducti".to_owned()]),
        ("sandbox-environments", vec!["ou-n0rt-sandb0x1".to_owned()]),
    ];
    assert_eq!(named, expected);
    // The emulator does not merge them, and returns an error: a denial, not an absence.
    assert!(hub.gateway.effective_tag_policy(&hub.account).await.is_err());
}

#[tokio::test]
async fn identity_policies_are_read_in_plain() {
    let hub = Hub::new(PAYMENTS).await;
    let found = hub.gateway.identities(&hub.account).await.unwrap();
    let identities = found.identities;
    let batch =
        identities.iter().find(|one| one.principal.ends_with(":role/settlement-batch")).unwrap();
    assert_eq!(batch.documents().len(), 1);
    assert!(batch.documents()[0].contains(r#""Action": "ssm:GetParameter*""#), "{batch:?}");
    let own = identities.iter().find(|one| one.principal.ends_with(":role/claviger-inventory"));
    assert!(own.is_some_and(|one| one.documents()[0].contains("NeverAValue")));
    // Their own roles, each with the version of its template.
    let mut own_roles: Vec<_> =
        found.own_roles.iter().map(|one| format!("{:?}", one.role)).collect();
    own_roles.sort();
    assert_eq!(own_roles, ["Access", "Consumers", "Iam", "Inventory", "Remediation"]);
    for role in &found.own_roles {
        assert!(role.tags.contains_key("claviger:template-version"), "{role:?}");
        assert!(!role.requires_other_external_id);
    }
}
