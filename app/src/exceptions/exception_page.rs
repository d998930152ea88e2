//! One exception: what it bears and why, who let it, and what may be done with it.

use super::{
    api::{TransitionException, load_exception},
    labels::{last_day, policy_label, state_label},
};
use crate::ui::{
    Ago, ArmedHint, Breadcrumb, Chip, ErrorNotice, Menu, PageHeader, PageTitle, Panel, QueueField,
    Tone, format::counted, loaded, own_field,
};
use claviger_domain::{
    exceptions::{
        ExceptionScope, ExceptionState, ExceptionTransition,
        view::{ExceptionNote, ExceptionRow, ExceptionView},
    },
    list_link::list_of,
    queue::QueueQuery,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use time::OffsetDateTime;

#[component]
pub(crate) fn ExceptionPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let action = ServerAction::<TransitionException>::new();
    let page = ArcResource::new(|| (), move |()| load_exception(id.clone()));
    view! {
        {loaded(page, "Exceptions", |shown: ExceptionView| view! { <Record shown /> }.into_any())}
        <ErrorNotice value=action.value() />
    }
}

#[component]
fn Record(shown: ExceptionView) -> impl IntoView {
    let (row, now) = (shown.row.clone(), shown.as_of);
    let (tone, text) = state_label(row.state);
    let due = row.is_due(now).then(|| view! { <Chip tone=Tone::Bad text="Review due" /> });
    let title = policy_label(row.policy_title.as_ref());
    let waits = row.waits.clone().map(|waits| {
        let rest = if row.state == ExceptionState::Waiting { " Not active yet." } else { "" };
        view! { <p class="notice soon" role="status">{waits.to_string()}{rest}</p> }
    });
    let actions =
        view! { <Transitions id=row.id.to_string() transitions=shown.transitions.clone() /> }
            .into_any();
    // The list that led here, with its filters.
    let from = own_field("from").and_then(|from| list_of(&from));
    let (list, back) = from.unwrap_or_else(|| ("Exceptions", "/exceptions".to_owned()));
    view! {
        <PageTitle text=title.clone() />
        <PageHeader actions actions_class="actions decisions">
            <Breadcrumb><a href=back>{list}</a></Breadcrumb>
            <h1>{title}</h1>
            <p class="chips"><span class="mono">{row.id.to_string()}</span><Chip tone text />{due}</p>
        </PageHeader>
        <ArmedHint />
        {waits}
        <Panel title="Why"><ExceptionFacts shown=shown.clone() /></Panel>
    }
}

/// Why somebody asks for it, what it covers and until when, and who decided.
#[component]
pub(crate) fn ExceptionFacts(shown: ExceptionView) -> impl IntoView {
    let (row, now) = (shown.row, shown.as_of);
    let decision = row.decision.clone().map(|said| {
        let word = match row.state {
            ExceptionState::Denied => "Denied by",
            ExceptionState::Withdrawn => "Withdrawn by",
            _ => "Approved by",
        };
        view! { <dt>{word}</dt><dd><Word said now /></dd> }
    });
    let review =
        row.review.clone().map(|said| view! { <dt>"Reviewed by"</dt><dd><Word said now /></dd> });
    let ending =
        row.ending.clone().map(|said| view! { <dt>"Ended by"</dt><dd><Word said now /></dd> });
    let next = row.review_at.map(|at| view! { <dt>"Next review"</dt><dd><Ago at now /></dd> });
    let left = row.days_left(now).map(|days| format!(", {} left", counted(days, "day", "days")));
    let findings = row.findings_href().map(|href| view! { " "<a href=href>"View findings"</a> });
    let (covers, reach) = match row.state {
        ExceptionState::Waiting => ("Will cover", "and future ones in scope"),
        _ => ("Covers now", ""),
    };
    view! {
        <p>{row.reason.clone()}</p>
        <dl class="facts">
            <dt>"Scope"</dt><dd><ExceptionCoverage row=row.clone() /></dd>
            <dt>{covers}</dt><dd>{counted(row.findings, "finding", "findings")}" "{reach}{findings}</dd>
            <dt>"Expires"</dt><dd>{last_day(row.ends_at)}{left}</dd>
            <dt>"Owner"</dt><dd>{row.owner.name.clone()}", requested "<Ago at=row.created_at now /></dd>
            {decision}
            {review}
            {ending}
            {next}
        </dl>
    }
}

