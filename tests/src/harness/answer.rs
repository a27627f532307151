//! What a server answered, and what a test may expect of it.

use bytes::Bytes;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::Value;

/// One whole answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    pub(super) async fn read(response: reqwest::Response) -> Result<Self, reqwest::Error> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Ok(Self { status, headers, body: response.bytes().await? })
    }

    /// A header's text; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as text.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("answers are UTF-8")
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        let parsed = serde_json::from_slice(&self.body);
        parsed.unwrap_or_else(|error| panic!("{error} in the answer {}", self.text()))
    }

    /// The JSON of an answer that must have this status.
    #[track_caller]
    pub(crate) fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// The `id` of a command's answer that must have this status.
    #[track_caller]
    pub(crate) fn id(&self, status: u16) -> String {
        let json = self.expect(status);
        json["id"].as_str().unwrap_or_else(|| panic!("no id in {json}")).to_owned()
    }

    /// The position of a command's answer; body and header must agree.
    #[track_caller]
    pub(crate) fn position(&self) -> i64 {
        let json = self.json();
        let position = json["position"].as_i64().unwrap_or_else(|| panic!("no position in {json}"));
        assert_eq!(self.header("daybook-position"), position.to_string());
        position
    }

    /// A problem that must have this status and code.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.any_problem();
        assert_eq!(
            (self.status, problem["type"].as_str().unwrap_or_default()),
            (status, &*format!("/problems/{code}")),
            "{problem}"
        );
        problem
    }

    /// A well-formed problem, whichever.
    #[track_caller]
    pub(crate) fn any_problem(&self) -> Value {
        assert_eq!(
            self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()),
            Some("application/problem+json"),
            "{} {}",
            self.status,
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["status"].as_u64(), Some(u64::from(self.status)), "{problem}");
        let code = problem["type"].as_str().unwrap_or_default();
        assert!(code.starts_with("/problems/"), "{problem}");
        assert!(problem["title"].as_str().is_some_and(|title| !title.is_empty()), "{problem}");
        problem
    }
}
