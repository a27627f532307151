//! A crowd for the last places, over one server.

use serde_json::json;

use super::{book, race};
use crate::harness::{Hotel, World, with};

#[tokio::test]
async fn a_crowd_buys_exactly_what_is_there() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 17).await;
    let order = |_| book(world.clients(), hotel.booking("2031-05-30", "2031-06-02"));
    assert_eq!(race((0..120).map(order).collect()).await, (17, 103));
    let audit = world.audit().await;
    assert_eq!(audit.bookings_made().await.len(), 17);
    audit.assert_sound().await;
    let page =
        client.get(&hotel.availability("2031-05-30", "2031-06-02", client.head().await)).await;
    for day in page.expect(200)["items"].as_array().unwrap() {
        assert_eq!((&day["taken"], &day["free"]), (&json!(17), &json!(0)));
    }
}

#[tokio::test]
async fn orders_of_different_sizes_never_fill_more_than_there_is() {
    let world = World::start().await;
    let hotel = Hotel::open(&world.client(), 40).await;
    let order = |number: usize| {
        let day = 1 + number % 5;
        let mut line = hotel.line(&format!("2031-05-{day:02}"), &format!("2031-05-{:02}", day + 3));
        line["quantity"] = json!(1 + number % 7);
        let request = hotel.order(&[line]);
        book(
            world.clients(),
            if number.is_multiple_of(3) { with(request, "hold_minutes", 30) } else { request },
        )
    };
    let (sold, sold_out) = race((0..120).map(order).collect()).await;
    assert!(sold > 10 && sold_out > 10, "{sold} sold, {sold_out} sold out");
    let audit = world.audit().await;
    assert_eq!(audit.bookings_made().await.len(), sold);
    audit.assert_sound().await;
}

#[tokio::test]
async fn an_allowance_for_overbooking_is_used_up_and_no_more() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let path = format!("/v1/resources/{}/limits", hotel.rooms[0]);
    client.post(&path, &json!({"capacity": 5, "overbooking": 3})).await.expect(200);
    let order = |_| book(world.clients(), hotel.booking("2031-05-30", "2031-06-02"));
    assert_eq!(race((0..40).map(order).collect()).await, (8, 32));
    let audit = world.audit().await;
    audit.assert_sound().await;
    let events = audit.events("calendar").await;
    let flagged = events.iter().filter(|event| event.payload["allocated"]["overbooked"] == true);
    assert_eq!(flagged.count(), 2 * 3, "in each of two months the three beyond capacity");
}

#[tokio::test]
async fn a_place_that_is_given_back_is_sold_to_one_of_many() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    for _ in 0..10 {
        let request = hotel.booking("2031-05-30", "2031-06-02");
        let id = client.post("/v1/bookings", &request).await.id(201);
        let path = format!("/v1/bookings/{id}/cancel");
        let cancel = async { client.post(&path, &json!({})).await };
        let order = |_| book(world.clients(), request.clone());
        let (cancelled, (sold, _)) = tokio::join!(cancel, race((0..12).map(order).collect()));
        cancelled.expect(200);
        assert!(sold <= 1, "{sold} were sold of one");
        let audit = world.audit().await;
        audit.assert_sound().await;
        let path = format!("/v1/bookings?status=confirmed&min_position={}", audit.head().await);
        let left = client.get(&path).await.expect(200);
        for booking in left["items"].as_array().unwrap() {
            let path = format!("/v1/bookings/{}/cancel", booking["id"].as_str().unwrap());
            client.post(&path, &json!({})).await.expect(200);
        }
    }
}
