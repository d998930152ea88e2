//! Servers with certificates of a private authority, directly and behind a proxy.

use crate::{check, folder, settings};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
    thread,
};

type Tls = StreamOwned<ServerConnection, TcpStream>;

/// What a client does once it trusts the certificate.
#[derive(Clone, Copy)]
enum Speaks {
    Http,
    Smtp,
    Postgres,
}

/// Makes an authority in the folder, and a certificate of it for these servers.
struct Authority {
    bundle: String,
    server: Arc<ServerConfig>,
}

const HOSTS: &str =
    "subjectAltName=DNS:localhost,DNS:id.test,DNS:hooks.test,DNS:*.us-east-1.amazonaws.com\n";

fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl")
        .args(arguments.split(' '))
        .current_dir(folder)
        .output()
        .unwrap_or_else(|error| panic!("openssl, which makes the test's certificates: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn authority(folder: &Path) -> Authority {
    const KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    // Another key has another name: a verifier takes the first authority of the issuer's name.
    let name = folder.file_name().unwrap().to_string_lossy();
    openssl(
        folder,
        &format!("req -x509 {KEY} -keyout ca.key -out ca.pem -subj /CN={name} -days 2"),
    );
    openssl(folder, &format!("req -new {KEY} -keyout server.key -out server.csr -subj /CN=server"));
    fs::write(folder.join("hosts.cnf"), HOSTS).unwrap();
    openssl(
        folder,
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
    Authority {
        bundle: folder.join("ca.pem").to_str().unwrap().to_owned(),
        server: Arc::new(server),
    }
}

impl Authority {
    /// A server on a free port.
    fn serve(&self, speaks: Speaks) -> u16 {
        let server = Arc::clone(&self.server);
        each_connection(move |stream| {
            let _ = answer(stream, &server, speaks);
        })
    }

    /// An HTTP proxy that answers in place of every server, and the names that clients asked it for.
    fn proxy(&self) -> (u16, Arc<Mutex<Vec<String>>>) {
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (server, noted) = (Arc::clone(&self.server), Arc::clone(&asked));
        let port = each_connection(move |mut stream| {
            let Some(head) = head(&mut stream) else { return };
            let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let is_tunnel = head.starts_with("CONNECT ");
            noted.lock().unwrap().push(target);
            if is_tunnel && stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").is_ok() {
                let _ = answer(stream, &server, Speaks::Http);
            }
        });
        (port, asked)
    }
}

fn each_connection(with: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let with = Arc::new(with);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let with = Arc::clone(&with);
            thread::spawn(move || with(stream));
        }
    });
    port
}

fn answer(
    mut stream: TcpStream,
    server: &Arc<ServerConfig>,
    speaks: Speaks,
) -> std::io::Result<()> {
    if matches!(speaks, Speaks::Postgres) {
        stream.read_exact(&mut [0; 8])?;
        stream.write_all(b"S")?;
    }
    let connection = ServerConnection::new(Arc::clone(server)).map_err(std::io::Error::other)?;
    let mut tls = StreamOwned::new(connection, stream);
    match speaks {
        Speaks::Http => while http(&mut tls)? {},
        Speaks::Smtp => smtp(tls)?,
        Speaks::Postgres => {
            tls.read_exact(&mut [0; 8])?;
            let fields = b"SFATAL\0VFATAL\0C3D000\0Mtrusted\0\0";
            tls.write_all(b"E\0\0\0")?;
            tls.write_all(&[u8::try_from(fields.len() + 4).unwrap()])?;
            tls.write_all(fields)?;
        }
    }
    Ok(())
}

/// Up to the empty line.
fn head(stream: &mut impl Read) -> Option<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).ok()?;
        head.push(byte[0]);
    }
    String::from_utf8(head).ok()
}

