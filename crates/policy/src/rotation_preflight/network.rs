//! Whether a function in a VPC reaches the endpoint of Secrets Manager.

use super::{
    Asked, Found, Preflight,
    function::configuration,
    permissions::{of_function, role},
};
use crate::entitlement::{Answer, RoleCall};
use claviger_domain::remediation::{
    AclAnswer, FunctionNetwork, FunctionVpc, PortRule, RouteTable, VpcEndpoint, covers_range,
    preflight::{PreflightCause as Cause, PreflightResult},
};
use std::collections::BTreeSet;

const ALL: [Cause; 4] =
    [Cause::NetworkPath, Cause::SecurityGroups, Cause::NetworkAcls, Cause::EndpointPolicy];
const HTTPS: (i32, i32) = (443, 443);
/// The ports on which a function's connections end.
const EPHEMERAL: (i32, i32) = (1024, 65_535);
const ANYWHERE: &str = "0.0.0.0/0";

pub(super) fn checks(input: &Preflight<'_>) -> [Found; 4] {
    let every = |result: &PreflightResult| ALL.map(|cause| (cause, result.clone()));
    let asked = match input.asked() {
        Ok(asked) => asked,
        Err(why) => return every(&why),
    };
    let vpc = match configuration(&asked) {
        Ok(found) => found.vpc.as_ref(),
        Err(result) => return every(&result),
    };
    let Some(vpc) = vpc else {
        return every(&PreflightResult::NotApplicable(
            "The function is in no VPC: it reaches AWS's endpoints directly.".to_owned(),
        ));
    };
    let Some(network) = &asked.reading.network else {
        return every(&PreflightResult::Unknown(format!("The VPC {} was not read.", vpc.id)));
    };
    [
        (Cause::NetworkPath, path(vpc, network, input)),
        (Cause::SecurityGroups, security_groups(vpc, network)),
        (Cause::NetworkAcls, network_acls(vpc, network)),
        (Cause::EndpointPolicy, endpoint_policy(input, &asked, network)),
    ]
}

/// The endpoints through which the service's usual name leads.
fn usable(network: &FunctionNetwork) -> Vec<&VpcEndpoint> {
    let all = network.endpoints.iter().flatten();
    all.filter(|one| one.state.eq_ignore_ascii_case("available") && one.has_private_dns).collect()
}

/// Where a subnet's default route leads.
#[derive(Debug, PartialEq, Eq)]
enum DefaultRoute {
    Nat(String),
    /// To a gateway for the internet, which a function has no public address for.
    Internet(String),
    /// Its target is gone.
    Blackhole(String),
    /// Beyond what is read.
    Beyond(String),
    Nowhere,
}

fn default_route(subnet: &str, tables: &[RouteTable]) -> DefaultRoute {
    let own = tables.iter().find(|table| table.subnets.iter().any(|one| one == subnet));
    let Some(table) = own.or_else(|| tables.iter().find(|table| table.is_main)) else {
        return DefaultRoute::Nowhere;
    };
    let Some(route) = table.routes.iter().find(|route| route.destination == ANYWHERE) else {
        return DefaultRoute::Nowhere;
    };
    let target = route.target.clone();
    match target.split('-').next().unwrap_or_default() {
        _ if route.is_blackhole => DefaultRoute::Blackhole(target),
        "nat" => DefaultRoute::Nat(target),
        "igw" => DefaultRoute::Internet(target),
        _ => DefaultRoute::Beyond(target),
    }
}

fn path(vpc: &FunctionVpc, network: &FunctionNetwork, input: &Preflight<'_>) -> PreflightResult {
    if let Some(endpoint) = usable(network).first() {
        return PreflightResult::Passes(format!(
            "The VPC has the interface endpoint {} for Secrets Manager, with private DNS.",
            endpoint.id
        ));
    }
    let unread = |failure: &dyn std::fmt::Display| PreflightResult::Unknown(format!("{failure}."));
    let tables = match &network.route_tables {
        Ok(tables) => tables,
        Err(failure) => return unread(failure),
    };
    let ways: Vec<(&str, DefaultRoute)> =
        vpc.subnets.iter().map(|subnet| (subnet.as_str(), default_route(subnet, tables))).collect();
    let bad = ways.iter().find_map(|(subnet, way)| {
        let why = match way {
            DefaultRoute::Nat(_) | DefaultRoute::Beyond(_) => return None,
            DefaultRoute::Nowhere => "has no default route".to_owned(),
            DefaultRoute::Blackhole(target) => format!("has a default route to {target}, which is gone"),
            DefaultRoute::Internet(target) => format!(
                "has a default route to the internet gateway {target}, and a function has no public address"
            ),
        };
        Some(format!("The subnet {subnet} {why}"))
    });
    if let Some(why) = bad {
        // An endpoint that was not read may still be there.
        return match &network.endpoints {
            Err(failure) => unread(failure),
            Ok(endpoints) => no_path(vpc, &why, endpoints, input),
        };
    }
    let beyond = ways.iter().find_map(|(subnet, way)| match way {
        DefaultRoute::Beyond(target) => Some((*subnet, target)),
        _ => None,
    });
    match (beyond, ways.first()) {
        (Some((subnet, target)), _) => PreflightResult::Unknown(format!(
            "The default route of subnet {subnet} leads to {target}, beyond this VPC: Claviger does not read further."
        )),
        (None, Some((_, DefaultRoute::Nat(nat)))) => PreflightResult::Passes(format!(
            "Every subnet of the function has a default route to a NAT gateway ({nat})."
        )),
        (None, _) => PreflightResult::Unknown("The function names no subnet.".to_owned()),
    }
}

