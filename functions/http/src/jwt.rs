//! The token with which an app signs in.

use aws_lc_rs::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_SHA256, RsaKeyPair},
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rotation_steps::Fault;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use zeroize::Zeroizing;

/// Seconds before now, for clocks that differ.
const SKEW: u64 = 60;
/// Seconds after now: GitHub takes at most ten minutes.
const LIFETIME: u64 = 540;

/// A token of an issuer, signed with an RSA key in PEM; `now` is in seconds since 1970.
pub fn sign(issuer: &SecretString, pem: &SecretString, now: u64) -> Result<SecretString, Fault> {
    let key = key(pem.expose_secret())?;
    let claims = json!({"iat": now - SKEW, "exp": now + LIFETIME, "iss": issuer.expose_secret()});
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    let mut token = Zeroizing::new(part(json!({"alg": "RS256", "typ": "JWT"}).to_string()));
    token.push('.');
    token.push_str(&part(claims.to_string()));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
        .map_err(|_| Fault::new("the token cannot be signed"))?;
    token.push('.');
    token.push_str(&URL_SAFE_NO_PAD.encode(signature));
    Ok(SecretString::from(token.as_str()))
}

fn key(pem: &str) -> Result<RsaKeyPair, Fault> {
    let fault = || Fault::new("jwt: the key is not an RSA private key in PEM (PKCS #1 or PKCS #8)");
    let lines = pem.lines().map(str::trim);
    let body = Zeroizing::new(lines.filter(|line| !line.starts_with("-----")).collect::<String>());
    let der = Zeroizing::new(STANDARD.decode(body.as_bytes()).map_err(|_| fault())?);
    let pair = if pem.contains("-----BEGIN RSA PRIVATE KEY-----") {
        RsaKeyPair::from_der(&der)
    } else {
        RsaKeyPair::from_pkcs8(&der)
    };
    pair.map_err(|_| fault())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::{
        encoding::{AsDer, Pkcs8V1Der},
        rsa::{KeyPair, KeySize},
        signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey},
    };

    #[test]
    fn the_signature_and_the_times_are_right() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let der: Pkcs8V1Der<'_> = pair.as_der().unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(der.as_ref())
        );
        let token = sign(&"12".into(), &pem.into(), 1000).unwrap();
        let (signed, signature) = token.expose_secret().rsplit_once('.').unwrap();
        let public =
            UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
        public.verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split_once('.').unwrap().1).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(claims, json!({"iat": 940, "exp": 1540, "iss": "12"}));
    }

    #[test]
    fn a_key_that_is_none_is_not_quoted() {
        for pem in ["", "hunter2", "-----BEGIN RSA PRIVATE KEY-----\naHVudGVyMg==\n"] {
            let fault = sign(&"12".into(), &pem.to_owned().into(), 1000).unwrap_err();
            assert!(fault.to_string().contains("not an RSA private key"), "{fault}");
        }
    }
}
