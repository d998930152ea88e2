//! Entries of the service authorization reference for the actions in the table, maintained by hand.
//!
//! From November 2026, <https://docs.aws.amazon.com/service-authorization/latest/reference/>. `tests/permissions.rs`
//! compares every generated policy with it.

/// The entry of one action.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    /// Such as `secretsmanager:RotateSecret`.
    pub name: &'static str,
    /// The resource type that a policy may name, as the prefix of an ARN's resource part with its service; `None` if
    /// the action accepts only `*`.
    pub resource: Option<&'static str>,
    /// The service's own condition keys, and global ones about the request.
    pub keys: &'static [&'static str],
    /// Dependent actions: from the reference, or from the API's documentation if the reference has none.
    pub depends_on: &'static [&'static str],
}

/// Dependent actions that AWS wants only for some requests, with the calls: `RotateSecret` passes a role where it sets
/// `ExternalSecretRotationRoleArn`.
pub const SOMETIMES: &[(&str, &str)] = &[("secretsmanager:RotateSecret", "iam:PassRole")];

/// Keys that every request has.
pub const GLOBAL_KEYS: &[&str] = &[
    "aws:CurrentTime",
    "aws:userid",
    "aws:TokenIssueTime",
    "aws:PrincipalTag/${TagKey}",
    "aws:PrincipalOrgID",
];

const SECRET: Option<&str> = Some("secretsmanager:secret:");
const PARAMETER: Option<&str> = Some("ssm:parameter/");
const KEY: Option<&str> = Some("kms:key/");
const ROLE: Option<&str> = Some("iam:role/");
const FUNCTION: Option<&str> = Some("lambda:function:");
const PROJECT: Option<&str> = Some("codebuild:project/");
const STACK: Option<&str> = Some("cloudformation:stack/");
const INSTANCE: Option<&str> = Some("ec2:instance/");
const PROFILE: Option<&str> = Some("iam:instance-profile/");
const POLICY: Option<&str> = Some("iam:policy/");
const USER: Option<&str> = Some("iam:user/");
const GROUP: Option<&str> = Some("iam:group/");

/// Works with operators for ARNs, on the principal whose boundary it is.
const BOUNDARY: &str = "iam:PermissionsBoundary";

/// Keys of every action on a secret.
const OF_SECRETS: &[&str] = &[
    "secretsmanager:SecretId",
    "secretsmanager:SecretPrimaryRegion",
    "secretsmanager:resource/AllowRotationLambdaArn",
    "secretsmanager:resource/Type",
    "secretsmanager:ResourceTag/tag-key",
    "aws:ResourceTag/${TagKey}",
];
/// Keys of every use of a key.
const OF_KEYS: &[&str] = &[
    "kms:CallerAccount",
    "kms:ViaService",
    "kms:EncryptionContext:${EncryptionContextKey}",
    "kms:EncryptionContextKeys",
    "kms:EncryptionAlgorithm",
    "kms:RequestAlias",
    "kms:ResourceAliases",
    "aws:ResourceTag/${TagKey}",
];

const fn action(name: &'static str, resource: Option<&'static str>) -> Action {
    Action { name, resource, keys: &[], depends_on: &[] }
}

const fn of_secrets(name: &'static str) -> Action {
    Action { name, resource: SECRET, keys: OF_SECRETS, depends_on: &[] }
}

const fn of_keys(name: &'static str) -> Action {
    Action { name, resource: KEY, keys: OF_KEYS, depends_on: &[] }
}

