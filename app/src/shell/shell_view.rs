//! The frame itself.

use super::{
    api::{load_me, load_progress},
    help_page::HelpLink,
    keys::KeyHelp,
    nav::{InboxLink, Nav},
    palette::Palette,
    paused::AccessPausedNote,
    scan_pill::ScanPill,
    search::Search,
};
use crate::compliance::UndoToast;
use crate::settings::SetupNotice;
use crate::ui::once_read;
use leptos::prelude::*;
use leptos_router::components::Outlet;

#[component]
pub(crate) fn Shell() -> impl IntoView {
    let me = ArcResource::new(|| (), |()| load_me());
    let progress = ArcResource::new(|| (), |()| load_progress());
    let nav = once_read(me.clone(), |me| me.ok().map(|me| view! { <Nav me /> }).into_any());
    let inbox = once_read(me.clone(), |me| {
        me.ok().map(|me| view! { <InboxLink unread=me.access.unread /> }).into_any()
    });
    let pill = once_read(progress, |progress| {
        progress.ok().map(|progress| view! { <ScanPill progress /> }).into_any()
    });
    let paused = once_read(me.clone(), |me| {
        let note = me.ok().and_then(|me| {
            let may_resume = me.may_pause_access;
            me.access_pause.map(|pause| view! { <AccessPausedNote pause may_resume /> })
        });
        note.into_any()
    });
    // Both lead to pages that need a role.
    let search = once_read(me.clone(), |me| {
        me.ok().is_none_or(|me| me.has_role()).then(|| view! { <Search /> }).into_any()
    });
    let help = once_read(me.clone(), |me| {
        me.ok().is_none_or(|me| me.has_role()).then(|| view! { <HelpLink /> }).into_any()
    });
    let palette = once_read(me, |me| me.ok().map(|me| view! { <Palette me /> }).into_any());
    view! {
        <a class="skip" href="#content">"Skip to content"</a>
        <div class="shell">
            {nav}
            <div class="main">
                <header class="topbar">
                    {search}
                    {inbox}
                    {pill}
                    {help}
                </header>
                <div id="notices">
                    {paused}
                    <SetupNotice />
                </div>
                <main id="content" tabindex="-1">
                    <UndoToast />
                    <Outlet />
                </main>
            </div>
        </div>
        <KeyHelp />
        {palette}
    }
}
