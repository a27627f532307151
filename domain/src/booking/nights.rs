//! Lines by the night: which room type for which stay, how many, at what price.

use chrono::{Days, NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};

use super::LineError;
use crate::pricing::{Charge, Part};
use crate::values::{ListingId, Money, Quantity, ResourceId, Stay, Timestamp, Zone};

/// One resource for one stay.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nights {
    pub(super) resource: ResourceId,
    pub(super) stay: Stay,
    pub(super) quantity: Quantity,
    pub(super) price_per_night: Money,
    pub(super) total: Money,
    pub(super) arrives_at: Timestamp,
    pub(super) departs_at: Timestamp,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) listing: Option<ListingId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) charge: Option<Box<Charge>>,
}

impl Nights {
    /// Prices a stay: every charged night of each one costs `price_per_night`. The guest arrives at
    /// `check_in` and departs at `check_out` by the zone's wall clock; a day use ends with its day.
    pub fn priced(
        resource: ResourceId,
        stay: Stay,
        quantity: Quantity,
        price_per_night: Money,
        zone: Zone,
        check_in: NaiveTime,
        check_out: NaiveTime,
    ) -> Result<Self, LineError> {
        let nights = u64::from(stay.charged_nights()) * u64::from(quantity.get());
        let total = price_per_night.try_mul(nights)?;
        let arrives_at = zone.instant(stay.arrival(), check_in);
        let departs_at = if stay.is_day_use() {
            let next_day = stay.arrival().checked_add_days(Days::new(1)).unwrap_or(stay.arrival());
            zone.instant(next_day, NaiveTime::MIN)
        } else {
            zone.instant(stay.departure(), check_out)
        };
        Ok(Self {
            resource,
            stay,
            quantity,
            price_per_night,
            total,
            arrives_at,
            departs_at,
            listing: None,
            charge: None,
        })
    }

    /// Sold under a listing other than that of the booking.
    #[must_use]
    pub fn of_listing(self, listing: ListingId) -> Self {
        Self { listing: Some(listing), ..self }
    }

    /// The same in another room type, at the same price.
    #[must_use]
    pub fn moved(self, resource: ResourceId) -> Self {
        Self { resource, ..self }
    }

    /// At what it comes to by a tariff and with taxes.
    pub fn charged(self, charge: Charge) -> Result<Self, LineError> {
        let total = charge.total()?;
        let charge = charge.is_telling().then(|| Box::new(charge));
        Ok(Self { total, charge, ..self })
    }

    /// At the price that was agreed for the same nights.
    #[must_use]
    pub fn at_price_of(self, agreed: &Self) -> Self {
        let Self { price_per_night, total, charge, .. } = agreed.clone();
        Self { price_per_night, total, charge, ..self }
    }

    /// The listing it is sold under, if not that of the booking.
    pub fn listing(&self) -> Option<ListingId> {
        self.listing
    }

    /// What is occupied.
    pub fn resource(&self) -> ResourceId {
        self.resource
    }

    /// From which date to which.
    pub fn stay(&self) -> Stay {
        self.stay
    }

    /// How many of it.
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// What one of it costs for a night, before any rule of a tariff.
    pub fn price_per_night(&self) -> Money {
        self.price_per_night
    }

    /// What the line costs.
    pub fn total(&self) -> Money {
        self.total
    }

    /// How the total came about, if there is more to it than the price.
    pub fn charge(&self) -> Option<&Charge> {
        self.charge.as_deref()
    }

    /// A sum of the line split over its nights by what they cost, all that are booked together.
    pub fn by_night(&self, sum: Money) -> Vec<(NaiveDate, Money)> {
        let parts = self.charge.as_deref().map_or(&[][..], |charge| &charge.parts);
        let weight = |day: NaiveDate| parts.iter().map(|part| on_night(part, day)).sum();
        let days: Vec<_> = self.stay.days().iter().collect();
        let weights: Vec<_> = days.iter().map(|day| weight(*day)).collect();
        days.into_iter().zip(sum.split(&weights)).collect()
    }

    /// What the first night costs.
    pub fn first_night(&self) -> Money {
        let nights = self.by_night(self.total);
        nights.first().map_or(Money::zero(self.total.currency()), |(_, money)| *money)
    }

    /// The instant of arrival.
    pub fn arrives_at(&self) -> Timestamp {
        self.arrives_at
    }

    /// The instant of departure.
    pub fn departs_at(&self) -> Timestamp {
        self.departs_at
    }
}

/// What a part costs for a night, the fractions of a minor unit dropped.
fn on_night(part: &Part, day: NaiveDate) -> u64 {
    let days = part.days.filter(|days| days.contains(day));
    days.map_or(0, |days| part.amount.minor() / u64::from(days.count()))
}
