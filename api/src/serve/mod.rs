//! The server process from its start to its orderly end.

mod admin_key;
mod connections;

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use daybook_domain::{
    add_on::{self, AddOn},
    allotment::{self, Allotment},
    booking::{self, Booking},
    calendar::{self, Calendar},
    customer::{self, Customer},
    invoice::{
        self, Invoices,
        register::{self, Register},
    },
    listing::{self, Listing},
    notice::{self, Notice},
    organization::{self, Organization},
    payment::{self, Payment},
    payouts::{self, Payouts},
    quote::{self, Quote},
    resource::{self, Resource},
    series::booked::{self, BookedSeries},
    tickets::{self, Tickets},
    voucher::{self, Voucher},
    waiting_list::{self, WaitingList},
};
use daybook_event_store::{
    AggregateSettings, Candidate, Log, LogSettings, Node, Role, WriterSettings,
};
use daybook_local_postgres::{LocalPostgres, Settings};
use daybook_projections::{ModelName, Projections, ProjectionsSettings};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use sqlx::postgres::PgPoolOptions;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::{
    app::{self, App, AppState},
    checkout::{self, Cashier},
    config::{Config, Secret},
    forward::Forwarder,
    invoices,
    keys::Keys,
    notices,
    process::Processes,
    rates::Rates,
    tickets::TicketKeys,
    timers,
    waiting_lists::turns,
};

pub use admin_key::AdminKey;

/// The name of the database in the private PostgreSQL.
const DATABASE: &str = "daybook";
/// Connections for reading the log.
const LOG_CONNECTIONS: u32 = 8;
/// Connections for what providers told and are asked.
const CHECKOUT_CONNECTIONS: u32 = 4;
/// How long requests may take to end once the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// How long the read models may take to be built before the server listens all the same.
const BUILDING: Duration = Duration::from_mins(1);

/// A database, and the private server behind it if there is one.
pub struct Database {
    /// Where it is.
    pub url: Secret,
    private: Option<LocalPostgres>,
}

impl Database {
    /// The database that is set, or a private one in the data directory; brought up to date.
    pub async fn open(config: &Config) -> Result<Self> {
        let database = Self::find(config).await?;
        daybook_event_store::migrate(database.url.reveal())
            .await
            .context("the database cannot be brought up to date")?;
        Ok(database)
    }

    async fn find(config: &Config) -> Result<Self> {
        if let Some(url) = &config.database_url {
            return Ok(Self { url: url.clone(), private: None });
        }
        let postgres = LocalPostgres::start(Settings::new(&config.data_dir))
            .await
            .context("the private PostgreSQL does not start (or set DATABASE_URL)")?;
        postgres.create_database(DATABASE).await?;
        Ok(Self { url: Secret::new(postgres.socket_url(DATABASE)), private: Some(postgres) })
    }

    /// Stops the private server, if there is one.
    pub async fn close(self) -> Result<()> {
        if let Some(postgres) = self.private {
            postgres.stop().await.context("the private PostgreSQL does not stop")?;
        }
        Ok(())
    }
}

