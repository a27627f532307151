//! Rules of the allotment: taking and holding places. What concerns other places instead, the session
//! itself, its sale and its seats stands in modules of its own, as do the laws.

mod aside;
mod changes;
mod laws;
mod model;
mod sale;
mod seats;
mod session;

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{
    Admission, Allotment, Change, Command, Details, Draw, Event, Item, Obstacle, Offer,
    OrderLimits, Part, Places, Pool, Refusal, Row, SeatMap, Seating, Section, Session, Status,
    Take,
};
use crate::testing::{at, booking, eur, limits, quantity, reason, text, uuid, zone};
use crate::values::{
    BookingId, Code, CustomerId, ListingId, RowName, SalesWindow, Seat, TimeRange, Timestamp,
};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Allotment> {
    TestFramework::with(()).given(events.into())
}

fn state(events: &[Event]) -> Allotment {
    let mut allotment = Allotment::default();
    for event in events {
        allotment.evolve(event);
    }
    allotment
}

fn code(text: &str) -> Code {
    Code::try_new(text).expect("a short code")
}

fn seat(name: &str) -> Seat {
    name.parse().expect("a seat")
}

fn customer(n: u128) -> CustomerId {
    CustomerId::from_uuid(uuid(n))
}

fn time(start: i64, end: i64) -> TimeRange {
    TimeRange::try_new(at(start), at(end)).expect("some time")
}

fn pool(name: &str, capacity: u32, overbooking: u32) -> Pool {
    let limits = limits(capacity, overbooking);
    Pool { code: code(name), name: None, limits, sections: Vec::new() }
}

fn seated(name: &str, capacity: u32, sections: &[&str]) -> Pool {
    let sections = sections.iter().map(|section| code(section)).collect();
    Pool { sections, ..pool(name, capacity, 0) }
}

fn offer(name: &str, draws: &[(&str, u32)]) -> Offer {
    let draw = |(pool, places): &(&str, u32)| Draw { pool: code(pool), places: quantity(*places) };
    Offer {
        code: code(name),
        name: text(name),
        price: eur(1_000),
        draws: draws.iter().map(draw).collect(),
        least: quantity(1),
        most: None,
        sales: SalesWindow::UNSAID,
    }
}

fn section(name: &str, rows: &[(&str, u16)]) -> Section {
    let row = |(name, seats): &(&str, u16)| Row {
        name: RowName::try_new(name).expect("a short name"),
        seats: (1..=*seats).collect(),
    };
    Section { code: code(name), rows: rows.iter().map(row).collect() }
}

fn map(sections: Vec<Section>) -> SeatMap {
    SeatMap::try_new(sections).expect("a seat map")
}

/// A boat trip of two hours, ten hours after `at(0)`: places on the boat, and lunch for some.
fn trip(places: u32, allowance: u32, lunches: u32) -> Details {
    Details {
        listing: ListingId::from_uuid(uuid(7)),
        time: time(600, 720),
        zone: zone("Europe/Madrid"),
        title: None,
        pools: vec![pool("boat", places, allowance), pool("lunch", lunches, 0)],
        offers: vec![
            offer("adult", &[("boat", 1)]),
            offer("adult-lunch", &[("boat", 1), ("lunch", 1)]),
            offer("family", &[("boat", 4)]),
        ],
        seat_map: None,
        sales: SalesWindow::UNSAID,
        order_limits: OrderLimits::default(),
        admission: Admission::default(),
    }
}

/// A concert with eleven seats in front, six in the back, and two places to park.
fn concert() -> Details {
    Details {
        pools: vec![
            seated("front", 11, &["stalls"]),
            seated("back", 6, &["balcony"]),
            pool("parking", 2, 0),
        ],
        offers: vec![
            offer("seat", &[("front", 1)]),
            offer("vip", &[("parking", 1), ("front", 1)]),
            offer("pair", &[("front", 2)]),
            offer("cheap", &[("back", 1)]),
            offer("car", &[("parking", 1)]),
        ],
        seat_map: Some(map(vec![
            section("stalls", &[("A", 4), ("B", 5), ("C", 2)]),
            section("balcony", &[("A", 6)]),
        ])),
        ..trip(0, 0, 0)
    }
}