/// An identity provider, a webhook and AWS in one. False at the end of the connection.
fn http(tls: &mut Tls) -> std::io::Result<bool> {
    let Some(head) = head(tls) else { return Ok(false) };
    let header = |name: &str| {
        let line = head.lines().find(|line| line.to_lowercase().starts_with(&format!("{name}:")));
        line.and_then(|line| line.split_once(':')).map(|(_, value)| value.trim().to_owned())
    };
    let length = header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    tls.read_exact(&mut body)?;
    let body = String::from_utf8_lossy(&body).into_owned();
    let host = header("host").unwrap_or_default();
    let url = format!("https://{host}");
    let (status, answer) = if head.starts_with("GET /.well-known/openid-configuration ") {
        let metadata = format!(
            r#"{{"issuer":"{url}","authorization_endpoint":"{url}/a","token_endpoint":"{url}/t","jwks_uri":"{url}/keys"}}"#
        );
        ("200 OK", metadata)
    } else if head.starts_with("GET /keys ") {
        ("200 OK", r#"{"keys":[{"kty":"OKP"}]}"#.to_owned())
    } else if body.contains("Action=GetCallerIdentity") {
        let identity = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
            <Arn>arn:aws:iam::111122223333:user/hub</Arn><UserId>A</UserId><Account>111122223333</Account>\
            </GetCallerIdentityResult></GetCallerIdentityResponse>";
        ("200 OK", identity.to_owned())
    } else if head.starts_with("HEAD ") {
        ("204 No Content", String::new())
    } else {
        ("400 Bad Request", r#"{"__type":"AccessDeniedException","Message":"no"}"#.to_owned())
    };
    write!(tls, "HTTP/1.1 {status}\r\ncontent-length: {}\r\n\r\n{answer}", answer.len())?;
    tls.flush()?;
    Ok(true)
}

fn smtp(mut tls: Tls) -> std::io::Result<()> {
    tls.write_all(b"220 test\r\n")?;
    let mut lines = BufReader::new(tls);
    let mut line = String::new();
    while lines.read_line(&mut line)? > 0 {
        let answer: &[u8] = if line.starts_with("QUIT") { b"221 bye\r\n" } else { b"250 fine\r\n" };
        lines.get_mut().write_all(answer)?;
        line.clear();
    }
    Ok(())
}

#[tokio::test]
async fn every_client_trusts_the_bundle_and_none_trusts_the_authority_without_it() {
    let folder = folder("private-authority");
    let authority = authority(&folder);
    let web = authority.serve(Speaks::Http);
    let (mail, database) = (authority.serve(Speaks::Smtp), authority.serve(Speaks::Postgres));
    let mut all = settings(&folder);
    all.insert("CLAVIGER_OIDC_ISSUER", format!("https://localhost:{web}"));
    all.insert("CLAVIGER_WEBHOOK_URL", format!("https://localhost:{web}/hook"));
    all.insert("CLAVIGER_SMTP_URL", format!("smtps://localhost:{mail}"));
    all.insert(
        "DATABASE_URL",
        format!("postgres://c:hunter2@localhost:{database}/x?sslmode=verify-full"),
    );
    all.insert("AWS_ENDPOINT_URL", format!("https://localhost:{web}"));
    let without = check(&all).await;
    for about in ["Database:", "Identity provider:", "STS:", "Mail:", "Webhook (webhook_url):"] {
        without.is(about, "failed", "UnknownIssuer");
    }
    all.insert("CLAVIGER_CA_BUNDLE", authority.bundle);
    let with = check(&all).await;
    with.is("Database:", "failed", "trusted");
    with.is("Identity provider:", "ok", "answers");
    with.is("Identity provider's keys:", "ok", "1 at");
    with.is("STS:", "ok", "arn:aws:iam::111122223333:user/hub");
    with.is("Mail:", "ok", "no mail was sent");
    with.is("Webhook (webhook_url):", "ok", "204");
}

/// Each file has the certificates of another authority.
#[tokio::test]
async fn the_bundle_adds_to_the_root_certificates_of_the_database_url() {
    let (here, elsewhere) = (folder("bundle-and-sslrootcert"), folder("another-authority"));
    let (authority, another) = (authority(&here), authority(&elsewhere));
    let database = authority.serve(Speaks::Postgres);
    let url = |file: &str| {
        format!("postgres://c:p@localhost:{database}/x?sslmode=verify-full&sslrootcert={file}")
    };
    let mut all = settings(&here);
    all.insert("DATABASE_URL", url(&authority.bundle));
    check(&all).await.is("Database:", "failed", "trusted");
    all.insert("CLAVIGER_CA_BUNDLE", another.bundle.clone());
    check(&all).await.is("Database:", "failed", "trusted");
    all.insert("DATABASE_URL", url(&another.bundle));
    check(&all).await.is("Database:", "failed", "UnknownIssuer");
    all.insert("CLAVIGER_CA_BUNDLE", authority.bundle);
    check(&all).await.is("Database:", "failed", "trusted");
}

#[tokio::test]
async fn requests_go_through_the_proxy_that_the_environment_names() {
    let folder = folder("behind-a-proxy");
    let authority = authority(&folder);
    let (port, asked) = authority.proxy();
    let direct = authority.serve(Speaks::Http);
    let mut all = settings(&folder);
    // These names exist behind the proxy only.
    all.insert("CLAVIGER_OIDC_ISSUER", "https://id.test".to_owned());
    all.insert("CLAVIGER_WEBHOOK_URL", "https://hooks.test/secret-path".to_owned());
    all.insert("CLAVIGER_EVENT_WEBHOOK_URL", format!("https://localhost:{direct}/secret-path"));
    all.insert("CLAVIGER_EVENT_WEBHOOK_SECRET", format!("whsec_{}", "A".repeat(32)));
    all.remove("AWS_ENDPOINT_URL");
    all.insert("CLAVIGER_CA_BUNDLE", authority.bundle.clone());
    all.insert("HTTPS_PROXY", format!("http://127.0.0.1:{port}"));
    // Not for the health check either, which asks this machine.
    all.insert("HTTP_PROXY", format!("http://127.0.0.1:{port}"));
    all.insert("NO_PROXY", "localhost".to_owned());
    let answer = check(&all).await;
    answer.is("Identity provider:", "ok", "answers");
    answer.is("STS:", "ok", "arn:aws:iam::111122223333:user/hub");
    answer.is("Webhook (webhook_url):", "ok", "204");
    answer.is("Event webhook (event_webhook_url):", "ok", "204");
    let asked = asked.lock().unwrap().clone();
    for host in ["id.test:443", "hooks.test:443", "sts.us-east-1.amazonaws.com:443"] {
        assert!(asked.iter().any(|name| name == host), "{host} is not among {asked:?}");
    }
    assert!(
        !asked.iter().any(|name| name.contains("localhost") || name.contains("127.0.0.1")),
        "{asked:?}"
    );

    all.insert("HTTPS_PROXY", "socks5://claviger:hunter2@127.0.0.1:1".to_owned());
    let refused = check(&all).await;
    assert!(
        !refused.success && refused.said.contains("HTTPS_PROXY is to be a URL"),
        "{}",
        refused.said
    );
}
