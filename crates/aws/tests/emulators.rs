//! The gateway's contract, tested with ministack (sessions, the demo Organization) and moto (paging,
//! account states, replicas). Gaps of an emulator are named where a test omits them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use aws_config::SdkConfig;
use aws_credential_types::{
    Credentials,
    provider::{ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future},
};
use aws_sdk_secretsmanager::{error::ProvideErrorMetadata, types::ReplicaRegionType};
use aws_sdk_ssm::types::ParameterType;
use claviger_aws::{AwsGateway, Gateway, InventoryReader, ParameterTags};
use claviger_domain::{
    accounts::AccountState,
    facts::{Detail, KeyClass, Reading, ResourceFacts},
    ids::{AccountId, Region},
    key::{KeyManager, KeyReading},
    scan::RegionScanFault,
};
use claviger_testkit::{Ministack, emulator_config, gateway_settings, ministack, moto_url};
use std::sync::Arc;

const US: &str = "us-east-1";
const PAYMENTS: &str = "441205839201";

async fn config(url: &str, key: &str, secret: &str, token: Option<String>) -> SdkConfig {
    emulator_config(url, Credentials::new(key, secret, token, None, "test")).await
}

async fn hub(emulator: &Ministack, external_id: &str) -> AwsGateway {
    let config = config(&emulator.url, &emulator.key_id, &emulator.key_secret, None).await;
    AwsGateway::over(config, &gateway_settings(external_id))
}

fn account(id: &str) -> AccountId {
    id.parse().unwrap()
}

fn region(code: &str) -> Region {
    code.parse().unwrap()
}

async fn all_secrets(reader: &dyn InventoryReader) -> (Vec<ResourceFacts>, u32) {
    let (mut facts, mut token, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = reader.secrets(token).await.unwrap();
        facts.extend(page.facts);
        pages += 1;
        token = page.next_token;
        if token.is_none() {
            return (facts, pages);
        }
    }
}

async fn all_parameters(reader: &dyn InventoryReader) -> (Vec<ResourceFacts>, u32) {
    let tags = reader.parameter_tags().await.unwrap();
    let (mut facts, mut token, mut pages) = (Vec::new(), None, 0);
    loop {
        let mut page = reader.parameters(token).await.unwrap();
        for facts in &mut page.facts {
            let own = |read: &ParameterTags| read.get(facts.arn.as_str()).cloned();
            facts.tags = Some(own(&tags).unwrap_or_default());
        }
        facts.extend(page.facts);
        pages += 1;
        token = page.next_token;
        if token.is_none() {
            return (facts, pages);
        }
    }
}

#[tokio::test]
async fn ministack_the_organization_is_read_with_its_nested_units() {
    let emulator = ministack();
    let organization = hub(&emulator, &emulator.external_id).await.organization().await.unwrap();
    assert_eq!(organization.accounts.len(), 14);
    let production = organization.ous.iter().find(|ou| ou.name == "Production").unwrap();
    assert_eq!(production.path, "Workloads/Production");
    let payments = organization.accounts.iter().find(|a| a.id == account(PAYMENTS)).unwrap();
    assert_eq!(payments.ou_path.len(), 3, "root, Workloads, Production");
    assert_eq!(payments.ou_path[2], production.id);
    let suspended: Vec<&str> = organization
        .accounts
        .iter()
        .filter(|a| a.state == AccountState::Suspended)
        .map(|a| a.name.as_str())
        .collect();
    assert_eq!(suspended, ["Legacy Sandbox"]);
}

#[tokio::test]
async fn ministack_an_account_tells_its_regions_and_its_keys() {
    let emulator = ministack();
    let gateway = hub(&emulator, &emulator.external_id).await;
    let regions = gateway.enabled_regions(&account(PAYMENTS)).await.unwrap();
    assert_eq!(regions, ["eu-west-1", "us-east-1", "us-west-2"].map(region));
    let nobody = gateway.enabled_regions(&account("999999999999")).await.unwrap_err();
    assert_eq!(nobody.operation, "AssumeRole", "told from a call that is denied");
    let named = ["alias/payments", "alias/aws/ssm", "alias/nobody"].map(ToOwned::to_owned);
    let keys = gateway.kms_keys(&account(PAYMENTS), &region(US), &named).await.unwrap();
    let known = |reading: &KeyReading| match reading {
        Reading::Read(Some(key)) => (key.manager, key.state.clone(), key.aliases.clone()),
        other => panic!("{other:?}"),
    };
    let alias = |name: &str| Some(vec![name.to_owned()]);
    assert_eq!(known(&keys[0]), (KeyManager::Customer, "Enabled".into(), alias("alias/payments")));
    assert_eq!(known(&keys[1]), (KeyManager::Aws, "Enabled".into(), alias("alias/aws/ssm")));
    assert_eq!(keys[2], Reading::Read(None));
}

