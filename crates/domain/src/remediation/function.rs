//! What AWS says about a rotation function, as the pre-flight of a rotation reads it. Never its environment variables.

use crate::{accounts::readiness::ReadFailure, ids::Region};
use std::net::Ipv4Addr;

/// The ARN of a Lambda function, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionArn {
    /// Without the qualifier.
    pub arn: String,
    pub partition: String,
    pub region: String,
    pub account: String,
    pub name: String,
    /// A version or an alias.
    pub qualifier: Option<String>,
}

impl FunctionArn {
    /// `arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]`; `None` if the text is no such ARN.
    pub fn read(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split(':').collect();
        let (head, qualifier) = match parts.as_slice() {
            [head @ .., qualifier] if parts.len() == 8 => (head, Some(*qualifier)),
            head => (head, None),
        };
        let ["arn", partition, "lambda", region, account, "function", name] = head else {
            return None;
        };
        let is_word = |text: &str, longest: usize| {
            !text.is_empty()
                && text.len() <= longest
                && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_$".contains(c))
        };
        let is_account = account.len() == 12 && account.chars().all(|c| c.is_ascii_digit());
        let is_whole = is_account
            && region.parse::<Region>().is_ok()
            && is_word(partition, 20)
            && is_word(name, 64)
            && qualifier.is_none_or(|text| is_word(text, 128));
        is_whole.then(|| Self {
            arn: head.join(":"),
            partition: (*partition).to_owned(),
            region: (*region).to_owned(),
            account: (*account).to_owned(),
            name: (*name).to_owned(),
            qualifier: qualifier.map(ToOwned::to_owned),
        })
    }

    /// As it was written.
    pub fn qualified(&self) -> String {
        match &self.qualifier {
            Some(qualifier) => format!("{}:{qualifier}", self.arn),
            None => self.arn.clone(),
        }
    }
}

/// What was read of a function. Each call has its own outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionReading {
    /// `GetFunctionConfiguration`; `None` if there is no such function.
    pub configuration: Result<Option<FunctionConfiguration>, ReadFailure>,
    /// `GetPolicy`: the document; `None` if the function has no policy.
    pub policy: Result<Option<String>, ReadFailure>,
    /// Of a function in a VPC.
    pub network: Option<FunctionNetwork>,
}

/// `GetFunctionConfiguration`, without what the function is configured with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionConfiguration {
    /// `Pending`, `Active`, `Inactive` or `Failed`; `None` if AWS returns none.
    pub state: Option<String>,
    pub state_reason: Option<String>,
    /// `Successful`, `Failed` or `InProgress`.
    pub last_update: Option<String>,
    pub last_update_reason: Option<String>,
    /// The ARN of its execution role.
    pub role: String,
    pub runtime: Option<String>,
    pub vpc: Option<FunctionVpc>,
}

/// Where a function runs in a VPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionVpc {
    pub id: String,
    pub subnets: Vec<String>,
    pub security_groups: Vec<String>,
}

/// What leads out of a function's subnets. Each call has its own outcome.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionNetwork {
    /// `DescribeRouteTables` of the VPC.
    pub route_tables: Result<Vec<RouteTable>, ReadFailure>,
    /// `DescribeVpcEndpoints` for Secrets Manager in the VPC.
    pub endpoints: Result<Vec<VpcEndpoint>, ReadFailure>,
    /// `DescribeSecurityGroups` of the VPC.
    pub security_groups: Result<Vec<SecurityGroup>, ReadFailure>,
    /// `DescribeNetworkAcls` of the VPC.
    pub network_acls: Result<Vec<NetworkAcl>, ReadFailure>,
}

/// A route table of a VPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteTable {
    pub id: String,
    /// Whether it applies to subnets without a route table of their own.
    pub is_main: bool,
    pub subnets: Vec<String>,
    pub routes: Vec<Route>,
}

/// A route.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Route {
    /// A CIDR block or a prefix list.
    pub destination: String,
    /// Such as `nat-0123` or `igw-0123`; `local` within the VPC.
    pub target: String,
    /// Whether the target is gone.
    pub is_blackhole: bool,
}

/// An interface endpoint for Secrets Manager.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VpcEndpoint {
    pub id: String,
    /// `available`, or another state.
    pub state: String,
    /// Whether the service's usual name leads to it.
    pub has_private_dns: bool,
    pub security_groups: Vec<String>,
    /// Its policy; `None` if AWS returns none.
    pub policy: Option<String>,
}

/// A security group with the rules that may concern HTTPS.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityGroup {
    pub id: String,
    pub ingress: Vec<PortRule>,
    pub egress: Vec<PortRule>,
}

