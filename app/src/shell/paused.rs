//! The note on every page while all access is paused.

use super::api::ResumeAccess;
use crate::ui::format::absolute;
use claviger_domain::grants::AccessPause;
use leptos::prelude::*;

/// Who paused access and why; who may, resumes it here.
#[component]
pub(crate) fn AccessPausedNote(pause: AccessPause, may_resume: bool) -> impl IntoView {
    let button = may_resume.then(|| {
        let resume = ServerAction::<ResumeAccess>::new();
        view! { <ActionForm action=resume><button class="button">"Resume access"</button></ActionForm> }
    });
    view! {
        <div class="notice bad" role="status">
            <p>
                <strong>{format!("Access paused by {}. ", pause.by)}</strong>
                {format!("{} ({}) ", pause.reason, absolute(pause.at))}
                "Nobody can start access or get a session."
            </p>
            {button}
        </div>
    }
}
