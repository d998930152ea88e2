//! The pages that need no session: plain HTML from the server, nothing to hydrate.

use crate::ui::{Icon, Shape, title_text};
use leptos::prelude::*;

/// What a public page says.
pub struct PublicPage {
    pub title: String,
    pub text: String,
    /// A fault is said in an alert.
    pub fault: Option<String>,
    /// Where the button goes, and what it says.
    pub action: Option<(String, String)>,
}

/// Renders a public page. `assets` is the path under which the style sheet lies.
pub fn render(page: PublicPage, assets: &str, theme: crate::Theme) -> String {
    whole(page, assets, theme, false)
}

/// The same for someone who is signed in, and can sign out.
pub fn render_signed_in(page: PublicPage, assets: &str, theme: crate::Theme) -> String {
    whole(page, assets, theme, true)
}

fn whole(page: PublicPage, assets: &str, theme: crate::Theme, signed_in: bool) -> String {
    let theme = match theme {
        crate::Theme::Light => Some("light"),
        crate::Theme::Dark => Some("dark"),
        crate::Theme::System => None,
    };
    let title = title_text(&page.title);
    let fault = page.fault.map(|fault| view! { <p class="fault" role="alert">{fault}</p> });
    let action = page
        .action
        .map(|(href, label)| view! { <a class="button primary wide" href=href>{label}</a> });
    let sign_out = signed_in.then(|| {
        view! {
            <form method="post" action="/auth/logout">
                <button class="button wide" type="submit">"Sign out"</button>
            </form>
        }
    });
    let html = view! {
        <html lang="en" data-theme=theme>
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" type="image/svg+xml" href=format!("{assets}/icon.svg") />
                <link rel="stylesheet" href=format!("{assets}/claviger.css") />
                <title inner_html=title></title>
            </head>
            <body class="public">
                <main class="panel">
                    <p class="brand"><Icon shape=Shape::Key />"Claviger"</p>
                    <h1>{page.title}</h1>
                    <p>{page.text}</p>
                    {fault}
                    {action}
                    {sign_out}
                </main>
            </body>
        </html>
    };
    format!("<!doctype html>{}", html.to_html())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_is_one_text() {
        let page = PublicPage {
            title: "Signed out & <away>".into(),
            text: String::new(),
            fault: None,
            action: None,
        };
        let html = render(page, "/pkg", crate::Theme::System);
        assert!(html.contains("<title>Signed out &amp; &lt;away&gt; · Claviger</title>"), "{html}");
    }
}