#[tokio::test]
async fn ministack_an_account_is_read_through_its_role() {
    let emulator = ministack();
    let gateway = hub(&emulator, &emulator.external_id).await;
    let reader = gateway.open(&account(PAYMENTS), &region(US)).await.unwrap();
    let (secrets, _) = all_secrets(reader.as_ref()).await;
    assert!(secrets.len() > 30);
    assert!(
        secrets.iter().all(|s| s.arn.as_str().contains(PAYMENTS)),
        "the member's secrets, not the hub's"
    );
    assert!(secrets.iter().any(|s| s.key_class() == KeyClass::CustomerManaged));
    assert!(secrets.iter().any(|s| s.key_class() == KeyClass::AwsManaged));
    let detail = |facts: &ResourceFacts| match &facts.detail {
        Detail::Secret(secret) => secret.clone(),
        Detail::Parameter(_) => panic!("a secret"),
    };
    assert!(
        secrets.iter().any(|s| detail(s).rotation.enabled.is_none()),
        "never configured is null"
    );
    assert!(secrets.iter().any(|s| detail(s).rotation.next_rotation_at.is_some()));
    assert!(secrets.iter().any(|s| detail(s).accessed_on.is_none()));
    let (parameters, _) = all_parameters(reader.as_ref()).await;
    assert!(!parameters.is_empty());
    assert!(
        parameters.iter().any(|p| p.tags.as_ref().is_some_and(|tags| tags.contains_key("owner")))
    );
    let first = &secrets[0];
    assert!(reader.secret_exists(&first.arn).await.unwrap());
    let other = format!("arn:aws:secretsmanager:{US}:{PAYMENTS}:secret:never-there-AbCdEf")
        .parse()
        .unwrap();
    assert!(!reader.secret_exists(&other).await.unwrap());
    assert!(reader.parameter_exists(&parameters[0].name).await.unwrap());
    assert!(!reader.parameter_exists("/never/there").await.unwrap());
}

#[tokio::test]
async fn ministack_a_missing_role_and_a_wrong_external_id_are_said() {
    let emulator = ministack();
    let gateway = hub(&emulator, &emulator.external_id).await;
    let missing = gateway.open(&account("489316607725"), &region(US)).await.err().unwrap();
    assert_eq!(missing.fault, RegionScanFault::RoleNotAssumable, "{missing}");
    let wrong = hub(&emulator, "another-id")
        .await
        .open(&account(PAYMENTS), &region(US))
        .await
        .err()
        .unwrap();
    assert_eq!(wrong.fault, RegionScanFault::RoleNotAssumable, "{wrong}");
}

#[tokio::test]
async fn ministack_unknown_keys_are_no_credentials() {
    let mut emulator = ministack();
    emulator.key_id = "AKIANOBODYKNOWSTHIS0".into();
    let error = hub(&emulator, &emulator.external_id).await.organization().await.unwrap_err();
    assert_eq!(error.fault, RegionScanFault::NoCredentials, "{error}");
}

#[derive(Debug)]
struct Nothing;

impl ProvideCredentials for Nothing {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(
            "no profile, no role, no keys",
        )))
    }
}

#[tokio::test]
async fn no_credentials_at_all_are_said_without_a_call() {
    let config = config("http://127.0.0.1:9", "unused", "unused", None)
        .await
        .to_builder()
        .credentials_provider(SharedCredentialsProvider::new(Nothing))
        .build();
    let error = AwsGateway::over(config, &gateway_settings("x")).organization().await.unwrap_err();
    assert_eq!(error.fault, RegionScanFault::NoCredentials, "{error}");
}

#[tokio::test]
async fn nobody_at_the_endpoint_is_unreachable() {
    let emulator = Ministack { url: "http://127.0.0.1:9".into(), ..ministack() };
    let error = hub(&emulator, "x").await.organization().await.unwrap_err();
    assert_eq!(error.fault, RegionScanFault::Unreachable, "{error}");
}

