//! The fields of the conditions, each with what it restricts.

use crate::ui::{date, line, lines};
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
    let is_open = FIELDS.iter().any(|name| !form.field(name).is_empty())
        || faults.iter().any(|fault| FIELDS.contains(&fault.field.as_str()));
    view! {
        <details open=is_open>
            <summary>"Conditions"</summary>
            <div class="form">
                {line(("organization", "Organization"), &form.organization, "o-a1b2c3d4e5", "For another account: who may assume the role. Else: only while this account is in it.", &faults)}
                {lines(("ou_paths", "OU paths"), &form.ou_paths, "One per line, such as o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/*.", &faults)}
                {lines(("vpcs", "VPCs"), &form.vpcs, "One ID per line. Needs an interface endpoint of the service in the VPC.", &faults)}
                {lines(("endpoints", "VPC endpoints"), &form.endpoints, "One ID per line.", &faults)}
                {lines(("source_ips", "Source IP addresses"), &form.source_ips, "Public addresses or CIDR ranges, one per line. Not together with a VPC or endpoint.", &faults)}
                {date(("from", "First day"), &form.from, "", &faults)}
                {date(("until", "Last day"), &form.until, "End of day, UTC. IAM has no time of day: working hours are a rule of Claviger's access policies, on context.hour and context.weekday.", &faults)}
                {line(("principal_tag", "Tag of the role"), &form.principal_tag, "team=payments", "Exports and plans set it.", &faults)}
                {line(("resource_tag", "Tag of the secret"), &form.resource_tag, "env=prod", "Only while the secret or parameter has it.", &faults)}
            </div>
        </details>
    }
}