fn opened(details: Details) -> Event {
    let session = Session::try_new(details).expect("a session that goes together");
    Event::Opened { session: Box::new(session), at: at(-9) }
}

fn item(offer: &str, n: u32) -> Item {
    Item { offer: code(offer), quantity: quantity(n), seating: Seating::Unseated }
}

fn take(offer: &str, n: u32, draws: &[(&str, u32)]) -> Take {
    let places = |(pool, places): &(&str, u32)| Places { pool: code(pool), places: *places };
    let draws = draws.iter().map(places).collect();
    Take { offer: code(offer), quantity: quantity(n), draws, seats: Vec::new() }
}

/// So many adults on the boat.
fn adults(n: u32) -> Take {
    take("adult", n, &[("boat", n)])
}

fn allocated(who: BookingId, takes: &[Take], until: Option<Timestamp>) -> Event {
    Event::Allocated {
        booking: who,
        customer: ANNA,
        takes: takes.to_vec(),
        until,
        overbooked: false,
        at: at(0),
    }
}

fn allocate(who: BookingId, items: &[Item], until: Option<Timestamp>, at: Timestamp) -> Command {
    Command::Allocate { booking: who, customer: ANNA, items: items.to_vec(), until, at }
}

fn reallocate(who: BookingId, items: &[Item], until: Option<Timestamp>, at: Timestamp) -> Command {
    Command::Reallocate { booking: who, customer: ANNA, items: items.to_vec(), until, at }
}

fn revised(changes: &[Change]) -> Event {
    Event::Revised { changes: changes.to_vec(), at: at(1) }
}

fn sold_out(pool: &str, free: u32, asked: u32, reason: Obstacle) -> Refusal {
    Refusal::SoldOut { pool: code(pool), free, asked, reason }
}

const A: BookingId = BookingId::from_uuid(uuid::Uuid::from_u128(0xa));
const B: BookingId = BookingId::from_uuid(uuid::Uuid::from_u128(0xb));
const C: BookingId = BookingId::from_uuid(uuid::Uuid::from_u128(0xc));
const ANNA: CustomerId = CustomerId::from_uuid(uuid::Uuid::from_u128(0xaa));
const BASIM: CustomerId = CustomerId::from_uuid(uuid::Uuid::from_u128(0xbb));

#[test]
fn the_last_place_is_sold_once() {
    given([opened(trip(2, 0, 0))])
        .when(allocate(A, &[item("adult", 2)], None, at(0)))
        .then_expect_events(vec![allocated(A, &[adults(2)], None)]);
    given([opened(trip(2, 0, 0)), allocated(A, &[adults(1)], None)])
        .when(allocate(B, &[item("adult", 2)], None, at(0)))
        .then_expect_error(sold_out("boat", 1, 2, Obstacle::Sold));
}

#[test]
fn all_items_that_draw_on_a_pool_are_summed_up_before_it_is_checked() {
    let items = [item("adult", 2), item("adult-lunch", 2), item("adult", 1)];
    given([opened(trip(4, 0, 9))])
        .when(allocate(A, &items, None, at(0)))
        .then_expect_error(sold_out("boat", 4, 5, Obstacle::Capacity));
    let lunch = take("adult-lunch", 2, &[("boat", 2), ("lunch", 2)]);
    given([opened(trip(5, 0, 9))])
        .when(allocate(A, &items, None, at(0)))
        .then_expect_events(vec![allocated(A, &[adults(3), lunch], None)]);
}

