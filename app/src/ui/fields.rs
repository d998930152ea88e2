//! Fields of forms, each with what it means and what is wrong in it.

use super::text_area;
use claviger_domain::{creation::ShapeFault, day::parse_day};
use leptos::prelude::*;

/// What is wrong with a field, below it.
pub(crate) fn fault_of(faults: &[ShapeFault], field: &str) -> Option<AnyView> {
    let reasons: Vec<String> = faults
        .iter()
        .filter(|fault| fault.field == field)
        .map(|fault| fault.reason.clone())
        .collect();
    (!reasons.is_empty())
        .then(|| view! { <small class="fault" role="alert">{reasons.join(" ")}</small> }.into_any())
}

/// One line of text that a machine reads. An empty placeholder or note is left out.
pub(crate) fn line(
    field: (&'static str, &'static str),
    value: &str,
    placeholder: &'static str,
    note: &'static str,
    faults: &[ShapeFault],
) -> AnyView {
    any_line(field, value, (placeholder, note), false, faults)
}

/// The same where the form needs it.
pub(crate) fn needed_line(
    field: (&'static str, &'static str),
    value: &str,
    placeholder: &'static str,
    note: &'static str,
    faults: &[ShapeFault],
) -> AnyView {
    any_line(field, value, (placeholder, note), true, faults)
}

fn any_line(
    (name, label): (&'static str, &'static str),
    value: &str,
    (placeholder, note): (&'static str, &'static str),
    required: bool,
    faults: &[ShapeFault],
) -> AnyView {
    let placeholder = (!placeholder.is_empty()).then_some(placeholder);
    let note = (!note.is_empty()).then(|| view! { <small>{note}</small> });
    view! {
        <label class="field">
            <span>{label}</span>
            <input name=name class="mono" value=value.to_owned() placeholder=placeholder autocomplete="off" spellcheck="false" required=required />
            {note}
            {fault_of(faults, name)}
        </label>
    }
    .into_any()
}

/// The same with several lines.
pub(crate) fn lines(
    field: (&'static str, &'static str),
    value: &str,
    note: &'static str,
    faults: &[ShapeFault],
) -> AnyView {
    any_lines(field, value, note, false, faults)
}

/// Several lines where the form needs them.
pub(crate) fn needed_lines(
    field: (&'static str, &'static str),
    value: &str,
    note: &'static str,
    faults: &[ShapeFault],
) -> AnyView {
    any_lines(field, value, note, true, faults)
}

fn any_lines(
    (name, label): (&'static str, &'static str),
    value: &str,
    note: &'static str,
    required: bool,
    faults: &[ShapeFault],
) -> AnyView {
    view! {
        <label class="field">
            <span>{label}</span>
            <textarea name=name class="mono" rows="2" spellcheck="false" required=required>{text_area(value)}</textarea>
            <small>{note}</small>
            {fault_of(faults, name)}
        </label>
    }
    .into_any()
}

/// A day. What is no day is shown as text beside its fault: a browser's field for dates drops it.
pub(crate) fn date(
    (name, label): (&'static str, &'static str),
    value: &str,
    note: &'static str,
    faults: &[ShapeFault],
) -> AnyView {
    let is_kept = value.is_empty() || parse_day(value).is_some();
    let kind = if is_kept { "date" } else { "text" };
    let note = (!note.is_empty()).then(|| view! { <small>{note}</small> });
    view! {
        <label class="field">
            <span>{label}</span>
            <input name=name type=kind value=value.to_owned() />
            {note}
            {fault_of(faults, name)}
        </label>
    }
    .into_any()
}

/// The options of a selection, from values and labels.
pub(crate) fn options<T: Into<String>>(
    all: impl IntoIterator<Item = (String, T)>,
    chosen: Option<&str>,
) -> Vec<AnyView> {
    all.into_iter()
        .map(|(value, label)| {
            let selected = chosen == Some(value.as_str());
            let label: String = label.into();
            view! { <option value=value selected=selected>{label}</option> }.into_any()
        })
        .collect()
}

/// A filter with one choice. `all` labels the choice of none; without a label there is none.
#[component]
pub(crate) fn Choice(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    options: Vec<(String, String)>,
    chosen: Option<String>,
) -> impl IntoView {
    let options = self::options(options, chosen.as_deref());
    let all = (!all.is_empty()).then(|| view! { <option value="">{all}</option> });
    view! { <label>{label}<select name=name>{all}{options}</select></label> }
}
