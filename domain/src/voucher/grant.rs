//! What a voucher takes off the lines of a booking.

use serde::{Deserialize, Serialize};

use super::{Benefit, Scope};
use crate::booking::{Line, LineError};
use crate::pricing::{Discount, Minor};
use crate::values::{ListingId, Money, MoneyError, VoucherCode, VoucherId};

/// What was promised to a booking: frozen in it, whatever becomes of the voucher.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// The voucher.
    pub voucher: VoucherId,
    /// Its code, as it was given out.
    pub code: VoucherCode,
    /// What it is worth.
    pub benefit: Benefit,
    /// What it is for.
    #[serde(default, skip_serializing_if = "Scope::is_everything")]
    pub scope: Scope,
}

/// What a voucher comes to for some lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Discounts {
    /// What the lines it is for cost without it; none if there are none.
    pub basis: Option<Money>,
    /// How much it takes off all lines together.
    pub given: Money,
}

impl Grant {
    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        size_of::<Self>() + VoucherCode::MAX + self.scope.weight()
    }

    /// Whether a line of a booking of a listing is one that the voucher is for.
    pub fn is_for(&self, line: &Line, main: ListingId) -> bool {
        let Scope { listings, offers } = &self.scope;
        let sold_under = line.listing().unwrap_or(main);
        let listed = listings.is_empty() || listings.contains(&sold_under);
        let offered = match line {
            Line::Places(places) => self.scope.has_offer(places.offer()),
            Line::Nights(_) | Line::Time(_) => offers.is_empty(),
            Line::AddOn(_) => false,
        };
        listed && offered
    }

    /// Takes off the lines what is promised. Lines that had something taken off keep that: of an amount, the others share
    /// what is left.
    pub fn take_off(&self, lines: &mut [Line], main: ListingId) -> Result<(), LineError> {
        let meant = |line: &Line| line.discount().is_none() && self.is_for(line, main);
        let open: Vec<_> = (0..lines.len()).filter(|number| meant(&lines[*number])).collect();
        let off = match self.benefit {
            Benefit::PercentOff(part) => {
                let off = open.iter().map(|number| part.of(lines[*number].amount()));
                off.collect::<Result<_, _>>()?
            }
            Benefit::FixedPrice(price) => {
                let off = open.iter().map(|number| above(&lines[*number], price));
                off.collect::<Result<_, _>>()?
            }
            Benefit::AmountOff(amount) => shares(amount, lines, &open)?,
        };
        for (number, off) in open.into_iter().zip(off) {
            if !off.is_zero() {
                let discount = Discount { voucher: self.code.clone(), amount: off };
                lines[number] = lines[number].clone().less(discount)?;
            }
        }
        Ok(())
    }

    /// What the voucher comes to for lines from which it was taken off.
    pub fn taken_off(&self, lines: &[Line], main: ListingId) -> Result<Discounts, MoneyError> {
        let first = lines.first().ok_or(MoneyError::Overflow)?;
        let (mut basis, mut given) = (None::<Money>, Money::zero(first.total().currency()));
        for line in lines.iter().filter(|line| self.is_for(line, main)) {
            let mut before = line.amount();
            if let Some(discount) = line.discount() {
                before = before.try_add(discount.amount)?;
                given = given.try_add(discount.amount)?;
            }
            basis = Some(basis.map_or(Ok(before), |basis| basis.try_add(before))?);
        }
        Ok(Discounts { basis, given })
    }
}

/// By how much a line costs more than so much for each night, place or time.
fn above(line: &Line, price: Minor) -> Result<Money, MoneyError> {
    let amount = line.amount();
    let fixed = price.of(amount.currency()).try_mul(line.units())?;
    Ok(amount.try_sub(fixed).unwrap_or(Money::zero(amount.currency())))
}

/// The shares that some lines have in what other lines leave of an amount: by what they cost, and never more than that.
fn shares(amount: Minor, all: &[Line], open: &[usize]) -> Result<Vec<Money>, MoneyError> {
    let Some(first) = open.first().map(|number| all[*number].amount()) else {
        return Ok(Vec::new());
    };
    let kept = all.iter().filter_map(Line::discount).map(|kept| kept.amount.minor());
    let left = amount.get().saturating_sub(kept.fold(0, u64::saturating_add));
    let costs: Vec<_> = open.iter().map(|number| all[*number].amount().minor()).collect();
    let sum = costs.iter().copied().fold(0, u64::saturating_add);
    Ok(Money::try_new(left.min(sum), first.currency())?.split(&costs))
}
