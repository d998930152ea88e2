//! Accounts as areas: as large as what they hold, on the colour of their score.

use super::{
    labels::{percent, share_tone},
    layout::{Rect, css, treemap},
};
use crate::ui::{
    Panel, Tone,
    format::{counted, grouped},
};
use claviger_domain::compliance::posture_view::AccountTile;
use leptos::prelude::*;

/// More accounts, and those with less than one in so many of all secrets and parameters, are drawn together: their areas
/// could not be hit.
const MAX_AREAS: usize = 40;
const SMALLEST: u64 = 80;
/// The drawing's width by its height.
const ASPECT: f64 = 5.2;

#[component]
pub(super) fn AccountAreas(tiles: Vec<AccountTile>) -> impl IntoView {
    if tiles.is_empty() {
        return view! { <Panel title="Accounts"><p class="faint">"No account holds a secret or parameter."</p></Panel> }.into_any();
    }
    let total: u64 = tiles.iter().map(|tile| tile.resources).sum();
    // The largest come first.
    let large = tiles.partition_point(|tile| tile.resources * SMALLEST >= total);
    let (single, others) = tiles.split_at(large.min(MAX_AREAS));
    let size = |resources: u64| u32::try_from(resources).unwrap_or(u32::MAX);
    let mut sizes: Vec<u32> = single.iter().map(|tile| size(tile.resources)).collect();
    let rest: u64 = others.iter().map(|tile| tile.resources).sum();
    let least = total / SMALLEST;
    sizes.extend((rest > 0).then(|| size(rest.max(least))));
    let mut places = treemap(&sizes, ASPECT).into_iter();
    let areas = single
        .iter()
        .zip(places.by_ref())
        .map(|(tile, place)| {
            let score = tile.score.per_mille();
            let said = format!(
                "{} {} score, {}, {}",
                tile.name,
                percent(score),
                counted(tile.resources, "secret or parameter", "secrets and parameters"),
                counted(tile.fail, "failing check", "failing checks"),
            );
            let href = format!("/findings?account={}", tile.id);
            area(place, share_tone(score), href, &tile.name, &percent(score), said)
        })
        .collect_view();
    let rest = places.next().map(|place| {
        let many = counted(others.len() as u64, "smaller account", "smaller accounts");
        let said =
            format!("{many}: {}", counted(rest, "secret or parameter", "secrets and parameters"));
        area(place, Tone::Unknown, "/accounts".to_owned(), &many, "", said)
    });
    let rows = tiles
        .into_iter()
        .map(|tile| {
            let account = format!("/accounts/{}", tile.id);
            let inventory = format!("/inventory?account={}", tile.id);
            let findings = format!("/findings?account={}", tile.id);
            view! {
                <tr>
                    <th scope="row"><a href=account>{tile.name}</a></th>
                    <td class="number"><a href=inventory>{grouped(tile.resources)}</a></td>
                    <td class="number"><a href=findings>{grouped(tile.fail)}</a></td>
                    <td class="number">{percent(tile.score.per_mille())}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="panel accounts-map">
            <h2>"Accounts"<small>"Area: secrets and parameters. Color: score, also shown as a number."</small></h2>
            <svg class="areas" role="group" aria-label="Accounts by size and score">{areas}{rest}</svg>
            <details class="behind">
                <summary>"The numbers"</summary>
                <div class="scrolls tall" tabindex="0" role="region" aria-label="Accounts by size">
                    <table class="plain">
                        <thead><tr><th scope="col">"Account"</th><th scope="col" class="number">"Secrets, parameters"</th>
                            <th scope="col" class="number">"Failing"</th><th scope="col" class="number">"Score"</th></tr></thead>
                        <tbody>{rows}</tbody>
                    </table>
                </div>
            </details>
        </section>
    }
    .into_any()
}

/// One area, with its name where there is room. A long name takes a second line where the area is high; the score is left
/// out where it does not fit.
fn area(place: Rect, tone: Tone, href: String, name: &str, score: &str, said: String) -> AnyView {
    let is_roomy = place.width > 5.0 && place.height > 20.0;
    let class = if place.height > 50.0 { "label high" } else { "label" };
    let label = is_roomy.then(|| {
        view! {
            <foreignObject width="100%" height="100%">
                <div class=class><span class="name">{name.to_owned()}</span>" "<span>{score.to_owned()}</span></div>
            </foreignObject>
        }
    });
    view! {
        <a href=href aria-label=said class=tone.class()>
            <svg x=css(place.x) y=css(place.y) width=css(place.width) height=css(place.height)>
                <rect width="100%" height="100%" rx="3" />{label}
            </svg>
        </a>
    }
    .into_any()
}
