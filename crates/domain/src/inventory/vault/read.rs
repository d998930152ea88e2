//! Reads the form as a whole.

use super::{Vault, VaultForm, VaultFormat};
use crate::{
    code::hyphenated,
    creation::{ShapeFault, TAGS, tag_fault},
    ids::{AccountId, Arn, Region, is_organization},
    inventory::code::is_dynamic,
};
use std::collections::BTreeMap;

/// Characters of the team in names: a role's name has 64, with what follows it.
const MAX_TEAM: usize = 30;
/// More secrets than this are written into the file by hand.
const MAX_SECRETS: usize = 50;

/// A team as part of names: lower-case letters, digits and hyphens. Empty if it has none of these.
pub fn slug(team: &str) -> String {
    hyphenated(team, MAX_TEAM).to_ascii_lowercase()
}

/// What is wrong with the form.
#[derive(Default)]
struct Faults(Vec<ShapeFault>);

impl Faults {
    fn add(&mut self, field: &str, reason: impl Into<String>) {
        self.0.push(ShapeFault::new(field, reason.into()));
    }

    /// What was parsed, or its fault.
    fn parsed<T>(&mut self, field: &str, parsed: Result<T, String>) -> Option<T> {
        parsed.map_err(|reason| self.add(field, reason)).ok()
    }
}

impl VaultForm {
    /// The vault that is asked for. Every field that cannot be read is named, not only the first one.
    pub fn read(&self) -> Result<Vault, Vec<ShapeFault>> {
        let mut faults = Faults::default();
        let owner = self.team.trim().to_owned();
        let team = slug(&owner);
        if team.is_empty() {
            faults.add("team", "Name the team, with a letter or a digit in it.");
        } else if owner.chars().any(char::is_control) || owner.chars().count() > 256 {
            faults.add("team", "A tag's value has up to 256 characters in one line.");
        } else if !is_tag_text(&owner) {
            faults.add("team", TAG_TEXT);
        }
        let account = self.account.trim().parse::<AccountId>();
        let account = faults.parsed(
            "account",
            account.map_err(|_| "Use the account's number of 12 digits.".into()),
        );
        let region = self.region.trim().parse::<Region>();
        let region = faults
            .parsed("region", region.map_err(|_| "Use a Region's code, such as eu-west-1.".into()));
        let organization = self.organization.trim().to_owned();
        if !is_organization(&organization) {
            faults.add("organization", "Use the Organization's ID, such as o-a1b2c3d4e5.");
        }
        let prefix = Some(self.prefix.trim()).filter(|prefix| !prefix.is_empty());
        if prefix.is_some_and(|prefix| !is_prefix(prefix)) {
            faults.add(
                "prefix",
                "Use letters, digits and _.@+=- between slashes, and end with a slash: payments/.",
            );
        }
        let function = faults.parsed("function", arn(&self.function, "lambda", "a function's ARN"));
        let (reader_arns, reader_services) = readers(&self.readers, &mut faults);
        let others = each_line(&self.others).map(ToOwned::to_owned).collect::<Vec<_>>();
        for other in &others {
            if let Err(reason) = arn(other, "iam", "the ARN of a role, with * where it differs") {
                faults.add("others", reason);
            }
        }
        let tags = tags(&self.tags, &mut faults);
        let topic = optional(&self.topic, "sns", "a topic's ARN");
        let topic = faults.parsed("topic", topic).flatten();
        let boundary = optional(&self.boundary, "iam", "a policy's ARN");
        let boundary = faults.parsed("boundary", boundary).flatten();
        let before = prefix.map_or_else(|| format!("{team}/"), ToOwned::to_owned);
        let secrets = secrets(&self.secrets, before.len(), &mut faults);
        if let (Some(topic), Some(account), Some(region)) = (&topic, &account, &region)
            && (topic.account() != account.as_str() || topic.region() != region.as_str())
        {
            faults.add("topic", "Use a topic of the secrets' own account and Region.");
        }
        if let (Some(boundary), Some(account)) = (&boundary, &account) {
            if !boundary.as_str().contains(":policy/") {
                faults.add("boundary", "Use a policy's ARN.");
            } else if ![account.as_str(), "aws"].contains(&boundary.account()) {
                faults.add("boundary", "Use a policy of the secrets' own account, or one of AWS.");
            }
        }
        if let (Some(function), Some(account), Some(region)) = (&function, &account, &region)
            && (function.account() != account.as_str() || function.region() != region.as_str())
        {
            faults.add(
                "function",
                "Secrets Manager invokes a function of the secrets' own account and Region.",
            );
        }
        if self.format() == VaultFormat::Cdk {
            for (field, text) in self.clone().fields() {
                if is_dynamic(text) {
                    faults.add(field, "CloudFormation and the CDK would replace {{resolve:…}} and ${Token[…]} with what they name: leave them out.");
                }
            }
        }
        match (account, region, function) {
            (Some(account), Some(region), Some(function)) if faults.0.is_empty() => Ok(Vault {
                team,
                owner,
                account,
                region,
                organization,
                prefix: prefix.map(ToOwned::to_owned),
                function,
                reader_arns,
                reader_services,
                others,
                tags,
                topic,
                boundary,
                secrets,
            }),
            _ => Err(faults.0),
        }
    }
}

