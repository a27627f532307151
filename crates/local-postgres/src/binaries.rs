//! Finding an installed PostgreSQL.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::LocalPostgresError;

/// The oldest major version our SQL is written for.
const OLDEST: u32 = 15;

/// One installation: the directory of its binaries and its major version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    directory: PathBuf,
    pub(crate) major: u32,
}

impl Binaries {
    pub(crate) fn initdb(&self) -> PathBuf {
        self.directory.join("initdb")
    }

    pub(crate) fn postgres(&self) -> PathBuf {
        self.directory.join("postgres")
    }

    /// The newest installation; for an existing cluster, the one of the version that created it.
    pub(crate) fn find(only: Option<&Path>, cluster: &Path) -> Result<Self, LocalPostgresError> {
        let places = only.map_or_else(usual_places, |directory| vec![directory.to_path_buf()]);
        let mut found: Vec<Self> = places.iter().filter_map(|place| inspect(place)).collect();
        found.sort_by_key(|binaries| binaries.major);
        let newest = found.last().cloned().ok_or_else(|| LocalPostgresError::NotInstalled {
            searched: places
                .iter()
                .map(|place| place.display().to_string())
                .collect::<Vec<_>>()
                .join(", "),
        })?;
        let Some(version) = cluster_version(cluster) else {
            return Ok(newest);
        };
        match found.iter().find(|binaries| binaries.major.to_string() == version) {
            Some(matching) => Ok(matching.clone()),
            None => Err(LocalPostgresError::WrongVersion {
                directory: cluster.to_path_buf(),
                cluster: version,
                installed: newest.major.to_string(),
            }),
        }
    }
}

/// The major version that created a cluster, if there is one.
pub(crate) fn cluster_version(cluster: &Path) -> Option<String> {
    let version = fs::read_to_string(cluster.join("PG_VERSION")).ok()?;
    Some(version.trim().to_owned())
}

fn usual_places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> =
        env::var_os("PATH").map(|path| env::split_paths(&path).collect()).unwrap_or_default();
    places.retain(|place| place.is_absolute() && place.join("initdb").is_file());
    places.extend(children("/usr/lib/postgresql", "bin"));
    for prefix in ["/opt/homebrew/opt", "/usr/local/opt", "/home/linuxbrew/.linuxbrew/opt"] {
        places.extend(children(prefix, "bin").into_iter().filter(|bin| {
            bin.parent()
                .and_then(Path::file_name)
                .is_some_and(|name| name.as_encoded_bytes().starts_with(b"postgresql"))
        }));
    }
    if places.is_empty() {
        places.extend(["PATH", "/usr/lib/postgresql/*/bin"].map(PathBuf::from));
    }
    places
}

fn children(parent: &str, below: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().join(below)).filter(|bin| bin.is_dir()).collect()
}

fn inspect(directory: &Path) -> Option<Binaries> {
    if !directory.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(directory.join("postgres")).arg("--version").output().ok()?;
    let major = parse_major(&String::from_utf8_lossy(&output.stdout))?;
    (major >= OLDEST).then(|| Binaries { directory: directory.to_path_buf(), major })
}

/// Reads `postgres (PostgreSQL) 15.14 (Debian 15.14-1)`, `… 18beta1` and the like.
fn parse_major(version: &str) -> Option<u32> {
    let number = version.split_once("(PostgreSQL)")?.1.trim_start();
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    number[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn major_versions_are_read_from_what_postgres_prints() {
        let debian = "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n";
        assert_eq!(parse_major(debian), Some(15));
        assert_eq!(parse_major("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(parse_major("something else 15"), None);
    }

    #[test]
    fn an_empty_directory_is_no_installation_and_the_error_says_what_to_install() {
        let empty = tempfile::tempdir().unwrap();
        let error = Binaries::find(Some(empty.path()), Path::new("/nonexistent")).unwrap_err();
        let message = error.to_string();
        assert!(message.contains("apt-get install postgresql"), "{message}");
        assert!(message.contains(&empty.path().display().to_string()), "{message}");
    }
}
