//! Nights and times that are set aside for whoever uses a voucher, over HTTP.

use serde_json::{Value, json};
use uuid::Uuid;

use super::vouchers::{evening, give_out, house, places, shown, voucher};
use crate::harness::{Client, Hotel, Studio, World, order, run, said, time, with};

fn nights(room: &str, arrival: &str, departure: &str, quantity: u32) -> Value {
    json!({"resource_id": room, "arrival": arrival, "departure": departure, "quantity": quantity})
}

fn stretch(resource: &str, start: &str, end: &str) -> Value {
    json!({"resource_id": resource, "start": start, "end": end, "quantity": 1})
}

fn blocks(blocks: &[Value]) -> Value {
    json!({"percent_off": 1_000, "valid_until": "2031-06-01T00:00:00Z", "blocks": blocks})
}

/// How many of the first room type are taken on each night, and how many of those held.
async fn taken(client: &Client, hotel: &Hotel, from: &str, to: &str) -> Vec<(u64, u64)> {
    let path = hotel.availability(from, to, client.head().await);
    let days = client.get(&path).await.expect(200);
    let days = days["items"].as_array().expect("days").iter();
    let count = |day: &Value, member: &str| day[member].as_u64().expect("a count");
    days.map(|day| (count(day, "taken"), count(day, "held"))).collect()
}

async fn book(client: &Client, request: &Value, code: &str) -> String {
    let request = with(request.clone(), "voucher_code", code);
    client.post("/v1/bookings", &request).await.id(201)
}

async fn cancel(client: &Client, booking: &str) {
    client.post(&format!("/v1/bookings/{booking}/cancel"), &json!({})).await.expect(200);
}

/// A request for so many rooms of the first type.
fn rooms(hotel: &Hotel, arrival: &str, departure: &str, quantity: u32) -> Value {
    hotel.order(&[with(hotel.line(arrival, departure), "quantity", quantity)])
}

/// The log is sound, and the read models are what it says.
async fn is_sound(world: &World) {
    world.audit().await.assert_sound().await;
    for command in ["verify", "rebuild", "verify"] {
        for model in ["availability", "busy_times", "vouchers"] {
            let mut command = run(&["projections", command, model]);
            let done = command.env("DATABASE_URL", world.database_url()).output().await;
            let done = done.expect("the command runs");
            assert!(done.status.success(), "{}", said(&done));
        }
    }
}

