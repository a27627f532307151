//! Rules of the quote.

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{Command, Event, Quote, Refusal, Terms};
use crate::booking::{Line, Lines, Nights};
use crate::testing::{at, booking, date, eur, quantity, time, uuid, zone};
use crate::values::{ListingId, Party, ResourceId, Stay};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Quote> {
    TestFramework::with(()).given(events.into())
}

fn terms() -> Terms {
    let zone = zone("Africa/Cairo");
    let stay = Stay::try_new(date(7, 1), date(7, 4)).unwrap();
    let resource = ResourceId::from_uuid(uuid(4));
    let times = [time(15, 0), time(11, 0)];
    let nights =
        Nights::priced(resource, stay, quantity(1), eur(9_900), zone, times[0], times[1]).unwrap();
    Terms {
        listing: ListingId::from_uuid(uuid(2)),
        zone,
        lines: Lines::try_new(vec![Line::Nights(nights)]).unwrap(),
        choices: std::collections::BTreeMap::new(),
        party: Party::default(),
        policy: None,
        deposit: None,
        voucher: None,
    }
}

fn made() -> Event {
    Event::Made { terms: Box::new(terms()), expires_at: at(30), at: at(0) }
}

fn booked(minute: i64) -> Command {
    Command::Use { booking: booking(1), at: at(minute) }
}

#[test]
fn a_quote_is_made_once() {
    let make = Command::Make { terms: Box::new(terms()), expires_at: at(30), at: at(0) };
    given([]).when(make.clone()).then_expect_events(vec![made()]);
    given([made()]).when(make).then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn a_quote_is_booked_until_it_expires() {
    let used = Event::Used { booking: booking(1), at: at(29) };
    given([made()]).when(booked(29)).then_expect_events(vec![used]);
    given([made()]).when(booked(30)).then_expect_error(Refusal::Expired { at: at(30) });
    given([]).when(booked(0)).then_expect_error(Refusal::NotFound);
}

#[test]
fn a_quote_is_booked_once() {
    let used = Event::Used { booking: booking(9), at: at(1) };
    given([made(), used]).when(booked(2)).then_expect_error(Refusal::Used { booking: booking(9) });
}
