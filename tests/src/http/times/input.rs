//! What is wrong with a line by times is named, and nothing is written.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Hotel, Studio, World, time, with};

#[tokio::test]
async fn what_is_wrong_with_a_time_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let studio = Studio::open(&client, json!({"duration": 60}), &[1]).await;
    let unoffered = studio.offer(&client, json!({"duration": 30})).await;
    let (hall, room) = studio.room(&client, 1, json!({"duration": 30})).await;
    let strangers = Studio::open(&client, json!({"duration": 60}), &[1]).await;
    let head = client.head().await;

    let fine = studio.line(0, "2031-05-05T10:00:00Z");
    let anybody = json!({"start": "2031-05-05T10:00:00Z"});
    let of_room = time(&room, "2031-05-05T10:00:00Z", "2031-05-05T11:00:00Z");
    let night = json!({"resource_id": room, "arrival": "2031-05-05", "departure": "2031-05-06"});
    let price = |currency: &str| json!({"minor": 1, "currency": currency});
    let cases: Vec<(Value, &str)> = vec![
        (with(fine.clone(), "start", "2031-05-05"), "start"),
        (with(fine.clone(), "start", "2031-05-05T10:00:30Z"), "start"),
        (with(fine.clone(), "end", "2031-05-05T10:00:00Z"), "end"),
        (with(fine.clone(), "end", "2031-05-05T11:30:00Z"), "end"),
        (with(of_room.clone(), "end", "2031-05-05T09:00:00Z"), "end"),
        (with(of_room.clone(), "end", "2033-05-05T09:00:00Z"), "start"),
        (with(fine.clone(), "quantity", 0), "quantity"),
        (with(fine.clone(), "quantity", 10_001), "quantity"),
        (with(fine.clone(), "price", price("EUR")), "price"),
        (with(fine.clone(), "price_per_night", price("JOD")), "price_per_night"),
        (with(fine.clone(), "arrival", "2031-05-05"), "arrival"),
        (with(fine.clone(), "offer", "adult"), "offer"),
        (with(fine.clone(), "colour", "red"), "colour"),
        (with(fine.clone(), "resource_id", Uuid::now_v7().to_string()), "resource_id"),
        (with(fine.clone(), "resource_id", hotel.rooms[0].clone()), "resource_id"),
        (with(fine.clone(), "resource_id", strangers.people[0].clone()), "resource_id"),
        (with(fine.clone(), "service_id", unoffered.clone()), "resource_id"),
        (with(fine.clone(), "service_id", hall.clone()), "resource_id"),
        (with(anybody.clone(), "service_id", unoffered), "resource_id"),
        (with(anybody.clone(), "resource_ids", json!([])), "resource_ids"),
        (with(fine, "resource_ids", json!([studio.people[0]])), "resource_ids"),
        (night, "resource_id"),
    ];
    for (line, field) in cases {
        let problem = client
            .post("/v1/bookings", &studio.order(std::slice::from_ref(&line)))
            .await
            .any_problem();
        assert_eq!(problem["errors"][0]["field"], format!("/lines/0/{field}"), "{line}: {problem}");
    }
    // nobody is told what a line of a stay is to be done by
    let lines = [anybody];
    let problem = client.post("/v1/bookings", &hotel.order(&lines)).await.any_problem();
    assert_eq!(problem["errors"][0]["field"], "/lines/0/resource_id", "{problem}");
    assert_eq!(client.head().await, head);
}
