//! One line of a booking: nights, a time, places of a session, or an add-on beside them.

use chrono::{NaiveDate, TimeDelta};
use serde::{Deserialize, Serialize};

use super::{Addition, Nights, Places, Time};
use crate::add_on::Charged;
use crate::pricing::{Charge, Discount, Guests};
use crate::values::{
    AddOnId, BusyTime, Code, DayRange, ListingId, Money, MoneyError, Quantity, ResourceId, Seat,
    SessionId, Stay, TimeRange, Timestamp, Zone,
};

/// What one line books. Each kind is stored under its own fields, so that they tell which it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, try_from = "Raw")]
pub enum Line {
    /// Nights of a resource that is sold by the night.
    Nights(Nights),
    /// A time of a resource that is sold by times.
    Time(Time),
    /// Places of a session.
    Places(Places),
    /// An add-on beside the others.
    AddOn(Addition),
}

/// Why a line cannot be priced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LineError {
    /// Price, nights and quantity multiply to more than can be counted.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// An add-on is booked beside something.
    #[error("an add-on is booked beside something")]
    Alone,
    /// An add-on is paid for by the night.
    #[error("it is paid for by the night, and no nights are booked")]
    NoNights,
    /// An add-on is paid for by the night, and would be for nights that nobody stays.
    #[error("it is paid for by the night: book stays with other nights between them apart")]
    NightsApart,
}

impl Line {
    /// How many are booked.
    pub fn quantity(&self) -> Quantity {
        match self {
            Self::Nights(nights) => nights.quantity(),
            Self::Time(time) => time.quantity(),
            Self::Places(places) => places.quantity(),
            Self::AddOn(addition) => addition.quantity(),
        }
    }

    /// What the line costs, taxes included.
    pub fn total(&self) -> Money {
        match self {
            Self::Nights(nights) => nights.total(),
            Self::Time(time) => time.total(),
            Self::Places(places) => places.total(),
            Self::AddOn(addition) => addition.total(),
        }
    }

    /// What it is sold for: the total without the taxes that are added to prices.
    pub fn amount(&self) -> Money {
        self.charge().map_or(self.total(), |charge| charge.amount)
    }

    /// How the total came about, if there is more to it than the price.
    pub fn charge(&self) -> Option<&Charge> {
        match self {
            Self::Nights(nights) => nights.charge(),
            Self::Time(time) => time.charge(),
            Self::Places(places) => places.charge(),
            Self::AddOn(addition) => addition.charge(),
        }
    }

    /// What a voucher took off, if one did.
    pub fn discount(&self) -> Option<&Discount> {
        self.charge().and_then(|charge| charge.discount.as_ref())
    }

    /// The same with something taken off.
    pub fn less(self, discount: Discount) -> Result<Self, LineError> {
        let plain = Charge::plain(self.total());
        let charge = self.charge().cloned().unwrap_or(plain).less(discount)?;
        match self {
            Self::Nights(nights) => nights.charged(charge).map(Self::Nights),
            Self::Time(time) => time.charged(charge).map(Self::Time),
            Self::Places(places) => places.charged(charge).map(Self::Places),
            Self::AddOn(_) => Ok(self), // no voucher is for an add-on
        }
    }

    /// How many nights, times or places it is for.
    pub fn units(&self) -> u64 {
        let each = match self {
            Self::Nights(nights) => nights.stay().charged_nights(),
            Self::Time(_) | Self::Places(_) => 1,
            Self::AddOn(addition) => return addition.units().into(),
        };
        u64::from(each) * u64::from(self.quantity().get())
    }

    /// Who comes, if the line said so.
    pub fn guests(&self) -> Option<&Guests> {
        self.charge().and_then(|charge| charge.guests.as_ref())
    }

    /// The listing it is sold under, if not that of the booking.
    pub fn listing(&self) -> Option<ListingId> {
        match self {
            Self::Nights(nights) => nights.listing(),
            Self::Time(time) => time.listing(),
            Self::Places(places) => places.listing(),
            Self::AddOn(_) => None,
        }
    }

    /// The nights, if it is sold by the night.
    pub fn nights(&self) -> Option<&Nights> {
        match self {
            Self::Nights(nights) => Some(nights),
            Self::Time(_) | Self::Places(_) | Self::AddOn(_) => None,
        }
    }

    /// The instant at which the guest may come.
    pub fn starts_at(&self) -> Timestamp {
        match self {
            Self::Nights(nights) => nights.arrives_at(),
            Self::Time(time) => time.plain().start(),
            Self::Places(places) => places.time().start(),
            Self::AddOn(addition) => addition.time().start(),
        }
    }

    /// The instant at which the guest has to have gone.
    pub fn ends_at(&self) -> Timestamp {
        match self {
            Self::Nights(nights) => nights.departs_at(),
            Self::Time(time) => time.plain().end(),
            Self::Places(places) => places.time().end(),
            Self::AddOn(addition) => addition.time().end(),
        }
    }

