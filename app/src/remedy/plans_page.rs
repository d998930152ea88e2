//! All plans, those that are not over first; and the brake.

use super::{
    api::{PullBrake, ReleaseBrake, load_plans},
    words::{author, progress, state_words},
};
use crate::{
    shell::use_live,
    ui::{Ago, Chip, Fault, PageTitle, WaitsNote, loaded},
};
use claviger_domain::remedy::view::{Brake, PlanRow, PlansPage as Shown};
use leptos::prelude::*;
use leptos_router::components::A;
use time::OffsetDateTime;

#[component]
pub(crate) fn PlansPage() -> impl IntoView {
    let live = use_live();
    let (pull, release) = (ServerAction::<PullBrake>::new(), ServerAction::<ReleaseBrake>::new());
    let page = Resource::new(
        move || (live.access.get(), pull.version().get(), release.version().get()),
        |_| load_plans(),
    );
    provide_context((pull, release));
    view! {
        <PageTitle text="Remediation" />
        {loaded(page, "Remediation", |shown: Shown| view! { <List shown /> }.into_any())}
        <Fault value=pull.value() />
        <Fault value=release.value() />
    }
}

/// Pulls the brake, or lets it go.
#[component]
fn BrakeForm(is_pulled: bool) -> impl IntoView {
    let (pull, release) = expect_context::<(ServerAction<PullBrake>, ServerAction<ReleaseBrake>)>();
    if is_pulled {
        return view! { <ActionForm action=release><button class="button">"Release the brake"</button></ActionForm> }.into_any();
    }
    view! {
        <details class="drop right">
            <summary class="button danger">"Pull the brake"</summary>
            <ActionForm action=pull attr:class="form">
                <label class="field">
                    <span>"Reason"</span>
                    <textarea name="reason" rows="2" maxlength="1000" required></textarea>
                    <small>"No call begins any more, whoever planned it; what is under way is finished. Everybody who looks at a plan reads the reason."</small>
                </label>
                <button class="button danger">"Stop every call"</button>
            </ActionForm>
        </details>
    }
    .into_any()
}

#[component]
pub(super) fn Braked(brake: Brake, as_of: OffsetDateTime) -> impl IntoView {
    view! {
        <div class="notice bad" role="status">
            <strong>{format!("{} has pulled the brake. ", brake.by)}</strong>{brake.reason}" "<Ago at=brake.at now=as_of />
        </div>
    }
}

#[component]
fn List(shown: Shown) -> impl IntoView {
    let as_of = shown.as_of;
    let is_pulled = shown.brake.is_some();
    let form =
        shown.may_brake.then(|| view! { <div class="actions"><BrakeForm is_pulled /></div> });
    let brake = shown.brake.map(|brake| view! { <Braked brake as_of /> });
    let (an_hour, an_account) = shown.limits;
    let context = format!(
        "{} of at most {an_hour} calls have begun within the last hour; at most {an_account} in one account.",
        shown.begun
    );
    let content = if shown.rows.is_empty() {
        view! {
            <div class="empty panel">
                <h2>"Nothing was planned yet."</h2>
                <p>"Begin with what fails: narrow the "<A href="/findings">"findings"</A>" to what is to be mended, and plan the fix."</p>
            </div>
        }
        .into_any()
    } else {
        let rows = shown.rows.into_iter().map(|row| view! { <Row row as_of /> }).collect_view();
        view! {
            <div class="panel flush">
                <table class="list plans">
                    <thead><tr>
                        <th scope="col">"Plan"</th>
                        <th scope="col">"State"</th>
                        <th scope="col">"Calls"</th>
                        <th scope="col">"By"</th>
                        <th scope="col">"Made"</th>
                    </tr></thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        }
        .into_any()
    };
    view! {
        <div class="head">
            <div><h1>"Remediation"</h1><p class="context" role="status">{context}</p></div>
            {form}
        </div>
        {brake}
        <section aria-label="Plans">{content}</section>
    }
}

#[component]
fn Row(row: PlanRow, as_of: OffsetDateTime) -> impl IntoView {
    let href = format!("/remediation/{}", row.id);
    let (tone, text) = state_words(&row);
    let (calls, by) = (progress(&row), author(&row));
    view! {
        <tr>
            <td class="name"><A href=href attr:class="row-link">{row.title}</A><small>{row.id.to_string()}</small><WaitsNote waits=row.waits /></td>
            <td data-label="State"><Chip tone text /></td>
            <td data-label="Calls">{calls}</td>
            <td data-label="By">{by}</td>
            <td data-label="Made"><Ago at=row.created_at now=as_of /></td>
        </tr>
    }
}
