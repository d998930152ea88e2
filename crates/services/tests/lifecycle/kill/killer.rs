//! Another process that works for the console, and is killed at a chosen moment: before or after one of its commits, or one
//! of its calls that change something in AWS.

use claviger_testkit::simulator::{CallMoment, Watch};
use sqlx::postgres::PgConnectOptions;
use std::{
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The environment variable that holds the order of the process.
pub const ORDER: &str = "CLAVIGER_KILL_ORDER";

#[derive(Default)]
struct State {
    process: Option<Child>,
    /// How many moments there were, and at which the process ends.
    seen: usize,
    at: usize,
    is_killed: bool,
    /// The last moments, for messages.
    moments: Vec<String>,
}

/// Kills the process at one of its moments.
#[derive(Clone, Default)]
pub struct Killer(Arc<Mutex<State>>);

impl Killer {
    /// One moment; whether the process goes on.
    fn passes(&self, moment: String) -> bool {
        let mut state = self.0.lock().unwrap();
        if state.process.is_none() {
            return true;
        }
        if state.seen == state.at {
            let mut process = state.process.take().unwrap();
            process.kill().unwrap();
            process.wait().unwrap();
            state.is_killed = true;
        }
        state.seen += 1;
        state.moments.push(moment);
        !state.is_killed
    }

    /// Runs this test program again for an order, and kills it at the moment with this number, from 0. Returns the moment at
    /// which it was killed; `None` if the order was carried out before.
    pub async fn run(&self, test: &str, order: &str, at: usize) -> Option<String> {
        {
            let mut state = self.0.lock().unwrap();
            let process = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
                .env(ORDER, order)
                .stdout(Stdio::null())
                .stderr(Stdio::inherit())
                .spawn()
                .unwrap();
            *state = State { process: Some(process), at, ..State::default() };
        }
        loop {
            {
                let mut state = self.0.lock().unwrap();
                if state.is_killed {
                    return state.moments.last().cloned();
                }
                let ended = state.process.as_mut().unwrap().try_wait().unwrap();
                if let Some(ended) = ended {
                    assert!(ended.success(), "the process failed after {:?}", state.moments);
                    state.process = None;
                    return None;
                }
            }
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Watches the simulator. What only reads is no moment: nothing differs before and after it.
    pub fn watch(&self) -> Watch {
        let killer = self.clone();
        Arc::new(move |operation, moment| {
            let reads = ["Describe", "List", "Get"].iter().any(|verb| operation.starts_with(verb));
            reads || killer.passes(format!("{operation} {moment:?}"))
        })
    }

    /// A way to the database on which each commit is a moment. Returns its port.
    pub async fn commits(&self, options: &PgConnectOptions) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (killer, there) = (self.clone(), (options.get_host().to_owned(), options.get_port()));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(&there).await.unwrap();
                tokio::spawn(killer.clone().forward(client, server));
            }
        });
        port
    }

    async fn forward(self, mut client: TcpStream, mut server: TcpStream) {
        let (mut sent, mut received) = (vec![0; 65_536], vec![0; 65_536]);
        let mut is_committing = false;
        loop {
            tokio::select! {
                read = client.read(&mut sent) => {
                    let Ok(count @ 1..) = read else { return };
                    let commits = sent[..count].windows(7).any(|bytes| bytes == b"COMMIT\0");
                    if commits && !self.passes("COMMIT Received".into()) {
                        return;
                    }
                    is_committing |= commits;
                    if server.write_all(&sent[..count]).await.is_err() {
                        return;
                    }
                }
                read = server.read(&mut received) => {
                    let Ok(count @ 1..) = read else { return };
                    if std::mem::take(&mut is_committing)
                        && !self.passes(format!("COMMIT {:?}", CallMoment::Done))
                    {
                        return;
                    }
                    if client.write_all(&received[..count]).await.is_err() {
                        return;
                    }
                }
            }
        }
    }
}
