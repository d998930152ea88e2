//! A pass-through to an emulator that notes which operations its clients name.

use std::sync::{Arc, Mutex, PoisonError};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};

/// The header of AWS's JSON protocols with the operation.
const HEADER: &[u8] = b"x-amz-target: ";

/// Passes everything on unchanged, so that signatures stay valid.
#[derive(Debug, Clone)]
pub struct RecordingProxy {
    /// Where clients find it.
    pub url: String,
    seen: Arc<Mutex<Vec<String>>>,
    held: Arc<Mutex<Option<(String, HeldRequest)>>>,
}

/// A request that waits in the proxy.
#[derive(Debug, Clone)]
pub struct HeldRequest {
    came: Arc<Semaphore>,
    goes_on: Arc<Semaphore>,
}

impl HeldRequest {
    /// Waits until the request has come.
    pub async fn came(&self) {
        self.came.acquire().await.expect("it stays open").forget();
    }

    /// Lets it go on to the emulator.
    pub fn release(&self) {
        self.goes_on.add_permits(1);
    }
}

impl RecordingProxy {
    /// Holds the next request whose operation ends like this.
    pub fn hold_next(&self, operation: &str) -> HeldRequest {
        let request =
            HeldRequest { came: Arc::new(Semaphore::new(0)), goes_on: Arc::new(Semaphore::new(0)) };
        let held = (operation.to_owned(), request.clone());
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held);
        request
    }

    /// What holds a request of this operation.
    fn holding(&self, operation: &str) -> Option<HeldRequest> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, request) = held.take_if(|(wanted, _)| operation.ends_with(wanted.as_str()))?;
        Some(request)
    }

    /// Listens on a port of its own until the test's runtime ends.
    pub async fn before(emulator: &str) -> Self {
        let to = emulator.trim_start_matches("http://").trim_end_matches('/').to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("a bound port"));
        let proxy = Self { url, seen: Arc::default(), held: Arc::default() };
        let passing = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(pass(client, to.clone(), passing.clone()));
            }
        });
        proxy
    }

    /// The operations so far, such as `secretsmanager.DescribeSecret`, in the order of their requests.
    pub fn operations(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn pass(client: TcpStream, to: String, proxy: RecordingProxy) {
    let Ok(server) = TcpStream::connect(to).await else { return };
    let (mut requests, mut answers) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let back = tokio::spawn(async move { tokio::io::copy(&mut from_server, &mut answers).await });
    let (mut buffer, mut unread) = ([0; 16 * 1024], Vec::new());
    while let Ok(count @ 1..) = requests.read(&mut buffer).await {
        let Some(part) = buffer.get(..count) else { break };
        unread.extend_from_slice(part);
        for operation in named(&mut unread) {
            let holding = proxy.holding(&operation);
            proxy.seen.lock().unwrap_or_else(PoisonError::into_inner).push(operation);
            if let Some(request) = holding {
                request.came.add_permits(1);
                request.goes_on.acquire().await.expect("it stays open").forget();
            }
        }
        if to_server.write_all(part).await.is_err() {
            break;
        }
    }
    drop(to_server);
    let _ = back.await;
}

/// Takes the complete headers off what was read; the rest stays for the next part.
fn named(unread: &mut Vec<u8>) -> Vec<String> {
    let mut found = Vec::new();
    while let Some(at) =
        unread.windows(HEADER.len()).position(|part| part.eq_ignore_ascii_case(HEADER))
    {
        let start = at + HEADER.len();
        let Some(length) = unread.iter().skip(start).position(|byte| *byte == b'\r') else {
            unread.drain(..at);
            return found;
        };
        let name: Vec<u8> = unread.drain(..start + length).skip(start).collect();
        found.push(String::from_utf8_lossy(&name).into_owned());
    }
    // A header may be cut where a part ends.
    unread.drain(..unread.len().saturating_sub(HEADER.len()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_is_found_wherever_its_request_is_cut() {
        let request = b"POST / HTTP/1.1\r\nX-Amz-Target: a.B\r\nhost: x\r\n\r\n{}".repeat(2);
        for size in 1..request.len() {
            let (mut unread, mut found) = (Vec::new(), Vec::new());
            for part in request.chunks(size) {
                unread.extend_from_slice(part);
                found.extend(named(&mut unread));
            }
            assert_eq!(found, ["a.B", "a.B"], "{size}");
        }
    }
}
