//! An organizer in Amman: a hall with numbered seats, a place to park with some of them.

use serde_json::{Value, json};

use super::{comes_back, history, measure, now, offer, register, step};
use crate::harness::{World, order, with};

fn evening(concert: &str) -> Value {
    let offer = |code: &str, minor: u32, pools: &[&str]| {
        let draws = pools.iter().map(|pool| json!({"pool": pool, "places": 1}));
        let draws: Vec<_> = draws.collect();
        let price = json!({"minor": minor, "currency": "JOD"});
        json!({"code": code, "name": {"en": code}, "price": price, "draws": draws})
    };
    json!({
        "listing_id": concert, "start": "2031-06-24T17:00:00Z", "end": "2031-06-24T20:00:00Z",
        "seat_map": [{"code": "stalls", "rows": [
            {"name": "A", "seats": [1, 2, 3, 4]}, {"name": "B", "seats": [1, 2, 3, 4]},
        ]}],
        "pools": [
            {"code": "stalls", "capacity": 8, "sections": ["stalls"]},
            {"code": "parking", "capacity": 2},
        ],
        "offers": [offer("seat", 25_500, &["stalls"]), offer("vip", 40_000, &["stalls", "parking"])],
        "order_limits": {"per_order": 4},
    })
}

#[tokio::test]
async fn an_organizer_sells_a_hall_seat_by_seat() {
    let mut world = World::start().await;
    let client = world.client();
    let organizer = register(&client, "Nights of Amman", "Asia/Amman", "JOD").await;
    let concert = offer(&client, &organizer, "event", json!({"status": "draft"})).await;
    let first = client.post("/v1/sessions", &evening(&concert)).await.id(201);
    let second = client.post("/v1/sessions", &evening(&concert)).await.id(201);
    let line = |session: &str, offer: &str, quantity: u32| json!({"session_id": session, "offer": offer, "quantity": quantity});
    let pair = order(&concert, &[line(&first, "seat", 2)]);
    let draft = client.post("/v1/bookings", &pair).await.problem(422, "policy-refusal");
    assert_eq!(draft["reason"], "listing_not_published");
    client.post(&format!("/v1/listings/{concert}/publish"), &json!({})).await.expect(200);

    // a seat is out of order; the best two are found beside it, others are chosen
    let seats = |seats: &[&str]| json!({ "seats": seats });
    let block = format!("/v1/sessions/{first}/block-seats");
    client.post(&block, &seats(&["stalls/A-1"])).await.expect(200);
    let best = client.post("/v1/bookings", &pair).await;
    assert_eq!(best.expect(201)["total"], json!({"minor": 51_000, "currency": "JOD"}));
    let best = best.id(201);
    let shown = now(&client, &format!("/v1/bookings/{best}")).await;
    assert_eq!(shown["lines"][0]["seats"], json!(["stalls/A-2", "stalls/A-3"]));
    assert_eq!(shown["lines"][0]["starts_local"], "2031-06-24T20:00:00");
    let chosen = with(line(&first, "vip", 2), "seats", json!(["stalls/B-1", "stalls/B-2"]));
    let chosen = order(&concert, &[chosen]);
    let vip = client.post("/v1/bookings", &with(chosen.clone(), "hold_minutes", 20)).await.id(201);
    client.post("/v1/bookings", &chosen).await.problem(409, "sold-out");
    client
        .post("/v1/bookings", &order(&concert, &[line(&first, "vip", 1)]))
        .await
        .problem(409, "sold-out");
    client
        .post("/v1/bookings", &order(&concert, &[line(&first, "seat", 5)]))
        .await
        .problem(422, "policy-refusal");
    let found = now(&client, &format!("/v1/sessions/{first}")).await;
    let left = |offer: usize| found["offers"][offer]["left"].clone();
    assert_eq!((left(0), left(1)), (json!(3), json!(0)));
    assert_eq!(found["offers"][1]["unavailable"], "held");

    // paid; then other seats, then another evening
    step(&client, &vip, "confirm", json!({})).await;
    let to = |seats: &[&str]| json!({"lines": [{"line": 0, "seats": seats}]});
    step(&client, &vip, "move", to(&["stalls/B-3", "stalls/B-4"])).await;
    let evening = json!({"lines": [{"line": 0, "session_id": second}]});
    step(&client, &best, "reschedule", evening).await;
    let shown = now(&client, &format!("/v1/bookings/{best}")).await;
    assert_eq!(shown["lines"][0]["seats"], json!(["stalls/A-1", "stalls/A-2"]));
    let unblock = format!("/v1/sessions/{first}/unblock-seats");
    client.post(&unblock, &seats(&["stalls/A-1"])).await.expect(200);
    for _ in 0..3 {
        let two = order(&concert, &[line(&first, "seat", 2)]);
        client.post("/v1/bookings", &two).await.expect(201);
    }
    client
        .post("/v1/bookings", &order(&concert, &[line(&first, "seat", 1)]))
        .await
        .problem(409, "sold-out");
    step(&client, &vip, "cancel", json!({"reason": "Ill"})).await;
    client.post("/v1/bookings", &order(&concert, &[line(&first, "vip", 2)])).await.expect(201);

    assert_eq!(history(&client, &vip).await, ["held", "confirmed", "moved", "cancelled"]);
    assert_eq!(measure(&client, &concert, "bookings").await, 6);
    assert_eq!(measure(&client, &concert, "cancellations").await, 1);
    // the second evening is called off: nothing more of it is sold
    client
        .post(&format!("/v1/sessions/{second}/call-off"), &json!({"reason": "Rain"}))
        .await
        .expect(200);
    let off = client.post("/v1/bookings", &order(&concert, &[line(&second, "seat", 1)])).await;
    assert_eq!(off.problem(422, "policy-refusal")["reason"], "called_off");
    let paths = [
        format!("/v1/bookings/{best}"),
        format!("/v1/bookings/{vip}"),
        format!("/v1/sessions/{second}"),
        format!("/v1/sessions/{first}/seats"),
    ];
    comes_back(&mut world, &paths).await;
    client
        .post("/v1/bookings", &order(&concert, &[line(&first, "seat", 1)]))
        .await
        .problem(409, "sold-out");
}
