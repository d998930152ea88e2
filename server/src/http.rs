//! Serves HTTP like axum's server, with limits on how long a connection may take.

mod pace;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, Request},
};
use claviger_domain::error_line::ErrorLine;
use futures::FutureExt;
use hyper::server::conn::http1::Builder;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use pace::{Expired, Pace, Paced};
use std::{io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tower::ServiceExt;

/// The maximum time for the header of a request, from its first byte; of a new connection, from its start.
const HEAD: Duration = Duration::from_secs(10);
/// After an error that affects more than one connection, such as too many open files.
const PAUSE: Duration = Duration::from_millis(500);

/// Serves until `shutdown` resolves, then lets open requests end. A connection that is idle for `keep_alive` after a request
/// is closed.
pub(crate) async fn serve(
    listener: TcpListener,
    app: Router,
    keep_alive: Duration,
    shutdown: impl Future<Output = ()> + Send,
) {
    let builder = Builder::new();
    // Each connection holds a receiver, so that we know when the last one has ended.
    let (close, closing) = watch::channel(());
    let open = |stream: TcpStream, address| {
        // Small responses must not wait for the acknowledgment of previous ones.
        let _ = stream.set_nodelay(true);
        let pace = Pace::new(HEAD, keep_alive);
        let service = with_address(app.clone(), address, Arc::clone(&pace));
        let stream = TokioIo::new(Paced { stream, pace: Arc::clone(&pace) });
        let connection = builder.serve_connection(stream, TowerToHyperService::new(service));
        let mut closing = closing.clone();
        tokio::spawn(async move {
            let mut connection = std::pin::pin!(connection);
            let mut is_ending = false;
            let ended = loop {
                tokio::select! {
                    biased;
                    ended = connection.as_mut() => break ended,
                    expired = pace.expired() => match expired {
                        Expired::Idle if !is_ending => {}
                        Expired::Idle | Expired::Head => return,
                    },
                    _ = closing.changed(), if !is_ending => {}
                }
                connection.as_mut().graceful_shutdown();
                is_ending = true;
            };
            // A client that disconnects, or is too slow, is not our error.
            if let Err(error) = ended {
                tracing::debug!(error = %ErrorLine(&error), "a connection ended");
            }
        });
    };
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, address)) => open(stream, address),
                Err(error) => pause_after(&error).await,
            },
            () = &mut shutdown => break,
        }
    }
    // The kernel has accepted these already: closing the listener would reset them, with the requests that were sent.
    while let Some(Ok((stream, address))) = listener.accept().now_or_never() {
        open(stream, address);
    }
    drop((listener, closing));
    let _ = close.send(());
    close.closed().await;
}

/// The router, with the client's address; it tells the connection's pace when a request begins and its answer ends.
fn with_address(
    app: Router,
    address: SocketAddr,
    pace: Arc<Pace>,
) -> impl tower::Service<
    Request<hyper::body::Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future = impl Send,
> + Clone
+ Send
+ 'static {
    tower::service_fn(move |request: Request<hyper::body::Incoming>| {
        let answering = pace.request();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        let answer = app.clone().oneshot(request);
        async move { Ok(answer.await?.map(|body| answering.until_sent(body))) }
    })
}

async fn pause_after(error: &io::Error) {
    let is_ones_own = matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    );
    if !is_ones_own {
        tracing::error!(error = %ErrorLine(&error), "connections cannot be accepted");
        tokio::time::sleep(PAUSE).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        sync::oneshot,
        time::timeout,
    };

    /// Shorter than the one of a head, so that a test tells them apart.
    const KEEP_ALIVE: Duration = Duration::from_secs(3);

    async fn started() -> (SocketAddr, oneshot::Sender<()>, tokio::task::JoinHandle<()>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let app =
            Router::new()
                .route(
                    "/",
                    get(|ConnectInfo(from): ConnectInfo<SocketAddr>| async move {
                        from.ip().to_string()
                    }),
                )
                .route(
                    "/slow",
                    get(|| async {
                        tokio::time::sleep(Duration::from_millis(500)).await;
                        "done"
                    }),
                );
        let (end, shutdown) = oneshot::channel::<()>();
        let serving =
            tokio::spawn(serve(listener, app, KEEP_ALIVE, async move { drop(shutdown.await) }));
        (address, end, serving)
    }

    async fn answer(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        stream.read_to_string(&mut text).await.unwrap();
        text
    }

    #[tokio::test]
    async fn a_request_is_answered_and_knows_where_it_came_from() {
        let (address, _end, _serving) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        assert!(answer(&mut stream).await.ends_with("127.0.0.1"));
    }

    #[tokio::test]
    async fn a_head_that_does_not_come_ends_the_connection() {
        let (address, _end, _serving) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n").await.unwrap();
        // Sending a header now and then does not help: the whole head has one timeout.
        let drip = async {
            let mut buffer = [0; 1024];
            loop {
                match timeout(Duration::from_secs(2), stream.read(&mut buffer)).await {
                    Ok(Ok(0) | Err(_)) => return,
                    Ok(Ok(_)) => {}
                    Err(_) => {
                        if stream.write_all(b"x-a: b\r\n").await.is_err() {
                            return;
                        }
                    }
                }
            }
        };
        timeout(HEAD + Duration::from_secs(5), drip).await.expect("it ends by itself");
    }

    #[tokio::test]
    async fn a_connection_that_says_nothing_ends() {
        let (address, _end, _serving) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let ended = timeout(HEAD + Duration::from_secs(5), stream.read(&mut [0; 64])).await;
        assert!(matches!(ended, Ok(Ok(_) | Err(_))), "it ends by itself");
    }

    #[tokio::test]
    async fn an_idle_connection_ends_after_its_time_and_serves_until_then() {
        let (address, _end, _serving) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        let began = std::time::Instant::now();
        for _ in 0..3 {
            stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
            let read = timeout(Duration::from_secs(1), stream.read(&mut [0; 1024])).await;
            assert!(read.unwrap().unwrap() > 0);
            tokio::time::sleep(KEEP_ALIVE / 2).await;
        }
        assert!(began.elapsed() > KEEP_ALIVE, "the time counts from the last answer");
        let ended = timeout(KEEP_ALIVE, answer(&mut stream)).await;
        assert_eq!(ended.expect("it ends by itself"), "");
    }

    #[tokio::test]
    async fn a_later_head_has_its_own_time() {
        let (address, _end, _serving) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET").await.unwrap();
        assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
        // The head has begun: it is not the idle time that ends it.
        stream.write_all(b" /slow HTTP/1.1\r\n").await.unwrap();
        tokio::time::sleep(KEEP_ALIVE + Duration::from_secs(1)).await;
        stream.write_all(b"host: x\r\nconnection: close\r\n\r\n").await.unwrap();
        assert!(answer(&mut stream).await.ends_with("done"));
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
        stream.write_all(b"GET / HTTP/1.1\r\n").await.unwrap();
        let ended = timeout(HEAD + Duration::from_secs(5), answer(&mut stream)).await;
        assert_eq!(ended.expect("a head that does not come ends it"), "");
    }

    #[tokio::test]
    async fn open_requests_end_before_the_server_does() {
        let (address, end, serving) = started().await;
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        tokio::time::sleep(Duration::from_millis(100)).await;
        end.send(()).unwrap();
        assert!(answer(&mut stream).await.ends_with("done"));
        timeout(Duration::from_secs(5), serving).await.unwrap().unwrap();
    }
}
