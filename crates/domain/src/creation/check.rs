//! AWS's limits for new secrets and parameters. Pure: what the inventory or AWS knows is checked elsewhere.

use super::{NewDetail, NewResource, NewRotation, Tier};
use crate::{
    facts::{Kind, ParameterType},
    ids::{AccountId, Region},
    key::is_foreign_key,
    partition::Partition,
    rotations::schedule::Schedule,
    value::{ADVANCED_BYTES, SECRET_BYTES, STANDARD_BYTES, members, repeated},
};
use std::collections::BTreeSet;

/// `CreateSecret` admits this much; other calls and ARNs promise only [`PROMISED_NAME_CHARS`].
const SECRET_NAME_CHARS: usize = 512;
const PROMISED_NAME_CHARS: usize = 256;
/// With the ARN's own part, a parameter's name has at most 1,011 characters.
const PARAMETER_NAME_CHARS: usize = 1_011;
const PARAMETER_LEVELS: usize = 15;
pub(crate) const TAGS: usize = 50;
const TAG_KEY_CHARS: usize = 128;
const TAG_VALUE_CHARS: usize = 256;
const SECRET_DESCRIPTION_CHARS: usize = 2_048;
const PARAMETER_DESCRIPTION_CHARS: usize = 1_024;
const ALLOWED_PATTERN_CHARS: usize = 1_024;
/// The longest name of a type.
const TYPE_CHARS: usize = 64;
/// How an alias begins.
const ALIAS: &str = "alias/";
/// The longest name of an alias.
const ALIAS_CHARS: usize = 256;
/// The longest resource policy of a secret.
const POLICY_CHARS: usize = 20_480;

/// Why AWS would refuse it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ShapeFault {
    /// The field of the form.
    pub field: String,
    /// What to do.
    pub reason: String,
}

/// What AWS accepts, and people regret.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct ShapeWarning {
    pub field: String,
    pub reason: String,
}

impl ShapeFault {
    pub fn new(field: &str, reason: impl Into<String>) -> Self {
        Self { field: field.into(), reason: reason.into() }
    }
}

/// Everything that AWS's limits refuse, field by field.
pub fn check(new: &NewResource) -> Vec<ShapeFault> {
    let mut faults = Vec::new();
    let mut fault = |field: &str, reason: String| faults.push(ShapeFault::new(field, reason));
    match new.kind() {
        Kind::Secret => secret_name(&new.name),
        Kind::Parameter => parameter_name(&new.name),
    }
    .into_iter()
    .for_each(|reason| fault("name", reason));
    let most = match new.kind() {
        Kind::Secret => SECRET_DESCRIPTION_CHARS,
        Kind::Parameter => PARAMETER_DESCRIPTION_CHARS,
    };
    if new.description.as_ref().is_some_and(|text| text.chars().count() > most) {
        fault("description", format!("Use at most {most} characters."));
    }
    if let Some(reason) = tags(new) {
        fault("tags", reason);
    }
    let key = new.key.as_deref();
    if let Some(reason) = key.and_then(|key| key_fault(key, &new.region, &new.account)) {
        fault("key", reason);
    }
    match &new.detail {
        NewDetail::Secret { policy, replicas, secret_type, rotation } => {
            if let Some(reason) = secret_type.as_deref().and_then(type_fault) {
                fault("secret_type", reason);
            }
            if let Some(rotation) = rotation {
                for (field, reason) in rotation_faults(rotation, secret_type.is_some()) {
                    fault(field, reason);
                }
            }
            if policy.as_ref().is_some_and(|text| text.len() > POLICY_CHARS) {
                fault("policy", format!("Use at most {POLICY_CHARS} characters."));
            }
            let mut seen = BTreeSet::new();
            for replica in replicas {
                if replica.region == new.region {
                    fault("replicas", format!("{} is the secret's own Region.", replica.region));
                } else if !seen.insert(&replica.region) {
                    fault("replicas", format!("{} is named twice.", replica.region));
                }
                let key = replica.key.as_deref();
                if let Some(reason) =
                    key.and_then(|key| key_fault(key, &replica.region, &new.account))
                {
                    fault("replicas", format!("{}: {reason}", replica.region));
                }
            }
        }
        NewDetail::Parameter { parameter_type, tier, allowed_pattern, expires } => {
            if *parameter_type != ParameterType::SecureString && new.key.is_some() {
                fault("key", "Only a SecureString has a key.".into());
            }
            if allowed_pattern
                .as_ref()
                .is_some_and(|text| text.chars().count() > ALLOWED_PATTERN_CHARS)
            {
                fault(
                    "allowed_pattern",
                    format!("Use at most {ALLOWED_PATTERN_CHARS} characters."),
                );
            }
            if expires.is_some() && *tier == Tier::Standard {
                fault(
                    "tier",
                    "Only Advanced parameters expire. A tier can't be lowered later.".into(),
                );
            }
        }
    }
    faults
}

