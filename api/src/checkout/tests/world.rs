//! One booking, its payments, the provider, and everything on its way between them.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, atomic::AtomicU64},
};

use chrono::TimeDelta;
use daybook_domain::{
    booking::{self, Booking, CancelTerms, Paid, Status},
    checkout::{self, Step},
    payment::{self, CaptureMode, Command, Method, Payment, Provider, Rest},
    values::{BookingId, Currency, Money, PaymentId, RefundId, Timestamp},
};
use daybook_gateways::{
    ChargeReference, Entry, Gateway, Moved, Notification, Period, Progress, RefundProgress,
    simulated::{Delivery, Means, Simulated},
};
use parking_lot::Mutex;
use proptest::prelude::*;
use serde_json::json;
use tokio::sync::mpsc::UnboundedReceiver;
use uuid::Uuid;

use super::{
    super::{
        asking::{self, Asking, Outcome, provider_key},
        facts::{self, Told},
        worker::key_of,
    },
    chaos::{Chaos, Fate},
};

/// How one life begins.
#[derive(Clone, Copy, Debug)]
pub(super) struct Terms {
    pub(super) currency: &'static str,
    pub(super) price: u64,
    /// How much of the price is enough to keep the booking, in hundredths of a percent.
    pub(super) deposit: Option<u64>,
    /// What calling off costs, in hundredths of a percent.
    pub(super) fee: u64,
    pub(super) remembers_keys: bool,
    pub(super) automatic: bool,
}

/// One thing that happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    /// The customer pays, or tries to, in an attempt that may be over.
    Pay { payment: usize, attempt: usize, means: u8 },
    /// The provider is asked to do what a payment waits for; we may break off before writing down what came of it.
    Work { payment: usize, fate: Fate, crash: bool },
    /// What is due next is done.
    Settle,
    /// A webhook arrives: any of those on their way, and perhaps once more later.
    Mail { which: usize, again: bool },
    /// The customer comes back from the provider.
    Look { payment: usize, fate: Fate },
    /// Money of no attempt is given back.
    Return { which: usize, fate: Fate },
    /// The customer tries again.
    Retry { payment: usize },
    /// Time passes, and the hold may end.
    Wait { minutes: i64 },
    /// The booking is called off.
    Cancel,
    /// Somebody else takes what is no longer held, or gives it back.
    Room { room: bool },
}

pub(super) struct World {
    terms: Terms,
    id: BookingId,
    booking: Booking,
    payments: Vec<(PaymentId, Payment)>,
    simulated: Arc<Simulated>,
    deliveries: UnboundedReceiver<Delivery>,
    mail: Vec<Notification>,
    clock: Arc<Mutex<Timestamp>>,
    /// Calls that were begun and of which nothing is recorded.
    begun: BTreeSet<String>,
    strays: BTreeSet<(usize, String)>,
    room: bool,
    calls: Arc<AtomicU64>,
    /// Whether there was enough money whenever the booking was kept for good.
    kept_unpaid: bool,
}

fn now() -> Timestamp {
    "2031-05-01T10:00:00Z".parse().unwrap()
}

fn uuid(number: u128) -> Uuid {
    Uuid::from_u128(0x0193_8c2a_7b1e_7c00_8000_0000_0000_0000 + number)
}

impl World {
    pub(super) fn new(terms: Terms) -> Self {
        let clock = Arc::new(Mutex::new(now()));
        let hands = Arc::clone(&clock);
        let (simulated, deliveries) =
            Simulated::with_clock("whsec_of_a_test".into(), move || *hands.lock());
        let mut booking = Booking::default();
        booking.evolve(&held(terms));
        let mut world = Self {
            terms,
            id: BookingId::from_uuid(uuid(1)),
            booking,
            payments: Vec::new(),
            simulated: Arc::new(simulated),
            deliveries,
            mail: Vec::new(),
            clock,
            begun: BTreeSet::new(),
            strays: BTreeSet::new(),
            room: true,
            calls: Arc::default(),
            kept_unpaid: false,
        };
        // what is enough, the rest, and one payment of all of it, which is too much
        let due = world.booking.due_to_confirm().unwrap().unwrap();
        let all = world.booking.total().unwrap();
        for (number, amount) in [due, all.try_sub(due).unwrap(), all].into_iter().enumerate() {
            world.ask_for(number, amount);
        }
        world
    }

