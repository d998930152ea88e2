//! The small model world of the random policies: its callers, and their possible values for each key.

use super::super::plain_evaluator::Who;
use time::OffsetDateTime;

pub(crate) const ARN: &str = "arn:aws:secretsmanager:eu-west-1:441205839201:secret:a-AbCdEf";
pub(crate) const OWN: &str = "441205839201";
pub(crate) const SISTER: &str = "458812704336";
/// An account outside that policies name.
pub(crate) const STRANGER: &str = "773100984412";
pub(crate) const NOW: OffsetDateTime = time::macros::datetime!(2026-11-24 12:00 UTC);
const NOW_TEXT: &str = "2026-11-24T12:00:00Z";

const fn who(
    account: &'static str,
    arn: &'static str,
    organization: &'static str,
    path: &'static str,
) -> Who {
    Who { account, arn, organization, path, service: "" }
}

/// Callers that no policy names: in no Organization, and in their own.
pub(crate) const OUTSIDERS: [Who; 3] = [
    who("250000000052", "arn:aws:iam::250000000052:role/deploy", "", ""),
    who(
        "250000000052",
        "arn:aws:iam::250000000052:user/mallory",
        "o-far",
        "o-far/r-far1/ou-far1-x/",
    ),
    who("260000000062", "arn:aws:iam::260000000062:role/app-far", "o-far", "o-far/r-far1/ou-prod/"),
];
pub(crate) const STRANGERS: [Who; 2] = [
    who(STRANGER, "arn:aws:iam::773100984412:role/etl", "", ""),
    who(STRANGER, "arn:aws:iam::773100984412:user/deploy", "o-other", "o-other/r-b/ou-b-1/"),
];
pub(crate) const SISTERS: [Who; 2] = [
    who(SISTER, "arn:aws:iam::458812704336:role/etl", "o-ours", "o-ours/r-a/ou-prod/"),
    who(SISTER, "arn:aws:iam::458812704336:role/other", "o-ours", "o-ours/r-a/ou-test/"),
];

const TEXT: &[&str] = &[
    "StringEquals",
    "StringNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
];
const ARNS: &[&str] = &[
    "ArnLike",
    "ArnNotLike",
    "ArnEquals",
    "ArnNotEquals",
    "StringLike",
    "StringNotLike",
    "StringEquals",
];
const BOOL: &[&str] = &["Bool"];
const IPS: &[&str] = &["IpAddress", "NotIpAddress"];
const DATES: &[&str] = &["DateGreaterThan", "DateLessThan"];
const NUMBERS: &[&str] = &["NumericLessThan", "NumericGreaterThan"];
pub(crate) const TRUTHS: &[&str] = &["true", "false"];

/// Keys with the operators and values that these policies use.
pub(crate) const KEYS: &[(&str, &[&str], &[&str])] = &[
    ("aws:PrincipalOrgID", TEXT, &["o-ours", "o-other", "o-*", "*", "o-our?"]),
    (
        "aws:PrincipalOrgPaths",
        TEXT,
        &["o-ours/*", "o-ours/r-a/ou-prod/*", "o-other/r-b/*", "o-*/r-a/*", "*/ou-prod/", "*"],
    ),
    ("aws:PrincipalAccount", TEXT, &[OWN, SISTER, STRANGER, "25*", "4*", "*", "77310098441?"]),
    (
        "aws:PrincipalArn",
        ARNS,
        &[
            "arn:aws:iam::441205839201:role/app",
            "arn:aws:iam::458812704336:role/etl",
            "arn:aws:iam::458812704336:*",
            "arn:aws:iam::773100984412:role/*",
            "arn:aws:iam::*:role/deploy",
            "arn:aws:iam::*:role/app-*",
            "arn:*:iam::*:user/*",
            "*",
        ],
    ),
    ("aws:PrincipalTag/team", TEXT, &["payments", "pay*", "${aws:PrincipalTag/x}"]),
    ("aws:PrincipalIsAWSService", BOOL, TRUTHS),
    ("aws:PrincipalServiceName", TEXT, &["lambda.amazonaws.com", "*.amazonaws.com"]),
    ("aws:SourceAccount", TEXT, &[OWN, SISTER, STRANGER, "25*"]),
    (
        "aws:SourceArn",
        ARNS,
        &[
            "arn:aws:sns:eu-west-1:441205839201:t",
            "arn:aws:sns:*:773100984412:*",
            "arn:aws:sns:*:*:t",
            "arn:aws:s3:::bucket",
            "arn:aws:s3:::bucket-*",
        ],
    ),
    ("aws:SourceOrgID", TEXT, &["o-ours", "o-*"]),
    (
        "aws:SourceIp",
        IPS,
        &[
            "192.0.2.0/24",
            "10.0.0.0/8",
            "0.0.0.0/1",
            "128.0.0.0/1",
            "0.0.0.0/0",
            "2001:db8::/32",
            "::/0",
        ],
    ),
    ("aws:VpcSourceIp", IPS, &["10.0.0.0/8", "10.1.2.0/24"]),
    ("aws:SourceVpc", TEXT, &["vpc-1", "vpc-2", "vpc-*", "*"]),
    ("aws:SourceVpce", TEXT, &["vpce-1", "vpce-*"]),
    ("aws:userid", TEXT, &["AIDAOWN", "AROAOWN:*", "*:session"]),
    ("aws:username", TEXT, &["deploy", "mallory", "*"]),
    ("aws:SourceIdentity", TEXT, &["alice", "a*"]),
    ("aws:SecureTransport", BOOL, TRUTHS),
    ("aws:ViaAWSService", BOOL, TRUTHS),
    ("aws:MultiFactorAuthPresent", BOOL, TRUTHS),
    ("aws:MultiFactorAuthAge", NUMBERS, &["3600", "0"]),
    ("aws:CurrentTime", DATES, &["2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"]),
    ("aws:TagKeys", TEXT, &["team", "cost", "t*"]),
    ("aws:RequestedRegion", TEXT, &["eu-west-1", "us-east-1"]),
    ("secretsmanager:VersionStage", TEXT, &["AWSCURRENT", "AWSP*"]),
    ("aws:NobodyKnowsThis", TEXT, &["x"]),
];

