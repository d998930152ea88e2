//! One plan: who wants what and why, every call, and what may be done with it.

use super::{
    api::{TransitionPlan, load_plan},
    labels::{author, progress, state_label},
    plans_page::PausedNote,
    steps::Steps,
};
use crate::ui::{
    Ago, ArmedHint, Breadcrumb, Chip, ErrorNotice, Hidden, Menu, PageHeader, PageTitle, Panel,
    QueueField,
    format::{counted, who_decides},
    loaded,
};
use claviger_domain::{
    queue::QueueQuery,
    remediation::{
        PlanState, PlanTransition,
        view::{PlanView, skipped},
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn PlanPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let action = ServerAction::<TransitionPlan>::new();
    let page = ArcResource::new(|| (), move |()| load_plan(id.clone()));
    view! {
        {loaded(page, "Remediation", |shown: PlanView| view! { <Record shown /> }.into_any())}
        <ErrorNotice value=action.value() />
    }
}

#[component]
fn Record(shown: PlanView) -> impl IntoView {
    let (row, as_of) = (shown.row.clone(), shown.as_of);
    let (tone, text) = state_label(&row);
    let pause = shown.pause.clone().map(|pause| view! { <PausedNote pause as_of /> });
    let waits =
        shown.waits.clone().map(|waits| view! { <p class="notice soon" role="status">{waits}</p> });
    let calls = counted(u64::from(row.counts.all()), "call", "calls");
    let heading = if row.state == PlanState::Waiting { "Planned changes" } else { "Changes" };
    let actions = view! {
        <Transitions plan=row.id.to_string() hash=shown.hash.clone() transitions=shown.transitions.clone() />
    }
    .into_any();
    let (id, title, steps) = (row.id.to_string(), row.title.clone(), shown.steps.clone());
    view! {
        <PageTitle text=title.clone() />
        <PageHeader actions actions_class="actions decisions">
            <Breadcrumb><a href="/remediation">"Remediation"</a></Breadcrumb>
            <h1>{title}</h1>
            <p class="chips"><span class="mono">{id}</span><Chip tone text /><span class="chip plain">{calls}</span></p>
        </PageHeader>
        <ArmedHint />
        {pause}
        {waits}
        <div class="stack">
        <Panel title="Why"><PlanFacts shown /></Panel>
        <Panel title=heading class="flush"><Steps steps as_of=as_of /></Panel>
        </div>
    }
}

/// Why somebody wants the plan, who approves it, and how far its calls are.
#[component]
pub(crate) fn PlanFacts(shown: PlanView) -> impl IntoView {
    let (row, as_of) = (shown.row, shown.as_of);
    let decision = row.decision.clone().map(|decision| {
        let word = if decision.approved { "Approved by" } else { "Denied by" };
        let note = decision.note.map(|note| format!(": {note}"));
        view! { <dt>{word}</dt><dd>{decision.by.name}{note}" "<Ago at=decision.at now=as_of /></dd> }
    });
    let approval = match (row.needs_approval, row.state) {
        (true, PlanState::Waiting) => {
            Some(who_decides(&shown.approvers, "Nothing has changed yet."))
        }
        (false, _) => Some("Its policies need no approval for exactly this.".to_owned()),
        _ => None,
    };
    let approval = approval.map(|text| view! { <dt>"Approval"</dt><dd>{text}</dd> });
    let skipped = skipped(&shown.steps).len();
    let (done, failed, all) = (row.counts.done, row.counts.failed, row.counts.all());
    view! {
        <p>{row.reason.clone()}</p>
        <dl class="facts">
            <dt>"Created by"</dt><dd>{author(&row)}" "<Ago at=row.created_at now=as_of /></dd>
            {approval}
            {decision}
            <dt>"Calls"</dt>
            <dd>
                <progress max=all value=done + failed aria-label="Calls made"></progress>" "
                <span role="status">{progress(&row, skipped)}</span>
            </dd>
        </dl>
    }
}

/// Each a form of its own, so that each works without scripts. In the queue (`list`) the next item opens after one. The key
/// keeps an update from turning one that is focused into another.
#[component]
pub(crate) fn Transitions(
    plan: String,
    hash: String,
    transitions: Vec<PlanTransition>,
    #[prop(default = None)] list: Option<QueueQuery>,
) -> impl IntoView {
    let next = list.map(|_| "");
    let action = ServerAction::<TransitionPlan>::new();
    transitions
        .into_iter()
        .map(|step| {
            let hidden = view! {
                <Hidden name="plan" value=plan.clone() />
                <Hidden name="hash" value=hash.clone() />
                <Hidden name="step" value=step.to_string() />
                <QueueField list />
            };
            match step {
                PlanTransition::Deny => view! {
                    <Menu
                        label="Deny"
                        button="button danger"
                        attr:data-arm="d"
                        attr:data-hint="Type a reason. Then press Tab and Enter to deny."
                    >
                        <ActionForm action attr:class="form" attr:data-next=next>
                            {hidden}
                            <label class="field">
                                <span>"Reason"</span>
                                <textarea name="note" rows="2" maxlength="1000" required></textarea>
                                <small>"Visible to the author."</small>
                            </label>
                            <button class="button danger">"Deny"</button>
                        </ActionForm>
                    </Menu>
                }
                .into_any(),
                step => {
                    let (class, text) = match step {
                        PlanTransition::Approve => ("button primary", "Approve and run"),
                        PlanTransition::Stop => ("button danger", "Stop"),
                        PlanTransition::Resume => ("button primary", "Resume"),
                        PlanTransition::Retry => ("button", "Retry failed"),
                        PlanTransition::Withdraw | PlanTransition::Deny => ("button", "Withdraw"),
                    };
                    let (arm, hint) = (step == PlanTransition::Approve)
                        .then_some(("a", "Press Enter to approve and run the plan."))
                        .unzip();
                    view! {
                        <ActionForm action attr:data-key=step.to_string() attr:data-next=next>
                            {hidden}
                            <button class=class data-arm=arm data-hint=hint>{text}</button>
                        </ActionForm>
                    }
                    .into_any()
                }
            }
        })
        .collect_view()
}
