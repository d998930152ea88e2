//! Snoozing and assigning the findings of a list. The URL's query is the list.

use super::triage_api::{AssignFindings, SnoozeFindings, load_triage_form};
use crate::ui::{
    Breadcrumb, ErrorNotice, Hidden, PageHeader, PageTitle, Panel, format::counted, format::day,
    loaded, own_field, own_query,
};
use claviger_domain::{compliance::view::TriageForm, list_link::list_of};
use leptos::prelude::*;
use time::Duration;

#[component]
pub(crate) fn TriagePage() -> impl IntoView {
    let query = own_query();
    let parts = query.split('&').filter(|part| !part.starts_with("from="));
    let query = parts.collect::<Vec<_>>().join("&");
    let form = ArcResource::new(|| (), move |()| load_triage_form(query.clone()));
    loaded(form, "Snooze or assign", |form: TriageForm| view! { <Forms form /> }.into_any())
}

#[component]
fn Forms(form: TriageForm) -> impl IntoView {
    let from = own_field("from").and_then(|from| list_of(&from));
    let back = from.map_or_else(|| back(&form.of), |(_, list)| list);
    let findings = format!("/findings?{}", form.of);
    let count = counted(form.findings, "finding", "findings");
    view! {
        <PageTitle text="Snooze or assign" />
        <PageHeader>
            <Breadcrumb><a href="/findings">"Findings"</a></Breadcrumb>
            <h1>"Snooze or assign"</h1>
            <p class="context"><a href=findings>{count}</a></p>
        </PageHeader>
        <div class="stack">
            <Snooze form=form.clone() back=back.clone() />
            <Assign form back />
        </div>
    }
}

/// Where both forms lead from all that match: the list without what was selected from it.
fn back(of: &str) -> String {
    let query: claviger_domain::compliance::FindingQuery = of.parse().unwrap_or_default();
    let rest = claviger_domain::compliance::FindingQuery { findings: Vec::new(), ..query };
    format!("/findings?{}", rest.to_url_query())
}

#[component]
fn Snooze(form: TriageForm, back: String) -> impl IntoView {
    let action = ServerAction::<SnoozeFindings>::new();
    let (first, last) = form.days;
    let week = first.saturating_add(Duration::days(6));
    let until = form.triage.snoozed_until;
    let (of, own_of, own_back) = (form.of.clone(), form.of.clone(), back.clone());
    let end = until.map(|until| {
        let action = ServerAction::<SnoozeFindings>::new();
        view! {
            <ActionForm action>
                <p>{format!("Snoozed until {}.", day(until.date()))}</p>
                <Hidden name="of" value=own_of />
                <Hidden name="back" value=own_back />
                <button class="button">"End the snooze"</button>
                <ErrorNotice value=action.value() />
            </ActionForm>
        }
    });
    view! {
        <Panel title="Snooze">
            <p>"Snoozed findings leave the list and come back on the chosen day. They still count in the score."</p>
            <ActionForm action attr:class="form">
                <Hidden name="of" value=of />
                <Hidden name="back" value=back />
                <label class="field">
                    <span>"Until"</span>
                    <input type="date" name="until" required min=first.to_string() max=last.to_string() value=week.to_string() />
                    <small>{format!("In UTC, at the latest {}.", day(last))}</small>
                </label>
                <button class="button primary">"Snooze"</button>
                <ErrorNotice value=action.value() />
            </ActionForm>
            {end}
        </Panel>
    }
}

#[component]
fn Assign(form: TriageForm, back: String) -> impl IntoView {
    let action = ServerAction::<AssignFindings>::new();
    let assignee = form.triage.assignee.as_ref().map(|one| one.subject.clone());
    let is_me = assignee.as_ref().is_none_or(|one| *one == form.me);
    let others = form
        .people
        .iter()
        .filter(|(subject, _)| *subject != form.me)
        .map(|(subject, name)| {
            let selected = assignee.as_ref() == Some(subject);
            view! { <option value=subject.clone() selected=selected>{name.clone()}</option> }
        })
        .collect_view();
    let ticket = form.triage.ticket.map(|ticket| ticket.to_string()).unwrap_or_default();
    view! {
        <Panel title="Assign">
            <ActionForm action attr:class="form">
                <Hidden name="of" value=form.of.clone() />
                <Hidden name="back" value=back />
                <label class="field">
                    <span>"Assignee"</span>
                    <select name="assignee">
                        <option value="me" selected=is_me>"Me"</option>
                        <option value="">"Nobody"</option>
                        {others}
                    </select>
                    <small>"The assignee is notified."</small>
                </label>
                <label class="field">
                    <span>"Ticket URL"</span>
                    <input type="url" name="ticket" maxlength="500" pattern="https://.*" value=ticket autocomplete="off"
                        placeholder="https://" />
                    <small>"Optional."</small>
                </label>
                <button class="button primary">"Assign"</button>
                <ErrorNotice value=action.value() />
            </ActionForm>
        </Panel>
    }
}
