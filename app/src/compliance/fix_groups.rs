//! Findings grouped by what one plan can fix.

use super::labels::severity_tone;
use crate::{
    remediation::{load_fix_groups, plan_href},
    ui::{
        Chip, DataTable, Heading,
        format::{counted, grouped},
        loaded,
    },
};
use claviger_domain::remediation::view::{FixGroup, FixGroups as Groups};
use leptos::prelude::*;

/// `query` is the list.
#[component]
pub(crate) fn FixGroups(query: String) -> impl IntoView {
    let groups = ArcResource::new(|| (), move |()| load_fix_groups(query.clone()));
    loaded(groups, "Findings", |groups: Groups| view! { <Table groups /> }.into_any())
}

#[component]
fn Table(groups: Groups) -> impl IntoView {
    let can_fix = groups.can_remediate;
    let rows = groups.rows.into_iter().map(|row| view! { <Row row can_fix /> }).collect_view();
    let more = (groups.more > 0).then(|| {
        let count = counted(groups.more, "more group", "more groups");
        view! { <p class="note">{format!("{count}. Add a filter to see them.")}</p> }
    });
    view! {
        <div class="panel flush">
            <DataTable class="list groups" head=["What fails", "Severity", "Account", "Fix"].map(Heading::text)>
                {rows}
            </DataTable>
        </div>
        {more}
    }
}

#[component]
fn Row(row: FixGroup, can_fix: bool) -> impl IntoView {
    let key = format!("{}_{}", row.policy, row.account);
    let list = format!("/findings?{}", row.of);
    let says = format!(
        "{} in {}",
        counted(row.findings, "secret or parameter", "secrets and parameters"),
        row.account_name
    );
    let proposed = row.proposed.as_ref().map(|(_, count)| {
        let text = match count {
            0 => "No value can be proposed.".to_owned(),
            1 => "1 has a proposed fix.".to_owned(),
            more => format!("{} have a proposed fix.", grouped(*more)),
        };
        view! { <small>{text}</small> }
    });
    let fix = can_fix.then(|| {
        let (action, count) = match &row.proposed {
            Some((action, count)) if *count > 0 => (Some(action.as_str()), *count),
            _ => (None, row.findings),
        };
        let name = format!("Fix {}: {}, {}", grouped(count), row.policy_title, row.account_name);
        view! { <a href=plan_href(&row.of, action) class="button small" aria-label=name>{format!("Fix {}", grouped(count))}</a>" " }
    });
    let show =
        format!("Show {}: {}, {}", grouped(row.findings), row.policy_title, row.account_name);
    view! {
        <tr data-key=key>
            <td class="says"><strong>{row.policy_title}</strong><br />{says}{proposed}</td>
            <td data-label="Severity"><Chip tone=severity_tone(row.severity) text=row.severity.to_string() /></td>
            <td class="place">{row.account_name}<small class="mono">{row.account.to_string()}</small></td>
            <td class="actions">{fix}<a href=list class="button small" aria-label=show>"Show"</a></td>
        </tr>
    }
}
