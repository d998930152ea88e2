//! Why an account could not be scanned, and what to do.

use claviger_aws::{AwsError, OwnAccountError};
use claviger_domain::{ids::Region, scan::RegionScanFault};
use std::{io, path::PathBuf};

#[derive(Debug, thiserror::Error)]
pub(super) enum ScanError {
    #[error("{0}")]
    Account(#[from] OwnAccountError),
    #[error("{what}. {to_do}\n  AWS SDK: {detail}")]
    Aws { what: &'static str, to_do: String, detail: String },
    #[error("the policies cannot be used: {0}")]
    Policy(String),
    #[error("the root certificates cannot be used: {0}")]
    Certificates(String),
    #[error("{0}")]
    Region(String),
    #[error("{0}")]
    Format(String),
    #[error("{} cannot be written ({reason}). Choose another file with --output", path.display())]
    Output { path: PathBuf, reason: io::Error },
    #[error("standard output cannot be written: {0}")]
    Stdout(io::Error),
    #[error("the result cannot be written: {0}")]
    Render(String),
    #[error("nothing could be read, so there is no result and no file was written")]
    NothingRead,
    #[error("interrupted; no file was written")]
    Interrupted,
}

impl ScanError {
    /// The first call failed: nobody is signed in, or AWS cannot be reached.
    pub(super) fn of_aws(error: &AwsError, profile: Option<&str>) -> Self {
        let detail = error.detail.clone();
        let sign_in = profile.map_or_else(
            || "aws sso login".to_owned(),
            |profile| format!("aws sso login --profile {profile}"),
        );
        let is_sso = detail.contains("SSO") || detail.contains("sso");
        let (what, to_do) = match (error.fault, error.code.as_deref()) {
            (RegionScanFault::NoCredentials, None) if is_sso => (
                "the sign-in to IAM Identity Center is missing or has expired",
                format!("Run `{sign_in}`, then scan again"),
            ),
            (RegionScanFault::NoCredentials, None) => (
                "there are no usable AWS credentials",
                "Name a profile with --profile, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
                    .to_owned(),
            ),
            (RegionScanFault::NoCredentials, Some("ExpiredToken" | "ExpiredTokenException")) => {
                ("the AWS session has expired", "Sign in again, then repeat the scan".to_owned())
            }
            (RegionScanFault::NoCredentials, Some(_)) => (
                "AWS does not accept the credentials",
                "Check the access key, the session token and the clock of this machine".to_owned(),
            ),
            (RegionScanFault::Unreachable, _) => (
                "AWS cannot be reached",
                "Check the Region's name, the network and the proxy".to_owned(),
            ),
            _ => ("AWS did not answer sts:GetCallerIdentity", "Check the error".to_owned()),
        };
        Self::Aws { what, to_do, detail }
    }

    /// A Region that does not exist, or that is not enabled.
    pub(super) fn region(unknown: &Region, enabled: &[Region]) -> Self {
        let near = enabled
            .iter()
            .map(|region| (strsim::damerau_levenshtein(region.as_str(), unknown.as_str()), region))
            .min()
            .filter(|(distance, _)| *distance <= 3)
            .map(|(_, region)| format!(" Did you mean {region}?"))
            .unwrap_or_default();
        let known: Vec<&str> = enabled.iter().map(Region::as_str).collect();
        Self::Region(format!(
            "the Region {unknown} does not exist or is not enabled in the account.{near} Enabled are {}",
            known.join(", ")
        ))
    }
}
