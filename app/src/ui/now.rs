//! The passing of time, from the server's clock on.

use leptos::prelude::*;
use time::OffsetDateTime;

/// The server's time when the page was made, then moving on in the browser. Both sides begin the same.
pub(crate) fn use_now(as_of: OffsetDateTime) -> ReadSignal<OffsetDateTime> {
    let (now, set_now) = signal(as_of);
    Effect::new(move || tick(as_of, set_now));
    now
}

#[cfg(feature = "hydrate")]
fn tick(as_of: OffsetDateTime, set_now: WriteSignal<OffsetDateTime>) {
    let Some(watch) = window().performance() else { return };
    let began = watch.now();
    let handle = set_interval_with_handle(
        move || {
            let passed = time::Duration::seconds_f64((watch.now() - began) / 1000.0);
            // The page may be gone already.
            let _ = set_now.try_set(as_of + passed);
        },
        std::time::Duration::from_secs(1),
    );
    on_cleanup(move || {
        if let Ok(handle) = handle {
            handle.clear();
        }
    });
}

#[cfg(not(feature = "hydrate"))]
fn tick(_: OffsetDateTime, _: WriteSignal<OffsetDateTime>) {}
