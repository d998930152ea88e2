//! Sign-in by OpenID Connect, and the session that follows.

mod backchannel;
mod caller;
mod error;
mod freshness;
mod oidc;
mod pending;
mod rate_limit;
mod routes;
mod seal;
mod session;

pub use caller::{MaybeSigned, Signed};
pub use error::SignInError;
pub use oidc::{Arrived, ClaimPath, Oidc, SignedIn, Source};
pub use session::SessionTable;

pub(crate) use backchannel::backchannel_logout;
pub(crate) use oidc::BearerIdentity;
pub(crate) use rate_limit::{SignInLimits, limit};
pub(crate) use routes::{callback, login, logout};
