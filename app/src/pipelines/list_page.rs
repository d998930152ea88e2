//! The ways of pipelines into roles, the most severe first. The URL holds the list's whole state.

use super::{
    labels::{ReadsCell, SeverityChip, role_href},
    role_page::{Record, load_role},
};
use crate::{
    ui::{
        Chip, Choice, DataTable, EmptyState, Heading, ListPage, Pager, Panel, Tone,
        format::{counted, grouped},
        loaded, own_field, own_query,
    },
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::{
    VariantArray,
    pipelines::{
        IssuerKind, TrustSeverity,
        query::{PIPELINE_ROWS, PipelineQuery},
        role_name,
        view::{PipelineRoleView, PipelineRow, PipelinesView},
    },
};
use leptos::{either::Either, prelude::*};

/// With a role in the address this role; without one, all ways into roles.
#[component]
pub(crate) fn PipelinesPage() -> impl IntoView {
    if let Some(role) = own_field("role").filter(|role| !role.is_empty()) {
        let page = ArcResource::new(|| (), move |()| load_role(role.clone()));
        return Either::Left(loaded(page, "Pipelines", |shown: PipelineRoleView| {
            view! { <Record shown /> }.into_any()
        }));
    }
    let query = own_query();
    let page = ArcResource::new(|| (), move |()| load_pipelines(query.clone()));
    Either::Right(loaded(page, "Pipelines", |shown: PipelinesView| {
        view! { <List shown /> }.into_any()
    }))
}

async fn load_pipelines(query: String) -> Result<PipelinesView, WireError> {
    let (services, caller) = call()?;
    services.pipelines().pipelines(&caller, &query).await.map_err(wire)
}

#[component]
fn List(shown: PipelinesView) -> impl IntoView {
    let PipelinesView { query, rows, total, severe, accounts, not_read } = shown;
    let is_partial = !not_read.is_empty();
    let context = match (total, severe) {
        (0, _) if is_partial => "None found so far.".to_owned(),
        (0, _) => "None.".to_owned(),
        (total, severe) => format!(
            "{}, {} of critical or high severity.",
            counted(u64::from(total), "way into a role", "ways into roles"),
            grouped(u64::from(severe))
        ),
    };
    let at = |skip: u32| format!("/pipelines?{}", query.from_row(skip).to_url_query());
    let previous = (query.skip > 0).then(|| at(query.skip.saturating_sub(PIPELINE_ROWS)));
    let end = query.skip.saturating_add(PIPELINE_ROWS);
    let next = (end < total).then(|| at(end));
    let is_filtered = !query.filters().is_empty();
    let content = if rows.is_empty() {
        view! { <Empty is_filtered is_partial /> }.into_any()
    } else {
        let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
        let head = vec![
            Heading::text("Who gets in"),
            Heading::text("Role"),
            Heading::text("Account"),
            Heading::text("Severity"),
            Heading::number("Secrets"),
        ];
        view! {
            <div class="panel flush">
                <DataTable class="list pipelines" head>{rows}</DataTable>
                <Pager links=[("Previous", previous), ("Next", next)] />
            </div>
        }
        .into_any()
    };
    let unknown = is_partial.then(|| {
        let rows = not_read
            .into_iter()
            .map(|(account, why)| view! { <li>{account}" "<Chip tone=Tone::Unknown text="Unknown" />" "<span class="faint">{format!("IAM was not read: {why}.")}</span></li> })
            .collect_view();
        view! { <Panel title="Accounts whose trust policies were not read"><ul class="evidence">{rows}</ul></Panel> }
    });
    let accounts = accounts.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    view! {
        <ListPage title="Pipelines" context>
            <Filter query accounts />
            <section class="stack" aria-label="Pipelines">{content}{unknown}</section>
        </ListPage>
    }
}

#[component]
fn Empty(is_filtered: bool, is_partial: bool) -> impl IntoView {
    let (title, text) = if is_filtered {
        ("No pipelines match.", "Remove a filter or change your search.")
    } else if is_partial {
        (
            "No pipelines found so far.",
            "Claviger reads IAM of each account in the background. Of the accounts below it is not known.",
        )
    } else {
        (
            "No pipelines.",
            "No role of your scope trusts an OIDC provider, such as the one of GitHub Actions or GitLab.",
        )
    };
    view! { <EmptyState title><p>{text}</p></EmptyState> }
}

#[component]
fn Filter(query: PipelineQuery, accounts: Vec<(String, String)>) -> impl IntoView {
    let issuers =
        IssuerKind::VARIANTS.iter().map(|one| (one.to_string(), one.label().to_owned())).collect();
    let severities = TrustSeverity::VARIANTS
        .iter()
        .rev()
        .map(|one| (one.to_string(), one.label().to_owned()))
        .collect();
    view! {
        <form method="get" action="/pipelines" class="panel filter-row">
            <label>"Search"<input type="search" name="q" maxlength="200" value=query.text.clone() /></label>
            <Choice name="issuer" label="Issuer" all="all" options=issuers chosen=query.issuers.first().map(ToString::to_string) />
            <Choice name="severity" label="Severity" all="all" options=severities chosen=query.severities.first().map(ToString::to_string) />
            <Choice name="account" label="Account" all="all" options=accounts chosen=query.accounts.first().map(ToString::to_string) />
            <button class="button">"Apply"</button>
        </form>
    }
}

#[component]
fn Row(row: PipelineRow) -> impl IntoView {
    let PipelineRow { role, account_name, trust, reach, .. } = row;
    let href = role_href(&role);
    view! {
        <tr>
            <td class="name wrap"><a href=href class="row-link">{trust.who}</a><small>{trust.issuer.kind.label()}</small></td>
            <td data-label="Role" class="mono wrap">{role_name(&role).to_owned()}</td>
            <td data-label="Account">{account_name}</td>
            <td data-label="Severity"><SeverityChip severity=trust.severity /></td>
            <td data-label="Secrets" class="number"><ReadsCell reach /></td>
        </tr>
    }
}
