//! Services by people: named or whoever is free, one at a time or in groups.

use serde_json::{Value, json};

use super::{refused, shown};
use crate::harness::{Studio, World, order, time, with};

#[tokio::test]
async fn a_service_takes_a_named_person_with_the_buffers_around_it() {
    let world = World::start().await;
    let client = world.client();
    let slots = json!({"duration": 45, "buffer_before": 5, "buffer_after": 10});
    let studio = Studio::open(&client, slots, &[1, 1]).await;
    let made = client.post("/v1/bookings", &studio.booking(0, "2031-05-05T10:00:00Z")).await;
    assert_eq!(made.expect(201)["total"], json!({"minor": 15_000, "currency": "JOD"}));
    let booking = shown(&client, &made).await;
    let line = &booking["lines"][0];
    assert_eq!(
        ["kind", "resource_id", "starts_at", "ends_at", "starts_local", "ends_local", "zone"]
            .map(|field| line[field].as_str().unwrap()),
        [
            "time",
            &*studio.people[0],
            "2031-05-05T10:00:00Z",
            "2031-05-05T10:45:00Z",
            "2031-05-05T13:00:00",
            "2031-05-05T13:45:00",
            "Asia/Amman"
        ]
    );
    assert_eq!((&line["buffer_before"], &line["buffer_after"]), (&json!(5), &json!(10)));
    assert_eq!((&booking["arrival"], &booking["nights"]), (&json!("2031-05-05"), &json!(0)));

    // ten minutes after the first and five before the next, whichever comes first
    let head = client.head().await;
    for start in ["2031-05-05T10:59:00Z", "2031-05-05T10:00:00Z", "2031-05-05T09:01:00Z"] {
        let taken = client.post("/v1/bookings", &studio.booking(0, start)).await;
        let problem = taken.problem(409, "sold-out");
        assert_eq!((&problem["free"], &problem["asked"]), (&json!(0), &json!(1)), "{problem}");
    }
    assert_eq!(client.head().await, head);
    for start in ["2031-05-05T11:00:00Z", "2031-05-05T09:00:00Z"] {
        client.post("/v1/bookings", &studio.booking(0, start)).await.expect(201);
    }
    client.post("/v1/bookings", &studio.booking(1, "2031-05-05T10:20:00Z")).await.expect(201);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn anybody_means_whoever_is_free_and_has_the_fewest_bookings_that_day() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[1, 1, 1]).await;
    for (person, start) in [(0, "06:00"), (0, "07:00"), (1, "06:00")] {
        let start = format!("2031-05-05T{start}:00Z");
        client.post("/v1/bookings", &studio.booking(person, &start)).await.expect(201);
    }
    // on another date of the wall clock, so that it does not count
    client.post("/v1/bookings", &studio.booking(2, "2031-05-04T20:00:00Z")).await.expect(201);
    let ask = |request: Value| {
        let client = client.clone();
        async move {
            let made = client.post("/v1/bookings", &request).await;
            let taken = shown(&client, &made).await["lines"][0]["resource_id"].clone();
            taken.as_str().unwrap().to_owned()
        }
    };
    let noon = "2031-05-05T09:00:00Z";
    assert_eq!(ask(studio.anybody(noon)).await, studio.people[2], "who has none");
    assert_eq!(ask(studio.anybody(noon)).await, studio.people[1], "who has one");
    assert_eq!(ask(studio.anybody(noon)).await, studio.people[0], "who is left");
    client.post("/v1/bookings", &studio.anybody(noon)).await.problem(409, "sold-out");

    let named = |people: [usize; 2]| {
        let people = people.map(|person| studio.people[person].clone());
        studio.order(&[json!({"resource_ids": people, "start": "2031-05-05T11:00:00Z"})])
    };
    assert_eq!(ask(named([2, 0])).await, studio.people[2], "the first who is free");
    assert_eq!(ask(named([2, 0])).await, studio.people[0], "the next in order");
    client.post("/v1/bookings", &named([2, 0])).await.problem(409, "sold-out");

    // two at once are two people
    let two = [json!({"start": "2031-05-05T12:00:00Z"}), json!({"start": "2031-05-05T12:00:00Z"})];
    let made = client.post("/v1/bookings", &studio.order(&two)).await;
    let lines = shown(&client, &made).await["lines"].clone();
    assert_ne!(lines[0]["resource_id"], lines[1]["resource_id"]);
    client.post("/v1/bookings", &studio.order(&two)).await.problem(409, "sold-out");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn notice_hours_and_how_far_ahead_are_kept_to_the_minute() {
    let world = World::start().await;
    let client = world.client();
    let slots = json!({"duration": 30, "notice": {"minutes": 120}, "ahead": {"days": 2}});
    let studio = Studio::open(&client, slots, &[1, 1]).await;
    let monday = json!([{"from": "10:00", "to": "19:00"}]);
    let schedule = json!({"zone": "Asia/Amman", "hours": {"monday": monday}});
    let path = format!("/v1/resources/{}/schedules", studio.people[0]);
    client.post(&path, &json!({"schedules": [schedule]})).await.expect(200);

    // Monday, the 6th of May 2024; Amman is three hours ahead of UTC.
    let book = |person: usize, start: &str, at: &str| {
        let request = with(studio.booking(person, start), "occurred_at", at);
        let client = client.clone();
        async move { client.post("/v1/bookings", &request).await }
    };
    let early = "2024-05-05T20:00:00Z";
    for (start, reason) in [
        ("2024-05-06T06:59:00Z", "closed"),
        ("2024-05-06T15:31:00Z", "closed"),
        ("2024-05-07T09:00:00Z", "closed"),
    ] {
        refused(&book(0, start, early).await, reason);
    }
    book(0, "2024-05-06T07:00:00Z", early).await.expect(201);
    book(0, "2024-05-06T15:30:00Z", early).await.expect(201);

    let late = "2024-05-06T08:00:30Z";
    refused(&book(0, "2024-05-06T10:00:00Z", late).await, "notice");
    book(0, "2024-05-06T10:01:00Z", late).await.expect(201);
    book(0, "2024-05-06T11:00:00Z", "2024-05-06T09:00:00Z").await.expect(201);

    // two days ahead is until the end of the day after tomorrow, on the wall clock
    book(1, "2024-05-08T20:59:00Z", "2024-05-06T08:00:00Z").await.expect(201);
    refused(&book(1, "2024-05-08T21:00:00Z", "2024-05-06T08:00:00Z").await, "too_far_ahead");
    // whoever works then is taken, and only if nobody does it is refused
    let anybody = with(studio.anybody("2024-05-07T12:00:00Z"), "occurred_at", late);
    let made = client.post("/v1/bookings", &anybody).await;
    assert_eq!(shown(&client, &made).await["lines"][0]["resource_id"], *studio.people[1]);
    let anybody = with(studio.anybody("2024-05-09T12:00:00Z"), "occurred_at", late);
    refused(&client.post("/v1/bookings", &anybody).await, "too_far_ahead");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn no_more_begin_in_a_day_of_the_wall_clock_than_may() {
    let world = World::start().await;
    let client = world.client();
    let slots = json!({"duration": 60, "limits": {"per_day": 2}});
    let studio = Studio::open(&client, slots, &[1, 1]).await;
    let book = |request: Value| {
        let client = client.clone();
        async move { client.post("/v1/bookings", &request).await }
    };
    let first = book(studio.booking(0, "2031-05-04T21:00:00Z")).await;
    let held = with(studio.booking(0, "2031-05-05T08:00:00Z"), "hold_minutes", 30);
    let held = book(held).await;
    refused(&book(studio.booking(0, "2031-05-05T20:00:00Z")).await, "limit");
    book(studio.booking(0, "2031-05-05T21:00:00Z")).await.expect(201);
    book(studio.booking(0, "2031-05-04T20:00:00Z")).await.expect(201);
    // somebody else still may; then nobody
    for _ in 0..2 {
        let made = book(studio.anybody("2031-05-05T12:00:00Z")).await;
        if made.status == 409 {
            book(studio.anybody("2031-05-05T13:00:00Z")).await.expect(201);
        }
    }
    refused(&book(studio.anybody("2031-05-05T16:00:00Z")).await, "limit");
    // what is put off within the day counts once; what is called off no longer counts
    let path = format!("/v1/bookings/{}/reschedule", first.id(201));
    let later = json!({"lines": [{"line": 0, "start": "2031-05-05T18:00:00Z"}]});
    client.post(&path, &later).await.expect(200);
    refused(&book(studio.booking(0, "2031-05-05T16:00:00Z")).await, "limit");
    client.post(&format!("/v1/bookings/{}/cancel", held.id(201)), &json!({})).await.expect(200);
    book(studio.booking(0, "2031-05-05T16:00:00Z")).await.expect(201);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn what_runs_on_over_the_end_of_a_month_began_the_day_before() {
    let world = World::start().await;
    let client = world.client();
    let slots = json!({"duration": 60, "limits": {"per_day": 1}});
    let studio = Studio::open(&client, slots, &[1, 1]).await;
    // half an hour before and after the midnight that ends May in Amman
    client.post("/v1/bookings", &studio.booking(0, "2031-05-31T20:30:00Z")).await.expect(201);
    refused(
        &client.post("/v1/bookings", &studio.booking(0, "2031-05-31T10:00:00Z")).await,
        "limit",
    );
    client.post("/v1/bookings", &studio.booking(0, "2031-06-01T10:00:00Z")).await.expect(201);
    refused(
        &client.post("/v1/bookings", &studio.booking(0, "2031-06-01T12:00:00Z")).await,
        "limit",
    );
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn a_group_class_and_a_single_lesson_share_one_teacher() {
    let world = World::start().await;
    let client = world.client();
    let class = json!({"duration": 60, "capacity": 12});
    let mut studio = Studio::open(&client, class, &[]).await;
    let lesson = studio.offer(&client, json!({"duration": 60})).await;
    let pair = studio.offer(&client, json!({"duration": 60, "capacity": 5})).await;
    let services = [&*studio.service, &*lesson, &*pair];
    let teacher = studio.person(&client, 12, &services).await;
    studio.people.push(teacher);
    let line = |quantity: u32, start: &str| with(studio.line(0, start), "quantity", quantity);
    let book = |listing: &str, line: Value| {
        let (client, request) = (client.clone(), order(listing, &[line]));
        async move { client.post("/v1/bookings", &request).await }
    };
    let nine = "2031-05-05T06:00:00Z";
    let five = book(&studio.service, line(5, nine)).await;
    assert_eq!(five.expect(201)["total"]["minor"], 75_000);
    assert_eq!(shown(&client, &five).await["lines"][0]["occupies"], 5);
    book(&lesson, line(1, nine)).await.problem(409, "sold-out");
    book(&studio.service, line(8, nine)).await.problem(409, "sold-out");
    book(&studio.service, line(7, nine)).await.expect(201);
    book(&studio.service, line(1, nine)).await.problem(409, "sold-out");

    let ten = "2031-05-05T07:00:00Z";
    let alone = book(&lesson, line(1, ten)).await;
    assert_eq!(shown(&client, &alone).await["lines"][0]["occupies"], 12);
    book(&studio.service, line(1, ten)).await.problem(409, "sold-out");
    // of twelve, five together take three each
    let pairs = book(&pair, line(4, "2031-05-05T08:00:00Z")).await;
    assert_eq!(shown(&client, &pairs).await["lines"][0]["occupies"], 12);
    // a room is taken as it is, without a service
    let (_, room) = studio.room(&client, 2, json!({"duration": 30})).await;
    let line = time(&room, nine, "2031-05-05T06:30:00Z");
    let mixed = studio.order(&[line.clone(), with(line, "quantity", 1)]);
    client.post("/v1/bookings", &mixed).await.expect(201);
    world.audit().await.assert_sound().await;
}