/// A network ACL of a VPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NetworkAcl {
    pub id: String,
    /// Whether it applies to subnets without an ACL of their own.
    pub is_default: bool,
    pub subnets: Vec<String>,
    pub entries: Vec<AclEntry>,
}

/// An entry of a network ACL. The one with the lowest number that fits decides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AclEntry {
    pub number: i32,
    pub is_egress: bool,
    pub is_allow: bool,
    /// A number, such as `6` for TCP; `-1` for all.
    pub protocol: String,
    /// Both `None` for all ports.
    pub from: Option<i32>,
    pub to: Option<i32>,
    /// The CIDR block of IPv4 on the other side; `None` of an entry for IPv6.
    pub range: Option<String>,
}

/// What a network ACL does with a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AclAnswer {
    Allows,
    Denies,
    /// Some ports or addresses of it only.
    Partly,
}

impl NetworkAcl {
    /// What it does with TCP between its subnets and the addresses of a block, for ports of the receiving side.
    pub fn answer(&self, is_egress: bool, ports: (i32, i32), other_side: &str) -> AclAnswer {
        let mut entries: Vec<&AclEntry> = self
            .entries
            .iter()
            .filter(|entry| entry.is_egress == is_egress && entry.overlaps(ports, other_side))
            .collect();
        entries.sort_by_key(|entry| entry.number);
        let (mut some_allow, mut some_deny) = (false, false);
        for entry in entries {
            if !entry.covers(ports, other_side) {
                some_allow |= entry.is_allow;
                some_deny |= !entry.is_allow;
                continue;
            }
            return match (entry.is_allow, some_allow, some_deny) {
                (true, _, false) => AclAnswer::Allows,
                (false, false, _) => AclAnswer::Denies,
                _ => AclAnswer::Partly,
            };
        }
        // AWS denies what no entry is about.
        if some_allow { AclAnswer::Partly } else { AclAnswer::Denies }
    }
}

impl AclEntry {
    fn is_tcp(&self) -> bool {
        matches!(self.protocol.as_str(), "-1" | "6" | "tcp")
    }

    /// All ports, where the entry is about every protocol.
    fn ports(&self) -> (i32, i32) {
        match (self.protocol.as_str(), self.from, self.to) {
            ("-1", ..) => (0, 65_535),
            (_, from, to) => (from.unwrap_or(0), to.unwrap_or(65_535)),
        }
    }

    fn overlaps(&self, (first, last): (i32, i32), other_side: &str) -> bool {
        let (from, to) = self.ports();
        let is_near =
            |range: &String| covers_range(range, other_side) || covers_range(other_side, range);
        self.is_tcp() && from <= last && first <= to && self.range.as_ref().is_some_and(is_near)
    }

    fn covers(&self, (first, last): (i32, i32), other_side: &str) -> bool {
        let (from, to) = self.ports();
        from <= first
            && last <= to
            && self.range.as_ref().is_some_and(|range| covers_range(range, other_side))
    }
}

/// A rule of a security group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PortRule {
    /// `tcp`, `-1` for all, or another.
    pub protocol: String,
    /// Both `None` for all ports.
    pub from: Option<i32>,
    pub to: Option<i32>,
    /// The security groups on the other side.
    pub groups: Vec<String>,
    /// The CIDR blocks of IPv4 on the other side.
    pub ranges: Vec<String>,
    /// Whether prefix lists are on the other side, whose addresses are not read.
    pub has_prefix_lists: bool,
}

impl PortRule {
    /// Whether it lets HTTPS through.
    pub fn is_https(&self) -> bool {
        let in_range = self.from.is_none_or(|from| from <= 443)
            && self.to.is_none_or(|to| to >= 443 || to == -1);
        self.protocol == "-1" || (matches!(self.protocol.as_str(), "tcp" | "6") && in_range)
    }
}

