//! Shapes that several requests and answers share, and how they look in the OpenAPI document.

pub mod selling;
pub mod times;

use std::borrow::Cow;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use daybook_domain::values::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use utoipa::{IntoResponses, ToSchema};
use uuid::Uuid;

use crate::{bus::NamedBy, extract::CommandBody, problem::Conflict};

/// An id that a client chose for something new: a UUID of version 7, because time-ordered ids keep the log fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "Uuid")]
pub struct NewId(Uuid);

/// The id is not of version 7.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a new id must be a UUID of version 7")]
pub struct NotVersion7;

impl TryFrom<Uuid> for NewId {
    type Error = NotVersion7;

    fn try_from(id: Uuid) -> Result<Self, Self::Error> {
        if id.get_version_num() == 7 { Ok(Self(id)) } else { Err(NotVersion7) }
    }
}

/// The id the client chose, or one of our own.
pub fn chosen(id: Option<NewId>) -> Uuid {
    id.map_or_else(Uuid::now_v7, |id| id.0)
}

/// Who chose it.
pub fn named_by(id: Option<NewId>) -> NamedBy {
    if id.is_some() { NamedBy::Client } else { NamedBy::Us }
}

/// The answer to a command.
#[derive(Debug, Serialize, ToSchema)]
pub struct Receipt {
    /// What was made or changed.
    pub id: Uuid,
    /// How far it has come.
    #[schema(example = "confirmed")]
    pub status: String,
    /// The position of the command's last event: pass it as `min_position` to read what you wrote.
    pub position: i64,
}

/// A body that says nothing but, perhaps, when it happened.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Occurrence {
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub occurred_at: Option<Timestamp>,
}