/// A value for a key; `true` if only callers in a certain network, or with a certain id, have it.
pub(crate) type Had = (Vec<&'static str>, bool);

#[expect(clippy::unnecessary_wraps, reason = "it stands in lists beside what is absent")]
fn open(value: &'static str) -> Option<Had> {
    Some((vec![value], false))
}

/// The possible values of a caller for a key; `None` means absent.
pub(crate) fn had(who: &'static Who, key: &str) -> Vec<Option<Had>> {
    let settled = |value: &'static str| {
        if value.is_empty() { vec![None] } else { vec![open(value)] }
    };
    let absent_or = |values: &[&'static str]| -> Vec<Option<Had>> {
        std::iter::once(None).chain(values.iter().copied().map(open)).collect()
    };
    let guarded = |value: &'static str| Some((vec![value], true));
    let is_service = !who.service.is_empty();
    let is_user = who.arn.contains(":user/");
    match key {
        "aws:principalorgid" => settled(who.organization),
        "aws:principalorgpaths" => settled(who.path),
        "aws:principalaccount" => settled(who.account),
        "aws:principalarn" => settled(who.arn),
        "aws:principalisawsservice" => settled(if is_service { "true" } else { "false" }),
        "aws:principalservicename" => settled(who.service),
        "aws:principaltag/team" if !is_service => absent_or(&["payments", "other"]),
        "aws:username" if is_user => {
            settled(if who.arn.ends_with("deploy") { "deploy" } else { "mallory" })
        }
        "aws:sourceidentity" if !is_user && !is_service => absent_or(&["alice", "bob"]),
        "aws:userid" if !is_service => vec![open("AROAFAR:session"), guarded("AIDAOWN")],
        "aws:multifactorauthpresent" if !is_service => absent_or(TRUTHS),
        "aws:multifactorauthage" if !is_service => absent_or(&["30", "7200"]),
        "aws:securetransport" | "aws:viaawsservice" => TRUTHS.iter().copied().map(open).collect(),
        "aws:currenttime" => settled(NOW_TEXT),
        "aws:requestedregion" => settled("eu-west-1"),
        "aws:tagkeys" => {
            let mut found = absent_or(&["team", "other"]);
            found.push(Some((vec!["team", "cost"], false)));
            found
        }
        "secretsmanager:versionstage" => absent_or(&["AWSCURRENT", "AWSPREVIOUS"]),
        "aws:sourceip" => {
            let mut found = absent_or(&["8.8.8.8", "130.1.1.1", "2600::1"]);
            found.extend([guarded("192.0.2.5"), guarded("2001:db8::1")]);
            found
        }
        "aws:vpcsourceip" => absent_or(&["10.1.2.3", "10.9.9.9"]),
        "aws:sourcevpc" => {
            let mut found = absent_or(&["vpc-far"]);
            found.extend([guarded("vpc-1"), guarded("vpc-2")]);
            found
        }
        "aws:sourcevpce" => {
            let mut found = absent_or(&["vpce-far"]);
            found.push(guarded("vpce-1"));
            found
        }
        "aws:sourceaccount" => absent_or(if is_service {
            &[OWN, SISTER, STRANGER, "250000000052"]
        } else {
            std::slice::from_ref(&who.account)
        }),
        "aws:sourceorgid" if !who.organization.is_empty() => {
            absent_or(std::slice::from_ref(&who.organization))
        }
        "aws:sourcearn" => {
            let mut found = absent_or(&["arn:aws:s3:::bucket-far"]);
            found.push(guarded("arn:aws:s3:::bucket"));
            found.push(match who.account {
                SISTER => open("arn:aws:sns:eu-west-1:458812704336:t"),
                STRANGER => open("arn:aws:sns:eu-west-1:773100984412:t"),
                _ => open("arn:aws:sns:eu-west-1:250000000052:t"),
            });
            found
        }
        "aws:nobodyknowsthis" => absent_or(&["x", "y"]),
        _ => vec![None],
    }
}
