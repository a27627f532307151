//! Lines of sessions: which offer of which session, how many, in which seats, at what price.

use serde::Serialize;

use super::{Given, LineError, Refusal};
use crate::allotment::{Item, Seating};
use crate::pricing::Charge;
use crate::values::{
    Code, ListingId, Money, MoneyError, Quantity, Seat, SessionId, TimeRange, Zone,
};

/// So many of one offer of one session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Places {
    pub(super) session: SessionId,
    pub(super) offer: Code,
    pub(super) quantity: Quantity,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) seats: Vec<Seat>,
    pub(super) price: Money,
    pub(super) total: Money,
    pub(super) takes_place: TimeRange,
    pub(super) zone: Zone,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) listing: Option<ListingId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) charge: Option<Box<Charge>>,
}

impl Places {
    /// Prices places: each one costs `price`. They have no seats yet.
    pub fn priced(
        session: SessionId,
        offer: Code,
        quantity: Quantity,
        price: Money,
        takes_place: TimeRange,
        zone: Zone,
    ) -> Result<Self, LineError> {
        let total = price.try_mul(quantity.get().into())?;
        let seats = Vec::new();
        Ok(Self {
            session,
            offer,
            quantity,
            seats,
            price,
            total,
            takes_place,
            zone,
            listing: None,
            charge: None,
        })
    }

    /// Sold under a listing other than that of the booking.
    #[must_use]
    pub fn of_listing(self, listing: ListingId) -> Self {
        Self { listing: Some(listing), ..self }
    }

    /// In these seats.
    #[must_use]
    pub fn seated(self, seats: Vec<Seat>) -> Self {
        Self { seats, ..self }
    }

    /// At what it comes to by a tariff and with taxes.
    pub fn charged(self, charge: Charge) -> Result<Self, LineError> {
        let total = charge.total()?;
        let charge = charge.is_telling().then(|| Box::new(charge));
        Ok(Self { total, charge, ..self })
    }

    /// At the price that was agreed for the same places.
    #[must_use]
    pub fn at_price_of(self, agreed: &Self) -> Self {
        let Self { price, total, charge, .. } = agreed.clone();
        Self { price, total, charge, ..self }
    }

    /// Cuts off places that are given back: those, and what is left, if anything is. What they cost adds up.
    pub(super) fn cut(
        &self,
        given: &Given,
        number: usize,
    ) -> Result<(Self, Option<Self>), Refusal> {
        let Given { quantity, seats } = given;
        let has = seats.iter().all(|seat| self.seats.contains(seat));
        if !has || seats.is_empty() != self.seats.is_empty() {
            return Err(Refusal::UnknownPlaces { number });
        }
        let left = self.quantity.get().checked_sub(quantity.get());
        let left = left.ok_or(Refusal::UnknownPlaces { number })?;
        let Ok(left) = Quantity::try_new(left) else { return Ok((self.clone(), None)) };
        let cut = |charge: &Charge| charge.cut(quantity.get(), self.quantity.get());
        let charges = self.charge.as_deref().map(cut).transpose()?;
        let charges = charges.map(|charges| charges.ok_or(Refusal::GuestsUnclear { number }));
        let (less, rest) = charges.transpose()?.unzip();
        let with = |quantity: Quantity, charge: Option<Charge>, given: bool| {
            let seats = self.seats.iter().filter(|seat| seats.contains(seat) == given);
            let (seats, price) = (seats.cloned().collect(), self.price);
            let total = match &charge {
                Some(charge) => charge.total()?,
                None => price.try_mul(quantity.get().into())?,
            };
            let charge = charge.map(Box::new);
            Ok::<_, MoneyError>(Self { quantity, seats, total, charge, ..self.clone() })
        };
        Ok((with(*quantity, less, true)?, Some(with(left, rest, false)?)))
    }

    /// Which session.
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Which of its offers.
    pub fn offer(&self) -> &Code {
        &self.offer
    }

    /// How many of it.
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// In which seats; none if the places have no seats.
    pub fn seats(&self) -> &[Seat] {
        &self.seats
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

    /// When the session took place when this was booked.
    pub fn time(&self) -> TimeRange {
        self.takes_place
    }

    /// Where the wall clock of the session hangs.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// The listing it is sold under, if not that of the booking.
    pub fn listing(&self) -> Option<ListingId> {
        self.listing
    }

    /// What it asks of its session: the places it has.
    pub fn item(&self) -> Item {
        let seating = match &*self.seats {
            [] => Seating::Unseated,
            seats => Seating::Chosen(seats.to_vec()),
        };
        Item { offer: self.offer.clone(), quantity: self.quantity, seating }
    }

    pub(super) fn weight(&self) -> usize {
        Code::MAX + self.seats.len() * (size_of::<Seat>() + Code::MAX)
    }
}
