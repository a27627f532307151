//! What handlers take out of a request: who calls, with which right, and a body that has been checked.

use std::{fmt::Write as _, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header, request::Parts},
};
use chrono::{SubsecRound, TimeDelta, Utc};
use daybook_domain::values::{FIRST_DAY, Timestamp};
use daybook_event_store::{CommandContext, Idempotency, Metadata};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{
    app::App,
    keys::{Principal, Right},
    problem::{Code, Language, Problem},
};

#[cfg(test)]
mod tests;

/// No command needs a larger body.
pub const BODY_LIMIT: usize = 256 * 1024;

/// How long a client may go on sending what is too large.
const SWALLOWING: Duration = Duration::from_secs(3);

/// How far ahead of ours a client's clock may be.
pub(crate) const CLOCK_TOLERANCE: TimeDelta = TimeDelta::minutes(5);

/// The request as such: under which id it is known, what its sender reads, and where it comes from.
#[derive(Clone, Debug)]
pub struct About {
    /// The id it is known under in answers, logs and events.
    pub id: String,
    /// The language of its problems.
    pub language: Language,
    /// Where it comes from.
    pub remote: Option<SocketAddr>,
}

/// The address at the other end of a connection.
#[derive(Clone, Copy, Debug)]
pub struct Remote(pub SocketAddr);

impl About {
    /// Reads it off a request; an id is made unless the client sent one.
    pub fn of(request: &Request) -> Self {
        let given = request.headers().get("x-request-id").and_then(visible);
        Self {
            id: given
                .filter(|id| id.len() <= 128)
                .map_or_else(|| Uuid::now_v7().to_string(), str::to_owned),
            language: Language::of(request.headers()),
            remote: request.extensions().get::<Remote>().map(|remote| remote.0),
        }
    }
}

/// Who calls.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Whose key it is.
    pub principal: Arc<Principal>,
    /// The request.
    pub about: Arc<About>,
}

impl Caller {
    fn identify(parts: &Parts, app: &App) -> Result<Self, Problem> {
        let about = parts.extensions.get::<Arc<About>>().cloned();
        let about = about.expect("the gate puts it into every request");
        let principal = parts.extensions.get::<Arc<Principal>>().cloned();
        let principal = principal.ok_or_else(|| {
            Problem::new(Code::Unauthorized, "send `Authorization: Bearer <API key>`")
        })?;
        app.rates.take(principal.id)?;
        Ok(Self { principal, about })
    }

    /// Refuses a key without a right.
    pub fn require(&self, right: Right) -> Result<(), Problem> {
        if self.principal.rights.allow(right) {
            return Ok(());
        }
        let detail = format!("the API key lacks the right `{}`", right.as_str());
        Err(Problem::new(Code::Forbidden, detail))
    }
}

/// A caller who may read.
#[derive(Clone, Debug)]
pub struct Reader(pub Caller);

/// A caller who may do everything.
#[derive(Clone, Debug)]
pub struct Admin(pub Caller);

impl FromRequestParts<App> for Reader {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = Caller::identify(parts, app)?;
        caller.require(Right::Read)?;
        Ok(Self(caller))
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let caller = Caller::identify(parts, app)?;
        caller.require(Right::Admin)?;
        Ok(Self(caller))
    }
}

/// The body of a command.
pub trait CommandBody: DeserializeOwned + Send + 'static {
    /// Whether a request without a body stands for one with no field.
    const OPTIONAL: bool = false;

    /// What the request has to say that its body is.
    const MEDIA_TYPE: &'static str = "application/json";

    /// What the caller must be allowed to do.
    const RIGHT: Right = Right::Book;

    /// When it happened, if the caller says so.
    fn occurred_at(&self) -> Option<Timestamp>;
}

