//! What a provider cannot be brought to do is on a list, and done when somebody has seen to it.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use serde_json::json;

use super::{PATIENCE, Paying, held};
use crate::harness::{Client, Hotel, World, eventually};

/// A provider that knows nobody until it is told to.
fn provider() -> (String, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = format!("http://{}", listener.local_addr().expect("a port"));
    let knows_us = Arc::new(AtomicBool::new(false));
    let knows = Arc::clone(&knows_us);
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            answer(stream, knows.load(Ordering::SeqCst));
        }
    });
    (address, knows_us)
}

fn answer(mut stream: TcpStream, knows_us: bool) {
    let mut request = [0; 16_384];
    let _ = stream.read(&mut request);
    let (status, body) = if knows_us {
        let intent = json!({
            "id": "pi_at_last", "object": "payment_intent", "amount": 25_100, "currency": "eur",
            "status": "requires_payment_method", "client_secret": "pi_at_last_secret_1",
            "amount_received": 0, "created": 1, "metadata": {},
        });
        ("200 OK", intent)
    } else {
        let error = json!({"error": {"type": "invalid_request_error", "code": "api_key_expired",
            "message": "Expired API Key provided"}});
        ("401 Unauthorized", error)
    };
    let body = body.to_string();
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
    );
    let _ = stream.write_all(format!("{head}{body}").as_bytes());
}

async fn calls(client: &Client, state: &str) -> Vec<serde_json::Value> {
    let calls = client.get(&format!("/v1/provider-calls?state={state}")).await.expect(200);
    calls["items"].as_array().expect("a list").clone()
}

#[tokio::test]
async fn what_a_provider_refuses_waits_for_people() {
    let (address, knows_us) = provider();
    let settings = [
        ("DAYBOOK_STRIPE_KEY", "sk_test_expired"),
        ("DAYBOOK_STRIPE_WEBHOOK_SECRETS", "whsec_1, whsec_2"),
        ("DAYBOOK_STRIPE_URL", &*address),
    ];
    let world = World::start_with(&settings).await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let paying = Paying::begin(&client, &held(&hotel), 25_100).await;
    let call = eventually("it is left to people", PATIENCE, || async {
        calls(&client, "failed").await.into_iter().next()
    })
    .await;
    assert_eq!((&call["step"], &call["payment_id"]), (&json!("start"), &json!(paying.payment)));
    assert!(call["error"].as_str().is_some_and(|error| error.contains("Expired")), "{call}");
    let retry = format!("/v1/provider-calls/{}/retry", call["key"].as_str().expect("a key"));
    client.post("/v1/provider-calls/no-such/retry", &json!({})).await.problem(404, "not-found");

    knows_us.store(true, Ordering::SeqCst);
    assert_eq!(client.post(&retry, &json!({})).await.expect(200)["state"], "waiting");
    eventually("it is done", PATIENCE, || async {
        assert_eq!(calls(&client, "failed").await, Vec::<serde_json::Value>::new());
        (paying.shown(&client).await["reference"] == "pi_at_last").then_some(())
    })
    .await;
    assert_eq!(paying.secret(&client).await, "pi_at_last_secret_1");
    assert!(calls(&client, "failed").await.is_empty());
}
