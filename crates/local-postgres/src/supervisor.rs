//! The thread that owns the server process: starts it, waits on it, starts it again.
//!
//! A thread rather than a task, because the kernel's parent-death signal follows the *thread*
//! that spawned the child: this one lives exactly as long as the server should.

use std::fs;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use tokio::sync::{oneshot, watch};

use crate::binaries::Binaries;
use crate::layout::{self, Layout};
use crate::process::{self, Endpoint, Server};
use crate::{LocalPostgresError, Settings, cluster, leftovers};

/// How long a shutdown in order may take, and then an immediate one.
const ORDERLY: Duration = Duration::from_secs(30);
const IMMEDIATE: Duration = Duration::from_secs(5);

const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A server that ran this long has recovered; its next death starts the pauses anew.
const STABLE: Duration = Duration::from_secs(10);
/// How often a start is tried again at once when the port was snatched away.
const PORT_RETRIES: usize = 5;

/// What the server is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Starting, or starting again after an unexpected exit.
    Starting,
    /// Accepting connections.
    Ready {
        /// The process id of the server.
        pid: u32,
        /// How often it was started again.
        restarts: u64,
    },
    /// Shut down for good.
    Stopped,
}

type Ready = oneshot::Sender<Result<Endpoint, LocalPostgresError>>;

/// The handle on the supervising thread; dropping it stops the server.
#[derive(Debug)]
pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    control: Mutex<Control>,
    changed: Condvar,
    status: watch::Sender<Status>,
}

#[derive(Debug, Default)]
struct Control {
    /// Set while the child exists and is not reaped, so a signal cannot hit a stranger.
    child: Option<Pid>,
    stopping: bool,
    finished: bool,
}

impl Supervisor {
    /// Starts the thread, which answers on `ready` once the server runs or cannot run.
    pub(crate) fn spawn(settings: Settings, ready: Ready) -> Result<Self, LocalPostgresError> {
        let (status, _) = watch::channel(Status::Starting);
        let control = Mutex::new(Control::default());
        let shared = Arc::new(Shared { control, changed: Condvar::new(), status });
        let thread = thread::Builder::new()
            .name("postgres".to_owned())
            .spawn({
                let shared = Arc::clone(&shared);
                move || {
                    supervise(&settings, &shared, ready);
                    shared.finish();
                }
            })
            .map_err(|source| LocalPostgresError::Io {
                action: "start the thread that supervises PostgreSQL".to_owned(),
                source,
            })?;
        Ok(Self { shared, thread: Some(thread) })
    }

    pub(crate) fn status(&self) -> watch::Receiver<Status> {
        self.shared.status.subscribe()
    }

