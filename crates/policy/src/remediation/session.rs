//! The session policy of a call: its action on its ARN, and AWS's dependent permissions.

use crate::permissions::{
    self, Call, Limit, On, Role,
    statement::{Bound, KeyName, allow, needs},
};
use claviger_domain::{
    facts::{Detail, Kind, ResourceFacts},
    ids::Region,
    remediation::AwsCall,
};
use serde_json::{Value, json};

/// What the session of one call may do to a secret or parameter of a Region, and nothing else.
pub fn session_policy(call: &AwsCall, facts: &ResourceFacts, region: &Region) -> String {
    let (service, own) = match facts.kind() {
        Kind::Secret => ("secretsmanager", On::Secret),
        Kind::Parameter => ("ssm", On::Parameter),
    };
    let operation = call.operation(facts.kind());
    // Calls that are not in the table are not allowed.
    let Some(permissions) = permissions::call(Role::Remediation, service, operation) else {
        return json!({"Version": "2012-10-17", "Statement": []}).to_string();
    };
    let function = function_of(call, facts);
    let stage = match call {
        AwsCall::UpdateSecretVersionStage { stage, .. } => Some(stage.as_str()),
        _ => None,
    };
    let external_role = external_role(call, facts);
    let bound = Bound { function, external_role, stage, ..Bound::default() };
    let limits = limits_of(call);
    let mut statements: Vec<Value> = needs(permissions, own)
        .map(|need| {
            let limits = [need.limits, limits].concat();
            allow(&[need.action], &[facts.arn.as_str()], &limits, &bound)
        })
        .collect();
    if let Some(function) = function {
        statements.extend(
            needs(permissions, On::RotationFunction)
                .map(|need| allow(&[need.action], &[function], need.limits, &bound)),
        );
    }
    if let AwsCall::RotateSecret { external: Some(external), .. } = call {
        statements.extend(
            needs(permissions, On::ExternalRole)
                .map(|need| allow(&[need.action], &[&external.role_arn], need.limits, &bound)),
        );
    }
    statements.extend(key_statements(permissions, call, facts, region));
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

fn limits_of(call: &AwsCall) -> &'static [Limit] {
    match call {
        AwsCall::RotateNow => &[
            Limit::OwnRotationFunction,
            Limit::SameSchedule,
            Limit::AtOnce,
            Limit::OwnExternalRole,
        ],
        AwsCall::RotateSecret { rotate_immediately: true, .. } => {
            &[Limit::OwnRotationFunction, Limit::AtOnce, Limit::OwnExternalRole]
        }
        AwsCall::RotateSecret { .. } => &[Limit::OwnRotationFunction, Limit::OwnExternalRole],
        AwsCall::UpdateDescription { .. } => &[Limit::SameKey],
        _ => &[],
    }
}

/// The rotation function of the call: the one that it names, otherwise the secret's own.
fn function_of<'a>(call: &'a AwsCall, facts: &'a ResourceFacts) -> Option<&'a str> {
    let own = match &facts.detail {
        Detail::Secret(secret) => secret.rotation.lambda_arn.as_deref(),
        Detail::Parameter(_) => None,
    };
    match call {
        AwsCall::RotateSecret { lambda_arn, .. } => lambda_arn.as_deref().or(own),
        AwsCall::RotateNow => own,
        _ => None,
    }
}

/// The role of a managed external secret: the one that the call names, otherwise the secret's own.
fn external_role<'a>(call: &'a AwsCall, facts: &'a ResourceFacts) -> Option<&'a str> {
    match (call, &facts.detail) {
        (AwsCall::RotateSecret { external: Some(external), .. }, _) => Some(&external.role_arn),
        (_, Detail::Secret(secret)) => secret.rotation.external_role_arn.as_deref(),
        (_, Detail::Parameter(_)) => None,
    }
}

