//! Who can read a secret or parameter, and why.

use crate::{
    ui::{Breadcrumb, Chip, DataTable, Heading, PageHeader, PageTitle, Panel, Tone, loaded},
    wire::{
        WireError,
        server::{call, wire},
    },
};
use claviger_domain::inventory::entitlement::{
    Answer, Entitlement, EntitlementsView, ReaderKind, Way,
};
use leptos::prelude::*;
use leptos_router::{components::A, hooks::use_params_map};

#[component]
pub(crate) fn ReadersPage() -> impl IntoView {
    let id = use_params_map().read_untracked().get("id").unwrap_or_default();
    let page = Resource::new(|| (), move |()| load(id.clone()));
    loaded(page, "Inventory", |shown: EntitlementsView| view! { <Record shown /> }.into_any())
}

async fn load(id: String) -> Result<EntitlementsView, WireError> {
    let (services, caller) = call()?;
    services.readers().readers_of(&caller, &id).await.map_err(wire)
}

/// The groups, in their order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Beyond,
    Principals,
    Administrators,
    ServiceLinked,
}

impl Group {
    const ALL: [Self; 4] =
        [Self::Beyond, Self::Principals, Self::Administrators, Self::ServiceLinked];

    fn of(row: &Entitlement) -> Self {
        match row.kind {
            ReaderKind::ServiceLinkedRole => Self::ServiceLinked,
            ReaderKind::Root => Self::Administrators,
            ReaderKind::Role | ReaderKind::User if row.is_administrator => Self::Administrators,
            ReaderKind::Role | ReaderKind::User => Self::Principals,
            ReaderKind::Account
            | ReaderKind::Organization
            | ReaderKind::Public
            | ReaderKind::Service
            | ReaderKind::Unread
            | ReaderKind::Other => Self::Beyond,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Beyond => "Accounts, services and the public",
            Self::Principals => "Roles and users",
            Self::Administrators => "Administrators",
            Self::ServiceLinked => "Service-linked roles",
        }
    }
}

#[component]
fn Record(shown: EntitlementsView) -> impl IntoView {
    let EntitlementsView { resource, name, rows, cannot, notes, .. } = shown;
    let back = format!("/inventory/{resource}");
    let count = |answer: Answer| rows.iter().filter(|row| row.answer == answer).count();
    let summary = format!(
        "{} can read it, {} under conditions, {} unknown. {cannot} more were evaluated and cannot.",
        count(Answer::Can),
        count(Answer::Conditional),
        count(Answer::Unknown),
    );
    let groups = Group::ALL
        .into_iter()
        .map(|group| {
            let found: Vec<Entitlement> =
                rows.iter().filter(|row| Group::of(row) == group).cloned().collect();
            (!found.is_empty()).then(|| view! { <Readers group rows=found /> })
        })
        .collect_view();
    let notes = notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view();
    view! {
        <PageTitle text=format!("Who can read {name}") />
        <PageHeader>
            <Breadcrumb>
                <A href="/inventory">"Inventory"</A>" / "<A href=back>{name.clone()}</A>
            </Breadcrumb>
            <h1>"Who can read it"</h1>
            <p>{summary}</p>
        </PageHeader>
        <div class="stack">
            {groups}
            <Panel title="Not evaluated"><ul class="evidence">{notes}</ul></Panel>
        </div>
    }
}

#[component]
fn Readers(group: Group, rows: Vec<Entitlement>) -> impl IntoView {
    let rows = rows.into_iter().map(|row| view! { <Row row /> }).collect_view();
    view! {
        <Panel title=group.title() class="flush">
            <div class="scrolls" tabindex="0" role="region" aria-label=group.title()>
                <DataTable
                    class="plain readers"
                    head=["Principal", "Answer", "Action", "Through", "Conditions"].map(Heading::text)
                >
                    {rows}
                </DataTable>
            </div>
        </Panel>
    }
}

#[component]
fn Row(row: Entitlement) -> impl IntoView {
    let text = match row.answer {
        Answer::Can => "Can read",
        Answer::Conditional => "Under conditions",
        Answer::Unknown => "Unknown",
        Answer::Cannot => "Cannot read",
    };
    let chip = match (row.answer, row.kind) {
        (Answer::Unknown, _) => view! { <Chip tone=Tone::Unknown text /> }.into_any(),
        (_, ReaderKind::Public) => view! { <Chip tone=Tone::Bad text /> }.into_any(),
        _ => view! { <span class="chip plain">{text}</span> }.into_any(),
    };
    let ways: Vec<Way> = row.ways.into_iter().filter(|way| way.answer == row.answer).collect();
    let actions: Vec<String> = ways.iter().map(action).collect();
    let (through, conditions) = ways.into_iter().next().map_or_else(Default::default, |way| {
        (way.through, [way.conditions, way.not_read].concat())
    });
    view! {
        <tr>
            <td class="mono wrap">{row.principal}</td>
            <td>{chip}</td>
            <td class="mono wrap">{actions.join(", ")}</td>
            <td class="wrap">{through.join("; ")}</td>
            <td class="wrap">{if conditions.is_empty() { "none".to_owned() } else { conditions.join("; ") }}</td>
        </tr>
    }
}

/// Such as `GetParametersByPath /app`.
fn action(way: &Way) -> String {
    let name = way.action.split(':').next_back().unwrap_or_default();
    way.path.as_ref().map_or_else(|| name.to_owned(), |path| format!("{name} {path}"))
}
