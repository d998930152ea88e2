//! What went wrong and what to do, where the fault is.

use super::{own_path, own_query};
use claviger_domain::problem::{Problem, ProblemCode};
use leptos::prelude::*;

/// `way_on` is the address and the label of the link; without it, the problem's code decides.
#[component]
pub(crate) fn ProblemPanel(
    problem: Problem,
    #[prop(default = None)] way_on: Option<(String, &'static str)>,
) -> impl IntoView {
    let (href, label) = way_on.unwrap_or_else(|| usual_way_on(problem.code));
    // A full load, so that a session or a page that broke starts afresh.
    let way_on = (!label.is_empty())
        .then(|| view! { <a class="button" href=href rel="external">{label}</a> });
    view! {
        <section class="problem panel" role="alert">
            <h1>{problem.message}</h1>
            <p>{problem.hint}</p>
            {way_on}
        </section>
    }
}

fn usual_way_on(code: ProblemCode) -> (String, &'static str) {
    match code {
        ProblemCode::SignInNeeded => ("/sign-in".to_owned(), "Sign in"),
        ProblemCode::NotFound => ("/inventory".to_owned(), "Go to Inventory"),
        // The same list without them, whichever it is. Without any, it would lead to itself.
        ProblemCode::InvalidInput if own_query().is_empty() => {
            ("/inventory".to_owned(), "Go to Inventory")
        }
        ProblemCode::InvalidInput => (own_path(), "Clear the filters"),
        ProblemCode::Forbidden | ProblemCode::Ambiguous | ProblemCode::Conflict => {
            (String::new(), "")
        }
        ProblemCode::Unavailable | ProblemCode::Internal => (String::new(), "Try again"),
    }
}
