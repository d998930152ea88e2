//! Who can read a secret or parameter, and why.

use super::{
    access_drawing::AccessDrawing,
    readers::{Group, answer_label, has_page, load_readers, principal_href, short_name, ways_of},
};
use crate::{
    consumers::{DeclaredConsumers, load_declared, role_href},
    grants::labels::verb,
    pipelines::{PipelinesEndingHere, load_into_roles},
    ui::{Chip, DataTable, Heading, Panel, Tone, format::absolute, loaded},
    wire::WireError,
};
use claviger_domain::{
    consumers::declared::DeclaredOf,
    inventory::{
        entitlement::{Answer, Entitlement, EntitlementsView, GrantedReader, Way},
        view::ResourceDetail,
    },
    pipelines::view::PipelineRow,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[component]
pub(crate) fn AccessTab(shown: ResourceDetail) -> impl IntoView {
    let role = shown.gone_at.is_none().then(|| role_href(shown.id));
    let id = shown.id.to_string();
    let readers = ArcResource::new(|| (), move |()| load(id.clone()));
    let found = loaded(readers, "Inventory", |Loaded { shown, pipelines, declared }: Loaded| {
        view! { <Readers shown pipelines declared /> }.into_any()
    });
    view! {
        {role.map(|href| {
            let lambda = format!("{href}?consumer=lambda");
            view! {
                <p class="actions above">
                    <a class="button" href=href>"Role for a consumer"</a>
                    <a class="button" href=lambda>"Role for a Lambda function"</a>
                </p>
            }
        })}
        {found}
    }
}

/// Who can read it, the pipelines whose roles can, and the places that name it.
#[derive(Clone, Serialize, Deserialize)]
struct Loaded {
    shown: EntitlementsView,
    pipelines: Vec<PipelineRow>,
    declared: DeclaredOf,
}

async fn load(id: String) -> Result<Loaded, WireError> {
    let declared = load_declared(id.clone()).await?;
    let shown = load_readers(id).await?;
    let roles = shown.rows.iter().map(|row| row.principal.clone()).collect();
    let pipelines = load_into_roles(roles).await?;
    Ok(Loaded { shown, pipelines, declared })
}

#[component]
fn Readers(
    shown: EntitlementsView,
    pipelines: Vec<PipelineRow>,
    declared: DeclaredOf,
) -> impl IntoView {
    let summary = shown.summary().sentence();
    let evaluated = match shown.cannot {
        0 => String::new(),
        1 => " 1 more principal was evaluated and cannot.".to_owned(),
        more => format!(" {more} more principals were evaluated and cannot."),
    };
    let EntitlementsView { name, rows, grants, has_all_grants, notes, iam_read_at, .. } = shown;
    let read = match iam_read_at {
        Some(at) => format!(
            "Roles and users as of the last reading of IAM in this account: {}.",
            absolute(at)
        ),
        None => {
            "Roles and users of this account are unknown: its IAM was not read yet, or could not be read."
                .to_owned()
        }
    };
    let drawing = view! {
        <AccessDrawing rows=rows.clone() grants=grants.clone() name summary=summary.clone() />
    };
    let groups = Group::ALL
        .into_iter()
        .map(|group| {
            let found: Vec<Entitlement> =
                rows.iter().filter(|row| Group::of(row) == group).cloned().collect();
            (!found.is_empty()).then(|| view! { <Table group rows=found /> })
        })
        .collect_view();
    let notes = notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view();
    view! {
        <div class="stack">
            <Panel title="Who can read it">
                <p id="readers-summary">{summary}{evaluated}</p>
                <p class="note">{read}</p>
                {drawing}
            </Panel>
            <PipelinesEndingHere rows=pipelines />
            <DeclaredConsumers shown=declared />
            <Grants grants has_all=has_all_grants />
            {groups}
            <Panel title="Not evaluated"><ul class="evidence">{notes}</ul></Panel>
        </div>
    }
}

#[component]
fn Grants(grants: Vec<GrantedReader>, has_all: bool) -> impl IntoView {
    let note = (!has_all).then(|| {
        view! { <p class="note">"Other people's grants are not shown: you don't have permission to view access in this account."</p> }
    });
    let none = if has_all { "No active grant." } else { "You have no active grant." };
    let rows = grants
        .iter()
        .map(|grant| {
            let (id, href) = (grant.grant.to_string(), format!("/access/{}", grant.grant));
            let key = id.clone();
            view! {
                <li data-key=key>
                    {grant.person.clone()}" can "{verb(grant.action)}" by grant "
                    <a href=href>{id}</a>" until "{absolute(grant.until)}
                </li>
            }
        })
        .collect_view();
    let content = if grants.is_empty() {
        view! { <p class="faint">{none}</p> }.into_any()
    } else {
        view! { <ul class="sentences">{rows}</ul> }.into_any()
    };
    view! { <section id="grants" class="panel"><h2>"Active access grants"</h2>{content}{note}</section> }
}

#[component]
fn Table(group: Group, rows: Vec<Entitlement>) -> impl IntoView {
    let count = rows.len();
    let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
    let table = view! {
        <div class="scrolls" tabindex="0" role="region" aria-label=group.title()>
            <DataTable
                class="plain readers"
                head=["Principal", "Answer", "Action", "Through", "Conditions"].map(Heading::text)
            >
                {rows}
            </DataTable>
        </div>
    };
    let note = group.note().map(|note| view! { <p class="note">{note}</p> });
    if group.is_folded() {
        return view! {
            <section class="panel flush">
                <h2>{group.title()}</h2>
                {note}
                <details class="behind"><summary>{format!("Show {count}")}</summary>{table}</details>
            </section>
        }
        .into_any();
    }
    view! { <Panel title=group.title() class="flush">{note}{table}</Panel> }.into_any()
}

/// The answer as a chip: red outside the Organization, grey where it is unknown.
#[component]
pub(crate) fn AnswerChip(row: Entitlement) -> impl IntoView {
    let text = answer_label(row.answer);
    match row.answer {
        Answer::Unknown => view! { <Chip tone=Tone::Unknown text /> }.into_any(),
        _ if row.is_outside() => {
            view! { <Chip tone=Tone::Bad text=format!("{text}, outside") /> }.into_any()
        }
        _ => view! { <span class="chip plain">{text}</span> }.into_any(),
    }
}

#[component]
fn Row(row: Entitlement) -> impl IntoView {
    let (through, conditions) = why(&row);
    let actions: Vec<String> = ways_of(&row).map(action).collect();
    let name = row.principal.clone();
    let principal = if has_page(row.kind) {
        let short = short_name(&name).to_owned();
        view! { <a href=principal_href(&name)>{short}</a><small>{name.clone()}</small> }.into_any()
    } else {
        name.into_any()
    };
    view! {
        <tr>
            <td class="mono wrap">{principal}</td>
            <td><AnswerChip row /></td>
            <td class="mono wrap">{actions.join(", ")}</td>
            <td class="wrap">{through}</td>
            <td class="wrap">{conditions}</td>
        </tr>
    }
}

/// Through what, and under which conditions, or what was not read.
pub(crate) fn why(row: &Entitlement) -> (String, String) {
    let first = ways_of(row).next();
    let (through, conditions) = first.map_or_else(Default::default, |way| {
        (way.through.join("; "), [way.conditions.clone(), way.not_read.clone()].concat())
    });
    let conditions = if conditions.is_empty() { "none".to_owned() } else { conditions.join("; ") };
    (through, conditions)
}

/// Such as `GetParametersByPath /app`.
pub(crate) fn action(way: &Way) -> String {
    let name = way.action.split(':').next_back().unwrap_or_default();
    way.path.as_ref().map_or_else(|| name.to_owned(), |path| format!("{name} {path}"))
}
