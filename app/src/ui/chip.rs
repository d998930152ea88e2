//! A state as a word on its colour.

use leptos::prelude::*;

/// What a colour says. Nothing else is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Confirmed good.
    Good,
    /// Soon, or weaker than it should be.
    Soon,
    /// Broken or exposed.
    Bad,
    /// Unknown or not applicable.
    Unknown,
}

impl Tone {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Soon => "soon",
            Self::Bad => "bad",
            Self::Unknown => "unknown",
        }
    }
}

#[component]
pub(crate) fn Chip(tone: Tone, #[prop(into)] text: String) -> impl IntoView {
    view! { <span class=format!("chip {}", tone.class())>{text}</span> }
}
