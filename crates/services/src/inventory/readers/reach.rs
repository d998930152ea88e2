//! How many secrets and parameters roles can read: counted whole, or said to be unknown.

use super::{
    ReaderService,
    facts::{Parsed, principal},
    principal::{BATCH, row},
};
use crate::ServiceError;
use claviger_domain::{
    authz::VisibleAccounts,
    ids::AccountId,
    inventory::entitlement::Answer,
    pipelines::view::{Reach, ReachedResource},
};
use std::collections::BTreeMap;

/// Roles times candidates that one page evaluates.
const MAX_EVALUATED: u64 = 20_000;
/// Resources that are listed of a role.
const LISTED: usize = 100;

/// What a role can read.
#[derive(Debug)]
pub(crate) struct Reached {
    pub(crate) reach: Reach,
    /// The first by name.
    pub(crate) resources: Vec<ReachedResource>,
}

impl ReaderService {
    /// Of each of these roles, by its ARN. `visible` is the caller's scope.
    pub(crate) async fn reach(
        &self,
        visible: &VisibleAccounts,
        roles: &[(AccountId, String)],
    ) -> Result<BTreeMap<String, Reached>, ServiceError> {
        let mut by_account: BTreeMap<AccountId, Vec<String>> = BTreeMap::new();
        for (account, arn) in roles {
            let arns = by_account.entry(account.clone()).or_default();
            if !arns.contains(arn) {
                arns.push(arn.clone());
            }
        }
        let accounts: Vec<AccountId> = by_account.keys().cloned().collect();
        let arns: Vec<String> = by_account.values().flatten().cloned().collect();
        let mut parsed = Parsed::default();
        let mut known: BTreeMap<AccountId, Vec<_>> = BTreeMap::new();
        for (account, stored) in self.principals.principals_named(&accounts, &arns).await? {
            known.entry(account).or_default().push(principal(stored, &mut parsed));
        }
        let evaluated = self.accounts_with(known).await?;
        let now = self.clock.now();
        let (mut found, mut left) = (BTreeMap::new(), MAX_EVALUATED);
        for (account, arns) in by_account {
            let candidates = self.principals.count_readable(visible, &account).await?;
            let cost = candidates.saturating_mul(arns.len() as u64);
            if cost > left {
                found.extend(arns.into_iter().map(|arn| {
                    let why = format!(
                        "{candidates} secrets and parameters are too many to evaluate here"
                    );
                    (arn, Reached { reach: Reach::Unknown(why), resources: Vec::new() })
                }));
                continue;
            }
            left -= cost;
            let mut counts: BTreeMap<String, (u32, u32, Vec<ReachedResource>)> =
                arns.into_iter().map(|arn| (arn, (0, 0, Vec::new()))).collect();
            let mut last = None;
            loop {
                let batch = self.principals.readable(visible, &account, last, BATCH).await?;
                let is_last = batch.len() < usize::from(BATCH);
                for one in batch {
                    last = Some(one.id);
                    for (arn, (reads, unknown, listed)) in &mut counts {
                        let Some(row) = row(arn, one.clone(), &evaluated, now) else { continue };
                        if row.entitlement.answer == Answer::Unknown {
                            *unknown += 1;
                        } else {
                            *reads += 1;
                        }
                        if listed.len() < LISTED {
                            listed.push(ReachedResource {
                                id: row.resource,
                                name: row.name,
                                account_name: row.account_name,
                                region: row.region,
                                answer: row.entitlement.answer,
                            });
                        }
                    }
                }
                if is_last {
                    break;
                }
            }
            found.extend(counts.into_iter().map(|(arn, (reads, unknown, resources))| {
                (arn, Reached { reach: Reach::Known { reads, unknown }, resources })
            }));
        }
        Ok(found)
    }
}
