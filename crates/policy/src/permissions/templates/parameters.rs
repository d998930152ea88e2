//! The parameters of the CloudFormation templates.

use super::{MemberRole, yaml::scalar};
use serde_json::json;
use std::fmt::Write;

/// What the longest values may be, so that the trust policy stays within AWS's limit: the principal is in it three times.
pub(super) const MAX_PRINCIPAL: usize = 256;
pub(super) const MAX_EXTERNAL_ID: usize = 128;
pub(super) const PRINCIPAL: &str =
    r"^arn:aws[a-z-]*:iam::[0-9]{12}:(role|user)/[A-Za-z0-9_+=,.@/-]+$";
pub(super) const EXTERNAL_ID: &str = r"^[A-Za-z0-9_+=,.@:/-]+$";
pub(super) const ORGANIZATION: &str = r"^o-[a-z0-9]{10,32}$";
pub(super) const ROLE_NAME: &str = r"^[A-Za-z0-9_+=,.@-]{1,64}$";
const BOUNDARY: &str = r"^([A-Za-z0-9_+=,.@/-]+)?$";

/// One parameter.
pub(super) struct Parameter {
    pub(super) name: String,
    kind: &'static str,
    description: String,
    default: Option<String>,
    /// A pattern with the sentence for what does not match.
    pattern: Option<(&'static str, &'static str)>,
    length: Option<(usize, usize)>,
    values: &'static [&'static str],
    /// The lowest and highest number.
    range: Option<(u32, u32)>,
}

impl Parameter {
    fn new(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind: "String",
            description: description.into(),
            default: None,
            pattern: None,
            length: None,
            values: &[],
            range: None,
        }
    }

    pub(super) fn yaml(&self) -> String {
        let mut text = format!("  {}:\n    Type: {}\n", self.name, self.kind);
        let _ = writeln!(text, "    Description: {}", scalar(&json!(self.description)));
        if let Some(default) = &self.default {
            let _ = writeln!(text, "    Default: {}", scalar(&json!(default)));
        }
        if !self.values.is_empty() {
            let values: Vec<String> = self.values.iter().map(|one| scalar(&json!(one))).collect();
            let _ = writeln!(text, "    AllowedValues: [{}]", values.join(", "));
        }
        if let Some((least, most)) = self.length {
            let _ = writeln!(text, "    MinLength: {least}\n    MaxLength: {most}");
        }
        if let Some((least, most)) = self.range {
            let _ = writeln!(text, "    MinValue: {least}\n    MaxValue: {most}");
        }
        if let Some((pattern, otherwise)) = self.pattern {
            let _ = writeln!(text, "    AllowedPattern: {}", scalar(&json!(pattern)));
            let _ = writeln!(text, "    ConstraintDescription: {}", scalar(&json!(otherwise)));
        }
        text
    }
}

/// Parameters under a heading, as the CloudFormation console shows them.
pub(super) struct Group {
    label: &'static str,
    pub(super) parameters: Vec<Parameter>,
}

