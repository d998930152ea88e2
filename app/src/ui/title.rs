//! The page's title. Leptos 0.8 writes it unescaped on the server; this is the one place that escapes.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub(crate) fn PageTitle(#[prop(into)] text: String) -> impl IntoView {
    view! { <Title text=title_text(&text) /> }
}

/// What stands in `<title>` for a page of this name, escaped. As a child, Leptos would write its marker `<!>` behind it, which
/// browsers show in the tab.
pub(crate) fn title_text(name: &str) -> String {
    escape(&format!("{name} · Claviger"))
}

/// The text of a text area, which Leptos 0.8 writes unescaped on the server as well.
pub(crate) fn text_area(text: &str) -> String {
    escape(text)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::escape;

    #[test]
    fn a_title_cannot_end_itself() {
        assert_eq!(escape("</title><script>&"), "&lt;/title&gt;&lt;script&gt;&amp;");
    }
}
