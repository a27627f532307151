//! What calling off a booking or some of its lines costs.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Booking, Event, Line, Order, Refusal, Status};
use crate::policy::{Policy, Stake};
use crate::values::{CancellationQuoteId, Money, MoneyError, Timestamp};

/// How long at least, and at most, a quote for calling off holds.
const HOLDS: [TimeDelta; 2] = [TimeDelta::minutes(30), TimeDelta::hours(1)];

/// What is kept and what is given back when something is called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settlement {
    /// What is kept: never more than was paid.
    pub fee: Money,
    /// What is given back of what was paid.
    pub refund: Money,
}

/// What was told that calling off would cost, and until when that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Told {
    quote: CancellationQuoteId,
    /// The lines it was told for; all of them, if none.
    lines: Option<BTreeSet<usize>>,
    /// What it costs by the policy, however much was paid.
    price: Money,
    until: Timestamp,
}

impl Told {
    /// What an event told.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let Event::CancellationQuoted { quote, lines, price, valid_until: until, .. } = event
        else {
            return None;
        };
        let (quote, price, until) = (*quote, *price, *until);
        Some(Self { quote, lines: lines.clone(), price, until })
    }
}

/// What is kept and what is given back, if anything is agreed about it.
pub(super) fn parts(settlement: Option<Settlement>) -> (Option<Money>, Option<Money>) {
    settlement.map(|Settlement { fee, refund }| (fee, refund)).unzip()
}

/// What calling off costs by the policy, and until when that holds.
struct Price {
    fee: Money,
    until: Option<Timestamp>,
}

/// What was paid for a booking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Paid {
    /// What was taken.
    pub taken: Money,
    /// What was given back of it.
    pub returned: Money,
}

/// What is known about an order's money when something of it is called off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CancelTerms {
    /// What was paid so far.
    pub paid: Option<Paid>,
    /// The quote that is to be honoured.
    pub quote: Option<CancellationQuoteId>,
}

impl CancelTerms {
    /// Nothing was paid, and nothing was told.
    pub const NONE: Self = Self { paid: None, quote: None };
}

impl Booking {
    /// Tells what it would cost to call off, now and for a while.
    pub(super) fn quote_cancellation(
        &self,
        quote: CancellationQuoteId,
        lines: Option<BTreeSet<usize>>,
        paid: Option<Paid>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let order = self.cancellable(at)?;
        order.check_numbers(lines.as_ref())?;
        let price = order.price(self.status, lines.as_ref(), at)?;
        let Settlement { fee, refund } = order.settlement(price.fee, lines.as_ref(), paid)?;
        let [least, most] = HOLDS.map(|time| at + time);
        let valid_until = price.until.map_or(most, |until| until.clamp(least, most));
        let price = price.fee;
        Ok(vec![Event::CancellationQuoted { quote, lines, price, fee, refund, valid_until, at }])
    }

    /// What is kept and given back when lines, or all of them, are called off; none without a policy.
    pub(super) fn settle(
        &self,
        lines: Option<&BTreeSet<usize>>,
        CancelTerms { paid, quote }: CancelTerms,
        at: Timestamp,
    ) -> Result<Option<Settlement>, Refusal> {
        let Some(order) = &self.order else { return Ok(None) };
        let price = match quote {
            Some(quote) => order.told(quote, lines, at)?,
            None if order.policy.is_none() => return Ok(None),
            None => order.price(self.status, lines, at)?.fee,
        };
        order.settlement(price, lines, paid).map(Some)
    }

    /// What is kept and given back when nobody came; none without a policy.
    pub(super) fn settle_no_show(&self, paid: Option<Paid>) -> Result<Option<Settlement>, Refusal> {
        let Some((order, policy)) = self.order.as_ref().zip(self.policy()) else { return Ok(None) };
        let price = policy.no_show().of(order.stake(None)?)?;
        order.settlement(price, None, paid).map(Some)
    }

    /// The order, as long as it can be called off.
    fn cancellable(&self, at: Timestamp) -> Result<&Order, Refusal> {
        self.check_changeable(at)?;
        self.order.as_deref().ok_or(Refusal::NotFound)
    }