/// AWS adds types of managed external secrets, so only the form of the name is checked.
fn type_fault(name: &str) -> Option<String> {
    let is_name = name.len() <= TYPE_CHARS && name.bytes().all(|b| b.is_ascii_alphanumeric());
    (!is_name).then(|| "Use the name of a type, such as SalesforceClientSecret.".into())
}

/// Why `RotateSecret` would refuse it.
fn rotation_faults(rotation: &NewRotation, is_external: bool) -> Vec<(&'static str, String)> {
    let mut faults = Vec::new();
    let rules = &rotation.rules;
    match (is_external, &rotation.function, &rotation.external) {
        (false, None, _) => {
            faults.push(("function", "Enter the ARN of the function that rotates it.".into()));
        }
        (false, Some(_), Some(_)) => faults.push((
            "role",
            "Only a managed external secret has one: enter its type, or leave it empty.".into(),
        )),
        (true, Some(_), _) => faults.push((
            "function",
            "Secrets Manager rotates a managed external secret itself: leave it empty.".into(),
        )),
        (true, None, None) => faults.push((
            "role",
            "Enter the ARN of the role with which Secrets Manager rotates it.".into(),
        )),
        (false, Some(function), None) if !function.starts_with("arn:") => {
            faults.push(("function", "Enter the whole ARN of the function.".into()));
        }
        (true, None, Some(external)) if !external.role_arn.starts_with("arn:") => {
            faults.push(("role", "Enter the whole ARN of the role.".into()));
        }
        _ => {}
    }
    match (rules.automatically_after_days, &rules.schedule_expression) {
        (None, None) => faults.push(("days", "Enter days, or a schedule.".into())),
        (Some(_), Some(_)) => {
            faults.push(("schedule", "Enter days or a schedule, not both.".into()));
        }
        (days, expression) => {
            let days = days.map(|days| u32::try_from(days).unwrap_or(0));
            if let Err(fault) = Schedule::read(days, expression.as_deref(), None) {
                faults.push((fault.field, format!("Correct it: {}.", fault.reason)));
            }
        }
    }
    faults
}

/// What is accepted, and worth a second look.
pub fn warnings(new: &NewResource) -> Vec<ShapeWarning> {
    let mut found = Vec::new();
    if new.kind() != Kind::Secret {
        return found;
    }
    let mut warn = |reason: &str| {
        found.push(ShapeWarning { field: "name".into(), reason: reason.into() });
    };
    if new.name.chars().count() > PROMISED_NAME_CHARS {
        warn(
            "Names over 256 characters are accepted, but not promised by every call of Secrets Manager.",
        );
    }
    if ends_like_an_arn(&new.name) {
        warn(
            "It ends like the six characters that AWS adds to an ARN: a partial ARN can then mean another secret.",
        );
    }
    found
}

/// A hyphen and six letters or digits.
fn ends_like_an_arn(name: &str) -> bool {
    name.rsplit_once('-').is_some_and(|(before, tail)| {
        !before.is_empty() && tail.len() == 6 && tail.bytes().all(|b| b.is_ascii_alphanumeric())
    })
}

