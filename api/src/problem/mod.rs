//! What a client is told when it does not get what it asked for: RFC 9457 problems.
//!
//! A handler makes a [`Problem`] and knows nothing of languages; the gate around all handlers writes it out in the
//! reader's language. A refusal that is kept under an idempotency key is written out when it is decided, so that a
//! repetition is told the same, byte for byte.

mod code;
mod conflict;
mod language;
mod refusal;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use axum::{
    body::Body,
    http::{HeaderValue, Response, header},
    response::IntoResponse,
};
use chrono::NaiveDate;
use daybook_domain::{
    calendar::Extent,
    values::{AddOnId, Code as PoolCode, Seat, TimeRange},
};
use daybook_event_store::{CommandError, StoreError, WriteError};
use serde::Serialize;
use uuid::Uuid;

pub use code::Code;
pub use conflict::{Conflict, Obstacle, Unconfirmed};
pub use language::Language;

/// The media type of a problem.
pub const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    code: Code,
    detail: Cow<'static, str>,
    reason: Option<&'static str>,
    shortage: Option<Box<Shortage>>,
    conflicts: Vec<Conflict>,
    errors: Vec<FieldError>,
}

/// What is wrong with one field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FieldError {
    /// Where it is, as a JSON pointer into the body, or the name of a parameter.
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// Where room is missing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Shortage {
    #[serde(skip_serializing_if = "Option::is_none")]
    day: Option<NaiveDate>,
    #[serde(flatten)]
    time: Option<TimeRange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pool: Option<PoolCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seat: Option<Seat>,
    #[serde(skip_serializing_if = "Option::is_none")]
    add_on_id: Option<Uuid>,
    free: u32,
    asked: u32,
    obstacle: &'static str,
}

impl Shortage {
    /// On a day, or at a time.
    pub(crate) fn at(place: Extent, free: u32, asked: u32, obstacle: &'static str) -> Self {
        let (day, time) = match place {
            Extent::Days(days) => (Some(days.first()), None),
            Extent::Time(time) => (None, Some(time)),
        };
        Self { day, time, pool: None, seat: None, add_on_id: None, free, asked, obstacle }
    }

    /// In a pool of places.
    pub(crate) fn of(pool: PoolCode, free: u32, asked: u32, obstacle: &'static str) -> Self {
        let (day, time, seat, add_on_id) = (None, None, None, None);
        Self { day, time, pool: Some(pool), seat, add_on_id, free, asked, obstacle }
    }

    /// Of one seat.
    pub(crate) fn seat(seat: Seat, obstacle: &'static str) -> Self {
        let (free, asked) = (0, 1);
        let (day, time, pool, add_on_id) = (None, None, None, None);
        Self { day, time, pool, seat: Some(seat), add_on_id, free, asked, obstacle }
    }

    /// Of an add-on, on a day where its pieces are counted by day.
    pub(crate) fn add_on(id: AddOnId, day: Option<NaiveDate>, free: u32, asked: u32) -> Self {
        let (time, pool, seat) = (None, None, None);
        let add_on_id = Some(id.as_uuid());
        Self { day, time, pool, seat, add_on_id, free, asked, obstacle: "sold" }
    }
}