/// A command as a client sent it, checked as far as the edge can.
#[derive(Debug)]
pub struct Command<T> {
    /// Who sends it.
    pub caller: Caller,
    /// What is written beside its events, and its idempotency key.
    pub context: CommandContext,
    /// The tag the client expects what it changes to have.
    pub expected: Option<Expected>,
    /// When it happened.
    pub at: Timestamp,
    /// What it asks for.
    pub body: T,
}

/// What an `If-Match` header asks for: tags are the sequence of the last event, or, of a session, the version of its
/// terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// It must exist.
    Any,
    /// Its tag must be this.
    Sequence(i64),
    /// A tag that none of ours can equal.
    Never,
}

impl<T: CommandBody> FromRequest<App> for Command<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let caller = Caller::identify(&parts, app)?;
        caller.require(T::RIGHT)?;
        let key = idempotency_key(&parts.headers)?;
        let bytes = read_body(body).await?;
        let body = command_body::<T>(&parts.headers, &bytes)?;
        let at = occurred_at(&caller, body.occurred_at())?;
        let context = CommandContext {
            metadata: metadata(&caller, &parts.headers, key),
            idempotency: key.map(|key| Idempotency {
                principal: caller.principal.id,
                key: key.to_owned(),
                request_hash: digest(&parts, &bytes),
            }),
        };
        Ok(Self { caller, context, expected: expected(&parts.headers), at, body })
    }
}

/// A body that is no command of a booking: only checked JSON.
#[derive(Debug)]
pub struct Json<T>(pub T);

impl<T: DeserializeOwned> FromRequest<App> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &App) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = read_body(body).await?;
        require(&parts.headers, "application/json")?;
        parse(&bytes).map(Self)
    }
}

/// Reads a body up to the limit.
pub async fn read_body(mut body: Body) -> Result<Bytes, Problem> {
    match Limited::new(&mut body, BODY_LIMIT).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => {
            // Nothing more is kept, whether or not all of it was swallowed in time.
            let _ = tokio::time::timeout(SWALLOWING, swallow(body)).await;
            let detail = format!("a body has at most {BODY_LIMIT} bytes");
            Err(Problem::new(Code::PayloadTooLarge, detail))
        }
        Err(_) => Err(Problem::new(Code::MalformedJson, "the body ended early")),
    }
}

/// Lets a client finish what it is sending: many read an answer only then.
async fn swallow(mut body: Body) {
    let mut left = 64 * BODY_LIMIT;
    while let Some(Ok(frame)) = body.frame().await {
        let length = frame.data_ref().map_or(0, Bytes::len);
        if length > left {
            return;
        }
        left -= length;
    }
}

fn command_body<T: CommandBody>(headers: &HeaderMap, bytes: &[u8]) -> Result<T, Problem> {
    if T::OPTIONAL && bytes.is_empty() {
        return parse(b"{}");
    }
    require(headers, T::MEDIA_TYPE)?;
    parse(bytes)
}

fn require(headers: &HeaderMap, media_type: &str) -> Result<(), Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let essence = kind.and_then(|kind| kind.split(';').next()).map(str::trim);
    if essence.is_some_and(|kind| kind.eq_ignore_ascii_case(media_type)) {
        return Ok(());
    }
    let detail = format!("send `Content-Type: {media_type}`");
    Err(Problem::new(Code::UnsupportedMediaType, detail))
}

/// Parses JSON; only what is wrong is parsed a second time, to say where.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    serde_json::from_slice(bytes).map_err(|error| explain::<T>(bytes, &error))
}

fn explain<T: DeserializeOwned>(bytes: &[u8], first: &serde_json::Error) -> Problem {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let Err(error) = serde_path_to_error::deserialize::<_, T>(&mut deserializer) else {
        return Problem::new(Code::MalformedJson, first.to_string());
    };
    let cause = error.inner();
    // a choice of words that is none but a number, say, is told like bad JSON, but is good JSON at a wrong place
    if !cause.is_data() && serde_json::from_slice::<serde_json::Value>(bytes).is_err() {
        return Problem::new(Code::MalformedJson, cause.to_string());
    }
    misplaced(&error)
}