#[tokio::test]
async fn ministack_the_inventory_role_can_never_read_a_value() {
    let emulator = ministack();
    let hub = config(&emulator.url, &emulator.key_id, &emulator.key_secret, None).await;
    let assumed = aws_sdk_sts::Client::new(&hub)
        .assume_role()
        .role_arn(format!("arn:aws:iam::{PAYMENTS}:role/claviger-inventory"))
        .role_session_name("claviger-test")
        .external_id(&emulator.external_id)
        .send()
        .await
        .unwrap();
    let keys = assumed.credentials.unwrap();
    let member = config(
        &emulator.url,
        &keys.access_key_id,
        &keys.secret_access_key,
        Some(keys.session_token),
    )
    .await;
    let secrets = aws_sdk_secretsmanager::Client::new(&member);
    let list = secrets.list_secrets().max_results(1).send().await.unwrap();
    let id = list.secret_list()[0].arn().unwrap();
    let refused = secrets.get_secret_value().secret_id(id).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    let ssm = aws_sdk_ssm::Client::new(&member);
    let name =
        ssm.describe_parameters().send().await.unwrap().parameters()[0].name().unwrap().to_owned();
    let refused = ssm.get_parameter().name(name).with_decryption(true).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
}

/// moto allows assuming any role and checks no signature: it tests lists, states and dates.
#[tokio::test]
async fn moto_lists_are_paged_to_their_end() {
    let root = config(&moto_url(), "test", "test", None).await;
    let organizations = aws_sdk_organizations::Client::new(&root);
    // A second run of the suite finds the existing Organization.
    let _ = organizations.create_organization().send().await;
    let unit = organizations.list_roots().send().await.unwrap().roots()[0].id().unwrap().to_owned();
    let mut member = String::new();
    for n in 0..23 {
        let made = organizations
            .create_account()
            .email(format!("m{n}@example.com"))
            .account_name(format!("Member {n}"))
            .send()
            .await
            .unwrap();
        member = made.create_account_status().unwrap().account_id().unwrap().to_owned();
    }
    organizations.close_account().account_id(&member).send().await.unwrap();
    let gateway = AwsGateway::over(root.clone(), &gateway_settings("any"));
    let organization = gateway.organization().await.unwrap();
    assert!(organization.accounts.len() >= 24, "{}", organization.accounts.len());
    let closed = organization.accounts.iter().find(|a| a.id.as_str() == member).unwrap();
    assert_ne!(closed.state, AccountState::Active);
    let open = organization
        .accounts
        .iter()
        .find(|a| a.name == "Member 3" && a.state == AccountState::Active)
        .unwrap();
    assert_eq!(open.ou_path[0].as_str(), unit);

    let reader: Arc<dyn InventoryReader> = gateway.open(&open.id, &region(US)).await.unwrap();
    let sts = aws_sdk_sts::Client::new(&root);
    let keys = sts
        .assume_role()
        .role_arn(format!("arn:aws:iam::{}:role/OrganizationAccountAccessRole", open.id))
        .role_session_name("seed")
        .send()
        .await
        .unwrap()
        .credentials
        .unwrap();
    let seed =
        config(&moto_url(), &keys.access_key_id, &keys.secret_access_key, Some(keys.session_token))
            .await;
    let secrets = aws_sdk_secretsmanager::Client::new(&seed);
    for n in 0..120 {
        secrets.create_secret().name(format!("s/{n:03}")).secret_string("x").send().await.unwrap();
    }
    secrets
        .replicate_secret_to_regions()
        .secret_id("s/000")
        .add_replica_regions(ReplicaRegionType::builder().region("eu-west-1").build())
        .send()
        .await
        .unwrap();
    secrets.delete_secret().secret_id("s/001").recovery_window_in_days(7).send().await.unwrap();
    let ssm = aws_sdk_ssm::Client::new(&seed);
    for n in 0..60 {
        ssm.put_parameter()
            .name(format!("/p/{n:03}"))
            .value("x")
            .r#type(ParameterType::String)
            .send()
            .await
            .unwrap();
    }
    let (found, pages) = all_secrets(reader.as_ref()).await;
    assert_eq!((found.len(), pages), (120, 2));
    let by_name = |name: &str| found.iter().find(|s| s.name == name).unwrap();
    let Detail::Secret(deleted) = &by_name("s/001").detail else { panic!("a secret") };
    assert!(deleted.deleted_at.is_some(), "secrets in their recovery window are listed");
    let (found, pages) = all_parameters(reader.as_ref()).await;
    // moto returns ten at a time, regardless of the requested number.
    assert_eq!(found.len(), 60);
    assert!(pages > 1);
    assert!(found.iter().all(|p| p.key_class() == KeyClass::Plain));
    let elsewhere = gateway.open(&open.id, &region("eu-west-1")).await.unwrap();
    let (replicas, _) = all_secrets(elsewhere.as_ref()).await;
    assert_eq!(replicas.len(), 1);
    let primary = replicas[0].primary_arn(&region("eu-west-1")).unwrap();
    assert_eq!(primary, by_name("s/000").arn);
}
