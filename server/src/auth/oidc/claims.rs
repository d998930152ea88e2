//! Validates a token's claims. Each claim is read as the type that we need; claims that we do not use are ignored.

use crate::auth::SignInError;
use serde_json::{Map, Value};
use time::{Duration, OffsetDateTime};

/// The maximum difference between the clocks of the provider and of this server.
const SKEW: Duration = Duration::seconds(30);
/// A token from further in the future would escape every limit on its age.
const AHEAD: Duration = Duration::minutes(5);

/// The expected values of a token.
pub(super) struct Expected<'a> {
    pub issuer: &'a str,
    /// Our client ids; the token has to be for one of them.
    pub clients: &'a [&'a str],
    /// Other audiences that it may name.
    pub trusted: &'a [String],
    pub now: OffsetDateTime,
}

impl Expected<'_> {
    /// Issuer, audiences, authorized party and time (OpenID Connect Core 1.0, section 3.1.3.7). Returns the subject.
    pub(super) fn validate(&self, claims: &Map<String, Value>) -> Result<String, SignInError> {
        self.validate_source(claims)?;
        let expires = moment(claims, "exp")?.ok_or_else(|| missing("exp"))?;
        if self.now >= expires + SKEW {
            return Err(SignInError::Expired);
        }
        text(claims, "sub")?.map(ToOwned::to_owned).ok_or_else(|| missing("sub"))
    }

    /// The checks that an id token and a logout token share.
    pub(super) fn validate_source(&self, claims: &Map<String, Value>) -> Result<(), SignInError> {
        let issuer = text(claims, "iss")?.ok_or_else(|| missing("iss"))?;
        if issuer != self.issuer {
            let (expected, found) = (self.issuer.to_owned(), issuer.to_owned());
            return Err(SignInError::Issuer { expected, found });
        }
        let audiences = audiences(claims)?;
        let is_ours = |name: &&str| self.clients.contains(name);
        if !audiences.iter().any(is_ours) {
            return Err(SignInError::Audience {
                ours: self.clients.join(", "),
                found: SignInError::audiences(&audiences),
            });
        }
        let untrusted: Vec<&str> = audiences
            .iter()
            .filter(|name| !is_ours(name) && !self.trusted.iter().any(|t| t == *name))
            .copied()
            .collect();
        if !untrusted.is_empty() {
            let untrusted = SignInError::audiences(&untrusted);
            return Err(SignInError::UntrustedAudience { untrusted });
        }
        if let Some(party) = text(claims, "azp")?.filter(|party| !self.clients.contains(party)) {
            let (ours, found) = (self.clients.join(", "), party.to_owned());
            return Err(SignInError::Party { ours, found });
        }
        if moment(claims, "nbf")?.is_some_and(|from| self.now + AHEAD < from) {
            return Err(wrong("nbf", "is in the future: the clocks of the servers differ"));
        }
        if moment(claims, "iat")?.is_some_and(|at| self.now + AHEAD < at) {
            return Err(wrong("iat", "is in the future: the clocks of the servers differ"));
        }
        Ok(())
    }
}

pub(super) fn missing(name: &'static str) -> SignInError {
    wrong(name, "is missing")
}

pub(super) fn wrong(name: &'static str, why: &str) -> SignInError {
    SignInError::Claim { name, why: why.to_owned() }
}

/// A claim that has to be text if it is present.
pub(super) fn text<'a>(
    claims: &'a Map<String, Value>,
    name: &'static str,
) -> Result<Option<&'a str>, SignInError> {
    match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(Value::String(_)) => Err(wrong(name, "is empty")),
        Some(other) => Err(wrong(name, &format!("is {}, not text", kind(other)))),
    }
}

