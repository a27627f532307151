//! The inventory of a booking in a unit of work: the calendars, sessions and add-ons that its lines take something of.

use std::collections::BTreeSet;

use daybook_domain::{
    add_on::{self, AddOn},
    allotment::{self, Allotment},
    booking::{Demands, Line},
    calendar::{self, Calendar, Point, Take},
    values::{
        AddOnId, BookingId, CalendarId, CustomerId, SessionId, Timestamp, WaitingListId, Zone,
    },
};
use daybook_event_store::{Stream, Unit};

use super::{
    Stop,
    vouchers::Drawing,
    waiting::{self, Wants},
};
use crate::problem::Problem;

/// Calendars, sessions and add-ons.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Inventory {
    pub(super) calendars: BTreeSet<CalendarId>,
    pub(super) sessions: BTreeSet<SessionId>,
    pub(super) add_ons: BTreeSet<AddOnId>,
}

impl Inventory {
    /// All that lines take something of.
    pub(super) fn of(lines: &[Line]) -> Self {
        let Demands { calendars, sessions, add_ons } = Demands::of(lines);
        Self {
            calendars: calendars.into_keys().collect(),
            sessions: sessions.into_keys().collect(),
            add_ons: add_ons.into_keys().collect(),
        }
    }

    /// This and another together.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.calendars.extend(&other.calendars);
        self.sessions.extend(&other.sessions);
        self.add_ons.extend(&other.add_ons);
        self
    }

    /// The streams of all of it, and of those who wait for it.
    pub(super) fn streams(&self) -> impl Iterator<Item = Stream> {
        let calendars = self.calendars.iter().map(Stream::of::<Calendar>);
        let sessions = self.sessions.iter().map(Stream::of::<Allotment>);
        let add_ons = self.add_ons.iter().map(Stream::of::<AddOn>);
        let waiting = self.waiting_lists().into_iter().map(waiting::stream);
        calendars.chain(sessions).chain(add_ons).chain(waiting)
    }

    /// The lists of those who wait for any of it.
    fn waiting_lists(&self) -> BTreeSet<WaitingListId> {
        let resources = self.calendars.iter().map(|calendar| calendar.resource.into());
        resources.chain(self.sessions.iter().map(|session| (*session).into())).collect()
    }
}

/// Who takes something, until when unless for good, and when that is decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Taking {
    pub(super) booking: BookingId,
    pub(super) customer: CustomerId,
    pub(super) until: Option<Timestamp>,
    pub(super) at: Timestamp,
}

impl Taking {
    /// Takes exactly what is demanded of some calendars, and gives up whatever else was taken of them: with a voucher,
    /// first of what is set aside for it. Those who wait are served before; and after, unless the use of a voucher is yet
    /// to be finished.
    pub(super) fn of_calendars(
        self,
        unit: &mut Unit,
        calendars: &BTreeSet<CalendarId>,
        demands: &Demands,
        mut drawing: Option<&mut Drawing>,
    ) -> Result<(), Stop> {
        let at = self.at;
        waiting::before_taking(unit, self, &Wants::Calendars(calendars, demands))?;
        for calendar in calendars {
            let takes = demands.calendars.get(calendar).cloned().unwrap_or_default();
            let command = match drawing.as_deref_mut() {
                Some(drawing) => drawing.of_calendar(unit, *calendar, takes, self),
                None => self.command(takes),
            };
            let decided = unit.decide(calendar, |calendar: &Calendar| calendar.decide(command));
            decided.map_err(|refusal| waiting::calendar_told(unit, calendar, refusal, at))?;
        }
        if drawing.is_some() { Ok(()) } else { waiting::serve_calendars(unit, calendars, at) }
    }

    /// What is asked of a calendar.
    pub(super) fn command(self, takes: Vec<Take>) -> calendar::Command {
        let Self { booking, customer: _, until, at } = self;
        calendar::Command::Reallocate { booking, takes, until, at }
    }

    /// Takes exactly what is demanded of some sessions, as `of_calendars` does of calendars.
    pub(super) fn of_sessions(
        self,
        unit: &mut Unit,
        sessions: &BTreeSet<SessionId>,
        demands: &Demands,
        mut drawing: Option<&mut Drawing>,
    ) -> Result<(), Stop> {
        let Self { booking, customer, until, at } = self;
        for session in sessions {
            waiting::before_taking(unit, self, &Wants::Session(*session, demands))?;
            if let Some(drawing) = drawing.as_deref_mut() {
                drawing.of_session(unit, *session, at)?;
            }
            let items = demands.sessions.get(session).cloned().unwrap_or_default();
            let command = allotment::Command::Reallocate { booking, customer, items, until, at };
            let decided = unit.decide(session, |allotment: &Allotment| allotment.decide(command));
            decided.map_err(|refusal| waiting::session_told(unit, *session, refusal, at))?;
            if drawing.is_none() {
                waiting::serve_session(unit, *session, at)?;
            }
        }
        Ok(())
    }

