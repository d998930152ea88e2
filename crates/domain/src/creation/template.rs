//! Templates of values: the JSON keys that rotation functions and clients expect.

use crate::choice::InvalidChoice;
use serde::{Deserialize, Serialize};

/// A field of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TemplateField {
    /// The JSON key.
    pub key: &'static str,
    pub label: &'static str,
    pub is_required: bool,
    /// It is not shown while it is typed. Left empty, it is generated where a password can be.
    pub is_secret: bool,
}

/// The kinds of JSON values.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case", parse_err_ty = InvalidChoice, parse_err_fn = InvalidChoice::of::<Self>)]
pub enum JsonTemplate {
    Database,
    ApiKey,
    OauthClient,
    SshKey,
    Certificate,
}

const fn field(key: &'static str, label: &'static str) -> TemplateField {
    TemplateField { key, label, is_required: true, is_secret: false }
}

const fn optional(key: &'static str, label: &'static str) -> TemplateField {
    TemplateField { key, label, is_required: false, is_secret: false }
}

const fn secret(key: &'static str, label: &'static str) -> TemplateField {
    TemplateField { key, label, is_required: true, is_secret: true }
}

impl JsonTemplate {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Database => "Database credentials",
            Self::ApiKey => "API key",
            Self::OauthClient => "OAuth client",
            Self::SshKey => "SSH key",
            Self::Certificate => "Certificate with private key",
        }
    }

    /// Its fields, in the order of the form. Those of a database are the ones that AWS's rotation templates read.
    pub const fn fields(self) -> &'static [TemplateField] {
        const DATABASE: &[TemplateField] = &[
            field("engine", "Engine, such as postgres"),
            field("host", "Host"),
            optional("port", "Port"),
            optional("dbname", "Database"),
            field("username", "User name"),
            secret("password", "Password"),
        ];
        const API_KEY: &[TemplateField] =
            &[optional("name", "Key name or id"), secret("api_key", "API key")];
        const OAUTH: &[TemplateField] = &[
            field("client_id", "Client id"),
            secret("client_secret", "Client secret"),
            optional("token_url", "Token URL"),
            optional("scope", "Scope"),
        ];
        const SSH: &[TemplateField] = &[
            optional("host", "Host"),
            field("username", "User name"),
            optional("public_key", "Public key"),
            secret("private_key", "Private key"),
        ];
        const CERTIFICATE: &[TemplateField] = &[
            field("certificate", "Certificate, PEM"),
            optional("chain", "Chain, PEM"),
            secret("private_key", "Private key, PEM"),
        ];
        match self {
            Self::Database => DATABASE,
            Self::ApiKey => API_KEY,
            Self::OauthClient => OAUTH,
            Self::SshKey => SSH,
            Self::Certificate => CERTIFICATE,
        }
    }

    /// The field that `GetRandomPassword` can fill.
    pub const fn generated_field(self) -> Option<&'static str> {
        match self {
            Self::Database => Some("password"),
            Self::ApiKey => Some("api_key"),
            Self::OauthClient => Some("client_secret"),
            Self::SshKey | Self::Certificate => None,
        }
    }
}
