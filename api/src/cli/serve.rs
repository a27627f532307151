//! `daybook serve`: the server process.

use anyhow::Result;
use clap::Args;

use super::{Place, configured, demo, log_to_stderr};
use crate::{
    config::Config,
    serve::{AdminKey, Server, asked_to_stop, greet},
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
    /// Open a small demonstration hotel at the first start
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
        open_demonstration(&server, &config)?;
    }
    server.run(asked_to_stop()).await
}

/// Opens the demonstration hotel as soon as the server answers.
fn open_demonstration(server: &Server, config: &Config) -> Result<()> {
    let AdminKey::Here(key) = &server.admin_key else {
        tracing::warn!("without the administrator's key there is no demonstration");
        return Ok(());
    };
    let (url, key) = (format!("http://{}", server.address()?), key.clone());
    let data_dir = config.data_dir.clone();
    tokio::spawn(async move {
        if let Err(error) = demo::open_once(&url, &key, &data_dir).await {
            tracing::warn!(error = format!("{error:#}"), "the demonstration is not complete");
        }
    });
    Ok(())
}
