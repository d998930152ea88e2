//! A load balancer like those in front of replicas: it sends a connection to a replica whose `/readyz` responds with 200.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::net::{TcpListener, TcpStream};

/// How often each replica is asked whether it is ready.
const PROBE: Duration = Duration::from_millis(200);

/// On loopback until dropped.
pub struct Balancer {
    pub address: String,
    targets: Arc<Vec<Target>>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

struct Target {
    address: String,
    is_ready: Mutex<bool>,
}

impl Drop for Balancer {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

impl Balancer {
    /// Over replicas at these addresses, which need not listen yet.
    pub async fn over(addresses: &[String]) -> Self {
        let targets: Arc<Vec<Target>> = Arc::new(
            addresses
                .iter()
                .map(|address| Target { address: address.clone(), is_ready: Mutex::new(false) })
                .collect(),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let probes = tokio::spawn(probe(Arc::clone(&targets)));
        let accepting = tokio::spawn(accept(listener, Arc::clone(&targets)));
        Self { address, targets, tasks: vec![probes, accepting] }
    }

    /// Whether the replica gets connections.
    pub fn uses(&self, target: usize) -> bool {
        *self.targets[target].is_ready.lock().unwrap()
    }
}

async fn probe(targets: Arc<Vec<Target>>) {
    let http = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .timeout(Duration::from_secs(2))
        .build()
        .unwrap();
    loop {
        for target in targets.iter() {
            let asked = http.get(format!("http://{}/readyz", target.address)).send().await;
            let is_ready = asked.is_ok_and(|answer| answer.status().is_success());
            *target.is_ready.lock().unwrap() = is_ready;
        }
        tokio::time::sleep(PROBE).await;
    }
}

async fn accept(listener: TcpListener, targets: Arc<Vec<Target>>) {
    let next = AtomicUsize::new(0);
    loop {
        let Ok((mut client, _)) = listener.accept().await else { return };
        let ready: Vec<&Target> =
            targets.iter().filter(|target| *target.is_ready.lock().unwrap()).collect();
        let first = next.fetch_add(1, Ordering::Relaxed);
        // Without a ready replica the client's connection is closed, which the test counts as a failed request.
        let order: Vec<String> =
            (0..ready.len()).map(|n| ready[(first + n) % ready.len()].address.clone()).collect();
        tokio::spawn(async move {
            // Another one, where the first no longer listens since it was last asked: nothing was sent to it.
            for target in order {
                if let Ok(mut replica) = TcpStream::connect(&target).await {
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut replica).await;
                    return;
                }
            }
        });
    }
}
