//! What of a secret becomes code, and what is only said about it.

use super::{CodeFormat, SecretRecord};
use crate::{
    code::{hcl, in_comment, pascal},
    facts::{Detail, Reading, Rotation, SecretFacts},
    ids::Region,
};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};
use time::format_description::well_known::Rfc3339;

/// Longer names are cut: CloudFormation takes 255 characters, and what follows a secret's name is below 30.
const MAX_LABEL: usize = 200;

/// The secrets of one file.
pub(super) struct Parts<'a> {
    pub(super) all: Vec<Part<'a>>,
}

/// A secret of the file.
pub(super) struct Part<'a> {
    pub(super) record: &'a SecretRecord,
    /// Its own among those of the file: words in lower case.
    pub(super) label: String,
    /// The same for CloudFormation: letters and digits.
    pub(super) logical_id: String,
    pub(super) form: Form<'a>,
    /// What was not read or cannot be written, as sentences.
    pub(super) notes: Vec<String>,
}

impl Part<'_> {
    /// The name and the notes of the secret, as lines of comments that begin with `sign`.
    pub(super) fn heading(&self, sign: &str) -> String {
        let mut text = format!("{sign} {}\n", in_comment(&self.record.facts.name));
        for note in &self.notes {
            let _ = writeln!(text, "{sign} {}", in_comment(note));
        }
        text
    }
}

pub(super) enum Form<'a> {
    Managed(Box<Managed<'a>>),
    /// Someone else manages it: why.
    Referenced(String),
    LeftOut(String),
}

/// What is known of a secret and can be written.
pub(super) struct Managed<'a> {
    pub(super) description: Option<&'a str>,
    pub(super) kms_key_id: Option<&'a str>,
    /// Without those of AWS; `None` if they were not read.
    pub(super) tags: Option<BTreeMap<&'a str, &'a str>>,
    /// `None` if they were not read.
    pub(super) replicas: Option<Vec<(&'a Region, Option<&'a str>)>>,
    pub(super) policy: Option<Value>,
    pub(super) rotation: Option<RotationPart<'a>>,
}

impl Managed<'_> {
    /// Whether the replicas are known, and the key of each as AWS names it. Terraform compares them with the Regions.
    pub(super) fn knows_replicas(&self) -> bool {
        self.replicas.as_ref().is_some_and(|all| all.iter().all(|(_, key)| key.is_some()))
    }
}

/// A rotation that is on.
pub(super) struct RotationPart<'a> {
    pub(super) lambda_arn: &'a str,
    pub(super) when: When<'a>,
    /// Such as `3h`.
    pub(super) duration: Option<&'a str>,
}

pub(super) enum When<'a> {
    Schedule(&'a str),
    Days(i64),
}

impl<'a> Parts<'a> {
    pub(super) fn of(records: Vec<&'a SecretRecord>, format: CodeFormat) -> Self {
        let mut taken = BTreeSet::new();
        if format == CodeFormat::Cdk {
            // The CDK leaves a construct of this id out of logical ids.
            taken.insert("default".to_owned());
        }
        let mut records = records;
        records.sort_by(|a, b| (&a.facts.name, &a.region).cmp(&(&b.facts.name, &b.region)));
        let all = records
            .into_iter()
            .map(|record| {
                let (label, logical_id) = own_label(record, &mut taken);
                let mut notes = Vec::new();
                let form = form(record, format, &mut notes);
                Part { record, label, logical_id, form, notes }
            })
            .collect();
        Self { all }
    }

    /// What all secrets of the file have in common.
    pub(super) fn first(&self) -> Option<&'a SecretRecord> {
        self.all.first().map(|part| part.record)
    }
}

