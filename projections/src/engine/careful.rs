//! Builds a model's tables from the log although the database refuses some of its rows.

use std::collections::HashSet;

use daybook_event_store::Position;
use sqlx::{Connection, Executor};

use super::{
    Context, Model, apply,
    build::{self, Built, connect},
    refusal,
};
use crate::ProjectionError;

/// Makes and fills a model's tables, from all events up to a position: at the speed of COPY, or, if the database refuses
/// a row, batch by batch as a runner does, so that only the guilty stream is left aside.
pub(crate) async fn build<M: Model>(
    context: &Context,
    schema: &str,
    until: Position,
) -> Result<Built, ProjectionError> {
    match build::build::<M>(context, schema, until).await {
        Err(ProjectionError::Database(error)) if refuses_data(&*error) => {
            tracing::warn!(projection = %M::NAME, %error, "a row is refused; building with care");
            in_batches::<M>(context, schema, until).await
        }
        built => built,
    }
}

fn refuses_data(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    error.downcast_ref::<sqlx::Error>().and_then(refusal::of_data).is_some()
}

async fn in_batches<M: Model>(
    context: &Context,
    schema: &str,
    until: Position,
) -> Result<Built, ProjectionError> {
    let mut connection = connect(context, schema).await?;
    for table in M::TABLES {
        connection.execute(format!("DROP TABLE IF EXISTS {schema}.{table}").as_str()).await?;
    }
    connection.execute(M::CREATE).await?;
    connection.execute(M::INDEXES).await?;
    let mut built = Built { events: 0, parked: Vec::new() };
    let (mut position, mut aside) = (Position::START, HashSet::new());
    while position < until {
        let batch = apply::read::<M>(context, position, until).await?.up_to(until);
        if batch.to <= position {
            return Err(ProjectionError::BrokenOff("the log ends too early".to_owned()));
        }
        let mut transaction = connection.begin().await?;
        let parked = apply::write_halving::<M>(&mut transaction, &aside, &batch).await?;
        transaction.commit().await?;
        aside.extend(parked.iter().map(|parked| parked.stream.clone()));
        built.parked.extend(parked);
        built.events += u64::try_from(batch.events().len()).unwrap_or_default();
        position = batch.to;
    }
    for table in M::TABLES {
        connection.execute(format!("{} {table}", M::SETTLE).as_str()).await?;
    }
    connection.close().await?;
    Ok(built)
}
