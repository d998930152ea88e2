//! What the role of a consumer must not be able to do: AWS Access Analyzer is asked whether its policy grants any of it.

/// Actions that write, delete, share or take over, and the reads of parameters that no consumer needs. Each is AWS's own name
/// without a pattern, so that one that is granted fails the check. AWS takes at most 100.
pub const NOT_GRANTED: &[&str] = &[
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:AttachRolePolicy",
    "iam:AttachUserPolicy",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:CreatePolicy",
    "iam:CreatePolicyVersion",
    "iam:CreateRole",
    "iam:CreateServiceLinkedRole",
    "iam:CreateUser",
    "iam:DeleteRolePermissionsBoundary",
    "iam:DeleteRolePolicy",
    "iam:DeleteUserPermissionsBoundary",
    "iam:DetachRolePolicy",
    "iam:PassRole",
    "iam:PutGroupPolicy",
    "iam:PutRolePermissionsBoundary",
    "iam:PutRolePolicy",
    "iam:PutUserPermissionsBoundary",
    "iam:PutUserPolicy",
    "iam:SetDefaultPolicyVersion",
    "iam:TagRole",
    "iam:UntagRole",
    "iam:UpdateAssumeRolePolicy",
    "iam:UpdateLoginProfile",
    "kms:CreateAlias",
    "kms:CreateGrant",
    "kms:DeleteAlias",
    "kms:DisableKey",
    "kms:DisableKeyRotation",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:PutKeyPolicy",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:ReplicateKey",
    "kms:RevokeGrant",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateAlias",
    "kms:UpdatePrimaryRegion",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
    "secretsmanager:CancelRotateSecret",
    "secretsmanager:CreateSecret",
    "secretsmanager:DeleteResourcePolicy",
    "secretsmanager:DeleteSecret",
    "secretsmanager:PutResourcePolicy",
    "secretsmanager:PutSecretValue",
    "secretsmanager:RemoveRegionsFromReplication",
    "secretsmanager:ReplicateSecretToRegions",
    "secretsmanager:RestoreSecret",
    "secretsmanager:RotateSecret",
    "secretsmanager:StopReplicationToReplica",
    "secretsmanager:TagResource",
    "secretsmanager:UntagResource",
    "secretsmanager:UpdateSecret",
    "secretsmanager:UpdateSecretVersionStage",
    "ssm:AddTagsToResource",
    "ssm:DeleteParameter",
    "ssm:DeleteParameters",
    "ssm:DeleteResourcePolicy",
    "ssm:GetParameterHistory",
    "ssm:GetParametersByPath",
    "ssm:LabelParameterVersion",
    "ssm:PutParameter",
    "ssm:PutResourcePolicy",
    "ssm:RemoveTagsFromResource",
    "ssm:SendCommand",
    "ssm:StartSession",
    "ssm:UnlabelParameterVersion",
    "sts:AssumeRole",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        consumers::{
            checking_session, consumer_role,
            samples::{CONSUMERS, account, asked, parameter, secret},
        },
        iam::{Context, Decision, Document, Request, decide, decide_session},
        permissions::{Role, roles::role_policy},
    };

    #[test]
    fn aws_takes_the_list() {
        assert!(NOT_GRANTED.len() <= 100);
        assert!(NOT_GRANTED.is_sorted(), "sorted, and each once");
        for pair in NOT_GRANTED.windows(2) {
            assert_ne!(pair[0], pair[1]);
        }
        for action in NOT_GRANTED {
            let (service, name) = action.split_once(':').unwrap();
            let letters = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric());
            assert!(letters(service) && letters(name), "{action}");
        }
    }

    /// Otherwise every role would fail the check.
    #[test]
    fn no_drafted_role_grants_any_of_it() {
        for query in CONSUMERS {
            for mode in ["", "&mode=tag&tag_key=team"] {
                let request = asked(&format!("{query}{mode}"));
                let role = consumer_role(&account(), &[secret(), parameter()], &request).unwrap();
                for statement in role.permission["Statement"].as_array().unwrap() {
                    let granted = statement["Action"].to_string();
                    for action in NOT_GRANTED {
                        let word = format!("\"{action}\"");
                        assert!(!granted.contains(&word), "{query}: {action}");
                    }
                    assert!(!granted.contains('*'), "{query}: {granted}");
                }
            }
        }
    }

    #[test]
    fn the_session_may_check_documents_and_nothing_else() {
        let role: Document = role_policy(Role::Consumers, &"aws".parse().unwrap()).parse().unwrap();
        let role = [role];
        let session: Document = checking_session().parse().unwrap();
        let request = |action: &str, resource: &str| Request {
            action: action.into(),
            resource: resource.into(),
            context: Context::new(),
        };
        for action in ["ValidatePolicy", "CheckNoPublicAccess", "CheckAccessNotGranted"] {
            let request = request(&format!("access-analyzer:{action}"), "*");
            assert_eq!(decide_session(&role, &session, &request), Decision::Allowed, "{action}");
        }
        let function = "arn:aws:lambda:eu-west-1:441205839201:function:orders";
        let reads = request("lambda:GetFunctionConfiguration", function);
        assert_eq!(decide(&role, &reads), Decision::Allowed);
        assert_ne!(decide_session(&role, &session, &reads), Decision::Allowed);
        let others = request("access-analyzer:CreateAnalyzer", "*");
        assert_ne!(decide_session(&role, &session, &others), Decision::Allowed);
    }
}
