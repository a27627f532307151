//! What clients rely on: every refusal with its status, its type and its reason.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use daybook_domain::{
    booking,
    calendar::{self, Extent, Obstacle},
    listing, organization, payment, resource,
    values::{Currency, DayRange, Money, Month, TimeRange},
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
    let payments = told([
        payment::Refusal::NotFound,
        payment::Refusal::AlreadyExists,
        payment::Refusal::ZeroAmount,
        payment::Refusal::CurrencyMismatch,
        payment::Refusal::CaptureExceedsRequested { requested: money() },
        payment::Refusal::AlreadyCaptured { amount: money() },
        payment::Refusal::NotCaptured,
        payment::Refusal::RefundExceedsCaptured { left: money() },
        payment::Refusal::Voided,
        payment::Refusal::Failed,
    ]);
    insta::assert_json_snapshot!(serde_json::json!({
        "organization": organizations,
        "listing": listings,
        "resource": resources,
        "calendar": calendars,
        "booking": bookings,
        "payment": payments,
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
