//! The private PostgreSQL that everything stands on, and the directories that go when it is over.

use anyhow::{Context, Result};
use daybook_local_postgres::{LocalPostgres, Settings};
use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;

/// More than our own default: the rivals take a connection for each client.
const MOST_CONNECTIONS: &str = "1200";

/// One durable server, and one database for each contender.
pub(super) struct Stage {
    postgres: LocalPostgres,
    directory: TempDir,
}

impl Stage {
    pub(super) async fn start() -> Result<Self> {
        let directory = tempfile::Builder::new().prefix("daybook-bench-").tempdir()?;
        let mut settings = Settings::new(directory.path());
        // Said again although it is the default: the figures are worth nothing without it.
        for (name, value) in [
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
            ("max_connections", MOST_CONNECTIONS),
        ] {
            settings.parameters.push((name.to_owned(), value.to_owned()));
        }
        let postgres = LocalPostgres::start(settings).await.context("PostgreSQL does not start")?;
        Ok(Self { postgres, directory })
    }

    /// Creates a contender's database unless it exists, and says where it is.
    pub(super) async fn database(&self, name: &str) -> Result<String> {
        self.postgres.create_database(name).await?;
        Ok(self.postgres.url(name))
    }

    pub(super) async fn connect(&self, name: &str) -> Result<PgConnection> {
        let url = self.database(name).await?;
        PgConnection::connect(&url).await.with_context(|| format!("cannot connect to {name}"))
    }

    /// Where the database keeps its files: what the disk does there counts.
    pub(super) fn directory(&self) -> &std::path::Path {
        self.directory.path()
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.postgres.pid()
    }

    /// Makes every measurement begin with clean buffers, so that none pays for the one before.
    pub(super) async fn settle(&self) -> Result<()> {
        let mut connection = PgConnection::connect(&self.postgres.url("postgres")).await?;
        connection.execute("CHECKPOINT").await?;
        connection.close().await?;
        Ok(())
    }

    pub(super) async fn stop(self) -> Result<()> {
        self.postgres.stop().await.context("PostgreSQL does not stop")
    }
}
