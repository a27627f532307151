//! Input that no honest client sends: each gets a problem of the client's own making, and the log stays as it is.

use reqwest::{
    Method,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Client, Hotel, World, send, with};

/// A hotel to aim at, and proof that nothing was written since it was made.
struct Target {
    world: World,
    client: Client,
    hotel: Hotel,
}

impl Target {
    async fn new() -> Self {
        let world = World::start().await;
        let client = world.client();
        let hotel = Hotel::open(&client, 5).await;
        Self { world, client, hotel }
    }

    fn booking(&self) -> Value {
        self.hotel.booking("2031-05-10", "2031-05-12")
    }

    async fn refuse(&self, body: &Value) -> Value {
        let answer = self.client.post("/v1/bookings", body).await;
        assert_client_error(&answer, &body.to_string());
        answer.json()
    }

    async fn assert_untouched(&self) {
        assert_eq!(self.world.audit().await.head().await, self.hotel.position);
        // The server is as well as before.
        self.client.post("/v1/bookings", &self.booking()).await.expect(201);
    }
}

#[track_caller]
fn assert_client_error(answer: &Answer, what: &str) {
    let what: String = what.chars().take(300).collect();
    assert!((400..500).contains(&answer.status), "{} to {what}: {}", answer.status, answer.text());
    answer.any_problem();
}

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
async fn values_of_the_wrong_type_are_named_by_their_place() {
    let target = Target::new().await;
    let wrong =
        [json!(null), json!(1), json!(-1.5), json!(true), json!("x"), json!([1]), json!({"a": 1})];
    for member in ["listing_id", "customer_id", "lines", "id"] {
        for value in &wrong {
            if member == "id" && value.is_null() {
                continue; // an id may be left out
            }
            target.refuse(&with(target.booking(), member, value.clone())).await;
        }
    }
    for member in ["resource_id", "arrival", "departure", "quantity", "price_per_night"] {
        for value in &wrong {
            let optional = ["quantity", "price_per_night"].contains(&member) && value.is_null();
            if optional || (member == "quantity" && value == 1) {
                continue;
            }
            let mut body = target.booking();
            body["lines"][0][member] = value.clone();
            target.refuse(&body).await;
        }
    }
    let mut body = target.booking();
    body["lines"][0]["arrival"] = json!("soon");
    let problem = target.refuse(&body).await;
    assert_eq!(problem["errors"][0]["field"], "/lines/0/arrival", "{problem}");
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
async fn absurd_dates_are_refused() {
    let target = Target::new().await;
    let days = [
        ("0000-01-01", "0000-01-02"),
        ("99999-01-01", "99999-01-02"),
        ("2031-02-30", "2031-03-01"),
        ("2031-02-28", "2031-02-29"),
        ("2031-13-01", "2031-13-02"),
        ("2031-00-01", "2031-00-02"),
        ("1899-12-31", "1900-01-02"),
        ("2199-12-31", "2200-01-02"),
        ("2031-05-12", "2031-05-10"),
        ("2031-05-10", "2033-05-10"),
        ("-2031-05-10", "-2031-05-12"),
        ("2031-5-1", "2031-5-2"),
        ("2031-05-10T00:00:00Z", "2031-05-12T00:00:00Z"),
        ("", ""),
        ("10/05/2031", "12/05/2031"),
        ("٢٠٣١-٠٥-١٠", "٢٠٣١-٠٥-١٢"),
        ("+2031-05-10", "+2031-05-12"),
        (" 2031-05-10", "2031-05-12"),
    ];
    for (arrival, departure) in days {
        target.refuse(&target.hotel.booking(arrival, departure)).await;
    }
    for at in [
        "2024-02-30T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "yesterday",
        "2024-01-01",
        "0000-00-00T00:00:00Z",
        "-9999-01-01T00:00:00Z",
    ] {
        target.refuse(&with(target.booking(), "occurred_at", at)).await;
        target.refuse(&with(target.booking(), "hold_until", at)).await;
    }
    target.assert_untouched().await;
}

#[tokio::test]
async fn absurd_amounts_are_refused() {
    let target = Target::new().await;
    for amount in [
        json!({"minor": -1, "currency": "EUR"}),
        json!({"minor": 9_223_372_036_854_775_808_u64, "currency": "EUR"}),
        json!({"minor": u64::MAX, "currency": "EUR"}),
        json!({"minor": 12.5, "currency": "EUR"}),
        json!({"minor": "100", "currency": "EUR"}),
        json!({"minor": 100, "currency": "USD"}),
        json!({"minor": 100, "currency": "eur"}),
        json!({"minor": 100, "currency": "XXX"}),
        json!({"minor": 100, "currency": "EURO"}),
        json!({"minor": 100}),
        json!({"currency": "EUR"}),
        json!({"minor": 100, "currency": "EUR", "extra": 1}),
        json!(100),
    ] {
        let mut body = target.booking();
        body["lines"][0]["price_per_night"] = amount;
        target.refuse(&body).await;
    }
    // Each is a number we could keep, but not their product.
    let mut body = target.booking();
    body["lines"][0]["price_per_night"] = json!({"minor": i64::MAX, "currency": "EUR"});
    target.refuse(&body).await;
    let huge = target.booking().to_string().replace("\"2031-05-10\"", "1e400");
    assert_client_error(&target.client.post_bytes("/v1/bookings", huge).await, "1e400");
    target.assert_untouched().await;
}

#[tokio::test]
async fn absurd_quantities_are_refused() {
    let target = Target::new().await;
    for quantity in [
        json!(0),
        json!(-1),
        json!(1_000_000_000),
        json!(10_001),
        json!(1.5),
        json!(4_294_967_297_u64),
        json!(u64::MAX),
        json!("1"),
        json!([1]),
    ] {
        let mut body = target.booking();
        body["lines"][0]["quantity"] = quantity;
        target.refuse(&body).await;
    }
    let line = target.hotel.line("2031-05-10", "2031-05-12");
    target.refuse(&target.hotel.order(&[])).await;
    target.refuse(&target.hotel.order(&vec![line.clone(); 51])).await;
    let many = target.hotel.order(&vec![line; 10_000]);
    let answer = target.client.post("/v1/bookings", &many).await;
    assert_client_error(&answer, "10,000 lines");
    for party in [
        json!({"adults": -1, "children": 0, "babies": 0}),
        json!({"adults": 1001, "children": 0, "babies": 0}),
        json!({"adults": 70_000, "children": 0, "babies": 0}),
        json!({"adults": 1.5}),
        json!([]),
    ] {
        target.refuse(&with(target.booking(), "party", party)).await;
    }
    for capacity in [json!(-1), json!(10_000_001), json!(4_294_967_296_u64), json!(0.5), json!("5")]
    {
        let mut body = target.hotel.resource(1);
        body["capacity"] = capacity;
        let answer = target.client.post("/v1/resources", &body).await;
        assert_client_error(&answer, &body.to_string());
    }
    target.assert_untouched().await;
}

#[tokio::test]
async fn ids_that_are_none_are_refused_wherever_they_stand() {
    let target = Target::new().await;
    for id in [
        "x",
        "1",
        "00000000",
        "018f3c1e-0000-7000-8000-00000000000",
        "018f3c1e-0000-7000-8000-0000000000000",
        "018f3c1e-0000-7000-8000-00000000000g",
        "%00",
        "%ff",
        "'; DROP TABLE events; --",
        "..%2f..",
        "%F0%9F%92%A3",
    ] {
        for path in ["bookings", "listings", "resources", "payments"] {
            let answer = target.client.get(&format!("/v1/{path}/{id}")).await;
            assert_client_error(&answer, &format!("{path}/{id}"));
        }
        let path = format!("/v1/bookings/{id}/cancel");
        assert_client_error(&target.client.post(&path, &json!({})).await, &path);
        let path = format!("/v1/bookings?customer_id={id}");
        assert_client_error(&target.client.get(&path).await, &path);
        target.refuse(&with(target.booking(), "customer_id", id)).await;
        target.refuse(&with(target.booking(), "id", id)).await;
    }
    target.refuse(&with(target.booking(), "id", Uuid::nil().to_string())).await;
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
