//! The documentation of this release, as pages.

use pulldown_cmark::{CowStr, Event, Options, Parser, Tag, TagEnd, html::push_html};
use std::collections::HashMap;

/// A document: the last part of its path, what the list calls it, and its Markdown.
pub(super) struct Document {
    pub(super) name: &'static str,
    pub(super) label: &'static str,
    text: &'static str,
}

macro_rules! documents {
    ($($name:literal, $label:literal, $file:literal;)*) => {
        &[$(Document {
            name: $name,
            label: $label,
            text: include_str!(concat!("../../../docs/", $file)),
        }),*]
    };
}

pub(super) static DOCUMENTS: &[Document] = documents![
    "guide", "User guide", "guide/README.md";
    "compliance", "Policies", "compliance.md";
    "rules", "Rules", "rules.md";
    "cli", "clv and claviger", "cli.md";
    "scan", "Scan one account", "scan.md";
    "configuration", "Configuration", "configuration.md";
    "deploy", "Deploy", "deploy.md";
    "identity-providers", "Identity providers", "identity-providers.md";
    "roles", "Roles in AWS", "roles.md";
    "trail-and-events", "Trail and events", "trail-and-events.md";
    "operations", "Operations", "operations.md";
    "metrics", "Metrics", "metrics.md";
    "threat-model", "Threat model", "threat-model.md";
    "glossary", "Glossary", "glossary.md";
];

/// A document as HTML, without its title.
pub(super) struct Page {
    pub(super) title: String,
    pub(super) html: String,
    /// The anchor of each heading.
    #[cfg(test)]
    pub(super) anchors: Vec<String>,
}

pub(super) fn document(name: &str) -> Option<&'static Document> {
    DOCUMENTS.iter().find(|document| document.name == name)
}

impl Document {
    /// Headings have the anchors that GitHub gives them. A link to a file that is no page is only its text.
    pub(super) fn page(&self) -> Page {
        let mut events = Parser::new_ext(self.text, Options::ENABLE_TABLES);
        let mut anchors = Anchors::default();
        let mut written: Vec<Event<'static>> = Vec::new();
        let mut title = String::new();
        let mut links = Vec::new();
        while let Some(event) = events.next() {
            match event {
                Event::Start(Tag::Heading { level, .. }) => {
                    let inner: Vec<Event<'_>> = events
                        .by_ref()
                        .take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_))))
                        .collect();
                    let text: String = inner.iter().filter_map(text_of).collect();
                    if title.is_empty() {
                        title = text;
                        continue;
                    }
                    let id = Some(CowStr::from(anchors.next(&text)));
                    let (classes, attrs) = (Vec::new(), Vec::new());
                    written.push(Event::Start(Tag::Heading { level, id, classes, attrs }));
                    written.extend(inner.into_iter().map(Event::into_static));
                    written.push(Event::End(TagEnd::Heading(level)));
                }
                Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
                    let to = resolved(&dest_url);
                    links.push(to.is_some());
                    if let Some(to) = to {
                        let tag = Tag::Link { link_type, dest_url: to.into(), title, id };
                        written.push(Event::Start(tag).into_static());
                    }
                }
                Event::End(TagEnd::Link) => {
                    if links.pop() == Some(true) {
                        written.push(Event::End(TagEnd::Link));
                    }
                }
                // The policy of the console's pages allows no style attribute, which an aligned column has.
                Event::Start(Tag::Table(columns)) => {
                    let columns = columns.iter().map(|_| pulldown_cmark::Alignment::None);
                    written.push(Event::Html(
                        "<div class=\"scroll\" role=\"group\" aria-label=\"Table\" tabindex=\"0\">"
                            .into(),
                    ));
                    written.push(Event::Start(Tag::Table(columns.collect())));
                }
                Event::End(TagEnd::Table) => {
                    written.push(Event::End(TagEnd::Table));
                    written.push(Event::Html("</div>".into()));
                }
                Event::Start(Tag::CodeBlock(_)) => {
                    written.push(Event::Html("<pre tabindex=\"0\"><code>".into()));
                }
                Event::End(TagEnd::CodeBlock) => {
                    written.push(Event::Html("</code></pre>\n".into()));
                }
                // Comments that mark what commands write.
                Event::Html(_) | Event::InlineHtml(_) => {}
                other => written.push(other.into_static()),
            }
        }
        let mut html = String::new();
        push_html(&mut html, written.into_iter());
        Page {
            title,
            html,
            #[cfg(test)]
            anchors: anchors.all,
        }
    }
}

fn text_of(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Text(text) | Event::Code(text) => Some(text.to_string()),
        _ => None,
    }
}

/// Where a link of a document leads in the console.
fn resolved(link: &str) -> Option<String> {
    if link.starts_with('#') || link.starts_with("https://") {
        return Some(link.to_owned());
    }
    let (path, anchor) = link.split_once('#').map_or((link, None), |(path, a)| (path, Some(a)));
    let path = path.trim_start_matches("../");
    let name = match path {
        "guide/README.md" => "guide",
        path => path.strip_suffix(".md")?,
    };
    document(name)?;
    Some(match anchor {
        Some(anchor) => format!("/help/{name}#{anchor}"),
        None => format!("/help/{name}"),
    })
}

/// The anchors that GitHub gives to headings: lower case, spaces as dashes, no punctuation, repetitions numbered.
#[derive(Default)]
struct Anchors {
    count: HashMap<String, u32>,
    #[cfg(test)]
    all: Vec<String>,
}

impl Anchors {
    fn next(&mut self, heading: &str) -> String {
        let plain: String = heading
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || [' ', '-', '_'].contains(c))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let earlier = self.count.entry(plain.clone()).or_default();
        let anchor = if *earlier == 0 { plain } else { format!("{plain}-{earlier}") };
        *earlier += 1;
        #[cfg(test)]
        self.all.push(anchor.clone());
        anchor
    }
}

#[cfg(test)]
mod tests {
    use super::{DOCUMENTS, resolved};

    #[test]
    fn each_document_has_a_title_and_no_markup_that_the_pages_refuse() {
        for document in DOCUMENTS {
            let page = document.page();
            assert!(!page.title.is_empty(), "{}", document.name);
            for refused in ["style=", "<script", "<!--", "<h1"] {
                assert!(!page.html.contains(refused), "{}: {refused}", document.name);
            }
        }
    }

    #[test]
    fn a_link_leads_to_a_page_of_the_console_or_is_text() {
        let cases = [
            ("#queue", Some("#queue")),
            ("https://cel.dev", Some("https://cel.dev")),
            ("../configuration.md#connections", Some("/help/configuration#connections")),
            ("guide/README.md", Some("/help/guide")),
            ("adr/0037-islands-and-one-module.md", None),
            ("../infra/policies", None),
        ];
        for (link, expected) in cases {
            assert_eq!(resolved(link).as_deref(), expected, "{link}");
        }
    }

    #[test]
    fn a_link_to_an_anchor_leads_to_a_heading() {
        for document in DOCUMENTS {
            let page = document.page();
            for part in page.html.split("href=\"").skip(1) {
                let link = part.split('"').next().unwrap();
                let Some((path, anchor)) = link.split_once('#') else { continue };
                let name = match path.strip_prefix("/help/") {
                    Some(name) => name,
                    None if path.is_empty() => document.name,
                    None => continue,
                };
                let there = super::document(name).unwrap().page();
                assert!(there.anchors.iter().any(|own| own == anchor), "{}: {link}", document.name);
            }
        }
    }
}
