//! Sessions: what they sell, how they change, and which places are left.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Hotel, World, with};

/// A listing of some kind, in dinars.
async fn listing(client: &Client, kind: &str) -> String {
    let body = json!({
        "organization_id": Uuid::now_v7(), "kind": kind, "name": {"en": "Oud under the stars"},
        "zone": "Asia/Amman", "currency": "JOD",
    });
    client.post("/v1/listings", &body).await.id(201)
}

fn offer(code: &str, pools: &[&str]) -> Value {
    let draws: Vec<_> = pools.iter().map(|pool| json!({"pool": pool, "places": 1})).collect();
    let price = json!({"minor": 25_000, "currency": "JOD"});
    json!({"code": code, "name": {"en": code}, "price": price, "draws": draws})
}

/// An evening with four numbered seats and a lawn.
fn evening(listing: &str) -> Value {
    json!({
        "listing_id": listing,
        "start": "2031-06-24T17:00:00Z",
        "end": "2031-06-24T20:00:00Z",
        "title": {"en": "Midsummer", "ar": "منتصف الصيف"},
        "seat_map": [{"code": "stalls", "rows": [{"name": "A", "seats": [1, 2, 3, 4]}]}],
        "pools": [
            {"code": "stalls", "name": {"en": "Stalls"}, "capacity": 4, "sections": ["stalls"]},
            {"code": "lawn", "capacity": 10, "overbooking": 2},
        ],
        "offers": [offer("seat", &["stalls"]), offer("evening", &["stalls", "lawn"])],
        "order_limits": {"per_order": 6},
    })
}

async fn opened(client: &Client) -> (String, i64) {
    let listing = listing(client, "event").await;
    let made = client.post("/v1/sessions", &evening(&listing)).await;
    (format!("/v1/sessions/{}", made.id(201)), made.position())
}

async fn shown(client: &Client, path: &str, position: i64) -> Value {
    client.get(&format!("{path}?min_position={position}")).await.expect(200)
}

async fn events(client: &Client, path: &str) -> Vec<Value> {
    let history = client.get(&format!("{path}/history")).await.expect(200);
    history["items"].as_array().unwrap().clone()
}

