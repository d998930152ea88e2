//! What is wrong with a role of Claviger in an account, from two things: whether AWS lets Claviger assume it, and what IAM
//! tells of it.

mod opt_in;

pub(super) use opt_in::explain_opt_in_role;
pub use opt_in::{OPT_IN_ROLES, check_opt_in_role};

use claviger_domain::{
    accounts::roles::{RoleCheck, RoleState},
    scan::RegionScanFault,
};
use claviger_gateways::{AwsError, MemberRole, OurRole};
use claviger_policy::permissions::templates::{TEMPLATE_VERSION, VERSION_TAG};

/// Compares a role with what this release needs. `listed` is what the account's inventory role read of all roles; an error
/// where it could not. No permission beyond those of the first template is needed, so that old roles are seen too.
pub fn check_role(
    role: OurRole,
    tried: Result<(), &AwsError>,
    listed: Result<&[MemberRole], &AwsError>,
) -> RoleCheck {
    let found = listed.ok().map(|all| all.iter().find(|one| one.role == role));
    let template_version = found.flatten().and_then(template_version);
    let state = match (tried, found) {
        (Ok(()), _) => match template_version {
            Some(version) if version >= TEMPLATE_VERSION => RoleState::Ready,
            Some(_) => RoleState::Old,
            None => RoleState::VersionUnknown,
        },
        (Err(error), _) if error.fault != RegionScanFault::RoleNotAssumable => RoleState::Unknown,
        (Err(_), None) => RoleState::NotAssumable,
        (Err(_), Some(None)) => RoleState::Missing,
        (Err(_), Some(Some(one))) if one.requires_other_external_id => RoleState::WrongExternalId,
        (Err(_), Some(Some(_))) => RoleState::NotTrusted,
    };
    RoleCheck { state, template_version }
}

fn template_version(role: &MemberRole) -> Option<u32> {
    role.tags.get(VERSION_TAG)?.trim().parse().ok()
}

/// One sentence about a role: what was found, and what to do. `why` is what AWS said, where it denied or did not answer.
pub fn explain_role(name: &str, check: RoleCheck, why: Option<&AwsError>) -> String {
    let why = why.map_or_else(String::new, |error| error.read_failure().to_string());
    match (check.state, check.template_version) {
        (RoleState::Ready, Some(version)) => {
            format!("{name} can be assumed; template version {version}.")
        }
        (RoleState::Ready, None) => format!("{name} can be assumed."),
        (RoleState::Old, version) => format!(
            "{name} has template version {}, and this release needs {TEMPLATE_VERSION}. Deploy the roles again.",
            version.unwrap_or_default()
        ),
        (RoleState::VersionUnknown, _) => format!(
            "{name} can be assumed, but its version is unknown, possibly older than {TEMPLATE_VERSION}: its tag {VERSION_TAG} is missing or could not be read. Deploy the roles again."
        ),
        (RoleState::Missing, _) => format!("{name} is missing. Deploy the roles."),
        (RoleState::WrongExternalId, _) => format!(
            "The trust policy of {name} requires another external id. Deploy the roles with Claviger's external_id, or correct external_id."
        ),
        (RoleState::NotTrusted, _) => format!(
            "{name} exists, but AWS denies sts:AssumeRole: its trust policy names another hub role or Organization, or a control policy denies it. Deploy the roles again."
        ),
        (RoleState::NotAssumable, _) => format!(
            "Can't assume {name}: it is missing, or its trust policy has another external id, hub role or Organization. Deploy the roles."
        ),
        (RoleState::Unknown, _) => format!("{why}, so nothing is known of {name}."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn role(version: Option<&str>, other: bool) -> MemberRole {
        let tags: BTreeMap<String, String> = version
            .map(|version| (VERSION_TAG.to_owned(), version.to_owned()))
            .into_iter()
            .collect();
        MemberRole { role: OurRole::Access, tags, requires_other_external_id: other }
    }

    fn error(fault: RegionScanFault) -> AwsError {
        AwsError {
            operation: "AssumeRole",
            fault,
            code: Some("AccessDenied".into()),
            detail: String::new(),
        }
    }

    #[test]
    fn a_role_is_held_against_this_release_and_what_is_not_known_is_not_ready() {
        let (newer, older) =
            ((TEMPLATE_VERSION + 1).to_string(), (TEMPLATE_VERSION - 1).to_string());
        let same = TEMPLATE_VERSION.to_string();
        let denied = error(RegionScanFault::RoleNotAssumable);
        let unreachable = error(RegionScanFault::Unreachable);
        let roles = |one: Option<MemberRole>| Ok(one.into_iter().collect::<Vec<_>>());
        let unread = || Err(error(RegionScanFault::Denied));
        for (tried, listed, state) in [
            (Ok(()), roles(Some(role(Some(&same), false))), RoleState::Ready),
            // The roles are upgraded before the replicas.
            (Ok(()), roles(Some(role(Some(&newer), false))), RoleState::Ready),
            (Ok(()), roles(Some(role(Some(&older), false))), RoleState::Old),
            (Ok(()), roles(Some(role(None, false))), RoleState::VersionUnknown),
            (Ok(()), roles(Some(role(Some("latest"), false))), RoleState::VersionUnknown),
            // An old role may lack the permission to read its version.
            (Ok(()), unread(), RoleState::VersionUnknown),
            // IAM is eventually consistent.
            (Ok(()), roles(None), RoleState::VersionUnknown),
            (Err(&denied), roles(None), RoleState::Missing),
            (Err(&denied), roles(Some(role(Some(&same), true))), RoleState::WrongExternalId),
            (Err(&denied), roles(Some(role(Some(&same), false))), RoleState::NotTrusted),
            (Err(&denied), unread(), RoleState::NotAssumable),
            (Err(&unreachable), roles(None), RoleState::Unknown),
        ] {
            let listed: Result<Vec<MemberRole>, AwsError> = listed;
            let found = check_role(OurRole::Access, tried, listed.as_deref());
            assert_eq!(found.state, state, "{tried:?} {listed:?}");
        }
    }
}
