//! Names of variables, parameters and outputs that are those of credentials.
//!
//! The last word says what a variable is: `TOKEN_URL` is an address and `PASSWORD_MIN_LENGTH` a number. Before it is read,
//! words are left out that only say which one it is, such as the 2 of `DB_PASSWORD_2`
//! and of `DB_PASSWORD2`, and the Region of `DB_PASSWORD_US_EAST_1`.

/// Which one of several, and in which form.
const QUALIFIERS: &[&str] = &[
    "prod",
    "production",
    "dev",
    "development",
    "test",
    "staging",
    "stage",
    "live",
    "sandbox",
    "qa",
    "uat",
    "current",
    "previous",
    "old",
    "new",
    "primary",
    "secondary",
    "main",
    "default",
    "backup",
    "plain",
    "plaintext",
    "value",
    "raw",
    "base64",
    "b64",
    "pem",
];

/// A name that ends in one of these words is that of a credential.
const CREDENTIALS: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "pwd",
    "pass",
    "passphrase",
    "passcode",
    "secret",
    "secrets",
    "token",
    "pat",
    "apikey",
    "apikeys",
    "credential",
    "credentials",
    "creds",
];

/// Without a separator in front: `PGPASSWORD`, `authtoken`, `secretkey`.
const ENDINGS: &[&str] = &[
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secrets",
    "token",
    "apikey",
    "apikeys",
    "secretkey",
    "privatekey",
    "accesskey",
    "encryptionkey",
    "signingkey",
    "masterkey",
    "connectionstring",
];

/// Which keys are credentials, by the word in front of `key`.
const KEYS: &[&str] = &[
    "api",
    "secret",
    "private",
    "access",
    "signing",
    "encryption",
    "decryption",
    "master",
    "shared",
    "auth",
    "account",
    "storage",
    "subscription",
    "session",
    "jwt",
    "hmac",
    "ssh",
    "gpg",
    "rsa",
    "deploy",
    "webhook",
    "license",
    "admin",
    "root",
    "app",
    "application",
    "integration",
    // Services whose keys are named after them.
    "openai",
    "anthropic",
    "gemini",
    "mistral",
    "cohere",
    "huggingface",
    "azure",
    "stripe",
    "sendgrid",
    "mailgun",
    "twilio",
    "datadog",
];

/// The first and the second word of a Region's code, such as `us-east-1` or `us-gov-west-1`.
const PARTS: &[&str] = &["us", "eu", "ap", "ca", "sa", "me", "af", "il", "mx", "cn"];
const DIRECTIONS: &[&str] = &[
    "north",
    "south",
    "east",
    "west",
    "central",
    "northeast",
    "northwest",
    "southeast",
    "southwest",
];

/// Two words that are a credential together.
const PAIRS: &[(&str, &str)] = &[
    ("connection", "string"),
    ("connection", "str"),
    ("conn", "string"),
    ("conn", "str"),
    ("auth", "header"),
    ("basic", "auth"),
    ("slack", "webhook"),
    ("discord", "webhook"),
    ("teams", "webhook"),
];

/// Names that begin like this are a switch, such as `REQUIRE_PASSWORD`, or public.
const SWITCHES: &[&str] = &[
    "allow", "disable", "disabled", "enable", "enabled", "has", "hide", "ignore", "is", "public",
    "require", "required", "requires", "show", "skip", "use", "uses", "without",
];

/// The same, if only one word follows: `MAX_TOKEN` is a number, and `NEXT_PRIVATE_TOKEN` is not.
const SHORT_SWITCHES: &[&str] =
    &["check", "forgot", "mask", "max", "min", "next", "no", "num", "page", "reset", "validate"];

/// Names of files and markers that end like a credential.
const OTHERS: &[&[&str]] = &[
    &["google", "application", "credentials"],
    &["eos", "token"],
    &["bos", "token"],
    &["pad", "token"],
];

/// Whether the name of a variable, parameter or output is that of a credential. Its value is never read.
pub fn is_credential_name(variable: &str) -> bool {
    let all = words(variable);
    let mut words: Vec<&str> = all.iter().map(String::as_str).collect();
    strip_qualifiers(&mut words);
    // The address of a webhook is all that it takes to post there.
    if let [.., "webhook", "url"] = words[..] {
        words.pop();
    }
    let Some((last, before)) = words.split_last() else { return false };
    let is_switch = before.first().is_some_and(|first| {
        SWITCHES.contains(first) || (before.len() == 1 && SHORT_SWITCHES.contains(first))
    });
    if is_switch || OTHERS.iter().any(|other| words.ends_with(other)) {
        return false;
    }
    if CREDENTIALS.contains(last) || ENDINGS.iter().any(|ending| last.ends_with(*ending)) {
        return true;
    }
    let glued = last.strip_suffix("key").or_else(|| last.strip_suffix("keys"));
    if glued.is_some_and(|which| KEYS.contains(&which)) {
        return true;
    }
    let Some(second) = before.last() else { return false };
    (["key", "keys"].contains(last) && KEYS.contains(second)) || PAIRS.contains(&(*second, *last))
}

/// Leaves out what only says which one it is, at the end: qualifiers, Regions and numbers.
fn strip_qualifiers(words: &mut Vec<&str>) {
    while words.len() > 1 {
        let region = region_words(words);
        let is_qualifier = words.last().is_some_and(|last| {
            let stem = without_number(last);
            stem.is_empty() || QUALIFIERS.contains(last) || QUALIFIERS.contains(&stem)
        });
        if region > 0 && region < words.len() {
            words.truncate(words.len() - region);
        } else if is_qualifier {
            words.pop();
        } else {
            break;
        }
    }
    if let Some(last) = words.last_mut() {
        *last = without_number(last);
    }
}

