//! Reads, writes and rotates values: bytes are unchanged.

use crate::{
    api::Api,
    error::CliError,
    say,
    select::{Held, Which},
};
use base64::Engine;
use clap::Args;
use claviger_domain::{
    facts::Kind,
    grants::{Action, view::Revealed},
    value::{Member, members},
};
use serde_json::json;
use std::io::{IsTerminal, Read, Write};
use zeroize::Zeroizing;

#[derive(Debug, Args)]
pub(crate) struct Get {
    #[command(flatten)]
    which: Which,
    /// One field of a JSON secret: the content of a string, anything else as written.
    #[arg(long)]
    field: Option<String>,
    /// With --field: as written in the JSON text, a string with its quotes and escapes.
    #[arg(long, requires = "field")]
    json: bool,
    /// With --field, if the key is repeated: which occurrence; the first is 1.
    #[arg(long, requires = "field", value_parser = clap::value_parser!(u32).range(1..))]
    nth: Option<u32>,
    /// A binary secret in base64 instead of its bytes.
    #[arg(long)]
    base64: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Put {
    #[command(flatten)]
    which: Which,
    /// Remove one trailing line break, which `echo` and editors add. Without it every byte is written.
    #[arg(long, short = 'n', conflicts_with = "binary")]
    trim_newline: bool,
    /// Write the bytes as a binary value (`SecretBinary`). Programs that read the secret's text (`SecretString`) then find none.
    #[arg(long)]
    binary: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Rotate {
    #[command(flatten)]
    which: Which,
}

/// The value of a held secret, as the server answers. Each call is an entry of its audit log.
pub(crate) async fn reveal(api: &Api, held: &Held) -> Result<Revealed, CliError> {
    let body = json!({ "resource": held.resource.id.to_string() });
    api.post(&format!("/v1/grants/{}/reveal", held.grant), &body).await
}

/// The bytes of a binary value.
pub(crate) fn decoded(encoded: &str) -> Result<Zeroizing<Vec<u8>>, CliError> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded);
    let unreadable = |_| CliError::Unreachable("an answer that is not base64".into());
    bytes.map(Zeroizing::new).map_err(unreadable)
}

pub(crate) async fn get(get: Get) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let held = get.which.held(&api, Action::Read).await?;
    match (reveal(&api, &held).await?, &get.field) {
        (Revealed::Text(text), None) => print(text.as_bytes()),
        (Revealed::Text(text), Some(field)) => {
            print(field_of(&text, field, &get)?.as_bytes());
        }
        (Revealed::Binary(_), Some(_)) => {
            return Err(CliError::Input(format!(
                "{} is binary, so it has no fields",
                get.which.name
            )));
        }
        (Revealed::Binary(text), None) if get.base64 => print(text.as_bytes()),
        (Revealed::Binary(text), None) if std::io::stdout().is_terminal() => {
            eprintln!(
                "clv: the value is binary; this is base64. Redirect the output to get its bytes."
            );
            print(text.as_bytes());
        }
        (Revealed::Binary(text), None) => print(&decoded(&text)?),
    }
    Ok(())
}

/// Writes exactly these bytes; on a terminal a line break follows.
fn print(bytes: &[u8]) {
    let mut out = std::io::stdout();
    let is_open_line = out.is_terminal() && !bytes.ends_with(b"\n");
    let written = out
        .write_all(bytes)
        .and_then(|()| if is_open_line { out.write_all(b"\n") } else { Ok(()) })
        .and_then(|()| out.flush());
    if written.is_err() {
        // The reader has closed the pipe.
        std::process::exit(0);
    }
}

/// Says which fields there are.
pub(crate) fn without_field(name: &str, field: &str, all: &[Member<'_>]) -> CliError {
    let mut names: Vec<&str> = Vec::new();
    for member in all {
        if !names.contains(&member.name.as_str()) {
            names.push(&member.name);
        }
    }
    CliError::NotFound(format!("{name} has no field {field}. It has {}", names.join(", ")))
}

fn field_of(text: &str, field: &str, get: &Get) -> Result<Zeroizing<String>, CliError> {
    let name = &get.which.name;
    let all = members(text).ok_or_else(|| {
        CliError::Input(format!("{name} is not a JSON object, so it has no fields"))
    })?;
    let fit: Vec<_> = all.iter().filter(|member| member.name == field).collect();
    let at = match (get.nth, fit.len()) {
        (_, 0) => return Err(without_field(name, field, &all)),
        (Some(nth), count) if nth as usize > count => {
            return Err(CliError::NotFound(format!(
                "{name} has the field {field} {count} times only"
            )));
        }
        (Some(nth), _) => nth as usize - 1,
        (None, 1) => 0,
        (None, count) => {
            return Err(CliError::Ambiguous(format!(
                "{name} has the field {field} {count} times; most programs use the last. Say which with `--nth 1` to `--nth {count}`, or leave --field out to read the whole value"
            )));
        }
    };
    let member = fit[at];
    Ok(if get.json { Zeroizing::new(member.json.to_owned()) } else { member.content() })
}

pub(crate) async fn put(put: Put) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let held = put.which.held(&api, Action::Write).await?;
    let mut bytes = Zeroizing::new(Vec::new());
    std::io::stdin()
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::file("standard input", error))?;
    let path = format!("/v1/grants/{}/value", held.grant);
    let resource = held.resource.id.to_string();
    let written = |version: String| {
        say(format_args!(
            "Written to {} in {} as version {version}",
            held.resource.name,
            held.location()
        ));
    };
    if put.binary {
        if held.resource.kind == Kind::Parameter {
            return Err(CliError::Input("Parameter Store holds text only".into()));
        }
        let encoded =
            Zeroizing::new(base64::engine::general_purpose::STANDARD.encode(bytes.as_slice()));
        let body = json!({ "resource": resource, "binary": encoded.as_str() });
        written(api.put(&path, &body).await?);
        return Ok(());
    }
    let Ok(value) = std::str::from_utf8(&bytes) else {
        return Err(CliError::Input(match held.resource.kind {
            Kind::Parameter => {
                "the value is not text in UTF-8, and Parameter Store holds text only".into()
            }
            Kind::Secret => {
                "the value is not text in UTF-8. --binary writes the bytes as a binary value".into()
            }
        }));
    };
    let value = if put.trim_newline { without_last_break(value) } else { value };
    let ends_with_break = value.ends_with('\n');
    let body = json!({ "resource": resource, "value": value });
    written(api.put(&path, &body).await?);
    if ends_with_break {
        eprintln!(
            "clv: the value ends with a line break, and so it was written. --trim-newline leaves it out."
        );
    }
    Ok(())
}

pub(crate) fn without_last_break(value: &str) -> &str {
    let cut = value.strip_suffix("\r\n").or_else(|| value.strip_suffix('\n'));
    cut.unwrap_or(value)
}

pub(crate) async fn rotate(rotate: Rotate) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let held = rotate.which.held(&api, Action::Rotate).await?;
    let body = json!({ "resource": held.resource.id.to_string() });
    api.post::<()>(&format!("/v1/grants/{}/rotate", held.grant), &body).await?;
    say(format_args!("Rotation started: {} in {}", held.resource.name, held.location()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::without_last_break;

    #[test]
    fn one_break_is_cut_and_no_more() {
        for (value, cut) in [
            ("a\n", "a"),
            ("a\r\n", "a"),
            ("a\n\n", "a\n"),
            ("a", "a"),
            ("a \n", "a "),
            ("\n", ""),
            ("a\r", "a\r"),
        ] {
            assert_eq!(without_last_break(value), cut);
        }
    }
}
