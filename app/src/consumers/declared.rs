//! The places of repositories that name a secret or parameter, on its Access tab.

use crate::{
    ui::{DataTable, Heading, Panel, format::absolute},
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::consumers::declared::{DeclaredOf, DeclaredRow, NamedBy};
use leptos::prelude::*;

/// Characters of a commit's hash that people read.
const SHORT_HASH: usize = 12;

pub(crate) async fn load_declared(id: String) -> Result<DeclaredOf, WireError> {
    let (services, caller) = call()?;
    services.declared_consumers().declared_of(&caller, &id).await.map_err(wire)
}

#[component]
pub(crate) fn DeclaredConsumers(shown: DeclaredOf) -> impl IntoView {
    let DeclaredOf { rows, total } = shown;
    if rows.is_empty() {
        return view! {
            <Panel title="Declared consumers">
                <p class="faint">"No repository references this. Run "<code>"clv scan --upload"</code>", or "<code>"clv scan --pipeline"</code>" in a pipeline, to report references."</p>
            </Panel>
        }
        .into_any();
    }
    let listed = u64::try_from(rows.len()).unwrap_or(total);
    let more = (listed < total)
        .then(|| view! { <p class="note">{format!("Showing {listed} of {total} locations.")}</p> });
    let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
    view! {
        <Panel title="Declared consumers" class="flush">
            <p class="note">"References from each repository's last clv scan. A match by name can also mean a resource in another account or Region."</p>
            {more}
            <div class="scrolls" tabindex="0" role="region" aria-label="Declared consumers">
                <DataTable
                    class="plain readers"
                    head=["Repository", "Location", "Named by", "Commit", "Declared", "Uploaded by"].map(Heading::text)
                >
                    {rows}
                </DataTable>
            </div>
        </Panel>
    }
    .into_any()
}

#[component]
fn Row(row: DeclaredRow) -> impl IntoView {
    let place = format!("{}:{}", row.path, row.line);
    let key = format!("{} {place}", row.repository);
    let commit: String = row.commit.chars().take(SHORT_HASH).collect();
    let by = match row.by {
        NamedBy::Arn => "ARN",
        NamedBy::Name => "Name",
    };
    let uploaded_by = if row.is_by_pipeline {
        format!("Pipeline of {}", row.repository)
    } else {
        "A person".to_owned()
    };
    view! {
        <tr data-key=key>
            <td class="wrap">{row.repository}</td>
            <td class="mono wrap">{place}</td>
            <td>{by}</td>
            <td class="mono">{commit}</td>
            <td>{absolute(row.at)}</td>
            <td class="wrap">{uploaded_by}</td>
        </tr>
    }
}
