//! One account, Region by Region.

use super::{
    api::load_account,
    coverage::{CoverageCell, Why, region_scan_chip},
    readiness::{InPlace, TagPolicies},
};
use crate::ui::{
    Ago, Breadcrumb, Chip, DataTable, Heading, PageHeader, PageTitle, Panel, Timestamp, Tone,
    format::{grouped, relative},
    loaded,
};
use claviger_domain::{
    inventory::view::{AccountDetail, ListRow, RegionRow},
    scan::{RegionScanList, RegionScanStatus},
};
use leptos::{either::Either, prelude::*};
use leptos_router::hooks::use_params_map;
use time::OffsetDateTime;

#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let account = ArcResource::new(|| (), move |()| load_account(id.clone()));
    loaded(account, "Accounts", |shown: AccountDetail| view! { <Record shown /> }.into_any())
}

#[component]
fn Record(shown: AccountDetail) -> impl IntoView {
    let now = shown.as_of;
    let account = shown.account;
    let unit = if account.ou_path.is_empty() { "Root".to_owned() } else { account.ou_path.clone() };
    let content = format!("/inventory?account={}", account.id);
    let rows = shown.regions.into_iter().map(|row| view! { <Region row now /> }).collect_view();
    let (id, email, name) = (account.id.to_string(), account.email.clone(), account.name.clone());
    let actions = view! { <a href=content class="button">"View secrets"</a> }.into_any();
    view! {
        <PageTitle text=name.clone() />
        <PageHeader actions>
            <Breadcrumb><a href="/accounts">"Accounts"</a>" / "{unit}</Breadcrumb>
            <h1>{name}</h1>
            <p class="context"><span class="mono">{id}</span>", "{email}</p>
        </PageHeader>
        <div class="columns">
            <Panel title="Regions" class="flush">
                <DataTable class="list regions" head=[
                    Heading::text("Region"),
                    Heading::text("Last scan"),
                    Heading::number("Secrets"),
                    Heading::number("Parameters"),
                    Heading::text("Last updated"),
                    Heading::number("API calls"),
                ]>{rows}</DataTable>
            </Panel>
            <Panel title="Account">
                <dl class="facts narrow">
                    <dt>"State"</dt><dd>{account.state.to_string()}</dd>
                    {shown.joined_at.map(|at| view! { <dt>"Joined"</dt><dd><Timestamp at now /></dd> })}
                    {account.left_at.map(|at| view! { <dt>"Removed"</dt><dd><Timestamp at now /></dd> })}
                    <dt>"Last scan"</dt><dd><CoverageCell row=account /></dd>
                </dl>
            </Panel>
        </div>
        <div class="columns">
            <InPlace
                readiness=shown.readiness
                opt_in_roles=shown.opt_in_roles
                snippets=shown.snippets
                checked_at=shown.checked_at
                now
            />
            <TagPolicies policy=shown.tag_policy />
        </div>
    }
}

/// The state of a Region's newest scan. What is known of one that is no longer scanned stays, and grows old.
fn region_chip(row: &RegionRow) -> (Tone, &'static str) {
    let one_was_read = row.lists.iter().any(|list| list.fault.is_none());
    match row.status {
        _ if !row.is_swept => (Tone::Unknown, "No longer scanned"),
        RegionScanStatus::Failed if one_was_read => (Tone::Soon, "Partial"),
        RegionScanStatus::Complete if row.lists.iter().any(|list| list.fault.is_some()) => {
            (Tone::Soon, "Partial")
        }
        status => region_scan_chip(status),
    }
}

/// How old the data of each list are; once for both where they are the same.
fn freshness(lists: &[ListRow]) -> Vec<(Option<&'static str>, Option<OffsetDateTime>)> {
    let of = |list: RegionScanList| {
        lists.iter().find(|one| one.list == list).and_then(|one| one.complete_at)
    };
    let (secrets, parameters) = (of(RegionScanList::Secrets), of(RegionScanList::Parameters));
    if secrets == parameters {
        return vec![(None, secrets)];
    }
    vec![
        (Some(RegionScanList::Secrets.label()), secrets),
        (Some(RegionScanList::Parameters.label()), parameters),
    ]
}

/// A list that could not be read while others were.
#[component]
fn FailedList(list: ListRow, now: OffsetDateTime) -> impl IntoView {
    let label = list.list.label();
    list.fault.map(|fault| {
        let (what, hint) = fault.fault.explain();
        let call =
            [fault.operation, fault.code].into_iter().flatten().collect::<Vec<_>>().join(": ");
        let age = match (list.complete_at, list.list) {
            (Some(at), _) => format!(" Showing data from {}.", relative(at, now)),
            (None, RegionScanList::ParameterTags) => {
                " Parameters keep the tags that were read last; tags of new ones are unknown."
                    .to_owned()
            }
            (None, _) => " Never read.".to_owned(),
        };
        view! {
            <small class="why">
                <strong>{label}" not updated"</strong>
                " ("<span class="mono">{call}</span>"): "{what}" "{hint}{age}
            </small>
        }
    })
}

#[component]
fn Region(row: RegionRow, now: OffsetDateTime) -> impl IntoView {
    let (tone, text) = region_chip(&row);
    // Where every list failed alike, the reason is said once.
    let of_all = row.lists.is_empty() || row.lists.iter().all(|list| list.fault.is_some());
    let code = row.fault_code.clone().filter(|_| of_all);
    let code = code.map(|code| view! { " " <span class="faint mono">{code}</span> });
    let why = row.fault.filter(|_| of_all);
    let failed: Vec<ListRow> = if of_all {
        Vec::new()
    } else {
        row.lists.iter().filter(|list| list.fault.is_some()).cloned().collect()
    };
    let failed = failed.into_iter().map(|list| view! { <FailedList list now /> }).collect_view();
    let fresh = freshness(&row.lists).into_iter().map(|(label, at)| {
        let at = match at {
            Some(at) => Either::Left(view! { <Ago at now /> }),
            None => Either::Right(view! { <span class="faint">"no data"</span> }),
        };
        view! { <span class="of-list">{label.map(|label| format!("{label}: "))}{at}</span> }
    });
    let fresh = fresh.collect_view();
    let number = |count: u64, list: RegionScanList| {
        let was_read = row.lists.iter().any(|one| one.list == list && one.complete_at.is_some());
        if !was_read && count == 0 { "–".to_owned() } else { grouped(count) }
    };
    view! {
        <tr>
            <td class="name mono">{row.region.to_string()}</td>
            <td class="reach"><Chip tone text />{code}<Why fault=why />{failed}</td>
            <td data-label="Secrets" class="number">{number(row.secrets, RegionScanList::Secrets)}</td>
            <td data-label="Parameters" class="number">{number(row.parameters, RegionScanList::Parameters)}</td>
            <td data-label="Last updated">{fresh}</td>
            <td data-label="API calls" class="number">{grouped(row.api_calls.into())}</td>
        </tr>
    }
}
