//! One server for all test processes of a checkout, one database for each test.
//!
//! The first test process starts the server; every process that uses it holds a shared lock on a
//! file; a watching shell shuts the server down once nobody has held that lock for a while. The
//! cluster is thrown away at each cold start, so it runs without `fsync`: a test of durability
//! starts its own [`crate::LocalPostgres`], which syncs.

use std::env;
use std::fs::{self, DirBuilder, File};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crate::account::Account;
use crate::binaries::Binaries;
use crate::layout::{self, open_private, read_trimmed, write_private};
use crate::process::{self, Endpoint, Server};
use crate::{LocalPostgresError, Settings, admin, cluster, leftovers};

/// Starts the server, then polls: 20 seconds without a user end it. Standard input is the file
/// that users lock; while the shell holds it alone, newcomers wait and then start afresh. Without
/// `flock` (which Debian always has) the server stays until it is stopped by hand.
const WATCH: &str = r#"
"$@" </dev/null &
server=$!
trap '' INT HUP
idle=0
while kill -0 "$server" 2>/dev/null; do
    sleep 2
    if flock --exclusive --nonblock 0; then
        idle=$((idle + 2))
        if [ "$idle" -ge 20 ]; then
            kill -INT "$server"
            break
        fi
        flock --unlock 0
    else
        idle=0
    fi
done
wait "$server"
"#;

const PATIENCE: Duration = Duration::from_mins(1);

/// How long a test that has ended waits until its database is dropped.
const DROP_PATIENCE: Duration = Duration::from_secs(3);

const PARAMETERS: &[(&str, &str)] = &[
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("max_connections", "300"),
    ("shared_buffers", "64MB"),
    ("min_wal_size", "80MB"),
    ("max_wal_size", "1GB"),
];

/// A database of its own for one test, dropped with this value.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    endpoint: Endpoint,
}

/// Creates an empty, uniquely named database on the shared test server, which is started if need
/// be.
///
/// # Panics
///
/// If there is no server to be had: a test cannot go on without one.
pub async fn database() -> TestDatabase {
    match try_database().await {
        Ok(database) => database,
        #[expect(clippy::panic, reason = "for tests only, where a panic is the way to fail")]
        Err(error) => panic!("no test database: {error}: {:?}", std::error::Error::source(&error)),
    }
}

async fn try_database() -> Result<TestDatabase, LocalPostgresError> {
    let endpoint = tokio::task::spawn_blocking(shared_server)
        .await
        .map_err(|_| LocalPostgresError::SupervisorGone)??;
    let name = format!("test_{}", uuid::Uuid::now_v7().simple());
    admin::create_database(&endpoint.url(admin::MAINTENANCE), &name).await?;
    Ok(TestDatabase { name, endpoint })
}

impl TestDatabase {
    /// The URL of the database over loopback TCP.
    pub fn url(&self) -> String {
        self.endpoint.url(&self.name)
    }

    /// The URL of the database over the Unix socket.
    pub fn socket_url(&self) -> String {
        self.endpoint.socket_url(&self.name)
    }

    /// The name of the database.
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // On a thread of its own, because we may be inside a runtime, where blocking is not
        // allowed. Best effort: the next cold start throws everything away.
        //
        // Not for ever, because we may be waiting for ourselves: every session must agree to a
        // drop, one that is about to authenticate cannot before its client answers, and that
        // client may be a pool on the very thread that we block. The server goes on without us,
        // and has it done as soon as that connection ends; else it would after the minute that
        // is allowed for an authentication, and so long would all others' drops have to wait.
        let url = self.endpoint.url(admin::MAINTENANCE);
        thread::scope(|scope| {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
                if let Ok(runtime) = runtime {
                    let _ = runtime.block_on(async {
                        let dropped = admin::drop_database(&url, &self.name);
                        tokio::time::timeout(DROP_PATIENCE, dropped).await
                    });
                }
            });
        });
    }
}

/// The server, and our lock that keeps it alive until this process ends.
static IN_USE: Mutex<Option<(Endpoint, File)>> = Mutex::new(None);

fn shared_server() -> Result<Endpoint, LocalPostgresError> {
    let mut in_use = IN_USE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((endpoint, _)) = &*in_use {
        return Ok(endpoint.clone());
    }
    let settings = Settings::new(PathBuf::new());
    let home = home()?;
    let cluster = home.join("postgres");
    let account = Account::choose(settings.user.as_deref(), &cluster)?;
    let users = open(&home.join("users"))?;
    users.lock_shared().map_err(LocalPostgresError::io("lock", &home))?;
    let starting = open(&home.join("start.lock"))?;
    starting.lock().map_err(LocalPostgresError::io("lock", &home))?;
    let endpoint = match running(&home, &cluster, account) {
        Some(endpoint) => endpoint,
        None => start(&settings, &home, &cluster, account)?,
    };
    *in_use = Some((endpoint.clone(), users));
    Ok(endpoint)
}

