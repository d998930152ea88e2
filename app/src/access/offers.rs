//! What may be asked for each secret, and who would decide.

use crate::ui::{Chip, Tone};
use claviger_domain::grant::{
    notice::for_minutes,
    view::{Offer, OfferTerms},
};
use leptos::{either::Either, prelude::*};
use leptos_router::components::A;

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
            <p class="why"><Chip tone=Tone::Bad text="Not to be had" />" "{why}</p>
        }),
    };
    view! {
        <li>
            <p><A href=href attr:class="mono">{offer.name}</A>" "<span class="faint">{place}</span></p>
            {terms}
        </li>
    }
}

#[component]
fn Terms(terms: OfferTerms) -> impl IntoView {
    let people = if terms.people.is_empty() {
        "Nobody who could decide has signed in yet.".to_owned()
    } else {
        format!("Such as {}.", terms.people.join(", "))
    };
    let auto = terms
        .auto_minutes
        .map(|minutes| format!(" Up to {} is approved by the rule itself.", for_minutes(minutes)));
    view! {
        <p class="why">
            <Chip tone=Tone::Good text="You may ask" />" "{terms.rule}": "{terms.deciders}". "{people}
            " At most "{for_minutes(terms.longest_minutes)}"."{auto}
        </p>
    }
}
