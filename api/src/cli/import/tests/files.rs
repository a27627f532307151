//! From lines to rows.

use std::io::Write as _;

use daybook_domain::values::Dimensions;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::super::decimal::{DecimalError, minor_units};
use super::super::row::{Ending, Reject};
use super::super::source::Source;
use super::{date, excerpt, line, rows, source};

#[test]
fn a_row_becomes_a_booking() {
    let rows = rows(&[&[]]);
    let row = &rows[0];
    assert_eq!(row.line, 2);
    assert_eq!((row.hotel.name(), row.room_type.as_str()), ("City Hotel", "B"));
    assert_eq!(row.booked_on, date("2016-05-31"));
    assert_eq!(
        (row.stay.arrival(), row.stay.departure()),
        (date("2016-07-10"), date("2016-07-12"))
    );
    assert_eq!(row.price_per_night.to_string(), "62.50 EUR");
    assert_eq!(row.party.adults(), 2);
    assert_eq!((row.ending, row.ended_on()), (Ending::CheckedOut, date("2016-07-12")));
    let expected = serde_json::json!({
        "channel": "TA/TO", "segment": "Direct", "country": "PRT", "customer_type": "Transient",
        "extra": {"meal": "BB", "agent": "9", "deposit_type": "No Deposit", "reserved_room_type": "A"},
    });
    let expected: Dimensions = serde_json::from_value(expected).unwrap();
    assert_eq!(row.dimensions, expected);
}

#[test]
fn what_the_file_does_not_know_is_left_out() {
    let rows = rows(&[&[
        ("children", "NA"),
        ("adults", "0"),
        ("country", "NULL"),
        ("meal", ""),
        ("stays_in_weekend_nights", "0"),
        ("stays_in_week_nights", "0"),
    ]]);
    assert_eq!((rows[0].party.adults(), rows[0].party.children()), (0, 0));
    assert_eq!(rows[0].dimensions.country, None);
    assert_eq!(rows[0].dimensions.extra.get("meal"), None);
    assert!(rows[0].stay.is_day_use());
}

#[test]
fn a_bad_line_is_named_and_the_rest_is_read() {
    let lines = [
        line(&[("adr", "-6.38")]),
        line(&[]),
        "City Hotel,1".to_owned(),
        line(&[("arrival_date_month", "Juli")]),
        line(&[("arrival_date_month", "June"), ("arrival_date_day_of_month", "31")]),
        line(&[("adults", "NA")]),
        line(&[("hotel", "Hilbert's Hotel")]),
        line(&[("reservation_status", "Maybe")]),
        line(&[("lead_time", "-1")]),
        line(&[("lead_time", "99999999999")]),
        line(&[("stays_in_week_nights", "400")]),
        line(&[("agent", &"x".repeat(65))]),
    ];
    let source = source(&lines);
    assert_eq!(source.rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3]);
    let lines: Vec<_> = source.rejected.iter().map(|rejected| rejected.line).collect();
    assert_eq!(lines, [2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]);
    assert_eq!(source.rejected[0].reason.to_string(), "adr `-6.38`: the rate is negative");
    assert_eq!(source.rejected[1].reason, Reject::Fields { found: 2, expected: 23 });
    assert!(source.rejected[5].reason.to_string().contains("hotel `Hilbert's Hotel`"));
}

#[test]
fn a_line_that_is_no_text_is_rejected_alone() {
    let mut bytes = super::HEADER.as_bytes().to_vec();
    bytes.extend_from_slice(b"\nCity \xff Hotel,1\n");
    bytes.extend_from_slice(line(&[]).as_bytes());
    let source = Source::read(&bytes, None).unwrap();
    assert_eq!((source.rows.len(), source.rejected.len()), (1, 1));
    assert!(matches!(source.rejected[0].reason, Reject::Unreadable(_)));
}

#[test]
fn lines_are_counted_however_they_end() {
    for end in ["\n", "\r\n", "\n\n", "\r\n\r\n"] {
        let text = [super::HEADER, &line(&[]), &line(&[]), ""].join(end);
        let source = Source::read(text.as_bytes(), None).unwrap();
        let step = u64::try_from(end.matches('\n').count()).unwrap();
        let lines: Vec<_> = source.rows.iter().map(|row| row.line).collect();
        assert_eq!(lines, [1 + step, 1 + 2 * step], "{end:?}");
    }
}

