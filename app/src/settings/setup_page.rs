//! The first-run checklist, and the notice on the overview until it is done.

use super::{
    api::{DismissSetup, load_open_setup, load_setup},
    frame::SettingsFrame,
};
use crate::{
    accounts::Snippets,
    ui::{Ago, Chip, ErrorNotice, Panel, Tone, loaded, once_read, own_path},
};
use claviger_domain::settings::setup::{SetupState, SetupStep, SetupView};
use leptos::prelude::*;

#[component]
pub(crate) fn SetupPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_setup());
    loaded(page, "Settings", |shown: SetupView| view! { <Setup shown /> }.into_any())
}

#[component]
fn Setup(shown: SetupView) -> impl IntoView {
    let context = format!("{} of {} steps done.", shown.done(), shown.steps.len());
    let now = shown.as_of;
    let is_dismissed = shown.dismissed.is_some();
    let dismissed = shown.dismissed.map(|(by, at)| {
        view! { <p class="faint">{format!("Hidden from the overview by {by} ")}<Ago at now /></p> }
    });
    let form = shown.may_dismiss.then(|| view! { <Dismiss is_dismissed /> });
    let steps = shown.steps.into_iter().map(|step| view! { <Step step /> }).collect_view();
    view! {
        <SettingsFrame title="Setup" context>
            <ol class="stack setup">{steps}</ol>
            {dismissed}
            {form}
        </SettingsFrame>
    }
}

#[component]
fn Step(step: SetupStep) -> impl IntoView {
    let (tone, text) = match step.state {
        SetupState::Done => (Tone::Good, "Done"),
        SetupState::ToDo => (Tone::Soon, "To do"),
        SetupState::Unknown => (Tone::Unknown, "Unknown"),
    };
    let to_do = (step.state != SetupState::Done).then(|| view! { <p>{step.to_do}</p> });
    let link = step.link.map(|(path, text)| view! { <p><a href=path>{text}</a></p> });
    view! {
        <li>
            <Panel title=step.title>
                <p><Chip tone text />" "{step.found}</p>
                {to_do}
                <Snippets snippets=step.snippets />
                {link}
            </Panel>
        </li>
    }
}

#[component]
fn Dismiss(is_dismissed: bool) -> impl IntoView {
    let action = ServerAction::<DismissSetup>::new();
    let label = if is_dismissed { "Show on the overview again" } else { "Hide from the overview" };
    view! {
        <ActionForm action>
            <input type="hidden" name="dismissed" value=(!is_dismissed).to_string() />
            <button class="button">{label}</button>
        </ActionForm>
        <ErrorNotice value=action.value() />
    }
}

/// The pages that a person sees first.
const FIRST_PAGES: [&str; 3] = ["/", "/overview", "/queue"];

/// On the first pages: that the setup is not done, for who can act on it.
#[component]
pub(crate) fn SetupNotice() -> impl IntoView {
    let is_first = FIRST_PAGES.contains(&own_path().as_str());
    is_first.then(|| {
        let setup = ArcResource::new(|| (), |()| load_open_setup());
        once_read(setup, |setup| {
            setup.ok().flatten().map(|setup| view! { <OpenSetup setup /> }).into_any()
        })
    })
}

#[component]
fn OpenSetup(setup: SetupView) -> impl IntoView {
    let text = format!("{} of {} steps are done.", setup.done(), setup.steps.len());
    let next = setup.steps.into_iter().find(|step| step.state != SetupState::Done);
    let next = next.map(|step| format!(" Next: {}.", step.title));
    view! {
        <section class="notice soon setup-notice" aria-label="Setup">
            <p><strong>"Finish the setup. "</strong>{text}{next}" "<a href="/settings/setup">"Open the checklist"</a></p>
        </section>
    }
}
