//! The responses of EC2's Query API, which are XML.

use crate::{
    AwsError,
    signed::SignedCall,
    xml::{data, field, items},
};
use aws_smithy_xml::decode::{Document, ScopedDecoder, XmlDecodeError};
use claviger_domain::remediation::{
    AclEntry, NetworkAcl, PortRule, Route, RouteTable, SecurityGroup, VpcEndpoint,
};

/// A token that AWS repeats would cause an endless loop.
pub(super) const MAX_PAGES: u32 = 20;

/// The body of a call for one VPC.
pub(super) fn form(operation: &str, vpc: &str, next: Option<&str>) -> String {
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let mut form = format!(
        "Action={operation}&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1={}",
        encoded(vpc)
    );
    if let Some(next) = next {
        form.push_str("&NextToken=");
        form.push_str(&encoded(next));
    }
    form
}

/// The items of a page, and the token of the next.
pub(super) fn page<T>(
    call: &SignedCall,
    body: &[u8],
    read: impl Fn(&mut ScopedDecoder<'_, '_>) -> Result<T, XmlDecodeError>,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let wrong = |error: &dyn std::fmt::Display| {
        AwsError::nonsense(call.operation, format!("the response cannot be read: {error}"))
    };
    let text = std::str::from_utf8(body).map_err(|error| wrong(&error))?;
    let mut document = Document::new(text);
    let mut root = document.root_element().map_err(|error| wrong(&error))?;
    let (mut found, mut next) = (Vec::new(), None);
    while let Some(mut tag) = root.next_tag() {
        match tag.start_el().local() {
            "routeTableSet" | "vpcEndpointSet" | "securityGroupInfo" | "networkAclSet" => {
                found = items(&mut tag, &read).map_err(|error| wrong(&error))?;
            }
            "nextToken" => next = Some(data(&mut tag).map_err(|error| wrong(&error))?),
            _ => {}
        }
    }
    Ok((found, next.filter(|token| !token.is_empty())))
}

pub(super) fn route_table(item: &mut ScopedDecoder<'_, '_>) -> Result<RouteTable, XmlDecodeError> {
    let mut table = RouteTable::default();
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "routeTableId" => table.id = data(&mut tag)?,
            "routeSet" => table.routes = items(&mut tag, route)?,
            "associationSet" => {
                for (is_main, subnet) in items(&mut tag, association)? {
                    table.is_main |= is_main;
                    table.subnets.extend(subnet);
                }
            }
            _ => {}
        }
    }
    Ok(table)
}

fn association(item: &mut ScopedDecoder<'_, '_>) -> Result<(bool, Option<String>), XmlDecodeError> {
    let (mut is_main, mut subnet) = (false, None);
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "main" => is_main = data(&mut tag)? == "true",
            "subnetId" => subnet = Some(data(&mut tag)?).filter(|id| !id.is_empty()),
            _ => {}
        }
    }
    Ok((is_main, subnet))
}

fn route(item: &mut ScopedDecoder<'_, '_>) -> Result<Route, XmlDecodeError> {
    let mut route = Route::default();
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "destinationCidrBlock" | "destinationIpv6CidrBlock" | "destinationPrefixListId" => {
                route.destination = data(&mut tag)?;
            }
            "gatewayId"
            | "natGatewayId"
            | "transitGatewayId"
            | "instanceId"
            | "networkInterfaceId"
            | "vpcPeeringConnectionId"
            | "egressOnlyInternetGatewayId"
            | "localGatewayId"
            | "carrierGatewayId"
            | "coreNetworkArn" => {
                let target = data(&mut tag)?;
                // An instance comes with its network interface: the first is enough.
                if route.target.is_empty() {
                    route.target = target;
                }
            }
            "state" => route.is_blackhole = data(&mut tag)? == "blackhole",
            _ => {}
        }
    }
    Ok(route)
}

