//! Calendars as commands find them: a month is opened when it is first asked for.

use daybook_domain::{
    calendar::{self, Calendar, SoldBy},
    resource::{self, Resource, Terms},
    values::{CalendarId, Timestamp},
};
use daybook_event_store::Unit;

use super::Stop;

/// Opens a calendar that takes no bookings yet, under the limits of its resource and as that is sold.
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
    unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?;
    Ok(())
}