#[tokio::test]
async fn a_stay_takes_its_part_of_nights_set_aside_over_two_months() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let body = json!({
        "id": hotel.organization, "name": {"en": "House"}, "zone": "Europe/Lisbon",
        "currency": "EUR", "weekend": "sat_sun",
    });
    client.post("/v1/organizations", &body).await.expect(201);
    let aside = nights(&hotel.rooms[0], "2031-07-29", "2031-08-03", 4);
    let id = give_out(&client, &hotel, "WEDDING", &blocks(&[aside])).await;
    let week = async || taken(&client, &hotel, "2031-07-28", "2031-08-04").await;
    let all = |taken, held| [vec![(0, 0)], vec![(taken, held); 5], vec![(0, 0)]].concat();
    assert_eq!(week().await, all(4, 4), "what is set aside is held");

    // the public has the rest of it
    let public = rooms(&hotel, "2031-07-30", "2031-08-02", 1);
    let public = client.post("/v1/bookings", &public).await.id(201);
    let refused = client.post("/v1/bookings", &rooms(&hotel, "2031-08-01", "2031-08-02", 1)).await;
    assert_eq!(refused.problem(409, "sold-out")["obstacle"], "held");
    cancel(&client, &public).await;

    // two of the five nights, the last of July and the first of August
    let stay = rooms(&hotel, "2031-07-31", "2031-08-02", 3);
    let booking = book(&client, &stay, "wedding").await;
    let mut expected = all(4, 4);
    (expected[3], expected[4]) = ((4, 1), (4, 1));
    assert_eq!(week().await, expected, "it comes from what is set aside");
    let used = client.get(&format!("/v1/vouchers/{id}/history")).await.expect(200);
    let drawn: Vec<_> = ["2031-07-31", "2031-08-01"]
        .iter()
        .zip(["2031-08-01", "2031-08-02"])
        .map(|(first, end)| {
            json!({"resource": hotel.rooms[0], "days": {"first": first, "end": end}, "quantity": 3})
        })
        .collect();
    assert_eq!(used["items"][1]["data"]["used"]["drawn"], json!(drawn), "{used}");

    // five are more than are left of it, with the voucher or without
    let many = with(rooms(&hotel, "2031-07-31", "2031-08-01", 3), "voucher_code", "WEDDING");
    client.post("/v1/bookings", &many).await.problem(409, "sold-out");
    // a night beyond it is taken of what is free
    let longer = book(&client, &rooms(&hotel, "2031-08-01", "2031-08-04", 2), "WEDDING").await;
    assert_eq!(week().await[4..], [(5, 0), (4, 2), (2, 0)]);
    cancel(&client, &longer).await;
    assert_eq!(week().await, expected, "given back, it is set aside again");

    // put off by two nights, what it had is set aside again, and it has the others
    let later = json!({"lines": [{"line": 0, "arrival": "2031-08-02", "departure": "2031-08-04"}]});
    client.post(&format!("/v1/bookings/{booking}/reschedule"), &later).await.expect(200);
    assert_eq!(week().await[3..], [(4, 4), (4, 4), (4, 1), (3, 0)]);
    // amended to fewer rooms, it gives back what it has too many
    let amend = json!({"lines": [with(hotel.line("2031-08-02", "2031-08-04"), "quantity", 1)]});
    client.post(&format!("/v1/bookings/{booking}/amend"), &amend).await.expect(200);
    assert_eq!(week().await[3..], [(4, 4), (4, 4), (4, 3), (1, 0)]);

    // fewer are set aside by a patch, and none once it is withdrawn
    let fewer = json!({"blocks": [nights(&hotel.rooms[0], "2031-08-01", "2031-08-03", 2)]});
    client.patch(&format!("/v1/vouchers/{id}"), &fewer).await.expect(200);
    assert_eq!(week().await, [(0, 0), (0, 0), (0, 0), (0, 0), (2, 2), (2, 1), (1, 0)]);
    let told = shown(&client, "vouchers", &id).await;
    assert_eq!(told["blocks"], fewer["blocks"]);
    client.post(&format!("/v1/vouchers/{id}/withdraw"), &json!({})).await.expect(200);
    assert_eq!(week().await[4..], [(0, 0), (1, 0), (1, 0)]);
    is_sound(&world).await;
}

#[tokio::test]
async fn what_is_held_with_a_voucher_is_set_aside_again_when_it_is_given_up() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let aside = nights(&hotel.rooms[0], "2031-07-01", "2031-07-08", 9);
    give_out(&client, &hotel, "ALL", &blocks(&[aside])).await;
    let two = rooms(&hotel, "2031-07-02", "2031-07-04", 2);
    client.post("/v1/bookings", &two).await.problem(409, "sold-out");
    for end in ["cancel", "decline", "confirm"] {
        let request = with(with(two.clone(), "hold_minutes", 60), "request", end == "decline");
        let booking = book(&client, &request, "ALL").await;
        assert_eq!(taken(&client, &hotel, "2031-07-02", "2031-07-03").await, [(9, 9)]);
        client.post(&format!("/v1/bookings/{booking}/{end}"), &json!({})).await.expect(200);
        client.post("/v1/bookings", &two).await.problem(409, "sold-out");
    }
    assert_eq!(taken(&client, &hotel, "2031-07-02", "2031-07-03").await, [(9, 7)]);
    // a part that is called off is set aside again as well
    let lines = [hotel.line("2031-07-05", "2031-07-06"), hotel.line("2031-07-06", "2031-07-08")];
    let booking = book(&client, &hotel.order(&lines), "ALL").await;
    let part = json!({"lines": [1]});
    client.post(&format!("/v1/bookings/{booking}/cancel"), &part).await.expect(200);
    let nights = taken(&client, &hotel, "2031-07-05", "2031-07-08").await;
    assert_eq!(nights, [(9, 8), (9, 9), (9, 9)]);
    is_sound(&world).await;
}

