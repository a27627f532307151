//! A booking: one customer's order of one or more lines, taken all together or not at all.
//!
//! `held → confirmed → checked in → completed`, with `lapsed`, `cancelled` and `no-show` on the side.
//! A hold ends at its deadline by itself: at that very instant its places are free.

mod command;
mod event;
mod line;
mod terms;
#[cfg(test)]
mod tests;

use chrono::NaiveDate;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::Event;
pub use line::{Line, LineError, Lines, LinesError, takes_by_calendar};
pub use terms::{Terms, TermsError};

use crate::values::{CustomerId, ListingId, Money, Party, Timestamp, Zone};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// How far a booking has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Never made.
    #[default]
    Absent,
    /// Kept until a deadline.
    Held,
    /// Kept for good.
    Confirmed,
    /// The guest is here.
    CheckedIn,
    /// The guest has left.
    Completed,
    /// The hold ended before it was confirmed.
    Lapsed,
    /// Called off.
    Cancelled,
    /// The guest never came.
    NoShow,
}

impl Status {
    /// The status as it is written in tables and answers.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Held => "held",
            Self::Confirmed => "confirmed",
            Self::CheckedIn => "checked_in",
            Self::Completed => "completed",
            Self::Lapsed => "lapsed",
            Self::Cancelled => "cancelled",
            Self::NoShow => "no_show",
        }
    }
}

/// A booking so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booking {
    status: Status,
    until: Option<Timestamp>,
    checked_in: Option<Timestamp>,
    order: Option<Box<Order>>,
}

/// What decisions and the unit of work read of the terms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Order {
    listing: ListingId,
    customer: CustomerId,
    zone: Zone,
    lines: Lines,
    party: Party,
}

impl Booking {
    /// How far it has come.
    pub fn status(&self) -> Status {
        self.status
    }

    /// The deadline of the hold, while it is one.
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

