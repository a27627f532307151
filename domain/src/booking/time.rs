//! Lines by times: which room, person or thing from when until when, how many, at what price.

use std::collections::BTreeMap;

use serde::Serialize;

use super::LineError;
use crate::calendar::Take;
use crate::pricing::Charge;
use crate::values::{
    BusyTime, CalendarId, ListingId, Money, Quantity, ResourceId, TimeRange, Zone,
};

/// One resource for one time.
#[expect(clippy::struct_field_names, reason = "these are the names that are stored")]
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Time {
    resource: ResourceId,
    time: BusyTime,
    quantity: Quantity,
    #[serde(skip_serializing_if = "Option::is_none")]
    occupies: Option<Quantity>,
    price: Money,
    total: Money,
    zone: Zone,
    #[serde(skip_serializing_if = "Option::is_none")]
    listing: Option<ListingId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    charge: Option<Box<Charge>>,
}

impl Time {
    /// Prices a time: each one costs `price`, however long it lasts. None if the time is nothing but buffers.
    pub fn priced(
        resource: ResourceId,
        zone: Zone,
        time: BusyTime,
        quantity: Quantity,
        price: Money,
    ) -> Result<Option<Self>, LineError> {
        let total = price.try_mul(quantity.get().into())?;
        Ok(Self::from_parts(resource, time, quantity, None, price, total, zone, None, None))
    }

    #[expect(clippy::too_many_arguments, reason = "one for each field that is stored")]
    pub(super) fn from_parts(
        resource: ResourceId,
        time: BusyTime,
        quantity: Quantity,
        occupies: Option<Quantity>,
        price: Money,
        total: Money,
        zone: Zone,
        listing: Option<ListingId>,
        charge: Option<Box<Charge>>,
    ) -> Option<Self> {
        time.plain()?;
        Some(Self { resource, time, quantity, occupies, price, total, zone, listing, charge })
    }

    /// Sold under a listing other than that of the booking.
    #[must_use]
    pub fn of_listing(self, listing: ListingId) -> Self {
        Self { listing: Some(listing), ..self }
    }

    /// Taking another number of the resource than are booked, as when a group class has so many places.
    #[must_use]
    pub fn occupying(self, occupies: Quantity) -> Self {
        Self { occupies: Some(occupies).filter(|taken| *taken != self.quantity), ..self }
    }

    /// The same with another resource of the same zone, at the same price.
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

    /// At the price that was agreed for the same time.
    #[must_use]
    pub fn at_price_of(self, agreed: &Self) -> Self {
        let Self { price, total, charge, .. } = agreed.clone();
        Self { price, total, charge, ..self }
    }

    /// What is occupied.
    pub fn resource(&self) -> ResourceId {
        self.resource
    }

    /// When it is busy, buffers included.
    pub fn time(&self) -> BusyTime {
        self.time
    }

    /// From when until when, without buffers.
    ///
    /// # Panics
    /// Never: a line whose time is nothing but buffers cannot be made.
    pub fn plain(&self) -> TimeRange {
        self.time.plain().expect("the time of a line is more than buffers")
    }

    /// How many are booked.
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// How many of the resource that takes.
    pub fn occupies(&self) -> Quantity {
        self.occupies.unwrap_or(self.quantity)
    }

    /// What one costs, before any rule of a tariff.
    pub fn price(&self) -> Money {
        self.price
    }

    /// What the line costs.
    pub fn total(&self) -> Money {
        self.total
    }

    /// How the total came about, if there is more to it than the price.
    pub fn charge(&self) -> Option<&Charge> {
        self.charge.as_deref()
    }

    /// Where its wall clock hangs; its months are those of this zone.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The listing it is sold under, if not that of the booking.
    pub fn listing(&self) -> Option<ListingId> {
        self.listing
    }

    /// What it takes of each calendar of its resource.
    pub fn takes(&self) -> BTreeMap<CalendarId, Take> {
        let parts = self.time.split_by_month(self.zone);
        let take = |(month, time)| {
            let calendar = CalendarId { resource: self.resource, month };
            (calendar, Take::Time { time, quantity: self.occupies() })
        };
        parts.into_iter().map(take).collect()
    }
}
