//! Prices, taxes, policies and quotes of what is sold.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Hotel, World, with};

pub(super) fn euros(minor: u64) -> Value {
    json!({"minor": minor, "currency": "EUR"})
}

/// Weekends cost a tenth more, children half of what a third adult pays, and the city takes its part.
fn seasons() -> Value {
    json!({
        "tariff": {
            "rules": [
                {"code": "summer", "dates": {"first": "2031-07-01", "end": "2031-09-01"}, "set": 20_000},
                {"code": "weekend", "weekdays": ["friday", "saturday"], "percent": 1_000},
            ],
            "guests": {"included": 2, "categories": {"adult": {"amount": 4_000}, "child": {"percent": 5_000}}},
        },
        "taxes": [
            {"code": "vat", "name": {"en": "VAT"}, "rate": 600, "included": true},
            {"code": "city", "name": {"en": "City tax"}, "per_person_night": 200},
        ],
        "policy": {"tiers": [
            {"until": {"days_before": 7}},
            {"until": {"days_before": 1}, "fee": {"percent": 5_000}},
            {"fee": {"percent": 10_000}},
        ]},
        "deposit": {"percent": 3_000, "balance_days_before": 14},
    })
}

pub(super) async fn hotel_with(client: &Client, selling: &Value) -> Hotel {
    let hotel = Hotel::open(client, 3).await;
    client.patch(&format!("/v1/listings/{}", hotel.listing), selling).await.expect(200);
    hotel
}

/// From Thursday, 26 June to Sunday, 29 June 2031: one usual night, two of a weekend.
pub(super) fn weekend(hotel: &Hotel) -> Value {
    json!({
        "listing_id": hotel.listing,
        "lines": [hotel.line("2031-06-26", "2031-06-29")],
        "party": {"adults": 2, "children": 1},
    })
}

pub(super) async fn shown(client: &Client, kind: &str, id: &str, position: i64) -> Value {
    client.get(&format!("/v1/{kind}/{id}?min_position={position}")).await.expect(200)
}

pub(super) async fn booked(client: &Client, order: &Value) -> Value {
    let order = with(order.clone(), "customer_id", Uuid::now_v7().to_string());
    let made = client.post("/v1/bookings", &order).await;
    shown(client, "bookings", &made.id(201), made.position()).await
}

pub(super) async fn pay(client: &Client, booking: &str, minor: u64) {
    let payment = json!({
        "booking_id": booking, "amount": euros(minor), "method": "cash", "captured": true,
    });
    client.post("/v1/payments", &payment).await.expect(201);
}

#[tokio::test]
async fn a_listing_keeps_what_it_is_sold_under_and_changes_it_in_part() {
    let world = World::start().await;
    let client = world.client();
    let mut request = Hotel::listing(&Uuid::now_v7().to_string());
    request.as_object_mut().unwrap().extend(seasons().as_object().unwrap().clone());
    let made = client.post("/v1/listings", &request).await;
    let id = made.id(201);
    let listing = shown(&client, "listings", &id, made.position()).await;
    for (member, value) in seasons().as_object().unwrap() {
        let mut value = value.clone();
        if member == "policy" {
            value["tiers"][0]["fee"] = json!({});
        }
        assert_eq!(listing[member], value);
    }
    let patch = json!({"tariff": {"guests": null}, "taxes": null, "deposit": {"percent": 5_000}});
    let changed = client.patch(&format!("/v1/listings/{id}"), &patch).await;
    let listing = shown(&client, "listings", &id, changed.position()).await;
    assert_eq!(listing["tariff"]["guests"], Value::Null);
    assert_eq!(listing["tariff"]["rules"], seasons()["tariff"]["rules"]);
    assert_eq!(listing["taxes"], json!([]));
    assert_eq!(listing["deposit"], json!({"percent": 5_000, "balance_days_before": 14}));
    let head = client.head().await;
    client
        .patch(&format!("/v1/listings/{id}"), &json!({"policy": listing["policy"]}))
        .await
        .expect(200);
    assert_eq!(client.head().await, head, "a repeat is not a new fact");
}

