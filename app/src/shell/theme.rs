//! Light, dark, or as the system has it. A plain form; with JavaScript it answers at once.

use super::api::SetTheme;
use leptos::prelude::*;

#[component]
pub(crate) fn ThemeSwitch() -> impl IntoView {
    let action = ServerAction::<SetTheme>::new();
    let choice = |value: &'static str, label: &'static str| {
        view! { <button name="theme" value=value on:click=move |_| apply(value)>{label}</button> }
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

/// Shows the look before the server has answered.
fn apply(theme: &str) {
    if let Some(root) = document().document_element() {
        // The worst that can happen is that the look changes with the next page.
        let _ = if theme == "system" {
            root.remove_attribute("data-theme")
        } else {
            root.set_attribute("data-theme", theme)
        };
    }
}
