//! Each model's fold and queries, against a real log and real tables.

mod support;

use chrono::NaiveDate;
use daybook_domain::{
    booking::{self, Lines, Status},
    calendar::{self, Calendar, Take},
    payment::{self, Fact, Payment},
    values::{
        BlockId, CalendarId, DayRange, Label, Month, Party, PaymentId, ProviderReference, Quantity,
        Reason, RefundId, ResourceId,
    },
};
use daybook_projections::{
    AnalyticsQuery, AnalyticsRow, AvailabilityDay, AvailabilityOf, BookingFilter, BookingView,
    Dimension, Measured, PageRequest, PaymentView, Projections, View as _,
};
use support::{Order, World, at, day, euros};
use uuid::Uuid;

const FIRST: PageRequest = PageRequest { cursor: None, limit: 50 };

#[tokio::test]
async fn a_booking_tells_its_story() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let order = Order { channel: Some("Direct"), ..Order::new(hotel, 10, 13, 2) };
    world.book(&order, Some(at(2, 0)), at(1, 9)).await.unwrap();
    world.settle(&projections).await;
    let held = BookingView::find(projections.queries(), order.booking).await.unwrap().unwrap();
    assert_eq!((held.status, held.hold_until), (Status::Held, Some(at(2, 0))));
    assert_eq!((held.arrival(), held.departure(), held.nights()), (day(10), day(13), 3));
    assert_eq!((held.total(), held.customer), (euros(600), order.customer));

    world.confirm(&order, at(1, 10)).await.unwrap();
    world.check_in(&order, at(10, 8)).await.unwrap();
    let gone = world.check_out(&order, at(12, 1)).await.unwrap();
    world.settle(&projections).await;
    let gone_by = BookingView::find(projections.queries(), order.booking).await.unwrap().unwrap();
    assert_eq!(gone_by.status, Status::Completed);
    assert_eq!((gone_by.hold_until, gone_by.confirmed_at), (None, Some(at(1, 10))));
    assert_eq!(gone_by.checked_in_at, Some(at(10, 8)));
    assert_eq!(gone_by.checked_out_at, Some(at(12, 1)));
    assert_eq!(gone_by.span.sequence, 4);
    assert!(gone_by.span.position <= gone);
    assert_eq!(gone_by.dimensions, order.terms().dimensions().clone());
    assert_eq!(&gone_by.lines, order.terms().lines());
}

#[tokio::test]
async fn an_amended_booking_shows_what_is_booked_now() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let order = Order::new(hotel, 10, 13, 1);
    world.book(&order, None, at(1, 9)).await.unwrap();
    let later = Order { stays: vec![(day(20), day(25), 1)], ..order.clone() };
    let lines = Lines::try_new(later.terms().lines().as_slice().to_vec()).unwrap();
    let party = Party::try_new(1, 1, 0).unwrap();
    let amend = booking::Command::Amend {
        lines,
        party,
        terms: booking::ChangeTerms::default(),
        at: at(2, 9),
    };
    world.advance(&order, amend, |_| None).await.unwrap();
    world.settle(&projections).await;

    let found = BookingView::find(projections.queries(), order.booking).await.unwrap().unwrap();
    assert_eq!((found.arrival(), found.nights(), found.party), (day(20), 5, party));
    assert_eq!(found.total(), euros(500));
}

#[tokio::test]
async fn bookings_are_listed_newest_first_page_by_page() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let mut expected = Vec::new();
    for first in 1..=5 {
        let order = Order::new(hotel, first * 3, first * 3 + 2, 1);
        world.book(&order, None, at(1, first)).await.unwrap();
        expected.insert(0, order.booking);
    }
    world.settle(&projections).await;

    let mut seen = Vec::new();
    let mut page = PageRequest { cursor: None, limit: 2 };
    loop {
        let found = projections.queries().bookings(&BookingFilter::default(), page).await.unwrap();
        assert!(found.items.len() <= 2);
        seen.extend(found.items.iter().map(|booking| booking.id));
        let Some(next) = found.next else { break };
        page.cursor = Some(next.to_string().parse().unwrap());
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn bookings_are_found_by_customer_listing_status_and_arrival() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let (early, late) = (Order::new(hotel, 5, 6, 1), Order::new(hotel, 9, 12, 1));
    world.book(&early, None, at(1, 1)).await.unwrap();
    world.book(&late, None, at(1, 2)).await.unwrap();
    world.cancel(&late, at(2, 2)).await.unwrap();
    world.settle(&projections).await;

    let found = async |filter: BookingFilter| {
        let page = projections.queries().bookings(&filter, FIRST).await.unwrap();
        page.items.iter().map(|booking| booking.id).collect::<Vec<_>>()
    };
    let none = BookingFilter::default();
    let customer = Some(early.customer);
    assert_eq!(found(BookingFilter { customer, ..none }).await, [early.booking]);
    let listing = Some(hotel.listing);
    assert_eq!(found(BookingFilter { listing, ..none }).await, [late.booking, early.booking]);
    let status = Some(Status::Cancelled);
    assert_eq!(found(BookingFilter { status, ..none }).await, [late.booking]);
    let (arrival_from, arrival_to) = (Some(day(5)), Some(day(9)));
    assert_eq!(found(BookingFilter { arrival_from, arrival_to, ..none }).await, [early.booking]);
    let arrival_from = Some(day(6));
    assert_eq!(found(BookingFilter { arrival_from, ..none }).await, [late.booking]);
}

