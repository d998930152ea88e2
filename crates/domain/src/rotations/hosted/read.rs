//! What AWS would refuse, field by field, before anything is deployed.

use super::{
    HostedEngine, HostedForm, HostedRotation, HostedUsers, Keyed, RotationType, Rules,
    form::MAX_FUNCTION,
};
use crate::{
    creation::ShapeFault,
    facts::{Detail, Kind, Reading, ResourceFacts},
    ids::{AccountId, Arn, Region},
    key::KeyReading,
    rotations::schedule::Schedule,
};

/// Lambda's limits for one function.
const MAX_SUBNETS: usize = 16;
const MAX_SECURITY_GROUPS: usize = 5;
/// A key of the value, and a tag, that name the superuser's secret by ARN.
const SUPERUSER_TAG: &str = "masterarn";

/// A secret as it was scanned.
#[derive(Debug, Clone, Copy)]
pub struct HostedSecret<'a> {
    pub facts: &'a ResourceFacts,
    pub account: &'a AccountId,
    pub region: &'a Region,
    /// What KMS says about its key, if that was read.
    pub kms: Option<&'a KeyReading>,
    /// Whether AWS no longer has it.
    pub is_gone: bool,
}

/// The superuser's secret as the inventory has it.
#[derive(Debug, Clone, Copy)]
pub enum NamedSuperuser<'a> {
    /// None is named, or the inventory has no such secret that the caller may see.
    Missing,
    Found(HostedSecret<'a>),
}

/// The superuser's secret, as the form or the tag `masterarn` names it.
pub fn superuser_arn(form: &HostedForm, facts: &ResourceFacts) -> Option<String> {
    let typed = form.superuser.trim();
    if !typed.is_empty() {
        return Some(typed.to_owned());
    }
    if form.users.trim() != HostedUsers::Alternating.to_string() {
        return None;
    }
    let tags = facts.tags.as_ref()?;
    let (_, arn) = tags.iter().find(|(key, _)| key.eq_ignore_ascii_case(SUPERUSER_TAG))?;
    Some(arn.trim().to_owned()).filter(|arn| !arn.is_empty())
}

/// Why a secret can't be rotated by a hosted template, as sentences; `None` if it can.
pub fn refusal(secret: &HostedSecret<'_>) -> Option<String> {
    let Detail::Secret(facts) = &secret.facts.detail else {
        return Some("It is a parameter. AWS rotates secrets of Secrets Manager only.".to_owned());
    };
    if secret.is_gone {
        return Some("AWS no longer has it.".to_owned());
    }
    if let Some(service) = &facts.owning_service {
        return Some(format!("{service} manages and rotates it. Change its rotation there."));
    }
    if let Some(partner) = &facts.secret_type {
        return Some(format!(
            "It is a managed external secret ({partner}), which Secrets Manager rotates without a function."
        ));
    }
    if let Some(primary) = facts.primary_region.as_ref().filter(|region| *region != secret.region) {
        return Some(format!(
            "It is a replica. Its primary in {primary} rotates, and the replica follows: deploy the template for the primary."
        ));
    }
    facts.deleted_at.map(|_| {
        "It is pending deletion. AWS rotates no secret that is pending deletion: cancel its deletion first."
            .to_owned()
    })
}

/// The rotation that the form asks for; otherwise every field that AWS would refuse.
pub fn read(
    form: &HostedForm,
    secret: &HostedSecret<'_>,
    superuser: &NamedSuperuser<'_>,
) -> Result<HostedRotation, Vec<ShapeFault>> {
    let mut faults = Vec::new();
    let mut wrong = |field: &str, reason: String| faults.push(ShapeFault::new(field, reason));
    let engine: Option<HostedEngine> = form.engine.trim().parse().ok();
    if engine.is_none() {
        wrong("engine", "Choose the database.".to_owned());
    }
    let users: Option<HostedUsers> = form.users.trim().parse().ok();
    if users.is_none() {
        wrong("users", "Choose single user or alternating users.".to_owned());
    }
    let rotation_type = engine.zip(users).map(|(engine, users)| RotationType { engine, users });
    let function = form.function.trim();
    if let Some(reason) = function_fault(function) {
        wrong("function", reason);
    }
    let superuser = match rotation_type {
        Some(rotation_type) => {
            superuser_of(form, secret, superuser, rotation_type).unwrap_or_else(|reason| {
                wrong("superuser", reason);
                None
            })
        }
        None => None,
    };
    let subnets = ids(&form.subnets);
    if let Some(reason) = ids_fault(&subnets, "subnet", MAX_SUBNETS) {
        wrong("subnets", reason);
    }
    let security_groups = ids(&form.security_groups);
    if let Some(reason) = ids_fault(&security_groups, "sg", MAX_SECURITY_GROUPS) {
        wrong("security_groups", reason);
    }
    match (subnets.is_empty(), security_groups.is_empty()) {
        (true, false) => wrong("subnets", "Enter the subnets of these security groups.".to_owned()),
        (false, true) => {
            wrong("security_groups", "Enter at least one: a function in a VPC has one.".to_owned());
        }
        _ => {}
    }
    let key = key_of(form, secret).unwrap_or_else(|reason| {
        wrong("key", reason);
        None
    });
    if let Some(reason) = exclude_fault(form.exclude.trim()) {
        wrong("exclude", reason);
    }
    let rules = rules_of(form).unwrap_or_else(|invalid| {
        wrong(&invalid.field, invalid.reason);
        None
    });
    let is_immediate = match form.immediately.trim() {
        "yes" => true,
        "no" => false,
        _ => {
            wrong("immediately", "Choose whether the value is rotated immediately.".to_owned());
            false
        }
    };
    match (rotation_type, rules) {
        (Some(rotation_type), Some(rules)) if faults.is_empty() => Ok(HostedRotation {
            secret: secret.facts.arn.clone(),
            name: secret.facts.name.clone(),
            account: secret.account.clone(),
            region: secret.region.clone(),
            rotation_type,
            function: function.to_owned(),
            superuser,
            subnets,
            security_groups,
            key,
            exclude_characters: form.exclude.trim().to_owned(),
            rules,
            is_immediate,
        }),
        _ => Err(faults),
    }
}