    /// Takes exactly what is demanded of some add-ons, and gives up whatever else was taken of them.
    pub(super) fn of_add_ons(
        self,
        unit: &mut Unit,
        add_ons: &BTreeSet<AddOnId>,
        demands: &Demands,
    ) -> Result<(), Problem> {
        let Self { booking, until, at, .. } = self;
        for id in add_ons {
            let asks = demands.add_ons.get(id).cloned().unwrap_or_default();
            let command = add_on::Command::Take { booking, asks, until, at };
            let taken = unit.decide(id, |add_on: &AddOn| add_on.decide(command));
            taken.map_err(|refusal| Problem::of_add_on(*id, refusal))?;
        }
        Ok(())
    }
}

/// Keeps for good what a booking holds.
pub(super) fn confirm(
    unit: &mut Unit,
    inventory: &Inventory,
    booking: BookingId,
    at: Timestamp,
) -> Result<(), Stop> {
    for calendar in &inventory.calendars {
        let command = calendar::Command::Confirm { booking, at };
        unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?;
    }
    for session in &inventory.sessions {
        let command = allotment::Command::Confirm { booking, at };
        unit.decide(session, |allotment: &Allotment| allotment.decide(command))?;
    }
    for add_on in &inventory.add_ons {
        let command = add_on::Command::Confirm { booking, at };
        unit.decide(add_on, |add_on: &AddOn| add_on.decide(command))?;
    }
    Ok(())
}

/// The deadline of a hold that can no longer be kept, though it may not have come yet: somebody whose clock is ahead may
/// have been given its places.
pub(super) fn hold_ended(
    unit: &mut Unit,
    inventory: &Inventory,
    booking: BookingId,
    at: Timestamp,
) -> Result<Option<Timestamp>, Stop> {
    for calendar in &inventory.calendars {
        let command = calendar::Command::Confirm { booking, at };
        match unit.state::<Calendar>(calendar).decide(command) {
            Ok(_) => {}
            Err(calendar::Refusal::HoldEnded { at }) => return Ok(Some(at)),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    for session in &inventory.sessions {
        let command = allotment::Command::Confirm { booking, at };
        match unit.state::<Allotment>(session).decide(command) {
            Ok(_) => {}
            Err(allotment::Refusal::HoldEnded { at }) => return Ok(Some(at)),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    for add_on in &inventory.add_ons {
        let command = add_on::Command::Confirm { booking, at };
        match unit.state::<AddOn>(add_on).decide(command) {
            Ok(_) => {}
            Err(add_on::Refusal::HoldEnded { at }) => return Ok(Some(at)),
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Ok(None)
}

/// Gives up all that a booking takes. Whoever calls this serves those who wait for it.
pub(super) fn release(
    unit: &mut Unit,
    inventory: &Inventory,
    booking: BookingId,
    at: Timestamp,
) -> Result<(), Stop> {
    for calendar in &inventory.calendars {
        release_calendar(unit, calendar, booking, None, at)?;
    }
    for session in &inventory.sessions {
        let command = allotment::Command::Release { booking, parts: None, at };
        unit.decide(session, |allotment: &Allotment| allotment.decide(command))?;
    }
    for add_on in &inventory.add_ons {
        let command = add_on::Command::Release { booking, at };
        unit.decide(add_on, |add_on: &AddOn| add_on.decide(command))?;
    }
    Ok(())
}

/// Serves those who wait for what was freed.
pub(super) fn serve(unit: &mut Unit, freed: &Inventory, at: Timestamp) -> Result<(), Stop> {
    waiting::serve_calendars(unit, &freed.calendars, at)?;
    for session in &freed.sessions {
        waiting::serve_session(unit, *session, at)?;
    }
    Ok(())
}

/// From where on calendars are free again when a guest has gone, or has not come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rest {
    /// Nights from this day on.
    FromToday,
    /// Nights after this day: somebody who comes late may have this one.
    AfterToday,
}

/// Gives up what a booking no longer needs: nights from a day of its zone on, times from this instant on. Places of
/// sessions stay taken.
pub(super) fn release_rest(
    unit: &mut Unit,
    inventory: &Inventory,
    booking: BookingId,
    (rest, zone): (Rest, Zone),
    at: Timestamp,
) -> Result<(), Stop> {
    let today = zone.local_date(at);
    let day = match rest {
        Rest::FromToday => today,
        Rest::AfterToday => today.succ_opt().unwrap_or(today),
    };
    for calendar in &inventory.calendars {
        let by_times = unit.state::<Calendar>(calendar).time().is_some();
        let point = if by_times { Point::Instant(at) } else { Point::Day(day) };
        release_calendar(unit, calendar, booking, Some(point), at)?;
    }
    waiting::serve_calendars(unit, &inventory.calendars, at)
}

fn release_calendar(
    unit: &mut Unit,
    calendar: &CalendarId,
    booking: BookingId,
    from: Option<Point>,
    at: Timestamp,
) -> Result<(), calendar::Refusal> {
    let command = calendar::Command::Release { booking, from, at };
    unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))
}
