//! Starting `postgres` and waiting until it answers.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fmt, thread};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::LocalPostgresError;
use crate::account::Account;
use crate::binaries::Binaries;
use crate::cluster::ROLE;

/// Below the range the kernel hands out to clients, so that nobody sits on our port by chance
/// while the server restarts.
const PORTS: std::ops::Range<u16> = 15_000..32_000;
const PORT_TRIES: u16 = 200;
/// Recovery replays at most what `max_wal_size` allows, which takes minutes on a slow disk.
const PATIENCE: Duration = Duration::from_mins(10);
const LOG_TAIL: u64 = 4096;

/// Our choice of parameters: durable, and sized for a machine that does other things as well.
const PARAMETERS: &[(&str, &str)] = &[
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    ("max_connections", "200"),
    ("shared_buffers", "256MB"),
    ("wal_compression", "on"),
    ("max_wal_size", "4GB"),
    ("min_wal_size", "512MB"),
    ("checkpoint_timeout", "15min"),
    ("jit", "off"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("log_line_prefix", "%m [%p] "),
];

/// After a crash the server first makes sure that all it ever wrote is on disk: file by file, which
/// takes seconds for the thousand files of an empty cluster, or with one call for the file system.
const SYNC_AT_ONCE: (&str, &str) = ("recovery_init_sync_method", "syncfs");
/// From this version of Linux on that one call tells when a write was lost, as `fsync` does, whatever
/// the file system, be it stacked on another one as in a container.
const TELLS_LOST_WRITES: (u32, u32) = (5, 17);

/// How to reach the server.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) port: u16,
    pub(crate) socket_dir: PathBuf,
    pub(crate) password: String,
}

impl Endpoint {
    pub(crate) fn url(&self, database: &str) -> String {
        let Self { port, password, .. } = self;
        format!("postgres://{ROLE}:{password}@127.0.0.1:{port}/{database}")
    }

    pub(crate) fn socket_url(&self, database: &str) -> String {
        let Self { port, password, socket_dir } = self;
        let host = percent_encode(socket_dir);
        format!("postgres://{ROLE}:{password}@{host}:{port}/{database}")
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Endpoint")
            .field("port", &self.port)
            .field("socket_dir", &self.socket_dir)
            .finish_non_exhaustive()
    }
}

