//! A grant whole: what it is now, how to use it, what happened.

use super::{
    api::{Claim, CloseReview, GiveBack, Revoke, load_grant},
    decision::DecisionForms,
    labels::{left, meaning, names, request_href, tone, verb},
    lists::GrantTable,
    terminal::Terminal,
    timeline::Timeline,
    value::{Kept, Usable, Values},
};
use crate::{
    shell::use_live,
    ui::{
        Chip, ErrorNotice, PageTitle, Timestamp, Tone,
        format::{absolute, counted, who_decides, who_reviews},
        loaded_live, use_now,
    },
};
use claviger_domain::{
    grants::{
        GrantState, GrantStateName,
        view::{DenialView, GrantDetail},
    },
    notifications::notice::for_minutes,
};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_params_map};

#[component]
pub(crate) fn GrantPage() -> impl IntoView {
    let live = use_live();
    let params = use_params_map();
    let id = move || params.read().get("id").unwrap_or_default();
    let version = live.version_of(id);
    let grant = Resource::new(move || (id(), version.get()), |(id, _)| load_grant(id));
    Kept::provide();
    loaded_live(grant, "Access", |shown| view! { <Record shown /> }.into_any())
}

#[component]
fn Record(shown: Signal<GrantDetail>) -> impl IntoView {
    let head = move || {
        let shown = shown.get();
        view! {
            <PageTitle text=format!("{} {}", shown.row.id, shown.row.name) />
            <Head shown />
        }
    };
    let state = move || {
        let shown = shown.get();
        let decides = shown.may.decide.then(|| {
            view! { <section class="panel"><h2>"Your decision"</h2><DecisionForms shown=shown.clone() /></section> }
        });
        view! {
            <Status shown=shown.clone() />
            {shown.denial.clone().map(|denial| view! { <Denial denial /> })}
            <Review shown />
            {decides}
        }
    };
    // A value that is shown is an event of its own grant: it must not close what was just opened.
    let usable = Memo::new(move |_| shown.with(|shown| shown.may.act.then(|| Usable::of(shown))));
    let acts = move || {
        usable.get().map(|usable| {
            view! { <Values usable=usable.clone() /> <Terminal usable /> }
        })
    };
    let request = move || {
        let shown = shown.get();
        view! {
            <section class="panel">
                <h2>"Request"</h2>
                <p class="purpose">{shown.purpose.clone()}</p>
                <Facts shown />
            </section>
        }
    };
    let aside = move || {
        let shown = shown.get();
        view! { <Timeline shown=shown.clone() /> <Running shown /> }
    };
    view! {
        {head}
        <div class="columns">
            <div>{state}{acts}{request}</div>
            <div>{aside}</div>
        </div>
    }
}

#[component]
fn Head(shown: GrantDetail) -> impl IntoView {
    let row = shown.row.clone();
    let extend = shown.may.extend.then(|| {
        let ids = shown.resources.iter().map(|r| r.id);
        let href = request_href(row.action, Some(row.id), ids);
        view! { <A href=href attr:class="button">"Extend"</A> }
    });
    let claim = shown.may.claim.then(|| view! { <ClaimForm grant=row.id.to_string() /> });
    let back = shown.may.give_back.then(|| {
        let label = if shown.may.act { "End access" } else { "Withdraw" };
        view! { <GiveBackForm grant=row.id.to_string() label /> }
    });
    let revoke = shown.may.revoke.then(|| view! { <RevokeForm grant=row.id.to_string() /> });
    view! {
        <div class="head">
            <div>
                <nav class="crumbs" aria-label="Breadcrumb"><A href="/access">"My access"</A>" / "{row.id.to_string()}</nav>
                <h1 class="mono">{names(&row)}</h1>
                <p class="context">{format!("{} - {} access for {}, {}", row.requester, verb(row.action), for_minutes(row.minutes), row.account_name)}</p>
            </div>
            <div class="actions">{extend}{claim}{back}{revoke}</div>
        </div>
    }
}

#[component]
fn ClaimForm(grant: String) -> impl IntoView {
    let action = ServerAction::<Claim>::new();
    view! {
        <ActionForm action>
            <input type="hidden" name="grant" value=grant />
            <button class="button primary" disabled=action.pending()>"Start access"</button>
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
            <button class="button" disabled=action.pending()>{label}</button>
        </ActionForm>
        <ErrorNotice value=action.value() />
    }
}

#[component]
fn RevokeForm(grant: String) -> impl IntoView {
    let action = ServerAction::<Revoke>::new();
    view! {
        <details class="drop right">
            <summary class="button danger">"Revoke"</summary>
            <ActionForm action attr:class="form">
                <input type="hidden" name="grant" value=grant />
                <label class="field">
                    <span>"Reason"</span>
                    <textarea name="reason" rows="2" maxlength="1000" required></textarea>
                    <small>"Blocks new sessions and ends active AWS sessions. Other grants are not affected."</small>
                </label>
                <button class="button danger" disabled=action.pending()>"Revoke access"</button>
            </ActionForm>
            <ErrorNotice value=action.value() />
        </details>
    }
}

