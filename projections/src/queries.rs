//! What all queries share: the pool on the live tables, and pages.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use daybook_event_store::Position;
use sqlx::{
    PgPool, Postgres,
    postgres::{PgArguments, PgConnectOptions, PgPoolOptions, PgRow},
    query::Query,
};

use crate::{ProjectionError, engine::Progress, name::ModelName};

/// Answers questions from the live tables. Cheap to clone.
#[derive(Clone)]
pub struct Queries {
    pub(crate) pool: PgPool,
    progress: Arc<Progress>,
}

/// Where the next page begins. Opaque to clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor(pub(crate) i64);

/// The text is no cursor of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a cursor that an earlier page gave out")]
pub struct UnreadableCursor;

/// Which page is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// Where it begins; at the start without one.
    pub cursor: Option<Cursor>,
    /// How many items it has at the most.
    pub limit: u32,
}

/// Some items, and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page, if there is one.
    pub next: Option<Cursor>,
    /// Every event up to here is in the answer.
    pub position: Position,
}

/// What is looked at one by one or listed in pages, by the time it was made.
pub(crate) trait Listed: Sized {
    /// The model that has it.
    const MODEL: ModelName;

    /// Reads it from its row.
    fn read(row: &PgRow) -> Result<Self, sqlx::Error>;

    /// The position of its first event: its place in lists.
    fn created_position(&self) -> Position;
}

/// What has a name of its own.
pub trait Named {
    /// Names it.
    type Id;
}

/// What a model keeps of one thing that has a stream of its own.
pub trait View: Named + Sized {
    /// The model that has it.
    const MODEL: ModelName;

    /// The sequence of its last event.
    fn sequence(&self) -> i64;

    /// Looks one up.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    fn find(
        queries: &Queries,
        id: Self::Id,
    ) -> impl Future<Output = Result<Option<Self>, ProjectionError>> + Send;
}

impl Queries {
    pub(crate) async fn connect(
        url: &str,
        connections: u32,
        progress: Arc<Progress>,
    ) -> Result<Self, ProjectionError> {
        let options: PgConnectOptions = url.parse()?;
        // Filters that are not given vanish from a plan only if it is made for the values at hand.
        let options = options
            .options([("search_path", "live,public"), ("plan_cache_mode", "force_custom_plan")]);
        let pool = PgPoolOptions::new()
            .max_connections(connections.max(2))
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await?;
        Ok(Self { pool, progress })
    }

    /// How far a model has come, as far as this process knows. What is queried afterwards is at least as new.
    pub fn position(&self, model: ModelName) -> Position {
        self.progress.position(model)
    }

    /// How far all of some models have come.
    pub(crate) fn position_of_all(&self, models: &[ModelName]) -> Position {
        let positions = models.iter().map(|model| self.position(*model));
        positions.min().unwrap_or(Position::START)
    }

    /// The only thing that a query finds, if it does.
    pub(crate) async fn one<T: Listed>(
        &self,
        query: Query<'_, Postgres, PgArguments>,
    ) -> Result<Option<T>, ProjectionError> {
        let row = query.fetch_optional(&self.pool).await?;
        Ok(row.as_ref().map(T::read).transpose()?)
    }

    /// A page of what a query finds. Its filters are bound already; the last two parameters of its text are the creation
    /// beyond which the page begins, null at the start, and the limit.
    pub(crate) async fn page<T: Listed>(
        &self,
        query: Query<'_, Postgres, PgArguments>,
        page: PageRequest,
    ) -> Result<Page<T>, ProjectionError> {
        let position = self.position(T::MODEL); // before the rows are read: they are at least as new
        let after = page.cursor.map(|cursor| cursor.0);
        // one more than asked for, to see whether there is a next page
        let query = query.bind(after).bind(i64::from(page.limit) + 1);
        let rows = query.fetch_all(&self.pool).await?;
        let mut items = rows.iter().map(T::read).collect::<Result<Vec<_>, _>>()?;
        let limit = usize::try_from(page.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|item| Cursor(item.created_position().get()));
        Ok(Page { items, next, position })
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "c{:x}", self.0)
    }
}

impl FromStr for Cursor {
    type Err = UnreadableCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.strip_prefix('c').ok_or(UnreadableCursor)?;
        i64::from_str_radix(digits, 16)
            .ok()
            .filter(|number| *number >= 0)
            .map(Self)
            .ok_or(UnreadableCursor)
    }
}
