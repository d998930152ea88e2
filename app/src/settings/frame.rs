//! The frame of a settings page: the heading, the other settings pages, and settings in groups.

use crate::ui::{PageHeader, PageTitle, Panel, SectionLink};
use claviger_domain::settings::{SettingGroup, SettingRow};
use leptos::prelude::*;

/// The settings pages: path and title.
const PAGES: [(&str, &str); 9] = [
    ("/settings", "Roles and scopes"),
    ("/settings/access-rules", "Access rules"),
    ("/settings/owners", "Owner rules"),
    ("/settings/channels", "Channels"),
    ("/settings/schedule", "Schedule"),
    ("/settings/jobs", "Jobs"),
    ("/settings/events", "Events"),
    ("/settings/system", "System health"),
    ("/settings/setup", "Setup"),
];

/// A settings page. `context` is a line about it.
#[component]
pub(super) fn SettingsFrame(
    title: &'static str,
    #[prop(into)] context: String,
    children: Children,
) -> impl IntoView {
    let links = PAGES.map(|(path, label)| {
        view! { <li><SectionLink href=path exact=true>{label}</SectionLink></li> }
    });
    view! {
        <PageTitle text=format!("{title} · Settings") />
        <PageHeader>
            <h1>{title}</h1>
            <p class="context">{context}</p>
        </PageHeader>
        <div class="with-rail settings">
            <nav class="panel choices" aria-label="Settings"><h2>"Settings"</h2><ul>{links.into_iter().collect_view()}</ul></nav>
            <div class="stack">{children()}</div>
        </div>
    }
}

/// Settings under their headings.
#[component]
pub(super) fn SettingGroups(groups: Vec<SettingGroup>) -> impl IntoView {
    groups
        .into_iter()
        .map(|group| {
            view! { <Panel title=group.title><SettingList rows=group.rows /></Panel> }
        })
        .collect_view()
}

/// Each setting with its value, and its name in the configuration.
#[component]
pub(super) fn SettingList(rows: Vec<SettingRow>) -> impl IntoView {
    let rows = rows.into_iter().map(|row| {
        let setting = row.setting.map(|name| view! { <small class="mono">{name}</small> });
        view! { <dt>{row.about}</dt><dd class="wrap">{row.value}{setting}</dd> }
    });
    view! { <dl class="facts">{rows.collect_view()}</dl> }
}
