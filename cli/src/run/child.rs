//! A command in the foreground: signals reach it, and it ends with the access.

use rustix::{
    process::{Pid, Signal, getpgrp, kill_process},
    termios::tcgetpgrp,
};
use std::{io, process::ExitStatus, time::Duration};
use tokio::{
    process::{Child, Command},
    signal::unix::{self, SignalKind},
};

/// Between SIGTERM and SIGKILL.
const GRACE: Duration = Duration::from_secs(10);

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
struct Signals {
    interrupt: unix::Signal,
    quit: unix::Signal,
    terminate: unix::Signal,
    hangup: unix::Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            interrupt: unix::signal(SignalKind::interrupt())?,
            quit: unix::signal(SignalKind::quit())?,
            terminate: unix::signal(SignalKind::terminate())?,
            hangup: unix::signal(SignalKind::hangup())?,
        })
    }

    /// The next signal that the command does not get by itself: a terminal sends SIGINT and SIGQUIT to all programs in its
    /// foreground, and many programs stop at once when they get SIGINT twice.
    async fn next(&mut self) -> Signal {
        loop {
            let signal = tokio::select! {
                _ = self.interrupt.recv() => Signal::INT,
                _ = self.quit.recv() => Signal::QUIT,
                _ = self.terminate.recv() => return Signal::TERM,
                _ = self.hangup.recv() => return Signal::HUP,
            };
            if !is_in_foreground() {
                return signal;
            }
        }
    }
}

fn is_in_foreground() -> bool {
    tcgetpgrp(io::stdin()).is_ok_and(|group| group == getpgrp())
}

/// Starts it. The environment's values are also in the memory of `Command`, which the standard library frees here without
/// clearing it.
pub(super) fn start(mut command: Command) -> io::Result<Running> {
    // From now on, so that no signal ends this program without the command.
    let signals = Signals::new()?;
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
        let mut grace = std::pin::pin!(tokio::time::sleep(GRACE));
        loop {
            tokio::select! {
                status = self.child.wait() => return status.map(|status| Ended::By(reason, status)),
                signal = self.signals.next() => self.send(signal),
                () = &mut grace => break,
            }
        }
        self.send(Signal::KILL);
        self.child.wait().await.map(|status| Ended::By(reason, status))
    }

    /// A command that has ended and was waited for has no id any more, so the signal reaches no other program.
    fn send(&self, signal: Signal) {
        let id = self.child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if let Some(id) = id {
            let _ = kill_process(id, signal);
        }
    }
}
