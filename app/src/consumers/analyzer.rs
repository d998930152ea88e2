//! A drafted role, checked by AWS Access Analyzer: AWS is asked only when the form is sent, and two of the checks cost money.

use crate::{
    ui::{Chip, ErrorNotice, Panel, Tone, format::absolute, once_read, own_field},
    wire::{
        TextJson, WireError,
        server::{call, is_plain_form, wire},
    },
};
use claviger_domain::{
    consumers::{
        RoleForm,
        analyzer::{
            AnalyzerAnswer, AnalyzerCheck, AnalyzerPage, AnalyzerView, CustomCheck, FindingType,
            PolicyFinding,
        },
    },
    ids::ResourceId,
};
use leptos::prelude::*;

/// Asks AWS Access Analyzer about the role of this form, and returns what it said as the page shows it: HTML. Nothing is changed.
#[server(output = TextJson, prefix = "/api", endpoint = "consumers/analyze")]
pub(crate) async fn analyze_role(
    #[server(default)] id: String,
    #[server(default)] query: String,
) -> Result<String, WireError> {
    let (services, caller) = call()?;
    let asked = services.consumer_roles().analyze(&caller, &id, &query);
    let shown = asked.await.map_err(wire)?;
    if is_plain_form() {
        // Without scripts the page is loaded again, and shows the last result.
        let page = super::role_href(shown.resource);
        leptos_axum::redirect(&format!("{page}?{}&checked=yes#analyzer", shown.query));
    }
    Ok(view! { <AnalyzerFound shown /> }.to_html())
}

/// The listed actions, and the last result, if there is one in this process.
async fn load_analyzer(id: ResourceId) -> Result<AnalyzerPage, WireError> {
    let (services, caller) = call()?;
    services.consumer_roles().analyzer_page(&caller, id).await.map_err(wire)
}

/// `id` is the secret or parameter of the address.
#[component]
pub(super) fn AnalyzerPanel(id: ResourceId, form: RoleForm) -> impl IntoView {
    let query = form.role_alone().to_url_query();
    let page = ArcResource::new(|| (), move |()| load_analyzer(id));
    once_read(page, move |read| {
        let query = query.clone();
        let AnalyzerPage { not_granted, last } = read.unwrap_or_default();
        // Of another role it says nothing about this one.
        let last = last.filter(|last| last.query == query);
        view! { <AnalyzerForm id query not_granted last /> }.into_any()
    })
}

#[component]
fn AnalyzerForm(
    id: ResourceId,
    query: String,
    not_granted: Vec<String>,
    last: Option<AnalyzerView>,
) -> impl IntoView {
    let action = ServerAction::<AnalyzeRole>::new();
    let is_lost = last.is_none() && own_field("checked").is_some();
    let note = is_lost.then(|| {
        view! { <p class="notice unknown">"The result is no longer here. Check again."</p> }
    });
    let found = last.map(|shown| view! { <AnalyzerFound shown /> });
    view! {
        <Panel title="AWS Access Analyzer">
            <p class="note">
                "Sends both documents to AWS, in the role's account, and changes nothing. AWS validates them free of charge, and charges the account for two custom policy checks ($0.0020 each): whether the trust policy is public, and whether the permission policy grants an action of the list below."
            </p>
            <ListedActions not_granted />
            <ActionForm action attr:id="analyzer">
                <input type="hidden" name="id" value=id.to_string() />
                <input type="hidden" name="query" value=query />
                // The page's module shows the result below.
                <p class="actions">
                    <button class="button" data-into="analyzer-result">"Check with AWS Access Analyzer"</button>
                </p>
            </ActionForm>
            <ErrorNotice value=action.value() />
            {note}
            <div id="analyzer-result" aria-live="polite">{found}</div>
        </Panel>
    }
}

/// What AWS is asked about the permission policy.
#[component]
fn ListedActions(not_granted: Vec<String>) -> impl IntoView {
    (!not_granted.is_empty()).then(|| {
        let rows = not_granted
            .into_iter()
            .map(|action| view! { <li class="mono wrap">{action}</li> })
            .collect_view();
        view! {
            <details class="behind">
                <summary>"Listed actions"</summary>
                <ul>{rows}</ul>
            </details>
        }
    })
}

#[component]
fn AnalyzerFound(shown: AnalyzerView) -> impl IntoView {
    let (tone, said) = match shown.is_good() {
        Some(true) => (Tone::Good, "AWS Access Analyzer found nothing to correct."),
        Some(false) => (Tone::Bad, "AWS Access Analyzer found something to correct."),
        None => (Tone::Unknown, "Unknown: AWS Access Analyzer did not answer every check."),
    };
    let asked = format!(
        " Role {}, checked in account {}, {}, {}.",
        shown.role,
        shown.account,
        shown.region,
        absolute(shown.as_of)
    );
    let rows = shown.checks.into_iter().map(|check| view! { <CheckRow check /> }).collect_view();
    view! {
        <div class=format!("notice {}", tone.class())>
            <p><strong>{said}</strong>{asked}</p>
        </div>
        <ul class="checks">{rows}</ul>
    }
}

#[component]
fn CheckRow(check: AnalyzerCheck) -> impl IntoView {
    let AnalyzerCheck { question, answer } = check;
    let is_good = answer.is_good();
    let (word, details): (&'static str, Vec<AnyView>) = match answer {
        AnalyzerAnswer::Findings(found) if found.is_empty() => ("No findings", Vec::new()),
        AnalyzerAnswer::Findings(found) => {
            let rows = found.into_iter().map(|one| view! { <FindingRow one /> }.into_any());
            ("Findings", rows.collect())
        }
        AnalyzerAnswer::Check(CustomCheck::Passed) => ("Passes", Vec::new()),
        AnalyzerAnswer::Check(CustomCheck::Failed(reasons)) => {
            let rows =
                reasons.into_iter().map(|one| view! { <p class="wrap">{one}</p> }.into_any());
            ("Fails", rows.collect())
        }
        AnalyzerAnswer::Unknown(why) => {
            ("Unknown", vec![view! { <p class="wrap">{why}</p> }.into_any()])
        }
    };
    let tone = match is_good {
        Some(true) => Tone::Good,
        Some(false) => Tone::Bad,
        None => Tone::Unknown,
    };
    view! {
        <li data-check=question.to_string()>
            <p><Chip tone text=word />" "<strong>{question.label()}</strong>" "<small class="mono">{question.operation()}</small></p>
            {details}
        </li>
    }
}

#[component]
fn FindingRow(one: PolicyFinding) -> impl IntoView {
    let PolicyFinding { finding_type, code, message, link } = one;
    let tone = match finding_type {
        FindingType::Error | FindingType::SecurityWarning => Tone::Bad,
        FindingType::Warning | FindingType::Suggestion => Tone::Soon,
    };
    let about = format!(" about {code}");
    let link = link.map(|href| {
        view! { " "<a href=href rel="noreferrer">"Learn more"<span class="sr">{about}</span></a> }
    });
    view! {
        <p class="wrap">
            <Chip tone text=finding_type.label() />" "<span class="mono">{code}</span>": "{message}{link}
        </p>
    }
}
