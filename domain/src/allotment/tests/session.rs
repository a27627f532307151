//! What a session must be like, and how it may change.

use super::*;
use crate::allotment::{SeatMapError, SessionError};

fn refused(details: Details, error: &SessionError) {
    assert_eq!(Session::try_new(details).as_ref(), Err(error));
}

/// The trip with one thing other than it should be.
fn with(change: impl FnOnce(&mut Details)) -> Details {
    let mut details = concert();
    change(&mut details);
    details
}

fn revise(changes: &[Change]) -> Command {
    Command::Revise { changes: changes.to_vec(), at: at(1) }
}

fn window(opens: Option<i64>, closes: Option<i64>) -> SalesWindow {
    SalesWindow::try_new(opens.map(at), closes.map(at)).expect("a window")
}

#[test]
fn a_session_is_opened_once() {
    let open = |details| {
        let session = Box::new(Session::try_new(details).unwrap());
        Command::Open { session, at: at(-9) }
    };
    given([]).when(open(concert())).then_expect_events(vec![opened(concert())]);
    given([opened(concert())]).when(open(concert())).then_expect_events(Vec::new());
    given([opened(concert())]).when(open(trip(1, 0, 0))).then_expect_error(Refusal::AlreadyOpen);
    let allotment = state(&[opened(trip(1, 0, 0))]);
    let details = allotment.session().unwrap().details();
    assert_eq!((details.time, details.zone), (time(600, 720), zone("Europe/Madrid")));
    assert_eq!(allotment.status(), Some(Status::OnSale));
    assert_eq!((Allotment::default().session(), Allotment::default().status()), (None, None));
}

#[test]
fn nothing_is_taken_of_a_session_that_is_not_open() {
    given([])
        .when(allocate(A, &[item("adult", 1)], None, at(0)))
        .then_expect_error(Refusal::NotOpen);
    given([]).when(revise(&[])).then_expect_error(Refusal::NotOpen);
}

#[test]
fn a_session_has_pools_and_offers_with_codes_of_their_own() {
    refused(with(|it| it.pools.clear()), &SessionError::NoPool);
    refused(with(|it| it.offers.clear()), &SessionError::NoOffer);
    let pool_twice = with(|it| it.pools.push(pool("parking", 5, 0)));
    refused(pool_twice, &SessionError::PoolTwice { pool: code("parking") });
    let offer_twice = with(|it| it.offers.push(offer("vip", &[("parking", 1)])));
    refused(offer_twice, &SessionError::OfferTwice { offer: code("vip") });
    let many = with(|it| it.pools.extend((0..100).map(|n| pool(&format!("p{n}"), 1, 0))));
    refused(many, &SessionError::TooManyPools);
    let names = || (0..200).map(|n| format!("o{n}"));
    let many = with(|it| it.offers.extend(names().map(|o| offer(&o, &[("parking", 1)]))));
    refused(many, &SessionError::TooManyOffers);
}

#[test]
fn an_offer_draws_on_pools_that_are_there_and_on_each_once() {
    let adding = |draws: &[(&str, u32)]| with(|it| it.offers.push(offer("new", draws)));
    let offer = || code("new");
    refused(adding(&[]), &SessionError::NoDraw { offer: offer() });
    let pool = code("gallery");
    refused(adding(&[("gallery", 1)]), &SessionError::UnknownPool { offer: offer(), pool });
    let pool = code("front");
    let twice = adding(&[("front", 1), ("parking", 1), ("front", 1)]);
    refused(twice, &SessionError::PoolTwiceInOffer { offer: offer(), pool });
    let seated = adding(&[("front", 1), ("back", 1)]);
    refused(seated, &SessionError::SeveralSeated { offer: offer() });
}

#[test]
fn offers_have_one_currency_possible_numbers_and_a_sale_that_ends_after_it_begins() {
    let other = with(|it| {
        it.offers[1].price = crate::values::Money::zero(crate::testing::currency("JPY"));
    });
    refused(other, &SessionError::SeveralCurrencies { offer: code("vip") });
    let none = with(|it| {
        it.offers[0].least = quantity(3);
        it.offers[0].most = Some(quantity(2));
    });
    let (least, most) = (quantity(3), quantity(2));
    refused(none, &SessionError::LeastAboveMost { offer: code("seat"), least, most });
    let never = |opens, closes| SessionError::NeverOnSale { offer: code("seat"), opens, closes };
    let late = with(|it| it.sales = window(Some(600), None));
    refused(late, &never(at(600), at(600)));
    let mixed = with(|it| {
        it.sales = window(Some(50), None);
        it.offers[0].sales = window(None, Some(40));
    });
    refused(mixed, &never(at(50), at(40)));
    assert!(SalesWindow::try_new(Some(at(5)), Some(at(5))).is_err());
    assert!(Session::try_new(with(|it| it.sales = window(Some(600), Some(601)))).is_ok());
}

