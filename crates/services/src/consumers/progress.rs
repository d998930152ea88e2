//! How far a call about a consumer's role is, from what AWS has.

use super::{
    function::update_reason,
    recheck::{function_refusal, project_refusal},
    step_error::ConsumerStepError,
};
use claviger_domain::remediation::{ConsumerCall, ROLE_MARK, is_consumer_role, role_name};
use claviger_gateways::{ConsumerInstance, ConsumerState};
use serde_json::Value;

/// How far what the call changes is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Progress {
    Done,
    /// AWS is still at it.
    Under,
    /// With the function's revision or the association's id, if it is about one.
    ToDo(Option<String>),
}

/// What is known of the call besides its parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// Tells a role of this call from any other.
    pub(super) mark: &'a str,
    /// Whether AWS may have carried it out: it accepted the call, or gave no answer. Until AWS shows the change, nothing is known
    /// to be unchanged.
    pub(super) is_sent: bool,
    /// Every call of the plan.
    pub(super) plan: &'a [ConsumerCall],
}

/// `ToDo`, unless what the preview refuses is there by now.
fn to_do(
    revision: Option<String>,
    refusal: Option<String>,
    known: &Known<'_>,
) -> Result<Progress, ConsumerStepError> {
    match refusal {
        None => Ok(Progress::ToDo(revision)),
        Some(_) if known.is_sent => Ok(Progress::Under),
        Some(reason) => Err(ConsumerStepError::ChangedSince(reason)),
    }
}

/// How far the change is, from what AWS has.
pub(super) fn compare(
    call: &ConsumerCall,
    state: &ConsumerState,
    known: &Known<'_>,
) -> Result<Progress, ConsumerStepError> {
    match (call, state) {
        (ConsumerCall::CreateRole { role, boundary, .. }, ConsumerState::Role(found)) => {
            let Some(found) = found else { return Ok(Progress::ToDo(None)) };
            let is_own = found.tags.get(ROLE_MARK).is_some_and(|own| own == known.mark)
                && is_consumer_role(&found.arn);
            let name = || role_name(role).to_owned();
            if !is_own {
                Err(ConsumerStepError::NameTaken(name()))
            } else if found.boundary.as_ref() == Some(boundary) {
                Ok(Progress::Done)
            } else {
                Err(ConsumerStepError::Unbounded(name()))
            }
        }
        (ConsumerCall::PutRolePolicy { document, .. }, ConsumerState::Policy(found)) => match found
        {
            None => Ok(Progress::ToDo(None)),
            Some(text) if is_same(text, document) => Ok(Progress::Done),
            Some(_) => Err(ConsumerStepError::Changed),
        },
        (ConsumerCall::AttachRolePolicy { policy, .. }, ConsumerState::Attached(all)) => {
            Ok(if all.contains(policy) { Progress::Done } else { Progress::ToDo(None) })
        }
        (
            ConsumerCall::UpdateFunctionRole { before, role, function },
            ConsumerState::Function(found),
        ) => {
            let Some(found) = found else { return Err(ConsumerStepError::Gone) };
            if found.role == *role {
                match found.last_update.as_deref() {
                    Some("InProgress") => Ok(Progress::Under),
                    Some("Failed") => Err(ConsumerStepError::UpdateFailed(update_reason(found))),
                    _ => Ok(Progress::Done),
                }
            } else if found.role == *before {
                match found.last_update.as_deref() {
                    Some("InProgress") => Ok(Progress::Under),
                    _ => to_do(
                        Some(found.revision.clone()),
                        function_refusal(function, found, known.plan),
                        known,
                    ),
                }
            } else {
                Err(ConsumerStepError::Changed)
            }
        }
        (
            ConsumerCall::UpdateProjectRole { before, role, project },
            ConsumerState::Project(found),
        ) => {
            let Some(found) = found else { return Err(ConsumerStepError::Gone) };
            if found.role == *role {
                Ok(Progress::Done)
            } else if found.role == *before {
                to_do(None, project_refusal(project, found, known.plan), known)
            } else {
                Err(ConsumerStepError::Changed)
            }
        }
        (ConsumerCall::CreateInstanceProfile { profile, role }, ConsumerState::Profile(found)) => {
            match found {
                None => Ok(Progress::ToDo(None)),
                Some(found)
                    if found.arn == *profile && found.roles.iter().all(|own| own == role) =>
                {
                    Ok(Progress::Done)
                }
                Some(_) => Err(ConsumerStepError::ProfileTaken(role_name(profile).to_owned())),
            }
        }
        (
            ConsumerCall::AddRoleToInstanceProfile { profile, role },
            ConsumerState::Profile(found),
        ) => match found.as_ref().map(|found| found.roles.as_slice()) {
            None | Some([]) => Ok(Progress::ToDo(None)),
            Some([own]) if own == role => Ok(Progress::Done),
            Some(_) => Err(ConsumerStepError::ProfileTaken(role_name(profile).to_owned())),
        },
        (
            ConsumerCall::AssociateInstanceProfile { profile, .. }
            | ConsumerCall::ReplaceInstanceProfile { profile, .. },
            ConsumerState::Instance(found),
        ) => {
            let Some(found) = found else { return Err(ConsumerStepError::Gone) };
            of_instance(call, profile, found, known)
        }
        _ => Err(ConsumerStepError::NotShown),
    }
}

