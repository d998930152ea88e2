//! One account, Region by Region.

use super::{
    api::load_account,
    reach::{ReachCell, Why, scan_chip},
    readiness::{InPlace, TagPolicies},
};
use crate::{
    shell::use_live,
    ui::{Ago, Chip, Moment, PageTitle, ProblemPanel, Tone, format::grouped},
};
use claviger_domain::view::{AccountDetail, RegionRow};
use leptos::{either::Either, prelude::*};
use leptos_router::{components::A, hooks::use_params_map};
use time::OffsetDateTime;

#[component]
pub(crate) fn AccountPage() -> impl IntoView {
    let live = use_live();
    let params = use_params_map();
    let id = move || params.read().get("id").unwrap_or_default();
    let account = Resource::new(move || (id(), live.version.get()), |(id, _)| load_account(id));
    view! {
        <Transition fallback=|| view! { <p class="loading" role="status">"Reading the account…"</p> }>
            {move || Suspend::new(async move {
                match account.await {
                    Ok(shown) => Either::Left(view! { <Record shown /> }),
                    Err(error) => {
                        Either::Right(view! { <PageTitle text="Accounts" /> <ProblemPanel problem=error.0 /> })
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Record(shown: AccountDetail) -> impl IntoView {
    let now = shown.as_of;
    let account = shown.account;
    let unit = if account.ou_path.is_empty() { "Root".to_owned() } else { account.ou_path.clone() };
    let content = format!("/inventory?account={}", account.id);
    let rows = shown.regions.into_iter().map(|row| view! { <Region row now /> }).collect_view();
    view! {
        <PageTitle text=account.name.clone() />
        <div class="head">
            <div>
                <nav class="crumbs" aria-label="Where this is"><A href="/accounts">"Accounts"</A>" / "{unit}</nav>
                <h1>{account.name.clone()}</h1>
                <p class="context"><span class="mono">{account.id.to_string()}</span>", "{account.email.clone()}</p>
            </div>
            <div class="actions"><A href=content attr:class="button">"See its secrets"</A></div>
        </div>
        <div class="columns">
            <section class="panel flush">
                <h2>"Regions"</h2>
                <table class="list regions">
                    <thead>
                        <tr>
                            <th scope="col">"Region"</th>
                            <th scope="col">"Newest scan"</th>
                            <th scope="col" class="number">"Secrets"</th>
                            <th scope="col" class="number">"Parameters"</th>
                            <th scope="col">"Data as of"</th>
                            <th scope="col" class="number">"API calls"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </section>
            <section class="panel">
                <h2>"Account"</h2>
                <dl class="facts narrow">
                    <dt>"State"</dt><dd>{account.state.to_string()}</dd>
                    {shown.joined_at.map(|at| view! { <dt>"Joined"</dt><dd><Moment at now /></dd> })}
                    {account.left_at.map(|at| view! { <dt>"Left"</dt><dd><Moment at now /></dd> })}
                    <dt>"Newest sweep"</dt><dd><ReachCell row=account /></dd>
                </dl>
            </section>
        </div>
        <div class="columns">
            <InPlace readiness=shown.readiness checked_at=shown.checked_at now />
            <TagPolicies policy=shown.tag_policy />
        </div>
    }
}

#[component]
fn Region(row: RegionRow, now: OffsetDateTime) -> impl IntoView {
    let (tone, text) = scan_chip(row.status);
    // What is known of it stays, and grows old.
    let (tone, text) =
        if row.is_swept { (tone, text) } else { (Tone::Unknown, "Not swept any more") };
    let code = row.fault_code.map(|code| view! { " " <span class="faint mono">{code}</span> });
    let fresh = match row.complete_at {
        Some(at) => Either::Left(view! { <Ago at now /> }),
        None => Either::Right(view! { <span class="faint">"no data"</span> }),
    };
    let number = |count: u64| {
        if row.complete_at.is_none() && count == 0 { "–".to_owned() } else { grouped(count) }
    };
    view! {
        <tr>
            <td class="name mono">{row.region.to_string()}</td>
            <td class="reach"><Chip tone text />{code}<Why fault=row.fault /></td>
            <td data-label="Secrets" class="number">{number(row.secrets)}</td>
            <td data-label="Parameters" class="number">{number(row.parameters)}</td>
            <td data-label="Data as of">{fresh}</td>
            <td data-label="API calls" class="number">{grouped(row.api_calls.into())}</td>
        </tr>
    }
}
