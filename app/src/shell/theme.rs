//! Light, dark, or as the system has it. A plain form; the page's module shows the choice at once.

use super::api::SetTheme;
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
