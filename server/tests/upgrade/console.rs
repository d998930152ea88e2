//! The built server over a database, and people and programs that call it over HTTP.

use crate::{
    dump,
    idp::{self, TestIdp, Token},
};
use claviger_testkit::{test_folder, write_site};
use reqwest::{Client, Method, RequestBuilder, StatusCode, header, redirect::Policy};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    time::{Duration, Instant},
};

/// Killed when dropped.
pub struct Served {
    process: Child,
    pub url: String,
    log: PathBuf,
    http: Client,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The environment of the server.
pub struct Around<'a> {
    /// Only for this test.
    pub folder: &'a str,
    pub database: &'a str,
    pub issuer: &'a str,
    pub aws: &'a str,
}

impl Around<'_> {
    /// The release's configuration with these additions, as a file.
    pub fn configuration(&self, address: &str) -> PathBuf {
        let folder = test_folder!(self.folder);
        write_site(&folder);
        let text = fs::read_to_string(dump::file(".toml"))
            .unwrap()
            .replace("{database}", self.database)
            .replace("{address}", address)
            .replace("{issuer}", self.issuer)
            .replace("{site}", folder.to_str().unwrap())
            // In 0.1.0 relative paths counted from the working directory.
            .replace(
                "\"tests/upgrade/",
                concat!("\"", env!("CARGO_MANIFEST_DIR"), "/tests/upgrade/"),
            );
        let file = folder.join("claviger.toml");
        fs::write(&file, text).unwrap();
        file
    }

    /// The built server, with nothing of our own environment.
    pub fn command(&self, address: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_claviger"));
        command
            .env_clear()
            .args(["--file", self.configuration(address).to_str().unwrap()])
            .env("AWS_ENDPOINT_URL", self.aws)
            .env("AWS_ACCESS_KEY_ID", "AKIAHUB")
            .env("AWS_SECRET_ACCESS_KEY", "fake")
            .env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command("127.0.0.1:0").args(arguments).output().unwrap()
    }

    pub async fn serve(&self) -> Served {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
        let mut command = self.command(&address);
        let log = test_folder!(self.folder).join("console.log");
        let process = command
            .arg("serve")
            .stdout(Stdio::null())
            .stderr(File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let served = Served { process, url: format!("http://{address}"), log, http };
        let began = Instant::now();
        loop {
            let ready = served.http.get(format!("{}/readyz", served.url)).send().await;
            if ready.is_ok_and(|answer| answer.status() == StatusCode::OK) {
                return served;
            }
            assert!(began.elapsed() < Duration::from_secs(90), "not ready: {}", served.log());
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Served {
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    pub fn ask(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.url))
    }

    /// Like `clv`: a bearer token, JSON in both directions.
    pub async fn call(&self, token: &str, method: Method, path: &str, body: Value) -> (u16, Value) {
        let answer =
            self.ask(method.clone(), path).bearer_auth(token).json(&body).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        let body = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{method} {path}: {status} {error} {text}"));
        (status, body)
    }

    /// The same, expecting success.
    pub async fn done(&self, token: &str, method: Method, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(token, method.clone(), path, body).await;
        assert_eq!(status, 200, "{method} {path}: {answer}");
        answer
    }

    /// Signs a person in, and returns the session's cookie.
    pub async fn sign_in(&self, idp: &TestIdp, subject: &str, groups: &[&str]) -> String {
        let mut cookies = BTreeMap::new();
        let asked = self.follow(&mut cookies, "/auth/login?return_to=/inventory").await;
        let asked = url::Url::parse(&asked).unwrap();
        let asked: BTreeMap<String, String> = asked.query_pairs().into_owned().collect();
        let mut token = Token::good(&idp.issuer, &asked["nonce"], idp.now());
        describe(&mut token, subject, groups);
        idp.expect(token, &asked["code_challenge"]);
        self.follow(&mut cookies, &format!("/auth/callback?code=good&state={}", asked["state"]))
            .await;
        let cookies: Vec<String> =
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        cookies.join("; ")
    }

    /// Keeps the response's cookies, and returns the redirect's target.
    async fn follow(&self, cookies: &mut BTreeMap<String, String>, path: &str) -> String {
        let sent: Vec<String> =
            cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let request = self.ask(Method::GET, path).header(header::COOKIE, sent.join("; "));
        let answer = request.send().await.unwrap();
        for cookie in answer.headers().get_all(header::SET_COOKIE) {
            let (pair, attributes) = cookie.to_str().unwrap().split_once(';').unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            if attributes.contains("Max-Age=0") {
                cookies.remove(name);
            } else {
                cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let to = answer.headers().get(header::LOCATION);
        assert!(to.is_some(), "{path}: {} {}", answer.status(), self.log());
        to.unwrap().to_str().unwrap().to_owned()
    }
}

fn describe(token: &mut Token, subject: &str, groups: &[&str]) {
    token.set_groups(groups);
    token.claims["sub"] = subject.into();
    token.claims["name"] = subject.into();
    token.claims["email"] = format!("{subject}@example.com").into();
}

/// A token like that of `clv`.
pub fn bearer(idp: &TestIdp, subject: &str, groups: &[&str]) -> String {
    idp.bearer(|token| {
        describe(token, subject, groups);
        token.claims["aud"] = idp::CLI.into();
    })
}
