//! Who can list parameters by path although they are denied single ones: AWS authorizes `GetParametersByPath` by the requested
//! path, and a Deny for parameters below it has no effect.
//! <https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-access.html>

use crate::exposure::{Document, DocumentFault, Statement};

const GET_PARAMETERS_BY_PATH: &str = "ssm:GetParametersByPath";
const SINGLE: [&str; 2] = ["ssm:GetParameter", "ssm:GetParameters"];

/// A role or user with the relevant statements of its identity policies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathReader {
    /// Its ARN.
    pub principal: String,
    statements: Vec<Statement>,
    /// The permissions boundary: nothing is allowed that it does not allow.
    boundary: Option<Vec<Statement>>,
}

/// What a principal can do with a parameter that it is denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ByPath {
    /// It can list this path, including the value.
    Reads(String),
    /// It may, under conditions that cannot be determined here.
    Perhaps(String),
}

impl PathReader {
    /// `None` if its identity policies deny no single parameter, or allow no listing: then there is no result.
    pub fn of(
        principal: &str,
        documents: &[String],
        boundary: Option<&str>,
    ) -> Result<Option<Self>, DocumentFault> {
        let mut statements = Vec::new();
        for text in documents {
            statements.extend(Document::read_identity(text)?.statements);
        }
        let boundary =
            boundary.map(|text| Document::read_identity(text).map(|whole| whole.statements));
        let boundary = boundary.transpose()?;
        // A Deny in a boundary counts as well.
        statements.extend(boundary.iter().flatten().filter(|one| !one.allows).cloned());
        statements.retain(|one| {
            one.covers_action(GET_PARAMETERS_BY_PATH) || SINGLE.iter().any(|a| one.covers_action(a))
        });
        let lists =
            statements.iter().any(|one| one.allows && one.covers_action(GET_PARAMETERS_BY_PATH));
        let denies = |one: &Statement| !one.allows && SINGLE.iter().any(|a| one.covers_action(a));
        Ok((lists && statements.iter().any(denies)).then(|| Self {
            principal: principal.to_owned(),
            statements,
            boundary,
        }))
    }

    /// What it can do with the parameter of this ARN; `None` if it is not denied, or cannot be listed.
    pub fn reads(&self, arn: &str) -> Option<ByPath> {
        let is_denied = self.statements.iter().any(|one| {
            !one.allows && SINGLE.iter().any(|action| one.covers_action(action)) && one.covers(arn)
        });
        if !is_denied {
            return None;
        }
        let mut perhaps = None;
        for path in paths_above(arn) {
            let about = |allows: bool| {
                let path = &path;
                self.statements.iter().filter(move |one| {
                    one.allows == allows
                        && one.covers_action(GET_PARAMETERS_BY_PATH)
                        && one.covers(path)
                })
            };
            let within = self.boundary.as_ref().is_none_or(|boundary| {
                boundary.iter().any(|one| {
                    one.allows && one.covers_action(GET_PARAMETERS_BY_PATH) && one.covers(&path)
                })
            });
            if !within || about(false).any(|deny| deny.conditions.is_empty()) {
                continue;
            }
            let shown = path.split_once(":parameter").map_or("/", |(_, path)| path).to_owned();
            let is_open = about(false).next().is_none();
            if is_open && about(true).any(|allow| allow.conditions.is_empty()) {
                return Some(ByPath::Reads(shown));
            }
            if about(true).next().is_some() {
                perhaps.get_or_insert(ByPath::Perhaps(shown));
            }
        }
        perhaps
    }
}

