//! Light, dark, or as the system has it; and the time zone. A plain form; the page's module shows the choice at once.

use super::api::{SetTheme, SetZone};
use leptos::prelude::*;

#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    let action = ServerAction::<SetTheme>::new();
    let choice = |value: &'static str, label: &'static str| {
        view! { <button name="theme" value=value>{label}</button> }
    };
    view! {
        <ActionForm action>
            <div class="segments" role="group" aria-label="Theme">
                {choice("system", "System")}
                {choice("light", "Light")}
                {choice("dark", "Dark")}
            </div>
        </ActionForm>
    }
}

/// UTC, or the browser's time zone, in which the page's module then shows times.
#[component]
pub(crate) fn ZoneSwitch() -> impl IntoView {
    let action = ServerAction::<SetZone>::new();
    view! {
        <ActionForm action attr:class="needs-script">
            <div class="segments" role="group" aria-label="Time zone">
                <button name="zone" value="utc">"UTC"</button>
                <button name="zone" value="browser">"Local time"</button>
            </div>
        </ActionForm>
    }
}