#[test]
fn a_section_belongs_to_one_pool() {
    let unknown = with(|it| it.pools[2].sections.push(code("gallery")));
    let (pool, section) = (code("parking"), code("gallery"));
    refused(unknown, &SessionError::UnknownSection { pool, section });
    let shared = with(|it| it.pools[2].sections.push(code("stalls")));
    refused(shared, &SessionError::SectionTwice { section: code("stalls") });
    let no_map = with(|it| it.seat_map = None);
    let (pool, section) = (code("front"), code("stalls"));
    refused(no_map, &SessionError::UnknownSection { pool, section });
}

#[test]
fn a_gate_is_for_offers_that_are_sold() {
    let gates = |gate: &str, offers: &[&str]| {
        with(|it| {
            let offers = offers.iter().map(|offer| code(offer)).collect();
            it.admission.gates.insert(code(gate), offers);
        })
    };
    assert!(Session::try_new(gates("north", &["vip"])).is_ok());
    assert!(Session::try_new(gates("north", &[])).is_ok());
    let (gate, offer) = (code("north"), code("balcony"));
    refused(gates("north", &["vip", "balcony"]), &SessionError::UnknownOfferAtGate { gate, offer });
    let many = with(|it| {
        it.admission.gates.extend((0..101).map(|n| (code(&format!("g{n}")), Vec::new())));
    });
    refused(many, &SessionError::TooManyGates);
}

#[test]
fn who_is_let_in_may_change_while_a_session_is_sold() {
    let admission = Admission { reentry: true, ..Admission::default() };
    given([opened(concert())])
        .when(revise(&[
            Change::Admission(Admission::default()),
            Change::Admission(admission.clone()),
        ]))
        .then_expect_events(vec![Event::Revised {
            changes: vec![Change::Admission(admission)],
            at: at(1),
        }]);
}

#[test]
fn an_offer_admits_as_many_as_it_takes_of_one_pool() {
    let admits = |draws: &[(&str, u32)]| offer("any", draws).admits();
    assert_eq!(admits(&[("stalls", 1), ("parking", 1)]), 1);
    assert_eq!(admits(&[("parking", 1), ("lawn", 4)]), 4);
}

#[test]
fn every_seat_of_a_map_has_a_name_of_its_own() {
    let refused = |sections, error| assert_eq!(SeatMap::try_new(sections), Err(error));
    let stalls = code("stalls");
    refused(vec![], SeatMapError::Empty);
    let twice = vec![section("stalls", &[("A", 1)]), section("stalls", &[("B", 1)])];
    refused(twice, SeatMapError::SectionTwice { section: stalls.clone() });
    let row = RowName::try_new("A").unwrap();
    let rows = vec![section("stalls", &[("A", 1), ("A", 2)])];
    refused(rows, SeatMapError::RowTwice { section: stalls.clone(), row });
    let mut seats = section("stalls", &[("A", 3)]);
    seats.rows[0].seats.push(2);
    refused(vec![seats], SeatMapError::SeatTwice { seat: seat("stalls/A-2") });
    for empty in [section("stalls", &[]), section("stalls", &[("A", 1), ("B", 0)])] {
        refused(vec![empty], SeatMapError::NoSeats { section: stalls.clone() });
    }
    let rows: Vec<_> = ["A", "B", "C", "D"].map(|row| (row, u16::MAX)).into();
    refused(vec![section("stalls", &rows)], SeatMapError::TooManySeats);
    assert_eq!(map(vec![section("stalls", &[("A", 2), ("B", 1)])]).seats().count(), 3);
}