#[component]
fn Status(shown: GrantDetail) -> impl IntoView {
    let state = shown.row.state.clone();
    let word = state.word();
    let said = meaning(&state, shown.as_of);
    let glass =
        shown.row.break_glass.then(|| view! { " " <Chip tone=Tone::Bad text="Break-glass" /> });
    let waits = (word == GrantStateName::Requested)
        .then(|| view! { <p>{who_decides(&shown.approvers, "")}</p> });
    let clock = match state {
        GrantState::Active { since, until } => {
            let now = use_now(shown.as_of);
            let part = move || {
                let rest = (until - now.get()).as_seconds_f64().max(0.0);
                rest / (until - since).as_seconds_f64().max(1.0)
            };
            Some(view! {
                <p class="big" role="timer">{move || left(until, now.get())}</p>
                <progress max="1" value=move || format!("{:.3}", part()) aria-label="Time left"></progress>
            })
        }
        _ => None,
    };
    view! {
        <section class="panel status">
            <p><Chip tone=tone(word) text=word.label() />{glass}</p>
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

#[component]
fn Review(shown: GrantDetail) -> impl IntoView {
    let review = shown.review?;
    let now = shown.as_of;
    let grant = shown.row.id.to_string();
    Some(match (review.closed_at, shown.may.close_review) {
        (Some(at), _) => view! {
            <section class="panel notice unknown">
                <h2>"Reviewed"</h2>
                <p>{review.closed_by.unwrap_or_default()}", "<Timestamp at now /></p>
                <p>{review.note.unwrap_or_default()}</p>
            </section>
        }
        .into_any(),
        (None, true) => {
            let action = ServerAction::<CloseReview>::new();
            view! {
                <section class="panel notice bad">
                    <h2>"Break-glass access needs review"</h2>
                    <ActionForm action attr:class="form">
                        <input type="hidden" name="grant" value=grant />
                        <label class="field">
                            <span>"Findings of the review"</span>
                            <textarea name="note" rows="2" maxlength="1000" required></textarea>
                        </label>
                        <ErrorNotice value=action.value() />
                        <div class="actions"><button class="button primary" disabled=action.pending()>"Close review"</button></div>
                    </ActionForm>
                </section>
            }
            .into_any()
        }
        (None, false) => view! {
            <section class="panel notice bad">
                <h2>"Review pending"</h2>
                <p>{who_reviews(&shown.approvers)}</p>
            </section>
        }
        .into_any(),
    })
}

/// What was asked, what the session may do, who decided.
#[component]
pub(crate) fn Facts(shown: GrantDetail) -> impl IntoView {
    let steps = shown
        .steps
        .iter()
        .map(|(words, got, needed)| view! { <li>{format!("{words} ({got} of {needed})")}</li> })
        .collect_view();
    let decided = shown
        .decided
        .iter()
        .map(|d| {
            let said = d.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
            let less = d.minutes.map(|m| format!(" for {}", for_minutes(m))).unwrap_or_default();
            view! { <li>{format!("{}: {}{less}{said}, {}", d.by.name, d.verdict, absolute(d.at))}</li> }
        })
        .collect_view();
    let start = shown.starts_at.map_or_else(
        || "starts on activation".to_owned(),
        |at| format!("not before {}", absolute(at)),
    );
    let (asked, given) = shown.earlier;
    let warnings = shown
        .warnings
        .iter()
        .map(|mind| view! { <Chip tone=Tone::Soon text=mind.clone() />" " })
        .collect_view();
    let resources = shown
        .resources
        .iter()
        .map(|r| {
            let href = format!("/inventory/{}", r.id);
            let (name, region) = (r.name.clone(), r.region.to_string());
            view! { <li><A href=href attr:class="mono">{name}</A>" "<span class="faint">{region}</span></li> }
        })
        .collect_view();
    let sessions = u64::try_from(shown.policies.len()).unwrap_or(u64::MAX);
    let policies = shown
        .policies
        .into_iter()
        .map(|document| view! { <pre class="code" tabindex="0">{document}</pre> })
        .collect_view();
    view! {
        <dl class="facts">
            <dt>"Secrets"</dt><dd><ul class="plain">{resources}</ul></dd>
            {shown.ticket.map(|ticket| view! { <dt>"Ticket"</dt><dd>{ticket}</dd> })}
            <dt>"Window"</dt><dd>{format!("{}, {start}", for_minutes(shown.row.minutes))}</dd>
            {shown.extends.map(|grant| view! { <dt>"Extends"</dt><dd><A href=format!("/access/{grant}")>{grant.to_string()}</A></dd> })}
            <dt>"Permissions"</dt>
            <dd>
                {match shown.policy_problem {
                    Some(problem) => view! { <p>{problem}</p> }.into_any(),
                    None => view! {
                        <details>
                            <summary>{format!("Only {} these, in {}. See the policy", verb(shown.row.action), counted(sessions, "session", "sessions"))}</summary>
                            {policies}
                        </details>
                    }.into_any(),
                }}
            </dd>
            <dt>"Rule"</dt><dd>{shown.rule}<ul class="plain">{steps}</ul></dd>
            {(!shown.decided.is_empty()).then(|| view! { <dt>"Decisions"</dt><dd><ul class="plain">{decided}</ul></dd> })}
            <dt>"Previous requests"</dt>
            <dd>{match asked {
                0 => "None in 90 days".to_owned(),
                _ => format!("{asked} in 90 days, granted {given}"),
            }}</dd>
            {(!shown.warnings.is_empty()).then(|| view! { <dt>"Warnings"</dt><dd class="warnings">{warnings}</dd> })}
        </dl>
    }
}

/// Who else can use the same secrets right now.
#[component]
pub(crate) fn Running(shown: GrantDetail) -> impl IntoView {
    (!shown.running.is_empty()).then(|| {
        view! {
            <section class="panel flush">
                <h2>"Active on the same secrets"</h2>
                <GrantTable rows=shown.running as_of=shown.as_of people=true />
            </section>
        }
    })
}
