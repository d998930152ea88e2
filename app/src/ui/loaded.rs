//! The frame around what a page loads: waiting, the thing itself, or what went wrong.

use crate::{
    ui::{PageTitle, ProblemPanel},
    wire::WireError,
};
use leptos::{prelude::*, reactive::computed::ScopedFuture};

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
        <Transition fallback=|| view! { <p class="loading" role="status">"Loading…"</p> }>
            {move || Suspend::new(async move {
                match resource.await {
                    Ok(loaded) => show(loaded),
                    Err(error) => view! { <PageTitle text=title /> <ProblemPanel problem=error.0 /> }.into_any(),
                }
            })}
        </Transition>
    }
    .into_any()
}

/// As `loaded`, for pages that are told of changes while somebody uses them: what is loaded later arrives in the
/// signal, and only what reads a changed part of it is made again. What is open, typed or focused stays.
pub(crate) fn loaded_live<T>(
    resource: Resource<Result<T, WireError>>,
    title: &'static str,
    show: fn(Signal<T>) -> AnyView,
) -> AnyView
where
    T: Clone + PartialEq + Send + Sync + 'static,
{
    let content = move || {
        let problem = Memo::new(move |_| resource.get().and_then(Result::err));
        move || {
            problem.track();
            // Followed by the signal below and not from here, which would replace everything.
            let first = ScopedFuture::new_untracked(async move { resource.await });
            Suspend::new(async move {
                match first.await {
                    Ok(first) => {
                        let latest = Memo::new(move |last: Option<&T>| {
                            let loaded = resource.get().and_then(Result::ok);
                            loaded.unwrap_or_else(|| last.unwrap_or(&first).clone())
                        });
                        show(latest.into())
                    }
                    Err(error) => {
                        view! { <PageTitle text=title /> <ProblemPanel problem=error.0 /> }
                            .into_any()
                    }
                }
            })
        }
    };
    view! {
        <Transition fallback=|| view! { <p class="loading" role="status">"Loading…"</p> }>
            {content()}
        </Transition>
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
