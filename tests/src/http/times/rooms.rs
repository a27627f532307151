//! Rooms by the hour, and what goes along with a service.

use serde_json::{Value, json};

use super::{refused, shown};
use crate::harness::{Studio, World, order, time, with};

#[tokio::test]
async fn a_room_costs_by_the_minute_and_is_taken_for_a_least_time() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[]).await;
    let slots = json!({"duration": 60, "buffer_after": 15});
    let (listing, room) = studio.room(&client, 1, slots).await;
    let book = |start: &str, end: &str| {
        let (client, request) = (client.clone(), order(&listing, &[time(&room, start, end)]));
        async move { client.post("/v1/bookings", &request).await }
    };
    // 95 minutes at 10 dinars of three decimals an hour: 15.8333…
    let made = book("2031-05-05T08:00:00Z", "2031-05-05T09:35:00Z").await;
    assert_eq!(made.expect(201)["total"], json!({"minor": 15_833, "currency": "JOD"}));
    // 61 minutes: 10.1666…, rounded up
    let made = book("2031-05-05T10:00:00Z", "2031-05-05T11:01:00Z").await;
    assert_eq!(made.expect(201)["total"]["minor"], 10_167);
    refused(&book("2031-05-05T12:00:00Z", "2031-05-05T12:59:00Z").await, "too_short");
    book("2031-05-05T11:15:00Z", "2031-05-05T12:15:00Z").await.problem(409, "sold-out");
    book("2031-05-05T11:16:00Z", "2031-05-05T12:16:00Z").await.expect(201);
    let problem = {
        let endless = json!({"resource_id": room, "start": "2031-05-06T08:00:00Z"});
        client.post("/v1/bookings", &order(&listing, &[endless])).await.problem(422, "bad-value")
    };
    assert_eq!(problem["errors"][0]["field"], "/lines/0/end");
    let priced = with(
        time(&room, "2031-05-06T08:00:00Z", "2031-05-06T09:00:00Z"),
        "price",
        json!({"minor": 1, "currency": "JOD"}),
    );
    let made = client.post("/v1/bookings", &order(&listing, &[priced])).await;
    assert_eq!(made.expect(201)["total"]["minor"], 1);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn a_time_over_midnight_and_the_end_of_a_month_is_taken_whole() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[]).await;
    let (listing, room) = studio.room(&client, 2, json!({"duration": 30})).await;
    let book = |start: &str, end: &str, quantity: u32| {
        let line = with(time(&room, start, end), "quantity", quantity);
        let (client, request) = (client.clone(), order(&listing, &[line]));
        async move { client.post("/v1/bookings", &request).await }
    };
    // from eleven in the evening of the 31st of May to one in the morning in Amman
    let head = client.head().await;
    let night = book("2031-05-31T20:00:00Z", "2031-05-31T22:00:00Z", 2).await;
    let events = client.feed(head).await;
    let allocated = |event: &&Value| event["event_type"] == "allocated";
    assert_eq!(events.iter().filter(allocated).count(), 2, "a part in each month: {events:?}");
    let booking = shown(&client, &night).await;
    assert_eq!(
        (&booking["arrival"], &booking["departure"]),
        (&json!("2031-05-31"), &json!("2031-06-01"))
    );
    book("2031-05-31T19:30:00Z", "2031-05-31T20:01:00Z", 1).await.problem(409, "sold-out");
    book("2031-05-31T21:59:00Z", "2031-05-31T22:30:00Z", 1).await.problem(409, "sold-out");
    book("2031-05-31T20:30:00Z", "2031-05-31T21:30:00Z", 1).await.problem(409, "sold-out");
    book("2031-05-31T22:00:00Z", "2031-05-31T23:00:00Z", 2).await.expect(201);
    book("2031-05-31T19:00:00Z", "2031-05-31T20:00:00Z", 1).await.expect(201);

    // later by an hour there is no room, and the part in the other month is given back as well
    let head = client.head().await;
    let path = format!("/v1/bookings/{}", night.id(201));
    let later = json!({"lines": [{"line": 0, "start": "2031-05-31T20:30:00Z"}]});
    client.post(&format!("{path}/reschedule"), &later).await.problem(409, "sold-out");
    assert_eq!(client.head().await, head);
    let june = json!({"lines": [{"line": 0, "start": "2031-06-03T10:00:00Z"}]});
    client.post(&format!("{path}/reschedule"), &june).await.expect(200);
    book("2031-05-31T20:00:00Z", "2031-05-31T22:00:00Z", 2).await.expect(201);
    world.audit().await.assert_sound().await;
}