fn no_path(
    vpc: &FunctionVpc,
    why: &str,
    endpoints: &[VpcEndpoint],
    input: &Preflight<'_>,
) -> PreflightResult {
    let fix = format!(
        "Create an interface endpoint for com.amazonaws.{}.secretsmanager with private DNS in {}, or route the subnet through a NAT gateway.",
        input.region, vpc.id
    );
    match endpoints.first() {
        Some(endpoint) if endpoint.state.eq_ignore_ascii_case("available") => {
            PreflightResult::warns(
                format!(
                    "{why}. The interface endpoint {} has no private DNS: the function reaches it only by the endpoint's own name.",
                    endpoint.id
                ),
                "Enable private DNS of the endpoint, or set its name in the function.",
            )
        }
        Some(endpoint) => PreflightResult::fails(
            format!("{why}, and the endpoint {} is {}.", endpoint.id, endpoint.state),
            fix,
        ),
        None => PreflightResult::fails(
            format!("{why}, and {} has no endpoint for Secrets Manager.", vpc.id),
            fix,
        ),
    }
}

/// The address blocks of the VPC: every route table has a local route for each.
fn vpc_blocks(network: &FunctionNetwork) -> BTreeSet<&str> {
    let routes = network.route_tables.iter().flatten().flat_map(|table| &table.routes);
    routes
        .filter(|route| route.target == "local" && !route.destination.contains(':'))
        .map(|route| route.destination.as_str())
        .collect()
}

fn security_groups(vpc: &FunctionVpc, network: &FunctionNetwork) -> PreflightResult {
    let groups = match &network.security_groups {
        Ok(groups) => groups,
        Err(failure) => return PreflightResult::Unknown(format!("{failure}.")),
    };
    let of = |ids: &[String]| groups.iter().filter(|one| ids.contains(&one.id)).collect::<Vec<_>>();
    let own = of(&vpc.security_groups);
    if own.is_empty() {
        return PreflightResult::Unknown(
            "The function's security groups were not found.".to_owned(),
        );
    }
    if !own.iter().flat_map(|group| &group.egress).any(PortRule::is_https) {
        return PreflightResult::fails(
            format!(
                "The function's security groups ({}) allow no outbound HTTPS.",
                vpc.security_groups.join(", ")
            ),
            "Allow outbound TCP 443.",
        );
    }
    let usable = usable(network);
    let Some(endpoint) = usable.first() else {
        return match &network.endpoints {
            Err(failure) => PreflightResult::Unknown(format!("{failure}.")),
            Ok(_) => PreflightResult::Passes(
                "The function's security groups allow outbound HTTPS.".to_owned(),
            ),
        };
    };
    let theirs = of(&endpoint.security_groups);
    let rules = theirs.iter().flat_map(|group| &group.ingress).filter(|rule| rule.is_https());
    let blocks = vpc_blocks(network);
    let (mut admits, mut may_admit) = (false, false);
    for rule in rules {
        let covers = |block: &&str| rule.ranges.iter().any(|range| covers_range(range, block));
        admits |= rule.groups.iter().any(|group| vpc.security_groups.contains(group))
            || (!blocks.is_empty() && blocks.iter().all(covers));
        may_admit |= rule.has_prefix_lists || !rule.ranges.is_empty();
    }
    let id = &endpoint.id;
    match (admits, may_admit) {
        (true, _) => PreflightResult::Passes(format!(
            "The function's security groups allow outbound HTTPS, and those of {id} admit them."
        )),
        (false, true) => PreflightResult::Unknown(format!(
            "The security groups of {id} admit HTTPS from some addresses, not from the whole VPC: the addresses of the function's subnets are not read."
        )),
        (false, false) => PreflightResult::fails(
            format!("The security groups of the endpoint {id} admit no HTTPS from the function."),
            "Allow inbound TCP 443 from the function's security group.",
        ),
    }
}

