//! One booking in the books.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::sale::Earned;
use super::{Account, Amounts, Sale, Till, when};
use crate::pricing::Rate;
use crate::values::{Currency, ListingId, Money, PaymentId};
use crate::{booking, payment, payment::Payment};

/// What the ledger knows of one booking, and what it has posted for it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Book {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sale: Option<Sale>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    payments: BTreeMap<PaymentId, Payment>,
    #[serde(default)]
    posted: Posted,
}

/// What happened to a booking or to one of its payments.
#[derive(Clone, Copy, Debug)]
pub enum Happened<'a> {
    /// To the booking.
    Booking(&'a booking::Event),
    /// To a payment for it.
    Payment(PaymentId, &'a payment::Event),
}

/// So much on one account. All entries that one event makes are a transaction; those of each day sum to zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The day it counts on: that of the event, or a later one on which a service is rendered.
    pub day: NaiveDate,
    /// The account.
    pub account: Account,
    /// How much, in minor units: a debit above zero, a credit below.
    pub minor: i64,
    /// Of which currency.
    pub currency: Currency,
}

/// Why something cannot be posted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// A payment is in another currency than the booking.
    #[error("a booking is paid for in its own currency")]
    Mixed,
    /// The event continues what never began.
    #[error("the event continues something that never began")]
    NoBeginning,
    /// The amount does not fit.
    #[error("the amount is too large for an entry")]
    TooLarge,
}

/// What is posted: what the accounts show at the end of a day, and what each later day adds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Posted {
    day: Option<NaiveDate>,
    balances: Amounts,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    ahead: BTreeMap<NaiveDate, Amounts>,
}

/// The money that was paid for a booking, in minor units.
#[derive(Default)]
struct Funds {
    /// What each till has of it, without what providers kept.
    tills: BTreeMap<Till, i128>,
    /// What providers kept.
    fees: i128,
    /// What is left of what customers paid.
    held: i128,
    /// That part of it which the operator collected.
    online: i128,
    /// What was lost in disputes.
    lost: i128,
}

impl Book {
    /// The listing that was booked, once it was.
    pub fn listing(&self) -> Option<ListingId> {
        self.sale.as_ref().map(Sale::listing)
    }

    /// Whether it is a sale of a partner, who is owed what the operator collects.
    pub fn is_settled(&self) -> bool {
        self.sale.as_ref().is_some_and(|sale| sale.commission().is_some())
    }

    /// The payments that it knows of.
    pub fn payments(&self) -> impl Iterator<Item = PaymentId> {
        self.payments.keys().copied()
    }

    /// Takes in what happened, and posts what the accounts show otherwise from then on. Refused, it stays as it was.
    pub fn record(&mut self, happened: Happened<'_>) -> Result<Vec<Entry>, BookError> {
        let mut next = self.clone();
        next.take_in(happened)?;
        let Some(currency) = next.currency()? else { return Ok(Vec::new()) };
        let at = match happened {
            Happened::Booking(event) => when::to_booking(event),
            Happened::Payment(_, event) => when::to_payment(event),
        };
        let day = next.sale.as_ref().map_or(at.date_naive(), |sale| sale.zone().local_date(at));
        // a day that was posted on is not gone back to, however late an event is told
        let day = next.posted.day.map_or(day, |last| last.max(day));
        let target = next.target(day);
        let entries = next.posted.turn_into(&target, currency)?;
        next.posted = target;
        *self = next;
        Ok(entries)
    }

    fn take_in(&mut self, happened: Happened<'_>) -> Result<(), BookError> {
        match happened {
            Happened::Booking(event) => match (Sale::begin(event), &mut self.sale) {
                (Some(begun), _) => self.sale = Some(begun),
                (None, Some(sale)) => sale.evolve(event),
                (None, None) => return Err(BookError::NoBeginning),
            },
            Happened::Payment(id, event) => {
                let payment = self.payments.entry(id).or_default();
                payment.evolve(event);
                payment.requested().ok_or(BookError::NoBeginning)?;
            }
        }
        Ok(())
    }

    /// The currency of all of it, once there is anything.
    fn currency(&self) -> Result<Option<Currency>, BookError> {
        let requested = self.payments.values().filter_map(Payment::requested);
        let mut all = self.sale.iter().map(Sale::currency).chain(requested.map(Money::currency));
        let first = all.next();
        if all.any(|other| Some(other) != first) { Err(BookError::Mixed) } else { Ok(first) }
    }

