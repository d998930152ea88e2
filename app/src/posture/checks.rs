//! What the policies say of one secret, and who can read it.

use super::{
    api::load_judgement,
    findings_page::EvidenceList,
    words::{compliance_words, severity_tone, standing_words, verdict_words},
};
use crate::{
    remedy::plan_href,
    shell::use_live,
    ui::{Ago, Chip, Tone, loaded},
    waiver::{BorneChip, waive_href},
};
use claviger_domain::{
    governance::{
        Verdict,
        view::{Check, Judgement, Reader, Readers},
    },
    ids::ResourceId,
    readiness::ConfigOpinion,
    waiver::Target,
};
use leptos::prelude::*;
use leptos_router::components::A;
use time::OffsetDateTime;

#[component]
pub(crate) fn Checks(id: String) -> impl IntoView {
    let live = use_live();
    let judged =
        Resource::new(move || (id.clone(), live.version.get()), |(id, _)| load_judgement(id));
    loaded(judged, "Inventory", |shown: Judgement| view! { <Shown shown /> }.into_any())
}

#[component]
fn Shown(shown: Judgement) -> impl IntoView {
    let now = shown.as_of;
    let (apply, rest): (Vec<Check>, Vec<Check>) =
        shown.checks.into_iter().partition(|check| check.outcome.verdict != Verdict::NotApplicable);
    let none =
        apply.is_empty().then(|| view! { <p class="faint">"No policy in force applies."</p> });
    let many = rest.len();
    let may = May {
        mend: shown.may_mend.then_some(shown.resource),
        waive: shown.may_waive.then_some(shown.resource),
    };
    let rows = apply.into_iter().map(|check| view! { <Row check now may /> }).collect_view();
    let rest = (many > 0).then(|| {
        let rows = rest.into_iter().map(|check| view! { <Row check now may=May::default() /> }).collect_view();
        view! { <details class="behind"><summary>{format!("{many} do not apply")}</summary><ul class="checks">{rows}</ul></details> }
    });
    let gap = shown.config_gap.map(|gap| view! { <p class="faint">{gap}</p> });
    view! {
        <section class="panel"><h2>"Checks"</h2>{none}<ul class="checks">{rows}</ul>{rest}{gap}</section>
        {shown.readers.map(|readers| view! { <WhoReads readers /> })}
    }
}

/// What the caller may do about this resource, where they may.
#[derive(Clone, Copy, Default)]
struct May {
    mend: Option<ResourceId>,
    waive: Option<ResourceId>,
}

#[component]
fn Row(check: Check, now: OffsetDateTime, may: May) -> impl IntoView {
    let (tone, word) = verdict_words(check.outcome.verdict);
    let href = format!("/policies/{}", check.policy);
    let severity = (check.outcome.verdict == Verdict::Fail)
        .then(|| view! { " " <Chip tone=severity_tone(check.severity) text=check.severity.to_string() /> });
    let fails = check.outcome.verdict == Verdict::Fail && check.waiver.is_none();
    let mend = may.mend.filter(|_| fails).map(|id| {
        let of = format!("resource={id}&policy={}", check.policy);
        view! { <A href=plan_href(&of, None)>"Plan a fix"</A> }
    });
    let waive = may.waive.filter(|_| fails).map(|id| {
        view! { <A href=waive_href(&check.policy, &Target::Resource(id))>"Request exception"</A> }
    });
    let deeds =
        (mend.is_some() || waive.is_some()).then(|| view! { <p class="deeds">{mend}{waive}</p> });
    let borne = check.waiver.clone().map(|borne| view! { " "<BorneChip borne /> });
    let since =
        check.opened_at.map(|at| view! { <span class="faint">" since "<Ago at now /></span> });
    let due = check
        .due_at
        .filter(|at| *at < now && check.waiver.is_none())
        .map(|_| view! { " " <Chip tone=Tone::Bad text="Overdue" /> });
    let opinions =
        check.config.into_iter().map(|opinion| view! { <Opinion opinion now /> }).collect_view();
    view! {
        <li>
            <p><Chip tone text=word />{severity}{due}" "<A href=href>{check.title}</A>{since}{borne}</p>
            <p>{check.outcome.says}</p>
            <EvidenceList evidence=check.outcome.evidence />
            {opinions}
            {deeds}
        </li>
    }
}

/// What AWS Config says of the same, and why it may say otherwise.
#[component]
fn Opinion(opinion: ConfigOpinion, now: OffsetDateTime) -> impl IntoView {
    let (tone, word) = compliance_words(opinion.compliance);
    let when = opinion.recorded_at.map(|at| view! { ", "<Ago at now /> });
    let differs = opinion.differs.map(|why| view! { <br />{why} });
    view! {
        <p class="opinion">
            "AWS Config: "<Chip tone text=word />" "<span class="mono faint">{opinion.rule}</span>
            <span class="faint">{when}</span>{differs}
        </p>
    }
}

#[component]
fn WhoReads(readers: Readers) -> impl IntoView {
    let table = (!readers.rows.is_empty()).then(|| {
        let rows = readers.rows.iter().cloned().map(|row| view! { <ReaderRow row /> }).collect_view();
        view! {
            <div class="scrolls" tabindex="0" role="region" aria-label="Who can read it">
                <table class="plain readers">
                    <thead><tr><th scope="col">"Principal"</th><th scope="col">"Where"</th><th scope="col">"Actions"</th><th scope="col">"Conditions"</th></tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
    });
    let sentences =
        readers.rows.iter().map(|row| view! { <li>{row.sentence.clone()}</li> }).collect_view();
    let notes = readers.notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view();
    let document = readers.document.map(|text| {
        view! { <details class="behind"><summary>"The policy as AWS has it"</summary><pre class="mono source" tabindex="0">{text}</pre></details> }
    });
    view! {
        <section class="panel">
            <h2>"Who can read it, and why"</h2>
            <p>{readers.summary}</p>
            <ul class="sentences">{sentences}</ul>
            {table}
            <ul class="evidence faint">{notes}</ul>
            {document}
        </section>
    }
}

#[component]
fn ReaderRow(row: Reader) -> impl IntoView {
    let (tone, place) = standing_words(row.place);
    let conditions =
        if row.conditions.is_empty() { "none".to_owned() } else { row.conditions.join("; ") };
    view! {
        <tr>
            <td class="mono wrap">{row.principal}</td>
            <td><Chip tone text=place /></td>
            <td class="mono wrap">{row.actions.join(", ")}</td>
            <td class="wrap">{conditions}</td>
        </tr>
    }
}
