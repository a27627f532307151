//! Who the server runs as: PostgreSQL refuses to run as root.

use std::fs;
use std::os::unix::fs::{MetadataExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::LocalPostgresError;

const ROOT: u32 = 0;

/// The account to drop to, or ourselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Account {
    /// We are unprivileged: the server runs as we do.
    Own,
    /// We are root: the server runs as this account.
    Other { uid: u32, gid: u32 },
}

impl Account {
    /// Chooses the account for a cluster: whoever owns it already, else the one configured.
    pub(crate) fn choose(wanted: Option<&str>, cluster: &Path) -> Result<Self, LocalPostgresError> {
        let own = rustix::process::geteuid().as_raw();
        let owner = fs::metadata(cluster).ok().map(|found| (found.uid(), found.gid()));
        match (own, owner) {
            (ROOT, Some((uid, gid))) if uid != ROOT => Ok(Self::Other { uid, gid }),
            (ROOT, _) => Self::look_up(wanted),
            (_, Some((owner, _))) if owner != own => Err(LocalPostgresError::ForeignOwner {
                directory: cluster.to_path_buf(),
                owner,
                own,
            }),
            _ => Ok(Self::Own),
        }
    }

    fn look_up(wanted: Option<&str>) -> Result<Self, LocalPostgresError> {
        let passwd = fs::read_to_string("/etc/passwd").unwrap_or_default();
        let names: &[&str] = match &wanted {
            Some(name) => std::slice::from_ref(name),
            None => &["postgres", "nobody"],
        };
        names
            .iter()
            .find_map(|name| find_in(&passwd, name))
            .ok_or_else(|| LocalPostgresError::NoAccount { wanted: names.join(" or ") })
    }

    /// Gives the process to be started to this account.
    pub(crate) fn apply(self, command: &mut Command) {
        if let Self::Other { uid, gid } = self {
            command.uid(uid).gid(gid);
        }
    }

    /// Hands one directory or file over to this account.
    pub(crate) fn own(self, path: &Path) -> Result<(), LocalPostgresError> {
        match self {
            Self::Own => Ok(()),
            Self::Other { uid, gid } => lchown(path, Some(uid), Some(gid))
                .map_err(LocalPostgresError::io("change the owner of", path)),
        }
    }

    /// Hands a whole tree over, as after a backup was copied back by root.
    pub(crate) fn own_tree(self, path: &Path) -> Result<(), LocalPostgresError> {
        if self == Self::Own {
            return Ok(());
        }
        self.own(path)?;
        if !path.is_symlink() && path.is_dir() {
            let entries = fs::read_dir(path).map_err(LocalPostgresError::io("read", path))?;
            for entry in entries {
                let entry = entry.map_err(LocalPostgresError::io("read", path))?;
                self.own_tree(&entry.path())?;
            }
        }
        Ok(())
    }

    /// Whether this account may enter a directory. Asked of the kernel, which also knows ACLs.
    pub(crate) fn can_enter(self, directory: &Path) -> bool {
        if self == Self::Own {
            return true;
        }
        let mut probe = Command::new("/bin/sh");
        probe.args(["-c", r#"cd "$1""#, "sh"]).arg(directory).current_dir("/");
        probe.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.apply(&mut probe);
        probe.status().is_ok_and(|status| status.success())
    }
}

fn find_in(passwd: &str, name: &str) -> Option<Account> {
    passwd.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        let [found, _, uid, gid, ..] = fields[..] else {
            return None;
        };
        let (uid, gid) = (uid.parse().ok()?, gid.parse().ok()?);
        (found == name && uid != ROOT).then_some(Account::Other { uid, gid })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSWD: &str = "root:x:0:0:root:/root:/bin/bash\nbroken\npostgres:x:101:104::/:/bin/sh\n";

    #[test]
    fn an_account_is_found_by_its_whole_name() {
        assert_eq!(find_in(PASSWD, "postgres"), Some(Account::Other { uid: 101, gid: 104 }));
        assert_eq!(find_in(PASSWD, "postg"), None);
    }

    #[test]
    fn root_is_never_the_answer() {
        assert_eq!(find_in(PASSWD, "root"), None);
    }
}
