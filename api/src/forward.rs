//! A follower's way to the owner: commands are passed on as they came.

use std::time::Duration;

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, HeaderName, HeaderValue, header},
    response::Response,
};

use crate::{
    app::no_owner,
    extract::read_body,
    problem::{Code, Problem},
};

/// Marks what was passed on once, so that it never goes in circles.
const FORWARDED: HeaderName = HeaderName::from_static("daybook-forwarded");

/// How long a connection to the owner may take.
const CONNECT: Duration = Duration::from_secs(1);

/// Passes commands on.
#[derive(Clone, Debug)]
pub struct Forwarder {
    client: reqwest::Client,
}

impl Forwarder {
    /// A forwarder without connections.
    pub fn try_new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .tcp_nodelay(true)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .build()?;
        Ok(Self { client })
    }

    /// Passes a request on to the owner and its answer back. An answer that got lost may hide a command that was carried
    /// out: asking again under the same idempotency key tells.
    pub async fn forward(
        &self,
        owner: Option<String>,
        request: Request,
    ) -> Result<Response, Problem> {
        let (parts, body) = request.into_parts();
        let Some(owner) = owner else { return Err(no_owner()) };
        if parts.headers.contains_key(FORWARDED) {
            return Err(no_owner());
        }
        let body = read_body(body).await?;
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        let mut headers = end_to_end(&parts.headers);
        headers.insert(FORWARDED, HeaderValue::from_static("1"));
        let url = format!("{}{path}", owner.trim_end_matches('/'));
        let sent = self.client.request(parts.method, url).headers(headers).body(body).send();
        let answer = sent.await.map_err(|error| lost(&error))?;
        let mut response = Response::new(Body::empty());
        *response.status_mut() = answer.status();
        *response.headers_mut() = end_to_end(answer.headers());
        let bytes = answer.bytes().await.map_err(|error| lost(&error))?;
        *response.body_mut() = Body::from(bytes);
        Ok(response)
    }
}

fn lost(error: &reqwest::Error) -> Problem {
    tracing::warn!(%error, "a command could not be passed on to the owner");
    let detail = if error.is_connect() {
        "the owner of the log cannot be reached; nothing was done"
    } else {
        "the owner's answer got lost: ask again under the same key"
    };
    Problem::new(Code::NoOwner, detail)
}

/// The headers that are not about one connection.
fn end_to_end(headers: &HeaderMap) -> HeaderMap {
    const OWN: [HeaderName; 8] = [
        header::CONNECTION,
        header::HOST,
        header::CONTENT_LENGTH,
        header::TRANSFER_ENCODING,
        header::TE,
        header::TRAILER,
        header::UPGRADE,
        header::EXPECT,
    ];
    headers
        .iter()
        .filter(|(name, _)| !OWN.contains(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}