fn open(path: &Path) -> Result<File, LocalPostgresError> {
    open_private(path).map_err(LocalPostgresError::io("open", path))
}

/// A directory of this user and this checkout, in a place the server's account can reach.
fn home() -> Result<PathBuf, LocalPostgresError> {
    let own = rustix::process::geteuid().as_raw();
    let mut checkout = DefaultHasher::new();
    env!("CARGO_MANIFEST_DIR").hash(&mut checkout);
    // Not TMPDIR, which may be closed to the server's account or too long for a socket.
    let home = PathBuf::from(format!("/tmp/daybook-tests-{own}-{:016x}", checkout.finish()));
    // Passable for the server's account; what is secret in it has mode 0600.
    match DirBuilder::new().mode(0o711).create(&home) {
        Err(error) if error.kind() != std::io::ErrorKind::AlreadyExists => {
            return Err(LocalPostgresError::io("create", &home)(error));
        }
        _ => {}
    }
    let found = fs::symlink_metadata(&home).map_err(LocalPostgresError::io("look at", &home))?;
    if found.is_dir() && found.uid() == own && found.mode() & 0o022 == 0 {
        Ok(home)
    } else {
        let source = std::io::ErrorKind::PermissionDenied.into();
        Err(LocalPostgresError::io("trust", &home)(source))
    }
}

/// The server another process started, if it is up.
fn running(home: &Path, cluster: &Path, account: Account) -> Option<Endpoint> {
    let alive = leftovers::recorded_pid(cluster)
        .is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok());
    if !alive || !process::is_ready(cluster, None) {
        return None;
    }
    Some(Endpoint {
        port: read_trimmed(&home.join("port"))?.parse().ok()?,
        socket_dir: layout::socket_dir(cluster, account).ok()?,
        password: read_trimmed(&home.join("password"))?,
    })
}

fn start(
    settings: &Settings,
    home: &Path,
    cluster: &Path,
    account: Account,
) -> Result<Endpoint, LocalPostgresError> {
    leftovers::clear(cluster)?;
    if cluster.exists() {
        fs::remove_dir_all(cluster).map_err(LocalPostgresError::io("remove", cluster))?;
    }
    let binaries = Binaries::find(settings.binaries.as_deref(), cluster)?;
    let endpoint = Endpoint {
        port: process::choose_port(None)?,
        socket_dir: layout::socket_dir(cluster, account)?,
        password: layout::new_password()?,
    };
    cluster::ensure(&binaries, cluster, account, &endpoint.password, cluster::Sync::Skip)?;
    write_private(&home.join("password"), &endpoint.password)?;
    write_private(&home.join("port"), &endpoint.port.to_string())?;
    let parameters = PARAMETERS.iter().map(|&(name, value)| (name.to_owned(), value.to_owned()));
    let server = Server {
        binaries,
        cluster: cluster.to_path_buf(),
        account,
        endpoint,
        parameters: parameters.collect(),
    };
    watch(home, &server)?;
    Ok(server.endpoint)
}

/// Starts the shell that starts and watches the server, and waits until the server is up.
fn watch(home: &Path, server: &Server) -> Result<(), LocalPostgresError> {
    let log = home.join("log");
    // Of the last run only: it belongs to a cluster that is gone.
    let _ = fs::remove_file(&log);
    let shell = Path::new("/bin/sh");
    let mut command = Command::new(shell);
    command.args(["-c", WATCH, "daybook-test-postgres"]);
    command.arg(server.binaries.postgres()).args(server.arguments());
    process::prepare(&mut command, server.account, open(&log)?)?;
    // Opened anew: a lock belongs to the opening, and ours is shared.
    command.stdin(open(&home.join("users"))?);
    let mut watcher = command.spawn().map_err(LocalPostgresError::io("run", shell))?;
    let begun = Instant::now();
    while !process::is_ready(&server.cluster, None) {
        let ended = watcher.try_wait().ok().flatten();
        if ended.is_some() || begun.elapsed() > PATIENCE {
            return Err(LocalPostgresError::NotReady {
                reason: ended.map_or("not ready in time".to_owned(), |status| status.to_string()),
                tail: process::tail(&log, 0),
                log,
            });
        }
        thread::sleep(crate::POLL);
    }
    Ok(())
}
