//! What a crash left behind: server processes without a supervisor, a lock file without a server.
//!
//! Called only while we hold the lock of the data directory, so whatever still runs on the
//! cluster belongs to nobody.

use std::fs;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};

use crate::LocalPostgresError;

/// How long processes get to notice by themselves that their postmaster died.
const NOTICE: Duration = Duration::from_millis(500);
/// How long an orphan gets for an orderly shutdown (it was asked when its supervisor died).
const ORDERLY: Duration = Duration::from_secs(15);
/// How long it then gets for an immediate one.
const IMMEDIATE: Duration = Duration::from_secs(5);

/// Ends every process on the cluster and removes a lock file that would stop the next start.
pub(crate) fn clear(cluster: &Path) -> Result<(), LocalPostgresError> {
    let begun = Instant::now();
    let mut asked = None;
    loop {
        let processes = processes_on(cluster);
        if processes.is_empty() {
            return remove_stale_lock(cluster);
        }
        let signal = match begun.elapsed() {
            waited if waited < NOTICE => None,
            waited if waited < ORDERLY => Some(Signal::INT),
            waited if waited < ORDERLY + IMMEDIATE => Some(Signal::QUIT),
            _ => Some(Signal::KILL),
        };
        if let Some(signal) = signal
            && asked != Some(signal)
        {
            asked = Some(signal);
            tracing::warn!(
                cluster = %cluster.display(),
                processes = ?processes.iter().map(|pid| pid.as_raw_nonzero()).collect::<Vec<_>>(),
                ?signal,
                "ending PostgreSQL processes that outlived their supervisor"
            );
            send(cluster, &processes, signal);
        }
        thread::sleep(crate::POLL);
    }
}

/// Only the postmaster is asked for a shutdown: its children end with it.
fn send(cluster: &Path, processes: &[Pid], signal: Signal) {
    let postmaster = recorded_pid(cluster).filter(|pid| processes.contains(pid));
    let everyone = signal == Signal::KILL || postmaster.is_none();
    for pid in processes.iter().filter(|pid| everyone || postmaster == Some(**pid)) {
        // Gone already is as good.
        let _ = kill_process(*pid, signal);
    }
}

/// The processes whose working directory is the cluster, which is where every server process is.
pub(crate) fn processes_on(cluster: &Path) -> Vec<Pid> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries
        .filter_map(|entry| {
            let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
            let directory = fs::read_link(entry.path().join("cwd")).ok()?;
            (directory == cluster && is_postgres(&entry.path())).then_some(pid)
        })
        .collect()
}

/// A shell that merely stands in the directory is none of our business.
fn is_postgres(process: &Path) -> bool {
    fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim() == "postgres")
}

/// The process the cluster's lock file names.
pub(crate) fn recorded_pid(cluster: &Path) -> Option<Pid> {
    let content = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
    Pid::from_raw(content.lines().next()?.trim().parse().ok()?)
}

/// PostgreSQL removes a stale lock file itself unless the process id in it is in use again, by
/// anything; we know better, because nothing runs on the cluster.
fn remove_stale_lock(cluster: &Path) -> Result<(), LocalPostgresError> {
    let path = cluster.join("postmaster.pid");
    let in_use = recorded_pid(cluster).is_some_and(|pid| test_kill_process(pid).is_ok());
    if in_use && Path::new("/proc/self/cwd").exists() {
        fs::remove_file(&path).map_err(LocalPostgresError::io("remove", &path))?;
        tracing::info!(path = %path.display(), "removed the lock file of a server that is gone");
    }
    Ok(())
}
