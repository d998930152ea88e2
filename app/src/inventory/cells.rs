//! States as they stand in rows and heads.

use super::words::{rotation_chip, rotation_warning};
use crate::ui::{Chip, Tone};
use claviger_domain::{rotation::RotationState, view::Owner};
use leptos::{either::EitherOf3, prelude::*};
use time::OffsetDateTime;

#[component]
pub(crate) fn OwnerCell(owner: Owner) -> impl IntoView {
    match owner {
        Owner::Named(name) => EitherOf3::A(name),
        Owner::Missing => EitherOf3::B(view! { <Chip tone=Tone::Bad text="No owner" /> }),
        Owner::Unknown => EitherOf3::C(view! { <Chip tone=Tone::Unknown text="Tags not read" /> }),
    }
}

#[component]
pub(crate) fn RotationCell(state: RotationState, now: OffsetDateTime) -> impl IntoView {
    let title = rotation_warning(&state, now).map(|(title, _)| title);
    match rotation_chip(&state, now) {
        Some((tone, text)) => view! { <span title=title><Chip tone text /></span> }.into_any(),
        None => view! { <span class="faint">"–"<span class="sr">"not applicable"</span></span> }
            .into_any(),
    }
}
