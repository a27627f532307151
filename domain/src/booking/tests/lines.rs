//! Lines by times and of sessions.

use super::*;
use crate::allotment::{Item, Seating};
use crate::booking::{Places, Time};
use crate::testing::{minutes, range, utc};
use crate::values::{BusyTime, Code, SessionId, TimeRange};

/// An evening in Cairo, from 17:00 to 19:00 UTC on 31 July: clocks show 19:00 to 21:00.
fn evening() -> TimeRange {
    range(utc("2016-07-31T17:00:00Z"), utc("2016-07-31T19:00:00Z"))
}

pub(super) fn places(session: u128) -> Places {
    let (session, adult) = (SessionId::from_uuid(uuid(session)), Code::try_new("adult").unwrap());
    Places::priced(session, adult, quantity(1), eur(2_000), evening(), zone(CAIRO)).unwrap()
}

fn appointment(time: TimeRange, after: u32) -> Time {
    let busy = BusyTime::try_new(time, minutes(0), minutes(after)).unwrap();
    let line = Time::priced(resource(4), zone(CAIRO), busy, quantity(3), eur(1_500));
    line.unwrap().unwrap()
}

#[test]
fn a_time_costs_its_price_for_each_and_ends_before_its_buffer() {
    let line = Line::Time(appointment(evening(), 15));
    assert_eq!(line.total(), eur(4_500));
    assert_eq!(line.starts_at(), evening().start());
    assert_eq!(line.ends_at(), evening().end());
    assert_eq!((line.first_date(), line.last_date()), (date(7, 31), date(7, 31)));
}

#[test]
fn a_time_to_midnight_ends_on_the_day_before() {
    let time = range(utc("2016-07-31T20:00:00Z"), utc("2016-07-31T22:00:00Z"));
    assert_eq!(Line::Time(appointment(time, 0)).last_date(), date(7, 31));
}

#[test]
fn a_time_over_the_end_of_a_month_takes_part_of_both() {
    let time = range(utc("2016-07-31T21:00:00Z"), utc("2016-07-31T23:00:00Z"));
    let line = Line::Time(appointment(time, 15).occupying(quantity(6)));
    let demands = Demands::of(&[line]);
    let id = |number| CalendarId { resource: resource(4), month: month(number) };
    let take = |from: &str, to: &str, after| {
        let plain = range(utc(from), utc(to));
        let time = BusyTime::try_new(plain, minutes(0), minutes(after)).unwrap();
        vec![Take::Time { time, quantity: quantity(6) }]
    };
    let expected = [
        (id(7), take("2016-07-31T21:00:00Z", "2016-07-31T22:00:00Z", 0)),
        (id(8), take("2016-07-31T22:00:00Z", "2016-07-31T23:00:00Z", 15)),
    ];
    assert_eq!(demands.calendars, expected.into());
    assert!(demands.sessions.is_empty());
}

#[test]
fn places_ask_for_the_seats_they_have() {
    let seat = "stalls/A-12".parse().unwrap();
    let seated = places(7).seated(vec![seat]);
    let demands = Demands::of(&[Line::Places(places(7)), Line::Places(seated.clone())]);
    let item = |seating| Item { offer: places(7).offer().clone(), quantity: quantity(1), seating };
    let items = vec![item(Seating::Unseated), item(Seating::Chosen(seated.seats().to_vec()))];
    assert_eq!(demands.sessions, [(places(7).session(), items)].into());
    assert_eq!(seated.total(), eur(2_000));
}

#[test]
fn every_kind_of_line_is_read_as_it_was_stored() {
    let other = ListingId::from_uuid(uuid(77));
    let stay = line(1, 4, eur(1_000));
    for line in [
        stay.clone(),
        Line::Nights(stay.nights().unwrap().clone().of_listing(other)),
        Line::Time(appointment(evening(), 15)),
        Line::Time(appointment(evening(), 0).of_listing(other).occupying(quantity(9))),
        Line::Places(places(7)),
        Line::Places(places(7).of_listing(other).seated(vec!["stalls/A-12".parse().unwrap()])),
    ] {
        let stored = serde_json::to_string(&line).unwrap();
        assert_eq!(serde_json::from_str::<Line>(&stored).unwrap(), line, "{stored}");
    }
}

#[test]
fn a_line_is_not_read_from_parts_of_two_kinds() {
    let mut stored = serde_json::to_value(Line::Time(appointment(evening(), 0))).unwrap();
    stored["stay"] = serde_json::json!({"arrival": "2016-07-01", "departure": "2016-07-02"});
    assert!(serde_json::from_value::<Line>(stored.clone()).is_err());
    stored.as_object_mut().unwrap().remove("time");
    assert!(serde_json::from_value::<Line>(stored).is_err());
}

#[test]
fn a_guest_comes_on_the_first_date_of_any_line_where_it_is() {
    let breakfast = range(utc("2016-07-01T21:00:00Z"), utc("2016-07-01T23:00:00Z"));
    let terms =
        terms_of(vec![Line::Places(places(7)), Line::Time(appointment(breakfast, 0))]).unwrap();
    let booked = Event::Booked { terms, at: at(0) };
    given([booked.clone()])
        .when(Command::CheckIn { at: utc("2016-06-30T21:59:59Z") })
        .then_expect_error(Refusal::ArrivalNotYet { on: date(7, 1) });
    let midnight = utc("2016-06-30T22:00:00Z");
    given([booked])
        .when(Command::CheckIn { at: midnight })
        .then_expect_events(vec![Event::CheckedIn { at: midnight }]);
}

#[test]
fn stored_terms_whose_total_does_not_add_up_are_not_read() {
    let mut stored = serde_json::to_value(terms()).unwrap();
    assert_eq!(serde_json::from_value::<Terms>(stored.clone()).unwrap(), terms());
    stored["total"]["minor"] = 1.into();
    assert!(serde_json::from_value::<Terms>(stored).is_err());
}
