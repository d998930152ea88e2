//! Finds what a file names without knowing the inventory: ARNs, and names behind a word that reads a secret or parameter, such
//! as `SecretId` or `aws_ssm_parameter`. Other words are not looked at: what is sent from a pipeline is the name of a secret
//! or parameter, and as far as it can be told apart, nothing else.

use super::tokens::{MIN_BARE, end_of, is_word};
use claviger_domain::facts::Kind;

/// Behind a word that reads a resource, `name` counts on so many further lines.
const WINDOW: u32 = 3;
/// The longest word that is a key.
const MAX_KEY: usize = 48;
/// A text without a separator that is longer and has letters and digits looks like a credential.
const MAX_UNDIVIDED: usize = 20;
/// The longest name.
const MAX_NAME: usize = 2_048;
/// Values of one list.
const MAX_LIST: usize = 100;
/// Calls around a value: `aws.String("pay/db")`, `Some("pay/db")`.
const WRAPPERS: [&[u8]; 3] = [b"aws.String", b"String", b"Some"];

/// All places in a text: line, kind, and ARN or name.
pub(super) fn find(text: &[u8], mut each: impl FnMut(u32, Kind, &str)) {
    let mut open: Option<(Kind, u32)> = None;
    for (number, line) in (1..).zip(text.split(|byte| *byte == b'\n')) {
        arns(line, |kind, arn| each(number, kind, arn));
        references(line, |kind, name| each(number, kind, name));
        keys(line, number, &mut open, |kind, name| each(number, kind, name));
    }
}

/// Whole ARNs. What follows the name, such as a JSON key, stays: the server takes it apart.
fn arns(line: &[u8], mut each: impl FnMut(Kind, &str)) {
    let mut at = 0;
    while let Some(found) = position(&line[at..], b"arn:") {
        let begin = at + found;
        let end = end_of(line, begin, |byte| is_word(byte) || byte == b':');
        let is_inside = begin > 0 && line[begin - 1].is_ascii_alphanumeric();
        at = end;
        let Ok(arn) = std::str::from_utf8(&line[begin..end]) else { continue };
        let arn = arn.trim_end_matches([':', '.']);
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let [_, partition, service, region, account, resource] = parts[..] else { continue };
        let kind = match service {
            "secretsmanager" if is_of(resource, "secret:") => Kind::Secret,
            "ssm" if is_of(resource, "parameter/") => Kind::Parameter,
            _ => continue,
        };
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        if !is_inside && is_account && !partition.is_empty() && !region.is_empty() {
            each(kind, arn);
        }
    }
}

fn is_of(resource: &str, kind: &str) -> bool {
    resource.strip_prefix(kind).is_some_and(|name| !name.is_empty())
}

/// Dynamic references of CloudFormation: `{{resolve:secretsmanager:NAME:…}}`.
fn references(line: &[u8], mut each: impl FnMut(Kind, &str)) {
    for (beginning, kind) in [
        (&b"resolve:secretsmanager:"[..], Kind::Secret),
        (b"resolve:ssm:", Kind::Parameter),
        (b"resolve:ssm-secure:", Kind::Parameter),
    ] {
        let mut at = 0;
        while let Some(found) = position(&line[at..], beginning) {
            let begin = at + found + beginning.len();
            at = end_of(line, begin, is_word);
            if let Some(name) = name(&line[begin..at]) {
                each(kind, name);
            }
        }
    }
}

/// Values of keys.
fn keys(
    line: &[u8],
    number: u32,
    open: &mut Option<(Kind, u32)>,
    mut each: impl FnMut(Kind, &str),
) {
    let mut at = 0;
    while at < line.len() {
        if !is_key(line[at]) {
            at += 1;
            continue;
        }
        let (begin, end) = (at, end_of(line, at, is_key));
        at = end;
        if end - begin > MAX_KEY {
            continue;
        }
        let key: Vec<u8> = line[begin..end]
            .iter()
            .filter(|byte| byte.is_ascii_alphanumeric())
            .map(u8::to_ascii_lowercase)
            .collect();
        let reads = match key.as_slice() {
            b"getsecretvalue" | b"awssecretsmanagersecret" | b"awssecretsmanagersecretversion" => {
                Some(Kind::Secret)
            }
            b"getparameter" | b"getparameters" | b"awsssmparameter" => Some(Kind::Parameter),
            _ => None,
        };
        if let Some(kind) = reads {
            *open = Some((kind, number.saturating_add(WINDOW)));
        }
        let kind = match key.as_slice() {
            b"secretid" => Some(Kind::Secret),
            b"valuefrom" => Some(Kind::Parameter),
            b"name" | b"names" => open.filter(|(_, until)| number <= *until).map(|(kind, _)| kind),
            // A call with the name as its first argument.
            _ if line.get(end) == Some(&b'(') => reads,
            _ => None,
        };
        if let Some(kind) = kind {
            let is_option = line[begin..end].starts_with(b"--");
            values(&line[end..], is_option, key == b"names", |name| each(kind, name));
        }
    }
}

