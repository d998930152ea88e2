//! The alarms, those that are open first. The URL holds the list's whole state.

use super::api::{CloseAlarm, load_alarms};
use crate::ui::{
    Ago, Chip, Choice, EmptyState, ErrorNotice, ListPage, Menu, Pager, Tone,
    format::{counted, grouped},
    loaded, own_query,
};
use claviger_domain::{
    VariantArray,
    alarms::{
        AlarmKind, AlarmQuery,
        view::{AlarmRow, AlarmsView},
    },
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn AlarmsPage() -> impl IntoView {
    let query = own_query();
    let page = ArcResource::new(|| (), move |()| load_alarms(query.clone()));
    loaded(page, "Alarms", |shown: AlarmsView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: AlarmsView) -> impl IntoView {
    let AlarmsView { query, rows, next, reads_events, accounts, as_of: now, .. } = shown.clone();
    let word = if query.only_closed { "closed" } else { "open" };
    let context = match (rows.len(), next) {
        _ if query.only.is_some() => "One alarm.".to_owned(),
        (0, _) => format!("No {word} alarms."),
        (count, None) => format!("{} {word}.", counted(count as u64, "alarm", "alarms")),
        (count, Some(_)) => format!("The newest {count} {word} alarms; there are more."),
    };
    let older = next.map(|next| format!("/alarms?{}", query.after(Some(next)).to_url_query()));
    let is_filtered = !query.filters().is_empty();
    let content = if rows.is_empty() {
        view! { <Empty is_filtered reads_events /> }.into_any()
    } else {
        let rows = rows.into_iter().map(|row| view! { <Alarm row now /> }).collect_view();
        view! { <ul class="alarms">{rows}</ul><Pager links=[("Older", older)] /> }.into_any()
    };
    let accounts = accounts.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    let actions = view! { <a href="/alarms/checks" class="button">"Can alarms fire?"</a> };
    view! {
        <ListPage title="Alarms" context actions=Some(actions.into_any())>
            <Coverage shown />
            <Filter query accounts />
            <section aria-label="Alarms">{content}</section>
        </ListPage>
    }
}

/// Whether the list can be trusted: an alarm that cannot fire is not in it.
#[component]
fn Coverage(shown: AlarmsView) -> impl IntoView {
    let AlarmsView { reads_events, failing_rules, unknown_rules, rules, .. } = shown;
    let (tone, text, says) = if !reads_events {
        (
            Tone::Unknown,
            "No alarms",
            "Claviger reads no queue of events, so no alarm can arrive.".to_owned(),
        )
    } else if rules == 0 {
        (Tone::Unknown, "Not checked", "It is not known yet whether alarms can fire.".to_owned())
    } else if failing_rules > 0 {
        let of = format!("{} of {}", grouped(failing_rules), counted(rules, "rule", "rules"));
        (
            Tone::Bad,
            "Cannot fire",
            format!("{of} bring no events: their alarms cannot be in this list."),
        )
    } else if unknown_rules > 0 {
        let of = format!("{} of {}", grouped(unknown_rules), counted(rules, "rule", "rules"));
        (Tone::Unknown, "Unknown", format!("Of {of} it is not known whether they bring events."))
    } else {
        (Tone::Good, "Checked", format!("{} checked.", counted(rules, "rule is", "rules are")))
    };
    view! { <p class="panel alarm-state"><Chip tone text />" "{says}" "<a href="/alarms/checks">"Show the parts"</a></p> }
}

#[component]
fn Empty(is_filtered: bool, reads_events: bool) -> impl IntoView {
    let (title, how) = if is_filtered {
        ("No alarms match.", "Remove a filter or change your search.")
    } else if reads_events {
        (
            "No open alarms.",
            "Failed rotations, deletions, reads of sensitive values and findings of GuardDuty appear here.",
        )
    } else {
        ("No alarms.", "Deploy the event rules and the queue, then set event_queue_url.")
    };
    let help = (!reads_events)
        .then(|| view! { <p><a href="/help/trail-and-events">"Trail and events"</a></p> });
    view! { <EmptyState title><p>{how}</p>{help}</EmptyState> }
}

#[component]
fn Filter(query: AlarmQuery, accounts: Vec<(String, String)>) -> impl IntoView {
    let kinds = AlarmKind::VARIANTS
        .iter()
        .map(|kind| (kind.to_string(), kind.label().to_owned()))
        .collect();
    let states = [("open", "Open"), ("closed", "Closed")];
    let states = states.map(|(value, text)| (value.to_owned(), text.to_owned())).to_vec();
    let state = if query.only_closed { "closed" } else { "open" };
    view! {
        <form method="get" action="/alarms" class="panel filter-row">
            <label>"Search"<input type="search" name="q" maxlength="200" value=query.text.clone() /></label>
            <Choice name="state" label="State" all="" options=states chosen=Some(state.to_owned()) />
            <Choice name="kind" label="Kind" all="all" options=kinds chosen=query.kinds.first().map(ToString::to_string) />
            <Choice name="account" label="Account" all="all" options=accounts chosen=query.accounts.first().map(ToString::to_string) />
            <button class="button">"Apply"</button>
        </form>
    }
}

#[component]
fn Alarm(row: AlarmRow, now: OffsetDateTime) -> impl IntoView {
    let tone = match (&row.closed, row.kind) {
        (Some(_), _) => Tone::Unknown,
        (None, AlarmKind::RotationTestFailed | AlarmKind::Deletion) => Tone::Soon,
        (None, _) => Tone::Bad,
    };
    let name = match (row.resource, &row.name) {
        (Some(id), Some(name)) => {
            let href = format!("/inventory/{}", id.0);
            view! { <a href=href class="mono">{name.clone()}</a> }.into_any()
        }
        (None, Some(name)) => view! { <span class="mono">{name.clone()}</span> }.into_any(),
        (_, None) => view! { <span>"The account"</span> }.into_any(),
    };
    let account = format!("/accounts/{}", row.account);
    let times = (row.events > 1).then(|| {
        view! { <dt>"Events"</dt><dd>{grouped(row.events.into())}", the first "<Ago at=row.first_at now /></dd> }
    });
    let principal = row.principal.clone();
    let by = view! { <dt>"By"</dt><dd class="mono">{principal.unwrap_or_else(|| "not known".to_owned())}</dd> };
    let detail = row.detail.clone().map(|detail| view! { <dt>"AWS says"</dt><dd>{detail}</dd> });
    let closed = row.closed.clone().map(|closed| {
        view! { <dt>"Closed"</dt><dd><Ago at=closed.at now />{format!(" by {}. {}", closed.by.name, closed.note)}</dd> }
    });
    let needs = row.closed.is_none().then(|| view! { <p>{row.kind.needs()}</p> });
    let close = row.can_close.then(|| view! { <Close id=row.id.to_string() /> });
    view! {
        <li class="panel" id=row.id.to_string()>
            <div class="alarm-head">
                <h2><Chip tone text=row.kind.label() />" "{name}</h2>
                <p class="faint"><Ago at=row.last_at now /></p>
            </div>
            {needs}
            <dl class="facts">
                <dt>"Account, Region"</dt><dd><a href=account>{row.account_name.clone()}</a>", "<span class="mono">{row.region.to_string()}</span></dd>
                {by}
                {detail}
                {times}
                <dt>"Event"</dt><dd class="mono">{row.event.clone()}</dd>
                {closed}
            </dl>
            {close}
        </li>
    }
}

#[component]
fn Close(id: String) -> impl IntoView {
    let action = ServerAction::<CloseAlarm>::new();
    view! {
        <Menu label="Close">
            <ActionForm action attr:class="form">
                <input type="hidden" name="id" value=id />
                <label class="field">
                    <span>"What it was, and what was done"</span>
                    <textarea name="note" rows="2" maxlength="1000" required></textarea>
                </label>
                <button class="button">"Close alarm"</button>
            </ActionForm>
            <ErrorNotice value=action.value() />
        </Menu>
    }
}
