//! Calling dates of a series off.

use daybook_domain::{
    booking::{self, Booking, CancelTerms, Paid},
    series::{
        Scope,
        booked::{BookedSeries, Command},
    },
    values::{Reason, SeriesId, Timestamp},
};
use daybook_event_store::{Answer, Unit};

use super::{Concerned, Outcome, concerned};
use crate::{
    app::AppState,
    bus::{
        ATTEMPTS, Order, Stop, inventory, inventory::Inventory, kept_changing, paid_under_policy,
    },
    problem::Problem,
};

/// Calls dates off and frees what they took, all in one commit.
pub(crate) async fn cancel(
    app: &AppState,
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
        let mut streams = concerned.streams(id);
        let mut taken = Vec::new();
        let inventories = concerned.inventories(&order.writer).await?;
        for ((_, booking), inventory) in concerned.booked().zip(inventories) {
            streams.extend(inventory.streams());
            let paid = paid_under_policy(app, &order.writer, booking).await?;
            taken.push((inventory, paid));
        }
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
    taken: &[(Inventory, Option<Paid>)],
    (reason, at): (Option<&Reason>, Timestamp),
    outcome: &mut Outcome,
) -> Result<(), Stop> {
    for ((original, id), (taken, paid)) in concerned.booked().zip(taken) {
        if Inventory::of(unit.state::<Booking>(id).lines()) != *taken {
            return Err(Stop::Again);
        }
        let before = unit.sequence::<Booking>(id);
        let command = booking::Command::Cancel {
            reason: reason.cloned(),
            terms: CancelTerms { paid: *paid, quote: None },
            at,
        };
        match unit.decide(id, |booking: &Booking| booking.decide(command)) {
            Err(refusal) => outcome.leave(scope, original, refusal)?,
            Ok(()) if unit.sequence::<Booking>(id) == before => outcome.unchangeable.push(original),
            Ok(()) => {
                inventory::release(unit, taken, id, at)?;
                inventory::serve(unit, taken, at)?;
                outcome.changed.push(original);
            }
        }
    }
    Ok(())
}