/// A problem as it is written.
#[derive(Serialize)]
struct Written<'a> {
    #[serde(rename = "type")]
    kind: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(flatten)]
    shortage: Option<&'a Shortage>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    conflicts: &'a [Conflict],
    #[serde(skip_serializing_if = "Option::is_none")]
    instance: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    /// A problem with a sentence about this very case.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            reason: None,
            shortage: None,
            conflicts: Vec::new(),
            errors: Vec::new(),
        }
    }

    /// Whether a rule says no, which asking again does not change.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self.code,
            Code::PolicyRefusal
                | Code::SoldOut
                | Code::NotFound
                | Code::AlreadyExists
                | Code::BadValue
        )
    }

    /// A value that cannot be accepted, with the place it stands at.
    pub fn bad_value(field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::about(Code::BadValue, field, detail)
    }

    /// A problem with one field.
    pub fn about(code: Code, field: impl Into<String>, detail: impl Into<String>) -> Self {
        let (field, detail) = (field.into(), detail.into());
        let errors = vec![FieldError { field, detail: detail.clone() }];
        Self { errors, ..Self::new(code, detail) }
    }

    /// A fault of ours: the cause goes to the log, where it is seen once, and not to the client.
    pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = cause, "a request failed");
        Self::new(Code::Internal, "the request failed; the log of the server says more")
    }

    /// With a stable name of the rule that refused.
    #[must_use]
    pub fn because(mut self, reason: &'static str) -> Self {
        self.reason = Some(reason);
        self
    }

    /// With the place in the body that it is about.
    #[must_use]
    pub fn in_field(mut self, field: impl Into<String>) -> Self {
        self.errors.push(FieldError { field: field.into(), detail: self.detail.to_string() });
        self
    }

    /// With the day, the time, the pool or the seat that has no room.
    #[must_use]
    pub(crate) fn short_of(mut self, shortage: Shortage) -> Self {
        self.shortage = Some(Box::new(shortage));
        self
    }

    /// With errors told of other places, where `place` knows one.
    #[must_use]
    pub(crate) fn relocated(mut self, place: impl Fn(&str) -> Option<&'static str>) -> Self {
        for error in &mut self.errors {
            if let Some(field) = place(&error.field) {
                field.clone_into(&mut error.field);
            }
        }
        self
    }

    /// With the dates that cannot be had: as many of them as anybody reads.
    #[must_use]
    pub(crate) fn at_odds(mut self, mut conflicts: Vec<Conflict>) -> Self {
        conflicts.truncate(Conflict::MOST);
        self.conflicts = conflicts;
        self
    }

    /// The kind of problem.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The rule that refused, if it was one.
    pub fn reason(&self) -> Option<&'static str> {
        self.reason
    }

    /// The problem as JSON, for a reader of a language.
    ///
    /// # Panics
    /// Never: a problem is plain JSON.
    pub fn write(&self, language: Language, request_id: Option<&str>) -> String {
        let written = Written {
            kind: format!("/problems/{}", self.code.as_str()),
            title: self.code.title(language),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            reason: self.reason,
            shortage: self.shortage.as_deref(),
            conflicts: &self.conflicts,
            instance: request_id,
            errors: &self.errors,
        };
        serde_json::to_string(&written).expect("a problem is plain JSON")
    }

    /// The whole answer, for a reader of a language.
    pub fn answer(&self, language: Language, request_id: Option<&str>) -> Response<Body> {
        let mut response = Response::new(Body::from(self.write(language, request_id)));
        *response.status_mut() = self.code.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, PROBLEM_JSON);
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        if let Some(seconds) = self.code.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.code == Code::Unauthorized {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

impl IntoResponse for Problem {
    /// An answer that the gate still has to write out.
    fn into_response(self) -> axum::response::Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = self.code.status();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unreachable(_) => {
                tracing::warn!(%error, "the database cannot be reached");
                Self::new(Code::Overloaded, "the database cannot be reached")
            }
            StoreError::Database(_) | StoreError::Unreadable(_) | StoreError::Migration(_) => {
                Self::internal(&error)
            }
        }
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Conflict | WriteError::Superseded => {
                Self::new(Code::ConcurrentChange, "what the command is about kept changing")
            }
            WriteError::DuplicateReceipt => {
                Self::new(Code::CommandInProgress, "a command with this key is still running")
            }
            WriteError::Overloaded => Self::new(Code::Overloaded, "the log's queue is full"),
            WriteError::NotOwner => {
                Self::new(Code::NoOwner, "the log is changing hands; ask again under the same key")
            }
            WriteError::Rejected(_) | WriteError::Broken(_) => Self::internal(&error),
        }
    }
}

impl<E: Into<Self>> From<CommandError<E>> for Problem {
    fn from(error: CommandError<E>) -> Self {
        match error {
            CommandError::Refused(refusal) => refusal.into(),
            CommandError::KeyReused => {
                Self::new(Code::IdempotencyKeyReused, "the key stands for another request")
            }
            CommandError::InProgress => {
                Self::new(Code::CommandInProgress, "a command with this key is still running")
            }
            CommandError::Write(error) => error.into(),
            CommandError::Store(error) => error.into(),
        }
    }
}