#[tokio::test]
async fn a_payment_shows_what_was_taken_and_given_back() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let order = Order::new(hotel, 5, 6, 1);
    world.book(&order, None, at(1, 1)).await.unwrap();
    let id = world.pay(order.booking, euros(100), at(1, 2)).await;
    let refund = |whole| payment::Command::Refund {
        refund: RefundId::from_uuid(Uuid::now_v7()),
        amount: Some(euros(whole)),
        reason: None,
        at: at(2, 2),
    };
    world.send::<Payment>(id, refund(30)).await;
    world.settle(&projections).await;
    let found = PaymentView::find(projections.queries(), id).await.unwrap().unwrap();
    assert_eq!(found.status, payment::Status::PartiallyRefunded);
    assert_eq!((found.captured, found.refunded), (euros(100), euros(30)));
    assert_eq!((found.booking, found.span.sequence), (order.booking, 3));

    world.send::<Payment>(id, refund(70)).await;
    world.settle(&projections).await;
    let of_booking = projections.queries().payments(Some(order.booking), FIRST).await.unwrap();
    assert_eq!(of_booking.items.len(), 1);
    assert_eq!(of_booking.items[0].status, payment::Status::Refunded);
}

#[tokio::test]
async fn a_payment_through_a_provider_shows_its_attempts_refunds_and_disputes() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let order = Order::new(hotel, 5, 6, 1);
    world.book(&order, None, at(1, 1)).await.unwrap();
    let id = PaymentId::from_uuid(Uuid::now_v7());
    let say = async |command| world.send::<Payment>(id, command).await;
    say(payment::Command::Request {
        booking: order.booking,
        amount: euros(100),
        method: payment::Method::Card,
        provider: Some(payment::Provider::Stripe),
        purpose: Some(payment::Purpose::Deposit),
        capture: payment::CaptureMode::Manual,
        at: at(1, 2),
    })
    .await;
    let [first, second] = [1, 2].map(|n| payment::AttemptNumber::try_new(n).unwrap());
    let [named, disputed] = ["pi_1", "dp_1"].map(|name| ProviderReference::try_new(name).unwrap());
    let declined = payment::FailureCode::CardDeclined.into();
    let refund = RefundId::from_uuid(Uuid::now_v7());
    let (rest, none) = (payment::Rest::Released, None);
    let record = |fact| payment::Command::Record { fact, at: at(1, 3) };
    say(record(Fact::Declined { attempt: first, failure: declined })).await;
    world.settle(&projections).await;
    let code = "SELECT count(*) FROM live.payments WHERE failure_code = 'card_declined'";
    assert_eq!(world.count(code).await, 1);

    say(payment::Command::Retry { attempt: second, at: at(1, 3) }).await;
    say(record(Fact::Started { attempt: second, reference: named })).await;
    let (total, reference) = (euros(80), none.clone());
    say(record(Fact::Captured { attempt: second, total, rest, reference })).await;
    let (amount, reason) = (Some(euros(30)), None);
    say(payment::Command::Refund { refund, amount, reason, at: at(1, 4) }).await;
    say(record(Fact::DisputeLost { dispute: disputed, amount: euros(20) })).await;
    world.settle(&projections).await;
    let found = PaymentView::find(projections.queries(), id).await.unwrap().unwrap();
    assert_eq!((found.status, found.captured), (payment::Status::Disputed, euros(80)));
    assert_eq!(found.state.left(), Some(euros(30)));
    assert_eq!(found.state.refunds()[0].id, Some(refund));
    let row = "SELECT count(*) FROM live.payments WHERE provider = 'stripe' AND reference = 'pi_1'
        AND purpose = 'deposit' AND attempts = 2 AND refunding_minor = 3000 AND lost_minor = 2000
        AND failure_code IS NULL";
    assert_eq!(world.count(row).await, 1);
    world.assert_verified(&projections).await;
}

