//! New Ed25519 key pairs in OpenSSH's formats.

use crate::Fault;
use aws_lc_rs::{
    rand::{SecureRandom as _, SystemRandom},
    signature::{Ed25519KeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use secrecy::SecretString;
use zeroize::Zeroizing;

const KIND: &[u8] = b"ssh-ed25519";
/// The format pads its private part to the block of the cipher, which is 8 for none.
const BLOCK: usize = 8;

/// A key pair.
pub struct SshKeyPair {
    /// An `OPENSSH PRIVATE KEY` without a passphrase.
    pub private: SecretString,
    /// A line such as `ssh-ed25519 AAAA… comment`.
    pub public: String,
}

/// Makes a key pair. The comment has neither spaces nor line breaks.
pub fn generate(comment: &str) -> Result<SshKeyPair, Fault> {
    let random = SystemRandom::new();
    let fault = |_| Fault::new("no random numbers are to be had");
    let mut seed = Zeroizing::new([0; 32]);
    random.fill(seed.as_mut()).map_err(fault)?;
    let mut check = [0; 4];
    random.fill(&mut check).map_err(fault)?;
    pair(&seed, check, comment)
}

fn pair(seed: &[u8; 32], check: [u8; 4], comment: &str) -> Result<SshKeyPair, Fault> {
    let pair = Ed25519KeyPair::from_seed_unchecked(seed)
        .map_err(|_| Fault::new("the key pair cannot be made"))?;
    let point = pair.public_key().as_ref();
    let blob = [field(KIND), field(point)].concat();
    let mut inner = Zeroizing::new(Vec::with_capacity(512));
    inner.extend([check, check].concat());
    inner.extend(&blob);
    let key = Zeroizing::new([seed.as_slice(), point].concat());
    inner.extend(Zeroizing::new(field(&key)).iter());
    inner.extend(field(comment.as_bytes()));
    let missing = (BLOCK - inner.len() % BLOCK) % BLOCK;
    inner.extend((1..=u8::try_from(missing).unwrap_or_default()).collect::<Vec<_>>());
    let mut outer = Zeroizing::new(Vec::with_capacity(1024));
    outer.extend(b"openssh-key-v1\0");
    outer.extend(
        [field(b"none"), field(b"none"), field(b""), 1_u32.to_be_bytes().to_vec()].concat(),
    );
    outer.extend(field(&blob));
    outer.extend(Zeroizing::new(field(&inner)).iter());
    let encoded = Zeroizing::new(STANDARD.encode(outer.as_slice()));
    let mut text = Zeroizing::new(String::with_capacity(1024));
    text.push_str("-----BEGIN OPENSSH PRIVATE KEY-----\n");
    for line in encoded.as_bytes().chunks(70) {
        text.push_str(&String::from_utf8_lossy(line));
        text.push('\n');
    }
    text.push_str("-----END OPENSSH PRIVATE KEY-----\n");
    Ok(SshKeyPair {
        private: SecretString::from(text.as_str()),
        public: format!("ssh-ed25519 {} {comment}", STANDARD.encode(&blob)),
    })
}

/// SSH's string: its length in four bytes, then itself.
fn field(bytes: &[u8]) -> Vec<u8> {
    let length = u32::try_from(bytes.len()).unwrap_or_default();
    [&length.to_be_bytes(), bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn two_pairs_differ_and_the_public_line_has_the_comment() {
        let (one, other) = (generate("a").unwrap(), generate("a").unwrap());
        assert_ne!(one.public, other.public);
        assert_ne!(one.private.expose_secret(), other.private.expose_secret());
        assert!(one.public.starts_with("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI"));
        assert!(one.public.ends_with(" a"));
    }

    /// The first test vector of RFC 8032 for Ed25519: the public key of this seed.
    #[test]
    fn the_public_key_belongs_to_the_seed() {
        let seed = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
        let seed: Vec<u8> =
            (0..32).map(|at| u8::from_str_radix(&seed[2 * at..2 * at + 2], 16).unwrap()).collect();
        let pair = pair(seed.as_slice().try_into().unwrap(), [1; 4], "c").unwrap();
        assert_eq!(
            pair.public,
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea c"
        );
    }
}
