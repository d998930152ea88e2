//! The few icons, drawn on a grid of 16.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    Key,
    Search,
    Menu,
    Close,
    Copy,
    Out,
    Up,
    Down,
    Bell,
}

impl Shape {
    fn path(self) -> &'static str {
        match self {
            Self::Key => {
                "M5.2 2.2a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM7.4 7.3l6 6M11.2 11l-1.6 1.6M13.2 13l-1.4 1.4"
            }
            Self::Search => "M7 2.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9ZM10.4 10.4l3.4 3.4",
            Self::Menu => "M2.5 4.5h11M2.5 8h11M2.5 11.5h11",
            Self::Close => "M4 4l8 8M12 4l-8 8",
            Self::Copy => "M5.5 5.5h7v8h-7zM3.5 10.5v-8h7",
            Self::Out => "M9 2.5h4.5V7M13.2 2.8 7.5 8.5M6.5 3.5h-4v10h10v-4",
            Self::Up => "M4.5 9.5 8 6l3.5 3.5",
            Self::Down => "M4.5 6.5 8 10l3.5-3.5",
            Self::Bell => {
                "M8 2.5a4 4 0 0 1 4 4v2.6l1.2 2H2.8l1.2-2V6.5a4 4 0 0 1 4-4ZM6.8 13.3h2.4"
            }
        }
    }
}

/// Decoration: the words beside it carry the meaning.
#[component]
pub(crate) fn Icon(shape: Shape) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
            <path d=shape.path() fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" />
        </svg>
    }
}
