//! A drafted role, checked by AWS Access Analyzer on a person's request: two of the four calls cost money.

use super::{ConsumerRoleService, MadeRole};
use crate::{ServiceError, grants::source_identity};
use claviger_domain::{
    authz::{Caller, Permission, Person},
    consumers::analyzer::{
        AnalyzerAnswer, AnalyzerCheck, AnalyzerPage, AnalyzerQuestion, AnalyzerView, CustomCheck,
        PolicyFinding,
    },
    error_line::ErrorLine,
    ids::ResourceId,
    scan::RegionScanFault,
};
use claviger_gateways::{AwsError, ConsumerOrder, DraftedPolicies, PolicyReading};
use claviger_policy::consumers::{NOT_GRANTED, checking_session};
use std::{
    collections::HashMap,
    sync::{MutexGuard, PoisonError},
};
use time::{Duration, OffsetDateTime};

/// Shown in CloudTrail for what is asked.
const SESSION_NAME: &str = "claviger-role-check";
/// The first version of the role templates that allows the calls.
const CHECKS_SINCE: u32 = 4;
/// Checks of one person within [`COUNTED_FOR`], in this process.
const MAX_CHECKS: usize = 20;
const COUNTED_FOR: Duration = Duration::hours(1);
/// Results that are remembered, for forms that are sent without JavaScript: their page is read after the answer.
const MAX_REMEMBERED: usize = 256;
/// Afterwards the result says too little about now.
const REMEMBERED_FOR: Duration = Duration::minutes(15);

/// What this process remembers of checks.
#[derive(Debug, Default)]
pub(crate) struct AnalyzerMemory {
    /// The last result of each person for each secret.
    views: HashMap<(String, ResourceId), AnalyzerView>,
    /// When each person asked.
    asked: HashMap<String, Vec<OffsetDateTime>>,
}

impl ConsumerRoleService {
    /// Makes the role of this query again, and asks AWS Access Analyzer about its documents, in the role's account and the Region
    /// of what it reads first. What AWS does not answer is part of the result. Nothing is changed.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn analyze(
        &self,
        caller: &Caller,
        id: &str,
        query: &str,
    ) -> Result<AnalyzerView, ServiceError> {
        let (draft, made) = self.made(caller, id, query, false).await?;
        let Some(MadeRole { role, resources, .. }) = made else {
            return Err(if draft.faults.is_empty() {
                let hint = "Choose who uses the role, choose Show role, and check it then.";
                ServiceError::unusable("There is no role to check yet.", hint)
            } else {
                ServiceError::Shape(draft.faults)
            });
        };
        let first = resources.first().ok_or(ServiceError::NotFound("secret or parameter"))?;
        self.count_check(&caller.person)?;
        let order = ConsumerOrder {
            account: first.account_id.clone(),
            region: first.region.clone(),
            session_name: SESSION_NAME.to_owned(),
            source_identity: source_identity(&caller.person),
            policy: checking_session(),
        };
        let policies = DraftedPolicies {
            permission: role.permission.to_string(),
            trust: role.trust.to_string(),
            not_granted: not_granted(),
        };
        let read = self.analyzer_gateway.check_policies(&order, &policies).await;
        let view = AnalyzerView {
            resource: first.id,
            account: first.account_id.clone(),
            region: first.region.clone(),
            role: role.name,
            query: draft.form.role_alone().to_url_query(),
            checks: checks(read, self.analyzer_gateway.checking_role()),
            as_of: self.clock.now(),
        };
        self.remember(&caller.person, &view);
        Ok(view)
    }

    /// The listed actions, and the caller's last result for a secret or parameter, if this process still has it. Asks nothing
    /// of AWS.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn analyzer_page(
        &self,
        caller: &Caller,
        id: ResourceId,
    ) -> Result<AnalyzerPage, ServiceError> {
        let visible = self.authority.where_allowed(caller, Permission::ReadInventory).await?;
        let key = (caller.person.subject.clone(), id);
        let last = self.memory().views.get(&key).cloned();
        let is_new = |view: &AnalyzerView| self.clock.now() - view.as_of < REMEMBERED_FOR;
        let last = last.filter(|view| is_new(view) && visible.accounts.contains(&view.account));
        Ok(AnalyzerPage { not_granted: not_granted(), last })
    }

    fn memory(&self) -> MutexGuard<'_, AnalyzerMemory> {
        self.analyzer_memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remember(&self, person: &Person, view: &AnalyzerView) {
        let mut memory = self.memory();
        if memory.views.len() >= MAX_REMEMBERED {
            memory.views.retain(|_, one| view.as_of - one.as_of < REMEMBERED_FOR);
        }
        if memory.views.len() < MAX_REMEMBERED {
            memory.views.insert((person.subject.clone(), view.resource), view.clone());
        }
    }

    /// Counts a check of a person, who may make only so many.
    fn count_check(&self, person: &Person) -> Result<(), ServiceError> {
        let now = self.clock.now();
        let mut memory = self.memory();
        memory.asked.retain(|_, times| {
            times.retain(|at| now - *at < COUNTED_FOR);
            !times.is_empty()
        });
        let times = memory.asked.entry(person.subject.clone()).or_default();
        if times.len() >= MAX_CHECKS {
            return Err(ServiceError::conflict(
                format!("You have checked {MAX_CHECKS} roles within an hour."),
                "AWS charges for each check. Try again later.",
            ));
        }
        times.push(now);
        Ok(())
    }
}

