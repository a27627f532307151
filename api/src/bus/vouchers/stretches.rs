//! Nights and times that are set aside for whoever uses a voucher.

use std::collections::BTreeSet;

use daybook_domain::{
    calendar::{self, Aside, Calendar, Extent, Take},
    values::{CalendarId, Timestamp, VoucherId},
    voucher::{Block, Voucher},
};
use daybook_event_store::Unit;

use crate::{
    bus::{Stop, calendars::open},
    problem::Problem,
};

/// Sets aside in each calendar what is left to be set aside of it: all of it, or it is refused. Those that lack are
/// opened.
pub(super) fn set_all_aside(
    unit: &mut Unit,
    id: VoucherId,
    calendars: &BTreeSet<CalendarId>,
    lacking: &BTreeSet<CalendarId>,
    at: Timestamp,
) -> Result<(), Stop> {
    for calendar in lacking {
        open(unit, calendar, true, at)?;
    }
    for calendar in calendars {
        if let Err(refusal) = set_aside(unit, id, *calendar, Aside::Whole, at) {
            let field = field_of(unit, id, *calendar, &refusal);
            return Err(Problem::from(refusal).in_field(field).into());
        }
    }
    Ok(())
}

/// Sets aside again what a booking gave back of some calendars, as far as nobody else has taken it since.
pub(super) fn replenish(
    unit: &mut Unit,
    id: VoucherId,
    calendars: &BTreeSet<CalendarId>,
    at: Timestamp,
) -> Result<(), Stop> {
    for calendar in calendars {
        set_aside(unit, id, *calendar, Aside::AsFarAsFree, at)?;
    }
    Ok(())
}

fn set_aside(
    unit: &mut Unit,
    voucher: VoucherId,
    calendar: CalendarId,
    how_much: Aside,
    at: Timestamp,
) -> Result<(), calendar::Refusal> {
    if unit.state::<Calendar>(calendar).month().is_none() {
        return Ok(()); // nothing lies in it
    }
    let state = unit.state::<Voucher>(voucher);
    let until = state.details().and_then(|details| details.blocks_until(at));
    let takes = until.map_or_else(Vec::new, |_| state.left_aside_of(calendar.resource));
    // without an end nothing is asked for, so that any end will do
    let until = until.unwrap_or(at);
    let command = calendar::Command::SetAside { voucher, takes, until, how_much, at };
    unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))
}

/// The block that a calendar has no room for.
fn field_of(
    unit: &mut Unit,
    id: VoucherId,
    calendar: CalendarId,
    refusal: &calendar::Refusal,
) -> String {
    let blocks = unit.state::<Voucher>(id).details().map(|details| &*details.terms.blocks);
    let is_it = |block: &Block| match (block.take(), refusal) {
        (Some((resource, take)), calendar::Refusal::SoldOut { place, .. }) => {
            resource == calendar.resource && overlaps(take, *place)
        }
        (Some((resource, _)), _) => resource == calendar.resource,
        (None, _) => false,
    };
    let index = blocks.unwrap_or_default().iter().position(is_it);
    index.map_or_else(|| "/blocks".to_owned(), |index| format!("/blocks/{index}/quantity"))
}

fn overlaps(take: Take, place: Extent) -> bool {
    match (take, place) {
        (Take::Nights { days, .. }, Extent::Days(lacking)) => {
            days.first() < lacking.end() && lacking.first() < days.end()
        }
        (Take::Time { time, .. }, Extent::Time(lacking)) => time.range().overlaps(lacking),
        (Take::Nights { .. }, Extent::Time(_)) | (Take::Time { .. }, Extent::Days(_)) => false,
    }
}
