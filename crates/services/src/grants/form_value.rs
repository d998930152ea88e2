//! A value as it was typed into a form.

use secrecy::{SecretString, zeroize::Zeroizing};

/// A new value as text; its memory is overwritten when it is dropped.
pub type NewText = SecretString;

/// The value to write. With `crlf` every line break becomes CRLF; a text area can't hold one.
pub fn typed_value(value: String, crlf: bool) -> NewText {
    let value = Zeroizing::new(value);
    if !crlf {
        return value.as_str().into();
    }
    let plain = Zeroizing::new(value.replace("\r\n", "\n"));
    plain.replace('\n', "\r\n").into()
}

#[cfg(test)]
mod tests {
    use super::typed_value;
    use secrecy::ExposeSecret;

    #[test]
    fn breaks_become_crlf_only_where_that_is_wanted() {
        for (typed, crlf, stored) in [
            ("a\nb\n", false, "a\nb\n"),
            ("a\r\nb\rc\n", false, "a\r\nb\rc\n"),
            (" a\t \n", false, " a\t \n"),
            ("a\nb\n", true, "a\r\nb\r\n"),
            ("a\r\nb\n", true, "a\r\nb\r\n"),
            ("a", true, "a"),
        ] {
            assert_eq!(typed_value(typed.into(), crlf).expose_secret(), stored);
        }
    }
}