    fn now(&self) -> Timestamp {
        *self.clock.lock()
    }

    fn ask_for(&mut self, number: usize, amount: Money) {
        let command = Command::Request {
            booking: self.id,
            amount,
            method: Method::Card,
            provider: Some(Provider::Simulated),
            purpose: None,
            capture: if self.terms.automatic {
                CaptureMode::Automatic
            } else {
                CaptureMode::Manual
            },
            at: self.now(),
        };
        let mut payment = Payment::default();
        // there may be nothing left to pay after a deposit
        if let Ok(events) = payment.decide(command) {
            for event in &events {
                payment.evolve(event);
            }
            self.payments.push((PaymentId::from_uuid(uuid(100 + number as u128)), payment));
        }
    }

    fn gateway(&self, fate: Fate) -> Chaos {
        let (inner, calls) = (Arc::clone(&self.simulated), Arc::clone(&self.calls));
        Chaos { inner, fate, remembers_keys: self.terms.remembers_keys, calls }
    }

    pub(super) async fn act(&mut self, op: Op) {
        match op {
            Op::Pay { payment, attempt, means } => self.pay(payment, attempt, means).await,
            Op::Work { payment, fate, crash } => {
                self.work(payment, fate, crash).await;
            }
            Op::Settle => {
                self.settle().await;
            }
            Op::Mail { which, again } => {
                self.read_mail(which, again);
            }
            Op::Look { payment, fate } => self.look(payment, fate).await,
            Op::Return { which, fate } => {
                self.give_back(which, fate).await;
            }
            Op::Retry { payment } => self.retry(payment),
            Op::Wait { minutes } => self.wait(TimeDelta::minutes(minutes)),
            Op::Cancel => self.cancel(),
            Op::Room { room } => self.room = room,
        }
        while let Ok(delivery) = self.deliveries.try_recv() {
            let now = self.now();
            let read = self.simulated.read_webhook(&delivery.headers, &delivery.body, now).await;
            self.mail.push(read.unwrap());
        }
    }

    fn pick(&self, payment: usize) -> usize {
        payment % self.payments.len()
    }

    async fn pay(&mut self, payment: usize, attempt: usize, means: u8) {
        let (_, payment) = &self.payments[self.pick(payment)];
        let known: Vec<_> =
            payment.attempts().filter_map(|attempt| attempt.reference.clone()).collect();
        let Some(reference) = known.get(attempt % known.len().max(1)) else { return };
        let reference = ChargeReference::try_new(reference.as_str()).unwrap();
        let means = match means % 8 {
            0 | 1 => Means::Decline,
            2 => Means::InsufficientFunds,
            3 => Means::Twice,
            _ => Means::Success,
        };
        // a provider does not take money for what was called off
        let _ = self.simulated.confirm(&reference, means).await;
    }

    /// Whether anything was to be done.
    async fn work(&mut self, payment: usize, fate: Fate, crash: bool) -> bool {
        let place = self.pick(payment);
        let (id, payment) = self.payments[place].clone();
        let Some(task) = payment.tasks().into_iter().next() else { return false };
        let key = key_of(id, &payment, &task);
        let in_doubt = !self.begun.insert(key.clone());
        let gateway = self.gateway(fate);
        let asking =
            Asking { gateway: &gateway, id, payment: &payment, booking: self.id, return_url: None };
        let asked = asking.ask(task, &provider_key(&key, 1).unwrap(), in_doubt).await.unwrap();
        if !crash
            && let Outcome::Told(told) = asked
            && self.record(place, told)
        {
            self.begun.remove(&key);
        }
        true
    }

