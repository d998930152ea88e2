//! Time-limited sessions in member accounts: issue them, use them for one value, end and trace them.

mod calls;
mod sessions;

/// The inline policy of the access role that denies revoked sessions.
const DENIAL_POLICY: &str = "claviger-revoked-grants";
/// The permissions for reading and changing it.
const DENIAL_ACTIONS: [&str; 3] =
    ["iam:DeleteRolePolicy", "iam:GetRolePolicy", "iam:PutRolePolicy"];
/// A secret that does not exist: a session that is not denied gets "not found".
const PROBE_SECRET: &str = "claviger-probe";
/// The name of the session that is issued before an account's sessions are denied.
const CUTOFF_SESSION: &str = "claviger-cutoff";
/// The name of the session that writes the deny policy.
const DENIAL_SESSION: &str = "claviger-end-sessions";
/// The name of the session that is never revoked.
const CONTROL_SESSION: &str = "claviger-control";
const PROBE_POLICY: &str = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"secretsmanager:DescribeSecret","Resource":"*"}]}"#;

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_policy::permissions::{Role, TABLE};
    use std::collections::BTreeSet;

    /// Checks the two fixed documents in this file against the table of permissions.
    #[test]
    fn the_fixed_session_policies_are_those_of_the_table() {
        let iam: BTreeSet<&str> = TABLE
            .iter()
            .filter(|call| (call.role, call.service) == (Role::Remediation, "iam"))
            .flat_map(|call| call.needs.iter().map(|need| need.action))
            .collect();
        assert_eq!(iam, DENIAL_ACTIONS.into_iter().collect());
        let probe: serde_json::Value = serde_json::from_str(PROBE_POLICY).unwrap();
        let action = probe["Statement"][0]["Action"].as_str().unwrap();
        assert!(
            TABLE.iter().any(|call| call.role == Role::Access
                && call.needs.iter().any(|need| need.action == action))
        );
    }
}
