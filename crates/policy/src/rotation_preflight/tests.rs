//! A rotation that passes, and what each change of it makes of the checks.

use super::*;
use crate::entitlement::{
    Account, CustomerKey, Fact, Key, Membership, Policy, PolicyKind, Principal, PrincipalKind,
    ResourceKind,
};
use claviger_domain::{
    accounts::readiness::ReadFailure,
    facts::Version,
    remediation::{
        AclEntry, FunctionConfiguration, FunctionNetwork, FunctionVpc, NetworkAcl, PortRule, Route,
        RouteTable, SecurityGroup, VpcEndpoint,
        preflight::{PreflightCause as Cause, PreflightResult as Result},
    },
};
use rstest::rstest;
use serde_json::{Value, json};
use std::{collections::BTreeMap, sync::Arc};
use time::macros::datetime;

const ACCOUNT: &str = "441205839201";
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:441205839201:function:rotate-ledger";
const ROLE: &str = "arn:aws:iam::441205839201:role/service-role/rotate-ledger";
const CLAVIGER: &str = "arn:aws:iam::441205839201:role/claviger-remediation";

struct Case {
    facts: ResourceFacts,
    form: PreflightForm,
    function: FunctionReading,
    value: ValueShape,
    resource: Resource,
    role: Vec<Value>,
    claviger: Vec<Value>,
}

