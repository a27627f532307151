//! What kind of thing a listing sells, and the terms of its kind.

use chrono::NaiveTime;
use serde::{Deserialize, Serialize};

use crate::schedule::SlotRules;
use crate::values::Money;

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

/// The terms of rooms by the hour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomTerms {
    /// What is asked of the time: its duration is the least.
    pub slots: Option<SlotRules>,
    /// What one room costs for an hour.
    pub price_per_hour: Option<Money>,
}

/// The terms of an appointment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceTerms {
    /// What is asked of the time.
    pub slots: Option<SlotRules>,
    /// What it costs for one, once.
    pub price: Option<Money>,
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
    Room(RoomTerms),
    /// Somebody's time: an appointment.
    Service(ServiceTerms),
}

/// All that terms are made of, given or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What it sells.
    pub kind: ListingKind,
    /// From when on guests may arrive.
    pub check_in: Option<NaiveTime>,
    /// Until when guests have to leave.
    pub check_out: Option<NaiveTime>,
    /// What is asked of a time.
    pub slots: Option<SlotRules>,
    /// What it costs for one, once.
    pub price: Option<Money>,
    /// What one costs for an hour.
    pub price_per_hour: Option<Money>,
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
    /// Rules for the time of what has none of its own to choose.
    #[error("only a room or a service has slots")]
    NeedlessSlots,
    /// A price for one where something else is paid for.
    #[error("only a service has a price for one, once")]
    NeedlessPrice,
    /// A price per hour of what is not sold by the hour.
    #[error("only a room has a price per hour")]
    NeedlessPricePerHour,
}

impl Parts {
    /// A kind and nothing else.
    pub fn bare(kind: ListingKind) -> Self {
        let (check_in, check_out) = (None, None);
        Self { kind, check_in, check_out, slots: None, price: None, price_per_hour: None }
    }
}

impl Terms {
    /// The terms of a kind, if it has all that it needs and nothing else: a stay has both house times.
    pub fn try_new(parts: Parts) -> Result<Self, TermsError> {
        let Parts { kind, check_in, check_out, slots, price, price_per_hour } = parts;
        let terms = match kind {
            ListingKind::Stay => Self::Stay(HouseTimes {
                check_in: check_in.ok_or(TermsError::NoCheckIn)?,
                check_out: check_out.ok_or(TermsError::NoCheckOut)?,
            }),
            ListingKind::Experience => Self::Experience,
            ListingKind::Event => Self::Event,
            ListingKind::Room => Self::Room(RoomTerms { slots, price_per_hour }),
            ListingKind::Service => Self::Service(ServiceTerms { slots, price }),
        };
        let kept = terms.parts();
        for (same, needless) in [
            (check_in == kept.check_in, TermsError::NeedlessCheckIn),
            (check_out == kept.check_out, TermsError::NeedlessCheckOut),
            (slots == kept.slots, TermsError::NeedlessSlots),
            (price == kept.price, TermsError::NeedlessPrice),
            (price_per_hour == kept.price_per_hour, TermsError::NeedlessPricePerHour),
        ] {
            if !same {
                return Err(needless);
            }
        }
        Ok(terms)
    }

    /// What they are made of.
    pub fn parts(self) -> Parts {
        let bare = Parts::bare(self.kind());
        match self {
            Self::Stay(HouseTimes { check_in, check_out }) => {
                Parts { check_in: Some(check_in), check_out: Some(check_out), ..bare }
            }
            Self::Experience | Self::Event => bare,
            Self::Room(RoomTerms { slots, price_per_hour }) => {
                Parts { slots, price_per_hour, ..bare }
            }
            Self::Service(ServiceTerms { slots, price }) => Parts { slots, price, ..bare },
        }
    }

    /// The kind.
    pub fn kind(self) -> ListingKind {
        match self {
            Self::Stay(_) => ListingKind::Stay,
            Self::Experience => ListingKind::Experience,
            Self::Event => ListingKind::Event,
            Self::Room(_) => ListingKind::Room,
            Self::Service(_) => ListingKind::Service,
        }
    }

    /// When guests may come and have to go, if they stay the night.
    pub fn house_times(self) -> Option<HouseTimes> {
        match self {
            Self::Stay(times) => Some(times),
            Self::Experience | Self::Event | Self::Room(_) | Self::Service(_) => None,
        }
    }

    /// What is asked of a time, if it says.
    pub fn slots(self) -> Option<SlotRules> {
        self.parts().slots
    }

    /// What it costs, by the hour or once, if it says.
    pub fn price(self) -> Option<Money> {
        let Parts { price, price_per_hour, .. } = self.parts();
        price.or(price_per_hour)
    }
}
