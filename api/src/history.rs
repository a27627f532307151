//! All that ever happened to one thing, and who did it.

use axum::response::Response;
use cqrs_es::Aggregate;
use daybook_event_store::Recorded;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    app::{App, json},
    events::Event,
    problem::Problem,
};

/// How many events are read at once.
const PAGE: usize = 1000;

/// All that happened to one thing, in order.
#[derive(Debug, Serialize, ToSchema)]
pub struct History {
    /// The events, oldest first.
    items: Vec<Event>,
}

/// The answer for one thing that is a stream of its own; `unknown` if nothing ever happened to it.
pub async fn of<A: Aggregate>(
    app: &App,
    id: impl ToString,
    unknown: impl FnOnce() -> Problem,
) -> Result<Response, Problem> {
    let events = whole_stream::<A>(app, id).await?;
    if events.is_empty() {
        return Err(unknown());
    }
    told(&events)
}

/// Events as they go out.
pub fn told(events: &[Recorded]) -> Result<Response, Problem> {
    let items = events.iter().map(Event::try_from).collect::<Result<_, _>>()?;
    Ok(json(&History { items }))
}

/// Every event of one stream.
pub async fn whole_stream<A: Aggregate>(
    app: &App,
    id: impl ToString,
) -> Result<Vec<Recorded>, Problem> {
    let id = id.to_string();
    let mut events = Vec::new();
    loop {
        let after = events.last().map_or(0, |event: &Recorded| event.sequence);
        let page = app.log.read_stream(A::TYPE, &id, after, PAGE).await?;
        let full = page.len() == PAGE;
        events.extend(page);
        if !full {
            return Ok(events);
        }
    }
}
