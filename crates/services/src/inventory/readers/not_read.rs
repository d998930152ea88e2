//! Why the IAM of an account was not read, in words.

use super::ReaderService;
use crate::ServiceError;
use claviger_domain::{
    accounts::AccountState, authz::VisibleAccounts, inventory::view::AccountRow,
    scan::RegionScanFault,
};

/// Follows "IAM was not read: ".
const NOT_YET: &str = "no scan has read it yet";

impl ReaderService {
    /// The accounts that were not read, each with the reason in words. `not_read` has AWS's error codes or our words for errors,
    /// and none where there was no attempt.
    pub(crate) async fn reasons(
        &self,
        visible: &VisibleAccounts,
        not_read: Vec<(String, Option<String>)>,
    ) -> Result<Vec<(String, String)>, ServiceError> {
        if not_read.is_empty() {
            return Ok(Vec::new());
        }
        let accounts = self.accounts.list_accounts(visible).await?;
        let each = not_read.into_iter().map(|(name, word)| {
            let state = state_of(&accounts, &name).and_then(not_active);
            let why = state.map_or_else(
                || word.as_deref().map_or_else(|| NOT_YET.to_owned(), in_words),
                ToOwned::to_owned,
            );
            (name, why)
        });
        Ok(each.collect())
    }
}

/// The state of the accounts of this name; `None` where theirs differ.
fn state_of(accounts: &[AccountRow], name: &str) -> Option<AccountState> {
    let mut states = accounts.iter().filter(|row| row.name == name).map(|row| row.state);
    let first = states.next()?;
    states.all(|state| state == first).then_some(first)
}

/// `None` for an account that is active.
const fn not_active(state: AccountState) -> Option<&'static str> {
    match state {
        AccountState::Active => None,
        AccountState::Suspended => Some("the account is suspended"),
        AccountState::Closed | AccountState::PendingClosure => Some("the account is closed"),
        AccountState::PendingActivation => Some("the account is not activated yet"),
        AccountState::Unknown => Some("the account is not active"),
    }
}

/// An error of AWS by its code, or by our word for it.
fn in_words(word: &str) -> String {
    let Ok(fault) = word.parse::<RegionScanFault>() else {
        return format!("AWS refused it with {word}");
    };
    let words = match fault {
        RegionScanFault::AccountNotActive => "the account is suspended or closed",
        RegionScanFault::RoleNotAssumable => {
            "the role claviger-inventory is missing, or does not trust Claviger"
        }
        RegionScanFault::Denied => "the role claviger-inventory lacks a permission",
        RegionScanFault::Throttled => "AWS kept throttling the calls",
        RegionScanFault::NoCredentials => "Claviger has no working AWS credentials for it",
        RegionScanFault::Unreachable => "AWS was unreachable, or its answer was invalid",
        RegionScanFault::Other => "the server's log has the reason",
    };
    words.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::VariantArray;

    #[test]
    fn each_error_is_in_words() {
        for fault in RegionScanFault::VARIANTS {
            let word = fault.to_string();
            let words = in_words(&word);
            assert!(words.contains(' ') && words != word, "{words}");
        }
        assert_eq!(in_words("AccessDenied"), "AWS refused it with AccessDenied");
    }
}
