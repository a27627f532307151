//! What happened to a resource.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use crate::values::{Limits, ListingId, LocalizedText, Money, Month, Timestamp};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The resource was offered.
    Created {
        /// The listing it is sold under.
        listing: ListingId,
        /// Its name.
        name: LocalizedText,
        /// How many there are.
        limits: Limits,
        /// What one of it costs for a night.
        price_per_night: Money,
        /// When.
        at: Timestamp,
    },
    /// There are more or fewer of it.
    LimitsChanged {
        /// How many there are from now on.
        limits: Limits,
        /// When.
        at: Timestamp,
    },
    /// Later bookings pay another price.
    PriceChanged {
        /// What one of it costs for a night from now on.
        price_per_night: Money,
        /// When.
        at: Timestamp,
    },
    /// The calendar of a month was opened.
    MonthOpened {
        /// The month.
        month: Month,
        /// When.
        at: Timestamp,
    },
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Created { .. } => "created",
            Self::LimitsChanged { .. } => "limits_changed",
            Self::PriceChanged { .. } => "price_changed",
            Self::MonthOpened { .. } => "month_opened",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