fn secret_name(name: &str) -> Option<String> {
    let count = name.chars().count();
    if count == 0 {
        return Some("Enter a name.".into());
    }
    if count > SECRET_NAME_CHARS {
        return Some(format!("Use at most {SECRET_NAME_CHARS} characters; this has {count}."));
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-".contains(c);
    let wrong = name.chars().find(|c| !is_allowed(*c))?;
    Some(format!("{wrong:?} is not allowed: use letters, digits and /_+=.@-"))
}

fn parameter_name(name: &str) -> Option<String> {
    let count = name.chars().count();
    if count == 0 {
        return Some("Enter a name.".into());
    }
    if count > PARAMETER_NAME_CHARS {
        return Some(format!("Use at most {PARAMETER_NAME_CHARS} characters; this has {count}."));
    }
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "/_.-".contains(c);
    if let Some(wrong) = name.chars().find(|c| !is_allowed(*c)) {
        return Some(format!("{wrong:?} is not allowed: use letters, digits and /_.-"));
    }
    let first = name.trim_start_matches('/').to_lowercase();
    if first.starts_with("aws") || first.starts_with("ssm") {
        return Some("Names that begin with aws or ssm are AWS's own.".into());
    }
    if name.contains('/') && !name.starts_with('/') {
        return Some("A name with levels begins with a slash, such as /payments/db/url.".into());
    }
    if name.ends_with('/') || name.contains("//") {
        return Some("Each level needs a name.".into());
    }
    let levels = name.matches('/').count();
    (levels > PARAMETER_LEVELS)
        .then(|| format!("Use at most {PARAMETER_LEVELS} levels; this has {levels}."))
}

fn tags(new: &NewResource) -> Option<String> {
    if new.tags.len() > TAGS {
        return Some(format!("Use at most {TAGS} tags; these are {}.", new.tags.len()));
    }
    new.tags.iter().find_map(|(key, value)| tag_fault(key, value))
}

/// Why AWS would refuse a tag.
pub(crate) fn tag_fault(key: &str, value: &str) -> Option<String> {
    if key.trim().is_empty() || key.chars().count() > TAG_KEY_CHARS {
        return Some(format!("A tag's key has 1 to {TAG_KEY_CHARS} characters."));
    }
    if key.to_lowercase().starts_with("aws:") {
        return Some(format!("{key}: keys that begin with aws: are AWS's own."));
    }
    let is_long = value.chars().count() > TAG_VALUE_CHARS;
    is_long.then(|| format!("{key}: a tag's value has at most {TAG_VALUE_CHARS} characters."))
}

/// Why a key with this name cannot encrypt in a Region. Whether it exists is known elsewhere.
fn key_fault(key: &str, region: &Region, account: &AccountId) -> Option<String> {
    if !key.starts_with("arn:") {
        return (!is_key_name(key)).then(|| {
            "Enter the ID or ARN of a KMS key, or an alias such as alias/payments.".into()
        });
    }
    let parts: Vec<&str> = key.splitn(6, ':').collect();
    let [_, partition, "kms", own_region, owner, name] = parts[..] else {
        return Some("This is not the ARN of a KMS key.".into());
    };
    let wanted = Partition::of_region(region);
    if partition != wanted.as_str() {
        return Some(format!(
            "The key is in the partition {partition}: use a key of {region}, which is in {wanted}."
        ));
    }
    if own_region != region.as_str() {
        return Some(format!("The key is in {own_region}: use a key of {region}."));
    }
    let is_named = match name.strip_prefix("key/") {
        Some(id) => !id.is_empty() && is_key_text(id),
        None => is_key_name(name) && name.starts_with(ALIAS),
    };
    if owner.parse::<AccountId>().is_err() || !is_named {
        return Some("This is not the ARN of a KMS key.".into());
    }
    (is_foreign_key(key, account) && key.contains("alias/aws/"))
        .then(|| "An AWS managed key of another account can't be used.".into())
}

/// An ID, of one Region or of several, or an alias.
fn is_key_name(name: &str) -> bool {
    if let Some(alias) = name.strip_prefix(ALIAS) {
        return !alias.is_empty()
            && name.len() <= ALIAS_CHARS
            && alias.bytes().all(|b| b == b'/' || is_key_byte(b));
    }
    let id = name.strip_prefix("mrk-").unwrap_or(name);
    !id.is_empty() && id.bytes().all(|b| b == b'-' || b.is_ascii_hexdigit())
}

fn is_key_text(text: &str) -> bool {
    text.len() <= ALIAS_CHARS && text.bytes().all(is_key_byte)
}

fn is_key_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"_-".contains(&b)
}

