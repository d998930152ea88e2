//! The role: what it does in words, the answers of the evaluator, its exports, and how a task definition gets it.

use super::analyzer::AnalyzerPanel;
use crate::ui::{Chip, Copy, Panel, Source, SourceFileView, Tone, data_href, format::absolute};
use claviger_domain::{
    VariantArray,
    code::SourceFile,
    consumers::{
        RoleExport, RoleForm,
        view::{NameCheck, RoleAnswer, RoleCheck, RoleView},
    },
    ids::ResourceId,
    inventory::entitlement::Answer,
};
use leptos::prelude::*;

/// `id` is the secret or parameter of the address.
#[component]
pub(super) fn RoleResult(
    role: RoleView,
    id: ResourceId,
    form: RoleForm,
    action: String,
) -> impl IntoView {
    let name_note = match &role.name_check {
        NameCheck::FreeAt(at) => format!(
            "No role of this name was in this account when its IAM was last read: {}.",
            absolute(*at)
        ),
        NameCheck::Taken => "This name is taken: see the plan above.".to_owned(),
        NameCheck::Unknown(why) => {
            format!("Whether the name is taken is unknown: {why}.")
        }
    };
    let title = format!("Role {}", role.name);
    let conclusion = conclusion(role.is_exact(), role.by_tag.as_ref());
    let (checks, answers) = (role.checks, role.answers);
    let task_definition =
        role.task_definition.map(|commands| view! { <TaskDefinition commands /> });
    view! {
        <Panel title=title>
            <p class="note">{name_note}</p>
            <Sentences title="What it may do" said=role.permissions />
            <Sentences title="Who assumes it" said=role.trust />
            <Sentences title="Conditions and their traps" said=role.conditions />
            <Sentences title="Consider" said=role.warnings />
        </Panel>
        <Evaluation conclusion checks answers />
        <AnalyzerPanel id form=form.clone() />
        <Exports files=role.files form action />
        {task_definition}
    }
}

#[component]
fn Sentences(title: &'static str, said: Vec<String>) -> impl IntoView {
    let rows = said.iter().cloned().map(|one| view! { <li>{one}</li> }).collect_view();
    (!said.is_empty()).then(|| view! { <h3>{title}</h3><ul class="sentences">{rows}</ul> })
}

/// What the requests say of the whole role. One that reads by a tag reads more than what is selected, so it is never good.
fn conclusion(is_exact: Option<bool>, by_tag: Option<&(String, String)>) -> (Tone, String) {
    let Some((key, value)) = by_tag else {
        let (tone, answer) = match is_exact {
            Some(true) => (Tone::Good, "yes"),
            Some(false) => (Tone::Bad, "no"),
            None => (Tone::Unknown, "unknown"),
        };
        return (tone, format!("Reads exactly what is selected: {answer}"));
    };
    match is_exact {
        Some(true) => (
            Tone::Soon,
            format!("Reads everything with the tag {key}={value}, also what gets it later"),
        ),
        Some(false) => (Tone::Bad, format!("Reads exactly what has the tag {key}={value}: no")),
        None => (Tone::Unknown, format!("Reads exactly what has the tag {key}={value}: unknown")),
    }
}

