//! What a role or user can read, and the list of roles and users.

use super::{
    access_tab::{AnswerChip, action, why},
    readers::{principal_href, short_name, ways_of},
    tabs::Tab,
};
use crate::{
    ui::{
        Breadcrumb, Chip, DataTable, EmptyState, Heading, ListPage, PageHeader, PageTitle, Pager,
        Panel, Tone, format::grouped, loaded, own_field,
    },
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::inventory::entitlement::{
    PrincipalRow, PrincipalView, PrincipalsView, ReadableCursor, ReadableRow,
};
use leptos::{either::Either, prelude::*};

/// With an ARN in the address what this role or user can read; without one, all of them.
#[component]
pub(crate) fn PrincipalsPage() -> impl IntoView {
    let of = |name: &str| own_field(name).unwrap_or_default();
    let (arn, after, seen, text) = (of("arn"), of("after"), of("seen"), of("q"));
    if arn.is_empty() {
        let list = ArcResource::new(|| (), move |()| load_principals(text.clone(), after.clone()));
        return Either::Left(loaded(list, "Roles and users", |shown: PrincipalsView| {
            view! { <List shown /> }.into_any()
        }));
    }
    let page = ArcResource::new(
        || (),
        move |()| {
            let cursor = after
                .parse()
                .ok()
                .zip(seen.parse().ok())
                .map(|(after, seen)| ReadableCursor { after, seen });
            load_readable(arn.clone(), cursor)
        },
    );
    Either::Right(loaded(page, "Roles and users", |shown: PrincipalView| {
        view! { <Record shown /> }.into_any()
    }))
}

async fn load_principals(text: String, after: String) -> Result<PrincipalsView, WireError> {
    let (services, caller) = call()?;
    services.readers().principals(&caller, &text, &after).await.map_err(wire)
}

async fn load_readable(
    arn: String,
    after: Option<ReadableCursor>,
) -> Result<PrincipalView, WireError> {
    let (services, caller) = call()?;
    services.readers().readable_by(&caller, &arn, after).await.map_err(wire)
}

#[component]
fn Record(shown: PrincipalView) -> impl IntoView {
    let name = short_name(&shown.arn).to_owned();
    let account = format!("/accounts/{}", shown.account_id);
    let policies = shown
        .policies
        .iter()
        .map(|policy| view! { <li class="wrap">{policy.clone()}</li> })
        .collect_view();
    let administrator = shown.is_administrator.then(|| {
        view! {
            <p class="notice panel soon">"An identity policy allows it every action on every resource. Permissions boundaries, SCPs, RCPs and resource policies still limit it, as each row shows."</p>
        }
    });
    let ours = shown.is_claviger.then(|| {
        view! { <p class="note">"This is a role of Claviger. People use it only through access grants, each limited by a session policy."</p> }
    });
    let (account_name, arn) = (shown.account_name.clone(), shown.arn.clone());
    let content = view! { <Readable shown=shown.clone() /> };
    view! {
        <PageTitle text=name.clone() />
        <PageHeader>
            <Breadcrumb>
                <a href="/principals">"Roles and users"</a>" / "<a href=account>{account_name}</a>
            </Breadcrumb>
            <h1 class="mono">{name}</h1>
            <p class="context mono wrap">{arn}</p>
        </PageHeader>
        <div class="columns">
            <div>{administrator}{content}</div>
            <div>
                <Panel title="Policies">
                    {if shown.policies.is_empty() {
                        view! { <p class="faint">"None that are known."</p> }.into_any()
                    } else {
                        view! { <ul class="evidence">{policies}</ul> }.into_any()
                    }}
                    {ours}
                </Panel>
                <Panel title="Not evaluated">
                    <ul class="evidence">
                        <li>"Secrets and parameters outside your scope."</li>
                        <li>"Policies of VPC endpoints and session policies are not read."</li>
                        <li>"Who can assume this role is not listed, apart from "<a href="/pipelines">"pipelines"</a>"."</li>
                        <li>"Replicas in other Regions are not listed apart."</li>
                    </ul>
                </Panel>
            </div>
        </div>
    }
}

#[component]
fn Readable(shown: PrincipalView) -> impl IntoView {
    if let Some(fault) = shown.fault {
        return view! {
            <EmptyState title="Unknown what it can read.">
                <p>{format!("IAM of {} was not read: {fault}.", shown.account_name)}</p>
            </EmptyState>
        }
        .into_any();
    }
    let (from, to) = shown.evaluated;
    let said = match (from, to, shown.candidates) {
        (0, ..) => "There is no secret or parameter that it might be able to read.".to_owned(),
        (1, to, all) if to == all => format!("All {} candidates were evaluated.", grouped(all)),
        (from, to, all) => format!(
            "Candidates {} to {} of {} were evaluated: these rows are only of those.",
            grouped(from),
            grouped(to),
            grouped(all)
        ),
    };
    let first = (from > 1).then(|| principal_href(&shown.arn));
    let next = shown.next.map(|next| {
        format!("{}&after={}&seen={}", principal_href(&shown.arn), next.after, next.seen)
    });
    let content = if shown.rows.is_empty() {
        view! { <p class="faint">"It can read none of them."</p> }.into_any()
    } else {
        let rows = shown.rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
        view! {
            <div class="scrolls" tabindex="0" role="region" aria-label="What it can read">
                <DataTable
                    class="plain readers"
                    head=["Secret or parameter", "Account, Region", "Answer", "Action", "Through", "Conditions"].map(Heading::text)
                >
                    {rows}
                </DataTable>
            </div>
        }
        .into_any()
    };
    view! {
        <Panel title="What it can read">
            <p role="status">{said}</p>
            {content}
            <Pager links=[("First", first), ("Next", next)] />
        </Panel>
    }
    .into_any()
}

#[component]
fn Row(row: ReadableRow) -> impl IntoView {
    let (through, conditions) = why(&row.entitlement);
    let actions: Vec<String> = ways_of(&row.entitlement).map(action).collect();
    view! {
        <tr>
            <td class="mono wrap"><a href=Tab::Access.href(row.resource)>{row.name}</a><small>{row.kind.to_string()}</small></td>
            <td>{row.account_name}<small class="mono">{row.region.to_string()}</small></td>
            <td><AnswerChip row=row.entitlement /></td>
            <td class="mono wrap">{actions.join(", ")}</td>
            <td class="wrap">{through}</td>
            <td class="wrap">{conditions}</td>
        </tr>
    }
}

#[component]
fn List(shown: PrincipalsView) -> impl IntoView {
    let context = match (shown.rows.len(), &shown.next) {
        (0, _) => "None found.".to_owned(),
        (1, None) => "1 role or user.".to_owned(),
        (count, None) => format!("{count} roles and users."),
        (count, Some(_)) => format!("{count} by ARN; there are more."),
    };
    let next = shown.next.map(|after| {
        let link = principal_href(&after).replacen("arn=", "after=", 1);
        let text = shown
            .text
            .replace('%', "%25")
            .replace('&', "%26")
            .replace('+', "%2B")
            .replace('#', "%23");
        format!("{link}&q={text}")
    });
    let not_read = (!shown.not_read.is_empty()).then(|| {
        let rows = shown
            .not_read
            .into_iter()
            .map(|(account, why)| view! { <li>{account}" "<Chip tone=Tone::Unknown text="Unknown" />" "<span class="faint">{format!("IAM was not read: {why}.")}</span></li> })
            .collect_view();
        view! { <Panel title="Accounts whose IAM was not read"><ul class="evidence">{rows}</ul></Panel> }
    });
    let content = if shown.rows.is_empty() {
        view! {
            <EmptyState title="No roles or users found.">
                <p>"Claviger reads IAM of each account in the background. Change your search, or check the accounts below."</p>
            </EmptyState>
        }
        .into_any()
    } else {
        let rows = shown.rows.into_iter().map(|row| view! { <Principal row /> }).collect_view();
        let head = vec![
            Heading::text("Role or user"),
            Heading::text("Account"),
            Heading::number("Policies"),
        ];
        view! {
            <div class="panel flush">
                <DataTable class="list principals" head>{rows}</DataTable>
                <Pager links=[("Next", next)] />
            </div>
        }
        .into_any()
    };
    view! {
        <ListPage title="Roles and users" context>
            <form method="get" action="/principals" class="panel search-row">
                <label>"Search ARNs"<input type="search" name="q" value=shown.text /></label>
                <button class="button">"Search"</button>
            </form>
            <section class="stack" aria-label="Roles and users">{content}{not_read}</section>
        </ListPage>
    }
}

#[component]
fn Principal(row: PrincipalRow) -> impl IntoView {
    let href = principal_href(&row.arn);
    let name = short_name(&row.arn).to_owned();
    view! {
        <tr>
            <td class="name mono"><a href=href class="row-link">{name}</a><small>{row.arn}</small></td>
            <td data-label="Account">{row.account_name}</td>
            <td data-label="Policies" class="number">{row.policies}</td>
        </tr>
    }
}
