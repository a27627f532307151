//! What models of one table share: a row for each thing that has a stream of its own.
//!
//! The first column of each table is the id, the last three are the span; what is between is the model's own.

use std::{hash::Hash, marker::PhantomData};

use daybook_event_store::Position;
use sqlx::{PgConnection, Row, postgres::PgRow};
use uuid::Uuid;

use crate::{
    ProjectionError,
    engine::{Event, Fact, Loaded, Model, NoSums, Poison, Rows},
    name::ModelName,
    queries::{Listed, Named, Queries, View},
};

/// Where in the log a thing begins, and how far it has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The position of its first event.
    pub created: Position,
    /// The sequence of its last event.
    pub sequence: i64,
    /// The position of its last event.
    pub position: Position,
}

impl Span {
    fn beginning(event: &Event) -> Self {
        Self { created: event.position, sequence: event.sequence, position: event.position }
    }

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        Ok(Self {
            created: Position::new(row.try_get("created_position")?),
            sequence: row.try_get("sequence")?,
            position: Position::new(row.try_get("position")?),
        })
    }
}

/// A thing as it stands, which is what its row keeps: all that its model has to say for itself.
pub(crate) trait Kept:
    Named<Id: Copy + Hash + Ord + From<Uuid> + Into<Uuid> + Send + Sync>
    + Clone
    + PartialEq
    + Send
    + Sync
    + 'static
{
    /// The name of the model and of its table.
    const NAME: ModelName;
    /// Raised whenever table or fold change.
    const VERSION: i32;
    /// The kind of aggregate whose events it folds.
    const AGGREGATE: &'static str;
    /// Makes the table, bare.
    const CREATE: &'static str;
    /// Makes keys and indexes.
    const INDEXES: &'static str;
    /// Copies rows in.
    const COPY: &'static str;
    /// How many columns a row has.
    const COLUMNS: i16;
    /// Finds those with certain ids.
    const FIND: &'static str;
    /// Removes those with certain ids.
    const DELETE: &'static str;
    /// What happens to one.
    type Happened;

    /// What a fact tells, and about which.
    fn happened(fact: &Fact) -> Option<(Self::Id, &Self::Happened)>;

    /// Whether nothing is known of it before.
    fn begins(_: &Self::Happened) -> bool {
        false
    }

    /// How it stands after its first event; nothing if this is a later one.
    fn begin(id: Self::Id, happened: &Self::Happened, span: Span) -> Option<Self>;

    /// Folds a later event in, or leaves it as it was and says why.
    fn advance(&mut self, happened: &Self::Happened) -> Result<(), Poison>;

    /// Writes the columns between the id and the span.
    fn encode(&self, row: &mut Rows);

    /// Reads it from its row.
    fn decode(id: Self::Id, row: &PgRow, span: Span) -> Result<Self, sqlx::Error>;

    /// Its place in the log.
    fn span(&self) -> &Span;

    /// Its place in the log, to be put forward.
    fn span_mut(&mut self) -> &mut Span;
}

/// What follows from the table of a thing and the column of its id, within an `impl Kept` of something with a `span`.
macro_rules! kept_in {
    ($table:literal, $id:literal) => {
        const COPY: &'static str = concat!("COPY ", $table, " FROM STDIN (FORMAT binary)");
        const FIND: &'static str = concat!("SELECT * FROM ", $table, " WHERE ", $id, " = ANY ($1)");
        const DELETE: &'static str = concat!("DELETE FROM ", $table, " WHERE ", $id, " = ANY ($1)");

        fn span(&self) -> &Span {
            &self.span
        }

        fn span_mut(&mut self) -> &mut Span {
            &mut self.span
        }
    };
}

pub(crate) use kept_in;

/// The model that keeps each such thing.
pub(crate) struct Each<V>(PhantomData<fn() -> V>);

impl<V: Kept> Model for Each<V> {
    const NAME: ModelName = V::NAME;
    const VERSION: i32 = V::VERSION;
    const AGGREGATES: &'static [&'static str] = &[V::AGGREGATE];
    const TABLES: &'static [&'static str] = &[V::NAME.as_str()];
    const CREATE: &'static str = V::CREATE;
    const INDEXES: &'static str = V::INDEXES;
    const COPY: &'static [&'static str] = &[V::COPY];
    type Key = V::Id;
    type State = V;
    type Sum = NoSums;

    fn key(fact: &Fact) -> Option<V::Id> {
        V::happened(fact).map(|(id, _)| id)
    }

    fn evolve(id: &V::Id, state: &mut Option<V>, event: &Event) -> Result<(), Poison> {
        let Some((_, happened)) = V::happened(&event.fact) else { return Ok(()) };
        if let Some(begun) = V::begin(*id, happened, Span::beginning(event)) {
            *state = Some(begun);
            return Ok(());
        }
        let view = state.as_mut().ok_or(Poison::beginning_is_missing())?;
        view.advance(happened)?;
        let span = view.span_mut();
        (span.sequence, span.position) = (event.sequence, event.position);
        Ok(())
    }

    fn begins(fact: &Fact) -> bool {
        V::happened(fact).is_some_and(|(_, happened)| V::begins(happened))
    }

    fn encode(id: &V::Id, view: &V, tables: &mut [Rows]) {
        let Span { created, sequence, position } = *view.span();
        let row = tables[0].row(V::COLUMNS).uuid((*id).into());
        view.encode(row);
        row.int8(created.get()).int8(sequence).int8(position.get());
    }

    async fn load(connection: &mut PgConnection, keys: &[V::Id]) -> Loaded<V::Id, V> {
        let rows = find(connection, V::FIND, keys).await?;
        rows.iter().map(|row| Ok((id(row)?, V::read(row)?))).collect()
    }

    async fn delete(connection: &mut PgConnection, keys: &[V::Id]) -> Result<(), sqlx::Error> {
        delete(connection, V::DELETE, keys).await
    }
}

/// The rows of some ids, which are the only parameter of the statement.
pub(crate) async fn find<I: Copy + Into<Uuid>>(
    connection: &mut PgConnection,
    statement: &'static str,
    ids: &[I],
) -> Result<Vec<PgRow>, sqlx::Error> {
    sqlx::query(statement).bind(uuids(ids)).fetch_all(connection).await
}

/// Removes the rows of some ids, which are the only parameter of the statement.
pub(crate) async fn delete<I: Copy + Into<Uuid>>(
    connection: &mut PgConnection,
    statement: &'static str,
    ids: &[I],
) -> Result<(), sqlx::Error> {
    sqlx::query(statement).bind(uuids(ids)).execute(connection).await?;
    Ok(())
}

fn uuids<I: Copy + Into<Uuid>>(ids: &[I]) -> Vec<Uuid> {
    ids.iter().map(|id| (*id).into()).collect()
}

fn id<I: From<Uuid>>(row: &PgRow) -> Result<I, sqlx::Error> {
    row.try_get::<Uuid, _>(0).map(I::from)
}

impl<V: Kept> Listed for V {
    const MODEL: ModelName = V::NAME;

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        V::decode(id(row)?, row, Span::read(row)?)
    }

    fn created_position(&self) -> Position {
        self.span().created
    }
}

impl<V: Kept> View for V {
    const MODEL: ModelName = V::NAME;

    fn sequence(&self) -> i64 {
        self.span().sequence
    }

    async fn find(queries: &Queries, id: V::Id) -> Result<Option<V>, ProjectionError> {
        queries.one(sqlx::query(V::FIND).bind(uuids(&[id]))).await
    }
}
