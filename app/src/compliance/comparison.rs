//! Two versions of a policy, compared.

use crate::ui::{Panel, own_path};
use claviger_domain::compliance::{
    diff::{DiffLine, LineChange},
    view::{PolicyComparison, PolicyVersion},
};
use leptos::{either::EitherOf3, prelude::*};

/// A GET form: the comparison has an address of its own. The newest version and the one before it are chosen first.
#[component]
pub(super) fn Compare(versions: Vec<PolicyVersion>, chosen: Option<(i32, i32)>) -> impl IntoView {
    let number = |at: usize| versions.get(at).map_or(0, |version| version.version);
    let (from, to) = chosen.unwrap_or((number(1), number(0)));
    let numbers: Vec<i32> = versions.iter().map(|version| version.version).collect();
    let choice = move |name: &'static str, label: &'static str, chosen: i32| {
        let options = numbers.iter().map(|number| {
            let (number, selected) = (*number, *number == chosen);
            view! { <option value=number.to_string() selected=selected>{format!("Version {number}")}</option> }
        });
        view! { <label class="field"><span>{label}</span><select name=name>{options.collect_view()}</select></label> }
    };
    let path = own_path();
    view! {
        <form method="get" action=path class="form compare">
            {choice("from", "From", from)}
            {choice("to", "To", to)}
            <div class="actions"><button class="button">"Compare"</button></div>
        </form>
    }
}

/// Each line with a word for screen readers, and a sign for everybody: color alone says nothing.
#[component]
pub(super) fn Comparison(compared: PolicyComparison) -> impl IntoView {
    let title = format!("Version {} compared with version {}", compared.from, compared.to);
    let is_same = compared.lines.iter().all(|line| line.change == LineChange::Kept);
    let same = is_same.then(|| view! { <p>"No differences."</p> });
    let label = title.clone();
    let lines = compared.lines.into_iter().map(|line| view! { <Line line /> }).collect_view();
    view! {
        <Panel title>
            {same}
            <pre class="mono source diff" tabindex="0" role="region" aria-label=label>{lines}</pre>
        </Panel>
    }
}

#[component]
fn Line(line: DiffLine) -> impl IntoView {
    let text = line.text;
    match line.change {
        LineChange::Kept => EitherOf3::A(view! { <span>"  "{text}"\n"</span> }),
        LineChange::Removed => {
            EitherOf3::B(view! { <del><span class="sr">"Removed: "</span>"- "{text}"\n"</del> })
        }
        LineChange::Added => {
            EitherOf3::C(view! { <ins><span class="sr">"Added: "</span>"+ "{text}"\n"</ins> })
        }
    }
}
