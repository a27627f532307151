//! A quote: what something would cost, kept to until it expires. It takes no inventory, and is booked once.

mod command;
mod event;
mod terms;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::Event;
pub use terms::{Choice, Terms};

use crate::values::{BookingId, Timestamp};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// A quote so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quote {
    made: Option<Box<Details>>,
}

/// What was told, and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What it is for, and what that costs.
    pub terms: Terms,
    /// From when on it is no longer kept to.
    pub expires_at: Timestamp,
    /// When it was made.
    pub made_at: Timestamp,
    /// The booking that was made of it.
    pub booking: Option<BookingId>,
}

impl Quote {
    /// The quote, once it was made.
    pub fn details(&self) -> Option<&Details> {
        self.made.as_deref()
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let details = |details: &Details| size_of::<Details>() + details.terms.weight();
        size_of::<Self>() + self.details().map_or(0, details)
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Make { .. } if self.made.is_some() => Err(Refusal::AlreadyExists),
            Command::Make { terms, expires_at, at } => {
                Ok(vec![Event::Made { terms, expires_at, at }])
            }
            Command::Use { booking, at } => {
                self.usable(at)?;
                Ok(vec![Event::Used { booking, at }])
            }
        }
    }

    /// What was told, if it is still kept to and not booked yet.
    pub fn usable(&self, at: Timestamp) -> Result<&Details, Refusal> {
        let made = self.details().ok_or(Refusal::NotFound)?;
        if let Some(booking) = made.booking {
            return Err(Refusal::Used { booking });
        }
        if made.expires_at <= at {
            return Err(Refusal::Expired { at: made.expires_at });
        }
        Ok(made)
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Made { terms, expires_at, at } => {
                self.made = Some(Box::new(Details {
                    terms: (**terms).clone(),
                    expires_at: *expires_at,
                    made_at: *at,
                    booking: None,
                }));
            }
            Event::Used { booking, at: _ } => {
                if let Some(made) = &mut self.made {
                    made.booking = Some(*booking);
                }
            }
        }
    }
}

crate::aggregate::aggregate!(Quote, "quote");
