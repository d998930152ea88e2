//! What changes while one looks: the sweep's progress and access, by server-sent events.

use claviger_domain::scan::ScanProgress;
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Said where some of the numbers were missed.
const EVERYTHING: &str = "*";

/// The sweep as last heard of, and a number that grows whenever lists should be read again.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    /// `None` until an event came; the server's rendering has its own.
    pub(crate) progress: RwSignal<Option<ScanProgress>>,
    pub(crate) version: RwSignal<u32>,
    /// Grows whenever requests, grants, plans, exceptions or one's inbox may have changed.
    pub(crate) access: RwSignal<u32>,
    /// The numbers of the grants, plans and exceptions that changed, each with what `access` came to then; `*` stands for
    /// all of them. Kept, because a page that is being read asks only when it was read, and more may have come by then.
    touched: StoredValue<BTreeMap<String, u32>>,
    /// The mark of how far everything had come when this page was read.
    entry: StoredValue<String>,
}

impl Live {
    pub(crate) fn provide() -> Self {
        let live = Self {
            progress: RwSignal::new(None),
            version: RwSignal::new(0),
            access: RwSignal::new(0),
            touched: StoredValue::new(BTreeMap::new()),
            entry: StoredValue::new(String::new()),
        };
        provide_context(live);
        Effect::new(move || listen(live));
        live
    }

    /// Grows whenever this one grant, plan or exception may have changed, so that nobody loses what they type for another's sake.
    pub(crate) fn version_of(
        self,
        number: impl Fn() -> String + Send + Sync + 'static,
    ) -> Memo<u32> {
        Memo::new(move |_| {
            self.access.track();
            let number = number();
            self.touched.with_value(|touched| {
                let of = |number: &str| touched.get(number).copied().unwrap_or_default();
                of(&number).max(of(EVERYTHING))
            })
        })
    }

    /// Notes how far the page was when it was read.
    pub(crate) fn read_up_to(self, entry: String) {
        self.entry.set_value(entry);
    }

    /// The stream begins, or begins again, with this mark: has anything happened since the page was read?
    fn compare(self, entry: String) {
        if entry != self.entry.get_value() {
            self.touch(EVERYTHING);
            self.entry.set_value(entry);
        }
    }

    /// Takes an event about access: numbers, divided by spaces.
    fn touch(self, numbers: &str) {
        let version = self.access.get_untracked() + 1;
        self.touched.update_value(|touched| {
            touched.extend(numbers.split(' ').map(|number| (number.to_owned(), version)));
        });
        self.access.set(version);
    }

    /// Takes an event. A sweep that has come to its end makes the lists old.
    fn hear(self, next: ScanProgress) {
        let ended =
            self.progress.with_untracked(|last| last.as_ref().is_some_and(|last| last.running))
                && !next.running;
        self.progress.set(Some(next));
        if ended {
            self.version.update(|version| *version += 1);
        }
    }
}

pub(crate) fn use_live() -> Live {
    expect_context::<Live>()
}

#[cfg(feature = "hydrate")]
fn listen(live: Live) {
    use wasm_bindgen::{JsCast, closure::Closure};
    use web_sys::{EventSource, MessageEvent};

    // The browser reconnects by itself; a failure to start leaves the page as it was.
    let Ok(source) = EventSource::new("/events") else { return };
    let hear = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let heard = event.data().as_string().and_then(|text| serde_json::from_str(&text).ok());
        if let Some(progress) = heard {
            live.hear(progress);
        }
    });
    source.set_onmessage(Some(hear.as_ref().unchecked_ref()));
    let touched = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        live.touch(&event.data().as_string().unwrap_or_default());
    });
    let begins = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        live.compare(event.data().as_string().unwrap_or_default());
    });
    let _ = source.add_event_listener_with_callback("entry", begins.as_ref().unchecked_ref());
    // Without it the page is as it was loaded.
    let _ = source.add_event_listener_with_callback("access", touched.as_ref().unchecked_ref());
    // They live as long as the page.
    begins.forget();
    touched.forget();
    hear.forget();
}

#[cfg(not(feature = "hydrate"))]
fn listen(live: Live) {
    let _ = (Live::hear, Live::touch, Live::compare);
    let _ = live;
}
