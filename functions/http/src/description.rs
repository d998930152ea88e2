//! The description of a vendor's API. It has no value of a credential: only placeholders for them.

use crate::template::{Placeholder, Source, Template};
use rotation_steps::Fault;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// Descriptions that are part of the function, by name.
pub const READY: [(&str, &str); 2] = [
    ("github-app-token", include_str!("../descriptions/github-app-token.toml")),
    ("github-deploy-key", include_str!("../descriptions/github-deploy-key.toml")),
];

/// Most seconds that a call may take.
const MAX_TIMEOUT: u64 = 60;
/// Most times that a proof is tried.
const MAX_ATTEMPTS: u32 = 10;

/// How to rotate a credential at a vendor.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Description {
    /// The member that differs between two credentials: the vendor's id of it, or itself.
    pub id: String,
    /// Members that may stand in an address, because they are no secrets.
    #[serde(default)]
    pub public: BTreeSet<String>,
    /// Credentials end by themselves, soon: what is left of a failed attempt needs no revocation.
    #[serde(default)]
    pub expires: bool,
    /// The previous credential stays valid until the next rotation.
    #[serde(default)]
    pub keep_previous: bool,
    /// After `revoke`, `test` must fail with the old credential and pass with the new one.
    #[serde(default = "yes")]
    pub prove_revocation: bool,
    #[serde(default = "ten")]
    pub timeout_seconds: u64,
    /// How often a proof is tried, where a vendor needs some seconds until a change works.
    #[serde(default = "three")]
    pub attempts: u32,
    #[serde(default = "two")]
    pub wait_seconds: u64,
    /// What is made here, before the vendor is called.
    pub generate: Option<Generate>,
    pub jwt: Option<Jwt>,
    pub create: Call,
    pub find: Option<Call>,
    /// Where the answer to `find` has what.
    pub found: Option<Found>,
    pub set: Option<Call>,
    pub test: Call,
    pub revoke: Call,
}

fn yes() -> bool {
    true
}

fn two() -> u64 {
    2
}

fn three() -> u32 {
    3
}

fn ten() -> u64 {
    10
}

/// An SSH key pair.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Generate {
    /// The member for the private key, in OpenSSH's format.
    pub ssh_private_key: String,
    /// The member for the public key, as a line of `authorized_keys`.
    pub ssh_public_key: String,
}

/// A JSON Web Token, signed with RS256, that is good for nine minutes.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jwt {
    pub issuer: Template,
    /// An RSA private key in PEM.
    pub key: Template,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

/// A request, and which answer is right.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Call {
    pub method: Method,
    pub url: Template,
    #[serde(default)]
    pub headers: BTreeMap<String, Template>,
    /// User and password of basic authentication.
    pub basic: Option<(Template, Template)>,
    /// The body as JSON; its texts may have placeholders.
    pub json: Option<serde_json::Value>,
    /// The body as a form.
    pub form: Option<BTreeMap<String, Template>>,
    /// Statuses of success.
    pub expect: BTreeSet<u16>,
    /// Members of the new value, by JSON pointers into the answer.
    #[serde(default)]
    pub take: BTreeMap<String, String>,
    /// What the answer must have at JSON pointers.
    #[serde(default)]
    pub equals: BTreeMap<String, Template>,
}

/// Places in a list, as JSON pointers.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Found {
    /// The list, in the answer. Empty: the answer is the list.
    pub items: String,
    /// The name, in an item.
    pub name: String,
    /// The id, in an item.
    pub id: String,
    /// As many items mean that there may be more, on a next page.
    pub limit: usize,
}

impl Call {
    /// Every placeholder, with the texts of the JSON body.
    pub fn placeholders(&self) -> Result<BTreeSet<Placeholder>, String> {
        let mut all: BTreeSet<Placeholder> = self.url.placeholders().cloned().collect();
        let form = self.form.iter().flat_map(BTreeMap::values);
        let basic = self.basic.iter().flat_map(|(user, password)| [user, password]);
        for template in self.headers.values().chain(form).chain(basic).chain(self.equals.values()) {
            all.extend(template.placeholders().cloned());
        }
        let mut open: Vec<_> = self.json.iter().collect();
        while let Some(value) = open.pop() {
            match value {
                serde_json::Value::String(text) => {
                    all.extend(Template::parse(text)?.placeholders().cloned());
                }
                serde_json::Value::Array(items) => open.extend(items),
                serde_json::Value::Object(members) => open.extend(members.values()),
                _ => {}
            }
        }
        Ok(all)
    }
}

