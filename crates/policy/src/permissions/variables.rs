//! What differs between two renderings of a policy.

use super::Role;
use claviger_domain::partition::Partition;

/// What ARNs and conditions of a role's policy are made of: values, or the variables of a template.
#[derive(Debug, Clone)]
pub struct Variables {
    /// Such as `aws`.
    pub partition: String,
    /// The end of service names in `kms:ViaService`, such as `amazonaws.com`.
    pub dns_suffix: String,
    /// The account of IAM roles.
    pub account: String,
    /// IAM's policy variable `aws:PrincipalAccount`, escaped where the template has variables of its own.
    pub principal_account: String,
    /// The name of a role.
    pub role_name: fn(Role) -> String,
}

impl Variables {
    /// A partition's values, for any account and the roles' default names.
    pub fn of(partition: &Partition) -> Self {
        Self {
            partition: partition.to_string(),
            dns_suffix: partition.dns_suffix().to_owned(),
            account: "*".into(),
            principal_account: "${aws:PrincipalAccount}".into(),
            role_name: |role| role.name().to_owned(),
        }
    }
}
