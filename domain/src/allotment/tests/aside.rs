//! Places set aside for a voucher: counted like a hold, and asked neither for limits nor for sales windows.

use super::*;
use crate::values::VoucherId;

const VOUCHER: VoucherId = VoucherId::from_uuid(uuid::Uuid::from_u128(99));

fn limited() -> Event {
    let offer = Offer { most: Some(quantity(2)), ..offer("lawn", &[("lawn", 1)]) };
    let details = Details {
        listing: ListingId::from_uuid(uuid(2)),
        time: time(600, 720),
        zone: zone("Europe/Lisbon"),
        title: None,
        pools: vec![pool("lawn", 6, 0)],
        offers: vec![offer],
        seat_map: None,
        sales: SalesWindow::UNSAID,
        order_limits: OrderLimits { per_order: Some(quantity(2)), per_customer: Some(quantity(2)) },
        admission: Admission::default(),
    };
    let session = Box::new(Session::try_new(details).expect("a session"));
    Event::Opened { session, at: at(0) }
}

fn items(count: u32) -> Vec<Item> {
    let quantity = match count {
        0 => return Vec::new(),
        count => quantity(count),
    };
    vec![Item { offer: code("lawn"), quantity, seating: Seating::Unseated }]
}

fn aside(count: u32, until: i64, now: i64) -> Command {
    Command::SetAside { voucher: VOUCHER, items: items(count), until: at(until), at: at(now) }
}

fn buy(who: u128, count: u32, now: i64) -> Command {
    let (booking, customer) = (booking(who), customer(who));
    Command::Allocate { booking, customer, items: items(count), until: None, at: at(now) }
}

fn after(commands: &[Command]) -> Allotment {
    let mut allotment = state(&[limited()]);
    for command in commands {
        let events = allotment.decide(command.clone()).expect("it can be had");
        for event in &events {
            allotment.evolve(event);
        }
    }
    allotment
}

#[test]
fn more_may_be_set_aside_than_one_order_can_have_but_not_more_than_there_is() {
    let allotment = after(&[aside(5, 30, 0)]);
    assert_eq!(allotment.free(&code("lawn"), at(1)), 1);
    assert_eq!(allotment.takes_of(VOUCHER.as_holder().0)[0].quantity, quantity(5));
    let refused = after(&[buy(1, 2, 0)]).decide(aside(5, 30, 1));
    assert!(matches!(refused, Err(Refusal::SoldOut { free: 4, asked: 5, .. })), "{refused:?}");
    let past = state(&[limited()]).decide(aside(1, 5, 5));
    assert_eq!(past, Err(Refusal::DeadlinePassed { at: at(5) }));
}

#[test]
fn what_is_set_aside_is_nobodys_until_its_end_and_anybodys_at_it() {
    let allotment = after(&[aside(5, 30, 0)]);
    let refused = allotment.decide(buy(1, 2, 29));
    let reason = Obstacle::Held;
    assert_eq!(refused, Err(Refusal::SoldOut { pool: code("lawn"), free: 1, asked: 2, reason }));
    assert!(allotment.decide(buy(1, 2, 30)).is_ok());
}

#[test]
fn it_is_set_aside_anew_and_given_up_without_leaving_a_trace_twice() {
    let allotment = after(&[aside(5, 30, 0)]);
    assert_eq!(allotment.decide(aside(5, 30, 1)), Ok(Vec::new()));
    let fewer = after(&[aside(5, 30, 0), aside(2, 40, 1)]);
    assert_eq!(fewer.free(&code("lawn"), at(2)), 4);
    let none = after(&[aside(5, 30, 0), aside(0, 30, 1)]);
    assert_eq!(none.free(&code("lawn"), at(2)), 6);
    assert_eq!(none.decide(aside(0, 30, 3)), Ok(Vec::new()));
}
