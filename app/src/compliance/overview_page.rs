//! The posture at a glance: a score with its arithmetic, what needs somebody, where it comes from.

use super::{
    api::load_overview,
    chart::Trend,
    labels::{category_label, percent, severity_tone, share_tone},
};
use crate::ui::{
    Ago, Chip, Incomplete, PageHeader, PageTitle, Panel, Tone,
    format::{absolute, counted, grouped},
    loaded,
};
use claviger_domain::{
    VariantArray,
    compliance::{
        Category, Tally,
        view::{
            ControlRow, FindingRow, Gap, Group, Need, Offender, Overview, PolicyRow, ScorePart,
        },
    },
};
use leptos::prelude::*;
use leptos_router::components::A;
use time::OffsetDateTime;

#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let overview = Resource::new(|| (), |()| load_overview());
    loaded(overview, "Overview", |shown: Overview| view! { <OverviewContent shown /> }.into_any())
}

#[component]
fn OverviewContent(shown: Overview) -> impl IntoView {
    let context = format!(
        "{} in {}",
        counted(shown.resources, "secret and parameter", "secrets and parameters"),
        counted(shown.accounts, "account", "accounts")
    );
    let now = shown.as_of;
    let evaluated = shown.evaluated_at.map_or_else(
        || view! { <span>"Some accounts are not evaluated yet."</span> }.into_any(),
        |at| view! { <span>"Evaluated "<Ago at now /></span> }.into_any(),
    );
    let actions = view! {
        // The browser's own dialog; the style sheet makes the page a report.
        <button type="button" class="button needs-script" data-print="">"Export report (PDF)"</button>
        <A href="/findings" attr:class="button">"All findings"</A>
    }
    .into_any();
    view! {
        <PageTitle text="Overview" />
        <PageHeader actions>
            <h1>"Overview"</h1>
            <p class="context">{context}". "{evaluated}</p>
        </PageHeader>
        <Incomplete why=shown.incomplete.clone() />
        <p class="on-paper">{format!("As of {}", absolute(now))}</p>
        <div class="columns overview">
            <div>
                <ScorePanel shown=shown.clone() />
                <Units groups=shown.by_ou />
                <Policies rows=shown.by_policy />
                <Groups title="By team" field="team" groups=shown.by_team />
                <Groups title="By account" field="account" groups=shown.by_account />
                <Controls rows=shown.controls />
            </div>
            <div>
                <Needs needs=shown.needs />
                <Worse rows=shown.worse now />
                <Offenders rows=shown.offenders />
                <Coverage tally=shown.tally gaps=shown.gaps />
            </div>
        </div>
    }
}

#[component]
fn ScorePanel(shown: Overview) -> impl IntoView {
    let score = percent(shown.score.per_mille());
    // By its date: days of which not everything is known are not among them.
    let before = shown.as_of.date() - time::Duration::days(7);
    let week = shown.days.iter().find(|day| day.day == before);
    // Against a number that is not whole yet nothing has moved.
    let week = week.filter(|_| shown.incomplete.is_none());
    let moved = week.and_then(|day| Some((shown.score.per_mille()?, day.score.per_mille()?)));
    let moved = moved.map(|(now, before)| {
        let by = percent(Some(now.abs_diff(before)));
        match now.cmp(&before) {
            std::cmp::Ordering::Greater => ("good", format!("up {by} this week")),
            std::cmp::Ordering::Less => ("bad", format!("down {by} this week")),
            std::cmp::Ordering::Equal => ("unknown", "unchanged this week".to_owned()),
        }
    });
    view! {
        <Panel title="Posture">
            <p class="score"><strong>{score}</strong>
                {shown.incomplete.is_some().then(|| view! { " "<Chip tone=Tone::Soon text="Incomplete" /> })}
                {moved.map(|(class, text)| view! { <span class=format!("moved {class}")>{text}</span> })}
            </p>
            <p class="faint">"Weighted share of checks that pass. Unknown counts as failing; excepted findings are excluded."</p>
            <Arithmetic parts=shown.parts passed=shown.score.passed of=shown.score.of />
            <Trend days=shown.days />
        </Panel>
    }
}

