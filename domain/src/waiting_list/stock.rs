//! What the inventory says to those who wait.

use super::{Entry, Wanted};
use crate::allotment::{self, Allotment, Item, Seating, Status};
use crate::calendar::{self, Calendar, Take};
use crate::values::{BookingId, CustomerId, Limits, Timestamp};

/// Whether something can be had. Of several parts, the last of these says it for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Vacancy {
    /// Yes.
    Free,
    /// Others have it: it may become free.
    Taken,
    /// There is not so much of it, or this customer may not have it as things stand.
    Never,
}

/// How long something can be had at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selling {
    /// Until this instant, which does not belong to it.
    Until(Timestamp),
    /// No longer.
    Over,
    /// It does not take place.
    CalledOff,
}

/// The inventory as those who wait ask it.
pub trait Stock {
    /// Why it cannot be asked.
    type Fault;

    /// Whether it is asked for this at all.
    fn concerns(&self, wanted: &Wanted) -> bool;

    /// How long something can be had.
    fn selling(&mut self, wanted: &Wanted, at: Timestamp) -> Result<Selling, Self::Fault>;

    /// Whether something can be held for an entry until a deadline.
    fn vacancy(
        &mut self,
        entry: &Entry,
        until: Timestamp,
        at: Timestamp,
    ) -> Result<Vacancy, Self::Fault>;
}

impl Wanted {
    /// How long it can be had: places as long as their offer is sold, anything else until it begins.
    pub fn selling(&self, session: Option<&Allotment>, at: Timestamp) -> Selling {
        let until =
            |closes: Timestamp| if at < closes { Selling::Until(closes) } else { Selling::Over };
        match self {
            Self::Nights { starts_at, .. } => until(*starts_at),
            Self::Time { time, .. } => until(time.plain().unwrap_or(time.range()).start()),
            Self::Places { offer, .. } => {
                let Some(allotment) = session else { return Selling::Over };
                let session = allotment.session();
                let Some((session, offer)) = session.and_then(|s| Some((s, s.offer(offer)?)))
                else {
                    return Selling::Over;
                };
                match allotment.status() {
                    Some(Status::OnSale | Status::SalesClosed) => until(session.on_sale(offer).1),
                    Some(Status::CalledOff) | None => Selling::CalledOff,
                }
            }
        }
    }
}

/// What somebody asks of a session who waits for places: the best seats there are, if they have any.
pub fn seating(allotment: &Allotment, wanted: &Wanted) -> Option<Item> {
    let Wanted::Places { offer, quantity, .. } = wanted else { return None };
    let session = allotment.session()?;
    let seated = session.offer(offer).is_some_and(|offer| session.details().is_seated(offer));
    let seating = if seated { Seating::BestAvailable } else { Seating::Unseated };
    Some(Item { offer: offer.clone(), quantity: *quantity, seating })
}

/// Whether a session has places for somebody, who would hold them under this id.
pub fn in_session(
    allotment: &Allotment,
    (booking, customer): (BookingId, CustomerId),
    wanted: &Wanted,
    until: Timestamp,
    at: Timestamp,
) -> Result<Vacancy, allotment::Refusal> {
    use allotment::{Obstacle, Refusal};
    let items = seating(allotment, wanted).into_iter().collect();
    let until = Some(until);
    match allotment.decide(allotment::Command::Allocate { booking, customer, items, until, at }) {
        Ok(_) => Ok(Vacancy::Free),
        Err(Refusal::SoldOut { reason: Obstacle::Capacity, .. }) => Ok(Vacancy::Never),
        Err(Refusal::SoldOut { .. } | Refusal::SeatNotFree { .. }) => Ok(Vacancy::Taken),
        Err(refusal) => Err(refusal),
    }
}

/// Whether one calendar has room for part of what somebody wants.
pub fn in_calendar(
    calendar: &Calendar,
    take: Take,
    booking: BookingId,
    until: Timestamp,
    at: Timestamp,
) -> Result<Vacancy, calendar::Refusal> {
    let most = calendar.limits().map_or(0, Limits::total);
    if take.quantity().get() > most {
        return Ok(Vacancy::Never);
    }
    let (takes, until) = (vec![take], Some(until));
    match calendar.decide(calendar::Command::Allocate { booking, takes, until, at }) {
        Ok(_) => Ok(Vacancy::Free),
        Err(calendar::Refusal::SoldOut { .. }) => Ok(Vacancy::Taken),
        Err(refusal) => Err(refusal),
    }
}
