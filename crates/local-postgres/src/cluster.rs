//! Creating a cluster, once and completely.

use std::fs;
use std::io::Write;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::LocalPostgresError;
use crate::account::Account;
use crate::binaries::{Binaries, cluster_version};
use crate::layout::private_directory;

/// The role that owns everything.
pub(crate) const ROLE: &str = "daybook";

/// Character types to try: Arabic needs a UTF-8 one for trigrams, and not every system has the
/// first.
const CHARACTER_TYPES: [&str; 2] = ["C.UTF-8", "en_US.UTF-8"];

/// How careful `initdb` is with the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sync {
    /// Written to disk before it returns.
    Full,
    /// For clusters that are thrown away.
    Skip,
}

/// Creates the cluster unless it exists; then makes sure it belongs to the account.
pub(crate) fn ensure(
    binaries: &Binaries,
    cluster: &Path,
    account: Account,
    password: &str,
    sync: Sync,
) -> Result<(), LocalPostgresError> {
    if cluster_version(cluster).is_some() {
        return adopt(cluster, account);
    }
    // Built under another name and renamed when whole: a crash in between leaves no half cluster.
    let unfinished = cluster.with_extension("unfinished");
    if unfinished.exists() {
        fs::remove_dir_all(&unfinished).map_err(LocalPostgresError::io("remove", &unfinished))?;
    }
    private_directory(&unfinished, account)?;
    let mut failure = String::new();
    for character_type in CHARACTER_TYPES {
        match init(binaries, &unfinished, account, password, sync, character_type)? {
            Ok(()) => {
                return fs::rename(&unfinished, cluster)
                    .map_err(LocalPostgresError::io("rename", &unfinished));
            }
            Err(output) => failure = output,
        }
    }
    Err(LocalPostgresError::InitDb { directory: cluster.to_path_buf(), output: failure })
}

/// Takes over a cluster whose owner is root, as after a backup was copied back.
fn adopt(cluster: &Path, account: Account) -> Result<(), LocalPostgresError> {
    let found = fs::metadata(cluster).map_err(LocalPostgresError::io("look at", cluster))?;
    if let Account::Other { uid, .. } = account
        && found.uid() != uid
    {
        account.own_tree(cluster)?;
    }
    if found.mode() & 0o077 != 0 {
        fs::set_permissions(cluster, fs::Permissions::from_mode(0o700))
            .map_err(LocalPostgresError::io("close", cluster))?;
    }
    Ok(())
}

/// Runs `initdb`; the inner error is what it said.
fn init(
    binaries: &Binaries,
    cluster: &Path,
    account: Account,
    password: &str,
    sync: Sync,
    character_type: &str,
) -> Result<Result<(), String>, LocalPostgresError> {
    let secret = password_file(account, password)?;
    let mut initdb = Command::new(binaries.initdb());
    initdb.arg("--pgdata").arg(cluster).arg("--pwfile").arg(secret.path());
    initdb.args(["--username", ROLE, "--auth", "scram-sha-256", "--encoding", "UTF8"]);
    // Order by bytes, which is quick and never changes with the C library.
    initdb.args(["--locale", "C", "--lc-ctype", character_type]);
    if sync == Sync::Skip {
        initdb.arg("--no-sync");
    }
    initdb.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
    account.apply(&mut initdb);
    let output = initdb.output().map_err(LocalPostgresError::io("run", &binaries.initdb()))?;
    if output.status.success() {
        Ok(Ok(()))
    } else {
        Ok(Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
    }
}

fn password_file(
    account: Account,
    password: &str,
) -> Result<tempfile::NamedTempFile, LocalPostgresError> {
    // Not in TMPDIR, which may be closed to the server's account.
    let place = Path::new("/tmp");
    let mut file =
        tempfile::NamedTempFile::new_in(place).map_err(LocalPostgresError::io("use", place))?;
    file.write_all(password.as_bytes()).map_err(LocalPostgresError::io("write to", place))?;
    account.own(file.path())?;
    Ok(file)
}