fn statement(action: &[&str], resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

/// A statement of the function's policy, as AWS's documentation recommends it.
fn admits(account: Option<&str>) -> Value {
    let mut statement = json!({
        "Sid": "rotation",
        "Effect": "Allow",
        "Principal": {"Service": "secretsmanager.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": FUNCTION,
    });
    if let Some(account) = account {
        statement["Condition"] = json!({"StringEquals": {"AWS:SourceAccount": account}});
    }
    statement
}

fn document(statements: &[Value]) -> String {
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn denied(operation: &str) -> ReadFailure {
    ReadFailure { operation: operation.into(), code: "AccessDenied".into() }
}

fn vpc() -> FunctionVpc {
    FunctionVpc {
        id: "vpc-1".into(),
        subnets: vec!["subnet-a".into(), "subnet-b".into()],
        security_groups: vec!["sg-function".into()],
    }
}

fn route(destination: &str, target: &str) -> Route {
    Route { destination: destination.into(), target: target.into(), is_blackhole: false }
}

fn https(groups: &[&str], ranges: &[&str]) -> PortRule {
    PortRule {
        protocol: "tcp".into(),
        from: Some(443),
        to: Some(443),
        groups: groups.iter().map(ToString::to_string).collect(),
        ranges: ranges.iter().map(ToString::to_string).collect(),
        has_prefix_lists: false,
    }
}

/// Private subnets behind a NAT gateway, without an endpoint.
fn nat() -> FunctionNetwork {
    FunctionNetwork {
        route_tables: Ok(vec![RouteTable {
            id: "rtb-1".into(),
            is_main: true,
            subnets: Vec::new(),
            routes: vec![route("10.0.0.0/16", "local"), route("0.0.0.0/0", "nat-1")],
        }]),
        endpoints: Ok(Vec::new()),
        security_groups: Ok(vec![SecurityGroup {
            id: "sg-function".into(),
            ingress: Vec::new(),
            egress: vec![https(&[], &["0.0.0.0/0"])],
        }]),
        network_acls: Ok(vec![NetworkAcl {
            id: "acl-1".into(),
            is_default: true,
            subnets: Vec::new(),
            entries: [true, false]
                .map(|is_egress| AclEntry {
                    number: 100,
                    is_egress,
                    is_allow: true,
                    protocol: "-1".into(),
                    range: Some("0.0.0.0/0".into()),
                    ..AclEntry::default()
                })
                .to_vec(),
        }]),
    }
}

/// Private subnets without a way out, with an endpoint.
fn endpoint() -> FunctionNetwork {
    let mut network = nat();
    network.route_tables.as_mut().unwrap()[0].routes.pop();
    network.endpoints = Ok(vec![VpcEndpoint {
        id: "vpce-1".into(),
        state: "available".into(),
        has_private_dns: true,
        security_groups: vec!["sg-endpoint".into()],
        policy: Some(document(&[
            json!({"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}),
        ])),
    }]);
    network.security_groups.as_mut().unwrap().push(SecurityGroup {
        id: "sg-endpoint".into(),
        ingress: vec![https(&["sg-function"], &[])],
        egress: Vec::new(),
    });
    network
}

impl Case {
    fn passing() -> Self {
        let facts = crate::width::secret("eu-west-1", |secret| {
            secret.versions = vec![Version { id: "v1".into(), stages: vec!["AWSCURRENT".into()] }];
        });
        let form = PreflightForm {
            lambda: FUNCTION.into(),
            days: "30".into(),
            immediately: "no".into(),
            ..PreflightForm::default()
        };
        let configuration = FunctionConfiguration {
            state: Some("Active".into()),
            last_update: Some("Successful".into()),
            role: ROLE.into(),
            runtime: Some("python3.13".into()),
            ..FunctionConfiguration::default()
        };
        let resource = Resource {
            arn: facts.arn.to_string(),
            account: ACCOUNT.parse().unwrap(),
            kind: ResourceKind::Secret,
            tags: Some(BTreeMap::new()),
            policy: Fact::Known(None),
            key: Key::AwsManaged,
        };
        // As AWS's templates write it.
        let role = json!({
            "Effect": "Allow",
            "Action": [
                "secretsmanager:DescribeSecret",
                "secretsmanager:GetSecretValue",
                "secretsmanager:PutSecretValue",
                "secretsmanager:UpdateSecretVersionStage",
            ],
            "Resource": "arn:aws:secretsmanager:eu-west-1:441205839201:secret:*",
            "Condition": {"StringEquals": {"secretsmanager:resource/AllowRotationLambdaArn": FUNCTION}},
        });
        Self {
            facts,
            form,
            function: FunctionReading {
                configuration: Ok(Some(configuration)),
                policy: Ok(Some(document(&[admits(Some(ACCOUNT))]))),
                network: None,
            },
            value: ValueShape::NotAsked,
            resource,
            role: vec![role, statement(&["secretsmanager:GetRandomPassword"], "*")],
            claviger: vec![
                statement(&["secretsmanager:RotateSecret"], "*"),
                statement(&["lambda:InvokeFunction"], "*"),
            ],
        }
    }

    fn in_vpc(network: FunctionNetwork) -> Self {
        let mut case = Self::passing();
        case.configuration().vpc = Some(vpc());
        case.function.network = Some(network);
        case
    }

    fn configuration(&mut self) -> &mut FunctionConfiguration {
        self.function.configuration.as_mut().unwrap().as_mut().unwrap()
    }

    fn all(&self) -> BTreeMap<Cause, Result> {
        let account: AccountId = ACCOUNT.parse().unwrap();
        let principal = |arn: &str, statements: &[Value]| Principal {
            arn: arn.to_owned(),
            kind: PrincipalKind::Role,
            policies: vec![Arc::new(Policy::read(&PolicyKind::Inline, "p", &document(statements)))],
            boundary: None,
            tags: BTreeMap::new(),
            takes_session_tags: false,
        };
        let home = Account {
            id: account.clone(),
            membership: Fact::Known(Some(Membership {
                organization: "o-ours".into(),
                path: "o-ours/r-root/".into(),
                is_management: false,
            })),
            principals: Fact::Known(vec![
                principal(ROLE, &self.role),
                principal(CLAVIGER, &self.claviger),
            ]),
            scps: Fact::Known(Vec::new()),
            rcps: Fact::Known(Vec::new()),
        };
        let region: Region = "eu-west-1".parse().unwrap();
        let is_named = function_of(&self.form, &self.facts, &account, &region).is_some();
        let checks = preflight(&Preflight {
            facts: &self.facts,
            account: &account,
            region: &region,
            form: &self.form,
            function: is_named.then_some(&self.function),
            resource: &self.resource,
            accounts: &BTreeMap::from([(account.clone(), home)]),
            superuser: Superuser::NotNamed,
            value: &self.value,
            claviger: CLAVIGER,
            now: datetime!(2026-11-29 9:00 UTC),
        });
        checks.into_iter().map(|check| (check.cause, check.result)).collect()
    }

    fn result(&self, cause: Cause) -> Result {
        self.all().remove(&cause).unwrap()
    }

    fn fails(&self, cause: Cause) -> String {
        match self.result(cause) {
            Result::Fails { text, .. } => text,
            other => panic!("{cause}: {other:?}"),
        }
    }
}

#[test]
fn a_rotation_that_is_set_up_as_aws_documents_it_passes() {
    let all = Case::passing().all();
    let every: Vec<Cause> = <Cause as claviger_domain::VariantArray>::VARIANTS.to_vec();
    assert_eq!(all.keys().copied().collect::<Vec<_>>(), every, "one check for each cause");
    for (cause, result) in all {
        let expected = match cause {
            Cause::HostReachable => matches!(result, Result::Unknown(_)),
            Cause::NetworkPath
            | Cause::SecurityGroups
            | Cause::NetworkAcls
            | Cause::EndpointPolicy
            | Cause::SuperuserSecret
            | Cause::SuperuserReadable
            | Cause::ValueKeys => matches!(result, Result::NotApplicable(_)),
            _ => matches!(result, Result::Passes(_)),
        };
        assert!(expected, "{cause}: {result:?}");
    }
}

#[rstest]
#[case("rotate-ledger", "is not the ARN")]
#[case("arn:aws-cn:lambda:eu-west-1:441205839201:function:a", "partition aws-cn")]
#[case("arn:aws:lambda:us-east-1:441205839201:function:a", "Region us-east-1")]
#[case("arn:aws:lambda:eu-west-1:111122223333:function:a", "account 111122223333")]
fn a_function_elsewhere_rotates_nothing_here(#[case] arn: &str, #[case] said: &str) {
    let mut case = Case::passing();
    case.form.lambda = arn.into();
    let text = case.fails(Cause::FunctionArn);
    assert!(text.contains(said), "{text}");
    assert!(matches!(case.result(Cause::RoleReads), Result::NotApplicable(_)));
}

#[test]
fn a_role_for_another_function_may_not_use_the_secret() {
    let mut case = Case::passing();
    case.role[0]["Condition"]["StringEquals"]["secretsmanager:resource/AllowRotationLambdaArn"] =
        json!(format!("{FUNCTION}-2"));
    let text = case.fails(Cause::RoleWrites);
    assert!(text.contains("PutSecretValue") && text.contains("no policy allows it"), "{text}");
}

#[test]
fn who_else_may_use_the_function_is_a_warning_and_never_a_pass() {
    let mut case = Case::passing();
    case.function.policy = Ok(Some(document(&[admits(None)])));
    assert!(matches!(case.result(Cause::FunctionPolicy), Result::Passes(_)));
    assert!(matches!(case.result(Cause::ConfusedDeputy), Result::Warns { .. }));
    // Another account's, and no policy at all.
    case.function.policy = Ok(Some(document(&[admits(Some("111122223333"))])));
    assert!(case.fails(Cause::FunctionPolicy).contains("111122223333"));
    case.function.policy = Ok(None);
    assert!(case.fails(Cause::FunctionPolicy).contains("has no policy"));
    case.function.policy = Err(denied("GetPolicy"));
    let Result::Unknown(why) = case.result(Cause::FunctionPolicy) else { panic!("unknown") };
    assert_eq!(why, "AWS denied GetPolicy (AccessDenied).");
    // A secret's own ARN is narrower than its account.
    let mut narrow = admits(None);
    narrow["Condition"] = json!({"ArnLike": {"aws:SourceArn": case.facts.arn.as_str()}});
    case.function.policy = Ok(Some(document(&[narrow])));
    assert!(matches!(case.result(Cause::FunctionPolicy), Result::Passes(_)));
    assert!(matches!(case.result(Cause::ConfusedDeputy), Result::Passes(_)));
}

#[test]
fn a_customer_managed_key_asks_for_both_permissions() {
    let mut case = Case::passing();
    let arn = "arn:aws:kms:eu-west-1:441205839201:key/1234";
    let root = json!({
        "Effect": "Allow",
        "Principal": {"AWS": format!("arn:aws:iam::{ACCOUNT}:root")},
        "Action": "kms:*",
        "Resource": "*",
    });
    case.resource.key = Key::CustomerManaged(CustomerKey {
        arn: arn.into(),
        policy: Fact::Known(Arc::new(Policy::read(&PolicyKind::Key, "", &document(&[root])))),
        grants: Fact::Known(Vec::new()),
    });
    assert!(case.fails(Cause::RoleDecrypts).contains("kms:Decrypt"));
    case.role.push(statement(&["kms:Decrypt"], arn));
    assert!(matches!(case.result(Cause::RoleDecrypts), Result::Passes(_)));
    assert!(case.fails(Cause::RoleGeneratesDataKey).contains("kms:GenerateDataKey"));
    case.role.push(statement(&["kms:GenerateDataKey"], arn));
    assert!(matches!(case.result(Cause::RoleGeneratesDataKey), Result::Passes(_)));
    case.resource.key = Key::NotRead("AccessDenied".into());
    assert!(matches!(case.result(Cause::RoleDecrypts), Result::Unknown(_)));
}

#[test]
fn claviger_needs_its_own_permissions() {
    let mut case = Case::passing();
    case.claviger.pop();
    assert!(case.fails(Cause::CallerInvokes).contains("lambda:InvokeFunction"));
    case.claviger = vec![json!({
        "Effect": "Allow",
        "Action": "secretsmanager:RotateSecret",
        "Resource": "*",
        "Condition": {"StringEquals": {"secretsmanager:RotationLambdaARN": FUNCTION}},
    })];
    assert!(matches!(case.result(Cause::CallerRotates), Result::Passes(_)));
    case.form.lambda.push_str("-2");
    assert!(case.fails(Cause::CallerRotates).contains("RotateSecret"));
}

#[test]
fn a_nat_gateway_or_an_endpoint_leads_out_of_a_vpc() {
    for network in [nat(), endpoint()] {
        let all = Case::in_vpc(network).all();
        for cause in [Cause::NetworkPath, Cause::SecurityGroups, Cause::NetworkAcls] {
            assert!(matches!(all[&cause], Result::Passes(_)), "{cause}: {:?}", all[&cause]);
        }
    }
    let all = Case::in_vpc(endpoint()).all();
    assert!(matches!(all[&Cause::EndpointPolicy], Result::Passes(_)), "{all:?}");
}

#[rstest]
#[case(route("10.0.0.0/16", "local"), false, "has no default route")]
#[case(route("0.0.0.0/0", "igw-1"), false, "internet gateway igw-1")]
#[case(route("0.0.0.0/0", "nat-1"), true, "nat-1, which is gone")]
fn a_vpc_without_a_way_out_fails(
    #[case] route: Route,
    #[case] is_blackhole: bool,
    #[case] said: &str,
) {
    let mut network = nat();
    // One of both subnets has a table of its own.
    network.route_tables.as_mut().unwrap().push(RouteTable {
        id: "rtb-2".into(),
        is_main: false,
        subnets: vec!["subnet-b".into()],
        routes: vec![Route { is_blackhole, ..route }],
    });
    let text = Case::in_vpc(network).fails(Cause::NetworkPath);
    assert!(text.contains("subnet-b") && text.contains(said), "{text}");
}

#[test]
fn what_was_not_read_of_a_network_is_unknown_with_its_reason() {
    let mut network = nat();
    network.route_tables = Err(denied("DescribeRouteTables"));
    let Result::Unknown(why) = Case::in_vpc(network).result(Cause::NetworkPath) else {
        panic!("unknown")
    };
    assert_eq!(why, "AWS denied DescribeRouteTables (AccessDenied).");
    let mut network = endpoint();
    network.endpoints = Err(denied("DescribeVpcEndpoints"));
    let all = Case::in_vpc(network).all();
    for cause in [Cause::NetworkPath, Cause::SecurityGroups, Cause::EndpointPolicy] {
        assert!(matches!(all[&cause], Result::Unknown(_)), "{cause}");
    }
    let mut network = nat();
    network.route_tables.as_mut().unwrap()[0].routes[1].target = "tgw-1".into();
    assert!(matches!(Case::in_vpc(network).result(Cause::NetworkPath), Result::Unknown(_)));
}

#[test]
fn an_endpoint_can_stand_in_the_way() {
    let mut network = endpoint();
    network.endpoints.as_mut().unwrap()[0].has_private_dns = false;
    assert!(matches!(Case::in_vpc(network).result(Cause::NetworkPath), Result::Warns { .. }));
    let mut network = endpoint();
    network.security_groups.as_mut().unwrap()[1].ingress = vec![https(&["sg-other"], &[])];
    assert!(Case::in_vpc(network).fails(Cause::SecurityGroups).contains("vpce-1"));
    let mut network = endpoint();
    network.security_groups.as_mut().unwrap()[1].ingress = vec![https(&[], &["10.0.0.0/8"])];
    assert!(matches!(Case::in_vpc(network).result(Cause::SecurityGroups), Result::Passes(_)));
    let mut network = endpoint();
    network.endpoints.as_mut().unwrap()[0].policy = Some(document(&[json!({
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
        "Resource": "*",
    })]));
    let text = Case::in_vpc(network).fails(Cause::EndpointPolicy);
    assert!(text.contains("PutSecretValue") && !text.contains("GetSecretValue"), "{text}");
    let mut network = nat();
    network.network_acls.as_mut().unwrap()[0].entries.retain(|entry| entry.is_egress);
    let text = Case::in_vpc(network).fails(Cause::NetworkAcls);
    assert!(text.contains("acl-1") && text.contains("on which the responses come"), "{text}");
    let mut network = nat();
    network.network_acls.as_mut().unwrap()[0].entries[0].range = Some("10.0.0.0/16".into());
    assert!(matches!(Case::in_vpc(network).result(Cause::NetworkAcls), Result::Unknown(_)));
    // The way to an endpoint stays in the VPC.
    let mut network = endpoint();
    network.network_acls.as_mut().unwrap()[0].entries[0].range = Some("10.0.0.0/16".into());
    assert!(matches!(Case::in_vpc(network).result(Cause::NetworkAcls), Result::Passes(_)));
    let mut network = nat();
    network.security_groups.as_mut().unwrap()[0].egress.clear();
    assert!(Case::in_vpc(network).fails(Cause::SecurityGroups).contains("no outbound HTTPS"));
}

#[test]
fn the_keys_of_a_value_are_compared_with_what_the_template_needs() {
    let keys = |keys: &[&str]| ValueShape::Keys(keys.iter().map(ToString::to_string).collect());
    let result = |value: ValueShape| {
        let mut case = Case::passing();
        case.form.template = "single-user".into();
        case.value = value;
        case.result(Cause::ValueKeys)
    };
    let all = ["engine", "host", "username", "password", "port"];
    assert!(matches!(result(keys(&all)), Result::Passes(_)));
    let Result::Fails { text, .. } = result(keys(&["engine", "username"])) else {
        panic!("keys are missing")
    };
    assert_eq!(text, "The value has no host, no password.");
    assert!(matches!(result(ValueShape::NotJson), Result::Fails { .. }));
    for (value, why) in [
        (ValueShape::NotAsked, "Only an access grant to read shows the value."),
        (ValueShape::NoGrant, "You have no active grant to read the value"),
        (ValueShape::NotRead("Access is paused.".into()), "Access is paused."),
    ] {
        let Result::Unknown(said) = result(value) else { panic!("it is not known") };
        assert!(said.contains(why), "{said}");
    }
}
