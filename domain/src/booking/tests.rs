//! Rules of the booking.

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

mod additions;
mod cancellation;
mod changes;
mod lines;
mod money;
mod refunds;
mod requests;

use super::{
    Booking, CancelTerms, ChangeTerms, Command, Demands, Event, Line, Lines, LinesError, Nights,
    Portion, Refusal, Status, Terms, TermsError,
};
use crate::calendar::Take;
use crate::testing::{at, currency, date, days, eur, month, quantity, reason, time, uuid, zone};
use crate::values::{
    CalendarId, CustomerId, Dimensions, ListingId, Money, MoneyError, Party, ResourceId, Stay,
    Timestamp,
};

/// Ten in the morning of 30 June in UTC is noon of the same day in Cairo.
const CAIRO: &str = "Africa/Cairo";

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Booking> {
    TestFramework::with(()).given(events.into())
}

fn state(events: &[Event]) -> Booking {
    let mut booking = Booking::default();
    for event in events {
        booking.evolve(event);
    }
    booking
}

fn resource(n: u128) -> ResourceId {
    ResourceId::from_uuid(uuid(n))
}

fn line(arrival: u32, departure: u32, price: Money) -> Line {
    let stay = Stay::try_new(date(7, arrival), date(7, departure)).unwrap();
    priced(stay, price)
}

fn priced(stay: Stay, price: Money) -> Line {
    let (zone, check_in, check_out) = (zone(CAIRO), time(15, 0), time(11, 0));
    let nights = Nights::priced(resource(3), stay, quantity(2), price, zone, check_in, check_out);
    Line::Nights(nights.unwrap())
}

fn terms() -> Terms {
    terms_of(vec![line(1, 4, eur(1_000))]).unwrap()
}

fn terms_of(lines: Vec<Line>) -> Result<Terms, TermsError> {
    Terms::try_new(
        ListingId::from_uuid(uuid(1)),
        CustomerId::from_uuid(uuid(2)),
        zone(CAIRO),
        lines,
        party(2),
        Dimensions::default(),
    )
}

fn party(adults: u16) -> Party {
    Party::try_new(adults, 0, 0).unwrap()
}

fn held_until(until: Timestamp) -> Event {
    Event::Held { terms: terms(), until, at: at(0) }
}

fn booked() -> Event {
    Event::Booked { terms: terms(), at: at(0) }
}

/// Noon of 1 July in Cairo, the day of arrival.
fn arrival() -> Timestamp {
    at(24 * 60)
}

fn amend(lines: Vec<Line>) -> Command {
    Command::Amend {
        lines: Lines::try_new(lines).unwrap(),
        party: party(2),
        terms: AS_IT_IS,
        at: at(20),
    }
}

/// Nothing was paid, and nothing is waived.
const AS_IT_IS: ChangeTerms = ChangeTerms { paid: None, waived: false };

fn cancel_lines(numbers: Vec<usize>, terms: CancelTerms, at: Timestamp) -> Command {
    let portion = Portion::Lines(numbers.into_iter().collect());
    Command::CancelPortion { portion, reason: None, terms, at }
}

fn checked_in() -> Event {
    Event::CheckedIn { at: arrival() }
}

fn checked_out() -> Event {
    Event::CheckedOut { at: arrival() }
}

fn no_show() -> Event {
    Event::NoShowRecorded { fee: None, refund: None, at: arrival() }
}

fn cancelled() -> Event {
    Event::Cancelled { reason: None, fee: None, refund: None, at: at(1) }
}

fn lapsed() -> Event {
    Event::HoldLapsed { until: at(15), at: at(16) }
}

