//! The posture at a glance: the score and how it came to be, what needs somebody, and where it comes from.

use super::{
    api::load_overview,
    chart::{Moved, Trend},
    fix_times::FixTimes,
    heat_map::HeatMap,
    labels::{percent, severity_tone},
    overview_tables::{Accounts, Arithmetic, Controls, Coverage, Offenders, Policies},
    teams_page::TeamBars,
    treemap::AccountAreas,
};
use crate::ui::{
    Ago, Chip, EmptyState, Incomplete, PageHeader, PageTitle, Panel, Tone,
    format::{absolute, counted, grouped},
    loaded, own_query,
};
use claviger_domain::{
    VariantArray,
    compliance::{
        Score, Weeks,
        posture_view::{Need, Overview},
        view::FindingRow,
    },
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn OverviewPage() -> impl IntoView {
    let query = own_query();
    let overview = ArcResource::new(|| (), move |()| load_overview(query.clone()));
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
        <Pickers shown=shown.clone() />
        <a href="/rotations" class="button">"Rotations"</a>
        // The browser's own dialog; the style sheet makes the page a report of one sheet.
        <button type="button" class="button needs-script" data-print="">"Export report (PDF)"</button>
    }
    .into_any();
    let place = shown.query.ou.as_ref().and_then(|id| {
        shown.ous.iter().find(|ou| ou.value == id.as_str()).map(|ou| ou.label.clone())
    });
    let place = place.map(|place| format!("{place}: "));
    view! {
        <PageTitle text="Overview" />
        <PageHeader actions>
            <h1>"Overview"</h1>
            <p class="context">{place}{context}". "{evaluated}</p>
        </PageHeader>
        <Incomplete why=shown.incomplete.clone() />
        <p class="on-paper">{format!("As of {}", absolute(now))}</p>
        {if shown.is_first {
            view! { <First needs=shown.needs /> }.into_any()
        } else {
            view! { <Posture shown /> }.into_any()
        }}
    }
}

/// The period and the OU.
#[component]
fn Pickers(shown: Overview) -> impl IntoView {
    let weeks = Weeks::VARIANTS
        .iter()
        .map(|weeks| {
            let text = format!("Last {weeks} weeks");
            view! { <option value=weeks.to_string() selected=*weeks == shown.query.weeks>{text}</option> }
        })
        .collect_view();
    let chosen = shown.query.ou.as_ref().map(ToString::to_string).unwrap_or_default();
    let ous = shown
        .ous
        .into_iter()
        .map(|ou| {
            let is_chosen = ou.value == chosen;
            view! { <option value=ou.value selected=is_chosen>{ou.label}</option> }
        })
        .collect_view();
    view! {
        <form method="get" action="/overview" class="pickers">
            <label><span class="sr">"Period"</span><select name="weeks">{weeks}</select></label>
            <label><span class="sr">"OU"</span><select name="ou"><option value="">"All OUs"</option>{ous}</select></label>
            <button class="button">"Show"</button>
        </form>
    }
}

/// Instead of numbers of a part.
#[component]
fn First(needs: Vec<Need>) -> impl IntoView {
    let unreachable: Vec<Need> =
        needs.into_iter().filter(|need| need.href == "/accounts" && need.count > 0).collect();
    let needs = (!unreachable.is_empty()).then(|| view! { <Needs needs=unreachable /> });
    view! {
        <div class="stack">
            <EmptyState title="The first evaluation is running.">
                <p>"The score appears when every account with secrets or parameters has been scanned and evaluated. "<a href="/accounts">"See the scan status of each account"</a>"."</p>
            </EmptyState>
            {needs}
        </div>
    }
}

#[component]
fn Posture(shown: Overview) -> impl IntoView {
    let scope = shown.query.ou.as_ref().map(|ou| format!("&ou={ou}")).unwrap_or_default();
    let (now, weeks) = (shown.as_of, shown.query.weeks.to_string());
    view! {
        <div class="posture">
            <ScorePanel shown=shown.clone() />
            <Needs needs=shown.needs />
            <Worse rows=shown.worse now scope=scope.clone() />
            <HeatMap groups=shown.by_ou trends=shown.ou_trends days=shown.trend_days />
            <TeamBars rows=shown.by_team />
            <AccountAreas tiles=shown.tiles />
            <FixTimes rows=shown.fixes weeks scope=scope.clone() />
        </div>
        <div class="columns overview">
            <div>
                <Policies rows=shown.by_policy scope=scope.clone() />
                <Accounts groups=shown.by_account />
            </div>
            <div>
                <Offenders rows=shown.offenders />
                <Controls rows=shown.controls scope=scope.clone() />
                <Coverage tally=shown.tally gaps=shown.gaps />
            </div>
        </div>
    }
}

/// The score a week ago; `None` while numbers are incomplete: against a part nothing has moved.
fn week_ago(shown: &Overview) -> Option<Score> {
    // By its date: days of which not everything is known are not among them.
    let before = shown.as_of.date() - time::Duration::days(7);
    let week = shown.days.iter().find(|day| day.day == before);
    week.filter(|_| shown.incomplete.is_none()).map(|day| day.score)
}

#[component]
fn ScorePanel(shown: Overview) -> impl IntoView {
    let scope = shown.query.ou.as_ref().map(|ou| format!("&ou={ou}")).unwrap_or_default();
    let before = week_ago(&shown);
    let score = percent(shown.score.per_mille());
    view! {
        <section class="panel score-panel">
            <h2>"Posture"</h2>
            <p class="score"><strong>{score}</strong>
                {shown.incomplete.is_some().then(|| view! { " "<Chip tone=Tone::Soon text="Incomplete" /> })}
                <Moved before now=shown.score />
            </p>
            <p class="faint">"Weighted share of checks that pass. Unknown counts as failing; excepted findings are excluded."</p>
            <Trend days=shown.days events=shown.events />
            <Arithmetic parts=shown.parts scope />
        </section>
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
            view! { <li><a href=need.href><span>{need.label}</span><strong class=class>{grouped(need.count)}</strong></a></li> }
        })
        .collect_view();
    view! { <Panel title="Needs attention" class="flush needs-panel"><ul class="needs">{rows}</ul></Panel> }
}

#[component]
fn Worse(rows: Vec<FindingRow>, now: OffsetDateTime, scope: String) -> impl IntoView {
    let none = rows
        .is_empty()
        .then(|| view! { <p class="note">"Nothing opened in the last seven days."</p> });
    let rows = rows
        .into_iter()
        .map(|row| {
            let href = format!("/inventory/{}", row.resource);
            view! {
                <li>
                    <a href=href>
                        <span class="mono">{row.name}</span>
                        <Chip tone=severity_tone(row.severity) text=row.severity.to_string() />
                        <small class="since"><Ago at=row.opened_at now /></small>
                        <small>{row.says}</small>
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <section class="panel flush worse-panel">
            <h2><a href=format!("/findings?days=7{scope}")>"New this week"</a></h2>
            {none}<ul class="worse">{rows}</ul>
        </section>
    }
}
