//! Signing in by OpenID Connect, and the session that comes of it.

mod caller;
mod error;
mod oidc;
mod routes;
mod session;

pub use caller::{MaybeSigned, Signed};
pub use error::SignInError;
pub use oidc::{Oidc, SignedIn};
pub use session::SessionTable;

pub(crate) use routes::{callback, login, logout};