    /// Records what a provider says, as it would be written to the log. Whether any of it was news.
    fn record(&mut self, place: usize, told: Told) -> bool {
        let at = self.now();
        let mut news = !told.strays.is_empty();
        self.strays.extend(told.strays.into_iter().map(|stray| (place, stray.to_string())));
        for fact in told.facts {
            let payment = &mut self.payments[place].1;
            match payment.decide(Command::Record { fact: fact.clone(), at }) {
                Ok(events) => {
                    news |= !events.is_empty();
                    for event in &events {
                        payment.evolve(event);
                    }
                }
                Err(refusal) => match facts::stray_of(payment, &fact, &refusal) {
                    Some(stray) => {
                        self.strays.insert((place, stray.to_string()));
                        return true;
                    }
                    None => panic!("the provider says what cannot be: {fact:?}: {refusal}"),
                },
            }
        }
        news
    }

    /// Does what is due next, all of it or nothing. Whether there was anything.
    async fn settle(&mut self) -> bool {
        let steps = self.steps(checkout::next_steps);
        if steps.as_slice() != [Step::Confirm] {
            self.carry_out(&steps);
            return !steps.is_empty();
        }
        let (at, mut confirmed) = (self.now(), self.booking.clone());
        let is_held = self.booking.status() == Status::Held
            && self.booking.until().is_some_and(|until| at < until);
        if is_held || self.room {
            for event in confirmed.decide(booking::Command::ConfirmLate { at }).unwrap() {
                confirmed.evolve(&event);
            }
            self.booking = confirmed;
            self.kept_unpaid |= !self.is_paid().await;
            let steps = self.steps(checkout::next_steps);
            self.carry_out(&steps);
        } else {
            let steps = self.steps(|booking, payments, _| checkout::abandon(booking, payments));
            self.carry_out(&steps);
        }
        true
    }

    fn steps(
        &self,
        next: impl Fn(
            &Booking,
            &checkout::Payments<'_>,
            Timestamp,
        ) -> Result<Vec<Step>, daybook_domain::values::MoneyError>,
    ) -> Vec<Step> {
        let payments: Vec<_> = self.payments.iter().map(|(id, payment)| (*id, payment)).collect();
        next(&self.booking, &payments, self.now()).unwrap()
    }

    fn carry_out(&mut self, steps: &[Step]) {
        let at = self.now();
        for step in steps {
            let (id, command) = match *step {
                Step::Confirm => panic!("one thing at a time"),
                Step::Capture { payment, amount } => {
                    let (amount, rest) = (Some(amount), Rest::Released);
                    (payment, Command::Capture { amount, rest, at })
                }
                Step::Void { payment } => (payment, Command::Void { at }),
                Step::Refund { payment, before, amount } => {
                    let number = payment.as_uuid().as_u128() + 1_000 * (before as u128 + 1);
                    let refund = RefundId::from_uuid(Uuid::from_u128(number));
                    let (amount, reason) = (Some(amount), None);
                    (payment, Command::Refund { refund, amount, reason, at })
                }
            };
            let (_, payment) = self.payments.iter_mut().find(|(known, _)| *known == id).unwrap();
            let events = payment.decide(command.clone());
            let events = events.unwrap_or_else(|refusal| panic!("{command:?}: {refusal}"));
            for event in &events {
                payment.evolve(event);
            }
        }
    }

    /// Reads any webhook that is on its way.
    fn read_mail(&mut self, which: usize, again: bool) -> bool {
        if self.mail.is_empty() {
            return false;
        }
        let which = which % self.mail.len();
        let told = if again { self.mail[which].clone() } else { self.mail.swap_remove(which) };
        let place = self.payments.iter().position(|(id, payment)| match &told.kind {
            daybook_gateways::Kind::Charge(charge) => {
                charge.payment.as_ref().is_some_and(|known| known.as_str() == id.to_string())
            }
            daybook_gateways::Kind::Refund(refund) => {
                let known = payment.reference().map(ToString::to_string);
                known.is_some() && refund.charge.as_ref().map(ToString::to_string) == known
            }
            _ => false,
        });
        if let Some(place) = place {
            let facts = facts::of_notification(&self.payments[place].1, &told.kind);
            self.record(place, facts);
        }
        true
    }

