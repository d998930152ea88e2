//! The value: shown on a click, for half a minute with a countdown, then removed from the page.

use crate::{
    api,
    shown::{ShownText, ShownValue},
};
use claviger_domain::grants::view::Revealed;
use leptos::{
    html::Section, leptos_dom::helpers::window_event_listener_untyped, prelude::*,
    task::spawn_local,
};
use std::time::Duration;

/// How long a value is on the page.
const VISIBLE: Duration = Duration::from_secs(30);
/// How often the countdown moves.
const TICK: Duration = Duration::from_secs(1);

/// A value on the page, until the page's clock says this many milliseconds.
#[derive(Clone, PartialEq)]
struct OnPage {
    value: Revealed,
    until: f64,
}

#[derive(Clone, Copy)]
struct Shown {
    around: NodeRef<Section>,
    on_page: RwSignal<Option<OnPage>>,
    /// The page's clock at the countdown's last tick.
    clock: RwSignal<f64>,
}

impl Shown {
    fn new() -> Self {
        Self { around: NodeRef::new(), on_page: RwSignal::new(None), clock: RwSignal::new(0.0) }
    }

    /// Shows a value and starts the countdown.
    fn show(self, value: Revealed) {
        let now = page_clock();
        self.clock.set(now);
        self.on_page.set(Some(OnPage { value, until: now + VISIBLE.as_secs_f64() * 1000.0 }));
        set_timeout(move || self.tick(), TICK);
    }

    fn hide(self) {
        self.on_page.set(None);
    }

    /// Moves the countdown, and hides the value when its time is over, or when the section was removed from the page
    /// because the grant has ended.
    fn tick(self) {
        let now = page_clock();
        self.clock.set(now);
        let is_there = self.around.get_untracked().is_some_and(|section| section.is_connected());
        let until = self.on_page.with_untracked(|shown| shown.as_ref().map(|shown| shown.until));
        match until {
            Some(until) if is_there && until > now => set_timeout(move || self.tick(), TICK),
            Some(_) => self.hide(),
            None => {}
        }
    }
}

/// Milliseconds since the page was opened; a clock that nobody sets.
fn page_clock() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// A secret's value, for the holder of a grant to read it. `name` is the secret's name.
#[island]
pub fn Reveal(grant: String, resource: String, name: String) -> impl IntoView {
    let shown = Shown::new();
    let fault = RwSignal::new(None::<String>);
    let asking = RwSignal::new(false);
    // Until the island is hydrated, a click would be lost.
    let is_hydrated = RwSignal::new(false);
    Effect::new(move || is_hydrated.set(true));
    // A page that the browser keeps for Back contains no value.
    Effect::new(move || {
        let left = window_event_listener_untyped("pagehide", move |_| shown.hide());
        on_cleanup(move || left.remove());
    });
    let ask = move |_| {
        asking.set(true);
        fault.set(None);
        let (grant, resource) = (grant.clone(), resource.clone());
        spawn_local(async move {
            match api::reveal(&grant, &resource).await {
                Ok(value) => shown.show(value),
                Err(problem) => fault.set(Some(problem.to_string())),
            }
            asking.set(false);
        });
    };
    let value = Memo::new(move |_| shown.on_page.with(|on| on.as_ref().map(|on| on.value.clone())));
    let left = move || {
        let until = shown.on_page.with(|on| on.as_ref().map(|on| on.until))?;
        let seconds = ((until - shown.clock.get()) / 1000.0).ceil().max(0.0);
        Some(format!("Hides in {seconds} s"))
    };
    let fields = move || {
        value.with(|value| match value {
            None => {
                view! { <p class="mono masked" aria-hidden="true">"•••••••••••••••"</p> }.into_any()
            }
            Some(Revealed::Text(text)) => view! { <ShownValue text=text.clone() /> }.into_any(),
            Some(Revealed::Binary(text)) => {
                view! { <ShownText name="Binary value in base64" text=text.clone() /> }.into_any()
            }
        })
    };
    view! {
        <section node_ref=shown.around class="panel value">
            <div class="value-head">
                <h2>"Value of "<span class="mono">{name}</span></h2>
                <Show
                    when=move || value.with(Option::is_some)
                    fallback=move || view! {
                        <button type="button" class="button primary needs-script" on:click=ask.clone() disabled=move || !is_hydrated.get() || asking.get()>
                            {move || if asking.get() { "Asking AWS…" } else { "Reveal" }}
                        </button>
                    }
                >
                    <span class="actions">
                        <span class="faint" role="timer">{left}</span>
                        <button type="button" class="button" on:click=move |_| shown.hide()>"Hide"</button>
                    </span>
                </Show>
            </div>
            <div aria-live="polite" class="revealed">{fields}</div>
            {move || fault.get().map(|text| view! { <p class="fault" role="alert">{text}</p> })}
            <p class="note">"Visible for 30 seconds. Reveals are logged. The value is not stored."</p>
        </section>
    }
}
