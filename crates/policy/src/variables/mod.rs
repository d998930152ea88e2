//! Which variables, parameters and outputs hold a credential: by their name, or because the value is a URL with a password.

mod names;
mod session;

pub use names::is_credential_name;
pub use session::reading_session;

use claviger_domain::variables::{CredentialSign, EnvironmentVariable, VariableContent};

/// What shows that the variable holds a credential in plain text; `None` if nothing does.
pub fn credential_sign(variable: &EnvironmentVariable) -> Option<CredentialSign> {
    match variable.content {
        VariableContent::Empty | VariableContent::Masked | VariableContent::Reference => None,
        VariableContent::UrlWithPassword => Some(CredentialSign::UrlPassword),
        VariableContent::Plain => {
            is_credential_name(&variable.name).then_some(CredentialSign::Name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_masked_and_empty_values_are_no_credentials_whatever_the_name() {
        let sign = |name: &str, content| {
            credential_sign(&EnvironmentVariable {
                consumer: "arn:aws:lambda:us-east-1:441205839201:function:ledger".into(),
                container: None,
                name: name.into(),
                content,
            })
        };
        assert_eq!(sign("DB_PASSWORD", VariableContent::Empty), None);
        assert_eq!(sign("DB_PASSWORD", VariableContent::Reference), None);
        assert_eq!(sign("DB_PASSWORD", VariableContent::Masked), None);
        assert_eq!(sign("DB_PASSWORD", VariableContent::Plain), Some(CredentialSign::Name));
        assert_eq!(sign("STAGE", VariableContent::Plain), None);
        let url = VariableContent::UrlWithPassword;
        assert_eq!(sign("DATABASE_URL", url), Some(CredentialSign::UrlPassword));
    }
}
