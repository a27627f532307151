//! What clients rely on: every refusal with its status, its type and its reason.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use daybook_domain::{
    add_on,
    allotment::{self, SessionError},
    booking,
    calendar::{self, Extent, Obstacle},
    customer, invoice, listing, notice, organization, payment, payouts, resource,
    series::{NoSuchOccurrence, booked},
    tickets,
    values::{
        Code as PoolCode, Currency, DayRange, Money, Month, Quantity, Seat, TimeRange,
        WaitingEntryId,
    },
    voucher, waiting_list,
};

use super::*;

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).expect("an instant")
}

fn day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2027, 5, 30).expect("a date")
}

fn that_day() -> DayRange {
    DayRange::try_new(day(), day().succ_opt().expect("the next date")).expect("a day")
}

fn sold_out(place: Extent) -> calendar::Refusal {
    calendar::Refusal::SoldOut { place, free: 1, asked: 2, obstacle: Obstacle::Sold }
}

fn money() -> Money {
    Money::try_new(12_550, Currency::try_new("EUR").unwrap()).unwrap()
}

fn told<E: Into<Problem>>(refusals: impl IntoIterator<Item = E>) -> Vec<String> {
    let told = refusals.into_iter().map(|refusal| {
        let problem: Problem = refusal.into();
        let reason = problem.reason().unwrap_or("none");
        let code = problem.code();
        format!("{} {} {reason}: {}", code.status().as_u16(), code.as_str(), problem.detail)
    });
    told.collect()
}

fn adult() -> PoolCode {
    PoolCode::try_new("adult").unwrap()
}

fn seat() -> Seat {
    "stalls/A-12".parse().unwrap()
}

fn of_invoices() -> [invoice::Refusal; 3] {
    use invoice::Refusal as R;
    [R::NotConfirmed, R::NothingToIssue, R::NoSeller]
}

fn of_payouts() -> [payouts::Refusal; 6] {
    [
        payouts::Refusal::NotFound,
        payouts::Refusal::AlreadyExists,
        payouts::Refusal::ZeroAmount,
        payouts::Refusal::PeriodPaid { until: day() },
        payouts::Refusal::PeriodNotOver { until: day() },
        payouts::Refusal::ExceedsOwed,
    ]
}

fn of_notices() -> [notice::Refusal; 3] {
    [notice::Refusal::NotFound, notice::Refusal::Delivered, notice::Refusal::Withdrawn]
}

fn of_waiting_lists(at: DateTime<Utc>) -> [waiting_list::Refusal; 13] {
    use waiting_list::Refusal as R;
    [
        R::NotFound,
        R::AlreadyJoined,
        R::AlreadyWaiting { entry: WaitingEntryId::from_uuid(uuid::Uuid::from_u128(7)) },
        R::TooManyOfCustomer,
        R::Full,
        R::StillFree,
        R::NeverFree,
        R::DeadlinePassed { at },
        R::Ended { status: waiting_list::Status::Expired },
        R::NotOffered,
        R::OfferEnded { at },
        R::OtherCustomer,
        R::OtherThanOffered,
    ]
}

fn of_add_ons(at: DateTime<Utc>) -> [add_on::Refusal; 9] {
    [
        add_on::Refusal::NotFound,
        add_on::Refusal::AlreadyExists,
        add_on::Refusal::Withdrawn,
        add_on::Refusal::CurrencyMismatch,
        add_on::Refusal::OtherStock,
        add_on::Refusal::TooMany { asked: 5, most: 4 },
        add_on::Refusal::SoldOut { day: Some(day()), free: 1, asked: 2 },
        add_on::Refusal::NotTaken,
        add_on::Refusal::HoldEnded { at },
    ]
}

fn of_vouchers(at: DateTime<Utc>) -> [voucher::Refusal; 14] {
    [
        voucher::Refusal::NotFound,
        voucher::Refusal::AlreadyExists,
        voucher::Refusal::Withdrawn,
        voucher::Refusal::NotYetValid { from: at },
        voucher::Refusal::Expired { at },
        voucher::Refusal::UsedUp { max: 50 },
        voucher::Refusal::CustomerUsedUp { max: 1 },
        voucher::Refusal::Budget { left: money(), asked: money() },
        voucher::Refusal::Minimum { least: money() },
        voucher::Refusal::NotForThis,
        voucher::Refusal::CurrencyMismatch(money().currency()),
        voucher::Refusal::AlreadyUsed,
        voucher::Refusal::NotUsed,
        voucher::Refusal::HoldEnded { at },
    ]
}

