//! What the file says, counted here and without the importer's code.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use chrono::NaiveDate;

/// The counts of one hotel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) bookings: u64,
    pub(super) cancelled: u64,
    pub(super) no_shows: u64,
    pub(super) checked_out: u64,
    /// Nights on which somebody slept.
    pub(super) room_nights: u64,
}

/// The file: rows that make sense by hotel, and how many do not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct File {
    pub(super) hotels: BTreeMap<String, Figures>,
    pub(super) rows: u64,
    pub(super) rejected: u64,
}

pub(super) fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/hotel_bookings_excerpt.csv")
}

/// Counts the file.
pub(super) fn count() -> File {
    let mut reader = csv::Reader::from_path(path()).expect("the fixture is there");
    let header = reader.headers().expect("it has a header").clone();
    let mut file = File::default();
    for record in reader.records() {
        let record = record.expect("a row of fields");
        let field = |name: &str| {
            let at = header.iter().position(|column| column == name).expect("a known column");
            &record[at]
        };
        file.rows += 1;
        // The one thing in the data that cannot be: a room that costs less than nothing.
        if field("adr").starts_with('-') {
            file.rejected += 1;
            continue;
        }
        let figures = file.hotels.entry(field("hotel").to_owned()).or_default();
        figures.bookings += 1;
        match field("reservation_status") {
            "Canceled" => figures.cancelled += 1,
            "No-Show" => figures.no_shows += 1,
            "Check-Out" => figures.checked_out += 1,
            other => panic!("an unknown status: {other}"),
        }
        let cancelled = field("is_canceled") == "1";
        assert_eq!(cancelled, field("reservation_status") != "Check-Out");
        if !cancelled {
            let number = |name| field(name).parse::<u64>().expect("a number");
            let booked = number("stays_in_weekend_nights") + number("stays_in_week_nights");
            let arrival = format!(
                "{} {} {}",
                field("arrival_date_year"),
                field("arrival_date_month"),
                field("arrival_date_day_of_month")
            );
            let arrival = NaiveDate::parse_from_str(&arrival, "%Y %B %d").expect("a date");
            let left = field("reservation_status_date");
            let left = NaiveDate::parse_from_str(left, "%m/%d/%Y").expect("a date");
            // Whoever leaves early sleeps fewer nights.
            let stayed = u64::try_from((left - arrival).num_days()).unwrap_or_default();
            figures.room_nights += booked.min(stayed);
        }
    }
    file
}
