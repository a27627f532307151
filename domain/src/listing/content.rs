//! What a listing says of itself, and the terms of its kind.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

use crate::values::{
    Address, Attributes, Codes, Contact, Description, Images, LocalizedText, Location,
};

/// What kind of thing a listing sells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListingKind {
    /// Nights in rooms.
    Stay,
    /// A tour or a trip, with its departures.
    Experience,
    /// A concert or another performance, with its places.
    Event,
    /// Rooms by the hour.
    Room,
    /// Somebody's time: an appointment.
    Service,
}

impl ListingKind {
    /// The name as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Stay => "stay",
            Self::Experience => "experience",
            Self::Event => "event",
            Self::Room => "room",
            Self::Service => "service",
        }
    }
}

/// When guests may come and have to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseTimes {
    /// From when on guests may arrive.
    pub check_in: NaiveTime,
    /// Until when guests have to leave.
    pub check_out: NaiveTime,
}

/// The kind of a listing with the terms that only this kind has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Terms {
    /// Nights in rooms.
    Stay(HouseTimes),
    /// A tour or a trip, with its departures.
    Experience,
    /// A concert or another performance, with its places.
    Event,
    /// Rooms by the hour.
    Room,
    /// Somebody's time: an appointment.
    Service,
}

/// The terms are not those of the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// A stay without its time of arrival.
    #[error("a stay needs a time of arrival")]
    NoCheckIn,
    /// A stay without its time of departure.
    #[error("a stay needs a time of departure")]
    NoCheckOut,
    /// A time of arrival where nobody stays the night.
    #[error("only a stay has a time of arrival")]
    NeedlessCheckIn,
    /// A time of departure where nobody stays the night.
    #[error("only a stay has a time of departure")]
    NeedlessCheckOut,
}

impl Terms {
    /// The terms of a kind: a stay has both house times, everything else none.
    pub fn try_new(
        kind: ListingKind,
        check_in: Option<NaiveTime>,
        check_out: Option<NaiveTime>,
    ) -> Result<Self, TermsError> {
        let terms = match kind {
            ListingKind::Stay => {
                let check_in = check_in.ok_or(TermsError::NoCheckIn)?;
                let check_out = check_out.ok_or(TermsError::NoCheckOut)?;
                return Ok(Self::Stay(HouseTimes { check_in, check_out }));
            }
            ListingKind::Experience => Self::Experience,
            ListingKind::Event => Self::Event,
            ListingKind::Room => Self::Room,
            ListingKind::Service => Self::Service,
        };
        if check_in.is_some() {
            return Err(TermsError::NeedlessCheckIn);
        }
        if check_out.is_some() {
            return Err(TermsError::NeedlessCheckOut);
        }
        Ok(terms)
    }

    /// The kind.
    pub fn kind(self) -> ListingKind {
        match self {
            Self::Stay(_) => ListingKind::Stay,
            Self::Experience => ListingKind::Experience,
            Self::Event => ListingKind::Event,
            Self::Room => ListingKind::Room,
            Self::Service => ListingKind::Service,
        }
    }

    /// When guests may come and have to go, if they stay the night.
    pub fn house_times(self) -> Option<HouseTimes> {
        match self {
            Self::Stay(times) => Some(times),
            Self::Experience | Self::Event | Self::Room | Self::Service => None,
        }
    }

    /// The house times, to be changed.
    pub fn house_times_mut(&mut self) -> Option<&mut HouseTimes> {
        match self {
            Self::Stay(times) => Some(times),
            Self::Experience | Self::Event | Self::Room | Self::Service => None,
        }
    }
}

/// What a listing says of itself; all of it can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its name.
    pub name: LocalizedText,
    /// What it is, in a sentence or two.
    pub summary: Option<LocalizedText>,
    /// What it is, at length.
    pub description: Option<Description>,
    /// Under which headings it is found.
    pub categories: Codes,
    /// What else it is found by.
    pub tags: Codes,
    /// What distinguishes it.
    pub attributes: Attributes,
    /// Its postal address.
    pub address: Option<Address>,
    /// Where it is on the globe.
    pub location: Option<Location>,
    /// How to reach whoever looks after it.
    pub contact: Contact,
    /// Pictures of it.
    pub images: Images,
}

impl Content {
    /// A name and nothing else.
    pub fn new(name: LocalizedText) -> Self {
        Self {
            name,
            summary: None,
            description: None,
            categories: Codes::default(),
            tags: Codes::default(),
            attributes: Attributes::default(),
            address: None,
            location: None,
            contact: Contact::default(),
            images: Images::default(),
        }
    }

    /// About how many bytes it takes beyond its own size.
    pub(super) fn weight(&self) -> usize {
        self.name.weight()
            + self.summary.as_ref().map_or(0, LocalizedText::weight)
            + self.description.as_ref().map_or(0, Description::weight)
            + self.categories.weight()
            + self.tags.weight()
            + self.attributes.weight()
            + self.images.weight()
    }
}