fn each_line(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// A part of a name between slashes.
fn is_part(text: &str) -> bool {
    !["", ".", ".."].contains(&text)
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || b"_.@+=-".contains(&c))
}

fn is_prefix(prefix: &str) -> bool {
    prefix.len() <= 200
        && prefix.strip_suffix('/').is_some_and(|parts| parts.split('/').all(is_part))
}

fn arn(text: &str, service: &str, expected: &str) -> Result<Arn, String> {
    let text = text.trim();
    let arn: Option<Arn> = text.parse().ok();
    arn.filter(|arn| {
        arn.service() == service && !text.chars().any(|c| c.is_whitespace() || c.is_control())
    })
    .ok_or_else(|| format!("Use {expected}."))
}

fn optional(text: &str, service: &str, expected: &str) -> Result<Option<Arn>, String> {
    if text.trim().is_empty() { Ok(None) } else { arn(text, service, expected).map(Some) }
}

/// ARNs and services.
fn readers(text: &str, faults: &mut Faults) -> (Vec<String>, Vec<String>) {
    let (mut arns, mut services) = (Vec::new(), Vec::new());
    for line in each_line(text) {
        let is_service = |name: &str| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || b"-.".contains(&c))
        };
        let service = line.strip_suffix(".amazonaws.com").filter(|name| is_service(name));
        if service.is_some() {
            services.push(line.to_owned());
        } else if arn(line, "iam", "").is_ok_and(|arn| !arn.as_str().contains('*')) {
            arns.push(line.to_owned());
        } else {
            faults.add("readers", format!("{line:?} is neither an ARN of IAM nor a service such as ecs-tasks.amazonaws.com."));
        }
    }
    if arns.is_empty() && services.is_empty() {
        faults.add("readers", "Name who reads: a role's ARN, or a service.");
    }
    (arns, services)
}

const TAG_TEXT: &str = "The vault's roles have this tag too, and IAM takes letters, digits, spaces and _.:/=+-@ in tags.";

/// IAM's `[\p{L}\p{Z}\p{N}_.:/=+\-@]*`, which is narrower than what Secrets Manager and KMS take.
fn is_tag_text(text: &str) -> bool {
    text.chars().all(|c| c.is_alphanumeric() || c == ' ' || "_.:/=+-@".contains(c))
}

fn tags(text: &str, faults: &mut Faults) -> BTreeMap<String, String> {
    let mut tags = BTreeMap::new();
    for line in each_line(text) {
        let Some((key, value)) = line.split_once('=') else {
            faults.add("tags", format!("{line:?} is not key=value."));
            continue;
        };
        let (key, value) = (key.trim(), value.trim());
        if key == "owner" {
            faults.add("tags", "The owner is the team.");
        } else if let Some(reason) = tag_fault(key, value) {
            faults.add("tags", reason);
        } else if !is_tag_text(key) || !is_tag_text(value) {
            faults.add("tags", format!("{key}: {TAG_TEXT}"));
        } else {
            tags.insert(key.to_owned(), value.to_owned());
        }
    }
    if tags.len() >= TAGS {
        let most = TAGS - 1;
        faults.add(
            "tags",
            format!("Use at most {most} tags: AWS allows {TAGS}, and the owner is one of them."),
        );
    }
    tags
}

/// Characters of a secret's name at AWS.
const MAX_NAME: usize = 512;

/// The names without the prefix, which has so many characters; each with its purpose.
fn secrets(text: &str, prefix: usize, faults: &mut Faults) -> BTreeMap<String, String> {
    let mut secrets = BTreeMap::new();
    for line in each_line(text) {
        let (name, purpose) = line.split_once(':').unwrap_or((line, ""));
        let (name, purpose) = (name.trim(), purpose.trim());
        if !name.split('/').all(is_part) {
            faults.add("secrets", format!("{name:?} has other characters than letters, digits and /_.@+=-, or a part that is empty, \".\" or \"..\"."));
        } else if prefix + name.len() > MAX_NAME {
            faults.add("secrets", format!("{name:?} is too long: with the prefix, a name has at most {MAX_NAME} characters."));
        } else if secrets.insert(name.to_owned(), purpose.to_owned()).is_some() {
            faults.add("secrets", format!("{name:?} is listed more than once."));
        }
    }
    if secrets.len() > MAX_SECRETS {
        faults.add(
            "secrets",
            format!("Name at most {MAX_SECRETS} here, and write the others into the file."),
        );
    }
    secrets
}
