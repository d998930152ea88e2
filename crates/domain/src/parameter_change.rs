//! What can be changed of a parameter besides its value: tier, key, allowed pattern and policies. AWS has one call for all of
//! it, which sends the value again.

use crate::{
    changes::Change,
    creation::{ShapeFault, Tier},
    facts::{Detail, ParameterFacts, ParameterType, ResourceFacts},
    value::{ADVANCED_BYTES, STANDARD_BYTES},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::well_known::Rfc3339};

const PATTERN_CHARS: usize = 1_024;
const KEY_CHARS: usize = 256;
/// AWS's key for a `SecureString` without one of its own.
const AWS_KEY: &str = "alias/aws/ssm";

/// The change as it was typed; an empty field changes nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ParameterForm {
    /// `Standard` or `Advanced`.
    pub tier: String,
    /// A key's id, ARN or alias.
    pub key: String,
    pub allowed_pattern: String,
    pub remove_pattern: bool,
    /// When AWS deletes the parameter: RFC 3339, or a time in UTC as a browser sends it.
    pub expires: String,
    /// So many days before it expires, AWS sends an event.
    pub notify_days: String,
    /// So many days after the last change, AWS sends an event.
    pub no_change_days: String,
    pub remove_policies: bool,
}

/// What becomes of a setting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Setting<T> {
    #[default]
    Keep,
    Set(T),
    Remove,
}

/// The parameter policies; AWS replaces all of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterPolicies {
    pub expires: Option<OffsetDateTime>,
    /// Days before the expiration.
    pub notify_days: Option<u32>,
    /// Days after the last change.
    pub no_change_days: Option<u32>,
}

/// The settings to change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParameterChange {
    pub tier: Option<Tier>,
    pub key: Option<String>,
    pub pattern: Setting<String>,
    pub policies: Setting<ParameterPolicies>,
}

impl ParameterForm {
    /// The change, or every field that can't be understood.
    pub fn read(&self) -> Result<ParameterChange, Vec<ShapeFault>> {
        let mut faults = Vec::new();
        let tier = match self.tier.trim() {
            "" => None,
            tier => tier
                .parse()
                .map_err(|expected| {
                    faults.push(ShapeFault::new("tier", format!("Use {expected}.")));
                })
                .ok(),
        };
        let pattern = match (self.allowed_pattern.as_str(), self.remove_pattern) {
            ("", false) => Setting::Keep,
            ("", true) => Setting::Remove,
            (pattern, _) => Setting::Set(pattern.to_owned()),
        };
        let expires = match self.expires.trim() {
            "" => None,
            text => {
                let at = time_of(text);
                if at.is_none() {
                    faults.push(ShapeFault::new(
                        "expires",
                        "Enter a time in UTC, such as 2027-01-31T08:00:00Z.",
                    ));
                }
                at
            }
        };
        let mut days = |field: &str, text: &str| match text.trim() {
            "" => None,
            text => {
                let days = text.parse().ok().filter(|days| (1..=36_500).contains(days));
                if days.is_none() {
                    faults.push(ShapeFault::new(field, "Enter a number of days, at least 1."));
                }
                days
            }
        };
        let policies = ParameterPolicies {
            notify_days: days("notify_days", &self.notify_days),
            no_change_days: days("no_change_days", &self.no_change_days),
            expires,
        };
        let policies = match (policies.is_empty(), self.remove_policies) {
            (true, false) => Setting::Keep,
            (true, true) => Setting::Remove,
            (false, _) => Setting::Set(policies),
        };
        let key = Some(self.key.trim().to_owned()).filter(|key| !key.is_empty());
        if faults.is_empty() {
            Ok(ParameterChange { tier, key, pattern, policies })
        } else {
            Err(faults)
        }
    }
}

/// As RFC 3339, or in UTC without an offset and with or without seconds.
fn time_of(text: &str) -> Option<OffsetDateTime> {
    let with_seconds =
        time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
    let without = time::macros::format_description!("[year]-[month]-[day]T[hour]:[minute]");
    OffsetDateTime::parse(text, &Rfc3339)
        .ok()
        .or_else(|| {
            PrimitiveDateTime::parse(text, with_seconds).ok().map(PrimitiveDateTime::assume_utc)
        })
        .or_else(|| PrimitiveDateTime::parse(text, without).ok().map(PrimitiveDateTime::assume_utc))
}

impl ParameterPolicies {
    fn is_empty(&self) -> bool {
        self.expires.is_none() && self.notify_days.is_none() && self.no_change_days.is_none()
    }

