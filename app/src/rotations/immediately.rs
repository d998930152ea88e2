//! The choice whether a new schedule rotates the value now, with what AWS does either way.

use leptos::prelude::*;

#[component]
pub(crate) fn Immediately(is_at_once: bool) -> impl IntoView {
    view! {
        <fieldset class="choices">
            <legend>"Rotate immediately"</legend>
            <label><input type="radio" name="immediately" value="no" checked=!is_at_once />" No: the value changes in the next rotation window"</label>
            <label><input type="radio" name="immediately" value="yes" checked=is_at_once />" Yes: the value changes now"</label>
            <small>"With no, AWS still calls the function: it creates a version with AWSPENDING, runs only the step testSecret on it, and removes it again. A rotation that an earlier interval or rate(…) has scheduled may still run."</small>
        </fieldset>
    }
}
