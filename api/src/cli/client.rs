//! A client of the HTTP API that asks again when the server cannot answer just now.

use std::fmt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use reqwest::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH,
    RETRY_AFTER,
};
use reqwest::{Method, StatusCode};
use serde::{Deserialize, de::DeserializeOwned};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const POSITION: HeaderName = HeaderName::from_static("daybook-position");

/// How long one request may take: longer than the server lets it take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);
/// The longest pause the server may ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// When to ask again, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// The first pause; each further one is twice as long.
    pub(super) first_pause: Duration,
    /// After this pause they grow no longer.
    pub(super) last_pause: Duration,
    /// How long a server may stay away before the import gives up.
    pub(super) total: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(50),
            last_pause: Duration::from_secs(5),
            total: Duration::from_mins(2),
        }
    }
}

/// Talks to one server with one API key.
pub(super) struct Client {
    http: reqwest::Client,
    base: String,
    patience: Patience,
    retries: AtomicU64,
    position: AtomicU64,
}

/// A command on its way: sent again and again it carries the same key, and so takes effect once.
#[derive(Clone, Debug)]
pub(super) struct Command {
    pub(super) path: String,
    pub(super) key: String,
    /// The version of the aggregate that the command was made for, where that matters.
    pub(super) if_match: Option<HeaderValue>,
    pub(super) body: Bytes,
}

/// What the server said.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) etag: Option<HeaderValue>,
    body: Bytes,
}

/// `GET /v1/events`, as far as it matters here.
#[derive(Deserialize)]
struct Head {
    head: u64,
}

/// One try that led nowhere, but might do so later.
struct TryAgain {
    pause: Option<Duration>,
    cause: anyhow::Error,
}

impl Client {
    /// A client for the server at `url`, known to it by the API key in a file.
    pub(super) fn from_key_file(url: &str, key_file: &Path, patience: Patience) -> Result<Self> {
        let key = std::fs::read_to_string(key_file)
            .with_context(|| format!("cannot read the API key in {}", key_file.display()))?;
        Self::try_new(url, &key, patience)
    }