#[tokio::test]
async fn nights_are_free_at_the_end_of_the_voucher_by_itself() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let soon = chrono::Utc::now() + chrono::TimeDelta::milliseconds(1_500);
    let aside = nights(&hotel.rooms[0], "2031-07-01", "2031-07-08", 9);
    let terms = with(blocks(&[aside]), "valid_until", soon.to_rfc3339());
    give_out(&client, &hotel, "SOON", &terms).await;
    let all = rooms(&hotel, "2031-07-02", "2031-07-04", 9);
    client.post("/v1/bookings", &all).await.problem(409, "sold-out");
    let left = (soon - chrono::Utc::now()).to_std().unwrap_or_default();
    tokio::time::sleep(left + std::time::Duration::from_millis(20)).await;
    assert_eq!(taken(&client, &hotel, "2031-07-02", "2031-07-03").await, [(0, 0)]);
    client.post("/v1/bookings", &all).await.expect(201);
    is_sound(&world).await;
}

#[tokio::test]
async fn a_time_of_a_room_is_cut_to_what_is_left_of_it_buffers_included() {
    let world = World::start().await;
    let client = world.client();
    let studio = Studio::open(&client, json!({"duration": 60}), &[]).await;
    let slots = json!({"duration": 60, "buffer_after": 15});
    let (listing, room) = studio.room(&client, 1, slots).await;
    // from the last of May to the first of June in Amman
    let aside = stretch(&room, "2031-05-31T17:00:00Z", "2031-06-01T01:00:00Z");
    let body = blocks(&[aside]);
    let body = with(with(body, "organization_id", studio.organization.clone()), "code", "NIGHT");
    let id = client.post("/v1/vouchers", &body).await.id(201);
    let request = |start: &str, end: &str| order(&listing, &[time(&room, start, end)]);
    let busy = async |start: &str, end: &str| {
        let request = with(request(start, end), "hold_minutes", 1);
        let answer = client.post("/v1/bookings", &request).await;
        if answer.status == 201 {
            cancel(&client, &answer.id(201)).await;
        }
        answer.status == 409
    };
    assert!(busy("2031-05-31T18:00:00Z", "2031-05-31T19:00:00Z").await);
    assert!(busy("2031-05-31T22:00:00Z", "2031-05-31T23:00:00Z").await);
    // the buffer of what is booked before has to be free as well
    assert!(busy("2031-05-31T15:46:00Z", "2031-05-31T16:46:00Z").await);
    assert!(!busy("2031-05-31T15:45:00Z", "2031-05-31T16:45:00Z").await);
    assert!(!busy("2031-06-01T01:00:00Z", "2031-06-01T02:00:00Z").await);

    let over_the_end = request("2031-05-31T20:00:00Z", "2031-05-31T22:00:00Z");
    let booking = book(&client, &over_the_end, "NIGHT").await;
    let again = with(over_the_end.clone(), "voucher_code", "NIGHT");
    client.post("/v1/bookings", &again).await.problem(409, "sold-out");
    // before and after it there is still something set aside
    for (start, end) in [
        ("2031-05-31T18:30:00Z", "2031-05-31T19:30:00Z"),
        ("2031-05-31T22:15:00Z", "2031-05-31T23:15:00Z"),
    ] {
        assert!(busy(start, end).await, "{start}");
        let with_it = book(&client, &request(start, end), "NIGHT").await;
        cancel(&client, &with_it).await;
        assert!(busy(start, end).await, "{start} is set aside again");
    }
    cancel(&client, &booking).await;
    assert!(busy("2031-05-31T20:00:00Z", "2031-05-31T22:00:00Z").await);
    client.post(&format!("/v1/vouchers/{id}/withdraw"), &json!({})).await.expect(200);
    assert!(!busy("2031-05-31T20:00:00Z", "2031-05-31T22:00:00Z").await);
    is_sound(&world).await;
}

