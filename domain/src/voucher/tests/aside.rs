//! Nights and times that are set aside: rules of the terms, what bookings have of them, and laws of a voucher together
//! with the calendar that it is set aside of.

use chrono::{Duration, NaiveDate};
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::calendar::{self, Calendar, Extent, SoldBy, Take};
use crate::testing::{date, days, limits, minutes, month, range, utc, zone};
use crate::values::{BookingId, BusyTime, CalendarId, DayRange, ResourceId};

const ROOM: ResourceId = ResourceId::from_uuid(uuid::Uuid::from_u128(21));
const OTHER: ResourceId = ResourceId::from_uuid(uuid::Uuid::from_u128(22));

fn some_days(first: NaiveDate, end: NaiveDate) -> DayRange {
    days(first, end)
}

fn nights(resource: ResourceId, first: u32, end: u32, count: u32) -> Block {
    let days = some_days(date(7, first), date(7, end));
    Block::Nights { resource, days, quantity: quantity(count) }
}

fn hours(resource: ResourceId, first: &str, end: &str) -> Block {
    let time = range(utc(first), utc(end));
    let time = BusyTime::try_new(time, minutes(0), minutes(0)).expect("a time");
    Block::Time { resource, time, quantity: quantity(1) }
}

fn setting_aside(blocks: Vec<Block>) -> Terms {
    Terms { blocks, valid_until: Some(at(1_000_000)), ..terms() }
}

#[test]
fn no_night_and_no_time_of_a_resource_is_set_aside_twice() {
    let fine = vec![nights(ROOM, 1, 8, 5), nights(ROOM, 8, 9, 1), nights(OTHER, 1, 8, 5)];
    assert!(setting_aside(fine).checked().is_ok());
    let twice = setting_aside(vec![nights(ROOM, 1, 8, 5), nights(ROOM, 7, 9, 1)]);
    assert_eq!(twice.checked(), Err(TermsError::Overlapping { block: 1 }));
    let [morning, noon] = [
        hours(ROOM, "2016-07-04T08:00:00Z", "2016-07-04T12:00:00Z"),
        hours(ROOM, "2016-07-04T11:00:00Z", "2016-07-04T13:00:00Z"),
    ];
    let twice = setting_aside(vec![morning, noon]);
    assert_eq!(twice.checked(), Err(TermsError::Overlapping { block: 1 }));
}

#[test]
fn nights_are_not_set_aside_for_a_voucher_for_some_offers() {
    let offers = Codes::try_new([offer("child")]).unwrap();
    let scope = Scope { offers, ..Scope::default() };
    let in_vain = Terms { scope, ..setting_aside(vec![nights(ROOM, 1, 8, 5)]) };
    assert_eq!(in_vain.checked(), Err(TermsError::NoPlaces { block: 0 }));
}

#[test]
fn what_is_set_aside_lies_in_a_bounded_number_of_calendars() {
    let year = |n: u128| {
        let resource = ResourceId::from_uuid(uuid(n));
        let days = some_days(date(1, 1), date(12, 31));
        Block::Nights { resource, days, quantity: quantity(1) }
    };
    assert!(setting_aside((0..10).map(year).collect()).checked().is_ok());
    let many = setting_aside((0..11).map(year).collect());
    assert_eq!(many.checked(), Err(TermsError::TooManyMonths));
}

#[test]
fn a_block_lies_in_the_months_of_its_nights_and_of_its_time_in_any_zone() {
    let in_months = |block: &Block| {
        block.calendars().into_iter().map(|id: CalendarId| id.month.number()).collect::<Vec<_>>()
    };
    let long = Block::Nights {
        resource: ROOM,
        days: some_days(date(5, 30), date(8, 1)),
        quantity: quantity(1),
    };
    assert_eq!(in_months(&long), [5, 6, 7]);
    let within = hours(ROOM, "2016-07-04T08:00:00Z", "2016-07-04T12:00:00Z");
    assert_eq!(in_months(&within), [7]);
    let at_the_end = hours(ROOM, "2016-07-31T20:00:00Z", "2016-07-31T22:00:00Z");
    assert_eq!(in_months(&at_the_end), [7, 8]);
}

#[test]
fn what_bookings_have_of_some_nights_is_left_out_of_them_night_by_night() {
    let events = [
        created(setting_aside(vec![nights(ROOM, 1, 8, 5)])),
        drawing(1, vec![nights(ROOM, 3, 5, 2)]),
        drawing(2, vec![nights(ROOM, 4, 7, 3)]),
    ];
    let mut voucher = state(&events);
    let left = |voucher: &Voucher| {
        let takes = voucher.left_aside_of(ROOM).into_iter();
        takes.map(|take| Block::of_take(ROOM, take)).collect::<Vec<_>>()
    };
    let expected = [(1, 3, 5), (3, 4, 3), (5, 7, 2), (7, 8, 5)];
    assert_eq!(left(&voucher), expected.map(|(first, end, n)| nights(ROOM, first, end, n)));
    assert_eq!(voucher.left_aside_of(OTHER), []);
    voucher.evolve(&Event::UseReturned { booking: booking(2), given: eur(0), at: at(2) });
    let expected = [(1, 3, 5), (3, 5, 3), (5, 8, 5)];
    assert_eq!(left(&voucher), expected.map(|(first, end, n)| nights(ROOM, first, end, n)));
    let stored = serde_json::to_string(&voucher).unwrap();
    assert_eq!(serde_json::from_str::<Voucher>(&stored).unwrap(), voucher);
}

