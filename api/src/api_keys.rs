//! `/v1/api-keys`: who may call.

use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::{App, json},
    extract::{Admin, Json},
    keys::{PlainKey, Right},
    pages::Segment,
    problem::{Code, Problem},
    wire::{CommandProblems, QueryProblems},
};

/// The routes of API keys.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// A key to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewApiKey {
    /// What it is called: 1 to 100 characters.
    #[schema(min_length = 1, max_length = 100, example = "front desk")]
    name: String,
    /// What it allows.
    #[schema(min_items = 1)]
    rights: Vec<Right>,
}

/// A key that was made.
#[derive(Debug, Serialize, ToSchema)]
pub struct MadeApiKey {
    id: Uuid,
    /// The key itself. It is shown this once.
    key: String,
}

/// A key as administrators see it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKey {
    id: Uuid,
    name: String,
    rights: Vec<Right>,
    created_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
}

/// All keys.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApiKeys {
    items: Vec<ApiKey>,
}

/// What became of a key.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevokedApiKey {
    id: Uuid,
    #[schema(example = "revoked")]
    status: &'static str,
}

/// List API keys
#[utoipa::path(get, path = "/v1/api-keys", tag = "api-keys",
    responses((status = 200, description = "All keys, revoked ones included", body = ApiKeys), QueryProblems))]
async fn list(State(app): State<App>, _: Admin) -> Result<Response, Problem> {
    let keys = app.keys.list().await?.into_iter().map(|key| ApiKey {
        id: key.principal.id,
        name: key.principal.name,
        rights: key.principal.rights.list(),
        created_at: key.created_at,
        revoked_at: key.revoked_at,
    });
    Ok(json(&ApiKeys { items: keys.collect() }))
}

/// Make an API key
#[utoipa::path(post, path = "/v1/api-keys", tag = "api-keys", request_body = NewApiKey,
    responses((status = 201, description = "The key, shown this once", body = MadeApiKey), CommandProblems))]
async fn create(
    State(app): State<App>,
    _: Admin,
    Json(new): Json<NewApiKey>,
) -> Result<Response, Problem> {
    let name = new.name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Problem::bad_value("/name", "a name has 1 to 100 characters"));
    }
    if new.rights.is_empty() {
        return Err(Problem::bad_value("/rights", "a key needs at least one right"));
    }
    let key = PlainKey::generate();
    let id = app.keys.add(name, new.rights.into_iter().collect(), &key).await?;
    let made = MadeApiKey { id, key: key.reveal().to_owned() };
    Ok((StatusCode::CREATED, json(&made)).into_response())
}

/// End an API key
///
/// Every process refuses it within five seconds.
#[utoipa::path(post, path = "/v1/api-keys/{id}/revoke", tag = "api-keys",
    params(("id" = Uuid, Path, description = "The key")),
    responses((status = 200, description = "The key is revoked", body = RevokedApiKey), CommandProblems))]
async fn revoke(State(app): State<App>, _: Admin, id: Segment) -> Result<Response, Problem> {
    let id = id.id()?;
    if app.keys.revoke(id).await? {
        return Ok(json(&RevokedApiKey { id, status: "revoked" }));
    }
    Err(Problem::new(Code::NotFound, "there is no such API key"))
}
