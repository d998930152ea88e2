//! How far a call about a consumer's role is, from what AWS has.

use super::step_error::ConsumerStepError;
use claviger_domain::remediation::{ConsumerCall, ROLE_MARK, is_consumer_role, role_name};
use claviger_gateways::{ConsumerFunction, ConsumerState};
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

/// How far the change is, from what AWS has. `mark` tells a role of this call from any other.
pub(super) fn compare(
    call: &ConsumerCall,
    state: &ConsumerState,
    mark: &str,
) -> Result<Progress, ConsumerStepError> {
    match (call, state) {
        (ConsumerCall::CreateRole { role, boundary, .. }, ConsumerState::Role(found)) => {
            let Some(found) = found else { return Ok(Progress::ToDo(None)) };
            let is_own = found.tags.get(ROLE_MARK).is_some_and(|own| own == mark)
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
        (ConsumerCall::UpdateFunctionRole { before, role, .. }, ConsumerState::Function(found)) => {
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
                    _ => Ok(Progress::ToDo(Some(found.revision.clone()))),
                }
            } else {
                Err(ConsumerStepError::Changed)
            }
        }
        (ConsumerCall::UpdateProjectRole { before, role, .. }, ConsumerState::Project(found)) => {
            let Some(found) = found else { return Err(ConsumerStepError::Gone) };
            if found.role == *role {
                Ok(Progress::Done)
            } else if found.role == *before {
                Ok(Progress::ToDo(None))
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
            match &found.association {
                Some(one) if one.profile == *profile && one.state == "associated" => {
                    Ok(Progress::Done)
                }
                Some(one) if one.profile == *profile || one.state == "disassociating" => {
                    Ok(Progress::Under)
                }
                Some(one) if Some(one.profile.as_str()) == call.before() => {
                    Ok(Progress::ToDo(Some(one.id.clone())))
                }
                None if call.before().is_none() => Ok(Progress::ToDo(None)),
                _ => Err(ConsumerStepError::Changed),
            }
        }
        _ => Err(ConsumerStepError::NotShown),
    }
}

/// Whether two documents say the same: IAM may write one in its own way.
fn is_same(one: &str, other: &str) -> bool {
    let read = |text: &str| serde_json::from_str::<Value>(text).ok();
    read(one).is_some_and(|one| Some(one) == read(other))
}

/// Why Lambda could not carry out the last update, as its code.
pub(super) fn update_reason(function: &ConsumerFunction) -> String {
    function.update_reason.clone().unwrap_or_else(|| "Lambda names no code".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_gateways::{
        ConsumerInstance, ConsumerProject, ExistingProfile, ExistingRole, ProfileAssociation,
    };
    use std::collections::BTreeMap;

    const ROLE: &str = "arn:aws:iam::441205839201:role/claviger/orders";
    const BOUNDARY: &str = "arn:aws:iam::441205839201:policy/claviger-boundary";
    const OLD: &str = "arn:aws:iam::441205839201:role/old";

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
        let is = |state: &ConsumerState| compare(&create(), state, "token").ok();
        assert_eq!(is(&ConsumerState::Role(None)), Some(Progress::ToDo(None)));
        assert_eq!(is(&existing("token", Some(BOUNDARY))), Some(Progress::Done));
        for (other, part) in [
            (existing("another", Some(BOUNDARY)), "has another role orders"),
            (existing("token", None), "no longer under its permissions boundary"),
            (existing("token", Some(OLD)), "no longer under its permissions boundary"),
        ] {
            let refused = compare(&create(), &other, "token").unwrap_err().to_string();
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
        let is = |state: &ConsumerState| compare(&call, state, "token").ok();
        assert_eq!(is(&function(OLD, "Successful")), Some(Progress::ToDo(Some("r-1".into()))));
        assert_eq!(is(&function(OLD, "InProgress")), Some(Progress::Under));
        assert_eq!(is(&function(ROLE, "InProgress")), Some(Progress::Under));
        assert_eq!(is(&function(ROLE, "Successful")), Some(Progress::Done));
        let failed = compare(&call, &function(ROLE, "Failed"), "token").unwrap_err().to_string();
        assert!(failed.contains("its last update failed (EniLimitExceeded)"), "{failed}");
        assert_eq!(is(&function("arn:aws:iam::441205839201:role/third", "Successful")), None);
        assert_eq!(is(&ConsumerState::Function(None)), None);
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
        let is = |state: &ConsumerState| compare(&call, state, "token").ok();
        assert_eq!(is(&project(OLD)), Some(Progress::ToDo(None)));
        assert_eq!(is(&project(ROLE)), Some(Progress::Done));
        assert_eq!(is(&project("arn:aws:iam::441205839201:role/third")), None);
        assert_eq!(is(&ConsumerState::Project(None)), None);
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
        let is = |call: &ConsumerCall, state: &ConsumerState| compare(call, state, "token").ok();
        let ready = Some(Progress::ToDo(Some("iip-assoc-1".into())));
        assert_eq!(is(&replaces, &with(BEFORE, "associated")), ready);
        assert_eq!(is(&replaces, &without), None, "it had one");
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
        let is = |call: &ConsumerCall, state: &ConsumerState| compare(call, state, "token").ok();
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
