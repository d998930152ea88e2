//! The words of reports of leaks.

use claviger_domain::{
    facts::Kind,
    grants::GrantStateName,
    leaks::{EndedGrant, NoPlan},
};

/// Why no plan rotates it, and what to do instead, as sentences.
pub(super) fn no_plan(why: &NoPlan, kind: Kind) -> String {
    match why {
        NoPlan::NotAllowed => "No rotation is planned: you can end access to this secret, and not change it. Ask a security admin of the account to rotate it.".to_owned(),
        NoPlan::NoRotation { reason } => {
            let what = match kind {
                Kind::Secret => "secret",
                Kind::Parameter => "parameter",
            };
            format!("No rotation is planned: {reason}. Change the credential in its target system, then write the new value to this {what} under an access grant.")
        }
    }
}

/// What becomes of a grant, such as `read, active: its sessions end`.
pub(super) fn end_of(grant: &EndedGrant) -> String {
    let state = match grant.was {
        GrantStateName::Active => "active",
        GrantStateName::Requested => "waiting for approval",
        _ => "approved, not started",
    };
    let others = match grant.others {
        0 => String::new(),
        1 => ", with 1 other secret or parameter".to_owned(),
        more => format!(", with {more} other secrets and parameters"),
    };
    format!("{}, {state}{others}", grant.action)
}

/// Whether access was in use, and not only requested.
pub(super) fn was_active(grant: &EndedGrant) -> bool {
    grant.was == GrantStateName::Active
}
