//! One booking with its payments, as the rules have them live, and the book that follows them.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{Duration, NaiveDate};

use crate::booking::{self, Booking, Line, Nights, Paid, Terms};
use crate::ledger::{Account, Amounts, Book, Entry, Happened};
use crate::payment::{self, CaptureMode, Fact, Method, Payment, Provider, Purpose, Rest};
use crate::policy::Policy;
use crate::pricing::{Charge, Rate, TaxCharge};
use crate::testing::{at, booking as booking_id, currency, date, quantity, time, uuid, zone};
use crate::values::{
    Code, CustomerId, Dimensions, ListingId, Money, Party, PaymentId, RefundId, ResourceId, Stay,
    Timestamp,
};

pub(super) struct World {
    code: &'static str,
    pub(super) booking: Booking,
    pub(super) payments: BTreeMap<PaymentId, Payment>,
    pub(super) book: Book,
    /// The entries of each transaction.
    pub(super) posted: Vec<Vec<Entry>>,
    /// What was kept beside the price of what stays booked.
    pub(super) fees: u64,
    pub(super) now: Timestamp,
}

/// One room from a day of July to another, each night at a price, with a tax on top of it and one within.
pub(super) fn nights(from: u32, to: u32, price: Money, tax: u64) -> Line {
    let stay = Stay::try_new(date(7, from), date(7, to)).unwrap();
    let room = ResourceId::from_uuid(uuid(3));
    let (zone, check_in, check_out) = (zone("Africa/Cairo"), time(15, 0), time(11, 0));
    let nights = Nights::priced(room, stay, quantity(1), price, zone, check_in, check_out).unwrap();
    let taxed = |code: &str, included: bool, minor: u64| TaxCharge {
        code: Code::try_new(code).unwrap(),
        rate: None,
        included,
        amount: Money::try_new(minor, price.currency()).unwrap(),
    };
    let within = tax.min(nights.total().minor()) / 2;
    let taxes = vec![taxed("city", false, tax), taxed("vat", true, within)];
    let charge = Charge { taxes, ..Charge::plain(nights.total()) };
    Line::Nights(nights.charged(charge).unwrap())
}

pub(super) fn terms(lines: Vec<Line>, commission: Option<i64>, policy: Option<Policy>) -> Terms {
    let rate = commission.map(|points| Rate::try_new(points).unwrap());
    Terms::try_new(
        ListingId::from_uuid(uuid(1)),
        CustomerId::from_uuid(uuid(2)),
        zone("Africa/Cairo"),
        lines,
        Party::try_new(2, 0, 0).unwrap(),
        Dimensions::default(),
    )
    .unwrap()
    .under(policy.map(Arc::new), None)
    .with_commission(rate)
}

impl World {
    pub(super) fn new(code: &'static str) -> Self {
        Self {
            code,
            booking: Booking::default(),
            payments: BTreeMap::new(),
            book: Book::default(),
            posted: Vec::new(),
            fees: 0,
            now: at(0),
        }
    }

    pub(super) fn money(&self, minor: u64) -> Money {
        Money::try_new(minor, currency(self.code)).unwrap()
    }

    pub(super) fn wait(&mut self, days: i64) {
        self.now += Duration::days(days);
    }

    /// Today, where the listing is.
    pub(super) fn today(&self) -> NaiveDate {
        zone("Africa/Cairo").local_date(self.now)
    }

    /// Asks something of the booking; a refusal changes nothing.
    pub(super) fn order(&mut self, command: booking::Command) -> bool {
        let Ok(events) = self.booking.decide(command) else { return false };
        for event in events {
            self.booking.evolve(&event);
            self.fees += fee_of(&event).map_or(0, Money::minor);
            let entries = self.book.record(Happened::Booking(&event)).unwrap();
            self.posted.push(entries);
        }
        true
    }

    /// Asks something of a payment; a refusal changes nothing.
    pub(super) fn pay(&mut self, payment: PaymentId, command: payment::Command) -> bool {
        let state = self.payments.entry(payment).or_default();
        let Ok(events) = state.decide(command) else { return false };
        for event in events {
            state.evolve(&event);
            let entries = self.book.record(Happened::Payment(payment, &event)).unwrap();
            self.posted.push(entries);
        }
        true
    }

    /// Takes money in one go.
    pub(super) fn take(&mut self, n: u128, method: Method, minor: u64) -> PaymentId {
        let payment = PaymentId::from_uuid(uuid(1_000 + n));
        let (amount, at) = (self.money(minor), self.now);
        let provider = method.is_online().then_some(Provider::Stripe);
        let (booking, purpose) = (booking_id(1), Some(Purpose::Other));
        let capture = CaptureMode::Automatic;
        self.pay(
            payment,
            payment::Command::Request { booking, amount, method, provider, purpose, capture, at },
        );
        let rest = Rest::Released;
        if method.is_online() {
            let attempt = 1.try_into().unwrap();
            self.say(payment, Fact::Captured { attempt, total: amount, rest, reference: None });
        } else {
            self.pay(payment, payment::Command::Capture { amount: None, rest, at });
        }
        payment
    }

    /// Tells what a provider says.
    pub(super) fn say(&mut self, payment: PaymentId, fact: Fact) -> bool {
        self.pay(payment, payment::Command::Record { fact, at: self.now })
    }

    /// Gives money back, online as well.
    pub(super) fn give_back(&mut self, payment: PaymentId, n: u128, minor: u64) {
        let (refund, amount, at) = (RefundId::from_uuid(uuid(n)), self.money(minor), self.now);
        let some = Some(amount);
        self.pay(payment, payment::Command::Refund { refund, amount: some, reason: None, at });
        let is_online = self.payments[&payment].method().is_some_and(Method::is_online);
        if is_online && self.payments[&payment].refund(refund).is_some() {
            self.say(payment, Fact::Refunded { refund, amount, reference: None });
        }
    }

    /// What was paid, as the cancellation rules are told it.
    pub(super) fn paid(&self) -> Paid {
        let all = || self.payments.values();
        let taken = all().filter_map(Payment::captured).map(Money::minor).sum();
        let left: u64 = all().filter_map(Payment::left).map(Money::minor).sum();
        Paid { taken: self.money(taken), returned: self.money(taken - left) }
    }

    /// What is on the accounts at the end of a day; of all days without one.
    pub(super) fn balances(&self, on: Option<NaiveDate>) -> Amounts {
        let mut all = Amounts::default();
        for entry in self.posted.iter().flatten().filter(|e| on.is_none_or(|on| e.day <= on)) {
            all.debit(entry.account, entry.minor.into());
        }
        all
    }

    /// What is on some accounts today, by code.
    pub(super) fn shows(&self) -> Vec<(&'static str, i128)> {
        let today = self.balances(Some(self.today()));
        today.iter().map(|(account, minor)| (account.as_str(), minor)).collect()
    }

    /// What is on an account at the end of all days.
    pub(super) fn ends_with(&self, account: Account) -> i128 {
        self.balances(None).of(account)
    }
}

fn fee_of(event: &booking::Event) -> Option<Money> {
    use booking::Event as E;
    match event {
        E::Amended { fee, .. }
        | E::Rescheduled { fee, .. }
        | E::LinesCancelled { fee, .. }
        | E::NoShowRecorded { fee, .. }
        | E::Cancelled { fee, .. } => *fee,
        _ => None,
    }
}
