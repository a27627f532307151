//! An allotment: the inventory of one session, and the place where its places cannot be sold twice.
//!
//! Capacities are facts of this stream, so a decision needs nothing else. For every pool the places of
//! all allocations together may not exceed its limits, and no seat is in two of them. A hold stops
//! counting at its deadline by itself; releasing it later is book-keeping and decides nothing.

mod admission;
mod allocation;
mod block;
mod command;
mod error;
mod event;
mod hall;
mod inventory;
mod longest;
mod names;
mod order;
mod others;
mod refusal;
mod release;
mod revision;
mod seat_map;
mod session;
mod sketch;
mod stored;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use admission::Admission;
pub use command::{Command, Item, Part, Seating};
pub use error::SessionError;
pub use event::{Event, Places, Take};
pub use refusal::{Obstacle, Refusal};
pub use revision::Change;
pub use seat_map::{Row, SeatMap, SeatMapError, Section};
pub use session::{Details, Draw, Offer, OrderLimits, Pool, Session};

use crate::values::{BookingId, Code, Reason, TimeRange, Timestamp};
use block::{block, unblock};
use hall::SeatState;
use inventory::Inventory;
use order::{Order, Placed};
use others::{Asking, Others};
use release::{release_all, release_parts};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 2;

/// Whether a session can be booked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As far as the windows of its offers say.
    OnSale,
    /// Not for now.
    SalesClosed,
    /// Never again: it does not take place.
    CalledOff,
}

impl Status {
    /// The status as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnSale => "on_sale",
            Self::SalesClosed => "sales_closed",
            Self::CalledOff => "called_off",
        }
    }
}

/// An allotment so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Allotment {
    inventory: Option<Box<Inventory>>,
    terms_version: i64,
}

impl Allotment {
    /// What is sold, once the session was opened.
    pub fn session(&self) -> Option<&Session> {
        self.inventory.as_ref().map(|inventory| inventory.session())
    }

    /// Whether the session can be booked, once it was opened.
    pub fn status(&self) -> Option<Status> {
        self.inventory.as_ref().map(|inventory| inventory.status())
    }

    /// How often its terms were changed, being opened included; 0 unless it was. Bookings of it do not count, so that
    /// whoever edits a session is not disturbed by its sale.
    pub fn terms_version(&self) -> i64 {
        self.terms_version
    }

    /// How many places of a pool nobody takes, as things stand at an instant, whether or not they are
    /// on sale; none of a pool that is not there.
    pub fn free(&self, pool: &Code, at: Timestamp) -> u32 {
        let free = |inventory: &Inventory| Some(inventory.free(inventory.pool(pool)?, at));
        self.inventory.as_deref().and_then(free).unwrap_or(0)
    }

    /// For how many of an offer there are places, as things stand at an instant, whether or not it is
    /// on sale; none of an offer that is not there.
    pub fn free_of_offer(&self, offer: &Code, at: Timestamp) -> u32 {
        let free =
            |inventory: &Inventory| Some(inventory.free_of_offer(inventory.offer(offer)?, at));
        self.inventory.as_deref().and_then(free).unwrap_or(0)
    }

    /// Whether places of an offer have seats.
    pub fn is_seated(&self, offer: &Code) -> bool {
        let seated =
            |inventory: &Inventory| inventory.seats_of(inventory.offer(offer)?).map(|_| true);
        self.inventory.as_deref().and_then(seated).unwrap_or(false)
    }

    /// How many more places of a pool than exist are promised, as things stand at an instant.
    pub fn overbooked_by(&self, pool: &Code, at: Timestamp) -> u32 {
        let over = |inventory: &Inventory| Some(inventory.overbooked_by(inventory.pool(pool)?, at));
        self.inventory.as_deref().and_then(over).unwrap_or(0)
    }