#[tokio::test]
async fn terms_that_cannot_be_are_named_by_their_place() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let path = format!("/v1/listings/{}", hotel.listing);
    let head = client.head().await;
    for (patch, field) in [
        (
            json!({"tariff": {"rules": [{"code": "a", "set": 1}, {"code": "b", "percent": -10_001}]}}),
            "/tariff/rules/1/percent",
        ),
        (json!({"tariff": {"rules": [{"code": "a", "set": -1}]}}), "/tariff/rules/0/set"),
        (json!({"tariff": {"rules": [{"code": "a"}]}}), "/tariff/rules/0"),
        (
            json!({"tariff": {"rules": [{"code": "a", "set": 1}, {"code": "a", "set": 1}]}}),
            "/tariff/rules/1",
        ),
        (
            json!({"tariff": {"rules": [{"code": "a", "set": 1, "dates": {"first": "2031-02-01", "end": "2031-01-01"}}]}}),
            "/tariff/rules/0/dates",
        ),
        (
            json!({"tariff": {"guests": {"categories": {"child": {"percent": 10_001}}}}}),
            "/tariff/guests/categories/child/percent",
        ),
        (json!({"taxes": [{"code": "vat", "name": {"en": "VAT"}, "rate": -1}]}), "/taxes/0/rate"),
        (
            json!({"policy": {"tiers": [{"until": {"days_before": 1}, "fee": {"percent": 2}}, {"fee": {"percent": 1}}]}}),
            "/policy/tiers/1",
        ),
        (
            json!({"policy": {"tiers": [{"until": {"days_before": 1}}, {"until": {"days_before": 1}}]}}),
            "/policy/tiers/1",
        ),
        (json!({"policy": {"tiers": [{"until": {"days_before": 1}}]}}), "/policy"),
        (
            json!({"policy": {"tiers": [{"fee": {"amount": {"minor": 5, "currency": "USD"}}}]}}),
            "/policy/tiers/0/fee/amount",
        ),
        (json!({"deposit": {"percent": 10_001}}), "/deposit/percent"),
        (json!({"deposit": {}}), "/deposit"),
    ] {
        let problem = client.patch(&path, &patch).await.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    assert_eq!(client.head().await, head);
    let room = json!({
        "organization_id": hotel.organization, "kind": "room", "name": {"en": "Hall"}, "zone": "Asia/Amman",
        "currency": "JOD", "policy": {"tiers": [{"fee": {"first_night": true}}]},
    });
    let problem = client.post("/v1/listings", &room).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/policy");
}

#[tokio::test]
async fn a_stay_is_billed_by_season_guests_and_taxes() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel_with(&client, &seasons()).await;
    let booking = booked(&client, &weekend(&hotel)).await;
    // 125.50 + 2 × 138.05, and the child 3 × 20.00, and 3 × 3 × 2.00 for the city
    let amount = 12_550 + 2 * 13_805 + 3 * 2_000;
    assert_eq!(booking["total"], euros(amount + 1_800), "{booking}");
    let vat = (amount * 600 + 10_600 / 2) / 10_600;
    assert_eq!(booking["bill"]["net"], euros(amount - vat));
    let taxes = json!([
        {"code": "city", "included": false, "amount": euros(1_800)},
        {"code": "vat", "included": true, "amount": euros(vat)},
    ]);
    assert_eq!(booking["bill"]["taxes"], taxes);
    let parts = booking["lines"][0]["charge"]["parts"].as_array().unwrap();
    let sum: u64 = parts.iter().map(|part| part["amount"]["minor"].as_u64().unwrap()).sum();
    assert_eq!(sum, amount);
    assert_eq!(booking["deposit"]["balance_due_on"], "2031-06-12");
    let tiers = &booking["policy"]["tiers"];
    assert_eq!(tiers[0]["deadline"], "2031-06-19T22:59:59.999999Z");
    assert_eq!(tiers[0]["deadline_local"], "2031-06-19T23:59:59.999999");

    let path = format!("/v1/bookings/{}", booking["id"].as_str().unwrap());
    let two = json!({"party": {"adults": 2}});
    let amended = client.post(&format!("{path}/amend"), &two).await;
    let booking = shown(&client, "bookings", &amended.id(200), amended.position()).await;
    assert_eq!(booking["total"], euros(amount - 6_000 + 1_200));
    let agreed = with(hotel.line("2031-06-26", "2031-06-29"), "price_per_night", euros(10_000));
    let amended = client.post(&format!("{path}/amend"), &json!({"lines": [agreed]})).await;
    let booking = shown(&client, "bookings", &amended.id(200), amended.position()).await;
    assert_eq!(booking["total"], euros(31_200), "no rule touches what was agreed");
    let july = json!({"lines": [{"line": 0, "arrival": "2031-07-07", "departure": "2031-07-09"}]});
    let moved = client.post(&format!("{path}/reschedule"), &july).await;
    let booking = shown(&client, "bookings", &moved.id(200), moved.position()).await;
    assert_eq!(booking["total"], euros(40_800), "priced anew");
    assert_eq!(booking["policy"]["tiers"][0]["deadline"], "2031-06-30T22:59:59.999999Z");

    let report =
        format!("/v1/analytics/bookings?group_by=listing&min_position={}", moved.position());
    let report = client.get(&report).await.expect(200);
    assert!(report.to_string().contains("40000"), "{report}");
}

