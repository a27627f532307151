//! `daybook serve`: the server process.

use anyhow::Result;
use clap::Args;

use super::{Place, configured, log_to_stderr};
use crate::serve::{Server, asked_to_stop, greet};

/// How the server is started; what is not given comes from the environment.
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Where to listen [default: 127.0.0.1:8080] [env: DAYBOOK_LISTEN]
    #[arg(long)]
    listen: Option<String>,
    /// Where other processes reach this one [env: DAYBOOK_ADVERTISE]
    #[arg(long)]
    advertise: Option<String>,
    #[command(flatten)]
    place: Place,
}

pub(super) async fn run(arguments: Serve) -> Result<()> {
    let Serve { listen, advertise, place } = arguments;
    let sources =
        place.sources().with("DAYBOOK_LISTEN", listen).with("DAYBOOK_ADVERTISE", advertise);
    let config = configured(sources)?;
    log_to_stderr(&config);
    let server = Server::start(&config).await?;
    greet(&server, &config)?;
    server.run(asked_to_stop()).await
}
