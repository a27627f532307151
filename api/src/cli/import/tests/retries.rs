//! Asking again: against a server that can say nothing but what a test tells it to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use bytes::Bytes;
use tokio::net::TcpListener;

use crate::cli::client::{Client, Command, Patience};

type Script = Arc<Mutex<VecDeque<(u16, &'static str)>>>;
type Keys = Arc<Mutex<Vec<String>>>;

const QUICK: Patience = Patience {
    first_pause: Duration::from_millis(1),
    last_pause: Duration::from_millis(2),
    total: Duration::from_millis(200),
};

async fn answer(
    State((script, keys)): State<(Script, Keys)>,
    headers: HeaderMap,
) -> (StatusCode, [(&'static str, &'static str); 2], &'static str) {
    let key = headers.get("idempotency-key").and_then(|key| key.to_str().ok()).unwrap_or_default();
    keys.lock().unwrap().push(key.to_owned());
    let (status, body) = script.lock().unwrap().pop_front().unwrap_or((503, ""));
    (
        StatusCode::from_u16(status).unwrap(),
        [("retry-after", "0"), ("daybook-position", "42")],
        body,
    )
}

/// A client of a server with these answers, and the idempotency keys that server was sent.
async fn client_of(answers: &[(u16, &'static str)]) -> (Client, Keys) {
    let (script, keys) = (Arc::new(Mutex::new(answers.iter().copied().collect())), Keys::default());
    let app = Router::new().fallback(answer).with_state((script, Arc::clone(&keys)));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (Client::try_new(&url, "key\n", QUICK).unwrap(), keys)
}

fn command() -> Command {
    let (path, key) = ("/v1/bookings".to_owned(), "one".to_owned());
    Command { path, key, if_match: None, body: Bytes::from_static(b"{}") }
}

#[tokio::test]
async fn a_busy_server_is_asked_again_under_the_same_key() {
    let (client, keys) = client_of(&[
        (503, ""),
        (429, ""),
        (409, r#"{"type":"/problems/command-in-progress"}"#),
        (409, r#"{"type":"/problems/concurrent-change"}"#),
        (201, "{}"),
    ])
    .await;
    let answer = client.send(&command()).await.unwrap();
    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(*keys.lock().unwrap(), ["one"; 5]);
    assert_eq!((client.retries(), client.position()), (4, 42));
}

#[tokio::test]
async fn a_refusal_is_an_answer_and_not_asked_again() {
    let (client, keys) =
        client_of(&[(409, r#"{"type":"/problems/sold-out","detail":"no room on 2016-07-10"}"#)])
            .await;
    let answer = client.send(&command()).await.unwrap();
    assert!(answer.problem().unwrap().is_sold_out());
    assert_eq!(answer.describe(), "409 Conflict: /problems/sold-out (no room on 2016-07-10)");
    assert_eq!(keys.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_server_that_stays_busy_is_given_up() {
    let (client, _) = client_of(&[]).await;
    let error = client.send(&command()).await.unwrap_err();
    assert!(format!("{error:#}").contains("gave up"), "{error:#}");
    assert!(client.retries() > 1);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_given_up_too() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let client = Client::try_new(&url, "key", QUICK).unwrap();
    let error = client.get("/v1/events").await.unwrap_err();
    assert!(format!("{error:#}").contains("cannot be reached"), "{error:#}");
}