    /// The zone of its own wall clock, if it may be other than that of the booking.
    pub fn zone(&self) -> Option<Zone> {
        match self {
            Self::Nights(_) => None,
            Self::Time(time) => Some(time.zone()),
            Self::Places(places) => Some(places.zone()),
            Self::AddOn(addition) => Some(addition.zone()),
        }
    }

    /// The date on which the guest comes, where the line takes place.
    pub fn first_date(&self) -> NaiveDate {
        match self {
            Self::Nights(nights) => nights.stay().arrival(),
            Self::Time(time) => time.zone().local_date(time.plain().start()),
            Self::Places(places) => places.zone().local_date(places.time().start()),
            Self::AddOn(addition) => addition.zone().local_date(addition.time().start()),
        }
    }

    /// The date on which the guest goes, where the line takes place. What ends at midnight ends on the day before.
    pub fn last_date(&self) -> NaiveDate {
        let last =
            |time: TimeRange, zone: Zone| zone.local_date(time.end() - TimeDelta::nanoseconds(1));
        match self {
            Self::Nights(nights) => nights.stay().departure(),
            Self::Time(time) => last(time.plain(), time.zone()),
            Self::Places(places) => last(places.time(), places.zone()),
            Self::AddOn(addition) => last(addition.time(), addition.zone()),
        }
    }

    /// About how many bytes it takes beyond its own size.
    pub(crate) fn weight(&self) -> usize {
        let charge = self.charge().map_or(0, Charge::weight);
        match self {
            Self::Nights(_) | Self::Time(_) | Self::AddOn(_) => charge,
            Self::Places(places) => charge + places.weight(),
        }
    }
}

/// All fields that lines are stored under.
#[derive(Deserialize)]
#[serde(rename = "Line", deny_unknown_fields)]
struct Raw {
    resource: Option<ResourceId>,
    session: Option<SessionId>,
    stay: Option<Stay>,
    time: Option<BusyTime>,
    takes_place: Option<TimeRange>,
    offer: Option<Code>,
    quantity: Quantity,
    occupies: Option<Quantity>,
    #[serde(default)]
    seats: Vec<Seat>,
    price_per_night: Option<Money>,
    price: Option<Money>,
    total: Money,
    arrives_at: Option<Timestamp>,
    departs_at: Option<Timestamp>,
    zone: Option<Zone>,
    listing: Option<ListingId>,
    charge: Option<Box<Charge>>,
    add_on: Option<AddOnId>,
    charged: Option<Charged>,
    pieces: Option<u32>,
    units: Option<u32>,
    days: Option<DayRange>,
}

impl TryFrom<Raw> for Line {
    type Error = &'static str;

    fn try_from(raw: Raw) -> Result<Self, Self::Error> {
        let Raw { quantity, total, listing, charge, .. } = raw;
        if let Some(session) = raw.session {
            let places = Places {
                session,
                offer: raw.offer.ok_or("missing field `offer`")?,
                quantity,
                seats: raw.seats,
                price: raw.price.ok_or("missing field `price`")?,
                total,
                takes_place: raw.takes_place.ok_or("missing field `takes_place`")?,
                zone: raw.zone.ok_or("missing field `zone`")?,
                listing,
                charge,
            };
            return Ok(Self::Places(places));
        }
        if let Some(add_on) = raw.add_on {
            let addition = Addition {
                add_on,
                quantity,
                charged: raw.charged.ok_or("missing field `charged`")?,
                pieces: raw.pieces.ok_or("missing field `pieces`")?,
                units: raw.units.ok_or("missing field `units`")?,
                price: raw.price.ok_or("missing field `price`")?,
                total,
                days: raw.days.ok_or("missing field `days`")?,
                takes_place: raw.takes_place.ok_or("missing field `takes_place`")?,
                zone: raw.zone.ok_or("missing field `zone`")?,
                charge,
            };
            return Ok(Self::AddOn(addition));
        }
        let resource = raw.resource.ok_or("missing field `resource` or `session`")?;
        match (raw.stay, raw.time) {
            (Some(stay), None) => Ok(Self::Nights(Nights {
                resource,
                stay,
                quantity,
                price_per_night: raw.price_per_night.ok_or("missing field `price_per_night`")?,
                total,
                arrives_at: raw.arrives_at.ok_or("missing field `arrives_at`")?,
                departs_at: raw.departs_at.ok_or("missing field `departs_at`")?,
                listing,
                charge,
            })),
            (None, Some(time)) => {
                let price = raw.price.ok_or("missing field `price`")?;
                let zone = raw.zone.ok_or("missing field `zone`")?;
                let occupies = raw.occupies;
                Time::from_parts(
                    resource, time, quantity, occupies, price, total, zone, listing, charge,
                )
                .map(Self::Time)
                .ok_or("the time is nothing but buffers")
            }
            (None, None) => Err("missing field `stay` or `time`"),
            (Some(_), Some(_)) => Err("only one of the fields `stay` and `time` is expected"),
        }
    }
}
