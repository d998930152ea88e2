//! AWS's hosted rotation templates: the CloudFormation template by which an engineer deploys one for a secret. Claviger writes it,
//! and deploys nothing.

mod form;
mod read;
mod template;
#[cfg(test)]
mod tests;
pub mod view;

pub use form::HostedForm;
pub use read::{HostedSecret, NamedSuperuser, read, refusal, superuser_arn};
pub use template::{CREATED, DeployRights, RIGHTS};

use crate::{
    choice::InvalidChoice,
    ids::{AccountId, Arn, Region},
    rotations::schedule::Schedule,
};
use serde::{Deserialize, Serialize};

/// The database of a hosted template. `ElastiCache` has none: AWS has its function as source code only.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-secretsmanager-rotationschedule-hostedrotationlambda.html>
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum HostedEngine {
    MySql,
    PostgreSql,
    MariaDb,
    Oracle,
    SqlServer,
    Db2,
    DocumentDb,
    Redshift,
}

impl HostedEngine {
    pub const fn label(self) -> &'static str {
        match self {
            Self::MySql => "RDS for MySQL, Aurora MySQL",
            Self::PostgreSql => "RDS for PostgreSQL, Aurora PostgreSQL",
            Self::MariaDb => "RDS for MariaDB",
            Self::Oracle => "RDS for Oracle",
            Self::SqlServer => "RDS for SQL Server",
            Self::Db2 => "RDS for Db2",
            Self::DocumentDb => "DocumentDB",
            Self::Redshift => "Redshift",
        }
    }

    /// The first part of the `RotationType`.
    const fn word(self) -> &'static str {
        match self {
            Self::MySql => "MySQL",
            Self::PostgreSql => "PostgreSQL",
            Self::MariaDb => "MariaDB",
            Self::Oracle => "Oracle",
            Self::SqlServer => "SQLServer",
            Self::Db2 => "Db2",
            Self::DocumentDb => "MongoDB",
            Self::Redshift => "Redshift",
        }
    }

    /// What the value's key `engine` has to be.
    pub const fn engine_value(self) -> &'static str {
        match self {
            Self::MySql => "mysql",
            Self::PostgreSql => "postgres",
            Self::MariaDb => "mariadb",
            Self::Oracle => "oracle",
            Self::SqlServer => "sqlserver",
            Self::Db2 => "db2",
            Self::DocumentDb => "mongo",
            Self::Redshift => "redshift",
        }
    }
}

/// Whose password a rotation changes.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum HostedUsers {
    /// A user changes its own password.
    Single,
    /// A superuser changes the passwords of two users in turn.
    Alternating,
}

impl HostedUsers {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Single => "Single user",
            Self::Alternating => "Alternating users",
        }
    }
}

/// One of AWS's templates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationType {
    pub engine: HostedEngine,
    pub users: HostedUsers,
}

impl RotationType {
    /// The JSON keys that the value must have.
    /// <https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html>
    pub fn keys(self) -> Vec<&'static str> {
        let mut keys = vec!["engine", "host", "username", "password"];
        if self.engine == HostedEngine::Oracle {
            keys.push("dbname");
        }
        // A user of Db2 can't change its own password.
        if self.users == HostedUsers::Alternating || self.engine == HostedEngine::Db2 {
            keys.push("masterarn");
        }
        keys
    }
}

impl std::fmt::Display for RotationType {
    /// As the property `RotationType` has it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let users = match self.users {
            HostedUsers::Single => "SingleUser",
            HostedUsers::Alternating => "MultiUser",
        };
        write!(f, "{}{users}", self.engine.word())
    }
}

/// A rotation by a hosted template that AWS would take, as far as that can be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostedRotation {
    secret: Arn,
    /// The secret's name.
    name: String,
    account: AccountId,
    region: Region,
    rotation_type: RotationType,
    /// The function's name.
    function: String,
    superuser: Option<Keyed>,
    subnets: Vec<String>,
    security_groups: Vec<String>,
    /// The ARN of the secret's key, if it is a customer managed one.
    key: Option<String>,
    /// Empty for AWS's own choice.
    exclude_characters: String,
    rules: Rules,
    is_immediate: bool,
}

/// When it rotates: days or an expression, and the length of a window.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Rules {
    schedule: Schedule,
    days: Option<u32>,
    expression: Option<String>,
    duration: Option<String>,
}

/// A secret with the ARN of its customer managed key.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Keyed {
    arn: Arn,
    key: Option<String>,
}

impl HostedRotation {
    pub fn rotation_type(&self) -> RotationType {
        self.rotation_type
    }

    pub fn schedule(&self) -> &Schedule {
        &self.rules.schedule
    }

    /// Whether the function runs in a VPC.
    pub fn is_in_vpc(&self) -> bool {
        !self.subnets.is_empty()
    }

    pub fn superuser(&self) -> Option<&Arn> {
        self.superuser.as_ref().map(|superuser| &superuser.arn)
    }
}
