//! `daybook serve` as a child process, set up through its own API.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    process::Stdio,
    sync::Arc,
    time::Duration,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    process::{Child, Command},
    task::JoinSet,
    time::{Instant, sleep},
};
use uuid::Uuid;

use super::{
    http::Connection,
    request::{self, BookingRequest},
    stage::Stage,
};

/// The database of the server; the log that is replayed later.
pub(super) const DATABASE: &str = "daybook";
/// How long the server may take to start, and its projections to catch up.
const PATIENCE: Duration = Duration::from_mins(5);
const POLL: Duration = Duration::from_millis(50);
/// How many connections set the premises up.
const SETTERS: usize = 16;

/// The server, and what was set up in it.
pub(super) struct Server {
    child: Child,
    pub(super) address: SocketAddr,
    pub(super) api_key: Arc<str>,
    pub(super) listing: Uuid,
    directory: TempDir,
}

impl Server {
    /// Starts this very program as a server on a database of the stage, and creates a listing.
    pub(super) async fn start(stage: &Stage) -> Result<Self> {
        let database = stage.database(DATABASE).await?;
        let directory = tempfile::Builder::new().prefix("daybook-bench-").tempdir()?;
        // Free at this moment; the server takes it right away.
        let address = TcpListener::bind(("127.0.0.1", 0))?.local_addr()?;
        let log = File::create(directory.path().join("log"))?;
        let mut command = Command::new(std::env::current_exe()?);
        // What this process was told about its surroundings is not meant for that one.
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("DAYBOOK_") {
                command.env_remove(name);
            }
        }
        command.arg("serve").args(["--listen", &address.to_string()]);
        command.arg("--data-dir").arg(directory.path()).env("DATABASE_URL", database);
        command.env_remove("NATS_URL").current_dir(directory.path()).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let child = command.spawn().context("cannot start the server")?;
        let mut server =
            Self { child, address, api_key: Arc::from(""), listing: Uuid::now_v7(), directory };
        server.wait_until_ready().await?;
        server.create_listing().await?;
        Ok(server)
    }

    pub(super) fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Kills it as a power cut would: what was acknowledged must be in the log all the same.
    pub(super) async fn kill(mut self) -> Result<()> {
        self.child.kill().await.context("the server cannot be killed")
    }

    /// Waits until every projection has read the whole log, so that it costs the next measurement nothing.
    pub(super) async fn wait_until_idle(&self) -> Result<()> {
        let mut connection = Connection::open(self.address).await?;
        let request = request::get("/v1/projections", &self.api_key);
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            let status = connection.ask(&request).await?;
            ensure!(status == 200, "/v1/projections answers {status}");
            if is_idle(&connection.json()?) {
                return Ok(());
            }
            sleep(POLL).await;
        }
        bail!("the projections do not catch up within {PATIENCE:?}")
    }

    /// Creates resources, each with so much capacity, and books each once, so that its calendar is open. Gives the
    /// resources and those bookings.
    pub(super) async fn create_resources(
        &self,
        count: usize,
        capacity: u32,
    ) -> Result<(Vec<Uuid>, Vec<Uuid>)> {
        let resources: Vec<Uuid> = (0..count).map(|_| Uuid::now_v7()).collect();
        let mut setters = JoinSet::new();
        for share in resources.chunks(count.div_ceil(SETTERS).max(1)) {
            let booking = self.booking_request()?;
            let setter = Setter {
                connection: Connection::open(self.address).await?,
                api_key: Arc::clone(&self.api_key),
                listing: self.listing,
                booking,
            };
            setters.spawn(setter.set_up(share.to_vec(), capacity));
        }
        let mut booked = Vec::with_capacity(count);
        while let Some(done) = setters.join_next().await {
            booked.extend(done??);
        }
        Ok((resources, booked))
    }

    pub(super) fn booking_request(&self) -> Result<BookingRequest> {
        BookingRequest::try_new(&self.api_key, self.listing, Uuid::now_v7())
    }

    async fn create_listing(&self) -> Result<()> {
        let body = json!({
            "id": self.listing,
            "organization_id": Uuid::now_v7(),
            "kind": "stay",
            "name": { "en": "Benchmark" },
            "zone": "Europe/Lisbon",
            "currency": "EUR",
            "check_in": "15:00",
            "check_out": "11:00",
        });
        let request = request::post("/v1/listings", &self.api_key, Uuid::now_v7(), &body);
        let mut connection = Connection::open(self.address).await?;
        accepted(&mut connection, &request).await
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let key_file = self.directory.path().join("admin.key");
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}: {}", self.log());
            }
            if self.is_ready().await
                && let Ok(key) = std::fs::read_to_string(&key_file)
            {
                self.api_key = Arc::from(key.trim());
                return Ok(());
            }
            sleep(POLL).await;
        }
        bail!("the server is not ready within {PATIENCE:?}: {}", self.log())
    }

    async fn is_ready(&self) -> bool {
        let ask = async {
            let mut connection = Connection::open(self.address).await?;
            connection.ask(&request::get("/health/ready", "")).await
        };
        matches!(ask.await, Ok(200))
    }

    /// The end of what the server said.
    fn log(&self) -> String {
        let path: PathBuf = self.directory.path().join("log");
        let log = std::fs::read_to_string(path).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(10)..].join("\n")
    }
}

/// Sets resources up, one after another.
struct Setter {
    connection: Connection,
    api_key: Arc<str>,
    listing: Uuid,
    booking: BookingRequest,
}

impl Setter {
    async fn set_up(mut self, resources: Vec<Uuid>, capacity: u32) -> Result<Vec<Uuid>> {
        let mut booked = Vec::with_capacity(resources.len());
        for resource in resources {
            let body = json!({
                "id": resource,
                "listing_id": self.listing,
                "name": { "en": "Double room" },
                "capacity": capacity,
                "price_per_night": { "minor": 12_550, "currency": "EUR" },
            });
            let request = request::post("/v1/resources", &self.api_key, resource, &body);
            accepted(&mut self.connection, &request).await?;
            accepted(&mut self.connection, self.booking.fill(Uuid::now_v7(), resource)).await?;
            booked.push(self.connection.id()?);
        }
        Ok(booked)
    }
}

/// Sends a command that has no reason to be refused.
async fn accepted(connection: &mut Connection, request: &[u8]) -> Result<()> {
    let status = connection.ask(request).await?;
    ensure!(status == 201, "{}: {status} {:?}", first_line(request), connection.json());
    Ok(())
}

fn first_line(request: &[u8]) -> String {
    String::from_utf8_lossy(request).lines().next().unwrap_or_default().to_owned()
}

/// Whether every projection has come to the head and none is being rebuilt.
fn is_idle(projections: &Value) -> bool {
    let models = projections.as_array().or_else(|| projections["items"].as_array());
    models.is_some_and(|models| {
        models.iter().all(|model| model["lag"] == 0 && model["rebuilding"].is_null())
    })
}
