//! One line of an invoice or a credit note.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::Amounts;
use crate::booking::Line;
use crate::values::{
    AddOnId, Code, DayRange, ListingId, LocalizedText, MoneyError, ResourceId, SessionId, Stay,
    TimeRange, Zone,
};

/// One line of an invoice or a credit note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What is paid for.
    pub subject: Subject,
    /// What that was called; a fee is called nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<LocalizedText>,
    /// When it takes place, on the wall clock; a fee is for no time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<Service>,
    /// How many; none, where only their price changed.
    pub quantity: u32,
    /// What it costs.
    pub amounts: Amounts,
}

/// What is paid for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// Nights or times of a room type, a room, a person or a thing.
    Resource {
        /// What sells them.
        listing: ListingId,
        /// Of what.
        resource: ResourceId,
    },
    /// Places of a session.
    Places {
        /// Which session.
        session: SessionId,
        /// Under which of its offers.
        offer: Code,
    },
    /// Something beside what is booked.
    AddOn(AddOnId),
    /// What is kept for what was called off or changed.
    Fee,
}

/// When something takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Service {
    /// From an arrival to a departure.
    Nights(Stay),
    /// On days.
    Days(DayRange),
    /// From a time to a time.
    Time {
        /// What the clock shows when it begins.
        start: NaiveDateTime,
        /// What the clock shows when it ends.
        end: NaiveDateTime,
    },
}

impl Item {
    /// A line of a booking.
    pub(super) fn of(
        line: &Line,
        booked: ListingId,
        description: LocalizedText,
    ) -> Result<Self, MoneyError> {
        let (subject, service) = match line {
            Line::Nights(nights) => {
                let (listing, resource) = (nights.listing().unwrap_or(booked), nights.resource());
                (Subject::Resource { listing, resource }, Service::Nights(nights.stay()))
            }
            Line::Time(time) => {
                let (listing, resource) = (time.listing().unwrap_or(booked), time.resource());
                let service = Service::time(time.plain(), time.zone());
                (Subject::Resource { listing, resource }, service)
            }
            Line::Places(places) => {
                let (session, offer) = (places.session(), places.offer().clone());
                (Subject::Places { session, offer }, Service::time(places.time(), places.zone()))
            }
            Line::AddOn(addition) => {
                (Subject::AddOn(addition.add_on()), Service::Days(addition.ask().days))
            }
        };
        Ok(Self {
            subject,
            description: Some(description),
            service: Some(service),
            quantity: line.quantity().get(),
            amounts: Amounts::of(line)?,
        })
    }

    /// Whether it is for the same at the same time.
    pub(super) fn is_for_the_same(&self, other: &Self) -> bool {
        self.subject == other.subject && self.service == other.service
    }

    /// Whether it is the same elsewhere: another room of the listing at the same time, for the same money.
    pub(super) fn is_moved_from(&self, other: &Self) -> bool {
        let (
            Subject::Resource { listing: here, resource: _ },
            Subject::Resource { listing: there, resource: _ },
        ) = (&self.subject, &other.subject)
        else {
            return false;
        };
        let is_as_many = self.quantity == other.quantity && self.amounts.equals(&other.amounts);
        here == there && self.service == other.service && is_as_many
    }

    /// Both together.
    pub(super) fn with(&self, other: &Self) -> Result<Self, MoneyError> {
        let amounts = self.amounts.try_add(&other.amounts)?;
        let quantity = self.quantity.saturating_add(other.quantity);
        Ok(Self { quantity, amounts, ..self.clone() })
    }

    /// What is left without another, if that is no more.
    pub(super) fn without(&self, other: &Self) -> Result<Self, MoneyError> {
        let amounts = self.amounts.try_sub(&other.amounts)?;
        let quantity = self.quantity.checked_sub(other.quantity).ok_or(MoneyError::Negative)?;
        Ok(Self { quantity, amounts, ..self.clone() })
    }

    /// About how many bytes it takes.
    pub(super) fn weight(&self) -> usize {
        let text = self.description.as_ref().map_or(0, LocalizedText::weight);
        size_of::<Self>() + text + self.amounts.taxes.len() * 128
    }
}

impl Service {
    fn time(time: TimeRange, zone: Zone) -> Self {
        Self::Time { start: zone.wall_clock(time.start()), end: zone.wall_clock(time.end()) }
    }

    /// The first and the last date of it.
    pub fn dates(self) -> (NaiveDate, NaiveDate) {
        match self {
            Self::Nights(stay) => (stay.arrival(), stay.departure()),
            Self::Days(days) => (days.first(), days.end().pred_opt().unwrap_or(days.first())),
            Self::Time { start, end } => (start.date(), end.date()),
        }
    }
}