async fn free(projections: &Projections, room: ResourceId, first: u32, end: u32) -> Vec<[i64; 3]> {
    let days = DayRange::try_new(day(first), day(end)).expect("days in order");
    let answer =
        projections.queries().availability(AvailabilityOf::Resource(room), days, at(1, 12)).await;
    let numbers = |day: &AvailabilityDay| [day.taken, day.held, day.free()];
    answer.expect("days are counted").days.iter().map(numbers).collect()
}

#[tokio::test]
async fn what_is_taken_is_not_free_and_comes_back() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    world.settle(&projections).await;
    assert_eq!(free(&projections, hotel.room, 30, 33).await, [[0, 0, 4]; 3]); // no calendar yet

    let order = Order::new(hotel, 30, 34, 3); // from the 30th of May to the 3rd of June
    world.book(&order, Some(at(2, 0)), at(1, 9)).await.unwrap();
    world.settle(&projections).await;
    let taken = [[0, 0, 4], [3, 3, 1], [3, 3, 1], [3, 3, 1], [3, 3, 1], [0, 0, 4]];
    assert_eq!(free(&projections, hotel.room, 29, 35).await, taken);
    let holds = "SELECT count(*) FROM live.holds";
    assert_eq!(world.count(holds).await, 2, "one in May and one in June");

    world.confirm(&order, at(1, 10)).await.unwrap();
    world.settle(&projections).await;
    assert_eq!(world.count(holds).await, 0, "what is firm is no hold");
    assert_eq!(free(&projections, hotel.room, 30, 34).await, [[3, 0, 1]; 4]);

    world.check_in(&order, at(30, 8)).await.unwrap();
    world.check_out(&order, at(32, 1)).await.unwrap();
    world.settle(&projections).await;
    let left = [[3, 0, 1], [3, 0, 1], [0, 0, 4], [0, 0, 4]];
    assert_eq!(free(&projections, hotel.room, 30, 34).await, left);
}

#[tokio::test]
async fn what_is_blocked_is_not_free_until_it_is_let_go() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    world.book(&Order::new(hotel, 5, 6, 1), None, at(1, 9)).await.unwrap(); // opens the calendar
    let calendar = CalendarId { resource: hotel.room, month: Month::of(day(1)) };
    let block = BlockId::from_uuid(Uuid::now_v7());
    let days = DayRange::try_new(day(10), day(12)).unwrap();
    let takes = vec![Take::Nights { days, quantity: Quantity::try_new(3).unwrap() }];
    let reason = Reason::try_new("repairs").unwrap();
    let command = calendar::Command::Block { block, takes, reason, at: at(1, 10) };
    world.send::<Calendar>(calendar, command).await;
    world.settle(&projections).await;
    let blocked = [[0, 0, 4], [3, 0, 1], [3, 0, 1], [0, 0, 4]];
    assert_eq!(free(&projections, hotel.room, 9, 13).await, blocked);
    world.assert_verified(&projections).await;

    let command = calendar::Command::Unblock { block, at: at(1, 11) };
    world.send::<Calendar>(calendar, command).await;
    world.settle(&projections).await;
    assert_eq!(free(&projections, hotel.room, 9, 13).await, [[0, 0, 4]; 4]);
}

#[tokio::test]
async fn availability_of_a_listing_covers_all_its_resources() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let suite = ResourceId::from_uuid(Uuid::now_v7());
    world.room(&hotel, suite, 1).await;
    world.settle(&projections).await;
    let days = DayRange::try_new(day(1), day(3)).unwrap();
    let of = AvailabilityOf::Listing(hotel.listing);
    let answer = projections.queries().availability(of, days, at(1, 12)).await.unwrap();
    let seen: Vec<_> = answer.days.iter().map(|d| (d.resource, d.day, d.free())).collect();
    let expected =
        [(hotel.room, day(1), 4), (hotel.room, day(2), 4), (suite, day(1), 1), (suite, day(2), 1)];
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn only_holds_that_are_still_held_come_due() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let orders: Vec<Order> = (0..4).map(|n| Order::new(hotel, 5 + 3 * n, 7 + 3 * n, 1)).collect();
    for (order, hour) in orders.iter().zip([3, 4, 5, 6]) {
        world.book(order, Some(at(2, hour)), at(1, 9)).await.unwrap();
    }
    world.confirm(&orders[0], at(1, 10)).await.unwrap();
    world.lapse(&orders[1], at(2, 4)).await.unwrap();
    world.settle(&projections).await;
    let due = projections.queries().due(at(2, 5), 10).await.unwrap();
    assert_eq!(due.len(), 1);
    assert_eq!((due[0].booking, due[0].at), (orders[2].booking, at(2, 5)));
    assert_eq!(projections.queries().due(at(9, 0), 10).await.unwrap().len(), 2);
}

