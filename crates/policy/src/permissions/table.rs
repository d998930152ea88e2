//! The table itself.

use super::{
    Call, Limit, Need, On,
    Role::{self, Access, Consumers, Hub, Iam, Inventory, Remediation},
};

const fn need(action: &'static str, on: On) -> Need {
    Need { action, on, limits: &[] }
}

const fn within(action: &'static str, on: On, limits: &'static [Limit]) -> Need {
    Need { action, on, limits }
}

const fn call(
    role: Role,
    service: &'static str,
    operation: &'static str,
    needs: &'static [Need],
) -> Call {
    Call { role, service, operation, needs }
}

/// A call that needs only its own action.
macro_rules! plain {
    ($role:ident, $service:literal, $operation:literal, $on:ident) => {
        call($role, $service, $operation, &[need(concat!($service, ":", $operation), On::$on)])
    };
}

const BY_SECRETS_MANAGER: &[Limit] = &[Limit::ThroughSecretsManager];
const BY_PARAMETER_STORE: &[Limit] = &[Limit::ThroughParameterStore];

/// The permissions for a change of a secret's key, or a new replica: AWS reads under one key and writes under the other, and
/// without `kms:Encrypt` silently leaves the existing versions as they are.
const REENCRYPT: [Need; 3] = [
    within("kms:Decrypt", On::Key, BY_SECRETS_MANAGER),
    within("kms:Encrypt", On::Key, BY_SECRETS_MANAGER),
    within("kms:GenerateDataKey", On::Key, BY_SECRETS_MANAGER),
];

const TO_EC2: Need = within("iam:PassRole", On::ConsumerRole, &[Limit::PassedToEc2]);
const NEW_PROFILE: &[Limit] = &[Limit::OptedIn, Limit::NewInstanceProfile];

