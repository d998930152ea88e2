//! What may be asked for each secret, and who would decide.

use crate::ui::{Chip, Tone};
use claviger_domain::{
    grants::view::{Offer, OfferTerms},
    notifications::notice::for_minutes,
};
use leptos::{either::Either, prelude::*};

#[component]
pub(crate) fn Offers(offers: Vec<Offer>) -> impl IntoView {
    let rows = offers.into_iter().map(|offer| view! { <Row offer /> }).collect_view();
    view! { <ul class="offers">{rows}</ul> }
}

#[component]
fn Row(offer: Offer) -> impl IntoView {
    let href = format!("/inventory/{}", offer.id);
    let place = format!("{}, {}", offer.account_name, offer.region);
    let terms = match offer.terms {
        Ok(terms) => Either::Left(view! { <Terms terms /> }),
        Err(why) => Either::Right(view! {
            <p class="why"><Chip tone=Tone::Bad text="Not available" />" "{why}</p>
        }),
    };
    view! {
        <li>
            <p><a href=href class="mono">{offer.name}</a>" "<span class="faint">{place}</span></p>
            {terms}
        </li>
    }
}

#[component]
fn Terms(terms: OfferTerms) -> impl IntoView {
    let people = if terms.people.is_empty() {
        "No approver has signed in yet.".to_owned()
    } else {
        format!("E.g. {}.", terms.people.join(", "))
    };
    let auto = terms
        .auto_minutes
        .map(|minutes| format!(" Up to {} is approved automatically.", for_minutes(minutes)));
    view! {
        <p class="why">
            <Chip tone=Tone::Good text="Allowed" />" "{terms.rule}": "{terms.approvers}". "{people}
            " At most "{for_minutes(terms.longest_minutes)}"."{auto}
        </p>
    }
}
