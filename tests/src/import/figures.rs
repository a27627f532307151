//! What the file says, counted here and without the importer's code.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The counts of one hotel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Figures {
    pub(super) bookings: u64,
    pub(super) cancelled: u64,
    pub(super) no_shows: u64,
    pub(super) checked_out: u64,
    /// Nights of bookings that were checked out, on which somebody slept, each room once.
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
            let nights = |name| field(name).parse::<u64>().expect("a number of nights");
            figures.room_nights +=
                nights("stays_in_weekend_nights") + nights("stays_in_week_nights");
        }
    }
    file
}