#[tokio::test]
async fn whoever_is_free_with_the_voucher_is_found_and_slots_show_nobody() {
    let world = World::start().await;
    let client = world.client();
    let slots = json!({"duration": 60, "limits": {"per_day": 2}});
    let studio = Studio::open(&client, slots, &[1, 1]).await;
    let all_day = |person: usize| {
        stretch(&studio.people[person], "2031-05-05T06:00:00Z", "2031-05-05T12:00:00Z")
    };
    let body = blocks(&[all_day(0), all_day(1)]);
    let body = with(with(body, "organization_id", studio.organization.clone()), "code", "CREW");
    client.post("/v1/vouchers", &body).await.expect(201);
    let slots = async || {
        let path = format!(
            "/v1/availability/slots?service_id={}&from=2031-05-05&to=2031-05-06&min_position={}",
            studio.service,
            client.head().await
        );
        let found = client.get(&path).await.expect(200);
        let starts = found["items"].as_array().expect("slots").iter();
        let start = |slot: &Value| slot["start"].as_str().expect("a start").to_owned();
        starts
            .map(start)
            .filter(|start| ("2031-05-05T06".."2031-05-05T12").contains(&&**start))
            .count()
    };
    assert_eq!(slots().await, 0);
    let noon = studio.anybody("2031-05-05T09:00:00Z");
    client.post("/v1/bookings", &noon).await.problem(409, "sold-out");
    let mut chosen = Vec::new();
    for _ in 0..2 {
        let booking = book(&client, &noon, "CREW").await;
        let told = shown(&client, "bookings", &booking).await;
        chosen.push(told["lines"][0]["resource_id"].as_str().expect("somebody").to_owned());
    }
    chosen.sort_unstable();
    let mut people = studio.people.clone();
    people.sort_unstable();
    assert_eq!(chosen, people);
    let third = with(noon.clone(), "voucher_code", "CREW");
    client.post("/v1/bookings", &third).await.problem(409, "sold-out");
    // what is set aside is no booking of the day, so that a second one is within its limit
    let later = studio.booking(0, "2031-05-05T10:00:00Z");
    book(&client, &later, "CREW").await;
    is_sound(&world).await;
}

#[tokio::test]
async fn nobody_who_waits_comes_between_a_voucher_and_what_is_set_aside_for_it() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let (listing, session) = evening(&client, &hotel.organization).await;
    let aside = [
        nights(&hotel.rooms[0], "2031-07-01", "2031-07-08", 9),
        json!({"session_id": session, "offer": "lawn", "quantity": 10}),
    ];
    let id = give_out(&client, &hotel, "CLUB", &blocks(&aside)).await;
    let lawn = places(&listing, &session, "lawn", 1);
    let stay = rooms(&hotel, "2031-07-02", "2031-07-04", 1);
    let mut entries = Vec::new();
    for request in [&stay, &lawn] {
        let body = json!({
            "listing_id": request["listing_id"], "customer_id": Uuid::now_v7(),
            "line": request["lines"][0],
        });
        entries.push(client.post("/v1/waiting-list-entries", &body).await.id(201));
    }
    let statuses = async || {
        let mut found = Vec::new();
        for entry in &entries {
            found.push(shown(&client, "waiting-list-entries", entry).await["status"].clone());
        }
        found
    };
    for request in [&stay, &lawn] {
        let booking = book(&client, request, "CLUB").await;
        assert_eq!(statuses().await, ["waiting", "waiting"]);
        cancel(&client, &booking).await;
        assert_eq!(statuses().await, ["waiting", "waiting"], "it is set aside again");
    }
    client.post(&format!("/v1/vouchers/{id}/withdraw"), &json!({})).await.expect(200);
    for list in [&hotel.rooms[0], &session] {
        let path = format!("/v1/waiting-lists/{list}/distribute");
        client.post_bytes(&path, "{}").await.expect(200);
    }
    assert_eq!(statuses().await, ["offered", "offered"], "then it is anybody's");
    is_sound(&world).await;
}

