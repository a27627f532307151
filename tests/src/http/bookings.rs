//! A booking's way from the order to the departure, and what it takes of the inventory.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Client, Hotel, PRICE, World, with};

/// Days with what is taken of each.
async fn taken(client: &Client, hotel: &Hotel, days: (&str, &str), position: i64) -> Vec<u64> {
    let page = client.get(&hotel.availability(days.0, days.1, position)).await.expect(200);
    let items = page["items"].as_array().expect("a list of days");
    let mut days: Vec<_> =
        items.iter().map(|item| (item["day"].as_str().unwrap(), &item["taken"])).collect();
    days.sort_by_key(|(day, _)| *day);
    days.into_iter().map(|(_, taken)| taken.as_u64().unwrap()).collect()
}

async fn command(client: &Client, booking: &str, name: &str, body: Value) -> Answer {
    client.post(&format!("/v1/bookings/{booking}/{name}"), &body).await
}

async fn read(client: &Client, booking: &str, position: i64) -> Value {
    client.get(&format!("/v1/bookings/{booking}?min_position={position}")).await.expect(200)
}

#[tokio::test]
async fn a_booking_is_confirmed_at_once_and_takes_its_nights() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    let customer = Uuid::now_v7().to_string();
    let mut line = hotel.line("2031-05-30", "2031-06-02");
    line["quantity"] = json!(2);
    let mut request = with(hotel.order(&[line]), "customer_id", customer.clone());
    request["party"] = json!({"adults": 4, "children": 1, "babies": 0});
    let answer = client.post("/v1/bookings", &request).await;
    let booked = answer.expect(201);
    assert_eq!(booked["status"], "confirmed");
    assert_eq!(booked["total"], json!({"minor": 6 * PRICE, "currency": "EUR"}));

    let position = answer.position();
    assert_eq!(
        taken(&client, &hotel, ("2031-05-29", "2031-06-04"), position).await,
        [0, 2, 2, 2, 0, 0]
    );
    let booking = read(&client, booked["id"].as_str().unwrap(), position).await;
    assert_eq!(booking["status"], "confirmed");
    assert_eq!(booking["customer_id"], *customer);
    assert_eq!(booking["arrival"], "2031-05-30");
    assert_eq!(booking["departure"], "2031-06-02");
    assert_eq!(booking["party"]["adults"], 4);
    assert_eq!(booking["lines"][0]["quantity"], 2);
}

#[tokio::test]
async fn availability_counts_what_is_there_taken_held_and_free() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let held = with(hotel.booking("2031-05-10", "2031-05-11"), "hold_minutes", 60);
    client.post("/v1/bookings", &held).await.expect(201);
    let firm = client.post("/v1/bookings", &hotel.booking("2031-05-10", "2031-05-11")).await;
    let path = hotel.availability("2031-05-10", "2031-05-12", firm.position());
    let page = client.get(&path).await.expect(200);
    let day = |number: usize| {
        let item = &page["items"][number];
        ["capacity", "overbooking", "taken", "held", "free"]
            .map(|name| item[name].as_u64().unwrap())
    };
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(day(0), [5, 0, 2, 1, 3]);
    assert_eq!(day(1), [5, 0, 0, 0, 5]);
    assert!(page["position"].as_i64().unwrap() >= firm.position());

    // A month nobody has booked in has the resource's own numbers.
    let path = hotel.availability("2033-01-31", "2033-02-02", firm.position());
    let page = client.get(&path).await.expect(200);
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert!(page["items"].as_array().unwrap().iter().all(|day| day["free"] == 5));
}

#[tokio::test]
async fn the_last_place_is_sold_once_and_the_answer_names_the_day() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    client.post("/v1/bookings", &hotel.booking("2031-05-31", "2031-06-02")).await.expect(201);
    let head = client.head().await;
    let answer = client.post("/v1/bookings", &hotel.booking("2031-05-29", "2031-06-03")).await;
    let problem = answer.problem(409, "sold-out");
    assert_eq!(problem["day"], "2031-05-31");
    assert_eq!((&problem["free"], &problem["asked"]), (&json!(0), &json!(1)));
    assert_eq!(client.head().await, head, "a refused booking leaves nothing in the log");
    // The day of departure is free again.
    client.post("/v1/bookings", &hotel.booking("2031-06-02", "2031-06-03")).await.expect(201);
    client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-05-31")).await.expect(201);
}

