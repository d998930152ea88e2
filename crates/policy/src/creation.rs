//! The session policy of a new secret or parameter: the call that creates exactly it, and AWS's dependent permissions.

use crate::permissions::{
    self, Limit, On, Role,
    statement::{Bound, KeyName, allow, needs, via_service},
};
use claviger_domain::{
    creation::{NewDetail, NewResource, Tier},
    facts::{Kind, ParameterType},
};
use serde_json::{Value, json};

/// What the session may do. `generates` adds `GetRandomPassword`, which reads no secret.
pub fn creation_policy(new: &NewResource, generates: bool) -> String {
    let (service, operation, own) = match new.kind() {
        Kind::Secret => ("secretsmanager", "CreateSecret", On::Secret),
        Kind::Parameter => ("ssm", "PutParameter", On::Parameter),
    };
    let arn = new.arn_pattern();
    let bound = Bound { name: Some(&new.name), ..Bound::default() };
    let mut statements: Vec<Value> = Vec::new();
    let named = arn.trim_end_matches("-??????").to_owned();
    let mut add = |service: &str, operation: &str, on: On, resource: &str| {
        // Calls that are not in the table are not allowed.
        let Some(call) = permissions::call(Role::Remediation, service, operation) else { return };
        statements.extend(needs(call, on).map(|need| {
            // The six characters are not known yet: AWS's reference does not say whether the call is authorized with or
            // without them. On a secret that exists, the name alone allows nothing but its creation.
            let both = [resource, named.as_str()];
            let is_creation = need.action == "secretsmanager:CreateSecret";
            let resources = if is_creation { &both[..] } else { &both[..1] };
            allow(&[need.action], resources, need.limits, &bound)
        }));
    };
    add(service, operation, own, &arn);
    if new.kind() == Kind::Parameter && !new.tags.is_empty() {
        add("ssm", "AddTagsToResource", On::Parameter, &arn);
    }
    if generates {
        add("secretsmanager", "GetRandomPassword", On::Anything, "*");
    }
    statements.extend(key_statement(new, service, operation));
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// The use of the customer managed key, through the service alone. The ARN in the encryption context of a new secret is not
/// known yet.
fn key_statement(new: &NewResource, service: &str, operation: &str) -> Option<Value> {
    let key = new.key.as_deref()?;
    let is_needed = |limits: &[Limit]| match &new.detail {
        NewDetail::Secret { .. } => true,
        NewDetail::Parameter { parameter_type: ParameterType::SecureString, tier, .. } => {
            limits.iter().all(|limit| match limit {
                Limit::StandardTier => *tier == Tier::Standard,
                Limit::AdvancedTier => *tier == Tier::Advanced,
                _ => true,
            })
        }
        NewDetail::Parameter { .. } => false,
    };
    let call = permissions::call(Role::Remediation, service, operation)?;
    let actions: Vec<&str> = needs(call, On::Key)
        .filter(|need| is_needed(need.limits))
        .map(|need| need.action)
        .collect();
    if actions.is_empty() {
        return None;
    }
    let key = KeyName::of(key, &new.arn_pattern().parse().ok()?, &new.region);
    let mut statement = allow(&actions, &[&key.arn], &[], &Bound::default());
    statement["Condition"] =
        json!({"StringEquals": {"kms:ViaService": via_service(service, &new.region)}});
    if let Some(alias) = key.alias {
        statement["Condition"]["ForAnyValue:StringEquals"] = json!({"kms:ResourceAliases": alias});
    }
    Some(statement)
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::creation::CreationForm;

    fn shape(change: impl FnOnce(&mut CreationForm)) -> NewResource {
        let mut form = CreationForm {
            account: "441205839201".into(),
            region: "eu-west-1".into(),
            name: "payments/db".into(),
            tags: "owner=payments".into(),
            ..CreationForm::default()
        };
        change(&mut form);
        form.read().unwrap()
    }

    fn statements(new: &NewResource) -> Vec<Value> {
        let text = creation_policy(new, false);
        assert!(text.len() <= crate::SESSION_POLICY_LIMIT, "{text}");
        let document: Value = serde_json::from_str(&text).unwrap();
        document["Statement"].as_array().unwrap().clone()
    }

    #[test]
    fn a_session_creates_its_one_secret() {
        let arn = "arn:aws:secretsmanager:eu-west-1:441205839201:secret:payments/db-??????";
        let all = statements(&shape(|_| {}));
        assert_eq!(all.len(), 2, "{all:?}");
        assert_eq!(all[0]["Action"], "secretsmanager:CreateSecret");
        assert_eq!(all[0]["Condition"]["StringEquals"]["secretsmanager:Name"], "payments/db");
        assert_eq!(all[0]["Resource"], json!([arn, arn.trim_end_matches("-??????")]));
        assert_eq!(all[1]["Resource"], arn, "tags of no other secret");
        let all = statements(&shape(|form| form.key = "alias/payments".into()));
        assert_eq!(all[2]["Action"], json!(["kms:Decrypt", "kms:GenerateDataKey"]));
        assert_eq!(
            all[2]["Condition"]["ForAnyValue:StringEquals"]["kms:ResourceAliases"],
            "alias/payments"
        );
    }

    #[test]
    fn a_session_creates_its_one_parameter_and_overwrites_none() {
        let all = statements(&shape(|form| {
            (form.kind, form.name) = ("parameter".into(), "/payments/url".into());
            form.key = "arn:aws:kms:eu-west-1:441205839201:key/one".into();
        }));
        let arn = "arn:aws:ssm:eu-west-1:441205839201:parameter/payments/url";
        assert_eq!(all[0]["Action"], "ssm:PutParameter");
        assert_eq!(all[0]["Condition"]["StringEqualsIfExists"]["ssm:Overwrite"], "false");
        assert_eq!((&all[0]["Resource"], &all[1]["Resource"]), (&json!(arn), &json!(arn)));
        assert_eq!(all[1]["Action"], "ssm:AddTagsToResource");
        assert_eq!(all[2]["Action"], "kms:Encrypt", "the standard tier");
        let plain = statements(&shape(|form| {
            (form.kind, form.parameter_type) = ("parameter".into(), "String".into());
            (form.name, form.tags) = ("url".into(), String::new());
        }));
        assert_eq!(plain.len(), 1);
    }

    #[test]
    fn what_is_generated_needs_no_secret() {
        let text = creation_policy(&shape(|_| {}), true);
        assert!(text.contains("secretsmanager:GetRandomPassword"), "{text}");
        assert!(!text.contains("GetSecretValue"), "{text}");
    }
}
