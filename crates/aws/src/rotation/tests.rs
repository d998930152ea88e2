//! What is kept of the responses, and what never is.

use super::*;
use claviger_domain::remediation::{AclEntry, PortRule, Route, VpcEndpoint};

const CANARY: &str = "canary-value-4711";

/// As Lambda answers, with the values of environment variables in plain text.
const CONFIGURATION: &str = r#"{
    "FunctionName": "rotate-db",
    "FunctionArn": "arn:aws:lambda:us-east-1:111122223333:function:rotate-db",
    "Runtime": "python3.13",
    "Role": "arn:aws:iam::111122223333:role/service-role/rotate-db",
    "Environment": {"Variables": {"MASTER_PASSWORD": "canary-value-4711", "canary-value-4711": "x"}},
    "State": "Inactive",
    "StateReason": "The function is idle",
    "LastUpdateStatus": "Successful",
    "VpcConfig": {"SubnetIds": ["subnet-a"], "SecurityGroupIds": ["sg-1"], "VpcId": "vpc-1"}
}"#;

#[test]
fn a_configuration_is_read_without_its_environment() {
    let found = read_configuration(CONFIGURATION.as_bytes()).unwrap();
    assert_eq!(found.state.as_deref(), Some("Inactive"));
    assert_eq!(found.role, "arn:aws:iam::111122223333:role/service-role/rotate-db");
    let vpc = found.vpc.clone().unwrap();
    assert_eq!((vpc.id.as_str(), vpc.subnets.len(), vpc.security_groups.len()), ("vpc-1", 1, 1));
    assert!(!format!("{found:?}").contains(CANARY), "{found:?}");
    let outside = CONFIGURATION.replace(r#"["subnet-a"]"#, "[]");
    assert_eq!(read_configuration(outside.as_bytes()).unwrap().vpc, None);
}

#[test]
fn a_response_that_cannot_be_read_is_not_repeated() {
    for broken in [
        CONFIGURATION
            .replace(r#""Runtime": "python3.13""#, r#""Runtime": {"x": "canary-value-4711"}"#),
        CONFIGURATION.replace("\"Role\"", "\"canary-value-4711\""),
        format!("{CANARY}{CONFIGURATION}"),
    ] {
        let error = read_configuration(broken.as_bytes()).unwrap_err();
        assert!(!format!("{error:?}{error}").contains(CANARY), "{error:?}");
    }
    let error =
        read_policy(format!(r#"{{"Policy": {{"x": "{CANARY}"}}}}"#).as_bytes()).unwrap_err();
    assert!(!format!("{error:?}{error}").contains(CANARY), "{error:?}");
}

#[test]
fn a_path_names_the_function_and_its_version() {
    let arn = "arn:aws:lambda:us-east-1:111122223333:function:rotate-db";
    let function = FunctionArn::read(arn).unwrap();
    assert_eq!(path(&function, "policy"), "/2015-03-31/functions/rotate-db/policy");
    let latest = FunctionArn::read(&format!("{arn}:$LATEST")).unwrap();
    assert_eq!(
        path(&latest, "configuration"),
        "/2015-03-31/functions/rotate-db/configuration?Qualifier=%24LATEST"
    );
}

fn call() -> SignedCall {
    SignedCall {
        service: "EC2",
        endpoint: "ec2",
        operation: "DescribeRouteTables",
        path: "/".into(),
        body: SignedBody::None,
    }
}

#[test]
fn route_tables_are_read_with_their_routes_and_subnets() {
    const ANSWER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<DescribeRouteTablesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">
  <requestId>1</requestId>
  <routeTableSet>
    <item>
      <routeTableId>rtb-1</routeTableId>
      <vpcId>vpc-1</vpcId>
      <routeSet>
        <item><destinationCidrBlock>10.0.0.0/16</destinationCidrBlock><gatewayId>local</gatewayId><state>active</state><origin>CreateRouteTable</origin></item>
        <item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><natGatewayId>nat-1</natGatewayId><state>blackhole</state></item>
      </routeSet>
      <associationSet>
        <item><routeTableAssociationId>a</routeTableAssociationId><main>true</main><associationState><state>associated</state></associationState></item>
        <item><subnetId>subnet-a</subnetId><main>false</main></item>
      </associationSet>
      <propagatingVgwSet/>
      <tagSet><item><key>Name</key><value>private</value></item></tagSet>
    </item>
    <item><routeTableId>rtb-2</routeTableId><routeSet/><associationSet/></item>
  </routeTableSet>
  <nextToken>more</nextToken>
</DescribeRouteTablesResponse>"#;
    let (tables, next) = network::page(&call(), ANSWER.as_bytes(), network::route_table).unwrap();
    assert_eq!(next.as_deref(), Some("more"));
    assert_eq!(tables.len(), 2);
    assert!(tables[0].is_main && !tables[1].is_main);
    assert_eq!(tables[0].subnets, ["subnet-a"]);
    let route = |destination: &str, target: &str, is_blackhole| Route {
        destination: destination.into(),
        target: target.into(),
        is_blackhole,
    };
    assert_eq!(
        tables[0].routes,
        [route("10.0.0.0/16", "local", false), route("0.0.0.0/0", "nat-1", true)]
    );
}

#[test]
fn of_endpoints_only_those_for_secrets_manager_are_read() {
    const ANSWER: &str = r#"<DescribeVpcEndpointsResponse>
  <vpcEndpointSet>
    <item>
      <vpcEndpointId>vpce-1</vpcEndpointId><vpcEndpointType>Interface</vpcEndpointType>
      <serviceName>com.amazonaws.us-east-1.secretsmanager</serviceName><state>available</state>
      <policyDocument>{"Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}</policyDocument>
      <privateDnsEnabled>true</privateDnsEnabled>
      <groupSet><item><groupId>sg-1</groupId><groupName>default</groupName></item></groupSet>
    </item>
    <item>
      <vpcEndpointId>vpce-2</vpcEndpointId><vpcEndpointType>Gateway</vpcEndpointType>
      <serviceName>com.amazonaws.us-east-1.s3</serviceName><state>available</state>
    </item>
  </vpcEndpointSet>
</DescribeVpcEndpointsResponse>"#;
    let (found, next) = network::page(&call(), ANSWER.as_bytes(), network::endpoint).unwrap();
    assert_eq!(next, None);
    let found: Vec<VpcEndpoint> = found.into_iter().flatten().collect();
    assert_eq!(found.len(), 1);
    assert!(found[0].has_private_dns && found[0].policy.is_some());
    assert_eq!((found[0].id.as_str(), found[0].state.as_str()), ("vpce-1", "available"));
    assert_eq!(found[0].security_groups, ["sg-1"]);
}

#[test]
fn entries_of_network_acls_are_read_with_their_subnets() {
    const ANSWER: &str = r"<DescribeNetworkAclsResponse>
  <networkAclSet>
    <item>
      <networkAclId>acl-1</networkAclId><vpcId>vpc-1</vpcId><default>true</default>
      <entrySet>
        <item>
          <ruleNumber>100</ruleNumber><protocol>6</protocol><ruleAction>allow</ruleAction><egress>true</egress>
          <cidrBlock>0.0.0.0/0</cidrBlock><portRange><from>443</from><to>443</to></portRange>
        </item>
        <item>
          <ruleNumber>32767</ruleNumber><protocol>-1</protocol><ruleAction>deny</ruleAction><egress>false</egress>
          <ipv6CidrBlock>::/0</ipv6CidrBlock>
        </item>
      </entrySet>
      <associationSet>
        <item><networkAclAssociationId>a</networkAclAssociationId><networkAclId>acl-1</networkAclId><subnetId>subnet-a</subnetId></item>
      </associationSet>
      <tagSet/>
    </item>
  </networkAclSet>
</DescribeNetworkAclsResponse>";
    let (found, next) = network::page(&call(), ANSWER.as_bytes(), network::network_acl).unwrap();
    assert_eq!(next, None);
    let https = AclEntry {
        number: 100,
        is_egress: true,
        is_allow: true,
        protocol: "6".into(),
        from: Some(443),
        to: Some(443),
        range: Some("0.0.0.0/0".into()),
    };
    assert_eq!((found[0].id.as_str(), found[0].is_default), ("acl-1", true));
    assert_eq!(found[0].subnets, ["subnet-a"]);
    assert_eq!(found[0].entries[0], https);
    assert!(!found[0].entries[1].is_allow && found[0].entries[1].range.is_none());
}

#[test]
fn rules_of_security_groups_are_read_in_both_directions() {
    const ANSWER: &str = r"<DescribeSecurityGroupsResponse>
  <securityGroupInfo>
    <item>
      <groupId>sg-1</groupId><groupName>a</groupName>
      <ipPermissions>
        <item>
          <ipProtocol>tcp</ipProtocol><fromPort>443</fromPort><toPort>443</toPort>
          <groups><item><userId>111122223333</userId><groupId>sg-2</groupId></item></groups>
          <ipRanges><item><cidrIp>10.0.0.0/16</cidrIp></item></ipRanges>
          <ipv6Ranges/><prefixListIds/>
        </item>
      </ipPermissions>
      <ipPermissionsEgress>
        <item><ipProtocol>-1</ipProtocol><groups/><ipRanges/><prefixListIds><item><prefixListId>pl-1</prefixListId></item></prefixListIds></item>
      </ipPermissionsEgress>
    </item>
  </securityGroupInfo>
</DescribeSecurityGroupsResponse>";
    let (found, _) = network::page(&call(), ANSWER.as_bytes(), network::security_group).unwrap();
    let ingress = PortRule {
        protocol: "tcp".into(),
        from: Some(443),
        to: Some(443),
        groups: vec!["sg-2".into()],
        ranges: vec!["10.0.0.0/16".into()],
        has_prefix_lists: false,
    };
    assert_eq!(found[0].ingress, [ingress]);
    assert!(found[0].egress[0].is_https() && found[0].egress[0].has_prefix_lists);
    let broken = network::page(&call(), b"<a><routeTableSet>", network::security_group);
    assert!(broken.is_err() || broken.unwrap().0.is_empty());
}