    /// What a booking takes of this session, lapsed holds included until they are released.
    pub fn takes_of(&self, booking: BookingId) -> Vec<Take> {
        self.inventory.as_ref().map_or_else(Vec::new, |inventory| inventory.takes_of(booking))
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.inventory.as_ref().map_or(0, |inventory| inventory.weight())
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        if let Command::Open { session, at } = command {
            return self.open(session, at);
        }
        let inventory = self.inventory.as_deref().ok_or(Refusal::NotOpen)?;
        match command {
            Command::Open { .. } => Ok(Vec::new()),
            Command::Revise { changes, at } => revise(inventory, changes, at),
            Command::Move { time, at } => move_to(inventory, time, at),
            Command::CallOff { reason, at } => Ok(call_off(inventory, reason, at)),
            Command::CloseSales { at } => close_sales(inventory, at),
            Command::ReopenSales { at } => reopen_sales(inventory, at),
            Command::Block { seats, at } => {
                check_takes_place(inventory)?;
                block(inventory, &seats, at)
            }
            Command::Unblock { seats, at } => {
                check_takes_place(inventory)?;
                unblock(inventory, &seats, at)
            }
            Command::Allocate { booking, customer, items, until, at } => {
                let asking = Asking { booking, customer, own: inventory.allocation(booking) };
                allocate(inventory, Order { asking, items: &items, at, aside: false }, until)
            }
            Command::Confirm { booking, at } => confirm(inventory, booking, at),
            Command::Reallocate { booking, customer, items, until, at } => {
                let asking = Asking { booking, customer, own: inventory.allocation(booking) };
                reallocate(inventory, Order { asking, items: &items, at, aside: false }, until)
            }
            Command::SetAside { voucher, items, until, at } => {
                let (booking, customer) = voucher.as_holder();
                let asking = Asking { booking, customer, own: inventory.allocation(booking) };
                reallocate(inventory, Order { asking, items: &items, at, aside: true }, Some(until))
            }
            Command::Release { booking, parts: None, at } => {
                Ok(release_all(inventory, booking, at))
            }
            Command::Release { booking, parts: Some(parts), at } => {
                release_parts(inventory, booking, &parts, at)
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        self.terms_version += i64::from(event.changes_terms());
        if let Event::Opened { session, at: _ } = event {
            self.inventory = Some(Box::new(Inventory::new(Session::clone(session))));
            return;
        }
        let Some(inventory) = &mut self.inventory else { return };
        match event {
            Event::Opened { .. } => {}
            Event::Revised { changes, at: _ } => inventory.revise(changes),
            Event::Moved { before: _, time, at: _ } => inventory.set_time(*time),
            Event::CalledOff { reason: _, at: _ } => inventory.set_status(Status::CalledOff),
            Event::SalesClosed { at: _ } => inventory.set_status(Status::SalesClosed),
            Event::SalesReopened { at: _ } => inventory.set_status(Status::OnSale),
            Event::SeatsBlocked { seats, places: _, at } => {
                inventory.advance(*at); // holds that ended leave their seats first
                inventory.block(seats, SeatState::Blocked);
            }
            Event::SeatsUnblocked { seats, places: _, at: _ } => {
                inventory.block(seats, SeatState::Free);
            }
            Event::Allocated { booking, customer, takes, until, overbooked: _, at }
            | Event::Reallocated { booking, customer, takes, until, overbooked: _, at, freed: _ } =>
            {
                inventory.advance(*at);
                inventory.put(*booking, *customer, takes, *until);
            }
            Event::Confirmed { booking, at } => {
                inventory.advance(*at);
                inventory.firm(*booking);
            }
            Event::Released { booking, freed, at: _ } => inventory.free_up(*booking, freed),
        }
    }

    fn open(&self, session: Box<Session>, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.session() {
            None => Ok(vec![Event::Opened { session, at }]),
            Some(open) if *open == *session => Ok(Vec::new()), // a repeat is not a new fact
            Some(_) => Err(Refusal::AlreadyOpen),
        }
    }
}

fn check_takes_place(inventory: &Inventory) -> Result<(), Refusal> {
    match inventory.status() {
        Status::OnSale | Status::SalesClosed => Ok(()),
        Status::CalledOff => Err(Refusal::CalledOff),
    }
}

fn revise(
    inventory: &Inventory,
    changes: Vec<Change>,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    check_takes_place(inventory)?;
    let (_, changes) = inventory.session().revised(changes)?;
    Ok(if changes.is_empty() { Vec::new() } else { vec![Event::Revised { changes, at }] })
}

fn move_to(inventory: &Inventory, time: TimeRange, at: Timestamp) -> Result<Vec<Event>, Refusal> {
    check_takes_place(inventory)?;
    let before = inventory.session().details().time;
    if before == time {
        return Ok(Vec::new());
    }
    inventory.session().moved(time)?;
    Ok(vec![Event::Moved { before, time, at }])
}

fn call_off(inventory: &Inventory, reason: Option<Reason>, at: Timestamp) -> Vec<Event> {
    match inventory.status() {
        Status::OnSale | Status::SalesClosed => vec![Event::CalledOff { reason, at }],
        Status::CalledOff => Vec::new(), // a repeat is not a new fact
    }
}

fn close_sales(inventory: &Inventory, at: Timestamp) -> Result<Vec<Event>, Refusal> {
    match inventory.status() {
        Status::OnSale => Ok(vec![Event::SalesClosed { at }]),
        Status::SalesClosed => Ok(Vec::new()),
        Status::CalledOff => Err(Refusal::CalledOff),
    }
}

fn reopen_sales(inventory: &Inventory, at: Timestamp) -> Result<Vec<Event>, Refusal> {
    match inventory.status() {
        Status::OnSale => Ok(Vec::new()),
        Status::SalesClosed => Ok(vec![Event::SalesReopened { at }]),
        Status::CalledOff => Err(Refusal::CalledOff),
    }
}

fn allocate(
    inventory: &Inventory,
    order: Order<'_>,
    until: Option<Timestamp>,
) -> Result<Vec<Event>, Refusal> {
    check_takes_place(inventory)?;
    let Order { asking: Asking { booking, customer, own }, at, .. } = order;
    if own.is_some() {
        return Err(Refusal::AlreadyAllocated);
    }
    check_deadline(until, at)?;
    let Placed { shares, overbooked } = order.place(inventory)?;
    let takes = inventory.told(&shares);
    Ok(vec![Event::Allocated { booking, customer, takes, until, overbooked, at }])
}

/// Until its deadline nobody else is given a hold's places, so it can be made firm without counting.
/// Only when clocks disagree can a decision at a later instant have passed the hold over already:
/// then its places must be counted, and its seats looked for, anew.
fn confirm(
    inventory: &Inventory,
    booking: BookingId,
    at: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let own = inventory.allocation(booking).ok_or(Refusal::NotAllocated)?;
    let Some(until) = own.until else {
        return Ok(Vec::new()); // firm already: a repeat is not a new fact
    };
    check_takes_place(inventory)?;
    let asking = Asking { booking, customer: own.customer, own: Some(own) };
    let still_fits = || Others::new(inventory, Some(asking), at).leave_room_for(own);
    if at >= until || (inventory.passed_over(until) && !still_fits()) {
        return Err(Refusal::HoldEnded { at: until });
    }
    Ok(vec![Event::Confirmed { booking, at }])
}

fn reallocate(
    inventory: &Inventory,
    order: Order<'_>,
    until: Option<Timestamp>,
) -> Result<Vec<Event>, Refusal> {
    let Order { asking: Asking { booking, customer, own }, items, at, aside: _ } = order;
    if items.is_empty() {
        return Ok(release_all(inventory, booking, at));
    }
    let Some(own) = own else {
        return allocate(inventory, order, until);
    };
    check_takes_place(inventory)?;
    check_deadline(until, at)?;
    let Placed { shares, overbooked } = order.place(inventory)?;
    let same = own.shares == shares && own.until == until && own.customer == customer;
    if same && inventory.is_assured(own, at) {
        return Ok(Vec::new());
    }
    let (freed, takes) = (inventory.told(&own.shares), inventory.told(&shares));
    Ok(vec![Event::Reallocated { booking, customer, freed, takes, until, overbooked, at }])
}

fn check_deadline(until: Option<Timestamp>, at: Timestamp) -> Result<(), Refusal> {
    match until {
        Some(until) if until <= at => Err(Refusal::DeadlinePassed { at: until }),
        Some(_) | None => Ok(()),
    }
}

crate::aggregate::aggregate!(Allotment, "allotment");
