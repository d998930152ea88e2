//! The approver's queue, and one request to decide.

use super::{
    api::{load_grant, load_queue},
    decision::DecisionForms,
    facts::{Facts, Running},
    labels::{names, verb},
};
use crate::ui::{
    Ago, Chip, EmptyState, PageHeader, PageTitle, Tone, WaitsNote, format::who_decides, loaded,
};
use claviger_domain::{
    grants::{
        GrantStateName,
        view::{GrantDetail, GrantRow, Queue},
    },
    notifications::notice::for_minutes,
};
use leptos::prelude::*;
use leptos_router::{
    components::A,
    hooks::{use_location, use_params_map},
};
use time::OffsetDateTime;

#[component]
pub(crate) fn ApprovalsPage() -> impl IntoView {
    view! { <PageTitle text="Approvals" /> <QueueList /> }
}

#[component]
pub(crate) fn ApprovalPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let grant = Resource::new(|| (), move |()| load_grant(id.clone()));
    view! {
        <div class="beside">
            <QueueList />
            <div class="stack">
                {loaded(grant, "Approvals", |shown: GrantDetail| view! { <Decide shown /> }.into_any())}
            </div>
        </div>
    }
}

#[component]
fn QueueList() -> impl IntoView {
    let queue = Resource::new(|| (), |()| load_queue());
    loaded(queue, "Approvals", |queue: Queue| view! { <Waiting queue /> }.into_any())
}

#[component]
fn Waiting(queue: Queue) -> impl IntoView {
    let Queue { rows, as_of } = queue;
    let at_list = use_location().pathname.get_untracked() == "/approvals";
    let context = match rows.len() {
        0 => "You're all caught up.".to_owned(),
        1 => "1 request pending".to_owned(),
        more => format!("{more} requests pending, oldest first"),
    };
    let none = rows.is_empty().then(|| {
        view! {
            <EmptyState title="You're all caught up."><p>"New requests appear here."</p></EmptyState>
        }
    });
    let items = rows.into_iter().map(|row| view! { <Item row as_of /> }).collect_view();
    view! {
        <section aria-label="Pending your decision" class="queue" class:alone=at_list>
            <PageHeader><h1>"Approvals"</h1><p class="context" role="status">{context}</p></PageHeader>
            {none}
            <ul class="panel flush items">{items}</ul>
        </section>
    }
}

#[component]
fn Item(row: GrantRow, as_of: OffsetDateTime) -> impl IntoView {
    let (key, href) = (row.id.to_string(), format!("/approvals/{}", row.id));
    view! {
        <li data-key=key>
            <A href=href>
                <span><strong>{row.requester.clone()}</strong>" "<span class="faint"><Ago at=row.created_at now=as_of /></span></span>
                <span class="mono">{names(&row)}</span>
                <span class="faint">{format!("{} for {}", capital(verb(row.action)), for_minutes(row.minutes))}</span>
                <WaitsNote waits=row.waits.clone() />
            </A>
        </li>
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

#[component]
fn Decide(shown: GrantDetail) -> impl IntoView {
    let row = shown.row.clone();
    let title = format!("{} requests to {} {}", row.requester, verb(row.action), names(&row));
    let progress = format!("{} of {} approvals", row.approvals, row.approvals_needed);
    let word = row.state.word();
    let chip = if shown.may.decide {
        view! { <Chip tone=Tone::Soon text=progress /> }
    } else {
        view! { <Chip tone=super::labels::tone(word) text=word.label() /> }
    };
    let forms = if shown.may.decide {
        view! { <DecisionForms shown=shown.clone() /> }.into_any()
    } else {
        let href = format!("/access/{}", row.id);
        let waits = (word == GrantStateName::Requested)
            .then(|| view! { <p>{who_decides(&shown.approvers, "")}</p> });
        view! { <p class="faint">"No action needed from you."</p> {waits} <p><A href=href>"View grant"</A></p> }
            .into_any()
    };
    view! {
        <PageTitle text=title.clone() />
        <section class="panel">
            <p class="head-line"><span class="faint">{format!("Request {}, grant {}", row.request, row.id)}</span>{chip}</p>
            <h2 class="title">{title}</h2>
            <p class="purpose">{shown.purpose.clone()}</p>
            <Facts shown=shown.clone() />
            {forms}
        </section>
        <Running shown />
    }
}