/// Every call that `claviger-aws` makes. `tests/permissions.rs` compares it with the sources, both ways.
pub const TABLE: &[Call] = &[
    call(
        Hub,
        "sts",
        "AssumeRole",
        &[
            need("sts:AssumeRole", On::MemberRoles),
            need("sts:TagSession", On::MemberRoles),
            need("sts:SetSourceIdentity", On::MemberRoles),
        ],
    ),
    // AWS requires no permission.
    call(Hub, "sts", "GetCallerIdentity", &[]),
    plain!(Hub, "organizations", "DescribeOrganization", Anything),
    plain!(Hub, "organizations", "ListRoots", Anything),
    plain!(Hub, "organizations", "ListAccounts", Anything),
    plain!(Hub, "organizations", "ListAccountsForParent", Anything),
    plain!(Hub, "organizations", "ListOrganizationalUnitsForParent", Anything),
    plain!(Hub, "organizations", "ListPolicies", Anything),
    plain!(Hub, "organizations", "ListTargetsForPolicy", Anything),
    plain!(Hub, "organizations", "DescribePolicy", Anything),
    plain!(Hub, "organizations", "DescribeEffectivePolicy", Anything),
    plain!(Inventory, "secretsmanager", "ListSecrets", Anything),
    plain!(Inventory, "secretsmanager", "DescribeSecret", Secret),
    plain!(Inventory, "secretsmanager", "ListSecretVersionIds", Secret),
    plain!(Inventory, "secretsmanager", "GetResourcePolicy", Secret),
    plain!(Inventory, "ssm", "DescribeParameters", Anything),
    plain!(Inventory, "ssm", "ListTagsForResource", Parameter),
    plain!(Inventory, "tag", "GetResources", Anything),
    plain!(Inventory, "account", "ListRegions", Anything),
    // Keys are also read by alias.
    plain!(Inventory, "kms", "DescribeKey", Anything),
    plain!(Inventory, "kms", "ListAliases", Anything),
    plain!(Inventory, "kms", "GetKeyPolicy", Key),
    plain!(Inventory, "kms", "ListGrants", Key),
    plain!(Inventory, "iam", "GetAccountAuthorizationDetails", Anything),
    plain!(Inventory, "cloudtrail", "LookupEvents", Anything),
    plain!(Inventory, "cloudtrail", "DescribeTrails", Anything),
    plain!(Inventory, "cloudtrail", "GetTrailStatus", Trail),
    plain!(Inventory, "cloudtrail", "GetEventSelectors", Trail),
    // Whether an alarm can fire. An event of our own source can be sent by the test alone.
    plain!(Inventory, "events", "DescribeRule", EventRule),
    plain!(Inventory, "events", "ListTargetsByRule", EventRule),
    plain!(Inventory, "events", "TestEventPattern", Anything),
    call(
        Inventory,
        "events",
        "PutEvents",
        &[within("events:PutEvents", On::DefaultBus, &[Limit::TestEvents])],
    ),
    plain!(Inventory, "config", "DescribeConfigurationRecorderStatus", Anything),
    plain!(Inventory, "config", "DescribeConfigRules", Anything),
    plain!(Inventory, "config", "GetComplianceDetailsByConfigRule", ConfigRule),
    // The probe: whether a session with this name is denied.
    plain!(Access, "secretsmanager", "DescribeSecret", Secret),
    call(
        Access,
        "secretsmanager",
        "GetSecretValue",
        &[
            need("secretsmanager:GetSecretValue", On::Secret),
            within("kms:Decrypt", On::Key, BY_SECRETS_MANAGER),
        ],
    ),
    // AWS has no condition key for the labels of the new version (VersionStages).
    call(
        Access,
        "secretsmanager",
        "PutSecretValue",
        &[
            need("secretsmanager:PutSecretValue", On::Secret),
            within("kms:Decrypt", On::Key, BY_SECRETS_MANAGER),
            within("kms:GenerateDataKey", On::Key, BY_SECRETS_MANAGER),
        ],
    ),
    // The function reads and writes the value with its own role, so the caller needs no permission on the key.
    call(
        Access,
        "secretsmanager",
        "RotateSecret",
        &[
            within(
                "secretsmanager:RotateSecret",
                On::Secret,
                &[
                    Limit::OwnRotationFunction,
                    Limit::SameSchedule,
                    Limit::AtOnce,
                    Limit::OwnExternalRole,
                ],
            ),
            need("lambda:InvokeFunction", On::RotationFunction),
        ],
    ),
    call(
        Access,
        "ssm",
        "GetParameter",
        &[
            need("ssm:GetParameter", On::Parameter),
            within("kms:Decrypt", On::Key, BY_PARAMETER_STORE),
        ],
    ),
    // AWS has no condition key for Type, Tier, KeyId, DataType, AllowedPattern and Description. The permissions on keys
    // restrict the key and the tier of a SecureString.
    call(
        Access,
        "ssm",
        "PutParameter",
        &[
            within("ssm:PutParameter", On::Parameter, &[Limit::Overwrites, Limit::SamePolicies]),
            within("kms:Encrypt", On::Key, &[Limit::ThroughParameterStore, Limit::StandardTier]),
            within(
                "kms:GenerateDataKey",
                On::Key,
                &[Limit::ThroughParameterStore, Limit::AdvancedTier],
            ),
        ],
    ),
    call(
        Remediation,
        "secretsmanager",
        "CreateSecret",
        &[
            within("secretsmanager:CreateSecret", On::Secret, &[Limit::NewName]),
            need("secretsmanager:TagResource", On::Secret),
            within("kms:Decrypt", On::Key, BY_SECRETS_MANAGER),
            within("kms:GenerateDataKey", On::Key, BY_SECRETS_MANAGER),
        ],
    ),
    plain!(Remediation, "secretsmanager", "GetRandomPassword", Anything),
    // Only what is new: a value is written over under a grant of the access role. With tags it needs `AddTagsToResource`,
    // which is in the table already.
    call(
        Remediation,
        "ssm",
        "PutParameter",
        &[
            within("ssm:PutParameter", On::Parameter, &[Limit::Creates]),
            within("kms:Encrypt", On::Key, &[Limit::ThroughParameterStore, Limit::StandardTier]),
            within(
                "kms:GenerateDataKey",
                On::Key,
                &[Limit::ThroughParameterStore, Limit::AdvancedTier],
            ),
        ],
    ),
    plain!(Remediation, "secretsmanager", "TagResource", Secret),
    plain!(Remediation, "secretsmanager", "PutResourcePolicy", Secret),
    plain!(Remediation, "secretsmanager", "DeleteResourcePolicy", Secret),
    call(
        Remediation,
        "secretsmanager",
        "DeleteSecret",
        &[within("secretsmanager:DeleteSecret", On::Secret, &[Limit::Recoverable])],
    ),
    plain!(Remediation, "secretsmanager", "RestoreSecret", Secret),
    plain!(Remediation, "secretsmanager", "RemoveRegionsFromReplication", Secret),
    call(
        Remediation,
        "secretsmanager",
        "RotateSecret",
        &[
            need("secretsmanager:RotateSecret", On::Secret),
            need("lambda:InvokeFunction", On::RotationFunction),
            // Only where a managed external secret gets its role.
            within("iam:PassRole", On::ExternalRole, &[Limit::PassedToSecretsManager]),
        ],
    ),
    call(
        Remediation,
        "secretsmanager",
        "UpdateSecret",
        &[
            need("secretsmanager:UpdateSecret", On::Secret),
            REENCRYPT[0],
            REENCRYPT[1],
            REENCRYPT[2],
        ],
    ),
    call(
        Remediation,
        "secretsmanager",
        "ReplicateSecretToRegions",
        &[
            need("secretsmanager:ReplicateSecretToRegions", On::Secret),
            REENCRYPT[0],
            REENCRYPT[1],
            REENCRYPT[2],
        ],
    ),
    // AWS moves AWSPREVIOUS by itself, without a permission for that stage.
    call(
        Remediation,
        "secretsmanager",
        "UpdateSecretVersionStage",
        &[within("secretsmanager:UpdateSecretVersionStage", On::Secret, &[Limit::OneStage])],
    ),
    plain!(Remediation, "secretsmanager", "CancelRotateSecret", Secret),
    plain!(Remediation, "secretsmanager", "UntagResource", Secret),
    plain!(Remediation, "ssm", "AddTagsToResource", Parameter),
    plain!(Remediation, "ssm", "RemoveTagsFromResource", Parameter),
    // Before a rotation: why it would fail. AWS restricts the reads of networks to no resource.
    plain!(Remediation, "lambda", "GetFunctionConfiguration", RotationFunction),
    plain!(Remediation, "lambda", "GetPolicy", RotationFunction),
    plain!(Remediation, "ec2", "DescribeRouteTables", Anything),
    plain!(Remediation, "ec2", "DescribeVpcEndpoints", Anything),
    plain!(Remediation, "ec2", "DescribeSecurityGroups", Anything),
    plain!(Remediation, "ec2", "DescribeNetworkAcls", Anything),
    plain!(Remediation, "iam", "GetRolePolicy", AccessRole),
    plain!(Remediation, "iam", "PutRolePolicy", AccessRole),
    plain!(Remediation, "iam", "DeleteRolePolicy", AccessRole),
    // Who is given a role, and with which one. Lambda and CodeBuild return the values of environment variables in plain text. Only
    // this role reads them of any function or project; claviger-remediation has the same call for rotation functions. Neither
    // keeps a value.
    plain!(Consumers, "lambda", "GetFunctionConfiguration", Function),
    plain!(Consumers, "lambda", "ListTags", Function),
    plain!(Consumers, "codebuild", "BatchGetProjects", Project),
    // Which workloads have a credential in plain text: names of variables alone are kept. AWS restricts these reads to no
    // resource, but for projects; the list of all stacks is on none either, and needs ListStacks too.
    plain!(Consumers, "lambda", "ListFunctions", Anything),
    plain!(Consumers, "ecs", "ListTaskDefinitionFamilies", Anything),
    plain!(Consumers, "ecs", "DescribeTaskDefinition", Anything),
    plain!(Consumers, "codebuild", "ListProjects", Anything),
    call(
        Consumers,
        "cloudformation",
        "DescribeStacks",
        &[
            need("cloudformation:DescribeStacks", On::Anything),
            need("cloudformation:ListStacks", On::Anything),
        ],
    ),
    // AWS restricts these reads to no resource.
    plain!(Consumers, "ec2", "DescribeInstances", Anything),
    plain!(Consumers, "ec2", "DescribeIamInstanceProfileAssociations", Anything),
    // Documents of a drafted role, on a person's request. AWS restricts these calls to no resource, and has no condition key for
    // them.
    plain!(Consumers, "access-analyzer", "ValidatePolicy", Anything),
    plain!(Consumers, "access-analyzer", "CheckNoPublicAccess", Anything),
    plain!(Consumers, "access-analyzer", "CheckAccessNotGranted", Anything),
    // Every write of a role wants our boundary. With tags CreateRole needs TagRole, for which AWS has no such key; tags alone
    // give a role nothing that its boundary denies.
    call(
        Iam,
        "iam",
        "CreateRole",
        &[
            within("iam:CreateRole", On::ConsumerRole, &[Limit::OurBoundary]),
            need("iam:TagRole", On::ConsumerRole),
        ],
    ),
    call(
        Iam,
        "iam",
        "PutRolePolicy",
        &[within("iam:PutRolePolicy", On::ConsumerRole, &[Limit::OurBoundary])],
    ),
    call(
        Iam,
        "iam",
        "AttachRolePolicy",
        &[within(
            "iam:AttachRolePolicy",
            On::ConsumerRole,
            &[Limit::OurBoundary, Limit::NamedPolicies],
        )],
    ),
    // It takes a name without a path. IAM authorizes it on the role that has the name, whatever its path, and on `role/NAME`
    // if there is none.
    plain!(Iam, "iam", "GetRole", ExternalRole),
    plain!(Iam, "iam", "GetRolePolicy", ConsumerRole),
    plain!(Iam, "iam", "ListAttachedRolePolicies", ConsumerRole),
    plain!(Iam, "iam", "GetPolicy", Boundary),
    // AWS has no key for the boundary of a role that is passed: only Claviger's path is, where no role of ours lacks it.
    call(
        Iam,
        "lambda",
        "UpdateFunctionConfiguration",
        &[
            within(
                "lambda:UpdateFunctionConfiguration",
                On::Function,
                &[Limit::OptedIn, Limit::NoLayers],
            ),
            within("iam:PassRole", On::ConsumerRole, &[Limit::PassedToLambda]),
        ],
    ),
    call(
        Iam,
        "codebuild",
        "UpdateProject",
        &[
            within(
                "codebuild:UpdateProject",
                On::Project,
                &[Limit::OptedIn, Limit::NewServiceRole, Limit::RoleAlone],
            ),
            within("iam:PassRole", On::ConsumerRole, &[Limit::PassedToCodeBuild]),
        ],
    ),
    // As for GetRole: a name without a path.
    plain!(Iam, "iam", "GetInstanceProfile", AnyInstanceProfile),
    plain!(Iam, "iam", "CreateInstanceProfile", InstanceProfile),
    call(
        Iam,
        "iam",
        "AddRoleToInstanceProfile",
        &[need("iam:AddRoleToInstanceProfile", On::InstanceProfile), TO_EC2],
    ),
    call(
        Iam,
        "ec2",
        "AssociateIamInstanceProfile",
        &[within("ec2:AssociateIamInstanceProfile", On::Instance, NEW_PROFILE), TO_EC2],
    ),
    call(
        Iam,
        "ec2",
        "ReplaceIamInstanceProfileAssociation",
        &[within("ec2:ReplaceIamInstanceProfileAssociation", On::Instance, NEW_PROFILE), TO_EC2],
    ),
];

