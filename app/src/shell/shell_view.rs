//! The frame itself.

use super::{
    api::{ResumeAccess, load_me, load_progress},
    keys::{KeyHelp, listen_to_keys},
    live::Live,
    nav::{InboxLink, Nav},
    palette::Palette,
    paused::AccessPausedNote,
    scan_pill::ScanPill,
    search::Search,
};
use leptos::prelude::*;
use leptos_router::components::Outlet;

#[component]
pub(crate) fn Shell() -> impl IntoView {
    let live = Live::provide();
    Effect::new(|| {
        listen_to_keys();
        // For anyone who has to know that the page answers to scripts now.
        if let Some(body) = document().body() {
            let _ = body.set_attribute("data-hydrated", "true");
        }
    });
    let resume = ServerAction::<ResumeAccess>::new();
    let me = Resource::new(
        move || (live.version.get(), live.access.get(), resume.version().get()),
        |_| load_me(),
    );
    let progress = Resource::new(|| (), |()| load_progress());
    view! {
        <a class="skip" href="#content">"Skip to content"</a>
        <div class="shell">
            <Transition>
                {move || Suspend::new(async move {
                    me.await.ok().map(|me| {
                        live.read_up_to(me.as_of_entry.clone());
                        view! { <Nav me /> }
                    })
                })}
            </Transition>
            <div class="main">
                <header class="topbar">
                    <Search />
                    <Transition>
                        {move || Suspend::new(async move {
                            me.await.ok().map(|me| view! { <InboxLink unread=me.access.unread /> })
                        })}
                    </Transition>
                    <Transition>
                        {move || Suspend::new(async move {
                            progress.await.ok().map(|first| view! { <ScanPill first /> })
                        })}
                    </Transition>
                </header>
                <Transition>
                    {move || Suspend::new(async move {
                        me.await.ok().and_then(|me| {
                            let may_resume = me.may_pause_access;
                            me.access_pause.map(|pause| view! { <AccessPausedNote pause may_resume resume /> })
                        })
                    })}
                </Transition>
                <main id="content" tabindex="-1">
                    <Outlet />
                </main>
            </div>
        </div>
        <KeyHelp />
        <Palette />
    }
}
