//! What Linux says about this process.

use std::fs;

/// Of this process now. What cannot be read is `None`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct ProcessUse {
    pub(super) cpu_seconds: Option<f64>,
    pub(super) memory_bytes: Option<f64>,
    pub(super) open_fds: Option<f64>,
    pub(super) max_fds: Option<f64>,
}

/// `USER_HZ`, which Linux fixes for programs, whatever its own clock.
const TICKS_PER_SECOND: f64 = 100.0;

impl ProcessUse {
    pub(super) fn read() -> Self {
        Self {
            cpu_seconds: fs::read_to_string("/proc/self/stat").ok().as_deref().and_then(cpu),
            memory_bytes: fs::read_to_string("/proc/self/status").ok().as_deref().and_then(memory),
            // One of them is the folder itself.
            open_fds: fs::read_dir("/proc/self/fd")
                .ok()
                .and_then(|found| u32::try_from(found.count()).ok())
                .map(|count| f64::from(count.saturating_sub(1))),
            max_fds: fs::read_to_string("/proc/self/limits").ok().as_deref().and_then(max_fds),
        }
    }
}

/// `utime` and `stime`: the 12th and 13th field after the name, which can contain spaces and brackets.
fn cpu(stat: &str) -> Option<f64> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let mut ticks = || fields.next()?.parse::<f64>().ok();
    Some((ticks()? + ticks()?) / TICKS_PER_SECOND)
}

fn memory(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kibibytes * 1024.0)
}

fn max_fds(limits: &str) -> Option<f64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_linux_are_read() {
        let stat = "7 (a) b ( c) S 1 7 7 0 -1 4194560 900 0 1 0 250 150 0 0 20 0 9 0 77 1 1";
        assert_eq!(cpu(stat), Some(4.0));
        assert_eq!(memory("Name:\tx\nVmRSS:\t   2048 kB\n"), Some(2_097_152.0));
        assert_eq!(
            max_fds("Max open files            1024                 4096   files\n"),
            Some(1024.0)
        );
        assert_eq!((cpu(""), memory(""), max_fds("")), (None, None, None));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_is_read() {
        let used = ProcessUse::read();
        assert!(used.cpu_seconds.is_some() && used.max_fds.is_some_and(|most| most > 0.0));
        assert!(used.memory_bytes.is_some_and(|bytes| bytes > 1e6));
        assert!(used.open_fds.is_some_and(|open| open >= 3.0));
    }
}
