//! One table of permissions: which role makes which API call, and which permissions AWS requires for it. The policies of
//! the roles and of every session are generated from it.

pub mod boundary;
pub mod lint;
pub mod reference;
pub mod roles;
pub(crate) mod statement;
mod table;
pub mod templates;
mod variables;

pub use table::{DENIED, NAMED_POLICIES, PROJECT_PARTS, PROJECT_SETTINGS, TABLE};

/// A role of Claviger. Claviger itself runs as the hub; the others are in each account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Hub,
    Inventory,
    Access,
    Remediation,
    /// Reads who uses a secret, and has Access Analyzer check drafted roles. Opt-in.
    Consumers,
    /// Creates roles of consumers under a path and a permissions boundary, and attaches them. Opt-in.
    Iam,
    /// Copies values to other stores. Opt-in; it has no calls in the table yet.
    Sync,
}

impl Role {
    pub const ALL: [Self; 7] = [
        Self::Hub,
        Self::Inventory,
        Self::Access,
        Self::Remediation,
        Self::Consumers,
        Self::Iam,
        Self::Sync,
    ];

    /// The roles that make calls, the hub first. A role without a call in the table has no policy, so it is in no file.
    pub fn in_use() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|role| TABLE.iter().any(|call| call.role == *role))
    }

    /// Those of them that each account has.
    pub fn members() -> impl Iterator<Item = Self> {
        Self::in_use().filter(|role| *role != Self::Hub)
    }

    /// Its default name; for the hub, the name of its policy's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Inventory => "claviger-inventory",
            Self::Access => "claviger-access",
            Self::Remediation => "claviger-remediation",
            Self::Consumers => "claviger-consumers",
            Self::Iam => "claviger-iam",
            Self::Sync => "claviger-sync",
        }
    }

    /// The role's word in templates, such as `inventory`.
    pub fn key(self) -> &'static str {
        self.name().strip_prefix("claviger-").unwrap_or_else(|| self.name())
    }

    /// Whether a template creates the role only where somebody asks for it.
    pub const fn is_opt_in(self) -> bool {
        matches!(self, Self::Consumers | Self::Iam | Self::Sync)
    }

    /// What AWS shows as the role's description: at most 1,000 characters of ASCII here.
    pub const fn description(self) -> &'static str {
        match self {
            Self::Hub => "Runs Claviger",
            Self::Inventory => {
                "Claviger reads metadata of secrets and parameters, never their values"
            }
            Self::Access => {
                "Claviger issues just-in-time sessions, each limited by a session policy"
            }
            Self::Remediation => {
                "Claviger applies approved fixes, and ends sessions of the access role"
            }
            Self::Consumers => {
                "Claviger reads which workloads use a secret, names of plaintext variables, and checks drafted roles"
            }
            Self::Iam => {
                "Claviger creates and attaches roles under one path and permissions boundary"
            }
            Self::Sync => "Claviger copies values to other stores",
        }
    }
}

/// An API call of a role, with all permissions that AWS requires for it.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub role: Role,
    /// The service's prefix, such as `secretsmanager`.
    pub service: &'static str,
    /// Such as `RotateSecret`.
    pub operation: &'static str,
    /// The call's own action first, then its dependent actions. Empty if AWS requires no permission.
    pub needs: &'static [Need],
}

/// An action with its resources and restrictions.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// Such as `kms:Decrypt`.
    pub action: &'static str,
    pub on: On,
    pub limits: &'static [Limit],
}

/// The resources of an action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The action has no resource type, or applies to all resources.
    Anything,
    Secret,
    Parameter,
    /// The key that encrypts a secret's or parameter's value.
    Key,
    /// The Lambda function that rotates a secret.
    RotationFunction,
    /// Roles of any path: the role with which Secrets Manager rotates a managed external secret, and the one whose name is asked
    /// for.
    ExternalRole,
    /// The access role.
    AccessRole,
    /// Our roles in each account.
    MemberRoles,
    ConfigRule,
    Trail,
    /// The rules of EventBridge.
    EventRule,
    /// The default event bus of an account.
    DefaultBus,
    /// The Lambda functions that a role is attached to.
    Function,
    /// The `CodeBuild` projects that a role is attached to.
    Project,
    /// The EC2 instances that an instance profile is attached to.
    Instance,
    /// The instance profiles that Claviger creates: those of its path.
    InstanceProfile,
    /// Instance profiles of any path: the one whose name is asked for.
    AnyInstanceProfile,
    /// The roles that Claviger creates for consumers: those of its path.
    ConsumerRole,
    /// The permissions boundary of these roles.
    Boundary,
}

/// A restriction of an action. A session policy has it with the values of its own resources; a role's policy, which
/// applies to all resources, has only restrictions that are the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// `secretsmanager:RotationLambdaARN`: absent, or the secret's own.
    OwnRotationFunction,
    /// `secretsmanager:ModifyRotationRules`: the schedule must not change.
    SameSchedule,
    /// `secretsmanager:RotateImmediately`: absent (AWS's default is true), or true.
    AtOnce,
    /// `secretsmanager:ExternalSecretRotationRoleArn`: absent, or the secret's own.
    OwnExternalRole,
    /// `iam:PassedToService`: the role is for Secrets Manager.
    PassedToSecretsManager,
    /// `secretsmanager:ForceDeleteWithoutRecovery`: a deleted secret can be restored.
    Recoverable,
    /// `secretsmanager:VersionStage`: only the call's own stage; for the role, the stages that it moves.
    OneStage,
    /// `secretsmanager:KmsKeyId`: absent, so the key must not change.
    SameKey,
    /// `ssm:Overwrite`: only an existing parameter can be written.
    Overwrites,
    /// `ssm:Policies`: the parameter's policies must not change.
    SamePolicies,
    /// `secretsmanager:Name`: the name of the new secret.
    NewName,
    /// `ssm:Overwrite`: only a new parameter can be written.
    Creates,
    /// `events:source`: only events with which Claviger tests a rule.
    TestEvents,
    /// `kms:ViaService` of Secrets Manager, with its encryption context.
    ThroughSecretsManager,
    /// `kms:ViaService` of Systems Manager, with its encryption context.
    ThroughParameterStore,
    /// Only for parameters of the standard tier.
    StandardTier,
    /// Only for parameters of the advanced tier.
    AdvancedTier,
    /// `iam:PermissionsBoundary`: the role has our boundary, or gets it.
    OurBoundary,
    /// `iam:PolicyARN`: only the managed policies that are named.
    NamedPolicies,
    /// `iam:PassedToService`: the role is for Lambda.
    PassedToLambda,
    /// `aws:ResourceTag`: its owner allows Claviger to attach roles to it.
    OptedIn,
    /// `lambda:Layer`: absent. A layer would bring code of the caller's into the function.
    NoLayers,
    /// `iam:PassedToService`: the role is for `CodeBuild`.
    PassedToCodeBuild,
    /// `codebuild:serviceRole`: the project gets a role of Claviger's path; in a session, exactly this one.
    NewServiceRole,
    /// `iam:PassedToService`: the role is for EC2.
    PassedToEc2,
    /// `ec2:NewInstanceProfile`: one of Claviger's path; in a session, exactly this one.
    NewInstanceProfile,
    /// What else `UpdateProject` can change, as far as AWS has keys for it: absent.
    RoleAlone,
}

/// The table's entry for a call; `None` if the role does not make it.
pub fn call(role: Role, service: &str, operation: &str) -> Option<&'static Call> {
    TABLE
        .iter()
        .find(|call| call.role == role && call.service == service && call.operation == operation)
}
