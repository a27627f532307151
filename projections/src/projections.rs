//! The models of this process: running, waiting for, rebuilding and verifying them.

use std::{sync::Arc, time::Duration};

use daybook_event_store::{Log, Position};
use parking_lot::Mutex;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use tokio::{sync::watch, task::JoinHandle, time::Instant};

use crate::{
    ProjectionError, RebuildReport, VerifyReport,
    engine::{
        AnyModel, Checkpoint, Context, Decoder, Of, Progress, checkpoints, ensure_live, frozen,
    },
    models::{
        add_ons::AddOns, analytics::Analytics, availability::Availability, blocks::Blocks,
        bookings::Bookings, busy_times::BusyTimes, customers::Customers, invoices::Invoices,
        ledger::Ledger, listings::Listings, notices::Notices, organizations::Organizations,
        payments::Payments, resources::Resources, series::Series, sessions::Sessions,
        tickets::Tickets, timers::Timers, vouchers::Vouchers, waiting_entries::WaitingEntries,
    },
    name::ModelName,
    queries::Queries,
};

/// How the models are run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProjectionsSettings {
    /// Connections for queries, at the most.
    pub query_connections: u32,
    /// Whether this process keeps the models up with the log. Several may: they never do anything twice.
    pub run: bool,
}

impl Default for ProjectionsSettings {
    fn default() -> Self {
        Self { query_connections: 8, run: true }
    }
}

/// A handle on the models. Cheap to clone.
#[derive(Clone)]
pub struct Projections {
    inner: Arc<Inner>,
}

struct Inner {
    models: [Arc<dyn AnyModel>; ModelName::ALL.len()],
    context: Context,
    queries: Queries,
    stop: watch::Sender<bool>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

/// How a model stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ModelStatus {
    /// Which model.
    pub name: ModelName,
    /// The version of its tables and fold in this program.
    pub version: i32,
    /// The generation that queries read; 0 before the first was built.
    pub generation: i32,
    /// How far that generation has read the log.
    pub position: Position,
    /// The head of the log.
    pub head: Position,
    /// The rebuild that is on its way, if any.
    pub rebuilding: Option<Rebuilding>,
    /// How many streams the live generation leaves aside because of an event it cannot apply.
    pub parked: i64,
    /// Whether queries are answered: the live tables are of this program's version.
    pub ready: bool,
}

/// A generation that is being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rebuilding {
    /// Its number.
    pub generation: i32,
    /// How far it has read the log; the start while it is being copied.
    pub position: Position,
}

impl ModelStatus {
    /// How many events the model is behind.
    pub fn lag(&self) -> i64 {
        (self.head.get() - self.position.get()).max(0)
    }
}

