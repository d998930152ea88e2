//! What changes while one looks: the sweep's progress and access, by server-sent events.

use claviger_domain::sweep::SweepProgress;
use leptos::prelude::*;

/// The sweep as last heard of, and a number that grows whenever lists should be read anew.
#[derive(Clone, Copy)]
pub(crate) struct Live {
    /// `None` until an event came; the server's rendering has its own.
    pub(crate) progress: RwSignal<Option<SweepProgress>>,
    pub(crate) version: RwSignal<u32>,
    /// Grows whenever requests, grants or one's inbox may have changed.
    pub(crate) access: RwSignal<u32>,
}

impl Live {
    pub(crate) fn provide() -> Self {
        let live = Self {
            progress: RwSignal::new(None),
            version: RwSignal::new(0),
            access: RwSignal::new(0),
        };
        provide_context(live);
        Effect::new(move || listen(live));
        live
    }

    /// Takes an event. A sweep that has come to its end makes the lists old.
    fn hear(self, next: SweepProgress) {
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
    let touched = Closure::<dyn FnMut(MessageEvent)>::new(move |_: MessageEvent| {
        live.access.update(|version| *version += 1);
    });
    // Without it the page is as it was loaded.
    let _ = source
        .add_event_listener_with_callback("access", touched.as_ref().unchecked_ref());
    // Both live as long as the page.
    touched.forget();
    hear.forget();
}

#[cfg(not(feature = "hydrate"))]
fn listen(live: Live) {
    let _ = Live::hear;
    let _ = live;
}