    /// Shuts the server down, harder each time it does not heed; says whether it went in order.
    pub(crate) fn stop(&mut self) -> bool {
        let Some(thread) = self.thread.take() else {
            return true;
        };
        let finished = self.shared.ask(Signal::INT, ORDERLY);
        if !finished && !self.shared.ask(Signal::QUIT, IMMEDIATE) {
            self.shared.ask(Signal::KILL, IMMEDIATE);
        }
        // The thread cannot be stuck: it waits for a process that is dead by now.
        thread.join().is_ok() && finished
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Shared {
    fn control(&self) -> MutexGuard<'_, Control> {
        // Plain data, valid after every statement that changes it.
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends a signal to the child, if there is one, and waits for the thread to finish.
    fn ask(&self, signal: Signal, patience: Duration) -> bool {
        let mut control = self.control();
        control.stopping = true;
        if let Some(child) = control.child {
            // It may have exited on its own; then the thread is about to notice.
            let _ = kill_process(child, signal);
        }
        self.changed.notify_all();
        let (control, _) = self
            .changed
            .wait_timeout_while(control, patience, |control| !control.finished)
            .unwrap_or_else(PoisonError::into_inner);
        control.finished
    }

    fn finish(&self) {
        self.control().finished = true;
        self.changed.notify_all();
        self.status.send_replace(Status::Stopped);
    }

    fn is_stopping(&self) -> bool {
        self.control().stopping
    }

    /// Sleeps, but wakes up when asked to stop.
    fn pause(&self, duration: Duration) {
        let guard = self.control();
        let _woken = self.changed.wait_timeout_while(guard, duration, |control| !control.stopping);
    }

    fn adopt(&self, child: &Child) {
        let pid = Pid::from_child(child);
        let mut control = self.control();
        control.child = Some(pid);
        if control.stopping {
            // Asked to stop while we were starting it.
            let _ = kill_process(pid, Signal::INT);
        }
    }

    /// Waits for the child to exit, and reaps it where no signal can be under way to it.
    fn outlive(&self, child: &mut Child) -> String {
        let leave_it = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        while let Err(Errno::INTR) = waitid(WaitId::Pid(Pid::from_child(child)), leave_it) {}
        let mut control = self.control();
        control.child = None;
        child.wait().map_or_else(|error| error.to_string(), |status| status.to_string())
    }
}

/// The whole life of a server, on its thread.
fn supervise(settings: &Settings, shared: &Shared, ready: Ready) {
    let (layout, server, mut child) = match first_start(settings, shared) {
        Ok(started) => started,
        Err(error) => {
            // Nobody waits for the answer any more: nothing to do either.
            let _ = ready.send(Err(error));
            return;
        }
    };
    let mut restarts = 0;
    announce(shared, &child, restarts);
    if ready.send(Ok(server.endpoint.clone())).is_err() {
        // Whoever wanted the server gave up while it started.
        shared.control().stopping = true;
        let _ = kill_process(Pid::from_child(&child), Signal::INT);
    }
    loop {
        let since = Instant::now();
        let reason = shared.outlive(&mut child);
        if shared.is_stopping() {
            break;
        }
        shared.status.send_replace(Status::Starting);
        tracing::warn!(%reason, "PostgreSQL exited unexpectedly, starting it again");
        let pause = if since.elapsed() > STABLE { Duration::ZERO } else { FIRST_PAUSE };
        let Some(next) = start_again(&layout, &server, shared, pause) else {
            break;
        };
        child = next;
        restarts += 1;
        announce(shared, &child, restarts);
        tracing::info!(pid = child.id(), restarts, "PostgreSQL is back");
    }
    let _ = fs::remove_dir_all(&server.endpoint.socket_dir);
}

fn announce(shared: &Shared, child: &Child, restarts: u64) {
    shared.status.send_replace(Status::Ready { pid: child.id(), restarts });
}

/// Everything from the settings to a server that takes connections.
fn first_start(
    settings: &Settings,
    shared: &Shared,
) -> Result<(Layout, Server, Child), LocalPostgresError> {
    let (layout, mut server) = prepare(settings)?;
    match launch_somewhere(&layout, &mut server, shared) {
        Ok(child) => {
            if let Err(error) = layout.remember_port(server.endpoint.port) {
                tracing::warn!(%error, "the next start will choose another port");
            }
            Ok((layout, server, child))
        }
        Err(error) => {
            let _ = fs::remove_dir_all(&server.endpoint.socket_dir);
            Err(error)
        }
    }
}

/// Takes possession of the directory and makes sure that it holds a cluster fit to start.
fn prepare(settings: &Settings) -> Result<(Layout, Server), LocalPostgresError> {
    let layout = Layout::claim(&settings.data_dir, settings.user.as_deref())?;
    let binaries = Binaries::find(settings.binaries.as_deref(), &layout.cluster)?;
    let password = layout.password()?;
    leftovers::clear(&layout.cluster)?;
    cluster::ensure(&binaries, &layout.cluster, layout.account, &password, cluster::Sync::Full)?;
    let endpoint = Endpoint {
        port: process::choose_port(layout.last_port())?,
        socket_dir: layout::socket_dir(&layout.cluster, layout.account)?,
        password,
    };
    let server = Server {
        binaries,
        cluster: layout.cluster.clone(),
        account: layout.account,
        endpoint,
        parameters: settings.parameters.clone(),
    };
    Ok((layout, server))
}

/// Launches the server, on another port if somebody snatched ours in between.
fn launch_somewhere(
    layout: &Layout,
    server: &mut Server,
    shared: &Shared,
) -> Result<Child, LocalPostgresError> {
    for _ in 0..PORT_RETRIES {
        match launch(layout, server, shared) {
            Err(error) if is_port_taken(&error) => {
                server.endpoint.port = process::choose_port(None)?;
            }
            done => return done,
        }
    }
    launch(layout, server, shared)
}

fn is_port_taken(error: &LocalPostgresError) -> bool {
    matches!(error, LocalPostgresError::NotReady { tail, .. } if tail.contains("in use"))
}

/// Spawns the server and waits until it is ready.
fn launch(layout: &Layout, server: &Server, shared: &Shared) -> Result<Child, LocalPostgresError> {
    let log = layout.open_log()?;
    let from = log.metadata().map_or(0, |found| found.len());
    let mut child = server.spawn(log)?;
    shared.adopt(&child);
    if process::wait_until_ready(&server.cluster, &mut child) {
        return Ok(child);
    }
    let reason = shared.outlive(&mut child);
    let log = layout.log();
    Err(LocalPostgresError::NotReady { reason, tail: process::tail(&log, from), log })
}

/// Tries until the server is back, with growing pauses, or until asked to stop.
fn start_again(
    layout: &Layout,
    server: &Server,
    shared: &Shared,
    first_pause: Duration,
) -> Option<Child> {
    let mut pause = first_pause;
    loop {
        shared.pause(pause);
        if shared.is_stopping() {
            return None;
        }
        // A killed postmaster's children take a moment to notice, and hold the shared memory.
        let cleared = leftovers::clear(&layout.cluster);
        match cleared.and_then(|()| launch(layout, server, shared)) {
            Ok(child) => return Some(child),
            Err(_) if shared.is_stopping() => return None,
            Err(error) => {
                pause = (pause * 2).clamp(FIRST_PAUSE, LONGEST_PAUSE);
                tracing::error!(%error, ?pause, "PostgreSQL did not come back, trying again");
            }
        }
    }
}
