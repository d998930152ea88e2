//! Credentials in plaintext variables, by account and workload. The URL holds the list's whole state.

use super::gaps::Gaps;
use crate::{
    ui::{
        Ago, Choice, DataTable, EmptyState, Heading, ListPage, Pager, Panel,
        format::{absolute, counted},
        loaded, own_query,
    },
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::{
    VariantArray,
    variables::{
        CredentialSign, WorkloadKind,
        query::{VARIABLE_ROWS, VariableQuery},
        view::{VariableRow, VariablesView},
        workload_name,
    },
};
use leptos::prelude::*;
use time::OffsetDateTime;

#[component]
pub(crate) fn VariablesPage() -> impl IntoView {
    let query = own_query();
    let page = ArcResource::new(|| (), move |()| load_variables(query.clone()));
    loaded(page, "Plaintext variables", |shown: VariablesView| view! { <List shown /> }.into_any())
}

async fn load_variables(query: String) -> Result<VariablesView, WireError> {
    let (services, caller) = call()?;
    services.variables().plain_variables(&caller, &query).await.map_err(wire)
}

#[component]
fn List(shown: VariablesView) -> impl IntoView {
    let is_partial = shown.gaps_total > 0;
    let context = context(shown.total, is_partial, shown.oldest_read_at);
    let VariablesView {
        query,
        rows,
        total,
        accounts,
        gaps,
        gaps_total,
        role,
        may_request,
        as_of,
        ..
    } = shown;
    let actions = (!rows.is_empty()).then(|| {
        let href = format!("/export/variables/csv?{}", query.from_row(0).to_url_query());
        view! { <a href=href class="button" rel="external" download>"Export CSV"</a> }.into_any()
    });
    let at = |skip: u32| format!("/variables?{}", query.from_row(skip).to_url_query());
    let previous = (query.skip > 0).then(|| at(query.skip.saturating_sub(VARIABLE_ROWS)));
    let end = query.skip.saturating_add(VARIABLE_ROWS);
    let next = (end < total).then(|| at(end));
    let is_filtered = !query.filters().is_empty() || query.skip > 0;
    let content = if rows.is_empty() {
        // Rows left the list since the link to this page was made.
        let last = (total > 0).then(|| at((total - 1) / VARIABLE_ROWS * VARIABLE_ROWS));
        view! { <Empty is_filtered is_partial last /> }.into_any()
    } else {
        let rows =
            rows.into_iter().map(|row| view! { <Row row may_request now=as_of /> }).collect_view();
        let head: Vec<Heading> = [
            Heading::text("Workload"),
            Heading::text("Name"),
            Heading::text("Account"),
            Heading::text("Region"),
            Heading::text("First seen"),
        ]
        .into_iter()
        .chain(may_request.then(|| Heading::text("Fix")))
        .collect();
        view! {
            <div class="panel flush">
                <DataTable class="list variables" head>{rows}</DataTable>
                <Pager links=[("Previous", previous), ("Next", next)] />
            </div>
            <WhatToDo />
        }
        .into_any()
    };
    let accounts = accounts.into_iter().map(|(id, name)| (id.to_string(), name)).collect();
    view! {
        <ListPage title="Plaintext variables" context actions>
            <Filter query accounts />
            <section class="stack" aria-label="Plaintext variables">
                {content}
                <Gaps gaps total=gaps_total role />
            </section>
        </ListPage>
    }
}

/// How many there are, whether that is all, and of when the oldest list is.
fn context(total: u32, is_partial: bool, oldest: Option<OffsetDateTime>) -> String {
    let found = match total {
        0 => "None".to_owned(),
        _ => counted(u64::from(total), "credential in plain text", "credentials in plain text"),
    };
    let found = if is_partial {
        format!("{found} found so far. A part of the scope was not read.")
    } else {
        format!("{found}.")
    };
    match oldest {
        Some(at) => format!("{found} As of {}.", absolute(at)),
        None => found,
    }
}

/// `last` is the last page's address, if there are rows on others.
#[component]
fn Empty(is_filtered: bool, is_partial: bool, last: Option<String>) -> impl IntoView {
    if let Some(href) = last {
        return view! {
            <EmptyState title="No variables on this page.">
                <p>"The list has become shorter. "<a href=href>"Last page"</a></p>
            </EmptyState>
        }
        .into_any();
    }
    let (title, text) = if is_filtered {
        ("No variables match.", "Remove a filter or change your search.")
    } else if is_partial {
        (
            "No credentials found so far.",
            "Claviger reads workloads in the background. Of the parts below nothing is known.",
        )
    } else {
        (
            "No credentials in plaintext variables.",
            "No Lambda function, ECS task definition, CodeBuild project or CloudFormation stack of your scope has a variable, parameter or output that looks like a credential.",
        )
    };
    view! { <EmptyState title><p>{text}</p></EmptyState> }.into_any()
}

#[component]
fn Filter(query: VariableQuery, accounts: Vec<(String, String)>) -> impl IntoView {
    let kinds = WorkloadKind::VARIANTS
        .iter()
        .map(|one| (one.to_string(), one.label().to_owned()))
        .collect();
    view! {
        <form method="get" action="/variables" class="panel filter-row">
            <label>"Search"<input type="search" name="q" maxlength="200" value=query.text.clone() /></label>
            <Choice name="account" label="Account" all="all" options=accounts chosen=query.accounts.first().map(ToString::to_string) />
            <Choice name="kind" label="Kind" all="all" options=kinds chosen=query.kinds.first().map(ToString::to_string) />
            <button class="button">"Apply"</button>
        </form>
    }
}

#[component]
fn Row(row: VariableRow, may_request: bool, now: OffsetDateTime) -> impl IntoView {
    let href = format!("/secrets/new?{}", row.new_secret().to_url_query());
    let named = format!("New secret for {} of {}", row.name, workload_name(&row.consumer));
    let fix = may_request.then(|| {
        view! { <td data-label="Fix"><a href=href aria-label=named>"New secret"</a></td> }
    });
    let place = row.kind.place(row.container.as_deref());
    let sign = (row.sign == CredentialSign::UrlPassword)
        .then(|| view! { <small>"URL with a password"</small> });
    let key =
        format!("{} {} {}", row.consumer, row.container.as_deref().unwrap_or_default(), row.name);
    view! {
        <tr data-key=key>
            <td class="name wrap"><span class="mono" title=row.consumer.clone()>{workload_name(&row.consumer).to_owned()}</span><small>{place}</small></td>
            <td data-label="Name"><div class="mono wrap">{row.name}{sign}</div></td>
            <td data-label="Account"><a href=format!("/accounts/{}", row.account_id)>{row.account_name}</a></td>
            <td data-label="Region">{row.region.to_string()}</td>
            <td data-label="First seen"><Ago at=row.first_seen_at now /></td>
            {fix}
        </tr>
    }
}

#[component]
fn WhatToDo() -> impl IntoView {
    view! {
        <Panel title="What to do">
            <ol class="sentences">
                <li>"Store the credential in a secret: "<b>"New secret"</b>" opens the form with a name for it."</li>
                <li>"Give the workload a role that reads it: "<b>"Role for a consumer"</b>" on the secret's page. Have the workload read the secret; the tab "<b>"Use it"</b>" has recipes."</li>
                <li>"In the template of a stack, write a dynamic reference such as "<span class="mono wrap">"{{resolve:secretsmanager:NAME:SecretString:KEY}}"</span>" where a resource needs the value. "<b>"NoEcho"</b>" alone is not enough: it hides a parameter where the stack is described, and not in outputs, metadata and the template."</li>
                <li>"Remove the variable, parameter or output. Old versions of a function and old revisions of a task definition keep it: delete them too."</li>
                <li>"Rotate the credential: anyone who could call "<span class="mono">"lambda:GetFunctionConfiguration"</span>", "<span class="mono">"ecs:DescribeTaskDefinition"</span>", "<span class="mono">"codebuild:BatchGetProjects"</span>" or "<span class="mono">"cloudformation:DescribeStacks"</span>" may have read it."</li>
            </ol>
            <p class="faint">"Claviger stores names and no values. It evaluates names, and whether a value is a URL with a password; a credential under another name is not found. Templates of stacks, versions and aliases of functions, older task definitions, files of variables in S3 and variables of single builds are not read."</p>
        </Panel>
    }
}

#[cfg(test)]
mod tests {
    use super::context;
    use time::macros::datetime;

    #[test]
    fn the_heading_says_of_when_the_oldest_list_is() {
        let at = Some(datetime!(2026-11-28 9:12 UTC));
        assert_eq!(context(0, false, at), "None. As of 28 November 2026, 09:12 UTC.");
        assert_eq!(
            context(2, true, at),
            "2 credentials in plain text found so far. A part of the scope was not read. As of 28 November 2026, 09:12 UTC."
        );
        assert_eq!(context(1, false, None), "1 credential in plain text.");
    }
}
