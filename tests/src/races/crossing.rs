//! Commands that take several calendars in crossing order: none waits for the other for ever.

use serde_json::json;

use super::{Outcome, book, race};
use crate::harness::{Hotel, World};

#[tokio::test]
async fn orders_over_two_months_and_two_rooms_in_crossing_order_all_end() {
    let world = World::start().await;
    let hotel = Hotel::with_rooms(&world.client(), &[12, 12]).await;
    let may = |room| hotel.line_in(room, "2031-05-28", "2031-06-03");
    let june = |room| hotel.line_in(room, "2031-06-28", "2031-07-03");
    let order = |number: usize| {
        let lines = match number % 4 {
            0 => vec![may(0), june(1)],
            1 => vec![june(1), may(0)],
            2 => vec![june(0), may(1)],
            _ => vec![may(1), june(0)],
        };
        book(world.clients(), hotel.order(&lines))
    };
    assert_eq!(race((0..120).map(order).collect()).await, (24, 96));
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(audit.bookings_made().await.len(), 24);
}

#[tokio::test]
async fn guests_who_swap_their_stays_end_with_one_each() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 10).await;
    let months = [("2031-05-29", "2031-06-02"), ("2031-06-29", "2031-07-02")];
    let mut guests = Vec::new();
    for number in 0..16 {
        let (arrival, departure) = months[number % 2];
        guests.push(client.post("/v1/bookings", &hotel.booking(arrival, departure)).await.id(201));
    }
    for round in 0..6 {
        let moves = guests.iter().enumerate().map(|(number, id)| {
            let (arrival, departure) = months[(number + round + 1) % 2];
            let lines = json!({"lines": [hotel.line(arrival, departure)]});
            let (client, path) = (client.clone(), format!("/v1/bookings/{id}/amend"));
            async move {
                let answer = client.post(&path, &lines).await;
                if answer.status == 200 { Outcome::Sold } else { refused(&answer) }
            }
        });
        race(moves.collect()).await;
    }
    world.audit().await.assert_sound().await;
    // Wherever each of them is now, it is one whole stay.
    let position = client.head().await;
    let page = client.get(&format!("/v1/bookings?min_position={position}")).await.expect(200);
    let mut nights = std::collections::BTreeMap::<String, usize>::new();
    for booking in page["items"].as_array().unwrap() {
        *nights.entry(booking["arrival"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    assert_eq!(nights.values().sum::<usize>(), 16);
    for (arrival, departure) in months {
        let path = hotel.availability(arrival, departure, position);
        let page = client.get(&path).await.expect(200);
        for day in page["items"].as_array().unwrap() {
            assert_eq!(day["taken"], nights.get(arrival).copied().unwrap_or_default());
        }
    }
}

fn refused(answer: &crate::harness::Answer) -> Outcome {
    answer.problem(409, "sold-out");
    Outcome::SoldOut
}
