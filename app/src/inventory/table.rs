//! The list itself. At 375 px each row is a card.

use super::{
    cells::{OwnerCell, RotationCell},
    code_selection::{code_href, of_filter},
    column_label::column_label,
    labels::{self, key_label, kind_label, last_read},
};
use crate::{
    compliance::severity_tone,
    remediation::{plan_href, target_href},
    ui::{
        Ago, AllMatching, Chip, DataTable, Heading, PageRange, Pager, SelectCell, SelectionAction,
        SelectionForm, Tone,
    },
};
use claviger_domain::{
    VariantArray,
    compliance::{FindingQuery, Severity},
    inventory::{
        Column, InventoryQuery, Sort,
        code::MAX_SECRETS,
        view::{Favorites, InventoryRow, Page},
    },
    list_link::with_list,
    remediation::RemediationForm,
    rotation::RotationState,
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn InventoryTable(
    query: InventoryQuery,
    page: Page<InventoryRow>,
    matching: u64,
    may_request: bool,
    may_fix: bool,
    now: OffsetDateTime,
) -> impl IntoView {
    let all = AllMatching {
        count: matching,
        is_selected: query.all,
        href: labels::href(&query.selecting_all(!query.all)),
    };
    let actions = actions(&query, &page, matching, may_request, may_fix);
    let selecting = (!actions.is_empty()).then_some(query.all);
    let range = PageRange { before: page.before, rows: page.rows.len(), of: matching };
    let columns = query.columns().to_vec();
    let sorted = |sort: Sort, label: &'static str| {
        let order = (query.sort == sort).then_some(query.direction);
        Heading::sorted(label, labels::href(&query.sorted_by(sort)), order)
    };
    let mut head: Vec<_> = selecting.map(|_| Heading::select(&all)).into_iter().collect();
    head.push(sorted(Sort::Name, "Name"));
    head.extend(columns.iter().map(|column| match (sort_of(*column), column_label(*column)) {
        (Some(sort), label) => sorted(sort, label),
        (None, label) => Heading::text(label),
    }));
    let list = labels::href(&query);
    let rows = page
        .rows
        .into_iter()
        .map(|row| view! { <Row row list=list.clone() columns=columns.clone() selecting now /> })
        .collect_view();
    let href = |cursor| labels::href(&query.at(Some(cursor)));
    let links = [("Previous", page.previous.map(href)), ("Next", page.next.map(href))];
    view! {
        <SelectionForm actions all=Some(all) fields=Vec::new()>
            <DataTable class="list inventory" head>{rows}</DataTable>
        </SelectionForm>
        <Pager links range />
    }
}

/// Rows of which some can be selected for a request. They stand on one page.
#[component]
pub(crate) fn FavoriteTable(favorites: Favorites) -> impl IntoView {
    let Favorites { rows, may_request, as_of: now } = favorites;
    let actions: Vec<_> = may_request.then(|| request_action(None)).into_iter().collect();
    let selecting = may_request.then_some(false);
    let mut head: Vec<_> = selecting.map(|_| Heading::picks()).into_iter().collect();
    head.push(Heading::text("Name"));
    head.extend(FAVORITE_COLUMNS.map(|column| Heading::text(column_label(column))));
    let rows = rows
        .into_iter()
        .map(|row| view! { <Row row list="/access".to_owned() columns=FAVORITE_COLUMNS.to_vec() selecting now /> })
        .collect_view();
    view! {
        <SelectionForm actions all=None fields=Vec::new()>
            <DataTable class="list inventory" head>{rows}</DataTable>
        </SelectionForm>
    }
}

const FAVORITE_COLUMNS: [Column; 3] = [Column::Owner, Column::Account, Column::Rotation];

/// Asks for access to the ticked rows, or to `all`.
fn request_action(all: Option<String>) -> SelectionAction {
    SelectionAction { label: "Request access", path: "/access/request", all, with: None }
}

/// What can be done with selected rows. Access and changes are asked for by name: for all that match only where the page has
/// them all.
fn actions(
    query: &InventoryQuery,
    page: &Page<InventoryRow>,
    matching: u64,
    may_request: bool,
    may_fix: bool,
) -> Vec<SelectionAction> {
    let is_whole = u64::try_from(page.rows.len()) == Ok(matching);
    let named = is_whole.then(|| {
        let each = page.rows.iter().map(|row| format!("resource={}", row.id));
        format!("/access/request?{}", each.collect::<Vec<_>>().join("&"))
    });
    let request = may_request.then(|| request_action(named));
    let fix = may_fix.then(|| {
        let of = FindingQuery { within: Some(query.view()), ..FindingQuery::default() };
        SelectionAction {
            label: "Fix",
            path: "/remediation/new",
            all: Some(plan_href(&of.to_url_query(), None)),
            with: None,
        }
    });
    let change = may_fix.then(|| {
        let ids: Vec<_> = page.rows.iter().map(|row| row.id).collect();
        SelectionAction {
            label: "Change",
            path: "/remediation/new",
            all: is_whole.then(|| target_href(&ids, &RemediationForm::default())),
            with: Some(("change", "resources".into())),
        }
    });
    let role = SelectionAction {
        label: "Role for a consumer",
        path: "/inventory/role",
        all: None,
        with: None,
    };
    let code = SelectionAction {
        label: "As code",
        path: "/inventory/code",
        all: (matching <= u64::try_from(MAX_SECRETS).unwrap_or(u64::MAX))
            .then(|| code_href(&of_filter(query))),
        with: None,
    };
    request.into_iter().chain(fix).chain(change).chain([role, code]).collect()
}

