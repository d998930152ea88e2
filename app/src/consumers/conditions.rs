//! The fields of the conditions, each with what it restricts.

use crate::{creation::fault_of, ui::text_area};
use claviger_domain::{consumers::RoleForm, creation::ShapeFault};
use leptos::prelude::*;

const FIELDS: [&str; 9] = [
    "organization",
    "ou_paths",
    "vpcs",
    "endpoints",
    "from",
    "until",
    "principal_tag",
    "resource_tag",
    "source_ips",
];

#[component]
pub(super) fn ConditionFields(form: RoleForm, faults: Vec<ShapeFault>) -> impl IntoView {
    let typed = [
        &form.organization,
        &form.ou_paths,
        &form.vpcs,
        &form.endpoints,
        &form.from,
        &form.until,
        &form.principal_tag,
        &form.resource_tag,
        &form.source_ips,
    ];
    let is_open = typed.iter().any(|text| !text.is_empty())
        || faults.iter().any(|fault| FIELDS.contains(&fault.field.as_str()));
    let of = |field: &str| fault_of(&faults, field);
    let line = |name: &'static str,
                label: &'static str,
                value: &str,
                hint: &'static str,
                note: &'static str| {
        view! {
            <label class="field">
                <span>{label}</span>
                <input name=name class="mono" value=value.to_owned() placeholder=hint autocomplete="off" spellcheck="false" />
                <small>{note}</small>
                {fault_of(&faults, name)}
            </label>
        }
    };
    let lines = |name: &'static str, label: &'static str, value: &str, note: &'static str| {
        view! {
            <label class="field">
                <span>{label}</span>
                <textarea name=name class="mono" rows="2" spellcheck="false">{text_area(value)}</textarea>
                <small>{note}</small>
                {fault_of(&faults, name)}
            </label>
        }
    };
    view! {
        <details open=is_open>
            <summary>"Conditions"</summary>
            <div class="form">
                {line("organization", "Organization", &form.organization, "o-a1b2c3d4e5", "For another account: who may assume the role. Else: only while this account is in it.")}
                {lines("ou_paths", "OU paths", &form.ou_paths, "One per line, such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*.")}
                {lines("vpcs", "VPCs", &form.vpcs, "One ID per line. Needs an interface endpoint of the service in the VPC.")}
                {lines("endpoints", "VPC endpoints", &form.endpoints, "One ID per line.")}
                {lines("source_ips", "Source IP addresses", &form.source_ips, "Public addresses or CIDR ranges, one per line. Not together with a VPC or endpoint.")}
                <label class="field">
                    <span>"First day"</span>
                    <input name="from" type="date" value=form.from.clone() />
                    {of("from")}
                </label>
                <label class="field">
                    <span>"Last day"</span>
                    <input name="until" type="date" value=form.until.clone() />
                    <small>"End of day, UTC. IAM has no time of day: working hours are a rule of Claviger's access policies, on context.hour and context.weekday."</small>
                    {of("until")}
                </label>
                {line("principal_tag", "Tag of the role", &form.principal_tag, "team=payments", "The exports set it.")}
                {line("resource_tag", "Tag of the secret", &form.resource_tag, "env=prod", "Only while the secret or parameter has it.")}
            </div>
        </details>
    }
}
