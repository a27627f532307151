//! What lies where in the data directory, and who may hold it.
//!
//! ```text
//! <data dir>/postgres/           the cluster (elsewhere if the server's account cannot come here)
//! <data dir>/postgres.location   where the cluster is, if it is elsewhere
//! <data dir>/postgres.password   the password of the role daybook, mode 0600
//! <data dir>/postgres.port       the port of the last run, taken again when it is free
//! <data dir>/postgres.log        what the server says; the previous part in postgres.log.1
//! <data dir>/postgres.lock       held by the one process that runs the server
//! ```

use std::env;
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::thread;
use std::time::{Duration, Instant};

use crate::LocalPostgresError;
use crate::account::Account;

/// Where clusters go whose data directory the server's account cannot reach.
const SHARED_HOME: &str = "/var/lib/daybook";
/// A Unix socket's path may take some 100 bytes; the file name in it takes up to 20.
const LONGEST_SOCKET_DIR: usize = 80;
/// A predecessor that was just killed may take a moment to let go of its lock.
const LOCK_PATIENCE: Duration = Duration::from_millis(500);
const LARGEST_LOG: u64 = 16 << 20;

/// The data directory, held by this process until dropped.
#[derive(Debug)]
pub(crate) struct Layout {
    root: PathBuf,
    /// Where the cluster is.
    pub(crate) cluster: PathBuf,
    /// Who the server runs as.
    pub(crate) account: Account,
    _locks: Vec<File>,
}

impl Layout {
    /// Creates and locks the directory, and decides where the cluster is and who runs it.
    pub(crate) fn claim(root: &Path, user: Option<&str>) -> Result<Self, LocalPostgresError> {
        fs::create_dir_all(root).map_err(LocalPostgresError::io("create", root))?;
        let root = fs::canonicalize(root).map_err(LocalPostgresError::io("resolve", root))?;
        let mut locks = vec![lock(&root)?];
        let (cluster, account) = match read_trimmed(&root.join("postgres.location")) {
            Some(elsewhere) => {
                let cluster = PathBuf::from(elsewhere);
                locks.push(lock(cluster.parent().unwrap_or(&cluster))?);
                let account = Account::choose(user, &cluster)?;
                (cluster, account)
            }
            None => place_cluster(&root, user)?,
        };
        Ok(Self { root, cluster, account, _locks: locks })
    }

    /// The server's log file.
    pub(crate) fn log(&self) -> PathBuf {
        self.root.join("postgres.log")
    }

    /// Opens the log to append to, after putting a large one aside.
    pub(crate) fn open_log(&self) -> Result<File, LocalPostgresError> {
        let log = self.log();
        if fs::metadata(&log).is_ok_and(|found| found.len() > LARGEST_LOG) {
            let previous = self.root.join("postgres.log.1");
            fs::rename(&log, previous).map_err(LocalPostgresError::io("rename", &log))?;
        }
        OpenOptions::new()
            .create(true)
            .append(true)
            .mode(0o600)
            .open(&log)
            .map_err(LocalPostgresError::io("open", &log))
    }

    /// The password of this cluster; a new one if there is no cluster yet.
    pub(crate) fn password(&self) -> Result<String, LocalPostgresError> {
        let path = self.root.join("postgres.password");
        if let Some(password) = read_trimmed(&path) {
            return Ok(password);
        }
        if self.cluster.exists() {
            // A new one would not be the cluster's.
            return Err(LocalPostgresError::io("read", &path)(ErrorKind::NotFound.into()));
        }
        let password = new_password()?;
        write_private(&path, &password)?;
        Ok(password)
    }

    /// The port of the last run.
    pub(crate) fn last_port(&self) -> Option<u16> {
        read_trimmed(&self.root.join("postgres.port"))?.parse().ok()
    }

    /// Remembers the port for the next run.
    pub(crate) fn remember_port(&self, port: u16) -> Result<(), LocalPostgresError> {
        write_private(&self.root.join("postgres.port"), &port.to_string())
    }
}

/// A directory for the Unix socket of a cluster: short, and open to nobody but the account.
pub(crate) fn socket_dir(cluster: &Path, account: Account) -> Result<PathBuf, LocalPostgresError> {
    let mut hasher = DefaultHasher::new();
    cluster.hash(&mut hasher);
    let name = format!("daybook-{:016x}", hasher.finish());
    let mut refusal = None;
    for parent in socket_parents(account) {
        let candidate = parent.join(&name);
        if candidate.as_os_str().len() > LONGEST_SOCKET_DIR || !account.can_enter(&parent) {
            continue;
        }
        match private_directory(&candidate, account) {
            Ok(()) => return Ok(candidate),
            Err(error) => refusal = Some(error),
        }
    }
    Err(refusal.unwrap_or_else(|| LocalPostgresError::Io {
        action: "find a directory for the Unix socket".to_owned(),
        source: ErrorKind::NotFound.into(),
    }))
}