    fn json(&self) -> String {
        let policy = |name: &str, attributes: Value| json!({"Type": name, "Version": "1.0", "Attributes": attributes});
        let expires =
            self.expires.map(|at| policy("Expiration", json!({"Timestamp": written(at)})));
        let notify = self.notify_days.map(|days| {
            policy("ExpirationNotification", json!({"Before": days.to_string(), "Unit": "Days"}))
        });
        let no_change = self.no_change_days.map(|days| {
            policy("NoChangeNotification", json!({"After": days.to_string(), "Unit": "Days"}))
        });
        let all: Vec<Value> = [expires, notify, no_change].into_iter().flatten().collect();
        Value::Array(all).to_string()
    }
}

fn written(at: OffsetDateTime) -> String {
    let whole = at.to_offset(UtcOffset::UTC).replace_nanosecond(0).unwrap_or(at);
    whole.format(&Rfc3339).unwrap_or_default()
}

impl ParameterChange {
    /// Whether it changes nothing but the value.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// `Policies` of the call; `None` keeps them.
    pub fn policies_json(&self) -> Option<String> {
        match &self.policies {
            Setting::Keep => None,
            Setting::Set(policies) => Some(policies.json()),
            // AWS's way to remove them.
            Setting::Remove => Some("[{}]".into()),
        }
    }

    /// The tier afterwards, where it is known.
    fn tier_after(&self, parameter: &ParameterFacts) -> Option<Tier> {
        self.tier.or_else(|| parameter.tier.as_deref()?.parse().ok())
    }

    /// Everything that AWS would refuse, by the parameter as AWS has it now. `bytes` is the length of a new value.
    pub fn faults(
        &self,
        facts: &ResourceFacts,
        bytes: Option<usize>,
        now: OffsetDateTime,
    ) -> Vec<ShapeFault> {
        let Detail::Parameter(parameter) = &facts.detail else {
            return vec![ShapeFault::new("resource", "Only a parameter has these settings.")];
        };
        let mut faults = Vec::new();
        let mut fault = |field: &str, reason: &str| faults.push(ShapeFault::new(field, reason));
        if self.is_empty() && bytes.is_none() {
            fault("value", "Nothing is changed: enter a new value, or change a setting.");
        }
        let is_advanced = parameter.tier.as_deref() == Some("Advanced");
        if is_advanced && self.tier == Some(Tier::Standard) {
            fault(
                "tier",
                "AWS can't turn an Advanced parameter into a Standard one. Create it again under another name.",
            );
        }
        let is_standard_after = self.tier_after(parameter) == Some(Tier::Standard);
        match bytes {
            Some(0) => fault("value", "Enter a value."),
            Some(bytes) if bytes > ADVANCED_BYTES => {
                fault("value", "An Advanced parameter has at most 8,192 bytes.");
            }
            Some(bytes) if bytes > STANDARD_BYTES && is_standard_after => {
                fault(
                    "value",
                    "A Standard parameter has at most 4,096 bytes: use the Advanced tier.",
                );
            }
            _ => {}
        }
        match &self.pattern {
            Setting::Set(pattern) if pattern.chars().count() > PATTERN_CHARS => {
                fault("allowed_pattern", "Use at most 1,024 characters.");
            }
            _ => {}
        }
        if let Some(key) = &self.key {
            if parameter.parameter_type != ParameterType::SecureString {
                fault("key", "Only a SecureString has a key.");
            } else if key.chars().count() > KEY_CHARS || key.contains(char::is_whitespace) {
                fault("key", "Enter a key's id, ARN or alias.");
            } else if key.starts_with("arn:") && key.split(':').nth(3) != Some(facts.arn.region()) {
                fault("key", "The key is in another Region: use a key of the parameter's Region.");
            }
        }
        if let Setting::Set(policies) = &self.policies {
            if !is_advanced && self.tier != Some(Tier::Advanced) {
                fault("tier", "Only Advanced parameters have policies: choose the Advanced tier.");
            }
            if policies.expires.is_some_and(|at| at <= now) {
                fault("expires", "Enter a time in the future: AWS deletes the parameter then.");
            }
            if policies.notify_days.is_some() && policies.expires.is_none() {
                fault(
                    "notify_days",
                    "Enter when the parameter expires too: AWS replaces all policies.",
                );
            }
        }
        faults
    }

