//! What calling off a booking or a portion of it costs, and what changing it does.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Booking, Cut, Event, Line, Lines, Order, Portion, Refusal, Status};
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
    /// What it was told for.
    portion: Portion,
    /// What it costs by the policy, however much was paid.
    price: Money,
    until: Timestamp,
}

impl Told {
    /// What an event told.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let Event::CancellationQuoted { quote, lines, places, price, valid_until, .. } = event
        else {
            return None;
        };
        let portion = match lines {
            Some(lines) => Portion::Lines(lines.clone()),
            None if places.is_empty() => Portion::All,
            None => Portion::Places(places.clone()),
        };
        Some(Self { quote: *quote, portion, price: *price, until: *valid_until })
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

/// What is known about an order's money when something else is booked instead.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangeTerms {
    /// What was paid so far.
    pub paid: Option<Paid>,
    /// Whether the policy does not count, neither its deadline nor what it costs.
    pub waived: bool,
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
        portion: Portion,
        paid: Option<Paid>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let order = self.cancellable(at)?;
        let cut = portion.cut(&order.lines)?;
        let price = order.price(self.status, &cut.gone, at)?;
        let Settlement { fee, refund } = order.settlement(price.fee, &cut.kept, paid)?;
        let [least, most] = HOLDS.map(|time| at + time);
        let valid_until = price.until.map_or(most, |until| until.clamp(least, most));
        let (lines, places) = match portion {
            Portion::All => (None, BTreeMap::new()),
            Portion::Lines(lines) => (Some(lines), BTreeMap::new()),
            Portion::Places(places) => (None, places),
        };
        let price = price.fee;
        let told =
            Event::CancellationQuoted { quote, lines, places, price, fee, refund, valid_until, at };
        Ok(vec![told])
    }

    /// What is kept and given back when a portion, cut out, is called off; none without a policy.
    pub(super) fn settle(
        &self,
        portion: &Portion,
        cut: &Cut,
        CancelTerms { paid, quote }: CancelTerms,
        at: Timestamp,
    ) -> Result<Option<Settlement>, Refusal> {
        let Some(order) = &self.order else { return Ok(None) };
        let price = match quote {
            Some(quote) => order.told(quote, portion, at)?,
            None if order.policy.is_none() => return Ok(None),
            None => order.price(self.status, &cut.gone, at)?.fee,
        };
        order.settlement(price, &cut.kept, paid).map(Some)
    }

    /// What is kept and given back when something else is booked; none without a policy. A change costs what the policy
    /// asks of changes, unless that is waived; and what it makes cheaper is called off like anything else.
    pub(super) fn settle_change(
        &self,
        lines: &Lines,
        ChangeTerms { paid, waived }: ChangeTerms,
        at: Timestamp,
    ) -> Result<Option<Settlement>, Refusal> {
        let Some((order, policy)) = self.order.as_ref().zip(self.policy()) else { return Ok(None) };
        let fee = if waived || self.status != Status::Confirmed {
            Money::zero(lines.total().currency())
        } else {
            order.change_price(policy, lines, at)?
        };
        order.settlement_of(fee, lines.total(), paid).map(Some)
    }

    /// What is kept and given back when nobody came; none without a policy.
    pub(super) fn settle_no_show(&self, paid: Option<Paid>) -> Result<Option<Settlement>, Refusal> {
        let Some((order, policy)) = self.order.as_ref().zip(self.policy()) else { return Ok(None) };
        let price = policy.no_show().of(order.stake(order.lines.as_slice())?)?;
        order.settlement(price, &[], paid).map(Some)
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
    /// Remembers how much was called off, and what is kept and given back for it.
    pub(super) fn let_go(
        &mut self,
        gone: impl IntoIterator<Item = Money>,
        fee: Option<Money>,
        refund: Option<Money>,
    ) {
        let sum = |so_far: Option<Money>, more: Money| match so_far {
            None => Some(more),
            Some(so_far) => Some(so_far.try_add(more).unwrap_or(so_far)),
        };
        for amount in gone {
            self.gone = sum(self.gone, amount);
        }
        if let Some(fee) = fee {
            self.fees = sum(self.fees, fee);
        }
        if let Some(refund) = refund {
            self.owed = sum(self.owed, refund);
        }
    }

    /// What calling off costs by the policy. Nothing is agreed for good before it is confirmed.
    fn price(&self, status: Status, gone: &[Line], at: Timestamp) -> Result<Price, Refusal> {
        let nothing = Price { fee: Money::zero(self.lines.total().currency()), until: None };
        let Some(policy) = self.policy.as_deref().filter(|_| status == Status::Confirmed) else {
            return Ok(nothing);
        };
        let holding = policy.holding(at, self.lines.start(self.zone));
        Ok(Price { fee: holding.fee.of(self.stake(gone)?)?, until: holding.until })
    }

    /// What a change of what is kept for good costs by the policy.
    fn change_price(
        &self,
        policy: &Policy,
        lines: &Lines,
        at: Timestamp,
    ) -> Result<Money, Refusal> {
        let (start, all) = (self.lines.start(self.zone), self.stake(self.lines.as_slice())?);
        let mut fee = Money::zero(lines.total().currency());
        if let Some(changes) = policy.changes() {
            if let Some(until) = changes.deadline(start).filter(|until| *until < at) {
                return Err(Refusal::TooLateToChange { at: until });
            }
            let (total, none) = (self.lines.total(), fee);
            fee = changes.fee.of(Stake { total, before: none, now: total, ..all })?;
        }
        let Ok(less) = self.lines.total().try_sub(lines.total()) else { return Ok(fee) };
        let first_night =
            if all.first_night.minor() < less.minor() { all.first_night } else { less };
        let stake = Stake { now: less, first_night, ..all };
        Ok(fee.try_add(policy.holding(at, start).fee.of(stake)?)?)
    }

    /// What was told under a quote that still holds for a portion.
    fn told(
        &self,
        quote: CancellationQuoteId,
        portion: &Portion,
        at: Timestamp,
    ) -> Result<Money, Refusal> {
        let told = self.told.as_ref().filter(|told| told.quote == quote);
        let told = told.ok_or(Refusal::UnknownQuote)?;
        if told.portion != *portion {
            return Err(Refusal::QuotedOtherwise);
        }
        if told.until < at {
            return Err(Refusal::QuoteExpired { at: told.until });
        }
        Ok(told.price)
    }

    /// What is called off, of how much.
    fn stake(&self, gone: &[Line]) -> Result<Stake, MoneyError> {
        let nothing = Money::zero(self.lines.total().currency());
        let before = self.gone.unwrap_or(nothing);
        let (mut now, mut first_night) = (nothing, nothing);
        for line in gone {
            now = now.try_add(line.total())?;
            if let Some(nights) = line.nights() {
                first_night = first_night.try_add(nights.first_night())?;
            }
        }
        Ok(Stake { total: self.lines.total().try_add(before)?, before, now, first_night })
    }

    /// What is kept and given back at a price when so much stays: no more is kept than was paid.
    fn settlement(
        &self,
        price: Money,
        kept: &[Line],
        paid: Option<Paid>,
    ) -> Result<Settlement, Refusal> {
        let nothing = Money::zero(price.currency());
        let stays = kept.iter().map(Line::total).try_fold(nothing, Money::try_add)?;
        let left = self.left(paid, nothing);
        let fee = if price.minor() < left.minor() { price } else { left };
        self.settlement_of(fee, stays, paid)
    }

    /// What is kept, and what is given back so that no more than that and what stays is left.
    fn settlement_of(
        &self,
        fee: Money,
        stays: Money,
        paid: Option<Paid>,
    ) -> Result<Settlement, Refusal> {
        let nothing = Money::zero(fee.currency());
        let left = self.left(paid, nothing);
        let refund = left.try_sub(stays.try_add(fee)?).unwrap_or(nothing);
        Ok(Settlement { fee, refund })
    }

    /// What is left of what was paid, without what is kept and what is to be given back already.
    fn left(&self, paid: Option<Paid>, nothing: Money) -> Money {
        let less = |a: Money, b: Money| a.try_sub(b).unwrap_or(nothing);
        match paid {
            None => nothing,
            Some(Paid { taken, returned }) => {
                // what was to be given back for other lines may be on its way
                let owed = self.owed.filter(|owed| returned.minor() < owed.minor());
                less(less(taken, owed.unwrap_or(returned)), self.fees.unwrap_or(nothing))
            }
        }
    }
}
