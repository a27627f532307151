//! Changes of bookings with what they do to the price, and parts of lines that are called off.

use serde_json::{Value, json};
use uuid::Uuid;

use super::selling::{booked, euros, hotel_with, pay, shown, weekend};
use crate::harness::{Client, World, with};

/// Half is kept from a week before on; until two days before, anything can be changed for 10.00.
fn policy() -> Value {
    json!({
        "tiers": [{"until": {"days_before": 7}}, {"fee": {"percent": 5_000}}],
        "changes": {"until": {"days_before": 2}, "fee": {"amount": 1_000}},
    })
}

fn nights(arrival: &str, departure: &str) -> Value {
    json!({"lines": [{"line": 0, "arrival": arrival, "departure": departure}]})
}

#[tokio::test]
async fn a_stay_is_put_off_within_its_policy_for_the_difference() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel_with(&client, &json!({"policy": policy()})).await;
    let booking = booked(&client, &weekend(&hotel)).await;
    let id = booking["id"].as_str().unwrap();
    assert_eq!(booking["policy"]["changes"]["deadline"], "2031-06-24T22:59:59.999999Z");
    let path = format!("/v1/bookings/{id}");
    pay(&client, id, 37_650).await;
    let (put_off, amend) = (format!("{path}/reschedule"), format!("{path}/amend"));
    // one night fewer: 125.50 come back, less 10.00
    let told = client.post(&put_off, &nights("2031-07-10", "2031-07-12")).await;
    let body = told.expect(200);
    assert_eq!((&body["total"], &body["fee"]), (&euros(25_100), &euros(1_000)));
    assert_eq!(body["difference"], json!({"minor": -12_550, "currency": "EUR"}));
    assert_eq!(body["refund"], euros(11_550));
    // two nights more: all of that is to be paid
    let told = client.post(&put_off, &nights("2031-07-10", "2031-07-14")).await;
    let body = told.expect(200);
    assert_eq!((&body["difference"]["minor"], &body["refund"]), (&json!(25_100), &euros(0)));
    let shown = shown(&client, "bookings", id, told.position()).await;
    assert_eq!((&shown["total"], &shown["cancellation_fee"]), (&euros(50_200), &euros(2_000)));
    assert_eq!(shown["refund_due"], euros(11_550));

    // a quote for other nights is kept to, whatever the prices are by then
    let three = json!({
        "listing_id": hotel.listing, "lines": [hotel.line("2031-08-01", "2031-08-04")],
        "party": {"adults": 1},
    });
    let quote = client.post("/v1/quotes", &three).await.id(201);
    let dearer = json!({"tariff": {"rules": [{"code": "all", "set": 99_999}]}});
    client.patch(&format!("/v1/listings/{}", hotel.listing), &dearer).await.expect(200);
    let order = json!({"quote_id": quote});
    let both = with(order.clone(), "party", json!({"adults": 1}));
    let problem = client.post(&amend, &both).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/party");
    assert_eq!(client.post(&amend, &order).await.expect(200)["total"], euros(37_650));
    let again = client.post(&amend, &order).await.problem(422, "policy-refusal");
    assert_eq!(again["reason"], "quote_used");
}

#[tokio::test]
async fn who_changes_too_late_needs_somebody_who_waives_it() {
    let world = World::start().await;
    let client = world.client();
    let hotel = hotel_with(&client, &json!({"policy": policy()})).await;
    let at = |day: u32| format!("2024-05-{day:02}T12:00:00Z");
    let stay = with(
        json!({"listing_id": hotel.listing, "lines": [hotel.line("2024-05-10", "2024-05-13")]}),
        "occurred_at",
        at(1),
    );
    let id = booked(&client, &stay).await["id"].as_str().unwrap().to_owned();
    let put_off = format!("/v1/bookings/{id}/reschedule");
    let later = with(nights("2024-05-20", "2024-05-23"), "occurred_at", at(9));
    let head = client.head().await;
    let late = client.post(&put_off, &later).await.problem(422, "policy-refusal");
    assert_eq!(late["reason"], "too_late_to_change");
    let waived = with(later, "waive_fee", true);
    let desk = json!({"name": "desk", "rights": ["book", "read", "record_past"]});
    let desk = client.post("/v1/api-keys", &desk).await.expect(201);
    let desk = client.with_key(desk["key"].as_str().unwrap());
    desk.post(&put_off, &waived).await.problem(403, "forbidden");
    assert_eq!(client.head().await, head);
    let done = client.post(&put_off, &waived).await.expect(200);
    assert_eq!(done["fee"], euros(0));
}

