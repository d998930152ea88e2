//! One grant: its state, how to use it, its history.

use super::{
    api::load_grant,
    decision::DecisionForms,
    facts::{Facts, Running},
    grant_api::{Claim, CloseReview, GiveBack, Revoke},
    grant_words::meaning,
    labels::{again_href, left, names, request_href, tone, verb},
    terminal::Terminal,
    timeline::Timeline,
    value::Values,
};
use crate::ui::{
    ArmedHint, Breadcrumb, Chip, ErrorNotice, Menu, PageHeader, PageTitle, Panel, QueueField,
    Timestamp, Tone,
    format::{milliseconds, who_decides},
    loaded,
};
use claviger_domain::{
    grants::{
        GrantState, GrantStateName,
        view::{DenialView, GrantDetail},
    },
    notifications::notice::for_minutes,
    queue::QueueQuery,
    waits::who_reviews,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

#[component]
pub(crate) fn GrantPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let grant = ArcResource::new(|| (), move |()| load_grant(id.clone()));
    loaded(grant, "Access", |shown: GrantDetail| view! { <Record shown /> }.into_any())
}

#[component]
fn Record(shown: GrantDetail) -> impl IntoView {
    let decides = shown.may.decide.then(|| {
        let shown = shown.clone();
        view! { <Panel title="Your decision" class="decide"><DecisionForms shown /></Panel> }
    });
    let acts = shown
        .may
        .act
        .then(|| view! { <Values shown=shown.clone() /> <Terminal shown=shown.clone() /> });
    let (purpose, facts) = (shown.purpose.clone(), view! { <Facts shown=shown.clone() /> });
    view! {
        <PageTitle text=format!("{} {}", shown.row.id, shown.row.name) />
        <Head shown=shown.clone() />
        <div class="columns">
            <div>
                <Status shown=shown.clone() />
                {shown.denial.clone().map(|denial| view! { <Denial denial /> })}
                <Review shown=shown.clone() />
                {decides}
                {acts}
                <Panel title="Request" class="request">
                    <p class="purpose">{purpose}</p>
                    {facts}
                </Panel>
            </div>
            <div>
                <Timeline shown=shown.clone() />
                <Running shown />
            </div>
        </div>
    }
}

#[component]
fn Head(shown: GrantDetail) -> impl IntoView {
    let row = shown.row.clone();
    let extend = shown.may.extend.then(|| {
        let ids = shown.resources.iter().map(|r| r.id);
        let href = request_href(row.action, Some(row.id), ids);
        view! { <a href=href class="button">"Extend"</a> }
    });
    let again = shown.may.again.then(|| {
        view! { <a href=again_href(&shown) class="button">"Request again"</a> }
    });
    let claim = shown.may.claim.then(|| view! { <ClaimForm grant=row.id.to_string() /> });
    let back = shown.may.give_back.then(|| {
        let label = if shown.may.act { "End access" } else { "Withdraw" };
        view! { <GiveBackForm grant=row.id.to_string() label /> }
    });
    let revoke = shown.may.revoke.then(|| view! { <RevokeForm grant=row.id.to_string() /> });
    let actions = view! { {extend}{again}{claim}{back}{revoke} }.into_any();
    view! {
        <PageHeader actions>
            <Breadcrumb><a href="/access">"My access"</a>" / "{row.id.to_string()}</Breadcrumb>
            <h1 class="mono">{names(&row)}</h1>
            <p class="context">{format!("{} - {} access for {}, {}", row.requester, verb(row.action), for_minutes(row.minutes), row.account_name)}</p>
        </PageHeader>
    }
}

#[component]
fn ClaimForm(grant: String) -> impl IntoView {
    let action = ServerAction::<Claim>::new();
    view! {
        <ActionForm action>
            <input type="hidden" name="grant" value=grant />
            <button class="button primary">"Start access"</button>
        </ActionForm>
        <ErrorNotice value=action.value() />
    }
}

#[component]
fn GiveBackForm(grant: String, label: &'static str) -> impl IntoView {
    let action = ServerAction::<GiveBack>::new();
    view! {
        <ActionForm action>
            <input type="hidden" name="grant" value=grant />
            <button class="button">{label}</button>
        </ActionForm>
        <ErrorNotice value=action.value() />
    }
}

#[component]
fn RevokeForm(grant: String) -> impl IntoView {
    let action = ServerAction::<Revoke>::new();
    view! {
        <Menu label="Revoke" class="right" button="button danger">
            <ActionForm action attr:class="form">
                <input type="hidden" name="grant" value=grant />
                <label class="field">
                    <span>"Reason"</span>
                    <textarea name="reason" rows="2" maxlength="1000" required></textarea>
                    <small>"Blocks new sessions and ends active AWS sessions. Other grants are not affected."</small>
                </label>
                <button class="button danger">"Revoke access"</button>
            </ActionForm>
            <ErrorNotice value=action.value() />
        </Menu>
    }
}

