//! The calendar: a week day by day, or a month. The URL holds its whole state.

use super::{
    api::load_calendar,
    days::{Month, Week, progress_label},
};
use crate::ui::{
    Chip, EmptyState, Incomplete, ListPage, Panel,
    format::{counted, day},
    loaded, own_query,
};
use claviger_domain::rotations::calendar::{
    CalendarQuery, CalendarView, LateRotation, MAX_AT_ONCE, Span,
};
use leptos::prelude::*;
use time::Date;

/// So many that need somebody are listed; the rest is counted.
const MAX_LATE: usize = 20;

#[component]
pub(crate) fn CalendarPage() -> impl IntoView {
    let query = own_query();
    let page = ArcResource::new(|| (), move |()| load_calendar(query.clone()));
    loaded(page, "Rotations", |shown: CalendarView| view! { <Calendar shown /> }.into_any())
}

#[component]
fn Calendar(shown: CalendarView) -> impl IntoView {
    let today = shown.as_of.date();
    let (first, last) = shown.query.days(today);
    let context = match shown.query.span {
        Span::Week => format!("{} to {}, in UTC.", day(first), day(last)),
        Span::Month => format!("{} {}, in UTC.", first.month(), first.year()),
    };
    let total = if shown.has_more {
        format!(
            "More than {} rotate: only those that are due first are on the calendar, so its numbers are not complete. Choose a team or an account.",
            counted(shown.secrets.into(), "secret", "secrets")
        )
    } else {
        format!("{} with rotation.", counted(shown.secrets.into(), "secret", "secrets"))
    };
    let total_class = if shown.has_more { "notice soon" } else { "note" };
    let without = (shown.without_schedule > 0).then(|| {
        let text = format!(
            "{} on no day: AWS reports no schedule that can be read.",
            counted(shown.without_schedule.into(), "secret is", "secrets are")
        );
        view! { <p class="note">{text}</p> }
    });
    let actions = view! { <Steps query=shown.query.clone() today /> }.into_any();
    let days = match (shown.secrets, shown.query.span) {
        (0, _) => view! {
            <EmptyState title="No secret with rotation matches."><p>"Enable rotation on the Rotation tab of a secret, or choose another team or account."</p></EmptyState>
        }
        .into_any(),
        (_, Span::Week) => view! { <Week days=shown.days.clone() today /> }.into_any(),
        (_, Span::Month) => {
            view! { <Month days=shown.days.clone() query=shown.query.clone() today /> }.into_any()
        }
    };
    view! {
        <ListPage title="Rotations" context actions=Some(actions)>
            <Incomplete why=shown.incomplete.clone() />
            <Filter query=shown.query.clone() teams=shown.teams.clone() accounts=shown.accounts.clone() />
            <p class=total_class>{total}</p>
            {without}
            <Late late=shown.late.clone() shown=shown.clone() />
            {days}
            <p class="note footnote">{format!("A collision: secrets of one function with windows that overlap, or more than {MAX_AT_ONCE} windows of one account and Region that open in the same hour. AWS rotates a secret at any time within its window.")}</p>
        </ListPage>
    }
}

/// To the span before and after, and to the other kind of span.
#[component]
fn Steps(query: CalendarQuery, today: Date) -> impl IntoView {
    let now = CalendarQuery { on: None, ..query.clone() };
    let span = |span: Span, label: &'static str| {
        let current = (query.span == span).then_some("true");
        let href = CalendarQuery { span, ..query.clone() }.path();
        view! { <a class="button" href=href aria-current=current>{label}</a>" " }
    };
    view! {
        <a class="button" href=query.beside(today, false).path()>"Previous"</a>" "
        <a class="button" href=now.path()>"Today"</a>" "
        <a class="button" href=query.beside(today, true).path()>"Next"</a>" "
        {span(Span::Week, "Week")}
        {span(Span::Month, "Month")}
    }
}

#[component]
fn Filter(
    query: CalendarQuery,
    teams: Vec<String>,
    accounts: Vec<(claviger_domain::ids::AccountId, String)>,
) -> impl IntoView {
    let teams = teams
        .into_iter()
        .map(|team| {
            let selected = query.team.as_ref() == Some(&team);
            view! { <option value=team.clone() selected=selected>{team.clone()}</option> }
        })
        .collect_view();
    let accounts = accounts
        .into_iter()
        .map(|(id, name)| {
            let selected = query.account.as_ref() == Some(&id);
            view! { <option value=id.to_string() selected=selected>{name}</option> }
        })
        .collect_view();
    let view = query.span.to_string();
    let on = query.on.map(|on| view! { <input type="hidden" name="on" value=on.to_string() /> });
    view! {
        <form method="get" action="/rotations" class="panel filter-row">
            <input type="hidden" name="view" value=view />
            {on}
            <label>"Team"<select name="team"><option value="">"all"</option>{teams}</select></label>
            <label>"Account"<select name="account"><option value="">"all"</option>{accounts}</select></label>
            <button class="button">"Apply"</button>
        </form>
    }
}

/// What needs somebody, whatever the span.
#[component]
fn Late(late: Vec<LateRotation>, shown: CalendarView) -> impl IntoView {
    let count = late.len();
    (count > 0).then(|| {
        let number = u64::try_from(count).unwrap_or(u64::MAX);
        let title = format!("{} overdue, failed or stuck", counted(number, "rotation", "rotations"));
        let rows = late
            .into_iter()
            .take(MAX_LATE)
            .map(|one| {
                let href = format!("/inventory/{}/rotation", one.resource);
                let (tone, text) = progress_label(one.progress, shown.as_of);
                let place = format!("{}, {}", one.account_name, one.region);
                view! {
                    <li><a href=href class="mono wrap">{one.name}</a>" "<Chip tone text />" "<span class="faint">{place}</span></li>
                }
            })
            .collect_view();
        let more = (count > MAX_LATE).then(|| {
            let text = format!("And {} more.", count - MAX_LATE);
            let href = "/inventory?rotation=overdue&rotation=stuck";
            view! { <p class="note">{text}" "<a href=href>"Show them in the inventory"</a></p> }
        });
        view! { <Panel title><ul class="late">{rows}</ul>{more}</Panel> }
    })
}
