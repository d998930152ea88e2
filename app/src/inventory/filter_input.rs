//! The search box that completes filters: a combobox over a plain text field, which the page's module completes
//! (`browser/module/combo.js`).

use leptos::prelude::*;

#[component]
pub(crate) fn FilterInput(
    id: &'static str,
    /// The form that it belongs to, where it does not stand in it.
    #[prop(optional)]
    form: Option<&'static str>,
    #[prop(into)] value: String,
    placeholder: &'static str,
    label: &'static str,
) -> impl IntoView {
    let list = format!("{id}-completions");
    view! {
        <div class="combo">
            <input
                id=id
                form=form
                type="text"
                name="q"
                maxlength="200"
                value=value
                placeholder=placeholder
                aria-label=label
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                role="combobox"
                aria-autocomplete="list"
                aria-controls=list.clone()
                aria-expanded="false"
            />
            <ul id=list role="listbox" aria-label="Completions" class="completions"></ul>
        </div>
    }
}
