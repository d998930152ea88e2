//! Credentials in plaintext variables of workloads.

mod export;
mod read;

pub use export::VariableExport;
pub use read::VariableReadService;

use crate::{Authority, ServiceError};
use claviger_domain::{
    authz::{Caller, Permission, VisibleAccounts},
    clock::Clock,
    ids::AccountId,
    variables::{
        query::{VARIABLE_ROWS, VariableQuery},
        view::{VARIABLES_STALE_AFTER, VariableGap, VariablesView},
    },
};
use claviger_store::VariableRepository;
use std::sync::Arc;

/// The most gaps that a page lists.
const MAX_GAPS: usize = 100;

/// Lists credentials in plaintext variables.
#[derive(Clone)]
pub struct VariableService {
    pub(crate) variables: VariableRepository,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) authority: Authority,
    /// The name of the role that reads them.
    pub(crate) role: Arc<str>,
}

impl VariableService {
    /// The variables within the caller's scope, and what is not known there.
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn plain_variables(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<VariablesView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let query: VariableQuery = url_query.parse()?;
        let (rows, total) = self.variables.plain_variables(&visible, &query, VARIABLE_ROWS).await?;
        let oldest_read_at = self.variables.oldest_variable_read(&visible, &query).await?;
        let (accounts, mut gaps) = self.gaps(&visible, &query).await?;
        let gaps_total = u32::try_from(gaps.len()).unwrap_or(u32::MAX);
        gaps.truncate(MAX_GAPS);
        Ok(VariablesView {
            query,
            rows,
            total: u32::try_from(total).unwrap_or(u32::MAX),
            accounts,
            gaps,
            gaps_total,
            role: self.role.to_string(),
            may_request: caller.may(Permission::RequestAccess),
            oldest_read_at,
            as_of: self.clock.now(),
        })
    }

    /// The accounts of a scope, and what is not known of them within the filter: first what AWS did not return where the role
    /// is, then the accounts that Claviger cannot read at all.
    async fn gaps(
        &self,
        visible: &VisibleAccounts,
        query: &VariableQuery,
    ) -> Result<(Vec<(AccountId, String)>, Vec<VariableGap>), ServiceError> {
        let (accounts, parts) = tokio::try_join!(
            self.variables.variable_accounts(visible),
            self.variables.variable_gaps(visible, self.clock.now() - VARIABLES_STALE_AFTER),
        )?;
        let whole = accounts.iter().filter_map(|account| {
            Some(VariableGap {
                account_id: account.id.clone(),
                account_name: account.name.clone(),
                region: None,
                kind: None,
                reason: account.reason.clone()?,
                read_at: account.read_at,
            })
        });
        let gaps = parts.into_iter().chain(whole).filter(|gap| is_asked(query, gap)).collect();
        Ok((accounts.into_iter().map(|account| (account.id, account.name)).collect(), gaps))
    }
}

/// Whether a gap is within the filter's accounts and kinds.
fn is_asked(query: &VariableQuery, gap: &VariableGap) -> bool {
    (query.accounts.is_empty() || query.accounts.contains(&gap.account_id))
        && (query.kinds.is_empty() || gap.kind.is_none_or(|kind| query.kinds.contains(&kind)))
}
