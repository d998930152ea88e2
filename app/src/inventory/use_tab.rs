//! How a workload reads a secret or parameter: one recipe at a time, chosen by a link.

use super::{recipe_facts::RecipeFacts, recipe_rights::Rights, tabs::Tab};
use crate::{
    consumers::role_href,
    ui::{Chip, Copy, Panel, Source, Tone, data_href, fault_of, line, loaded, options, own_query},
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::inventory::{
    recipes::{
        Recipe, RecipeFile, Strength,
        view::{SuggestedRole, UseView},
    },
    view::ResourceDetail,
};
use leptos::prelude::*;

#[component]
pub(crate) fn UseTab(shown: ResourceDetail) -> impl IntoView {
    let (id, query) = (shown.id.to_string(), own_query());
    let view = ArcResource::new(|| (), move |()| load(id.clone(), query.clone()));
    loaded(view, "Inventory", |shown: UseView| view! { <Recipes shown /> }.into_any())
}

async fn load(id: String, query: String) -> Result<UseView, WireError> {
    let (services, caller) = call()?;
    services.recipes().recipes(&caller, &id, &query).await.map_err(wire)
}

#[component]
fn Recipes(shown: UseView) -> impl IntoView {
    let content = match shown.recipe.clone() {
        Ok(recipe) => view! { <Shown shown=shown.clone() recipe /> }.into_any(),
        Err(why) => view! {
            <section class=format!("panel notice {}", Tone::Unknown.class())>
                <h2>"No recipe here"</h2>
                <p>{why}</p>
                {fault_of(&shown.faults, "for")}
            </section>
        }
        .into_any(),
    };
    view! {
        <Menu shown=shown.clone() />
        <div class="stack">
            {content}
            <Choices shown />
        </div>
    }
}

/// A link to each recipe, with the same choices.
#[component]
fn Menu(shown: UseView) -> impl IntoView {
    let path = Tab::Use.href(shown.id);
    let links = shown
        .menu
        .iter()
        .map(|id| {
            let href = format!("{path}?{}", shown.form.for_recipe(*id).to_url_query());
            let state = (Some(*id) == shown.chosen).then_some("page");
            view! { <li><a class="chip plain" href=href aria-current=state data-in-place="">{id.label()}</a></li> }
        })
        .collect_view();
    view! { <nav class="kinds" aria-label="Recipes"><ul>{links}</ul></nav> }
}

#[component]
fn Shown(shown: UseView, recipe: Recipe) -> impl IntoView {
    let not_supported = recipe
        .not_supported
        .iter()
        .cloned()
        .map(|text| view! { <p class=format!("panel notice {}", Tone::Soon.class())>{text}</p> })
        .collect_view();
    let files = recipe.files.iter().cloned().map(|file| view! { <File file /> }).collect_view();
    let role = role(&shown, &recipe);
    let unchosen = shown.suggested_role.clone().map(|suggested| {
        view! { <Unchosen suggested href=role_page(&shown, &recipe) /> }
    });
    view! {
        {not_supported}
        {unchosen}
        <Panel title=recipe.id.label()>
            <p class="note">{recipe.id.summary()}</p>
            {files}
        </Panel>
        <RecipeFacts recipe=recipe.clone() is_secret=shown.is_secret />
        <Rights recipe comparison=shown.comparison.clone() role=shown.form.role.clone()>{role}</Rights>
    }
}

/// Where a role for this consumer is drafted.
fn role_page(shown: &UseView, recipe: &Recipe) -> String {
    let page = role_href(shown.id);
    match recipe.consumer {
        Some(kind) => {
            let name: String =
                form_urlencoded::byte_serialize(shown.role_name.as_bytes()).collect();
            format!("{page}?consumer={kind}&role_name={name}")
        }
        None => page,
    }
}

/// Says that the code names a role which nobody chose.
#[component]
fn Unchosen(suggested: SuggestedRole, href: String) -> impl IntoView {
    let SuggestedRole { arn, is_missing } = suggested;
    let said = if is_missing {
        " does not exist yet. "
    } else {
        " may not exist: IAM of the account could not be checked. "
    };
    view! {
        <p class=format!("panel notice {}", Tone::Soon.class())>
            "No role is chosen. The role in the code, "<span class="mono wrap">{arn}</span>","{said}
            "Create it with "<a href=href>"Role for a consumer"</a>", or "<a href="#use">"choose a role"</a>" that exists."
        </p>
    }
}

/// The way to a role for this consumer.
fn role(shown: &UseView, recipe: &Recipe) -> AnyView {
    let href = role_page(shown, recipe);
    let is_by_grant = recipe.rights.is_empty();
    if is_by_grant {
        let href = format!("/access/request?resource={}", shown.id);
        return view! { <p class="note"><a href=href>"Request access"</a></p> }.into_any();
    }
    view! { <p class="note"><a href=href>"Draft a role for it"</a></p> }.into_any()
}

#[component]
fn File(file: RecipeFile) -> impl IntoView {
    let RecipeFile { name, text, proof } = file;
    let label = name.clone();
    let tone = match proof.strength() {
        Strength::Ran | Strength::Checked => Tone::Good,
        Strength::Syntax => Tone::Unknown,
    };
    let href = data_href(&text);
    view! {
        <div data-key=name.clone()>
            <h3><span class="mono">{name.clone()}</span>" "<Chip tone text=proof.label() /></h3>
            <p class="actions">
                <Copy text=text.clone() label="Copy" />
                <a class="button" href=href download=name.clone()>"Download "<span class="sr">{name.clone()}</span></a>
            </p>
            <Source label=label text=text />
            <p class="note">{proof.sentence()}</p>
        </div>
    }
}

/// What of the resource is read, and by whom. The URL holds it.
#[component]
fn Choices(shown: UseView) -> impl IntoView {
    let UseView { id, is_secret, form, faults, stages, roles, .. } = shown;
    let roles = roles.into_iter().map(|arn| view! { <option value=arn></option> }).collect_view();
    let stage = is_secret.then(|| {
        let mut known = stages;
        if !form.stage.is_empty() && !known.contains(&form.stage) {
            known.push(form.stage.clone());
        }
        let all = known.into_iter().map(|stage| (stage.clone(), stage));
        let chosen = if form.stage.is_empty() { "AWSCURRENT" } else { form.stage.as_str() };
        let all = options(all, Some(chosen));
        view! {
            <label class="field">
                <span>"Stage"</span>
                <select name="stage">{all}</select>
                {fault_of(&faults, "stage")}
            </label>
        }
    });
    let chosen = (!form.recipe.is_empty())
        .then(|| view! { <input type="hidden" name="for" value=form.recipe.clone() /> });
    view! {
        <Panel title="Fill in">
            <form method="get" action=Tab::Use.href(id) id="use">
                {chosen}
                <div class="form">
                    {line(("key", "JSON key"), &form.key, "password", "Leave it empty for the whole value. Claviger does not read the value, so it does not know the keys.", &faults)}
                    {stage}
                    <label class="field">
                        <span>"Role that reads"</span>
                        <input name="role" class="mono" value=form.role.clone() list="use-roles" autocomplete="off" spellcheck="false" placeholder="arn:aws:iam::…:role/…" />
                        <small>"The recipe names this role, and its rights are compared with those that the recipe needs."</small>
                        <datalist id="use-roles">{roles}</datalist>
                        {fault_of(&faults, "role")}
                    </label>
                    <button class="button">"Fill in"</button>
                </div>
            </form>
        </Panel>
    }
}