#[tokio::test]
async fn all_lines_of_an_order_are_taken_or_none() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::with_rooms(&client, &[2, 1]).await;
    let first = hotel.line_in(0, "2031-05-10", "2031-05-12");
    let second = hotel.line_in(1, "2031-05-10", "2031-05-12");
    let full = client.post("/v1/bookings", &hotel.order(&[first.clone(), second.clone()])).await;
    full.expect(201);
    let head = client.head().await;
    let answer = client.post("/v1/bookings", &hotel.order(&[first.clone(), second])).await;
    answer.problem(409, "sold-out");
    assert_eq!(client.head().await, head);
    // Two lines for the same room count together.
    let answer = client.post("/v1/bookings", &hotel.order(&[first.clone(), first.clone()])).await;
    assert_eq!(answer.problem(409, "sold-out")["asked"], 2);
    client.post("/v1/bookings", &hotel.order(&[first])).await.expect(201);
}

#[tokio::test]
async fn an_amended_booking_moves_across_months_in_one_step() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let answer = client.post("/v1/bookings", &hotel.booking("2031-05-30", "2031-06-02")).await;
    let id = answer.id(201);
    let lines = json!({"lines": [hotel.line("2031-06-29", "2031-07-03")]});
    let moved = command(&client, &id, "amend", lines).await;
    moved.expect(200);
    let position = moved.position();
    assert_eq!(taken(&client, &hotel, ("2031-05-30", "2031-06-02"), position).await, [0, 0, 0]);
    assert_eq!(
        taken(&client, &hotel, ("2031-06-28", "2031-07-04"), position).await,
        [0, 1, 1, 1, 1, 0]
    );
    let booking = read(&client, &id, position).await;
    assert_eq!(booking["arrival"], "2031-06-29");
    assert_eq!(booking["total"]["minor"], 4 * PRICE);
}

#[tokio::test]
async fn an_amendment_that_does_not_fit_changes_nothing() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let mine = client.post("/v1/bookings", &hotel.booking("2031-05-10", "2031-05-12")).await;
    let other = client.post("/v1/bookings", &hotel.booking("2031-06-01", "2031-06-02")).await;
    let lines = json!({"lines": [hotel.line("2031-05-11", "2031-06-02")]});
    let answer = command(&client, &mine.id(201), "amend", lines).await;
    assert_eq!(answer.problem(409, "sold-out")["day"], "2031-06-01");
    assert_eq!(client.head().await, other.position());
    // Its own nights do not stand in its way.
    let lines = json!({"lines": [hotel.line("2031-05-11", "2031-05-14")]});
    let moved = command(&client, &mine.id(201), "amend", lines).await;
    moved.expect(200);
    let position = moved.position();
    assert_eq!(
        taken(&client, &hotel, ("2031-05-10", "2031-05-15"), position).await,
        [0, 1, 1, 1, 0]
    );
}

#[tokio::test]
async fn a_guest_who_leaves_early_frees_the_nights_not_slept() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let past =
        with(hotel.booking("2024-03-10", "2024-03-15"), "occurred_at", "2024-02-01T10:00:00Z");
    let id = client.post("/v1/bookings", &past).await.id(201);
    let at = |at: &str| json!({ "occurred_at": at });
    let early = command(&client, &id, "check-in", at("2024-03-09T20:00:00Z")).await;
    assert_eq!(early.problem(422, "policy-refusal")["reason"], "arrival_not_yet");
    let arrived = command(&client, &id, "check-in", at("2024-03-10T16:00:00Z")).await;
    assert_eq!(arrived.expect(200)["status"], "checked_in");
    let left = command(&client, &id, "check-out", at("2024-03-12T09:00:00Z")).await;
    assert_eq!(left.expect(200)["status"], "completed");
    let position = left.position();
    assert_eq!(
        taken(&client, &hotel, ("2024-03-10", "2024-03-16"), position).await,
        [1, 1, 0, 0, 0, 0]
    );
    assert_eq!(read(&client, &id, position).await["status"], "completed");
    let refused = command(&client, &id, "cancel", at("2024-03-12T10:00:00Z")).await;
    assert_eq!(refused.problem(422, "policy-refusal")["reason"], "completed");
}

