//! The owner rules, and the schedule.

use super::{
    api::{load_owner_rules, load_schedule},
    frame::{SettingGroups, SettingsFrame},
};
use crate::ui::{
    DataTable, Heading, Panel,
    format::{counted, grouped},
    loaded,
};
use claviger_domain::settings::{OwnerRulesView, SettingGroup};
use leptos::prelude::*;

#[component]
pub(crate) fn OwnerRulesPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_owner_rules());
    loaded(page, "Settings", |shown: OwnerRulesView| view! { <OwnerRules shown /> }.into_any())
}

#[component]
fn OwnerRules(shown: OwnerRulesView) -> impl IntoView {
    let rows = (1..).zip(shown.rules).map(|(place, rule)| {
        let place: u32 = place;
        view! {
            <tr>
                <td class="number" data-label="Order">{place}</td>
                <td data-label="Applies to" class="name wrap">{rule.applies_to}</td>
                <td data-label="Team" class="wrap">{rule.team}</td>
            </tr>
        }
    });
    let owned = match shown.owned {
        None => view! { <p>"Unknown until the first scan is complete."</p> }.into_any(),
        Some((owned, total)) => {
            let missing = total.saturating_sub(owned);
            view! {
                <p>{format!("{} of {} have an owner team.", grouped(owned), counted(total, "secret or parameter", "secrets and parameters"))}</p>
                {(missing > 0).then(|| view! { <p><a href="/inventory?owner=missing">"Show those without an owner"</a></p> })}
            }
            .into_any()
        }
    };
    let default = shown.is_default.then(
        || view! { <p class="faint">"This is the default: no owner rules are configured."</p> },
    );
    let head = vec![Heading::number("Order"), Heading::text("Applies to"), Heading::text("Team")];
    view! {
        <SettingsFrame
            title="Owner rules"
            context="The first rule that names a team decides the owner. Change them under owners in the configuration file."
        >
            <div class="panel flush"><DataTable head>{rows.collect_view()}</DataTable></div>
            {default}
            <Panel title="Result">{owned}</Panel>
        </SettingsFrame>
    }
}

#[component]
pub(crate) fn SchedulePage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_schedule());
    loaded(page, "Settings", |groups: Vec<SettingGroup>| {
        view! {
            <SettingsFrame title="Schedule" context="What runs by itself, and for how long data is kept. Change it in the configuration file.">
                <SettingGroups groups />
            </SettingsFrame>
        }
        .into_any()
    })
}
