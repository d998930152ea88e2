//! Roles and scopes: which group has which role where, and who of the known people has them.

use super::{
    api::load_roles,
    frame::{SettingList, SettingsFrame},
};
use crate::ui::{
    Chip, DataTable, EmptyState, Heading, Panel, Tone,
    format::{counted, grouped},
    loaded,
};
use claviger_domain::settings::{BoundRole, KnownMember, RolesView};
use leptos::prelude::*;

#[component]
pub(crate) fn RolesPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_roles());
    loaded(page, "Settings", |shown: RolesView| view! { <Roles shown /> }.into_any())
}

#[component]
fn Roles(shown: RolesView) -> impl IntoView {
    let problems = (!shown.problems.is_empty()).then(|| {
        let each = shown.problems.into_iter().map(|text| view! { <li>{text}</li> }).collect_view();
        view! {
            <Panel title="Scopes that match nothing, or more than one OU" class="notice soon"><ul>{each}</ul></Panel>
        }
    });
    let bindings = if shown.roles.is_empty() {
        view! {
            <EmptyState title="No roles are configured.">
                <p>"Give a group of your identity provider a role under roles in the configuration file."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = shown.roles.into_iter().map(|role| view! { <Binding role /> }).collect_view();
        let head = ["Group", "Role", "Scope", "People"].map(Heading::text);
        view! { <div class="panel flush"><DataTable head>{rows}</DataTable></div> }.into_any()
    };
    let listed = u64::try_from(shown.people.len()).unwrap_or(u64::MAX);
    let of_all = (listed < shown.known_people)
        .then(|| format!(" The first {} are listed.", grouped(listed)));
    let people = format!(
        "{} signed in within {} days.{}",
        counted(shown.known_people, "person", "people"),
        shown.known_days,
        of_all.unwrap_or_default()
    );
    let members = shown.people.into_iter().map(|member| view! { <Member member /> }).collect_view();
    view! {
        <SettingsFrame
            title="Roles and scopes"
            context="Groups of the identity provider get roles from the configuration file. Nobody else has access."
        >
            {problems}
            {bindings}
            <h2>"People"</h2>
            <p class="context">{people}</p>
            <div class="panel flush">
                <DataTable head=["Person", "Roles"].map(Heading::text)>{members}</DataTable>
            </div>
            {(!shown.sign_in.is_empty()).then(|| view! {
                <Panel title="Sign-in"><SettingList rows=shown.sign_in /></Panel>
            })}
        </SettingsFrame>
    }
}

#[component]
fn Binding(role: BoundRole) -> impl IntoView {
    let rest = role.members.saturating_sub(u64::try_from(role.people.len()).unwrap_or(u64::MAX));
    let people = match role.members {
        0 => view! { <span class="faint">"None has signed in"</span> }.into_any(),
        _ if rest > 0 => {
            format!("{} and {} more", role.people.join(", "), grouped(rest)).into_any()
        }
        _ => role.people.join(", ").into_any(),
    };
    view! {
        <tr>
            <td class="name mono wrap">{role.group}</td>
            <td data-label="Role">{role.role}</td>
            <td data-label="Scope" class="wrap">{role.scope}</td>
            <td data-label="People" class="wrap">{people}</td>
        </tr>
    }
}

#[component]
fn Member(member: KnownMember) -> impl IntoView {
    let roles = if member.roles.is_empty() {
        view! { <Chip tone=Tone::Unknown text="No role" /> }.into_any()
    } else {
        member.roles.join("; ").into_any()
    };
    view! {
        <tr>
            <td class="name">{member.name}<small class="wrap">{member.email.unwrap_or(member.subject)}</small></td>
            <td data-label="Roles" class="wrap">{roles}</td>
        </tr>
    }
}
