//! The same races against two processes on one database: one owns the log, the other forwards to it.

use super::{book, race};
use crate::harness::{Hotel, Load, World};

#[tokio::test]
async fn a_crowd_spread_over_two_servers_buys_exactly_what_is_there() {
    let mut world = World::start().await;
    world.add_server().await;
    let clients = world.clients();
    let roles: Vec<_> =
        [clients[0].get("/health/ready").await, clients[1].get("/health/ready").await]
            .iter()
            .map(|answer| answer.expect(200)["role"].as_str().unwrap().to_owned())
            .collect();
    assert_eq!(roles, ["owner", "follower"]);
    let hotel = Hotel::with_rooms(&clients[1], &[9, 8]).await;
    let order = |number: usize| {
        let mut servers = clients.clone();
        servers.rotate_left(number % 2);
        let line = |room| hotel.line_in(room, "2031-05-30", "2031-06-02");
        let lines = if number % 4 < 2 { [line(0), line(1)] } else { [line(1), line(0)] };
        book(servers, hotel.order(&lines))
    };
    assert_eq!(race((0..100).map(order).collect()).await, (8, 92));
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(audit.bookings_made().await.len(), 8);
}

#[tokio::test]
async fn clients_of_two_servers_find_all_they_were_told_in_either() {
    let mut world = World::start().await;
    world.add_server().await;
    let clients = world.clients();
    let hotel = Hotel::with_rooms(&clients[0], &[30, 30]).await;
    let load = Load::start(&clients, &hotel, 16);
    load.go_on_for(400).await;
    let ledger = load.finish().await;
    assert_eq!(ledger.troubles.later, 0, "nothing happened that would excuse an answer of `later`");
    assert_eq!(ledger.troubles.lost, 0);
    ledger.assert_kept(&world.audit().await).await;
    let head = clients[0].head().await;
    for client in &clients {
        for (booking, position) in ledger.made.iter().take(20) {
            let path = format!("/v1/bookings/{booking}?min_position={position}");
            client.get(&path).await.expect(200);
        }
        let feed = client.feed(0).await;
        assert_eq!(i64::try_from(feed.len()).unwrap(), head);
    }
}

#[tokio::test]
async fn one_key_sent_to_both_servers_at_once_has_one_effect() {
    let mut world = World::start().await;
    world.add_server().await;
    let clients = world.clients();
    let hotel = Hotel::open(&clients[0], 100).await;
    for round in 0..10 {
        let request = hotel.booking("2031-05-30", "2031-06-02");
        let key = format!("round-{round}");
        let posts = (0..8).map(|number| {
            let (client, request, key) = (&clients[number % 2], &request, &key);
            async move { client.post_keyed("/v1/bookings", request, key).await }
        });
        let answers = futures::future::join_all(posts).await;
        let made: Vec<_> = answers.iter().filter(|answer| answer.status == 201).collect();
        assert!(!made.is_empty());
        assert!(made.windows(2).all(|pair| pair[0].body == pair[1].body));
        for answer in answers.iter().filter(|answer| answer.status != 201) {
            answer.problem(409, "command-in-progress");
        }
        assert_eq!(world.audit().await.bookings_made().await.len(), round + 1);
    }
}