#[test]
fn a_session_is_stored_with_nothing_that_goes_without_saying() {
    let details = Details { offers: vec![offer("adult", &[("boat", 1)])], ..trip(9, 0, 0) };
    let session = Session::try_new(details).unwrap();
    let stored = serde_json::to_string(&session).unwrap();
    let expected = r#"{"listing":"00000000-0000-0000-0000-000000000007","#.to_owned()
        + r#""time":{"start":"2016-06-30T20:00:00Z","end":"2016-06-30T22:00:00Z"},"#
        + r#""zone":"Europe/Madrid","pools":[{"code":"boat","limits":{"capacity":9,"overbooking":0}},"#
        + r#"{"code":"lunch","limits":{"capacity":0,"overbooking":0}}],"#
        + r#""offers":[{"code":"adult","name":{"en":"adult"},"price":{"minor":1000,"currency":"EUR"},"#
        + r#""draws":[{"pool":"boat","places":1}]}]}"#;
    assert_eq!(stored, expected);
    assert_eq!(serde_json::from_str::<Session>(&stored).unwrap(), session);
    let without = stored.replace(r#""pool":"boat""#, r#""pool":"raft""#);
    assert!(serde_json::from_str::<Session>(&without).is_err());
}

#[test]
fn a_revision_records_what_is_other_than_before_and_nothing_else() {
    let more = Change::Pool(pool("boat", 20, 1));
    let late = Change::Sales(window(None, Some(700)));
    let dearer = Change::Offer(Offer { price: eur(2_000), ..offer("adult", &[("boat", 1)]) });
    let new = Change::Offer(offer("crew", &[("boat", 2)]));
    let same = Change::Pool(pool("lunch", 5, 0));
    let limits =
        Change::OrderLimits(OrderLimits { per_order: Some(quantity(4)), per_customer: None });
    let told = [more, late, dearer, new, limits];
    let mut asked = told.to_vec();
    asked.extend([same.clone(), Change::Title(None)]);
    given([opened(trip(9, 0, 5))]).when(revise(&asked)).then_expect_events(vec![revised(&told)]);
    given([opened(trip(9, 0, 5))]).when(revise(&[same])).then_expect_events(Vec::new());
    let allotment = state(&[opened(trip(9, 0, 5)), revised(&told)]);
    assert_eq!(allotment.free(&code("boat"), at(1)), 21);
    assert_eq!(allotment.session().unwrap().offer(&code("adult")).unwrap().price, eur(2_000));
    assert_eq!(allotment.free_of_offer(&code("crew"), at(1)), 10);
    assert!(allotment.decide(revise(&told)).unwrap().is_empty());
}

#[test]
fn a_title_can_be_taken_back() {
    let titled = revised(&[Change::Title(Some(text("Last night")))]);
    given([opened(trip(9, 0, 5)), titled])
        .when(revise(&[Change::Title(None)]))
        .then_expect_events(vec![revised(&[Change::Title(None)])]);
}

#[test]
fn a_revision_takes_nothing_away_that_may_have_been_sold() {
    let refused = |change, error: SessionError| {
        given([opened(concert())]).when(revise(&[change])).then_expect_error(error.into());
    };
    let draws = Change::Offer(offer("vip", &[("front", 1)]));
    refused(draws, SessionError::DrawsChanged { offer: code("vip") });
    let unseated = Change::Pool(pool("front", 11, 0));
    refused(unseated, SessionError::SeatingChanged { pool: code("front") });
    let fewer = map(vec![
        section("stalls", &[("A", 4), ("B", 4), ("C", 2)]),
        section("balcony", &[("A", 6)]),
    ]);
    refused(Change::SeatMap(fewer), SessionError::SeatRemoved { seat: seat("stalls/B-5") });
    let gone = map(vec![section("stalls", &[("A", 4), ("B", 5), ("C", 2)])]);
    refused(Change::SeatMap(gone), SessionError::SeatRemoved { seat: seat("balcony/A-1") });
    let unknown = Change::Offer(offer("new", &[("gallery", 1)]));
    let (offer, pool) = (code("new"), code("gallery"));
    refused(unknown, SessionError::UnknownPool { offer, pool });
}

#[test]
fn a_session_may_gain_seats_and_those_that_are_taken_stay_taken() {
    let taken = Take { seats: vec![seat("stalls/B-1")], ..take("seat", 1, &[("front", 1)]) };
    let places = vec![Places { pool: code("front"), places: 1 }];
    let blocked = Event::SeatsBlocked { seats: vec![seat("stalls/C-2")], places, at: at(1) };
    let wider = map(vec![
        section("box", &[("A", 2)]),
        section("balcony", &[("A", 6)]),
        section("stalls", &[("B", 6), ("C", 2), ("A", 4)]),
    ]);
    let changes = [Change::SeatMap(wider), Change::Pool(seated("front", 14, &["stalls", "box"]))];
    let before = [opened(concert()), allocated(A, std::slice::from_ref(&taken), None), blocked];
    given(before.clone()).when(revise(&changes)).then_expect_events(vec![revised(&changes)]);
    let mut events = before.to_vec();
    events.push(revised(&changes));
    let allotment = state(&events);
    assert_eq!(allotment.takes_of(A), [taken]);
    assert_eq!(allotment.free(&code("front"), at(1)), 12);
    for (name, reason) in [("stalls/B-1", Obstacle::Sold), ("stalls/C-2", Obstacle::Blocked)] {
        let chosen = Item { seating: Seating::Chosen(vec![seat(name)]), ..item("seat", 1) };
        let refusal = Refusal::SeatNotFree { seat: seat(name), reason };
        assert_eq!(allotment.decide(allocate(B, &[chosen], None, at(2))), Err(refusal));
    }
}

#[test]
fn a_session_that_moves_keeps_what_was_sold() {
    let to = |start, end| Command::Move { time: time(start, end), at: at(1) };
    let moved = Event::Moved { before: time(600, 720), time: time(900, 960), at: at(1) };
    let sold = [opened(trip(2, 0, 0)), allocated(A, &[adults(1)], None)];
    given(sold.clone()).when(to(900, 960)).then_expect_events(vec![moved.clone()]);
    given(sold.clone()).when(to(600, 720)).then_expect_events(Vec::new());
    let [open, taken] = sold;
    let allotment = state(&[open, taken, moved]);
    assert_eq!(allotment.session().unwrap().details().time, time(900, 960));
    assert_eq!(allotment.takes_of(A), [adults(1)]);
    let early = Details { sales: window(Some(300), None), ..trip(2, 0, 0) };
    let never = SessionError::NeverOnSale { offer: code("adult"), opens: at(300), closes: at(200) };
    given([opened(early)]).when(to(200, 320)).then_expect_error(never.into());
}

#[test]
fn what_is_booked_of_a_session_leaves_the_version_of_its_terms_alone() {
    let version = |events: &[Event]| state(events).terms_version();
    let mut events = vec![opened(trip(2, 0, 0))];
    assert_eq!((version(&[]), version(&events)), (0, 1));
    let freed = vec![adults(1)];
    events.extend([
        allocated(A, &[adults(1)], Some(at(15))),
        Event::Confirmed { booking: A, at: at(1) },
        Event::Released { booking: A, freed, at: at(2) },
    ]);
    assert_eq!(version(&events), 1);
    events.extend([
        revised(&[Change::Pool(pool("boat", 20, 1))]),
        Event::Moved { before: time(600, 720), time: time(900, 960), at: at(3) },
        Event::SalesClosed { at: at(4) },
        Event::SalesReopened { at: at(5) },
        Event::CalledOff { reason: None, at: at(6) },
    ]);
    assert_eq!(version(&events), 6);
}

#[test]
fn of_a_session_that_was_called_off_nothing_more_is_taken() {
    let call_off = Command::CallOff { reason: Some(reason("Storm")), at: at(1) };
    let called_off = Event::CalledOff { reason: Some(reason("Storm")), at: at(1) };
    let sold = [opened(trip(2, 0, 0)), allocated(A, &[adults(1)], Some(at(15)))];
    given(sold.clone()).when(call_off.clone()).then_expect_events(vec![called_off.clone()]);
    let [open, taken] = sold;
    let off = [open, taken, called_off];
    given(off.clone()).when(call_off).then_expect_events(Vec::new());
    for command in [
        allocate(B, &[item("adult", 1)], None, at(2)),
        reallocate(A, &[item("adult", 2)], None, at(2)),
        Command::Confirm { booking: A, at: at(2) },
        Command::Move { time: time(900, 960), at: at(2) },
        revise(&[]),
        Command::CloseSales { at: at(2) },
        Command::ReopenSales { at: at(2) },
        Command::Block { seats: vec![], at: at(2) },
        Command::Unblock { seats: vec![], at: at(2) },
    ] {
        given(off.clone()).when(command).then_expect_error(Refusal::CalledOff);
    }
    let freed = vec![adults(1)];
    given(off.clone())
        .when(Command::Release { booking: A, parts: None, at: at(2) })
        .then_expect_events(vec![Event::Released { booking: A, freed, at: at(2) }]);
    assert_eq!(state(&off).status(), Some(Status::CalledOff));
}
