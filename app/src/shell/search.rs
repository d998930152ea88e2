//! One search for everything.

use crate::ui::{Icon, Shape};
use leptos::prelude::*;
use leptos_router::components::Form;

#[component]
pub(crate) fn Search() -> impl IntoView {
    view! {
        <Form method="GET" action="/inventory" attr:class="search" attr:role="search">
            <Icon shape=Shape::Search />
            <input
                id="search"
                type="search"
                name="q"
                maxlength="200"
                placeholder="Search secrets and parameters"
                aria-label="Search secrets and parameters"
                autocomplete="off"
                spellcheck="false"
            />
            <kbd aria-hidden="true">"/"</kbd>
        </Form>
    }
}
