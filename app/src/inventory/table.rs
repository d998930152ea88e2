//! The list itself. At 375 px each row is a card.

use super::{
    cells::{OwnerCell, RotationCell},
    words::{self, key_word, kind_word, last_read},
};
use crate::ui::{Ago, Chip, Icon, Shape, Tone};
use claviger_domain::{
    query::{Direction, InventoryQuery, Sort},
    view::{InventoryRow, Page},
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
    let heads = [
        (Sort::Name, "Name"),
        (Sort::Account, "Account, Region"),
        (Sort::Rotation, "Rotation"),
        (Sort::Read, "Last read"),
        (Sort::Changed, "Changed"),
    ];
    let head =
        |(sort, label): (Sort, &'static str)| view! { <SortHead query=query.clone() sort label /> };
    let [name, account, rotation, read, changed] = heads.map(head);
    let rows =
        page.rows.into_iter().map(|row| view! { <Row row may_request now /> }).collect_view();
    let to = |cursor: Option<_>, label: &'static str| {
        cursor.map(|cursor| {
            let href = words::href(&query.at(Some(cursor)));
            view! { <A href=href attr:class="button">{label}</A> }
        })
    };
    let bar = may_request.then(|| view! { <SelectionBar /> });
    view! {
        <form method="get" action="/access/request" class="panel flush" id="choose">
            <table class="list inventory">
                <thead>
                    <tr>
                        {may_request.then(|| view! { <th scope="col" class="pick"><span class="sr">"Choose"</span></th> })}
                        {name}
                        <th scope="col">"Owner"</th>
                        {account}
                        {rotation}
                        <th scope="col">"Key"</th>
                        {read}
                        {changed}
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
            <span>"What is chosen on this page"</span>
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
    let href = words::href(&query.sorted_by(sort));
    view! {
        <th scope="col" aria-sort=aria>
            <A href=href attr:class="sort">{label}{arrow}</A>
        </th>
    }
}

#[component]
fn Row(row: InventoryRow, may_request: bool, now: OffsetDateTime) -> impl IntoView {
    let href = format!("/inventory/{}", row.id);
    // A long name breaks after a slash rather than anywhere.
    let name =
        row.name.split_inclusive('/').map(|part| view! { {part.to_owned()}<wbr /> }).collect_view();
    let replicas = row.replica_regions.len();
    let more_regions = (replicas > 0).then(|| {
        let names: Vec<String> = row.replica_regions.iter().map(ToString::to_string).collect();
        view! { " " <span title=format!("Replicas in {}", names.join(", "))>{format!("+{replicas}")}</span> }
    });
    let life = match (row.gone_at, row.deleted_at) {
        (Some(_), _) => Some(view! { " " <Chip tone=Tone::Unknown text="Gone" /> }),
        (None, Some(_)) => Some(view! { " " <Chip tone=Tone::Soon text="Pending deletion" /> }),
        _ => None,
    };
    let pick = may_request.then(|| {
        let label = format!("Choose {}", row.name);
        view! { <td class="pick"><input type="checkbox" name="resource" value=row.id.to_string() aria-label=label /></td> }
    });
    view! {
        <tr>
            {pick}
            <td class="name">
                <A href=href attr:class="row-link mono">{name}</A>{life}
                <small>{kind_word(row.kind, row.parameter_type)}</small>
            </td>
            <td data-label="Owner"><OwnerCell owner=row.owner /></td>
            <td class="place">{row.account_name}<small>{row.region.to_string()}{more_regions}</small></td>
            <td data-label="Rotation"><RotationCell state=row.rotation now /></td>
            <td data-label="Key">{key_word(row.key)}</td>
            <td data-label="Last read">{last_read(row.kind, row.accessed_on, now)}</td>
            <td data-label="Changed">{row.changed_at.map(|at| view! { <Ago at now /> })}</td>
        </tr>
    }
}
