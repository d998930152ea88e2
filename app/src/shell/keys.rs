//! The keyboard: `/` searches, `g i` and `g a` jump, arrows move through lists, `?` shows all this.

use leptos::prelude::*;

/// The keys and what they do.
const KEYS: [(&str, &str); 11] = [
    ("/", "Search"),
    ("Ctrl K", "Open command palette"),
    ("g i", "Go to Inventory"),
    ("g o", "Go to the overview"),
    ("g f", "Go to the findings"),
    ("g a", "Go to the accounts"),
    ("g m", "Go to my access"),
    ("g p", "Go to the approvals"),
    ("↑ ↓", "Move through a list"),
    ("Enter", "Open selected item"),
    ("?", "Show shortcuts"),
];

#[component]
pub(crate) fn KeyHelp() -> impl IntoView {
    let rows =
        KEYS.map(|(key, does)| view! { <div><dt><kbd>{key}</kbd></dt><dd>{does}</dd></div> });
    view! {
        <dialog id="keys" class="panel" aria-label="Keyboard shortcuts">
            <h2>"Keyboard shortcuts"</h2>
            <dl class="keys">{rows.into_iter().collect_view()}</dl>
            <form method="dialog"><button class="button">"Close"</button></form>
        </dialog>
    }
}

#[cfg(not(feature = "hydrate"))]
pub(crate) fn listen_to_keys() {}

/// Nothing of this kind is open on the server.
#[cfg(not(feature = "hydrate"))]
pub(crate) fn close_dialog(_id: &str) {}

#[cfg(feature = "hydrate")]
fn dialog(id: &str) -> Option<web_sys::HtmlDialogElement> {
    use leptos::wasm_bindgen::JsCast;
    document().get_element_by_id(id)?.dyn_into().ok()
}

#[cfg(feature = "hydrate")]
pub(crate) fn close_dialog(id: &str) {
    if let Some(dialog) = dialog(id) {
        dialog.close();
    }
}

#[cfg(feature = "hydrate")]
pub(crate) fn listen_to_keys() {
    use leptos::wasm_bindgen::JsCast;
    use leptos_router::{NavigateOptions, hooks::use_navigate};
    use web_sys::HtmlElement;

    let navigate = use_navigate();
    let go = move |path: &str| navigate(path, NavigateOptions::default());
    let went = StoredValue::new(false);
    let by_id = |id: &str| document().get_element_by_id(id);
    let handle = window_event_listener(leptos::ev::keydown, move |event| {
        if event.key() == "k" && (event.ctrl_key() || event.meta_key()) && !event.alt_key() {
            event.prevent_default();
            if let Some(palette) = dialog("palette").filter(|palette| !palette.open()) {
                let _ = palette.show_modal();
            }
            return;
        }
        let typing = document()
            .active_element()
            .is_some_and(|at| matches!(at.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT"));
        if typing || event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let after_g = went.get_value();
        went.set_value(false);
        match (event.key().as_str(), after_g) {
            ("i", true) => go("/inventory"),
            ("o", true) => go("/overview"),
            ("f", true) => go("/findings"),
            ("a", true) => go("/accounts"),
            ("m", true) => go("/access"),
            ("p", true) => go("/approvals"),
            ("g", _) => went.set_value(true),
            ("/", _) => {
                event.prevent_default();
                if let Some(search) = by_id("search").and_then(|e| e.dyn_into::<HtmlElement>().ok())
                {
                    let _ = search.focus();
                }
            }
            ("?", _) => {
                if let Some(keys) = dialog("keys") {
                    let _ = keys.show_modal();
                }
            }
            ("ArrowDown", _) if step(1) => event.prevent_default(),
            ("ArrowUp", _) if step(-1) => event.prevent_default(),
            _ => {}
        }
    });
    on_cleanup(move || handle.remove());
}

/// Moves the focus to the next row's link; `false` where the focus is in no list.
#[cfg(feature = "hydrate")]
fn step(by: i32) -> bool {
    use leptos::wasm_bindgen::JsCast;
    let Ok(links) = document().query_selector_all("table a.row-link") else { return false };
    let focused = document().active_element();
    let at = (0..links.length())
        .find(|n| links.item(*n).map(JsCast::unchecked_into::<web_sys::Element>) == focused);
    let next = match at {
        Some(at) => i64::from(at) + i64::from(by),
        None if focused.is_none_or(|at| at.tag_name() == "BODY") => 0,
        None => return false,
    };
    let Some(link) = u32::try_from(next).ok().and_then(|next| links.item(next)) else {
        return at.is_some();
    };
    link.dyn_into::<web_sys::HtmlElement>().is_ok_and(|link| link.focus().is_ok())
}