/// Condition keys of what `UpdateProject` could change besides the role: absent. AWS has none for the version of the source, the
/// description and timeouts.
/// <https://docs.aws.amazon.com/codebuild/latest/userguide/action-context-keys.html>
pub const PROJECT_SETTINGS: &[&str] = &[
    "aws:TagKeys",
    "codebuild:autoRetryLimit",
    "codebuild:concurrentBuildLimit",
    "codebuild:encryptionKey",
    "codebuild:environment.image",
    "codebuild:fileSystemLocations.identifier",
    "codebuild:fileSystemLocations.location",
    "codebuild:fileSystemLocations.type",
    "codebuild:source.buildspec",
    "codebuild:source.location",
];

/// The keys that say by true or false whether `UpdateProject` changes a part of the project. Whether AWS sends false or nothing
/// for what a request leaves out is not documented: both pass.
pub const PROJECT_PARTS: &[&str] = &[
    "codebuild:artifacts",
    "codebuild:buildBatchConfig",
    "codebuild:cache",
    "codebuild:environment",
    "codebuild:environment.environmentVariables",
    "codebuild:logsConfig",
    "codebuild:secondaryArtifacts",
    "codebuild:secondarySources",
    "codebuild:source",
    "codebuild:vpcConfig",
];

/// The AWS managed policies that a consumer's role may be given, as the end of their ARN: what a function needs to write logs
/// and to join a network, and what ECS needs to pull images. The boundary holds them as well.
pub const NAMED_POLICIES: &[&str] = &[
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole",
    "service-role/AmazonECSTaskExecutionRolePolicy",
];

