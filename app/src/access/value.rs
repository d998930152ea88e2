//! The value: shown once for a click, for half a minute, and then out of the page. Or a new one written.

use super::api::{PutValue, Rotate, reveal};
use crate::ui::{Fault, Icon, Shape};
use claviger_domain::grant::{
    Action, GrantResource,
    view::{GrantDetail, Revealed},
};
use leptos::{prelude::*, task::spawn_local};
use std::{collections::BTreeMap, time::Duration};
use zeroize::Zeroizing;

/// What outlives a new rendering of the grant: its own events would take it away otherwise.
#[derive(Clone, Copy)]
pub(crate) struct Kept {
    /// By the resource's id.
    revealed: RwSignal<BTreeMap<String, Revealed>>,
    put: ServerAction<PutValue>,
    rotate: ServerAction<Rotate>,
}

impl Kept {
    pub(crate) fn provide() {
        provide_context(Self {
            revealed: RwSignal::new(BTreeMap::new()),
            put: ServerAction::new(),
            rotate: ServerAction::new(),
        });
    }

    /// Shows a value, and takes it away again.
    fn show(self, id: String, value: Revealed) {
        let _ = self.revealed.try_update(|shown| shown.insert(id.clone(), value));
        let hide = move || {
            let _ = self.revealed.try_update(|shown| shown.remove(&id));
        };
        set_timeout(hide, SHOWN_FOR);
    }
}

const SHOWN_FOR: Duration = Duration::from_secs(30);

#[component]
pub(crate) fn Values(shown: GrantDetail) -> impl IntoView {
    let grant = shown.row.id.to_string();
    let action = shown.row.action;
    shown
        .resources
        .into_iter()
        .map(|resource| {
            let grant = grant.clone();
            match action {
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
    let of = resource.id.to_string();
    let value = Memo::new(move |_| kept.revealed.with(|shown| shown.get(&of).cloned()));
    let fault = RwSignal::new(None::<String>);
    let pending = RwSignal::new(false);
    let id = resource.id.to_string();
    let ask = move |_| {
        pending.set(true);
        fault.set(None);
        let (grant, id, shown_as) = (grant.clone(), id.clone(), id.clone());
        spawn_local(async move {
            match reveal(grant, id).await {
                Ok(revealed) => kept.show(shown_as, revealed),
                Err(error) => drop(fault.try_set(Some(error.0.to_string()))),
            }
            let _ = pending.try_set(false);
        });
    };
    let fields = move || {
        value.with(|value| match value {
            None => {
                view! { <p class="mono masked" aria-hidden="true">"•••••••••••••••"</p> }.into_any()
            }
            Some(Revealed::Text(text)) => {
                view! { <Shown name="Value" text=text.clone() /> }.into_any()
            }
            Some(Revealed::Binary(text)) => {
                view! { <Shown name="Bytes, in base64" text=text.clone() /> }.into_any()
            }
            Some(Revealed::Fields(fields)) => fields
                .iter()
                .map(|(name, text)| view! { <Shown name=name.clone() text=text.clone() /> })
                .collect_view()
                .into_any(),
        })
    };
    view! {
        <section class="panel value">
            <div class="value-head">
                <h2>"Value of "<span class="mono">{resource.name}</span></h2>
                <button
                    type="button"
                    class="button primary needs-script"
                    on:click=ask
                    disabled=move || pending.get() || value.with(Option::is_some)
                >
                    {move || if pending.get() { "Asking AWS…" } else { "Reveal" }}
                </button>
            </div>
            <div aria-live="polite" class="revealed">{fields}</div>
            {move || fault.get().map(|text| view! { <p class="fault" role="alert">{text}</p> })}
            <p class="note">"Shown for 30 seconds. The reveal is recorded; the value is kept nowhere."</p>
            <noscript><p class="note">"Showing a value needs scripts, so that it can be taken away again. Use clv or the AWS command line instead."</p></noscript>
        </section>
    }
}

#[component]
fn Shown(#[prop(into)] name: String, text: Zeroizing<String>) -> impl IntoView {
    let copied = RwSignal::new(false);
    let to_copy = text.clone();
    let label = format!("Copy {name}");
    let copy = move |_| {
        let _ = window().navigator().clipboard().write_text(&to_copy);
        copied.set(true);
        set_timeout(
            move || {
                let _ = copied.try_set(false);
            },
            Duration::from_secs(2),
        );
    };
    view! {
        <div class="shown">
            <span class="faint">{name}</span>
            <span class="mono wrap">{text.to_string()}</span>
            <button type="button" class="button small" on:click=copy aria-label=label>
                <Icon shape=Shape::Copy />{move || if copied.get() { "Copied" } else { "Copy" }}
            </button>
        </div>
    }
}

#[component]
fn Write(grant: String, resource: GrantResource) -> impl IntoView {
    let action = expect_context::<Kept>().put;
    let pending = action.pending();
    let written = move || {
        action.value().with(|value| {
            let version = value.as_ref()?.as_ref().ok()?.clone();
            Some(view! { <p class="done" role="status">"Written as version "<span class="mono">{version}</span></p> })
        })
    };
    view! {
        <section class="panel value">
            <h2>"New value of "<span class="mono">{resource.name}</span></h2>
            <ActionForm action attr:class="form">
                <input type="hidden" name="grant" value=grant />
                <input type="hidden" name="resource" value=resource.id.to_string() />
                <label class="field">
                    <span>"Value"</span>
                    <textarea name="value" rows="4" class="mono" maxlength="65536" autocomplete="off" spellcheck="false" required></textarea>
                    <small>"It goes to AWS and is kept nowhere else. Readers get it from then on."</small>
                </label>
                <Fault value=action.value() />
                {written}
                <div class="actions"><button class="button primary" disabled=pending>"Write the new value"</button></div>
            </ActionForm>
        </section>
    }
}

#[component]
fn RotateNow(grant: String, resource: GrantResource) -> impl IntoView {
    let action = expect_context::<Kept>().rotate;
    let pending = action.pending();
    let begun = move || {
        action.value().with(|value| value.as_ref().is_some_and(Result::is_ok)).then(|| {
            view! { <p class="done" role="status">"The rotation has begun. The next sweep shows how it went."</p> }
        })
    };
    view! {
        <section class="panel value">
            <h2>"Rotate "<span class="mono">{resource.name}</span></h2>
            <p>"Its rotation function sets a new value at once. Readers get it when the rotation has ended."</p>
            <ActionForm action>
                <input type="hidden" name="grant" value=grant />
                <input type="hidden" name="resource" value=resource.id.to_string() />
                <Fault value=action.value() />
                {begun}
                <button class="button primary" disabled=pending>"Rotate now"</button>
            </ActionForm>
        </section>
    }
}
