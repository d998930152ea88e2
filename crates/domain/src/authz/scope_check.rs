//! Checks that the OUs and accounts in the configuration exist, and that each path matches only one OU.

use crate::{
    accounts::{Ou, names_ou, path_names},
    ids::AccountId,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a part of the configuration names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScopeTarget {
    /// By id or by path, as written in the configuration.
    Ou(String),
    Account(AccountId),
}

/// A part of the configuration that names an OU or an account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeReference {
    /// Which part, such as `the role approver of the group payments`.
    pub source: String,
    pub target: ScopeTarget,
}

/// What is wrong with a reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ScopeFault {
    /// No id or path in the Organization matches; with possible alternatives.
    Missing { meant: Option<String> },
    /// Two or more OUs have these names, one of them with a slash in its own name. Each by id and path.
    Ambiguous { ous: Vec<(String, String)> },
}

/// A reference that does not name exactly one OU or account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeProblem {
    pub reference: ScopeReference,
    pub fault: ScopeFault,
}

impl ScopeProblem {
    /// Whether it prevents the server from starting.
    pub fn is_fatal(&self) -> bool {
        matches!(self.fault, ScopeFault::Ambiguous { .. })
    }
}

impl fmt::Display for ScopeProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = &self.reference.source;
        match (&self.fault, &self.reference.target) {
            (ScopeFault::Ambiguous { ous }, target) => {
                let written = match target {
                    ScopeTarget::Ou(text) => text.clone(),
                    ScopeTarget::Account(id) => id.to_string(),
                };
                let each: Vec<String> =
                    ous.iter().map(|(id, path)| format!("{id} (path {path})")).collect();
                write!(
                    f,
                    "{source}: \"{written}\" fits {} OUs: {}. Use the id of the OU that you mean.",
                    ous.len(),
                    each.join(" and ")
                )
            }
            (ScopeFault::Missing { meant }, ScopeTarget::Ou(text)) => {
                write!(
                    f,
                    "{source}: no OU in the Organization has the id or path \"{text}\", so it applies to no account."
                )?;
                match meant {
                    Some(meant) => write!(f, " Did you mean \"{meant}\"?"),
                    None => f.write_str(" Use the OU's id (ou-…) or its path from below the root."),
                }
            }
            (ScopeFault::Missing { .. }, ScopeTarget::Account(id)) => {
                write!(f, "{source}: the account {id} is not in the Organization.")
            }
        }
    }
}

/// Checks the references against the Organization, in their order.
pub fn check_scopes(
    references: &[ScopeReference],
    ous: &[Ou],
    accounts: &[AccountId],
) -> Vec<ScopeProblem> {
    let check = |reference: &ScopeReference| {
        let fault = match &reference.target {
            ScopeTarget::Account(id) if accounts.contains(id) => return None,
            ScopeTarget::Account(_) => ScopeFault::Missing { meant: None },
            ScopeTarget::Ou(text) => ou_fault(text, ous)?,
        };
        Some(ScopeProblem { reference: reference.clone(), fault })
    };
    references.iter().filter_map(check).collect()
}

fn ou_fault(text: &str, ous: &[Ou]) -> Option<ScopeFault> {
    let named: Vec<&Ou> = ous.iter().filter(|ou| names_ou(text, &ou.id, &ou.path)).collect();
    let by_id = named.iter().any(|ou| ou.id.as_str() == text);
    let joined = |path: &str| path_names(path).join("/");
    // A backslash marks slashes that are part of a name.
    if !by_id && !text.contains('\\') {
        let fitting: Vec<(String, String)> = ous
            .iter()
            .filter(|ou| !ou.path.is_empty() && joined(&ou.path) == text)
            .map(|ou| (ou.id.to_string(), ou.path.clone()))
            .collect();
        if fitting.len() > 1 {
            return Some(ScopeFault::Ambiguous { ous: fitting });
        }
    }
    if !named.is_empty() {
        return None;
    }
    let plain = joined(text).to_lowercase();
    let last = path_names(text).pop().unwrap_or_default().to_lowercase();
    let alike = |ou: &&Ou| !ou.path.is_empty() && joined(&ou.path).to_lowercase() == plain;
    let same_name = |ou: &&Ou| !ou.path.is_empty() && ou.name.to_lowercase() == last;
    let meant = ous.iter().find(alike).or_else(|| ous.iter().find(same_name));
    Some(ScopeFault::Missing { meant: meant.map(|ou| ou.path.clone()) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts::child_path;

    fn ou(id: &str, parent: &str, name: &str) -> Ou {
        Ou {
            id: id.parse().unwrap(),
            parent: None,
            name: name.into(),
            path: child_path(parent, name),
        }
    }

    fn problems(text: &str, ous: &[Ou]) -> Vec<ScopeProblem> {
        let reference = ScopeReference {
            source: "the role approver of the group payments".into(),
            target: ScopeTarget::Ou(text.into()),
        };
        check_scopes(&[reference], ous, &[])
    }

    #[test]
    fn a_path_that_fits_two_ous_is_fatal_and_names_both() {
        let ous = [
            ou("ou-ab12-00000001", "", "Workloads"),
            ou("ou-ab12-00000002", "Workloads", "Production"),
            ou("ou-ab12-00000003", "", "Workloads/Production"),
        ];
        let found = problems("Workloads/Production", &ous);
        assert!(found[0].is_fatal());
        let text = found[0].to_string();
        assert!(text.contains("ou-ab12-00000002") && text.contains("ou-ab12-00000003"), "{text}");
        for unambiguous in
            [r"Workloads\/Production", "ou-ab12-00000002", "ou-ab12-00000003", "Workloads"]
        {
            assert!(problems(unambiguous, &ous).is_empty(), "{unambiguous}");
        }
    }

    #[test]
    fn a_slash_in_the_only_ou_of_that_name_is_missing_with_a_hint() {
        let ous = [ou("ou-ab12-00000003", "", "Workloads/Production")];
        let found = problems("Workloads/Production", &ous);
        assert!(!found[0].is_fatal());
        assert!(found[0].to_string().contains(r"Workloads\/Production"));
    }

    #[test]
    fn what_does_not_exist_is_named_with_what_may_be_meant() {
        let ous = [
            ou("ou-ab12-00000001", "", "Workloads"),
            ou("ou-ab12-00000002", "Workloads", "Production"),
        ];
        assert!(
            problems("workloads/production", &ous)[0]
                .to_string()
                .contains("\"Workloads/Production\"?")
        );
        assert!(problems("Production", &ous)[0].to_string().contains("\"Workloads/Production\"?"));
        assert!(problems("ou-ab12-99999999", &ous)[0].to_string().contains("Use the OU's id"));
        let account = ScopeReference {
            source: "x".into(),
            target: ScopeTarget::Account("111122223333".parse().unwrap()),
        };
        assert_eq!(check_scopes(std::slice::from_ref(&account), &ous, &[]).len(), 1);
        assert!(check_scopes(&[account], &ous, &["111122223333".parse().unwrap()]).is_empty());
    }
}