fn of_tickets(at: DateTime<Utc>) -> [tickets::Refusal; 7] {
    [
        tickets::Refusal::NotFound,
        tickets::Refusal::TooMany,
        tickets::Refusal::Void,
        tickets::Refusal::AlreadyUsed,
        tickets::Refusal::SessionBegun { at },
        tickets::Refusal::NonceReused,
        tickets::Refusal::TooManyScans,
    ]
}

fn of_customers() -> Vec<customer::Refusal> {
    use customer::Refusal as R;
    let into = daybook_domain::values::CustomerId::from_uuid(uuid::Uuid::nil());
    vec![
        R::NotFound,
        R::AlreadyExists,
        R::Merged { into },
        R::IntoItself,
        R::OtherOrganization,
        R::NoteExists,
        R::NoSuchNote,
        R::TooManyNotes,
        R::TooManyContacts,
        R::TooManyTags,
        R::TooManyRecords { max: 500 },
    ]
}

fn of_places() -> Vec<allotment::Refusal> {
    use allotment::{Obstacle, Refusal as R};
    let (offer, pool, seat, at) = (adult(), adult(), seat(), at());
    let [least, most] = [3, 6].map(|count| Quantity::try_new(count).unwrap());
    vec![
        R::NotOpen,
        R::AlreadyOpen,
        R::CalledOff,
        R::Session(SessionError::NoPool),
        R::SalesClosed,
        R::AlreadyAllocated,
        R::NotAllocated,
        R::NothingAsked,
        R::DeadlinePassed { at },
        R::HoldEnded { at },
        R::UnknownOffer { offer: offer.clone() },
        R::NotYetOnSale { offer: offer.clone(), opens_at: at },
        R::NoLongerOnSale { offer: offer.clone(), closed_at: at },
        R::TooFew { offer: offer.clone(), asked: 1, least },
        R::TooMany { offer: offer.clone(), asked: 7, most },
        R::OrderLimit { asked: 7, most },
        R::CustomerLimit { taken: 5, asked: 2, most },
        R::SoldOut { pool, free: 1, asked: 2, reason: Obstacle::Held },
        R::NotSeated { offer: offer.clone() },
        R::SeatsNeeded { offer: offer.clone() },
        R::SeatCount { offer: offer.clone(), needed: 2, chosen: 1 },
        R::UnknownSeat { seat: seat.clone() },
        R::SeatElsewhere { offer: offer.clone(), seat: seat.clone() },
        R::SeatTwice { seat: seat.clone() },
        R::SeatNotFree { seat: seat.clone(), reason: Obstacle::Blocked },
        R::NotTaken { offer, taken: 1, asked: 2 },
        R::SeatNotTaken { seat },
    ]
}

