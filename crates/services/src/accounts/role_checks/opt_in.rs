//! The same for a role that an account need not have: its absence is no problem, an old one is.

use super::{check_role, explain_role};
use claviger_domain::accounts::roles::{OptInRole, RoleCheck, RoleState};
use claviger_gateways::{AwsError, MemberRole, OurRole};
use claviger_policy::permissions::templates::{TEMPLATE_VERSION, VERSION_TAG};

/// The opt-in roles, as the gateways and the pages know them.
pub const OPT_IN_ROLES: [(OurRole, OptInRole); 2] =
    [(OurRole::Consumers, OptInRole::Consumers), (OurRole::Iam, OptInRole::Iam)];

/// Compares an opt-in role with what this release needs; also returns what AWS said where it did not let Claviger assume it.
/// `listed` is as for [`check_role`], and `trial` assumes the role. A role that IAM does not list is not tried: CloudTrail
/// would have a denied call of each account without the role.
pub async fn check_opt_in_role(
    role: OurRole,
    listed: Result<&[MemberRole], &AwsError>,
    trial: impl Future<Output = Result<(), AwsError>>,
) -> (RoleCheck, Option<AwsError>) {
    let found = listed.ok().map(|all| all.iter().find(|one| one.role == role));
    if found == Some(None) {
        return (RoleCheck { state: RoleState::Missing, template_version: None }, None);
    }
    let error = trial.await.err();
    let mut check = check_role(role, error.as_ref().map_or(Ok(()), Err), listed);
    // It was read, and has no version.
    if check.state == RoleState::VersionUnknown && found.is_some() {
        check.state = RoleState::Old;
    }
    (check, error)
}

/// One sentence about an opt-in role. `why` is what AWS said, where it denied or did not answer.
pub(in crate::accounts) fn explain_opt_in_role(
    role: OptInRole,
    check: RoleCheck,
    why: Option<&AwsError>,
) -> String {
    let name = role.label();
    let purpose = match role {
        OptInRole::Consumers => {
            "attaching roles, plaintext variables and checks by Access Analyzer"
        }
        OptInRole::Iam => "creating and attaching roles",
    };
    match (check.state, check.template_version) {
        (RoleState::Old, None) => format!(
            "{name} has no version in its tag {VERSION_TAG}, so it counts as older than {TEMPLATE_VERSION}. Deploy the roles again."
        ),
        (RoleState::VersionUnknown, _) => {
            format!("{name} can be assumed, but its version could not be read.")
        }
        (RoleState::Missing, _) => format!("Not installed. Needed only for {purpose}."),
        (RoleState::WrongExternalId, _) => format!(
            "{name} exists, but its trust policy requires another external id. Needed only for {purpose}."
        ),
        (RoleState::NotTrusted, _) => format!(
            "{name} exists, but AWS denies sts:AssumeRole: its trust policy or a control policy. Needed only for {purpose}."
        ),
        (RoleState::NotAssumable, _) => format!(
            "Not installed, or its trust policy does not admit Claviger: AWS's answer is the same for both. Needed only for {purpose}."
        ),
        (RoleState::Ready | RoleState::Old | RoleState::Unknown, _) => {
            explain_role(name, check, why)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::scan::RegionScanFault;
    use std::cell::Cell;

    fn role(version: Option<&str>, other: bool) -> MemberRole {
        let tags = version.map(|version| (VERSION_TAG.to_owned(), version.to_owned()));
        MemberRole {
            role: OurRole::Iam,
            tags: tags.into_iter().collect(),
            requires_other_external_id: other,
        }
    }

    fn error(fault: RegionScanFault) -> AwsError {
        AwsError { operation: "AssumeRole", fault, code: None, detail: String::new() }
    }

    #[tokio::test]
    async fn an_absent_role_is_neither_tried_nor_a_problem_and_an_old_one_is() {
        let (same, older) = (TEMPLATE_VERSION.to_string(), (TEMPLATE_VERSION - 1).to_string());
        let denied = Some(RegionScanFault::RoleNotAssumable);
        let unreachable = Some(RegionScanFault::Unreachable);
        let listed = |one: MemberRole| Ok(vec![one]);
        let unread = || Err(error(RegionScanFault::Denied));
        for (roles, fault, state, is_tried) in [
            (listed(role(Some(&same), false)), None, RoleState::Ready, true),
            (listed(role(Some(&older), false)), None, RoleState::Old, true),
            (listed(role(None, false)), None, RoleState::Old, true),
            (listed(role(Some("latest"), false)), None, RoleState::Old, true),
            (Ok(Vec::new()), denied, RoleState::Missing, false),
            (listed(role(Some(&older), true)), denied, RoleState::WrongExternalId, true),
            (listed(role(Some(&older), false)), denied, RoleState::NotTrusted, true),
            (unread(), denied, RoleState::NotAssumable, true),
            // Its tag could not be read: whether it is old is not known.
            (unread(), None, RoleState::VersionUnknown, true),
            (listed(role(Some(&same), false)), unreachable, RoleState::Unknown, true),
        ] {
            let roles: Result<Vec<MemberRole>, AwsError> = roles;
            let tried = Cell::new(false);
            let trial = async {
                tried.set(true);
                fault.map_or(Ok(()), |fault| Err(error(fault)))
            };
            let (check, why) = check_opt_in_role(OurRole::Iam, roles.as_deref(), trial).await;
            assert_eq!((check.state, tried.get()), (state, is_tried), "{roles:?} {fault:?}");
            let says = explain_opt_in_role(OptInRole::Iam, check, why.as_ref());
            let is_old = state == RoleState::Old;
            assert_eq!(says.contains("Deploy the roles again"), is_old, "{says}");
        }
    }
}