/// Counts of findings, the most severe first.
#[component]
fn FindingChips(findings: [u8; 4]) -> impl IntoView {
    let chips = Severity::VARIANTS.iter().zip(findings).filter(|(_, count)| *count > 0);
    let chips: Vec<_> = chips
        .map(|(severity, count)| {
            let text = format!("{count} {severity}");
            view! { <Chip tone=severity_tone(*severity) text /> " " }
        })
        .collect();
    if chips.is_empty() {
        return view! { <span class="faint">"none"</span> }.into_any();
    }
    chips.into_any()
}

/// The order that a column's head brings about.
fn sort_of(column: Column) -> Option<Sort> {
    match column {
        Column::Account => Some(Sort::Account),
        Column::Rotation | Column::Next => Some(Sort::Rotation),
        Column::Read => Some(Sort::Read),
        Column::Changed => Some(Sort::Changed),
        Column::Findings => Some(Sort::Worst),
        Column::Owner | Column::Key | Column::Tags | Column::Description | Column::Arn => None,
    }
}

#[component]
fn Cell(row: InventoryRow, column: Column, now: OffsetDateTime) -> impl IntoView {
    let label = column_label(column);
    let unknown = || view! { <span class="faint">"unknown"</span> };
    let none = || view! { <span class="faint">"none"</span> };
    match column {
        Column::Owner => view! { <td data-label=label><OwnerCell owner=row.owner /></td> }.into_any(),
        Column::Account => {
            let replicas = row.replica_regions.len();
            let more_regions = (replicas > 0).then(|| {
                let names: Vec<String> = row.replica_regions.iter().map(ToString::to_string).collect();
                view! { " " <span title=format!("Replicas in {}", names.join(", "))>{format!("+{replicas}")}</span> }
            });
            view! { <td class="place">{row.account_name}<small>{row.region.to_string()}{more_regions}</small></td> }
                .into_any()
        }
        Column::Rotation => view! { <td data-label=label><RotationCell state=row.rotation now /></td> }.into_any(),
        Column::Key => view! { <td data-label=label class="minor">{key_label(row.key)}</td> }.into_any(),
        Column::Read => {
            view! { <td data-label=label class="minor">{last_read(row.kind, row.accessed_on, now)}</td> }.into_any()
        }
        Column::Changed => {
            view! { <td data-label=label>{row.changed_at.map(|at| view! { <Ago at now /> })}</td> }.into_any()
        }
        Column::Next => {
            let next = match row.rotation {
                RotationState::Overdue { since } => Some(since),
                RotationState::Scheduled { next, .. } => next,
                _ => None,
            };
            let next = next.map_or_else(|| none().into_any(), |at| view! { <Ago at now /> }.into_any());
            view! { <td data-label=label>{next}</td> }.into_any()
        }
        Column::Tags => {
            let tags = match row.tags {
                None => unknown().into_any(),
                Some(tags) if tags.is_empty() => none().into_any(),
                Some(tags) => tags
                    .into_iter()
                    .map(|(key, value)| view! { <span class="tag mono">{key}"="{value}</span> " " })
                    .collect_view()
                    .into_any(),
            };
            view! { <td data-label=label class="long">{tags}</td> }.into_any()
        }
        Column::Description => {
            let text = row.description.map_or_else(|| none().into_any(), IntoAny::into_any);
            view! { <td data-label=label class="long">{text}</td> }.into_any()
        }
        Column::Arn => {
            let arn = row.arn.map(|arn| arn.to_string()).unwrap_or_default();
            view! { <td data-label=label class="long mono wrap">{arn}</td> }.into_any()
        }
        Column::Findings => {
            let findings = row.findings.unwrap_or_default();
            view! { <td data-label=label class="findings"><FindingChips findings /></td> }.into_any()
        }
    }
}

#[component]
fn Row(
    row: InventoryRow,
    list: String,
    columns: Vec<Column>,
    /// Whether all that match are selected; `None` where nothing can be.
    selecting: Option<bool>,
    now: OffsetDateTime,
) -> impl IntoView {
    let href = with_list(&format!("/inventory/{}", row.id), &list);
    // A long name breaks after a slash rather than anywhere.
    let name =
        row.name.split_inclusive('/').map(|part| view! { {part.to_owned()}<wbr /> }).collect_view();
    let life = match (row.gone_at, row.deleted_at) {
        (Some(_), _) => Some(view! { " " <Chip tone=Tone::Unknown text="Gone" /> }),
        (None, Some(_)) => Some(view! { " " <Chip tone=Tone::Soon text="Pending deletion" /> }),
        _ => None,
    };
    let pick = selecting.map(|all| {
        let label = format!("Select {}", row.name);
        view! { <SelectCell name="resource" value=row.id.to_string() label all /> }
    });
    let cells = columns
        .into_iter()
        .map(|column| view! { <Cell row=row.clone() column now /> })
        .collect_view();
    view! {
        <tr data-key=row.id.to_string()>
            {pick}
            <td class="name">
                <a href=href class="row-link mono">{name}</a>{life}
                <small>{kind_label(row.kind, row.parameter_type)}</small>
            </td>
            {cells}
        </tr>
    }
}
