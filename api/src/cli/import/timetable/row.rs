//! The file: which rows it has, and what is wrong with those that make no sense.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result};
use chrono::{DateTime, NaiveDateTime, Utc};
use csv::{ByteRecord, ReaderBuilder, StringRecord, Trim};
use daybook_domain::{
    series::{Rule, Series, SeriesError, SeriesPlan},
    values::{
        Dimensions, Extras, Label, Length, ListingId, Party, ResourceId, SeriesId, Timestamp, Zone,
    },
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::rooms::{Room, Rooms};
use crate::{
    cli::import::{ids, source::Lines},
    derived_id::version_7,
};

/// The rule of a row that has none: one date.
const ONCE: &str = "FREQ=DAILY;COUNT=1";

/// A column of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Column {
    Room,
    Title,
    Start,
    End,
    Rrule,
    Attendees,
}

impl Column {
    const ALL: [Self; 6] =
        [Self::Room, Self::Title, Self::Start, Self::End, Self::Rrule, Self::Attendees];

    fn name(self) -> &'static str {
        match self {
            Self::Room => "room",
            Self::Title => "title",
            Self::Start => "start",
            Self::End => "end",
            Self::Rrule => "rrule",
            Self::Attendees => "attendees",
        }
    }
}

/// One class: all its dates, and who sits in it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) line: u64,
    pub(super) room: ResourceId,
    /// The room as the file calls it.
    pub(super) room_name: String,
    pub(super) listing: ListingId,
    pub(super) title: String,
    pub(super) series: Series,
    pub(super) party: Party,
    pub(super) dimensions: Dimensions,
    hash: Sha256,
}

impl Row {
    /// The id of its series at an attempt: each begins after the one before was given back.
    pub(super) fn id(&self, attempt: u32) -> SeriesId {
        let hash = self.hash.clone().chain_update(attempt.to_be_bytes());
        SeriesId::from_uuid(version_7(hash, ids::BEFORE_ALL_BOOKINGS))
    }
}

/// Something wrong with one column of a line, or with all of the line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fault {
    pub(super) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) column: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) value: Option<String>,
    pub(super) reason: String,
}

/// What stands in a file.
pub(super) struct Source {
    pub(super) rows: Vec<Row>,
    pub(super) faults: Vec<Fault>,
}

impl Source {
    /// Reads all lines. What is wrong with a line is noted; only a foreign header stops the reading.
    pub(super) fn read(bytes: &[u8], rooms: &Rooms) -> Result<Self> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(bytes);
        let columns = Columns::try_new(reader.headers()?)?;
        let mut lines = Lines::new(bytes);
        let mut source = Self { rows: Vec::new(), faults: Vec::new() };
        let mut equal: HashMap<[u8; 32], u32> = HashMap::new();
        for record in reader.into_byte_records() {
            let record = record?;
            let line = lines.of(record.position().map_or(0, csv::Position::byte));
            match columns.row(line, record, rooms) {
                Ok(mut row) => {
                    // equal rows are different bookings, whichever lines they stand on
                    let twins = equal.entry(row.hash.clone().finalize().into()).or_default();
                    row.hash.update(twins.to_be_bytes());
                    *twins += 1;
                    source.rows.push(row);
                }
                Err(faults) => source.faults.extend(faults),
            }
        }
        Ok(source)
    }
}

/// Where each column stands.
struct Columns {
    indices: [usize; Column::ALL.len()],
    width: usize,
}

impl Columns {
    fn try_new(header: &StringRecord) -> Result<Self> {
        let mut indices = [0; Column::ALL.len()];
        for column in Column::ALL {
            indices[column as usize] = header
                .iter()
                .position(|name| name.eq_ignore_ascii_case(column.name()))
                .with_context(|| format!("the file has no column `{}`", column.name()))?;
        }
        Ok(Self { indices, width: header.len() })
    }

    fn row(&self, line: u64, record: ByteRecord, rooms: &Rooms) -> Result<Row, Vec<Fault>> {
        let whole = |reason: String| vec![Fault { line, column: None, value: None, reason }];
        let record = StringRecord::from_byte_record(record)
            .map_err(|error| whole(format!("the line is not readable: {}", error.utf8_error())))?;
        if record.len() != self.width {
            let reason = format!("the line has {} fields instead of {}", record.len(), self.width);
            return Err(whole(reason));
        }
        Cells { columns: self, record: &record, line, faults: Vec::new() }.row(rooms)
    }
}

/// The fields of one record, and what was found wrong with them so far.
struct Cells<'a> {
    columns: &'a Columns,
    record: &'a StringRecord,
    line: u64,
    faults: Vec<Fault>,
}