/// The actions, by service.
pub const ACTIONS: &[Action] = &[
    of_secrets("secretsmanager:DescribeSecret"),
    of_secrets("secretsmanager:ListSecretVersionIds"),
    of_secrets("secretsmanager:GetResourcePolicy"),
    of_secrets("secretsmanager:DeleteResourcePolicy"),
    of_secrets("secretsmanager:RestoreSecret"),
    of_secrets("secretsmanager:RemoveRegionsFromReplication"),
    of_secrets("secretsmanager:CancelRotateSecret"),
    action("secretsmanager:ListSecrets", None),
    action("secretsmanager:BatchGetSecretValue", None),
    action("secretsmanager:GetRandomPassword", None),
    Action {
        name: "secretsmanager:CreateSecret",
        resource: SECRET,
        keys: &[
            "secretsmanager:Name",
            "secretsmanager:Description",
            "secretsmanager:KmsKeyId",
            "secretsmanager:KmsKeyArn",
            "secretsmanager:AddReplicaRegions",
            "secretsmanager:ForceOverwriteReplicaSecret",
            "aws:RequestTag/${TagKey}",
            "aws:TagKeys",
        ],
        depends_on: &["kms:Decrypt", "kms:GenerateDataKey", "secretsmanager:TagResource"],
    },
    Action {
        name: "secretsmanager:GetSecretValue",
        resource: SECRET,
        keys: &["secretsmanager:VersionId", "secretsmanager:VersionStage"],
        depends_on: &["kms:Decrypt"],
    },
    // No key for VersionStages.
    Action {
        name: "secretsmanager:PutSecretValue",
        resource: SECRET,
        keys: OF_SECRETS,
        depends_on: &["kms:Decrypt", "kms:GenerateDataKey"],
    },
    Action {
        name: "secretsmanager:RotateSecret",
        resource: SECRET,
        keys: &[
            "secretsmanager:RotationLambdaARN",
            "secretsmanager:ModifyRotationRules",
            "secretsmanager:RotateImmediately",
            "secretsmanager:ExternalSecretRotationRoleArn",
        ],
        depends_on: &["lambda:InvokeFunction"],
    },
    Action {
        name: "secretsmanager:UpdateSecret",
        resource: SECRET,
        keys: &[
            "secretsmanager:Description",
            "secretsmanager:KmsKeyId",
            "secretsmanager:KmsKeyArn",
            "secretsmanager:Type",
        ],
        depends_on: &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
    },
    Action {
        name: "secretsmanager:ReplicateSecretToRegions",
        resource: SECRET,
        keys: &["secretsmanager:AddReplicaRegions", "secretsmanager:ForceOverwriteReplicaSecret"],
        depends_on: &["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
    },
    Action {
        name: "secretsmanager:DeleteSecret",
        resource: SECRET,
        keys: &["secretsmanager:ForceDeleteWithoutRecovery", "secretsmanager:RecoveryWindowInDays"],
        depends_on: &[],
    },
    Action {
        name: "secretsmanager:PutResourcePolicy",
        resource: SECRET,
        keys: &["secretsmanager:BlockPublicPolicy"],
        depends_on: &[],
    },
    Action {
        name: "secretsmanager:TagResource",
        resource: SECRET,
        keys: &["aws:RequestTag/${TagKey}", "aws:TagKeys"],
        depends_on: &[],
    },
    Action {
        name: "secretsmanager:UntagResource",
        resource: SECRET,
        keys: &["aws:TagKeys"],
        depends_on: &[],
    },
    Action {
        name: "secretsmanager:UpdateSecretVersionStage",
        resource: SECRET,
        keys: &["secretsmanager:VersionStage"],
        depends_on: &[],
    },
    action("ssm:DescribeParameters", None),
    action("ssm:ListTagsForResource", PARAMETER),
    action("ssm:AddTagsToResource", PARAMETER),
    action("ssm:RemoveTagsFromResource", PARAMETER),
    Action {
        name: "ssm:GetParameter",
        resource: PARAMETER,
        keys: &["aws:ResourceTag/${TagKey}"],
        depends_on: &["kms:Decrypt"],
    },
    action("ssm:GetParameters", PARAMETER),
    action("ssm:GetParametersByPath", PARAMETER),
    action("ssm:GetParameterHistory", PARAMETER),
    // No key for Type, Tier, KeyId, DataType, AllowedPattern and Description.
    Action {
        name: "ssm:PutParameter",
        resource: PARAMETER,
        keys: &["ssm:Overwrite", "ssm:Policies", "aws:RequestTag/${TagKey}", "aws:TagKeys"],
        depends_on: &["kms:Encrypt", "kms:GenerateDataKey"],
    },
    of_keys("kms:Decrypt"),
    of_keys("kms:Encrypt"),
    of_keys("kms:GenerateDataKey"),
    of_keys("kms:DescribeKey"),
    action("kms:ListAliases", None),
    action("kms:GetKeyPolicy", KEY),
    action("kms:ListGrants", KEY),
    action("lambda:GetFunctionConfiguration", FUNCTION),
    action("lambda:GetPolicy", FUNCTION),
    action("lambda:ListTags", FUNCTION),
    action("lambda:ListFunctions", None),
    action("ecs:ListTaskDefinitionFamilies", None),
    action("ecs:DescribeTaskDefinition", None),
    action("codebuild:ListProjects", None),
    // A policy on stacks does not allow a request that names no stack; since March 2023 such a request needs ListStacks too.
    // <https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html>
    Action {
        name: "cloudformation:DescribeStacks",
        resource: STACK,
        keys: &[],
        depends_on: &["cloudformation:ListStacks"],
    },
    action("cloudformation:ListStacks", None),
    // Without a key for Environment, Handler and Runtime.
    Action {
        name: "lambda:UpdateFunctionConfiguration",
        resource: FUNCTION,
        keys: &[
            "aws:ResourceTag/${TagKey}",
            "lambda:Layer",
            "lambda:SecurityGroupIds",
            "lambda:SubnetIds",
            "lambda:VpcIds",
        ],
        depends_on: &["iam:PassRole"],
    },
    Action {
        name: "codebuild:BatchGetProjects",
        resource: PROJECT,
        keys: &["aws:ResourceTag/${TagKey}"],
        depends_on: &[],
    },
    // Keys below these, such as `codebuild:cache.location`, are left out.
    Action {
        name: "codebuild:UpdateProject",
        resource: PROJECT,
        keys: &[
            "aws:RequestTag/${TagKey}",
            "aws:ResourceTag/${TagKey}",
            "aws:TagKeys",
            "codebuild:artifacts",
            "codebuild:autoRetryLimit",
            "codebuild:buildBatchConfig",
            "codebuild:cache",
            "codebuild:concurrentBuildLimit",
            "codebuild:encryptionKey",
            "codebuild:environment",
            "codebuild:environment.environmentVariables",
            "codebuild:environment.image",
            "codebuild:fileSystemLocations.identifier",
            "codebuild:fileSystemLocations.location",
            "codebuild:fileSystemLocations.type",
            "codebuild:logsConfig",
            "codebuild:secondaryArtifacts",
            "codebuild:secondarySources",
            "codebuild:serviceRole",
            "codebuild:source",
            "codebuild:source.buildspec",
            "codebuild:source.location",
            "codebuild:vpcConfig",
        ],
        depends_on: &["iam:PassRole"],
    },
    action("ec2:DescribeInstances", None),
    action("ec2:DescribeIamInstanceProfileAssociations", None),
    // Other keys of an instance are left out.
    Action {
        name: "ec2:AssociateIamInstanceProfile",
        resource: INSTANCE,
        keys: &[
            "aws:ResourceTag/${TagKey}",
            "ec2:ResourceTag/${TagKey}",
            "ec2:InstanceProfile",
            "ec2:NewInstanceProfile",
        ],
        depends_on: &["iam:PassRole"],
    },
    Action {
        name: "ec2:ReplaceIamInstanceProfileAssociation",
        resource: INSTANCE,
        keys: &[
            "aws:ResourceTag/${TagKey}",
            "ec2:ResourceTag/${TagKey}",
            "ec2:InstanceProfile",
            "ec2:NewInstanceProfile",
        ],
        depends_on: &["iam:PassRole"],
    },
    action("ec2:DescribeRouteTables", None),
    action("ec2:DescribeVpcEndpoints", None),
    action("ec2:DescribeSecurityGroups", None),
    action("ec2:DescribeNetworkAcls", None),
    Action {
        name: "iam:PassRole",
        resource: ROLE,
        keys: &["iam:PassedToService", "iam:AssociatedResourceArn"],
        depends_on: &[],
    },
    Action {
        name: "lambda:InvokeFunction",
        resource: FUNCTION,
        keys: &["lambda:EventSourceToken", "lambda:InvokedViaFunctionUrl"],
        depends_on: &[],
    },
    Action {
        name: "sts:AssumeRole",
        resource: ROLE,
        keys: &["sts:ExternalId", "sts:RoleSessionName", "sts:SourceIdentity"],
        depends_on: &["sts:TagSession", "sts:SetSourceIdentity"],
    },
    Action {
        name: "sts:TagSession",
        resource: ROLE,
        keys: &["aws:RequestTag/${TagKey}", "aws:TagKeys", "sts:TransitiveTagKeys"],
        depends_on: &[],
    },
    Action {
        name: "sts:SetSourceIdentity",
        resource: ROLE,
        keys: &["sts:SourceIdentity"],
        depends_on: &[],
    },
    action("access-analyzer:ValidatePolicy", None),
    action("access-analyzer:CheckNoPublicAccess", None),
    action("access-analyzer:CheckAccessNotGranted", None),
    action("iam:GetAccountAuthorizationDetails", None),
    action("iam:GetRole", ROLE),
    action("iam:GetRolePolicy", ROLE),
    action("iam:ListAttachedRolePolicies", ROLE),
    action("iam:GetPolicy", POLICY),
    action("iam:GetInstanceProfile", PROFILE),
    action("iam:CreateInstanceProfile", PROFILE),
    Action {
        name: "iam:AddRoleToInstanceProfile",
        resource: PROFILE,
        keys: &[],
        depends_on: &["iam:PassRole"],
    },
    // With tags only; Claviger always sends some.
    Action {
        name: "iam:CreateRole",
        resource: ROLE,
        keys: &[BOUNDARY, "aws:RequestTag/${TagKey}", "aws:TagKeys"],
        depends_on: &["iam:TagRole"],
    },
    Action {
        name: "iam:TagRole",
        resource: ROLE,
        keys: &["aws:RequestTag/${TagKey}", "aws:TagKeys"],
        depends_on: &[],
    },
    Action { name: "iam:PutRolePolicy", resource: ROLE, keys: &[BOUNDARY], depends_on: &[] },
    Action { name: "iam:DeleteRolePolicy", resource: ROLE, keys: &[BOUNDARY], depends_on: &[] },
    Action {
        name: "iam:AttachRolePolicy",
        resource: ROLE,
        keys: &[BOUNDARY, "iam:PolicyARN"],
        depends_on: &[],
    },
    Action {
        name: "iam:PutRolePermissionsBoundary",
        resource: ROLE,
        keys: &[BOUNDARY],
        depends_on: &[],
    },
    Action {
        name: "iam:DeleteRolePermissionsBoundary",
        resource: ROLE,
        keys: &[BOUNDARY],
        depends_on: &[],
    },
    action("iam:UpdateAssumeRolePolicy", ROLE),
    action("iam:CreatePolicy", POLICY),
    action("iam:CreatePolicyVersion", POLICY),
    action("iam:DeletePolicy", POLICY),
    action("iam:DeletePolicyVersion", POLICY),
    action("iam:SetDefaultPolicyVersion", POLICY),
    action("iam:CreateUser", USER),
    action("iam:CreateAccessKey", USER),
    action("iam:CreateLoginProfile", USER),
    action("iam:AttachUserPolicy", USER),
    action("iam:PutUserPolicy", USER),
    action("iam:AddUserToGroup", GROUP),
    action("iam:AttachGroupPolicy", GROUP),
    action("iam:PutGroupPolicy", GROUP),
    action("organizations:DescribeOrganization", None),
    action("organizations:ListRoots", None),
    action("organizations:ListAccounts", None),
    action("organizations:ListAccountsForParent", Some("organizations:ou/")),
    action("organizations:ListOrganizationalUnitsForParent", Some("organizations:ou/")),
    action("organizations:ListPolicies", None),
    action("organizations:ListTargetsForPolicy", Some("organizations:policy/")),
    action("organizations:DescribePolicy", Some("organizations:policy/")),
    action("organizations:DescribeEffectivePolicy", Some("organizations:account/")),
    action("tag:GetResources", None),
    action("account:ListRegions", Some("account:account")),
    action("cloudtrail:LookupEvents", None),
    action("cloudtrail:DescribeTrails", None),
    action("cloudtrail:GetTrailStatus", Some("cloudtrail:trail/")),
    action("cloudtrail:GetEventSelectors", Some("cloudtrail:trail/")),
    action("events:DescribeRule", Some("events:rule/")),
    action("events:ListTargetsByRule", Some("events:rule/")),
    action("events:TestEventPattern", None),
    Action {
        name: "events:PutEvents",
        resource: Some("events:event-bus/"),
        keys: &["events:source", "events:detail-type", "events:eventBusInvocation"],
        depends_on: &[],
    },
    action("config:DescribeConfigurationRecorderStatus", Some("config:configuration-recorder/")),
    action("config:DescribeConfigRules", Some("config:config-rule/")),
    action("config:GetComplianceDetailsByConfigRule", Some("config:config-rule/")),
];

/// The reference entry of an action.
pub fn action_named(name: &str) -> Option<&'static Action> {
    ACTIONS.iter().find(|action| action.name == name)
}

/// The actions that a pattern names; a name without `*` names itself.
pub fn actions_matching(pattern: &str) -> impl Iterator<Item = &'static Action> {
    ACTIONS.iter().filter(move |action| matches(pattern, action.name))
}

/// Whether an action of a policy, which may end in `*`, covers an action.
pub fn matches(pattern: &str, action: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => action.get(..start.len()).is_some_and(|a| a.eq_ignore_ascii_case(start)),
        None => pattern.eq_ignore_ascii_case(action),
    }
}

impl Action {
    /// Whether a condition on this key can ever be met for the action.
    pub fn knows(&self, key: &str) -> bool {
        let same = |known: &&str| match known.split_once("${") {
            Some((start, _)) => key.len() > start.len() && key.starts_with(start),
            None => known.eq_ignore_ascii_case(key),
        };
        self.keys.iter().any(&same) || GLOBAL_KEYS.iter().any(same)
    }
}
