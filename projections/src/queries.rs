//! What all queries share: the pool on the live tables, and pages.

use std::{fmt, str::FromStr, sync::Arc, time::Duration};

use daybook_event_store::Position;
use sqlx::{
    PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
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
}

impl PageRequest {
    /// One more than asked for, to see whether there is a next page.
    pub(crate) fn probe(self) -> i64 {
        i64::from(self.limit) + 1
    }

    /// Makes a page of what was found when asking for one more than a page holds.
    pub(crate) fn page<T>(
        self,
        mut items: Vec<T>,
        position: Position,
        cursor: impl Fn(&T) -> Position,
    ) -> Page<T> {
        let limit = usize::try_from(self.limit).unwrap_or(usize::MAX);
        let more = items.len() > limit;
        items.truncate(limit);
        let last = items.last().filter(|_| more);
        let next = last.map(|item| Cursor(cursor(item).get()));
        Page { items, next, position }
    }

    pub(crate) fn after(self) -> Option<i64> {
        self.cursor.map(|cursor| cursor.0)
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
