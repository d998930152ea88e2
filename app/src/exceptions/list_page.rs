//! All exceptions, those that wait and those in force first.

use super::{
    api::load_exceptions,
    labels::{last_day, policy_label, state_label},
};
use crate::ui::{
    Chip, DataTable, EmptyState, Heading, ListPage, Tone, WaitsNote, format::counted, loaded,
};
use claviger_domain::exceptions::{
    ExceptionState,
    view::{ExceptionRow, ExceptionsView},
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn ExceptionsPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_exceptions());
    loaded(page, "Exceptions", |shown: ExceptionsView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: ExceptionsView) -> impl IntoView {
    let now = shown.as_of;
    let count =
        |state| u64::try_from(shown.rows.iter().filter(|r| r.state == state).count()).unwrap_or(0);
    let due = shown.rows.iter().filter(|row| row.is_due(now)).count();
    let context = format!(
        "{} active, {} pending approval, {due} due for review.",
        counted(count(ExceptionState::Approved), "exception", "exceptions"),
        count(ExceptionState::Waiting),
    );
    let content = if shown.rows.is_empty() {
        view! {
            <EmptyState title="No exceptions.">
                <p>"Accept a risk for a limited time: request an exception from a finding or policy."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = shown.rows.into_iter().map(|row| view! { <Row row now /> }).collect_view();
        view! {
            <div class="panel flush">
                <DataTable head=[
                    Heading::text("Exception"),
                    Heading::text("State"),
                    Heading::number("Findings"),
                    Heading::text("Owner"),
                    Heading::text("Expires"),
                ]>{rows}</DataTable>
            </div>
        }
        .into_any()
    };
    view! {
        <ListPage title="Exceptions" context>
            <section aria-label="Exceptions">{content}</section>
        </ListPage>
    }
}

#[component]
fn Row(row: ExceptionRow, now: OffsetDateTime) -> impl IntoView {
    let href = format!("/exceptions/{}", row.id);
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
            <td data-label="Expires">{last_day(row.ends_at)}" "{left}</td>
        </tr>
    }
}
