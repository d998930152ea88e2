//! Secrets as code: the tab of one secret, and the page of a selection or a team. Links choose the format.

use super::{
    code_selection::{Refusal, Refused, code_href, refusal},
    tabs::Tab,
};
use crate::{
    ui::{
        Breadcrumb, PageHeader, PageTitle, Panel, SourceFileView, format::counted, loaded,
        own_query,
    },
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::{
    VariantArray,
    inventory::{
        code::{CodeFormat, LeftOut, view::CodeView},
        view::ResourceDetail,
    },
    problem::ProblemCode,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[component]
pub(crate) fn CodePage() -> impl IntoView {
    let query = own_query();
    let view = ArcResource::new(|| (), move |()| load_selection(query.clone()));
    loaded(view, "As code", |selected: Selected| match selected {
        Selected::Exported(shown) => view! { <Selection shown=*shown /> }.into_any(),
        Selected::Refused(refusal) => {
            view! { <PageTitle text="As code" /> <Refused refusal=*refusal /> }.into_any()
        }
    })
}

/// What a query selects.
#[derive(Debug, Clone, Serialize, Deserialize)]
enum Selected {
    Exported(Box<CodeView>),
    /// It cannot be exported as it is.
    Refused(Box<Refusal>),
}

async fn load_selection(query: String) -> Result<Selected, WireError> {
    match load(String::new(), query.clone()).await {
        Ok(shown) => Ok(Selected::Exported(Box::new(shown))),
        Err(WireError(problem)) if problem.code == ProblemCode::InvalidInput => {
            Ok(Selected::Refused(Box::new(refusal(problem, &query).await)))
        }
        Err(error) => Err(error),
    }
}

#[component]
pub(crate) fn CodeTab(shown: ResourceDetail) -> impl IntoView {
    let (id, query) = (shown.id.to_string(), own_query());
    let view = ArcResource::new(|| (), move |()| load(id.clone(), query.clone()));
    loaded(view, "Inventory", |shown: CodeView| view! { <Files shown /> }.into_any())
}

async fn load(id: String, query: String) -> Result<CodeView, WireError> {
    let (services, caller) = call()?;
    services.code_exports().as_code(&caller, &id, &query).await.map_err(wire)
}

#[component]
fn Selection(shown: CodeView) -> impl IntoView {
    let context = match &shown.only {
        Some((_, name)) => name.clone(),
        None => counted(shown.export.managed.into(), "secret", "secrets"),
    };
    view! {
        <PageTitle text="As code" />
        <PageHeader>
            <Breadcrumb><a href="/inventory">"Inventory"</a></Breadcrumb>
            <h1>"As code"</h1>
            <p class="context">{context}</p>
        </PageHeader>
        <Files shown />
    }
}

#[component]
fn Files(shown: CodeView) -> impl IntoView {
    let CodeView { query, only, export } = shown;
    // A secret's tab has an address of its own.
    let is_tab = query.filter.is_empty() && query.resources.len() == 1;
    let base = |format: CodeFormat| match &only {
        Some((id, _)) if is_tab => format!("{}?as={format}", Tab::Code.href(id)),
        _ => code_href(&query.to_url_query(format, None)),
    };
    let formats = CodeFormat::VARIANTS
        .iter()
        .map(|format| {
            let state = (*format == export.format).then_some("page");
            view! { <li><a href=base(*format) aria-current=state data-in-place="">{format.label()}</a></li> }
        })
        .collect_view();
    let files = export
        .files
        .into_iter()
        .map(|file| {
            let href =
                format!("/export/code?{}", query.to_url_query(export.format, Some(&file.name)));
            view! { <SourceFileView file href /> }
        })
        .collect_view();
    let left_out =
        (!export.left_out.is_empty()).then(|| view! { <NotManaged rows=export.left_out /> });
    view! {
        <div class="stack">
            <Panel title="Export">
                <nav class="tabs" aria-label="Format"><ul>{formats}</ul></nav>
                <p class="note">{explanation(export.format)}</p>
                {files}
            </Panel>
            {left_out}
        </div>
    }
}

/// How the files take over what is there.
const fn explanation(format: CodeFormat) -> &'static str {
    match format {
        CodeFormat::Terraform => {
            "The import blocks take over what is there. The plan must say 0 to add, 0 to destroy; look at each change before you apply it. The file has no value, and no version of a secret."
        }
        CodeFormat::CloudFormation => {
            "A change set of the type IMPORT takes over what is there, with the list in the second file. The template has no value, and CloudFormation keeps the values."
        }
        CodeFormat::Cdk => {
            "cdk import takes over what is there, with the mapping in the second file. The stack has no value, and CloudFormation keeps the values."
        }
    }
}

#[component]
fn NotManaged(rows: Vec<LeftOut>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = format!("/inventory/{}", row.id);
            view! { <li data-key=row.id.to_string()><a href=href class="mono">{row.name}</a>": "{row.reason}</li> }
        })
        .collect_view();
    view! { <Panel title="Not managed by these files"><ul class="sentences">{rows}</ul></Panel> }
}
