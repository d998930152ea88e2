//! What a dry run of policies found.

use super::labels::result_label;
use crate::ui::{
    Chip, Panel,
    format::{counted, grouped},
};
use claviger_domain::compliance::view::{DryRun, DryRunFinding};
use leptos::prelude::*;

/// What the policies would change.
#[component]
pub(crate) fn DryRunResult(run: DryRun) -> impl IntoView {
    let rows = run
        .policies
        .into_iter()
        .map(|row| {
            let id = if row.is_new { format!("{} (new)", row.id) } else { row.id };
            view! {
                <tr>
                    <th scope="row" class="mono">{id}</th>
                    <td class="number">{format!("{} → {}", grouped(row.before.fail), grouped(row.after.fail))}</td>
                    <td class="number">{format!("{} → {}", grouped(row.before.unknown), grouped(row.after.unknown))}</td>
                    <td class="number">{format!("{} → {}", grouped(row.before.pass), grouped(row.after.pass))}</td>
                </tr>
            }
        })
        .collect_view();
    let said = format!(
        "Evaluated {}: {} would open, {} would be resolved.",
        counted(run.resources, "secret and parameter", "secrets and parameters"),
        counted(run.opens_count, "finding", "findings"),
        counted(run.resolves_count, "finding", "findings"),
    );
    view! {
        <Panel title="Dry-run result">
            <p>{said}</p>
            <table class="plain">
                <thead><tr><th scope="col">"Policy"</th><th scope="col" class="number">"Failing"</th><th scope="col" class="number">"Unknown"</th><th scope="col" class="number">"Passing"</th></tr></thead>
                <tbody>{rows}</tbody>
            </table>
            <Examples title="New findings" all=run.opens_count rows=run.opens />
            <Examples title="Resolved findings" all=run.resolves_count rows=run.resolves />
        </Panel>
    }
}

#[component]
fn Examples(title: &'static str, all: u64, rows: Vec<DryRunFinding>) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let shown = u64::try_from(rows.len()).unwrap_or(u64::MAX);
    let title = if shown < all {
        format!("{title}: {} of {}", grouped(shown), grouped(all))
    } else {
        title.into()
    };
    let rows = rows
        .into_iter()
        .map(|row| {
            let (tone, text) = result_label(row.verdict);
            view! { <li><Chip tone text />" "<span class="mono">{row.name}</span>" "<span class="faint">{row.account.to_string()}", "{row.region.to_string()}</span>" "{row.says}</li> }
        })
        .collect_view();
    view! { <details class="behind"><summary>{title}</summary><ul class="examples">{rows}</ul></details> }.into_any()
}
