//! The fields of a rotation by AWS's template, each with what is wrong in it.

use crate::{
    rotations::Immediately,
    ui::{fault_of, line, lines, options},
};
use claviger_domain::{
    VariantArray,
    creation::ShapeFault,
    rotations::hosted::{HostedEngine, HostedForm, HostedUsers},
};
use leptos::prelude::*;

#[component]
pub(super) fn HostedFields(form: HostedForm, faults: Vec<ShapeFault>) -> impl IntoView {
    let of = |field: &str| fault_of(&faults, field);
    let engines = HostedEngine::VARIANTS.iter().map(|one| (one.to_string(), one.label()));
    let engines = options(engines, Some(&form.engine));
    let users = HostedUsers::VARIANTS.iter().map(|one| (one.to_string(), one.label()));
    let users = options(users, Some(&form.users));
    let is_at_once = form.immediately == "yes";
    view! {
        <label class="field">
            <span>"Database"</span>
            <select name="engine"><option value="">"Choose a database"</option>{engines}</select>
            <small>"AWS has no such template for ElastiCache: deploy its function from source, and choose it in Configure rotation."</small>
            {of("engine")}
        </label>
        <label class="field">
            <span>"Users"</span>
            <select name="users">{users}</select>
            <small>"A single user changes its own password. For alternating users, a superuser changes the passwords of two users in turn."</small>
            {of("users")}
        </label>
        {line(("function", "Name of the function"), &form.function, "", "At most 64 letters, digits, hyphens and underscores. The stack creates it.", &faults)}
        {line(("superuser", "Superuser's secret"), &form.superuser, "", "For alternating users, and for Db2: its ARN, in the same account and Region. The value's key masterarn must name the same one.", &faults)}
        {lines(("subnets", "Subnets"), &form.subnets, "Of the database, such as subnet-0123456789abcdef0. With a path to Secrets Manager.", &faults)}
        {lines(("security_groups", "Security groups"), &form.security_groups, "Of the function, such as sg-0123456789abcdef0. The database's group must admit them.", &faults)}
        {line(("key", "KMS key of the secret"), &form.key, "", "The ARN. Leave it empty for the key that the last scan found.", &faults)}
        {line(("exclude", "Excluded characters"), &form.exclude, "", "In no password, each once. Leave it empty for AWS's own choice.", &faults)}
        <label class="field">
            <span>"Interval in days"</span>
            <input name="days" value=form.days.clone() inputmode="numeric" autocomplete="off" />
            <small>"1 to 1,000. Leave it empty to use a schedule."</small>
            {of("days")}
        </label>
        {line(("schedule", "Schedule"), &form.schedule, "", "rate(…) or cron(…) in UTC, at most every 4 hours. Instead of an interval.", &faults)}
        <label class="field">
            <span>"Window"</span>
            <input name="duration" value=form.duration.clone() autocomplete="off" />
            <small>"E.g. 3h."</small>
            {of("duration")}
        </label>
        <Immediately is_at_once />
        {of("immediately")}
    }
}
