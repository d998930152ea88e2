//! The search box that completes filters: a combobox over a plain text field, which works without a script as well.

use super::api::complete;
use crate::ui::{RequestSequence, format::grouped};
use claviger_domain::inventory::view::Completion;
use leptos::{ev, html::Input, prelude::*, task::spawn_local};

/// Where in the text the word at the caret begins and ends, in UTF-16 units as browsers count.
fn word_at(text: &[u16], caret: usize) -> (usize, usize) {
    let caret = caret.min(text.len());
    let is_space = |unit: u16| char::from_u32(unit.into()).is_some_and(char::is_whitespace);
    // A quote that was opened keeps the spaces behind it together.
    let (mut begin, mut quoted) = (0, false);
    for (at, unit) in text[..caret].iter().enumerate() {
        if *unit == u16::from(b'"') {
            quoted = !quoted;
        } else if is_space(*unit) && !quoted {
            begin = at + 1;
        }
    }
    let end = text[caret..].iter().position(|unit| is_space(*unit));
    (begin, end.map_or(text.len(), |end| caret + end))
}

/// The text with the word at the caret replaced, and where the caret stands then.
fn replaced(text: &str, caret: usize, by: &str) -> (String, usize) {
    let units: Vec<u16> = text.encode_utf16().collect();
    let (begin, end) = word_at(&units, caret);
    let part = |units: &[u16]| String::from_utf16_lossy(units);
    // What leads on, such as `tag:`, is not yet a whole word.
    let close = if by.ends_with([':', '=']) { "" } else { " " };
    let rest = part(&units[end..]);
    let head = format!("{}{by}{close}", part(&units[..begin]));
    let caret = head.encode_utf16().count();
    (head + rest.trim_start(), caret)
}

/// What the box offers, and which of it is chosen.
#[derive(Clone, Copy)]
struct Combo {
    input: NodeRef<Input>,
    offered: RwSignal<Vec<Completion>>,
    active: RwSignal<Option<usize>>,
    requests: RequestSequence,
}

impl Combo {
    fn new() -> Self {
        Self {
            input: NodeRef::new(),
            offered: RwSignal::new(Vec::new()),
            active: RwSignal::new(None),
            requests: RequestSequence::new(),
        }
    }

    fn close(self) {
        self.requests.next();
        self.offered.set(Vec::new());
        self.active.set(None);
    }

    /// Asks for what the word at the caret could become.
    fn ask(self) {
        let Some(input) = self.input.get_untracked() else { return };
        let units: Vec<u16> = input.value().encode_utf16().collect();
        let caret = caret(&input).min(units.len());
        let begun = String::from_utf16_lossy(&units[word_at(&units, caret).0..caret]);
        let ticket = self.requests.next();
        if begun.is_empty() {
            self.offered.set(Vec::new());
            return;
        }
        // Until the answer comes, nothing is offered that the letters have left behind.
        let letters = begun.to_lowercase();
        self.offered.update(|offered| {
            offered.retain(|one| one.insert.to_lowercase().starts_with(&letters));
        });
        self.active.set(None);
        spawn_local(async move {
            let found = complete(begun).await.unwrap_or_default();
            if self.requests.is_newest(ticket) {
                self.offered.set(found);
                self.active.set(None);
            }
        });
    }

    fn accept(self, at: usize) {
        let Some(input) = self.input.get_untracked() else { return };
        let chosen = self.offered.with_untracked(|offered| offered.get(at).cloned());
        let Some(chosen) = chosen else { return };
        let (text, at) = replaced(&input.value(), caret(&input), &chosen.insert);
        input.set_value(&text);
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        // A browser that refuses leaves the caret where it is.
        let _ = input.set_selection_range(at, at);
        self.close();
        if !text.ends_with(' ') {
            self.ask();
        }
    }

    fn key(self, event: &ev::KeyboardEvent) {
        let count = self.offered.with_untracked(Vec::len);
        if count == 0 {
            return;
        }
        match event.key().as_str() {
            "ArrowDown" => self.active.update(|at| *at = Some(at.map_or(0, |at| (at + 1) % count))),
            "ArrowUp" => {
                let before = |at: usize| (at + count - 1) % count;
                self.active.update(|at| *at = Some(at.map_or(count - 1, before)));
            }
            "Escape" => self.close(),
            "Enter" | "Tab" => match self.active.get_untracked() {
                Some(at) => self.accept(at),
                None => return self.close(),
            },
            _ => return,
        }
        event.prevent_default();
    }
}

fn caret(input: &leptos::web_sys::HtmlInputElement) -> usize {
    input.selection_start().ok().flatten().map_or(usize::MAX, |at| at as usize)
}

#[component]
pub(crate) fn FilterInput(
    id: &'static str,
    /// The form that it belongs to, where it does not stand in it.
    #[prop(optional)]
    form: Option<&'static str>,
    #[prop(into)] value: String,
    placeholder: &'static str,
    label: &'static str,
) -> impl IntoView {
    let combo = Combo::new();
    let Combo { input, offered, active, .. } = combo;
    let list = format!("{id}-completions");
    let options = {
        let list = list.clone();
        move || {
            let option = |(at, completion): (usize, Completion)| {
                let is_active = move || active.get() == Some(at);
                view! {
                    <li
                        id=format!("{list}-{at}")
                        role="option"
                        aria-selected=move || is_active().to_string()
                        on:mousedown=move |event| {
                            // The focus stays where it is.
                            event.prevent_default();
                            combo.accept(at);
                        }
                    >
                        <span class="mono">{completion.label}</span>
                        <span class="faint">{completion.hint}</span>
                        {completion.count.map(|count| view! { <span class="count">{grouped(count)}</span> })}
                    </li>
                }
            };
            offered.get().into_iter().enumerate().map(option).collect_view()
        }
    };
    let described = {
        let list = list.clone();
        move || active.get().map(|at| format!("{list}-{at}"))
    };
    view! {
        <div class="combo">
            <input
                node_ref=input
                id=id
                form=form
                type="text"
                name="q"
                maxlength="200"
                value=value.clone()
                prop:value=value
                placeholder=placeholder
                aria-label=label
                autocomplete="off"
                autocapitalize="none"
                spellcheck="false"
                role="combobox"
                aria-autocomplete="list"
                aria-controls=list.clone()
                aria-expanded=move || (!offered.with(Vec::is_empty)).to_string()
                aria-activedescendant=described
                on:input=move |_| combo.ask()
                on:keydown=move |event| combo.key(&event)
                on:blur=move |_| combo.close()
            />
            <ul id=list role="listbox" aria-label="Completions" class="completions">{options}</ul>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_the_caret_is_replaced() {
        assert_eq!(replaced("ledger rot", 10, "rotation:"), ("ledger rotation:".to_owned(), 16));
        assert_eq!(
            replaced("rotation:ov ledger", 11, "rotation:overdue"),
            ("rotation:overdue ledger".to_owned(), 17)
        );
        assert_eq!(
            replaced("team:\"Data pl", 13, "team:\"Data platform\""),
            ("team:\"Data platform\" ".to_owned(), 21),
            "a quote keeps its words together"
        );
        assert_eq!(replaced("é ta", 4, "tag:"), ("é tag:".to_owned(), 6));
        assert_eq!(replaced("", 9, "x"), ("x ".to_owned(), 2));
    }
}
