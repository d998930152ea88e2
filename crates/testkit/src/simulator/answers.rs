//! The responses, as text: the machine's processors are shared with the measured program.

use super::{
    Call,
    edge_cases::{
        ORGANIZATION, aliases, has_blank_owner, is_pending_deletion, key, key_id, resource_policy,
    },
    organization::{
        SimulatedOrganization, description, number_of, parameter_name, secret_arn, secret_name,
        team,
    },
};
use serde_json::Value;
use std::fmt::Write;

/// The prefix of session keys; the account follows.
pub(super) const KEY: &str = "ASIA";
/// The date of everything: 2026-11-01 09:00 UTC.
const CHANGED: u64 = 1_793_523_600;
const ROOT: &str = "r-0001";
const UNITS: u64 = 10;
const ACCOUNTS_A_PAGE: u64 = 20;

/// A failure of a page.
#[derive(Clone, Copy)]
pub(crate) struct Tricks {
    pub(crate) empty_page: bool,
    pub(crate) repeated_page: bool,
}

/// The hub's identity.
pub(super) const IDENTITY: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
     <GetCallerIdentityResult><Arn>arn:aws:iam::100000000000:user/hub</Arn><UserId>AIDA</UserId>\
     <Account>100000000000</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";

/// A session of one hour in an account.
pub(super) fn session(account: u64) -> String {
    format!(
        "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
         <Credentials><AccessKeyId>{KEY}{account}</AccessKeyId><SecretAccessKey>simulated</SecretAccessKey>\
         <SessionToken>simulated</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>\
         </AssumeRoleResult></AssumeRoleResponse>"
    )
}

/// AWS's error code if the call is rejected.
pub(super) type Refused = &'static str;

const DENIED: Refused = "AccessDeniedException";
const MISSING: Refused = "ResourceNotFoundException";

pub(crate) fn answer(
    organization: &SimulatedOrganization,
    call: &Call<'_>,
    tricks: Tricks,
) -> Result<String, Refused> {
    let text = |name: &str| call.input.get(name).and_then(|value| value.as_str());
    let parent = || text("ParentId").ok_or(DENIED);
    let account = || call.account.ok_or(DENIED);
    // The secret that the call names, with its revision.
    let named = || {
        let n = text("SecretId").and_then(number_of).ok_or(MISSING)?;
        let revision = organization.secret(account()?, &call.region, n).ok_or(MISSING)?;
        Ok::<_, Refused>((n, revision))
    };
    Ok(match call.operation {
        "DescribeOrganization" => format!(
            "{{\"Organization\":{{\"Id\":\"{ORGANIZATION}\",\"MasterAccountId\":\"{}\"}}}}",
            organization.account(0)
        ),
        "ListRoots" => format!("{{\"Roots\":[{{\"Id\":\"{ROOT}\",\"Name\":\"Root\"}}]}}"),
        "ListOrganizationalUnitsForParent" => units(parent()?),
        "ListAccountsForParent" => accounts(organization, Some(parent()?), text("NextToken")),
        "ListAccounts" => accounts(organization, None, text("NextToken")),
        "ListPolicies" => "{\"Policies\":[]}".to_owned(),
        "ListRegions" => regions(organization),
        "ListAliases" => aliases(organization, account()?, &call.region),
        "DescribeKey" => key(account()?, &call.region, text("KeyId").ok_or(DENIED)?),
        "ListSecrets" => secrets(organization, account()?, call, tricks),
        "DescribeParameters" => parameters(organization, account()?, call, tricks),
        "GetResources" => "{\"PaginationToken\":\"\",\"ResourceTagMappingList\":[]}".to_owned(),
        "DescribeSecret" => {
            let (n, revision) = named()?;
            secret(organization, account()?, &call.region, (n, revision), "VersionIdsToStages")
        }
        "GetResourcePolicy" => {
            let (n, _) = named()?;
            let arn = secret_arn(account()?, &call.region, n);
            let policy = resource_policy(organization, account()?, n)
                .map(|text| format!(",\"ResourcePolicy\":{}", Value::from(text)))
                .unwrap_or_default();
            format!("{{\"ARN\":\"{arn}\",\"Name\":\"{}\"{policy}}}", secret_name(n))
        }
        "ListSecretVersionIds" => format!(
            "{{\"Versions\":[{{\"VersionId\":\"v1\",\"VersionStages\":[\"AWSCURRENT\"],\"CreatedDate\":{CHANGED}}}]}}"
        ),
        _ => return Err(DENIED),
    })
}