/// The listed actions, in AWS's names.
fn not_granted() -> Vec<String> {
    NOT_GRANTED.iter().map(ToString::to_string).collect()
}

/// One for each question.
fn checks(read: Result<PolicyReading, AwsError>, role: &str) -> Vec<AnalyzerCheck> {
    let PolicyReading { permission, trust, no_public_access, not_granted } = match read {
        Ok(read) => read,
        Err(error) => PolicyReading {
            permission: Err(error.clone()),
            trust: Err(error.clone()),
            no_public_access: Err(error.clone()),
            not_granted: Err(error),
        },
    };
    let unknown = |error: AwsError| {
        tracing::warn!(aws.operation = error.operation, error = %ErrorLine(&error), "a drafted role could not be checked");
        AnalyzerAnswer::Unknown(why(&error, role))
    };
    let findings = |read: Result<Vec<PolicyFinding>, AwsError>| match read {
        Ok(mut found) => {
            found.sort_by_key(|one| one.finding_type);
            AnalyzerAnswer::Findings(found)
        }
        Err(error) => unknown(error),
    };
    let check = |read: Result<CustomCheck, AwsError>| match read {
        Ok(check) => AnalyzerAnswer::Check(check),
        Err(error) => unknown(error),
    };
    [
        (AnalyzerQuestion::PermissionPolicy, findings(permission)),
        (AnalyzerQuestion::TrustPolicy, findings(trust)),
        (AnalyzerQuestion::NoPublicAccess, check(no_public_access)),
        (AnalyzerQuestion::AccessNotGranted, check(not_granted)),
    ]
    .map(|(question, answer)| AnalyzerCheck { question, answer })
    .into()
}

/// Why AWS gave no answer, and what to do.
fn why(error: &AwsError, role: &str) -> String {
    let code = error.code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default();
    match (error.operation, error.fault) {
        (operation, RegionScanFault::Throttled) => {
            format!("AWS throttled {operation}{code}. Try again in a minute.")
        }
        ("AssumeRole", RegionScanFault::Unreachable) => {
            format!("AWS did not answer AssumeRole{code}. Try again.")
        }
        (operation, RegionScanFault::Unreachable) => format!(
            "AWS gave no answer to {operation}{code} that Claviger can use. Try again; Access Analyzer may not have this check in the Region."
        ),
        ("AssumeRole", _) => format!(
            "Claviger can't assume {role} in the account{code}. It is an opt-in role: deploy it with its parameter, see docs/roles.md."
        ),
        (operation, RegionScanFault::Denied) => format!(
            "AWS denied {operation}{code}. The role {role} may call it since template version {CHECKS_SINCE}: deploy the roles again, or check the SCPs."
        ),
        (operation, _) => format!("AWS refused {operation}{code}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_says_what_to_do() {
        let said = |operation: &'static str, fault: RegionScanFault, code: Option<&str>| {
            let code = code.map(ToOwned::to_owned);
            let error = AwsError { operation, fault, code, detail: String::new() };
            why(&error, "claviger-consumers")
        };
        let denied = said("ValidatePolicy", RegionScanFault::Denied, Some("AccessDeniedException"));
        assert!(denied.contains("AWS denied ValidatePolicy (AccessDeniedException)."), "{denied}");
        assert!(denied.contains("since template version 4:"), "{denied}");
        let absent = said("AssumeRole", RegionScanFault::RoleNotAssumable, Some("AccessDenied"));
        assert!(absent.contains("can't assume claviger-consumers"), "{absent}");
        let silent = said("CheckNoPublicAccess", RegionScanFault::Unreachable, None);
        assert!(silent.contains("may not have this check in the Region"), "{silent}");
        let other = said("ValidatePolicy", RegionScanFault::Other, Some("HTTP 400"));
        assert_eq!(other, "AWS refused ValidatePolicy (HTTP 400).");
        let throttled = said("ValidatePolicy", RegionScanFault::Throttled, None);
        assert!(throttled.ends_with("Try again in a minute."), "{throttled}");
    }
}