    /// Each setting that changes, with its value before and after. The value is not among them.
    pub fn changes(&self, facts: &ResourceFacts) -> Vec<Change> {
        let Detail::Parameter(parameter) = &facts.detail else { return Vec::new() };
        let mut all = Vec::new();
        let mut put = |field: &str, before: Option<String>, after: Option<String>| {
            if before != after {
                all.push(Change { field: field.to_owned(), before, after });
            }
        };
        if let Some(tier) = self.tier {
            put("Tier", parameter.tier.clone(), Some(tier.to_string()));
        }
        if let Some(key) = &self.key {
            let before = facts.kms_key_id.clone().unwrap_or_else(|| AWS_KEY.to_owned());
            put("KeyId", Some(before), Some(key.clone()));
        }
        let pattern = parameter.allowed_pattern.clone();
        match &self.pattern {
            Setting::Keep => {}
            Setting::Set(new) => put("AllowedPattern", pattern, Some(new.clone())),
            Setting::Remove => put("AllowedPattern", pattern, None),
        }
        let policies = |texts: &[String]| {
            let words: Vec<String> = texts.iter().map(|text| policy_words(text)).collect();
            (!words.is_empty()).then(|| words.join("; "))
        };
        match &self.policies {
            Setting::Keep => {}
            Setting::Set(new) => {
                let texts: Vec<Value> = serde_json::from_str(&new.json()).unwrap_or_default();
                let texts: Vec<String> = texts.iter().map(Value::to_string).collect();
                put("Policies", policies(&parameter.policies), policies(&texts));
            }
            Setting::Remove => put("Policies", policies(&parameter.policies), None),
        }
        all
    }

    /// The settings that AWS does not have as they were sent: from the parameter as AWS has it afterwards.
    pub fn unverified(&self, after: &ResourceFacts) -> Vec<String> {
        self.changes(after).into_iter().map(|change| change.field).collect()
    }
}

