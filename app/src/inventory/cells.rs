//! States as they stand in rows and heads.

use super::labels::{rotation_chip, rotation_label, rotation_warning};
use crate::ui::{Chip, Tone};
use claviger_domain::{inventory::view::Owner, rotation::RotationState};
use leptos::{either::EitherOf3, prelude::*};
use time::OffsetDateTime;

#[component]
pub(crate) fn OwnerCell(owner: Owner) -> impl IntoView {
    match owner {
        Owner::Named(name) => EitherOf3::A(name),
        Owner::Missing => EitherOf3::B(view! { <Chip tone=Tone::Bad text="No owner" /> }),
        Owner::Unknown => {
            EitherOf3::C(view! { <Chip tone=Tone::Unknown text="Tags not readable" /> })
        }
    }
}

#[component]
pub(crate) fn RotationCell(
    state: RotationState,
    now: OffsetDateTime,
    /// Whether no column head says what it is about.
    #[prop(optional)]
    alone: bool,
) -> impl IntoView {
    let title = rotation_warning(&state, now).map(|(title, _)| title);
    let chip = if alone { rotation_label(&state, now) } else { rotation_chip(&state, now) };
    match chip {
        Some((tone, text)) => view! { <span title=title><Chip tone text /></span> }.into_any(),
        None => view! { <span class="faint">"–"<span class="sr">"not applicable"</span></span> }
            .into_any(),
    }
}
