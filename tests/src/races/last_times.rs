//! Crowds for the last person, room and hour, over two servers.

use serde_json::{Value, json};

use super::{book, race, rotated, two_servers};
use crate::harness::{CALENDARS, Client, Studio, order, time};

async fn crowd(clients: &[Client], orders: Vec<Value>) -> (usize, usize) {
    let attempts = orders.into_iter().enumerate();
    race(attempts.map(|(number, order)| book(rotated(clients, number), order)).collect()).await
}

#[tokio::test]
async fn a_crowd_for_anybody_gets_each_of_the_last_two_people_once() {
    let world = two_servers().await;
    let clients = world.clients();
    let slots = json!({"duration": 45, "buffer_after": 15});
    let studio = Studio::open(&clients[0], slots, &[1, 1]).await;
    // at ten, or so soon after that nobody can do both
    let start = |number: usize| format!("2031-05-05T07:{:02}:00Z", 10 * (number % 3));
    let orders = (0..40).map(|number| studio.anybody(&start(number))).collect();
    assert_eq!(crowd(&clients, orders).await, (2, 38));
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(audit.doubles_noticed(CALENDARS).await, (2, 2));
}

#[tokio::test]
async fn different_starts_that_overlap_are_sold_to_one() {
    let world = two_servers().await;
    let clients = world.clients();
    let studio = Studio::open(&clients[0], json!({"duration": 60}), &[1]).await;
    let (hall, room) = studio.room(&clients[0], 1, json!({"duration": 30})).await;
    // over the midnight that ends May in Amman, so that two calendars are at stake
    let orders = (0..48).map(|number| {
        let start = format!("2031-05-31T20:{:02}:00Z", 10 + 7 * (number / 2 % 6));
        if number % 2 == 0 {
            studio.booking(0, &start)
        } else {
            order(&hall, &[time(&room, &start, "2031-05-31T22:00:00Z")])
        }
    });
    assert_eq!(crowd(&clients, orders.collect()).await, (2, 46));
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(audit.doubles_noticed(CALENDARS).await, (4, 4));
}

#[tokio::test]
async fn a_person_and_a_room_in_either_order_are_sold_together() {
    let world = two_servers().await;
    let clients = world.clients();
    let studio = Studio::open(&clients[0], json!({"duration": 60}), &[1]).await;
    let room = clients[0].post("/v1/resources", &studio.resource("room", 1)).await.id(201);
    let orders = (0..60).map(|number| {
        // in three hours, of which the last belongs to two months
        let start = ["2031-05-05T06:00:00Z", "2031-05-05T07:00:00Z", "2031-05-31T20:30:00Z"];
        let start = start[number % 3];
        let mut lines = [studio.line(0, start), json!({"resource_id": room, "start": start})];
        lines.rotate_left(number / 3 % 2);
        studio.order(&lines)
    });
    assert_eq!(crowd(&clients, orders.collect()).await, (3, 57));
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(audit.bookings_made().await.len(), 3);
    assert_eq!(audit.doubles_noticed(CALENDARS).await, (8, 8));
}

#[tokio::test]
async fn a_class_is_filled_to_the_last_place_by_parties_of_all_sizes() {
    let world = two_servers().await;
    let clients = world.clients();
    let slots = json!({"duration": 60, "capacity": 12});
    let studio = Studio::open(&clients[0], slots, &[12]).await;
    let orders = (0..48).map(|number| {
        let mut line = studio.line(0, "2031-05-05T07:00:00Z");
        line["quantity"] = json!(1 + number % 3);
        studio.order(&[line])
    });
    let (sold, sold_out) = crowd(&clients, orders.collect()).await;
    assert!(sold >= 4 && sold_out > 0, "{sold} sold, {sold_out} sold out");
    let audit = world.audit().await;
    audit.assert_sound().await;
    let events = audit.events(CALENDARS).await;
    let taken = events
        .iter()
        .filter_map(|event| event.payload["allocated"]["takes"][0]["quantity"].as_u64());
    assert_eq!(taken.sum::<u64>(), 12);
    let (noticed, all) = audit.doubles_noticed(CALENDARS).await;
    assert!(noticed >= 1 && all == sold, "{noticed} of {all}");
}