/// A label and a logical id that no other secret of the file has: with the Region, and then with a number, where names
/// are the same but for other characters.
fn own_label(record: &SecretRecord, taken: &mut BTreeSet<String>) -> (String, String) {
    let name: String = record.facts.name.chars().take(MAX_LABEL).collect();
    let with_region = format!("{name}/{}", record.region);
    let candidates = [name.clone(), with_region.clone()];
    let numbered = (2..).map(|number| format!("{with_region}/{number}"));
    for candidate in candidates.into_iter().chain(numbered) {
        let label = hcl::label(&candidate, "secret");
        let logical_id = pascal(&label);
        // The resources beside the secret have its name and one of these.
        let own = ["", "ResourcePolicy", "RotationSchedule"]
            .map(|end| format!("{logical_id}{end}").to_ascii_lowercase());
        // Without separators and case two labels can be the same, so this decides for both.
        if own.iter().all(|one| !taken.contains(one)) {
            taken.extend(own);
            return (label, logical_id);
        }
    }
    // The numbers do not end.
    (String::new(), String::new())
}

fn form<'a>(record: &'a SecretRecord, format: CodeFormat, notes: &mut Vec<String>) -> Form<'a> {
    let facts = &record.facts;
    let secret = match &facts.detail {
        Detail::Parameter(_) => {
            return Form::LeftOut(
                "Terraform and CloudFormation manage a parameter with its value, and an export has no values.".into(),
            );
        }
        Detail::Secret(secret) => secret,
    };
    if record.is_gone {
        return Form::LeftOut("It is deleted: a complete scan no longer found it.".into());
    }
    if secret.deleted_at.is_some() {
        return Form::LeftOut("It is pending deletion: restore it first.".into());
    }
    if let Some(service) = &secret.owning_service {
        return Form::Referenced(format!("{service} owns it, and changes it."));
    }
    if let Some(primary) = facts.primary_arn(&record.region) {
        return Form::Referenced(format!(
            "It is a replica: export its primary in {}.",
            primary.region()
        ));
    }
    if let Some(partner) = &secret.secret_type {
        return Form::Referenced(format!(
            "It is a managed external secret ({partner}), and what its partner needs to rotate it is not read."
        ));
    }
    let stack = facts.tags.as_ref().and_then(|tags| tags.get("aws:cloudformation:stack-name"));
    match stack {
        Some(stack) if format != CodeFormat::Terraform => {
            return Form::Referenced(format!("The CloudFormation stack {stack} manages it."));
        }
        Some(stack) => {
            notes.push(format!(
                "The CloudFormation stack {stack} manages it: remove it there first, and retain it."
            ));
        }
        None => {}
    }
    Form::Managed(Box::new(managed(record, secret, format, notes)))
}

fn managed<'a>(
    record: &'a SecretRecord,
    secret: &'a SecretFacts,
    format: CodeFormat,
    notes: &mut Vec<String>,
) -> Managed<'a> {
    let facts = &record.facts;
    notes.push(when(record));
    let resolves = |text: &str| format != CodeFormat::Terraform && is_dynamic(text);
    let mut description = facts.description.as_deref().filter(|text| !text.is_empty());
    if description.is_some_and(resolves) {
        description = None;
        notes.push(not_written("the description"));
    }
    let tags = facts.tags.as_ref().map(|tags| {
        let own = tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
        let (dynamic, own): (Vec<_>, Vec<_>) =
            own.partition(|(key, value)| resolves(key) || resolves(value));
        notes.extend(dynamic.iter().map(|(key, _)| not_written(&format!("the tag {key:?}"))));
        own.into_iter().map(|(key, value)| (key.as_str(), value.as_str())).collect()
    });
    if tags.is_none() {
        notes.push("Not read: tags.".into());
    }
    let replicas = replicas(record, notes);
    let policy = policy(record, notes).filter(|policy| {
        let is_plain = !resolves(&policy.to_string());
        if !is_plain {
            notes.push(not_written("the resource policy"));
        }
        is_plain
    });
    key_notes(record, notes);
    let rotation = rotation(&secret.rotation, notes);
    Managed {
        description,
        kms_key_id: facts.kms_key_id.as_deref(),
        tags,
        replicas,
        policy,
        rotation,
    }
}

/// When a scan read it.
fn when(record: &SecretRecord) -> String {
    match record.read_at.and_then(|at| at.format(&Rfc3339).ok()) {
        Some(at) => format!("As AWS listed it at {at}."),
        None => "When AWS listed it is not known.".into(),
    }
}

