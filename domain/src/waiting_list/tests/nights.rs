//! Who is served when nights or times become free.

use std::collections::BTreeMap;
use std::convert::Infallible;

use super::super::{Deed, Entry, Selling, Stock, Turn, in_calendar};
use super::*;
use crate::calendar::{Beside, Calendar, Command as Ask, SoldBy};
use crate::testing::{booking, date, limits, minutes, month, range, zone};
use crate::values::{BookingId, BusyTime, CalendarId, ResourceId, Stay};

fn room() -> ResourceId {
    ResourceId::from_uuid(uuid(9))
}

/// The calendars of one resource, and those who wait for it.
#[derive(Clone)]
struct House {
    calendars: BTreeMap<CalendarId, Calendar>,
    list: WaitingList,
}

struct Asked<'a>(&'a BTreeMap<CalendarId, Calendar>);

impl Stock for Asked<'_> {
    type Fault = Infallible;

    fn concerns(&self, _: &Wanted) -> bool {
        true
    }

    fn selling(&mut self, wanted: &Wanted, at: Timestamp) -> Result<Selling, Infallible> {
        Ok(wanted.selling(None, at))
    }

    fn vacancy(
        &mut self,
        entry: &Entry,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<Vacancy, Infallible> {
        let part = |(calendar, take): (CalendarId, _)| {
            let calendar = &self.0[&calendar];
            in_calendar(calendar, take, entry.id.into(), until, at).unwrap_or(Vacancy::Never)
        };
        Ok(entry.wanted.takes().into_iter().map(part).max().unwrap_or(Vacancy::Never))
    }
}

impl House {
    /// Sold by nights in July and August, or by times in July.
    fn of(rooms: u32, sold_by: SoldBy) -> Self {
        let calendar = |number| {
            let mut calendar = Calendar::default();
            let (month, limits) = (month(number), limits(rooms, 0));
            let open = Ask::Open { month, sold_by, limits, at: at(-9) };
            for event in calendar.decide(open).expect("a new calendar opens") {
                calendar.evolve(&event);
            }
            (CalendarId { resource: room(), month }, calendar)
        };
        Self { calendars: [7, 8].map(calendar).into(), list: WaitingList::default() }
    }

    fn ask(&mut self, wanted: &Wanted, command: impl Fn(crate::calendar::Take) -> Ask) -> bool {
        let takes = wanted.takes();
        let decided: Result<Vec<_>, _> =
            takes.iter().map(|(id, take)| self.calendars[id].decide(command(*take))).collect();
        let Ok(decided) = decided else { return false };
        for ((id, _), events) in takes.iter().zip(decided) {
            let calendar = self.calendars.get_mut(id).expect("it was asked");
            for event in &events {
                calendar.evolve(event);
            }
        }
        true
    }

    fn take(
        &mut self,
        booking: BookingId,
        wanted: &Wanted,
        until: Option<i64>,
        minute: i64,
    ) -> bool {
        let (until, at) = (until.map(at), at(minute));
        self.ask(wanted, |take| Ask::Allocate { booking, takes: vec![take], until, at })
    }

    fn release(&mut self, booking: BookingId, wanted: &Wanted, minute: i64) {
        assert!(self.ask(wanted, |_| Ask::Release { booking, from: None, at: at(minute) }));
    }

    fn join(&mut self, n: u128, wanted: Wanted) {
        let new = NewEntry { wanted, ..new(n) };
        for event in self.list.decide(join(new)).expect("it is sold out") {
            self.list.evolve(&event);
        }
    }

    fn serve(&mut self, minute: i64) -> Vec<WaitingEntryId> {
        let mut served = Vec::new();
        loop {
            let Ok(turn) = self.list.queue().next(&mut Asked(&self.calendars), at(minute));
            let Some(Turn { entry, event, deed }) = turn else { return served };
            self.list.evolve(&event);
            match deed {
                Deed::Hold { .. } => {
                    assert!(self.take(entry.id.into(), &entry.wanted, Some(minute + 60), minute));
                    served.push(entry.id);
                }
                Deed::Release => self.release(entry.id.into(), &entry.wanted, minute),
                Deed::Nothing => {}
            }
        }
    }
}

fn nights(first: (u32, u32), end: (u32, u32), rooms: u32) -> Wanted {
    let stay = Stay::try_new(date(first.0, first.1), date(end.0, end.1)).expect("a stay");
    let starts_at = at(60 * 24 * 10);
    Wanted::Nights { resource: room(), stay, quantity: quantity(rooms), starts_at }
}

fn hour(start: i64) -> Wanted {
    let day = 60 * 24 * 4;
    let time = range(at(day + start), at(day + start + 60));
    let time = BusyTime::try_new(time, minutes(0), minutes(15)).expect("an hour and a quarter");
    let (quantity, zone) = (quantity(1), zone("UTC"));
    Wanted::Time { resource: room(), time, quantity, occupies: quantity, zone, service: None }
}

#[test]
fn who_waits_for_nights_of_two_months_is_offered_all_of_them_or_none() {
    let mut house = House::of(1, SoldBy::Nights);
    let (july, august) = (nights((7, 28), (8, 1), 1), nights((8, 1), (8, 4), 1));
    assert!(house.take(booking(1), &july, None, 0) && house.take(booking(2), &august, None, 0));
    house.join(1, nights((7, 30), (8, 3), 1));
    house.join(2, nights((7, 30), (8, 1), 1));
    house.release(booking(1), &july, 6);
    assert_eq!(house.serve(6), [entry(2)], "who wants August as well is passed over");
    house.release(booking(2), &august, 7);
    assert_eq!(house.serve(7), [], "now July is offered to somebody");
    assert_eq!(house.serve(66), [entry(1)]);
}

#[test]
fn nights_that_nobody_waits_for_are_the_publics() {
    let mut house = House::of(2, SoldBy::Nights);
    let all = nights((7, 10), (7, 20), 2);
    assert!(house.take(booking(1), &all, None, 0));
    house.join(1, nights((7, 12), (7, 14), 1));
    house.release(booking(1), &all, 6);
    assert_eq!(house.serve(6), [entry(1)]);
    assert!(!house.clone().take(booking(2), &nights((7, 13), (7, 15), 2), None, 6));
    assert!(house.take(booking(2), &nights((7, 14), (7, 16), 2), None, 6));
}

#[test]
fn times_are_offered_with_what_is_kept_free_around_them() {
    let mut house = House::of(1, SoldBy::Times { zone: zone("UTC"), beside: Beside::default() });
    assert!(house.take(booking(1), &hour(0), None, 0));
    house.join(1, hour(30));
    house.join(2, hour(75));
    assert_eq!(house.serve(6), [entry(2)], "it begins after the quarter of an hour");
    house.release(booking(1), &hour(0), 7);
    assert_eq!(house.serve(7), [], "the other one is in the way");
    assert!(!house.take(booking(3), &hour(75), None, 65));
}