impl Projections {
    /// Opens the models of a migrated database and, if so set, starts to keep them up with the log. Models without
    /// tables of this version are built first; [`Projections::ready`] waits for that.
    ///
    /// # Errors
    /// [`ProjectionError`] when the database cannot be reached.
    pub async fn start(
        log: Log,
        url: &str,
        settings: ProjectionsSettings,
    ) -> Result<Self, ProjectionError> {
        let models = models();
        let progress = Arc::new(Progress::new());
        let queries = Queries::connect(url, settings.query_connections, Arc::clone(&progress));
        let queries = queries.await?;
        let options: PgConnectOptions = url.parse()?;
        // What a crash takes from a projection is projected again, rows and checkpoint alike.
        // And a process that freezes in the middle of a batch must not keep the others from going on.
        let options = options.application_name(frozen::SESSIONS).options([
            ("synchronous_commit", "off"),
            ("idle_in_transaction_session_timeout", frozen::PATIENCE),
            ("lock_timeout", frozen::PATIENCE),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(u32::try_from(models.len()).unwrap_or(8) + 2)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await?;
        ensure_live(&mut *pool.acquire().await?).await?;
        let (stop, stopping) = watch::channel(false);
        let decoder = Arc::new(Decoder::new(log.clone()));
        let context = Context { url: url.into(), log, pool, decoder, progress, stop: stopping };
        let tasks = Mutex::default();
        let inner = Arc::new(Inner { models, context, queries, stop, tasks });
        if settings.run {
            inner.run();
        }
        Ok(Self { inner })
    }

    /// The questions that can be asked.
    pub fn queries(&self) -> &Queries {
        &self.inner.queries
    }

    /// How all models stand.
    ///
    /// # Errors
    /// [`ProjectionError`] when the database cannot be read.
    pub async fn status(&self) -> Result<Vec<ModelStatus>, ProjectionError> {
        let Context { log, pool, .. } = &self.inner.context;
        let generations = checkpoints(pool).await?;
        let head = log.head().await?;
        let status = |model: &Arc<dyn AnyModel>| {
            let own = |(name, _, _): &&(String, Checkpoint, i64)| name == model.name().as_str();
            let mut own = generations.iter().filter(own);
            let live = own.clone().find(|(_, generation, _)| generation.live);
            let next = own.find(|(_, generation, _)| !generation.live);
            ModelStatus {
                name: model.name(),
                version: model.version(),
                generation: live.map_or(0, |(_, live, _)| live.generation),
                position: live.map_or(Position::START, |(_, live, _)| live.position),
                head,
                rebuilding: next.map(|(_, next, _)| Rebuilding {
                    generation: next.generation,
                    position: next.position,
                }),
                parked: live.map_or(0, |(_, _, parked)| *parked),
                ready: live.is_some_and(|(_, live, _)| live.version == model.version()),
            }
        };
        Ok(self.inner.models.iter().map(status).collect())
    }

    /// Builds a model anew beside the live one and switches to it; queries and writes go on. It goes on, too, if the
    /// caller goes away.
    ///
    /// # Errors
    /// [`ProjectionError::Busy`] while the model is being rebuilt or verified; else whatever failed. The live tables then
    /// stay as they are.
    pub async fn rebuild(&self, model: ModelName) -> Result<RebuildReport, ProjectionError> {
        let inner = Arc::clone(&self.inner);
        let task = tokio::spawn(async move { inner.model(model).rebuild(&inner.context).await });
        task.await.map_err(|error| ProjectionError::BrokenOff(error.to_string()))?
    }

    /// Builds a model anew for comparison alone and reports every row that is not the same.
    ///
    /// # Errors
    /// As [`Projections::rebuild`].
    pub async fn verify(&self, model: ModelName) -> Result<VerifyReport, ProjectionError> {
        self.inner.model(model).verify(&self.inner.context).await
    }

    /// Waits until a model has come as far as a position, and says how far it has come.
    ///
    /// # Errors
    /// [`ProjectionError::Behind`] when it does not in time.
    pub async fn wait_for(
        &self,
        model: ModelName,
        wanted: Position,
        patience: Duration,
    ) -> Result<Position, ProjectionError> {
        let deadline = Instant::now() + patience;
        let progress = &self.inner.context.progress;
        let mut watch = progress.subscribe(model);
        loop {
            let known = *watch.borrow_and_update();
            if let Some(reached) = known.filter(|reached| *reached >= wanted) {
                return Ok(reached);
            }
            // Only what exists is wanted: a position in the far future must not keep the runner from gathering.
            progress.want(model, wanted.min(*self.inner.context.log.committed().borrow()));
            if Instant::now() >= deadline {
                let reached = known.unwrap_or_default();
                return Err(ProjectionError::Behind { model, reached, wanted });
            }
            let tick = deadline.min(Instant::now() + Duration::from_millis(20));
            if tokio::time::timeout_at(tick, watch.changed()).await.is_err() {
                self.inner.look(model).await?; // perhaps another process runs it
            }
        }
    }

    /// Waits until every model answers queries.
    ///
    /// # Errors
    /// [`ProjectionError::Behind`] when that takes longer than `patience`.
    pub async fn ready(&self, patience: Duration) -> Result<(), ProjectionError> {
        let deadline = Instant::now() + patience;
        for model in ModelName::ALL {
            let left = deadline.saturating_duration_since(Instant::now());
            self.wait_for(model, Position::START, left).await?;
        }
        Ok(())
    }

    /// Whether every model answers queries, as far as this process knows.
    pub fn is_ready(&self) -> bool {
        ModelName::ALL.iter().all(|model| self.inner.context.progress.known(*model).is_some())
    }

    /// Stops the models of this process. What is not finished is done again at the next start.
    pub async fn shutdown(&self) {
        self.inner.stop.send_replace(true);
        let tasks = std::mem::take(&mut *self.inner.tasks.lock());
        for task in tasks {
            if let Err(error) = task.await {
                tracing::warn!(%error, "a projection did not end in order");
            }
        }
        self.inner.context.pool.close().await;
        self.inner.queries.pool.close().await;
    }
}

impl Inner {
    fn run(&self) {
        let mut tasks = self.tasks.lock();
        for model in &self.models {
            let (model, context) = (Arc::clone(model), self.context.clone());
            tasks.push(tokio::spawn(async move { model.run(context).await }));
        }
    }

    fn model(&self, name: ModelName) -> &dyn AnyModel {
        &*self.models[name.index()]
    }

    /// Learns from the database how far a model has come.
    async fn look(&self, model: ModelName) -> Result<(), ProjectionError> {
        for (name, checkpoint, _) in checkpoints(&self.context.pool).await? {
            let current = checkpoint.live && checkpoint.version == self.model(model).version();
            if current && name == model.as_str() {
                self.context.progress.advance(model, checkpoint.position);
            }
        }
        Ok(())
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // Runners share nothing with this handle, so somebody has to tell them that it is gone.
        self.stop.send_replace(true);
    }
}

/// All models, in the order of their names.
fn models() -> [Arc<dyn AnyModel>; ModelName::ALL.len()] {
    [
        Arc::new(Of::<Organizations>::new()),
        Arc::new(Of::<Listings>::new()),
        Arc::new(Of::<Resources>::new()),
        Arc::new(Of::<Bookings>::new()),
        Arc::new(Of::<Series>::new()),
        Arc::new(Of::<Payments>::new()),
        Arc::new(Of::<Availability>::new()),
        Arc::new(Of::<Blocks>::new()),
        Arc::new(Of::<Sessions>::new()),
        Arc::new(Of::<Analytics>::new()),
        Arc::new(Of::<Timers>::new()),
        Arc::new(Of::<BusyTimes>::new()),
        Arc::new(Of::<Customers>::new()),
        Arc::new(Of::<Tickets>::new()),
        Arc::new(Of::<Notices>::new()),
        Arc::new(Of::<WaitingEntries>::new()),
        Arc::new(Of::<Vouchers>::new()),
        Arc::new(Of::<AddOns>::new()),
        Arc::new(Of::<Invoices>::new()),
        Arc::new(Of::<Ledger>::new()),
    ]
}