/// How many words at the end are a Region's code; 0 if they are none.
fn region_words(words: &[&str]) -> usize {
    let [before @ .., direction, number] = words else { return 0 };
    if !DIRECTIONS.contains(direction) || !without_number(number).is_empty() {
        return 0;
    }
    match before {
        [.., part, "gov"] if PARTS.contains(part) => 4,
        [.., part] if PARTS.contains(part) => 3,
        _ => 0,
    }
}

fn without_number(word: &str) -> &str {
    word.trim_end_matches(|c: char| c.is_ascii_digit())
}

/// The words of a name in lower case: between separators, and where a capital follows a small letter.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_small = false;
    for c in name.chars() {
        let begins = !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && was_small);
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c.to_ascii_lowercase());
        }
        was_small = c.is_ascii_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDENTIAL: &[&str] = &[
        "PASSWORD",
        "DB_PASSWORD",
        "DB_PASS",
        "DB_PWD",
        "MYSQL_ROOT_PASSWORD",
        "PGPASSWORD",
        "dbPassword",
        "DB_PASSWORD_2",
        "DB_PASSWORD_PROD",
        "REDIS_PASSWD",
        "SSH_PASSPHRASE",
        "API_KEY",
        "APIKEY",
        "STRIPE_API_KEY",
        "X-Api-Key",
        "apiKey",
        "TOKEN",
        "GITHUB_TOKEN",
        "GITHUB_PAT",
        "NPM_TOKEN_OLD",
        "authToken",
        "AUTHTOKEN",
        "SLACK_BOT_TOKEN",
        "SECRET",
        "CLIENT_SECRET",
        "clientSecret",
        "JWT_SECRET",
        "SECRET_KEY",
        "SECRET_KEY_BASE64",
        "SECRETKEY",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "STORAGE_ACCOUNT_KEY",
        "PRIVATE_KEY",
        "RSA_PRIVATE_KEY_PEM",
        "SIGNING_KEY",
        "ENCRYPTION_KEY",
        "SHARED_ACCESS_KEY",
        "CONNECTION_STRING",
        "SqlConnectionString",
        "DB_CONN_STRING",
        "CREDENTIALS",
        "LDAP_CREDS",
        "SLACK_WEBHOOK_URL",
        "db.password",
        "HTTP_BASIC_AUTH",
        "NEXT_PRIVATE_TOKEN",
        "CHECK_MK_PASSWORD",
        "DB_PASSWORD2",
        "TOKEN1",
        "dbPassword2",
        "DB_PASSWORD_PROD2",
        "API_KEYS",
        "APIKEYS",
        "SECRETS",
        "APP_SECRETS",
        "ENCRYPTIONKEY",
        "WEBHOOKKEY",
        "OPENAI_KEY",
        "DB_PASSWORD_US_EAST_1",
        "DB_PASSWORD_US_GOV_WEST_1",
        "API_KEY_EU_CENTRAL_1_OLD",
    ];

    const OTHER: &[&str] = &[
        "TOKEN_URL",
        "TOKEN_TTL",
        "TOKEN_EXPIRY",
        "MAX_TOKENS",
        "MAX_TOKEN",
        "EOS_TOKEN",
        "NEXT_TOKEN",
        "TOKENIZER",
        "KEY_ID",
        "AWS_ACCESS_KEY_ID",
        "KMS_KEY",
        "KMS_KEY_ARN",
        "PUBLIC_KEY",
        "SSH_PUBLIC_KEY",
        "PARTITION_KEY",
        "PRIMARY_KEY",
        "SORT_KEY",
        "S3_KEY",
        "CACHE_KEY_PREFIX",
        "API_KEY_HEADER",
        "API_KEY_NAME",
        "PASSWORD_MIN_LENGTH",
        "PASSWORD_RESET_URL",
        "PASSWORD_POLICY",
        "REQUIRE_PASSWORD",
        "ENABLE_TOKEN",
        "USE_CSRF_TOKEN",
        "RESET_PASSWORD",
        "PASSWORD_FILE",
        "SECRET_NAME",
        "SECRET_ARN",
        "SECRET_ID",
        "DB_SECRET_ARN",
        "DB_SECRET_NAME",
        "SECRET_VERSION",
        "SECRETS_REGION",
        "SECRETS_MANAGER_ENDPOINT",
        "PARAMETER_PATH",
        "GOOGLE_APPLICATION_CREDENTIALS",
        "DATABASE_URL",
        "DB_HOST",
        "DB_USER",
        "STAGE",
        "LOG_LEVEL",
        "COMPASS",
        "BYPASS",
        "PATH",
        "PATTERN",
        "BYPASS2",
        "KMS_KEYS",
        "PUBLIC_KEYS",
        "PRIMARYKEY",
        "USE_SECRETS",
        "SECRET_NAME_US_EAST_1",
        "AWS_REGION_US_EAST_1",
        "US_EAST_1",
        "2",
        "",
    ];

    #[test]
    fn a_name_is_that_of_a_credential_or_not() {
        for name in CREDENTIAL {
            assert!(is_credential_name(name), "{name}");
        }
        for name in OTHER {
            assert!(!is_credential_name(name), "{name}");
        }
        assert!(CREDENTIAL.len() + OTHER.len() >= 60);
    }
}