/// Whether a CIDR block of IPv4 covers another; `false` if one is no such block.
pub fn covers_range(outer: &str, inner: &str) -> bool {
    let read = |text: &str| -> Option<(u32, u32)> {
        let (address, bits) = text.split_once('/')?;
        let address: Ipv4Addr = address.parse().ok()?;
        let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
        Some((u32::from(address), bits))
    };
    let (Some((outer, wide)), Some((inner, narrow))) = (read(outer), read(inner)) else {
        return false;
    };
    let mask = u32::MAX.checked_shl(32 - wide).unwrap_or(0);
    wide <= narrow && outer & mask == inner & mask
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_covers_what_lies_in_it() {
        assert!(covers_range("0.0.0.0/0", "10.0.0.0/16"));
        assert!(covers_range("10.0.0.0/8", "10.1.0.0/16"));
        assert!(covers_range("10.0.0.0/16", "10.0.0.0/16"));
        assert!(!covers_range("10.0.0.0/24", "10.0.0.0/16"));
        assert!(!covers_range("10.1.0.0/16", "10.0.0.0/16"));
        assert!(!covers_range("::/0", "10.0.0.0/16"));
    }

    #[test]
    fn the_lowest_entry_of_a_network_acl_that_fits_decides() {
        use AclAnswer::{Allows, Denies, Partly};
        const ALL: &str = "0.0.0.0/0";
        let entry = |number, is_allow, protocol: &str, ports: Option<(i32, i32)>, range: &str| {
            let (from, to) = ports.unzip();
            let (protocol, range) = (protocol.to_owned(), Some(range.to_owned()));
            AclEntry { number, is_egress: true, is_allow, protocol, from, to, range }
        };
        let answer = |entries: &[AclEntry], range: &str| {
            let acl = NetworkAcl { entries: entries.to_vec(), ..NetworkAcl::default() };
            acl.answer(true, (443, 443), range)
        };
        let last = entry(32_767, false, "-1", None, ALL);
        assert_eq!(answer(&[entry(100, true, "-1", None, ALL), last.clone()], ALL), Allows);
        assert_eq!(answer(std::slice::from_ref(&last), ALL), Denies);
        assert_eq!(answer(&[], ALL), Denies);
        let https = Some((443, 443));
        let deny = entry(90, false, "6", https, ALL);
        assert_eq!(answer(&[entry(100, true, "-1", None, ALL), deny.clone()], ALL), Denies);
        assert_eq!(answer(&[entry(80, true, "-1", None, ALL), deny], ALL), Allows, "by number");
        // Of another protocol, port or direction.
        assert_eq!(answer(&[entry(1, true, "17", https, ALL)], ALL), Denies);
        assert_eq!(answer(&[entry(1, true, "6", Some((80, 80)), ALL)], ALL), Denies);
        let inbound = AclEntry { is_egress: false, ..entry(1, true, "6", https, ALL) };
        assert_eq!(answer(&[inbound], ALL), Denies);
        // A part of the addresses or ports.
        let part = entry(1, true, "6", https, "10.0.0.0/16");
        assert_eq!(answer(&[part.clone(), last.clone()], ALL), Partly);
        assert_eq!(answer(&[part, last], "10.0.0.0/16"), Allows);
        let acl = NetworkAcl {
            entries: vec![entry(1, true, "6", Some((32_768, 65_535)), ALL)],
            ..NetworkAcl::default()
        };
        assert_eq!(acl.answer(true, (1024, 65_535), ALL), Partly);
    }

    #[test]
    fn an_arn_of_a_function_is_taken_apart() {
        let arn = "arn:aws:lambda:eu-west-1:111122223333:function:rotate-db";
        let read = FunctionArn::read(arn).unwrap();
        assert_eq!((read.name.as_str(), read.qualifier.as_deref()), ("rotate-db", None));
        let alias = FunctionArn::read(&format!("{arn}:live")).unwrap();
        assert_eq!((alias.arn.as_str(), alias.qualifier.as_deref()), (arn, Some("live")));
        assert_eq!(alias.qualified(), format!("{arn}:live"));
        for wrong in [
            "rotate-db",
            "arn:aws:lambda:eu-west-1:111122223333:layer:rotate-db",
            "arn:aws:lambda:eu-west-1:1111:function:rotate-db",
            "arn:aws:lambda:nowhere!:111122223333:function:rotate-db",
            "arn:aws:lambda:eu-west-1:111122223333:function:",
            "arn:aws:lambda:eu-west-1:111122223333:function:a/../b",
            "arn:aws:lambda:eu-west-1:111122223333:function:a:",
            "arn:aws:lambda:eu-west-1:111122223333:function:a:b:c",
        ] {
            assert_eq!(FunctionArn::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_rule_lets_https_through_by_its_protocol_and_ports() {
        let rule = |protocol: &str, from, to| PortRule {
            protocol: protocol.into(),
            from,
            to,
            ..PortRule::default()
        };
        assert!(rule("-1", None, None).is_https());
        assert!(rule("tcp", Some(443), Some(443)).is_https());
        assert!(rule("tcp", Some(0), Some(65535)).is_https());
        assert!(!rule("tcp", Some(5432), Some(5432)).is_https());
        assert!(!rule("udp", Some(443), Some(443)).is_https());
    }
}
