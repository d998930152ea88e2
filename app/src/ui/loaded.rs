//! The frame around what a page loads: the thing itself, or what went wrong.

use crate::{
    ui::{PageTitle, ProblemPanel},
    wire::WireError,
};
use leptos::prelude::*;

/// Shows what was loaded; on a fault the problem, under the page's own title.
pub(crate) fn loaded<T>(
    resource: Resource<Result<T, WireError>>,
    title: &'static str,
    show: fn(T) -> AnyView,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    view! {
        <Suspense>
            {move || Suspend::new(async move {
                match resource.await {
                    Ok(loaded) => show(loaded),
                    Err(error) => view! { <PageTitle text=title /> <ProblemPanel problem=error.0 /> }.into_any(),
                }
            })}
        </Suspense>
    }
    .into_any()
}

/// What an action answered when it could not do what was asked, where the form stands.
#[component]
pub(crate) fn ErrorNotice<T>(value: MappedSignal<Option<Result<T, WireError>>>) -> impl IntoView
where
    T: Send + Sync + 'static,
{
    move || {
        let text = value.with(|value| value.as_ref()?.as_ref().err().map(|e| e.0.to_string()));
        text.map(|text| view! { <p class="fault" role="alert">{text}</p> })
    }
}
