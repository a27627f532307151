//! What the importer makes of rows, without a Daybook server.

mod files;
mod plans;
mod retries;

use chrono::NaiveDate;

use super::row::Row;
use super::source::Source;

const HEADER: &str = "hotel,lead_time,arrival_date_year,arrival_date_month,arrival_date_day_of_month,\
    stays_in_weekend_nights,stays_in_week_nights,adults,children,babies,meal,country,market_segment,\
    distribution_channel,reserved_room_type,assigned_room_type,deposit_type,agent,company,customer_type,\
    adr,reservation_status,reservation_status_date";

/// A stay of two nights from 10 July 2016, booked 40 days before, with other values where a test cares.
fn line(changes: &[(&str, &str)]) -> String {
    let usual = [
        "City Hotel",
        "40",
        "2016",
        "July",
        "10",
        "1",
        "1",
        "2",
        "0",
        "0",
        "BB",
        "PRT",
        "Direct",
        "TA/TO",
        "A",
        "B",
        "No Deposit",
        "9",
        "NULL",
        "Transient",
        "62.5",
        "Check-Out",
        "7/12/2016",
    ];
    let fields = HEADER.split(',').zip(usual).map(|(column, value)| {
        changes.iter().find(|(name, _)| *name == column).map_or(value, |(_, changed)| changed)
    });
    fields.collect::<Vec<_>>().join(",")
}

fn source(lines: &[String]) -> Source {
    let text = std::iter::once(HEADER).chain(lines.iter().map(String::as_str)).collect::<Vec<_>>();
    Source::read(text.join("\r\n").as_bytes(), None).expect("the header is complete")
}

fn rows(lines: &[&[(&str, &str)]]) -> Vec<Row> {
    let source = source(&lines.iter().map(|changes| line(changes)).collect::<Vec<_>>());
    assert_eq!(source.rejected, [], "every line makes sense");
    source.rows
}

fn date(text: &str) -> NaiveDate {
    text.parse().expect("the test names a date")
}

fn excerpt() -> Source {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/hotel_bookings_excerpt.csv");
    Source::load(path.as_ref(), None).expect("the excerpt is part of the repository")
}
