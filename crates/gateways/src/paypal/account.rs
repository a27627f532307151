//! Calls to PayPal under an access token, which is fetched when needed and kept until it expires.

use std::{fmt, time::Duration};

use reqwest::{Client, Method, RequestBuilder, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{sync::Mutex, time::Instant};

use super::{Settings, errors, wire::Granted};
use crate::{
    GatewayError, ProviderKey, SetupError,
    http::{self, Answer},
};

/// How long before it expires a token is no longer used.
const MARGIN: Duration = Duration::from_mins(1);

/// An account with PayPal.
pub(super) struct Account {
    client: Client,
    base: String,
    client_id: String,
    secret: SecretString,
    token: Mutex<Option<Token>>,
}

#[derive(Clone)]
struct Token {
    value: SecretString,
    until: Instant,
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Account {
    pub(super) fn try_new(settings: &Settings) -> Result<Self, SetupError> {
        Ok(Self {
            client: http::client(&settings.base)?,
            base: http::safe(&settings.base)?,
            client_id: settings.client_id.clone(),
            secret: settings.secret.clone(),
            token: Mutex::new(None),
        })
    }

    /// Asks for something.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &str,
        query: &[(&str, String)],
    ) -> Result<T, GatewayError> {
        let answer = self.send(|| self.request(Method::GET, path).query(query)).await?;
        read(&answer)
    }

    /// Has something done, once for each key.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
        key: Option<&ProviderKey>,
    ) -> Result<T, GatewayError> {
        read(&self.post_for_answer(path, body, key).await?)
    }

    /// The same, when there may be no body in the answer.
    pub(super) async fn post_for_answer(
        &self,
        path: &str,
        body: &(impl Serialize + Sync),
        key: Option<&ProviderKey>,
    ) -> Result<Answer, GatewayError> {
        let request = || {
            let request = self.request(Method::POST, path).json(body);
            let request = request.header("Prefer", "return=representation");
            match key {
                Some(key) => request.header("PayPal-Request-Id", key.as_str()),
                None => request,
            }
        };
        self.send(request).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("{}{path}", self.base))
    }

    /// A token may be taken back before it expires: then another one is tried, once.
    async fn send(
        &self,
        request: impl Fn() -> RequestBuilder + Send + Sync,
    ) -> Result<Answer, GatewayError> {
        let token = self.token(None).await?;
        let answer = http::send(request().bearer_auth(token.expose_secret())).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let token = self.token(Some(token)).await?;
        http::send(request().bearer_auth(token.expose_secret())).await
    }

    /// The token that is valid now, and is not the one that was just turned down.
    async fn token(&self, turned_down: Option<SecretString>) -> Result<SecretString, GatewayError> {
        let mut kept = self.token.lock().await;
        let down = |token: &Token| {
            turned_down.as_ref().is_some_and(|it| it.expose_secret() == token.value.expose_secret())
        };
        match &*kept {
            Some(token) if Instant::now() < token.until && !down(token) => Ok(token.value.clone()),
            _ => {
                let token = self.fetch().await?;
                *kept = Some(token.clone());
                Ok(token.value)
            }
        }
    }

    async fn fetch(&self) -> Result<Token, GatewayError> {
        let request = self
            .request(Method::POST, "/v1/oauth2/token")
            .basic_auth(&self.client_id, Some(self.secret.expose_secret()))
            .form(&[("grant_type", "client_credentials")]);
        let granted = http::send(request).await.and_then(|answer| read::<Granted>(&answer));
        let granted = granted.map_err(|error| match error {
            // nothing was asked for yet that could be in doubt
            GatewayError::InDoubt { why } => GatewayError::Unavailable { why, after: None },
            error => error,
        })?;
        let lasts = Duration::from_secs(granted.expires_in).saturating_sub(MARGIN);
        tracing::debug!(?lasts, "PayPal granted an access token");
        Ok(Token { value: granted.access_token.into(), until: Instant::now() + lasts })
    }
}

fn read<T: DeserializeOwned>(answer: &Answer) -> Result<T, GatewayError> {
    if answer.status.is_success() { answer.read() } else { Err(errors::error(answer)) }
}
