//! A resort with boat trips: nights and places of a departure in one booking.

use serde_json::{Value, json};

use super::{comes_back, history, measure, now, offer, register, step};
use crate::harness::{World, order, with};

fn nights(room: &str, arrival: &str, departure: &str) -> Value {
    json!({"resource_id": room, "arrival": arrival, "departure": departure})
}

#[tokio::test]
async fn a_resort_sells_nights_and_trips_together() {
    let mut world = World::start().await;
    let client = world.client();
    let resort = register(&client, "Resort", "America/Mazatlan", "USD").await;
    let times = json!({"check_in": "15:00", "check_out": "11:00"});
    let stay = offer(&client, &resort, "stay", times).await;
    let trip = offer(&client, &resort, "experience", json!({})).await;
    let price = |minor: u32| json!({"minor": minor, "currency": "USD"});
    let room = json!({
        "listing_id": stay, "name": {"en": "Sea view"}, "capacity": 2, "price_per_night": price(20_000),
    });
    let room = client.post("/v1/resources", &room).await.id(201);
    let rules = json!({"least": 2});
    client.post(&format!("/v1/resources/{room}/stay-rules"), &rules).await.expect(200);
    let draw = json!([{"pool": "boat", "places": 1}]);
    let departure = json!({
        "listing_id": trip, "start": "2031-05-11T16:00:00Z", "end": "2031-05-11T20:00:00Z",
        "pools": [{"code": "boat", "capacity": 6}],
        "offers": [{"code": "adult", "name": {"en": "Adult"}, "price": price(9_900), "draws": draw}],
    });
    let departure = client.post("/v1/sessions", &departure).await.id(201);
    let places =
        |quantity: u32| json!({"session_id": departure, "offer": "adult", "quantity": quantity});

    let free =
        format!("/v1/availability/stays?listing_id={stay}&arrival=2031-05-10&departure=2031-05-13");
    assert_eq!(now(&client, &free).await["items"][0]["free"], 2);
    let lines = [nights(&room, "2031-05-10", "2031-05-13"), places(4)];
    let family = client.post("/v1/bookings", &with(order(&stay, &lines), "hold_minutes", 60)).await;
    assert_eq!(family.expect(201)["total"]["minor"], 3 * 20_000 + 4 * 9_900);
    let family = family.id(201);
    let night = order(&stay, &[nights(&room, "2031-05-10", "2031-05-11")]);
    let short = client.post("/v1/bookings", &night).await.problem(422, "policy-refusal");
    assert_eq!(short["reason"], "stay_too_short");
    // a third place too many, and then not even the room is taken
    let head = client.head().await;
    let lines = [nights(&room, "2031-05-10", "2031-05-12"), places(3)];
    client.post("/v1/bookings", &order(&stay, &lines)).await.problem(409, "sold-out");
    assert_eq!(client.head().await, head);
    let couple = [nights(&room, "2031-05-10", "2031-05-12"), places(2)];
    let couple = client.post("/v1/bookings", &order(&stay, &couple)).await.id(201);
    let found = now(&client, &free).await;
    assert_eq!((&found["items"][0]["free"], &found["reason"]), (&json!(0), &json!("held")));
    step(&client, &family, "confirm", json!({})).await;

    // one of them stays ashore, the others put the stay off by a day
    let lines = json!({"lines": [nights(&room, "2031-05-10", "2031-05-13"), places(3)]});
    step(&client, &family, "amend", lines).await;
    let later = json!({"lines": [{"line": 0, "arrival": "2031-05-11", "departure": "2031-05-14"}]});
    step(&client, &family, "reschedule", later).await;
    step(&client, &couple, "cancel", json!({"lines": [1], "reason": "Seasick"})).await;
    let session = now(&client, &format!("/v1/sessions/{departure}")).await;
    assert_eq!(
        (&session["pools"][0]["taken"], &session["offers"][0]["left"]),
        (&json!(3), &json!(3))
    );
    step(&client, &couple, "cancel", json!({})).await;
    let expected = ["held", "confirmed", "amended", "rescheduled"];
    assert_eq!(history(&client, &family).await, expected);
    assert_eq!(history(&client, &couple).await, ["booked", "lines_cancelled", "cancelled"]);

    // last year's guest, who left a day early
    let past = with(
        order(&stay, &[nights(&room, "2024-03-10", "2024-03-13")]),
        "occurred_at",
        "2024-03-01T09:00:00Z",
    );
    let past = client.post("/v1/bookings", &past).await.id(201);
    step(&client, &past, "check-in", json!({"occurred_at": "2024-03-10T23:00:00Z"})).await;
    step(&client, &past, "check-out", json!({"occurred_at": "2024-03-12T16:00:00Z"})).await;
    assert_eq!(measure(&client, &stay, "bookings").await, 3);
    assert_eq!(measure(&client, &stay, "cancellations").await, 1);

    let paths = [family, couple, past].map(|id| format!("/v1/bookings/{id}"));
    comes_back(&mut world, &[&paths[..], &[free, format!("/v1/sessions/{departure}")]].concat())
        .await;
    let again = [nights(&room, "2031-05-11", "2031-05-13"), places(3)];
    client.post("/v1/bookings", &order(&stay, &again)).await.expect(201);
    world.audit().await.assert_sound().await;
}