/// Why the value does not fit; its text is in no error.
pub fn check_value(new: &NewResource, bytes: usize) -> Option<ShapeFault> {
    let (most, unit) = match &new.detail {
        NewDetail::Secret { .. } => (SECRET_BYTES, "a secret's value has at most 65,536 bytes"),
        NewDetail::Parameter { tier: Tier::Standard, .. } => {
            (STANDARD_BYTES, "a Standard parameter has at most 4,096 bytes: use the Advanced tier")
        }
        NewDetail::Parameter { tier: Tier::Advanced, .. } => {
            (ADVANCED_BYTES, "an Advanced parameter has at most 8,192 bytes")
        }
    };
    match bytes {
        0 => Some(ShapeFault::new("value", "Enter a value.")),
        _ if bytes > most => {
            Some(ShapeFault::new("value", format!("It has {bytes} bytes; {unit}.")))
        }
        _ => None,
    }
}

/// The first key that a JSON object has twice, at any depth: readers take either value. The rest of the text is not checked.
pub fn repeated_key(json: &str) -> Option<String> {
    let found = members(json)?;
    if let Some((key, _)) = repeated(&found).first() {
        return Some((*key).to_owned());
    }
    found.iter().find_map(|member| repeated_key(member.json))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::creation::NewReplica;
    use rstest::rstest;

    fn secret_with(replicas: Vec<NewReplica>) -> NewDetail {
        NewDetail::Secret { policy: None, replicas, secret_type: None, rotation: None }
    }

    fn secret(name: &str) -> NewResource {
        NewResource {
            account: "441205839201".parse().unwrap(),
            region: "eu-west-1".parse().unwrap(),
            name: name.into(),
            description: None,
            key: None,
            tags: [].into(),
            detail: secret_with(Vec::new()),
        }
    }

    fn parameter(name: &str) -> NewResource {
        NewResource {
            detail: NewDetail::Parameter {
                parameter_type: ParameterType::SecureString,
                tier: Tier::Standard,
                allowed_pattern: None,
                expires: None,
            },
            ..secret(name)
        }
    }

    fn fields(new: &NewResource) -> Vec<String> {
        check(new).into_iter().map(|fault| fault.field).collect()
    }

    #[rstest]
    #[case("payments/db", true)]
    #[case("", false)]
    #[case("pay ments", false)]
    #[case(&"a".repeat(512), true)]
    #[case(&"a".repeat(513), false)]
    fn names_of_secrets(#[case] name: &str, #[case] is_valid: bool) {
        assert_eq!(fields(&secret(name)).is_empty(), is_valid, "{name}");
    }

    #[rstest]
    #[case("payments/db", 0)]
    #[case("payments/db-AbC123", 1)]
    #[case("-AbC123", 0)]
    #[case(&"a".repeat(256), 0)]
    #[case(&"a".repeat(257), 1)]
    fn what_is_warned_about(#[case] name: &str, #[case] count: usize) {
        assert_eq!(warnings(&secret(name)).len(), count, "{name}");
    }

    #[rstest]
    #[case("/payments/db/url", true)]
    #[case("url", true)]
    #[case("payments/url", false)]
    #[case("/aws/url", false)]
    #[case("SSM-url", false)]
    #[case("/payments//url", false)]
    #[case("/payments/", false)]
    #[case("/a+b", false)]
    #[case(&"/a".repeat(15), true)]
    #[case(&"/a".repeat(16), false)]
    fn names_of_parameters(#[case] name: &str, #[case] is_valid: bool) {
        assert_eq!(fields(&parameter(name)).is_empty(), is_valid, "{name}");
    }

    #[test]
    fn tags_within_the_limits_of_aws() {
        let with = |tags: Vec<(String, String)>| {
            fields(&NewResource { tags: tags.into_iter().collect(), ..secret("a") })
        };
        let many = |count: usize| (0..count).map(|n| (format!("k{n}"), String::new())).collect();
        assert!(with(many(50)).is_empty());
        assert_eq!(with(many(51)), ["tags"]);
        assert_eq!(with(vec![("AWS:x".into(), String::new())]), ["tags"]);
        assert_eq!(with(vec![("k".into(), "v".repeat(257))]), ["tags"]);
    }

    #[rstest]
    #[case("alias/payments", true)]
    #[case("arn:aws:kms:eu-west-1:441205839201:key/one", true)]
    #[case("arn:aws:kms:us-east-1:441205839201:key/one", false)]
    #[case("arn:aws:iam::441205839201:role/one", false)]
    #[case("arn:aws:kms:eu-west-1:111122223333:alias/aws/secretsmanager", false)]
    #[case("arn:aws-cn:kms:eu-west-1:441205839201:key/one", false)]
    #[case("arn:aws-cn:kms:cn-north-1:441205839201:key/one", false)]
    #[case("arn:aws:kms:eu-west-1:4412:key/one", false)]
    #[case("arn:aws:kms:eu-west-1:441205839201:key/", false)]
    #[case("arn:aws:kms:eu-west-1:441205839201:one", false)]
    #[case("arn:aws:kms:eu-west-1:441205839201:alias/payments", true)]
    #[case("5d0c6a1e-2f4b-4c8d-9e1f-0a2b3c4d5e6f", true)]
    #[case("mrk-5d0c6a1e2f4b4c8d9e1f0a2b3c4d5e6f", true)]
    #[case("payments", false)]
    #[case("alias/", false)]
    #[case("alias/pay ments", false)]
    fn keys(#[case] key: &str, #[case] is_valid: bool) {
        let new = NewResource { key: Some(key.into()), ..secret("a") };
        assert_eq!(fields(&new).is_empty(), is_valid, "{key}");
    }

    #[test]
    fn replicas_are_elsewhere_and_once() {
        let replica = |region: &str| NewReplica { region: region.parse().unwrap(), key: None };
        let with = |replicas: Vec<NewReplica>| {
            let detail = secret_with(replicas);
            fields(&NewResource { detail, ..secret("a") })
        };
        assert!(with(vec![replica("us-east-1")]).is_empty());
        assert_eq!(with(vec![replica("eu-west-1")]), ["replicas"]);
        assert_eq!(with(vec![replica("us-east-1"), replica("us-east-1")]), ["replicas"]);
        let key = |text: &str| NewReplica { key: Some(text.into()), ..replica("us-east-1") };
        assert!(with(vec![key("alias/payments")]).is_empty());
        assert_eq!(
            with(vec![key("arn:aws:kms:eu-west-1:441205839201:key/one")]),
            ["replicas"],
            "a key of another Region"
        );
    }

    #[test]
    fn values_have_the_size_of_their_kind() {
        let mut advanced = parameter("a");
        if let NewDetail::Parameter { tier, .. } = &mut advanced.detail {
            *tier = Tier::Advanced;
        }
        for (new, most) in [(secret("a"), 65_536), (parameter("a"), 4_096), (advanced, 8_192)] {
            assert_eq!(check_value(&new, most), None);
            assert!(check_value(&new, most + 1).is_some());
            assert!(check_value(&new, 0).is_some());
        }
    }

    #[test]
    fn a_key_of_a_value_is_there_once() {
        assert_eq!(repeated_key(r#"{"user": "a", "password": "b"}"#), None);
        assert_eq!(repeated_key(r#"{"user": "a", "user": "b"}"#).as_deref(), Some("user"));
        let deep = r#"{"db": {"user": "a", "user": "b"}, "user": "c"}"#;
        assert_eq!(repeated_key(deep).as_deref(), Some("user"));
        assert_eq!(repeated_key(r#"{"db": {"user": "a"}, "user": "c"}"#), None);
        assert_eq!(repeated_key("no json"), None);
    }
}