/// Opens the log with what this program knows of its aggregates.
pub async fn open_log(url: &str) -> Result<Log> {
    let settings = LogSettings::new(LOG_CONNECTIONS)
        .aggregate(AggregateSettings::<Organization> {
            state_version: organization::STATE_VERSION,
            weight: Organization::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<Listing> {
            state_version: listing::STATE_VERSION,
            weight: Listing::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<Resource> {
            state_version: resource::STATE_VERSION,
            weight: Resource::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<Calendar> {
            state_version: calendar::STATE_VERSION,
            weight: Calendar::weight,
            snapshot_every: 1000,
        })
        .aggregate(AggregateSettings::<Allotment> {
            state_version: allotment::STATE_VERSION,
            weight: Allotment::weight,
            snapshot_every: 1000,
        })
        .aggregate(AggregateSettings::<Booking> {
            state_version: booking::STATE_VERSION,
            weight: Booking::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<BookedSeries> {
            state_version: booked::STATE_VERSION,
            weight: BookedSeries::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<Quote> {
            state_version: quote::STATE_VERSION,
            weight: Quote::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<AddOn> {
            state_version: add_on::STATE_VERSION,
            weight: AddOn::weight,
            snapshot_every: 1000,
        })
        .aggregate(AggregateSettings::<Voucher> {
            state_version: voucher::STATE_VERSION,
            weight: Voucher::weight,
            snapshot_every: 1000,
        })
        .aggregate(AggregateSettings::<Tickets> {
            state_version: tickets::STATE_VERSION,
            weight: Tickets::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<WaitingList> {
            state_version: waiting_list::STATE_VERSION,
            weight: WaitingList::weight,
            snapshot_every: 1000,
        })
        .aggregate(AggregateSettings::<Payment> {
            state_version: payment::STATE_VERSION,
            weight: Payment::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<Invoices> {
            state_version: invoice::STATE_VERSION,
            weight: Invoices::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<Register> {
            state_version: register::STATE_VERSION,
            weight: Register::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<Payouts> {
            state_version: payouts::STATE_VERSION,
            weight: Payouts::weight,
            snapshot_every: 1000,
        })
        .aggregate(AggregateSettings::<Notice> {
            state_version: notice::STATE_VERSION,
            weight: Notice::weight,
            snapshot_every: 0,
        })
        .aggregate(AggregateSettings::<Customer> {
            state_version: customer::STATE_VERSION,
            weight: Customer::weight,
            snapshot_every: 0,
        });
    Log::connect(url, settings).await.context("the log cannot be opened")
}

/// A running server.
pub struct Server {
    app: App,
    database: Database,
    listener: TcpListener,
    candidate: JoinHandle<()>,
    tasks: Vec<JoinHandle<()>>,
    /// The administrator's key.
    pub admin_key: AdminKey,
}

impl Server {
    /// Starts everything but the answering of requests.
    pub async fn start(config: &Config) -> Result<Self> {
        std::fs::create_dir_all(&config.data_dir)
            .with_context(|| format!("{} cannot be made", config.data_dir.display()))?;
        let listener = TcpListener::bind(config.listen)
            .await
            .with_context(|| format!("DAYBOOK_LISTEN: {} cannot be listened on", config.listen))?;
        let metrics = install_metrics()?;
        let database = Database::open(config).await?;
        let url = database.url.reveal();
        let log = open_log(url).await?;
        let pool = PgPoolOptions::new().max_connections(2).connect_lazy(url)?;
        let admin_key = admin_key::ensure(&pool, &config.data_dir).await?;
        let ticket_keys = TicketKeys::load(&pool, &config.ticket_keys).await?;
        let processes = Processes::new(pool.clone());
        let till = PgPoolOptions::new().max_connections(CHECKOUT_CONNECTIONS).connect_lazy(url)?;
        let (cashier, simulation) = Cashier::try_new(&config.gateways, till)?;
        let keys = Keys::load(pool).await?;
        let address = match &config.advertise {
            Some(address) => address.clone(),
            None => format!("http://{}", listener.local_addr()?),
        };
        let node = Node { id: Uuid::now_v7(), address };
        let settings = WriterSettings {
            queue_capacity: config.queue_capacity,
            cache_bytes: config.cache_mb << 20,
            ..WriterSettings::default()
        };
        let candidate = Candidate::new(log.clone(), node, settings);
        let mut role = candidate.role();
        let candidate = tokio::spawn(candidate.run());
        // Other processes' events reach the read models at once, too.
        let head = tokio::spawn(log.clone().follow_head());
        let projections =
            Projections::start(log.clone(), url, ProjectionsSettings::default()).await?;
        role.wait_for(|role| !matches!(role, Role::Follower(None))).await?;
        let app = Arc::new(AppState {
            log,
            role,
            projections,
            keys: Arc::clone(&keys),
            ticket_keys,
            cashier,
            processes,
            rates: Rates::new(config.rate_limit),
            forwarder: Forwarder::try_new()?,
            metrics,
            commands: TaskTracker::new(),
            time_limit: config.request_timeout,
        });
        catch_up(&app).await?;
        let timers = tokio::spawn(timers::run(Arc::clone(&app)));
        let turns = tokio::spawn(turns::run(Arc::clone(&app)));
        let mut tasks = vec![head, tokio::spawn(keys.follow()), timers, turns];
        tasks.extend(checkout::start(&app, simulation));
        tasks.push(invoices::start(&app));
        tasks.extend(notices::start(&app, &config.notices, config.notice_attempts));
        Ok(Self { app, database, listener, candidate, tasks, admin_key })
    }

    /// Where it listens.
    pub fn address(&self) -> Result<std::net::SocketAddr> {
        Ok(self.listener.local_addr()?)
    }

    /// Answers requests until `stop`, then ends everything in order.
    pub async fn run(self, stop: impl Future<Output = ()>) -> Result<()> {
        let Self { app, database, listener, candidate, tasks, admin_key: _ } = self;
        connections::serve(listener, app::router(&app), stop, GRACE).await;
        tracing::info!("stopping");
        app.commands.close();
        if tokio::time::timeout(GRACE, app.commands.wait()).await.is_err() {
            tracing::warn!("some commands did not end in time");
        }
        tasks.iter().for_each(JoinHandle::abort);
        candidate.abort();
        let writer = match &*app.role.borrow() {
            Role::Owner(writer) => Some(writer.clone()),
            Role::Follower(_) => None,
        };
        if let Some(writer) = writer
            && let Err(error) = writer.release().await
        {
            tracing::warn!(%error, "the log could not be given up; others have to wait a moment");
        }
        app.projections.shutdown().await;
        drop(app);
        database.close().await
    }
}

/// Waits until the read models know what was in the log at the start, so that a restart forgets nothing.
async fn catch_up(app: &App) -> Result<()> {
    let head = app.log.head().await?;
    let deadline = tokio::time::Instant::now() + BUILDING;
    for model in ModelName::ALL {
        let left = deadline.saturating_duration_since(tokio::time::Instant::now());
        if let Err(error) = app.projections.wait_for(model, head, left).await {
            tracing::warn!(%error, "a read model is not up to date; its queries may have to wait");
        }
    }
    Ok(())
}

/// Resolves when the process is asked to end.
pub async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        tracing::error!("signals cannot be caught");
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}

fn install_metrics() -> Result<PrometheusHandle> {
    let seconds =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &seconds)?
        .install_recorder()
        .context("metrics cannot be kept")?;
    let upkeep = handle.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}