impl CommandBody for Occurrence {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// An amount of money in the minor unit of its currency.
#[derive(Debug, ToSchema, Serialize)]
pub struct Money {
    /// How many minor units: cents for EUR, fils for KWD, yen for JPY.
    #[schema(minimum = 0, example = 12550)]
    pub minor: i64,
    /// The ISO 4217 code.
    #[schema(example = "EUR")]
    pub currency: String,
}

/// How to reach a business.
#[derive(Debug, ToSchema, Serialize)]
pub struct Contact {
    /// Where to write.
    #[schema(example = "desk@example.com")]
    pub email: Option<String>,
    /// Where to call, with the country's prefix.
    #[schema(example = "+962 6 555 0100")]
    pub phone: Option<String>,
    /// Where to read more, by `https`.
    #[schema(example = "https://example.com")]
    pub website: Option<String>,
}

/// A postal address.
#[derive(Debug, ToSchema, Serialize)]
pub struct Address {
    /// Street, house and so on.
    #[serde(default)]
    #[schema(required = false, max_items = 6, example = json!(["Rainbow Street 12"]))]
    pub lines: Vec<String>,
    /// The town or village.
    pub locality: Option<String>,
    /// The state, governorate or county.
    pub region: Option<String>,
    /// The postal code.
    pub postcode: Option<String>,
    /// The ISO 3166-1 alpha-2 code of the country.
    #[schema(example = "JO")]
    pub country: String,
}

/// A point on the globe, exact to the sixth decimal.
#[derive(Debug, ToSchema, Serialize)]
pub struct Location {
    /// Degrees north of the equator.
    #[schema(minimum = -90, maximum = 90, example = 31.951_569)]
    pub latitude: f64,
    /// Degrees east of Greenwich.
    #[schema(minimum = -180, maximum = 180, example = 35.923_963)]
    pub longitude: f64,
}

/// A picture.
#[derive(Debug, ToSchema, Serialize)]
pub struct Image {
    /// Where it is, by `https`.
    #[schema(example = "https://example.com/stage.jpg")]
    pub url: String,
    /// What it shows, by language tag, for those who do not see it.
    pub alt: Option<std::collections::BTreeMap<String, String>>,
    /// How many pixels wide it is.
    #[schema(minimum = 1, maximum = 100_000)]
    pub width: Option<u32>,
    /// How many pixels high it is.
    #[schema(minimum = 1, maximum = 100_000)]
    pub height: Option<u32>,
}

/// A problem as RFC 9457 has it.
#[derive(Debug, ToSchema, Serialize)]
pub struct ProblemDetails {
    /// What kind of problem it is: stable, and a page that explains it.
    #[serde(rename = "type")]
    #[schema(example = "/problems/sold-out")]
    pub kind: String,
    /// A few words in the reader's language.
    pub title: String,
    /// The status of the answer.
    pub status: u16,
    /// A sentence about this very case.
    pub detail: String,
    /// The rule that refused, by a stable name.
    #[schema(example = "hold_ended")]
    pub reason: Option<String>,
    /// The day without room, if the problem is `sold-out`.
    pub day: Option<chrono::NaiveDate>,
    /// The first instant without room, if the problem is `sold-out` and a time was asked for.
    pub start: Option<chrono::DateTime<chrono::Utc>>,
    /// The end of the time without room.
    pub end: Option<chrono::DateTime<chrono::Utc>>,
    /// The pool of places without room, if the problem is `sold-out` and places of a session were asked for.
    pub pool: Option<String>,
    /// The seat that is not free, if the problem is `sold-out` and a seat was asked for.
    #[schema(example = "stalls/A-12")]
    pub seat: Option<String>,
    /// The add-on of which there are not enough, if the problem is `sold-out` and one was asked for.
    pub add_on_id: Option<Uuid>,
    /// How many are free there.
    pub free: Option<u32>,
    /// How many were asked for there.
    pub asked: Option<u32>,
    /// What would have to go to make room: `held`, `sold` or `blocked`; `capacity` if there never were so many;
    /// `waiting_list` if it is held for those who waited for it.
    #[schema(example = "held")]
    pub obstacle: Option<String>,
    /// The dates that cannot be had, if it is about a series: up to a hundred of them.
    #[serde(default)]
    #[schema(required = false)]
    pub conflicts: Vec<Conflict>,
    /// The id of the request.
    pub instance: Option<String>,
    /// What is wrong with which field.
    #[serde(default)]
    #[schema(required = false)]
    pub errors: Vec<FieldProblem>,
}

/// What is wrong with one field.
#[derive(Debug, ToSchema, Serialize)]
pub struct FieldProblem {
    /// A JSON pointer into the body, or the name of a parameter.
    #[schema(example = "/lines/0/departure")]
    pub field: String,
    /// What is wrong with it.
    pub detail: String,
}

/// The problems that any query may end in.
#[derive(Debug, IntoResponses)]
pub enum QueryProblems {
    /// The address has a bad parameter.
    #[response(status = 400, content_type = "application/problem+json")]
    BadQuery(ProblemDetails),
    /// There is no valid API key in the request.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemDetails),
    /// The API key lacks the right.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemDetails),
    /// It does not exist.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemDetails),
    /// The API key sends too many requests.
    #[response(status = 429, content_type = "application/problem+json")]
    TooManyRequests(ProblemDetails),
    /// The read model has not reached `min_position`, or the database cannot be reached. Try again.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemDetails),
}

/// The problems that any command may end in.
#[derive(Debug, IntoResponses)]
pub enum CommandProblems {
    /// The body is not JSON, or has a field that is not known.
    #[response(status = 400, content_type = "application/problem+json")]
    Malformed(ProblemDetails),
    /// There is no valid API key in the request.
    #[response(status = 401, content_type = "application/problem+json")]
    Unauthorized(ProblemDetails),
    /// The API key lacks the right.
    #[response(status = 403, content_type = "application/problem+json")]
    Forbidden(ProblemDetails),
    /// What the command is about does not exist.
    #[response(status = 404, content_type = "application/problem+json")]
    NotFound(ProblemDetails),
    /// Sold out, the id is taken, it changed at the same moment, or the same command is still running.
    #[response(status = 409, content_type = "application/problem+json")]
    Conflict(ProblemDetails),
    /// It changed since the client looked (`If-Match`).
    #[response(status = 412, content_type = "application/problem+json")]
    PreconditionFailed(ProblemDetails),
    /// The body is too large.
    #[response(status = 413, content_type = "application/problem+json")]
    PayloadTooLarge(ProblemDetails),
    /// The body does not say that it is JSON.
    #[response(status = 415, content_type = "application/problem+json")]
    UnsupportedMediaType(ProblemDetails),
    /// A value or a rule does not allow it, or the idempotency key belongs to another request.
    #[response(status = 422, content_type = "application/problem+json")]
    Refused(ProblemDetails),
    /// The API key sends too many requests.
    #[response(status = 429, content_type = "application/problem+json")]
    TooManyRequests(ProblemDetails),
    /// Too much work, or no process takes commands at the moment. Try again under the same idempotency key.
    #[response(status = 503, content_type = "application/problem+json")]
    Unavailable(ProblemDetails),
}

/// A date as RFC 3339 has it, and nothing that merely looks like one.
pub fn date<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    let text = Cow::<str>::deserialize(deserializer)?;
    strict_date(&text).ok_or_else(|| D::Error::custom(BAD_DATE))
}