#[test]
fn an_offer_over_several_pools_needs_places_in_each() {
    let allotment = state(&[opened(trip(9, 0, 2)), allocated(A, &[adults(2)], None)]);
    let free = |offer: &str| allotment.free_of_offer(&code(offer), at(1));
    assert_eq!((free("adult"), free("adult-lunch"), free("family"), free("none")), (7, 2, 1, 0));
    assert_eq!(
        allotment.decide(allocate(B, &[item("adult-lunch", 3)], None, at(1))),
        Err(sold_out("lunch", 2, 3, Obstacle::Capacity))
    );
}

#[test]
fn one_of_an_offer_may_take_several_places() {
    let family = take("family", 2, &[("boat", 8)]);
    given([opened(trip(8, 0, 0))])
        .when(allocate(A, &[item("family", 2)], None, at(0)))
        .then_expect_events(vec![allocated(A, std::slice::from_ref(&family), None)]);
    let allotment = state(&[opened(trip(9, 0, 0)), allocated(A, &[family], None)]);
    assert_eq!(allotment.free(&code("boat"), at(0)), 1);
}

#[test]
fn an_offer_that_is_not_there_and_an_empty_order_are_refused() {
    given([opened(trip(2, 0, 0))])
        .when(allocate(A, &[item("senior", 1)], None, at(0)))
        .then_expect_error(Refusal::UnknownOffer { offer: code("senior") });
    given([opened(trip(2, 0, 0))])
        .when(allocate(A, &[], None, at(0)))
        .then_expect_error(Refusal::NothingAsked);
}

#[test]
fn a_booking_is_allocated_once() {
    given([opened(trip(2, 0, 0)), allocated(A, &[adults(1)], None)])
        .when(allocate(A, &[item("adult", 1)], None, at(1)))
        .then_expect_error(Refusal::AlreadyAllocated);
}

#[test]
fn a_hold_counts_until_its_deadline_and_not_at_it() {
    let held = [opened(trip(1, 0, 0)), allocated(A, &[adults(1)], Some(at(15)))];
    given(held.clone())
        .when(allocate(B, &[item("adult", 1)], None, at(14)))
        .then_expect_error(sold_out("boat", 0, 1, Obstacle::Held));
    let next = given(held.clone()).when(allocate(B, &[item("adult", 1)], None, at(15)));
    assert_eq!(next.inspect_result().unwrap().len(), 1);
    let allotment = state(&held);
    let free = |minute| allotment.free(&code("boat"), at(minute));
    assert_eq!((free(14), free(15)), (0, 1));
}

#[test]
fn a_deadline_lies_in_the_future() {
    given([opened(trip(1, 0, 0))])
        .when(allocate(A, &[item("adult", 1)], Some(at(5)), at(5)))
        .then_expect_error(Refusal::DeadlinePassed { at: at(5) });
}

#[test]
fn a_hold_is_confirmed_before_its_deadline_only_and_once() {
    let held = [opened(trip(1, 0, 0)), allocated(A, &[adults(1)], Some(at(15)))];
    let confirm = |minute| Command::Confirm { booking: A, at: at(minute) };
    let confirmed = Event::Confirmed { booking: A, at: at(14) };
    given(held.clone()).when(confirm(14)).then_expect_events(vec![confirmed.clone()]);
    given(held.clone()).when(confirm(15)).then_expect_error(Refusal::HoldEnded { at: at(15) });
    given([opened(trip(1, 0, 0))]).when(confirm(1)).then_expect_error(Refusal::NotAllocated);
    let [open, hold] = held;
    let firm = [open, hold, confirmed];
    given(firm.clone()).when(confirm(99)).then_expect_events(Vec::new());
    given(firm).when(allocate(B, &[item("adult", 1)], None, at(99))).then_expect_error(sold_out(
        "boat",
        0,
        1,
        Obstacle::Sold,
    ));
}