impl<'a> Cells<'a> {
    fn text(&self, column: Column) -> &'a str {
        self.record.get(self.columns.indices[column as usize]).unwrap_or_default()
    }

    /// Reads a column, or notes what is wrong with it.
    fn read<T, E: ToString>(
        &mut self,
        column: Column,
        parse: impl FnOnce(&'a str) -> Result<T, E>,
    ) -> Option<T> {
        let text = self.text(column);
        let read = parse(text);
        if let Err(error) = &read {
            self.faults.push(Fault {
                line: self.line,
                column: Some(column.name()),
                value: Some(text.chars().take(64).collect()),
                reason: error.to_string(),
            });
        }
        read.ok()
    }

    fn row(mut self, rooms: &Rooms) -> Result<Row, Vec<Fault>> {
        let room = self.read(Column::Room, |text| rooms.named(text));
        let listing = room.and_then(|room| self.listing(room));
        let title = self.read(Column::Title, Label::try_new);
        let party = self.party(room);
        let series = self.series(room);
        let (Some(room), Some(listing), Some(title), Some(party), Some(series)) =
            (room, listing, title, party, series)
        else {
            return Err(self.faults);
        };
        let extra = BTreeMap::from([(label("title"), title.clone())]);
        let extra = Extras::try_new(extra).expect("one is not too many");
        Ok(Row {
            line: self.line,
            room: room.id,
            room_name: self.text(Column::Room).to_owned(),
            listing,
            hash: hashed(room, &title, &series, party),
            title: title.as_str().to_owned(),
            series,
            party,
            dimensions: Dimensions {
                segment: Some(label("Timetable")),
                extra,
                ..Dimensions::default()
            },
        })
    }

    fn listing(&mut self, room: Room) -> Option<ListingId> {
        self.read(Column::Room, |_| {
            room.listing.ok_or("the room belongs to no listing under which it could be booked")
        })
    }

    fn party(&mut self, room: Option<Room>) -> Option<Party> {
        let seats = room.and_then(|room| room.seats);
        self.read(Column::Attendees, |text| {
            let count: u16 = match text {
                "" => 1,
                _ => text.parse().map_err(|_| format!("not a number up to {}", Party::MAX))?,
            };
            match seats {
                Some(seats) if u64::from(count) > seats => {
                    Err(format!("the room has {seats} seats"))
                }
                Some(_) | None => Party::try_new(count, 0, 0).map_err(|error| error.to_string()),
            }
        })
    }

    /// All dates of the class, on the wall clock of its room.
    fn series(&mut self, room: Option<Room>) -> Option<Series> {
        // without a room the form can still be checked
        let utc = || Zone::try_new("UTC").expect("the zone is in every database");
        let zone = room.map_or_else(utc, |room| room.zone);
        let start = self.read(Column::Start, |text| Moment::read(text)?.start_in(zone));
        let end = self.read(Column::End, |text| Moment::read(text)?.instant_in(zone));
        let duration = start
            .zip(end)
            .and_then(|((_, start), end)| self.read(Column::End, |_| length(start, end)));
        let rule = self
            .read(Column::Rrule, |text| Rule::try_new(if text.is_empty() { ONCE } else { text }));
        let ((start, _), duration, rule) = (start?, duration?, rule?);
        let (except, also) = (Vec::new(), Vec::new());
        match Series::try_new(SeriesPlan { zone, start, duration, rule, except, also }) {
            Ok(series) => Some(series),
            Err(error) => self.read(column_of(&error), |_| Err(error)),
        }
    }
}

/// The column that a mistake in a series is in.
fn column_of(error: &SeriesError) -> Column {
    match error {
        SeriesError::Rule(_) | SeriesError::TooMany | SeriesError::Empty => Column::Rrule,
        SeriesError::OutOfBounds
        | SeriesError::Fraction(_)
        | SeriesError::StartNotOnRule { .. }
        | SeriesError::NotOnRule(_)
        | SeriesError::Skipped(_) => Column::Start,
    }
}

/// A time as people write it: what a wall clock shows, or an instant.
#[derive(Clone, Copy)]
enum Moment {
    Wall(NaiveDateTime),
    Instant(Timestamp),
}

impl Moment {
    fn read(text: &str) -> Result<Self, &'static str> {
        const FORMS: [&str; 4] =
            ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"];
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::Instant(instant.with_timezone(&Utc)));
        }
        let wall = FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok());
        wall.map(Self::Wall).ok_or(
            "a time is written as in `2027-05-30T09:00`, an instant as in `2027-05-30T09:00:00Z`",
        )
    }

    /// What the wall clock shows then, and when that is.
    fn start_in(self, zone: Zone) -> Result<(NaiveDateTime, Timestamp), &'static str> {
        match self {
            Self::Wall(wall) => {
                let shown = zone.shown_at(wall);
                shown.map(|at| (wall, at)).ok_or("clocks are put forward past that time")
            }
            Self::Instant(at) => {
                let wall = zone.wall_clock(at);
                let first = zone.shown_at(wall) == Some(at);
                let again = "the wall clock shows that time for the second time, and a class \
                             begins at the first";
                if first { Ok((wall, at)) } else { Err(again) }
            }
        }
    }

    fn instant_in(self, zone: Zone) -> Result<Timestamp, &'static str> {
        match self {
            Self::Wall(wall) => zone.shown_at(wall).ok_or("clocks are put forward past that time"),
            Self::Instant(at) => Ok(at),
        }
    }
}

fn length(start: Timestamp, end: Timestamp) -> Result<Length, String> {
    let lasting = end - start;
    if lasting <= chrono::TimeDelta::zero() {
        return Err("it ends before it has begun".to_owned());
    }
    if lasting.num_milliseconds() % 60_000 != 0 {
        return Err("it does not last whole minutes".to_owned());
    }
    let minutes = u32::try_from(lasting.num_minutes()).unwrap_or(u32::MAX);
    Length::try_new(minutes).map_err(|_| "it lasts longer than 31 days".to_owned())
}

fn label(text: &str) -> Label {
    Label::try_new(text).expect("the text is short")
}

/// The hash a row's ids are made of: what it says, not where it stands, so that a line added above changes none.
fn hashed(room: Room, title: &Label, series: &Series, party: Party) -> Sha256 {
    let SeriesPlan { zone: _, start, duration, rule, except: _, also: _ } = series.plan();
    let mut hash = Sha256::new_with_prefix("timetable");
    hash.update(room.id.as_uuid());
    for part in [title.as_str(), &start.to_string(), rule.as_str()] {
        hash.update(part);
        hash.update([0x1f]); // so that no text can move from one part to the next
    }
    hash.update(duration.get().to_be_bytes());
    hash.update(party.adults().to_be_bytes());
    hash
}
