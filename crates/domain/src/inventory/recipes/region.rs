//! Where a recipe cannot work, because AWS does not have the service there.

use crate::{ids::Region, partition::Partition};

/// The layer of the AWS Parameters and Secrets Lambda Extension for `x86_64`: Region, account and version, as the AWS CDK's facts
/// about Regions have them. `cargo xtask test --only recipes` compares them.
const EXTENSION: [(&str, &str, u8); 30] = [
    ("af-south-1", "317013901791", 4),
    ("ap-east-1", "768336418462", 4),
    ("ap-northeast-1", "133490724326", 4),
    ("ap-northeast-2", "738900069198", 4),
    ("ap-northeast-3", "576959938190", 4),
    ("ap-south-1", "176022468876", 4),
    ("ap-south-2", "070087711984", 1),
    ("ap-southeast-1", "044395824272", 4),
    ("ap-southeast-2", "665172237481", 4),
    ("ap-southeast-3", "490737872127", 4),
    ("ca-central-1", "200266452380", 4),
    ("cn-north-1", "287114880934", 4),
    ("cn-northwest-1", "287310001119", 4),
    ("eu-central-1", "187925254637", 4),
    ("eu-central-2", "772501565639", 1),
    ("eu-north-1", "427196147048", 4),
    ("eu-south-1", "325218067255", 4),
    ("eu-south-2", "524103009944", 1),
    ("eu-west-1", "015030872274", 4),
    ("eu-west-2", "133256977650", 4),
    ("eu-west-3", "780235371811", 4),
    ("me-central-1", "858974508948", 4),
    ("me-south-1", "832021897121", 4),
    ("sa-east-1", "933737806257", 4),
    ("us-east-1", "177933569100", 4),
    ("us-east-2", "590474943231", 4),
    ("us-gov-east-1", "129776340158", 4),
    ("us-gov-west-1", "127562683043", 4),
    ("us-west-1", "997803712105", 4),
    ("us-west-2", "345057560386", 4),
];

/// Regions with Secrets Manager in which `CodeBuild` has no endpoint, in the list that botocore ships.
/// `cargo xtask test --only recipes` compares them.
const NO_CODEBUILD: [&str; 5] =
    ["ap-east-2", "ca-west-1", "eu-isoe-west-1", "mx-central-1", "us-isob-west-1"];

/// The ARN of the extension's layer; `None` in a Region for which none is known.
pub(super) fn extension_layer(region: &Region) -> Option<String> {
    extension_layers().into_iter().find(|(own, _)| *own == region.as_str()).map(|(_, arn)| arn)
}

/// Every Region with the ARN of its layer.
pub fn extension_layers() -> Vec<(&'static str, String)> {
    let arn = |(region, account, version): &(&'static str, &str, u8)| {
        let partition = Partition::of_code(region);
        let layer = "AWS-Parameters-and-Secrets-Lambda-Extension";
        (*region, format!("arn:{partition}:lambda:{region}:{account}:layer:{layer}:{version}"))
    };
    EXTENSION.iter().map(arn).collect()
}

/// The Regions without `CodeBuild`.
pub fn without_codebuild() -> &'static [&'static str] {
    &NO_CODEBUILD
}

pub(super) fn is_without_codebuild(region: &Region) -> bool {
    NO_CODEBUILD.contains(&region.as_str())
}
