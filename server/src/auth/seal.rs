//! Data that is stored elsewhere and readable only here: AES-256-GCM with keys derived from a secret of the configuration
//! (ADR 28). The provider's tokens in the database use it, and sign-ins in progress in the browser's cookie.

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey},
    error::Unspecified,
    hkdf::{HKDF_SHA256, Salt},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use zeroize::{Zeroize, Zeroizing};

/// The version of the format.
const VERSION: u8 = 1;
/// The purpose for the provider's tokens, each bound to its sign-in.
pub(super) const TOKENS: &[u8] = b"claviger provider tokens 1";

/// The provider's tokens for a sign-in, with related data.
#[derive(Serialize, Deserialize)]
pub(super) struct Tokens {
    /// The hint for the provider's sign-out.
    pub id_token: String,
    pub access_token: Option<String>,
    pub refresh_token: Option<String>,
    /// The provider's hint for the person at the sign-out.
    pub logout_hint: Option<String>,
    /// If a refreshed id token has a nonce, it is this one.
    pub nonce: Option<String>,
}

impl Tokens {
    /// The tokens of a sign-in with this nonce, initially empty.
    pub fn new(nonce: String) -> Self {
        Self {
            id_token: String::new(),
            access_token: None,
            refresh_token: None,
            logout_hint: None,
            nonce: Some(nonce),
        }
    }
}

impl std::fmt::Debug for Tokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Tokens(…)")
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        self.id_token.zeroize();
        self.access_token.zeroize();
        self.refresh_token.zeroize();
    }
}

/// Encrypts and decrypts for one purpose: ciphertext of another purpose cannot be decrypted. Each ciphertext has a random nonce
/// and is valid only with the data that it is bound to.
pub(super) struct Sealer(RandomizedNonceKey);

impl Sealer {
    pub fn new(secret: &SecretString, purpose: &[u8]) -> Result<Self, Unspecified> {
        let mut key = Zeroizing::new([0u8; 32]);
        Salt::new(HKDF_SHA256, purpose)
            .extract(secret.expose_secret().as_bytes())
            .expand(&[purpose], &AES_256_GCM)?
            .fill(key.as_mut())?;
        RandomizedNonceKey::new(&AES_256_GCM, key.as_ref()).map(Self)
    }

    pub fn seal<T: Serialize>(&self, bound_to: &[u8], what: &T) -> Result<Vec<u8>, Unspecified> {
        let mut text = serde_json::to_vec(what).map_err(|_| Unspecified)?;
        let nonce = self.0.seal_in_place_append_tag(Aad::from(bound_to), &mut text)?;
        let mut sealed = vec![VERSION];
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut text);
        Ok(sealed)
    }

    /// The plaintext; an error if it was bound to something else, or encrypted with another secret.
    pub fn open<T: DeserializeOwned>(
        &self,
        bound_to: &[u8],
        sealed: &[u8],
    ) -> Result<T, Unspecified> {
        let (version, rest) = sealed.split_first().ok_or(Unspecified)?;
        if *version != VERSION || rest.len() < NONCE_LEN {
            return Err(Unspecified);
        }
        let (nonce, text) = rest.split_at(NONCE_LEN);
        let nonce = Nonce::try_assume_unique_for_key(nonce)?;
        let mut text = Zeroizing::new(text.to_vec());
        let text = self.0.open_in_place(nonce, Aad::from(bound_to), &mut text)?;
        serde_json::from_slice(text).map_err(|_| Unspecified)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_opened_by_whom_they_were_sealed_for() {
        let under = |secret: &str, purpose: &[u8]| {
            Sealer::new(&SecretString::from(secret.to_owned()), purpose).unwrap()
        };
        let with = |secret: &str| under(secret, TOKENS);
        let open = |sealer: Sealer,
                    bound_to: &[u8],
                    sealed: &[u8]|
         -> Result<Tokens, Unspecified> { sealer.open(bound_to, sealed) };
        let (ours, theirs) = (&[1u8; 16][..], &[2u8; 16][..]);
        let mut tokens = Tokens::new("n".into());
        tokens.refresh_token = Some("canary".into());
        let sealed = with("a").seal(ours, &tokens).unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"canary"));
        assert_ne!(sealed, with("a").seal(ours, &tokens).unwrap(), "a nonce of its own each time");
        let opened = open(with("a"), ours, &sealed).unwrap();
        assert_eq!(opened.refresh_token.as_deref(), Some("canary"));
        assert!(open(with("a"), theirs, &sealed).is_err(), "moved to another row");
        assert!(open(with("b"), ours, &sealed).is_err(), "another secret");
        assert!(open(under("a", b"another"), ours, &sealed).is_err(), "another purpose");
        for n in 0..sealed.len() {
            let mut bad = sealed.clone();
            bad[n] ^= 1;
            assert!(open(with("a"), ours, &bad).is_err(), "byte {n}");
        }
        assert!(open(with("a"), ours, &[]).is_err());
        assert!(open(with("a"), ours, &sealed[..9]).is_err());
        assert_eq!(format!("{tokens:?}"), "Tokens(…)");
    }
}
