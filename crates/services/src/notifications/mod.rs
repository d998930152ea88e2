//! Notifications: who receives them, the inbox, the digest, and delivery by email and webhook.

pub(crate) mod batch;
pub(crate) mod delivery;
pub(crate) mod digest;
pub(crate) mod findings;
pub(crate) mod inbox;

pub use delivery::DeliveryService;
pub use digest::DigestService;
pub use inbox::InboxService;