fn drawing(who: u128, drawn: Vec<Block>) -> Event {
    let booking = booking(who);
    Event::Used { booking, customer: ANNA, given: eur(0), drawn, until: None, at: at(1) }
}

/// How many nights, or half hours, are looked at.
const PLACES: u32 = 8;
const CAPACITY: u32 = 5;

/// In what the calendar is sold.
#[derive(Clone, Copy, Debug)]
enum Kind {
    Nights,
    Times,
}

impl Kind {
    /// From one place to before another; of times with half an hour kept free after it.
    fn take(self, first: u32, end: u32, count: u32, buffered: bool) -> Take {
        let quantity = quantity(count);
        match self {
            Self::Nights => {
                Take::Nights { days: some_days(date(7, 1 + first), date(7, 1 + end)), quantity }
            }
            Self::Times => {
                let half =
                    |n: u32| utc("2016-07-04T08:00:00Z") + Duration::minutes(30 * i64::from(n));
                let after = minutes(if buffered { 30 } else { 0 });
                let time = BusyTime::try_new(range(half(first), half(end)), minutes(0), after);
                Take::Time { time: time.expect("a time"), quantity }
            }
        }
    }

    fn extent(self, place: u32) -> Extent {
        match self.take(place, place + 1, 1, false) {
            Take::Nights { days, .. } => Extent::Days(days),
            Take::Time { time, .. } => Extent::Time(time.range()),
        }
    }

    fn open(self) -> calendar::Command {
        let sold_by = match self {
            Self::Nights => SoldBy::Nights,
            Self::Times => SoldBy::Times { zone: zone("UTC"), beside: calendar::Beside::default() },
        };
        calendar::Command::Open { month: month(7), sold_by, limits: limits(CAPACITY, 0), at: at(0) }
    }

    /// How many some takes are on each place.
    fn counts(self, takes: &[Take]) -> Vec<u32> {
        let there = |place: u32| {
            let covers = |take: &&Take| match (take, self.extent(place)) {
                (Take::Nights { days, .. }, Extent::Days(day)) => days.contains(day.first()),
                (Take::Time { time, .. }, Extent::Time(half)) => time.range().contains(half),
                (Take::Nights { .. }, Extent::Time(_)) | (Take::Time { .. }, Extent::Days(_)) => {
                    false
                }
            };
            takes.iter().filter(covers).map(|take| take.quantity().get()).sum()
        };
        (0..PLACES).map(there).collect()
    }
}

/// A voucher and the calendar that it is set aside of, as a unit of work sees them.
struct World {
    kind: Kind,
    calendar: Calendar,
    voucher: Voucher,
    id: VoucherId,
    now: i64,
}

impl World {
    fn new(kind: Kind) -> Self {
        let id = VoucherId::of(OrganizationId::from_uuid(uuid(1)), &code("SUMMER10"));
        let voucher = state(&[created(setting_aside(Vec::new()))]);
        let mut world = Self { kind, calendar: Calendar::default(), voucher, id, now: 0 };
        assert!(world.ask(kind.open()));
        world
    }

    /// Asks the calendar. Without a voucher nothing of what is set aside is had.
    fn ask(&mut self, command: calendar::Command) -> bool {
        let Ok(events) = self.calendar.decide(command) else { return false };
        for event in &events {
            self.calendar.evolve(event);
        }
        true
    }

    fn tell(&mut self, command: Command) -> bool {
        let Ok(events) = self.voucher.decide(command) else { return false };
        for event in &events {
            self.voucher.evolve(event);
        }
        true
    }

    fn set_aside(&mut self, how_much: calendar::Aside) -> bool {
        let (takes, until) = (self.voucher.left_aside_of(ROOM), at(1_000_000));
        self.ask(calendar::Command::SetAside {
            voucher: self.id,
            takes,
            until,
            how_much,
            at: at(self.now),
        })
    }

    /// Lets the voucher set something else aside, or nothing changes.
    fn revise(&mut self, take: Take) {
        let (calendar, voucher) = (self.calendar.clone(), self.voucher.clone());
        let terms = Box::new(setting_aside(vec![Block::of_take(ROOM, take)]));
        let revised = self.tell(Command::Revise { terms, at: at(self.now) });
        if !(revised && self.set_aside(calendar::Aside::Whole)) {
            (self.calendar, self.voucher) = (calendar, voucher);
        }
    }