    async fn look(&mut self, payment: usize, fate: Fate) {
        let place = self.pick(payment);
        let (_, payment) = &self.payments[place];
        let Some(reference) = payment.reference() else { return };
        let reference = ChargeReference::try_new(reference.as_str()).unwrap();
        if let Ok(standing) = self.gateway(fate).look(&reference).await {
            let told = facts::of_charge(payment, &standing);
            self.record(place, told);
        }
    }

    async fn give_back(&mut self, which: usize, fate: Fate) -> bool {
        let Some((place, reference)) =
            self.strays.iter().nth(which % self.strays.len().max(1)).cloned()
        else {
            return false;
        };
        let id = self.payments[place].0;
        let key = provider_key(&format!("return-{reference}"), 1).unwrap();
        let charge = ChargeReference::try_new(reference.clone()).unwrap();
        let left = asking::give_back(&self.gateway(fate), id, charge, &key).await.unwrap();
        if left.is_none() {
            self.strays.remove(&(place, reference));
        }
        true
    }

    fn retry(&mut self, payment: usize) {
        let (place, at) = (self.pick(payment), self.now());
        let payment = &mut self.payments[place].1;
        if self.booking.check_payable(at).is_err() {
            return;
        }
        let Some(attempt) = payment.attempt().and_then(payment::AttemptNumber::next) else {
            return;
        };
        if let Ok(events) = payment.decide(Command::Retry { attempt, at }) {
            for event in &events {
                payment.evolve(event);
            }
        }
    }

    fn wait(&mut self, time: TimeDelta) {
        *self.clock.lock() += time;
        let at = self.now();
        if let Ok(events) = self.booking.decide(booking::Command::Lapse { at }) {
            for event in &events {
                self.booking.evolve(event);
            }
        }
    }

    fn cancel(&mut self) {
        let (nothing, at) = (Money::zero(self.booking.total().unwrap().currency()), self.now());
        let mut paid = Paid { taken: nothing, returned: nothing };
        for (_, payment) in &self.payments {
            let (taken, left) = payment.captured().zip(payment.left()).unwrap();
            paid.taken = paid.taken.try_add(taken).unwrap();
            paid.returned = paid.returned.try_add(taken.try_sub(left).unwrap()).unwrap();
        }
        let terms = CancelTerms { paid: Some(paid), quote: None };
        let command = booking::Command::Cancel { reason: None, terms, at };
        if let Ok(events) = self.booking.decide(command) {
            for event in &events {
                self.booking.evolve(event);
            }
        }
    }

    /// Everything arrives, nothing breaks any more, and nobody does anything new.
    pub(super) async fn come_to_rest(&mut self) {
        self.wait(TimeDelta::hours(1));
        for _ in 0..300 {
            let mut moved = self.settle().await;
            for payment in 0..self.payments.len() {
                moved |= self.work(payment, Fate::Fine, false).await;
            }
            moved |= self.give_back(0, Fate::Fine).await;
            moved |= !self.mail.is_empty();
            self.act(Op::Mail { which: 0, again: false }).await;
            moved |= !self.mail.is_empty();
            if !moved {
                return;
            }
        }
        panic!("it never comes to rest: {:#?} {:#?}", self.booking, self.payments);
    }

    async fn books(&self) -> Vec<Entry> {
        let (from, until) = (now() - TimeDelta::days(1), now() + TimeDelta::days(9));
        self.simulated.list(Period::try_new(from, until).unwrap()).await.unwrap()
    }

    /// Whether the provider has, or promises, enough for the booking to be kept.
    async fn is_paid(&self) -> bool {
        let books = Books::of(&self.books().await, self.terms.currency);
        let taken: u64 = books.charges.values().map(|[taken, back]| taken - back).sum();
        let promised: u64 = books.promised.values().sum();
        taken + promised >= self.booking.due_to_confirm().unwrap().unwrap().minor()
    }

    /// What holds at any time.
    pub(super) async fn check_always(&self) -> Result<(), TestCaseError> {
        prop_assert!(!self.kept_unpaid, "the booking was kept without money");
        let mut refunds: BTreeMap<String, usize> = BTreeMap::new();
        for entry in self.books().await {
            if let (Moved::Refund(_), Some(ours)) = (&entry.moved, &entry.ours)
                && !ours.as_str().starts_with(facts::STRAY)
            {
                *refunds.entry(ours.to_string()).or_default() += 1;
            }
        }
        let twice = refunds.iter().find(|(_, times)| **times > 1);
        prop_assert!(twice.is_none(), "given back twice: {twice:?}");
        Ok(())
    }