/// CloudFormation puts what such a reference names in its place, which can be a value. There is no way to write it as a text.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html>
pub(in crate::inventory) fn is_dynamic(text: &str) -> bool {
    text.contains("{{resolve:") || text.contains("${Token[")
}

fn not_written(what: &str) -> String {
    format!("Not written: {what}, which CloudFormation or the CDK would take for a reference.")
}

fn unread<T>(record: &SecretRecord, what: &str, reading: Option<&Reading<T>>) -> String {
    match reading {
        Some(Reading::Refused(code)) => format!("Not read: {what} ({code})."),
        None if record.has_outdated_details() => {
            format!("Not read: {what} (not since the secret's last change).")
        }
        _ => format!("Not read: {what}."),
    }
}

fn replicas<'a>(
    record: &'a SecretRecord,
    notes: &mut Vec<String>,
) -> Option<Vec<(&'a Region, Option<&'a str>)>> {
    let reading = record.current_details().map(|details| &details.replicas);
    let Some(Reading::Read(all)) = reading else {
        notes.push(unread(record, "replicas", reading));
        return None;
    };
    let replicas: Vec<(&Region, Option<&str>)> =
        all.iter().map(|one| (&one.region, one.kms_key_id.as_deref())).collect();
    let without: Vec<&str> = replicas
        .iter()
        .filter(|(_, key)| key.is_none())
        .map(|(region, _)| region.as_str())
        .collect();
    if !without.is_empty() {
        notes.push(format!("Not read: the key of the replica in {}.", without.join(", ")));
    }
    Some(replicas)
}

fn policy(record: &SecretRecord, notes: &mut Vec<String>) -> Option<Value> {
    let reading = record.current_details().map(|details| &details.resource_policy);
    match reading {
        Some(Reading::Read(None)) => None,
        Some(Reading::Read(Some(text))) => {
            let policy = serde_json::from_str(text).ok();
            if policy.is_none() {
                notes.push("Not read: resource policy (it is not JSON).".into());
            }
            policy
        }
        other => {
            notes.push(unread(record, "resource policy", other));
            None
        }
    }
}

/// The key belongs to more than this secret, and its policy and rotation are not among the facts.
fn key_notes(record: &SecretRecord, notes: &mut Vec<String>) {
    if record.facts.own_key().is_none() {
        return;
    }
    match &record.kms {
        Some(Reading::Read(Some(key))) => {
            let aliases = key.aliases.iter().flatten().map(String::as_str);
            let names: Vec<&str> = std::iter::once(key.arn.as_str()).chain(aliases).collect();
            notes.push(format!("Key: {} ({}).", names.join(", "), key.state));
            notes.push("Not read: the key's rotation and tags.".into());
        }
        Some(Reading::Read(None)) => notes.push("KMS has no key of this name.".into()),
        Some(Reading::Refused(code)) => notes.push(format!("Not read: the key ({code}).")),
        None => notes.push("Not read: the key.".into()),
    }
}

fn rotation<'a>(rotation: &'a Rotation, notes: &mut Vec<String>) -> Option<RotationPart<'a>> {
    let rules = rotation.rules.as_ref();
    if rotation.enabled != Some(true) {
        if let Some(function) = &rotation.lambda_arn {
            notes.push(format!("Rotation is off; {function} is still configured."));
        }
        return None;
    }
    let when = rules.and_then(|rules| {
        match (&rules.schedule_expression, rules.automatically_after_days) {
            // With an expression, the days are AWS's own count.
            (Some(expression), _) if !expression.is_empty() => Some(When::Schedule(expression)),
            (_, Some(days)) => Some(When::Days(days)),
            _ => None,
        }
    });
    match (rotation.lambda_arn.as_deref(), when) {
        (Some(lambda_arn), Some(when)) => {
            let duration = rules.and_then(|rules| rules.duration.as_deref());
            Some(RotationPart { lambda_arn, when, duration })
        }
        (None, _) => {
            notes.push("Not read: what rotates it.".into());
            None
        }
        (_, None) => {
            notes.push("Not read: when it rotates.".into());
            None
        }
    }
}
