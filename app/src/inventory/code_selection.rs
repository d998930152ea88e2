//! The address of secrets as code, and the ways to narrow a selection that is too large for one export.

use crate::{
    ui::{Panel, ProblemPanel, format::grouped},
    wire::server::call,
};
use claviger_domain::{
    facts::Kind,
    inventory::{
        InventoryQuery,
        code::{CodeFormat, MAX_SECRETS, view::CodeQuery},
        view::FacetValue,
    },
    problem::Problem,
};
use leptos::prelude::*;

/// The page of what a query selects.
pub(crate) fn code_href(query: &str) -> String {
    format!("/inventory/code?{query}")
}

/// The query of the secrets in a list.
pub(crate) fn of_filter(query: &InventoryQuery) -> String {
    in_format(query, CodeFormat::default())
}

fn in_format(query: &InventoryQuery, format: CodeFormat) -> String {
    let filter = filter_of(&secrets_of(query));
    CodeQuery { filter, ..CodeQuery::default() }.to_url_query(format, None)
}

fn filter_of(query: &InventoryQuery) -> String {
    let mut filter = form_urlencoded::Serializer::new(String::new());
    filter.extend_pairs(query.fields());
    filter.finish()
}

/// An export has secrets unless it asks for something else.
fn secrets_of(query: &InventoryQuery) -> InventoryQuery {
    let mut query = query.clone();
    if query.kinds.is_empty() {
        query.kinds = vec![Kind::Secret];
    }
    query
}

/// A selection that cannot be exported, with the ways on.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    problem: Problem,
    /// The inventory's filter that was asked for.
    filter: Option<InventoryQuery>,
    narrower: Option<Narrower>,
}

/// A selection that is too large, with how many secrets each account and Region would leave.
#[derive(Debug, Clone)]
struct Narrower {
    query: InventoryQuery,
    format: CodeFormat,
    accounts: Vec<FacetValue>,
    regions: Vec<FacetValue>,
}

/// What leads on from a selection that cannot be exported. Whatever cannot be read leaves the problem alone.
pub(super) async fn refusal(problem: Problem, url_query: &str) -> Refusal {
    let asked = CodeQuery::from_url_query(url_query).unwrap_or_default();
    let is_filter = asked.resources.is_empty() && !asked.filter.is_empty();
    let filter: Option<InventoryQuery> = is_filter.then(|| asked.filter.parse().ok()).flatten();
    let narrower = match &filter {
        Some(filter) => narrower(secrets_of(filter), asked.format).await,
        None => None,
    };
    Refusal { problem, filter, narrower }
}

async fn narrower(query: InventoryQuery, format: CodeFormat) -> Option<Narrower> {
    let (services, caller) = call().ok()?;
    let found = services.inventory().inventory(&caller, &filter_of(&query)).await.ok()?;
    let is_too_large = found.matching > u64::try_from(MAX_SECRETS).unwrap_or(u64::MAX);
    is_too_large.then_some(Narrower {
        query,
        format,
        accounts: found.facets.accounts,
        regions: found.facets.regions,
    })
}

#[component]
pub(super) fn Refused(refusal: Refusal) -> impl IntoView {
    let Refusal { problem, filter, narrower } = refusal;
    let way_on = match filter {
        Some(filter) => (format!("/inventory?{}", filter_of(&filter)), "Show in Inventory"),
        None => ("/inventory".to_owned(), "Go to Inventory"),
    };
    view! {
        <div class="stack">
            <ProblemPanel problem way_on=Some(way_on) />
            {narrower.map(|narrower| view! { <Narrow narrower /> })}
        </div>
    }
}

#[component]
fn Narrow(narrower: Narrower) -> impl IntoView {
    let Narrower { query, format, accounts, regions } = narrower;
    let in_account = |value: &str| {
        let accounts = vec![value.parse().ok()?];
        Some(InventoryQuery { accounts, ..query.clone() })
    };
    let in_region = |value: &str| {
        let regions = vec![value.parse().ok()?];
        Some(InventoryQuery { regions, ..query.clone() })
    };
    view! {
        <Panel title="Narrow the selection">
            {choices("By account", accounts, format, in_account)}
            {choices("By Region", regions, format, in_region)}
        </Panel>
    }
}

/// The links to the export of each choice, with how many secrets it leaves.
fn choices(
    title: &'static str,
    values: Vec<FacetValue>,
    format: CodeFormat,
    narrowed: impl Fn(&str) -> Option<InventoryQuery>,
) -> AnyView {
    let rows: Vec<_> = values
        .into_iter()
        .filter(|value| value.count > 0)
        .filter_map(|value| {
            let href = code_href(&in_format(&narrowed(&value.value)?, format));
            let count = grouped(value.count);
            Some(view! { <li><a href=href>{value.label}</a>" "<span class="count">{count}</span></li> })
        })
        .collect();
    (!rows.is_empty())
        .then(|| view! { <h3>{title}</h3><ul class="evidence">{rows.into_iter().collect_view()}</ul> })
        .into_any()
}
