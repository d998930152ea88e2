//! The compliance frameworks for which there are evidence packs.

use super::{evidence_api::load_frameworks, labels::control_result_label};
use crate::ui::{Chip, DataTable, Heading, Incomplete, ListPage, format::counted, loaded};
use claviger_domain::compliance::evidence::{EvidenceSummary, EvidenceView};
use leptos::prelude::*;

#[component]
pub(crate) fn EvidenceListPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_frameworks());
    loaded(page, "Evidence", |shown: EvidenceView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: EvidenceView) -> impl IntoView {
    let rows = shown.frameworks.into_iter().map(|row| view! { <Row row /> }).collect_view();
    view! {
        <ListPage title="Evidence" context="What the policies show of a framework's controls, for auditors">
            <Incomplete why=shown.incomplete />
            <p class="note">{MAPPING}</p>
            <div class="panel flush">
                <DataTable head=["Framework", "Controls", "Results"].map(Heading::text)>{rows}</DataTable>
            </div>
        </ListPage>
    }
}

/// What each page says about the mapping.
pub(super) const MAPPING: &str = "The mapping of rules to controls is Claviger's own and covers secrets and parameters only: a passing control is \
     evidence for a part of it, not that you comply.";

#[component]
fn Row(row: EvidenceSummary) -> impl IntoView {
    let href = format!("/evidence/{}", row.framework);
    let all: u64 = row.results.iter().map(|(_, count)| count).sum();
    let results = row
        .results
        .into_iter()
        .map(|(result, count)| {
            let (tone, text) = control_result_label(result);
            view! { <Chip tone text=format!("{count} {}", text.to_lowercase()) />" " }
        })
        .collect_view();
    view! {
        <tr>
            <td class="name"><a href=href class="row-link">{row.framework.title()}</a></td>
            <td data-label="Controls">{counted(all, "control", "controls")}</td>
            <td data-label="Results" class="wrap">{results}</td>
        </tr>
    }
}
