//! Exceptions, those that wait and those in force first.

use super::{
    api::load_exceptions,
    filter_panel::{ExceptionActiveFilters, ExceptionFilterPanel},
    labels::{href, last_day, policy_label, state_label},
};
use crate::ui::{
    Chip, DataTable, EmptyState, Heading, ListPage, PageRange, Pager, Tone, WaitsNote,
    format::{counted, day},
    loaded, own_query,
};
use claviger_domain::{
    exceptions::{
        EXCEPTION_ROWS, ExceptionDue, ExceptionSort, ExceptionState,
        view::{ExceptionFacets, ExceptionRow, ExceptionsView},
    },
    inventory::Direction,
    list_link::with_list,
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn ExceptionsPage() -> impl IntoView {
    let query = own_query();
    let page = ArcResource::new(|| (), move |()| load_exceptions(query.clone()));
    loaded(page, "Exceptions", |shown: ExceptionsView| view! { <List shown /> }.into_any())
}

fn context(facets: &ExceptionFacets) -> String {
    let of = |state: ExceptionState| {
        let value = state.to_string();
        facets.states.iter().find(|one| one.value == value).map_or(0, |one| one.count)
    };
    let review = ExceptionDue::Review.to_string();
    let due = facets.due.iter().find(|one| one.value == review).map_or(0, |one| one.count);
    format!(
        "{} active, {} pending approval, {due} due for review.",
        counted(of(ExceptionState::Approved), "exception", "exceptions"),
        of(ExceptionState::Waiting),
    )
}

#[component]
fn List(shown: ExceptionsView) -> impl IntoView {
    let ExceptionsView { query, rows, matching, facets, as_of: now } = shown;
    let context = context(&facets);
    let export = (!rows.is_empty()).then(|| {
        let href = format!("/export/exceptions/csv?{}", query.at(0).to_url_query());
        view! { <a href=href class="button" rel="external" download>"Export CSV"</a> }.into_any()
    });
    let content = if rows.is_empty() {
        view! { <Empty is_filtered=!query.filters().is_empty() /> }.into_any()
    } else {
        let before = u64::from(query.page) * u64::from(EXCEPTION_ROWS);
        let range = PageRange { before, rows: rows.len(), of: matching };
        let is_last = before + u64::from(EXCEPTION_ROWS) >= matching;
        let previous = query.page.checked_sub(1).map(|page| href(&query.at(page)));
        let next = (!is_last).then(|| href(&query.at(query.page + 1)));
        let sorted = |sort: ExceptionSort, direction: Direction, label: &'static str| {
            // A second click brings the usual order back.
            let is_on = query.sort == sort;
            let to = if is_on { ExceptionSort::default() } else { sort };
            Heading::sorted(label, href(&query.sorted_by(to)), is_on.then_some(direction))
        };
        let head = [
            Heading::text("Exception"),
            Heading::text("State"),
            Heading::number("Findings"),
            Heading::text("Owner"),
            sorted(ExceptionSort::Requested, Direction::Descending, "Requested"),
            sorted(ExceptionSort::Expires, Direction::Ascending, "Expires"),
        ];
        let list = href(&query);
        let rows =
            rows.into_iter().map(|row| view! { <Row row list=list.clone() now /> }).collect_view();
        view! {
            <div class="panel flush"><DataTable head>{rows}</DataTable></div>
            <Pager links=[("Previous", previous), ("Next", next)] range />
        }
        .into_any()
    };
    view! {
        <ListPage title="Exceptions" context actions=export>
            <ExceptionActiveFilters query=query.clone() facets=facets.clone() />
            <div class="with-rail">
                <ExceptionFilterPanel query facets />
                <section aria-label="Exceptions">{content}</section>
            </div>
        </ListPage>
    }
}

#[component]
fn Empty(is_filtered: bool) -> impl IntoView {
    let (title, how) = if is_filtered {
        ("No results.", "Remove a filter or change your search.")
    } else {
        (
            "No exceptions.",
            "Accept a risk for a limited time: request an exception from a finding or policy.",
        )
    };
    view! { <EmptyState title><p>{how}</p></EmptyState> }
}

#[component]
fn Row(row: ExceptionRow, list: String, now: OffsetDateTime) -> impl IntoView {
    let href = with_list(&format!("/exceptions/{}", row.id), &list);
    let (tone, text) = state_label(row.state);
    let due = row.is_due(now).then(|| view! { " "<Chip tone=Tone::Bad text="Review due" /> });
    let left = row.days_left(now).map(|days| format!("{} left", counted(days, "day", "days")));
    let left = left.map(|left| view! { <small>{left}</small> });
    let policy = policy_label(row.policy_title.as_ref());
    view! {
        <tr>
            <td class="name"><a href=href class="row-link">{policy}</a><small>{row.target_name}</small><WaitsNote waits=row.waits /></td>
            <td data-label="State"><Chip tone text />{due}</td>
            <td class="number" data-label="Findings">{row.findings}</td>
            <td data-label="Owner">{row.owner.name}</td>
            <td data-label="Requested">{day(row.created_at.date())}</td>
            <td data-label="Expires">{last_day(row.ends_at)}" "{left}</td>
        </tr>
    }
}
