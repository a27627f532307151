//! Sessions and the places left of them, against a real log and real tables.

mod support;

use std::collections::BTreeMap;

use daybook_domain::{
    allotment::{Allotment, Change, Command, Pool, Seating, Status},
    values::{BookingId, Reason, Seat, SessionId, TimeRange, Timestamp},
};
use daybook_projections::{
    OfferPlaces, PageRequest, Projections, SeatState, SessionFilter, SessionView, Unavailable,
};
use support::{
    Order, World, at, busy,
    evening::{code, item, offer},
    text,
};

const FIRST: PageRequest = PageRequest { cursor: None, limit: 50 };

async fn view(projections: &Projections, id: SessionId, now: Timestamp) -> SessionView {
    let found = projections.queries().session(id, now).await;
    found.expect("sessions can be read").expect("the session is there")
}

fn left(view: &SessionView, now: Timestamp) -> BTreeMap<String, u32> {
    let left = |places: &OfferPlaces<'_>| (places.offer.code.to_string(), places.left);
    view.offers(now).iter().map(left).collect()
}

async fn states(
    projections: &Projections,
    id: SessionId,
    now: Timestamp,
) -> Vec<(String, SeatState)> {
    let seats = projections.queries().seats(id, now).await.expect("seats can be read");
    let mut seats: Vec<_> =
        seats.into_iter().map(|(seat, state)| (seat.to_string(), state)).collect();
    seats.sort_unstable();
    seats
}

fn seats(names: &[&str]) -> Vec<Seat> {
    names.iter().map(|name| name.parse().expect("a seat")).collect()
}

/// The view must count exactly what the session itself counts.
async fn assert_same(world: &World, projections: &Projections, id: SessionId, now: Timestamp) {
    world.settle(projections).await;
    let view = view(projections, id, now).await;
    let session = world.writer.peek(&id.to_string(), Allotment::clone).await.expect("it is there");
    assert_eq!(Some(&view.session), session.session());
    assert_eq!(Some(view.status), session.status());
    assert_eq!(view.terms_version, session.terms_version());
    for places in view.pools() {
        let pool = &places.pool.code;
        assert_eq!(places.free, session.free(pool, now), "{pool} at {now}");
        assert_eq!(places.overbooked_by, session.overbooked_by(pool, now), "{pool} at {now}");
    }
    for places in view.offers(now) {
        let offer = &places.offer.code;
        assert_eq!(places.left, session.free_of_offer(offer, now), "{offer} at {now}");
    }
}

