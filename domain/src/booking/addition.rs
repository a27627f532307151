//! Lines of add-ons: so many of one, beside the other lines of the booking.

use serde::Serialize;

use super::{Line, LineError};
use crate::add_on::{Ask, Charged};
use crate::pricing::{Charge, TaxCharge};
use crate::values::{
    AddOnId, DayRange, Money, MoneyError, Party, Quantity, TimeRange, Timestamp, Zone,
};

/// So many of one add-on. When it is for, and how often it is paid for, follow from the other lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Addition {
    pub(super) add_on: AddOnId,
    pub(super) quantity: Quantity,
    pub(super) charged: Charged,
    /// How many of its stock are taken.
    pub(super) pieces: u32,
    /// How often the price is paid.
    pub(super) units: u32,
    pub(super) price: Money,
    pub(super) total: Money,
    pub(super) days: DayRange,
    pub(super) takes_place: TimeRange,
    pub(super) zone: Zone,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) charge: Option<Box<Charge>>,
}

/// What an addition follows from: the other lines of a booking, taken together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Beside {
    /// The days it is for, if it is paid for once.
    first: DayRange,
    /// From the first to the last night, if there are any.
    nights: Option<DayRange>,
    /// How many of them somebody stays: fewer, if the booking leaves out nights in between.
    stayed: u32,
    time: TimeRange,
    zone: Zone,
}

impl Addition {
    /// Prices so many of an add-on beside other lines.
    pub fn priced(
        (add_on, quantity): (AddOnId, Quantity),
        (charged, price): (Charged, Money),
        taxes: Vec<TaxCharge>,
        (others, party, zone): (&[Line], Party, Zone),
    ) -> Result<Self, LineError> {
        let beside = Beside::of(others, zone).ok_or(LineError::Alone)?;
        let nothing = Money::zero(price.currency());
        let charge = Charge { taxes, ..Charge::plain(nothing) };
        let unplaced = Self {
            add_on,
            quantity,
            charged,
            pieces: 0,
            units: 0,
            price,
            total: nothing,
            days: beside.first,
            takes_place: beside.time,
            zone: beside.zone,
            charge: Some(Box::new(charge)),
        };
        unplaced.placed(beside, party)
    }

    /// The same beside other lines, at the price that was agreed.
    pub fn beside(&self, others: &[Line], party: Party, zone: Zone) -> Result<Self, LineError> {
        let beside = Beside::of(others, zone).ok_or(LineError::Alone)?;
        self.clone().placed(beside, party)
    }

    fn placed(self, beside: Beside, party: Party) -> Result<Self, LineError> {
        let days = match (self.charged.by_night(), beside.nights) {
            (false, _) => beside.first,
            (true, Some(nights)) if beside.stayed < nights.count() => {
                return Err(LineError::NightsApart);
            }
            (true, Some(nights)) => nights,
            (true, None) => return Err(LineError::NoNights),
        };
        let people = u32::from(party.adults()) + u32::from(party.children());
        let each = if self.charged.by_person() { people } else { 1 };
        let nights = if self.charged.by_night() { days.count() } else { 1 };
        let pieces = self.quantity.get().saturating_mul(each);
        let units = pieces.saturating_mul(nights);
        let (takes_place, zone) = (beside.time, beside.zone);
        if (pieces, units) == (self.pieces, self.units) {
            // what it costs was told once: it is not rounded otherwise later
            return Ok(Self { days, takes_place, zone, ..self });
        }
        let amount = self.price.try_mul(units.into())?;
        let charge = self.charge.map_or_else(|| Charge::plain(amount), |charge| *charge);
        let charge = charge.at(amount)?;
        let total = charge.total()?;
        let charge = charge.is_telling().then(|| Box::new(charge));
        Ok(Self { pieces, units, total, days, takes_place, zone, charge, ..self })
    }

