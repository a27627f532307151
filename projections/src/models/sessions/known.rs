//! What is known of a session and of each booking of it, and how events change that.

use std::collections::BTreeSet;

use daybook_domain::{
    allotment::{Event as Happened, Session, Status, Take},
    values::{BookingId, Code, Quantity, Reason, Seat, SessionId, Timestamp},
};
use daybook_event_store::Position;

use crate::engine::Poison;

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// The session itself.
    Session(SessionId),
    /// The seats that are kept from being sold.
    Blocked(SessionId),
    /// What a booking takes of it.
    Booking(SessionId, BookingId),
}

impl Key {
    pub(super) fn session(self) -> SessionId {
        match self {
            Self::Session(session) | Self::Blocked(session) | Self::Booking(session, _) => session,
        }
    }
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    /// The session is open.
    Session(Box<Opened>),
    /// These seats are blocked.
    Blocked(BTreeSet<Seat>),
    /// A booking holds these places until a deadline.
    Held { takes: Vec<Take>, until: Timestamp },
    /// A booking has these seats for good. Places without seats are only counted.
    Seated(BTreeSet<Seat>),
}

/// A session as it stands, without what is taken of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Opened {
    pub(super) session: Session,
    pub(super) status: Status,
    pub(super) reason: Option<Reason>,
    pub(super) since: Timestamp,
    pub(super) created_position: Position,
    /// How many events have changed its terms.
    pub(super) terms_version: i64,
}

/// More was given up than had been taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more was given up of the offer `{0}` than had been taken")]
struct NeverTaken(Code);

/// Folds an event into what is known of its key.
pub(super) fn evolve(
    state: &mut Option<Known>,
    happened: &Happened,
    position: Position,
) -> Result<(), Poison> {
    match happened {
        Happened::Opened { session, at } => {
            *state = Some(Known::Session(Box::new(Opened {
                session: Session::clone(session),
                status: Status::OnSale,
                reason: None,
                since: *at,
                created_position: position,
                terms_version: 1,
            })));
        }
        Happened::Revised { .. }
        | Happened::Moved { .. }
        | Happened::CalledOff { .. }
        | Happened::SalesClosed { .. }
        | Happened::SalesReopened { .. } => match state {
            Some(Known::Session(opened)) => {
                opened.advance(happened);
                opened.terms_version += 1;
            }
            Some(Known::Blocked(_) | Known::Held { .. } | Known::Seated(_)) | None => {
                return Err(Poison::beginning_is_missing());
            }
        },
        Happened::SeatsBlocked { seats, .. } => block(state, seats),
        Happened::SeatsUnblocked { seats, .. } => unblock(state, seats),
        Happened::Allocated { takes, until, .. } | Happened::Reallocated { takes, until, .. } => {
            *state = match until {
                Some(until) => Some(Known::Held { takes: takes.clone(), until: *until }),
                None => seated(takes),
            };
        }
        Happened::Confirmed { .. } => match state {
            Some(Known::Held { takes, until: _ }) => *state = seated(takes),
            Some(Known::Session(_) | Known::Blocked(_) | Known::Seated(_)) | None => {
                return Err(Poison::beginning_is_missing());
            }
        },
        Happened::Released { freed, .. } => release(state, freed)?,
    }
    Ok(())
}

impl Opened {
    fn advance(&mut self, happened: &Happened) {
        match happened {
            Happened::Revised { changes, at: _ } => {
                self.session = self.session.clone().after(changes);
            }
            Happened::Moved { before: _, time, at: _ } => self.session.set_time(*time),
            Happened::CalledOff { reason, at: _ } => {
                self.status = Status::CalledOff;
                self.reason.clone_from(reason);
            }
            Happened::SalesClosed { at: _ } => self.status = Status::SalesClosed,
            Happened::SalesReopened { at: _ } => self.status = Status::OnSale,
            Happened::Opened { .. }
            | Happened::SeatsBlocked { .. }
            | Happened::SeatsUnblocked { .. }
            | Happened::Allocated { .. }
            | Happened::Confirmed { .. }
            | Happened::Reallocated { .. }
            | Happened::Released { .. } => {}
        }
    }
}

fn block(state: &mut Option<Known>, seats: &[Seat]) {
    let mut blocked = blocked(state.take());
    blocked.extend(seats.iter().cloned());
    *state = Some(Known::Blocked(blocked));
}

fn unblock(state: &mut Option<Known>, seats: &[Seat]) {
    let mut blocked = blocked(state.take());
    blocked.retain(|seat| !seats.contains(seat));
    *state = (!blocked.is_empty()).then_some(Known::Blocked(blocked));
}

fn blocked(state: Option<Known>) -> BTreeSet<Seat> {
    match state {
        Some(Known::Blocked(blocked)) => blocked,
        Some(Known::Session(_) | Known::Held { .. } | Known::Seated(_)) | None => BTreeSet::new(),
    }
}

/// What is kept of takes that are firm.
fn seated(takes: &[Take]) -> Option<Known> {
    let seats: BTreeSet<Seat> = takes.iter().flat_map(|take| take.seats.iter().cloned()).collect();
    (!seats.is_empty()).then_some(Known::Seated(seats))
}

fn release(state: &mut Option<Known>, freed: &[Take]) -> Result<(), Poison> {
    match state {
        Some(Known::Held { takes, until }) => {
            let takes = without(takes, freed).map_err(Poison::of)?;
            *state = (!takes.is_empty()).then_some(Known::Held { takes, until: *until });
        }
        Some(Known::Seated(seats)) => {
            for seat in freed.iter().flat_map(|take| &take.seats) {
                seats.remove(seat);
            }
            if seats.is_empty() {
                *state = None;
            }
        }
        Some(Known::Session(_) | Known::Blocked(_)) | None => {}
    }
    Ok(())
}

/// What is left of some takes when others are given up.
fn without(takes: &[Take], freed: &[Take]) -> Result<Vec<Take>, NeverTaken> {
    let mut left = takes.to_vec();
    for freed in freed {
        let never = || NeverTaken(freed.offer.clone());
        let index = left.iter().position(|take| take.offer == freed.offer).ok_or_else(never)?;
        let (there, gone) = (left[index].quantity.get(), freed.quantity.get());
        if there == gone {
            left.remove(index);
            continue;
        }
        let rest = there.checked_sub(gone).and_then(|rest| Quantity::try_new(rest).ok());
        let take = &mut left[index];
        take.quantity = rest.ok_or_else(never)?;
        for places in &mut take.draws {
            let gone = freed.draws.iter().find(|gone| gone.pool == places.pool);
            places.places = places.places.saturating_sub(gone.map_or(0, |gone| gone.places));
        }
        take.seats.retain(|seat| !freed.seats.contains(seat));
    }
    Ok(left)
}
