//! The command line.
//!
//! A new command is a file with its arguments and its `run`, one variant below, and one arm in `run`.

mod bench;
mod client;
mod demo;
mod import;
mod payments;
mod projections;
mod serve;
mod shell;

use std::{io::Write as _, process::ExitCode};

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};

use crate::{
    config::{Config, Sources},
    openapi,
    serve::Database,
};

/// A booking engine: bookings that can never be sold twice, and a history that can be proved
#[derive(Debug, Parser)]
#[command(name = "daybook", version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API
    Serve(serve::Serve),
    /// Bring the database up to date
    Migrate(Place),
    /// Bring bookings in from elsewhere
    #[command(subcommand)]
    Import(import::Import),
    /// Compare payments with the books of their providers
    #[command(subcommand)]
    Payments(payments::Payments),
    /// See, rebuild and verify the read models
    Projections(projections::Projections),
    /// Measure bookings per second on this machine, beside plain SQL and plain cqrs-es
    Bench(bench::Bench),
    /// Fill a running instance with a demonstration of five organizations
    Demo(demo::Demo),
    /// Print the OpenAPI document
    Openapi,
}

/// Where the database is.
#[derive(Debug, Args)]
struct Place {
    /// Where the private PostgreSQL and the administrator's key are kept [default: .daybook]
    #[arg(long, global = true)]
    data_dir: Option<String>,
    /// The database; without one, a private PostgreSQL in the data directory [env: `DATABASE_URL`]
    #[arg(long, global = true)]
    database_url: Option<String>,
}

impl Place {
    fn sources(&self) -> Sources {
        Sources::default()
            .with("DAYBOOK_DATA_DIR", self.data_dir.clone())
            .with("DATABASE_URL", self.database_url.clone())
    }

    fn config(&self) -> Result<Config> {
        configured(self.sources())
    }
}

/// Runs the program.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    match begin(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to be told if this cannot be written.
            let _ = writeln!(std::io::stderr(), "daybook: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn begin(cli: Cli) -> Result<()> {
    // An error means that another part of the program did it already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the runtime does not start")?;
    runtime.block_on(run(cli.command))
}

async fn run(command: Command) -> Result<()> {
    match command {
        Command::Serve(arguments) => serve::run(arguments).await,
        Command::Migrate(place) => migrate(&place).await,
        Command::Import(import) => import.run().await,
        Command::Payments(payments) => payments.run().await,
        Command::Projections(arguments) => projections::run(arguments).await,
        Command::Bench(arguments) => arguments.run().await,
        Command::Demo(arguments) => demo::run(arguments).await,
        Command::Openapi => {
            std::io::stdout().write_all(openapi::printed().as_bytes())?;
            Ok(())
        }
    }
}

async fn migrate(place: &Place) -> Result<()> {
    let config = place.config()?;
    log_to_stderr(&config);
    Database::open(&config).await?.close().await?;
    writeln!(std::io::stdout(), "The database is up to date.")?;
    Ok(())
}

/// The settings, with what the environment and the file add.
fn configured(sources: Sources) -> Result<Config> {
    let sources = sources.complete(|name| std::env::var(name).ok())?;
    Ok(Config::try_new(&sources)?)
}

/// Logs as JSON lines on standard error.
fn log_to_stderr(config: &Config) {
    let filter = tracing_subscriber::EnvFilter::try_new(&config.log).unwrap_or_default();
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
}
