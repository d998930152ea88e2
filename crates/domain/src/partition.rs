//! AWS partitions: groups of Regions with their own ARNs, host names and identities.

use crate::ids::{Arn, Region};
use std::{fmt, str::FromStr};

/// Such as `aws`, `aws-us-gov` or `aws-cn`: the second part of every ARN.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(String);

/// The prefix of a partition's Region codes, its name, and its host names.
struct Known {
    regions: &'static [&'static str],
    name: &'static str,
    /// The suffix of endpoints and of `kms:ViaService`.
    dns_suffix: &'static str,
    console: &'static str,
    sign_in: &'static str,
}

const COMMERCIAL: Known = Known {
    regions: &[],
    name: "aws",
    dns_suffix: "amazonaws.com",
    console: "console.aws.amazon.com",
    sign_in: "signin.aws.amazon.com",
};

const OTHERS: &[Known] = &[
    Known {
        regions: &["cn-"],
        name: "aws-cn",
        dns_suffix: "amazonaws.com.cn",
        console: "console.amazonaws.cn",
        sign_in: "signin.amazonaws.cn",
    },
    Known {
        regions: &["us-gov-"],
        name: "aws-us-gov",
        dns_suffix: "amazonaws.com",
        console: "console.amazonaws-us-gov.com",
        sign_in: "signin.amazonaws-us-gov.com",
    },
    Known {
        regions: &["eusc-"],
        name: "aws-eusc",
        dns_suffix: "amazonaws.eu",
        console: "console.amazonaws-eusc.eu",
        sign_in: "signin.amazonaws-eusc.eu",
    },
    Known {
        regions: &["us-iso-"],
        name: "aws-iso",
        dns_suffix: "c2s.ic.gov",
        console: "console.c2shome.ic.gov",
        sign_in: "signin.c2shome.ic.gov",
    },
    Known {
        regions: &["us-isob-"],
        name: "aws-iso-b",
        dns_suffix: "sc2s.sgov.gov",
        console: "console.sc2shome.sgov.gov",
        sign_in: "signin.sc2shome.sgov.gov",
    },
];

impl Partition {
    /// The partition of a Region's code; `aws` if the code does not show another.
    pub fn of_region(region: &Region) -> Self {
        Self::of_code(region.as_str())
    }

    /// The same for the code of a Region that is written in the source.
    pub(crate) fn of_code(code: &str) -> Self {
        let known = OTHERS.iter().find(|p| p.regions.iter().any(|start| code.starts_with(start)));
        Self(known.unwrap_or(&COMMERCIAL).name.to_owned())
    }

    /// The partition of an ARN, such as the caller's identity.
    pub fn of_arn(arn: &Arn) -> Self {
        Self(arn.partition().to_owned())
    }

    /// As in ARNs.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The suffix of its services' host names, and of `kms:ViaService`.
    pub fn dns_suffix(&self) -> &'static str {
        self.known().dns_suffix
    }

    /// The AWS console's host, without the Region prefix.
    pub fn console_host(&self) -> &'static str {
        self.known().console
    }

    /// The host of the AWS console's sign-in for federated sessions.
    pub fn sign_in_host(&self) -> &'static str {
        self.known().sign_in
    }

    fn known(&self) -> &'static Known {
        OTHERS.iter().find(|known| known.name == self.0).unwrap_or(&COMMERCIAL)
    }
}

impl FromStr for Partition {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_name = |c: u8| c.is_ascii_lowercase() || c == b'-';
        let begins = text == "aws" || text.starts_with("aws-");
        if begins && text.len() > 2 && !text.ends_with('-') && text.bytes().all(is_name) {
            Ok(Self(text.to_owned()))
        } else {
            Err("a partition such as aws, aws-us-gov or aws-cn")
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("eu-west-1", "aws", "amazonaws.com", "console.aws.amazon.com")]
    #[case("us-gov-west-1", "aws-us-gov", "amazonaws.com", "console.amazonaws-us-gov.com")]
    #[case("cn-north-1", "aws-cn", "amazonaws.com.cn", "console.amazonaws.cn")]
    #[case("cn-northwest-1", "aws-cn", "amazonaws.com.cn", "console.amazonaws.cn")]
    #[case("eusc-de-east-1", "aws-eusc", "amazonaws.eu", "console.amazonaws-eusc.eu")]
    fn a_region_belongs_to_its_partition(
        #[case] region: &str,
        #[case] name: &str,
        #[case] suffix: &str,
        #[case] console: &str,
    ) {
        let partition = Partition::of_region(&region.parse().unwrap());
        assert_eq!(
            (partition.as_str(), partition.dns_suffix(), partition.console_host()),
            (name, suffix, console)
        );
        let arn: Arn = format!("arn:{name}:iam::111122223333:role/hub").parse().unwrap();
        assert_eq!(Partition::of_arn(&arn), partition);
    }

    #[rstest]
    #[case("aws", true)]
    #[case("aws-us-gov", true)]
    #[case("gcp", false)]
    #[case("aws-", false)]
    #[case("aws:x", false)]
    fn partitions_are_named_as_aws_does(#[case] text: &str, #[case] valid: bool) {
        assert_eq!(text.parse::<Partition>().is_ok(), valid);
    }
}
