//! The fields of a rotation by AWS's template, each with what is wrong in it.

use crate::{creation::fault_of, rotations::Immediately, ui::text_area};
use claviger_domain::{
    VariantArray,
    creation::ShapeFault,
    rotations::hosted::{HostedEngine, HostedForm, HostedUsers},
};
use leptos::prelude::*;

#[component]
pub(super) fn HostedFields(form: HostedForm, faults: Vec<ShapeFault>) -> impl IntoView {
    let of = |field: &str| fault_of(&faults, field);
    let engines = HostedEngine::VARIANTS
        .iter()
        .map(|one| {
            let name = one.to_string();
            let selected = name == form.engine;
            view! { <option value=name selected=selected>{one.label()}</option> }
        })
        .collect_view();
    let users = HostedUsers::VARIANTS
        .iter()
        .map(|one| {
            let name = one.to_string();
            let selected = name == form.users;
            view! { <option value=name selected=selected>{one.label()}</option> }
        })
        .collect_view();
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
        <label class="field">
            <span>"Name of the function"</span>
            <input name="function" class="mono" value=form.function autocomplete="off" spellcheck="false" />
            <small>"At most 64 letters, digits, hyphens and underscores. The stack creates it."</small>
            {of("function")}
        </label>
        <label class="field">
            <span>"Superuser's secret"</span>
            <input name="superuser" class="mono" value=form.superuser autocomplete="off" spellcheck="false" />
            <small>"For alternating users, and for Db2: its ARN, in the same account and Region. The value's key masterarn must name the same one."</small>
            {of("superuser")}
        </label>
        <label class="field">
            <span>"Subnets"</span>
            <textarea name="subnets" class="mono" rows="2" spellcheck="false">{text_area(&form.subnets)}</textarea>
            <small>"Of the database, such as subnet-0123456789abcdef0. With a path to Secrets Manager."</small>
            {of("subnets")}
        </label>
        <label class="field">
            <span>"Security groups"</span>
            <textarea name="security_groups" class="mono" rows="2" spellcheck="false">{text_area(&form.security_groups)}</textarea>
            <small>"Of the function, such as sg-0123456789abcdef0. The database's group must admit them."</small>
            {of("security_groups")}
        </label>
        <label class="field">
            <span>"KMS key of the secret"</span>
            <input name="key" class="mono" value=form.key autocomplete="off" spellcheck="false" />
            <small>"The ARN. Leave it empty for the key that the last scan found."</small>
            {of("key")}
        </label>
        <label class="field">
            <span>"Excluded characters"</span>
            <input name="exclude" class="mono" value=form.exclude autocomplete="off" spellcheck="false" />
            <small>"In no password, each once. Leave it empty for AWS's own choice."</small>
            {of("exclude")}
        </label>
        <label class="field">
            <span>"Interval in days"</span>
            <input name="days" value=form.days inputmode="numeric" autocomplete="off" />
            <small>"1 to 1,000. Leave it empty to use a schedule."</small>
            {of("days")}
        </label>
        <label class="field">
            <span>"Schedule"</span>
            <input name="schedule" class="mono" value=form.schedule autocomplete="off" spellcheck="false" />
            <small>"rate(…) or cron(…) in UTC, at most every 4 hours. Instead of an interval."</small>
            {of("schedule")}
        </label>
        <label class="field">
            <span>"Window"</span>
            <input name="duration" value=form.duration autocomplete="off" />
            <small>"E.g. 3h."</small>
            {of("duration")}
        </label>
        <Immediately is_at_once />
        {of("immediately")}
    }
}
