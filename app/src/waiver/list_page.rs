//! All exceptions, those that wait and those in force first.

use super::{
    api::load_waivers,
    words::{last_day, policy_words, state_words},
};
use crate::{
    shell::use_live,
    ui::{Chip, PageTitle, Tone, WaitsNote, format::counted, loaded},
};
use claviger_domain::waiver::{
    WaiverState,
    view::{WaiverRow, WaiversPage as Shown},
};
use leptos::prelude::*;
use leptos_router::components::A;
use time::OffsetDateTime;

#[component]
pub(crate) fn WaiversPage() -> impl IntoView {
    let live = use_live();
    let page = Resource::new(move || live.access.get(), |_| load_waivers());
    view! {
        <PageTitle text="Exceptions" />
        {loaded(page, "Exceptions", |shown: Shown| view! { <List shown /> }.into_any())}
    }
}

#[component]
fn List(shown: Shown) -> impl IntoView {
    let now = shown.as_of;
    let count =
        |state| u64::try_from(shown.rows.iter().filter(|r| r.state == state).count()).unwrap_or(0);
    let due = shown.rows.iter().filter(|row| row.is_due(now)).count();
    let context = format!(
        "{} in force, {} for approval, {due} to be reviewed.",
        counted(count(WaiverState::Approved), "exception", "exceptions"),
        count(WaiverState::Waiting),
    );
    let content = if shown.rows.is_empty() {
        view! {
            <div class="empty panel">
                <h2>"No exceptions."</h2>
                <p>"Accept a risk for a limited time: request an exception from a finding or policy."</p>
            </div>
        }
        .into_any()
    } else {
        let rows = shown.rows.into_iter().map(|row| view! { <Row row now /> }).collect_view();
        view! {
            <div class="panel flush">
                <table class="list">
                    <thead><tr>
                        <th scope="col">"Exception"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="number">"Findings"</th>
                        <th scope="col">"Owner"</th>
                        <th scope="col">"Expires"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="head"><div><h1>"Exceptions"</h1><p class="context" role="status">{context}</p></div></div>
        <section aria-label="Exceptions">{content}</section>
    }
}

#[component]
fn Row(row: WaiverRow, now: OffsetDateTime) -> impl IntoView {
    let href = format!("/exceptions/{}", row.id);
    let (tone, text) = state_words(row.state);
    let due = row.is_due(now).then(|| view! { " "<Chip tone=Tone::Bad text="Review due" /> });
    let policy = policy_words(row.policy_title.as_ref());
    view! {
        <tr>
            <td class="name"><A href=href attr:class="row-link">{policy}</A><small>{row.target_name}</small><WaitsNote waits=row.waits /></td>
            <td data-label="State"><Chip tone text />{due}</td>
            <td class="number" data-label="Findings">{row.findings}</td>
            <td data-label="Owner">{row.owner.name}</td>
            <td data-label="Expires">{last_day(row.ends_at)}</td>
        </tr>
    }
}
