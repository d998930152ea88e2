//! One search for everything.

use crate::{
    inventory::FilterInput,
    ui::{Icon, Shape},
};
use leptos::prelude::*;
use leptos_router::components::Form;

#[component]
pub(crate) fn Search() -> impl IntoView {
    view! {
        <Form method="GET" action="/inventory" attr:class="search" attr:role="search">
            <Icon shape=Shape::Search />
            <FilterInput
                id="search"
                value=""
                placeholder="Search secrets and parameters"
                label="Search secrets and parameters"
            />
            <kbd aria-hidden="true">"/"</kbd>
        </Form>
    }
}
