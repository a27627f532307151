//! Keeping for good what dates of a series hold.

use chrono::NaiveDateTime;
use daybook_domain::{
    booking::{self, Booking},
    series::{
        Scope,
        booked::{self, BookedSeries, Command, Fate},
    },
    values::{BookingId, SeriesId, Timestamp},
};
use daybook_event_store::{Answer, Response, Unit};

use super::{Concerned, OnConflict, Outcome, concerned, span};
use crate::{
    bus::{ATTEMPTS, Order, Stop, inventory, inventory::Inventory, kept_changing},
    problem::{Code, Conflict, Problem, Unconfirmed},
};

/// Dates whose holds are to be kept for good.
#[derive(Clone, Copy, Debug)]
pub struct Confirmation {
    /// Which series.
    pub id: SeriesId,
    /// Which of its dates.
    pub scope: Scope,
    /// What is done if the hold of a date has ended.
    pub on_lapsed: OnConflict,
    /// When.
    pub at: Timestamp,
}

/// Keeps dates for good, all in one commit.
pub(crate) async fn confirm(order: &Order, asked: Confirmation) -> Result<Answer, Problem> {
    let Confirmation { id, scope, .. } = asked;
    for _ in 0..ATTEMPTS {
        let concerned = match found(order, id, scope).await {
            Ok(concerned) => concerned,
            Err(problem) => return order.tell(problem).await,
        };
        let taken = concerned.inventories(&order.writer).await?;
        let mut streams = concerned.streams(id);
        streams.extend(taken.iter().flat_map(Inventory::streams));
        let answer = order.run(&streams, |unit| {
            concerned.check_unchanged(order, unit, id, scope)?;
            decide(unit, asked, &concerned, &taken)
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

/// The dates that are to be kept; one that was called off alone cannot be.
async fn found(order: &Order, id: SeriesId, scope: Scope) -> Result<Concerned, Problem> {
    let found = concerned(&order.writer, id, scope).await?;
    match (scope, &*found.dates) {
        (Scope::One(original), [(_, Fate::Cancelled(_))]) => {
            Err(booked::Refusal::WasCancelled(original).into())
        }
        (Scope::One(_) | Scope::Following(_) | Scope::All, _) => Ok(found),
    }
}

/// Keeps each date that can be, and remembers which.
fn decide(
    unit: &mut Unit,
    asked: Confirmation,
    concerned: &Concerned,
    taken: &[Inventory],
) -> Result<Response, Stop> {
    let Confirmation { id, scope, on_lapsed, at } = asked;
    let (mut outcome, mut lapsed, mut is_waiting) = (Outcome::default(), Vec::new(), false);
    for ((original, booking), taken) in concerned.booked().zip(taken) {
        match confirm_date(unit, booking, taken, at)? {
            Ok(true) => outcome.changed.push(original),
            Ok(false) => outcome.unchangeable.push(original),
            Err(refusal) => match unconfirmed(&refusal) {
                None => outcome.leave(scope, original, refusal)?,
                Some(why) => {
                    outcome.conflicts.extend(conflict(unit, original, booking, why));
                    match why {
                        Unconfirmed::Lapsed => lapsed.push(original),
                        Unconfirmed::NotApproved => is_waiting = true,
                    }
                }
            },
        }
    }
    if is_waiting || (on_lapsed == OnConflict::Refuse && !lapsed.is_empty()) {
        return Err(refused(outcome.conflicts, concerned.booked().count(), is_waiting).into());
    }
    outcome.unchangeable.extend(concerned.cancelled());
    let command = Command::Confirm { occurrences: outcome.changed.clone(), lapsed, at };
    unit.decide(id, |series: &BookedSeries| series.decide(command))?;
    Ok(outcome.answer(id))
}

/// Keeps one booking and all that it holds, unless something stands in its way; tells whether that changed anything.
fn confirm_date(
    unit: &mut Unit,
    id: BookingId,
    taken: &Inventory,
    at: Timestamp,
) -> Result<Result<bool, booking::Refusal>, Stop> {
    let booking = unit.state::<Booking>(id);
    if Inventory::of(booking.lines()) != *taken {
        return Err(Stop::Again);
    }
    let events = match booking.decide(booking::Command::Confirm { at }) {
        Ok(events) if events.is_empty() => return Ok(Ok(false)),
        Ok(events) => events,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(at) = inventory::hold_ended(unit, taken, id, at)? {
        return Ok(Err(booking::Refusal::HoldEnded { at }));
    }
    unit.decide(id, |_: &Booking| Ok::<_, Stop>(events))?;
    inventory::confirm(unit, taken, id, at)?;
    Ok(Ok(true))
}

/// What keeps a booking from being confirmed that was not called off; nothing else stands in the way of all dates.
fn unconfirmed(refusal: &booking::Refusal) -> Option<Unconfirmed> {
    if matches!(refusal, booking::Refusal::HoldEnded { .. } | booking::Refusal::Lapsed) {
        Some(Unconfirmed::Lapsed)
    } else if matches!(refusal, booking::Refusal::NotApproved) {
        Some(Unconfirmed::NotApproved)
    } else {
        None
    }
}

fn conflict(
    unit: &mut Unit,
    original: NaiveDateTime,
    booking: BookingId,
    why: Unconfirmed,
) -> Option<Conflict> {
    let time = span(unit.state::<Booking>(booking).lines())?;
    Some(Conflict::unconfirmed(original, time, why).of_booking(booking))
}

/// Refuses everything, naming the dates that cannot be kept.
fn refused(conflicts: Vec<Conflict>, dates: usize, is_waiting: bool) -> Problem {
    let reason = if is_waiting { "dates_not_approved" } else { "dates_lapsed" };
    let first = conflicts.first().map(|conflict| conflict.original().to_string());
    let detail = format!(
        "{} of {dates} dates cannot be confirmed, the first on {}",
        conflicts.len(),
        first.unwrap_or_default()
    );
    Problem::new(Code::PolicyRefusal, detail).because(reason).at_odds(conflicts)
}
