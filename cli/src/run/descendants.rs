//! The programs that a command has started, and those that they have started: on Linux, where a program can adopt what loses
//! its parent. On other systems only the command itself is known.

use rustix::process::Signal;

/// From now on what loses its parent becomes a child of this program.
pub(super) fn adopt() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
}

/// Whether this program was started to ignore SIGHUP.
pub(super) fn is_hangup_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The first bit is the first signal, SIGHUP.
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

/// Sends a signal to all but this one, which has got it already.
pub(super) fn send(signal: Signal, except: Option<u32>) {
    let except = except.and_then(|id| i32::try_from(id).ok());
    for id in running().into_iter().filter(|id| Some(*id) != except) {
        if let Some(id) = rustix::process::Pid::from_raw(id) {
            let _ = rustix::process::kill_process(id, signal);
        }
    }
}

pub(super) fn are_left() -> bool {
    !running().is_empty()
}

/// The ids of all descendants of this program that still run.
fn running() -> Vec<i32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let all: Vec<Process> = entries
        .filter_map(|entry| {
            let id: i32 = entry.ok()?.file_name().to_str()?.parse().ok()?;
            Process::parse(id, &std::fs::read_to_string(format!("/proc/{id}/stat")).ok()?)
        })
        .collect();
    below(rustix::process::getpid().as_raw_nonzero().get(), &all)
}

#[derive(Clone, Copy)]
struct Process {
    id: i32,
    parent: i32,
    /// It has ended, and nobody has asked for its exit code.
    is_over: bool,
}

impl Process {
    /// From `/proc/ID/stat`: the id, the name in parentheses (which can hold any character), the state, the parent.
    fn parse(id: i32, stat: &str) -> Option<Self> {
        let (_, rest) = stat.rsplit_once(')')?;
        let mut words = rest.split_whitespace();
        let is_over = matches!(words.next()?, "Z" | "X");
        Some(Self { id, parent: words.next()?.parse().ok()?, is_over })
    }
}

fn below(root: i32, all: &[Process]) -> Vec<i32> {
    let mut found: Vec<Process> = Vec::new();
    let mut parents = vec![root];
    while let Some(parent) = parents.pop() {
        for one in all.iter().filter(|one| one.parent == parent) {
            if found.iter().all(|known| known.id != one.id) {
                found.push(*one);
                parents.push(one.id);
            }
        }
    }
    found.into_iter().filter(|one| !one.is_over).map(|one| one.id).collect()
}

#[cfg(test)]
mod tests {
    use super::{Process, below};

    #[test]
    fn descendants_are_found_at_each_depth() {
        let of = |id: i32, stat: &str| Process::parse(id, stat).unwrap();
        let all = [
            of(1, "1 (init) S 0 1 1"),
            of(5, "5 (a) b) (c) S 1 5 5"),
            of(7, "7 (sh) S 5 5 5"),
            of(8, "8 (sleep) R 7 5 5"),
            of(9, "9 (gone) Z 5 5 5"),
            of(10, "10 (other) S 1 1 1"),
        ];
        assert_eq!(below(5, &all), [7, 8]);
        assert_eq!(below(8, &all), [0; 0]);
        assert!(Process::parse(1, "1 (x").is_none());
    }
}