/// An optional claim: anything but text counts as absent.
pub(super) fn loose<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// A time in seconds since 1970. Some providers send numbers as text, some with a fraction.
pub(super) fn moment(
    claims: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<OffsetDateTime>, SignInError> {
    let unread =
        |value: &Value| wrong(name, &format!("is {}, not seconds since 1970", kind(value)));
    let value = match claims.get(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let seconds = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse::<f64>().ok(),
        _ => None,
    };
    let seconds =
        seconds.filter(|seconds| (0.0..1e11).contains(seconds)).ok_or_else(|| unread(value))?;
    #[expect(clippy::cast_possible_truncation, reason = "in range, and fractions do not count")]
    OffsetDateTime::from_unix_timestamp(seconds as i64).map(Some).map_err(|_| unread(value))
}

/// One audience, or a list of them.
fn audiences(claims: &Map<String, Value>) -> Result<Vec<&str>, SignInError> {
    match claims.get("aud") {
        None | Some(Value::Null) => Err(missing("aud")),
        Some(Value::String(one)) => Ok(vec![one]),
        Some(Value::Array(many)) => many
            .iter()
            .map(|one| one.as_str().ok_or_else(|| wrong("aud", &format!("lists {}", kind(one)))))
            .collect(),
        Some(other) => {
            Err(wrong("aud", &format!("is {}, not text or a list of texts", kind(other))))
        }
    }
}

/// The type of a value, in words.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use time::macros::datetime;

    const NOW: OffsetDateTime = datetime!(2026-11-27 12:00 UTC);

    fn evaluated(change: Value) -> Result<String, SignInError> {
        let at = NOW.unix_timestamp();
        let mut claims =
            json!({"iss": "https://id/", "aud": "us", "sub": "ada", "iat": at, "exp": at + 60});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let trusted = ["project".to_owned()];
        Expected { issuer: "https://id/", clients: &["us"], trusted: &trusted, now: NOW }
            .validate(claims.as_object().unwrap())
    }

    #[test]
    fn what_we_use_is_read_in_every_shape_and_named_where_it_cannot_be() {
        let at = NOW.unix_timestamp();
        for good in [
            json!({}),
            json!({"aud": ["us"]}),
            json!({"aud": ["project", "us"], "azp": "us"}),
            json!({"azp": null, "nbf": null, "iat": null}),
            json!({"exp": format!("{}", at + 60), "iat": f64::from(i32::try_from(at).unwrap()) + 0.25}),
            json!({"exp": at - 20}),
            // Everything that we do not use, of any type.
            json!({
                "updated_at": "2026-11-27T10:00:00.000Z", "email_verified": "true", "address": "x", "birthdate": 1,
                "phone_number": {}, "phone_number_verified": "no", "name": {"en": "A"}, "locale": {"a": null}, "amr": "pwd",
                "acr": 1, "auth_time": "yesterday", "at_hash": 1, "gender": [], "zoneinfo": false, "picture": {}, "jti": 3,
            }),
        ] {
            assert_eq!(evaluated(good.clone()).unwrap(), "ada", "{good}");
        }
        for (bad, says) in [
            (json!({"iss": "https://id"}), r#""https://id", not from "https://id/""#),
            (json!({"iss": 1}), "iss of the id token is a number"),
            (json!({"aud": "them"}), r#""them" instead of us"#),
            (json!({"aud": []}), "nobody"),
            (json!({"aud": null}), "aud of the id token is missing"),
            (json!({"aud": {"us": true}}), "aud of the id token is an object"),
            (json!({"aud": ["us", 1]}), "aud of the id token lists a number"),
            (json!({"aud": ["us", "a", "project", "b"]}), r#""a", "b""#),
            (json!({"azp": "them"}), "issued to them"),
            (json!({"azp": ["us"]}), "azp of the id token is a list"),
            (json!({"sub": null}), "sub of the id token is missing"),
            (json!({"sub": ""}), "sub of the id token is empty"),
            (json!({"sub": 7}), "sub of the id token is a number"),
            (json!({"exp": null}), "exp of the id token is missing"),
            (json!({"exp": "soon"}), "exp of the id token is text"),
            (json!({"exp": -1}), "exp of the id token is a number"),
            (json!({"exp": at - 30}), "expired"),
            (json!({"iat": at + 3600}), "iat of the id token is in the future"),
            (json!({"nbf": at + 3600}), "nbf of the id token is in the future"),
        ] {
            let error = evaluated(bad.clone()).unwrap_err().to_string();
            assert!(error.contains(says), "{bad}: {error}");
        }
    }
}