/// Puts the cluster below the data directory, or where the server's account can reach it.
fn place_cluster(
    root: &Path,
    user: Option<&str>,
) -> Result<(PathBuf, Account), LocalPostgresError> {
    let cluster = root.join("postgres");
    let account = Account::choose(user, &cluster)?;
    if account.can_enter(root) {
        return Ok((cluster, account));
    }
    // The directory itself is ours to open up for passing through; its parents are not.
    let mode = fs::metadata(root).map_err(LocalPostgresError::io("look at", root))?.mode();
    let passable = Permissions::from_mode(mode & 0o7777 | 0o011);
    fs::set_permissions(root, passable).map_err(LocalPostgresError::io("open up", root))?;
    if account.can_enter(root) || cluster.exists() {
        return Ok((cluster, account));
    }
    let home = Path::new(SHARED_HOME).join(uuid::Uuid::now_v7().simple().to_string());
    fs::create_dir_all(&home).map_err(LocalPostgresError::io("create", &home))?;
    for directory in [Path::new(SHARED_HOME), &home] {
        fs::set_permissions(directory, Permissions::from_mode(0o711))
            .map_err(LocalPostgresError::io("open up", directory))?;
    }
    let elsewhere = home.join("postgres");
    write_private(&root.join("postgres.location"), &elsewhere.display().to_string())?;
    tracing::warn!(
        data_dir = %root.display(),
        cluster = %elsewhere.display(),
        "the account PostgreSQL runs as cannot reach the data directory (a directory above it is \
         closed to others), so the cluster is kept elsewhere; delete both together"
    );
    Ok((elsewhere, account))
}

fn lock(directory: &Path) -> Result<File, LocalPostgresError> {
    let path = directory.join("postgres.lock");
    let mut file = open_private(&path).map_err(LocalPostgresError::io("open", &path))?;
    let patient_until = Instant::now() + LOCK_PATIENCE;
    loop {
        match file.try_lock() {
            Ok(()) => break,
            Err(TryLockError::WouldBlock) if Instant::now() < patient_until => {
                thread::sleep(crate::POLL);
            }
            Err(TryLockError::WouldBlock) => {
                let holder = read_trimmed(&path).unwrap_or_else(|| "another process".to_owned());
                return Err(LocalPostgresError::InUse { directory: directory.into(), holder });
            }
            Err(TryLockError::Error(error)) => {
                return Err(LocalPostgresError::io("lock", &path)(error));
            }
        }
    }
    let note = format!("process {}\n", process::id());
    file.set_len(0)
        .and_then(|()| file.write_all(note.as_bytes()))
        .map_err(LocalPostgresError::io("write", &path))?;
    Ok(file)
}

fn socket_parents(account: Account) -> Vec<PathBuf> {
    let runtime = match account {
        Account::Own => env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from),
        Account::Other { .. } => Some(PathBuf::from("/run")),
    };
    let mut parents = Vec::from_iter(runtime);
    parents.extend([env::temp_dir(), PathBuf::from("/tmp")]);
    parents.retain(|parent| parent.is_absolute() && parent.is_dir());
    parents
}

/// Creates a directory for one account alone, or checks that an existing one is just that: in a
/// shared directory anybody could have put something else there.
pub(crate) fn private_directory(path: &Path, account: Account) -> Result<(), LocalPostgresError> {
    match DirBuilder::new().mode(0o700).create(path) {
        Ok(()) => return account.own(path),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(LocalPostgresError::io("create", path)(error)),
    }
    let found = fs::symlink_metadata(path).map_err(LocalPostgresError::io("look at", path))?;
    let own = rustix::process::geteuid().as_raw();
    let expected = match account {
        Account::Own => own,
        Account::Other { uid, .. } => uid,
    };
    let ours = found.is_dir()
        && (found.uid() == own || found.uid() == expected)
        && found.mode() & 0o077 == 0;
    if ours {
        account.own(path)
    } else {
        let action = format!("use {}: it is not a private directory of ours", path.display());
        let source = ErrorKind::PermissionDenied.into();
        Err(LocalPostgresError::Io { action, source })
    }
}

/// Opens a file of mode 0600 for reading and writing, creating it if absent.
pub(crate) fn open_private(path: &Path) -> std::io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Replaces a file of mode 0600 as a whole, so that a crash leaves the old or the new content.
pub(crate) fn write_private(path: &Path, content: &str) -> Result<(), LocalPostgresError> {
    let fresh = path.with_extension("new");
    let write = || {
        let mut file = open_private(&fresh)?;
        file.set_len(0)?;
        file.write_all(content.as_bytes())?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    };
    write().map_err(LocalPostgresError::io("write", path))
}

/// The trimmed content of a small file, or `None` if it is absent, unreadable or empty.
pub(crate) fn read_trimmed(path: &Path) -> Option<String> {
    let content = fs::read_to_string(path).ok()?;
    let content = content.trim();
    (!content.is_empty()).then(|| content.to_owned())
}

/// 192 bits from the kernel, as hexadecimal digits.
pub(crate) fn new_password() -> Result<String, LocalPostgresError> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0_u8; 24];
    File::open(source)
        .and_then(|mut random| random.read_exact(&mut bytes))
        .map_err(LocalPostgresError::io("read", source))?;
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 0xf]);
    Ok(digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect())
}
