//! What the policies say of one secret: a card for each failing check, and the rest folded.

use super::{
    findings_page::EvidenceList,
    labels::{compliance_label, result_label, severity_tone},
    triage_api::SnoozeFindings,
};
use crate::{
    exceptions::{ExceptionChip, exception_href},
    remediation::plan_href,
    ui::{
        Ago, Chip, ErrorNotice, Hidden, Menu, Tone,
        format::{counted, day},
    },
};
use claviger_domain::{
    accounts::readiness::ConfigOpinion,
    compliance::{
        Category, CheckResult,
        triage::{FindingRef, snooze_days},
        view::{Check, ResourceEvaluation},
    },
    exceptions::ExceptionScope,
    ids::ResourceId,
};
use leptos::prelude::*;
use time::{Duration, OffsetDateTime};

/// What stands above the checks of rotation, if the rotation fails: a title and a sentence.
type RotationWarning = Option<(String, String)>;

#[component]
pub(crate) fn Checks(shown: ResourceEvaluation, mut warning: RotationWarning) -> impl IntoView {
    let now = shown.as_of;
    let may = May {
        fix: shown.can_remediate.then_some(shown.resource),
        exception: shown.can_request_exception.then_some(shown.resource),
        triage: shown.can_triage.then_some(shown.resource),
    };
    let of = |result: CheckResult, is_excepted: bool| -> Vec<Check> {
        let is_it = |check: &&Check| {
            check.outcome.verdict == result && check.exception.is_some() == is_excepted
        };
        shown.checks.iter().filter(is_it).cloned().collect()
    };
    let (failing, unknown) = (of(CheckResult::Fail, false), of(CheckResult::Unknown, false));
    let folded = [
        ("excepted", [of(CheckResult::Fail, true), of(CheckResult::Unknown, true)].concat()),
        ("passing", [of(CheckResult::Pass, false), of(CheckResult::Pass, true)].concat()),
        ("not applicable", of(CheckResult::NotApplicable, false)),
    ];
    let none = shown
        .checks
        .is_empty()
        .then(|| view! { <p class="faint">"No enabled policy applies."</p> });
    let cards = failing
        .into_iter()
        .map(|check| {
            let said = (check.category == Category::Rotation).then(|| warning.take()).flatten();
            view! { <FailingCard check now may warning=said /> }
        })
        .collect_view();
    let alone = warning.map(|(title, text)| {
        view! { <section class="panel notice bad"><h2>{title}</h2><p>{text}</p></section> }
    });
    let has_others = none.is_some()
        || shown.config_gap.is_some()
        || folded.iter().any(|(_, checks)| !checks.is_empty());
    let folded = folded
        .into_iter()
        .filter(|(_, checks)| !checks.is_empty())
        .map(|(word, checks)| view! { <Folded word checks now /> })
        .collect_view();
    let gap = shown.config_gap.map(|gap| view! { <p class="faint">{gap}</p> });
    view! {
        {alone}
        <ul class="checks cards">{cards}</ul>
        {(!unknown.is_empty()).then(|| view! { <UnknownCard checks=unknown now /> })}
        {has_others.then(|| view! {
            <section class="panel others" aria-label="Other checks">{none}{folded}{gap}</section>
        })}
    }
}

/// What the caller may do about this resource, where they may.
#[derive(Clone, Copy, Default)]
struct May {
    fix: Option<ResourceId>,
    exception: Option<ResourceId>,
    triage: Option<ResourceId>,
}

/// A check that fails, in plain words, with what can be done about it.
#[component]
fn FailingCard(
    check: Check,
    now: OffsetDateTime,
    may: May,
    warning: RotationWarning,
) -> impl IntoView {
    let href = format!("/policies/{}", check.policy);
    let says = check.outcome.says.trim_end_matches('.').to_owned();
    let (heading, text) = match warning {
        Some((title, text)) => (title, Some(text)),
        None => (says, None),
    };
    let overdue = check
        .due_at
        .filter(|at| *at < now)
        .map(|_| view! { " " <Chip tone=Tone::Bad text="Overdue" /> });
    let since = check
        .opened_at
        .map(|at| view! { <span class="faint">", failing since "<Ago at=at now /></span> });
    let opinions =
        check.config.into_iter().map(|opinion| view! { <Opinion opinion now /> }).collect_view();
    let snoozed = check.triage.snoozed_until.map(|until| {
        let text = format!("Snoozed until {}", day(until.date()));
        view! { " " <Chip tone=Tone::Unknown text /> }
    });
    let tone = severity_tone(check.severity);
    view! {
        <li class=format!("panel card {}", tone.class())>
            <div class="card-head">
                <h2>{heading}</h2>
                <Actions policy=check.policy.clone() may now />
            </div>
            {text.map(|text| view! { <p>{text}</p> })}
            <p>
                <Chip tone=Tone::Bad text="Failing" />" "<Chip tone text=check.severity.to_string() />{overdue}{snoozed}" "
                <a href=href>{check.title}</a>{since}
            </p>
            <EvidenceList evidence=check.outcome.evidence />
            {opinions}
        </li>
    }
}

