//! What went wrong and what to do, where the fault is.

use super::own_path;
use claviger_domain::problem::{Problem, ProblemCode};
use leptos::prelude::*;

#[component]
pub(crate) fn ProblemPanel(problem: Problem) -> impl IntoView {
    let (href, label) = match problem.code {
        ProblemCode::SignInNeeded => ("/sign-in".to_owned(), "Sign in"),
        ProblemCode::NotFound => ("/inventory".to_owned(), "Go to Inventory"),
        // The same list without them, whichever it is.
        ProblemCode::InvalidInput => (own_path(), "Clear the filters"),
        ProblemCode::Forbidden | ProblemCode::Ambiguous | ProblemCode::Conflict => {
            (String::new(), "")
        }
        ProblemCode::Unavailable | ProblemCode::Internal => (String::new(), "Try again"),
    };
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
