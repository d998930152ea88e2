//! The teams with their scores, as bars on the overview and as a page.

use super::{
    api::load_teams,
    chart::Moved,
    labels::{percent, share_tone},
};
use crate::ui::{
    DataTable, EmptyState, Heading, Incomplete, ListPage,
    format::{counted, grouped},
    loaded,
};
use claviger_domain::compliance::{
    FindingQuery, Score,
    posture_view::{TeamRow, TeamsView},
};
use leptos::prelude::*;
use std::fmt::Write;

/// Teams that the overview shows.
const MAX_BARS: usize = 5;

/// The page of a team: a name may be any text, with slashes too.
pub(super) fn team_href(team: &str) -> String {
    let mut href = String::from("/teams/");
    for byte in team.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            href.push(char::from(byte));
        } else {
            let _ = write!(href, "%{byte:02X}");
        }
    }
    href
}

/// The open findings of a team.
pub(super) fn team_findings(team: &str) -> FindingQuery {
    FindingQuery { teams: vec![team.to_owned()], ..FindingQuery::default() }
}

/// A score as a bar with its number.
#[component]
fn Bar(score: Score) -> impl IntoView {
    let share = score.per_mille();
    let width = format!("{}%", share.unwrap_or(0) / 10);
    view! {
        <span class=format!("bar {}", share_tone(share).class())>
            <svg aria-hidden="true"><rect width=width height="100%" rx="2" /></svg>
            <strong>{percent(share)}</strong>
        </span>
    }
}

/// The teams with the lowest scores.
#[component]
pub(super) fn TeamBars(rows: Vec<TeamRow>) -> impl IntoView {
    let count = rows.len() as u64;
    let bars = rows
        .into_iter()
        .take(MAX_BARS)
        .map(|row| {
            let href = team_href(&row.team);
            let failing = format!("/findings?{}", team_findings(&row.team).to_url_query());
            view! {
                <tr>
                    <th scope="row"><a href=href>{row.label}</a></th>
                    <td><Bar score=row.score /></td>
                    <td class="change"><Moved before=row.week_ago now=row.score /></td>
                    <td class="number"><a href=failing>{grouped(row.tally.fail)}<span class="sr">" failing"</span></a></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel teams-panel">
            <h2>"Teams"<small><a href="/teams">{format!("All {}", counted(count, "team", "teams"))}</a></small></h2>
            <table class="bars">
                <thead><tr><th scope="col">"Team"</th><th scope="col">"Score"</th><th scope="col">"This week"</th><th scope="col" class="number">"Failing"</th></tr></thead>
                <tbody>{bars}</tbody>
            </table>
        </section>
    }
}

#[component]
pub(crate) fn TeamsPage() -> impl IntoView {
    let page = ArcResource::new(|| (), |()| load_teams());
    loaded(page, "Teams", |shown: TeamsView| view! { <List shown /> }.into_any())
}

#[component]
fn List(shown: TeamsView) -> impl IntoView {
    let context = counted(shown.rows.len() as u64, "team", "teams");
    if shown.is_first || shown.rows.is_empty() {
        let (title, text) = if shown.is_first {
            (
                "The first evaluation is running.",
                "Scores appear when every account has been scanned and evaluated.",
            )
        } else {
            (
                "No teams.",
                "Teams appear when policies have evaluated secrets or parameters with an owner.",
            )
        };
        return view! {
            <ListPage title="Teams" context="">
                <Incomplete why=shown.incomplete />
                <EmptyState title><p>{text}</p></EmptyState>
            </ListPage>
        }
        .into_any();
    }
    let rows = shown
        .rows
        .into_iter()
        .map(|row| {
            let href = team_href(&row.team);
            let query = team_findings(&row.team).to_url_query();
            view! {
                <tr>
                    <td class="name"><a href=href class="row-link">{row.label}</a></td>
                    <td data-label="Score"><Bar score=row.score /></td>
                    <td data-label="This week"><Moved before=row.week_ago now=row.score /></td>
                    <td data-label="Failing" class="number"><a href=format!("/findings?{query}")>{grouped(row.tally.fail)}</a></td>
                    <td data-label="Unknown" class="number"><a href=format!("/findings?{query}&verdict=unknown")>{grouped(row.tally.unknown)}</a></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <ListPage title="Teams" context>
            <Incomplete why=shown.incomplete />
            <div class="panel flush">
                <DataTable
                    class="list teams"
                    head=vec![Heading::text("Team"), Heading::text("Score"), Heading::text("This week"), Heading::number("Failing"), Heading::number("Unknown")]
                >
                    {rows}
                </DataTable>
            </div>
        </ListPage>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_team_with_any_name_has_a_page() {
        assert_eq!(team_href("payments"), "/teams/payments");
        assert_eq!(team_href("a/b c?é"), "/teams/a%2Fb%20c%3F%C3%A9");
        assert_eq!(team_href("-"), "/teams/-");
    }
}
