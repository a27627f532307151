//! The first key: made at the first start, kept in the data directory for whoever runs the server.

use std::{
    fs::OpenOptions,
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use sqlx::PgPool;

use crate::keys::{Keys, PlainKey, Right};

/// Where the administrator's key is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminKey {
    /// In this file.
    Here(PathBuf),
    /// Not in this data directory.
    Elsewhere,
}

/// Makes the administrator's key if the database has none. Of several first starts at once, one makes it.
pub(super) async fn ensure(pool: &PgPool, data_dir: &Path) -> Result<AdminKey> {
    const LOCK: i64 = 0x6461_7962_6f6f_6b01;
    let path = data_dir.join("admin.key");
    let mut lock = pool.begin().await.context("the database cannot be reached")?;
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *lock).await?;
    let keys = Keys::load(pool.clone()).await?;
    let kept = std::fs::read_to_string(&path).ok().map(|text| PlainKey::from_text(&text));
    let admin = std::iter::once(Right::Admin);
    let found = match kept {
        Some(key) if keys.knows(&key) => AdminKey::Here(path),
        Some(key) if !keys.has_admin() => {
            keys.add("administrator", admin.collect(), &key).await?;
            AdminKey::Here(path)
        }
        None if !keys.has_admin() => {
            let key = PlainKey::generate();
            write(&path, &key).with_context(|| format!("{} cannot be written", path.display()))?;
            keys.add("administrator", admin.collect(), &key).await?;
            AdminKey::Here(path)
        }
        Some(_) | None => AdminKey::Elsewhere,
    };
    lock.commit().await?;
    Ok(found)
}

fn write(path: &Path, key: &PlainKey) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    writeln!(file, "{}", key.reveal())?;
    file.sync_all()
}
