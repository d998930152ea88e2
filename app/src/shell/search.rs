//! One search for everything.

use crate::{
    inventory::FilterInput,
    ui::{Icon, Shape},
};
use leptos::prelude::*;

#[component]
pub(crate) fn Search() -> impl IntoView {
    view! {
        <form method="get" action="/inventory" class="search" role="search">
            <Icon shape=Shape::Search />
            <FilterInput
                id="search"
                value=""
                placeholder="Search secrets and parameters"
                label="Search secrets and parameters"
            />
            <kbd aria-hidden="true">"/"</kbd>
        </form>
    }
}