/// The value behind a key; of a list, each one.
fn values(rest: &[u8], is_option: bool, is_list: bool, mut each: impl FnMut(&str)) {
    let mut at = usize::from(rest.first().is_some_and(|byte| is_quote(*byte)));
    let separated = end_of(rest, at, |byte| b" \t=:([>".contains(&byte));
    let has_sign = rest[at..separated].iter().any(|byte| b"=:(".contains(byte));
    let is_separated = has_sign || (is_option && separated > at);
    if !is_separated {
        return;
    }
    at = separated;
    for wrapper in WRAPPERS {
        if rest[at..].starts_with(wrapper) && rest.get(at + wrapper.len()) == Some(&b'(') {
            at += wrapper.len() + 1;
        }
    }
    for _ in 0..MAX_LIST {
        let quote = rest.get(at).copied().filter(|byte| is_quote(*byte));
        let begin = at + usize::from(quote.is_some());
        // A longer run is no name: its end is not looked for.
        let end = end_of(&rest[..rest.len().min(begin + MAX_NAME + 1)], begin, is_word);
        let text = &rest[begin..end];
        let next = rest.get(end).copied();
        let is_whole = if quote.is_some() {
            next == quote
        } else {
            let is_end = next.is_none_or(|byte| b" \t\r,;)]}".contains(&byte));
            is_end
                && text.len() >= MIN_BARE
                && text[0] != b'-'
                && text.iter().any(|byte| b"/-".contains(byte))
        };
        if is_whole && let Some(name) = name(text) {
            each(name);
        } else if !is_whole {
            return;
        }
        if !is_list {
            return;
        }
        at = end_of(rest, end + usize::from(quote.is_some()), |byte| b" \t,".contains(&byte));
    }
}

/// A text that can be a name, and does not look like a credential.
fn name(text: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(text).ok().filter(|text| !text.is_empty())?;
    let is_random = |part: &str| {
        let has = |of: fn(&u8) -> bool| part.as_bytes().iter().any(of);
        part.len() > MAX_UNDIVIDED && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)
    };
    let looks_like_a_credential = is_uuid(text) || text.split(['/', '-', '_', '.']).any(is_random);
    (!looks_like_a_credential).then_some(text)
}

fn is_uuid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    text.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
        && lengths.eq([8, 4, 4, 4, 12])
}

fn is_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-".contains(&byte)
}

fn is_quote(byte: u8) -> bool {
    b"\"'`".contains(&byte)
}

fn position(text: &[u8], of: &[u8]) -> Option<usize> {
    memchr::memmem::find(text, of)
}

#[cfg(test)]
mod tests {
    use super::find;
    use claviger_domain::facts::Kind;

    fn found(text: &str) -> Vec<(u32, Kind, String)> {
        let mut all = Vec::new();
        find(text.as_bytes(), |line, kind, named| all.push((line, kind, named.to_owned())));
        all
    }

    fn names(text: &str) -> Vec<String> {
        found(text).into_iter().map(|(_, _, named)| named).collect()
    }

