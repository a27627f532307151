//! Texts with something in them.

use serde_json::json;
use uuid::Uuid;

use super::{Target, assert_client_error};
use crate::harness::{Hotel, with};

#[tokio::test]
async fn the_null_character_is_refused_wherever_text_goes() {
    let target = Target::new().await;
    let nul = "a\u{0}b";
    let client = &target.client;
    let organization = Uuid::now_v7().to_string();
    for body in [
        with(Hotel::listing(&organization), "name", json!({"en": nul})),
        with(Hotel::listing(&organization), "name", json!({(nul): "x"})),
        with(Hotel::listing(&organization), "zone", nul),
        with(Hotel::listing(&organization), "currency", nul),
    ] {
        let answer = client.post("/v1/listings", &body).await;
        assert_client_error(&answer, &body.to_string());
    }
    for dimensions in [
        json!({"channel": nul}),
        json!({"country": nul}),
        json!({"segment": nul}),
        json!({"customer_type": nul}),
        json!({"extra": {(nul): "x"}}),
        json!({"extra": {"x": nul}}),
    ] {
        target.refuse(&with(target.booking(), "dimensions", dimensions)).await;
    }
    let answer = client.post("/v1/api-keys", &json!({"name": nul, "rights": ["read"]})).await;
    assert_client_error(&answer, "the name of a key");
    let path = "/v1/events?aggregate_type=a%00b";
    assert_client_error(&client.get(path).await, path);
    let path = "/v1/events?event_type=%00";
    assert_client_error(&client.get(path).await, path);
    target.assert_untouched().await;

    let booking = client.post("/v1/bookings", &target.booking()).await;
    let path = format!("/v1/bookings/{}/cancel", booking.id(201));
    let answer = client.post(&path, &json!({"reason": nul})).await;
    assert_client_error(&answer, "a reason");
    assert_eq!(client.head().await, booking.position());
}

#[tokio::test]
async fn sql_and_markup_in_texts_are_kept_verbatim_and_do_nothing() {
    let target = Target::new().await;
    let client = &target.client;
    let texts = [
        "'; DROP TABLE events; --",
        "\" OR 1=1 --",
        "$1); DELETE FROM log_head; --",
        "<script>alert(1)</script>",
        "{{7*7}}${7*7}",
        "\\u0000 \\x00 \\",
        "%s%n%d",
        "../../etc/passwd",
        "Robert'); DROP TABLE students;--",
        "🏨 \u{202e}drawkcab\u{202c}",
        "بيت البحر الجميل",
        "e\u{301}\u{301}\u{301}",
    ];
    for text in texts {
        let body = with(Hotel::listing(&Uuid::now_v7().to_string()), "name", json!({"en": text}));
        let made = client.post("/v1/listings", &body).await;
        let path = format!("/v1/listings/{}?min_position={}", made.id(201), made.position());
        assert_eq!(client.get(&path).await.expect(200)["name"]["en"], text);

        let dimensions = json!({"channel": text, "extra": {"note": text}});
        let booked =
            client.post("/v1/bookings", &with(target.booking(), "dimensions", dimensions)).await;
        let id = booked.id(201);
        let path = format!("/v1/bookings/{id}/cancel");
        let cancelled = client.post(&path, &json!({ "reason": text })).await;
        cancelled.expect(200);
        let path = format!("/v1/bookings/{id}/history?min_position={}", cancelled.position());
        let history = client.get(&path).await.expect(200).to_string();
        let written = serde_json::to_string(text).unwrap();
        assert_eq!(history.matches(&*written).count(), 3, "{history}");
    }
    let audit = target.world.audit().await;
    audit.assert_sound().await;
    assert_eq!(audit.bookings_made().await.len(), texts.len());
}
