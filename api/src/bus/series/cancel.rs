//! Calling dates of a series off.

use daybook_domain::{
    booking::{self, Booking},
    series::{
        Scope,
        booked::{BookedSeries, Command},
    },
    values::{Reason, SeriesId, Timestamp},
};
use daybook_event_store::{Answer, Unit};

use super::{Concerned, Outcome, concerned};
use crate::{
    bus::{ATTEMPTS, Order, Stop, inventory, inventory::Inventory, kept_changing},
    problem::Problem,
};

/// Calls dates off and frees what they took, all in one commit.
pub(crate) async fn cancel(
    order: &Order,
    id: SeriesId,
    scope: Scope,
    reason: Option<&Reason>,
    at: Timestamp,
) -> Result<Answer, Problem> {
    for _ in 0..ATTEMPTS {
        let concerned = match concerned(&order.writer, id, scope).await {
            Ok(concerned) => concerned,
            Err(problem) => return order.tell(problem).await,
        };
        let taken = concerned.inventories(&order.writer).await?;
        let mut streams = concerned.streams(id);
        streams.extend(taken.iter().flat_map(Inventory::streams));
        let answer = order.run(&streams, |unit| {
            concerned.check_unchanged(order, unit, id, scope)?;
            let mut outcome = Outcome::default();
            call_off(unit, (&concerned, scope), &taken, (reason, at), &mut outcome)?;
            let command = Command::Cancel {
                occurrences: outcome.changed.clone(),
                reason: reason.cloned(),
                at,
            };
            unit.decide(id, |series: &BookedSeries| series.decide(command))?;
            outcome.unchangeable.extend(concerned.cancelled());
            Ok(outcome.answer(id))
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

/// Calls off each booking that can be, and frees what it takes.
fn call_off(
    unit: &mut Unit,
    (concerned, scope): (&Concerned, Scope),
    taken: &[Inventory],
    (reason, at): (Option<&Reason>, Timestamp),
    outcome: &mut Outcome,
) -> Result<(), Stop> {
    for ((original, id), taken) in concerned.booked().zip(taken) {
        if Inventory::of(unit.state::<Booking>(id).lines()) != *taken {
            return Err(Stop::Again);
        }
        let before = unit.sequence::<Booking>(id);
        let command = booking::Command::Cancel { reason: reason.cloned(), at };
        match unit.decide(id, |booking: &Booking| booking.decide(command)) {
            Err(refusal) => outcome.leave(scope, original, refusal)?,
            Ok(()) if unit.sequence::<Booking>(id) == before => outcome.unchangeable.push(original),
            Ok(()) => {
                inventory::release(unit, taken, id, at)?;
                outcome.changed.push(original);
            }
        }
    }
    Ok(())
}
