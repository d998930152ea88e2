//! The item that is open: its facts, and the forms that decide it.

use super::queue_page::{BackToList, frame, list_query};
use crate::{
    exceptions::{
        ExceptionFacts, ExceptionTransitions,
        api::load_exception,
        labels::{policy_label, state_label as exception_label},
    },
    grants::{
        DecisionForms, Facts, Review, Running,
        api::load_grant,
        labels::{names, tone, verb},
    },
    remediation::{
        PausedNote, PlanFacts, PlanTransitions, Steps, api::load_plan,
        labels::state_label as plan_label,
    },
    ui::{ArmedHint, Chip, PageTitle, Panel, Tone, format::who_decides, loaded},
};
use claviger_domain::{
    exceptions::{ExceptionTransition, view::ExceptionView},
    grants::{GrantStateName, view::GrantDetail},
    remediation::{PlanTransition, view::PlanView},
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

fn own_id() -> String {
    use_params_map().read_untracked().get("id").unwrap_or_default()
}

#[component]
pub(crate) fn OpenAccessPage() -> impl IntoView {
    let id = own_id();
    let grant = ArcResource::new(|| (), move |()| load_grant(id.clone()));
    frame(Some(loaded(grant, "Queue", |shown| view! { <OpenAccess shown /> }.into_any())))
}

#[component]
pub(crate) fn OpenReviewPage() -> impl IntoView {
    let id = own_id();
    let grant = ArcResource::new(|| (), move |()| load_grant(id.clone()));
    frame(Some(loaded(grant, "Queue", |shown| view! { <OpenReview shown /> }.into_any())))
}

#[component]
pub(crate) fn OpenPlanPage() -> impl IntoView {
    let id = own_id();
    let plan = ArcResource::new(|| (), move |()| load_plan(id.clone()));
    frame(Some(loaded(plan, "Queue", |shown| view! { <OpenPlan shown /> }.into_any())))
}

#[component]
pub(crate) fn OpenExceptionPage() -> impl IntoView {
    let id = own_id();
    let exception = ArcResource::new(|| (), move |()| load_exception(id.clone()));
    frame(Some(loaded(exception, "Queue", |shown| view! { <OpenException shown /> }.into_any())))
}

/// An open item. The page's module moves the focus to its heading (`data-open`) when it opens in place; the key keeps an
/// update from turning it into another, with what was typed.
#[component]
fn OpenItem(
    number: String,
    label: String,
    chip: AnyView,
    title: String,
    children: Children,
) -> impl IntoView {
    view! {
        <PageTitle text=title.clone() />
        <BackToList list=list_query() />
        <section class="panel" data-key=number>
            <p class="head-line"><span class="faint">{label}</span>{chip}</p>
            <h2 class="title" tabindex="-1" data-open>{title}</h2>
            {children()}
        </section>
    }
}

/// Below what has been decided, or is for others to decide.
#[component]
fn NoAction(
    href: String,
    label: &'static str,
    #[prop(into)] waits: Option<String>,
) -> impl IntoView {
    view! {
        <p class="faint">"No action needed from you."</p>
        {waits.map(|waits| view! { <p>{waits}</p> })}
        <p><a href=href>{label}</a></p>
    }
}

#[component]
fn OpenAccess(shown: GrantDetail) -> impl IntoView {
    let row = shown.row.clone();
    let title = format!("{} requests to {} {}", row.requester, verb(row.action), names(&row));
    let progress = format!("{} of {} approvals", row.approvals, row.approvals_needed);
    let word = row.state.word();
    let (chip, forms) = if shown.may.decide {
        let forms = view! { <DecisionForms shown=shown.clone() list=Some(list_query()) /> };
        (view! { <Chip tone=Tone::Soon text=progress /> }, forms.into_any())
    } else {
        let waits = (word == GrantStateName::Requested).then(|| who_decides(&shown.approvers, ""));
        let href = format!("/access/{}", row.id);
        let forms = view! { <NoAction href label="View grant" waits /> };
        (view! { <Chip tone=tone(word) text=word.label() /> }, forms.into_any())
    };
    let (purpose, facts) = (shown.purpose.clone(), view! { <Facts shown=shown.clone() /> });
    view! {
        <OpenItem
            number=row.id.to_string()
            label=format!("Request {}, grant {}", row.request, row.id)
            chip=chip.into_any()
            title
        >
            <p class="purpose">{purpose}</p>
            {facts}
            {forms}
        </OpenItem>
        <Running shown />
    }
}

#[component]
fn OpenReview(shown: GrantDetail) -> impl IntoView {
    let row = shown.row.clone();
    let title = format!(
        "{} used break-glass access to {} {}",
        row.requester,
        verb(row.action),
        names(&row)
    );
    let word = row.state.word();
    let chip = view! { <Chip tone=tone(word) text=word.label() /> }.into_any();
    let href = format!("/access/{}", row.id);
    let (purpose, facts) = (shown.purpose.clone(), view! { <Facts shown=shown.clone() /> });
    view! {
        <OpenItem number=format!("review-{}", row.id) label=format!("Grant {}", row.id) chip title>
            <p class="purpose">{purpose}</p>
            {facts}
            <p><a href=href>"See what was done with it"</a></p>
        </OpenItem>
        <Review shown list=Some(list_query()) />
    }
}

#[component]
fn OpenPlan(shown: PlanView) -> impl IntoView {
    let (row, as_of) = (shown.row.clone(), shown.as_of);
    let (tone, text) = plan_label(&row);
    let chip = view! { <Chip tone text /> }.into_any();
    let pause = shown.pause.clone().map(|pause| view! { <PausedNote pause as_of /> });
    let decisions = decisions(&shown.transitions, |step| {
        matches!(step, PlanTransition::Approve | PlanTransition::Deny)
    });
    let href = format!("/remediation/{}", row.id);
    // Who may only deny it is its author: it is another person's to decide.
    let forms = if decisions.contains(&PlanTransition::Approve) {
        view! {
            <div class="decisions">
                <PlanTransitions plan=row.id.to_string() hash=shown.hash.clone() transitions=decisions list=Some(list_query()) />
            </div>
            <ArmedHint />
        }
        .into_any()
    } else {
        view! { <NoAction href=href.clone() label="View plan" waits=None /> }.into_any()
    };
    let steps = shown.steps.clone();
    view! {
        <OpenItem number=row.id.to_string() label=format!("Plan {}", row.id) chip title=row.title.clone()>
            {pause}
            <PlanFacts shown />
            {forms}
        </OpenItem>
        <Panel title="Planned changes" class="flush"><Steps steps as_of /></Panel>
    }
}

#[component]
fn OpenException(shown: ExceptionView) -> impl IntoView {
    let row = shown.row.clone();
    let is_due = row.is_due(shown.as_of);
    let (tone, text) = exception_label(row.state);
    let chip = if is_due {
        view! { <Chip tone=Tone::Bad text="Review due" /> }.into_any()
    } else {
        view! { <Chip tone text /> }.into_any()
    };
    let title = format!(
        "{} requests an exception: {}",
        row.owner.name,
        policy_label(row.policy_title.as_ref())
    );
    let decisions = decisions(&shown.transitions, |step| match step {
        ExceptionTransition::Approve | ExceptionTransition::Deny => true,
        ExceptionTransition::Review | ExceptionTransition::End => is_due,
        ExceptionTransition::Withdraw => false,
    });
    let is_mine = decisions
        .iter()
        .any(|step| matches!(step, ExceptionTransition::Approve | ExceptionTransition::Review));
    let forms = if is_mine {
        view! {
            <div class="decisions">
                <ExceptionTransitions id=row.id.to_string() transitions=decisions list=Some(list_query()) />
            </div>
            <ArmedHint />
        }
        .into_any()
    } else {
        let (href, waits) =
            (format!("/exceptions/{}", row.id), row.waits.map(|waits| waits.to_string()));
        view! { <NoAction href label="View exception" waits /> }.into_any()
    };
    view! {
        <OpenItem number=row.id.to_string() label=format!("Exception {}", row.id) chip title>
            <ExceptionFacts shown />
            {forms}
        </OpenItem>
    }
}

/// Those of the transitions that decide.
fn decisions<T: Copy>(transitions: &[T], is_decision: impl Fn(T) -> bool) -> Vec<T> {
    transitions.iter().copied().filter(|step| is_decision(*step)).collect()
}
