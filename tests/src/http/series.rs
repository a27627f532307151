//! Series: classes for a term, made and changed together.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Client, World, with};

/// A campus with rooms by the hour.
struct Campus {
    listing: String,
    rooms: Vec<String>,
}

impl Campus {
    async fn open(client: &Client) -> Self {
        let organization = json!({
            "name": {"en": "Riverside Campus"}, "zone": "Europe/London", "currency": "GBP",
            "weekend": "sat_sun",
        });
        let organization = client.post("/v1/organizations", &organization).await.id(201);
        let listing = json!({
            "organization_id": organization, "kind": "room", "name": {"en": "Teaching rooms"},
            "zone": "Europe/London", "currency": "GBP",
        });
        let listing = client.post("/v1/listings", &listing).await.id(201);
        let mut rooms = Vec::new();
        for name in ["Room 101", "Room 102"] {
            let room = json!({
                "kind": "room", "listing_id": listing, "name": {"en": name}, "capacity": 1,
            });
            rooms.push(client.post("/v1/resources", &room).await.id(201));
        }
        Self { listing, rooms }
    }

    /// Six Mondays at nine in the first room; clocks go forward after the third.
    fn mondays(&self) -> Value {
        json!({
            "listing_id": self.listing,
            "customer_id": Uuid::now_v7(),
            "start": "2031-03-10T09:00",
            "duration_minutes": 90,
            "rule": "FREQ=WEEKLY;COUNT=6",
            "lines": [{"resource_id": self.rooms[0]}],
        })
    }

    /// A booking of the first room.
    fn booking(&self, start: &str, end: &str) -> Value {
        json!({
            "listing_id": self.listing,
            "customer_id": Uuid::now_v7(),
            "lines": [{"resource_id": self.rooms[0], "start": start, "end": end}],
        })
    }
}

async fn campus() -> (World, Client, Campus) {
    let world = World::start().await;
    let client = world.client();
    let campus = Campus::open(&client).await;
    (world, client, campus)
}

/// A series that is made, and how it then stands.
async fn book(client: &Client, series: &Value) -> (String, Value) {
    let made = client.post("/v1/series", series).await;
    let id = made.id(201);
    let found = shown(client, &id, made.position()).await;
    (id, found)
}

async fn shown(client: &Client, id: &str, position: i64) -> Value {
    client.get(&format!("/v1/series/{id}?min_position={position}")).await.expect(200)
}

/// A member of each date.
fn each(series: &Value, member: &str) -> Vec<String> {
    let dates = series["occurrences"].as_array().expect("dates").iter();
    dates.map(|date| date[member].as_str().unwrap_or_default().to_owned()).collect()
}

/// What is told of a change, and how the series then stands.
async fn changed(client: &Client, id: &str, name: &str, body: Value) -> (Value, Value) {
    let answer = change(client, id, name, body).await;
    let told = answer.expect(200);
    (told, shown(client, id, answer.position()).await)
}

/// The booking of one of its dates.
fn booking_of(series: &Value, date: usize) -> &str {
    series["occurrences"][date]["booking_id"].as_str().expect("a date that is booked")
}

fn how_many(list: &Value) -> usize {
    list.as_array().expect("a list").len()
}

/// What the wall clock shows at the start of each date.
fn times(series: &Value, member: &str) -> Vec<String> {
    each(series, member).iter().map(|at| at[11..16].to_owned()).collect()
}

async fn change(client: &Client, id: &str, name: &str, body: Value) -> Answer {
    client.post(&format!("/v1/series/{id}/{name}"), &body).await
}

const MONDAYS: [&str; 6] = [
    "2031-03-10T09:00:00",
    "2031-03-17T09:00:00",
    "2031-03-24T09:00:00",
    "2031-03-31T09:00:00",
    "2031-04-07T09:00:00",
    "2031-04-14T09:00:00",
];

