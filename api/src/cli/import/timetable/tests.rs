//! What the importer makes of rows, without a Daybook server.

use daybook_domain::values::{Label, ResourceId};
use serde_json::{Value, json};

use super::{
    rooms::Rooms,
    row::{Fault, Row, Source},
    wire::RoomItem,
};

const HEADER: &str = "room,title,start,end,rrule,attendees";
const LISTING: &str = "0199aa00-0000-7000-8000-000000000001";

fn room_id(number: u8) -> String {
    format!("0199aa00-0000-7000-8000-0000000001{number:02}")
}

fn rooms() -> Rooms {
    let mut rooms = Rooms::default();
    for (number, name, zone) in [
        (1, "Room 101", "Europe/London"),
        (2, "Studio", "America/New_York"),
        (3, "Studio", "America/New_York"),
    ] {
        let item: Value = json!({
            "id": room_id(number), "listing_id": LISTING, "zone": zone,
            "name": {"en": name, "ar": format!("غرفة {number}")}, "attributes": {"seats": 40},
        });
        let item: RoomItem = serde_json::from_value(item).expect("a room as it is answered");
        rooms.add(item);
    }
    rooms
}

fn read(lines: &[&str]) -> Source {
    let text = [&[HEADER][..], lines].concat().join("\r\n");
    Source::read(text.as_bytes(), &rooms()).expect("the header is complete")
}

fn rows(lines: &[&str]) -> Vec<Row> {
    let source = read(lines);
    assert_eq!(source.faults, [], "every line makes sense");
    source.rows
}

fn starts(row: &Row) -> Vec<String> {
    let dates = row.series.occurrences().iter();
    dates.map(|date| date.time.start().format("%m-%dT%H:%MZ").to_string()).collect()
}

#[test]
fn a_weekly_class_keeps_its_hour_when_clocks_are_changed() {
    let rows = rows(&["Room 101,Algebra,2027-03-22T09:00,2027-03-22T10:30,FREQ=WEEKLY;COUNT=2,30"]);
    assert_eq!(starts(&rows[0]), ["03-22T09:00Z", "03-29T08:00Z"]);
    assert_eq!(rows[0].series.plan().duration.get(), 90);
    assert_eq!(rows[0].party.adults(), 30);
    assert_eq!(rows[0].dimensions.extra.get("title").map(Label::as_str), Some("Algebra"));
}

#[test]
fn times_are_those_of_the_room_or_instants_and_a_row_without_a_rule_is_one_date() {
    let rows = rows(&[
        &format!("{},Local,2027-06-01 09:00,2027-06-01 10:00,,", room_id(2)),
        &format!("{},Instant,2027-06-01T13:00:00Z,2027-06-01T16:00:00+02:00,,", room_id(3)),
    ]);
    assert_eq!(starts(&rows[0]), ["06-01T13:00Z"]);
    assert_eq!(starts(&rows[1]), starts(&rows[0]));
    assert_eq!(rows[0].party.adults(), 1);
}

#[test]
fn columns_are_found_in_any_order_and_rooms_by_any_of_their_names() {
    let text = "attendees,rrule,end,start,note,title,room\n\
                12,,2027-06-01T10:00,2027-06-01T09:00,x,Drawing,غرفة 1";
    let source = Source::read(text.as_bytes(), &rooms()).expect("a complete header");
    assert_eq!(source.faults, []);
    assert_eq!(Some(source.rows[0].room), room_id(1).parse::<ResourceId>().ok());
    let missing = Source::read(b"room,title,start,end,rrule\n", &rooms());
    let missing = missing.err().map(|error| error.to_string());
    assert_eq!(missing.as_deref(), Some("the file has no column `attendees`"));
}

#[test]
fn everything_that_is_wrong_is_told_with_its_line_and_column() {
    let faults = read(&[
        "Room 999,,2027-06-01T09:00,tomorrow,FREQ=WEEKLY,many",
        "Studio,Dance,2027-06-01T09:00,2027-06-01T08:00,,41",
        "Room 101,Chess,2027-03-28T01:30,2027-03-28T03:00,,5",
        "Room 101,Chess,2027-06-01T09:00,2027-06-01T10:00,FREQ=WEEKLY;BYDAY=MO;COUNT=3,5",
        "Room 101,Chess",
        "Room 101,Crowd,2027-06-01T09:00,2027-06-01T10:00,,41",
        "Room 101,For ever,2027-06-01T09:00,2027-06-01T10:00,FREQ=DAILY;COUNT=1000000,5",
    ])
    .faults;
    let told: Vec<_> =
        faults.iter().map(|Fault { line, column, .. }| (*line, column.unwrap_or("all"))).collect();
    let wanted = [
        (2, "room"),
        (2, "title"),
        (2, "attendees"),
        (2, "end"),
        (2, "rrule"),
        (3, "room"),
        (3, "end"),
        (4, "start"),
        (5, "start"),
        (6, "all"),
        (7, "attendees"),
        (8, "rrule"),
    ];
    assert_eq!(told, wanted, "{faults:#?}");
}

#[test]
fn ids_follow_what_a_row_says_and_not_its_line() {
    let class = "Room 101,Algebra,2027-03-22T09:00,2027-03-22T10:30,FREQ=WEEKLY;COUNT=2,30";
    let other = "Room 101,Algebra,2027-03-23T09:00,2027-03-23T10:30,FREQ=WEEKLY;COUNT=2,30";
    let (first, second) = (rows(&[class, other, class]), rows(&[other, class]));
    assert_eq!(first[0].id(0), second[1].id(0));
    assert_eq!(first[1].id(0), second[0].id(0));
    assert_ne!(first[0].id(0), first[2].id(0), "equal rows are different classes");
    assert_ne!(first[0].id(0), first[0].id(1), "a later attempt is a series of its own");
}
