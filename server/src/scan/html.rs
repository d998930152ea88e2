//! The result as one HTML file: no script, no other file, light and dark.

use claviger_domain::{
    VariantArray,
    compliance::{Severity, view::FindingRow},
    facts::Kind,
};
use claviger_policy::compliance::Policy;
use claviger_services::AccountScan;
use leptos::prelude::*;
use time::format_description::well_known::Rfc3339;

const STYLE: &str = include_str!("report.css");

/// The whole document. Leptos escapes every text and attribute.
pub(super) fn page(scan: &AccountScan) -> String {
    let title = format!("Secrets of account {}", scan.account);
    let html = view! {
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <meta name="referrer" content="no-referrer"/>
                <meta
                    http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'"
                />
                <title inner_html=title.clone()></title>
                <style inner_html=STYLE></style>
            </head>
            <body>
                <header>
                    <h1>{title}</h1>
                    {facts(scan)}
                </header>
                <main>
                    {(!scan.is_whole()).then(|| not_read(scan))}
                    {summary(scan)}
                    {failing(scan)}
                    {unknown(scan)}
                    {skipped(scan)}
                </main>
                <footer>
                    <p>{format!("Claviger {}. It read metadata, never a value.", env!("CARGO_PKG_VERSION"))}</p>
                </footer>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>\n{}\n", html.to_html())
}

fn facts(scan: &AccountScan) -> impl IntoView + use<> {
    let regions: Vec<String> = scan.resources.keys().map(ToString::to_string).collect();
    let at = scan.at.replace_nanosecond(0).unwrap_or(scan.at).format(&Rfc3339).unwrap_or_default();
    let facts = [
        ("Scanned", at),
        ("Regions", regions.join(", ")),
        ("Policies", scan.policy_source.clone()),
        ("Secrets", scan.count(Kind::Secret).to_string()),
        ("Parameters", scan.count(Kind::Parameter).to_string()),
    ];
    let facts = facts.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> });
    view! { <dl class="facts">{facts.into_iter().collect_view()}</dl> }
}

fn not_read(scan: &AccountScan) -> impl IntoView + use<> {
    let lines: Vec<String> = scan.not_read.iter().map(ToString::to_string).collect();
    let lines = lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view();
    view! {
        <section class="gap" aria-labelledby="not-read">
            <h2 id="not-read">"Not read"</h2>
            <p>"The scan is incomplete. Checks of what was not read are unknown."</p>
            <ul>{lines}</ul>
        </section>
    }
}

fn summary(scan: &AccountScan) -> impl IntoView + use<> {
    let rows = Severity::VARIANTS
        .iter()
        .map(|severity| {
            let tally = scan.tallies.get(severity).copied().unwrap_or_default();
            view! {
                <tr>
                    <th scope="row">{chip(*severity)}</th>
                    <td>{tally.fail}</td>
                    <td>{tally.unknown}</td>
                    <td>{tally.pass}</td>
                </tr>
            }
        })
        .collect_view();
    let sum = scan.tally();
    view! {
        <section aria-labelledby="summary">
            <h2 id="summary">"Checks by severity"</h2>
            <table class="summary">
                <thead>
                    <tr>
                        <th scope="col">"Severity"</th>
                        <th scope="col">"Failing"</th>
                        <th scope="col">"Unknown"</th>
                        <th scope="col">"Passed"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
                <tfoot>
                    <tr>
                        <th scope="row">"Total"</th>
                        <td>{sum.fail}</td>
                        <td>{sum.unknown}</td>
                        <td>{sum.pass}</td>
                    </tr>
                </tfoot>
            </table>
        </section>
    }
}

/// A section for each policy that fails, the most severe first.
fn failing(scan: &AccountScan) -> impl IntoView + use<> {
    let groups = scan.failing.chunk_by(|a, b| a.policy == b.policy);
    let groups = groups
        .map(|rows| {
            let policy = scan.policies.iter().find(|policy| policy.id == rows[0].policy);
            group(policy, rows)
        })
        .collect_view();
    let none = scan.failing.is_empty().then(|| view! { <p>"No check fails."</p> });
    view! {
        <section aria-labelledby="failing">
            <h2 id="failing">"Failing checks"</h2>
            {none}
            {groups}
        </section>
    }
}

fn group(policy: Option<&Policy>, rows: &[FindingRow]) -> impl IntoView + use<> {
    let first = &rows[0];
    let (title, severity, count) = (first.policy_title.clone(), first.severity, rows.len());
    let asks = policy.map(|policy| policy.rule.asks());
    let id = format!("policy-{}", first.policy);
    let rows = rows.iter().map(finding).collect_view();
    view! {
        <article aria-labelledby=id.clone()>
            <h3 id=id.clone()>{chip(severity)} " " {title} " " <span class="count">{format!("({count})")}</span></h3>
            {asks.map(|asks| view! { <p class="asks">{format!("Requirement: {asks}")}</p> })}
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Resource"</th>
                        <th scope="col">"Finding"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </article>
    }
}

fn finding(row: &FindingRow) -> impl IntoView + use<> {
    let owner = row.team.as_ref().map(|team| format!(", owner {team}")).unwrap_or_default();
    let about = format!("{} in {}{owner}", row.kind, row.region);
    let evidence = row
        .evidence
        .iter()
        .map(|e| view! { <div><dt>{e.fact.clone()}</dt><dd>{e.value.clone()}</dd></div> })
        .collect_view();
    let evidence = (!row.evidence.is_empty()).then(|| view! { <dl>{evidence}</dl> });
    view! {
        <tr>
            <th scope="row">{row.name.clone()}<small>{about}</small></th>
            <td>{row.says.clone()}{evidence}</td>
        </tr>
    }
}

fn unknown(scan: &AccountScan) -> Option<impl IntoView + use<>> {
    let reasons = scan.unknown_reasons();
    let rows = reasons
        .iter()
        .map(|(says, count)| view! { <tr><td>{(*says).to_owned()}</td><td>{*count}</td></tr> })
        .collect_view();
    (!reasons.is_empty()).then(|| {
        view! {
            <section aria-labelledby="unknown">
                <h2 id="unknown">"Unknown"</h2>
                <p>"These checks could not be decided. They have not passed."</p>
                <table class="unknown">
                    <thead>
                        <tr>
                            <th scope="col">"Reason"</th>
                            <th scope="col">"Checks"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
        }
    })
}

fn skipped(scan: &AccountScan) -> Option<impl IntoView + use<>> {
    let ids = scan.skipped.join(", ");
    (!ids.is_empty()).then(|| {
        view! {
            <section aria-labelledby="skipped">
                <h2 id="skipped">"Policies not evaluated"</h2>
                <p>{format!("A scan of one account does not know its OUs, and these policies are limited to OUs: {ids}")}</p>
            </section>
        }
    })
}

fn chip(severity: Severity) -> impl IntoView {
    view! { <span class=format!("chip {severity}")>{severity.to_string()}</span> }
}
