//! A team's posture: a page to share with it.

use super::{
    api::load_team,
    chart::{Moved, Trend},
    fix_times::FixTimes,
    labels::{percent, severity_tone},
    overview_tables::Offenders,
    teams_page::team_findings,
};
use crate::inventory::{code_href, of_filter, vault_href};
use crate::ui::{
    Ago, Breadcrumb, Chip, EmptyState, Incomplete, PageHeader, PageTitle, Panel, Tone,
    format::{absolute, counted, grouped},
    loaded, own_query,
};
use claviger_domain::{
    compliance::{
        posture_view::{RotationNumbers, TeamView},
        view::ScorePart,
    },
    facts::Kind,
    inventory::{Exactly, InventoryQuery, OwnerClass},
    rotation::RotationClass,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use time::OffsetDateTime;

#[component]
pub(crate) fn TeamPage() -> impl IntoView {
    let name = use_params_map().read_untracked().get("name").unwrap_or_default();
    let query = own_query();
    let page = ArcResource::new(|| (), move |()| load_team(name.clone(), query.clone()));
    loaded(page, "Teams", |shown: TeamView| view! { <Record shown /> }.into_any())
}

#[component]
fn Record(shown: TeamView) -> impl IntoView {
    let query = team_findings(&shown.row.team).to_url_query();
    let findings = format!("/findings?{query}");
    let scope = format!("&{query}");
    let code = code_href(&of_filter(&owned_by(&shown.row.team)));
    let team = shown.row.team.clone();
    let vault = (team != "-").then(|| vault_href(&team));
    let (now, title) = (shown.as_of, shown.row.label.clone());
    let actions = view! {
        <a href=findings class="button">"Findings"</a>
        <a href=code class="button">"As code"</a>
        {vault.map(|href| view! { <a href=href class="button">"New vault"</a> })}
        <button type="button" class="button needs-script" data-print="">"Export report (PDF)"</button>
    }
    .into_any();
    let content = if shown.is_first {
        view! { <EmptyState title="The first evaluation is running."><p>"The score appears when every account has been scanned and evaluated."</p></EmptyState> }.into_any()
    } else {
        let inventory = shown.row.team.clone();
        view! {
            <div class="columns overview">
                <div>
                    <ScorePanel shown=shown.clone() />
                    <FixTimes rows=shown.fixes weeks=shown.query.weeks.to_string() scope=scope.clone() />
                </div>
                <div>
                    <Severities parts=shown.by_severity overdue=shown.overdue scope />
                    <Rotation team=inventory rotation=shown.rotation now />
                    <Offenders rows=shown.offenders />
                </div>
            </div>
        }
        .into_any()
    };
    view! {
        <PageTitle text=title.clone() />
        <PageHeader actions>
            <Breadcrumb><a href="/overview">"Overview"</a>" / "<a href="/teams">"Teams"</a></Breadcrumb>
            <h1>{title}</h1>
            <p class="context">{format!("{} evaluated", counted(shown.row.tally.all(), "check", "checks"))}</p>
        </PageHeader>
        <Incomplete why=shown.incomplete />
        <p class="on-paper">{format!("As of {}", absolute(now))}</p>
        {content}
    }
}

#[component]
fn ScorePanel(shown: TeamView) -> impl IntoView {
    view! {
        <section class="panel score-panel">
            <h2>"Posture"</h2>
            <p class="score"><strong>{percent(shown.row.score.per_mille())}</strong>
                {shown.incomplete.is_some().then(|| view! { " "<Chip tone=Tone::Soon text="Incomplete" /> })}
                <Moved before=shown.row.week_ago now=shown.row.score />
            </p>
            <p class="faint">"Weighted share of checks that pass. Unknown counts as failing; excepted findings are excluded."</p>
            <Trend days=shown.days />
        </section>
    }
}

#[component]
fn Severities(parts: Vec<ScorePart>, overdue: u64, scope: String) -> impl IntoView {
    let rows = parts
        .into_iter()
        .map(|ScorePart { severity, tally }| {
            let href = format!("/findings?severity={severity}{scope}");
            view! {
                <li><a href=href>
                    <span><Chip tone=severity_tone(severity) text=severity.to_string() /></span>
                    {count(tally.fail, "")}
                </a></li>
            }
        })
        .collect_view();
    let late = format!("/findings?state=overdue{scope}");
    view! {
        <Panel title="Findings by severity" class="flush">
            <ul class="needs">
                {rows}
                <li><a href=late><span>"Overdue"</span>{count(overdue, "soon")}</a></li>
            </ul>
        </Panel>
    }
}

#[component]
fn Rotation(team: String, rotation: RotationNumbers, now: OffsetDateTime) -> impl IntoView {
    let [overdue, stuck] = [RotationClass::Overdue, RotationClass::Stuck].map(|rotation| {
        let (kinds, rotation) = (vec![Kind::Secret], vec![rotation]);
        let query = InventoryQuery { kinds, rotation, ..owned_by(&team) };
        format!("/inventory?{}", query.to_url_query())
    });
    let since = rotation.overdue_since.map(|at| {
        view! { "The longest overdue was due "<Ago at now />"." }
    });
    view! {
        <Panel title="Rotation" class="flush">
            <ul class="needs">
                <li><a href=overdue><span>"Overdue"</span>{count(rotation.overdue, "soon")}</a></li>
                <li><a href=stuck><span>"Stuck (AWSPENDING)"</span>{count(rotation.stuck, "bad")}</a></li>
            </ul>
            <p class="note">{format!("{} with rotation enabled. ", counted(rotation.rotated, "secret", "secrets"))}{since}</p>
        </Panel>
    }
}

/// A number on its colour; grey where there is nothing.
fn count(number: u64, class: &'static str) -> impl IntoView {
    let class = if number == 0 { "zero" } else { class };
    view! { <strong class=class>{grouped(number)}</strong> }
}

/// What the team of a URL owns.
fn owned_by(team: &str) -> InventoryQuery {
    if team == "-" {
        InventoryQuery { owners: vec![OwnerClass::Missing], ..InventoryQuery::default() }
    } else {
        InventoryQuery { teams: vec![Exactly(team.to_owned())], ..InventoryQuery::default() }
    }
}
