//! A booking: one customer's order of one or more lines, taken all together or not at all.
//!
//! `requested → held → confirmed → checked in → completed`, with `declined`, `lapsed`, `cancelled` and `no-show` on
//! the side. A request and a hold end at their deadline by themselves: at that very instant their places are free.

mod accounting;
mod addition;
mod bill;
mod cancellation;
mod change;
mod command;
mod demands;
mod event;
mod hold;
mod line;
mod lines;
mod nights;
mod payable;
mod places;
mod portion;
mod status;
mod terms;
#[cfg(test)]
mod tests;
mod time;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use addition::{Addition, follow};
pub use bill::{Bill, TaxSum};
pub use cancellation::{CancelTerms, ChangeTerms, Paid, Settlement};
pub use command::{Command, Refusal};
pub use demands::Demands;
pub use event::Event;
pub use line::{Line, LineError};
pub use lines::{Lines, LinesError};
pub use nights::Nights;
pub use places::Places;
pub use portion::{Cut, Given, Portion};
pub use status::Status;
pub use terms::{Terms, TermsError};
pub use time::Time;

use crate::policy::Policy;
use crate::pricing::Deposit;
use crate::values::{CustomerId, ListingId, Money, Party, Reason, Timestamp, Zone};
use crate::voucher::Grant;

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 7;

/// A booking so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    status: Status,
    until: Option<Timestamp>,
    approved: bool,
    checked_in: Option<Timestamp>,
    /// Whether it was kept for good, whatever became of it since.
    was_confirmed: bool,
    order: Option<Box<Order>>,
}

/// What decisions and the unit of work read of the terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Order {
    listing: ListingId,
    customer: CustomerId,
    zone: Zone,
    booked_at: Timestamp,
    lines: Lines,
    party: Party,
    policy: Option<Arc<Policy>>,
    deposit: Option<Deposit>,
    /// What a voucher promised.
    voucher: Option<Box<Grant>>,
    /// What the lines cost that were called off.
    gone: Option<Money>,
    /// What is kept for what was called off or changed.
    fees: Option<Money>,
    /// What is to be given back for them.
    owed: Option<Money>,
    /// What was told that calling off would cost.
    told: Option<cancellation::Told>,
}

impl Booking {
    /// How far it has come.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The deadline of the request or the hold, while it is one.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    /// The listing that was booked.
    pub fn listing(&self) -> Option<ListingId> {
        self.order.as_ref().map(|order| order.listing)
    }

    /// Who booked.
    pub fn customer(&self) -> Option<CustomerId> {
        self.order.as_ref().map(|order| order.customer)
    }

    /// Where the wall clock of the listing hangs.
    pub fn zone(&self) -> Option<Zone> {
        self.order.as_ref().map(|order| order.zone)
    }

    /// What was booked; nothing before it was made.
    pub fn lines(&self) -> &[Line] {
        self.order.as_ref().map_or(&[], |order| order.lines.as_slice())
    }

    /// Who comes along.
    pub fn party(&self) -> Option<Party> {
        self.order.as_ref().map(|order| order.party)
    }

    /// What a voucher promised, if one is used.
    pub fn voucher(&self) -> Option<&Grant> {
        self.order.as_ref().and_then(|order| order.voucher.as_deref())
    }

