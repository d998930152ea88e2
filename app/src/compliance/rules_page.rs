//! The catalog of rules: what each checks, its parameters, an example, and the policies that use it.

use super::api::load_rules;
use crate::ui::{Breadcrumb, PageHeader, PageTitle, Source, format::counted, loaded};
use claviger_domain::compliance::view::{RuleParameter, RuleRow};
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn RulesPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_rules());
    loaded(page, "Rules", |rules: Vec<RuleRow>| view! { <Catalog rules /> }.into_any())
}

#[component]
fn Catalog(rules: Vec<RuleRow>) -> impl IntoView {
    let many = u64::try_from(rules.len()).unwrap_or(u64::MAX);
    let context = format!(
        "{} that policies use. A rule fails only if the facts prove it.",
        counted(many, "built-in rule", "built-in rules")
    );
    let links = rules.iter().map(|rule| {
        let href = format!("#{}", rule.name);
        view! { <li><a href=href class="mono">{rule.name.clone()}</a></li> }
    });
    let links = links.collect_view();
    let each = rules.into_iter().map(|rule| view! { <Rule rule /> }).collect_view();
    view! {
        <PageTitle text="Rules" />
        <PageHeader>
            <Breadcrumb><a href="/policies">"Policies"</a></Breadcrumb>
            <h1>"Rules"</h1>
            <p class="context">{context}</p>
        </PageHeader>
        <div class="with-rail">
            <nav class="panel choices" aria-label="Rules"><h2>"Rules"</h2><ul>{links}</ul></nav>
            <div class="stack">{each}</div>
        </div>
    }
}

#[component]
fn Rule(rule: RuleRow) -> impl IntoView {
    let (id, label) = (rule.name.clone(), format!("Example of {}", rule.name));
    let example = format!("rule:\n  {}", rule.example.replace('\n', "\n  "));
    let policies = if rule.policies.is_empty() {
        Either::Left(view! { <span class="faint">"No enabled policy"</span> })
    } else {
        let links = rule.policies.into_iter().map(|(id, title)| {
            view! { <li><a href=format!("/policies/{id}")>{title}</a></li> }
        });
        Either::Right(view! { <ul>{links.collect_view()}</ul> })
    };
    let parameters = (!rule.parameters.is_empty()).then(|| {
        let each = rule.parameters.into_iter().map(|one| view! { <Parameter one /> });
        view! { <dt>"Parameters"</dt><dd><ul>{each.collect_view()}</ul></dd> }
    });
    let fixes = if rule.fixes.is_empty() { "none".to_owned() } else { rule.fixes.join(", ") };
    let source = rule.source.map(|href| {
        let text = href.clone();
        view! { <dt>"AWS"</dt><dd class="wrap"><a href=href rel="noreferrer">{text}</a></dd> }
    });
    view! {
        <section class="panel" id=id>
            <h2 class="mono">{rule.name}</h2>
            <p>{marked(&rule.checks)}</p>
            <dl class="facts">
                <dt>"Applies to"</dt><dd>{rule.applies_to}</dd>
                {parameters}
                <dt>"Unknown if"</dt><dd>{marked(&rule.unknown)}</dd>
                <dt>"Fixes"</dt><dd>{fixes}</dd>
                <dt>"In the baseline"</dt><dd>{rule.baseline_severity.unwrap_or_else(|| "not included".into())}</dd>
                <dt>"Policies"</dt><dd>{policies}</dd>
                {source}
            </dl>
            <Source label=label text=example />
        </section>
    }
}

#[component]
fn Parameter(one: RuleParameter) -> impl IntoView {
    let default = one.default.map_or("required".to_owned(), |text| format!("default {text}"));
    view! { <li><code>{one.name}</code>": "{marked(&one.value)}"; "{marked(&default)}</li> }
}

/// Text of the reference, whose code is in backticks and whose links lead into the documentation.
fn marked(text: &str) -> impl IntoView + use<> {
    let text = without_links(text);
    let parts = text.split('`').enumerate().map(|(at, part)| {
        let part = part.to_owned();
        if at % 2 == 1 { Either::Left(view! { <code>{part}</code> }) } else { Either::Right(part) }
    });
    parts.collect_view()
}

/// `[facts](compliance.md)` is `facts`.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        out.push_str(before);
        let Some((label, after)) = link.split_once("](") else {
            out.push('[');
            rest = link;
            continue;
        };
        out.push_str(label);
        rest = after.split_once(')').map_or("", |(_, after)| after);
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::without_links;

    #[test]
    fn links_of_the_reference_become_their_text() {
        assert_eq!(without_links("It is true ([facts](a.md#b))."), "It is true (facts).");
        assert_eq!(without_links("a [list] of"), "a [list] of");
    }
}
