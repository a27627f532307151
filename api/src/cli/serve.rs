//! `daybook serve`: the server process.

use std::io::Write as _;

use anyhow::Result;
use clap::Args;
use uuid::Uuid;

use super::{Place, configured, demo, log_to_stderr, shell::curl};
use crate::{
    config::Config,
    serve::{AdminKey, Server, asked_to_stop},
};

/// How the server is started; what is not given comes from the environment.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen [default: 127.0.0.1:8080] [env: `DAYBOOK_LISTEN`]
    #[arg(long)]
    listen: Option<String>,
    /// Where other processes reach this one [env: `DAYBOOK_ADVERTISE`]
    #[arg(long)]
    advertise: Option<String>,
    /// Open a demonstration of five organizations at the first start, and say what to look at at each
    #[arg(long)]
    demo: bool,
    #[command(flatten)]
    place: Place,
}

pub(super) async fn run(arguments: Serve) -> Result<()> {
    let Serve { listen, advertise, demo, place } = arguments;
    let sources =
        place.sources().with("DAYBOOK_LISTEN", listen).with("DAYBOOK_ADVERTISE", advertise);
    let config = configured(sources)?;
    log_to_stderr(&config);
    let server = Server::start(&config).await?;
    greet(&server, &config)?;
    if demo {
        open_demonstration(&server)?;
    } else {
        suggest(&server)?;
    }
    server.run(asked_to_stop()).await
}

/// Says where the server is.
fn greet(server: &Server, config: &Config) -> Result<()> {
    let address = server.address()?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "Daybook listens on http://{address} (documentation: http://{address}/docs/)")?;
    match &server.admin_key {
        AdminKey::Here(path) => writeln!(out, "The administrator's key is in {}.", path.display())?,
        AdminKey::Elsewhere => writeln!(
            out,
            "The administrator's key was made by another start; {} has none.",
            config.data_dir.display()
        )?,
    }
    out.flush()?;
    Ok(())
}

/// Says what to try with an instance that holds nothing yet.
fn suggest(server: &Server) -> Result<()> {
    let AdminKey::Here(key) = &server.admin_key else { return Ok(()) };
    let (address, curl) = (server.address()?, curl(key));
    let mut out = std::io::stdout().lock();
    writeln!(out, "Try:\n\n  {curl} http://{address}/v1/listings")?;
    writeln!(
        out,
        "  {curl} -H 'Content-Type: application/json' -d '{{\"organization_id\":\"{}\",\"kind\":\
         \"stay\",\"name\":{{\"en\":\"My house\"}},\"zone\":\"Europe/Lisbon\",\"currency\":\"EUR\",\
         \"check_in\":\"15:00\",\"check_out\":\"11:00\"}}' http://{address}/v1/listings",
        Uuid::now_v7()
    )?;
    writeln!(out, "  {curl} 'http://{address}/v1/analytics/bookings?group_by=month,channel'\n")?;
    out.flush()?;
    Ok(())
}

/// Opens the demonstration as soon as the server answers.
fn open_demonstration(server: &Server) -> Result<()> {
    let AdminKey::Here(key) = &server.admin_key else {
        tracing::warn!("without the administrator's key there is no demonstration");
        return Ok(());
    };
    let (url, key) = (format!("http://{}", server.address()?), key.clone());
    tokio::spawn(async move {
        if let Err(error) = demo::open(&url, &key, None).await {
            tracing::warn!(error = format!("{error:#}"), "the demonstration is not complete");
        }
    });
    Ok(())
}