#[test]
fn a_file_without_a_column_is_refused() {
    let header = super::HEADER.replace("adr,", "");
    let error = Source::read(header.as_bytes(), None).err().expect("a column is missing");
    assert!(error.to_string().contains("`adr`"));
}

#[test]
fn a_compressed_file_reads_like_a_plain_one() {
    let path = std::env::temp_dir().join(format!("import-{}.csv.gz", std::process::id()));
    let mut encoder = GzEncoder::new(std::fs::File::create(&path).unwrap(), Compression::fast());
    encoder
        .write_all(format!("{}\n{}\n{}", super::HEADER, line(&[]), line(&[])).as_bytes())
        .unwrap();
    encoder.finish().unwrap();
    let (all, one) = (Source::load(&path, None).unwrap(), Source::load(&path, Some(1)).unwrap());
    std::fs::remove_file(&path).unwrap();
    assert_eq!((all.rows.len(), one.rows.len()), (2, 1));
    assert_eq!(all.rows[0].booking, one.rows[0].booking);
}

#[test]
fn ids_are_the_same_at_every_reading_and_differ_between_equal_rows() {
    let (first, second) = (rows(&[&[], &[]]), rows(&[&[], &[]]));
    assert_eq!(first[0].booking, second[0].booking);
    assert_ne!(first[0].booking, first[1].booking);
    assert_ne!(first[0].booking.as_uuid(), first[0].customer.as_uuid());
    assert_eq!(first[0].resource, first[1].resource);
    for id in [first[0].booking.as_uuid(), first[0].customer.as_uuid(), first[0].resource.as_uuid()]
    {
        assert_eq!(id.get_version_num(), 7);
    }
    let (seconds, _) = first[0].booking.as_uuid().get_timestamp().unwrap().to_unix();
    assert_eq!(
        seconds,
        u64::try_from(
            "2016-05-31T13:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap().timestamp()
        )
        .unwrap()
    );
}

#[test]
fn an_ending_never_comes_before_the_step_it_follows() {
    let rows = rows(&[
        &[("reservation_status", "No-Show"), ("reservation_status_date", "3/28/2016")],
        &[("reservation_status", "Canceled"), ("reservation_status_date", "2016-01-01")],
        &[("reservation_status_date", "7/1/2016")],
    ]);
    assert_eq!(rows[0].ended_on(), date("2016-07-10"));
    assert_eq!(rows[1].ended_on(), date("2016-05-31"));
    assert_eq!(rows[2].ended_on(), date("2016-07-10"));
}

#[test]
fn decimals_become_minor_units_rounded_half_up() {
    let cases = [
        ("75", 7_500),
        ("62.5", 6_250),
        ("62.05", 6_205),
        ("0.004", 0),
        ("0.005", 1),
        ("1.994999", 199),
        ("1.995", 200),
        ("9.999", 1_000),
        (".5", 50),
        ("5.", 500),
        ("5400", 540_000),
        ("0", 0),
    ];
    for (text, minor) in cases {
        assert_eq!(minor_units(text, 2), Ok(minor), "{text}");
    }
    assert_eq!(minor_units("1.2345", 3), Ok(1_235));
    assert_eq!(minor_units("99.5", 0), Ok(100));
    assert_eq!(minor_units("-6.38", 2), Err(DecimalError::Negative));
    assert_eq!(minor_units("99999999999999999999", 2), Err(DecimalError::TooLarge));
    for text in ["", ".", "1e3", "1,5", "1.2.3", "+1", "NaN", " 1"] {
        assert_eq!(minor_units(text, 2), Err(DecimalError::Malformed), "{text}");
    }
}

#[test]
fn the_excerpt_has_one_bad_row() {
    let source = excerpt();
    assert_eq!((source.rows.len(), source.rejected.len()), (389, 1));
    let ended = |ending| source.rows.iter().filter(|row| row.ending == ending).count();
    assert_eq!(ended(Ending::CheckedOut), 189);
    assert_eq!(ended(Ending::Cancelled), 164);
    assert_eq!(ended(Ending::NoShow), 36);
}
