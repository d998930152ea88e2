//! What the reader of a recipe has to know: its cache, rotations, refusals, traps and costs.

use crate::ui::{DataTable, Heading, Panel, format::grouped};
use claviger_domain::inventory::recipes::{CostTable, Recipe};
use leptos::prelude::*;

#[component]
pub(super) fn RecipeFacts(recipe: Recipe, is_secret: bool) -> impl IntoView {
    // Parameter Store does not rotate.
    let change = if is_secret { "At a rotation" } else { "When the value changes" };
    let key = recipe.json_key.map(|text| view! { <dt>"JSON key"</dt><dd>{text}</dd> });
    let traps = recipe.traps.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
    let cost = recipe.cost.map(|table| view! { <Cost table /> });
    view! {
        <Panel title="What to expect">
            <dl class="facts">
                <dt>"Cache"</dt><dd>{recipe.cache}</dd>
                <dt>{change}</dt><dd>{recipe.at_rotation}</dd>
                <dt>"If the target refuses the value"</dt><dd>{recipe.on_auth_failure}</dd>
                {key}
            </dl>
            <h3>"Traps"</h3>
            <ul class="sentences">{traps}</ul>
        </Panel>
        {cost}
    }
}

#[component]
fn Cost(table: CostTable) -> impl IntoView {
    let CostTable { setting, rows, notes } = table;
    let rows = rows
        .into_iter()
        .map(|row| {
            let dollars = row.dollars_per_month.unwrap_or_else(|| "see the price list".to_owned());
            view! {
                <tr>
                    <td class="mono">{row.interval}</td>
                    <td>{grouped(row.calls_per_month)}</td>
                    <td>{dollars}</td>
                </tr>
            }
        })
        .collect_view();
    let notes = notes.into_iter().map(|text| view! { <p class="note">{text}</p> }).collect_view();
    let title = format!("Calls and cost by {setting}");
    view! {
        <Panel title=title class="flush">
            {notes}
            <div class="scrolls" tabindex="0" role="region" aria-label="Calls and cost">
                <DataTable class="plain" head=["Interval", "Calls per month", "US dollars per month"].map(Heading::text)>
                    {rows}
                </DataTable>
            </div>
        </Panel>
    }
}
