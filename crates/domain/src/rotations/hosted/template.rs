//! The CloudFormation template, and the command that deploys it.

use super::HostedRotation;
use crate::code::{SourceFile, in_comment, yaml::single_quoted as quoted};

/// What CloudFormation makes of the template, beside the schedule.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/transform-aws-secretsmanager.html>
pub const CREATED: &[&str] = &[
    "A nested stack with a Lambda function of AWS's code. Each later update of the stack updates the code and its runtime.",
    "The function's execution role. It may read, write and move stages of every secret whose rotation names this function, and get random passwords. AWS's template has no permissions boundary.",
    "The function's policy, which lets Secrets Manager invoke it.",
    "The rotation of this secret: the schedule, by this function. It replaces a rotation that is configured now.",
];

/// What somebody needs who deploys it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeployRights {
    pub purpose: &'static str,
    /// IAM actions.
    pub actions: &'static [&'static str],
    /// Whether only a function in a VPC needs them.
    pub is_for_vpc: bool,
}

/// At least these; AWS documents no list.
pub const RIGHTS: &[DeployRights] = &[
    DeployRights {
        purpose: "The stack and its nested stack",
        actions: &[
            "cloudformation:CreateChangeSet",
            "cloudformation:CreateStack",
            "cloudformation:DescribeChangeSet",
            "cloudformation:DescribeStacks",
            "cloudformation:ExecuteChangeSet",
            "cloudformation:GetTemplateSummary",
            "cloudformation:UpdateStack",
        ],
        is_for_vpc: false,
    },
    DeployRights {
        purpose: "The execution role",
        actions: &[
            "iam:AttachRolePolicy",
            "iam:CreateRole",
            "iam:GetRole",
            "iam:PassRole",
            "iam:PutRolePolicy",
        ],
        is_for_vpc: false,
    },
    DeployRights {
        purpose: "The function",
        actions: &[
            "lambda:AddPermission",
            "lambda:CreateFunction",
            "lambda:GetFunction",
            "s3:GetObject",
        ],
        is_for_vpc: false,
    },
    DeployRights {
        purpose: "The function's place in the VPC",
        actions: &["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets", "ec2:DescribeVpcs"],
        is_for_vpc: true,
    },
    DeployRights {
        purpose: "The rotation",
        actions: &[
            "lambda:InvokeFunction",
            "secretsmanager:DescribeSecret",
            "secretsmanager:RotateSecret",
        ],
        is_for_vpc: false,
    },
];

/// The longest name of a stack.
const MAX_STACK: usize = 128;

impl HostedRotation {
    /// The template as a file.
    pub fn file(&self) -> SourceFile {
        SourceFile { name: format!("{}.yaml", self.function), text: self.template() }
    }

    /// What deploys the file from its folder, in the account and Region of the secret only.
    pub fn command(&self) -> String {
        let Self { account, region, function, .. } = self;
        format!(
            "test \"$(aws sts get-caller-identity --query Account --output text)\" = {account} &&\n\
             aws cloudformation deploy --region {region} --stack-name {} \\\n  \
             --template-file ./{function}.yaml --capabilities CAPABILITY_IAM CAPABILITY_AUTO_EXPAND",
            self.stack(),
        )
    }

    /// A stack's name begins with a letter, and has no underscores.
    fn stack(&self) -> String {
        let name = self.function.replace('_', "-");
        let name = if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
            name
        } else {
            format!("rotation{}{name}", if name.starts_with('-') { "" } else { "-" })
        };
        name.chars().take(MAX_STACK).collect()
    }

    fn template(&self) -> String {
        let Self { account, region, rotation_type, .. } = self;
        let mut lines = vec![
            format!("# Rotation of the secret {}", in_comment(&self.name)),
            format!("# in account {account}, Region {region}, by AWS's template"),
            format!("# {rotation_type}. Written by Claviger, which does not deploy it."),
            "#".to_owned(),
            "# CloudFormation expands the transform into a nested stack with:".to_owned(),
            "# - a Lambda function of AWS's code and its execution role, which has".to_owned(),
            "#   no permissions boundary: AWS's template takes none;".to_owned(),
            "# - the function's policy, which lets Secrets Manager invoke it.".to_owned(),
            "# The value of the secret must be JSON with the keys".to_owned(),
            format!("# {}.", rotation_type.keys().join(", ")),
            "AWSTemplateFormatVersion: '2010-09-09'".to_owned(),
            "Transform: AWS::SecretsManager-2024-09-16".to_owned(),
            format!("Description: Rotation of a secret by AWS's template {rotation_type}"),
            "Resources:".to_owned(),
            "  Rotation:".to_owned(),
            "    Type: AWS::SecretsManager::RotationSchedule".to_owned(),
            "    Properties:".to_owned(),
            format!("      SecretId: {}", quoted(self.secret.as_str())),
            "      HostedRotationLambda:".to_owned(),
            format!("        RotationType: {rotation_type}"),
            format!("        RotationLambdaName: {}", quoted(&self.function)),
        ];
        lines.extend(self.of_function());
        lines.extend(self.of_rules());
        lines.push(String::new());
        lines.join("\n")
    }

    /// What the function needs beside its template and name.
    fn of_function(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if self.is_in_vpc() {
            lines.push(
                "        # They need a path to the database and to Secrets Manager.".to_owned(),
            );
            lines.push(format!("        VpcSubnetIds: {}", quoted(&self.subnets.join(","))));
            let groups = quoted(&self.security_groups.join(","));
            lines.push(format!("        VpcSecurityGroupIds: {groups}"));
        }
        if let Some(key) = &self.key {
            lines.push("        # The role may use this key, through Secrets Manager.".to_owned());
            lines.push(format!("        KmsKeyArn: {}", quoted(key)));
        }
        if let Some(superuser) = &self.superuser {
            lines.push(
                "        # The role may read it. The function finds it by the value's".to_owned(),
            );
            lines.push("        # key masterarn, which must have the same ARN.".to_owned());
            lines.push(format!("        SuperuserSecretArn: {}", quoted(superuser.arn.as_str())));
            if let Some(key) = &superuser.key {
                lines.push(format!("        SuperuserSecretKmsKeyArn: {}", quoted(key)));
            }
        }
        if !self.exclude_characters.is_empty() {
            let characters = quoted(&self.exclude_characters);
            lines.push(format!("        ExcludeCharacters: {characters}"));
        }
        lines
    }

    fn of_rules(&self) -> Vec<String> {
        let mut lines = vec!["      RotationRules:".to_owned()];
        if let Some(days) = self.rules.days {
            lines.push(format!("        AutomaticallyAfterDays: {days}"));
        }
        if let Some(expression) = &self.rules.expression {
            lines.push(format!("        ScheduleExpression: {}", quoted(expression)));
        }
        if let Some(duration) = &self.rules.duration {
            lines.push(format!("        Duration: {}", quoted(duration)));
        }
        if self.is_immediate {
            lines.push("      # The value changes as soon as the stack is there.".to_owned());
        } else {
            lines.push(
                "      # The value changes in the next window. AWS still calls the".to_owned(),
            );
            lines.push(
                "      # function: it makes a version with AWSPENDING, runs testSecret,".to_owned(),
            );
            lines.push("      # and removes it.".to_owned());
        }
        lines.push(format!("      RotateImmediatelyOnUpdate: {}", self.is_immediate));
        lines
    }
}
