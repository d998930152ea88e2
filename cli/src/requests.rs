//! The signed-in person, search, and access requests.

use crate::{access, api::Api, error::CliError, say, select::ids_of_inventory};
use clap::Args;
use claviger_domain::{
    grants::{Action, view::Requested},
    inventory::view::{InventoryRow, Me},
};
use serde_json::json;

#[derive(Debug, Args)]
pub(crate) struct Request {
    /// Names or ARNs of secrets and parameters.
    #[arg(required = true)]
    names: Vec<String>,
    /// The purpose; approvers read it.
    #[arg(long)]
    purpose: String,
    /// The duration, such as 30m or 2h.
    #[arg(long = "for", default_value = "30m", value_parser = minutes)]
    minutes: u32,
    /// read, write or rotate.
    #[arg(long, default_value = "read")]
    action: String,
    /// A ticket, such as OPS-1234; approvers read it.
    #[arg(long, default_value = "")]
    ticket: String,
    /// Not before this time, RFC 3339.
    #[arg(long, default_value = "")]
    start: String,
    /// Immediate access without approval, if a policy allows it; it is reviewed afterwards.
    #[arg(long)]
    break_glass: bool,
    /// Only in this account, by id or name.
    #[arg(long)]
    account: Option<String>,
    /// Only in this Region.
    #[arg(long)]
    region: Option<String>,
    /// The grant to extend.
    #[arg(long, default_value = "")]
    extends: String,
}

impl Request {
    /// Whether it asks for access as soon as possible: not later, not for longer, and not without approval.
    fn is_plain(&self) -> bool {
        !self.break_glass && self.start.is_empty() && self.extends.is_empty()
    }
}

/// A text that is not a duration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a duration: use 30m, 2h or 1h30m")]
pub(crate) struct InvalidMinutes(String);

/// `30m`, `2h`, `1h30m`, or a number of minutes.
pub(crate) fn minutes(text: &str) -> Result<u32, InvalidMinutes> {
    let wrong = || InvalidMinutes(text.to_owned());
    let (hours, rest) = match text.split_once('h') {
        Some((hours, rest)) => (hours.parse::<u32>().map_err(|_| wrong())?, rest),
        None => (0, text),
    };
    let rest = rest.strip_suffix('m').unwrap_or(rest);
    let minutes = if rest.is_empty() { 0 } else { rest.parse::<u32>().map_err(|_| wrong())? };
    hours.checked_mul(60).and_then(|h| h.checked_add(minutes)).filter(|m| *m > 0).ok_or_else(wrong)
}

pub(crate) async fn whoami() -> Result<(), CliError> {
    let me: Me = Api::signed_in()?.get("/v1/me").await?;
    let roles: Vec<String> = me.roles.iter().map(ToString::to_string).collect();
    say(format_args!(
        "{}, {}",
        me.name,
        if roles.is_empty() { "no role".into() } else { roles.join(", ") }
    ));
    let count =
        |number: u32, what: &str| format!("{number} {what}{}", if number == 1 { "" } else { "s" });
    say(format_args!(
        "{}, {} to decide",
        count(me.access.live, "active grant"),
        count(me.access.to_decide, "request")
    ));
    Ok(())
}

/// The secrets and parameters that these words and filters find.
pub(crate) async fn found(api: &Api, words: &str) -> Result<Vec<InventoryRow>, CliError> {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair("q", words).finish();
    api.get(&format!("/v1/search?{query}")).await
}

pub(crate) async fn search(words: &str) -> Result<(), CliError> {
    for row in found(&Api::signed_in()?, words).await? {
        say(format_args!("{}\t{}\t{}\t{}", row.name, row.kind, row.account_name, row.region));
    }
    Ok(())
}

pub(crate) async fn request(asked: Request) -> Result<(), CliError> {
    let api = Api::signed_in()?;
    let (account, region) = (asked.account.as_deref(), asked.region.as_deref());
    let resources = ids_of_inventory(&api, &asked.names, account, region).await?;
    if asked.is_plain()
        && let Ok(action) = asked.action.parse::<Action>()
    {
        access::refuse_second(&api, action, &resources).await?;
    }
    let body = json!({
        "resources": resources,
        "action": asked.action,
        "minutes": asked.minutes,
        "purpose": asked.purpose,
        "ticket": asked.ticket,
        "starts_at": asked.start,
        "break_glass": asked.break_glass,
        "extends": asked.extends,
    });
    let made: Requested = api.post("/v1/requests", &body).await?;
    for grant in made.grants {
        let state = crate::grants::detail(&api, &grant.to_string()).await?.row.state.word();
        say(format_args!("{grant}\t{}", state.label()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::minutes;

    #[test]
    fn lengths_of_time() {
        assert_eq!(["30m", "2h", "1h30m", "45"].map(minutes), [Ok(30), Ok(120), Ok(90), Ok(45)]);
        for bad in ["", "0", "0m", "h", "1d", "-5m", "99999999h"] {
            assert!(minutes(bad).is_err(), "{bad}");
        }
    }
}
