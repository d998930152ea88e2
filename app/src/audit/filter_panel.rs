//! What narrows the audit log: the panel of choices, and the line of active filters.

use super::{
    actions::filter_label,
    links::list,
    words::{choice, outcome_label},
};
use crate::ui::{ActiveFilter, ActiveFilters, FacetGroup, FilterPanel, Hidden, facet_label};
use claviger_domain::{
    VariantArray,
    audit::{AuditAction, AuditQuery, Outcome, view::Actor},
    inventory::view::FacetValue,
};
use leptos::prelude::*;

/// The choices of each filter. The log is too long to count each.
#[derive(Clone)]
pub(super) struct Choices {
    actors: Vec<FacetValue>,
    actions: Vec<FacetValue>,
    outcomes: Vec<FacetValue>,
}

impl Choices {
    pub(super) fn new(actors: Vec<Actor>) -> Self {
        let actors = actors.into_iter().map(|actor| choice(actor.value, actor.name));
        let actions = AuditAction::VARIANTS.iter().map(|one| choice(one, filter_label(*one)));
        let outcomes = Outcome::VARIANTS.iter().map(|one| choice(one, outcome_label(*one).1));
        Self { actors: actors.collect(), actions: actions.collect(), outcomes: outcomes.collect() }
    }

    fn label(&self, field: &str, value: &str) -> String {
        let values: &[FacetValue] = match field {
            "actor" => &self.actors,
            "action" => &self.actions,
            "outcome" => &self.outcomes,
            _ => &[],
        };
        facet_label(values, value)
    }
}

#[component]
pub(super) fn AuditFilterPanel(query: AuditQuery, choices: Choices) -> impl IntoView {
    let filters = query.filters();
    let narrowed = filters.len();
    let group = move |field: &'static str, title: &'static str, values: Vec<FacetValue>| {
        view! { <FacetGroup field title values filters=filters.clone() counted=false /> }
    };
    let mut targets = query.targets.into_iter();
    let target = targets.next();
    let more = targets.map(|target| view! { <Hidden name="target" value=target /> }).collect_view();
    let day = |day: Option<time::Date>| day.map(|day| day.to_string());
    view! {
        <FilterPanel action="/audit" narrowed>
            {group("outcome", "Outcome", choices.outcomes)}
            {group("actor", "Actor", choices.actors)}
            {group("action", "Action", choices.actions)}
            <fieldset class="fields">
                <legend>"Period, in UTC"</legend>
                <label>"First day"<input type="date" name="from" value=day(query.from) /></label>
                <label>"Last day"<input type="date" name="until" value=day(query.until) /></label>
            </fieldset>
            <fieldset class="fields">
                <legend>"Target"</legend>
                <label>"Id"<input type="text" name="target" maxlength="200" value=target placeholder="G-2190"
                    autocomplete="off" spellcheck="false" /></label>
                {more}
                <button class="button small">"Apply"</button>
            </fieldset>
        </FilterPanel>
    }
}

#[component]
pub(super) fn AuditActiveFilters(query: AuditQuery, choices: Choices) -> impl IntoView {
    let filters = query.filters();
    let clear = (!filters.is_empty()).then(|| "/audit".to_owned());
    let filters = filters
        .into_iter()
        .filter(|(field, _)| *field != "q")
        .map(|(field, value)| ActiveFilter {
            field,
            label: choices.label(field, &value),
            without: list(&query.without(field, &value)),
        })
        .collect();
    view! {
        <ActiveFilters filters clear>
            <input form="filters" type="text" name="q" maxlength="200" value=query.text.clone()
                placeholder="Search reasons, names, ids and ARNs" aria-label="Search reasons, names, ids and ARNs"
                autocomplete="off" spellcheck="false" />
        </ActiveFilters>
    }
}
