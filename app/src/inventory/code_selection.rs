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
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Refusal {
    problem: Problem,
    /// The inventory with the filter that was asked for.
    inventory: Option<String>,
    /// For one that is too large, with how many secrets each account and Region would leave.
    narrower: Option<Narrower>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Narrower {
    accounts: Vec<NarrowerLink>,
    regions: Vec<NarrowerLink>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct NarrowerLink {
    href: String,
    label: String,
    count: u64,
}

/// What leads on from a selection that cannot be exported. Whatever cannot be read leaves the problem alone.
pub(super) async fn refusal(problem: Problem, url_query: &str) -> Refusal {
    let asked = CodeQuery::from_url_query(url_query).unwrap_or_default();
    let is_filter = asked.resources.is_empty() && !asked.filter.is_empty();
    let filter: Option<InventoryQuery> = is_filter.then(|| asked.filter.parse().ok()).flatten();
    let narrower = match &filter {
        Some(filter) => narrower(&secrets_of(filter), asked.format).await,
        None => None,
    };
    let inventory = filter.map(|filter| format!("/inventory?{}", filter_of(&filter)));
    Refusal { problem, inventory, narrower }
}

async fn narrower(query: &InventoryQuery, format: CodeFormat) -> Option<Narrower> {
    let (services, caller) = call().ok()?;
    let found = services.inventory().inventory(&caller, &filter_of(query)).await.ok()?;
    let is_too_large = found.matching > u64::try_from(MAX_SECRETS).unwrap_or(u64::MAX);
    let in_account =
        |value: &str| Some(InventoryQuery { accounts: vec![value.parse().ok()?], ..query.clone() });
    let in_region =
        |value: &str| Some(InventoryQuery { regions: vec![value.parse().ok()?], ..query.clone() });
    is_too_large.then(|| Narrower {
        accounts: links(found.facets.accounts, format, in_account),
        regions: links(found.facets.regions, format, in_region),
    })
}

/// The export of each choice that leaves secrets.
fn links(
    values: Vec<FacetValue>,
    format: CodeFormat,
    narrowed: impl Fn(&str) -> Option<InventoryQuery>,
) -> Vec<NarrowerLink> {
    let each = values.into_iter().filter(|value| value.count > 0);
    each.filter_map(|value| {
        let href = code_href(&in_format(&narrowed(&value.value)?, format));
        Some(NarrowerLink { href, label: value.label, count: value.count })
    })
    .collect()
}

#[component]
pub(super) fn Refused(refusal: Refusal) -> impl IntoView {
    let Refusal { problem, inventory, narrower } = refusal;
    let way_on = match inventory {
        Some(href) => (href, "Show in Inventory"),
        None => ("/inventory".to_owned(), "Go to Inventory"),
    };
    let narrower = narrower.map(|Narrower { accounts, regions }| {
        view! {
            <Panel title="Narrow the selection">
                {choices("By account", accounts)}
                {choices("By Region", regions)}
            </Panel>
        }
    });
    view! {
        <div class="stack">
            <ProblemPanel problem way_on=Some(way_on) />
            {narrower}
        </div>
    }
}

fn choices(title: &'static str, links: Vec<NarrowerLink>) -> impl IntoView {
    let rows = links
        .into_iter()
        .map(|NarrowerLink { href, label, count }| {
            view! { <li><a href=href>{label}</a>" "<span class="count">{grouped(count)}</span></li> }
        })
        .collect::<Vec<_>>();
    (!rows.is_empty()).then(|| view! { <h3>{title}</h3><ul class="evidence">{rows}</ul> })
}
