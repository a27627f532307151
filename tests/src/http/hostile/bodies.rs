//! Bodies and headers that are not what they should be.

use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::json;

use super::{Target, assert_client_error};
use crate::harness::{send, with};

#[tokio::test]
async fn bodies_that_are_no_json_are_refused() {
    let target = Target::new().await;
    let valid = target.booking().to_string();
    let deep = format!("{}{}", "[".repeat(20_000), "]".repeat(20_000));
    let deep_member = valid.replacen(
        '{',
        &format!("{{\"party\":{}1{},", "{\"a\":".repeat(5_000), "}".repeat(5_000)),
        1,
    );
    let bodies: Vec<Vec<u8>> = vec![
        b"".to_vec(),
        b"{".to_vec(),
        b"}".to_vec(),
        b"nonsense".to_vec(),
        b"{'a': 1}".to_vec(),
        b"\x00".to_vec(),
        b"\xff\xfe{\x00}\x00".to_vec(),
        valid.as_bytes()[..valid.len() - 1].to_vec(),
        valid.as_bytes()[..valid.len() / 2].to_vec(),
        format!("{valid}{valid}").into_bytes(),
        format!("{valid},").into_bytes(),
        valid.replacen("listing_id", "listing_\u{0}id", 1).into_bytes(),
        [b"{\"listing_id\": \"".as_slice(), b"\xc3\x28\xf0\x28\x8c\xbc", b"\"}"].concat(),
        b"{\"listing_id\": \"\\ud800\"}".to_vec(),
        deep.into_bytes(),
        deep_member.into_bytes(),
    ];
    for body in bodies {
        let shown = String::from_utf8_lossy(&body).into_owned();
        let answer = target.client.post_bytes("/v1/bookings", body).await;
        assert_client_error(&answer, &shown);
    }
    for body in ["null", "true", "1", "\"text\"", "[]", "{}", "[{}]"] {
        let answer = target.client.post_bytes("/v1/bookings", body).await;
        assert_client_error(&answer, body);
    }
    let cut = target.client.post_bytes("/v1/bookings", &valid.as_bytes()[..40]).await;
    cut.problem(400, "malformed-json");
    target.assert_untouched().await;
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read_to_its_end() {
    let target = Target::new().await;
    let big = with(target.booking(), "padding", "x".repeat(300 * 1024));
    target.client.post("/v1/bookings", &big).await.problem(413, "payload-too-large");
    // Announced or streamed without a length, it is the same.
    let chunks = (0..1000).map(|_| Ok::<_, std::io::Error>(vec![b' '; 64 * 1024]));
    let body = reqwest::Body::wrap_stream(futures::stream::iter(chunks));
    let request = target.client.request(Method::POST, "/v1/bookings");
    let sent = request.header(CONTENT_TYPE, "application/json").body(body).send().await;
    // Whoever goes on sending may find the connection closed before the answer is read.
    if let Ok(answer) = sent {
        assert_eq!(answer.status().as_u16(), 413);
    }
    let room = 256 * 1024 - target.booking().to_string().len() - 100;
    let fits = with(target.booking(), "padding", "x".repeat(room));
    target.client.post("/v1/bookings", &fits).await.problem(400, "unknown-field");
    target.assert_untouched().await;
}

#[tokio::test]
async fn unknown_and_missing_fields_are_refused() {
    let target = Target::new().await;
    let unknown = target.refuse(&with(target.booking(), "surprise", 1)).await;
    assert_eq!(unknown["type"], "/problems/unknown-field");
    let mut body = target.booking();
    body["lines"][0]["surprise"] = json!(1);
    assert_eq!(target.refuse(&body).await["type"], "/problems/unknown-field");
    for member in ["listing_id", "customer_id", "lines"] {
        let mut body = target.booking();
        body.as_object_mut().unwrap().remove(member);
        target.refuse(&body).await;
    }
    for member in ["resource_id", "arrival", "departure"] {
        let mut body = target.booking();
        body["lines"][0].as_object_mut().unwrap().remove(member);
        target.refuse(&body).await;
    }
    let twice = target.booking().to_string().replacen('{', "{\"customer_id\": \"x\", ", 1);
    let answer = target.client.post_bytes("/v1/bookings", twice).await;
    assert_client_error(&answer, "a member twice");
    target.assert_untouched().await;
}

#[tokio::test]
async fn bad_headers_are_refused() {
    let target = Target::new().await;
    let body = target.booking();
    let keys = [
        HeaderValue::from_static(""),
        HeaderValue::from_str(&"k".repeat(256)).expect("visible"),
        HeaderValue::from_str(&"k".repeat(10 * 1024)).expect("visible"),
        HeaderValue::from_bytes("مفتاح".as_bytes()).expect("opaque bytes"),
        HeaderValue::from_bytes(b"a\xffb").expect("opaque bytes"),
        HeaderValue::from_bytes(b"a\tb").expect("a tab"),
    ];
    for key in keys {
        let request = target.client.request(Method::POST, "/v1/bookings").json(&body);
        let answer = send(request.header("idempotency-key", key.clone())).await;
        assert_client_error(&answer, &format!("Idempotency-Key {key:?}"));
    }
    for (name, value) in [
        ("if-match", "1"),
        ("if-match", "\"x\""),
        ("if-match", "\"-1\""),
        ("if-match", "\"99999999999999999999\""),
        ("if-match", ""),
    ] {
        let answer = target
            .client
            .post(
                &format!("/v1/resources/{}/limits", target.hotel.rooms[0]),
                &json!({"capacity": 5}),
            )
            .await;
        answer.expect(200); // what stays as it is, is no new fact
        let path = format!("/v1/resources/{}/limits", target.hotel.rooms[0]);
        let answer =
            target.client.post_with(&path, &json!({"capacity": 6}), &[(name, value)]).await;
        assert_client_error(&answer, &format!("{name}: {value}"));
    }
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "application/xml", "nonsense", ""]
    {
        let request = target.client.request(Method::POST, "/v1/bookings").body(body.to_string());
        let answer = send(request.header(CONTENT_TYPE, content_type)).await;
        answer.problem(415, "unsupported-media-type");
    }
    let request = target.client.request(Method::POST, "/v1/bookings").body(body.to_string());
    send(request).await.problem(415, "unsupported-media-type");
    let long = format!("/v1/bookings?cursor={}", "x".repeat(8_000));
    assert_client_error(&target.client.get(&long).await, "a long cursor");
    target.assert_untouched().await;
}
