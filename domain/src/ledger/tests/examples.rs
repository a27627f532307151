//! Lives of bookings, worked out by hand.

use serde_json::json;

use super::world::{World, nights, terms};
use crate::booking::{CancelTerms, Command};
use crate::ledger::{Book, BookError, Happened};
use crate::payment::{Fact, Method};
use crate::policy::Policy;
use crate::testing::{at, date, eur};
use crate::values::{Money, ProviderReference};

/// Half is kept, whenever it is called off.
fn half() -> Policy {
    let policy = json!({"tiers": [{"fee": {"percent": 5_000}}]});
    serde_json::from_value(policy).unwrap()
}

/// Two nights of 100.00 from 2 July on, with taxes of 10.00 on top and 5.00 within: 210.00.
fn booked(commission: Option<i64>) -> World {
    let mut world = World::new("EUR");
    let terms = terms(vec![nights(2, 4, eur(10_000), 1_000)], commission, Some(half()));
    assert!(world.order(Command::Book { terms, at: at(0) }));
    world
}

fn cancel(world: &mut World) {
    let terms = CancelTerms { paid: Some(world.paid()), quote: None };
    let at = world.now;
    assert!(world.order(Command::Cancel { reason: None, terms, at }));
}

#[test]
fn a_deposit_becomes_revenue_night_by_night() {
    let mut world = booked(None);
    assert_eq!(world.shows(), [], "a booking alone is no money");
    world.take(1, Method::BankTransfer, 6_000);
    assert_eq!(world.shows(), [("cash:bank_transfer", 6_000), ("deposits", -6_000)]);
    world.wait(2); // the first night: 105.00, of which 7.50 are taxes
    assert_eq!(
        world.shows(),
        [
            ("receivable", 4_500),
            ("cash:bank_transfer", 6_000),
            ("revenue", -9_750),
            ("tax_payable", -750),
        ]
    );
    world.take(2, Method::Cash, 15_000);
    assert_eq!(
        world.shows(),
        [
            ("cash:on_site", 15_000),
            ("cash:bank_transfer", 6_000),
            ("deposits", -10_500),
            ("revenue", -9_750),
            ("tax_payable", -750),
        ]
    );
    world.wait(1);
    assert_eq!(
        world.shows(),
        [
            ("cash:on_site", 15_000),
            ("cash:bank_transfer", 6_000),
            ("revenue", -19_500),
            ("tax_payable", -1_500),
        ]
    );
    let days: Vec<_> = world.posted[0].iter().map(|entry| entry.day).collect();
    assert!(days.iter().all(|day| [date(7, 2), date(7, 3)].contains(day)), "{days:?}");
}

#[test]
fn what_is_kept_for_calling_off_is_earned_that_day_and_the_rest_is_due_back() {
    let mut world = booked(None);
    let payment = world.take(1, Method::Card, 21_000);
    world.say(payment, Fact::Fee { total: eur(330) });
    cancel(&mut world);
    assert_eq!(
        world.shows(),
        [
            ("cash:stripe", 20_670),
            ("refunds_due", -10_500),
            ("cancellation_fees", -10_500),
            ("provider_fees", 330),
        ]
    );
    assert_eq!(world.balances(None), world.balances(Some(world.today())), "nothing comes later");
    world.give_back(payment, 7, 10_500);
    assert_eq!(
        world.shows(),
        [("cash:stripe", 10_170), ("cancellation_fees", -10_500), ("provider_fees", 330)]
    );
}

#[test]
fn what_is_called_off_after_it_began_is_taken_out_again_on_the_day_of_the_call() {
    let mut world = booked(None);
    world.take(1, Method::Card, 21_000);
    world.wait(2);
    assert_eq!(world.balances(Some(date(7, 2))).of("revenue".parse().unwrap()), -9_750);
    world.wait(1);
    cancel(&mut world);
    assert_eq!(world.balances(Some(date(7, 2))).of("revenue".parse().unwrap()), -9_750);
    assert_eq!(
        world.shows(),
        [("cash:stripe", 21_000), ("refunds_due", -10_500), ("cancellation_fees", -10_500)]
    );
}

#[test]
fn a_partner_is_owed_what_the_operator_collected_less_the_commission() {
    let mut world = booked(Some(1_000));
    world.take(1, Method::Card, 21_000);
    assert_eq!(world.shows(), [("cash:stripe", 21_000), ("deposits", -21_000)], "not yet earned");
    world.wait(3);
    assert_eq!(
        world.shows(),
        [
            ("cash:stripe", 21_000),
            ("revenue", -19_500),
            ("tax_payable", -1_500),
            ("commission", -1_950),
            ("partner_payable", -19_050),
            ("partner_share", 21_000),
        ]
    );
}

#[test]
fn a_partner_who_was_paid_on_site_owes_the_commission() {
    let mut world = booked(Some(1_000));
    world.take(1, Method::Cash, 21_000);
    world.wait(3);
    assert_eq!(
        world.shows(),
        [
            ("cash:on_site", 21_000),
            ("revenue", -19_500),
            ("tax_payable", -1_500),
            ("commission", -1_950),
            ("partner_payable", 1_950),
        ]
    );
}

#[test]
fn what_a_bank_takes_back_is_lost_until_it_is_paid_again() {
    let mut world = booked(None);
    let payment = world.take(1, Method::Card, 21_000);
    world.wait(3);
    let dispute = ProviderReference::try_new("dp_1").unwrap();
    world.say(payment, Fact::DisputeLost { dispute, amount: eur(21_000) });
    assert_eq!(
        world.shows(),
        [("revenue", -19_500), ("tax_payable", -1_500), ("chargebacks", 21_000)]
    );
    world.take(2, Method::BankTransfer, 21_000);
    assert_eq!(
        world.shows(),
        [("cash:bank_transfer", 21_000), ("revenue", -19_500), ("tax_payable", -1_500)]
    );
}

#[test]
fn money_for_what_is_only_held_is_a_deposit_until_the_hold_ends() {
    let mut world = World::new("EUR");
    let terms = terms(vec![nights(2, 4, eur(10_000), 0)], None, None);
    let until = at(60);
    assert!(world.order(Command::Hold { terms, until, at: at(0) }));
    world.take(1, Method::Card, 5_000);
    assert_eq!(world.shows(), [("cash:stripe", 5_000), ("deposits", -5_000)]);
    assert!(world.order(Command::Lapse { at: until }));
    assert_eq!(world.shows(), [("cash:stripe", 5_000), ("refunds_due", -5_000)]);
}

#[test]
fn what_contradicts_itself_changes_nothing() {
    let mut world = booked(None);
    let before = world.book.clone();
    let mut other = World::new("JPY");
    let payment = other.take(1, Method::Cash, 5);
    let yen = other.payments[&payment].requested().map(Money::currency);
    let requested = crate::payment::Event::Requested {
        booking: crate::testing::booking(1),
        amount: Money::try_new(5, yen.unwrap()).unwrap(),
        method: Method::Cash,
        provider: None,
        purpose: None,
        capture: crate::payment::CaptureMode::Manual,
        at: at(1),
    };
    let refused = world.book.record(Happened::Payment(payment, &requested));
    assert_eq!(refused, Err(BookError::Mixed));
    assert_eq!(world.book, before);
    let later = crate::booking::Event::Confirmed { at: at(1) };
    let refused = Book::default().record(Happened::Booking(&later));
    assert_eq!(refused, Err(BookError::NoBeginning));
}