    /// What it costs altogether.
    pub fn total(&self) -> Option<Money> {
        self.order.as_ref().map(|order| order.lines.total())
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let order = self
            .order
            .as_ref()
            .map_or(0, |order| size_of::<Order>() + size_of_val(order.lines.as_slice()));
        size_of::<Self>() + order
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Hold { .. } | Command::Book { .. } if self.status != Status::Absent => {
                Err(Refusal::AlreadyExists)
            }
            Command::Hold { until, at, .. } if until <= at => {
                Err(Refusal::DeadlinePassed { at: until })
            }
            Command::Hold { terms, until, at } => {
                check_stays(terms.lines(), at)?;
                Ok(vec![Event::Held { terms, until, at }])
            }
            Command::Book { terms, at } => {
                check_stays(terms.lines(), at)?;
                Ok(vec![Event::Booked { terms, at }])
            }
            Command::Confirm { at } => self.confirm(at),
            Command::Amend { lines, party, at } => self.amend(lines, party, at),
            Command::CheckIn { at } => self.check_in(at),
            Command::CheckOut { at } => self.check_out(at),
            Command::NoShow { at } => self.no_show(at),
            Command::Cancel { reason, at } => match self.status {
                Status::Held | Status::Confirmed => Ok(vec![Event::Cancelled { reason, at }]),
                Status::Cancelled => Ok(Vec::new()), // a repeat is not a new fact
                Status::Absent
                | Status::CheckedIn
                | Status::Completed
                | Status::Lapsed
                | Status::NoShow => Err(self.stands_in_the_way()),
            },
            Command::Lapse { at } => self.lapse(at),
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Held { terms, until, at: _ } => self.open(Status::Held, terms, Some(*until)),
            Event::Booked { terms, at: _ } => self.open(Status::Confirmed, terms, None),
            Event::Confirmed { at: _ } => self.move_to(Status::Confirmed),
            Event::Amended { lines, party, total: _, at: _ } => {
                if let Some(order) = &mut self.order {
                    order.lines = lines.clone();
                    order.party = *party;
                }
            }
            Event::CheckedIn { at } => {
                self.checked_in = Some(*at);
                self.move_to(Status::CheckedIn);
            }
            Event::CheckedOut { at: _ } => self.move_to(Status::Completed),
            Event::NoShowRecorded { at: _ } => self.move_to(Status::NoShow),
            Event::Cancelled { reason: _, at: _ } => self.move_to(Status::Cancelled),
            Event::HoldLapsed { until: _, at: _ } => self.move_to(Status::Lapsed),
        }
    }

    fn confirm(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Held => {
                self.check_hold(at)?;
                Ok(vec![Event::Confirmed { at }])
            }
            // was confirmed before, whatever came after: a repeat is not a new fact
            Status::Confirmed | Status::CheckedIn | Status::Completed => Ok(Vec::new()),
            Status::Absent | Status::Lapsed | Status::Cancelled | Status::NoShow => {
                Err(self.stands_in_the_way())
            }
        }
    }

    fn amend(&self, lines: Lines, party: Party, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match (self.status, &self.order) {
            (Status::Held | Status::Confirmed, Some(order)) => {
                self.check_hold(at)?;
                if order.lines == lines && order.party == party {
                    return Ok(Vec::new()); // a repeat is not a new fact
                }
                let total = lines.total();
                if total.currency() != order.lines.total().currency() {
                    return Err(Refusal::CurrencyMismatch);
                }
                if order.lines != lines {
                    check_stays(&lines, at)?;
                }
                Ok(vec![Event::Amended { lines, party, total, at }])
            }
            _ => Err(self.stands_in_the_way()),
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
            | Status::Held
            | Status::Completed
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
                Status::Absent | Status::Held | Status::Lapsed | Status::Cancelled | Status::NoShow,
                _,
            ) => Err(self.stands_in_the_way()),
        }
    }

    fn no_show(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.status {
            Status::Confirmed => {
                self.check_arrival(at)?;
                Ok(vec![Event::NoShowRecorded { at }])
            }
            Status::NoShow => Ok(Vec::new()), // a repeat is not a new fact
            Status::Absent
            | Status::Held
            | Status::CheckedIn
            | Status::Completed
            | Status::Lapsed
            | Status::Cancelled => Err(self.stands_in_the_way()),
        }
    }

    fn lapse(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match (self.status, self.until) {
            (Status::Held, Some(until)) if at < until => Err(Refusal::StillHeld { until }),
            (Status::Held, Some(until)) => Ok(vec![Event::HoldLapsed { until, at }]),
            (Status::Lapsed, _) => Ok(Vec::new()), // a repeat is not a new fact
            (Status::Absent, _) => Err(Refusal::NotFound),
            (
                Status::Held
                | Status::Confirmed
                | Status::CheckedIn
                | Status::Completed
                | Status::Cancelled
                | Status::NoShow,
                _,
            ) => Err(Refusal::NotHeld),
        }
    }

    /// The deadline is exclusive: at the instant itself the places are free.
    fn check_hold(&self, at: Timestamp) -> Result<(), Refusal> {
        match self.until {
            Some(until) if at >= until => Err(Refusal::HoldEnded { at: until }),
            Some(_) | None => Ok(()),
        }
    }

    /// Guests come, or fail to come, from their date of arrival on, as the listing's wall clock shows it.
    fn check_arrival(&self, at: Timestamp) -> Result<(), Refusal> {
        match (self.zone(), self.arrival()) {
            (Some(zone), Some(on)) if zone.local_date(at) < on => {
                Err(Refusal::ArrivalNotYet { on })
            }
            _ => Ok(()),
        }
    }

    fn arrival(&self) -> Option<NaiveDate> {
        self.lines().iter().map(|line| line.stay().arrival()).min()
    }

    /// Names the status as the reason why something cannot be done.
    fn stands_in_the_way(&self) -> Refusal {
        match self.status {
            Status::Absent => Refusal::NotFound,
            Status::Held => Refusal::NotConfirmed,
            Status::Confirmed => Refusal::AlreadyConfirmed,
            Status::CheckedIn => Refusal::AlreadyCheckedIn,
            Status::Completed => Refusal::Completed,
            Status::Lapsed => Refusal::Lapsed,
            Status::Cancelled => Refusal::Cancelled,
            Status::NoShow => Refusal::NoShow,
        }
    }

    fn open(&mut self, status: Status, terms: &Terms, until: Option<Timestamp>) {
        self.status = status;
        self.until = until;
        self.order = Some(Box::new(Order {
            listing: terms.listing(),
            customer: terms.customer(),
            zone: terms.zone(),
            lines: terms.lines().clone(),
            party: terms.party(),
        }));
    }

    fn move_to(&mut self, status: Status) {
        self.status = status;
        self.until = None;
    }
}

/// A place may be taken as long as the guest can still come, even for a night that has begun.
fn check_stays(lines: &Lines, at: Timestamp) -> Result<(), Refusal> {
    let mut ends = lines.as_slice().iter().map(Line::departs_at);
    match ends.find(|end| *end <= at) {
        Some(end) => Err(Refusal::StayOver { at: end }),
        None => Ok(()),
    }
}

impl Aggregate for Booking {
    const TYPE: &'static str = "booking";
    type Command = Command;
    type Event = Event;
    type Error = Refusal;
    type Services = ();

    async fn handle(
        &mut self,
        command: Command,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), Refusal> {
        for event in self.decide(command)? {
            sink.write(event, self).await; // applies it as well
        }
        Ok(())
    }

    fn apply(&mut self, event: Event) {
        self.evolve(&event);
    }
}
