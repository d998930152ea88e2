//! What an HTML page reads before the server sends it.

use crate::{
    ui::{PageTitle, ProblemPanel},
    wire::WireError,
};
use leptos::prelude::*;

/// Reads once and shows what was read; on an error the problem, under the page's own title. The server waits for it and
/// sends the whole page. No part of it runs in the browser, so there is nothing to react to.
pub(crate) fn read<T: Send + 'static>(
    title: &'static str,
    reading: impl Future<Output = Result<T, WireError>> + Send + 'static,
    show: impl FnOnce(T) -> AnyView + Send + 'static,
) -> AnyView {
    Suspend::new(async move {
        match reading.await {
            Ok(shown) => show(shown),
            Err(error) => {
                view! { <PageTitle text=title /> <ProblemPanel problem=error.0 /> }.into_any()
            }
        }
    })
    .into_any()
}