#[test]
fn a_booking_is_made_once() {
    let hold = Command::Hold { terms: terms(), until: at(15), at: at(0) };
    let book = Command::Book { terms: terms(), at: at(0) };
    given([]).when(hold.clone()).then_expect_events(vec![held_until(at(15))]);
    given([]).when(book.clone()).then_expect_events(vec![booked()]);
    given([held_until(at(15))]).when(hold).then_expect_error(Refusal::AlreadyExists);
    given([booked()]).when(book).then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn a_hold_ends_in_the_future() {
    given([])
        .when(Command::Hold { terms: terms(), until: at(0), at: at(0) })
        .then_expect_error(Refusal::DeadlinePassed { at: at(0) });
}

#[test]
fn nothing_can_be_done_with_a_booking_that_was_never_made() {
    for command in [
        Command::Confirm { at: at(1) },
        amend(vec![line(1, 2, eur(1))]),
        Command::CheckIn { at: at(1) },
        Command::CheckOut { at: at(1) },
        Command::NoShow { paid: None, at: at(1) },
        Command::Cancel { reason: None, terms: CancelTerms::NONE, at: at(1) },
        Command::Lapse { at: at(1) },
    ] {
        given([]).when(command).then_expect_error(Refusal::NotFound);
    }
}

#[test]
fn a_hold_is_confirmed_before_it_ends() {
    given([held_until(at(15))])
        .when(Command::Confirm { at: at(14) })
        .then_expect_events(vec![Event::Confirmed { at: at(14) }]);
}

#[test]
fn a_hold_cannot_be_confirmed_once_it_ends() {
    given([held_until(at(15))])
        .when(Command::Confirm { at: at(15) })
        .then_expect_error(Refusal::HoldEnded { at: at(15) });
}

#[test]
fn confirming_again_records_nothing() {
    given([held_until(at(15)), Event::Confirmed { at: at(1) }])
        .when(Command::Confirm { at: at(99) })
        .then_expect_events(Vec::new());
    given([booked(), checked_in()])
        .when(Command::Confirm { at: at(99) })
        .then_expect_events(Vec::new());
}

#[test]
fn what_is_over_cannot_be_confirmed() {
    for (event, refusal) in [
        (lapsed(), Refusal::Lapsed),
        (cancelled(), Refusal::Cancelled),
        (no_show(), Refusal::NoShow),
    ] {
        given([held_until(at(15)), event])
            .when(Command::Confirm { at: at(17) })
            .then_expect_error(refusal);
    }
}

#[test]
fn whoever_is_late_may_have_it_until_it_is_over() {
    let late = |minute| Command::ConfirmLate { at: at(minute) };
    for before in [vec![held_until(at(15))], vec![held_until(at(15)), lapsed()]] {
        given(before).when(late(99)).then_expect_events(vec![Event::Confirmed { at: at(99) }]);
    }
    given([booked()]).when(late(99)).then_expect_events(Vec::new());
    given([held_until(at(15)), cancelled()]).when(late(99)).then_expect_error(Refusal::Cancelled);
    let over = terms().lines().as_slice()[0].ends_at();
    given([held_until(at(15))])
        .when(Command::ConfirmLate { at: over })
        .then_expect_error(Refusal::Over { at: over });
}

#[test]
fn an_amendment_replaces_the_lines_and_the_total() {
    let lines = vec![line(1, 4, eur(1_000)), line(4, 5, eur(500))];
    let amended = Event::Amended {
        lines: Lines::try_new(lines.clone()).unwrap(),
        party: party(2),
        total: eur(7_000),
        fee: None,
        refund: None,
        at: at(20),
    };
    given([booked()]).when(amend(lines.clone())).then_expect_events(vec![amended.clone()]);
    given([booked(), amended.clone()]).when(amend(lines)).then_expect_events(Vec::new());
    assert_eq!(state(&[booked(), amended]).total(), Some(eur(7_000)));
}

#[test]
fn a_hold_can_be_amended_only_before_it_ends() {
    let lines = vec![line(1, 3, eur(1_000))];
    given([held_until(at(20))])
        .when(amend(lines.clone()))
        .then_expect_error(Refusal::HoldEnded { at: at(20) });
    let events = given([held_until(at(21))]).when(amend(lines)).inspect_result().unwrap();
    assert_eq!(events.len(), 1);
}

#[test]
fn an_amendment_stays_in_the_currency_of_the_booking() {
    let yen = Money::try_new(10, currency("JPY")).unwrap();
    given([booked()])
        .when(amend(vec![line(1, 2, yen)]))
        .then_expect_error(Refusal::CurrencyMismatch);
}

#[test]
fn a_guest_who_came_or_a_booking_that_is_over_is_not_amended() {
    for (event, refusal) in [
        (checked_in(), Refusal::AlreadyCheckedIn),
        (cancelled(), Refusal::Cancelled),
        (no_show(), Refusal::NoShow),
    ] {
        given([booked(), event]).when(amend(vec![line(1, 2, eur(1))])).then_expect_error(refusal);
    }
}

#[test]
fn a_guest_checks_in_from_midnight_of_the_arrival_date_where_the_house_is() {
    let midnight_in_cairo = at(12 * 60); // 22:00 UTC, the clock stands two hours ahead
    given([booked()])
        .when(Command::CheckIn { at: midnight_in_cairo - chrono::Duration::seconds(1) })
        .then_expect_error(Refusal::ArrivalNotYet { on: date(7, 1) });
    given([booked()])
        .when(Command::CheckIn { at: midnight_in_cairo })
        .then_expect_events(vec![Event::CheckedIn { at: midnight_in_cairo }]);
    given([booked()])
        .when(Command::NoShow { paid: None, at: at(0) })
        .then_expect_error(Refusal::ArrivalNotYet { on: date(7, 1) });
}

#[test]
fn only_a_confirmed_guest_checks_in() {
    given([held_until(at(15))])
        .when(Command::CheckIn { at: arrival() })
        .then_expect_error(Refusal::NotConfirmed);
    given([booked(), checked_in()])
        .when(Command::CheckIn { at: arrival() })
        .then_expect_events(Vec::new());
    given([booked(), checked_in(), checked_out()])
        .when(Command::CheckIn { at: arrival() })
        .then_expect_error(Refusal::Completed);
    given([booked(), no_show()])
        .when(Command::CheckIn { at: arrival() })
        .then_expect_error(Refusal::NoShow);
}

#[test]
fn a_guest_leaves_after_coming() {
    let check_out = Command::CheckOut { at: arrival() };
    given([booked()]).when(check_out.clone()).then_expect_error(Refusal::NotCheckedIn);
    given([booked(), checked_in()])
        .when(Command::CheckOut { at: at(0) })
        .then_expect_error(Refusal::BeforeCheckIn { at: arrival() });
    given([booked(), checked_in()]).when(check_out.clone()).then_expect_events(vec![checked_out()]);
    given([booked(), checked_in(), checked_out()]).when(check_out).then_expect_events(Vec::new());
}

#[test]
fn only_a_confirmed_guest_can_fail_to_come() {
    let command = Command::NoShow { paid: None, at: arrival() };
    given([booked()]).when(command.clone()).then_expect_events(vec![no_show()]);
    given([booked(), no_show()]).when(command.clone()).then_expect_events(Vec::new());
    given([booked(), checked_in()])
        .when(command.clone())
        .then_expect_error(Refusal::AlreadyCheckedIn);
    given([held_until(at(15))]).when(command).then_expect_error(Refusal::NotConfirmed);
}

#[test]
fn a_booking_is_cancelled_until_the_guest_comes() {
    let cancel =
        Command::Cancel { reason: Some(reason("ill")), terms: CancelTerms::NONE, at: at(1) };
    let event =
        Event::Cancelled { reason: Some(reason("ill")), fee: None, refund: None, at: at(1) };
    given([booked()]).when(cancel.clone()).then_expect_events(vec![event.clone()]);
    given([held_until(at(15))]).when(cancel.clone()).then_expect_events(vec![event.clone()]);
    given([booked(), event]).when(cancel.clone()).then_expect_events(Vec::new());
    for (event, refusal) in [
        (checked_in(), Refusal::AlreadyCheckedIn),
        (checked_out(), Refusal::Completed),
        (no_show(), Refusal::NoShow),
        (lapsed(), Refusal::Lapsed),
    ] {
        given([booked(), event]).when(cancel.clone()).then_expect_error(refusal);
    }
}

#[test]
fn a_hold_lapses_at_its_deadline_and_not_before() {
    given([held_until(at(15))])
        .when(Command::Lapse { at: at(14) })
        .then_expect_error(Refusal::StillHeld { until: at(15) });
    given([held_until(at(15))])
        .when(Command::Lapse { at: at(15) })
        .then_expect_events(vec![Event::HoldLapsed { until: at(15), at: at(15) }]);
    given([held_until(at(15)), lapsed()])
        .when(Command::Lapse { at: at(17) })
        .then_expect_events(Vec::new());
    given([held_until(at(15)), Event::Confirmed { at: at(1) }])
        .when(Command::Lapse { at: at(17) })
        .then_expect_error(Refusal::NotHeld);
}

#[test]
fn the_state_tells_what_was_booked() {
    let booking = state(&[held_until(at(15))]);
    assert_eq!((booking.status(), booking.until()), (Status::Held, Some(at(15))));
    assert_eq!(booking.listing(), Some(ListingId::from_uuid(uuid(1))));
    assert_eq!(booking.customer(), Some(CustomerId::from_uuid(uuid(2))));
    assert_eq!((booking.zone(), booking.party()), (Some(zone(CAIRO)), Some(party(2))));
    assert_eq!(booking.lines(), terms().lines().as_slice());
    assert!(booking.weight() > Booking::default().weight());
    let confirmed = state(&[held_until(at(15)), Event::Confirmed { at: at(1) }]);
    assert_eq!((confirmed.status(), confirmed.until()), (Status::Confirmed, None));
}

#[test]
fn a_line_costs_every_night_of_every_room() {
    let line = line(1, 4, eur(1_000));
    assert_eq!(line.total(), eur(6_000));
    assert_eq!(line.starts_at().to_rfc3339(), "2016-07-01T13:00:00+00:00");
    assert_eq!(line.ends_at().to_rfc3339(), "2016-07-04T09:00:00+00:00");
}

#[test]
fn a_day_use_costs_one_night_and_ends_with_its_day() {
    let line = line(2, 2, eur(1_000));
    assert_eq!(line.total(), eur(2_000));
    assert_eq!(line.starts_at().to_rfc3339(), "2016-07-02T13:00:00+00:00");
    assert_eq!(line.ends_at().to_rfc3339(), "2016-07-02T22:00:00+00:00");
}

#[test]
fn a_price_that_cannot_be_counted_is_refused() {
    let stay = Stay::try_new(date(7, 1), date(7, 3)).unwrap();
    let most = eur(i64::MAX as u64);
    let line =
        Nights::priced(resource(3), stay, quantity(1), most, zone(CAIRO), time(15, 0), time(11, 0));
    assert_eq!(line, Err(MoneyError::Overflow.into()));
}

#[test]
fn terms_need_some_lines_in_one_currency() {
    let yen = Money::try_new(10, currency("JPY")).unwrap();
    let refused = |lines| terms_of(lines).unwrap_err();
    assert_eq!(refused(Vec::new()), LinesError::Empty.into());
    assert_eq!(refused(vec![line(1, 2, eur(1)); Lines::MAX + 1]), LinesError::TooMany.into());
    assert_eq!(
        refused(vec![line(1, 2, eur(1)), line(1, 2, yen)]),
        LinesError::Money(MoneyError::Mixed).into(),
    );
    assert_eq!(terms_of(vec![line(1, 2, eur(1)); Lines::MAX]).unwrap().total(), eur(100));
}

#[test]
fn a_stay_over_the_end_of_a_month_takes_days_of_both() {
    let stay = Stay::try_new(date(7, 30), date(8, 2)).unwrap();
    let lines = [priced(stay, eur(1)), line(30, 31, eur(1))];
    let takes = Demands::of(&lines).calendars;
    let id = |number| CalendarId { resource: resource(3), month: month(number) };
    let take = |first, end| Take::Nights { days: days(first, end), quantity: quantity(2) };
    assert_eq!(takes.len(), 2);
    assert_eq!(takes[&id(7)], [take(date(7, 30), date(8, 1)), take(date(7, 30), date(7, 31))]);
    assert_eq!(takes[&id(8)], [take(date(8, 1), date(8, 2))]);
}

#[test]
fn a_stay_can_be_booked_until_it_is_over() {
    let terms = terms();
    let end = terms.lines().as_slice()[0].ends_at();
    let last = end - chrono::TimeDelta::seconds(1);
    given([])
        .when(Command::Book { terms: terms.clone(), at: last })
        .then_expect_events(vec![Event::Booked { terms: terms.clone(), at: last }]);
    given([])
        .when(Command::Book { terms: terms.clone(), at: end })
        .then_expect_error(Refusal::Over { at: end });
    let until = end + chrono::TimeDelta::hours(1);
    given([])
        .when(Command::Hold { terms, until, at: end })
        .then_expect_error(Refusal::Over { at: end });
}

#[test]
fn a_booking_cannot_be_moved_to_a_stay_that_is_over() {
    let over = line(1, 2, eur(1_000));
    let now = over.ends_at();
    let later = terms_of(vec![line(10, 12, eur(1_000))]).unwrap();
    let lines = Lines::try_new(vec![over]).unwrap();
    given([Event::Booked { terms: later, at: at(0) }])
        .when(Command::Amend { lines, party: party(2), terms: AS_IT_IS, at: now })
        .then_expect_error(Refusal::Over { at: now });
}