    #[test]
    fn names_stand_behind_what_reads_them() {
        for text in [
            "client.get_secret_value(SecretId=\"pay/db\")",
            "client.get_secret_value(\n    SecretId='pay/db',\n)",
            "new GetSecretValueCommand({ SecretId: `pay/db` })",
            "SecretId: aws.String(\"pay/db\"),",
            ".secretId(\"pay/db\")",
            "secretId: pay/db",
            "aws secretsmanager get-secret-value --secret-id pay/db",
            "aws secretsmanager get-secret-value --secret-id=pay/db --query SecretString",
            "cache.get_secret_value(\"pay/db\")",
            "\"secret_id\" => 'pay/db'",
            "data \"aws_secretsmanager_secret\" \"db\" {\n  name = \"pay/db\"\n}",
            "Password: '{{resolve:secretsmanager:pay/db:SecretString:password}}'",
        ] {
            let all: Vec<(Kind, String)> =
                found(text).into_iter().map(|(_, kind, named)| (kind, named)).collect();
            assert_eq!(all, [(Kind::Secret, "pay/db".to_owned())], "{text}");
        }
        for text in [
            "ssm.get_parameter(Name=\"/pay/db\", WithDecryption=True)",
            "aws ssm get-parameter --name /pay/db --with-decryption",
            "data \"aws_ssm_parameter\" \"db\" {\n  name = \"/pay/db\"\n}",
            "{\"name\": \"DB\", \"valueFrom\": \"/pay/db\"}",
            "Value: '{{resolve:ssm:/pay/db:1}}'",
            "Value: '{{resolve:ssm-secure:/pay/db}}'",
        ] {
            let all: Vec<(Kind, String)> =
                found(text).into_iter().map(|(_, kind, named)| (kind, named)).collect();
            assert_eq!(all, [(Kind::Parameter, "/pay/db".to_owned())], "{text}");
        }
        let many = "ssm.get_parameters(\n  Names=[\"/a/b\", '/c/d', \"e\"])";
        assert_eq!(names(many), ["/a/b", "/c/d", "e"]);
        assert_eq!(
            names("aws ssm get-parameters --names /pay/a /pay/b --query x"),
            ["/pay/a", "/pay/b"]
        );
        assert_eq!(found("\n\nsecret_id = 'db'"), [(3, Kind::Secret, "db".to_owned())]);
    }

    #[test]
    fn nothing_else_is_sent() {
        for text in [
            "name = \"pay/db\"",
            "password = 'pay/db'",
            "SecretId=secret_name",
            "SecretId: process.env.SECRET_ID",
            "secret_id = get_id(\"pay/db\")",
            "secret_id = f\"pay/{stage}\"",
            "secret_id = \"pay/db",
            "secret_id = \"\"",
            "--secret-id $SECRET",
            "--secret-id \"$SECRET\"",
            // Credentials of Vault's AppRole.
            "secret_id = \"6a174c20-f6de-a53c-74d2-6018fcceff64\"",
            "secret_id: 'hvs.CAESIJ7fKq2mPz81Lw0Xy'",
            "secret_id = \"hvs9CAESIJ7fKq2mPz81Lw0\"",
            "get-secret-value --query x",
            "valueFrom: {secretKeyRef: {name: x}}",
            "aws_ssm_parameter\n\n\n\n  name = \"/pay/db\"",
        ] {
            assert_eq!(names(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn arns_are_found_anywhere() {
        let secret = "arn:aws:secretsmanager:us-east-1:111122223333:secret:pay/db";
        for (text, named) in [
            (format!("\"{secret}-AbCdEf\""), format!("{secret}-AbCdEf")),
            (format!("ARN={secret}"), secret.to_owned()),
            (format!("{secret}-AbCdEf:password::"), format!("{secret}-AbCdEf:password")),
            (format!("{secret}-??????"), format!("{secret}-")),
            (format!("SecretId: {secret}"), secret.to_owned()),
        ] {
            assert_eq!(found(&text), [(1, Kind::Secret, named)], "{text}");
        }
        let parameter = "arn:aws:ssm:us-east-1:111122223333:parameter/pay/db";
        assert_eq!(found(parameter), [(1, Kind::Parameter, parameter.to_owned())]);
        for text in [
            "arn:aws:kms:us-east-1:111122223333:key/x",
            "arn:aws:secretsmanager:us-east-1:111122223333:secret:",
            "arn:aws:secretsmanager:${AWS::Region}:111122223333:secret:x",
            "arn:aws:secretsmanager:us-east-1:*:secret:x",
            "xarn:aws:secretsmanager:us-east-1:111122223333:secret:x",
        ] {
            assert_eq!(names(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn long_lines_and_odd_bytes_are_no_obstacle() {
        for text in ["secret_id=".repeat(100_000), "arn:".repeat(250_000), "\"".repeat(900_000)] {
            find(text.as_bytes(), |_, _, _| panic!("no name"));
        }
        let mut lines = Vec::new();
        find(b"\xff\xfe secret_id: 'a\xff'\r\n\0 secretId: 'pay/db'\r\n", |line, _, name| {
            lines.push((line, name.to_owned()));
        });
        assert_eq!(lines, [(2, "pay/db".to_owned())]);
    }
}
