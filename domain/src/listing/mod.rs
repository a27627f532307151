//! A listing: something that can be booked, with its zone, currency and house times.

mod command;
mod event;
#[cfg(test)]
mod tests;

use chrono::NaiveTime;
use cqrs_es::Aggregate;
use cqrs_es::event_sink::EventSink;
use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::Event;

use crate::values::{Currency, LocalizedText, OrganizationId, Timestamp, Zone};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// What kind of thing a listing sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingKind {
    /// Nights in rooms.
    Stay,
}

/// A listing so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    details: Option<Box<Details>>,
}

/// What decisions and the edges read of a listing that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Whose listing it is.
    pub organization: OrganizationId,
    /// What it sells.
    pub kind: ListingKind,
    /// Its name.
    pub name: LocalizedText,
    /// Where its wall clock hangs.
    pub zone: Zone,
    /// In which currency it is priced.
    pub currency: Currency,
    /// From when on guests may arrive.
    pub check_in: NaiveTime,
    /// Until when guests have to leave.
    pub check_out: NaiveTime,
}

impl Listing {
    /// The listing, once it was created.
    pub fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let details = self.details.as_ref().map_or(0, |d| size_of::<Details>() + d.name.weight());
        size_of::<Self>() + details
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Create { .. } if self.details.is_some() => Err(Refusal::AlreadyExists),
            Command::Create {
                organization,
                kind,
                name,
                zone,
                currency,
                check_in,
                check_out,
                at,
            } => Ok(vec![Event::Created {
                organization,
                kind,
                name,
                zone,
                currency,
                check_in,
                check_out,
                at,
            }]),
            Command::Revise { name, check_in, check_out, at } => {
                self.revise(name, check_in, check_out, at)
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Created {
                organization,
                kind,
                name,
                zone,
                currency,
                check_in,
                check_out,
                at: _,
            } => {
                self.details = Some(Box::new(Details {
                    organization: *organization,
                    kind: *kind,
                    name: name.clone(),
                    zone: *zone,
                    currency: *currency,
                    check_in: *check_in,
                    check_out: *check_out,
                }));
            }
            Event::Revised { name, check_in, check_out, at: _ } => {
                if let Some(details) = &mut self.details {
                    details.name = name.clone().unwrap_or_else(|| details.name.clone());
                    details.check_in = check_in.unwrap_or(details.check_in);
                    details.check_out = check_out.unwrap_or(details.check_out);
                }
            }
        }
    }

    fn revise(
        &self,
        name: Option<LocalizedText>,
        check_in: Option<NaiveTime>,
        check_out: Option<NaiveTime>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let details = self.details().ok_or(Refusal::NotFound)?;
        let name = name.filter(|name| *name != details.name);
        let check_in = check_in.filter(|time| *time != details.check_in);
        let check_out = check_out.filter(|time| *time != details.check_out);
        if name.is_none() && check_in.is_none() && check_out.is_none() {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        Ok(vec![Event::Revised { name, check_in, check_out, at }])
    }
}

impl Aggregate for Listing {
    const TYPE: &'static str = "listing";
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
