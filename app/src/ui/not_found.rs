//! Where no page is.

use crate::ui::{PageTitle, ProblemPanel};
use claviger_domain::problem::{Problem, ProblemCode};
use leptos::prelude::*;

#[component]
pub(crate) fn NotFound() -> impl IntoView {
    crate::wire::server::set_status(404);
    let problem = Problem::new(
        ProblemCode::NotFound,
        "Page not found",
        "Check the address, or go to Inventory.",
    );
    view! {
        <PageTitle text="Not found" />
        <ProblemPanel problem />
    }
}
