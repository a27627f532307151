//! What a resource is, and the terms of its kind.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Schedules, StayRules};
use crate::values::{ListingId, Money, Zone};

/// What kind of thing is occupied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResourceKind {
    /// Rooms of one type, sold by the night.
    #[default]
    RoomType,
    /// A room or rooms of one sort, by the hour.
    Room,
    /// Somebody's time.
    Staff,
    /// Things of one sort: how many there are is the stock.
    Equipment,
}

impl ResourceKind {
    /// The name as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RoomType => "room_type",
            Self::Room => "room",
            Self::Staff => "staff",
            Self::Equipment => "equipment",
        }
    }

    /// In what its time is counted.
    pub const fn shape(self) -> Shape {
        match self {
            Self::RoomType => Shape::Nights,
            Self::Room | Self::Staff | Self::Equipment => Shape::Times,
        }
    }

    /// Whether it is what a resource is unless said otherwise.
    pub fn is_room_type(&self) -> bool {
        *self == Self::RoomType
    }
}

/// In what the time of a resource is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// In nights, by the dates of its listing's zone.
    Nights,
    /// From one instant to another.
    Times,
}

/// What a resource is, with what only its kind has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Terms {
    /// Sold by the night.
    Nights(Nights),
    /// Taken from one instant to another.
    Times(Times),
}

/// The terms of what is sold by the night.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nights {
    /// The listing it is sold under.
    pub listing: ListingId,
    /// What one of it costs for a night.
    pub price_per_night: Money,
    /// What is asked of a stay.
    pub rules: StayRules,
}

/// The terms of what is taken from one instant to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// What it is.
    pub sort: Sort,
    /// The listing it belongs to, if it is not shared by all of its organization.
    pub listing: Option<ListingId>,
    /// Where its wall clock hangs.
    pub zone: Zone,
    /// When it can be taken.
    pub schedules: Schedules,
}

/// What is taken from one instant to another.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// A room or rooms.
    Room,
    /// Somebody, with the services they offer.
    Staff(Services),
    /// Things.
    Equipment,
}

/// The listings of services that somebody offers: up to 200, each once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<ListingId>")]
pub struct Services(BTreeSet<ListingId>);

/// Why the services cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ServicesError {
    /// There are more than anybody can offer.
    #[error("somebody offers at most {} services", Services::MAX)]
    TooMany,
    /// One is there twice.
    #[error("the service {0} is there twice")]
    Repeated(ListingId),
}

impl Services {
    /// The most services.
    pub const MAX: usize = 200;

    /// The services, each once.
    pub fn try_new(services: impl IntoIterator<Item = ListingId>) -> Result<Self, ServicesError> {
        let mut kept = BTreeSet::new();
        for service in services {
            if !kept.insert(service) {
                return Err(ServicesError::Repeated(service));
            }
            if kept.len() > Self::MAX {
                return Err(ServicesError::TooMany);
            }
        }
        Ok(Self(kept))
    }

    /// The services in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = ListingId> {
        self.0.iter().copied()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl TryFrom<Vec<ListingId>> for Services {
    type Error = ServicesError;

    fn try_from(services: Vec<ListingId>) -> Result<Self, ServicesError> {
        Self::try_new(services)
    }
}

/// All that terms begin with, given or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What it is.
    pub kind: ResourceKind,
    /// The listing it belongs to.
    pub listing: Option<ListingId>,
    /// What one of it costs for a night.
    pub price_per_night: Option<Money>,
    /// Where its wall clock hangs.
    pub zone: Option<Zone>,
    /// The services that somebody offers.
    pub services: Services,
}

/// The parts are not those of the kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// Nights without a listing.
    #[error("what is sold by the night is sold under a listing")]
    NoListing,
    /// Nights without a price.
    #[error("what is sold by the night has a price per night")]
    NoPrice,
    /// A price per night of what is taken by the hour.
    #[error("only what is sold by the night has a price per night")]
    NeedlessPrice,
    /// Times without a zone.
    #[error("what is taken by the hour needs a time zone")]
    NoZone,
    /// A zone of its own for what is sold by the night.
    #[error("what is sold by the night keeps the time of its listing")]
    NeedlessZone,
    /// Services of something that is nobody.
    #[error("only staff offer services")]
    NeedlessServices,
}