    /// Books with the voucher, or changes what is booked with it.
    fn redeem(&mut self, who: BookingId, take: Take, until: Option<i64>) {
        let (now, id, until) = (at(self.now), self.id, until.map(|n| at(self.now + n)));
        let had: Vec<_> = self.voucher.drawn_by(who).iter().filter_map(Block::take).collect();
        let had: Vec<_> = had.into_iter().map(|(_, take)| take).collect();
        let before = !self.calendar.takes_of(who).is_empty();
        let drawn = self.calendar.drawn(id, &[take], &had, now);
        let taken = self.ask(calendar::Command::Draw {
            voucher: id,
            drawn: drawn.more,
            booking: who,
            takes: vec![take],
            until,
            at: now,
        });
        if !taken {
            return;
        }
        let drawn = drawn.all.into_iter().map(|take| Block::of_take(ROOM, take)).collect();
        if before {
            self.tell(Command::ChangeUse { booking: who, given: eur(0), drawn, at: now });
        } else {
            let redemption = Redemption { drawn, ..redemption(ANNA, 0) };
            assert!(self.tell(Command::Use { booking: who, redemption, until, at: now }));
        }
        self.set_aside(calendar::Aside::AsFarAsFree);
    }

    fn cancel(&mut self, who: BookingId) {
        let now = at(self.now);
        self.ask(calendar::Command::Release { booking: who, from: None, at: now });
        if self.tell(Command::ReturnUse { booking: who, at: now }) {
            self.set_aside(calendar::Aside::AsFarAsFree);
        }
    }

    fn aside(&self) -> Vec<u32> {
        self.kind.counts(&self.calendar.aside_for(self.id))
    }

    /// What bookings have of what is set aside, and what was promised in all.
    fn drawn(&self) -> Vec<u32> {
        let left = self.kind.counts(&self.voucher.left_aside_of(ROOM));
        let blocks = &self.voucher.details().expect("it was given out").terms.blocks;
        let all: Vec<_> = blocks.iter().filter_map(Block::take).map(|(_, take)| take).collect();
        let all = self.kind.counts(&all);
        all.iter().zip(left).map(|(all, left)| all - left).collect()
    }
}

/// Who does what: the kind of step, whose, from where, how long, how many, with a buffer, until when.
type Step = (u8, u128, u32, u32, u32, bool, Option<i64>);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let until = prop::option::weighted(0.3, 1_i64..20);
    vec((0_u8..10, 1_u128..8, 0..PLACES - 1, 1_u32..4, 1_u32..4, any::<bool>(), until), 1..60)
}

fn run(kind: Kind, steps: Vec<Step>, holds: bool) -> Result<(), TestCaseError> {
    let mut world = World::new(kind);
    for (what, who, first, length, count, buffered, until) in steps {
        world.now += 1;
        let take = kind.take(first, (first + length).min(PLACES), count, buffered);
        let until = until.filter(|_| holds);
        let (aside, whose) = (world.aside(), booking(who));
        match what {
            0 | 1 => {
                let plain = kind.take(first, PLACES, count + 1, false);
                world.revise(plain);
            }
            2..=4 => world.redeem(whose, take, until),
            5 => world.cancel(whose),
            _ => {
                // whoever has no voucher: others than those who have one
                let whose = booking(100 + who);
                let (takes, until, at) =
                    (vec![take], until.map(|n| at(world.now + n)), at(world.now));
                world.ask(match what {
                    6 => calendar::Command::Release { booking: whose, from: None, at },
                    _ => calendar::Command::Reallocate { booking: whose, takes, until, at },
                });
                prop_assert_eq!(world.aside(), aside, "nobody without the voucher had any of it");
            }
        }
        for place in 0..PLACES {
            prop_assert_eq!(world.calendar.overbooked_over(kind.extent(place), at(world.now)), 0);
        }
        let promised: Vec<_> =
            world.aside().iter().zip(world.drawn()).map(|(a, b)| a + b).collect();
        let left = kind.counts(&world.voucher.left_aside_of(ROOM));
        let all: Vec<_> = left.iter().zip(world.drawn()).map(|(a, b)| a + b).collect();
        let fits = promised.iter().zip(&all).all(|(promised, all)| promised <= all);
        prop_assert!(fits, "{:?} of {:?}", promised, all);
        if !holds {
            prop_assert_eq!(promised, all, "whatever is not drawn is set aside");
        }
    }
    let stored = serde_json::to_string(&world.calendar).expect("a state is JSON");
    let read: Calendar = serde_json::from_str(&stored).expect("what was stored can be read");
    prop_assert_eq!(read, world.calendar);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Nothing is ever sold twice, and nobody without the voucher has anything of what is set aside for it. What is not
    /// held until a deadline is set aside again to the last when it is given back.
    #[test]
    fn what_is_set_aside_is_had_with_the_voucher_alone(
        by_nights in any::<bool>(), steps in steps(), holds in any::<bool>(),
    ) {
        run(if by_nights { Kind::Nights } else { Kind::Times }, steps, holds)?;
    }
}
