//! Requests to the vendor. Neither what is sent nor what is answered appears in an error.

use crate::{
    description::{Call, Method},
    template::{Template, Values},
};
use http::{HeaderName, HeaderValue};
use reqwest::{Client, RequestBuilder, redirect::Policy};
use rotation_steps::Fault;
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use std::time::Duration;
use zeroize::Zeroizing;

/// Most bytes of an answer.
const MAX_ANSWER: usize = 1 << 20;

/// Why a call did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// The vendor answered that it does not accept this.
    Refused(Fault),
    /// Whether it was done is not known: no answer, an error of the vendor, or an answer that cannot be read.
    Unknown(Fault),
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(fault) | Failure::Unknown(fault) => fault,
        }
    }
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Unknown(fault)
    }
}

pub struct Caller(Client);

impl Caller {
    pub fn new(timeout: Duration) -> Result<Self, Fault> {
        // A redirect would carry the credential to another host.
        let client = Client::builder().redirect(Policy::none()).timeout(timeout);
        let client = client.user_agent("claviger-rotation").build();
        client.map(Self).map_err(|_| Fault::new("the HTTP client cannot be set up"))
    }

    /// Sends a call, and returns the answer: JSON, or null where it is none.
    pub async fn send(
        &self,
        name: &str,
        call: &Call,
        values: &Values<'_>,
    ) -> Result<Answer, Failure> {
        let request = self.request(call, values).map_err(|fault| fault.during(name))?;
        let unknown = |what: &str| Failure::Unknown(Fault::new(format!("{name}: {what}")));
        let mut response = request.send().await.map_err(|error| {
            unknown(if error.is_timeout() {
                "the vendor did not answer in time; it may have done it"
            } else if error.is_connect() {
                "no connection to the vendor: check the function's network and the vendor's certificate"
            } else {
                "the connection to the vendor broke; it may have done it"
            })
        })?;
        let status = response.status().as_u16();
        if !call.expect.contains(&status) {
            let fault = Fault::new(format!(
                "{name}: the vendor answered {status}, expected {:?}{}",
                call.expect,
                hint(status)
            ));
            let is_refusal = (400..500).contains(&status) && ![408, 425, 429].contains(&status);
            return Err(if is_refusal { Failure::Refused(fault) } else { Failure::Unknown(fault) });
        }
        let mut bytes = Zeroizing::new(Vec::new());
        loop {
            match response.chunk().await {
                Ok(Some(chunk)) if bytes.len() + chunk.len() <= MAX_ANSWER => bytes.extend(chunk),
                Ok(Some(_)) => return Err(unknown("the vendor's answer is too long")),
                Ok(None) => break,
                Err(_) => return Err(unknown("the vendor's answer broke off")),
            }
        }
        let answer = Answer(serde_json::from_slice(&bytes).unwrap_or_default());
        for (pointer, expected) in &call.equals {
            let expected = expected.render(values, false).map_err(|fault| fault.during(name))?;
            let is_equal = answer
                .text(pointer)
                .is_some_and(|found| found.expose_secret() == expected.expose_secret());
            if !is_equal {
                return Err(Failure::Refused(Fault::new(format!(
                    "{name}: the vendor answered {status}, but {pointer} is not as expected"
                ))));
            }
        }
        Ok(answer)
    }

    fn request(&self, call: &Call, values: &Values<'_>) -> Result<RequestBuilder, Fault> {
        let address = call.url.render(values, true)?;
        let method = match call.method {
            Method::Get => http::Method::GET,
            Method::Post => http::Method::POST,
            Method::Put => http::Method::PUT,
            Method::Patch => http::Method::PATCH,
            Method::Delete => http::Method::DELETE,
        };
        let mut request = self.0.request(method, address.expose_secret());
        for (name, template) in &call.headers {
            let text = template.render(values, false)?;
            let fault =
                |_| Fault::new(format!("the header {name} has characters that none may have"));
            let header = HeaderName::try_from(name)
                .map_err(|_| Fault::new(format!("{name} is not the name of a header")))?;
            let mut value = HeaderValue::try_from(text.expose_secret()).map_err(fault)?;
            value.set_sensitive(true);
            request = request.header(header, value);
        }
        if let Some((user, password)) = &call.basic {
            let (user, password) = (user.render(values, false)?, password.render(values, false)?);
            request = request.basic_auth(user.expose_secret(), Some(password.expose_secret()));
        }
        if let Some(body) = &call.json {
            request = request.json(&filled(body, values)?);
        }
        if let Some(form) = &call.form {
            let rendered: Vec<(&String, SecretString)> = form
                .iter()
                .map(|(name, template)| Ok((name, template.render(values, false)?)))
                .collect::<Result<_, Fault>>()?;
            let pairs: Vec<(&str, &str)> =
                rendered.iter().map(|(name, text)| (name.as_str(), text.expose_secret())).collect();
            request = request.form(&pairs);
        }
        Ok(request)
    }
}

fn hint(status: u16) -> &'static str {
    match status {
        300..=399 => " (redirects are not followed)",
        401 | 403 => " (the credential that signs in is not accepted, or may not do this)",
        429 => " (too many requests)",
        500.. => " (the vendor has a problem; it may have done it)",
        _ => "",
    }
}

/// The body with its placeholders filled.
fn filled(body: &Value, values: &Values<'_>) -> Result<Value, Fault> {
    Ok(match body {
        Value::String(text) => {
            let template = Template::parse(text).map_err(Fault::new)?;
            Value::String(template.render(values, false)?.expose_secret().to_owned())
        }
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| filled(item, values)).collect::<Result<_, _>>()?)
        }
        Value::Object(members) => Value::Object(
            members
                .iter()
                .map(|(name, value)| Ok((name.clone(), filled(value, values)?)))
                .collect::<Result<_, Fault>>()?,
        ),
        other => other.clone(),
    })
}

/// What a vendor answered.
pub struct Answer(Value);

impl Answer {
    /// A text, number or truth value at a JSON pointer, as text; an empty text is none.
    pub fn text(&self, pointer: &str) -> Option<SecretString> {
        text_of(self.0.pointer(pointer)?)
    }

    pub fn list(&self, pointer: &str) -> Option<&[Value]> {
        self.0.pointer(pointer)?.as_array().map(Vec::as_slice)
    }
}

/// A text, number or truth value as text.
pub fn text_of(value: &Value) -> Option<SecretString> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.as_str().into()),
        Value::Number(number) => Some(number.to_string().into()),
        Value::Bool(is_true) => Some(is_true.to_string().into()),
        _ => None,
    }
}
