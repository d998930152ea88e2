//! How a change is shown.

use crate::ui::{Chip, Tone};
use claviger_domain::changes::{Change, ChangeKind};
use leptos::{either::EitherOf3, prelude::*};

pub(crate) fn kind_label(kind: ChangeKind) -> (Tone, &'static str) {
    match kind {
        ChangeKind::Changed => (Tone::Unknown, "Changed"),
        ChangeKind::FirstSeen => (Tone::Good, "New"),
        ChangeKind::Gone => (Tone::Bad, "Deleted"),
        ChangeKind::Back => (Tone::Soon, "Restored"),
    }
}

/// Longer texts, such as a resource policy, are folded.
const SHORT: usize = 120;

/// What happened: a field with what it said and says, or the whole of it.
#[component]
pub(crate) fn What(what: ChangeKind, change: Change) -> impl IntoView {
    if what != ChangeKind::Changed {
        let (tone, text) = kind_label(what);
        return EitherOf3::A(view! { <div><Chip tone text /></div> });
    }
    let Change { field, before, after } = change;
    let is_long = before.iter().chain(&after).any(|text| text.chars().count() > SHORT);
    let values = view! { <Values before after /> };
    if is_long {
        EitherOf3::B(view! {
            <details class="behind"><summary><span class="mono">{field}</span></summary>{values}</details>
        })
    } else {
        EitherOf3::C(view! { <div><span class="mono what">{field}</span>" "{values}</div> })
    }
}

#[component]
fn Values(before: Option<String>, after: Option<String>) -> impl IntoView {
    let said = |text: Option<String>| text.filter(|text| !text.is_empty());
    let none = || "(none)".to_owned();
    view! {
        <span class="values mono">
            <del>{said(before).unwrap_or_else(none)}</del>
            <span aria-hidden="true">" → "</span>
            <ins>{said(after).unwrap_or_else(none)}</ins>
        </span>
    }
}