/// An interface endpoint for Secrets Manager; `None` for all others.
pub(super) fn endpoint(
    item: &mut ScopedDecoder<'_, '_>,
) -> Result<Option<VpcEndpoint>, XmlDecodeError> {
    let mut endpoint = VpcEndpoint::default();
    let (mut kind, mut service) = (String::new(), String::new());
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "vpcEndpointId" => endpoint.id = data(&mut tag)?,
            "vpcEndpointType" => kind = data(&mut tag)?,
            "serviceName" => service = data(&mut tag)?,
            "state" => endpoint.state = data(&mut tag)?,
            "privateDnsEnabled" => endpoint.has_private_dns = data(&mut tag)? == "true",
            "policyDocument" => {
                endpoint.policy = Some(data(&mut tag)?).filter(|text| !text.trim().is_empty());
            }
            "groupSet" => {
                endpoint.security_groups = items(&mut tag, |item| field(item, "groupId"))?;
            }
            _ => {}
        }
    }
    let is_ours = service.ends_with(".secretsmanager") && kind.eq_ignore_ascii_case("interface");
    Ok(is_ours.then_some(endpoint))
}

pub(super) fn security_group(
    item: &mut ScopedDecoder<'_, '_>,
) -> Result<SecurityGroup, XmlDecodeError> {
    let mut group = SecurityGroup::default();
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "groupId" => group.id = data(&mut tag)?,
            "ipPermissions" => group.ingress = items(&mut tag, rule)?,
            "ipPermissionsEgress" => group.egress = items(&mut tag, rule)?,
            _ => {}
        }
    }
    Ok(group)
}

pub(super) fn network_acl(item: &mut ScopedDecoder<'_, '_>) -> Result<NetworkAcl, XmlDecodeError> {
    let mut acl = NetworkAcl::default();
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "networkAclId" => acl.id = data(&mut tag)?,
            "default" => acl.is_default = data(&mut tag)? == "true",
            "entrySet" => acl.entries = items(&mut tag, acl_entry)?,
            "associationSet" => {
                acl.subnets = items(&mut tag, |item| field(item, "subnetId"))?;
            }
            _ => {}
        }
    }
    Ok(acl)
}

fn acl_entry(item: &mut ScopedDecoder<'_, '_>) -> Result<AclEntry, XmlDecodeError> {
    let mut entry = AclEntry::default();
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "ruleNumber" => entry.number = data(&mut tag)?.parse().unwrap_or(i32::MAX),
            "protocol" => entry.protocol = data(&mut tag)?,
            "ruleAction" => entry.is_allow = data(&mut tag)? == "allow",
            "egress" => entry.is_egress = data(&mut tag)? == "true",
            "cidrBlock" => entry.range = Some(data(&mut tag)?),
            "portRange" => {
                while let Some(mut end) = tag.next_tag() {
                    match end.start_el().local() {
                        "from" => entry.from = data(&mut end)?.parse().ok(),
                        "to" => entry.to = data(&mut end)?.parse().ok(),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Ok(entry)
}

fn rule(item: &mut ScopedDecoder<'_, '_>) -> Result<PortRule, XmlDecodeError> {
    let mut rule = PortRule::default();
    while let Some(mut tag) = item.next_tag() {
        match tag.start_el().local() {
            "ipProtocol" => rule.protocol = data(&mut tag)?,
            "fromPort" => rule.from = data(&mut tag)?.parse().ok(),
            "toPort" => rule.to = data(&mut tag)?.parse().ok(),
            "groups" => rule.groups = items(&mut tag, |item| field(item, "groupId"))?,
            "ipRanges" => rule.ranges = items(&mut tag, |item| field(item, "cidrIp"))?,
            "prefixListIds" => {
                rule.has_prefix_lists =
                    !items(&mut tag, |item| field(item, "prefixListId"))?.is_empty();
            }
            _ => {}
        }
    }
    Ok(rule)
}
