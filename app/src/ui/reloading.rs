//! Forms whose address says what they are about, and which are shown again when it changes: nothing that was typed or
//! clicked meanwhile may be lost.

use leptos::{ev, prelude::*, web_sys::HtmlInputElement};
use std::collections::BTreeMap;

/// Lives with the page, while the form on it is shown again.
#[derive(Clone, Copy)]
pub(crate) struct Reloading {
    is_loading: RwSignal<bool>,
    typed: StoredValue<BTreeMap<String, String>>,
}

impl Reloading {
    /// For the page; the form is loaded again whenever `of` changes.
    pub(crate) fn provide<T: Clone + PartialEq + Send + Sync + 'static>(of: Memo<T>) {
        let own =
            Self { is_loading: RwSignal::new(false), typed: StoredValue::new(BTreeMap::new()) };
        Effect::new(move |before: Option<()>| {
            of.track();
            if before.is_some() {
                own.is_loading.set(true);
            }
        });
        provide_context(own);
    }

    /// For the form, as soon as it is shown: what it is about has been loaded.
    pub(crate) fn shown() -> Self {
        let own = expect_context::<Self>();
        // Once the form before it is gone: its own signals are read no more.
        Effect::new(move |_| own.is_loading.set(false));
        own
    }

    /// Whether another form is on its way in. It would not be what is submitted now.
    pub(crate) fn is_loading(self) -> bool {
        self.is_loading.get()
    }

    /// Whether the form can't be used now: another is on its way in, or this one is being submitted.
    pub(crate) fn is_busy(self, pending: Memo<bool>) -> bool {
        // A form that was replaced may be asked once more, after its own signals are gone.
        self.is_loading.get() || pending.try_get().unwrap_or_default()
    }

    /// Notes what is typed into a field of the form.
    pub(crate) fn keep(self, event: &ev::Event) {
        // Of every field's kind, name and value are read alike.
        let field: HtmlInputElement = event_target(event);
        let value = match field.type_().as_str() {
            "checkbox" if !field.checked() => String::new(),
            _ => field.value(),
        };
        self.typed.update_value(|typed| drop(typed.insert(field.name(), value)));
    }

    /// What was typed into a field before; `None` where nothing was.
    pub(crate) fn typed(self, name: &str) -> Option<String> {
        self.typed.with_value(|typed| typed.get(name).cloned())
    }
}