/// A treatment by one of two people, for which there is one room, and a projector of which there are three.
struct Spa {
    studio: Studio,
    room: String,
    projector: String,
}

impl Spa {
    fn lines(&self, start: &str) -> [Value; 3] {
        let along = |resource: &str| json!({"resource_id": resource, "start": start});
        let projectors = with(along(&self.projector), "quantity", 2);
        [self.studio.line(0, start), along(&self.room), projectors]
    }
}

#[tokio::test]
async fn a_person_a_room_and_things_are_taken_together_or_not_at_all() {
    let world = World::start().await;
    let client = world.client();
    let slots = json!({"duration": 50, "buffer_before": 5, "buffer_after": 10});
    let studio = Studio::open(&client, slots, &[1, 1]).await;
    let room = client.post("/v1/resources", &studio.resource("room", 1)).await.id(201);
    let other_room = client.post("/v1/resources", &studio.resource("room", 1)).await.id(201);
    let projector = client.post("/v1/resources", &studio.resource("equipment", 3)).await.id(201);
    let spa = Spa { studio, room, projector };

    let made =
        client.post("/v1/bookings", &spa.studio.order(&spa.lines("2031-05-05T10:00:00Z"))).await;
    assert_eq!(made.expect(201)["total"]["minor"], 15_000, "only the service costs");
    let lines = shown(&client, &made).await["lines"].clone();
    for line in lines.as_array().unwrap() {
        let time = (&line["ends_at"], &line["buffer_before"], &line["buffer_after"]);
        assert_eq!(time, (&json!("2031-05-05T10:50:00Z"), &json!(5), &json!(10)), "{line}");
    }
    // the other person is free, but not the room; then nothing of it is taken
    let head = client.head().await;
    let mut second = spa.lines("2031-05-05T10:30:00Z");
    second[0] = spa.studio.line(1, "2031-05-05T10:30:00Z");
    client.post("/v1/bookings", &spa.studio.order(&second)).await.problem(409, "sold-out");
    // and of three projectors two are gone
    second[1] = with(second[1].clone(), "resource_id", other_room.clone());
    client.post("/v1/bookings", &spa.studio.order(&second)).await.problem(409, "sold-out");
    assert_eq!(client.head().await, head);
    second[2] = with(second[2].clone(), "quantity", 1);
    client.post("/v1/bookings", &spa.studio.order(&second)).await.expect(201);

    // put off together, they keep their buffers, and the room may be changed for another
    let path = format!("/v1/bookings/{}", made.id(201));
    let later = "2031-05-05T14:00:00Z";
    let all = [0, 1, 2].map(|line| json!({"line": line, "start": later}));
    let all = json!({ "lines": all });
    let put_off = client.post(&format!("{path}/reschedule"), &all).await;
    put_off.expect(200);
    for line in shown(&client, &put_off).await["lines"].as_array().unwrap() {
        let time = (&line["ends_at"], &line["buffer_before"], &line["buffer_after"]);
        assert_eq!(time, (&json!("2031-05-05T14:50:00Z"), &json!(5), &json!(10)), "{line}");
    }
    let to_other = json!({"lines": [{"line": 1, "resource_id": other_room}]});
    let moved = client.post(&format!("{path}/move"), &to_other).await;
    moved.expect(200);
    assert_eq!(shown(&client, &moved).await["lines"][1]["resource_id"], *other_room);
    client
        .post("/v1/bookings", &spa.studio.order(&spa.lines("2031-05-05T10:00:00Z")))
        .await
        .expect(201);
    world.audit().await.assert_sound().await;
}