/// When to rotate, as AWS takes it.
fn rules_of(form: &HostedForm) -> Result<Option<Rules>, ShapeFault> {
    let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    let (expression, duration) = (filled(&form.schedule), filled(&form.duration));
    let days = filled(&form.days).map(|days| days.parse::<u32>()).transpose();
    let days = days.map_err(|_| ShapeFault::new("days", "Use a whole number of days."))?;
    let schedule = Schedule::read(days, expression.as_deref(), duration.as_deref())
        .map_err(|invalid| ShapeFault::new(invalid.field, sentence(&invalid.reason)))?;
    Ok(Some(Rules { schedule, days, expression, duration }))
}

/// With a capital letter and a full stop.
fn sentence(reason: &str) -> String {
    let mut letters = reason.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}

fn function_fault(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("Enter a name for the function.".to_owned());
    }
    let length = name.chars().count();
    if length > MAX_FUNCTION {
        return Some(format!("It has {length} characters; Lambda takes at most {MAX_FUNCTION}."));
    }
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (!name.chars().all(is_plain))
        .then(|| "Use letters without accents, digits, hyphens and underscores.".to_owned())
}

/// The ids that a person typed, each once.
fn ids(text: &str) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    let separate = |c: char| c == ',' || c.is_whitespace();
    for id in text.split(separate).filter(|id| !id.is_empty()) {
        if !ids.iter().any(|other| other == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

fn ids_fault(ids: &[String], kind: &str, most: usize) -> Option<String> {
    let is_id = |id: &String| {
        id.strip_prefix(kind).and_then(|rest| rest.strip_prefix('-')).is_some_and(|rest| {
            let is_hex = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
            matches!(rest.len(), 8 | 17) && rest.bytes().all(is_hex)
        })
    };
    if let Some(id) = ids.iter().find(|id| !is_id(id)) {
        return Some(format!("{id} is not an ID such as {kind}-0123456789abcdef0."));
    }
    (ids.len() > most).then(|| format!("Lambda takes at most {most}; there are {}.", ids.len()))
}

/// The secret with the superuser's credentials and its key, for the templates that take one.
fn superuser_of(
    form: &HostedForm,
    secret: &HostedSecret<'_>,
    superuser: &NamedSuperuser<'_>,
    rotation_type: RotationType,
) -> Result<Option<Keyed>, String> {
    let is_single = rotation_type.users == HostedUsers::Single;
    let Some(named) = superuser_arn(form, secret.facts) else {
        return if is_single {
            Ok(None)
        } else {
            Err("Enter the ARN of the secret with the superuser's credentials.".to_owned())
        };
    };
    if is_single && rotation_type.engine != HostedEngine::Db2 {
        return Err(
            "Leave it empty for a single user, who changes its own password: AWS's transform refuses it."
                .to_owned(),
        );
    }
    let arn: Arn = named.parse().map_err(|_| format!("{named} is not the ARN of a secret."))?;
    if arn.service() == "ssm" {
        return Err("It is a parameter. The function reads a secret of Secrets Manager.".to_owned());
    }
    if arn.service() != "secretsmanager" {
        return Err(format!("{named} is not the ARN of a secret."));
    }
    if arn.account() != secret.account.as_str() {
        return Err(format!(
            "It is in account {}, the secret in {}: the function reads secrets of its own account.",
            arn.account(),
            secret.account
        ));
    }
    if arn.region() != secret.region.as_str() {
        return Err(format!(
            "It is in {}, the secret in {}: the function reads secrets of its own Region.",
            arn.region(),
            secret.region
        ));
    }
    if arn == secret.facts.arn {
        return Err("It is this secret itself. Name the superuser's.".to_owned());
    }
    let found = match superuser {
        NamedSuperuser::Found(found) => found,
        NamedSuperuser::Missing => {
            return Err("The inventory has no such secret that you may see.".to_owned());
        }
    };
    if found.facts.kind() == Kind::Parameter {
        return Err("It is a parameter. The function reads a secret of Secrets Manager.".to_owned());
    }
    let is_deleting = match &found.facts.detail {
        Detail::Secret(facts) => facts.deleted_at.is_some(),
        Detail::Parameter(_) => false,
    };
    if found.is_gone || is_deleting {
        return Err("It is deleted or pending deletion.".to_owned());
    }
    let key = known_key(found).map_err(|name| {
        format!("The ARN of its KMS key {name} is not known yet. Wait for the next scan.")
    })?;
    Ok(Some(Keyed { arn, key }))
}

/// The ARN of the secret's customer managed key; `None` for the AWS managed one.
fn key_of(form: &HostedForm, secret: &HostedSecret<'_>) -> Result<Option<String>, String> {
    let typed = form.key.trim();
    let known = known_key(secret);
    if typed.is_empty() {
        return known.map_err(|name| {
            format!("AWS names its KMS key {name} only. Enter the key's ARN: the function's role may use that key alone.")
        });
    }
    if !is_key_arn(typed, secret.region) {
        return Err(format!(
            "Use the ARN of a KMS key in {}, not of an alias: arn:aws:kms:{}:111122223333:key/….",
            secret.region, secret.region
        ));
    }
    match known {
        Ok(None) => {
            Err("The secret is encrypted with aws/secretsmanager: leave it empty.".to_owned())
        }
        Ok(Some(known)) if known != typed => Err(format!("The secret is encrypted with {known}.")),
        Ok(Some(_)) | Err(_) => Ok(Some(typed.to_owned())),
    }
}

/// The ARN of a customer managed key; the error is the name that AWS gives where the ARN can't be told from it.
fn known_key(secret: &HostedSecret<'_>) -> Result<Option<String>, String> {
    let Some(name) = secret.facts.own_key() else { return Ok(None) };
    if let Some(Reading::Read(Some(key))) = secret.kms {
        return Ok(Some(key.arn.clone()));
    }
    if is_key_arn(&name, secret.region) {
        return Ok(Some(name));
    }
    let is_id = !name.contains([':', '/']) && name.bytes().all(is_of_key_id);
    if !is_id {
        return Err(name);
    }
    let partition = secret.facts.arn.partition();
    Ok(Some(format!("arn:{partition}:kms:{}:{}:key/{name}", secret.region, secret.account)))
}

fn is_of_key_id(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b == b'-'
}

fn is_key_arn(text: &str, region: &Region) -> bool {
    let Ok(arn) = text.parse::<Arn>() else { return false };
    let id = text.splitn(6, ':').nth(5).and_then(|resource| resource.strip_prefix("key/"));
    arn.service() == "kms"
        && arn.region() == region.as_str()
        && arn.account().parse::<AccountId>().is_ok()
        && arn.partition().bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        && id.is_some_and(|id| !id.is_empty() && id.bytes().all(is_of_key_id))
}

/// Passwords keep a letter of each case, a digit and a sign, and the template one meaning.
fn exclude_fault(characters: &str) -> Option<String> {
    if let Some(other) = characters.chars().find(|c| !c.is_ascii_graphic()) {
        let what = if other.is_whitespace() { "a space".to_owned() } else { other.to_string() };
        return Some(format!("No password has {what}: use ASCII letters, digits and signs."));
    }
    // CloudFormation reads {{resolve:…}} as a reference, which no list of different characters is.
    let mut seen = std::collections::BTreeSet::new();
    if let Some(twice) = characters.chars().find(|c| !seen.insert(*c)) {
        return Some(format!("It has {twice} twice: enter each character once."));
    }
    let remains = |is_kind: fn(&u8) -> bool| {
        (b'!'..=b'~').filter(is_kind).any(|c| !seen.contains(&char::from(c)))
    };
    let kinds = [
        ("lowercase letters", remains(u8::is_ascii_lowercase)),
        ("uppercase letters", remains(u8::is_ascii_uppercase)),
        ("digits", remains(u8::is_ascii_digit)),
        ("signs", remains(u8::is_ascii_punctuation)),
    ];
    kinds.into_iter().find(|(_, remains)| !remains).map(|(name, _)| {
        format!("It leaves no {name}, and AWS puts at least one into each password.")
    })
}
