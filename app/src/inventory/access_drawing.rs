//! Who can read, through what: as a drawing. The tables beside it say the same.

use super::access_layout::{Layout, Line};
use claviger_domain::inventory::entitlement::{Entitlement, GrantedReader};
use leptos::prelude::*;

/// In the drawing's own units.
const WIDTH: usize = 900;
const WHO_RIGHT: usize = 366;
const POLICY_LEFT: usize = 470;
const POLICY_WIDTH: usize = 140;
const SECRET_LEFT: usize = 716;
const SECRET_WIDTH: usize = 180;

#[component]
pub(crate) fn AccessDrawing(
    rows: Vec<Entitlement>,
    grants: Vec<GrantedReader>,
    name: String,
    /// What it says, in a sentence.
    summary: String,
) -> impl IntoView {
    let layout = Layout::of(&rows, &grants);
    if layout.nodes.is_empty() {
        return ().into_any();
    }
    let height = layout.height;
    let (mut lines, mut who) = (Vec::new(), Vec::new());
    for (at, node) in layout.nodes.iter().enumerate() {
        let y = layout.y(at);
        for (nth, through) in layout.middle.iter().enumerate() {
            if node.through.contains(through) {
                let to = layout.middle_y(nth);
                lines.push(
                    view! { <Curve from=(WHO_RIGHT, y) to=(POLICY_LEFT, to) line=node.line /> },
                );
            }
        }
        who.push(
            view! { <Who y label=node.label.clone() note=node.note.clone() line=node.line /> },
        );
    }
    let policies = layout
        .middle
        .iter()
        .enumerate()
        .map(|(nth, through)| {
            let (y, line) = (layout.middle_y(nth), layout.line_of(*through));
            view! {
                <Curve from=(POLICY_LEFT + POLICY_WIDTH, y) to=(SECRET_LEFT, layout.secret_y()) line />
                <rect class="box" x=POLICY_LEFT.to_string() y=(y - 13).to_string() width=POLICY_WIDTH.to_string() height="26" rx="5" />
                <text x=(POLICY_LEFT + POLICY_WIDTH / 2).to_string() y=(y + 4).to_string() text-anchor="middle">{through.label()}</text>
            }
        })
        .collect_view();
    let secret_y = layout.secret_y();
    let last = name.rsplit('/').find(|part| !part.is_empty()).unwrap_or(&name).to_owned();
    let last: String = if last.chars().count() > 22 {
        last.chars().take(21).chain(['…']).collect()
    } else {
        last
    };
    view! {
        <div class="scrolls" tabindex="0" role="region" aria-label="Drawing of who can read it">
            <svg
                class="access-drawing"
                viewBox=format!("0 0 {WIDTH} {height}")
                width=WIDTH.to_string()
                height=height.to_string()
                role="img"
                aria-label=format!("Who can read {name}")
                aria-describedby="readers-summary"
            >
                <desc>{summary}</desc>
                <text class="heading" x=WHO_RIGHT.to_string() y="16" text-anchor="end">"Who"</text>
                <text class="heading" x=(POLICY_LEFT + POLICY_WIDTH / 2).to_string() y="16" text-anchor="middle">"Through"</text>
                <text class="heading" x=(SECRET_LEFT + SECRET_WIDTH / 2).to_string() y="16" text-anchor="middle">"Value"</text>
                {lines}
                {policies}
                {who}
                <rect class="box secret" x=SECRET_LEFT.to_string() y=(secret_y - 18).to_string() width=SECRET_WIDTH.to_string() height="36" rx="7" />
                <text class="mono" x=(SECRET_LEFT + SECRET_WIDTH / 2).to_string() y=(secret_y + 4).to_string() text-anchor="middle">{last}</text>
            </svg>
        </div>
        <ul class="legend faint">
            <li class="outside">"▲ outside the Organization"</li>
            <li class="conditional">"dashed: under conditions"</li>
            <li class="unknown">"dotted: unknown"</li>
        </ul>
    }
    .into_any()
}

#[component]
fn Curve(from: (usize, usize), to: (usize, usize), line: Line) -> impl IntoView {
    let bend = usize::midpoint(from.0, to.0);
    let path =
        format!("M{} {}C{bend} {} {bend} {} {} {}", from.0, from.1, from.1, to.1, to.0, to.1);
    view! { <path class=line.class() d=path /> }
}

/// A reader. What is outside has a shape of its own, so that color is not the only sign.
#[component]
fn Who(y: usize, label: String, note: String, line: Line) -> impl IntoView {
    let text = format!("reader {}", line.class());
    let (right, base) = (WHO_RIGHT - 16, y + 4);
    let mark = if line == Line::Outside {
        let (left, top, bottom) = (WHO_RIGHT - 11, y.saturating_sub(5), y + 5);
        let path = format!("M{left} {bottom}L{} {top}L{} {bottom}Z", left + 5, left + 10);
        view! { <path class="mark outside" d=path /> }.into_any()
    } else {
        let class = format!("mark {}", line.class());
        view! { <circle class=class cx=(WHO_RIGHT - 6).to_string() cy=y.to_string() r="4" /> }
            .into_any()
    };
    let note =
        (!note.is_empty()).then(|| view! { <tspan class="note">{format!(" {note}")}</tspan> });
    view! {
        {mark}
        <text class=text x=right.to_string() y=base.to_string() text-anchor="end">{label}{note}</text>
    }
}
