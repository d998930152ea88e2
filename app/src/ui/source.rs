//! Text to take elsewhere: documents and commands.

use super::{Icon, Shape};
use claviger_domain::code::SourceFile;
use leptos::prelude::*;

/// The page's module copies, and says so. Without scripts there is no button: the text itself is on the page.
#[component]
pub(crate) fn Copy(text: String, label: &'static str) -> impl IntoView {
    view! {
        <button type="button" class="button needs-script" data-copy=text>
            <Icon shape=Shape::Copy />
            <span aria-live="polite">{label}</span>
        </button>
    }
}

/// A document as it is, which scrolls by keyboard.
#[component]
pub(crate) fn Source(#[prop(into)] label: String, text: String) -> impl IntoView {
    view! { <pre class="mono source" tabindex="0" role="region" aria-label=label>{text}</pre> }
}

/// A link that holds a text itself: for what has no address of its own.
pub(crate) fn data_href(text: &str) -> String {
    let encoded: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
    // A form writes a blank as +, which is a plus sign in this kind of address.
    format!("data:text/plain;charset=utf-8,{}", encoded.replace('+', "%20"))
}

/// A file with its name, to copy or to download from `href`.
#[component]
pub(crate) fn SourceFileView(file: SourceFile, href: String) -> impl IntoView {
    let SourceFile { name, text } = file;
    let label = name.clone();
    // A browser takes a folder in the name for a part of it.
    let saved = name.rsplit('/').next().unwrap_or(&name).to_owned();
    view! {
        <div data-key=name.clone()>
            <h3 class="mono">{name.clone()}</h3>
            <p class="actions">
                <Copy text=text.clone() label="Copy" />
                <a class="button" href=href download=saved rel="external">"Download "<span class="sr">{name.clone()}</span></a>
            </p>
            <Source label text />
        </div>
    }
}