/// What the roles of an account take.
pub(super) fn member_roles(members: &[MemberRole]) -> Vec<Group> {
    let trust = vec![
        Parameter {
            pattern: Some((
                PRINCIPAL,
                "must be the ARN of an IAM role or user, such as arn:aws:iam::111122223333:role/claviger",
            )),
            length: Some((20, MAX_PRINCIPAL)),
            ..Parameter::new(
                "HubPrincipalArn",
                "ARN of the IAM role that Claviger runs as. It must exist before these roles are created.",
            )
        },
        Parameter {
            pattern: Some((EXTERNAL_ID, "may have letters, digits and _+=,.@:/-")),
            length: Some((2, MAX_EXTERNAL_ID)),
            ..Parameter::new(
                "ExternalId",
                "The shared string that Claviger sends with AssumeRole: its setting external_id.",
            )
        },
        Parameter {
            pattern: Some((ORGANIZATION, "must be an organization id, such as o-a1b2c3d4e5")),
            ..Parameter::new(
                "OrganizationId",
                "Id of the AWS Organization. The hub has to be in it.",
            )
        },
    ];
    let mut roles = Vec::new();
    for member in members {
        let (title, name) = (member.title(), member.role.name());
        let by_default = if member.role.is_opt_in() { "false" } else { "true" };
        roles.push(Parameter {
            default: Some(by_default.into()),
            values: &["true", "false"],
            ..Parameter::new(
                format!("Create{title}Role"),
                format!(
                    "Whether to create the {} role. {}.",
                    member.role.key(),
                    member.role.description()
                ),
            )
        });
        roles.push(Parameter {
            default: Some(name.into()),
            pattern: Some((
                ROLE_NAME,
                "must be a role name without a path: 1 to 64 letters, digits and _+=,.@-",
            )),
            ..Parameter::new(
                format!("{title}RoleName"),
                format!("Name of the {} role, the same in every account.", member.role.key()),
            )
        });
    }
    roles.push(Parameter {
        default: Some(String::new()),
        pattern: Some((BOUNDARY, "must be the path and name of a policy without a leading slash, such as boundaries/platform")),
        ..Parameter::new(
            "PermissionsBoundaryPolicy",
            "Path and name of a managed policy in the same account that becomes the permissions boundary of all roles, such as boundaries/platform. Empty: none.",
        )
    });
    vec![
        Group { label: "Who may assume the roles", parameters: trust },
        Group { label: "Roles", parameters: roles },
    ]
}

/// What a stack set takes besides. `what` it brings, and what comes of removing it.
pub(super) fn stack_set(what: &str, removal: &str) -> Group {
    let percentage = |name: &str, default: &str, least, description: &str| Parameter {
        kind: "Number",
        default: Some(default.into()),
        range: Some((least, 100)),
        ..Parameter::new(name, description)
    };
    Group {
        label: "Roll-out",
        parameters: vec![
            Parameter {
                kind: "CommaDelimitedList",
                ..Parameter::new(
                    "OrganizationalUnitIds",
                    format!(
                        "The OUs whose accounts get the {what}, with all OUs below them; the root's id (r-...) for the whole Organization."
                    ),
                )
            },
            Parameter {
                default: Some("SELF".into()),
                values: &["SELF", "DELEGATED_ADMIN"],
                ..Parameter::new(
                    "CallAs",
                    "SELF in the management account, DELEGATED_ADMIN in an account that is a delegated administrator for CloudFormation StackSets.",
                )
            },
            Parameter {
                default: Some("false".into()),
                values: &["true", "false"],
                ..Parameter::new(
                    "RetainStacksOnAccountRemoval",
                    format!(
                        "false removes the {what} from an account that leaves the OUs above, so that {removal}. true leaves them there."
                    ),
                )
            },
            percentage(
                "MaxConcurrentPercentage",
                "50",
                1,
                "How many of the accounts are deployed to at the same time, in percent.",
            ),
            percentage(
                "FailureTolerancePercentage",
                "20",
                0,
                "How many of the accounts may fail before the operation stops, in percent.",
            ),
        ],
    }
}

/// The section `Metadata` with the headings, then `Parameters`.
pub(super) fn section(groups: &[Group]) -> String {
    let mut text = "  AWS::CloudFormation::Interface:\n    ParameterGroups:\n".to_owned();
    for group in groups {
        let _ =
            writeln!(text, "      - Label:\n          default: {}", scalar(&json!(group.label)));
        text.push_str("        Parameters:\n");
        for parameter in &group.parameters {
            let _ = writeln!(text, "          - {}", parameter.name);
        }
    }
    text.push_str("\nParameters:\n");
    for parameter in groups.iter().flat_map(|group| &group.parameters) {
        text.push_str(&parameter.yaml());
    }
    text
}
