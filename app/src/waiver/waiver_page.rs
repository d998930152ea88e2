//! One exception: what it bears and why, who let it, and what may be done with it.

use super::{
    api::{MoveWaiver, load_waiver},
    words::{last_day, policy_words, state_words},
};
use crate::{
    shell::use_live,
    ui::{Ago, Chip, Fault, PageTitle, Tone, format::counted, loaded},
};
use claviger_domain::waiver::{
    Target, WaiverMove, WaiverState,
    view::{Said, WaiverPage as Shown, WaiverRow},
};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_params_map};
use time::OffsetDateTime;

#[component]
pub(crate) fn WaiverPage() -> impl IntoView {
    let live = use_live();
    let params = use_params_map();
    let id = move || params.read().get("id").unwrap_or_default();
    let action = ServerAction::<MoveWaiver>::new();
    provide_context(action);
    let version = live.version_of(id);
    let page = Resource::new(
        move || (id(), version.get(), live.version.get(), action.version().get()),
        |(id, ..)| load_waiver(id),
    );
    view! {
        {loaded(page, "Exceptions", |shown: Shown| view! { <Record shown /> }.into_any())}
        <Fault value=action.value() />
    }
}

#[component]
fn Record(shown: Shown) -> impl IntoView {
    let (row, now) = (shown.row, shown.as_of);
    let (tone, text) = state_words(row.state);
    let due = row.is_due(now).then(|| view! { <Chip tone=Tone::Bad text="Review due" /> });
    let title = policy_words(row.policy_title.as_ref());
    let decision = row.decision.clone().map(|said| {
        let word = match row.state {
            WaiverState::Denied => "Denied by",
            WaiverState::Withdrawn => "Withdrawn by",
            _ => "Approved by",
        };
        view! { <dt>{word}</dt><dd><Word said now /></dd> }
    });
    let review =
        row.review.clone().map(|said| view! { <dt>"Reviewed by"</dt><dd><Word said now /></dd> });
    let ending =
        row.ending.clone().map(|said| view! { <dt>"Ended by"</dt><dd><Word said now /></dd> });
    let next = row.review_at.map(|at| view! { <dt>"Next review"</dt><dd><Ago at now /></dd> });
    let waits = row.waits.clone().map(|waits| {
        let rest = if row.state == WaiverState::Waiting { " Not active yet." } else { "" };
        view! { <p class="notice soon" role="status">{waits.to_string()}{rest}</p> }
    });
    let (covers, reach) = match row.state {
        WaiverState::Waiting => ("Will cover", "and future ones in scope"),
        _ => ("Covers now", ""),
    };
    view! {
        <PageTitle text=title.clone() />
        <div class="head">
            <div>
                <nav class="crumbs" aria-label="Where this is"><A href="/exceptions">"Exceptions"</A></nav>
                <h1>{title}</h1>
                <p class="chips"><span class="mono">{row.id.to_string()}</span><Chip tone text />{due}</p>
            </div>
            <Moves id=row.id.to_string() moves=shown.moves />
        </div>
        {waits}
        <section class="panel">
            <h2>"Why"</h2>
            <p>{row.reason.clone()}</p>
            <dl class="facts">
                <dt>"Scope"</dt><dd><Reach row=row.clone() /></dd>
                <dt>{covers}</dt><dd>{counted(row.findings, "finding", "findings")}" "{reach}</dd>
                <dt>"Expires"</dt><dd>{last_day(row.ends_at)}</dd>
                <dt>"Owner"</dt><dd>{row.owner.name.clone()}", who asked for it "<Ago at=row.created_at now /></dd>
                {decision}
                {review}
                {ending}
                {next}
            </dl>
        </section>
    }
}

#[component]
fn Reach(row: WaiverRow) -> impl IntoView {
    let href = match &row.target {
        Target::Resource(id) => format!("/inventory/{id}"),
        Target::Account(id) => format!("/accounts/{id}"),
        Target::Ou(id) => format!("/inventory?ou={id}"),
        Target::Organization => "/inventory".to_owned(),
    };
    view! { <A href=href>{row.target_name}</A> }
}

#[component]
fn Word(said: Said, now: OffsetDateTime) -> impl IntoView {
    let note = said.note.map(|note| format!(": {note}"));
    view! { {said.by.name}{note}" "<Ago at=said.at now /> }
}

/// Each a form of its own, so that each works without scripts.
#[component]
fn Moves(id: String, moves: Vec<WaiverMove>) -> impl IntoView {
    let action = expect_context::<ServerAction<MoveWaiver>>();
    let pending = action.pending();
    let each = moves
        .into_iter()
        .map(|step| {
            let hidden = view! {
                <input type="hidden" name="id" value=id.clone() />
                <input type="hidden" name="step" value=step.to_string() />
            };
            let asked = match step {
                WaiverMove::Deny => Some(("Deny", "Deny it", true)),
                WaiverMove::End => Some(("End it", "End the exception", true)),
                WaiverMove::Review => Some(("Reviewed", "It stays", false)),
                WaiverMove::Approve | WaiverMove::Withdraw => None,
            };
            let Some((summary, text, is_grave)) = asked else {
                let (class, text) = match step {
                    WaiverMove::Approve => ("button primary", "Approve"),
                    _ => ("button", "Withdraw"),
                };
                return view! { <ActionForm action>{hidden}<button class=class disabled=pending>{text}</button></ActionForm> }
                    .into_any();
            };
            let class = if is_grave { "button danger" } else { "button" };
            view! {
                <details class="drop right">
                    <summary class=class>{summary}</summary>
                    <ActionForm action attr:class="form">
                        {hidden}
                        <label class="field">
                            <span>"Note"</span>
                            <textarea name="note" rows="2" maxlength="1000" required=is_grave></textarea>
                            <small>"Its owner reads this."</small>
                        </label>
                        <button class=class disabled=pending>{text}</button>
                    </ActionForm>
                </details>
            }
            .into_any()
        })
        .collect_view();
    view! { <div class="actions decisions">{each}</div> }
}
