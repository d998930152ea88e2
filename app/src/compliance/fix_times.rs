//! How long fixes took, by severity.

use super::labels::severity_tone;
use crate::ui::{
    Chip,
    format::{counted, grouped},
};
use claviger_domain::compliance::history::{FIX_GROUPS, FixDistribution};
use leptos::prelude::*;

fn in_days(days: u32) -> String {
    if days == 0 { "under a day".to_owned() } else { counted(days.into(), "day", "days") }
}

/// `scope` narrows the findings that the rows lead to: a query that begins with `&`, or nothing.
#[component]
pub(super) fn FixTimes(rows: Vec<FixDistribution>, weeks: String, scope: String) -> impl IntoView {
    let total: u64 = rows.iter().map(|row| row.findings).sum();
    if total == 0 {
        return view! {
            <section class="panel fixes"><h2>"Time to fix"</h2>
                <p class="faint">{format!("No finding was fixed within {weeks} weeks.")}</p>
            </section>
        }
        .into_any();
    }
    let heads = FIX_GROUPS.map(|(_, label)| view! { <th scope="col">{label}</th> });
    let body = rows
        .into_iter()
        .map(|row| {
            let most = row.groups.iter().copied().max().unwrap_or(0).max(1);
            let href = format!("/findings?state=resolved&severity={}{scope}", row.severity);
            let cells = row
                .groups
                .iter()
                .map(|count| {
                    let high = format!("{}%", count * 100 / most);
                    let from = format!("{}%", 100 - count * 100 / most);
                    let class = if *count > 0 { "bar" } else { "bar none" };
                    let bar = (*count > 0).then(|| view! { <svg aria-hidden="true"><rect x="0" width="100%" y=from height=high rx="1" /></svg> });
                    view! { <td class=class>{bar}<span>{grouped(*count)}</span></td> }
                })
                .collect_view();
            let median = row.median_days.map_or_else(|| "–".to_owned(), in_days);
            view! {
                <tr>
                    <th scope="row"><a href=href><Chip tone=severity_tone(row.severity) text=row.severity.to_string() /></a></th>
                    {cells}
                    <td class="number">{median}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel fixes">
            <h2>"Time to fix"<small>{format!("{} in {weeks} weeks, from opening until the check passed", counted(total, "finding fixed", "findings fixed"))}</small></h2>
            <div class="scrolls" tabindex="0" role="region" aria-label="Time to fix">
                <table class="times">
                    <thead><tr><th scope="col">"Severity"</th>{heads.collect_view()}<th scope="col" class="number">"Median"</th></tr></thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}
