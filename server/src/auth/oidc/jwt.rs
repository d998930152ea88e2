//! Signed tokens: the OpenID Connect library verifies the signature, we read the claims. The library's own parser of an
//! id token rejects it if a claim that nobody needs has an unexpected type.

use crate::auth::SignInError;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use openidconnect::{
    JsonWebKey, JsonWebKeyId,
    core::{CoreJsonWebKeySet, CoreJwsSigningAlgorithm},
};
use serde::Deserialize;
use serde_json::{Map, Value};

/// The maximum size of a token, in bytes.
const MAX_BYTES: usize = 256 * 1024;

#[derive(Deserialize)]
struct Header {
    alg: Value,
    kid: Option<String>,
    typ: Option<String>,
    cty: Option<Value>,
    crit: Option<Value>,
}

/// The allowed `typ` values of a token's header; it may be absent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    IdToken,
    LogoutToken,
}

impl Kind {
    fn allows(self, typ: &str) -> bool {
        let typ = typ.to_ascii_lowercase();
        let typ = typ.strip_prefix("application/").unwrap_or(&typ);
        match self {
            Self::IdToken => ["jwt", "jose", "id_token+jwt"].contains(&typ),
            Self::LogoutToken => ["jwt", "logout+jwt"].contains(&typ),
        }
    }
}

/// The claims of a token, after the provider's signature is verified.
pub(super) fn verify(
    token: &str,
    kind: Kind,
    keys: &CoreJsonWebKeySet,
    algorithms: &[CoreJwsSigningAlgorithm],
) -> Result<Map<String, Value>, SignInError> {
    let wrong = |why: &str| SignInError::IdToken(why.to_owned());
    if token.len() > MAX_BYTES {
        return Err(wrong("it is too long"));
    }
    let mut parts = token.split('.');
    let (Some(head), Some(body), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(wrong(
            "it is not a signed token of three parts (an encrypted one cannot be read)",
        ));
    };
    let decode = |part: &str| {
        BASE64_URL_SAFE_NO_PAD.decode(part).map_err(|_| wrong("a part of it is not base64"))
    };
    let header: Header = serde_json::from_slice(&decode(head)?)
        .map_err(|error| wrong(&format!("its header cannot be read: {error}")))?;
    if header.crit.is_some() || header.cty.is_some() {
        return Err(wrong("its header asks for what is not supported (crit or cty)"));
    }
    if let Some(typ) = header.typ.as_deref().filter(|typ| !kind.allows(typ)) {
        return Err(wrong(&format!("its type is {typ:?}")));
    }
    let algorithm: CoreJwsSigningAlgorithm = serde_json::from_value(header.alg.clone())
        .map_err(|_| wrong(&format!("it is signed by {}, which is not supported", header.alg)))?;
    if !algorithms.contains(&algorithm) {
        return Err(wrong(&format!("it is signed by {}, which is not accepted", header.alg)));
    }
    let wanted = header.kid.map(JsonWebKeyId::new);
    let candidates: Vec<_> = keys
        .keys()
        .iter()
        .filter(|key| wanted.is_none() || key.key_id() == wanted.as_ref())
        .collect();
    let (message, signature) = (format!("{head}.{body}"), decode(signature)?);
    let is_valid = candidates
        .iter()
        .any(|key| key.verify_signature(&algorithm, message.as_bytes(), &signature).is_ok());
    if !is_valid {
        // Without a key id, the key may have been published since.
        return Err(if candidates.is_empty() || wanted.is_none() {
            SignInError::UnknownKey
        } else {
            wrong("its signature is wrong")
        });
    }
    serde_json::from_slice(&decode(body)?).map_err(|_| wrong("its claims are not a JSON object"))
}

/// The issuer that a token names. Nothing of it is verified yet: it selects the keys, and nothing else.
pub(super) fn named_issuer(token: &str) -> Option<String> {
    #[derive(Deserialize)]
    struct Named {
        iss: String,
    }
    let body = token.split('.').nth(1).filter(|_| token.len() <= MAX_BYTES)?;
    let named: Named = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(body).ok()?).ok()?;
    Some(named.iss)
}

/// Whether only the provider can create such signatures.
pub(super) fn is_asymmetric(algorithm: &CoreJwsSigningAlgorithm) -> bool {
    use CoreJwsSigningAlgorithm as A;
    !matches!(algorithm, A::HmacSha256 | A::HmacSha384 | A::HmacSha512 | A::None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_but_the_provider_signs() {
        assert!(is_asymmetric(&CoreJwsSigningAlgorithm::EcdsaP256Sha256));
        assert!(!is_asymmetric(&CoreJwsSigningAlgorithm::HmacSha256));
        assert!(!is_asymmetric(&CoreJwsSigningAlgorithm::None));
    }

    #[test]
    fn one_kind_of_token_is_not_taken_for_another() {
        assert!(Kind::IdToken.allows("JWT") && Kind::LogoutToken.allows("application/logout+jwt"));
        assert!(!Kind::IdToken.allows("logout+jwt") && !Kind::IdToken.allows("at+jwt"));
        assert!(!Kind::LogoutToken.allows("at+jwt") && !Kind::LogoutToken.allows("id_token+jwt"));
    }
}