#[tokio::test]
async fn a_concert_has_prices_for_residents() {
    let world = World::start().await;
    let client = world.client();
    let listing = json!({
        "organization_id": Uuid::now_v7(), "kind": "event", "name": {"en": "Oud under the stars"},
        "zone": "Asia/Amman", "currency": "JOD",
        "tariff": {
            "rules": [{"code": "group", "party": {"least": 4}, "percent": -1_000}],
            "guests": {"categories": {"child": {"percent": 5_000}, "resident": {"amount": 7_505}}},
        },
    });
    let listing = client.post("/v1/listings", &listing).await.id(201);
    let session = json!({
        "listing_id": listing, "start": "2031-06-24T17:00:00Z", "end": "2031-06-24T20:00:00Z",
        "pools": [{"code": "lawn", "capacity": 100}],
        "offers": [{
            "code": "evening", "name": {"en": "Evening"}, "price": {"minor": 25_001, "currency": "JOD"},
            "draws": [{"pool": "lawn", "places": 1}],
        }],
    });
    let session = client.post("/v1/sessions", &session).await.id(201);
    let line = |quantity: u32, guests: Value| {
        json!({
            "listing_id": listing,
            "lines": [{"session_id": session, "offer": "evening", "quantity": quantity, "guests": guests}],
        })
    };
    let family = line(4, json!({"adult": 2, "child": 1, "resident": 1}));
    let booking = booked(&client, &family).await;
    // a tenth off (2 × 25.001 + 12.5005 + 7.505), rounded once
    assert_eq!(booking["total"], json!({"minor": 63_007, "currency": "JOD"}));
    for (wrong, field) in [
        (line(3, json!({"adult": 2, "child": 2})), "/lines/0/guests"),
        (line(1, json!({"alien": 1})), "/lines/0/guests/alien"),
        (line(1, json!({"adult": 0})), "/lines/0/guests"),
    ] {
        let problem = client.post("/v1/quotes", &wrong).await.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
}

#[tokio::test]
async fn a_quote_is_kept_to_and_booked_once() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel_with(&client, &seasons()).await;
    let quote = client.post("/v1/quotes", &weekend(&hotel)).await;
    let (id, told) = (quote.id(201), quote.json());
    assert_eq!((&told["status"], &told["bill"]["total"]), (&json!("open"), &euros(47_960)));
    assert_eq!(client.get(&format!("/v1/quotes/{id}")).await.expect(200)["bill"], told["bill"]);
    // whatever changes until then
    let dearer = json!({"tariff": {"rules": [{"code": "all", "set": 99_999}]}, "policy": null, "taxes": null});
    client.patch(&format!("/v1/listings/{}", hotel.listing), &dearer).await.expect(200);
    let customer = Uuid::now_v7().to_string();
    let order = json!({"quote_id": id, "customer_id": customer});
    let too_much = with(order.clone(), "party", json!({"adults": 1}));
    let problem = client.post("/v1/bookings", &too_much).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/party");
    let made = client.post_keyed("/v1/bookings", &order, "once").await;
    let booking = shown(&client, "bookings", &made.id(201), made.position()).await;
    assert_eq!((&booking["total"], &booking["bill"]), (&euros(47_960), &told["bill"]));
    assert_eq!(booking["policy"], told["policy"]);
    assert_eq!(client.post_keyed("/v1/bookings", &order, "once").await.id(201), made.id(201));
    let again = client.post("/v1/bookings", &order).await.problem(422, "policy-refusal");
    assert_eq!(again["reason"], "quote_used");
    let used = client.get(&format!("/v1/quotes/{id}")).await.expect(200);
    assert_eq!((&used["status"], &used["booking_id"]), (&json!("used"), &json!(made.id(201))));
}

