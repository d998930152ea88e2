//! The frame around what a page loads: the thing itself, or what went wrong.

use crate::{
    ui::{PageTitle, ProblemPanel},
    wire::WireError,
};
use leptos::prelude::*;

/// Shows what was read as soon as it is there. A `Resource` would end with its page's owner: on another thread, what still
/// waits for it then panics. An `ArcResource` lives as long as it is waited for.
pub(crate) fn once_read<T, S>(resource: ArcResource<T>, show: S) -> AnyView
where
    T: Clone + Send + Sync + 'static,
    S: Fn(T) -> AnyView + Clone + Send + Sync + 'static,
{
    view! {
        <Suspense>
            {move || {
                let (resource, show) = (resource.clone(), show.clone());
                Suspend::new(async move { show(resource.await) })
            }}
        </Suspense>
    }
    .into_any()
}

/// Shows what was loaded; on a fault the problem, under the page's own title.
pub(crate) fn loaded<T>(
    resource: ArcResource<Result<T, WireError>>,
    title: &'static str,
    show: fn(T) -> AnyView,
) -> AnyView
where
    T: Clone + Send + Sync + 'static,
{
    once_read(resource, move |read| match read {
        Ok(loaded) => show(loaded),
        Err(error) => {
            view! { <PageTitle text=title /> <ProblemPanel problem=error.0 /> }.into_any()
        }
    })
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
