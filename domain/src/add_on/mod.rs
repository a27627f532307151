//! An add-on: something sold beside what is booked, with a stock of its own: a shirt, a parking permit, breakfast.
//!
//! What is taken of it is decided here, in the booking's unit of work. What a booking holds until a deadline counts until
//! then, and stops counting by itself. Whatever is occupied in time, such as a projector for an hour, is a resource.

mod command;
mod event;
mod ledger;
mod terms;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use command::{Ask, Command, Refusal};
pub use event::{Event, Revised};
pub use terms::{Charged, Stock, StockError, Terms};

use crate::values::{BookingId, OrganizationId, Timestamp};
use ledger::{Ledger, Taken};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// Whether an add-on is on offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is.
    Active,
    /// No more.
    Withdrawn,
}

impl Status {
    /// The name as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// An add-on so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AddOn {
    offered: Option<Box<Offered>>,
    /// How many events there are, and how many there were when its terms changed last.
    events: i64,
    terms_at: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Offered {
    details: Details,
    ledger: Ledger,
}

/// What decisions and the edges read of an add-on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Whose it is.
    pub organization: OrganizationId,
    /// What it is, and what it costs.
    pub terms: Terms,
    /// Whether it is on offer.
    pub status: Status,
}

impl Details {
    /// The add-on as it was first offered.
    pub fn begun(event: &Event) -> Option<Self> {
        let Event::Created { organization, terms, at: _ } = event else { return None };
        let (organization, terms) = (*organization, Terms::clone(terms));
        Some(Self { organization, terms, status: Status::Active })
    }

    /// Folds one event into an add-on that was offered.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Revised(revised) => revised.apply(&mut self.terms),
            Event::Withdrawn { at: _ } => self.status = Status::Withdrawn,
            Event::Created { .. }
            | Event::Taken { .. }
            | Event::Confirmed { .. }
            | Event::Released { .. } => {}
        }
    }
}

impl AddOn {
    /// The add-on, once it was offered.
    pub fn details(&self) -> Option<&Details> {
        self.offered.as_ref().map(|offered| &offered.details)
    }

    /// The sequence of the last event that changed its terms: what is taken of it does not count.
    pub fn terms_version(&self) -> i64 {
        self.terms_at
    }

    /// How many pieces can still be had at an instant, on a day where they are counted by day; none if there is no limit.
    pub fn left(&self, day: chrono::NaiveDate, at: Timestamp) -> Option<u32> {
        let Offered { details, ledger } = self.offered.as_deref()?;
        let (stock, day) = match details.terms.stock {
            Stock::Unlimited => return None,
            Stock::Total(stock) => (stock, None),
            Stock::PerDay(stock) => (stock, Some(day)),
        };
        Some(stock.saturating_sub(ledger.taken(day, None, at)))
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let beyond = |offered: &Offered| {
            size_of::<Offered>() + offered.details.terms.weight() + offered.ledger.weight()
        };
        size_of::<Self>() + self.offered.as_deref().map_or(0, beyond)
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Create { .. } if self.offered.is_some() => Err(Refusal::AlreadyExists),
            Command::Create { organization, terms, at } => {
                Ok(vec![Event::Created { organization, terms, at }])
            }
            Command::Revise { terms, at } => {
                let present = &self.found()?.details;
                if present.status == Status::Withdrawn {
                    return Err(Refusal::Withdrawn);
                }
                if present.terms.price.currency() != terms.price.currency() {
                    return Err(Refusal::CurrencyMismatch);
                }
                if present.terms.stock.is_by_day() != terms.stock.is_by_day() {
                    return Err(Refusal::OtherStock);
                }
                if present.terms == *terms {
                    return Ok(Vec::new()); // a repeat is not a new fact
                }
                let revised = Revised::between(&present.terms, *terms, at);
                Ok(vec![Event::Revised(Box::new(revised))])
            }
            Command::Withdraw { at } => match self.found()?.details.status {
                Status::Active => Ok(vec![Event::Withdrawn { at }]),
                Status::Withdrawn => Ok(Vec::new()), // a repeat is not a new fact
            },
            Command::Take { booking, asks, until, at } => self.take(booking, asks, until, at),
            Command::Confirm { booking, at } => self.confirm(booking, at),
            Command::Release { booking, at } => {
                let taken = self.found()?.ledger.of(booking).is_some();
                Ok(if taken { vec![Event::Released { booking, at }] } else { Vec::new() })
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        self.events += 1;
        if event.changes_terms() {
            self.terms_at = self.events;
        }
        if let Some(details) = Details::begun(event) {
            self.offered = Some(Box::new(Offered { details, ledger: Ledger::default() }));
        } else if let Some(offered) = &mut self.offered {
            offered.details.evolve(event);
            offered.ledger.evolve(event);
        }
    }

    /// Takes these pieces for a booking and gives up whatever else it took. What it has for sure it may keep.
    fn take(
        &self,
        booking: BookingId,
        asks: Vec<Ask>,
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let Offered { details, ledger } = self.found()?;
        let own = ledger.of(booking);
        if asks.is_empty() {
            return Ok(own.map(|_| Event::Released { booking, at }).into_iter().collect());
        }
        let same = own.is_some_and(|own| own.asks == asks && own.until == until);
        if same && ledger.is_assured(booking, at) {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        let had = own.filter(|_| ledger.is_assured(booking, at)).map_or(0, Taken::quantity);
        let wanted = asks.iter().map(|ask| ask.quantity).fold(0, u32::saturating_add);
        if wanted > had {
            if details.status == Status::Withdrawn {
                return Err(Refusal::Withdrawn);
            }
            let most = details.terms.max_per_booking.map(crate::values::Quantity::get);
            if let Some(most) = most.filter(|most| wanted > *most) {
                return Err(Refusal::TooMany { asked: wanted, most });
            }
        }
        ledger.check(details.terms.stock, booking, &asks, ledger.latest(at))?;
        Ok(vec![Event::Taken { booking, asks, until, at }])
    }

    /// Until its deadline nobody else is given what is held. Only when clocks disagree can a decision at a later instant
    /// have passed the hold over already: then it is counted anew.
    fn confirm(&self, booking: BookingId, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let Offered { details, ledger } = self.found()?;
        let own = ledger.of(booking).ok_or(Refusal::NotTaken)?;
        let Some(until) = own.until else {
            return Ok(Vec::new()); // for good already: a repeat is not a new fact
        };
        let latest = ledger.latest(at);
        let fits = || ledger.check(details.terms.stock, booking, &own.asks, latest).is_ok();
        if until <= at || (!ledger.is_assured(booking, at) && !fits()) {
            return Err(Refusal::HoldEnded { at: until });
        }
        Ok(vec![Event::Confirmed { booking, at }])
    }

    fn found(&self) -> Result<&Offered, Refusal> {
        self.offered.as_deref().ok_or(Refusal::NotFound)
    }
}

crate::aggregate::aggregate!(AddOn, "add_on");
