//! Why a date cannot be had, as the inventory and the rules of what is booked have it.

use daybook_domain::{
    booking::{Demands, Line},
    calendar::{self, Calendar, Occupant},
    series::booked::{Cause, Hindrance},
};
use daybook_event_store::Unit;

use crate::{
    bus::{Stop, inventory::Taking},
    problem::{Code, Conflict, Problem},
};

/// What stands in the way of what a booking demands of some calendars, if anything does. Nothing is taken yet.
pub(super) fn in_the_way(
    unit: &mut Unit,
    taking: Taking,
    demands: &Demands,
) -> Result<Option<Hindrance>, Stop> {
    let Taking { booking, at, .. } = taking;
    for (id, takes) in &demands.calendars {
        let calendar = unit.state::<Calendar>(id);
        match calendar.decide(taking.command(takes.clone())) {
            Ok(_) => {}
            Err(calendar::Refusal::SoldOut { place, obstacle, .. }) => {
                let mut others = calendar.occupants(place, at);
                others.retain(|occupant| *occupant != Occupant::Booking(booking));
                return Ok(Some(Hindrance::taken(obstacle, id.resource, others)));
            }
            Err(refusal) => return Err(refusal.into()),
        }
    }
    Ok(None)
}

/// What stands in the way of one date by the rules of what is booked; anything else is wrong with all of them.
pub(super) fn by_rule(problem: Problem) -> Result<Hindrance, Problem> {
    let cause = match problem.reason() {
        Some("closed") => Cause::Closed,
        Some("notice") => Cause::Notice,
        Some("too_far_ahead") => Cause::TooFarAhead,
        Some("limit") => Cause::Limit,
        Some(_) | None => return Err(problem),
    };
    Ok(Hindrance::of(cause))
}

/// What a plan comes to, or what stands in the way of its date.
pub(super) fn settled(
    lines: Result<Vec<Line>, Stop>,
) -> Result<Result<Vec<Line>, Hindrance>, Stop> {
    match lines {
        Ok(lines) => Ok(Ok(lines)),
        Err(Stop::Problem(problem)) => Ok(Err(by_rule(problem)?)),
        Err(stop @ (Stop::Again | Stop::More(_))) => Err(stop),
    }
}

/// Refuses everything, naming the dates that cannot be had.
pub(super) fn refused(conflicts: Vec<Conflict>, dates: usize) -> Problem {
    let taken = conflicts.iter().any(Conflict::is_taken);
    let (code, reason) = if taken {
        (Code::SoldOut, "dates_taken")
    } else {
        (Code::PolicyRefusal, "dates_not_bookable")
    };
    let first = conflicts.first().map(|conflict| conflict.original().to_string());
    let detail = format!(
        "{} of {dates} dates cannot be had, the first on {}",
        conflicts.len(),
        first.unwrap_or_default()
    );
    Problem::new(code, detail).because(reason).at_odds(conflicts)
}
