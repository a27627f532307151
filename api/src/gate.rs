//! What happens to every request before and after its handler: identity, forwarding, time limit, problems, metrics.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, Method, StatusCode},
    middleware::Next,
    response::{IntoResponse, Response},
};
use daybook_event_store::Role;
use futures::FutureExt;
use tokio::time::Instant;

use crate::{
    app::App,
    extract::About,
    problem::{Code, Problem},
};

/// A request that takes longer is worth a warning.
const SLOW: Duration = Duration::from_secs(1);

/// Passes a request on, and makes its answer ready to go out.
pub async fn pass(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let about = Arc::new(About::of(&request));
    request.extensions_mut().insert(Arc::clone(&about));
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let work = AssertUnwindSafe(answer(&app, request, next)).catch_unwind();
    let mut response = match tokio::time::timeout(app.time_limit, work).await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!(request = about.id, "a handler panicked");
            Problem::new(Code::Internal, "the request failed").into_response()
        }
        Err(_) => {
            let detail = "a command may still be carried out: ask again under the same key";
            Problem::new(Code::RequestTimeout, detail).into_response()
        }
    };
    if let Some(problem) = response.extensions_mut().remove::<Problem>() {
        response = problem.answer(about.language, Some(&about.id));
    }
    if let Ok(id) = HeaderValue::from_str(&about.id) {
        response.headers_mut().insert("x-request-id", id);
    }
    let route = route.as_ref().map_or("other", MatchedPath::as_str);
    let (status, took) = (response.status(), started.elapsed());
    record(&method, route, status.as_u16(), took);
    tell(&about.id, &method, route, status, took);
    response
}

/// Writes the request's line: a warning about what went wrong here or took long, information about what was to change
/// something, and no more than that, because whoever only looks comes by often.
fn tell(request: &str, method: &Method, route: &str, status: StatusCode, took: Duration) {
    let milliseconds = (took.as_secs_f64() * 1e6).round() / 1e3;
    let status = status.as_u16();
    if status >= 500 || took > SLOW {
        tracing::warn!(request, %method, route, status, milliseconds, "answered");
    } else if !method.is_safe() {
        tracing::info!(request, %method, route, status, milliseconds, "answered");
    } else {
        tracing::debug!(request, %method, route, status, milliseconds, "answered");
    }
}

async fn answer(app: &App, mut request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/v1/") {
        if is_command(&request)
            && let Some(Following { owner }) = following(app)
        {
            return app.forwarder.forward(owner, request).await.into_response();
        }
        if let Some(principal) = app.keys.principal(request.headers()).await {
            request.extensions_mut().insert(principal);
        }
    }
    next.run(request).await
}

/// What only the owner can do. Keys and projections are looked after by any process, and webhooks are taken in by any.
fn is_command(request: &Request) -> bool {
    let path = request.uri().path();
    matches!(*request.method(), Method::POST | Method::PATCH)
        && !path.starts_with("/v1/api-keys")
        && !path.starts_with("/v1/projections")
        && !path.starts_with("/v1/webhook")
}

/// Whom a process follows that does not own the log.
struct Following {
    /// The owner's address, if there is an owner.
    owner: Option<String>,
}

fn following(app: &App) -> Option<Following> {
    match &*app.role.borrow() {
        Role::Owner(_) => None,
        Role::Follower(owner) => {
            Some(Following { owner: owner.as_ref().map(|owner| owner.node.address.clone()) })
        }
    }
}

fn record(method: &Method, route: &str, status: u16, took: Duration) {
    let labels = [
        ("method", method.as_str().to_owned()),
        ("route", route.to_owned()),
        ("status", status.to_string()),
    ];
    metrics::histogram!("daybook_http_request_seconds", &labels).record(took.as_secs_f64());
}