/// Whether the ACLs of the function's subnets let a request out and its response in. Those of an endpoint's subnets are not read.
fn network_acls(vpc: &FunctionVpc, network: &FunctionNetwork) -> PreflightResult {
    let acls = match &network.network_acls {
        Ok(acls) => acls,
        Err(failure) => return PreflightResult::Unknown(format!("{failure}.")),
    };
    // With an endpoint the other side is in the VPC; otherwise it may be any address of AWS.
    let blocks = vpc_blocks(network);
    let other_side: Vec<&str> = match usable(network).first() {
        Some(_) if !blocks.is_empty() => blocks.into_iter().collect(),
        _ => vec![ANYWHERE],
    };
    let mut unknown = None;
    for subnet in &vpc.subnets {
        let own = acls.iter().find(|acl| acl.subnets.contains(subnet));
        let Some(acl) = own.or_else(|| acls.iter().find(|acl| acl.is_default)) else {
            return PreflightResult::Unknown(format!(
                "The network ACL of the subnet {subnet} was not found."
            ));
        };
        for (is_egress, ports, what, fix) in [
            (true, HTTPS, "outbound TCP 443", "Allow outbound TCP 443 in the network ACL."),
            (
                false,
                EPHEMERAL,
                "inbound TCP 1024 to 65535, on which the responses come",
                "Network ACLs keep no state: allow inbound TCP 1024 to 65535 as well.",
            ),
        ] {
            let answers: Vec<AclAnswer> =
                other_side.iter().map(|block| acl.answer(is_egress, ports, block)).collect();
            if answers.iter().all(|answer| *answer == AclAnswer::Denies) {
                return PreflightResult::fails(
                    format!("The network ACL {} of the subnet {subnet} denies {what}.", acl.id),
                    fix,
                );
            }
            if answers.iter().any(|answer| *answer != AclAnswer::Allows) {
                unknown.get_or_insert_with(|| {
                    format!(
                        "The network ACL {} of the subnet {subnet} allows {what}, only in part: for some addresses or ports.",
                        acl.id
                    )
                });
            }
        }
    }
    match unknown {
        Some(why) => PreflightResult::Unknown(why),
        None => PreflightResult::Passes(
            "The network ACLs of the function's subnets let HTTPS out and its responses in."
                .to_owned(),
        ),
    }
}

/// What the function calls through the endpoint.
const CALLED: [&str; 4] = [
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
];

fn endpoint_policy(
    input: &Preflight<'_>,
    asked: &Asked<'_>,
    network: &FunctionNetwork,
) -> PreflightResult {
    if let Err(failure) = &network.endpoints {
        return PreflightResult::Unknown(format!("{failure}."));
    }
    let usable = usable(network);
    let Some(endpoint) = usable.first() else {
        return PreflightResult::NotApplicable("No endpoint takes part.".to_owned());
    };
    let Some(policy) = &endpoint.policy else {
        return PreflightResult::Unknown(format!("AWS returned no policy for {}.", endpoint.id));
    };
    let role = match role(input, asked) {
        Ok(role) => role,
        Err(why) => return why,
    };
    let known = of_function(asked);
    let call = RoleCall {
        role: &role,
        resource: input.resource,
        accounts: input.accounts,
        known: &known,
        now: input.now,
    };
    let (mut refused, mut unknown) = (BTreeSet::new(), BTreeSet::new());
    for action in CALLED {
        let way = call.through_endpoint(policy, action);
        match way.answer {
            Answer::Can => {}
            Answer::Cannot => {
                refused.insert(action);
            }
            Answer::Conditional => unknown.extend(way.conditions),
            Answer::Unknown => unknown.extend(way.not_read),
        }
    }
    let list = |all: BTreeSet<&str>| all.into_iter().collect::<Vec<_>>().join(", ");
    if !refused.is_empty() {
        return PreflightResult::fails(
            format!(
                "The policy of the endpoint {} does not let the role call {}.",
                endpoint.id,
                list(refused)
            ),
            "Allow the role and the secret in the endpoint's policy.",
        );
    }
    if !unknown.is_empty() {
        let all: Vec<String> = unknown.into_iter().collect();
        return PreflightResult::Unknown(format!("It depends on {}.", all.join("; ")));
    }
    PreflightResult::Passes(format!("The policy of {} lets the role through.", endpoint.id))
}
