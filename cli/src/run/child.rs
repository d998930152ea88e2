//! A command in the foreground: signals reach it, and it ends with the access.

use super::descendants;
use rustix::{
    process::{Pid, Signal, getpgrp, kill_process},
    termios::tcgetpgrp,
};
use std::{fs::File, future::poll_fn, io, process::ExitStatus, task::Poll, time::Duration};
use tokio::{
    process::{Child, Command},
    signal::unix::{self, SignalKind},
};

/// Between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(10);

/// Between two looks at what is left.
const AGAIN: Duration = Duration::from_millis(50);

/// Why it is over.
pub(super) enum Ended {
    Itself(ExitStatus),
    /// It was ended, for this reason.
    By(String, ExitStatus),
}

/// A running command.
pub(super) struct Running {
    child: Child,
    signals: Signals,
}

/// Signals for this program, which the command gets.
struct Signals(Vec<(Signal, unix::Signal)>);

impl Signals {
    fn new() -> io::Result<Self> {
        let mut all = vec![
            (Signal::INT, unix::signal(SignalKind::interrupt())?),
            (Signal::QUIT, unix::signal(SignalKind::quit())?),
            (Signal::TERM, unix::signal(SignalKind::terminate())?),
        ];
        // As nohup starts it: the command ignores it too.
        if !descendants::is_hangup_ignored() {
            all.push((Signal::HUP, unix::signal(SignalKind::hangup())?));
        }
        Ok(Self(all))
    }

    /// The next signal that the command does not get by itself: a terminal sends SIGINT and SIGQUIT to all programs in its
    /// foreground, and many programs stop at once when they get SIGINT twice.
    async fn next(&mut self) -> Signal {
        loop {
            let signal = poll_fn(|context| {
                for (signal, received) in &mut self.0 {
                    if received.poll_recv(context).is_ready() {
                        return Poll::Ready(*signal);
                    }
                }
                Poll::Pending
            })
            .await;
            let is_of_a_terminal = matches!(signal, Signal::INT | Signal::QUIT);
            if !is_of_a_terminal || !is_in_foreground() {
                return signal;
            }
        }
    }
}

/// Asks the terminal itself: standard input can be a pipe.
fn is_in_foreground() -> bool {
    File::open("/dev/tty")
        .is_ok_and(|terminal| tcgetpgrp(&terminal).is_ok_and(|group| group == getpgrp()))
}

/// Starts it. The environment's values are also in the memory of `Command`, which the standard library frees here without
/// clearing it.
pub(super) fn start(mut command: Command) -> io::Result<Running> {
    // From now on, so that no signal ends this program without the command.
    let signals = Signals::new()?;
    // What loses its parent becomes a child of this program, and can be found.
    descendants::adopt();
    let child = command.kill_on_drop(true).spawn()?;
    Ok(Running { child, signals })
}

impl Running {
    /// Waits for it, and ends it once the future resolves.
    pub(super) async fn wait(&mut self, end: impl Future<Output = String>) -> io::Result<Ended> {
        let mut end = std::pin::pin!(end);
        let reason = loop {
            tokio::select! {
                status = self.child.wait() => return status.map(Ended::Itself),
                signal = self.signals.next() => self.send(signal),
                reason = &mut end => break reason,
            }
        };
        self.send(Signal::TERM);
        descendants::send(Signal::TERM, self.child.id());
        let mut grace = std::pin::pin!(tokio::time::sleep(GRACE));
        let mut status = None;
        // The command, and then what it has started.
        while status.is_none() || descendants::are_left() {
            tokio::select! {
                ended = self.child.wait(), if status.is_none() => status = Some(ended?),
                () = tokio::time::sleep(AGAIN), if status.is_some() => {}
                signal = self.signals.next() => self.send(signal),
                () = &mut grace => break,
            }
        }
        self.send(Signal::KILL);
        descendants::send(Signal::KILL, self.child.id());
        let status = match status {
            Some(status) => status,
            None => self.child.wait().await?,
        };
        Ok(Ended::By(reason, status))
    }

    /// A command that has ended and was waited for has no id any more, so the signal reaches no other program.
    fn send(&self, signal: Signal) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            let _ = kill_process(id, signal);
        }
    }
}
