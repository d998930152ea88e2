//! `clv` with a console and an identity provider whose certificate is of a private authority.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{self, Command, Output},
    sync::Arc,
    thread,
};

const ME: &str = r#"{"name":"Ben Ito","email":null,"roles":["requester"],"may_sweep":false,"may_request":true,
    "may_read_access":false,"may_review":false,"may_audit":false,"may_read_deliveries":false,"access":{"live":0,"to_decide":0,"reviews":0,"unread":0},
    "as_of_entry":"1","resources":1,"failures":0,"accounts":1,"accounts_failing":0,"no_role":null}"#;

/// A console and an identity provider in one, and a folder with `ca.pem`, the authority of its certificate.
struct Fixture {
    url: String,
    folder: PathBuf,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("openssl, which makes the test's certificates: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

impl Fixture {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("clv-private-ca-{}-{name}", process::id()));
        fs::create_dir_all(folder.join("home")).unwrap();
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
        openssl(
            &folder,
            &format!("req -x509 {key} -keyout ca.key -out ca.pem -subj /CN=Test-Authority -days 2"),
        );
        openssl(&folder, &format!("req -new {key} -keyout server.key -out server.csr -subj /CN=s"));
        fs::write(folder.join("hosts.cnf"), "subjectAltName=DNS:localhost\n").unwrap();
        openssl(
            &folder,
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile hosts.cnf -out server.pem",
        );
        let certificate = CertificateDer::from_pem_file(folder.join("server.pem")).unwrap();
        let key = PrivateKeyDer::from_pem_file(folder.join("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate], key)
            .unwrap();
        let server = Arc::new(server);
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
        let at = url.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (server, at) = (Arc::clone(&server), at.clone());
                thread::spawn(move || drop(answer(stream.unwrap(), server, &at)));
            }
        });
        Self { url, folder }
    }

    fn clv(&self, arguments: &[&str], bundle: Option<&str>) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clv"));
        command.args(arguments).env_clear().env("CLV_HOME", self.folder.join("home"));
        command.current_dir(&self.folder);
        if let Some(bundle) = bundle {
            command.env("CLV_CA_BUNDLE", bundle);
        }
        command.output().unwrap()
    }
}

/// Answers one request, and ends the connection.
fn answer(stream: TcpStream, server: Arc<ServerConfig>, url: &str) -> std::io::Result<()> {
    let connection = ServerConnection::new(server).map_err(std::io::Error::other)?;
    let mut reader = BufReader::new(StreamOwned::new(connection, stream));
    let (mut first, mut length) = (String::new(), 0);
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().unwrap();
        }
    }
    reader.read_exact(&mut vec![0; length])?;
    let body = match first.split(' ').nth(1).unwrap_or_default() {
        "/v1/client" => {
            format!(r#"{{"issuer":"{url}","client_id":"clv","scopes":["profile"]}}"#)
        }
        "/.well-known/openid-configuration" => format!(
            r#"{{"issuer":"{url}","device_authorization_endpoint":"{url}/device","token_endpoint":"{url}/token"}}"#
        ),
        "/device" => format!(
            r#"{{"device_code":"d","user_code":"ABCD","verification_uri":"{url}/go","expires_in":60,"interval":0}}"#
        ),
        "/token" => r#"{"id_token":"x.y.z"}"#.to_owned(),
        "/v1/me" => ME.to_owned(),
        other => panic!("an unexpected request: {other}"),
    };
    let length = body.len();
    let stream = reader.get_mut();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )?;
    stream.conn.send_close_notify();
    stream.flush()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_bundle_of_the_sign_in_is_trusted_by_later_commands() {
    let fixture = Fixture::new("stored");
    let without = fixture.clv(&["login", &fixture.url], None);
    assert_eq!(without.status.code(), Some(8), "{}", said(&without));
    assert!(said(&without).contains("UnknownIssuer"), "{}", said(&without));

    // Relative to the folder of this command only.
    let login = fixture.clv(&["login", &fixture.url, "--ca-bundle", "ca.pem"], None);
    assert!(login.status.success(), "{}", said(&login));
    let mut elsewhere = Command::new(env!("CARGO_BIN_EXE_clv"));
    elsewhere.arg("whoami").env_clear().env("CLV_HOME", fixture.folder.join("home"));
    let later = elsewhere.current_dir("/").output().unwrap();
    assert!(later.status.success(), "{}", said(&later));
    assert!(String::from_utf8_lossy(&later.stdout).contains("Ben Ito"));

    // The variable takes precedence over what is stored, and the option over the variable.
    openssl(
        &fixture.folder,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout b.key -out b.pem -subj /CN=B -days 2",
    );
    let other = fixture.clv(&["whoami"], Some("b.pem"));
    assert_eq!(other.status.code(), Some(8), "{}", said(&other));
    let login = fixture.clv(&["login", &fixture.url, "--ca-bundle", "ca.pem"], Some("b.pem"));
    assert!(login.status.success(), "{}", said(&login));
}

#[test]
fn a_bundle_that_cannot_be_used_is_named() {
    let fixture = Fixture::new("broken");
    fs::write(fixture.folder.join("empty.pem"), "").unwrap();
    for (file, code, says) in [("empty.pem", 2, "no certificate"), ("none.pem", 1, "No such file")]
    {
        let refused = fixture.clv(&["login", &fixture.url], Some(file));
        assert_eq!(refused.status.code(), Some(code), "{}", said(&refused));
        let said = said(&refused);
        assert!(said.contains(file) && said.contains(says), "{said}");
    }
}
