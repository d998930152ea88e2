//! Sign-ins in progress, kept by the browser itself: starting one costs the database nothing.
//!
//! The cookie is encrypted with a key that every replica derives from the client secret. It contains the state, the nonce and
//! the PKCE verifier of each sign-in that this browser has started, and is valid for ten minutes.

use super::{oidc::Pending, seal::Sealer};
use axum::http::{HeaderMap, HeaderValue, header};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use time::{Duration, OffsetDateTime};

/// The time that a person has to sign in at the provider.
pub(super) const PENDING_FOR: Duration = Duration::minutes(10);
/// Each browser tab has its own.
const MAX_PENDING: usize = 5;
/// Browsers limit cookies to 4,096 bytes, including names and attributes.
const MAX_COOKIE_BYTES: usize = 3_800;
const PURPOSE: &[u8] = b"claviger sign-ins under way 2";

/// Encrypts and decrypts the cookie.
pub(super) struct PendingCookie {
    sealer: Option<Sealer>,
    name: &'static str,
    is_secure: bool,
}

#[derive(Serialize, Deserialize)]
struct Begun {
    pending: Pending,
    #[serde(with = "time::serde::timestamp")]
    ends_at: OffsetDateTime,
}

/// The sign-ins of one browser that have not expired, the oldest first.
#[derive(Default)]
pub(super) struct PendingSignIns(Vec<Begun>);

impl PendingSignIns {
    pub(super) fn add(&mut self, pending: Pending, now: OffsetDateTime) {
        if self.0.len() >= MAX_PENDING {
            self.0.remove(0);
        }
        self.0.push(Begun { pending, ends_at: now + PENDING_FOR });
    }

    /// Removes and returns the sign-in of this state.
    pub(super) fn take(&mut self, state: Option<&str>) -> Option<Pending> {
        let at = self.0.iter().position(|begun| Some(begun.pending.state.as_str()) == state)?;
        Some(self.0.remove(at).pending)
    }
}

impl PendingCookie {
    pub(super) fn new(client_secret: &SecretString, is_https: bool) -> Self {
        let sealer = Sealer::new(client_secret, PURPOSE).ok();
        // `__Host-` if TLS allows it: then no other host of the domain can set the cookie.
        let name = if is_https { "__Host-claviger-sign-in" } else { "claviger-sign-in-loopback" };
        Self { sealer, name, is_secure: is_https }
    }

    /// The browser's cookie, if it is valid and not expired.
    pub(super) fn read(&self, headers: &HeaderMap, now: OffsetDateTime) -> PendingSignIns {
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let value = cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .find_map(|(name, value)| (name == self.name).then_some(value));
        let mut begun = value.and_then(|value| self.open(value)).unwrap_or_default();
        begun.retain(|begun| begun.ends_at > now);
        PendingSignIns(begun)
    }

    /// The header that sets or clears the cookie. `None` if it cannot be encrypted.
    pub(super) fn write(&self, mut all: PendingSignIns) -> Option<HeaderValue> {
        let mut value = self.seal(&all.0)?;
        while value.len() > MAX_COOKIE_BYTES && all.0.len() > 1 {
            all.0.remove(0);
            value = self.seal(&all.0)?;
        }
        let age = if all.0.is_empty() { 0 } else { PENDING_FOR.whole_seconds() };
        let value = if all.0.is_empty() { String::new() } else { value };
        let secure = if self.is_secure { "; Secure" } else { "" };
        // Browsers would not send a Strict cookie on the redirect from the identity provider.
        let cookie =
            format!("{}={value}; HttpOnly; SameSite=Lax{secure}; Path=/; Max-Age={age}", self.name);
        HeaderValue::from_str(&cookie).ok()
    }

    fn seal(&self, all: &[Begun]) -> Option<String> {
        let sealed = self.sealer.as_ref()?.seal(PURPOSE, &all).ok()?;
        Some(BASE64_URL_SAFE_NO_PAD.encode(sealed))
    }

    fn open(&self, value: &str) -> Option<Vec<Begun>> {
        let sealed = BASE64_URL_SAFE_NO_PAD.decode(value).ok()?;
        self.sealer.as_ref()?.open(PURPOSE, &sealed).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    fn pending(state: &str, return_to: &str) -> Pending {
        serde_json::from_value(serde_json::json!({
            "state": state, "nonce": "n", "verifier": "v".repeat(43), "return_to": return_to,
        }))
        .unwrap()
    }

    fn cookie(secret: &str) -> PendingCookie {
        PendingCookie::new(&secret.to_owned().into(), true)
    }

    fn sent(header: &HeaderValue) -> HeaderMap {
        let (pair, _) = header.to_str().unwrap().split_once(';').unwrap();
        HeaderMap::from_iter([(header::COOKIE, format!("a=b; {pair}").parse().unwrap())])
    }

    #[test]
    fn what_is_sealed_is_opened_by_any_replica_and_nobody_else() {
        let mut all = PendingSignIns::default();
        all.add(pending("one", "/a"), NOW);
        all.add(pending("two", "/b"), NOW);
        let header = cookie("secret").write(all).unwrap();
        assert!(!header.to_str().unwrap().contains("verifier"));
        let mut read = cookie("secret").read(&sent(&header), NOW);
        assert_eq!(read.take(Some("two")).unwrap().return_to, "/b");
        assert!(read.take(Some("two")).is_none() && read.take(None).is_none());
        assert!(cookie("another").read(&sent(&header), NOW).take(Some("one")).is_none());
        assert!(
            cookie("secret").read(&sent(&header), NOW + PENDING_FOR).take(Some("one")).is_none()
        );
        let bent =
            HeaderValue::from_str(&header.to_str().unwrap().replacen("sign-in=", "sign-in=A", 1))
                .unwrap();
        assert!(cookie("secret").read(&sent(&bent), NOW).take(Some("one")).is_none());
    }

    #[test]
    fn a_cookie_stays_as_short_as_browsers_keep_it() {
        let mut all = PendingSignIns::default();
        for state in ["one", "two", "three"] {
            all.add(pending(state, &format!("/{}", "x".repeat(2_047))), NOW);
        }
        let header = cookie("secret").write(all).unwrap();
        assert!(header.len() < 4_096, "{}", header.len());
        assert!(cookie("secret").read(&sent(&header), NOW).take(Some("three")).is_some());
        let mut many = PendingSignIns::default();
        (0..9).for_each(|n| many.add(pending(&n.to_string(), "/"), NOW));
        let mut read = cookie("secret").read(&sent(&cookie("secret").write(many).unwrap()), NOW);
        assert!(read.take(Some("3")).is_none() && read.take(Some("4")).is_some());
    }

    #[test]
    fn none_left_makes_the_browser_forget() {
        let header = cookie("secret").write(PendingSignIns::default()).unwrap();
        assert!(
            header.to_str().unwrap().contains("sign-in=; ")
                && header.to_str().unwrap().ends_with("Max-Age=0")
        );
    }
}
