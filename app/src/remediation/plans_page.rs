//! All plans, those in progress first; and the pause.

use super::{
    api::{PauseRemediation, ResumeRemediation, load_plans},
    labels::{author, progress, state_label},
};
use crate::ui::{
    Ago, Chip, DataTable, EmptyState, ErrorNotice, Heading, ListPage, Menu, WaitsNote, loaded,
};
use claviger_domain::remediation::view::{Pause, PlanRow, PlansView};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn PlansPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_plans());
    let (pull, release) =
        (ServerAction::<PauseRemediation>::new(), ServerAction::<ResumeRemediation>::new());
    view! {
        {loaded(page, "Remediation", |shown: PlansView| view! { <List shown /> }.into_any())}
        <ErrorNotice value=pull.value() />
        <ErrorNotice value=release.value() />
    }
}

/// Pauses remediation, or resumes it.
#[component]
fn PauseForm(is_pulled: bool) -> impl IntoView {
    let (pull, release) =
        (ServerAction::<PauseRemediation>::new(), ServerAction::<ResumeRemediation>::new());
    if is_pulled {
        return view! { <ActionForm action=release><button class="button">"Resume"</button></ActionForm> }.into_any();
    }
    view! {
        <Menu label="Pause all remediation" class="right" button="button danger">
            <ActionForm action=pull attr:class="form">
                <label class="field">
                    <span>"Reason"</span>
                    <textarea name="reason" rows="2" maxlength="1000" required></textarea>
                    <small>"No new calls start. Running calls finish. The reason is shown on every plan."</small>
                </label>
                <button class="button danger">"Pause"</button>
            </ActionForm>
        </Menu>
    }
    .into_any()
}

#[component]
pub(crate) fn PausedNote(pause: Pause, as_of: OffsetDateTime) -> impl IntoView {
    view! {
        <div class="notice bad" role="status">
            <strong>{format!("Remediation paused by {}. ", pause.by)}</strong>{pause.reason}" "<Ago at=pause.at now=as_of />
        </div>
    }
}

#[component]
fn List(shown: PlansView) -> impl IntoView {
    let as_of = shown.as_of;
    let is_pulled = shown.pause.is_some();
    let actions = shown.can_pause.then(|| view! { <PauseForm is_pulled /> }.into_any());
    let pause = shown.pause.map(|pause| view! { <PausedNote pause as_of /> });
    let (an_hour, an_account) = shown.limits;
    let context =
        format!("API calls this hour: {} of {an_hour} (max {an_account} per account)", shown.begun);
    let content = if shown.rows.is_empty() {
        view! {
            <EmptyState title="No remediation plans.">
                <p>"Filter "<a href="/findings">"findings"</a>", then choose Fix."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = shown.rows.into_iter().map(|row| view! { <Row row as_of /> }).collect_view();
        view! {
            <div class="panel flush">
                <DataTable
                    class="list plans"
                    head=["Plan", "State", "Calls", "Created by", "Created"].map(Heading::text)
                >
                    {rows}
                </DataTable>
            </div>
        }
        .into_any()
    };
    view! {
        <ListPage title="Remediation" context actions>
            {pause}
            <section aria-label="Plans">{content}</section>
        </ListPage>
    }
}

#[component]
fn Row(row: PlanRow, as_of: OffsetDateTime) -> impl IntoView {
    let href = format!("/remediation/{}", row.id);
    let (tone, text) = state_label(&row);
    let (calls, by) = (progress(&row, 0), author(&row));
    view! {
        <tr>
            <td class="name"><a href=href class="row-link">{row.title}</a><small>{row.id.to_string()}</small><WaitsNote waits=row.waits /></td>
            <td data-label="State"><Chip tone text /></td>
            <td data-label="Calls">{calls}</td>
            <td data-label="Created by">{by}</td>
            <td data-label="Created"><Ago at=row.created_at now=as_of /></td>
        </tr>
    }
}
