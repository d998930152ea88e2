//! The list of exceptions, with the choices of its filter.

use super::{ExceptionService, titled};
use crate::{
    ServiceError,
    compliance::{InForce, title_of},
};
use claviger_domain::{
    VariantArray,
    authz::{Caller, Permission},
    exceptions::{
        ExceptionDue, ExceptionQuery, ExceptionState,
        view::{ExceptionFacets, ExceptionsView},
    },
    inventory::view::FacetValue,
};
use claviger_store::ExceptionCount;
use std::collections::BTreeMap;

impl ExceptionService {
    /// A page of those that reach what the caller may see. `url_query` is an [`ExceptionQuery`].
    #[tracing::instrument(skip_all, fields(person.id = %caller.person.subject))]
    pub async fn exceptions(
        &self,
        caller: &Caller,
        url_query: &str,
    ) -> Result<ExceptionsView, ServiceError> {
        let visible = self.authority.within(caller, Permission::ReadFindings).await?;
        let query: ExceptionQuery = url_query.parse()?;
        let now = self.clock.now();
        let (mut rows, counts, policies) = tokio::try_join!(
            self.exceptions.list_exceptions(&visible, &query, now),
            self.exceptions.count_exceptions(&visible, &query, now),
            self.policy_service.in_force()
        )?;
        self.count_waiting(&mut rows, &visible).await?;
        self.name_approvers(&mut rows).await?;
        Ok(ExceptionsView {
            query,
            rows: rows.into_iter().map(|row| titled(row, &policies)).collect(),
            matching: counts.iter().map(|count| count.matching).sum(),
            facets: facets(&counts, &policies),
            as_of: now,
        })
    }
}

fn facets(counts: &[ExceptionCount], policies: &[InForce]) -> ExceptionFacets {
    let state = |state: ExceptionState| {
        counts.iter().filter(|count| count.state == state).map(|count| count.all).sum()
    };
    let due = |due: ExceptionDue| {
        let of = |count: &ExceptionCount| match due {
            ExceptionDue::Review => count.review_due,
            ExceptionDue::Expiry => count.expiring,
        };
        counts.iter().map(of).sum()
    };
    let mut by_policy: BTreeMap<String, (String, u64)> = BTreeMap::new();
    let mut by_owner: BTreeMap<String, (String, u64)> = BTreeMap::new();
    for count in counts {
        if let Some(policy) = &count.policy {
            let title = || (title_of(policies, policy), 0);
            by_policy.entry(policy.clone()).or_insert_with(title).1 += count.all;
        }
        let (subject, name) = &count.owner;
        by_owner.entry(subject.clone()).or_insert_with(|| (name.clone(), 0)).1 += count.all;
    }
    ExceptionFacets {
        states: ExceptionState::VARIANTS
            .iter()
            .map(|one| facet(one.to_string(), one.label().to_owned(), state(*one)))
            .collect(),
        due: ExceptionDue::VARIANTS
            .iter()
            .map(|one| facet(one.to_string(), one.label().to_owned(), due(*one)))
            .collect(),
        policies: named(by_policy),
        owners: named(by_owner),
    }
}

fn facet(value: String, label: String, count: u64) -> FacetValue {
    FacetValue { value, label, depth: 0, count }
}

/// The most frequent first.
fn named(by_id: BTreeMap<String, (String, u64)>) -> Vec<FacetValue> {
    let mut values: Vec<FacetValue> =
        by_id.into_iter().map(|(id, (label, count))| facet(id, label, count)).collect();
    values.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.label.cmp(&b.label)));
    values
}
