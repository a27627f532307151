//! Commands on series: each is one unit of work over the series, the bookings of its dates and all that they take.

mod book;
mod cancel;
mod confirm;
mod hindrance;
mod reschedule;

use chrono::NaiveDateTime;
use daybook_domain::{
    booking::{self, Booking, Line},
    series::{
        Scope,
        booked::{self, BookedSeries, Fate},
    },
    values::{BookingId, ListingId, SeriesId, TimeRange, Zone},
};
use daybook_event_store::{Response, Stream, Unit, Writer};
use serde::Serialize;

pub(crate) use book::book;
pub use book::{NewSeries, SeriesLine};
pub(crate) use cancel::cancel;
pub use confirm::Confirmation;
pub(crate) use confirm::confirm;
pub(crate) use reschedule::reschedule;
pub use reschedule::{Reschedule, Shift};

use crate::{
    bus::{Order, Stop, inventory::Inventory},
    problem::{Conflict, Problem},
};

/// What is done if a date cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnConflict {
    /// Nothing at all.
    Refuse,
    /// Everything but that date.
    Skip,
}

/// The dates that a change concerns, as they were when it was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Concerned {
    listing: ListingId,
    zone: Zone,
    dates: Vec<(NaiveDateTime, Fate)>,
}

impl Concerned {
    fn of(series: &BookedSeries, scope: Scope) -> Result<Self, booked::Refusal> {
        let details = series.details().ok_or(booked::Refusal::NotFound)?;
        let dates = details.concerned(scope)?.collect();
        Ok(Self { listing: details.listing, zone: details.zone, dates })
    }

    /// The dates that are bookings and were not called off by the series.
    fn booked(&self) -> impl Iterator<Item = (NaiveDateTime, BookingId)> {
        self.dates.iter().filter_map(|(original, fate)| match fate {
            Fate::Booked(booking) => Some((*original, *booking)),
            Fate::Skipped | Fate::Cancelled(_) => None,
        })
    }

    /// The dates that were called off by the series before.
    fn cancelled(&self) -> impl Iterator<Item = NaiveDateTime> {
        self.dates.iter().filter_map(|(original, fate)| match fate {
            Fate::Cancelled(_) => Some(*original),
            Fate::Booked(_) | Fate::Skipped => None,
        })
    }

    /// Refuses a single date that has no booking.
    fn check(&self, scope: Scope) -> Result<(), booked::Refusal> {
        match (scope, &*self.dates) {
            (Scope::One(original), [(_, Fate::Skipped)]) => {
                Err(booked::Refusal::WasSkipped(original))
            }
            (Scope::One(_) | Scope::Following(_) | Scope::All, _) => Ok(()),
        }
    }

    /// What the booking of each date takes something of.
    async fn inventories(&self, writer: &Writer) -> Result<Vec<Inventory>, Problem> {
        let mut taken = Vec::new();
        for (_, booking) in self.booked() {
            let look = |booking: &Booking| Inventory::of(booking.lines());
            taken.push(writer.peek(&booking.to_string(), look).await?);
        }
        Ok(taken)
    }

    /// Refuses a series that is not as the client saw it, and looks again at one that has changed since it was looked up.
    fn check_unchanged(
        &self,
        order: &Order,
        unit: &mut Unit,
        id: SeriesId,
        scope: Scope,
    ) -> Result<(), Stop> {
        order.check::<BookedSeries>(unit, &id.to_string())?;
        let is_same = Self::of(unit.state::<BookedSeries>(id), scope)? == *self;
        if is_same { Ok(()) } else { Err(Stop::Again) }
    }

    /// The streams of the series and of the bookings.
    fn streams(&self, id: SeriesId) -> Vec<Stream> {
        let mut streams = vec![Stream::of::<BookedSeries>(id)];
        streams.extend(self.booked().map(|(_, booking)| Stream::of::<Booking>(booking)));
        streams
    }
}

/// What became of the dates that a change concerns.
#[derive(Debug, Default, Serialize)]
struct Outcome {
    changed: Vec<NaiveDateTime>,
    unchangeable: Vec<NaiveDateTime>,
    conflicts: Vec<Conflict>,
}

#[derive(Serialize)]
struct Changed<'a> {
    id: SeriesId,
    #[serde(flatten)]
    outcome: &'a Outcome,
}

impl Outcome {
    /// Leaves a date as it is, unless it is the only one asked for.
    fn leave(
        &mut self,
        scope: Scope,
        original: NaiveDateTime,
        refusal: booking::Refusal,
    ) -> Result<(), Problem> {
        match scope {
            Scope::One(_) => Err(refusal.into()),
            Scope::Following(_) | Scope::All => {
                self.unchangeable.push(original);
                Ok(())
            }
        }
    }

    fn answer(mut self, id: SeriesId) -> Response {
        self.changed.sort_unstable();
        self.unchangeable.sort_unstable();
        self.conflicts.sort_by_key(Conflict::original);
        self.conflicts.truncate(Conflict::MOST);
        Response { status: 200, body: json(&Changed { id, outcome: &self }) }
    }
}

/// The dates that a change concerns, as things stand.
async fn concerned(writer: &Writer, id: SeriesId, scope: Scope) -> Result<Concerned, Problem> {
    let id = id.to_string();
    let found = writer.peek(&id, |series: &BookedSeries| Concerned::of(series, scope)).await??;
    found.check(scope)?;
    Ok(found)
}

/// From the start of the first line to the end of the last.
fn span(lines: &[Line]) -> Option<TimeRange> {
    let start = lines.iter().map(Line::starts_at).min()?;
    let end = lines.iter().map(Line::ends_at).max()?;
    TimeRange::try_new(start, end).ok()
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("an answer is plain JSON")
}
