//! The permissions boundary of the roles that Claviger creates for consumers: what such a role can do at most, whatever its
//! policies say. The template that creates `claviger-iam` creates it too, and no role of Claviger can change it.

use super::variables::Variables;
use claviger_domain::remediation::BOUNDARY_POLICY;
use serde_json::{Value, json};

/// Its ARN in an account.
pub fn boundary_arn(partition: &str, account: &str) -> String {
    format!("arn:{partition}:iam::{account}:policy/{BOUNDARY_POLICY}")
}

/// Reading values of its own account, decrypting them through their services, and what Lambda and ECS need of an execution role: logs, network
/// interfaces and images. Nothing of IAM, and no way to assume another role.
pub fn boundary_document(variables: &Variables) -> Value {
    let Variables { partition, dns_suffix, principal_account, .. } = variables;
    // Not for networks and images: subnets and repositories are shared between accounts.
    let own = json!({"StringEquals": {"aws:ResourceAccount": principal_account}});
    let any = |service: &str, resource: &str| format!("arn:{partition}:{service}:*:*:{resource}");
    let through = ["secretsmanager", "ssm"].map(|service| format!("{service}.*.{dns_suffix}"));
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "ReadValues",
                "Effect": "Allow",
                "Action": [
                    "secretsmanager:DescribeSecret",
                    "secretsmanager:GetSecretValue",
                    "ssm:GetParameter",
                    "ssm:GetParameters",
                ],
                "Resource": [any("secretsmanager", "secret:*"), any("ssm", "parameter/*")],
                "Condition": own,
            },
            {
                "Sid": "DecryptThroughTheirServices",
                "Effect": "Allow",
                "Action": "kms:Decrypt",
                "Resource": any("kms", "key/*"),
                "Condition": {"StringLike": {"kms:ViaService": through}},
            },
            {
                "Sid": "WriteLogs",
                "Effect": "Allow",
                "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": any("logs", "log-group:*"),
                "Condition": own,
            },
            // EC2 restricts the reads to no resource.
            {
                "Sid": "JoinNetworks",
                "Effect": "Allow",
                "Action": [
                    "ec2:AssignPrivateIpAddresses",
                    "ec2:CreateNetworkInterface",
                    "ec2:DeleteNetworkInterface",
                    "ec2:DescribeNetworkInterfaces",
                    "ec2:DescribeSecurityGroups",
                    "ec2:DescribeSubnets",
                    "ec2:DescribeVpcs",
                    "ec2:UnassignPrivateIpAddresses",
                ],
                "Resource": "*",
            },
            // GetAuthorizationToken has no resource.
            {
                "Sid": "PullImages",
                "Effect": "Allow",
                "Action": [
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:GetAuthorizationToken",
                    "ecr:GetDownloadUrlForLayer",
                ],
                "Resource": "*",
            },
        ],
    })
}