#[tokio::test]
async fn a_quote_expires_and_is_for_one_of_many() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 100).await;
    let order = |quote: &str| json!({"quote_id": quote, "customer_id": Uuid::now_v7()});
    let past = with(weekend(&hotel), "occurred_at", "2031-01-01T00:00:00Z");
    client.post("/v1/quotes", &past).await.problem(422, "bad-value");
    let old = with(weekend(&hotel), "occurred_at", "2025-01-01T00:00:00Z");
    let old = client.post("/v1/quotes", &old).await.id(201);
    let late = client.post("/v1/bookings", &order(&old)).await.problem(422, "policy-refusal");
    assert_eq!(late["reason"], "quote_expired");
    client
        .post("/v1/bookings", &order(&Uuid::now_v7().to_string()))
        .await
        .problem(404, "not-found");
    let far = with(weekend(&hotel), "expires_at", "2099-01-01T00:00:00Z");
    client.post("/v1/quotes", &far).await.problem(422, "bad-value");

    let quote = client.post("/v1/quotes", &weekend(&hotel)).await.id(201);
    let tries = (0..10).map(|_| {
        let (client, order) = (client.clone(), order(&quote));
        tokio::spawn(async move { client.post("/v1/bookings", &order).await.status })
    });
    let mut made = 0;
    for tried in tries.collect::<Vec<_>>() {
        made += u32::from(tried.await.unwrap() == 201);
    }
    assert_eq!(made, 1);
}

#[tokio::test]
async fn calling_off_costs_what_was_told() {
    let world = World::start().await;
    let client = world.client();
    let tiers = json!([{"until": {"days_before": 7}, "fee": {"percent": 2_500}}, {"fee": {"percent": 10_000}}]);
    let hotel = hotel_with(&client, &json!({"policy": {"tiers": tiers}})).await;
    let booking = booked(&client, &weekend(&hotel)).await;
    let id = booking["id"].as_str().unwrap();
    let path = format!("/v1/bookings/{id}");
    // 376.50: a quarter is 94.13, and no more is kept than was paid
    pay(&client, id, 5_000).await;
    let quotes = format!("{path}/cancellation-quotes");
    let told = client.post(&quotes, &json!({})).await.expect(201);
    assert_eq!((&told["fee"], &told["refund"]), (&euros(5_000), &euros(0)));
    pay(&client, id, 20_000).await;
    let told = client.post(&quotes, &json!({})).await.expect(201);
    assert_eq!((&told["fee"], &told["refund"]), (&euros(9_413), &euros(15_587)));
    let cancel = format!("{path}/cancel");
    let unknown = json!({"cancellation_quote_id": Uuid::now_v7()});
    client.post(&cancel, &unknown).await.problem(404, "not-found");
    let other = json!({"cancellation_quote_id": told["id"], "lines": [0]});
    let other = client.post(&cancel, &other).await.problem(422, "policy-refusal");
    assert!(["quoted_otherwise", "nothing_left"].contains(&other["reason"].as_str().unwrap()));
    let gone = client.post(&cancel, &json!({"cancellation_quote_id": told["id"]})).await;
    let booking = shown(&client, "bookings", &gone.id(200), gone.position()).await;
    assert_eq!(booking["status"], "cancelled");
    assert_eq!(
        (&booking["cancellation_fee"], &booking["refund_due"]),
        (&euros(9_413), &euros(15_587))
    );
}

#[tokio::test]
async fn lines_called_off_one_by_one_cost_what_all_do() {
    let world = World::start().await;
    let client = world.client();
    let tiers = json!([{"fee": {"percent": 3_333, "amount": 100}}]);
    let hotel = hotel_with(&client, &json!({"policy": {"tiers": tiers}})).await;
    let line = |arrival: &str, departure: &str| hotel.line(arrival, departure);
    let order = json!({
        "listing_id": hotel.listing,
        "lines": [line("2031-06-01", "2031-06-02"), line("2031-06-02", "2031-06-05"), line("2031-06-07", "2031-06-08")],
    });
    let booking = booked(&client, &order).await;
    let (id, total) = (booking["id"].as_str().unwrap(), 5 * 12_550);
    pay(&client, id, total).await;
    let cancel = format!("/v1/bookings/{id}/cancel");
    client.post(&cancel, &json!({"lines": [1]})).await.expect(200);
    client.post(&cancel, &json!({"lines": [0]})).await.expect(200);
    let gone = client.post(&cancel, &json!({})).await;
    let booking = shown(&client, "bookings", id, gone.position()).await;
    let fee = (total * 3_333 + 5_000) / 10_000 + 100;
    assert_eq!(booking["cancellation_fee"], euros(fee));
    assert_eq!(booking["refund_due"], euros(total - fee));
}
