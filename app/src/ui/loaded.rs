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

/// What an action answered when it could not do what was asked, where the form stands. It is read once: a part that reads it
/// when it is rendered panics if its reader has left by then.
#[component]
pub(crate) fn ErrorNotice<T>(value: MappedSignal<Option<Result<T, WireError>>>) -> impl IntoView
where
    T: Send + Sync + 'static,
{
    let text = value.try_with_untracked(|value| {
        value.as_ref()?.as_ref().err().map(|error| error.0.to_string())
    });
    text.flatten().map(|text| view! { <p class="fault" role="alert">{text}</p> })
}

#[cfg(test)]
mod tests {
    use super::*;
    use claviger_domain::problem::Problem;

    #[test]
    fn a_notice_is_rendered_after_its_page_is_gone() {
        let owner = Owner::new();
        let (notice, gone) = owner.with(|| {
            let answer = RwSignal::new(Some(Err::<(), _>(WireError(Problem::internal()))));
            let value = || MappedSignal::new(answer, |it| it, |it| it);
            (ErrorNotice(ErrorNoticeProps { value: value() }).into_any(), value())
        });
        owner.cleanup();
        assert!(notice.to_html().contains("role=\"alert\""));
        assert!(
            !ErrorNotice(ErrorNoticeProps { value: gone }).into_any().to_html().contains("alert")
        );
    }

    #[test]
    fn no_page_reads_a_signal_while_it_is_rendered() {
        // It may be gone by then, and reading it panics. On the server an action is never pending.
        let mut folders = vec![std::path::PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let text = std::fs::read_to_string(&path).unwrap();
                    assert!(!text.contains(concat!(".pend", "ing()")), "{}", path.display());
                    files += 1;
                }
            }
        }
        assert!(files > 50, "{files}");
    }
}
