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
