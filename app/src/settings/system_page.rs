//! System health: what is known about the installation.

use super::{
    api::load_system,
    frame::{SettingGroups, SettingsFrame},
};
use crate::ui::{Chip, DataTable, Heading, Tone, loaded};
use claviger_domain::settings::system::{HealthFact, HealthState, SystemView};
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn SystemPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_system());
    loaded(page, "Settings", |shown: SystemView| view! { <System shown /> }.into_any())
}

#[component]
fn System(shown: SystemView) -> impl IntoView {
    let worst = |state| shown.facts.iter().filter(|fact| fact.state == state).count();
    let context = match (worst(HealthState::Bad), worst(HealthState::Warning)) {
        (0, 0) => "No problems found.".to_owned(),
        (0, warnings) => format!("{warnings} to check."),
        (bad, warnings) => format!("{bad} failing, {warnings} to check."),
    };
    let rows = shown.facts.into_iter().map(|fact| view! { <Fact fact /> }).collect_view();
    view! {
        <SettingsFrame title="System health" context>
            <div class="panel flush">
                <DataTable head=["Check", "State", "Found"].map(Heading::text)>{rows}</DataTable>
            </div>
            <SettingGroups groups=shown.settings />
        </SettingsFrame>
    }
}

#[component]
fn Fact(fact: HealthFact) -> impl IntoView {
    let chip = match fact.state {
        HealthState::Good => Some((Tone::Good, "Good")),
        HealthState::Warning => Some((Tone::Soon, "Check")),
        HealthState::Bad => Some((Tone::Bad, "Failing")),
        HealthState::Unknown => Some((Tone::Unknown, "Unknown")),
        HealthState::Info => None,
    };
    let state = match chip {
        Some((tone, text)) => Either::Left(view! { <Chip tone text /> }),
        None => Either::Right(view! { <span class="faint">"For information"</span> }),
    };
    view! {
        <tr>
            <td class="name">{fact.about}</td>
            <td data-label="State">{state}</td>
            <td data-label="Found" class="wrap">{fact.found}{fact.to_do.map(|text| view! { <small>{text}</small> })}</td>
        </tr>
    }
}