    /// What calling it off costs, if it was agreed.
    pub fn policy(&self) -> Option<&Policy> {
        self.order.as_ref().and_then(|order| order.policy.as_deref())
    }
}

impl Order {
    /// Remembers what lines cost that were called off, and what is kept and given back for them.
    pub(super) fn let_go(&mut self, cancelled: &[Line], fee: Option<Money>, refund: Option<Money>) {
        let sum = |so_far: Option<Money>, more: Money| match so_far {
            None => Some(more),
            Some(so_far) => Some(so_far.try_add(more).unwrap_or(so_far)),
        };
        for line in cancelled {
            self.gone = sum(self.gone, line.total());
        }
        if let Some(fee) = fee {
            self.fees = sum(self.fees, fee);
        }
        if let Some(refund) = refund {
            self.owed = sum(self.owed, refund);
        }
    }

    /// What calling off costs by the policy. Nothing is agreed for good before it is confirmed.
    fn price(
        &self,
        status: Status,
        lines: Option<&BTreeSet<usize>>,
        at: Timestamp,
    ) -> Result<Price, Refusal> {
        let nothing = Price { fee: Money::zero(self.lines.total().currency()), until: None };
        let Some(policy) = self.policy.as_deref().filter(|_| status == Status::Confirmed) else {
            return Ok(nothing);
        };
        let holding = policy.holding(at, self.lines.start(self.zone));
        Ok(Price { fee: holding.fee.of(self.stake(lines)?)?, until: holding.until })
    }

    /// What was told under a quote that still holds for these lines.
    fn told(
        &self,
        quote: CancellationQuoteId,
        lines: Option<&BTreeSet<usize>>,
        at: Timestamp,
    ) -> Result<Money, Refusal> {
        let told = self.told.as_ref().filter(|told| told.quote == quote);
        let told = told.ok_or(Refusal::UnknownQuote)?;
        if told.lines.as_ref() != lines {
            return Err(Refusal::QuotedOtherwise);
        }
        if told.until < at {
            return Err(Refusal::QuoteExpired { at: told.until });
        }
        Ok(told.price)
    }

    fn is_meant(lines: Option<&BTreeSet<usize>>, number: usize) -> bool {
        lines.is_none_or(|lines| lines.contains(&number))
    }

    /// What is called off, of how much.
    fn stake(&self, lines: Option<&BTreeSet<usize>>) -> Result<Stake, MoneyError> {
        let nothing = Money::zero(self.lines.total().currency());
        let before = self.gone.unwrap_or(nothing);
        let (mut now, mut first_night) = (nothing, nothing);
        let all = self.lines.as_slice().iter().enumerate();
        for (_, line) in all.filter(|(number, _)| Self::is_meant(lines, *number)) {
            now = now.try_add(line.total())?;
            if let Some(nights) = line.nights() {
                first_night = first_night.try_add(nights.first_night())?;
            }
        }
        Ok(Stake { total: self.lines.total().try_add(before)?, before, now, first_night })
    }

    /// What is kept and given back at a price: no more is kept than was paid, and no more given back than is not owed.
    fn settlement(
        &self,
        price: Money,
        lines: Option<&BTreeSet<usize>>,
        paid: Option<Paid>,
    ) -> Result<Settlement, Refusal> {
        let nothing = Money::zero(price.currency());
        let less = |a: Money, b: Money| a.try_sub(b).unwrap_or(nothing);
        let left = match paid {
            None => nothing,
            Some(Paid { taken, returned }) => {
                // what was to be given back for other lines may be on its way
                let owed = self.owed.filter(|owed| returned.minor() < owed.minor());
                less(less(taken, owed.unwrap_or(returned)), self.fees.unwrap_or(nothing))
            }
        };
        let fee = if price.minor() < left.minor() { price } else { left };
        let all = self.lines.as_slice().iter().enumerate();
        let stays = all.filter(|(number, _)| !Self::is_meant(lines, *number));
        let stays = stays.map(|(_, line)| line.total()).try_fold(nothing, Money::try_add)?;
        Ok(Settlement { fee, refund: less(less(left, fee), stays) })
    }
}