#[component]
fn Arithmetic(parts: Vec<ScorePart>, passed: u64, of: u64) -> impl IntoView {
    let rows = parts
        .into_iter()
        .map(|part| {
            let weight = u64::from(part.severity.weight());
            let ScorePart { severity, tally } = part;
            let fails = format!("/findings?severity={severity}");
            let unknown = format!("/findings?severity={severity}&verdict=unknown");
            let waived = format!("/findings?severity={severity}&state=waived");
            view! {
                <tr>
                    <td><Chip tone=severity_tone(severity) text=severity.to_string() /></td>
                    <td class="number">{grouped(tally.pass)}</td>
                    <td class="number"><A href=fails>{grouped(tally.fail)}</A></td>
                    <td class="number"><A href=unknown>{grouped(tally.unknown)}</A></td>
                    <td class="number"><A href=waived>{grouped(tally.waived)}</A></td>
                    <td class="number">{weight}</td>
                    <td class="number">{format!("{} of {}", grouped(weight * tally.pass), grouped(weight * tally.all()))}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <details class="behind">
            <summary>"How this is calculated"</summary>
            <div class="scrolls" tabindex="0" role="region" aria-label="How this is calculated">
            <table class="plain">
                <thead><tr>
                    <th scope="col">"Severity"</th><th scope="col" class="number">"Pass"</th><th scope="col" class="number">"Fail"</th>
                    <th scope="col" class="number">"Unknown"</th><th scope="col" class="number">"Excepted"</th><th scope="col" class="number">"Weight"</th><th scope="col" class="number">"Points"</th>
                </tr></thead>
                <tbody>{rows}</tbody>
                <tfoot><tr>
                    <th scope="row" colspan="6">"Total"</th>
                    <td class="number">{format!("{} of {}", grouped(passed), grouped(of))}</td>
                </tr></tfoot>
            </table>
            </div>
        </details>
    }
}

#[component]
fn Needs(needs: Vec<Need>) -> impl IntoView {
    let rows = needs
        .into_iter()
        .map(|need| {
            let class = match (need.count, need.is_bad) {
                (0, _) => "zero",
                (_, true) => "bad",
                (_, false) => "soon",
            };
            view! { <li><A href=need.href><span>{need.label}</span><strong class=class>{grouped(need.count)}</strong></A></li> }
        })
        .collect_view();
    view! { <Panel title="Needs attention" class="flush"><ul class="needs">{rows}</ul></Panel> }
}

/// A share on its colour, which leads to what fails.
#[component]
fn Share(tally: Tally, href: String) -> impl IntoView {
    let share = tally.per_mille();
    let text = share.map_or_else(|| "–".to_owned(), |n| format!("{}%", n / 10));
    let title = format!("{} pass, {} fail, {} unknown", tally.pass, tally.fail, tally.unknown);
    let said = format!(": {title}");
    view! {
        <td class=format!("share {}", share_tone(share).class())>
            <A href=href attr:title=title>{text}<span class="sr">{said}</span></A>
        </td>
    }
}

#[component]
fn Units(groups: Vec<Group>) -> impl IntoView {
    let heads = Category::VARIANTS
        .iter()
        .map(|category| view! { <th scope="col">{category_label(*category)}</th> })
        .collect_view();
    let rows = groups
        .into_iter()
        .map(|group| {
            let cells = Category::VARIANTS
                .iter()
                .zip(group.by_category)
                .map(|(category, tally)| {
                    let href = format!("/findings?ou={}&category={category}", group.value);
                    view! { <Share tally href /> }
                })
                .collect_view();
            view! { <tr><th scope="row">{group.label}</th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <Panel title="Pass rate by OU">
            <div class="scrolls" tabindex="0" role="region" aria-label="Pass rate by OU">
                <table class="heat"><thead><tr><th scope="col">"OU"</th>{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
        </Panel>
    }
}

#[component]
fn Numbers(tally: Tally, query: String) -> impl IntoView {
    let unknown = format!("/findings?{query}&verdict=unknown");
    view! {
        <td class="number"><A href=format!("/findings?{query}")>{grouped(tally.fail)}</A></td>
        <td class="number"><A href=unknown>{grouped(tally.unknown)}</A></td>
        <td class="number">{percent(tally.per_mille())}</td>
    }
}

const HEADS: [&str; 3] = ["Failing", "Unknown", "Pass rate"];

fn heads(first: &'static str) -> impl IntoView {
    let rest =
        HEADS.map(|head| view! { <th scope="col" class="number">{head}</th> }).collect_view();
    view! { <thead><tr><th scope="col">{first}</th>{rest}</tr></thead> }
}

#[component]
fn Policies(rows: Vec<PolicyRow>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = format!("/policies/{}", row.id);
            view! {
                <tr>
                    <th scope="row"><A href=href>{row.title}</A>" "<Chip tone=severity_tone(row.severity) text=row.severity.to_string() /></th>
                    <Numbers tally=row.tally query=format!("policy={}", row.id) />
                </tr>
            }
        })
        .collect_view();
    view! { <Panel title="By policy"><table class="plain">{heads("Policy")}<tbody>{rows}</tbody></table></Panel> }
}

#[component]
fn Groups(title: &'static str, field: &'static str, groups: Vec<Group>) -> impl IntoView {
    let rows = groups
        .into_iter()
        .map(|group| {
            let value: String = form_urlencoded(&group.value);
            view! { <tr><th scope="row">{group.label}</th><Numbers tally=group.tally query=format!("{field}={value}") /></tr> }
        })
        .collect_view();
    let first = if field == "team" { "Team" } else { "Account" };
    view! {
        <Panel title>
            <table class="plain">{heads(first)}<tbody>{rows}</tbody></table>
        </Panel>
    }
}

fn form_urlencoded(value: &str) -> String {
    let query = claviger_domain::compliance::FindingQuery {
        teams: vec![value.to_owned()],
        ..Default::default()
    };
    query.to_url_query().trim_start_matches("team=").to_owned()
}

#[component]
fn Controls(rows: Vec<ControlRow>) -> impl IntoView {
    if rows.is_empty() {
        return ().into_any();
    }
    let rows = rows
        .into_iter()
        .map(|row| {
            let query: Vec<String> = row.policies.iter().map(|id| format!("policy={id}")).collect();
            view! {
                <tr>
                    <th scope="row">{row.framework}" "<span class="mono">{row.control}</span></th>
                    <Numbers tally=row.tally query=query.join("&") />
                </tr>
            }
        })
        .collect_view();
    view! {
        <Panel title="Compliance controls">
            <p class="faint">"Only controls covered by enabled policies."</p>
            <table class="plain">{heads("Control")}<tbody>{rows}</tbody></table>
        </Panel>
    }
    .into_any()
}

#[component]
fn Worse(rows: Vec<FindingRow>, now: OffsetDateTime) -> impl IntoView {
    let none = rows
        .is_empty()
        .then(|| view! { <p class="note">"Nothing opened in the last seven days."</p> });
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = format!("/inventory/{}", row.resource);
            view! {
                <li>
                    <A href=href>
                        <span class="mono">{row.name}</span>
                        <Chip tone=severity_tone(row.severity) text=row.severity.to_string() />
                        <small>{row.says}" "<Ago at=row.opened_at now /></small>
                    </A>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="panel flush">
            <h2><A href="/findings?days=7">"New this week"</A></h2>
            {none}<ul class="worse">{rows}</ul>
        </section>
    }
}

#[component]
fn Offenders(rows: Vec<Offender>) -> impl IntoView {
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = format!("/inventory/{}", row.resource);
            view! {
                <li>
                    <A href=href>
                        <span class="mono">{row.name}</span>
                        <Chip tone=severity_tone(row.worst) text=counted(row.fails, "failure", "failures") />
                        <small>{row.account_name}", "{row.region.to_string()}</small>
                    </A>
                </li>
            }
        })
        .collect_view();
    view! { <Panel title="Highest risk secrets" class="flush"><ul class="worse">{rows}</ul></Panel> }
}

#[component]
fn Coverage(tally: Tally, gaps: Vec<Gap>) -> impl IntoView {
    let known = tally.all() - tally.unknown;
    let share =
        (tally.all() > 0).then(|| u32::try_from(known * 1000 / tally.all()).unwrap_or(1000));
    let rows = gaps
        .into_iter()
        .map(|gap| view! { <li><A href=gap.href><span>{gap.why}</span><strong>{grouped(gap.count)}</strong></A></li> })
        .collect_view();
    view! {
        <Panel title="Coverage" class="flush">
            <p class="note">{format!("{} % of applicable checks have a known result; {} are unknown.", percent(share), grouped(tally.unknown))}</p>
            <ul class="needs">{rows}</ul>
        </Panel>
    }
}
