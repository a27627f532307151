//! What it was measured on.

use std::{
    collections::BTreeMap,
    fs,
    io::{Seek as _, Write as _},
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Result;
use serde::Serialize;

use super::stage::Stage;

/// The settings of the database that figures depend on.
const SETTINGS: [&str; 7] = [
    "fsync",
    "synchronous_commit",
    "full_page_writes",
    "wal_compression",
    "shared_buffers",
    "max_wal_size",
    "wal_sync_method",
];

/// The machine and the database.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Machine {
    pub(super) daybook: &'static str,
    /// Whether this program was built to be fast. If not, the figures mean nothing.
    pub(super) optimized: bool,
    pub(super) cores: usize,
    pub(super) processor: Option<String>,
    pub(super) memory_gib: Option<f64>,
    pub(super) system: Option<String>,
    /// Processes that wanted to run in the minute before: others than us disturb.
    pub(super) load_before: Option<f64>,
    /// How often in a second the disk makes a small write durable, one after another.
    pub(super) syncs_per_second: f64,
    pub(super) postgres: String,
    pub(super) settings: BTreeMap<&'static str, String>,
}

/// Looks at the machine, before it is busy.
pub(super) async fn look(stage: &Stage) -> Result<Machine> {
    let mut connection = stage.connect("postgres").await?;
    let mut settings = BTreeMap::new();
    for name in SETTINGS {
        let value: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await?;
        settings.insert(name, value);
    }
    let postgres: String = sqlx::query_scalar("SELECT current_setting('server_version')")
        .fetch_one(&mut connection)
        .await?;
    let probe = stage.directory().join("probe");
    Ok(Machine {
        daybook: env!("CARGO_PKG_VERSION"),
        optimized: !cfg!(debug_assertions),
        cores: std::thread::available_parallelism().map_or(1, Into::into),
        processor: field("/proc/cpuinfo", "model name"),
        memory_gib: memory_gib(),
        system: fs::read_to_string("/proc/sys/kernel/osrelease")
            .ok()
            .map(|release| format!("{} {}", std::env::consts::OS, release.trim())),
        load_before: load_average(),
        syncs_per_second: tokio::task::spawn_blocking(move || syncs_per_second(probe)).await??,
        postgres,
        settings,
    })
}

fn field(path: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'))?.1;
    Some(value.trim().to_owned())
}

fn memory_gib() -> Option<f64> {
    let total = field("/proc/meminfo", "MemTotal")?;
    let kib: f64 = total.strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib / f64::from(1 << 20))
}

fn load_average() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

/// Overwrites one page of a file and makes it durable, again and again.
fn syncs_per_second(path: PathBuf) -> Result<f64> {
    let mut file = fs::File::create(&path)?;
    let page = [0x5a_u8; 8192];
    let (started, mut many) = (Instant::now(), 0.0);
    while started.elapsed() < Duration::from_millis(300) {
        file.rewind()?;
        file.write_all(&page)?;
        file.sync_data()?;
        many += 1.0;
    }
    let seconds = started.elapsed().as_secs_f64();
    fs::remove_file(path)?;
    Ok(many / seconds)
}
