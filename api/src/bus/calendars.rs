//! Calendars in a unit of work: their streams, and how a month begins to take bookings.

use daybook_domain::{
    calendar::{self, Calendar, SoldBy},
    resource::{self, Resource, Terms},
    values::{CalendarId, Timestamp},
};
use daybook_event_store::{Stream, Unit};

use super::Stop;

/// The streams of some calendars.
pub(super) fn streams(calendars: impl Iterator<Item = CalendarId>) -> impl Iterator<Item = Stream> {
    calendars.map(Stream::of::<Calendar>)
}

/// The streams of the resources whose calendars these are.
pub(super) fn resources_of<'a>(
    calendars: impl IntoIterator<Item = &'a CalendarId>,
) -> impl Iterator<Item = Stream> {
    calendars.into_iter().map(|calendar| Stream::of::<Resource>(calendar.resource))
}

/// Opens a calendar that takes no bookings yet, under the limits of its resource.
pub(super) fn open(
    unit: &mut Unit,
    calendar: &CalendarId,
    resource_is_here: bool,
    at: Timestamp,
) -> Result<(), Stop> {
    if unit.state::<Calendar>(calendar).month().is_some() {
        return Ok(());
    }
    if !resource_is_here {
        return Err(Stop::Again);
    }
    let CalendarId { resource, month } = *calendar;
    let command = resource::Command::OpenMonth { month, at };
    unit.decide(resource, |resource: &Resource| resource.decide(command))?;
    let details = unit.state::<Resource>(resource).details().ok_or(resource::Refusal::NotFound)?;
    let limits = details.limits;
    let sold_by = match &details.terms {
        Terms::Nights(_) => SoldBy::Nights,
        Terms::Times(times) => SoldBy::Times { zone: times.zone },
    };
    let command = calendar::Command::Open { month, sold_by, limits, at };
    Ok(unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?)
}