fn regions(organization: &SimulatedOrganization) -> String {
    let each: Vec<String> = organization
        .regions
        .iter()
        .map(|region| {
            format!("{{\"RegionName\":\"{region}\",\"RegionOptStatus\":\"ENABLED_BY_DEFAULT\"}}")
        })
        .collect();
    format!("{{\"Regions\":[{}]}}", each.join(","))
}

/// Ten units below the root.
fn units(parent: &str) -> String {
    if parent != ROOT {
        return "{\"OrganizationalUnits\":[]}".to_owned();
    }
    let units: Vec<String> = (0..UNITS)
        .map(|n| format!("{{\"Id\":\"ou-0001-{n:08}\",\"Name\":\"Unit {n}\"}}"))
        .collect();
    format!("{{\"OrganizationalUnits\":[{}]}}", units.join(","))
}

fn accounts(
    organization: &SimulatedOrganization,
    parent: Option<&str>,
    token: Option<&str>,
) -> String {
    let of_parent = |n: &u64| match parent {
        None => true,
        Some(ROOT) => false,
        Some(unit) => unit.ends_with(&format!("-{:08}", n % UNITS)),
    };
    let from: u64 = token.and_then(|token| token.parse().ok()).unwrap_or(0);
    let mut fitting = (from..organization.accounts).filter(of_parent);
    let mut rows = Vec::new();
    for n in fitting.by_ref() {
        rows.push(format!(
            "{{\"Id\":\"{}\",\"Name\":\"Account {n:04}\",\"Email\":\"a{n}@example.com\",\"State\":\"ACTIVE\"}}",
            organization.account(n)
        ));
        if rows.len() as u64 == ACCOUNTS_A_PAGE {
            break;
        }
    }
    let next = fitting.next().map(|n| format!(",\"NextToken\":\"{n}\"")).unwrap_or_default();
    format!("{{\"Accounts\":[{}]{next}}}", rows.join(","))
}

/// The list and `DescribeSecret` use different names for the versions.
fn secret(
    organization: &SimulatedOrganization,
    account: u64,
    region: &str,
    (n, revision): (u32, u32),
    versions: &str,
) -> String {
    let mut text = format!(
        "{{\"ARN\":\"{}\",\"Name\":\"{}\",\"Description\":\"{}\",\"CreatedDate\":{CHANGED},\
         \"LastChangedDate\":{},\"{versions}\":{{\"v1\":[\"AWSCURRENT\"]}}",
        secret_arn(account, region, n),
        secret_name(n),
        description(account, region, n, revision),
        CHANGED + u64::from(revision)
    );
    if !n.is_multiple_of(3) {
        let next = if n.is_multiple_of(11) { CHANGED } else { CHANGED + 86_400 * 60 };
        let _ = write!(
            text,
            ",\"RotationEnabled\":true,\"RotationRules\":{{\"AutomaticallyAfterDays\":30}},\"NextRotationDate\":{next}"
        );
    }
    if !n.is_multiple_of(5) {
        let _ = write!(text, ",\"LastAccessedDate\":{}", CHANGED - u64::from(n % 200) * 86_400);
    }
    if let Some(key) = key_id(organization, account, region, n) {
        let _ = write!(text, ",\"KmsKeyId\":\"{key}\"");
    }
    if is_pending_deletion(organization, n) {
        let _ = write!(text, ",\"DeletedDate\":{CHANGED}");
    }
    let owner = if n.is_multiple_of(10) {
        String::new()
    } else {
        let team = if has_blank_owner(organization, n) { String::new() } else { team(n) };
        format!("{{\"Key\":\"owner\",\"Value\":\"{team}\"}},")
    };
    let _ = write!(
        text,
        ",\"Tags\":[{owner}{{\"Key\":\"cost-center\",\"Value\":\"{}\"}},{{\"Key\":\"data-class\",\"Value\":\"{}\"}}]}}",
        1_000 + n % 40,
        ["internal", "restricted", "public"][n as usize % 3]
    );
    text
}