async fn evening(client: &Client) -> (String, String) {
    let tiers = json!([{"fee": {"percent": 1_000}}]);
    let listing = json!({
        "organization_id": Uuid::now_v7(), "kind": "event", "name": {"en": "Oud under the stars"},
        "zone": "Asia/Amman", "currency": "EUR", "policy": {"tiers": tiers},
    });
    let listing = client.post("/v1/listings", &listing).await.id(201);
    let offer = |code: &str, minor: u64, places: u32| {
        json!({
            "code": code, "name": {"en": code}, "price": euros(minor),
            "draws": [{"pool": "lawn", "places": places}],
        })
    };
    let session = json!({
        "listing_id": listing, "start": "2031-06-24T17:00:00Z", "end": "2031-06-24T20:00:00Z",
        "pools": [{"code": "lawn", "capacity": 100}],
        "offers": [offer("one", 2_001, 1), offer("family", 5_000, 3)],
    });
    let session = client.post("/v1/sessions", &session).await.id(201);
    (listing, session)
}

#[tokio::test]
async fn some_tickets_are_given_back_for_their_part_of_the_price() {
    let world = World::start().await;
    let client = world.client();
    let (listing, session) = evening(&client).await;
    let line = |offer: &str, quantity: u32| json!({"session_id": session, "offer": offer, "quantity": quantity});
    let order = json!({"listing_id": listing, "lines": [line("one", 4), line("family", 2)]});
    let id = booked(&client, &order).await["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/bookings/{id}");
    pay(&client, &id, 4 * 2_001 + 2 * 5_000).await;
    let (cancel, quotes) = (format!("{path}/cancel"), format!("{path}/cancellation-quotes"));
    for (body, status, problem, reason) in [
        (json!({"tickets": [99]}), 404, "not-found", "ticket_not_found"),
        (json!({"tickets": [5, 6]}), 422, "policy-refusal", "not_one_by_one"),
        (json!({"tickets": (1..=10).collect::<Vec<_>>()}), 422, "policy-refusal", "nothing_left"),
    ] {
        let refused = client.post(&cancel, &body).await.problem(status, problem);
        assert_eq!(refused["reason"], reason);
    }
    for (body, field) in [
        (json!({"tickets": []}), "/tickets"),
        (json!({"lines": []}), "/lines"),
        (json!({"lines": [0], "tickets": [1]}), "/tickets"),
    ] {
        for path in [&cancel, &quotes] {
            let refused = client.post(path, &body).await.problem(422, "bad-value");
            assert_eq!(refused["errors"][0]["field"], field);
        }
    }
    let told = client.post(&quotes, &json!({"tickets": [2]})).await.expect(201);
    assert_eq!((&told["fee"], &told["refund"]), (&euros(200), &euros(1_801)));
    let other = json!({"tickets": [5, 6, 7], "cancellation_quote_id": told["id"]});
    let other = client.post(&cancel, &other).await.problem(422, "policy-refusal");
    assert_eq!(other["reason"], "quoted_otherwise");
    let gone = json!({"tickets": [2], "cancellation_quote_id": told["id"]});
    let gone = client.post(&cancel, &gone).await;
    let body = gone.expect(200);
    assert_eq!(body["difference"]["minor"], -2_001);
    assert_eq!((&body["fee"], &body["refund"]), (&euros(200), &euros(1_801)));
    let family = client.post(&cancel, &json!({"tickets": [5, 6, 7]})).await;
    assert_eq!(family.expect(200)["difference"]["minor"], -5_000);

    let list = format!("{path}/tickets?min_position={}", family.position());
    let tickets = client.get(&list).await.expect(200);
    let status = |ticket: &Value| {
        (ticket["number"].as_u64().unwrap(), ticket["status"].as_str().unwrap().to_owned())
    };
    let tickets: Vec<_> = tickets["items"].as_array().unwrap().iter().map(status).collect();
    let void: Vec<_> = tickets.iter().filter(|(_, status)| status == "void").collect();
    assert_eq!(void.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [2, 5, 6, 7]);
    let head = client.head().await;
    let shown =
        client.get(&format!("/v1/sessions/{session}?min_position={head}")).await.expect(200);
    assert_eq!(shown["pools"][0]["taken"], 3 + 3, "{shown}");
    let again = client.post(&cancel, &json!({"tickets": [2]})).await;
    assert_eq!(again.problem(422, "policy-refusal")["reason"], "ticket_void");
    // whoever gives the rest back pays a tenth in all, and no more
    let rest = client.post(&cancel, &json!({})).await.expect(200);
    assert_eq!(rest["fee"], euros(1_800 - 200 - 500));
}
