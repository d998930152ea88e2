//! One table of permissions: which role makes which API call, and what AWS asks for it. The policies of our roles and of
//! every session are generated from it.

pub mod reference;
pub mod roles;
pub(crate) mod statement;
mod table;

pub use table::{DENIED, TABLE};

/// A role of ours. The hub is what the console itself runs as; the others are in each account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    Hub,
    Inventory,
    Access,
    Remediation,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Hub, Self::Inventory, Self::Access, Self::Remediation];

    /// The name it has by default; of the hub, the name of its policy's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hub => "hub",
            Self::Inventory => "claviger-inventory",
            Self::Access => "claviger-access",
            Self::Remediation => "claviger-remediation",
        }
    }
}

/// An API call that a role makes, with all that AWS authorizes for it.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub role: Role,
    /// The service's prefix, such as `secretsmanager`.
    pub service: &'static str,
    /// Such as `RotateSecret`.
    pub operation: &'static str,
    /// The call's own action first, then those that it depends on. Empty where AWS asks for no permission.
    pub needs: &'static [Need],
}

/// An action with the resources it is for and what narrows it down.
#[derive(Debug, Clone, Copy)]
pub struct Need {
    /// Such as `kms:Decrypt`.
    pub action: &'static str,
    pub on: On,
    pub limits: &'static [Limit],
}

/// What an action is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum On {
    /// The action has no resource, or is for whatever there is.
    Anything,
    Secret,
    Parameter,
    /// The key that a secret's or parameter's value is encrypted under.
    Key,
    /// The Lambda function that rotates a secret.
    RotationFunction,
    /// Our access role.
    AccessRole,
    /// Our three roles in each account.
    MemberRoles,
    ConfigRule,
    Trail,
}

/// What narrows an action down. A session policy has it with the values of its own resources; a role's policy, which is
/// for all of them, has only what is the same for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Limit {
    /// `secretsmanager:RotationLambdaARN`: left out, or the secret's own.
    OwnRotationFunction,
    /// `secretsmanager:ModifyRotationRules`: the schedule stays.
    SameSchedule,
    /// `secretsmanager:RotateImmediately`: left out (which AWS takes for true), or true.
    AtOnce,
    /// `secretsmanager:ExternalSecretRotationRoleArn`: left out, or the secret's own.
    OwnExternalRole,
    /// `secretsmanager:ForceDeleteWithoutRecovery`: a deleted secret can be restored.
    Recoverable,
    /// `ssm:Overwrite`: an existing parameter gets a value, none is made.
    Overwrites,
    /// `ssm:Policies`: the parameter's policies stay.
    SamePolicies,
    /// `kms:ViaService` of Secrets Manager, with its encryption context.
    ThroughSecretsManager,
    /// `kms:ViaService` of Systems Manager, with its encryption context.
    ThroughParameterStore,
    /// For parameters of the standard tier alone.
    StandardTier,
    /// For parameters of the advanced tier alone.
    AdvancedTier,
}

/// What the table says of a call; `None` where the role does not make it.
pub fn call(role: Role, service: &str, operation: &str) -> Option<&'static Call> {
    TABLE
        .iter()
        .find(|call| call.role == role && call.service == service && call.operation == operation)
}
