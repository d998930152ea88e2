//! The pass rates of OUs by category, each with how it came to be.

use super::{
    labels::{category_label, percent, share_tone},
    layout::sparkline,
};
use crate::ui::{Panel, format::day};
use claviger_domain::{
    VariantArray,
    compliance::{Category, Tally, posture_view::OuTrend, view::Group},
};
use leptos::prelude::*;
use time::Date;

/// A share on its colour, which leads to what fails.
#[component]
fn Share(tally: Tally, trend: Vec<Option<u32>>, href: String) -> impl IntoView {
    let share = tally.per_mille();
    let text = share.map_or_else(|| "–".to_owned(), |n| format!("{}%", n / 10));
    let title = format!("{} pass, {} fail, {} unknown", tally.pass, tally.fail, tally.unknown);
    let said = format!(": {title}");
    let line = sparkline(&trend).map(|line| {
        view! {
            <svg class="spark" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
                <path d=line fill="none" vector-effect="non-scaling-stroke" />
            </svg>
        }
    });
    view! {
        <td class=format!("share {}", share_tone(share).class())>
            <a href=href title=title>{line}<span>{text}</span><span class="sr">{said}</span></a>
        </td>
    }
}

#[component]
pub(super) fn HeatMap(groups: Vec<Group>, trends: Vec<OuTrend>, days: Vec<Date>) -> impl IntoView {
    if groups.is_empty() {
        return view! { <Panel title="Pass rate by OU"><p class="faint">"No account is in an OU."</p></Panel> }.into_any();
    }
    let heads = Category::VARIANTS
        .iter()
        .map(|category| view! { <th scope="col">{category_label(*category)}</th> })
        .collect_view();
    let numbers = view! { <Numbers groups=groups.clone() trends=trends.clone() days /> };
    let mut trends = trends.into_iter();
    let rows = groups
        .into_iter()
        .map(|group| {
            let lines = trends.next().map(|trend| trend.by_category).unwrap_or_default();
            let lines = lines.into_iter().chain(std::iter::repeat(Vec::new()));
            let cells = Category::VARIANTS
                .iter()
                .zip(group.by_category)
                .zip(lines)
                .map(|((category, tally), trend)| {
                    let href = format!("/findings?ou={}&category={category}", group.value);
                    view! { <Share tally trend href /> }
                })
                .collect_view();
            let href = format!("/findings?ou={}", group.value);
            view! { <tr><th scope="row"><a href=href>{group.label}</a></th>{cells}</tr> }
        })
        .collect_view();
    view! {
        <section class="panel heat-map">
            <h2>"Pass rate by OU"</h2>
            <p class="scroll-hint faint">"Scroll sideways for all categories."</p>
            <div class="scrolls tall" tabindex="0" role="region" aria-label="Pass rate by OU">
                <table class="heat"><thead><tr><th scope="col">"OU"</th>{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
            {numbers}
        </section>
    }
    .into_any()
}

/// The sparklines as a table.
#[component]
fn Numbers(groups: Vec<Group>, trends: Vec<OuTrend>, days: Vec<Date>) -> impl IntoView {
    let heads = Category::VARIANTS
        .iter()
        .map(|category| view! { <th scope="col" class="number">{category_label(*category)}</th> })
        .collect_view();
    let ends = days.first().copied().zip(days.last().copied());
    let rows = groups
        .into_iter()
        .zip(trends)
        .map(|(group, trend)| {
            let cells = trend
                .by_category
                .iter()
                .map(|line| {
                    let first = percent(line.first().copied().flatten());
                    let last = percent(line.last().copied().flatten());
                    view! { <td class="number">{format!("{first} → {last}")}</td> }
                })
                .collect_view();
            view! { <tr><th scope="row">{group.label}</th>{cells}</tr> }
        })
        .collect_view();
    let caption = ends.map(|(from, to)| {
        view! { <p class="faint">{format!("Pass rate, %, on {} and on {}. Accounts count with the OU that they are in now.", day(from), day(to))}</p> }
    });
    view! {
        <details class="behind">
            <summary>"The numbers"</summary>
            {caption}
            <div class="scrolls tall" tabindex="0" role="region" aria-label="Pass rate by OU, then and now">
                <table class="plain"><thead><tr><th scope="col">"OU"</th>{heads}</tr></thead><tbody>{rows}</tbody></table>
            </div>
        </details>
    }
}
