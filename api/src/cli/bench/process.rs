//! What processes cost, as the kernel counts it. On systems without `/proc` nothing is known.

use std::fs;

use super::{figure::Figure, load::Load};

/// The kernel counts processor time for user space in hundredths of a second, whatever its own clock.
const TICKS_PER_SECOND: f64 = 100.0;

/// The memory a process holds, in MiB.
pub(super) fn resident_mib(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / 1024.0)
}

/// The processor time a process has used, in seconds.
fn cpu_seconds(pid: u32) -> Option<f64> {
    Some(Stat::of(pid)?.cpu_seconds)
}

/// The processor time that a process and its living children have used. Children that have ended count as well, once
/// they were reaped.
fn cpu_seconds_of_family(parent: u32) -> Option<f64> {
    let own = Stat::of(parent)?;
    let children = fs::read_dir("/proc").ok()?.filter_map(|entry| {
        let pid = entry.ok()?.file_name().to_str()?.parse().ok()?;
        Stat::of(pid).filter(|stat| stat.parent == parent)
    });
    let children: f64 = children.map(|child| child.cpu_seconds).sum();
    Some(own.cpu_seconds + own.cpu_seconds_of_reaped + children)
}

/// Counts the processor time that a load costs everybody who has a part in it.
pub(super) struct Meter {
    server: Option<u32>,
    postgres: Option<u32>,
    before: Spent,
}

struct Spent {
    server: Option<f64>,
    postgres: Option<f64>,
    own: Option<f64>,
}

impl Meter {
    pub(super) fn start(server: Option<u32>, postgres: Option<u32>) -> Self {
        Self { server, postgres, before: Spent::so_far(server, postgres) }
    }

    /// The figure of a load, with what each of its operations cost.
    pub(super) fn stop(self, load: &Load) -> Figure {
        let after = Spent::so_far(self.server, self.postgres);
        let each = |before: Option<f64>, after: Option<f64>| {
            Some((after? - before?) * 1e6 / (load.total.max(1) as f64))
        };
        Figure {
            server_cpu_us: each(self.before.server, after.server),
            postgres_cpu_us: each(self.before.postgres, after.postgres),
            own_cpu_us: each(self.before.own, after.own),
            ..load.figure()
        }
    }
}

impl Spent {
    fn so_far(server: Option<u32>, postgres: Option<u32>) -> Self {
        Self {
            server: server.and_then(cpu_seconds),
            postgres: postgres.and_then(cpu_seconds_of_family),
            own: cpu_seconds(std::process::id()),
        }
    }
}

struct Stat {
    parent: u32,
    cpu_seconds: f64,
    cpu_seconds_of_reaped: f64,
}

impl Stat {
    fn of(pid: u32) -> Option<Self> {
        Self::parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The name of the program stands in brackets and may hold anything; the numbers come after it.
    fn parse(stat: &str) -> Option<Self> {
        let (_, numbers) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = numbers.split_ascii_whitespace().collect();
        let ticks = |index: usize| fields.get(index)?.parse::<f64>().ok();
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            cpu_seconds: (ticks(11)? + ticks(12)?) / TICKS_PER_SECOND,
            cpu_seconds_of_reaped: (ticks(13)? + ticks(14)?) / TICKS_PER_SECOND,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_with_spaces_and_brackets_in_its_name_is_read() {
        let line = "42 (a) b (c)) S 7 42 42 0 -1 4194560 1 0 0 0 150 50 20 30 20 0 1 0 1 1 1";
        let stat = Stat::parse(line).expect("the line is whole");
        assert_eq!(stat.parent, 7);
        assert!((stat.cpu_seconds - 2.0).abs() < 1e-9);
        assert!((stat.cpu_seconds_of_reaped - 0.5).abs() < 1e-9);
    }
}