#[tokio::test]
async fn a_guest_who_never_comes_frees_the_nights_after_the_first() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let past =
        with(hotel.booking("2024-03-30", "2024-04-03"), "occurred_at", "2024-02-01T10:00:00Z");
    let id = client.post("/v1/bookings", &past).await.id(201);
    let body = json!({"occurred_at": "2024-03-30T22:00:00Z"});
    let answer = command(&client, &id, "no-show", body).await;
    assert_eq!(answer.expect(200)["status"], "no_show");
    let position = answer.position();
    assert_eq!(taken(&client, &hotel, ("2024-03-30", "2024-04-03"), position).await, [1, 0, 0, 0]);
}

#[tokio::test]
async fn a_cancelled_booking_gives_back_everything() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let request = hotel.booking("2031-05-30", "2031-06-02");
    let id = client.post("/v1/bookings", &request).await.id(201);
    let cancelled = command(&client, &id, "cancel", json!({"reason": "the flight is off"})).await;
    assert_eq!(cancelled.expect(200)["status"], "cancelled");
    let position = cancelled.position();
    assert_eq!(taken(&client, &hotel, ("2031-05-30", "2031-06-02"), position).await, [0, 0, 0]);
    // Asking again is not a new fact.
    let again = command(&client, &id, "cancel", json!({})).await;
    assert_eq!(again.expect(200)["status"], "cancelled");
    assert_eq!(client.head().await, position);
    client.post("/v1/bookings", &request).await.expect(201);
}

#[tokio::test]
async fn a_day_use_takes_its_day() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let answer = client.post("/v1/bookings", &hotel.booking("2031-05-10", "2031-05-10")).await;
    assert_eq!(answer.expect(201)["total"]["minor"], PRICE);
    let position = answer.position();
    assert_eq!(taken(&client, &hotel, ("2031-05-09", "2031-05-12"), position).await, [0, 1, 0]);
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let world = World::start().await;
    let client = world.client();
    let id = Uuid::now_v7();
    for path in ["bookings", "listings", "resources", "payments"] {
        client.get(&format!("/v1/{path}/{id}")).await.problem(404, "not-found");
    }
    for name in ["confirm", "check-in", "check-out", "no-show", "cancel"] {
        command(&client, &id.to_string(), name, json!({})).await.problem(404, "not-found");
    }
    client.get(&format!("/v1/bookings/{id}/history")).await.problem(404, "not-found");
    let hotel = Hotel::open(&client, 1).await;
    let mut request = hotel.booking("2031-05-10", "2031-05-11");
    request["lines"][0]["resource_id"] = json!(id);
    client.post("/v1/bookings", &request).await.problem(404, "not-found");
    let request = with(hotel.booking("2031-05-10", "2031-05-11"), "listing_id", id.to_string());
    client.post("/v1/bookings", &request).await.problem(404, "not-found");
}

#[tokio::test]
async fn a_room_of_another_listing_cannot_be_booked_under_this_one() {
    let world = World::start().await;
    let client = world.client();
    let (here, there) = (Hotel::open(&client, 1).await, Hotel::open(&client, 1).await);
    let mut request = here.booking("2031-05-10", "2031-05-11");
    request["lines"][0]["resource_id"] = json!(there.rooms[0]);
    let answer = client.post("/v1/bookings", &request).await;
    assert!((400..500).contains(&answer.status), "{}", answer.text());
    answer.any_problem();
    assert_eq!(client.head().await, there.position);
}
