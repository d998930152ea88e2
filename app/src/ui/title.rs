//! The page's title. Leptos 0.8 writes it unescaped on the server; this is the one place that escapes.

use leptos::prelude::*;
use leptos_meta::Title;

#[component]
pub(crate) fn PageTitle(#[prop(into)] text: String) -> impl IntoView {
    let title = format!("{text} · Claviger");
    view! { <Title text=escape(&title) /> }
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
