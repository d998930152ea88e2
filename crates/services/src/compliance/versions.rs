//! A policy's text: two versions compared, and the fields of the form written into it.

use crate::{PolicyService, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission},
    compliance::{
        diff::diff_lines,
        view::{PolicyComparison, PolicyForm},
    },
};
use claviger_policy::compliance::PolicyFields;

impl PolicyService {
    /// What changed from one version of a policy to another. A version that disabled the policy has no text.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn compare_versions(
        &self,
        caller: &Caller,
        id: &str,
        from: i32,
        to: i32,
    ) -> Result<PolicyComparison, ServiceError> {
        if !caller.may(Permission::ReadFindings) {
            return Err(ServiceError::Forbidden(Permission::ReadFindings));
        }
        let versions = self.policies.policy_documents(id).await?;
        let text = |wanted: i32| {
            let found = versions.iter().find(|(version, _)| version.version == wanted);
            let (_, document) = found.ok_or(ServiceError::NotFound("version of the policy"))?;
            Ok::<_, ServiceError>(document.as_deref().unwrap_or_default())
        };
        Ok(PolicyComparison { from, to, lines: diff_lines(text(from)?, text(to)?) })
    }

    /// The text of one policy with the fields of the form. Nothing is saved.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub fn write_fields(
        &self,
        caller: &Caller,
        document: &str,
        form: &PolicyForm,
    ) -> Result<String, ServiceError> {
        if !caller.may_everywhere(Permission::EditPolicies) {
            return Err(ServiceError::Forbidden(Permission::EditPolicies));
        }
        let days = form.due_days.trim();
        let fields = PolicyFields {
            title: form.title.trim().to_owned(),
            severity: form.severity.parse()?,
            mode: form.mode.parse()?,
            due_days: if days.is_empty() {
                None
            } else {
                Some(days.parse().map_err(|_| ServiceError::Invalid("a number of days"))?)
            },
        };
        Ok(fields.write_into(document))
    }
}