#[tokio::test]
async fn places_are_held_until_a_deadline_then_sold_or_free_again() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let id = world.evening(&hotel).await;
    let [one, two] = [(); 2].map(|()| Order::new(hotel, 5, 6, 1));
    let evenings = || vec![item("evening", 3, Seating::BestAvailable)];
    world.ask(id, one.places(evenings(), Some(at(3, 0)), at(1, 9))).await.unwrap();
    let family = vec![item("family", 1, Seating::Unseated)];
    world.ask(id, two.places(family, None, at(1, 10))).await.unwrap();
    world.settle(&projections).await;

    let now = at(2, 0);
    let seen = view(&projections, id, now).await;
    let expected = [("evening", 4), ("family", 1), ("seat", 9)].map(|(o, n)| (o.to_owned(), n));
    assert_eq!(left(&seen, now), expected.into());
    let lawn = seen.pools()[1];
    assert_eq!((lawn.taken, lawn.held, lawn.free), (7, 3, 4));
    assert_eq!((seen.sequence, seen.terms_version), (3, 1));
    let held = ["stalls/A-1", "stalls/A-2", "stalls/A-3"].map(|s| (s.to_owned(), SeatState::Held));
    assert_eq!(states(&projections, id, now).await, held);
    assert_eq!(world.count("SELECT count(*) FROM live.session_holds").await, 1);

    // at its deadline a hold counts no longer, though nobody has recorded that yet
    for now in [now, at(3, 0)] {
        assert_same(&world, &projections, id, now).await;
    }
    assert_eq!(states(&projections, id, at(3, 0)).await, []);
    world.ask(id, Command::Confirm { booking: one.booking, at: at(2, 23) }).await.unwrap();
    assert_same(&world, &projections, id, at(3, 0)).await;
    let sold = held.map(|(seat, _)| (seat, SeatState::Sold));
    assert_eq!(states(&projections, id, at(9, 0)).await, sold);
    assert_eq!(world.count("SELECT count(*) FROM live.session_holds").await, 0);

    let release = Command::Release { booking: one.booking, parts: None, at: at(4, 0) };
    world.ask(id, release).await.unwrap();
    assert_same(&world, &projections, id, at(4, 0)).await;
    assert_eq!(world.count("SELECT count(*) FROM live.session_seats").await, 0);
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn a_session_is_found_as_it_was_last_changed() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let (id, other) = (world.evening(&hotel).await, world.evening(&hotel).await);
    let block = seats(&["stalls/A-1", "stalls/B-6"]);
    world.ask(id, Command::Block { seats: block.clone(), at: at(1, 2) }).await.unwrap();
    let unblock = Command::Unblock { seats: block[1..].to_vec(), at: at(1, 3) };
    world.ask(id, unblock).await.unwrap();
    let garden: Pool = serde_json::from_value(
        serde_json::json!({"code": "garden", "limits": {"capacity": 3, "overbooking": 0}}),
    )
    .unwrap();
    let changes = vec![
        Change::Title(Some(text("Gala"))),
        Change::Pool(garden),
        Change::Offer(serde_json::from_value(offer("garden", &[("garden", 2)])).unwrap()),
    ];
    world.ask(id, Command::Revise { changes, at: at(1, 4) }).await.unwrap();
    let time = TimeRange::try_new(at(41, 17), at(41, 20)).unwrap();
    world.ask(id, Command::Move { time, at: at(1, 5) }).await.unwrap();
    world.ask(id, Command::CloseSales { at: at(1, 6) }).await.unwrap();
    assert_same(&world, &projections, id, at(1, 7)).await;

    let seen = view(&projections, id, at(1, 7)).await;
    assert_eq!((seen.status, seen.session.details().time), (Status::SalesClosed, time));
    assert_eq!((seen.pools()[0].blocked, seen.sequence, seen.terms_version), (1, 6, 4));
    assert_eq!(
        states(&projections, id, at(1, 7)).await,
        [("stalls/A-1".to_owned(), SeatState::Blocked)]
    );
    let found = async |filter| {
        let page = projections.queries().sessions(filter, at(1, 7), FIRST).await.unwrap();
        page.items.iter().map(|session| session.id).collect::<Vec<_>>()
    };
    let any = SessionFilter { listing: Some(hotel.listing), ..SessionFilter::default() };
    assert_eq!(found(any).await, [id, other]);
    assert_eq!(found(SessionFilter { status: Some(Status::OnSale), ..any }).await, [other]);
    assert_eq!(found(SessionFilter { from: Some(at(41, 17)), ..any }).await, [id]);
    assert_eq!(found(SessionFilter { to: Some(at(41, 17)), ..any }).await, [other]);

    let reason = Reason::try_new("Rain").unwrap();
    let call_off = Command::CallOff { reason: Some(reason.clone()), at: at(2, 0) };
    world.ask(id, call_off).await.unwrap();
    world.settle(&projections).await;
    let seen = view(&projections, id, at(2, 1)).await;
    assert_eq!((seen.status, seen.reason), (Status::CalledOff, Some(reason)));
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn an_offer_that_cannot_be_bought_says_why() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let id = world.evening(&hotel).await;
    let why = async |offer: usize, now| {
        world.settle(&projections).await;
        view(&projections, id, now).await.offers(now)[offer].unavailable
    };
    assert_eq!(why(1, at(2, 0)).await, None);
    let order = Order::new(hotel, 5, 6, 1);
    let families = vec![item("family", 2, Seating::Unseated)];
    world.ask(id, order.places(families, Some(at(3, 0)), at(1, 9))).await.unwrap();
    assert_eq!(why(1, at(2, 0)).await, Some(Unavailable::Held));
    assert_eq!(why(1, at(3, 0)).await, None);
    world.ask(id, Command::Confirm { booking: order.booking, at: at(2, 0) }).await.unwrap();
    assert_eq!(why(1, at(3, 0)).await, Some(Unavailable::Sold));
    let all = (1..=6).flat_map(|n| [format!("stalls/A-{n}"), format!("stalls/B-{n}")]);
    let all: Vec<Seat> = all.map(|seat| seat.parse().unwrap()).collect();
    world.ask(id, Command::Block { seats: all, at: at(3, 1) }).await.unwrap();
    assert_eq!(why(0, at(3, 2)).await, Some(Unavailable::Blocked));
    assert_eq!(why(0, at(40, 17)).await, Some(Unavailable::NoLongerOnSale));
    world.ask(id, Command::CloseSales { at: at(4, 0) }).await.unwrap();
    assert_eq!(why(0, at(4, 1)).await, Some(Unavailable::SalesClosed));
    world.ask(id, Command::CallOff { reason: None, at: at(4, 2) }).await.unwrap();
    assert_eq!(why(0, at(4, 3)).await, Some(Unavailable::CalledOff));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_busy_session_counts_what_the_session_itself_counts() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    for seed in 1..=4 {
        busy(&world, hotel, seed, 25).await;
    }
    world.settle(&projections).await;
    let page = projections.queries().sessions(SessionFilter::default(), at(2, 5), FIRST).await;
    let ids: Vec<SessionId> = page.unwrap().items.iter().map(|session| session.id).collect();
    assert_eq!(ids.len(), 4);
    for id in &ids {
        for now in [at(2, 5), at(3, 0), at(9, 0)] {
            assert_same(&world, &projections, *id, now).await;
        }
    }
    assert!(world.count("SELECT count(*) FROM live.session_seats").await > 10);
    world.assert_verified(&projections).await;
}

#[tokio::test]
async fn parts_of_a_hold_are_given_up_one_after_the_other() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let id = world.evening(&hotel).await;
    let order = Order::new(hotel, 5, 6, 1);
    let booking: BookingId = order.booking;
    let items =
        vec![item("evening", 3, Seating::BestAvailable), item("family", 1, Seating::Unseated)];
    world.ask(id, order.places(items, Some(at(5, 0)), at(1, 9))).await.unwrap();
    let part = |offer: &str, quantity: u32, names: &[&str]| {
        let quantity = item(offer, quantity, Seating::Unseated).quantity;
        let part =
            daybook_domain::allotment::Part { offer: code(offer), quantity, seats: seats(names) };
        Command::Release { booking, parts: Some(vec![part]), at: at(2, 0) }
    };
    world.ask(id, part("evening", 1, &["stalls/A-2"])).await.unwrap();
    assert_same(&world, &projections, id, at(2, 1)).await;
    world.ask(id, part("family", 1, &[])).await.unwrap();
    assert_same(&world, &projections, id, at(2, 1)).await;
    world.ask(id, Command::Confirm { booking, at: at(2, 2) }).await.unwrap();
    world.ask(id, part("evening", 1, &["stalls/A-1"])).await.unwrap();
    assert_same(&world, &projections, id, at(2, 3)).await;
    let left = [("stalls/A-3".to_owned(), SeatState::Sold)];
    assert_eq!(states(&projections, id, at(2, 3)).await, left);
    world.assert_verified(&projections).await;
}
