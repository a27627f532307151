//! What calls to all providers have in common.

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Client, RequestBuilder, StatusCode, Url, header::HeaderMap, redirect::Policy};
use serde::de::DeserializeOwned;

use crate::{GatewayError, SetupError};

/// How long a connection may take; how long a call may take is for [`resilient`](crate::resilient) to say.
const CONNECT: Duration = Duration::from_secs(5);

/// An HTTP client for one provider, that follows nobody anywhere.
pub(crate) fn client(base: &Url) -> Result<Client, SetupError> {
    // only the first provider of a process is installed, and any will do
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder()
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .redirect(Policy::none())
        .user_agent("daybook");
    // what is on this machine is behind no proxy
    let client = if is_here(base) { client.no_proxy() } else { client };
    Ok(client.build()?)
}

fn is_here(base: &Url) -> bool {
    matches!(base.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"))
}

/// Secrets go to this address: it must be encrypted, or on this machine.
pub(crate) fn safe(base: &Url) -> Result<String, SetupError> {
    if base.scheme() == "https" || (base.scheme() == "http" && is_here(base)) {
        Ok(base.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(SetupError::Insecure(base.origin().ascii_serialization()))
    }
}

/// What a provider answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    after: Option<Duration>,
    body: Bytes,
}

impl Answer {
    /// The body, of an answer that should have one. If it cannot be read, what it told of is in doubt.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, GatewayError> {
        let unreadable =
            |error| GatewayError::in_doubt(format_args!("{} cannot be read: {error}", self.status));
        serde_json::from_slice(&self.body).map_err(unreadable)
    }

    /// The body of a refusal, as far as it can be read.
    pub(crate) fn read_refusal<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The provider has a fault or too much to do, whatever else it says.
    pub(crate) fn unavailable(&self) -> Option<GatewayError> {
        let passing = [
            StatusCode::REQUEST_TIMEOUT,
            StatusCode::TOO_EARLY,
            StatusCode::FAILED_DEPENDENCY,
            StatusCode::TOO_MANY_REQUESTS,
        ];
        (self.status.is_server_error() || passing.contains(&self.status))
            .then(|| self.later(self.status.to_string()))
    }

    /// It is to be sent again later.
    pub(crate) fn later(&self, why: String) -> GatewayError {
        GatewayError::Unavailable { why, after: self.after }
    }
}

/// Sends a request and receives all of the answer.
pub(crate) async fn send(request: RequestBuilder) -> Result<Answer, GatewayError> {
    let response = request.send().await.map_err(lost)?;
    let status = response.status();
    let after = retry_after(response.headers());
    let body = response.bytes().await.map_err(lost)?;
    tracing::debug!(status = status.as_u16(), bytes = body.len(), "answered");
    Ok(Answer { status, after, body })
}

/// Without a connection nothing has happened; after that, nobody knows.
fn lost(error: reqwest::Error) -> GatewayError {
    let error = error.without_url();
    if error.is_builder() {
        GatewayError::refused("request", error)
    } else if error.is_connect() {
        GatewayError::Unavailable { why: format!("no connection: {error}"), after: None }
    } else {
        GatewayError::in_doubt(error)
    }
}

/// The seconds of a `Retry-After`; the other form, a date, would need the provider's clock, and neither provider uses
/// it.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(reqwest::header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_go_nowhere_in_the_clear() {
        let address = |text| safe(&Url::parse(text).unwrap());
        assert_eq!(address("https://api.stripe.com/").unwrap(), "https://api.stripe.com");
        assert_eq!(address("http://127.0.0.1:8420").unwrap(), "http://127.0.0.1:8420");
        assert!(address("http://[::1]:1").is_ok());
        for text in ["http://api.stripe.com", "http://127.0.0.1.example.com", "ftp://localhost"] {
            assert!(matches!(address(text), Err(SetupError::Insecure(_))), "{text}");
        }
    }
}
