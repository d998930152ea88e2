//! The session policy of a call: its action on its ARN, and what AWS asks for beside it.

use claviger_domain::{
    facts::Kind,
    ids::{Arn, Region},
    remedy::AwsCall,
};
use serde_json::{Value, json};

/// What the session of one call may do, and nothing else.
pub fn session_policy(call: &AwsCall, kind: Kind, arn: &Arn, region: &Region) -> String {
    let service = match kind {
        Kind::Secret => "secretsmanager",
        Kind::Parameter => "ssm",
    };
    let action = format!("{service}:{}", call.operation(kind));
    let mut statements =
        vec![json!({"Effect": "Allow", "Action": action, "Resource": arn.as_str()})];
    statements.extend(beside(call, arn, region));
    json!({"Version": "2012-10-17", "Statement": statements}).to_string()
}

/// What AWS does in the caller's name when it carries the call out.
fn beside(call: &AwsCall, arn: &Arn, region: &Region) -> Vec<Value> {
    let keys = |regions: &[&Region]| {
        let services: Vec<String> =
            regions.iter().map(|r| format!("secretsmanager.{r}.amazonaws.com")).collect();
        json!({
            "Effect": "Allow",
            "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
            "Resource": "*",
            "Condition": {"StringEquals": {"kms:ViaService": services}},
        })
    };
    match call {
        // Secrets Manager encrypts the value anew: under the old key it reads, under the new one it writes.
        AwsCall::UpdateSecret { .. } => vec![keys(&[region])],
        AwsCall::ReplicateSecretToRegions { region: to, .. } => vec![keys(&[region, to])],
        AwsCall::RotateSecret { lambda_arn: Some(lambda), .. } => {
            vec![json!({"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": lambda})]
        }
        // Which function that is, the secret says; functions of other accounts are left out.
        AwsCall::RotateNow | AwsCall::RotateSecret { lambda_arn: None, .. } => {
            let functions =
                format!("arn:{}:lambda:{region}:{}:function:*", arn.partition(), arn.account());
            vec![
                json!({"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": functions}),
            ]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::facts::RotationRules;
    use rstest::rstest;

    #[rstest]
    #[case(AwsCall::RestoreSecret)]
    #[case(AwsCall::DeleteSecret { recovery_window_days: 7 })]
    #[case(AwsCall::UpdateSecret { kms_key_id: "alias/k".into() })]
    #[case(AwsCall::RotateNow)]
    #[case(AwsCall::RotateSecret {
        lambda_arn: Some("arn:aws:lambda:eu-west-1:441205839201:function:rotate".into()),
        rules: RotationRules::default(),
        rotate_immediately: false,
    })]
    #[case(AwsCall::TagResource { tags: [("owner".into(), "payments".into())].into() })]
    fn a_session_may_do_its_one_call_to_its_one_secret(#[case] call: AwsCall) {
        let arn: Arn =
            "arn:aws:secretsmanager:eu-west-1:441205839201:secret:a-AbCdEf".parse().unwrap();
        let text = session_policy(&call, Kind::Secret, &arn, &"eu-west-1".parse().unwrap());
        assert!(text.len() <= crate::SESSION_POLICY_LIMIT);
        let document: Value = serde_json::from_str(&text).unwrap();
        let statements = document["Statement"].as_array().unwrap();
        assert_eq!(statements[0]["Resource"], arn.as_str());
        assert_eq!(
            statements[0]["Action"],
            format!("secretsmanager:{}", call.operation(Kind::Secret))
        );
        for statement in statements {
            assert!(!statement["Action"].to_string().contains('*'), "{text}");
            // Only keys are open, and only through Secrets Manager in its Region.
            if statement["Resource"] == "*" {
                assert_eq!(
                    statement["Condition"]["StringEquals"]["kms:ViaService"][0],
                    "secretsmanager.eu-west-1.amazonaws.com"
                );
            }
        }
    }
}
