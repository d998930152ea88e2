//! A command whose output is read. It has no input and a process group of its own, so that nothing that it started is left
//! when it is over.

use rustix::process::{Pid, Signal, kill_process_group};
use std::{io, process::ExitStatus, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt},
    process::{Child, Command},
    time::{sleep, timeout},
};
use zeroize::Zeroizing;

/// Between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(2);
/// For output of a program that has left the group.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// What a command wrote; its memory is cleared when it is dropped.
pub(super) struct Output {
    pub(super) bytes: Zeroizing<Vec<u8>>,
    /// Of everything that it wrote.
    pub(super) total: u64,
}

pub(super) struct Finished {
    pub(super) status: ExitStatus,
    pub(super) stdout: Output,
    pub(super) stderr: Output,
    /// Why it was ended; `None` if it ended by itself.
    pub(super) stopped: Option<String>,
}

/// Ends everything in the group when it is dropped.
struct Group(Option<Pid>);

impl Group {
    fn end(&mut self, signal: Signal) {
        if let Some(id) = self.0 {
            let _ = kill_process_group(id, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.end(Signal::KILL);
    }
}

impl Output {
    fn new(capacity: usize) -> Self {
        Self { bytes: Zeroizing::new(Vec::with_capacity(capacity)), total: 0 }
    }

    /// Reads to the end, and keeps as much as there is room for.
    async fn fill(&mut self, mut from: impl AsyncRead + Unpin) {
        let mut buffer = Zeroizing::new(vec![0; 8192]);
        while let Ok(read @ 1..) = from.read(buffer.as_mut_slice()).await {
            self.total += u64::try_from(read).unwrap_or_default();
            // No further than its capacity: another allocation would leave a copy behind.
            let room = self.bytes.capacity() - self.bytes.len();
            self.bytes.extend_from_slice(&buffer[..read.min(room)]);
        }
    }
}

/// Runs the command until it ends, its time is over, or `end` resolves. Keeps so many bytes of each output.
pub(super) async fn run(
    mut command: Command,
    kept: usize,
    time: Duration,
    end: impl Future<Output = String>,
) -> io::Result<Finished> {
    let mut child = command
        .process_group(0)
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    drop(command);
    let mut group = Group(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw));
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (mut out, mut err) = (Output::new(kept), Output::new(kept));
    let (status, stopped) = {
        let reading = async {
            tokio::join!(read(&mut out, stdout), read(&mut err, stderr));
        };
        let mut reading = std::pin::pin!(reading);
        let mut ended = std::pin::pin!(ended(&mut child, &mut group, time, end));
        let mut is_read = false;
        let ended = loop {
            tokio::select! {
                () = &mut reading, if !is_read => is_read = true,
                ended = &mut ended => break ended?,
            }
        };
        if !is_read {
            let _ = timeout(LAST_OUTPUT, reading).await;
        }
        ended
    };
    Ok(Finished { status, stdout: out, stderr: err, stopped })
}

async fn read(output: &mut Output, pipe: Option<impl AsyncRead + Unpin>) {
    if let Some(pipe) = pipe {
        output.fill(pipe).await;
    }
}

/// Its exit status, and why it was ended. Nothing of its group is left then.
async fn ended(
    child: &mut Child,
    group: &mut Group,
    time: Duration,
    end: impl Future<Output = String>,
) -> io::Result<(ExitStatus, Option<String>)> {
    let reason = tokio::select! {
        status = child.wait() => {
            // At once: the group's number belongs to nobody else yet.
            group.end(Signal::KILL);
            group.0 = None;
            return status.map(|status| (status, None));
        }
        () = sleep(time) => format!("It ran longer than {} seconds", time.as_secs()),
        reason = end => reason,
    };
    group.end(Signal::TERM);
    let _ = timeout(GRACE, child.wait()).await;
    group.end(Signal::KILL);
    group.0 = None;
    child.wait().await.map(|status| (status, Some(reason)))
}