/// Every action that returns a value. The pattern covers `GetParameter`, `GetParameters`, `GetParametersByPath` and
/// `GetParameterHistory`, and what AWS may add.
const VALUES: &[&str] =
    &["secretsmanager:GetSecretValue", "secretsmanager:BatchGetSecretValue", "ssm:GetParameter*"];

/// What would lead out of the boundary and the path, or to another principal. The policies of the role allow none of it; this
/// holds if somebody attaches another one.
const ESCAPES: &[&str] = &[
    "iam:PutRolePermissionsBoundary",
    "iam:DeleteRolePermissionsBoundary",
    "iam:UpdateAssumeRolePolicy",
    "iam:CreatePolicy*",
    "iam:DeletePolicy*",
    "iam:SetDefaultPolicyVersion",
    "iam:CreateUser",
    "iam:CreateAccessKey",
    "iam:CreateLoginProfile",
    "iam:AttachUserPolicy",
    "iam:PutUserPolicy",
    "iam:AddUserToGroup",
    "iam:AttachGroupPolicy",
    "iam:PutGroupPolicy",
];

/// What a role is denied, whatever else allows it: actions, or patterns of actions that end in `*`.
pub const DENIED: &[(Role, &[&str])] = &[
    (Inventory, VALUES),
    (Inventory, &["kms:Decrypt"]),
    (Remediation, VALUES),
    (Consumers, VALUES),
    (Consumers, &["kms:Decrypt"]),
    (Iam, VALUES),
    (Iam, ESCAPES),
];
