//! The value: shown for a click, for half a minute with a countdown, and then out of the page.

use super::{
    api::reveal,
    shown::{ShownText, ShownValue},
    write::{RotateNow, Write},
};
use claviger_domain::grants::{
    Action, GrantId, GrantResource,
    view::{GrantDetail, Revealed},
};
use leptos::{leptos_dom::helpers::window_event_listener_untyped, prelude::*, task::spawn_local};
use std::{collections::BTreeMap, time::Duration};

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

/// What outlives a new rendering of what the grant allows.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    /// By the ids of the grant and the resource.
    revealed: RwSignal<BTreeMap<String, OnPage>>,
    /// The page's clock when the countdown moved last.
    clock: RwSignal<f64>,
}

impl Kept {
    pub(crate) fn provide() {
        let kept = Self { revealed: RwSignal::new(BTreeMap::new()), clock: RwSignal::new(0.0) };
        provide_context(kept);
        // A page that the browser keeps for its back button keeps no value.
        Effect::new(move || {
            let left = window_event_listener_untyped("pagehide", move |_| {
                let _ = kept.revealed.try_update(BTreeMap::clear);
            });
            on_cleanup(move || left.remove());
        });
    }

    /// Shows a value, and begins to count.
    fn show(self, id: String, value: Revealed) {
        let now = page_clock();
        let until = now + VISIBLE.as_secs_f64() * 1000.0;
        let _ = self.clock.try_set(now);
        let _ = self.revealed.try_update(|shown| shown.insert(id, OnPage { value, until }));
        set_timeout(move || self.tick(), TICK);
    }

    fn hide(self, id: &str) {
        let _ = self.revealed.try_update(|shown| shown.remove(id));
    }

    /// Moves the countdown, and takes away what was shown for long enough.
    fn tick(self) {
        let now = page_clock();
        let _ = self.clock.try_set(now);
        let left = self.revealed.try_update(|shown| {
            if shown.values().any(|one| one.until <= now) {
                shown.retain(|_, one| one.until > now);
            }
            !shown.is_empty()
        });
        if left == Some(true) {
            set_timeout(move || self.tick(), TICK);
        }
    }
}

/// Milliseconds since the page was opened; a clock that nobody sets.
fn page_clock() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

/// What of a grant its use needs, and nothing that its events change.
#[derive(Clone, PartialEq)]
pub(crate) struct Usable {
    pub(crate) grant: GrantId,
    pub(crate) action: Action,
    pub(crate) resources: Vec<GrantResource>,
    /// Sessions that the grant needs, since one has room for so much policy alone.
    pub(crate) sessions: usize,
}

impl Usable {
    pub(super) fn of(shown: &GrantDetail) -> Self {
        Self {
            grant: shown.row.id,
            action: shown.row.action,
            resources: shown.resources.clone(),
            sessions: shown.policies.len(),
        }
    }
}

#[component]
pub(crate) fn Values(usable: Usable) -> impl IntoView {
    let grant = usable.grant.to_string();
    usable
        .resources
        .into_iter()
        .map(|resource| {
            let grant = grant.clone();
            match usable.action {
                Action::Read => view! { <Reveal grant resource /> }.into_any(),
                Action::Write => view! { <Write grant resource /> }.into_any(),
                Action::Rotate => view! { <RotateNow grant resource /> }.into_any(),
            }
        })
        .collect_view()
}

#[component]
fn Reveal(grant: String, resource: GrantResource) -> impl IntoView {
    let kept = expect_context::<Kept>();
    let id = StoredValue::new(format!("{grant} {}", resource.id));
    let resource_id = resource.id.to_string();
    let on_page = move || {
        id.with_value(|id| kept.revealed.with(|shown| shown.get(id).map(|one| one.value.clone())))
    };
    let value = Memo::new(move |_| on_page());
    let is_shown = move || value.with(Option::is_some);
    let fault = RwSignal::new(None::<String>);
    let pending = RwSignal::new(false);
    let ask = move |_| {
        pending.set(true);
        fault.set(None);
        let (grant, resource, id) = (grant.clone(), resource_id.clone(), id.get_value());
        spawn_local(async move {
            match reveal(grant, resource).await {
                Ok(revealed) => kept.show(id, revealed),
                Err(error) => drop(fault.try_set(Some(error.0.to_string()))),
            }
            let _ = pending.try_set(false);
        });
    };
    let hide = move |_| id.with_value(|id| kept.hide(id));
    let seconds = move || {
        let until =
            id.with_value(|id| kept.revealed.with(|shown| shown.get(id).map(|one| one.until)));
        until.map(|until| ((until - kept.clock.get()) / 1000.0).ceil().max(0.0))
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
        <section class="panel value">
            <div class="value-head">
                <h2>"Value of "<span class="mono">{resource.name}</span></h2>
                <Show
                    when=is_shown
                    fallback=move || view! {
                        <button type="button" class="button primary needs-script" on:click=ask.clone() disabled=pending>
                            {move || if pending.get() { "Asking AWS…" } else { "Reveal" }}
                        </button>
                    }
                >
                    <span class="actions">
                        <span class="faint" role="timer">{move || seconds().map(|left| format!("Hides in {left} s"))}</span>
                        <button type="button" class="button" on:click=hide>"Hide"</button>
                    </span>
                </Show>
            </div>
            <div aria-live="polite" class="revealed">{fields}</div>
            {move || fault.get().map(|text| view! { <p class="fault" role="alert">{text}</p> })}
            <p class="note">"Visible for 30 seconds. Reveals are logged. The value is not stored."</p>
            <noscript><p class="note">"Revealing a value needs JavaScript, so that it can be hidden again. Use clv or the AWS CLI instead."</p></noscript>
        </section>
    }
}