/// `Expiration at 2027-01-31T08:00:00Z`, from a policy's JSON.
fn policy_words(text: &str) -> String {
    let Ok(policy) = serde_json::from_str::<Value>(text) else { return text.to_owned() };
    let at = |pointer: &str| policy.pointer(pointer).and_then(Value::as_str);
    let name = at("/Type").unwrap_or("Policy");
    let unit = at("/Attributes/Unit").unwrap_or("Days").to_lowercase();
    match (at("/Attributes/Timestamp"), at("/Attributes/Before"), at("/Attributes/After")) {
        (Some(time), ..) => {
            // AWS may write the same time otherwise.
            let time = OffsetDateTime::parse(time, &Rfc3339).map_or(time.to_owned(), written);
            format!("{name} at {time}")
        }
        (None, Some(before), _) => format!("{name} {before} {unit} before"),
        (None, None, Some(after)) => format!("{name} after {after} {unit}"),
        (None, None, None) => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);

    fn parameter(tier: &str, parameter_type: ParameterType) -> ResourceFacts {
        ResourceFacts {
            arn: "arn:aws:ssm:eu-west-1:441205839201:parameter/app/db".parse().unwrap(),
            name: "/app/db".into(),
            description: None,
            tags: None,
            kms_key_id: None,
            is_aws_managed_key: false,
            created_at: None,
            changed_at: None,
            detail: Detail::Parameter(ParameterFacts {
                parameter_type,
                tier: Some(tier.into()),
                version: Some(3),
                data_type: None,
                allowed_pattern: Some("^[a-z]+$".into()),
                last_modified_user: None,
                policies: Vec::new(),
            }),
        }
    }

    fn form(change: impl FnOnce(&mut ParameterForm)) -> ParameterChange {
        let mut form = ParameterForm::default();
        change(&mut form);
        form.read().unwrap()
    }

    #[rstest]
    #[case::nothing(|_: &mut ParameterForm| {}, None, "value")]
    #[case::empty(|_: &mut ParameterForm| {}, Some(0), "value")]
    #[case::too_long_for_standard(|_: &mut ParameterForm| {}, Some(4_097), "value")]
    #[case::too_long(|form: &mut ParameterForm| form.tier = "Advanced".into(), Some(8_193), "value")]
    #[case::long_pattern(|form: &mut ParameterForm| form.allowed_pattern = "a".repeat(1_025), None, "allowed_pattern")]
    #[case::foreign_region(|form: &mut ParameterForm| form.key = "arn:aws:kms:us-east-1:441205839201:key/1".into(), None, "key")]
    #[case::no_key(|form: &mut ParameterForm| form.key = "two words".into(), None, "key")]
    #[case::policies_of_standard(|form: &mut ParameterForm| form.no_change_days = "20".into(), None, "tier")]
    #[case::past(|form: &mut ParameterForm| { form.tier = "Advanced".into(); form.expires = "2026-11-29T11:59".into(); }, None, "expires")]
    #[case::nothing_to_notify_of(|form: &mut ParameterForm| { form.tier = "Advanced".into(); form.notify_days = "5".into(); }, None, "notify_days")]
    fn what_aws_refuses_names_its_field(
        #[case] typed: fn(&mut ParameterForm),
        #[case] bytes: Option<usize>,
        #[case] field: &str,
    ) {
        let faults =
            form(typed).faults(&parameter("Standard", ParameterType::SecureString), bytes, NOW);
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, [field]);
    }

    #[test]
    fn a_tier_only_rises_and_only_a_secure_string_has_a_key() {
        let down = form(|form| form.tier = "Standard".into());
        let advanced = parameter("Advanced", ParameterType::String);
        assert_eq!(down.faults(&advanced, None, NOW)[0].field, "tier");
        let key = form(|form| form.key = "alias/own".into());
        assert_eq!(key.faults(&advanced, None, NOW)[0].field, "key");
        let up = form(|form| form.tier = "Advanced".into());
        let standard = parameter("Standard", ParameterType::String);
        assert_eq!(up.faults(&standard, Some(8_192), NOW), []);
        assert_eq!(up.faults(&standard, None, NOW), []);
    }

    #[rstest]
    #[case("tier", |form: &mut ParameterForm| form.tier = "Premium".into())]
    #[case("expires", |form: &mut ParameterForm| form.expires = "tomorrow".into())]
    #[case("notify_days", |form: &mut ParameterForm| form.notify_days = "0".into())]
    #[case("no_change_days", |form: &mut ParameterForm| form.no_change_days = "-1".into())]
    fn what_is_not_understood_names_its_field(
        #[case] field: &str,
        #[case] typed: fn(&mut ParameterForm),
    ) {
        let mut form = ParameterForm::default();
        typed(&mut form);
        let faults = form.read().unwrap_err();
        assert_eq!((faults.len(), faults[0].field.as_str()), (1, field));
    }

    #[test]
    fn every_setting_is_shown_before_and_after() {
        let change = form(|form| {
            form.tier = "Advanced".into();
            form.key = "alias/own".into();
            form.remove_pattern = true;
            form.expires = "2027-01-31T08:00".into();
            form.notify_days = "15".into();
            form.no_change_days = "20".into();
        });
        let facts = parameter("Standard", ParameterType::SecureString);
        let words: Vec<String> = change
            .changes(&facts)
            .into_iter()
            .map(|one| {
                let said = |value: Option<String>| value.unwrap_or_else(|| "(none)".into());
                format!("{}: {} -> {}", one.field, said(one.before), said(one.after))
            })
            .collect();
        assert_eq!(
            words,
            [
                "Tier: Standard -> Advanced",
                "KeyId: alias/aws/ssm -> alias/own",
                "AllowedPattern: ^[a-z]+$ -> (none)",
                "Policies: (none) -> Expiration at 2027-01-31T08:00:00Z; ExpirationNotification 15 days before; NoChangeNotification after 20 days",
            ]
        );
        let policies: Value = serde_json::from_str(&change.policies_json().unwrap()).unwrap();
        assert_eq!(policies[1]["Attributes"], json!({"Before": "15", "Unit": "Days"}));
        // AWS has what was sent, in its own words.
        let mut after = facts;
        after.kms_key_id = Some("alias/own".into());
        let Detail::Parameter(parameter) = &mut after.detail else { unreachable!() };
        parameter.tier = Some("Advanced".into());
        parameter.allowed_pattern = None;
        parameter.policies = policies.as_array().unwrap().iter().map(Value::to_string).collect();
        parameter.policies[0] = parameter.policies[0].replace("08:00:00Z", "08:00:00.000Z");
        assert_eq!(change.unverified(&after), Vec::<String>::new());
        let Detail::Parameter(parameter) = &mut after.detail else { unreachable!() };
        parameter.tier = Some("Standard".into());
        assert_eq!(change.unverified(&after), ["Tier"]);
    }

    #[test]
    fn removed_policies_are_one_empty_object() {
        let change = form(|form| form.remove_policies = true);
        assert_eq!(change.policies_json().as_deref(), Some("[{}]"));
        assert_eq!(ParameterChange::default().policies_json(), None);
    }
}