fn percent_encode(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    path.as_os_str()
        .as_encoded_bytes()
        .iter()
        .map(|&byte| match byte {
            byte if plain(byte) => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// Everything the command line of one server needs.
#[derive(Debug)]
pub(crate) struct Server {
    pub(crate) binaries: Binaries,
    pub(crate) cluster: PathBuf,
    pub(crate) account: Account,
    pub(crate) endpoint: Endpoint,
    /// Added after ours, so that they win.
    pub(crate) parameters: Vec<(String, String)>,
}

impl Server {
    /// The arguments of `postgres`, without its name.
    pub(crate) fn arguments(&self) -> Vec<String> {
        let port = self.endpoint.port.to_string();
        let sockets = self.endpoint.socket_dir.display().to_string();
        // Last, because we rely on them.
        let ours = [
            ("listen_addresses", "127.0.0.1"),
            ("port", &port),
            ("unix_socket_directories", &sockets),
            ("unix_socket_permissions", "0700"),
            ("logging_collector", "off"),
        ];
        let mut arguments = vec!["-D".to_owned(), self.cluster.display().to_string()];
        let sync = can_sync_at_once().then_some(SYNC_AT_ONCE);
        let configured = self.parameters.iter().map(|(name, value)| (&**name, &**value));
        for (name, value) in PARAMETERS.iter().copied().chain(sync).chain(configured).chain(ours) {
            arguments.extend(["-c".to_owned(), format!("{name}={value}")]);
        }
        arguments
    }

    /// Starts the server as a child that is shut down when the calling thread ends.
    pub(crate) fn spawn(&self, log: File) -> Result<Child, LocalPostgresError> {
        let program = self.binaries.postgres();
        let mut command = Command::new(&program);
        command.args(self.arguments());
        prepare(&mut command, self.account, log)?;
        shut_down_with_parent(&mut command);
        command.spawn().map_err(LocalPostgresError::io("run", &program))
    }
}

/// Whether this is a Linux on which syncing a whole file system is as safe as syncing its files.
/// Every PostgreSQL that we take knows the parameter.
fn can_sync_at_once() -> bool {
    let release = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    cfg!(target_os = "linux") && version(&release).is_some_and(|own| own >= TELLS_LOST_WRITES)
}

/// Reads the first two numbers of `6.1.0-18-amd64` and the like.
fn version(release: &str) -> Option<(u32, u32)> {
    let mut numbers = release.split(|c: char| !c.is_ascii_digit());
    Some((numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?))
}

/// What every server process is started with, supervised or not.
pub(crate) fn prepare(
    command: &mut Command,
    account: Account,
    log: File,
) -> Result<(), LocalPostgresError> {
    let also = log.try_clone().map_err(LocalPostgresError::io("open", Path::new("the log")))?;
    command.stdin(Stdio::null()).stdout(log).stderr(also);
    command.env("LC_ALL", "C").env_remove("PGDATA").env_remove("PGPORT").current_dir("/");
    // A group of its own: Ctrl-C in the terminal is for us, and we shut down in order.
    command.process_group(0);
    account.apply(command);
    Ok(())
}

/// Asks the kernel to send the child a fast shutdown when the thread that spawned it ends, even
/// by `kill -9`.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "the only way to run code between fork and exec; see below")]
fn shut_down_with_parent(command: &mut Command) {
    use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};

    let parent = getpid();
    let in_child = move || {
        set_parent_process_death_signal(Some(Signal::INT))?;
        // The parent may have died before the line above: then nobody would ever tell us.
        if getppid() == Some(parent) { Ok(()) } else { Err(rustix::io::Errno::SRCH.into()) }
    };
    // SAFETY: between fork and exec only async-signal-safe work is allowed, because another
    // thread of the parent may have held any lock, the allocator's included. The closure makes
    // two direct system calls, prctl and getppid, and compares two integers; it owns one `Pid`
    // (plain data, no destructor), and both error values are bare errno codes, which `io::Error`
    // stores without allocating. It runs after the change of user, which would clear the signal.
    unsafe { command.pre_exec(in_child) };
}

/// Elsewhere the next start finds the orphan by its lock file.
#[cfg(not(target_os = "linux"))]
fn shut_down_with_parent(_: &mut Command) {}

/// Waits until the child accepts connections. `false` says that it has exited or was killed for
/// taking too long; it is still to be reaped, so that its id stays its own.
pub(crate) fn wait_until_ready(cluster: &Path, child: &mut Child) -> bool {
    let begun = Instant::now();
    let glance = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    loop {
        if !matches!(waitid(WaitId::Pid(Pid::from_child(child)), glance), Ok(None)) {
            return false;
        }
        if is_ready(cluster, Some(child.id())) {
            return true;
        }
        if begun.elapsed() > PATIENCE {
            tracing::error!(?PATIENCE, "PostgreSQL takes too long to start and is killed");
            // Fails only if it just exited, which is as good.
            let _ = child.kill();
            return false;
        }
        thread::sleep(crate::POLL);
    }
}

/// Whether the cluster's lock file says that the server (with this process id) takes connections.
pub(crate) fn is_ready(cluster: &Path, pid: Option<u32>) -> bool {
    let content = fs::read_to_string(cluster.join("postmaster.pid")).unwrap_or_default();
    let mut lines = content.lines();
    let recorded = lines.next().and_then(|line| line.trim().parse::<u32>().ok());
    let status = lines.nth(6).map(str::trim);
    status == Some("ready") && recorded.is_some() && (pid.is_none() || recorded == pid)
}

/// The port of the last run if it is free, else another free one.
pub(crate) fn choose_port(last: Option<u16>) -> Result<u16, LocalPostgresError> {
    // Any spread will do: the process id and the clock tell concurrent starts apart.
    let clock = std::time::UNIX_EPOCH.elapsed().map_or(0, |since| since.subsec_nanos());
    let seed = std::process::id().wrapping_mul(7919).wrapping_add(clock / 1000);
    let width = u32::from(PORTS.end - PORTS.start);
    let spread = (0..u32::from(PORT_TRIES)).map(|step| {
        let offset = seed.wrapping_add(step.wrapping_mul(101)) % width;
        PORTS.start + u16::try_from(offset).unwrap_or_default()
    });
    last.into_iter()
        .chain(spread)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .ok_or_else(|| LocalPostgresError::Io {
            action: "find a free port on 127.0.0.1".to_owned(),
            source: std::io::ErrorKind::AddrInUse.into(),
        })
}

/// The end of a log, but nothing from before `from`.
pub(crate) fn tail(log: &Path, from: u64) -> String {
    let read = || {
        let mut file = File::open(log)?;
        let end = file.metadata()?.len();
        file.seek(SeekFrom::Start(from.max(end.saturating_sub(LOG_TAIL)).min(end)))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok::<_, std::io::Error>(String::from_utf8_lossy(&bytes).into_owned())
    };
    read().unwrap_or_else(|error| format!("(unreadable: {error})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_of_linux_are_compared_as_numbers() {
        assert_eq!(version("6.1.0-18-amd64\n"), Some((6, 1)));
        assert_eq!(version("5.15.153.1-microsoft-standard-WSL2"), Some((5, 15)));
        assert_eq!(version("4.18.0-513.el8.x86_64"), Some((4, 18)));
        assert!((4, 18) < TELLS_LOST_WRITES && (6, 1) >= TELLS_LOST_WRITES);
        assert_eq!(version(""), None);
    }
}
