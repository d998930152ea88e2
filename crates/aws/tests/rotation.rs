//! The readings of a pre-flight, with the emulators: ministack enforces the session's policy, moto has VPCs.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use aws_credential_types::Credentials;
use claviger_aws::{AwsGateway, FunctionOrder, RotationGateway};
use claviger_domain::remediation::{FunctionArn, PortRule};
use claviger_policy::{
    permissions::{Role, roles::role_policy},
    rotation_preflight::session_policy,
};
use claviger_testkit::{EmulatorRoot, emulator_config, gateway_settings, ministack, moto_url};

/// Log Archive.
const ACCOUNT: &str = "377105918264";
const US: &str = "us-east-1";
const CANARY: &str = "canary-value-4711";

fn order(name: &str, narrowed: &str) -> FunctionOrder {
    let arn = |name: &str| format!("arn:aws:lambda:{US}:{ACCOUNT}:function:{name}");
    FunctionOrder {
        account: ACCOUNT.parse().unwrap(),
        region: US.parse().unwrap(),
        function: FunctionArn::read(&arn(name)).unwrap(),
        session_name: "claviger-preflight".into(),
        source_identity: "ada@example.com".into(),
        policy: session_policy(&FunctionArn::read(&arn(narrowed)).unwrap()),
    }
}

#[tokio::test]
async fn ministack_a_session_reads_its_function_and_no_other() {
    let emulator = ministack();
    let root =
        EmulatorRoot { url: emulator.url.clone(), account: ACCOUNT.into(), region: US.into() };
    let ours = role_policy(Role::Remediation, &"aws".parse().unwrap());
    root.put_role_policy("claviger-remediation", "claviger-remediation", &ours).await;
    let name = format!("rotate-{}", std::process::id());
    let role = format!("arn:aws:iam::{ACCOUNT}:role/{name}");
    let nothing =
        r#"{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"*","Resource":"*"}]}"#;
    root.create_role(&name, "lambda.amazonaws.com", nothing).await;
    root.create_function(&name, &role, CANARY).await;
    let gateway = emulator.hub().await;

    let read = gateway.function(&order(&name, &name)).await.unwrap();
    let configuration = read.configuration.clone().unwrap().unwrap();
    assert_eq!((configuration.role.as_str(), &configuration.vpc), (role.as_str(), &None));
    // The emulator has an empty policy where AWS has none.
    assert!(!read.policy.clone().unwrap().unwrap_or_default().contains("secretsmanager"));
    assert!(!format!("{read:?}").contains(CANARY));
    root.admit_secrets_manager(&name).await;
    let read = gateway.function(&order(&name, &name)).await.unwrap();
    assert!(read.policy.unwrap().unwrap().contains("secretsmanager.amazonaws.com"));

    let other = gateway.function(&order(&name, "another")).await.unwrap();
    for failure in [other.configuration.unwrap_err(), other.policy.unwrap_err()] {
        assert!(failure.is_denied(), "{failure}");
    }
    let missing = gateway.function(&order("missing", "missing")).await.unwrap();
    assert_eq!(missing.configuration, Ok(None));
}

/// The id in an answer of EC2.
fn id(answer: &str, tag: &str) -> String {
    let (_, rest) = answer.split_once(&format!("<{tag}>")).unwrap_or_else(|| panic!("{answer}"));
    rest.split_once('<').unwrap().0.to_owned()
}

#[tokio::test]
async fn moto_a_network_is_read_with_its_routes_endpoints_and_groups() {
    let url = moto_url();
    let config = emulator_config(&url, Credentials::new("test", "test", None, None, "test")).await;
    let gateway = AwsGateway::over(config, &gateway_settings("external"));
    let root = EmulatorRoot { url, account: ACCOUNT.into(), region: US.into() };
    let ec2 = async |parameters: &[(&str, &str)]| root.query("ec2", parameters).await;
    let vpc = id(&ec2(&[("Action", "CreateVpc"), ("CidrBlock", "10.9.0.0/16")]).await, "vpcId");
    let subnet = [("Action", "CreateSubnet"), ("VpcId", &vpc), ("CidrBlock", "10.9.1.0/24")];
    let subnet = id(&ec2(&subnet).await, "subnetId");
    let table = id(&ec2(&[("Action", "CreateRouteTable"), ("VpcId", &vpc)]).await, "routeTableId");
    let associate =
        [("Action", "AssociateRouteTable"), ("RouteTableId", &table), ("SubnetId", &subnet)];
    ec2(&associate).await;
    let service = "com.amazonaws.us-east-1.secretsmanager";
    let endpoint = [
        ("Action", "CreateVpcEndpoint"),
        ("VpcId", &vpc),
        ("ServiceName", service),
        ("VpcEndpointType", "Interface"),
        ("SubnetId.1", &subnet),
    ];
    let endpoint = id(&ec2(&endpoint).await, "vpcEndpointId");

    // moto's account of everyone whose key it does not know.
    let here = FunctionOrder { account: "123456789012".parse().unwrap(), ..order("a", "a") };
    let network = gateway.network(&here, &vpc).await.unwrap();
    let tables = network.route_tables.unwrap();
    assert!(tables.iter().any(|one| one.is_main), "{tables:?}");
    let own = tables.iter().find(|one| one.id == table).unwrap();
    assert_eq!(own.subnets, [subnet]);
    assert!(own.routes.iter().any(|route| route.target == "local"
        && route.destination == "10.9.0.0/16"
        && !route.is_blackhole));
    let endpoints = network.endpoints.unwrap();
    assert_eq!(endpoints.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), [endpoint]);
    let groups = network.security_groups.unwrap();
    assert!(groups.iter().any(|group| group.egress.iter().any(PortRule::is_https)));
}
