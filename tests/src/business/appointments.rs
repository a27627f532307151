//! A salon: somebody for a haircut, a chair, and people who ask for whoever is free.

use serde_json::{Value, json};

use super::{comes_back, history, measure, now, offer, register, step};
use crate::harness::{World, order, with};

#[tokio::test]
async fn a_salon_books_its_people_and_its_chairs() {
    let mut world = World::start().await;
    let client = world.client();
    let salon = register(&client, "Jasmine Salon", "Asia/Amman", "JOD").await;
    let price = |minor: u32| json!({"minor": minor, "currency": "JOD"});
    let terms = json!({"price": price(15_000), "slots": {"duration": 45, "buffer_after": 15, "limits": {"per_day": 3}}});
    let haircut = offer(&client, &salon, "service", terms).await;
    let terms = json!({"price": price(40_000), "slots": {"duration": 120}});
    let colour = offer(&client, &salon, "service", terms).await;
    let resource = |kind: &str, capacity: u32| json!({"organization_id": salon, "kind": kind, "name": {"en": kind}, "capacity": capacity});
    let mut staff = Vec::new();
    for services in [json!([haircut, colour]), json!([haircut])] {
        let person = with(resource("staff", 1), "services", services);
        staff.push(client.post("/v1/resources", &person).await.id(201));
    }
    let chair = client.post("/v1/resources", &resource("equipment", 2)).await.id(201);
    let hours = json!([{"from": "10:00", "to": "14:00"}]);
    let schedules = json!({"schedules": [{"zone": "Asia/Amman", "hours": {"monday": hours}}]});
    for person in &staff {
        client.post(&format!("/v1/resources/{person}/schedules"), &schedules).await.expect(200);
    }

    // Monday, the 5th of May 2031; Amman is three hours ahead of UTC
    let slots =
        format!("/v1/availability/slots?service_id={haircut}&from=2031-05-05&to=2031-05-06");
    let found = now(&client, &slots).await;
    let first = found["items"][0].clone();
    assert_eq!(
        (&first["start"], &first["local_start"]),
        (&json!("2031-05-05T07:00:00Z"), &json!("2031-05-05T10:00:00"))
    );
    assert_eq!(first["resources"].as_array().map(Vec::len), Some(2));
    let start = first["start"].as_str().unwrap().to_owned();
    let visit =
        |line: Value| order(&haircut, &[line, json!({"resource_id": chair, "start": start})]);
    let anybody = json!({ "start": start });
    let named = json!({"resource_id": staff[0], "start": start});
    let rania = client.post("/v1/bookings", &visit(named.clone())).await.id(201);
    client.post("/v1/bookings", &visit(named)).await.problem(409, "sold-out");
    let held = client.post("/v1/bookings", &with(visit(anybody.clone()), "hold_minutes", 10)).await;
    let held = held.id(201);
    let shown = now(&client, &format!("/v1/bookings/{held}")).await;
    assert_eq!(shown["lines"][0]["resource_id"], *staff[1]);
    client.post("/v1/bookings", &visit(anybody)).await.problem(409, "sold-out");
    let found = now(&client, &slots).await;
    assert_eq!(found["items"][0]["start"], "2031-05-05T08:00:00Z", "after the time to clean up");
    step(&client, &held, "confirm", json!({})).await;

    // to the other person, later, with another service on top
    let move_to = |line: usize, start: &str| json!({"line": line, "start": start});
    let later = "2031-05-05T09:00:00Z";
    step(&client, &rania, "reschedule", json!({"lines": [move_to(0, later), move_to(1, later)]}))
        .await;
    step(&client, &rania, "move", json!({"lines": [{"line": 0, "resource_id": staff[1]}]})).await;
    let both = json!({"lines": [
        {"resource_id": staff[1], "service_id": haircut, "start": later},
        {"service_id": colour, "start": "2031-05-05T07:00:00Z"},
    ]});
    let refused = client
        .post(
            &format!("/v1/bookings/{rania}/amend"),
            &with(
                both.clone(),
                "lines",
                json!([
                    {"service_id": colour, "start": "2031-05-05T09:30:00Z"},
                ]),
            ),
        )
        .await;
    assert_eq!(refused.problem(422, "policy-refusal")["reason"], "closed", "it takes two hours");
    step(&client, &rania, "amend", both).await;
    let shown = now(&client, &format!("/v1/bookings/{rania}")).await;
    assert_eq!(
        (&shown["total"]["minor"], &shown["lines"][1]["resource_id"]),
        (&json!(55_000), &json!(staff[0]))
    );
    step(&client, &held, "cancel", json!({"reason": "Late"})).await;

    // last year: one came, one did not
    let past = |start: &str| {
        let line = json!({"resource_id": staff[0], "start": start});
        with(order(&haircut, &[line]), "occurred_at", "2024-05-01T08:00:00Z")
    };
    let came = client.post("/v1/bookings", &past("2024-05-06T07:00:00Z")).await.id(201);
    step(&client, &came, "check-in", json!({"occurred_at": "2024-05-06T06:58:00Z"})).await;
    step(&client, &came, "check-out", json!({"occurred_at": "2024-05-06T07:40:00Z"})).await;
    let absent = client.post("/v1/bookings", &past("2024-05-06T08:00:00Z")).await.id(201);
    step(&client, &absent, "no-show", json!({"occurred_at": "2024-05-06T08:15:00Z"})).await;

    let expected = ["booked", "rescheduled", "moved", "amended"];
    assert_eq!(history(&client, &rania).await, expected);
    assert_eq!(measure(&client, &haircut, "bookings").await, 4);
    assert_eq!(measure(&client, &haircut, "no_shows").await, 1);
    assert_eq!(measure(&client, &haircut, "cancellations").await, 1);
    let paths = [rania, held, came, absent].map(|id| format!("/v1/bookings/{id}"));
    comes_back(&mut world, &[&paths[..], &[slots]].concat()).await;
}
