//! A person of the demo's identity provider, who signs in over HTTP as a browser would.

use crate::process::ending;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::{
    thread::sleep,
    time::{Duration, Instant},
};
use ureq::Agent;

/// The pages of a device sign-in: the code is sent, then confirmed, then the person chosen.
const MOST_PAGES: usize = 6;

/// A client that keeps cookies.
fn agent() -> Agent {
    Agent::config_builder().timeout_global(Some(Duration::from_secs(20))).build().into()
}

/// Signs in to Claviger, and returns the client with the session. `name` must be on the page that follows.
pub fn sign_in(url: &str, subject: &str, name: &str) -> Result<Agent> {
    let agent = agent();
    let away = agent.get(format!("{url}/auth/login")).config().max_redirects(0).build().call()?;
    let provider = away
        .headers()
        .get("location")
        .context("no redirect to the identity provider")?
        .to_str()?
        .to_owned();
    let chooser = get(&agent, &provider)?;
    let action = attribute(&chooser, "<form", "action").context("no sign-in form")?;
    let done = post(&agent, &absolute(&provider, &action)?, &[("login", subject)])?;
    if !done.contains(name) {
        bail!("after the sign-in of {name} came another page than the inventory");
    }
    Ok(agent)
}

/// Completes the device authorization that `clv login` started, at the link that it printed.
pub fn confirm_device(link: &str, subject: &str) -> Result<()> {
    let agent = agent();
    let mut page = get(&agent, link)?;
    for _ in 0..MOST_PAGES {
        if page.contains("go back to the client") {
            return Ok(());
        }
        let action = attribute(&page, "<form", "action").context("the provider shows no form")?;
        let mut fields = hidden_fields(&page);
        if page.contains("name=\"login\"") {
            fields.push(("login".to_owned(), subject.to_owned()));
        }
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        page = post(&agent, &absolute(link, &action)?, &fields)?;
    }
    bail!("the device sign-in did not end: {page}")
}

pub fn get(agent: &Agent, url: &str) -> Result<String> {
    let mut response = agent.get(url).call().with_context(|| format!("GET {url}"))?;
    Ok(response.body_mut().read_to_string()?)
}

/// As a browser posts a form.
fn post(agent: &Agent, url: &str, form: &[(&str, &str)]) -> Result<String> {
    send(agent, url, "text/html", form)
}

/// As a page's script calls the server: the answer is JSON.
pub fn call(agent: &Agent, url: &str, form: &[(&str, &str)]) -> Result<String> {
    send(agent, url, "application/json", form)
}

/// A server function's answer.
pub fn ask(agent: &Agent, url: &str, function: &str, form: &[(&str, &str)]) -> Result<Value> {
    let text = call(agent, &format!("{url}/api/{function}"), form)?;
    serde_json::from_str(&text).with_context(|| format!("{function} answered {text}"))
}

/// Waits until no scan runs, starts one, and waits for its end. Returns its progress.
pub fn scan(agent: &Agent, url: &str, patience: Duration) -> Result<Value> {
    let began = Instant::now();
    let wait = |is_over: fn(&Value) -> bool| -> Result<Value> {
        loop {
            let progress = ask(agent, url, "sweep/progress", &[])?;
            if progress["running"] == false && is_over(&progress) {
                return Ok(progress);
            }
            if began.elapsed() > patience || ending() {
                bail!("the scan does not end: {progress}");
            }
            sleep(Duration::from_millis(200));
        }
    };
    wait(|_| true)?;
    ask(agent, url, "sweep/start", &[])?;
    wait(|progress| !progress["finished_at"].is_null())
}

fn send(agent: &Agent, url: &str, accept: &str, form: &[(&str, &str)]) -> Result<String> {
    let mut response = agent
        .post(url)
        .header("accept", accept)
        .send_form(form.iter().copied())
        .with_context(|| format!("POST {url}"))?;
    Ok(response.body_mut().read_to_string()?)
}

/// A form's action may be a path only.
fn absolute(page: &str, action: &str) -> Result<String> {
    if action.starts_with("http") {
        return Ok(action.to_owned());
    }
    let (scheme, rest) = page.split_once("://").context("not a URL")?;
    let host = rest.split('/').next().unwrap_or_default();
    Ok(format!("{scheme}://{host}{action}"))
}

/// The attribute of the first such element.
fn attribute(page: &str, element: &str, name: &str) -> Option<String> {
    let tag = page.split(element).nth(1)?.split('>').next()?;
    let value = tag.split(&format!("{name}=\"")).nth(1)?.split('"').next()?;
    Some(value.replace("&amp;", "&"))
}

fn hidden_fields(page: &str) -> Vec<(String, String)> {
    let inputs = page.split("<input").skip(1).filter_map(|rest| {
        let tag = format!("<input{}>", rest.split('>').next()?);
        if attribute(&tag, "<input", "type")? != "hidden" {
            return None;
        }
        let value = attribute(&tag, "<input", "value").unwrap_or_default();
        Some((attribute(&tag, "<input", "name")?, value))
    });
    inputs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_with_its_hidden_fields() {
        let page = r#"<form id="a" method="post" action="http://127.0.0.1:1/device?x=1&amp;y=2">
            <input type="hidden" name="xsrf" value="abc"/><input type="text" name="q" value="no">
            <input type="hidden" name="user_code" value="ABCD-EFGH"/></form>"#;
        let action = attribute(page, "<form", "action").unwrap();
        assert_eq!(action, "http://127.0.0.1:1/device?x=1&y=2");
        let fields = hidden_fields(page);
        let wanted = [("xsrf", "abc"), ("user_code", "ABCD-EFGH")];
        assert_eq!(fields, wanted.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(absolute("http://a.example:1/x/y", "/in/1").unwrap(), "http://a.example:1/in/1");
    }
}