    /// Cuts off what goes when only these lines stay beside it: that, and what is left. The two add up to it. Only nights
    /// that go take something along, so that nothing is asked for that was not taken before.
    pub(super) fn cut(self, others: &[Line]) -> Result<(Option<Self>, Option<Self>), MoneyError> {
        let Some(beside) = Beside::of(others, self.zone) else { return Ok((Some(self), None)) };
        let (days, units) = match (self.charged.by_night(), beside.nights) {
            (false, _) => (self.days, self.units),
            // nights that are left out between two stays are not paid for either
            (true, Some(nights)) => (nights, self.pieces.saturating_mul(beside.stayed)),
            (true, None) => return Ok((Some(self), None)),
        };
        let (takes_place, zone) = (beside.time, beside.zone);
        let kept = Self { days, takes_place, zone, ..self.clone() };
        if units >= self.units {
            return Ok((None, Some(kept)));
        }
        let gone = self.units.saturating_sub(units);
        let charges = self.charge().map(|charge| charge.cut(gone, self.units)).transpose()?;
        let (less, rest) = charges.flatten().unzip();
        Ok((Some(self.part(gone, less)?), Some(kept.part(units, rest)?)))
    }

    /// So much of it, at what that costs.
    fn part(self, units: u32, charge: Option<Charge>) -> Result<Self, MoneyError> {
        let total = match &charge {
            Some(charge) => charge.total()?,
            None => self.price.try_mul(units.into())?,
        };
        Ok(Self { units, total, charge: charge.map(Box::new), ..self })
    }

    /// Which add-on.
    pub fn add_on(&self) -> AddOnId {
        self.add_on
    }

    /// How many are booked.
    pub fn quantity(&self) -> Quantity {
        self.quantity
    }

    /// What one is paid for.
    pub fn charged(&self) -> Charged {
        self.charged
    }

    /// How often the price is paid.
    pub fn units(&self) -> u32 {
        self.units
    }

    /// What one costs.
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

    /// From when until when the booking lasts.
    pub fn time(&self) -> TimeRange {
        self.takes_place
    }

    /// Where the wall clock hangs that its days are counted by.
    pub fn zone(&self) -> Zone {
        self.zone
    }

    /// What it takes of the stock.
    pub fn ask(&self) -> Ask {
        Ask { quantity: self.pieces, days: self.days }
    }
}

/// Lets each addition among lines follow from the others.
pub fn follow(lines: &mut [Line], party: Party, zone: Zone) -> Result<(), LineError> {
    let is_other = |line: &&Line| !matches!(line, Line::AddOn(_));
    if lines.iter().all(|line| is_other(&line)) {
        return Ok(());
    }
    let others: Vec<_> = lines.iter().filter(is_other).cloned().collect();
    for line in lines {
        if let Line::AddOn(addition) = line {
            *line = Line::AddOn(addition.beside(&others, party, zone)?);
        }
    }
    Ok(())
}

impl Beside {
    fn of(others: &[Line], zone: Zone) -> Option<Self> {
        let first = others.iter().min_by_key(|line| line.starts_at())?;
        let end: Timestamp = others.iter().map(Line::ends_at).max()?;
        let stays = || others.iter().filter_map(Line::nights).map(|nights| nights.stay().days());
        let mut in_order: Vec<_> = stays().map(|days| (days.first(), days.end())).collect();
        in_order.sort_unstable();
        let nights = in_order.first().zip(stays().map(DayRange::end).max());
        let nights = nights.and_then(|(first, end)| DayRange::try_new(first.0, end).ok());
        let (mut stayed, mut counted) = (0, None);
        for (first, end) in in_order {
            let first = counted.map_or(first, |counted| first.max(counted));
            if let Ok(new) = DayRange::try_new(first, end) {
                stayed += new.count();
                counted = Some(end);
            }
        }
        Some(Self {
            stayed,
            first: DayRange::single(first.first_date()),
            nights,
            time: TimeRange::try_new(first.starts_at(), end).ok()?,
            zone: first.zone().unwrap_or(zone),
        })
    }
}
