//! Times on the page.

use crate::ui::format::{absolute, machine, relative};
use leptos::prelude::*;
use time::OffsetDateTime;

/// Relative, with the absolute time on hover. For lists.
#[component]
pub(crate) fn Ago(at: OffsetDateTime, now: OffsetDateTime) -> impl IntoView {
    view! { <time datetime=machine(at) title=absolute(at)>{relative(at, now)}</time> }
}

/// Relative and absolute. For records.
#[component]
pub(crate) fn Timestamp(at: OffsetDateTime, now: OffsetDateTime) -> impl IntoView {
    view! {
        <time datetime=machine(at)>{relative(at, now)} " " <span class="faint">{absolute(at)}</span></time>
    }
}