#[component]
fn Status(shown: GrantDetail) -> impl IntoView {
    let state = shown.row.state.clone();
    let word = state.word();
    let label = shown.row.state_label();
    let said = meaning(&state, shown.as_of);
    let glass =
        shown.row.break_glass.then(|| view! { " " <Chip tone=Tone::Bad text="Break-glass" /> });
    let waits = (word == GrantStateName::Requested)
        .then(|| view! { <p>{who_decides(&shown.approvers, "")}</p> });
    let clock = match state {
        GrantState::Active { since, until } => {
            let rest = (until - shown.as_of).as_seconds_f64().max(0.0);
            let part = rest / (until - since).as_seconds_f64().max(1.0);
            let [from, to, now] = [since, until, shown.as_of].map(milliseconds);
            // The page's module moves both on.
            Some(view! {
                <p class="big" role="timer" data-since=from data-until=to data-now=now>{left(until, shown.as_of)}</p>
                <progress max="1" value=format!("{part:.3}") aria-label="Time left"></progress>
            })
        }
        _ => None,
    };
    view! {
        <section class="panel status">
            <p><Chip tone=tone(word) text=label />{glass}</p>
            {clock}
            <p class="faint">{said}</p>
            {waits}
        </section>
    }
}

/// How the ending of live sessions goes: confirmed, or why not.
#[component]
fn Denial(denial: DenialView) -> impl IntoView {
    let took = denial.confirmed_at.map(|at| (at - denial.asked_at).as_seconds_f32().max(0.0));
    let (tone, title, text) = match (took, denial.fault, denial.put_at) {
        (Some(took), ..) => (
            Tone::Good,
            format!("Revocation confirmed in {took:.1} s"),
            "A test call was denied; the credentials no longer work.".to_owned(),
        ),
        (None, Some(fault), _) => (Tone::Bad, "Revocation not confirmed by AWS yet".into(), fault),
        (None, None, Some(_)) => (
            Tone::Soon,
            "Deny policy applied, not confirmed by AWS yet".into(),
            "The Deny statement is in place. Policy changes can take minutes to spread.".into(),
        ),
        (None, None, None) => (
            Tone::Soon,
            "Ending active sessions".into(),
            "No new session is issued. A Deny policy for the active ones is being applied at AWS."
                .into(),
        ),
    };
    let wide = denial.wide.then(|| {
        view! { <p>"Too many grants were revoked at once for AWS's policy size limit: all older sessions of the role were ended as well. Their holders can start new ones."</p> }
    });
    view! {
        <section class=format!("panel notice {}", tone.class()) aria-live="polite">
            <h2>{title}</h2>
            <p>{text}</p>
            {wide}
        </section>
    }
}

/// The review of break-glass access: what it said, or the form that closes it.
#[component]
pub(crate) fn Review(
    shown: GrantDetail,
    #[prop(default = None)] list: Option<QueueQuery>,
) -> impl IntoView {
    let review = shown.review?;
    let next = list.map(|_| "");
    let now = shown.as_of;
    let grant = shown.row.id.to_string();
    Some(match (review.closed_at, shown.may.close_review) {
        (Some(at), _) => view! {
            <Panel title="Reviewed" class="notice unknown">
                <p>{review.closed_by.unwrap_or_default()}", "<Timestamp at now /></p>
                <p>{review.note.unwrap_or_default()}</p>
            </Panel>
        }
        .into_any(),
        (None, true) => {
            let action = ServerAction::<CloseReview>::new();
            view! {
                <Panel title="Break-glass access needs review" class="notice bad">
                    <ActionForm
                        action
                        attr:class="form"
                        attr:data-next=next
                        attr:data-arm="a"
                        attr:data-hint="Type what you found. Then press Tab and Enter to close the review."
                    >
                        <input type="hidden" name="grant" value=grant />
                        <QueueField list />
                        <label class="field">
                            <span>"Findings of the review"</span>
                            <textarea name="note" rows="2" maxlength="1000" required></textarea>
                        </label>
                        <ErrorNotice value=action.value() />
                        <div class="actions"><button class="button primary">"Close review"</button></div>
                    </ActionForm>
                    <ArmedHint />
                </Panel>
            }
            .into_any()
        }
        (None, false) => view! {
            <Panel title="Review pending" class="notice bad">
                <p>{who_reviews(&shown.approvers)}</p>
            </Panel>
        }
        .into_any(),
    })
}