async fn measured(
    projections: &Projections,
    group_by: &[Dimension],
    days: Option<(NaiveDate, NaiveDate)>,
) -> Vec<AnalyticsRow> {
    let query = AnalyticsQuery {
        group_by: group_by.iter().copied().collect(),
        from: days.map(|days| days.0),
        to: days.map(|days| days.1),
        listing: None,
    };
    projections.queries().analytics(&query).await.expect("measures are summed").rows
}

#[tokio::test]
async fn each_measure_counts_on_its_own_day_in_the_zone_of_the_listing() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let order = Order::new(hotel, 10, 14, 2);
    // 20:00 UTC is the next day in Tokyo
    world.book(&order, Some(at(4, 0)), at(1, 20)).await.unwrap();
    world.confirm(&order, at(3, 20)).await.unwrap();
    world.check_in(&order, at(10, 8)).await.unwrap();
    world.check_out(&order, at(12, 20)).await.unwrap(); // the 13th in Tokyo
    world.settle(&projections).await;

    let rows = measured(&projections, &[Dimension::Day], None).await;
    let days: Vec<_> = rows.iter().map(|row| (row.day.unwrap(), row.measured)).collect();
    let night =
        |room_nights| Measured { room_nights, revenue_minor: 20_000, ..Measured::default() };
    let expected = [
        (day(4), Measured { bookings: 1, lead_days_sum: 6, ..Measured::default() }),
        (day(10), Measured { arrivals: 1, ..night(2) }),
        (day(11), night(2)),
        (day(12), night(2)),
        (day(13), Measured { departures: 1, ..night(0) }), // paid for, not slept
    ];
    assert_eq!(days, expected);
}

#[tokio::test]
async fn cancelled_no_show_and_lapsed_bookings_earn_nothing() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    let [cancelled, absent, lapsed, given_up] = [1, 2, 3, 4].map(|n| Order {
        channel: Some(["Direct", "Agent", "Web", "Phone"][n - 1]),
        ..Order::new(hotel, 10, 12, 1)
    });
    world.book(&cancelled, None, at(1, 9)).await.unwrap();
    world.book(&absent, None, at(1, 9)).await.unwrap();
    world.book(&lapsed, Some(at(2, 0)), at(1, 9)).await.unwrap();
    world.book(&given_up, Some(at(2, 0)), at(1, 9)).await.unwrap();
    world.cancel(&cancelled, at(5, 9)).await.unwrap();
    world.no_show(&absent, at(11, 9)).await.unwrap();
    world.lapse(&lapsed, at(2, 0)).await.unwrap();
    world.cancel(&given_up, at(1, 10)).await.unwrap();
    world.settle(&projections).await;

    let rows = measured(&projections, &[Dimension::Channel], None).await;
    let by: Vec<_> =
        rows.iter().map(|row| (row.channel.as_ref().map(Label::as_str), row.measured)).collect();
    let booked = Measured { bookings: 1, lead_days_sum: 9, ..Measured::default() };
    let expected = [
        (Some("Agent"), Measured { no_shows: 1, ..booked }),
        (Some("Direct"), Measured { cancellations: 1, ..booked }),
    ];
    assert_eq!(by, expected);
    let days = measured(&projections, &[Dimension::Day], None).await;
    let days: Vec<_> = days.iter().map(|row| row.day.unwrap()).collect();
    assert_eq!(days, [day(1), day(5), day(10)]); // booked, cancelled, did not come
}

#[tokio::test]
async fn a_day_use_earns_without_a_night_and_occupancy_counts_what_there_is_to_sell() {
    let world = World::new().await;
    let projections = world.projections().await;
    let hotel = world.hotel("Asia/Tokyo", 4).await;
    world.book(&Order::new(hotel, 10, 10, 1), None, at(1, 9)).await.unwrap();
    world.book(&Order::new(hotel, 30, 33, 2), None, at(1, 9)).await.unwrap();
    world.settle(&projections).await;

    let both = Some((day(1), day(62)));
    let rows = measured(&projections, &[Dimension::Listing, Dimension::Month], both).await;
    let months: Vec<_> = rows.iter().map(|row| (row.month.unwrap(), row.measured)).collect();
    assert_eq!(months.len(), 2);
    let (may, june) = (months[0].1, months[1].1);
    assert_eq!((may.room_nights, may.revenue_minor), (4, 50_000)); // a day use and two nights for two
    assert_eq!((june.room_nights, june.revenue_minor), (2, 20_000));
    assert_eq!((may.capacity_nights, june.capacity_nights), (Some(31 * 4), Some(30 * 4)));
    assert_eq!(may.occupancy(), Some(4.0 / 124.0));
    assert_eq!(may.lead_days_mean(), Some(19.0));
    assert_eq!(rows[0].listing, Some(hotel.listing));

    let by_channel = measured(&projections, &[Dimension::Channel], both).await;
    assert_eq!(by_channel[0].measured.capacity_nights, None); // what is there to sell has no channel
}
