//! The list itself. At 375 px each row is a card.

use super::{
    cells::{OwnerCell, RotationCell},
    column_label::column_label,
    labels::{self, key_label, kind_label, last_read},
};
use crate::ui::{Ago, Chip, Icon, Shape, Tone};
use claviger_domain::{
    inventory::{
        Column, Direction, InventoryQuery, Sort,
        view::{InventoryRow, Page},
    },
    rotation::RotationState,
};
use leptos::prelude::*;
use leptos_router::components::A;
use time::OffsetDateTime;

#[component]
pub(crate) fn InventoryTable(
    query: InventoryQuery,
    page: Page<InventoryRow>,
    may_request: bool,
    now: OffsetDateTime,
) -> impl IntoView {
    let columns = query.columns().to_vec();
    let heads = columns
        .iter()
        .map(|column| {
            let label = column_label(*column);
            match sort_of(*column) {
                Some(sort) => view! { <SortHead query=query.clone() sort label /> }.into_any(),
                None => view! { <th scope="col">{label}</th> }.into_any(),
            }
        })
        .collect_view();
    let rows = page
        .rows
        .into_iter()
        .map(|row| view! { <Row row columns=columns.clone() may_request now /> })
        .collect_view();
    let to = |cursor: Option<_>, label: &'static str| {
        cursor.map(|cursor| {
            let href = labels::href(&query.at(Some(cursor)));
            view! { <A href=href attr:class="button">{label}</A> }
        })
    };
    let bar = may_request.then(|| view! { <SelectionBar /> });
    view! {
        <form method="get" action="/access/request" class="panel flush" id="choose">
            <table class="list inventory">
                <thead>
                    <tr>
                        {may_request.then(|| view! { <th scope="col" class="pick"><span class="sr">"Select"</span></th> })}
                        <SortHead query=query.clone() sort=Sort::Name label="Name" />
                        {heads}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
            {bar}
        </form>
        <nav class="pager" aria-label="Pages">
            {to(page.previous, "Previous")}
            {to(page.next, "Next")}
        </nav>
    }
}

/// What can be done with what is chosen. It shows itself (by the style sheet) once something is.
#[component]
fn SelectionBar() -> impl IntoView {
    view! {
        <div class="selection">
            <span>"Selected on this page"</span>
            <button class="button primary">"Request access"</button>
        </div>
    }
}

#[component]
fn SortHead(query: InventoryQuery, sort: Sort, label: &'static str) -> impl IntoView {
    let is_sorted = query.sort == sort;
    let descending = query.direction == Direction::Descending;
    let aria = match (is_sorted, descending) {
        (false, _) => "none",
        (true, false) => "ascending",
        (true, true) => "descending",
    };
    let arrow = is_sorted
        .then(|| view! { <Icon shape=if descending { Shape::Down } else { Shape::Up } /> });
    let href = labels::href(&query.sorted_by(sort));
    view! {
        <th scope="col" aria-sort=aria>
            <A href=href attr:class="sort">{label}{arrow}</A>
        </th>
    }
}

/// The order that a column's head brings about.
fn sort_of(column: Column) -> Option<Sort> {
    match column {
        Column::Account => Some(Sort::Account),
        Column::Rotation | Column::Next => Some(Sort::Rotation),
        Column::Read => Some(Sort::Read),
        Column::Changed => Some(Sort::Changed),
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
    }
}

#[component]
fn Row(
    row: InventoryRow,
    columns: Vec<Column>,
    may_request: bool,
    now: OffsetDateTime,
) -> impl IntoView {
    let href = format!("/inventory/{}", row.id);
    // A long name breaks after a slash rather than anywhere.
    let name =
        row.name.split_inclusive('/').map(|part| view! { {part.to_owned()}<wbr /> }).collect_view();
    let life = match (row.gone_at, row.deleted_at) {
        (Some(_), _) => Some(view! { " " <Chip tone=Tone::Unknown text="Gone" /> }),
        (None, Some(_)) => Some(view! { " " <Chip tone=Tone::Soon text="Pending deletion" /> }),
        _ => None,
    };
    let pick = may_request.then(|| {
        let label = format!("Select {}", row.name);
        view! { <td class="pick"><input type="checkbox" name="resource" value=row.id.to_string() aria-label=label /></td> }
    });
    let cells = columns
        .into_iter()
        .map(|column| view! { <Cell row=row.clone() column now /> })
        .collect_view();
    view! {
        <tr data-key=row.id.to_string()>
            {pick}
            <td class="name">
                <A href=href attr:class="row-link mono">{name}</A>{life}
                <small>{kind_label(row.kind, row.parameter_type)}</small>
            </td>
            {cells}
        </tr>
    }
}
