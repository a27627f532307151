//! A campus that lets rooms by the hour: found by what they have, asked for, blocked, moved.

use serde_json::{Value, json};

use super::{comes_back, history, measure, now, offer, register, step};
use crate::harness::{World, order, time, with};

#[tokio::test]
async fn a_campus_lets_its_rooms_by_the_hour() {
    let mut world = World::start().await;
    let client = world.client();
    let campus = register(&client, "Campus", "Africa/Cairo", "EGP").await;
    let terms = json!({
        "price_per_hour": {"minor": 30_000, "currency": "EGP"}, "on_request": true,
        "slots": {"duration": 45, "buffer_after": 15},
    });
    let rooms = offer(&client, &campus, "room", terms).await;
    let mut ids = Vec::new();
    for (name, seats) in [("A", 20), ("B", 60), ("C", 60)] {
        let room = json!({
            "listing_id": rooms, "kind": "room", "name": {"en": name}, "capacity": 1,
            "attributes": {"seats": seats},
        });
        ids.push(client.post("/v1/resources", &room).await.id(201));
    }
    let hours = json!([{"from": "08:00", "to": "20:00"}]);
    let week = ["sunday", "monday", "tuesday", "wednesday", "thursday"];
    let week: Value = week.map(|day| (day.to_owned(), hours.clone())).into_iter().collect();
    let schedules = json!({"schedules": [{"zone": "Africa/Cairo", "hours": week}]});
    for id in &ids {
        client.post(&format!("/v1/resources/{id}/schedules"), &schedules).await.expect(200);
    }
    // Monday, the 5th of May 2031; Cairo is three hours ahead of UTC in summer
    let lecture = ("2031-05-05T07:00:00Z", "2031-05-05T09:00:00Z");
    let free = format!(
        "/v1/availability/rooms?listing_id={rooms}&capacity=60&start={}&end={}",
        lecture.0, lecture.1
    );
    let found = now(&client, &free).await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(2), "{found}");
    let asked =
        client.post("/v1/bookings", &order(&rooms, &[time(&ids[1], lecture.0, lecture.1)])).await;
    let body = asked.expect(201);
    assert_eq!((&body["status"], &body["total"]["minor"]), (&json!("requested"), &json!(60_000)));
    let asked = asked.id(201);
    let repair = json!({"start": lecture.0, "end": lecture.1, "reason": "Projector"});
    let block = client.post(&format!("/v1/resources/{}/blocks", ids[2]), &repair).await.id(201);
    let found = now(&client, &free).await;
    assert_eq!(found["items"], json!([]), "one is asked for, one is blocked");
    step(&client, &asked, "approve", json!({})).await;

    // the other one is free again, and the lecture goes there, an hour later
    let lift = format!("/v1/resources/{}/blocks/{block}/lift", ids[2]);
    client.post(&lift, &json!({})).await.expect(200);
    step(&client, &asked, "move", json!({"lines": [{"line": 0, "resource_id": ids[2]}]})).await;
    let later = json!({"lines": [{"line": 0, "start": "2031-05-05T08:00:00Z"}]});
    step(&client, &asked, "reschedule", later).await;
    let weekend = time(&ids[1], "2031-05-09T08:00:00Z", "2031-05-09T09:00:00Z");
    let refused = client.post("/v1/bookings", &order(&rooms, &[weekend])).await;
    assert_eq!(refused.problem(422, "policy-refusal")["reason"], "closed");
    let declined = order(&rooms, &[time(&ids[1], lecture.0, lecture.1)]);
    let declined = client.post("/v1/bookings", &declined).await.id(201);
    step(&client, &declined, "decline", json!({"reason": "Exams"})).await;

    // two rooms for an exam that was given up, and one who never came
    let exam = ["2024-05-06T07:00:00Z", "2024-05-06T10:00:00Z"];
    let exam = [time(&ids[0], exam[0], exam[1]), time(&ids[1], exam[0], exam[1])];
    let exam = with(order(&rooms, &exam), "occurred_at", "2024-05-01T07:00:00Z");
    let exam = client.post("/v1/bookings", &exam).await.id(201);
    step(&client, &exam, "approve", json!({"occurred_at": "2024-05-01T08:00:00Z"})).await;
    step(&client, &exam, "cancel", json!({"lines": [1], "occurred_at": "2024-05-02T08:00:00Z"}))
        .await;
    step(&client, &exam, "no-show", json!({"occurred_at": "2024-05-06T08:00:00Z"})).await;

    assert_eq!(history(&client, &asked).await, ["requested", "approved", "moved", "rescheduled"]);
    let expected = ["requested", "approved", "lines_cancelled", "no_show_recorded"];
    assert_eq!(history(&client, &exam).await, expected);
    assert_eq!(measure(&client, &rooms, "no_shows").await, 1);
    let paths = [asked, declined, exam].map(|id| format!("/v1/bookings/{id}"));
    comes_back(&mut world, &[&paths[..], &[free]].concat()).await;
    let taken = order(&rooms, &[time(&ids[2], "2031-05-05T10:00:00Z", "2031-05-05T11:00:00Z")]);
    client.post("/v1/bookings", &taken).await.problem(409, "sold-out");
}
