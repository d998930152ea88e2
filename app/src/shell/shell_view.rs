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
use leptos::prelude::*;
use leptos_router::components::Outlet;

#[component]
pub(crate) fn Shell() -> impl IntoView {
    let me = Resource::new(|| (), |()| load_me());
    let progress = Resource::new(|| (), |()| load_progress());
    view! {
        <a class="skip" href="#content">"Skip to content"</a>
        <div class="shell">
            <Suspense>
                {move || Suspend::new(async move { me.await.ok().map(|me| view! { <Nav me /> }) })}
            </Suspense>
            <div class="main">
                <header class="topbar">
                    <Search />
                    <Suspense>
                        {move || Suspend::new(async move {
                            me.await.ok().map(|me| view! { <InboxLink unread=me.access.unread /> })
                        })}
                    </Suspense>
                    <Suspense>
                        {move || Suspend::new(async move {
                            progress.await.ok().map(|progress| view! { <ScanPill progress /> })
                        })}
                    </Suspense>
                    <HelpLink />
                </header>
                <Suspense>
                    {move || Suspend::new(async move {
                        me.await.ok().and_then(|me| {
                            let may_resume = me.may_pause_access;
                            me.access_pause.map(|pause| view! { <AccessPausedNote pause may_resume /> })
                        })
                    })}
                </Suspense>
                <SetupNotice />
                <main id="content" tabindex="-1">
                    <UndoToast />
                    <Outlet />
                </main>
            </div>
        </div>
        <KeyHelp />
        <Suspense>
            {move || Suspend::new(async move { me.await.ok().map(|me| view! { <Palette me /> }) })}
        </Suspense>
    }
}