impl Terms {
    /// The terms of a kind, if it has all that it needs and nothing else. They ask nothing of a stay, and never close.
    pub fn try_new(parts: Parts) -> Result<Self, TermsError> {
        let Parts { kind, listing, price_per_night, zone, services } = parts;
        if kind != ResourceKind::Staff && !services.is_empty() {
            return Err(TermsError::NeedlessServices);
        }
        let sort = match kind {
            ResourceKind::RoomType => {
                if zone.is_some() {
                    return Err(TermsError::NeedlessZone);
                }
                let listing = listing.ok_or(TermsError::NoListing)?;
                let price_per_night = price_per_night.ok_or(TermsError::NoPrice)?;
                let rules = StayRules::default();
                return Ok(Self::Nights(Nights { listing, price_per_night, rules }));
            }
            ResourceKind::Room => Sort::Room,
            ResourceKind::Staff => Sort::Staff(services),
            ResourceKind::Equipment => Sort::Equipment,
        };
        if price_per_night.is_some() {
            return Err(TermsError::NeedlessPrice);
        }
        let zone = zone.ok_or(TermsError::NoZone)?;
        Ok(Self::Times(Times { sort, listing, zone, schedules: Schedules::default() }))
    }

    /// What they began with, as it is now.
    pub fn parts(&self) -> Parts {
        match self {
            Self::Nights(Nights { listing, price_per_night, rules: _ }) => Parts {
                kind: ResourceKind::RoomType,
                listing: Some(*listing),
                price_per_night: Some(*price_per_night),
                zone: None,
                services: Services::default(),
            },
            Self::Times(Times { sort, listing, zone, schedules: _ }) => Parts {
                kind: self.kind(),
                listing: *listing,
                price_per_night: None,
                zone: Some(*zone),
                services: match sort {
                    Sort::Staff(services) => services.clone(),
                    Sort::Room | Sort::Equipment => Services::default(),
                },
            },
        }
    }

    /// What it is.
    pub fn kind(&self) -> ResourceKind {
        match self {
            Self::Nights(_) => ResourceKind::RoomType,
            Self::Times(times) => match times.sort {
                Sort::Room => ResourceKind::Room,
                Sort::Staff(_) => ResourceKind::Staff,
                Sort::Equipment => ResourceKind::Equipment,
            },
        }
    }

    /// What holds if it is sold by the night.
    pub fn nights(&self) -> Option<&Nights> {
        match self {
            Self::Nights(nights) => Some(nights),
            Self::Times(_) => None,
        }
    }

    /// What holds if it is taken by the hour.
    pub fn times(&self) -> Option<&Times> {
        match self {
            Self::Times(times) => Some(times),
            Self::Nights(_) => None,
        }
    }

    /// Asks another price, if it is sold by the night.
    pub fn set_price(&mut self, price_per_night: Money) {
        match self {
            Self::Nights(nights) => nights.price_per_night = price_per_night,
            Self::Times(_) => {}
        }
    }

    /// Asks something else of a stay, if it is sold by the night.
    pub fn set_rules(&mut self, rules: &StayRules) {
        match self {
            Self::Nights(nights) => nights.rules.clone_from(rules),
            Self::Times(_) => {}
        }
    }

    /// Opens at other times, if it is taken by the hour.
    pub fn set_schedules(&mut self, schedules: &Schedules) {
        match self {
            Self::Times(times) => times.schedules.clone_from(schedules),
            Self::Nights(_) => {}
        }
    }

    /// About how many bytes they take beyond their own size.
    pub(super) fn weight(&self) -> usize {
        let services = self.services().map_or(0, |all| all.iter().count() * 24);
        services
            + match self {
                Self::Nights(nights) => nights.rules.weight(),
                Self::Times(times) => times.schedules.weight(),
            }
    }

    /// The services that somebody offers; nothing else offers any.
    pub fn services(&self) -> Option<&Services> {
        match self {
            Self::Times(Times { sort: Sort::Staff(services), .. }) => Some(services),
            Self::Times(Times { sort: Sort::Room | Sort::Equipment, .. }) | Self::Nights(_) => None,
        }
    }

    /// The services that somebody offers, to be changed.
    pub fn services_mut(&mut self) -> Option<&mut Services> {
        match self {
            Self::Times(Times { sort: Sort::Staff(services), .. }) => Some(services),
            Self::Times(Times { sort: Sort::Room | Sort::Equipment, .. }) | Self::Nights(_) => None,
        }
    }
}
