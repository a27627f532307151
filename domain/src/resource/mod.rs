//! A resource: a thing occupied in time, how many of it there are and what a night of it costs.
//!
//! It knows its open months, so that a change of limits can reach every open calendar in one commit.

mod command;
mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::Event;

use crate::values::{Currency, Limits, ListingId, LocalizedText, Money, Month, Timestamp};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// A resource so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    details: Option<Box<Details>>,
}

/// What decisions and the edges read of a resource that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// The listing it is sold under.
    pub listing: ListingId,
    /// Its name.
    pub name: LocalizedText,
    /// How many there are.
    pub limits: Limits,
    /// What one of it costs for a night.
    pub price_per_night: Money,
    /// The months whose calendars are open.
    pub open_months: BTreeSet<Month>,
}

impl Resource {
    /// The resource, once it was created.
    pub fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let details = self.details.as_ref().map_or(0, |details| {
            let months = details.open_months.len() * size_of::<Month>() * 2;
            size_of::<Details>() + details.name.weight() + months
        });
        size_of::<Self>() + details
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Create { listing, listing_currency, name, limits, price_per_night, at } => {
                if self.details.is_some() {
                    return Err(Refusal::AlreadyExists);
                }
                same_currency(listing_currency, price_per_night)?;
                Ok(vec![Event::Created { listing, name, limits, price_per_night, at }])
            }
            Command::ChangeLimits { limits, at } => {
                let changed = self.found()?.limits != limits;
                Ok(once(changed, Event::LimitsChanged { limits, at }))
            }
            Command::ChangePrice { price_per_night, at } => self.change_price(price_per_night, at),
            Command::OpenMonth { month, at } => {
                let closed = !self.found()?.open_months.contains(&month);
                Ok(once(closed, Event::MonthOpened { month, at }))
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        if let Event::Created { listing, name, limits, price_per_night, at: _ } = event {
            self.details = Some(Box::new(Details {
                listing: *listing,
                name: name.clone(),
                limits: *limits,
                price_per_night: *price_per_night,
                open_months: BTreeSet::new(),
            }));
            return;
        }
        let Some(details) = &mut self.details else { return };
        match event {
            Event::Created { .. } => {}
            Event::LimitsChanged { limits, at: _ } => details.limits = *limits,
            Event::PriceChanged { price_per_night, at: _ } => {
                details.price_per_night = *price_per_night;
            }
            Event::MonthOpened { month, at: _ } => {
                details.open_months.insert(*month);
            }
        }
    }

    fn change_price(&self, price_per_night: Money, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let present = self.found()?.price_per_night;
        same_currency(present.currency(), price_per_night)?;
        Ok(once(present != price_per_night, Event::PriceChanged { price_per_night, at }))
    }

    fn found(&self) -> Result<&Details, Refusal> {
        self.details().ok_or(Refusal::NotFound)
    }
}

fn same_currency(expected: Currency, price: Money) -> Result<(), Refusal> {
    if price.currency() == expected {
        Ok(())
    } else {
        Err(Refusal::CurrencyMismatch { expected, given: price.currency() })
    }
}

/// The event if it says something new: a repeat is not a new fact.
fn once(new: bool, event: Event) -> Vec<Event> {
    if new { vec![event] } else { Vec::new() }
}

impl Aggregate for Resource {
    const TYPE: &'static str = "resource";
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
