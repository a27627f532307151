//! How a session may change after it was opened: it may gain pools, offers and seats, and lose none.

use serde::{Deserialize, Serialize};

use super::session::{Details, Offer, OrderLimits, Pool};
use super::{Admission, SeatMap, SessionError};
use crate::values::{LocalizedText, SalesWindow};

/// One thing that is new, or other than before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// What is special about the session; nothing any more, if it is none.
    Title(Option<LocalizedText>),
    /// A pool: another one if its code is new, else the pool of that code as it is from now on. Its
    /// places stay with or without seats, and it loses no section.
    Pool(Pool),
    /// An offer: another one if its code is new, else the offer of that code as it is from now on.
    /// What it draws stays, so that whoever bought it gives back what they took.
    Offer(Offer),
    /// The seat map, with at least the seats there were.
    SeatMap(SeatMap),
    /// When the session is on sale.
    Sales(SalesWindow),
    /// How much may be bought.
    OrderLimits(OrderLimits),
    /// Who is let in, when and where.
    Admission(Admission),
}

/// Makes the changes one after the other, and tells which of them made a difference.
pub(super) fn apply(mut details: Details, changes: Vec<Change>) -> (Details, Vec<Change>) {
    let told = changes.into_iter().filter(|change| make(&mut details, change)).collect();
    (details, told)
}

/// Refuses to take away what may have been sold.
pub(super) fn check(before: &Details, after: &Details) -> Result<(), SessionError> {
    for (old, new) in before.offers.iter().zip(&after.offers) {
        if old.draws != new.draws {
            return Err(SessionError::DrawsChanged { offer: old.code.clone() });
        }
    }
    for (old, new) in before.pools.iter().zip(&after.pools) {
        let kept = old.sections.iter().all(|section| new.sections.contains(section));
        if !kept || old.sections.is_empty() != new.sections.is_empty() {
            return Err(SessionError::SeatingChanged { pool: old.code.clone() });
        }
    }
    match (&before.seat_map, &after.seat_map) {
        (Some(old), Some(new)) => {
            old.missing_in(new).map_or(Ok(()), |seat| Err(SessionError::SeatRemoved { seat }))
        }
        (_, _) => Ok(()),
    }
}

fn make(details: &mut Details, change: &Change) -> bool {
    match change {
        Change::Title(title) => set(&mut details.title, title.clone()),
        Change::Pool(pool) => {
            put(&mut details.pools, pool.clone(), |one, other| one.code == other.code)
        }
        Change::Offer(offer) => {
            put(&mut details.offers, offer.clone(), |one, other| one.code == other.code)
        }
        Change::SeatMap(map) => set(&mut details.seat_map, Some(map.clone())),
        Change::Sales(sales) => set(&mut details.sales, *sales),
        Change::OrderLimits(limits) => set(&mut details.order_limits, *limits),
        Change::Admission(admission) => set(&mut details.admission, admission.clone()),
    }
}

fn set<T: PartialEq>(place: &mut T, value: T) -> bool {
    let differs = *place != value;
    *place = value;
    differs
}

/// Puts a value in the place of the one it replaces, or at the end.
fn put<T: PartialEq>(all: &mut Vec<T>, value: T, replaces: fn(&T, &T) -> bool) -> bool {
    if let Some(old) = all.iter_mut().find(|old| replaces(old, &value)) {
        return set(old, value);
    }
    all.push(value);
    true
}
