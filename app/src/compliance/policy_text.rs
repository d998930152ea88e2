//! The text of policies, as a form has it.

use crate::ui::text_area;
use leptos::prelude::*;

#[component]
pub(super) fn PolicyText(document: String) -> impl IntoView {
    view! {
        <label class="field">
            <span>"YAML"</span>
            <textarea name="document" class="mono" rows="16" spellcheck="false" autocomplete="off" required>
                {text_area(&document)}
            </textarea>
        </label>
    }
}
