//! The call that creates a secret or parameter, and its value.

use crate::SecretValue;
use claviger_domain::creation::PasswordRules;
use secrecy::{ExposeSecret, SecretString, zeroize::Zeroizing};

/// The parameters of a creation's session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CreationOrder {
    /// Shown in CloudTrail; 2 to 64 of `[\w+=,.@-]`.
    pub session_name: String,
    pub source_identity: String,
    /// The session policy: this one call.
    pub policy: String,
    /// `ClientRequestToken`, which is the id of the new secret's first version: 32 to 64 characters.
    pub token: String,
}

/// The first value. Never stored, never logged.
#[derive(Debug)]
pub enum NewValue {
    Given(SecretValue),
    /// By `GetRandomPassword`, which nobody sees.
    Generated {
        rules: PasswordRules,
        /// The JSON object around the password, and its key there; `None` for the password alone.
        into: Option<(JsonFields, String)>,
    },
}

/// The keys and texts of a JSON object, in their order.
pub type JsonFields = Vec<(String, SecretString)>;

/// The object as text. No copy of a value stays in memory.
pub fn json_object<'a>(
    fields: impl IntoIterator<Item = (&'a str, &'a SecretString)>,
) -> SecretString {
    let mut text = Zeroizing::new(String::from("{"));
    for (at, (key, value)) in fields.into_iter().enumerate() {
        if at > 0 {
            text.push(',');
        }
        quote(&mut text, key);
        text.push(':');
        quote(&mut text, value.expose_secret());
    }
    text.push('}');
    text.as_str().into()
}

/// As JSON writes a text.
fn quote(into: &mut String, text: &str) {
    into.push('"');
    for c in text.chars() {
        match c {
            '"' => into.push_str("\\\""),
            '\\' => into.push_str("\\\\"),
            '\n' => into.push_str("\\n"),
            '\r' => into.push_str("\\r"),
            '\t' => into.push_str("\\t"),
            c if c.is_control() => {
                let code = u32::from(c);
                into.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    into.extend(char::from_digit(code >> shift & 0xf, 16));
                }
            }
            c => into.push(c),
        }
    }
    into.push('"');
}
