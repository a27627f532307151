//! What queries share: parameters, pages, tags, and how a read model's errors are told.

use std::str::FromStr;

use axum::{
    extract::FromRequestParts,
    http::{HeaderValue, header, request::Parts},
    response::Response,
};
use daybook_projections::{Cursor, ModelName, Page, PageRequest, ProjectionError};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use utoipa::{IntoParams, ToSchema};

use crate::{
    app::{App, json},
    problem::{Code, Problem},
};

/// The parameters of an address.
#[derive(Debug)]
pub struct Parameters<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Parameters<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = axum::extract::Query::<T>::from_request_parts(parts, state).await;
        match query {
            Ok(axum::extract::Query(query)) => Ok(Self(query)),
            Err(rejection) => Err(bad_query(rejection.body_text())),
        }
    }
}

/// The part of the address that names one thing.
#[derive(Debug)]
pub struct Segment(pub String);

impl<S: Send + Sync> FromRequestParts<S> for Segment {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<String>::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(segment)| Self(segment)).map_err(|_| nothing_here())
    }
}

impl Segment {
    /// The id that it is.
    pub fn id<I: FromStr>(&self) -> Result<I, Problem> {
        self.0.parse().map_err(|_| nothing_here())
    }
}

/// The parts of the address that name a thing and something of it.
#[derive(Debug)]
pub struct Segments(pub Segment, pub Segment);

impl<S: Send + Sync> FromRequestParts<S> for Segments {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = axum::extract::Path::<(String, String)>::from_request_parts(parts, state).await;
        let axum::extract::Path((whole, part)) = path.map_err(|_| nothing_here())?;
        Ok(Self(Segment(whole), Segment(part)))
    }
}

fn nothing_here() -> Problem {
    Problem::new(Code::NotFound, "there is nothing under this address")
}

/// A bad parameter.
pub fn bad_query(detail: impl Into<String>) -> Problem {
    Problem::new(Code::BadQuery, detail.into())
}

/// What is asked for does not exist.
pub fn missing(detail: &'static str, reason: &'static str) -> Problem {
    Problem::new(Code::NotFound, detail).because(reason)
}

/// How new an answer must be.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Newness {
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    pub min_position: Option<i64>,
}

/// Which part of a list is asked for, and how new it must be.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Paging {
    /// How many items at the most: 1 to 1000, 50 unless said otherwise.
    #[param(minimum = 1, maximum = 1000)]
    limit: Option<u32>,
    /// Where the page begins: the `next_cursor` of the one before.
    cursor: Option<String>,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

/// The parameters of a list: what is looked for, and which part of it.
#[derive(Debug)]
pub struct Asked<F> {
    /// What is looked for.
    pub filter: F,
    paging: Paging,
}

impl<S: Send + Sync, F: DeserializeOwned> FromRequestParts<S> for Asked<F> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Taken apart, since what is flattened into one could no longer tell numbers from text, nor unknown parameters.
        let query = parts.uri.query().unwrap_or_default();
        let (paging, filter): (Vec<_>, Vec<_>) = query.split('&').partition(|parameter| {
            let name = parameter.split('=').next();
            matches!(name, Some("limit" | "cursor" | "min_position"))
        });
        Ok(Self { filter: read(&filter.join("&"))?, paging: read(&paging.join("&"))? })
    }
}

/// Reads parameters that are a part of an address.
pub fn read<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let address = format!("/?{query}").parse().map_err(|_| bad_query("this is no address"))?;
    let read = axum::extract::Query::try_from_uri(&address);
    read.map(|axum::extract::Query(read)| read)
        .map_err(|rejection| bad_query(rejection.body_text()))
}

impl<F> Asked<F> {
    /// The page that is asked for, as soon as the model has come as far as is asked.
    pub async fn page(&self, app: &App, model: ModelName) -> Result<PageRequest, Problem> {
        let Paging { limit, cursor, min_position } = &self.paging;
        let limit = limit.unwrap_or(50);
        if !(1..=1000).contains(&limit) {
            return Err(bad_query("`limit` is a number from 1 to 1000"));
        }
        let cursor = cursor.as_deref().map(str::parse::<Cursor>).transpose();
        let cursor = cursor.map_err(|error| bad_query(error.to_string()))?;
        app.wait(model, *min_position).await?;
        Ok(PageRequest { cursor, limit })
    }
}

/// Some items, and where to go on.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageOf<T> {
    /// The items.
    pub items: Vec<T>,
    /// The cursor of the next page, if there is one.
    pub next_cursor: Option<String>,
    /// Every event up to this position is in the answer.
    pub position: i64,
}

/// A page as it goes out.
pub fn answer<V, T: Serialize>(page: Page<V>, shown: impl Fn(V) -> T) -> Response {
    json(&PageOf {
        items: page.items.into_iter().map(shown).collect(),
        next_cursor: page.next.map(|cursor| cursor.to_string()),
        position: page.position.get(),
    })
}

/// One thing with the tag that `If-Match` takes.
#[derive(Debug)]
pub struct Tagged<T> {
    tag: i64,
    item: T,
}

impl<T: Serialize> Tagged<T> {
    /// A thing and its tag: the sequence of its last event, or the version of its terms.
    pub fn new(tag: i64, item: T) -> Self {
        Self { tag, item }
    }
}

impl<T: Serialize> From<Tagged<T>> for Response {
    fn from(tagged: Tagged<T>) -> Self {
        let mut response = json(&tagged.item);
        if let Ok(tag) = HeaderValue::from_str(&format!("\"{}\"", tagged.tag)) {
            response.headers_mut().insert(header::ETAG, tag);
        }
        response
    }
}

impl From<ProjectionError> for Problem {
    fn from(error: ProjectionError) -> Self {
        match error {
            ProjectionError::NotReady(_) | ProjectionError::Behind { .. } => {
                Self::new(Code::ProjectionBehind, error.to_string())
            }
            ProjectionError::Busy(_) => Self::new(Code::ConcurrentChange, error.to_string()),
            ProjectionError::Unreachable(_) => {
                tracing::warn!(%error, "a read model cannot be read");
                Self::new(Code::Overloaded, "the database cannot be reached")
            }
            ProjectionError::Log(error) => error.into(),
            ProjectionError::Unreadable(_)
            | ProjectionError::Database(_)
            | ProjectionError::BrokenOff(_) => Self::internal(&error),
        }
    }
}
