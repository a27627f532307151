//! `/v1/projections`: how the read models stand, and building them anew.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use daybook_event_store::Position;
use daybook_projections::{ModelName, ModelStatus, ProjectionError};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::{App, json},
    extract::{Admin, Reader},
    pages::Segment,
    problem::{Code, Problem},
    process::ProcessStatus,
    wire::QueryProblems,
};

/// The routes of the read models.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(rebuild))
}

/// How a read model stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Projection {
    #[schema(example = "bookings")]
    name: &'static str,
    /// The version of its tables.
    version: i32,
    /// How often it was built.
    generation: i32,
    /// How far it has read the log.
    position: i64,
    /// The head of the log.
    head: i64,
    /// How many events it is behind.
    lag: i64,
    /// The build that is on its way, if any.
    rebuilding: Option<Rebuilding>,
    /// How many streams it leaves aside because of an event it cannot apply.
    parked: i64,
    /// Whether it answers queries.
    ready: bool,
}

/// A build on its way.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rebuilding {
    generation: i32,
    /// How far it has read the log.
    position: i64,
}

impl From<ModelStatus> for Projection {
    fn from(status: ModelStatus) -> Self {
        Self {
            name: status.name.as_str(),
            version: status.version,
            generation: status.generation,
            position: status.position.get(),
            head: status.head.get(),
            lag: status.lag(),
            rebuilding: status.rebuilding.map(|next| Rebuilding {
                generation: next.generation,
                position: next.position.get(),
            }),
            parked: status.parked,
            ready: status.ready,
        }
    }
}

/// All read models.
#[derive(Debug, Serialize, ToSchema)]
pub struct AllProjections {
    items: Vec<Projection>,
    /// What turns events into commands and into calls to the outside.
    processes: Vec<ProcessStatus>,
}

/// A rebuild that has begun.
#[derive(Debug, Serialize, ToSchema)]
pub struct RebuildBegun {
    name: &'static str,
    #[schema(example = "rebuilding")]
    status: &'static str,
}

/// See how the read models stand
#[utoipa::path(get, path = "/v1/projections", tag = "projections",
    responses((status = 200, description = "All read models", body = AllProjections), QueryProblems))]
async fn list(State(app): State<App>, _: Reader) -> Result<Response, Problem> {
    let status = app.projections.status().await?;
    let head = status.first().map_or(Position::START, |model| model.head);
    let processes = app.processes.status(head).await.map_err(|error| Problem::internal(&error))?;
    let items = status.into_iter().map(Projection::from).collect();
    Ok(json(&AllProjections { items, processes }))
}

/// Build a read model anew
///
/// It is built from the first event on beside the live one, which answers until the new one takes its place.
#[utoipa::path(post, path = "/v1/projections/{name}/rebuild", tag = "projections",
    params(("name" = String, Path, description = "The read model", example = "bookings")),
    responses((status = 202, description = "The rebuild has begun", body = RebuildBegun), QueryProblems))]
async fn rebuild(State(app): State<App>, _: Admin, name: Segment) -> Result<Response, Problem> {
    let name: ModelName =
        name.0.parse().map_err(|_| Problem::new(Code::NotFound, "there is no such projection"))?;
    let projections = app.projections.clone();
    tokio::spawn(async move {
        match projections.rebuild(name).await {
            Ok(report) => tracing::info!(projection = %name, ?report, "rebuilt"),
            Err(error @ ProjectionError::Busy(_)) => tracing::info!(%error, "not rebuilt"),
            Err(error) => tracing::error!(projection = %name, %error, "not rebuilt"),
        }
    });
    let begun = RebuildBegun { name: name.as_str(), status: "rebuilding" };
    Ok((StatusCode::ACCEPTED, json(&begun)).into_response())
}
