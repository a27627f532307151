//! Calendars in a unit of work: their streams, and how a month begins to take bookings.

use daybook_domain::{
    calendar::{self, Beside, Calendar, SoldBy},
    resource::{self, Resource, Terms},
    values::{CalendarId, Timestamp},
};
use daybook_event_store::{Stream, Unit};

use super::Stop;

/// The streams of some calendars.
pub(super) fn streams(calendars: impl Iterator<Item = CalendarId>) -> impl Iterator<Item = Stream> {
    calendars.map(Stream::of::<Calendar>)
}

/// What has to be in a unit besides some calendars so that they can be opened: their resources, and the months beside
/// each of them.
pub(super) fn needed_to_open<'a>(
    calendars: impl IntoIterator<Item = &'a CalendarId>,
) -> impl Iterator<Item = Stream> {
    calendars.into_iter().flat_map(|calendar| {
        let months = beside(*calendar).map(Stream::of::<Calendar>);
        months.into_iter().chain([Stream::of::<Resource>(calendar.resource)])
    })
}

/// The calendars of the months before and after.
fn beside(CalendarId { resource, month }: CalendarId) -> [CalendarId; 2] {
    [month.previous(), month.next()].map(|month| CalendarId { resource, month })
}

/// Opens a calendar that takes no bookings yet, under the limits of its resource, if all that this needs is here.
pub(super) fn open(
    unit: &mut Unit,
    calendar: &CalendarId,
    all_is_here: bool,
    at: Timestamp,
) -> Result<(), Stop> {
    if unit.state::<Calendar>(calendar).month().is_some() {
        return Ok(());
    }
    if !all_is_here {
        return Err(Stop::Again);
    }
    let CalendarId { resource, month } = *calendar;
    let command = resource::Command::OpenMonth { month, at };
    unit.decide(resource, |resource: &Resource| resource.decide(command))?;
    let details = unit.state::<Resource>(resource).details().ok_or(resource::Refusal::NotFound)?;
    let limits = details.limits;
    let sold_by = match &details.terms {
        Terms::Nights(_) => SoldBy::Nights,
        Terms::Times(times) => {
            let zone = times.zone;
            let [before, after] = beside(*calendar);
            let mut time = |calendar| unit.state::<Calendar>(calendar).time();
            SoldBy::Times { zone, beside: Beside { before: time(before), after: time(after) } }
        }
    };
    let command = calendar::Command::Open { month, sold_by, limits, at };
    Ok(unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?)
}