/// The same of an instance that gets this instance profile.
fn of_instance(
    call: &ConsumerCall,
    profile: &str,
    found: &ConsumerInstance,
    known: &Known<'_>,
) -> Result<Progress, ConsumerStepError> {
    match &found.association {
        Some(one) if one.profile == profile && one.state == "associated" => Ok(Progress::Done),
        Some(one) if one.profile == profile || one.state == "disassociating" => Ok(Progress::Under),
        Some(one) if Some(one.profile.as_str()) == call.before() => {
            Ok(Progress::ToDo(Some(one.id.clone())))
        }
        None if call.before().is_none() => Ok(Progress::ToDo(None)),
        // While EC2 exchanges one profile for another, an instance has none for a moment.
        None if known.is_sent => Ok(Progress::Under),
        _ => Err(ConsumerStepError::Changed),
    }
}

/// Whether two documents say the same: IAM may write one in its own way.
fn is_same(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    read(one).is_some_and(|one| Some(one) == read(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_gateways::{
        ConsumerFunction, ConsumerProject, ExistingProfile, ExistingRole, ProfileAssociation,
        ProjectUse,
    };
    use std::collections::BTreeMap;

    const ROLE: &str = "arn:aws:iam::441205839201:role/claviger/orders";
    const BOUNDARY: &str = "arn:aws:iam::441205839201:policy/claviger-boundary";
    const OLD: &str = "arn:aws:iam::441205839201:role/old";
    const KNOWN: Known<'static> = Known { mark: "token", is_sent: false, plan: &[] };
    const SENT: Known<'static> = Known { is_sent: true, ..KNOWN };

    fn create() -> ConsumerCall {
        ConsumerCall::CreateRole {
            role: ROLE.into(),
            trust: "{}".into(),
            boundary: BOUNDARY.into(),
            tags: BTreeMap::new(),
        }
    }

    fn existing(mark: &str, boundary: Option<&str>) -> ConsumerState {
        ConsumerState::Role(Some(ExistingRole {
            arn: ROLE.into(),
            boundary: boundary.map(ToOwned::to_owned),
            tags: [(ROLE_MARK.to_owned(), mark.to_owned())].into(),
        }))
    }

    #[test]
    fn a_role_is_ours_by_its_mark_and_its_boundary() {
        let is = |state: &ConsumerState| compare(&create(), state, &KNOWN).ok();
        assert_eq!(is(&ConsumerState::Role(None)), Some(Progress::ToDo(None)));
        assert_eq!(is(&existing("token", Some(BOUNDARY))), Some(Progress::Done));
        for (other, part) in [
            (existing("another", Some(BOUNDARY)), "has another role orders"),
            (existing("token", None), "no longer under its permissions boundary"),
            (existing("token", Some(OLD)), "no longer under its permissions boundary"),
        ] {
            let refused = compare(&create(), &other, &KNOWN).unwrap_err().to_string();
            assert!(refused.contains(part), "{refused}");
        }
    }

    #[test]
    fn a_function_that_has_a_third_role_is_left_alone() {
        let call = ConsumerCall::UpdateFunctionRole {
            function: "arn:aws:lambda:us-east-1:441205839201:function:orders".into(),
            before: OLD.into(),
            role: ROLE.into(),
        };
        let function = |role: &str, update: &str| {
            ConsumerState::Function(Some(Box::new(ConsumerFunction {
                arn: String::new(),
                role: role.into(),
                revision: "r-1".into(),
                last_update: Some(update.into()),
                update_reason: Some("EniLimitExceeded".into()),
                kms_key: None,
                is_in_vpc: false,
                variables: None,
                tags: Ok(BTreeMap::new()),
            })))
        };
        let is = |state: &ConsumerState| compare(&call, state, &KNOWN).ok();
        assert_eq!(is(&function(OLD, "Successful")), Some(Progress::ToDo(Some("r-1".into()))));
        assert_eq!(is(&function(OLD, "InProgress")), Some(Progress::Under));
        assert_eq!(is(&function(ROLE, "InProgress")), Some(Progress::Under));
        assert_eq!(is(&function(ROLE, "Successful")), Some(Progress::Done));
        let failed = compare(&call, &function(ROLE, "Failed"), &KNOWN).unwrap_err().to_string();
        assert!(failed.contains("its last update failed (EniLimitExceeded)"), "{failed}");
        assert_eq!(is(&function("arn:aws:iam::441205839201:role/third", "Successful")), None);
        assert_eq!(is(&ConsumerState::Function(None)), None);
        // What the preview refuses is refused until the call is made.
        let ConsumerState::Function(Some(mut with_key)) = function(OLD, "Successful") else {
            panic!("a function");
        };
        with_key.kms_key = Some("arn:aws:kms:us-east-1:441205839201:key/1".into());
        let with_key = ConsumerState::Function(Some(with_key));
        let refused = compare(&call, &with_key, &KNOWN).unwrap_err().to_string();
        assert!(refused.starts_with("Nothing was changed: "), "{refused}");
        assert!(refused.contains("customer managed key"), "{refused}");
        assert_eq!(compare(&call, &with_key, &SENT).ok(), Some(Progress::Under));
    }

    #[test]
    fn a_project_that_has_a_third_role_is_left_alone() {
        let call = ConsumerCall::UpdateProjectRole {
            project: "arn:aws:codebuild:us-east-1:441205839201:project/release".into(),
            before: OLD.into(),
            role: ROLE.into(),
        };
        let project = |role: &str| {
            ConsumerState::Project(Some(Box::new(ConsumerProject {
                role: role.into(),
                ..ConsumerProject::default()
            })))
        };
        let is = |state: &ConsumerState| compare(&call, state, &KNOWN).ok();
        assert_eq!(is(&project(OLD)), Some(Progress::ToDo(None)));
        assert_eq!(is(&project(ROLE)), Some(Progress::Done));
        assert_eq!(is(&project("arn:aws:iam::441205839201:role/third")), None);
        assert_eq!(is(&ConsumerState::Project(None)), None);
        let joins = ConsumerState::Project(Some(Box::new(ConsumerProject {
            role: OLD.into(),
            uses: [ProjectUse::Vpc].into(),
            ..ConsumerProject::default()
        })));
        let refused = compare(&call, &joins, &KNOWN).unwrap_err().to_string();
        assert!(refused.contains("they join a VPC"), "{refused}");
        assert_eq!(compare(&call, &joins, &SENT).ok(), Some(Progress::Under));
    }

    #[test]
    fn an_instance_that_has_a_third_profile_is_left_alone() {
        const INSTANCE: &str = "arn:aws:ec2:us-east-1:441205839201:instance/i-0a1b2c3d";
        const PROFILE: &str = "arn:aws:iam::441205839201:instance-profile/claviger/orders";
        const BEFORE: &str = "arn:aws:iam::441205839201:instance-profile/web";
        let replaces = ConsumerCall::ReplaceInstanceProfile {
            instance: INSTANCE.into(),
            before: BEFORE.into(),
            profile: PROFILE.into(),
            role: ROLE.into(),
        };
        let associates = ConsumerCall::AssociateInstanceProfile {
            instance: INSTANCE.into(),
            profile: PROFILE.into(),
            role: ROLE.into(),
        };
        let with = |profile: &str, state: &str| {
            let association = ProfileAssociation {
                id: "iip-assoc-1".into(),
                profile: profile.into(),
                state: state.into(),
            };
            ConsumerState::Instance(Some(Box::new(ConsumerInstance {
                association: Some(association),
                ..ConsumerInstance::default()
            })))
        };
        let without = ConsumerState::Instance(Some(Box::default()));
        let is = |call: &ConsumerCall, state: &ConsumerState| compare(call, state, &KNOWN).ok();
        let ready = Some(Progress::ToDo(Some("iip-assoc-1".into())));
        assert_eq!(is(&replaces, &with(BEFORE, "associated")), ready);
        assert_eq!(is(&replaces, &without), None, "it had one");
        let moment = compare(&replaces, &without, &SENT).ok();
        assert_eq!(moment, Some(Progress::Under), "EC2 accepted the exchange");
        assert_eq!(is(&associates, &without), Some(Progress::ToDo(None)));
        assert_eq!(is(&associates, &with(BEFORE, "associated")), None, "it has one by now");
        for call in [&replaces, &associates] {
            assert_eq!(is(call, &with(PROFILE, "associated")), Some(Progress::Done));
            assert_eq!(is(call, &with(PROFILE, "associating")), Some(Progress::Under));
            assert_eq!(is(call, &with("third", "associated")), None);
            assert_eq!(is(call, &ConsumerState::Instance(None)), None);
        }
    }

    #[test]
    fn an_instance_profile_is_ours_by_its_path_and_its_role() {
        let profile = "arn:aws:iam::441205839201:instance-profile/claviger/orders";
        let (created, added) = (
            ConsumerCall::CreateInstanceProfile { profile: profile.into(), role: ROLE.into() },
            ConsumerCall::AddRoleToInstanceProfile { profile: profile.into(), role: ROLE.into() },
        );
        let state = |arn: &str, roles: &[&str]| {
            let roles = roles.iter().map(ToString::to_string).collect();
            ConsumerState::Profile(Some(ExistingProfile { arn: arn.into(), roles }))
        };
        let is = |call: &ConsumerCall, state: &ConsumerState| compare(call, state, &KNOWN).ok();
        for call in [&created, &added] {
            assert_eq!(is(call, &ConsumerState::Profile(None)), Some(Progress::ToDo(None)));
            assert_eq!(is(call, &state(profile, &[ROLE])), Some(Progress::Done));
            assert_eq!(is(call, &state(profile, &[OLD])), None);
        }
        assert_eq!(is(&created, &state(profile, &[])), Some(Progress::Done));
        assert_eq!(is(&added, &state(profile, &[])), Some(Progress::ToDo(None)));
        let stranger = profile.replace("claviger/", "team/");
        assert_eq!(is(&created, &state(&stranger, &[])), None);
    }

    #[test]
    fn a_document_is_the_same_however_iam_writes_it() {
        assert!(is_same("{\"a\": [1]}", "{\"a\":[1]}"));
        assert!(!is_same("{\"a\": [1]}", "{\"a\":[2]}") && !is_same("x", "x"));
    }
}
