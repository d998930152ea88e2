//! Passwords that expire, against a server that checks their age: PostgreSQL itself cannot check a token of RDS.

use async_trait::async_trait;
use claviger_store::{DatabaseAddress, PasswordError, PasswordSource, Store, StoreError};
use secrecy::SecretString;
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const RENEWED_EACH: Duration = Duration::from_millis(50);
/// As with RDS, a token lives for fifteen intervals.
const VALID: Duration = Duration::from_millis(750);

/// Issues `token-0`, `token-1` and so on, and knows when.
#[derive(Default)]
struct Issuer {
    issued: Mutex<Vec<Instant>>,
    is_out: AtomicBool,
}

#[async_trait]
impl PasswordSource for Issuer {
    async fn password(&self) -> Result<SecretString, PasswordError> {
        if self.is_out.load(Ordering::SeqCst) {
            return Err(PasswordError("no credentials".to_owned()));
        }
        let mut issued = self.issued.lock().unwrap();
        issued.push(Instant::now());
        Ok(format!("token-{}", issued.len() - 1).into())
    }
}

impl Issuer {
    fn is_valid(&self, token: &str) -> bool {
        let number: Option<usize> = token.strip_prefix("token-").and_then(|it| it.parse().ok());
        let issued = self.issued.lock().unwrap();
        number.and_then(|number| issued.get(number)).is_some_and(|at| at.elapsed() < VALID)
    }
}

/// Speaks as much of PostgreSQL's protocol as a pool needs, and asks for a password in clear text, as RDS does.
async fn server(issuer: Arc<Issuer>) -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let offered = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&offered);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // It ends when the client does.
            tokio::spawn(session(stream, Arc::clone(&issuer), Arc::clone(&noted)));
        }
    });
    (port, offered)
}

async fn body(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let length = usize::try_from(stream.read_i32().await.ok()?).ok()?;
    let mut body = vec![0; length - 4];
    stream.read_exact(&mut body).await.ok()?;
    Some(body)
}

async fn session(
    mut stream: TcpStream,
    issuer: Arc<Issuer>,
    offered: Arc<Mutex<Vec<String>>>,
) -> Option<()> {
    const READY: &[u8] = b"Z\0\0\0\x05I";
    body(&mut stream).await?;
    stream.write_all(b"R\0\0\0\x08\0\0\0\x03").await.ok()?;
    assert_eq!(stream.read_u8().await.ok()?, b'p');
    let password = String::from_utf8(body(&mut stream).await?).unwrap();
    let password = password.trim_end_matches('\0').to_owned();
    let is_valid = issuer.is_valid(&password);
    offered.lock().unwrap().push(password);
    if !is_valid {
        let fields = b"SFATAL\0VFATAL\0C28000\0MPAM authentication failed\0\0";
        let mut refusal = b"E".to_vec();
        refusal.extend(i32::try_from(fields.len() + 4).unwrap().to_be_bytes());
        refusal.extend(fields);
        stream.write_all(&refusal).await.ok()?;
        return None;
    }
    stream.write_all(b"R\0\0\0\x08\0\0\0\0").await.ok()?;
    stream.write_all(READY).await.ok()?;
    loop {
        match stream.read_u8().await.ok()? {
            b'X' => return None,
            b'Q' => stream.write_all(b"C\0\0\0\x0aBEGIN\0C\0\0\0\x0dROLLBACK\0").await.ok()?,
            _ => {}
        }
        body(&mut stream).await?;
        stream.write_all(READY).await.ok()?;
    }
}

async fn address(issuer: &Arc<Issuer>) -> (DatabaseAddress, Arc<Mutex<Vec<String>>>) {
    let (port, offered) = server(Arc::clone(issuer)).await;
    let url = format!("postgres://console@127.0.0.1:{port}/claviger?sslmode=disable");
    let passwords: Arc<dyn PasswordSource> = issuer.clone();
    let address: DatabaseAddress = url.parse().unwrap();
    (address.with_passwords(passwords).renewed_each(RENEWED_EACH), offered)
}

#[tokio::test]
async fn a_pool_connects_with_fresh_passwords_long_after_the_first_has_expired() {
    let issuer = Arc::new(Issuer::default());
    let (address, offered) = address(&issuer).await;
    let store = Store::connect_to(&address, 2).await.unwrap();
    let began = Instant::now();
    let opened = AtomicUsize::new(0);
    // Connections of a listener and of the pool alike, for four lives of a token.
    while began.elapsed() < VALID * 4 {
        let connection = store.pool().acquire().await.unwrap();
        connection.close().await.unwrap();
        opened.fetch_add(1, Ordering::SeqCst);
        tokio::time::sleep(RENEWED_EACH * 2).await;
    }
    let mut offered = offered.lock().unwrap().clone();
    offered.dedup();
    assert!(opened.load(Ordering::SeqCst) >= 10 && offered.len() >= 10, "{offered:?}");
}

#[tokio::test]
async fn without_credentials_the_last_password_is_offered_until_there_are_new_ones() {
    let issuer = Arc::new(Issuer::default());
    issuer.is_out.store(true, Ordering::SeqCst);
    let (address, offered) = address(&issuer).await;
    let refused = Store::connect_to(&address, 1).await;
    assert!(matches!(&refused, Err(StoreError::Password(why)) if why == "no credentials"));
    assert!(offered.lock().unwrap().is_empty(), "nothing is sent without a password");

    issuer.is_out.store(false, Ordering::SeqCst);
    let store = Store::connect_to(&address, 1).await.unwrap();
    issuer.is_out.store(true, Ordering::SeqCst);
    store.pool().acquire().await.unwrap().close().await.unwrap();
    tokio::time::sleep(VALID + RENEWED_EACH).await;
    let expired = store.pool().acquire().await.map(drop).unwrap_err().to_string();
    assert!(expired.contains("PAM authentication failed"), "{expired}");

    issuer.is_out.store(false, Ordering::SeqCst);
    tokio::time::sleep(RENEWED_EACH * 3).await;
    store.pool().acquire().await.unwrap();
}

#[test]
fn an_address_shows_no_password() {
    let address: DatabaseAddress = "postgres://c:hunter2@127.0.0.1/x".parse().unwrap();
    assert!(!format!("{address:?}").contains("hunter2"));
    for wrong in
        ["not-a-url", "mysql://c:hunter2@127.0.0.1/x", "postgres://c:hunter2@127.0.0.1:port/x"]
    {
        let fault = wrong.parse::<DatabaseAddress>().unwrap_err().to_string();
        assert!(!fault.contains("hunter2"), "{fault}");
    }
}