#[component]
fn ExceptionCoverage(row: ExceptionRow) -> impl IntoView {
    let href = match &row.target {
        ExceptionScope::Resource(id) => format!("/inventory/{id}"),
        ExceptionScope::Resources(ids) => {
            let ids: Vec<String> = ids.iter().map(|id| format!("resource={id}")).collect();
            format!("/findings?{}&state=open&state=snoozed&state=waived", ids.join("&"))
        }
        ExceptionScope::Account(id) => format!("/accounts/{id}"),
        ExceptionScope::Ou(id) => format!("/inventory?ou={id}"),
        ExceptionScope::Organization => "/inventory".to_owned(),
    };
    view! { <a href=href>{row.target_name}</a> }
}

#[component]
fn Word(said: ExceptionNote, now: OffsetDateTime) -> impl IntoView {
    let note = said.note.map(|note| format!(": {note}"));
    view! { {said.by.name}{note}" "<Ago at=said.at now /> }
}

/// Each a form of its own, so that each works without scripts. In the queue (`list`) the next item opens after one. The key
/// keeps an update from turning one that is open or focused into another.
#[component]
pub(crate) fn Transitions(
    id: String,
    transitions: Vec<ExceptionTransition>,
    #[prop(default = None)] list: Option<QueueQuery>,
) -> impl IntoView {
    let next = list.map(|_| "");
    let action = ServerAction::<TransitionException>::new();
    transitions
        .into_iter()
        .map(|step| {
            let hidden = view! {
                <input type="hidden" name="id" value=id.clone() />
                <input type="hidden" name="step" value=step.to_string() />
                <QueueField list />
            };
            let (arm, hint) = match step {
                ExceptionTransition::Approve => Some(("a", "Press Enter to approve.")),
                ExceptionTransition::Review => {
                    Some(("a", "Press Tab and Enter to keep the exception."))
                }
                ExceptionTransition::Deny => {
                    Some(("d", "Type a reason. Then press Tab and Enter to deny."))
                }
                ExceptionTransition::End => {
                    Some(("d", "Type a reason. Then press Tab and Enter to end the exception."))
                }
                ExceptionTransition::Withdraw => None,
            }
            .unzip();
            let asked = match step {
                ExceptionTransition::Deny => Some(("Deny", "Deny", true)),
                ExceptionTransition::End => Some(("End exception", "End the exception", true)),
                ExceptionTransition::Review => Some(("Reviewed", "Keep exception", false)),
                ExceptionTransition::Approve | ExceptionTransition::Withdraw => None,
            };
            let Some((summary, text, is_grave)) = asked else {
                let (class, text) = match step {
                    ExceptionTransition::Approve => ("button primary", "Approve"),
                    _ => ("button", "Withdraw"),
                };
                return view! {
                    <ActionForm action attr:data-key=step.to_string() attr:data-next=next>
                        {hidden}
                        <button class=class data-arm=arm data-hint=hint>{text}</button>
                    </ActionForm>
                }
                .into_any();
            };
            let class = if is_grave { "button danger" } else { "button" };
            view! {
                <Menu
                    label=summary
                    class=if list.is_some() { "" } else { "right" }
                    button=class
                    attr:data-key=step.to_string()
                    attr:data-arm=arm
                    attr:data-hint=hint
                >
                    <ActionForm action attr:class="form" attr:data-next=next>
                        {hidden}
                        <label class="field">
                            <span>"Note"</span>
                            <textarea name="note" rows="2" maxlength="1000" required=is_grave></textarea>
                            <small>"Visible to the owner."</small>
                        </label>
                        <button class=class>{text}</button>
                    </ActionForm>
                </Menu>
            }
            .into_any()
        })
        .collect_view()
}