#[tokio::test]
async fn what_cannot_be_set_aside_is_named_by_its_member() {
    let world = World::start().await;
    let client = world.client();
    let (hotel, other) = (house(&client).await, house(&client).await);
    let studio = Studio::open(&client, json!({"duration": 60}), &[1]).await;
    let (room, nowhere) = (&hotel.rooms[0], Uuid::now_v7().to_string());
    let person = &studio.people[0];
    let night = nights(room, "2031-07-01", "2031-07-03", 1);
    let hour = stretch(person, "2031-05-05T06:00:00Z", "2031-05-05T07:00:00Z");
    let without = |mut block: Value, member: &str| {
        block.as_object_mut().unwrap().remove(member);
        block
    };
    let head = client.head().await;
    for (block, field) in [
        (nights(&nowhere, "2031-07-01", "2031-07-03", 1), "/blocks/0/resource_id"),
        (nights(&other.rooms[0], "2031-07-01", "2031-07-03", 1), "/blocks/0/resource_id"),
        (hour.clone(), "/blocks/0/resource_id"),
        (stretch(room, "2031-05-05T06:00:00Z", "2031-05-05T07:00:00Z"), "/blocks/0/start"),
        (nights(room, "2024-07-01", "2024-07-03", 1), "/blocks/0/arrival"),
        (nights(room, "2031-07-03", "2031-07-03", 1), "/blocks/0/departure"),
        (nights(room, "2031-07-03", "2032-07-05", 1), "/blocks/0/departure"),
        (nights(room, "2031-07-01", "2031-07-03", 0), "/blocks/0/quantity"),
        (without(night.clone(), "quantity"), "/blocks/0"),
        (without(night.clone(), "departure"), "/blocks/0/departure"),
        (without(night.clone(), "resource_id"), "/blocks/0/resource_id"),
        (with(night.clone(), "start", "2031-05-05T06:00:00Z"), "/blocks/0/start"),
        (with(night.clone(), "offer", "adult"), "/blocks/0/offer"),
        (with(night.clone(), "session_id", nowhere.clone()), "/blocks/0/resource_id"),
        (with(night.clone(), "guests", 2), "/blocks/0/guests"),
        (without(hour.clone(), "end"), "/blocks/0/end"),
        (with(hour.clone(), "end", "2031-05-05T06:00:30Z"), "/blocks/0/end"),
        (with(hour.clone(), "start", "2031-05-05T06:00:30Z"), "/blocks/0/start"),
    ] {
        let body = voucher(&hotel, "BAD", &blocks(std::slice::from_ref(&block)));
        let problem = client.post("/v1/vouchers", &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{block}: {problem}");
    }
    // the other way about, of what is taken by the hour
    let theirs = blocks(&[nights(person, "2031-07-01", "2031-07-03", 1)]);
    let theirs = with(with(theirs, "organization_id", studio.organization.clone()), "code", "BAD");
    let problem = client.post("/v1/vouchers", &theirs).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/blocks/0/arrival");
    let past = stretch(person, "2024-05-05T06:00:00Z", "2024-05-05T07:00:00Z");
    let past = with(theirs.clone(), "blocks", json!([past]));
    let problem = client.post("/v1/vouchers", &past).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/blocks/0/start");

    let own = blocks(std::slice::from_ref(&night));
    let twice = nights(room, "2031-07-02", "2031-07-05", 1);
    for (terms, field) in [
        (without(own.clone(), "valid_until"), "/valid_until"),
        (with(own.clone(), "valid_until", "2024-01-01T00:00:00Z"), "/valid_until"),
        (with(own.clone(), "offers", json!(["adult"])), "/blocks/0"),
        (with(own.clone(), "blocks", json!([night, twice])), "/blocks/1"),
    ] {
        let problem = client.post("/v1/vouchers", &voucher(&hotel, "BAD", &terms)).await;
        assert_eq!(problem.problem(422, "bad-value")["errors"][0]["field"], field);
    }
    // more than is free, on one of two stretches
    let more = [night, nights(room, "2031-07-03", "2031-07-05", 10)];
    let problem = client.post("/v1/vouchers", &voucher(&hotel, "BAD", &blocks(&more))).await;
    let problem = problem.problem(409, "sold-out");
    assert_eq!(problem["errors"][0]["field"], "/blocks/1/quantity");
    assert_eq!((&problem["day"], &problem["free"]), (&json!("2031-07-03"), &json!(9)));
    assert_eq!(client.head().await, head, "nothing is written");
}
