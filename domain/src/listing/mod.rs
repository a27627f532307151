//! A listing: something that can be booked, with its content, zone and currency.
//!
//! It is a draft, then published, then archived: only what is published can be booked, and what is archived stays as
//! it is for those who look back.

mod command;
mod content;
mod event;
mod selling;
mod terms;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use command::{Command, FirstStatus, Refusal};
pub use content::Content;
pub use event::{Created, Event, Revised};
pub use selling::{Selling, SellingError};
pub use terms::{HouseTimes, ListingKind, Parts, RoomTerms, ServiceTerms, Terms, TermsError};

use crate::values::{Currency, Money, OrganizationId, Timestamp, Zone};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 4;

/// How far a listing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Not yet on offer.
    Draft,
    /// On offer.
    Published,
    /// Off for good.
    Archived,
}

impl Status {
    /// The name as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Published => "published",
            Self::Archived => "archived",
        }
    }
}

impl From<FirstStatus> for Status {
    fn from(first: FirstStatus) -> Self {
        match first {
            FirstStatus::Draft => Self::Draft,
            FirstStatus::Published => Self::Published,
        }
    }
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
    pub terms: Terms,
    /// What it says of itself.
    pub content: Content,
    /// Where its wall clock hangs.
    pub zone: Zone,
    /// In which currency it is priced.
    pub currency: Currency,
    /// Whether a booking of it waits for approval.
    pub on_request: bool,
    /// How far it has come.
    pub status: Status,
}

impl Details {
    /// Refuses a booking of what is not on offer.
    pub fn bookable(&self) -> Result<(), Refusal> {
        match self.status {
            Status::Draft => Err(Refusal::NotPublished),
            Status::Published => Ok(()),
            Status::Archived => Err(Refusal::Archived),
        }
    }
}

impl Listing {
    /// The listing, once it was created.
    pub fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let details = |details: &Details| size_of::<Details>() + details.content.weight();
        size_of::<Self>() + self.details().map_or(0, details)
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Create { .. } if self.details.is_some() => Err(Refusal::AlreadyExists),
            Command::Create {
                organization,
                terms,
                content,
                zone,
                currency,
                on_request,
                status,
                at,
            } => {
                same_currency(currency, terms)?;
                let content = *content;
                Ok(vec![Event::Created(Box::new(Created {
                    organization,
                    terms,
                    content,
                    zone,
                    currency,
                    on_request,
                    status,
                    at,
                }))])
            }
            Command::Revise { terms, content, on_request, at } => {
                self.revise(terms, *content, on_request, at)
            }
            Command::Publish { at } => self.publish(at),
            Command::Archive { at } => match self.found()?.status {
                Status::Draft | Status::Published => Ok(vec![Event::Archived { at }]),
                Status::Archived => Ok(Vec::new()),
            },
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        if let Event::Created(created) = event {
            self.details = Some(Box::new(Details {
                organization: created.organization,
                terms: created.terms,
                content: created.content.clone(),
                zone: created.zone,
                currency: created.currency,
                on_request: created.on_request,
                status: created.status.into(),
            }));
            return;
        }
        let Some(details) = &mut self.details else { return };
        match event {
            Event::Created(_) => {}
            Event::Revised(revised) => {
                let Details { terms, content, on_request, .. } = &mut **details;
                revised.apply(terms, content, on_request);
            }
            Event::Published { at: _ } => details.status = Status::Published,
            Event::Archived { at: _ } => details.status = Status::Archived,
        }
    }

    fn revise(
        &self,
        terms: Terms,
        content: Content,
        on_request: bool,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let present = self.found()?;
        if present.status == Status::Archived {
            return Err(Refusal::Archived);
        }
        if terms.kind() != present.terms.kind() {
            return Err(Refusal::OtherKind);
        }
        same_currency(present.currency, terms)?;
        let same = on_request == present.on_request;
        if same && terms == present.terms && content == present.content {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        let revised = Revised::between(present, terms, content, on_request, at);
        Ok(vec![Event::Revised(Box::new(revised))])
    }

    fn publish(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.found()?.status {
            Status::Draft => Ok(vec![Event::Published { at }]),
            Status::Published => Ok(Vec::new()), // a repeat is not a new fact
            Status::Archived => Err(Refusal::Archived),
        }
    }

    fn found(&self) -> Result<&Details, Refusal> {
        self.details().ok_or(Refusal::NotFound)
    }
}

fn same_currency(expected: Currency, terms: Terms) -> Result<(), Refusal> {
    match terms.price().map(Money::currency) {
        Some(given) if given != expected => Err(Refusal::CurrencyMismatch { expected, given }),
        Some(_) | None => Ok(()),
    }
}

crate::aggregate::aggregate!(Listing, "listing");
