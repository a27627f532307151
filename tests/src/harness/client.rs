//! A client of one server, and one that does not give up.

use std::{
    sync::{Arc, Once},
    time::{Duration, Instant},
};

use reqwest::{
    Method,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use serde_json::Value;

use super::Answer;

/// Longer than the server takes for any answer.
const PATIENCE: Duration = Duration::from_secs(15);

/// Speaks to one server with one API key. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Arc<str>,
    authorization: Option<Arc<str>>,
}

impl Client {
    /// A client with an API key.
    pub(crate) fn new(base: &str, key: &str) -> Self {
        let authorization = Some(format!("Bearer {key}").into());
        Self { authorization, ..Self::anonymous(base) }
    }

    /// A client without.
    pub(crate) fn anonymous(base: &str) -> Self {
        static CRYPTOGRAPHY: Once = Once::new();
        // Unused over plain HTTP, but reqwest insists on one.
        CRYPTOGRAPHY.call_once(|| {
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let http = reqwest::Client::builder().timeout(PATIENCE).no_proxy();
        let http = http.build().expect("a plain client can be built");
        Self { http, base: base.into(), authorization: None }
    }

    /// The same client with another API key.
    pub(crate) fn with_key(&self, key: &str) -> Self {
        Self { authorization: Some(format!("Bearer {key}").into()), ..self.clone() }
    }

    /// The same client, asking another one's server.
    pub(crate) fn at(&self, other: &Self) -> Self {
        Self { base: Arc::clone(&other.base), ..self.clone() }
    }

    /// The same client, giving up on an answer sooner.
    pub(crate) fn impatient(&self, patience: Duration) -> Self {
        let http = reqwest::Client::builder().timeout(patience).no_proxy();
        Self { http: http.build().expect("a plain client can be built"), ..self.clone() }
    }

    /// A request to be completed by the caller.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match &self.authorization {
            Some(authorization) => request.header(AUTHORIZATION, &**authorization),
            None => request,
        }
    }

    /// Asks; the connection may fail.
    pub(crate) async fn try_get(&self, path: &str) -> Result<Answer, reqwest::Error> {
        Answer::read(self.request(Method::GET, path).send().await?).await
    }

    /// Asks.
    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.try_get(path).await.unwrap_or_else(|error| panic!("GET {path}: {error:?}"))
    }

    /// Asks with headers.
    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self.request(Method::GET, path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(request).await
    }

    /// Sends a command.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.post_with(path, body, &[]).await
    }

    /// Sends a command with headers.
    pub(crate) async fn post_with(
        &self,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let mut request = self.request(Method::POST, path).json(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(request).await
    }

    /// Sends a merge patch.
    pub(crate) async fn patch(&self, path: &str, patch: &Value) -> Answer {
        self.patch_with(path, patch, &[]).await
    }

    /// Sends a merge patch with headers.
    pub(crate) async fn patch_with(
        &self,
        path: &str,
        patch: &Value,
        headers: &[(&str, &str)],
    ) -> Answer {
        let request = self.request(Method::PATCH, path).body(patch.to_string());
        let mut request = request.header(CONTENT_TYPE, "application/merge-patch+json");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(request).await
    }

    /// Sends a command under an idempotency key.
    pub(crate) async fn post_keyed(&self, path: &str, body: &Value, key: &str) -> Answer {
        self.post_with(path, body, &[("idempotency-key", key)]).await
    }

    /// Sends a command under an idempotency key; the connection may fail.
    pub(crate) async fn try_post_keyed(
        &self,
        path: &str,
        body: &Value,
        key: &str,
    ) -> Result<Answer, reqwest::Error> {
        let request = self.request(Method::POST, path).json(body).header("idempotency-key", key);
        Answer::read(request.send().await?).await
    }

    /// Sends a body as it is.
    pub(crate) async fn post_bytes(&self, path: &str, body: impl Into<Vec<u8>>) -> Answer {
        let request = self.request(Method::POST, path).header(CONTENT_TYPE, "application/json");
        send(request.body(body.into())).await
    }

    /// The feed after a position, to its end, as lines of JSON.
    pub(crate) async fn feed(&self, after: i64) -> Vec<Value> {
        let path = format!("/v1/events?after={after}");
        let request = self.request(Method::GET, &path).header(ACCEPT, "application/x-ndjson");
        let answer = send(request).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let lines = answer.text().lines();
        lines.map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
    }

    /// The head of the log.
    pub(crate) async fn head(&self) -> i64 {
        let answer = self.get("/v1/events?limit=1").await.expect(200);
        answer["head"].as_i64().expect("a page of events names the head")
    }
}

/// Sends a request that must be answered.
pub(crate) async fn send(request: reqwest::RequestBuilder) -> Answer {
    let response = request.send().await.expect("the server answers");
    Answer::read(response).await.expect("the answer is whole")
}

/// What one stubborn command met with on its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Troubles {
    /// Times the connection failed or took too long.
    pub(crate) lost: usize,
    /// Times the server asked to come back later.
    pub(crate) later: usize,
    /// Answers that nobody should ever get.
    pub(crate) wrong: Vec<String>,
}

/// Sends a command until it is answered for good, to one server after the other, always under one idempotency key.
pub(crate) async fn insist(
    servers: &[Client],
    path: &str,
    body: &Value,
    key: &str,
    patience: Duration,
) -> (Answer, Troubles) {
    let begun = Instant::now();
    let mut troubles = Troubles::default();
    for server in servers.iter().cycle() {
        assert!(begun.elapsed() < patience, "no answer to {path} in {patience:?}: {troubles:?}");
        match server.try_post_keyed(path, body, key).await {
            Err(_) => troubles.lost += 1,
            Ok(answer) if answer.status == 503 || answer.status == 429 || is_running(&answer) => {
                troubles.later += 1;
                if answer.header("retry-after").is_empty() {
                    troubles.wrong.push(format!("without Retry-After: {}", answer.text()));
                }
            }
            Ok(answer) => {
                if answer.status >= 500 {
                    troubles.wrong.push(format!("{} {}", answer.status, answer.text()));
                }
                return (answer, troubles);
            }
        }
        // A polite client would wait for as long as Retry-After says; a test presses harder.
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    unreachable!("there is at least one server to ask")
}

fn is_running(answer: &Answer) -> bool {
    answer.status == 409 && answer.json()["type"] == "/problems/command-in-progress"
}