/// One machine's clock says the hold ended and gives the place away; another's is behind.
#[test]
fn a_hold_whose_place_was_given_away_is_not_confirmed_by_a_slower_clock() {
    let hold = allocated(A, &[adults(1)], Some(at(15)));
    let given_away = Event::Allocated {
        booking: B,
        customer: BASIM,
        takes: vec![adults(1)],
        until: Some(at(60)),
        overbooked: false,
        at: at(16),
    };
    let confirm = || Command::Confirm { booking: A, at: at(10) };
    given([opened(trip(1, 0, 0)), hold.clone(), given_away.clone()])
        .when(confirm())
        .then_expect_error(Refusal::HoldEnded { at: at(15) });
    given([opened(trip(2, 0, 0)), hold, given_away])
        .when(confirm())
        .then_expect_events(vec![Event::Confirmed { booking: A, at: at(10) }]);
}

#[test]
fn overbooking_within_the_allowance_is_flagged_and_beyond_it_refused() {
    let full = [opened(trip(1, 1, 0)), allocated(A, &[adults(1)], None)];
    let accepted = given(full.clone()).when(allocate(B, &[item("adult", 1)], None, at(1)));
    let events = accepted.inspect_result().unwrap();
    assert!(matches!(events[..], [Event::Allocated { overbooked: true, .. }]));
    given(full).when(allocate(B, &[item("adult", 2)], None, at(1))).then_expect_error(sold_out(
        "boat",
        1,
        2,
        Obstacle::Sold,
    ));
}

#[test]
fn a_lower_capacity_cancels_nothing_and_reports_what_is_overbooked() {
    let lowered = revised(&[Change::Pool(pool("boat", 3, 0))]);
    let over = [opened(trip(5, 0, 0)), allocated(A, &[adults(4)], Some(at(15))), lowered];
    let allotment = state(&over);
    let boat = code("boat");
    assert_eq!((allotment.overbooked_by(&boat, at(1)), allotment.free(&boat, at(1))), (1, 0));
    assert_eq!((allotment.overbooked_by(&boat, at(15)), allotment.free(&boat, at(15))), (0, 3));
    assert_eq!(allotment.takes_of(A), [adults(4)]);
    given(over.clone())
        .when(Command::Confirm { booking: A, at: at(2) })
        .then_expect_events(vec![Event::Confirmed { booking: A, at: at(2) }]);
    let fewer = given(over.clone()).when(reallocate(A, &[item("adult", 3)], None, at(2)));
    assert_eq!(fewer.inspect_result().unwrap().len(), 1);
    given(over).when(reallocate(A, &[item("adult", 5)], None, at(2))).then_expect_error(sold_out(
        "boat",
        3,
        5,
        Obstacle::Capacity,
    ));
}

#[test]
fn a_hundred_thousand_guests_fit_and_not_one_more() {
    const GUESTS: u32 = 100_000;
    let mut allotment = state(&[opened(trip(GUESTS, 0, 0))]);
    let order = |n: u32, minute| Command::Allocate {
        booking: booking(u128::from(n) + 99),
        customer: customer(u128::from(n % 1_000)),
        items: vec![item("adult", 1)],
        until: n.is_multiple_of(2).then(|| at(500 + i64::from(n % 7))),
        at: at(minute),
    };
    for n in 0..GUESTS {
        let events = allotment.decide(order(n, 1)).unwrap();
        assert_eq!(events.len(), 1);
        allotment.evolve(&events[0]);
    }
    let boat = code("boat");
    let refused = sold_out("boat", 0, 1, Obstacle::Held);
    assert_eq!(allotment.decide(order(GUESTS + 1, 499)), Err(refused));
    assert!(allotment.decide(order(GUESTS + 1, 500)).is_ok());
    assert_eq!(allotment.free(&boat, at(599)), GUESTS / 2);
    assert!(allotment.weight() > 100 * GUESTS as usize);
    assert!(allotment.weight() < 400 * GUESTS as usize);
    allotment.evolve(&Event::Confirmed { booking: booking(100), at: at(550) });
    assert_eq!((allotment.free(&boat, at(499)), allotment.free(&boat, at(550))), (0, GUESTS / 2));
}
