//! Grants in a list; everybody's live ones, and open reviews.

use super::{
    api::{load_live, load_reviews},
    labels::{left, names, tone, verb},
};
use crate::ui::{
    Ago, Chip, DataTable, EmptyState, Heading, ListPage, PageHeader, PageTitle, Tone, WaitsNote,
    format::milliseconds, loaded,
};
use claviger_domain::{
    grants::{
        GrantState, GrantStateName,
        view::{GrantRow, Queue},
    },
    notifications::notice::for_minutes,
};
use leptos::prelude::*;
use time::OffsetDateTime;

/// A table of grants. `people` shows whose they are.
#[component]
pub(crate) fn GrantTable(
    rows: Vec<GrantRow>,
    as_of: OffsetDateTime,
    people: bool,
) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Row row as_of people /> }).collect_view();
    let mut head = vec![Heading::text("Grant")];
    head.extend(people.then(|| Heading::text("Person")));
    head.extend(["Account", "For", "State", "Requested"].map(Heading::text));
    view! {
        <DataTable class="list grants" head>{rows}</DataTable>
    }
}

#[component]
fn Row(row: GrantRow, as_of: OffsetDateTime, people: bool) -> impl IntoView {
    let href = format!("/access/{}", row.id);
    let what = format!("{} {}", verb(row.action), row.id);
    let name = names(&row);
    let glass = row.break_glass.then(|| view! { " " <Chip tone=Tone::Bad text="Break-glass" /> });
    view! {
        <tr>
            <td class="name">
                <a href=href class="row-link mono">{name}</a>{glass}
                <small>{what}</small>
                <WaitsNote waits=row.waits.clone() />
            </td>
            {people.then(|| view! { <td data-label="Person">{row.requester.clone()}</td> })}
            <td data-label="Account">{row.account_name.clone()}</td>
            <td data-label="For">{for_minutes(row.minutes)}</td>
            <td data-label="State"><StateCell state=row.state.clone() approvals=(row.approvals, row.approvals_needed) as_of /></td>
            <td data-label="Requested"><Ago at=row.created_at now=as_of /></td>
        </tr>
    }
}

/// The state; of a live grant with the time left, of a waiting one with its approvals.
#[component]
pub(crate) fn StateCell(
    state: GrantState,
    approvals: (u32, u32),
    as_of: OffsetDateTime,
) -> impl IntoView {
    let word = state.word();
    match state {
        GrantState::Active { until, .. } => {
            // The page's module counts down.
            view! { <Chip tone=Tone::Good text="Active" />" "<span class="left" data-until=milliseconds(until) data-now=milliseconds(as_of)>{left(until, as_of)}</span> }
                .into_any()
        }
        GrantState::Requested { .. } => {
            let text = format!("{} of {} approvals", approvals.0, approvals.1);
            view! { <Chip tone=tone(word) text /> }.into_any()
        }
        _ => {
            let text = word.label_after(approvals.0, approvals.1);
            view! { <Chip tone=tone(word) text /> }.into_any()
        }
    }
}

#[component]
pub(crate) fn LivePage() -> impl IntoView {
    let queue = ArcResource::new(|| (), |()| load_live());
    loaded(queue, "Active sessions", |queue: Queue| view! { <Live queue /> }.into_any())
}

#[component]
fn Live(queue: Queue) -> impl IntoView {
    let as_of = queue.as_of;
    let rows: Vec<GrantRow> =
        queue.rows.into_iter().filter(|row| row.state.word() == GrantStateName::Active).collect();
    let context = match rows.len() {
        0 => "No active sessions.".to_owned(),
        1 => "1 active grant".to_owned(),
        more => format!("{more} active grants"),
    };
    let content = (!rows.is_empty())
        .then(|| view! { <div class="panel flush"><GrantTable rows as_of people=true /></div> });
    let actions = view! { <a href="/leaks" class="button">"Leaks"</a> }.into_any();
    view! { <ListPage title="Active sessions" context actions=Some(actions)>{content}</ListPage> }
}

#[component]
pub(crate) fn ReviewsPage() -> impl IntoView {
    let queue = ArcResource::new(|| (), |()| load_reviews());
    loaded(queue, "Break-glass reviews", |queue: Queue| view! { <Reviews queue /> }.into_any())
}

#[component]
fn Reviews(queue: Queue) -> impl IntoView {
    let Queue { rows, as_of } = queue;
    let content = if rows.is_empty() {
        view! {
            <EmptyState title="No pending reviews.">
                <p>"Break-glass sessions are reviewed here."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        view! { <div class="panel flush"><GrantTable rows as_of people=true /></div> }.into_any()
    };
    view! {
        <PageTitle text="Break-glass reviews" />
        <PageHeader>
            <h1>"Break-glass reviews"</h1>
            <p class="context">"Break-glass access that needs review by another person."</p>
        </PageHeader>
        {content}
    }
}