/// What can be done about a failing check: a link or button each.
#[component]
fn Actions(policy: String, may: May, now: OffsetDateTime) -> impl IntoView {
    let fix = may.fix.map(|id| {
        let of = format!("resource={id}&policy={policy}");
        view! { <a href=plan_href(&of, None) class="button small">"Fix"</a> }
    });
    let exception = may.exception.map(|id| {
        let href = exception_href(&policy, &ExceptionScope::Resource(id));
        view! { <a href=href class="button small">"Request exception"</a> }
    });
    let snooze =
        may.triage.map(|resource| view! { <Snooze finding=FindingRef { resource, policy } now /> });
    view! { <div class="check-actions">{fix}{exception}{snooze}</div> }
}

/// Takes a finding off the list of findings until a day.
#[component]
fn Snooze(finding: FindingRef, now: OffsetDateTime) -> impl IntoView {
    let action = ServerAction::<SnoozeFindings>::new();
    let (first, last) = snooze_days(now);
    let week = first.saturating_add(Duration::days(6));
    let back = format!("/inventory/{}", finding.resource);
    view! {
        <Menu label="Snooze" class="right" button="button small">
            <ActionForm action attr:class="form">
                <Hidden name="of" value=format!("finding={finding}") />
                <Hidden name="back" value=back />
                <label class="field">
                    <span>"Snooze until"</span>
                    <input type="date" name="until" required min=first.to_string() max=last.to_string() value=week.to_string() />
                    <small>{format!("In UTC, at the latest {}.", day(last))}</small>
                </label>
                <button class="button primary">"Snooze"</button>
                <ErrorNotice value=action.value() />
            </ActionForm>
        </Menu>
    }
}

/// Checks that could not be evaluated, and why.
#[component]
fn UnknownCard(checks: Vec<Check>, now: OffsetDateTime) -> impl IntoView {
    let many = counted(checks.len().try_into().unwrap_or(u64::MAX), "check", "checks");
    let rows = checks.into_iter().map(|check| view! { <Row check now /> }).collect_view();
    view! {
        <section class="panel unknown-checks">
            <h2>{format!("{many} could not be evaluated")}</h2>
            <ul class="checks">{rows}</ul>
        </section>
    }
}

/// Checks about which there is nothing to do.
#[component]
fn Folded(word: &'static str, checks: Vec<Check>, now: OffsetDateTime) -> impl IntoView {
    let many = checks.len();
    let summary = match (word, many) {
        ("passing", 1) => "1 check passes".to_owned(),
        ("passing", _) => format!("{many} checks pass"),
        _ => format!("{many} {word}"),
    };
    let rows = checks.into_iter().map(|check| view! { <Row check now /> }).collect_view();
    view! {
        <details class="behind">
            <summary>{summary}</summary>
            <ul class="checks">{rows}</ul>
        </details>
    }
}

#[component]
fn Row(check: Check, now: OffsetDateTime) -> impl IntoView {
    let href = format!("/policies/{}", check.policy);
    let (tone, text) = result_label(check.outcome.verdict);
    let exception = check.exception.map(|exception| view! { " "<ExceptionChip exception /> });
    let opinions =
        check.config.into_iter().map(|opinion| view! { <Opinion opinion now /> }).collect_view();
    view! {
        <li>
            <p><Chip tone text />" "<a href=href>{check.title}</a>{exception}</p>
            <p>{check.outcome.says}</p>
            <EvidenceList evidence=check.outcome.evidence />
            {opinions}
        </li>
    }
}

/// What AWS Config says of the same, and why it may say otherwise.
#[component]
fn Opinion(opinion: ConfigOpinion, now: OffsetDateTime) -> impl IntoView {
    let (tone, word) = compliance_label(opinion.compliance);
    let when = opinion.recorded_at.map(|at| view! { ", "<Ago at now /> });
    let differs = opinion.differs.map(|why| view! { <br />{why} });
    view! {
        <p class="opinion">
            "AWS Config: "<Chip tone text=word />" "<span class="mono faint">{opinion.rule}</span>
            <span class="faint">{when}</span>{differs}
        </p>
    }
}