impl Description {
    /// Parses a ready description's name, or TOML, or JSON.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let text = READY.iter().find(|(name, _)| *name == text.trim()).map_or(text, |(_, it)| it);
        let parsed = if text.trim_start().starts_with('{') {
            serde_json::from_str(text).map_err(|error| error.to_string())
        } else {
            toml::from_str(text).map_err(|error| error.to_string())
        };
        let checked = parsed.and_then(|it: Self| it.check().map(|()| it));
        checked.map_err(|reason| Fault::new(format!("the description is not usable: {reason}")))
    }

    /// The calls, with their names.
    fn calls(&self) -> impl Iterator<Item = (&'static str, &Call)> {
        [
            ("create", Some(&self.create)),
            ("find", self.find.as_ref()),
            ("set", self.set.as_ref()),
            ("test", Some(&self.test)),
            ("revoke", Some(&self.revoke)),
        ]
        .into_iter()
        .filter_map(|(name, call)| Some((name, call?)))
    }

    /// Whether a placeholder of this source is used.
    pub fn uses(&self, source: Source) -> bool {
        let in_calls = self.calls().filter_map(|(_, call)| call.placeholders().ok()).flatten();
        let in_jwt =
            self.jwt.iter().flat_map(|it| it.issuer.placeholders().chain(it.key.placeholders()));
        in_calls.chain(in_jwt.cloned()).any(
            |placeholder| matches!(placeholder, Placeholder::Member(used, _) if used == source),
        )
    }

    fn check(&self) -> Result<(), String> {
        for (name, call) in self.calls() {
            self.check_call(name, call).map_err(|reason| format!("{name}: {reason}"))?;
        }
        if let Some(jwt) = &self.jwt {
            let is_admin = |placeholder: &Placeholder| {
                matches!(placeholder, Placeholder::Member(Source::Admin, _))
            };
            if !jwt.issuer.placeholders().chain(jwt.key.placeholders()).all(is_admin) {
                return Err(
                    "jwt: its placeholders are those of the administrator's secret alone".into()
                );
            }
        }
        if !(1..=MAX_TIMEOUT).contains(&self.timeout_seconds)
            || !(1..=MAX_ATTEMPTS).contains(&self.attempts)
            || self.wait_seconds > MAX_TIMEOUT
        {
            return Err(format!(
                "timeout_seconds is 1 to {MAX_TIMEOUT}, attempts 1 to {MAX_ATTEMPTS}, wait_seconds at most {MAX_TIMEOUT}"
            ));
        }
        self.check_leftovers()
    }

    /// What an attempt leaves at the vendor that ends between the vendor's answer and the secret must be found again.
    fn check_leftovers(&self) -> Result<(), String> {
        match (&self.find, &self.found, self.expires) {
            (Some(_), Some(_), false) => {}
            (None, None, true) => return Ok(()),
            (None, None, false) => {
                return Err(
                    "without find, a credential whose creation was cut off stays at the vendor unseen: describe find and found, \
                     or set expires where credentials end by themselves"
                        .into(),
                );
            }
            (Some(_), Some(_), true) => return Err("expires and find exclude each other".into()),
            _ => return Err("find and found belong together".into()),
        }
        let named = self.create.placeholders()?;
        if !named.contains(&Placeholder::Name) {
            return Err(
                "create: {{name}} is not used, so find cannot recognize the credential".into()
            );
        }
        let other = self.revoke.placeholders()?.into_iter().find(
            |placeholder| matches!(placeholder, Placeholder::Member(Source::Old, member) if *member != self.id),
        );
        match other {
            Some(placeholder) => Err(format!(
                "revoke: of what find finds only old.{} is known, not {placeholder}",
                self.id
            )),
            None => Ok(()),
        }
    }

    fn check_call(&self, name: &str, call: &Call) -> Result<(), String> {
        let start = call.url.literal_start();
        let scheme = ["https://", "http://127.0.0.1:", "http://localhost:"];
        let rest = scheme.iter().find_map(|one| start.strip_prefix(one));
        if !rest.is_some_and(|rest| rest.contains('/') && !rest.contains('@')) {
            return Err(
                "url begins with https:// and a host without placeholders, as far as the path"
                    .into(),
            );
        }
        for placeholder in call.url.placeholders() {
            let may = match placeholder {
                Placeholder::Name | Placeholder::Token => true,
                Placeholder::Jwt => false,
                Placeholder::Member(_, member) => self.public.contains(member),
            };
            if !may {
                return Err(format!(
                    "url: {placeholder} is not in public, and an address is no place for a secret"
                ));
            }
        }
        for placeholder in call.placeholders()? {
            let may = match (&placeholder, name) {
                (Placeholder::Jwt, _) => self.jwt.is_some(),
                (Placeholder::Name | Placeholder::Token, _) => matches!(name, "create" | "set"),
                (Placeholder::Member(Source::Admin, _), _) => true,
                (Placeholder::Member(Source::Current, _), _) => name != "test",
                (Placeholder::Member(Source::New, member), "create") => {
                    self.generate.as_ref().is_some_and(|made| {
                        [&made.ssh_private_key, &made.ssh_public_key].contains(&member)
                    })
                }
                (Placeholder::Member(Source::New, _), _) => matches!(name, "set" | "test"),
                (Placeholder::Member(Source::Old, _), _) => name == "revoke",
            };
            if !may {
                return Err(format!("there is no {placeholder} in this call"));
            }
        }
        if call.expect.is_empty() {
            return Err("expect is empty".into());
        }
        if call.json.is_some() && call.form.is_some() {
            return Err("json and form exclude each other".into());
        }
        if name != "create" && !call.take.is_empty() {
            return Err("take belongs to create".into());
        }
        let own = call.take.values().chain(call.equals.keys()).chain(self.found.iter().flat_map(
            |found| {
                [&found.name, &found.id]
                    .into_iter()
                    .chain((!found.items.is_empty()).then_some(&found.items))
            },
        ));
        match own.into_iter().find(|pointer| !pointer.starts_with('/')) {
            Some(pointer) => Err(format!("{pointer} is not a JSON pointer: it begins with /")),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