fn types(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["event_type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_session_is_read_back_as_it_was_opened() {
    let world = World::start().await;
    let client = world.client();
    let listing = listing(&client, "event").await;
    let body = evening(&listing);
    let made = client.post("/v1/sessions", &body).await;
    assert_eq!(made.expect(201)["status"], "on_sale");
    let path = format!("/v1/sessions/{}", made.id(201));
    let found = shown(&client, &path, made.position()).await;
    for member in ["listing_id", "start", "end", "title", "seat_map", "order_limits"] {
        assert_eq!(found[member], body[member], "{member}");
    }
    assert_eq!((&found["zone"], &found["sequence"]), (&json!("Asia/Amman"), &json!(1)));
    let lawn = &found["pools"][1];
    let counts = ["capacity", "overbooking", "taken", "held", "blocked", "free", "overbooked_by"];
    assert_eq!(counts.map(|count| lawn[count].as_i64().unwrap()), [10, 2, 0, 0, 0, 12, 0]);
    let evening = &found["offers"][1];
    assert_eq!((&evening["left"], &evening["available"]), (&json!(4), &json!(true)));
    assert_eq!(evening["draws"], body["offers"][1]["draws"]);
    let answer = client.get(&path).await;
    assert_eq!(answer.header("etag"), "\"1\"");

    for (filter, count) in [
        (format!("listing_id={listing}"), 1),
        (format!("listing_id={}", Uuid::now_v7()), 0),
        ("status=on_sale".to_owned(), 1),
        ("status=called_off".to_owned(), 0),
        ("from=2031-06-24T17:00:00Z&to=2031-06-25T00:00:00Z".to_owned(), 1),
        ("to=2031-06-24T17:00:00Z".to_owned(), 0),
    ] {
        let page = client.get(&format!("/v1/sessions?{filter}")).await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{filter}");
    }
    let unknown = format!("/v1/sessions/{}", Uuid::now_v7());
    for path in [unknown.clone(), format!("{unknown}/seats"), format!("{unknown}/history")] {
        client.get(&path).await.problem(404, "not-found");
    }
    client.post(&format!("{unknown}/close-sales"), &json!({})).await.problem(404, "not-found");
    client.get("/v1/sessions?status=open").await.problem(400, "bad-query");
    client.get("/v1/sessions?from=%2B99999-01-01T00:00:00Z").await.problem(400, "bad-query");
}

#[tokio::test]
async fn what_is_wrong_with_a_session_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let id = listing(&client, "experience").await;
    let archived = listing(&client, "event").await;
    client.post(&format!("/v1/listings/{archived}/archive"), &json!({})).await.expect(200);
    let good = || evening(&id);
    let pool = |code: &str| json!({"code": code, "capacity": 4});
    let priced = |currency: &str| {
        let price = json!({"minor": 1, "currency": currency});
        json!([offer("seat", &["stalls"]), with(offer("evening", &["lawn"]), "price", price)])
    };
    let offers =
        |member: &str, value: Value| json!([with(offer("seat", &["stalls"]), member, value)]);
    let stalls = json!({"code": "stalls", "capacity": 4, "sections": ["stalls"]});
    let twice = json!([{"code": "stalls", "rows": [{"name": "A", "seats": [1, 2, 1]}]}]);
    for (body, field) in [
        (with(good(), "listing_id", hotel.listing.clone()), "/listing_id"),
        (with(good(), "listing_id", Uuid::now_v7().to_string()), "/listing_id"),
        (with(good(), "listing_id", archived), "/listing_id"),
        (with(good(), "end", "2031-06-24T17:00:00Z"), "/end"),
        (with(good(), "start", "1031-06-24T17:00:00Z"), "/start"),
        (with(good(), "zone", "Mars/Olympus"), "/zone"),
        (with(good(), "pools", json!([])), "/pools"),
        (with(good(), "pools", json!([pool("a"), pool("a")])), "/pools/1/code"),
        (with(good(), "pools", json!([with(pool("a"), "capacity", -1)])), "/pools/0/capacity"),
        (with(good(), "pools", json!([with(pool("a"), "size", 1)])), "/pools/0/size"),
        // a pool draws on nothing, and so not on itself
        (
            with(good(), "pools", json!([with(pool("a"), "draws", json!([{"pool": "a"}]))])),
            "/pools/0/draws",
        ),
        (
            with(good(), "pools", json!([with(pool("a"), "sections", json!(["pit"]))])),
            "/pools/0/sections",
        ),
        (
            with(good(), "pools", json!([stalls, with(stalls.clone(), "code", "lawn")])),
            "/pools/1/sections",
        ),
        (with(good(), "seat_map", twice), "/seat_map"),
        (with(good(), "offers", json!([])), "/offers"),
        (
            with(good(), "offers", json!([offer("a", &["lawn"]), offer("a", &["lawn"])])),
            "/offers/1/code",
        ),
        (with(good(), "offers", priced("XXQ")), "/offers/1/price/currency"),
        (with(good(), "offers", priced("EUR")), "/offers/1/price"),
        (with(good(), "offers", json!([offer("a", &[])])), "/offers/0/draws"),
        (with(good(), "offers", json!([offer("a", &["lawn", "pit"])])), "/offers/0/draws/1/pool"),
        (with(good(), "offers", json!([offer("a", &["lawn", "lawn"])])), "/offers/0/draws/1/pool"),
        (
            with(good(), "offers", offers("draws", json!([{"pool": "lawn", "places": 0}]))),
            "/offers/0/draws/0/places",
        ),
        (with(good(), "offers", offers("most", json!(0))), "/offers/0/most"),
        (
            with(
                good(),
                "offers",
                json!([with(with(offer("a", &["lawn"]), "least", 3), "most", 2)]),
            ),
            "/offers/0/least",
        ),
        (
            with(good(), "offers", offers("sales", json!({"opens": "2031-06-24T17:00:00Z"}))),
            "/offers/0/sales",
        ),
        (with(good(), "sales", json!({"opens": "2031-06-25T00:00:00Z"})), "/sales"),
        (with(good(), "order_limits", json!({"per_order": 0})), "/order_limits/per_order"),
        (with(good(), "id", "6b4b1a7e-9d55-4c5f-8a4b-0d9a3c1f2e11"), "/id"),
        (with(good(), "colour", "red"), "/colour"),
    ] {
        let head = client.head().await;
        let problem = client.post("/v1/sessions", &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
        assert_eq!(client.head().await, head);
    }
}

#[tokio::test]
async fn a_patch_of_a_session_records_what_it_changed_and_nothing_else() {
    let world = World::start().await;
    let client = world.client();
    let (path, position) = opened(&client).await;
    let before = shown(&client, &path, position).await;
    let pools = json!([
        {"code": "stalls", "name": {"en": "Stalls"}, "capacity": 4, "sections": ["stalls"]},
        {"code": "lawn", "capacity": 20},
        {"code": "bar", "capacity": 5},
    ]);
    let patch = json!({"title": {"ar": null}, "pools": pools});
    let stale = client.patch_with(&path, &patch, &[("if-match", "\"7\"")]).await;
    stale.problem(412, "precondition-failed");
    let patched = client.patch_with(&path, &patch, &[("if-match", "\"1\"")]).await;
    assert_eq!(patched.expect(200)["status"], "on_sale");
    let found = shown(&client, &path, patched.position()).await;
    assert_eq!(found["title"], json!({"en": "Midsummer"}));
    assert_eq!(found["offers"], before["offers"]);
    assert_eq!((&found["pools"][1]["free"], &found["sequence"]), (&json!(20), &json!(2)));
    client.patch(&path, &patch).await.expect(200);
    assert_eq!(client.head().await, patched.position(), "a repeat is not a new fact");

    let events = events(&client, &path).await;
    assert_eq!(types(&events), ["opened", "revised"]);
    let changes = events[1]["data"]["revised"]["changes"].as_array().unwrap();
    let told = |change: &Value| {
        let (kind, what) = change.as_object().unwrap().iter().next().unwrap();
        format!("{kind} {}", what["code"].as_str().unwrap_or_default())
    };
    let told: Vec<_> = changes.iter().map(told).collect();
    assert_eq!(told, ["title ", "pool lawn", "pool bar"]);
}

#[tokio::test]
async fn what_may_have_been_sold_cannot_be_taken_away() {
    let world = World::start().await;
    let client = world.client();
    let (path, _) = opened(&client).await;
    let seats = |seats: Value| json!([{"code": "stalls", "rows": [{"name": "A", "seats": seats}]}]);
    let seat = offer("seat", &["stalls"]);
    let evening = offer("evening", &["stalls", "lawn"]);
    let euros = json!({"minor": 1, "currency": "EUR"});
    let lawn = json!({"code": "lawn", "capacity": 10});
    let head = client.head().await;
    for (patch, field) in [
        (json!({"pools": [lawn]}), "/pools"),
        (json!({"pools": [{"code": "stalls", "capacity": 4}, lawn]}), "/pools/0/sections"),
        (json!({"offers": [evening]}), "/offers"),
        (json!({"offers": [seat, offer("evening", &["lawn"])]}), "/offers/1/draws"),
        (
            json!({"offers": [with(seat, "price", euros.clone()), with(evening, "price", euros)]}),
            "/offers/0/price",
        ),
        (json!({"seat_map": seats(json!([1, 2, 3]))}), "/seat_map"),
        (json!({"seat_map": null}), "/seat_map"),
        (json!({"pools": null}), ""),
        (json!({"start": "2031-06-24T18:00:00Z"}), "/start"),
    ] {
        let problem = client.patch(&path, &patch).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{patch}: {problem}");
    }
    assert_eq!(client.head().await, head);
    let more = json!({"seat_map": seats(json!([1, 2, 3, 4, 5]))});
    client.patch(&path, &more).await.expect(200);
}

#[tokio::test]
async fn a_session_is_moved_closed_reopened_and_called_off() {
    let world = World::start().await;
    let client = world.client();
    let (path, _) = opened(&client).await;
    let command =
        async |name: &str, body: Value| client.post(&format!("{path}/{name}"), &body).await;
    let time = json!({"start": "2031-06-25T17:00:00Z", "end": "2031-06-25T20:00:00Z"});
    command("move", time.clone()).await.expect(200);
    let problem = command("move", with(time, "end", "2031-06-25T17:00:00Z")).await.any_problem();
    assert_eq!(problem["errors"][0]["field"], "/end");
    let closed = command("close-sales", json!({})).await;
    assert_eq!(closed.expect(200)["status"], "sales_closed");
    let found = shown(&client, &path, closed.position()).await;
    assert_eq!(found["start"], "2031-06-25T17:00:00Z");
    let offer = &found["offers"][0];
    let seen = ["available", "unavailable", "detail"].map(|member| &offer[member]);
    assert_eq!(seen, [&json!(false), &json!("closed"), &json!("sales_closed")]);
    assert_eq!(command("reopen-sales", json!({})).await.expect(200)["status"], "on_sale");
    let off = command("call-off", json!({"reason": "Rain"})).await;
    assert_eq!(off.expect(200)["status"], "called_off");
    let found = shown(&client, &path, off.position()).await;
    assert_eq!(
        (&found["reason"], &found["offers"][0]["detail"]),
        (&json!("Rain"), &json!("called_off"))
    );
    for name in ["close-sales", "reopen-sales"] {
        let problem = command(name, json!({})).await.problem(422, "policy-refusal");
        assert_eq!(problem["reason"], "called_off");
    }
    let expected = ["opened", "moved", "sales_closed", "sales_reopened", "called_off"];
    assert_eq!(types(&events(&client, &path).await), expected);
}

#[tokio::test]
async fn blocked_seats_are_seen_and_not_sold() {
    let world = World::start().await;
    let client = world.client();
    let (path, _) = opened(&client).await;
    let command = async |name: &str, seats: Value| {
        client.post(&format!("{path}/{name}"), &json!({"seats": seats})).await
    };
    for (seats, field) in [
        (json!([]), "/seats"),
        (json!(["stalls"]), "/seats/0"),
        (json!(["stalls/A-1", "stalls/A-9"]), "/seats/1"),
    ] {
        let problem = command("block-seats", seats).await.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], field);
    }
    command("block-seats", json!(["stalls/A-1", "stalls/A-2"])).await.expect(200);
    let blocked = command("unblock-seats", json!(["stalls/A-2"])).await;
    blocked.expect(200);
    let seats = shown(&client, &format!("{path}/seats"), blocked.position()).await;
    assert_eq!(seats["sections"][0]["pool"], "stalls");
    let row = seats["sections"][0]["rows"][0]["seats"].as_array().unwrap();
    let states: Vec<_> = row.iter().map(|seat| seat["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["blocked", "free", "free", "free"]);
    let found = shown(&client, &path, blocked.position()).await;
    let stalls = &found["pools"][0];
    assert_eq!((&stalls["blocked"], &stalls["free"]), (&json!(1), &json!(3)));
    assert_eq!(found["offers"][1]["left"], 3);
}

#[tokio::test]
async fn places_are_held_then_to_be_paid_then_sold() {
    let world = World::start().await;
    let client = world.client();
    let listing = listing(&client, "event").await;
    let path = client.post("/v1/sessions", &evening(&listing)).await.id(201);
    let order = json!({
        "listing_id": listing, "customer_id": Uuid::now_v7(), "hold_minutes": 30,
        "lines": [{"session_id": path, "offer": "seat", "quantity": 2}],
    });
    let path = format!("/v1/sessions/{path}");
    let why = async |position| {
        let offer = shown(&client, &path, position).await["offers"][0].clone();
        (offer["available"].clone(), offer["unavailable"].clone())
    };
    let pay = async |booking: &str| {
        let amount = json!({"minor": 50_000, "currency": "JOD"});
        let payment = json!({"booking_id": booking, "amount": amount, "method": "cash"});
        client.post("/v1/payments", &payment).await.position()
    };
    let first = client.post("/v1/bookings", &order).await;
    assert_eq!(why(first.position()).await, (json!(true), Value::Null));
    let second = client.post("/v1/bookings", &order).await;
    assert_eq!(why(second.position()).await, (json!(false), json!("held")));
    // one of them may still go away without having been asked to pay
    let asked = pay(&first.id(201)).await;
    assert_eq!(why(asked).await, (json!(false), json!("held")));
    let asked = pay(&second.id(201)).await;
    assert_eq!(why(asked).await, (json!(false), json!("unpaid")));
    for booking in [first.id(201), second.id(201)] {
        let confirm = format!("/v1/bookings/{booking}/confirm");
        client.post(&confirm, &json!({})).await.expect(200);
    }
    assert_eq!(why(client.head().await).await, (json!(false), json!("sold")));
}