/// A date that may be missing.
pub fn optional_date<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveDate>, D::Error> {
    let text = Option::<Cow<str>>::deserialize(deserializer)?;
    let date = text.map(|text| strict_date(&text).ok_or_else(|| D::Error::custom(BAD_DATE)));
    date.transpose()
}

/// What is wrong with a date.
pub const BAD_DATE: &str = "a date is written as in `2027-05-30`";

/// A text as a date, if it is one.
pub fn strict_date(text: &str) -> Option<NaiveDate> {
    // Of ten bytes with dashes in place, `from_str` can make nothing but what is meant.
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if shaped { text.parse().ok() } else { None }
}

/// A time of day, with or without seconds, that may be missing.
pub fn optional_time<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveTime>, D::Error> {
    let text = Option::<Cow<str>>::deserialize(deserializer)?;
    let time = text.map(|text| {
        NaiveTime::parse_from_str(&text, "%H:%M")
            .or_else(|_| NaiveTime::parse_from_str(&text, "%H:%M:%S"))
            .map_err(|_| D::Error::custom("a time of day is written as in `15:00`"))
    });
    time.transpose()
}

/// What a wall clock shows, as RFC 3339 has it but without an offset; seconds may be missing.
pub fn wall_clock<'de, D: Deserializer<'de>>(deserializer: D) -> Result<NaiveDateTime, D::Error> {
    Ok(Wall::deserialize(deserializer)?.0)
}

/// What a wall clock shows, if it is given.
pub fn optional_wall_clock<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<NaiveDateTime>, D::Error> {
    Ok(Option::<Wall>::deserialize(deserializer)?.map(|wall| wall.0))
}

/// Several times that a wall clock shows.
pub fn wall_clocks<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<NaiveDateTime>, D::Error> {
    Ok(Vec::<Wall>::deserialize(deserializer)?.into_iter().map(|wall| wall.0).collect())
}

#[derive(Deserialize)]
#[serde(try_from = "Cow<str>")]
struct Wall(NaiveDateTime);

impl TryFrom<Cow<'_, str>> for Wall {
    type Error = &'static str;

    fn try_from(text: Cow<'_, str>) -> Result<Self, Self::Error> {
        const BAD: &str = "a local time is written as in `2027-05-30T09:00`, without an offset";
        let (date, time) = text.split_once('T').ok_or(BAD)?;
        let is_plain = time.bytes().all(|byte| byte.is_ascii_digit() || byte == b':');
        let form = match time.len() {
            5 if is_plain => "%H:%M",
            8 if is_plain => "%H:%M:%S",
            _ => return Err(BAD),
        };
        let time = NaiveTime::parse_from_str(time, form).map_err(|_| BAD)?;
        strict_date(date).map(|date| Self(date.and_time(time))).ok_or(BAD)
    }
}