#[tokio::test]
async fn a_weekly_class_stays_at_nine_when_clocks_are_changed() {
    let (world, client, campus) = campus().await;
    let made = client.post("/v1/series", &campus.mondays()).await;
    let told = made.expect(201);
    assert_eq!((&told["status"], &told["booked"]), (&json!("confirmed"), &json!(6)), "{told}");
    assert_eq!((&told["skipped"], &told["conflicts"]), (&json!(0), &json!([])), "{told}");

    let found = shown(&client, &made.id(201), made.position()).await;
    assert_eq!(each(&found, "original"), MONDAYS);
    assert_eq!(each(&found, "starts_local"), MONDAYS);
    assert_eq!(each(&found, "status"), ["confirmed"; 6]);
    assert_eq!(times(&found, "starts_at"), ["09:00", "09:00", "09:00", "08:00", "08:00", "08:00"]);
    assert_eq!(found["occurrences"][3]["ends_local"], "2031-03-31T10:30:00");

    let booking = booking_of(&found, 3);
    let booking = client.get(&format!("/v1/bookings/{booking}")).await.expect(200);
    assert_eq!(booking["lines"][0]["resource_id"], *campus.rooms[0]);
    assert_eq!(booking["lines"][0]["starts_at"], found["occurrences"][3]["starts_at"]);

    let customer = campus.mondays()["customer_id"].clone();
    for (filter, count) in [
        (String::new(), 1),
        (format!("?listing_id={}", campus.listing), 1),
        (format!("?customer_id={}", customer.as_str().unwrap()), 0),
    ] {
        let page = client.get(&format!("/v1/series{filter}")).await.expect(200);
        assert_eq!(how_many(&page["items"]), count, "{filter}");
    }
    let page = client.get("/v1/series").await.expect(200);
    let item = &page["items"][0];
    assert_eq!((&item["dates"], &item["rule"]), (&json!(6), &json!("FREQ=WEEKLY;COUNT=6")));
    let path = format!("/v1/series/{}/history", made.id(201));
    let history = client.get(&path).await.expect(200);
    assert_eq!(history["items"][0]["event_type"], "created");
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn a_conflict_refuses_every_date_and_names_both_sides() {
    let (_world, client, campus) = campus().await;
    let firm = campus.booking("2031-03-17T09:30:00Z", "2031-03-17T11:00:00Z");
    let firm = client.post("/v1/bookings", &firm).await.id(201);
    let held = campus.booking("2031-04-07T07:00:00Z", "2031-04-07T08:01:00Z");
    let held = client.post("/v1/bookings", &with(held, "hold_minutes", 60)).await.id(201);
    let head = client.head().await;

    let refused = client.post_keyed("/v1/series", &campus.mondays(), "term").await;
    let problem = refused.problem(409, "sold-out");
    assert_eq!(problem["reason"], "dates_taken");
    let room = &campus.rooms[0];
    assert_eq!(
        problem["conflicts"],
        json!([
            {
                "original": MONDAYS[1], "start": "2031-03-17T09:00:00Z",
                "end": "2031-03-17T10:30:00Z", "cause": "sold", "resource_id": room,
                "taken_by_bookings": [firm],
            },
            {
                "original": MONDAYS[4], "start": "2031-04-07T08:00:00Z",
                "end": "2031-04-07T09:30:00Z", "cause": "held", "resource_id": room,
                "taken_by_bookings": [held],
            },
        ])
    );
    assert_eq!(client.head().await, head);

    for booking in [firm, held] {
        client.post(&format!("/v1/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    }
    client.post_keyed("/v1/series", &campus.mondays(), "other").await.expect(201);
}

#[tokio::test]
async fn dates_that_cannot_be_had_are_skipped_and_remembered_with_the_reason() {
    let (_world, client, campus) = campus().await;
    let other = campus.booking("2031-03-17T09:30:00Z", "2031-03-17T11:00:00Z");
    let other = client.post("/v1/bookings", &other).await.id(201);
    let skipping = with(campus.mondays(), "on_conflict", "skip_conflicts");
    let made = client.post("/v1/series", &skipping).await;
    let told = made.expect(201);
    assert_eq!((&told["booked"], &told["skipped"]), (&json!(5), &json!(1)), "{told}");
    assert_eq!(told["conflicts"][0]["taken_by_bookings"], json!([other]));

    let id = made.id(201);
    let found = shown(&client, &id, made.position()).await;
    let statuses = each(&found, "status");
    assert_eq!(statuses[..3], ["confirmed", "skipped", "confirmed"]);
    let skipped = &found["occurrences"][1];
    assert_eq!(skipped["conflict"]["cause"], "sold");
    assert_eq!(skipped["conflict"]["taken_by_bookings"], json!([other]));
    assert!(skipped.get("booking_id").is_none(), "{skipped}");
    let body = json!({"scope": "one", "original": MONDAYS[1]});
    let problem = change(&client, &id, "cancel", body).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "was_skipped");

    // Now every date is taken, and a series of nothing is none.
    let head = client.head().await;
    let problem = client.post("/v1/series", &skipping).await.problem(409, "sold-out");
    assert_eq!(how_many(&problem["conflicts"]), 6);
    assert_eq!(client.head().await, head);
}

#[tokio::test]
async fn one_date_or_those_from_it_on_or_all_are_called_off() {
    let (world, client, campus) = campus().await;
    let (id, found) = book(&client, &campus.mondays()).await;
    // One is called off by way of its booking.
    let booking = booking_of(&found, 5);
    client.post(&format!("/v1/bookings/{booking}/cancel"), &json!({})).await.expect(200);

    let one = json!({"scope": "one", "original": MONDAYS[1], "reason": "a holiday"});
    let told = change(&client, &id, "cancel", one.clone()).await.expect(200);
    assert_eq!((&told["changed"], &told["unchangeable"]), (&json!([MONDAYS[1]]), &json!([])));
    let told = change(&client, &id, "cancel", one).await.expect(200);
    assert_eq!((&told["changed"], &told["unchangeable"]), (&json!([]), &json!([MONDAYS[1]])));
    let following = json!({"scope": "following", "original": "2031-03-31T09:00"});
    let (told, found) = changed(&client, &id, "cancel", following).await;
    assert_eq!(told["changed"], json!([MONDAYS[3], MONDAYS[4]]));
    assert_eq!(told["unchangeable"], json!([MONDAYS[5]]));
    let expected = ["confirmed", "cancelled", "confirmed", "cancelled", "cancelled", "cancelled"];
    assert_eq!(each(&found, "status"), expected);

    let (told, found) = changed(&client, &id, "cancel", json!({"scope": "all"})).await;
    assert_eq!(told["changed"], json!([MONDAYS[0], MONDAYS[2]]));
    assert_eq!(each(&found, "status"), ["cancelled"; 6]);
    // All of it is free again.
    client.post("/v1/series", &campus.mondays()).await.expect(201);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn one_date_or_those_from_it_on_or_all_take_place_at_another_time_or_elsewhere() {
    let (world, client, campus) = campus().await;
    let (id, _) = book(&client, &campus.mondays()).await;

    let following = json!({"scope": "following", "original": MONDAYS[2], "start_time": "11:15"});
    let answer = change(&client, &id, "reschedule", following).await;
    assert_eq!(answer.expect(200)["changed"], json!(MONDAYS[2..]));
    let one = json!({"scope": "one", "original": MONDAYS[0], "day_shift": 2});
    change(&client, &id, "reschedule", one).await.expect(200);
    let all = json!({"scope": "all", "resource_id": campus.rooms[1]});
    let answer = change(&client, &id, "reschedule", all.clone()).await;
    assert_eq!(answer.expect(200)["changed"], json!(MONDAYS));
    let again = change(&client, &id, "reschedule", all).await;
    assert_eq!(again.expect(200)["changed"], json!([]));

    let found = shown(&client, &id, answer.position()).await;
    assert_eq!(each(&found, "original"), MONDAYS);
    let expected = [
        "2031-03-12T09:00:00",
        "2031-03-17T09:00:00",
        "2031-03-24T11:15:00",
        "2031-03-31T11:15:00",
        "2031-04-07T11:15:00",
        "2031-04-14T11:15:00",
    ];
    assert_eq!(each(&found, "starts_local"), expected);
    assert_eq!(found["occurrences"][4]["ends_local"], "2031-04-07T12:45:00");
    for booking in each(&found, "booking_id") {
        let booking = client.get(&format!("/v1/bookings/{booking}")).await.expect(200);
        assert_eq!(booking["lines"][0]["resource_id"], *campus.rooms[1]);
    }
    let history = client.get(&format!("/v1/series/{id}/history")).await.expect(200);
    let types = history["items"].as_array().unwrap().iter();
    let types: Vec<_> = types.map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["created", "rescheduled", "rescheduled", "rescheduled"]);
    // The first room is free again.
    client.post("/v1/series", &campus.mondays()).await.expect(201);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn dates_make_room_for_each_other_and_what_cannot_move_is_named() {
    let (world, client, campus) = campus().await;
    let mut daily = campus.mondays();
    daily["rule"] = json!("FREQ=DAILY;COUNT=4");
    let (id, _) = book(&client, &daily).await;
    for (shift, first) in [(1, "2031-03-11T09:00:00"), (-1, "2031-03-10T09:00:00")] {
        let body = json!({"scope": "all", "day_shift": shift});
        let (told, found) = changed(&client, &id, "reschedule", body).await;
        assert_eq!(how_many(&told["changed"]), 4);
        assert_eq!(each(&found, "starts_local")[0], first);
    }

    let other = campus.booking("2031-03-12T14:00:00Z", "2031-03-12T15:00:00Z");
    let other = client.post("/v1/bookings", &other).await.id(201);
    let head = client.head().await;
    let move_all = json!({"scope": "all", "start_time": "13:45"});
    let refused = change(&client, &id, "reschedule", move_all.clone()).await;
    let problem = refused.problem(409, "sold-out");
    let conflict = &problem["conflicts"][0];
    assert_eq!(how_many(&problem["conflicts"]), 1, "{problem}");
    assert_eq!(conflict["original"], "2031-03-12T09:00:00");
    assert_eq!(conflict["taken_by_bookings"], json!([other]));
    assert!(conflict["booking_id"].is_string(), "{problem}");
    assert_eq!(client.head().await, head);

    let skipping = with(move_all, "on_conflict", "skip_conflicts");
    let (told, found) = changed(&client, &id, "reschedule", skipping).await;
    assert_eq!(how_many(&told["changed"]), 3);
    assert_eq!(told["conflicts"][0]["original"], "2031-03-12T09:00:00");
    assert_eq!(times(&found, "starts_local"), ["13:45", "13:45", "09:00", "13:45"]);
    world.audit().await.assert_sound().await;
}

#[tokio::test]
async fn a_date_that_was_changed_by_itself_goes_on_from_where_it_is() {
    let (_world, client, campus) = campus().await;
    let (id, found) = book(&client, &campus.mondays()).await;
    let booking = booking_of(&found, 1);
    let by_itself = json!({"lines": [{"line": 0, "start": "2031-03-18T15:00:00Z"}]});
    let path = format!("/v1/bookings/{booking}/reschedule");
    let answer = client.post(&path, &by_itself).await;
    answer.expect(200);
    let found = shown(&client, &id, answer.position()).await;
    assert_eq!(found["occurrences"][1]["starts_local"], "2031-03-18T15:00:00");

    let body = json!({"scope": "all", "day_shift": 1});
    let (_, found) = changed(&client, &id, "reschedule", body).await;
    let starts = each(&found, "starts_local");
    assert_eq!(starts[..3], ["2031-03-11T09:00:00", "2031-03-19T15:00:00", "2031-03-25T09:00:00"]);
}

#[tokio::test]
async fn a_series_may_be_held_and_each_date_is_confirmed_by_its_booking() {
    let (_world, client, campus) = campus().await;
    let made = client.post("/v1/series", &with(campus.mondays(), "hold_minutes", 60)).await;
    let told = made.expect(201);
    assert_eq!(told["status"], "held");
    assert!(told["hold_until"].is_string(), "{told}");
    let id = made.id(201);
    let found = shown(&client, &id, made.position()).await;
    let booking = booking_of(&found, 0);
    let confirm = format!("/v1/bookings/{booking}/confirm");
    let answer = client.post(&confirm, &json!({})).await;
    let found = shown(&client, &id, answer.position()).await;
    assert_eq!(each(&found, "status")[..2], ["confirmed", "held"]);
}

#[tokio::test]
async fn a_series_is_booked_once_however_often_it_is_asked_for_and_outlives_the_server() {
    let (mut world, client, campus) = campus().await;
    let request = campus.mondays();
    let first = client.post_keyed("/v1/series", &request, "term").await;
    let id = first.id(201);
    let again = client.post_keyed("/v1/series", &request, "term").await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    let before = shown(&client, &id, first.position()).await;
    let body = json!({"scope": "one", "original": MONDAYS[0]});
    let path = format!("/v1/series/{id}/cancel");
    let cancelled = client.post_keyed(&path, &body, "cancel").await;
    cancelled.expect(200);
    world.server().kill();
    world.server().start_again().await;

    let again = client.post_keyed("/v1/series", &request, "term").await;
    assert_eq!((again.status, &again.body), (201, &first.body));
    let again = client.post_keyed(&path, &body, "cancel").await;
    assert_eq!((again.status, &again.body), (200, &cancelled.body));
    assert_eq!(client.head().await, cancelled.position());
    let found = shown(&client, &id, cancelled.position()).await;
    assert_eq!(each(&found, "booking_id"), each(&before, "booking_id"));
    let chosen = with(campus.mondays(), "id", id);
    client.post("/v1/series", &chosen).await.problem(409, "already-exists");
    assert_eq!(world.audit().await.bookings_made().await.len(), 6);
}

#[tokio::test]
async fn what_is_wrong_with_a_series_is_named_and_nothing_is_written() {
    let (_world, client, campus) = campus().await;
    let head = client.head().await;
    for (member, value, field) in [
        ("rule", json!("FREQ=DAILY"), "/rule"),
        ("rule", json!("FREQ=DAILY;COUNT=1000000"), "/rule"),
        ("rule", json!("FREQ=DAILY;UNTIL=21990101"), "/rule"),
        ("rule", json!("FREQ=HOURLY;COUNT=3"), "/rule"),
        ("rule", json!("every Monday"), "/rule"),
        ("start", json!("2031-03-11T09:00:30"), "/start"),
        ("start", json!("2031-03-10T09:00:00Z"), "/start"),
        ("start", json!("2031-03-10 09:00"), "/start"),
        ("start", json!("2031-02-30T09:00"), "/start"),
        ("start", json!("1831-03-10T09:00"), "/start"),
        ("rule", json!("FREQ=WEEKLY;BYDAY=TU;COUNT=3"), "/start"),
        ("duration_minutes", json!(0), "/duration_minutes"),
        ("zone", json!("Mars/Olympus"), "/zone"),
        ("except", json!(["2031-03-17T09:00", "2031-03-18T09:00"]), "/except/1"),
        ("except", json!(["2031-03-17"]), "/except/0"),
        ("also", json!(["2031-03-30T01:30"]), "/also/0"),
        ("lines", json!([]), "/lines"),
        ("lines", json!([{"resource_id": Uuid::now_v7()}]), "/lines/0/resource_id"),
        ("lines", json!([{"resource_id": campus.rooms[0], "quantity": 0}]), "/lines/0/quantity"),
        ("hold_minutes", json!(0), "/hold_minutes"),
        ("on_conflict", json!("hope"), "/on_conflict"),
        ("listing_id", json!(Uuid::now_v7()), "/listing_id"),
        ("colour", json!("red"), "/colour"),
    ] {
        let body = with(campus.mondays(), member, value);
        let problem = client.post("/v1/series", &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    let past = with(campus.mondays(), "start", "2021-03-08T09:00");
    let problem = client.post("/v1/series", &past).await.problem(422, "policy-refusal");
    assert_eq!(
        (&problem["reason"], &problem["conflicts"][5]["cause"]),
        (&json!("dates_not_bookable"), &json!("past"))
    );
    assert_eq!(client.head().await, head);

    let id = client.post("/v1/series", &campus.mondays()).await.id(201);
    let head = client.head().await;
    for (name, body, field) in [
        ("cancel", json!({"scope": "one"}), "/original"),
        ("cancel", json!({"scope": "all", "original": MONDAYS[0]}), "/original"),
        ("cancel", json!({"scope": "one", "original": "2031-03-11T09:00"}), "/original"),
        ("cancel", json!({"scope": "some"}), "/scope"),
        ("reschedule", json!({"scope": "all"}), "/start_time"),
        ("reschedule", json!({"scope": "all", "day_shift": 400}), "/day_shift"),
        ("reschedule", json!({"scope": "all", "start_time": "25:00"}), "/start_time"),
        ("reschedule", json!({"scope": "all", "start_time": "10:00:30"}), "/start_time"),
        ("reschedule", json!({"scope": "all", "resource_id": Uuid::now_v7()}), "/resource_id"),
    ] {
        let problem = change(&client, &id, name, body.clone()).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    let unknown = Uuid::now_v7();
    let problem = change(&client, &unknown.to_string(), "cancel", json!({"scope": "all"})).await;
    assert_eq!(problem.problem(404, "not-found")["reason"], "series_not_found");
    client.get(&format!("/v1/series/{unknown}")).await.problem(404, "not-found");
    client.get(&format!("/v1/series/{unknown}/history")).await.problem(404, "not-found");
    assert_eq!(client.head().await, head);
}

#[tokio::test]
async fn a_thousand_dates_are_booked_moved_and_cancelled_in_one_commit_each() {
    let (world, client, campus) = campus().await;
    let mut daily = campus.mondays();
    daily["rule"] = json!("FREQ=DAILY;COUNT=1000");
    let made = client.post("/v1/series", &daily).await;
    assert_eq!(made.expect(201)["booked"], 1000);
    let id = made.id(201);
    let body = json!({"scope": "all", "start_time": "10:00"});
    let (told, _) = changed(&client, &id, "reschedule", body).await;
    assert_eq!(how_many(&told["changed"]), 1000);
    let (told, found) = changed(&client, &id, "cancel", json!({"scope": "all"})).await;
    assert_eq!(how_many(&told["changed"]), 1000);
    assert!(each(&found, "status").iter().all(|status| status == "cancelled"));
    assert!(each(&found, "starts_local").iter().all(|at| at.ends_with("10:00:00")));
    world.audit().await.assert_sound().await;
}