/// Versions are read under any of their keys, and written only under the new key. The encryption context allows only this
/// secret, and only Secrets Manager may use the keys.
fn key_statements(
    permissions: &Call,
    call: &AwsCall,
    facts: &ResourceFacts,
    region: &Region,
) -> Vec<Value> {
    let partition = facts.arn.partition();
    let (to, key) = match call {
        AwsCall::UpdateSecret { kms_key_id } => (region, Some(kms_key_id)),
        AwsCall::ReplicateSecretToRegions { region: to, kms_key_id } => (to, kms_key_id.as_ref()),
        _ => return Vec::new(),
    };
    let limits = needs(permissions, On::Key).next().map_or(&[][..], |need| need.limits);
    let there = facts.arn.in_region(to);
    let new = key.map(|key| KeyName::of(key, &there, to).arn);
    let any = format!("arn:{partition}:kms:{region}:*:key/*");
    let mut regions = vec![region];
    let mut context = vec![facts.arn.as_str()];
    if to != region {
        regions.push(to);
        context.push(there.as_str());
    }
    let bound = Bound {
        regions: &regions,
        context: &context,
        is_context_optional: true,
        ..Bound::default()
    };
    let actions: Vec<&str> = needs(permissions, On::Key).map(|need| need.action).collect();
    let mut statements = vec![allow(&["kms:Decrypt"], &[&any], limits, &bound)];
    if let Some(new) = &new {
        statements.push(allow(&actions, &[new], limits, &bound));
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::{facts::RotationRules, remediation::ExternalRotation};
    use rstest::rstest;

    #[rstest]
    #[case(AwsCall::RestoreSecret)]
    #[case(AwsCall::DeleteSecret { recovery_window_days: 7 })]
    #[case(AwsCall::UpdateSecret { kms_key_id: "alias/k".into() })]
    #[case(AwsCall::RotateNow)]
    #[case(AwsCall::RotateSecret {
        lambda_arn: Some("arn:aws:lambda:eu-west-1:441205839201:function:rotate".into()),
        external: None,
        rules: RotationRules::default(),
        rotate_immediately: false,
    })]
    #[case(AwsCall::RotateSecret {
        lambda_arn: None,
        external: Some(ExternalRotation {
            role_arn: "arn:aws:iam::441205839201:role/partner".into(),
            metadata: [("apiVersion".into(), "v65.0".into())].into(),
        }),
        rules: RotationRules::default(),
        rotate_immediately: false,
    })]
    #[case(AwsCall::TagResource { tags: [("owner".into(), "payments".into())].into() })]
    #[case(AwsCall::UntagResource { keys: ["owner".into()].into() })]
    #[case(AwsCall::CancelRotateSecret)]
    #[case(AwsCall::UpdateDescription { description: "Orders".into() })]
    #[case(AwsCall::UpdateSecretVersionStage {
        stage: "AWSCURRENT".into(),
        move_to: Some("1".into()),
        remove_from: "2".into(),
    })]
    fn a_session_may_do_its_one_call_to_its_one_secret(#[case] call: AwsCall) {
        let facts = crate::width::secret("eu-west-1", |_| {});
        let text = session_policy(&call, &facts, &"eu-west-1".parse().unwrap());
        assert!(text.len() <= crate::SESSION_POLICY_LIMIT);
        let document: Value = serde_json::from_str(&text).unwrap();
        let statements = document["Statement"].as_array().unwrap();
        assert_eq!(statements[0]["Resource"], facts.arn.as_str());
        assert_eq!(
            statements[0]["Action"],
            format!("secretsmanager:{}", call.operation(Kind::Secret))
        );
        for statement in statements {
            assert!(!statement["Action"].to_string().contains('*'), "{text}");
            // Only keys are unrestricted, and only through Secrets Manager in its Region, for this secret.
            if statement["Resource"].as_str().is_some_and(|resource| resource.ends_with('*')) {
                assert_eq!(
                    statement["Condition"]["StringEquals"]["kms:ViaService"],
                    "secretsmanager.eu-west-1.amazonaws.com"
                );
                assert_eq!(
                    statement["Condition"]["StringEqualsIfExists"]["kms:EncryptionContext:SecretARN"],
                    facts.arn.as_str()
                );
            }
        }
    }
}