#[test]
fn what_is_sold_out_says_where_and_what_stands_in_the_way() {
    use allotment::{Obstacle, Refusal as R};
    let full = R::SoldOut { pool: adult(), free: 1, asked: 2, reason: Obstacle::Capacity };
    let taken = R::SeatNotFree { seat: seat(), reason: Obstacle::Sold };
    for (problem, told) in [
        (Problem::from(full), r#""pool":"adult","free":1,"asked":2,"obstacle":"capacity""#),
        (taken.into(), r#""seat":"stalls/A-12","free":0,"asked":1,"obstacle":"sold""#),
        (
            sold_out(Extent::Days(that_day())).into(),
            r#""day":"2027-05-30","free":1,"asked":2,"obstacle":"sold""#,
        ),
    ] {
        let written = problem.write(Language::English, None);
        assert!(written.contains(told), "{written}");
    }
}

fn of_payments(at: DateTime<Utc>) -> Vec<payment::Refusal> {
    use payment::Refusal as R;
    let attempt = payment::AttemptNumber::FIRST;
    vec![
        R::NotFound,
        R::AlreadyExists,
        R::ZeroAmount,
        R::CurrencyMismatch,
        R::ProviderMismatch,
        R::ByHand,
        R::ByProvider,
        R::UnknownAttempt { attempt },
        R::AttemptOver { attempt },
        R::AttemptOpen,
        R::OtherReference,
        R::NotAuthorized,
        R::Authorized,
        R::AuthorizationExpired { at },
        R::NotExpired,
        R::AuthorizationExceedsRequested { requested: money() },
        R::CaptureExceedsRequested { requested: money() },
        R::CaptureExceedsAuthorized { authorized: money() },
        R::AlreadyCaptured { amount: money() },
        R::CaptureInProgress,
        R::UnknownCapture { number: 2 },
        R::NotCaptured,
        R::RefundExceedsCaptured { left: money() },
        R::RefundDiffers { amount: money() },
        R::UnknownRefund,
        R::Disputed,
        R::DisputeExceedsCaptured { captured: money() },
        R::LossExceedsCaptured { left: money() },
        R::DisputeDiffers { amount: money() },
        R::DisputeEnded,
        R::BeingVoided,
        R::Voided,
        R::Failed,
    ]
}

#[test]
fn refusals_keep_their_status_type_and_reason() {
    let (at, month) = (at(), Month::of(day()));
    let currency = Currency::try_new("JOD").unwrap();
    let organizations = told([
        organization::Refusal::NotFound,
        organization::Refusal::AlreadyExists,
        organization::Refusal::AlreadyMember,
        organization::Refusal::NotAMember,
        organization::Refusal::LastOwner,
        organization::Refusal::TooManyMembers { max: 1_000 },
    ]);
    let listings = told([
        listing::Refusal::NotFound,
        listing::Refusal::AlreadyExists,
        listing::Refusal::OtherKind,
        listing::Refusal::CurrencyMismatch { expected: money().currency(), given: currency },
        listing::Refusal::NotPublished,
        listing::Refusal::Archived,
    ]);
    let resources = told([
        resource::Refusal::NotFound,
        resource::Refusal::AlreadyExists,
        resource::Refusal::CurrencyMismatch { expected: money().currency(), given: currency },
        resource::Refusal::NotSoldByNight,
        resource::Refusal::NotTakenByTime,
        resource::Refusal::NotStaff,
    ]);
    let calendars = told([
        calendar::Refusal::NotOpen,
        calendar::Refusal::OtherMonth { month },
        calendar::Refusal::OtherShape,
        calendar::Refusal::OutsideMonth { month },
        calendar::Refusal::AlreadyAllocated,
        calendar::Refusal::NotAllocated,
        calendar::Refusal::AlreadyBlocked,
        sold_out(Extent::Days(that_day())),
        sold_out(Extent::Time(TimeRange::try_new(at, at + TimeDelta::hours(1)).unwrap())),
        calendar::Refusal::DeadlinePassed { at },
        calendar::Refusal::HoldEnded { at },
        calendar::Refusal::NothingAsked,
    ]);
    let bookings = told([
        booking::Refusal::NotFound,
        booking::Refusal::AlreadyExists,
        booking::Refusal::DeadlinePassed { at },
        booking::Refusal::HoldEnded { at },
        booking::Refusal::StillHeld { until: at },
        booking::Refusal::NotHeld,
        booking::Refusal::Lapsed,
        booking::Refusal::Cancelled,
        booking::Refusal::NotConfirmed,
        booking::Refusal::AlreadyConfirmed,
        booking::Refusal::AlreadyCheckedIn,
        booking::Refusal::NotCheckedIn,
        booking::Refusal::BeforeCheckIn { at },
        booking::Refusal::Completed,
        booking::Refusal::NoShow,
        booking::Refusal::ArrivalNotYet { on: day() },
        booking::Refusal::CurrencyMismatch,
    ]);
    let original = day().and_hms_opt(9, 0, 0).expect("nine in the morning");
    let series = told([
        booked::Refusal::NotFound,
        booked::Refusal::AlreadyExists,
        booked::Refusal::NoSuchOccurrence(NoSuchOccurrence(original)),
        booked::Refusal::Unaccounted(original),
        booked::Refusal::NothingBooked,
        booked::Refusal::WasSkipped(original),
        booked::Refusal::WasCancelled(original),
    ]);
    insta::assert_json_snapshot!(serde_json::json!({
        "organization": organizations,
        "listing": listings,
        "resource": resources,
        "calendar": calendars,
        "allotment": told(of_places()),
        "booking": bookings,
        "payment": told(of_payments(at)),
        "payouts": told(of_payouts()),
        "series": series,
        "customer": told(of_customers()),
        "tickets": told(of_tickets(at)),
        "notice": told(of_notices()),
        "invoice": told(of_invoices()),
        "waiting_list": told(of_waiting_lists(at)),
        "voucher": told(of_vouchers(at)),
        "add_on": told(of_add_ons(at)),
    }));
}

#[test]
fn codes_keep_their_status_and_titles() {
    let codes: Vec<_> = Code::ALL
        .into_iter()
        .map(|code| {
            let [english, arabic] = [Language::English, Language::Arabic].map(|l| code.title(l));
            let retry = code.retry_after().map_or(String::new(), |after| format!(" retry {after}"));
            format!("{} {}{retry}: {english} | {arabic}", code.status().as_u16(), code.as_str())
        })
        .collect();
    insta::assert_json_snapshot!(codes);
}

#[test]
fn a_problem_is_written_as_rfc_9457_has_it() {
    let refusal = sold_out(Extent::Days(that_day()));
    let problem: Problem = refusal.into();
    insta::assert_snapshot!(problem.write(Language::Arabic, Some("request-1")));
    let problem = Problem::bad_value("/lines/0/departure", "it is before the arrival");
    insta::assert_snapshot!(problem.write(Language::English, None));
}
