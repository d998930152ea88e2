//! A value on the page: every character as it is, and what can't be seen said in words.

use claviger_domain::value::{invisible, members, repeated};
use leptos::prelude::*;
use std::time::Duration;
use zeroize::Zeroizing;

/// Single lines are offered up to this many; more is a file.
const MOST_LINES: usize = 200;

/// Text as AWS has it. A JSON object is shown by its members as well, each as it is written.
#[component]
pub(crate) fn ShownValue(text: Zeroizing<String>) -> impl IntoView {
    let found = members(&text).unwrap_or_default();
    if found.is_empty() {
        return view! { <ShownText name="Value" text=text.clone() /> }.into_any();
    }
    let repeats = repeated(&found)
        .into_iter()
        .map(|(name, count)| {
            let says =
                format!("The key {name} appears {count} times. Most programs use the last one.");
            view! { <p class="note" role="note">{says}</p> }
        })
        .collect_view();
    let fields = found
        .iter()
        .map(|member| view! { <ShownText name=member.name.clone() text=member.content() /> })
        .collect_view();
    view! {
        {repeats}
        {fields}
        <details class="raw">
            <summary>"Raw value"</summary>
            <ShownText name="Raw value" text=text.clone() />
        </details>
    }
    .into_any()
}

/// A text with its lines and spaces, and a button that copies exactly it.
#[component]
pub(crate) fn ShownText(#[prop(into)] name: String, text: Zeroizing<String>) -> impl IntoView {
    let says = invisible(&text).join(" · ");
    let says = (!says.is_empty()).then(|| view! { <span class="faint unseen">{says}</span> });
    let lines: Vec<Zeroizing<String>> =
        text.lines().map(|line| Zeroizing::new(line.to_owned())).collect();
    let lines = (2..=MOST_LINES).contains(&lines.len()).then(|| {
        let rows = lines
            .into_iter()
            .enumerate()
            .map(|(at, line)| {
                let label = format!("Copy line {} of {name}", at + 1);
                view! {
                    <li>
                        <pre class="text">{line.to_string()}</pre>
                        <CopyButton label text=line />
                    </li>
                }
            })
            .collect_view();
        view! {
            <details class="lines">
                <summary>"Copy single lines"</summary>
                <ol>{rows}</ol>
            </details>
        }
    });
    let label = format!("Copy {name}");
    view! {
        <div class="shown">
            <span class="faint">{name.clone()}</span>
            <div class="content">
                <pre class="text" tabindex="0" role="group" aria-label=name>{text.to_string()}</pre>
                {says}
                {lines}
            </div>
            <CopyButton label text />
        </div>
    }
}

#[component]
fn CopyButton(label: String, text: Zeroizing<String>) -> impl IntoView {
    let says = RwSignal::new("Copy");
    let copy = move |_| {
        // Browsers give pages a clipboard over TLS and on the machine itself only.
        if window().is_secure_context() {
            let _ = window().navigator().clipboard().write_text(&text);
            says.set("Copied");
        } else {
            says.set("Needs HTTPS");
        }
        set_timeout(
            move || {
                let _ = says.try_set("Copy");
            },
            Duration::from_secs(2),
        );
    };
    view! {
        <button type="button" class="button small" on:click=copy aria-label=label>
            // As the console's other icons are drawn.
            <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
                <path d="M5.5 5.5h7v8h-7zM3.5 10.5v-8h7" fill="none" stroke="currentColor" stroke-width="1.4" stroke-linecap="round" stroke-linejoin="round" />
            </svg>
            {says}
        </button>
    }
}