    /// What the accounts have to show at the end of a day, and what each later day has to add.
    fn target(&self, day: NaiveDate) -> Posted {
        let money = Funds::of(self.payments.values());
        let mut earned = Earned::default();
        let days = || self.sale.iter().flat_map(Sale::days);
        days().filter(|(on, _)| *on <= day).for_each(|(_, more)| earned += more);
        let balances = self.show(&money, earned);
        let (mut before, mut ahead) = (balances.clone(), BTreeMap::new());
        for (on, more) in days().filter(|(on, _)| *on > day) {
            earned += more;
            let after = self.show(&money, earned);
            ahead.insert(on, after.less(&before));
            before = after;
        }
        Posted { day: Some(day), balances, ahead }
    }

    /// What the accounts have to show when so much is earned, beside fees.
    fn show(&self, money: &Funds, services: Earned) -> Amounts {
        let fees = self.sale.as_ref().map_or(0, Sale::fees);
        let agreed = self.sale.as_ref().map_or(0, Sale::agreed);
        let earned = services.gross() + fees;
        let mut accounts = Amounts::default();
        for (till, minor) in &money.tills {
            accounts.debit(Account::Cash(*till), *minor);
        }
        accounts.debit(Account::ProviderFees, money.fees);
        accounts.credit(Account::Revenue, services.net.into());
        accounts.credit(Account::TaxPayable, services.tax.into());
        accounts.credit(Account::CancellationFees, fees);
        let missing = (earned - money.held).max(0);
        let gone = missing.min(money.lost);
        accounts.debit(Account::Chargebacks, gone);
        accounts.debit(Account::Receivable, missing - gone);
        accounts.credit(Account::RefundsDue, (money.held - agreed).max(0));
        accounts.credit(Account::Deposits, (money.held.min(agreed) - earned).max(0));
        if let Some(rate) = self.sale.as_ref().and_then(Sale::commission) {
            let commission = share(rate, i128::from(services.net) + fees);
            let collected = money.online.min(earned);
            accounts.credit(Account::Commission, commission);
            accounts.credit(Account::PartnerPayable, collected - commission);
            accounts.debit(Account::PartnerShare, collected);
        }
        accounts
    }
}

/// A part of an amount, half a minor unit rounded up.
fn share(rate: Rate, minor: i128) -> i128 {
    (minor * i128::from(rate.get()) + 5_000) / 10_000
}

impl Funds {
    fn of<'a>(payments: impl Iterator<Item = &'a Payment>) -> Self {
        let minor = |of: Option<Money>| i128::from(of.map_or(0, Money::minor));
        let mut all = Self::default();
        for payment in payments {
            let Some(method) = payment.method() else { continue };
            let till = Till::of(method, payment.provider());
            let (lost, fees) = (minor(payment.lost()), minor(payment.fees()));
            let held = minor(payment.captured()) - minor(payment.refunded()) - lost;
            *all.tills.entry(till).or_default() += held - fees;
            all.fees += fees;
            all.held += held;
            all.lost += lost;
            if till.is_the_operators() {
                all.online += held;
            }
        }
        all
    }
}

impl Posted {
    /// The entries that make it another.
    fn turn_into(&self, target: &Self, currency: Currency) -> Result<Vec<Entry>, BookError> {
        let Some(today) = target.day else { return Ok(Vec::new()) };
        let mut balances = self.balances.clone();
        self.ahead.range(..=today).for_each(|(_, posted)| balances.add(posted));
        let nothing = Amounts::default();
        let of = |posted: &Self, day| posted.ahead.get(&day).unwrap_or(&nothing).clone();
        let later = |posted: &Self| posted.ahead.range(..).map(|(day, _)| *day).collect::<Vec<_>>();
        let days: BTreeSet<_> = later(self).into_iter().chain(later(target)).collect();
        let ahead = days.into_iter().filter(|day| *day > today);
        let ahead = ahead.map(|day| (day, of(target, day).less(&of(self, day))));
        let mut entries = Vec::new();
        for (day, amounts) in [(today, target.balances.less(&balances))].into_iter().chain(ahead) {
            for (account, minor) in amounts.iter() {
                let minor = i64::try_from(minor).map_err(|_| BookError::TooLarge)?;
                entries.push(Entry { day, account, minor, currency });
            }
        }
        Ok(entries)
    }
}