/// What the evaluator says of it.
#[component]
fn Evaluation(
    conclusion: (Tone, String),
    checks: Vec<RoleCheck>,
    answers: Vec<RoleAnswer>,
) -> impl IntoView {
    let (tone, text) = conclusion;
    let rows = checks
        .into_iter()
        .map(|check| {
            let (tone, text) = match (check.is_allowed, check.is_as_expected()) {
                (None, _) => (Tone::Unknown, "Unknown"),
                (Some(true), Some(true)) => (Tone::Good, "Allowed"),
                (Some(false), Some(true)) => (Tone::Good, "Denied"),
                (Some(true), _) => (Tone::Bad, "Allowed, should be denied"),
                (Some(false), _) => (Tone::Bad, "Denied, should be allowed"),
            };
            view! { <li><Chip tone text />" "{check.question}</li> }
        })
        .collect_view();
    let in_account = (!answers.is_empty()).then(|| {
        let rows = answers.into_iter().map(|one| view! { <AccountAnswer one /> }).collect_view();
        view! {
            <h3>"In this account, as it was last read"</h3>
            <p class="note">"With the resource policy, the key policy, SCPs and RCPs."</p>
            <ul class="sentences">{rows}</ul>
        }
    });
    view! {
        <Panel title="Evaluation">
            <p><Chip tone text /></p>
            <p class="note">
                "Claviger evaluated the permission policy with requests that meet each condition, and with requests that miss one. AWS was not asked."
            </p>
            <details><summary>"Show each request"</summary><ul class="sentences">{rows}</ul></details>
            {in_account}
        </Panel>
    }
}

#[component]
fn AccountAnswer(one: RoleAnswer) -> impl IntoView {
    let (tone, text) = match one.answer {
        Answer::Can => (Tone::Good, "Can read"),
        Answer::Conditional => (Tone::Good, "Can read under conditions"),
        Answer::Unknown => (Tone::Unknown, "Unknown"),
        Answer::Cannot => (Tone::Bad, "Can't read"),
    };
    let why = (!one.why.is_empty()).then(|| format!(": {}", one.why.join("; ")));
    view! { <li><Chip tone text />" "<span class="mono">{one.name}</span>{why}</li> }
}

/// One export at a time; each is a link that keeps the form.
#[component]
fn Exports(files: Vec<SourceFile>, form: RoleForm, action: String) -> impl IntoView {
    let current = form.export();
    let tabs = RoleExport::VARIANTS
        .iter()
        .map(|format| {
            let form = RoleForm { export: format.to_string(), ..form.role_alone() };
            let href = format!("{action}?{}", form.to_url_query());
            let state = (*format == current).then_some("page");
            view! { <li><a href=href aria-current=state data-in-place="">{format.label()}</a></li> }
        })
        .collect_view();
    let files = files
        .into_iter()
        .map(|file| view! { <SourceFileView href=data_href(&file.text) file /> })
        .collect_view();
    view! {
        <Panel title="Export">
            <nav class="tabs" aria-label="Export"><ul>{tabs}</ul></nav>
            {files}
        </Panel>
    }
}

/// What no plan does: a person runs it.
#[component]
fn TaskDefinition(commands: String) -> impl IntoView {
    view! {
        <Panel title="Task definition">
            <p>
                "A plan changes no task definition. When the role exists, these commands register the newest revision of the family FAMILY with it, and deploy it to a service. They need jq. Replace FAMILY, CLUSTER and SERVICE."
            </p>
            <ul class="sentences">
                <li>"Tasks lose what their old role allows. An execution role also has to pull images and write logs."</li>
                <li>
                    "The values of variables are neither printed nor written to a file. While the first command runs, other users of the same machine can see them in its arguments."
                </li>
                <li>"If Terraform, CloudFormation or the CDK manages the task definition, name the role there instead."</li>
            </ul>
            <p class="actions"><Copy text=commands.clone() label="Copy" /></p>
            <Source label="Commands for a task definition" text=commands />
        </Panel>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_by_tag_is_never_said_to_read_exactly_what_is_selected() {
        let tag = ("owner".to_owned(), "payments".to_owned());
        for is_exact in [Some(true), Some(false), None] {
            let (tone, text) = conclusion(is_exact, Some(&tag));
            assert!(!matches!(tone, Tone::Good), "{text}");
            assert!(
                text.contains("the tag owner=payments") && !text.contains("selected"),
                "{text}"
            );
        }
        let (tone, text) = conclusion(Some(true), None);
        assert!(matches!(tone, Tone::Good));
        assert_eq!(text, "Reads exactly what is selected: yes");
    }
}