    /// A client for the server at `url`, known to it by an API key.
    pub(super) fn try_new(url: &str, key: &str, patience: Patience) -> Result<Self> {
        let mut bearer = HeaderValue::from_str(&format!("Bearer {}", key.trim()))
            .context("the API key holds characters that no key has")?;
        bearer.set_sensitive(true);
        let headers = HeaderMap::from_iter([
            (AUTHORIZATION, bearer),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        // only the first provider of a process is installed, and any will do
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder()
            .default_headers(headers)
            .timeout(REQUEST_TIMEOUT)
            .tcp_nodelay(true)
            .no_proxy()
            .build()
            .context("cannot set up an HTTP client")?;
        let base = url.trim_end_matches('/').to_owned();
        Ok(Self { http, base, patience, retries: AtomicU64::new(0), position: AtomicU64::new(0) })
    }

    /// Sends a command until there is an answer to it.
    pub(super) async fn send(&self, command: &Command) -> Result<Answer> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let key =
            HeaderValue::from_str(&command.key).context("the idempotency key is no header")?;
        headers.insert(IDEMPOTENCY_KEY, key);
        headers.extend(command.if_match.clone().map(|sequence| (IF_MATCH, sequence)));
        self.ask(&Method::POST, &command.path, &headers, &command.body).await
    }

    /// Asks a query until there is an answer to it.
    pub(super) async fn get(&self, path: &str) -> Result<Answer> {
        self.ask(&Method::GET, path, &HeaderMap::new(), &Bytes::new()).await
    }

    /// The end of the log: a query that waits for it sees all that was done before.
    pub(super) async fn head(&self) -> Result<u64> {
        let Head { head } = self
            .get("/v1/events?limit=1")
            .await?
            .json()
            .context("cannot find the end of the log")?;
        Ok(head)
    }

    /// How often the server was asked again.
    pub(super) fn retries(&self) -> u64 {
        self.retries.load(Ordering::Relaxed)
    }

    /// The last position of the log that an answer named: where a reader sees all that was done.
    pub(super) fn position(&self) -> u64 {
        self.position.load(Ordering::Relaxed)
    }

    async fn ask(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Answer> {
        let started = Instant::now();
        let mut next_pause = self.patience.first_pause;
        loop {
            let again = match self.ask_once(method, path, headers, body).await? {
                Ok(answer) => return Ok(answer),
                Err(again) => again,
            };
            if started.elapsed() >= self.patience.total {
                let tried_for = started.elapsed().as_secs();
                return Err(again
                    .cause
                    .context(format!("{method} {path}: gave up after {tried_for} s")));
            }
            self.retries.fetch_add(1, Ordering::Relaxed);
            let pause = again.pause.unwrap_or(next_pause);
            // spread out, so that requests turned away together do not return together
            tokio::time::sleep(pause + next_pause.mul_f64(rand::random::<f64>())).await;
            next_pause = (next_pause * 2).min(self.patience.last_pause);
        }
    }

    async fn ask_once(
        &self,
        method: &Method,
        path: &str,
        headers: &HeaderMap,
        body: &Bytes,
    ) -> Result<Result<Answer, TryAgain>> {
        let request = self
            .http
            .request(method.clone(), format!("{}{path}", self.base))
            .headers(headers.clone())
            .body(body.clone());
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return unreachable_server(error),
        };
        let (status, headers) = (response.status(), response.headers().clone());
        let body = match response.bytes().await {
            Ok(body) => body,
            Err(error) => return unreachable_server(error),
        };
        self.note_position(&headers);
        let answer = Answer { status, etag: headers.get(ETAG).cloned(), body };
        if answer.is_temporary() {
            let cause = anyhow::anyhow!("the server answered {}", answer.describe());
            return Ok(Err(TryAgain { pause: retry_after(&headers), cause }));
        }
        Ok(Ok(answer))
    }

    fn note_position(&self, headers: &HeaderMap) {
        let position = headers.get(POSITION).and_then(|value| value.to_str().ok()?.parse().ok());
        self.position.fetch_max(position.unwrap_or(0), Ordering::Relaxed);
    }
}

/// A request that cannot even be written down will not do better next time; any other may.
fn unreachable_server(error: reqwest::Error) -> Result<Result<Answer, TryAgain>> {
    let is_final = error.is_builder();
    let cause = anyhow::Error::new(error).context("the server cannot be reached");
    if is_final { Err(cause) } else { Ok(Err(TryAgain { pause: None, cause })) }
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.parse().ok()?;
    Some(Duration::from_secs(seconds).min(LONGEST_PAUSE))
}

impl Answer {
    /// The body, where the server did as it was asked.
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.status.is_success() {
            bail!("the server answered {}", self.describe());
        }
        serde_json::from_slice(&self.body).context("the server's answer is not understood")
    }

    /// The problem the server named, where there is one.
    pub(super) fn problem(&self) -> Option<Problem> {
        self.refusal()
    }

    /// What else the problem says, where there is one.
    pub(super) fn refusal<T: DeserializeOwned>(&self) -> Option<T> {
        serde_json::from_slice(&self.body).ok().filter(|_| !self.status.is_success())
    }

    /// The answer in one line.
    pub(super) fn describe(&self) -> String {
        match self.problem() {
            Some(problem) => format!("{}: {problem}", self.status),
            None => self.status.to_string(),
        }
    }

    /// Whether the same request can have another answer soon.
    fn is_temporary(&self) -> bool {
        match self.status {
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => true,
            StatusCode::CONFLICT => self.problem().is_some_and(|problem| problem.is_temporary()),
            _ => false,
        }
    }
}

/// Why a request was turned down.
#[derive(Debug, Deserialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    detail: String,
}

impl Problem {
    /// Whether there is no place left.
    pub(super) fn is_sold_out(&self) -> bool {
        self.is("sold-out")
    }

    /// Whether the thing asked for is there already.
    pub(super) fn is_already_there(&self) -> bool {
        self.is("already-exists")
    }

    /// Whether it is only that somebody else was faster, or that the first try still runs.
    pub(super) fn is_temporary(&self) -> bool {
        self.is("concurrent-change") || self.is("command-in-progress")
    }

    fn is(&self, code: &str) -> bool {
        self.kind.strip_prefix("/problems/") == Some(code)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.kind, self.detail)
    }
}
