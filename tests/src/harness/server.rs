//! One `daybook serve` as a child process.

use std::{
    fs::{self, File, OpenOptions},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use super::{Client, binary};

/// From the start of a process to its readiness: a cold start creates a database cluster.
const START: Duration = Duration::from_mins(1);
/// An orderly end waits up to ten seconds for requests, then stops PostgreSQL.
const STOP: Duration = Duration::from_secs(30);

/// How a server is started; kept so that it can be started again just so.
#[derive(Clone, Debug)]
pub(crate) struct Launch {
    /// Made by the server if absent; what it prints and logs is kept beside.
    pub(super) data_dir: PathBuf,
    pub(super) database_url: Option<String>,
    /// Arguments besides the address and the data directory.
    pub(super) arguments: Vec<String>,
    pub(super) variables: Vec<(String, String)>,
}

/// A running server. Dropping it kills it.
pub(crate) struct Server {
    launch: Launch,
    port: u16,
    child: Option<Child>,
}

impl Server {
    /// Starts a server and waits until it is ready.
    pub(super) async fn start(launch: Launch) -> Self {
        for attempt in 0.. {
            let mut server = Self { launch: launch.clone(), port: free_port(), child: None };
            match server.try_start().await {
                Ok(()) => return server,
                // Between finding a free port and taking it, another process may have taken it.
                Err(reason) if reason.contains("in use") && attempt < 3 => {}
                Err(reason) => panic!("the server did not become ready: {reason}"),
            }
        }
        unreachable!("the last attempt returns or panics")
    }

    /// Starts it again on its old port and database.
    pub(crate) async fn start_again(&mut self) {
        if let Err(reason) = self.try_start().await {
            panic!("the server did not come back: {reason}");
        }
    }

    /// Has it find another setting in its environment from its next start on.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.launch.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Spawns the process only.
    pub(crate) fn spawn(&mut self) {
        assert!(self.child.is_none(), "the server runs already");
        let listen = format!("127.0.0.1:{}", self.port);
        let mut command = Command::new(binary::path());
        for name in binary::foreign_variables() {
            command.env_remove(name);
        }
        command.args(["serve", "--listen", &listen, "--data-dir"]).arg(&self.launch.data_dir);
        command.args(&self.launch.arguments);
        // notices are written a moment later, when a test may be counting events: those that want them ask for them
        command
            .env("DAYBOOK_LOG", "info")
            .env("DAYBOOK_NOTICES", "off")
            .envs(self.launch.variables.iter().cloned());
        if let Some(url) = &self.launch.database_url {
            command.env("DATABASE_URL", url);
        }
        command.stdin(Stdio::null());
        command.stdout(open(&self.output()));
        command.stderr(open(&self.log()));
        self.child = Some(command.spawn().expect("the binary starts"));
    }

    async fn try_start(&mut self) -> Result<(), String> {
        self.spawn();
        let client = Client::anonymous(&self.url());
        let begun = Instant::now();
        loop {
            if let Some(status) = self.exited() {
                self.child = None;
                return Err(format!("{status}\n{}", self.tail()));
            }
            if client.try_get("/health/ready").await.is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if begun.elapsed() > START {
                self.kill();
                return Err(format!("no readiness after {START:?}\n{}", self.tail()));
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Its address, `http://127.0.0.1:…`.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The directory for its keys, and for its private PostgreSQL if it runs one.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.launch.data_dir
    }

    /// The administrator's key that its first start left in the data directory.
    pub(crate) fn admin_key(&self) -> Option<String> {
        let key = fs::read_to_string(self.launch.data_dir.join("admin.key")).ok()?;
        Some(key.trim().to_owned())
    }

    /// The process id.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(self.child.as_ref().expect("the server runs"))
    }

    /// The process of its private PostgreSQL that all others hang on.
    pub(crate) fn postmaster(&self) -> Option<Pid> {
        let home = self.data_dir();
        let elsewhere = fs::read_to_string(home.join("postgres.location"));
        let cluster = elsewhere.map_or_else(|_| home.join("postgres"), |path| path.trim().into());
        let lock = fs::read_to_string(cluster.join("postmaster.pid")).ok()?;
        Pid::from_raw(lock.lines().next()?.trim().parse().ok()?)
    }

    /// How it ended, if it did by itself.
    pub(crate) fn exited(&mut self) -> Option<ExitStatus> {
        let child = self.child.as_mut().expect("the server was started");
        child.try_wait().expect("a child can be asked")
    }

    /// Ends it at once, as a crash would: kill -9.
    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            // Gone already is as good.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks it to end in an orderly way, and waits for that.
    pub(crate) async fn stop(&mut self) -> ExitStatus {
        self.signal(Signal::TERM);
        let begun = Instant::now();
        loop {
            if let Some(status) = self.exited() {
                self.child = None;
                return status;
            }
            assert!(begun.elapsed() < STOP, "no orderly end in {STOP:?}\n{}", self.tail());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Sends a signal: `STOP` freezes it, `CONT` lets it go on.
    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("a running child takes signals");
    }

    /// What it logs.
    pub(crate) fn log(&self) -> PathBuf {
        self.launch.data_dir.with_extension("stderr")
    }

    /// The lines that it logged about its requests.
    pub(crate) fn requests(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.log()).expect("the server logs");
        let lines = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        lines.filter(|line| line["message"] == "answered").collect()
    }

    /// What it printed, over all its starts.
    pub(crate) fn printed(&self) -> String {
        fs::read_to_string(self.output()).expect("the server prints")
    }

    fn output(&self) -> PathBuf {
        self.launch.data_dir.with_extension("stdout")
    }

    /// The end of its log, after the first faults it told of, for messages.
    pub(crate) fn tail(&self) -> String {
        let text = fs::read_to_string(self.log()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        let (before, end) = lines.split_at(lines.len().saturating_sub(30));
        let faults = before.iter().filter(|line| line.contains(r#""level":"ERROR""#));
        let told: Vec<&str> = faults.take(10).chain(end).copied().collect();
        told.join("\n")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if std::thread::panicking() && self.child.is_some() {
            eprintln!("--- the end of the log of {}\n{}", self.url(), self.tail());
        }
        let runs_postgres = self.launch.database_url.is_none();
        if runs_postgres && let Some(child) = &self.child {
            // In an orderly way, lest PostgreSQL still writes where the directory is being removed.
            let _ = kill_process(Pid::from_child(child), Signal::CONT);
            let _ = kill_process(Pid::from_child(child), Signal::TERM);
            let begun = Instant::now();
            while begun.elapsed() < Duration::from_secs(5) && self.exited().is_none() {
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        self.kill();
    }
}

fn open(path: &Path) -> File {
    OpenOptions::new().create(true).append(true).open(path).expect("the directory is ours")
}

fn free_port() -> u16 {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    listener.local_addr().expect("a bound listener has an address").port()
}