    /// What holds once everything has arrived.
    pub(super) async fn check_at_rest(&self) -> Result<(), TestCaseError> {
        let books = Books::of(&self.books().await, self.terms.currency);
        prop_assert_eq!(&books.promised, &BTreeMap::new(), "promised for nothing");
        for (_, payment) in &self.payments {
            prop_assert!(payment.tasks().is_empty());
            let Some(reference) = payment.reference() else { continue };
            let [taken, back] = books.charges.get(reference.as_str()).copied().unwrap_or_default();
            if payment.status() == payment::Status::Voided {
                prop_assert_eq!(taken, back, "{} was paid after all, and went back", reference);
                continue;
            }
            prop_assert_eq!(payment.captured().unwrap().minor(), taken, "{} is taken", reference);
            prop_assert_eq!(payment.refunded().unwrap().minor(), back, "{} is back", reference);
        }
        let net: u64 = books.charges.values().map(|[taken, back]| taken - back).sum();
        let total = self.terms.price;
        match self.booking.status() {
            Status::Confirmed => {
                let due = self.booking.due_to_confirm().unwrap().unwrap().minor();
                prop_assert!((due..=total).contains(&net), "{net} for {due} of {total}");
            }
            Status::Lapsed => prop_assert_eq!(net, 0),
            Status::Cancelled => {
                let keeps = self.booking.keeps().unwrap().unwrap().minor();
                prop_assert!(net <= keeps, "{net} is kept, but no more than {keeps} may be");
            }
            other => prop_assert!(false, "{other:?} is no end"),
        }
        Ok(())
    }
}

/// What the provider says it has.
struct Books {
    /// What was taken in each charge, and given back.
    charges: BTreeMap<String, [u64; 2]>,
    promised: BTreeMap<String, u64>,
}

impl Books {
    fn of(entries: &[Entry], currency: &str) -> Self {
        let mut books = Self { charges: BTreeMap::new(), promised: BTreeMap::new() };
        let ours = Currency::try_new(currency).unwrap();
        for entry in entries {
            assert_eq!(entry.amount.currency(), ours);
            let charge = entry.charge.as_ref().unwrap().to_string();
            let sums = books.charges.entry(charge.clone()).or_default();
            match &entry.moved {
                Moved::Charge(Progress::Captured { amount }) => sums[0] += amount.minor(),
                Moved::Charge(Progress::Authorized { amount }) => {
                    books.promised.insert(charge, amount.minor());
                }
                Moved::Refund(RefundProgress::Succeeded) => sums[1] += entry.amount.minor(),
                Moved::Charge(_) | Moved::Refund(_) => {}
            }
        }
        books
    }
}

/// A time of somebody's, held for half an hour, under a policy.
fn held(terms: Terms) -> booking::Event {
    let money = json!({"minor": terms.price, "currency": terms.currency});
    let deposit =
        terms.deposit.map(|percent| json!({"percent": percent, "balance_days_before": 7}));
    let line = json!({
        "resource": uuid(2),
        "time": {"start": "2031-06-01T09:00:00Z", "end": "2031-06-01T10:00:00Z", "after": 0},
        "quantity": 1, "occupies": 1, "price": money, "total": money,
        "zone": "Europe/Lisbon", "listing": uuid(3),
    });
    let mut held = json!({
        "listing": uuid(3), "customer": uuid(4), "zone": "Europe/Lisbon", "lines": [line],
        "party": {"adults": 1, "children": 0, "babies": 0}, "dimensions": {},
        "total": money, "policy": {"tiers": [{"fee": {"percent": terms.fee}}]},
    });
    if let Some(deposit) = deposit {
        held["deposit"] = deposit;
    }
    let event = json!({"held": {"terms": held, "until": "2031-05-01T10:30:00Z", "at": now()}});
    serde_json::from_value(event).unwrap()
}
