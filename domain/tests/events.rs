//! What was ever stored can be read for ever: one fixture for each event as the log keeps it.
//!
//! A fixture that no longer reads, or would be written differently, is a broken promise: keep the
//! fixture, give the new shape a new version, and read the old one through an upcaster.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use cqrs_es::{Aggregate, DomainEvent};
use daybook_domain::{
    add_on::AddOn,
    allotment::Allotment,
    booking::Booking,
    calendar::Calendar,
    customer::Customer,
    invoice::{Invoices, register::Register},
    listing::Listing,
    notice::Notice,
    organization::Organization,
    payment::Payment,
    payouts::Payouts,
    quote::Quote,
    resource::Resource,
    series::booked::BookedSeries,
    tickets::Tickets,
    voucher::Voucher,
    waiting_list::WaitingList,
};

/// `(event, version, stored bytes)` of every file `fixtures/<aggregate>/<event>.<version>[-variant].json`.
fn fixtures(aggregate: &str) -> Vec<(String, String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(aggregate);
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("each aggregate has fixtures")
        .map(|entry| entry.expect("a file that can be listed").path())
        .collect();
    files.sort();
    files
        .into_iter()
        .map(|path| {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("a plain file name");
            let (event, rest) = stem.split_once('.').expect("event and version in the file name");
            let version = rest.split('-').next().expect("a version in the file name");
            let stored = fs::read_to_string(&path).expect("a fixture that can be read");
            (event.to_owned(), version.to_owned(), stored.trim_end().to_owned())
        })
        .collect()
}

/// The names of all variants, as serde lists them when it meets an unknown one.
fn all_events<A: Aggregate>() -> BTreeSet<String> {
    let unknown = r#"{"never happened":{}}"#;
    let error = serde_json::from_str::<A::Event>(unknown).expect_err("there is no such event");
    let message = error.to_string();
    let (_, expected) = message.split_once("expected ").expect("serde names what it expected");
    expected.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn read_them_all<A: Aggregate>() -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for (name, version, stored) in fixtures(A::TYPE) {
        let event: A::Event = serde_json::from_str(&stored)
            .map_err(|error| format!("{}/{name}: {error}", A::TYPE))?;
        assert_eq!(serde_json::to_string(&event).expect("an event is JSON"), stored);
        assert_eq!((event.event_type(), event.event_version()), (name.clone(), version));
        A::default().apply(event); // replaying is total, whatever came before
        seen.insert(name);
    }
    assert_eq!(seen, all_events::<A>(), "an event of {} has no fixture", A::TYPE);
    Ok(())
}

#[test]
fn every_event_of_an_organization_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Organization>()
}

#[test]
fn every_event_of_a_listing_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Listing>()
}

#[test]
fn every_event_of_a_resource_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Resource>()
}

#[test]
fn every_event_of_a_calendar_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Calendar>()
}

#[test]
fn every_event_of_an_allotment_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Allotment>()
}

#[test]
fn every_event_of_a_booking_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Booking>()
}

#[test]
fn every_event_of_a_customer_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Customer>()
}

#[test]
fn every_event_of_a_notice_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Notice>()
}

#[test]
fn every_event_of_a_payment_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Payment>()
}

#[test]
fn every_event_of_invoices_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Invoices>()
}

#[test]
fn every_event_of_a_register_of_invoices_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Register>()
}

#[test]
fn every_event_of_payouts_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Payouts>()
}

#[test]
fn every_event_of_a_quote_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Quote>()
}

#[test]
fn every_event_of_a_series_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<BookedSeries>()
}

#[test]
fn every_event_of_tickets_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Tickets>()
}

#[test]
fn every_event_of_a_waiting_list_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<WaitingList>()
}

#[test]
fn every_event_of_a_voucher_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<Voucher>()
}

#[test]
fn every_event_of_an_add_on_that_was_ever_stored_can_be_read() -> Result<(), String> {
    read_them_all::<AddOn>()
}