/// What is wrong with JSON that is well written, and where.
pub fn misplaced(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let cause = error.inner();
    let text = cause.to_string();
    let place = format!(" at line {} column {}", cause.line(), cause.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    let code = if text.starts_with("unknown field") { Code::UnknownField } else { Code::BadValue };
    Problem::about(code, pointer(error.path()), text)
}

/// A path as a JSON pointer.
fn pointer(path: &serde_path_to_error::Path) -> String {
    use serde_path_to_error::Segment;
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => write!(pointer, "/{index}").expect("a text takes any text"),
            Segment::Map { key } | Segment::Enum { variant: key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Unknown => {}
        }
    }
    pointer
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    match visible(value) {
        Some(key) if (1..=255).contains(&key.len()) => Ok(Some(key)),
        _ => Err(Problem::bad_value(
            "Idempotency-Key",
            "an idempotency key has 1 to 255 visible ASCII characters",
        )),
    }
}

fn visible(value: &axum::http::HeaderValue) -> Option<&str> {
    let text = value.to_str().ok()?;
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())).then_some(text)
}

/// A digest of all that makes two requests the same.
fn digest(parts: &Parts, body: &[u8]) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(parts.method.as_str());
    digest.update(b"\n");
    digest.update(parts.uri.path_and_query().map_or("", |path| path.as_str()));
    digest.update(b"\n");
    digest.update(body);
    digest.finalize().into()
}

fn expected(headers: &HeaderMap) -> Option<Expected> {
    let tag = headers.get(header::IF_MATCH)?.to_str().unwrap_or_default().trim();
    let sequence = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    Some(match (tag, sequence.and_then(|sequence| sequence.parse().ok())) {
        ("*", _) => Expected::Any,
        (_, Some(sequence)) => Expected::Sequence(sequence),
        (_, None) => Expected::Never,
    })
}

impl Expected {
    /// Refuses a sequence that is not the expected one.
    pub fn check(self, sequence: i64) -> Result<(), Problem> {
        let met = match self {
            Self::Any => sequence > 0,
            Self::Sequence(expected) => expected == sequence,
            Self::Never => false,
        };
        if met {
            return Ok(());
        }
        let detail = format!("its tag is now \"{sequence}\"");
        Err(Problem::new(Code::PreconditionFailed, detail))
    }
}

/// The time as the log keeps it: to the microsecond.
pub fn now() -> Timestamp {
    Utc::now().trunc_subsecs(6)
}

fn occurred_at(caller: &Caller, given: Option<Timestamp>) -> Result<Timestamp, Problem> {
    let now = now();
    let Some(at) = given else { return Ok(now) };
    caller.require(Right::RecordPast)?;
    if at > now + CLOCK_TOLERANCE {
        return Err(Problem::bad_value("/occurred_at", "this is in the future"));
    }
    // Read models could not keep it: one such event would hold them up.
    if at.date_naive() < FIRST_DAY {
        let detail = format!("nothing is kept from before {FIRST_DAY}");
        return Err(Problem::bad_value("/occurred_at", detail));
    }
    Ok(at.trunc_subsecs(6))
}

fn metadata(caller: &Caller, headers: &HeaderMap, key: Option<&str>) -> Metadata {
    let mut metadata = Metadata::with_capacity(6);
    let mut put = |name: &str, value: String| metadata.insert(name.to_owned(), value);
    put("principal", caller.principal.id.to_string());
    put("principal_name", caller.principal.name.clone());
    put("request_id", caller.about.id.clone());
    if let Some(key) = key {
        put("idempotency_key", key.to_owned());
    }
    if let Some(remote) = caller.about.remote {
        put("remote_address", remote.ip().to_string());
    }
    if let Some(agent) = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()) {
        put("user_agent", agent.chars().take(200).collect());
    }
    metadata
}