/// The token is the position of the page; one that ends in `x` is repeated.
fn position(call: &Call<'_>) -> (u32, bool) {
    let token = call.input.get("NextToken").and_then(|value| value.as_str()).unwrap_or("0");
    let (number, again) = token.strip_suffix('x').map_or((token, false), |rest| (rest, true));
    (number.parse().unwrap_or(0), again)
}

fn tricked(name: &str, from: u32, again: bool, tricks: Tricks) -> Option<String> {
    // One failure for each page, or the list would never end.
    (tricks.empty_page && !again).then(|| format!("{{\"{name}\":[],\"NextToken\":\"{from}x\"}}"))
}

fn secrets(
    organization: &SimulatedOrganization,
    account: u64,
    call: &Call<'_>,
    tricks: Tricks,
) -> String {
    let (from, again) = position(call);
    if let Some(page) = tricked("SecretList", from, again, tricks) {
        return page;
    }
    let (rows, next) = organization.secrets(account, &call.region, from, 100);
    let is_deleted_wanted = call.input.get("IncludePlannedDeletion").and_then(Value::as_bool);
    let rows: Vec<String> = rows
        .into_iter()
        .filter(|(n, _)| is_deleted_wanted == Some(true) || !is_pending_deletion(organization, *n))
        .map(|row| secret(organization, account, &call.region, row, "SecretVersionsToStages"))
        .collect();
    let next = if tricks.repeated_page && !again {
        Some(format!("{from}x"))
    } else {
        next.map(|n| n.to_string())
    };
    let next = next.map(|next| format!(",\"NextToken\":\"{next}\"")).unwrap_or_default();
    format!("{{\"SecretList\":[{}]{next}}}", rows.join(","))
}

fn parameters(
    organization: &SimulatedOrganization,
    account: u64,
    call: &Call<'_>,
    tricks: Tricks,
) -> String {
    let (from, again) = position(call);
    if let Some(page) = tricked("Parameters", from, again, tricks) {
        return page;
    }
    // Of the filters only the one for a name is supported, because no other is used.
    let wanted = call.input.pointer("/ParameterFilters/0/Values/0").and_then(|name| name.as_str());
    let until = if wanted.is_some() {
        organization.parameters
    } else {
        organization.parameters.min(from + 50)
    };
    let rows: Vec<String> = (from..until)
        .map(parameter_name)
        .filter(|name| wanted.is_none_or(|wanted| wanted == name))
        .map(|name| {
            format!(
                "{{\"Name\":\"{name}\",\"ARN\":\"arn:aws:ssm:{}:{account}:parameter{name}\",\"Type\":\"SecureString\",\
                 \"LastModifiedDate\":{CHANGED},\"Version\":1,\"Tier\":\"Standard\",\"DataType\":\"text\"}}",
                call.region
            )
        })
        .collect();
    let next = if tricks.repeated_page && !again {
        Some(format!("{from}x"))
    } else {
        (until < organization.parameters).then(|| until.to_string())
    };
    let next = next.map(|next| format!(",\"NextToken\":\"{next}\"")).unwrap_or_default();
    format!("{{\"Parameters\":[{}]{next}}}", rows.join(","))
}