/// The ARNs of the paths that contain a parameter, the root first.
pub(crate) fn paths_above(arn: &str) -> Vec<String> {
    let Some((prefix, name)) = arn.split_once(":parameter/") else { return Vec::new() };
    let parts: Vec<&str> = name.split('/').collect();
    (0..parts.len())
        .map(|depth| format!("{prefix}:parameter/{}", parts[..depth].join("/")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAX_NAMED: &str = "arn:aws:ssm:eu-west-1:111122223333:parameter/app/prod/db/password";

    fn reader(policy: &str) -> Option<PathReader> {
        PathReader::of("arn:aws:iam::111122223333:role/app", &[policy.to_owned()], None).unwrap()
    }

    fn policy(statements: &str) -> String {
        format!(r#"{{"Version": "2012-10-17", "Statement": [{statements}]}}"#)
    }

    const DENY: &str = r#"{"Effect": "Deny", "Action": "ssm:GetParameter*", "Resource": "arn:aws:ssm:*:*:parameter/app/prod/db/*"}"#;
    const LIST: &str =
        r#"{"Effect": "Allow", "Action": "ssm:*", "Resource": "arn:aws:ssm:*:*:parameter/app*"}"#;

    #[test]
    fn a_deny_below_the_path_does_not_count() {
        let found = reader(&policy(&format!("{LIST}, {DENY}"))).unwrap();
        assert_eq!(found.reads(MAX_NAMED), Some(ByPath::Reads("/app".into())));
        // A parameter that is not denied needs no bypass.
        assert_eq!(found.reads("arn:aws:ssm:eu-west-1:111122223333:parameter/app/dev/x"), None);
        assert_eq!(found.reads("arn:aws:ssm:eu-west-1:111122223333:parameter/other/x"), None);
    }

    #[test]
    fn a_deny_of_the_listing_itself_counts_on_the_path_that_is_asked_for() {
        let shut = r#"{"Effect": "Deny", "Action": "ssm:GetParametersByPath", "Resource": "*"}"#;
        assert_eq!(
            reader(&policy(&format!("{LIST}, {DENY}, {shut}"))).unwrap().reads(MAX_NAMED),
            None
        );
        // Denied at the top, allowed further down.
        let top = r#"{"Effect": "Deny", "Action": "ssm:GetParametersByPath", "Resource": "arn:aws:ssm:*:*:parameter/app"}"#;
        let found = reader(&policy(&format!("{LIST}, {DENY}, {top}"))).unwrap();
        assert_eq!(found.reads(MAX_NAMED), Some(ByPath::Reads("/app/prod".into())));
    }

    #[test]
    fn a_boundary_has_to_allow_it_as_well() {
        let both = policy(&format!("{LIST}, {DENY}"));
        let within = |boundary: &str| {
            PathReader::of("a", std::slice::from_ref(&both), Some(&policy(boundary)))
                .unwrap()
                .unwrap()
                .reads(MAX_NAMED)
        };
        let reads = r#"{"Effect": "Allow", "Action": "ssm:Get*", "Resource": "*"}"#;
        assert_eq!(within(reads), Some(ByPath::Reads("/app".into())));
        assert_eq!(within(r#"{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}"#), None);
    }

    #[test]
    fn conditions_leave_it_open() {
        let list = r#"{"Effect": "Allow", "Action": "ssm:GetParametersByPath", "Resource": "*", "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}"#;
        let found = reader(&policy(&format!("{list}, {DENY}"))).unwrap();
        assert_eq!(found.reads(MAX_NAMED), Some(ByPath::Perhaps("/".into())));
    }

    #[test]
    fn not_action_and_not_resource_are_read() {
        let all_but =
            r#"{"Effect": "Allow", "NotAction": "iam:*", "NotResource": "arn:aws:s3:::*"}"#;
        let found = reader(&policy(&format!("{all_but}, {DENY}"))).unwrap();
        assert_eq!(found.reads(MAX_NAMED), Some(ByPath::Reads("/".into())));
    }

    #[test]
    fn who_lists_nothing_or_is_denied_nothing_is_left_out() {
        assert_eq!(reader(&policy(DENY)), None);
        assert_eq!(reader(&policy(LIST)), None);
        let broken = PathReader::of("a", &["{".to_owned()], None);
        assert!(broken.is_err());
    }
}
