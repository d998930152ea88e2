//! What people read about each built-in rule. A test compares the names and parameters with the schema of policy files.

use super::rule_reference::{AppliesTo, ParameterReference, RuleReference};

/// Every built-in rule.
pub const RULES: &[RuleReference] = &[
    RuleReference {
        name: "rotation-enabled",
        checks: "Rotation is enabled. Rules that remain after rotation was disabled do not count; managed rotation counts.",
        applies_to: AppliesTo::Secrets,
        parameters: &[],
        unknown: "never",
        example: "rotation-enabled: {}",
        source: Some(
            "https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html",
        ),
    },
    RuleReference {
        name: "rotation-interval",
        checks: "Rotation is enabled, and the longest interval of its schedule is short enough.",
        applies_to: AppliesTo::Secrets,
        parameters: &[ParameterReference {
            name: "max-days",
            value: "a number of days, 1 to 1000",
            default: None,
        }],
        unknown: "AWS returns no rotation rules, or the schedule cannot be interpreted",
        example: "rotation-interval:\n  max-days: 30",
        source: Some(
            "https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html",
        ),
    },
    RuleReference {
        name: "rotated-as-scheduled",
        checks: "No scheduled rotation was missed. Secrets without rotation are not applicable.",
        applies_to: AppliesTo::Secrets,
        parameters: &[],
        unknown: "AWS returns too few dates or rules, or the schedule cannot be interpreted",
        example: "rotated-as-scheduled: {}",
        source: Some(
            "https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html",
        ),
    },
    RuleReference {
        name: "rotation-failing",
        checks: "`NextRotationDate` is not in the past. Secrets without rotation are not applicable.",
        applies_to: AppliesTo::Secrets,
        parameters: &[],
        unknown: "rotation is enabled, but AWS returns no `NextRotationDate`",
        example: "rotation-failing: {}",
        source: Some(
            "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html",
        ),
    },
    RuleReference {
        name: "rotation-stuck",
        checks: "AWSPENDING is only on the AWSCURRENT version, if on any.",
        applies_to: AppliesTo::Secrets,
        parameters: &[ParameterReference {
            name: "grace-hours",
            value: "a number of hours, 0 to 720",
            default: Some("0"),
        }],
        unknown: "never: if the date of AWSPENDING was not read, it fails without a grace period",
        example: "rotation-stuck:\n  grace-hours: 24",
        source: Some(
            "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html",
        ),
    },
    RuleReference {
        name: "value-age",
        checks: "The AWSCURRENT version is new enough; for a parameter, its last version. `LastChangedDate` of a secret is not used, because a tag edit changes it. Plain parameters are not applicable.",
        applies_to: AppliesTo::Both,
        parameters: &[ParameterReference {
            name: "max-days",
            value: "a number of days, 1 to 3650",
            default: None,
        }],
        unknown: "the versions of a secret were not read yet, reading them was denied, or AWS returns no date",
        example: "value-age:\n  max-days: 365",
        source: Some(
            "https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html",
        ),
    },
    RuleReference {
        name: "unused",
        checks: "It was accessed within this time, in the primary Region or a replica's. A new secret passes until its grace period ends.",
        applies_to: AppliesTo::Secrets,
        parameters: &[
            ParameterReference {
                name: "days",
                value: "a number of days, 1 to 3650",
                default: None,
            },
            ParameterReference {
                name: "grace-days",
                value: "a number of days, 1 to 3650, from its creation; a secret that was never accessed passes for this long",
                default: Some("`days`"),
            },
        ],
        unknown: "it is replicated, and its replicas were not read, reading them was denied, or one is in a Region that is not scanned",
        example: "unused:\n  days: 90",
        source: Some(
            "https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html",
        ),
    },
    RuleReference {
        name: "customer-managed-key",
        checks: "It is encrypted with a customer managed KMS key. It also fails if a version with AWSCURRENT, AWSPENDING or AWSPREVIOUS is still encrypted with the AWS managed key. Plain parameters are not applicable.",
        applies_to: AppliesTo::Both,
        parameters: &[],
        unknown: "in the console never; in a scan of one account, if who manages the key could not be read",
        example: "customer-managed-key: {}",
        source: Some(
            "https://docs.aws.amazon.com/config/latest/developerguide/secretsmanager-using-cmk.html",
        ),
    },
    RuleReference {
        name: "required-tags",
        checks: "It has these tags, with one of the allowed values.",
        applies_to: AppliesTo::Both,
        parameters: &[ParameterReference {
            name: "tags",
            value: "tag keys, each with its allowed values; an empty list allows any value that is not blank",
            default: None,
        }],
        unknown: "the tags could not be read",
        example: "required-tags:\n  tags:\n    environment: [production, staging]",
        source: Some(
            "https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html",
        ),
    },
    RuleReference {
        name: "tagged",
        checks: "It has at least one tag that is not an AWS tag (`aws:`).",
        applies_to: AppliesTo::Both,
        parameters: &[],
        unknown: "the tags could not be read",
        example: "tagged: {}",
        source: Some(
            "https://docs.aws.amazon.com/securityhub/latest/userguide/secretsmanager-controls.html",
        ),
    },
    RuleReference {
        name: "tag-policy",
        checks: "Its tags comply with the effective tag policies of its account. If there are none, it is not applicable.",
        applies_to: AppliesTo::Both,
        parameters: &[],
        unknown: "tags or tag policies were not read, or two policies on the same target contradict each other",
        example: "tag-policy: {}",
        source: Some(
            "https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_tag-policies.html",
        ),
    },
    RuleReference {
        name: "naming",
        checks: "Its name matches. Secrets that another AWS service created are not applicable.",
        applies_to: AppliesTo::Both,
        parameters: &[ParameterReference {
            name: "pattern",
            value: "a regular expression",
            default: None,
        }],
        unknown: "never: a pattern that is not a regular expression is rejected with the file",
        example: "naming:\n  pattern: ^[a-z0-9/-]+$",
        source: None,
    },
    RuleReference {
        name: "public-policy",
        checks: "No resource policy allows public access.",
        applies_to: AppliesTo::Secrets,
        parameters: &[],
        unknown: "the resource policy was not read yet, reading it was denied, it cannot be parsed, or it alone does not determine who has access",
        example: "public-policy: {}",
        source: Some(
            "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
        ),
    },
    RuleReference {
        name: "shared-outside",
        checks: "No resource policy allows access from outside the Organization.",
        applies_to: AppliesTo::Secrets,
        parameters: &[],
        unknown: "the resource policy was not read yet, reading it was denied, it cannot be parsed, or it alone does not determine who has access",
        example: "shared-outside: {}",
        source: Some(
            "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
        ),
    },
    RuleReference {
        name: "shared-with-account",
        checks: "No resource policy allows another account, except the allowed ones.",
        applies_to: AppliesTo::Secrets,
        parameters: &[ParameterReference {
            name: "allowed",
            value: "a list of account ids",
            default: Some("none"),
        }],
        unknown: "the resource policy was not read yet, reading it was denied, it cannot be parsed, or it alone does not determine who has access",
        example: "shared-with-account:\n  allowed: [\"441205839201\"]",
        source: Some(
            "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
        ),
    },
    RuleReference {
        name: "wide-grant",
        checks: "No resource policy allows another account as a whole, or every action.",
        applies_to: AppliesTo::Secrets,
        parameters: &[],
        unknown: "the resource policy was not read yet, reading it was denied, it cannot be parsed, or it alone does not determine who has access",
        example: "wide-grant: {}",
        source: Some(
            "https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_resource-policies.html",
        ),
    },
    RuleReference {
        name: "read-by-path",
        checks: "No principal that is denied the parameter can read it by listing a path above it. Service control policies are not read.",
        applies_to: AppliesTo::Parameters,
        parameters: &[],
        unknown: "the identity policies of the account were not read, or a condition decides",
        example: "read-by-path: {}",
        source: Some(
            "https://docs.aws.amazon.com/systems-manager/latest/userguide/ps-retrieval-authorization.html",
        ),
    },
    RuleReference {
        name: "owner",
        checks: "A team owns it. By default the tag `owner` names the team; [owner rules](configuration.md#owners) can change that.",
        applies_to: AppliesTo::Both,
        parameters: &[],
        unknown: "no team owns it, and the tags could not be read",
        example: "owner: {}",
        source: None,
    },
    RuleReference {
        name: "deletion-in-use",
        checks: "A secret that is pending deletion was not accessed in the days before the deletion was requested. Other secrets are not applicable.",
        applies_to: AppliesTo::Secrets,
        parameters: &[ParameterReference {
            name: "days",
            value: "a number of days, 1 to 3650",
            default: None,
        }],
        unknown: "never",
        example: "deletion-in-use:\n  days: 14",
        source: Some(
            "https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
        ),
    },
    RuleReference {
        name: "replica-health",
        checks: "Every replica is `InSync`; it fails if one is `Failed`. Secrets without replicas are not applicable.",
        applies_to: AppliesTo::Secrets,
        parameters: &[],
        unknown: "the state of its replicas was not read, reading it was denied, or a replica is not in sync yet",
        example: "replica-health: {}",
        source: Some(
            "https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html",
        ),
    },
    RuleReference {
        name: "secure-string-required",
        checks: "A parameter with a matching name is a SecureString. Other names are not applicable.",
        applies_to: AppliesTo::Parameters,
        parameters: &[ParameterReference {
            name: "pattern",
            value: "a regular expression",
            default: None,
        }],
        unknown: "never: a pattern that is not a regular expression is rejected with the file",
        example: "secure-string-required:\n  pattern: /db/",
        source: None,
    },
    RuleReference {
        name: "plain-credential",
        checks: "No plain parameter has the name of a credential: the last part of the name is, or ends with, a word such as `password`. A SecureString is not applicable.",
        applies_to: AppliesTo::Parameters,
        parameters: &[],
        unknown: "never",
        example: "plain-credential: {}",
        source: None,
    },
    RuleReference {
        name: "advanced-expiration",
        checks: "An advanced parameter with a matching name has an expiration policy. Other tiers and names are not applicable.",
        applies_to: AppliesTo::Parameters,
        parameters: &[ParameterReference {
            name: "pattern",
            value: "a regular expression",
            default: Some("every name"),
        }],
        unknown: "one of its policies cannot be read",
        example: "advanced-expiration: {}",
        source: Some(
            "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-policies.html",
        ),
    },
    RuleReference {
        name: "cel",
        checks: "A custom expression is true ([facts](compliance.md#rules-of-your-own)).",
        applies_to: AppliesTo::Both,
        parameters: &[
            ParameterReference {
                name: "expression",
                value: "a CEL expression that is a bool",
                default: None,
            },
            ParameterReference {
                name: "says",
                value: "the message of a failure, up to 300 characters",
                default: Some("a general message"),
            },
        ],
        unknown: "a fact or tag that decides the expression is missing, or evaluating it fails",
        example: "cel:\n  expression: rotation_enabled || kind == 'parameter'\n  says: It does not rotate.",
        source: None,
    },
];
