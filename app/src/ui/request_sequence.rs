//! Questions that overtake each other.

use leptos::prelude::*;

/// Counts questions: the answer to one that another has overtaken is of no use.
#[derive(Clone, Copy)]
pub(crate) struct RequestSequence(StoredValue<u32>);

/// One question's place in the order.
#[derive(Clone, Copy)]
pub(crate) struct RequestTicket(Option<u32>);

impl RequestSequence {
    pub(crate) fn new() -> Self {
        Self(StoredValue::new(0))
    }

    /// Overtakes every question before it.
    pub(crate) fn next(self) -> RequestTicket {
        RequestTicket(self.0.try_update_value(|n| {
            *n = n.wrapping_add(1);
            *n
        }))
    }

    /// Whether nothing was asked since. False once the page has moved on.
    pub(crate) fn is_newest(self, ticket: RequestTicket) -> bool {
        ticket.0.is_some() && self.0.try_get_value() == ticket.0
    }
}