    /// What it costs altogether.
    pub fn total(&self) -> Option<Money> {
        self.order.as_ref().map(|order| order.lines.total())
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let order = self.order.as_ref().map_or(0, |order| {
            let lines = order.lines.as_slice();
            let beyond = lines.iter().map(Line::weight).sum::<usize>();
            let voucher = order.voucher.as_deref().map_or(0, Grant::weight);
            size_of::<Order>() + size_of_val(lines) + beyond + voucher
        });
        size_of::<Self>() + order
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Request { .. } | Command::Hold { .. } | Command::Book { .. }
                if self.status != Status::Absent =>
            {
                Err(Refusal::AlreadyExists)
            }
            Command::Request { until, at, .. } | Command::Hold { until, at, .. } if until <= at => {
                Err(Refusal::DeadlinePassed { at: until })
            }
            Command::Request { terms, until, at } => {
                check_ends(terms.lines(), at)?;
                Ok(vec![Event::Requested { terms, until, at }])
            }
            Command::Hold { terms, until, at } => {
                check_ends(terms.lines(), at)?;
                Ok(vec![Event::Held { terms, until, at }])
            }
            Command::Book { terms, at } => {
                check_ends(terms.lines(), at)?;
                Ok(vec![Event::Booked { terms, at }])
            }
            Command::Approve { until, at } => self.approve(until, at),
            Command::Decline { reason, at } => self.decline(reason, at),
            Command::Extend { until, at } => self.extend(until, at),
            Command::Confirm { at } => self.confirm(at),
            Command::ConfirmLate { at } => self.confirm_late(at),
            Command::Amend { lines, party, terms, at } => self.amend(lines, party, terms, at),
            Command::Reschedule { lines, terms, at } => self.reschedule(lines, terms, at),
            Command::Move { lines, at } => self.move_lines(lines, at),
            Command::CancelPortion { portion, reason, terms, at } => {
                self.cancel_portion(&portion, reason, terms, at)
            }
            Command::QuoteCancellation { quote, portion, paid, at } => {
                self.quote_cancellation(quote, portion, paid, at)
            }
            Command::CheckIn { at } => self.check_in(at),
            Command::CheckOut { at } => self.check_out(at),
            Command::NoShow { paid, at } => self.no_show(paid, at),
            Command::Cancel { reason, terms, at } => self.cancel(reason, terms, at),
            Command::Lapse { at } => self.lapse(at),
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Requested { terms, until, at } => {
                self.open(Status::Requested, terms, Some(*until), *at);
            }
            Event::Held { terms, until, at } => {
                self.open(Status::Held, terms, Some(*until), *at);
            }
            Event::Booked { terms, at } => self.open(Status::Confirmed, terms, None, *at),
            Event::Approved { until, at: _ } => {
                self.move_to(until.map_or(Status::Confirmed, |_| Status::Held));
                (self.approved, self.until) = (true, *until);
            }
            Event::Declined { reason: _, at: _ } => self.move_to(Status::Declined),
            Event::HoldExtended { until, at: _ } => self.until = Some(*until),
            Event::Confirmed { at: _ } => self.move_to(Status::Confirmed),
            Event::Amended { lines, party, total: _, fee, refund, at: _ } => {
                self.change_lines(lines, *fee, *refund);
                if let Some(order) = &mut self.order {
                    order.party = *party;
                }
            }
            Event::Rescheduled { lines, total: _, fee, refund, at: _ } => {
                self.change_lines(lines, *fee, *refund);
            }
            Event::Moved { lines, total: _, at: _ } => self.set_lines(lines),
            Event::LinesCancelled { lines, cancelled, fee, refund, .. } => {
                self.set_lines(lines);
                if let Some(order) = &mut self.order {
                    order.let_go(cancelled.iter().map(Line::total), *fee, *refund);
                }
            }
            Event::CancellationQuoted { .. } => {
                if let Some(order) = &mut self.order {
                    order.told = cancellation::Told::of(event);
                }
            }
            Event::CheckedIn { at } => {
                self.checked_in = Some(*at);
                self.move_to(Status::CheckedIn);
            }
            Event::CheckedOut { at: _ } => self.move_to(Status::Completed),
            Event::NoShowRecorded { fee, refund, at: _ } => {
                self.end_with(Status::NoShow, *fee, *refund);
            }
            Event::Cancelled { reason: _, fee, refund, at: _ } => {
                self.end_with(Status::Cancelled, *fee, *refund);
            }
            Event::HoldLapsed { until: _, at: _ } => self.move_to(Status::Lapsed),
        }
    }

    fn cancel(
        &self,
        reason: Option<Reason>,
        terms: CancelTerms,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Requested | Status::Held | Status::Confirmed => {
                let lines = self.lines().to_vec();
                let (all, cut) = (Portion::All, Cut { gone: lines, kept: Vec::new() });
                let (fee, refund) = cancellation::parts(self.settle(&all, &cut, terms, at)?);
                Ok(vec![Event::Cancelled { reason, fee, refund, at }])
            }
            Status::Cancelled => Ok(Vec::new()), // a repeat is not a new fact
            Status::Absent
            | Status::CheckedIn
            | Status::Completed
            | Status::Declined
            | Status::Lapsed
            | Status::NoShow => Err(self.stands_in_the_way()),
        }
    }

    fn check_in(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Confirmed => {
                self.check_arrival(at)?;
                Ok(vec![Event::CheckedIn { at }])
            }
            Status::CheckedIn => Ok(Vec::new()), // a repeat is not a new fact
            Status::Absent
            | Status::Requested
            | Status::Held
            | Status::Completed
            | Status::Declined
            | Status::Lapsed
            | Status::Cancelled
            | Status::NoShow => Err(self.stands_in_the_way()),
        }
    }

    fn check_out(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match (self.status, self.checked_in) {
            (Status::CheckedIn, Some(since)) if at < since => {
                Err(Refusal::BeforeCheckIn { at: since })
            }
            (Status::CheckedIn, _) => Ok(vec![Event::CheckedOut { at }]),
            (Status::Completed, _) => Ok(Vec::new()), // a repeat is not a new fact
            (Status::Confirmed, _) => Err(Refusal::NotCheckedIn),
            (
                Status::Absent
                | Status::Requested
                | Status::Held
                | Status::Declined
                | Status::Lapsed
                | Status::Cancelled
                | Status::NoShow,
                _,
            ) => Err(self.stands_in_the_way()),
        }
    }

    fn no_show(&self, paid: Option<Paid>, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Confirmed => {
                self.check_arrival(at)?;
                let (fee, refund) = cancellation::parts(self.settle_no_show(paid)?);
                Ok(vec![Event::NoShowRecorded { fee, refund, at }])
            }
            Status::NoShow => Ok(Vec::new()), // a repeat is not a new fact
            Status::Absent
            | Status::Requested
            | Status::Held
            | Status::CheckedIn
            | Status::Completed
            | Status::Declined
            | Status::Lapsed
            | Status::Cancelled => Err(self.stands_in_the_way()),
        }
    }

    /// Guests come, or fail to come, from the first date of any line on, as the wall clock shows it there.
    fn check_arrival(&self, at: Timestamp) -> Result<(), Refusal> {
        let Some(zone) = self.zone() else { return Ok(()) };
        let first = self.lines().iter().min_by_key(|line| line.starts_at());
        match first.map(|line| (line.first_date(), line.zone().unwrap_or(zone))) {
            Some((on, zone)) if zone.local_date(at) < on => Err(Refusal::ArrivalNotYet { on }),
            Some(_) | None => Ok(()),
        }
    }

    /// Names the status as the reason why something cannot be done.
    fn stands_in_the_way(&self) -> Refusal {
        match self.status {
            Status::Absent => Refusal::NotFound,
            Status::Requested => Refusal::NotApproved,
            Status::Held => Refusal::NotConfirmed,
            Status::Confirmed => Refusal::AlreadyConfirmed,
            Status::CheckedIn => Refusal::AlreadyCheckedIn,
            Status::Completed => Refusal::Completed,
            Status::Declined => Refusal::Declined,
            Status::Lapsed => Refusal::Lapsed,
            Status::Cancelled => Refusal::Cancelled,
            Status::NoShow => Refusal::NoShow,
        }
    }

    fn open(&mut self, status: Status, terms: &Terms, until: Option<Timestamp>, at: Timestamp) {
        self.status = status;
        self.was_confirmed = status == Status::Confirmed;
        self.until = until;
        self.order = Some(Box::new(Order {
            listing: terms.listing(),
            customer: terms.customer(),
            zone: terms.zone(),
            booked_at: at,
            lines: terms.lines().clone(),
            party: terms.party(),
            policy: terms.policy().cloned(),
            deposit: terms.deposit(),
            voucher: terms.voucher().cloned().map(Box::new),
            gone: None,
            fees: None,
            owed: None,
            told: None,
        }));
    }

    /// Other lines are booked; what was agreed about that decides whether any of it counts as called off.
    fn change_lines(&mut self, lines: &Lines, fee: Option<Money>, refund: Option<Money>) {
        let was_confirmed = self.was_confirmed;
        if let Some(order) = &mut self.order
            && (fee.is_some() || was_confirmed && order.policy.is_none())
        {
            let less = order.lines.total().try_sub(lines.total());
            order.let_go(less.ok(), fee, refund);
        }
        self.set_lines(lines);
    }

    fn set_lines(&mut self, lines: &Lines) {
        if let Some(order) = &mut self.order {
            order.lines = lines.clone();
            order.told = None;
        }
    }

    /// All of it is called off: so much is kept and so much given back, if anything was agreed about that.
    fn end_with(&mut self, status: Status, fee: Option<Money>, refund: Option<Money>) {
        self.move_to(status);
        if let Some(order) = &mut self.order {
            order.let_go(None, fee, refund);
        }
    }

    fn move_to(&mut self, status: Status) {
        self.status = status;
        self.was_confirmed |= status == Status::Confirmed;
        self.until = None;
        if let Some(order) = &mut self.order {
            order.told = None;
        }
    }
}

/// A place may be taken as long as the guest can still come, even for a night or a time that has begun.
fn check_ends(lines: &Lines, at: Timestamp) -> Result<(), Refusal> {
    let mut ends = lines.as_slice().iter().map(Line::ends_at);
    match ends.find(|end| *end <= at) {
        Some(end) => Err(Refusal::Over { at: end }),
        None => Ok(()),
    }
}

crate::aggregate::aggregate!(Booking, "booking");
