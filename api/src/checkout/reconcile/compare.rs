//! What a provider's books say beside what payments say. Pure.
//!
//! Only money that moved, or is promised, is compared: what nobody paid yet can stand anyhow. Amounts in different
//! currencies are told, and never added.

use std::collections::{BTreeMap, HashMap, HashSet};

use daybook_domain::{
    payment::{Fact, Payment, Phase, Refund as Back, RefundStatus},
    values::{Money, PaymentId, ProviderReference, RefundId},
};
use daybook_gateways::{
    ChargeReference, Entry, Moved, OurId, Period, Progress, RefundProgress, RefundReference,
    RefundStanding, Standing,
};

use super::{
    super::facts::{self, STRAY},
    difference::{Code, Difference, Found, Known, nobodys},
};

/// What the books say of one charge, in one currency.
struct Charge<'a> {
    reference: &'a str,
    /// Our payment, as the charge names it.
    ours: Option<PaymentId>,
    taken: Option<Money>,
    promised: Option<Money>,
    given_back: Option<Money>,
    /// Whether it was made in the period.
    is_asked_for: bool,
}

/// What some books and some payments tell differently of a period. The books may reach beyond it; lines that lie outside
/// are only looked up.
pub(super) fn compare(period: Period, books: &[Entry], known: &[Known]) -> Vec<Found> {
    let all = Comparison::new(period, books, known);
    let mut found = Vec::new();
    for charge in all.charges.values() {
        found.extend(all.charge(charge));
    }
    found.extend(known.iter().filter_map(|ours| all.missing_charge(ours)));
    for entry in books {
        if let Moved::Refund(progress) = &entry.moved {
            found.extend(all.refund(entry, progress));
        }
    }
    found.extend(known.iter().flat_map(|ours| all.missing_refunds(ours)));
    found
}

struct Comparison<'a> {
    period: Period,
    known: &'a [Known],
    by_id: HashMap<PaymentId, &'a Known>,
    by_reference: HashMap<&'a str, &'a Known>,
    charges: BTreeMap<(&'a str, &'a str), Charge<'a>>,
    /// Refunds of the books, by what they are called on either side.
    refunds: HashSet<&'a str>,
}

impl<'a> Comparison<'a> {
    fn new(period: Period, books: &'a [Entry], known: &'a [Known]) -> Self {
        let references = known.iter().flat_map(|ours| {
            let attempts = ours.payment.attempts();
            let named = attempts.filter_map(|attempt| attempt.reference.as_ref());
            named.map(move |reference| (reference.as_str(), ours))
        });
        let refunds = books.iter().filter(|entry| matches!(entry.moved, Moved::Refund(_)));
        let names = refunds.flat_map(|entry| {
            let ours = entry.ours.as_ref().map(OurId::as_str);
            [Some(entry.id.as_str()), ours].into_iter().flatten()
        });
        Self {
            period,
            known,
            by_id: known.iter().map(|ours| (ours.id, ours)).collect(),
            by_reference: references.collect(),
            charges: charges(period, books),
            refunds: names.collect(),
        }
    }

    fn owner(&self, charge: &str, ours: Option<PaymentId>) -> Option<&'a Known> {
        let named = || ours.and_then(|id| self.by_id.get(&id));
        self.by_reference.get(charge).or_else(named).copied()
    }

    fn charge(&self, charge: &Charge<'_>) -> Option<Found> {
        let reference = charge.reference;
        let Some(ours) = self.owner(reference, charge.ours) else {
            let taken = charge.taken.filter(|_| charge.is_asked_for);
            return taken
                .map(|taken| reported(nobodys(Code::ChargeUnknownHere, reference, Some(taken))));
        };
        if !charge.is_asked_for && !self.period.contains(ours.created_at) {
            return None;
        }
        let there = charge.taken.or(charge.promised)?;
        let requested = ours.payment.requested()?;
        if there.currency() != requested.currency() {
            let (here, there) = (Some(requested), Some(there));
            let difference = ours.differs(Code::CurrencyDiffers, reference);
            return Some(reported(Difference { here, there, ..difference }));
        }
        if !ours.is_last(reference) {
            return of_no_attempt(ours, charge);
        }
        match charge.taken {
            Some(taken) => captured(ours, reference, taken),
            None => promised(ours, reference, there),
        }
    }

    /// What was taken here in a charge that the books do not have.
    fn missing_charge(&self, ours: &Known) -> Option<Found> {
        let here = ours.payment.captured().filter(|captured| !captured.is_zero())?;
        let reference = ours.payment.reference()?.as_str();
        let lines = self.charges.range((reference, "")..);
        let mut lines = lines.take_while(|((name, _), _)| *name == reference);
        let has_line = lines.any(|(_, charge)| charge.taken.or(charge.promised).is_some());
        if has_line || !self.period.contains(ours.created_at) {
            return None;
        }
        let difference = ours.differs(Code::ChargeUnknownThere, reference);
        Some(doubted(Difference { here: Some(here), ..difference }, reference))
    }

    fn refund(&self, entry: &Entry, progress: &RefundProgress) -> Option<Found> {
        let asked_for = self.period.contains(entry.at);
        let ours = entry.ours.as_ref().map(OurId::as_str);
        if ours.is_some_and(|ours| ours.starts_with(STRAY)) {
            return None; // money of no attempt, given back as it should be
        }
        let named: Option<RefundId> = ours.and_then(|ours| ours.parse().ok());
        let charge = entry.charge.as_ref().map(ChargeReference::as_str);
        let by_charge = charge.and_then(|charge| self.by_reference.get(charge).copied());
        let by_refund = || {
            self.known.iter().find(|ours| named.is_some_and(|id| ours.payment.refund(id).is_some()))
        };
        let Some(owner) = by_charge.or_else(by_refund) else {
            let is_news = asked_for && *progress == RefundProgress::Succeeded;
            let told = nobodys(Code::RefundUnknownHere, entry.id.as_str(), Some(entry.amount));
            return is_news.then(|| reported(told));
        };
        if charge.is_some_and(|charge| !owner.is_last(charge)) {
            return None; // counted with the charge it was taken in
        }
        let standing = standing_of(entry, progress)?;
        let named = named.unwrap_or_else(|| facts::made_elsewhere(&standing.reference));
        let here = owner.refund(Some(named), entry.id.as_str());
        let currency = owner.payment.requested()?.currency();
        let code = if entry.amount.currency() == currency {
            differs(progress, here, entry.amount, asked_for)?
        } else {
            Code::CurrencyDiffers
        };
        let difference = Difference {
            refund_id: here.and_then(|refund| refund.id).or(Some(named)),
            here: here.map(|refund| refund.amount),
            there: Some(entry.amount),
            ..owner.differs(code, entry.id.as_str())
        };
        let healed = [Code::RefundUnknownHere, Code::RefundSucceededThere, Code::RefundFailedThere];
        let facts = if healed.contains(&code) { facts::of_refund(&standing) } else { Vec::new() };
        Some(Found { difference, facts, doubted: None })
    }

    /// What was given back here and stands in no line of the books.
    fn missing_refunds(&self, ours: &Known) -> Vec<Found> {
        let Some(charge) = ours.payment.reference().map(ProviderReference::as_str) else {
            return Vec::new();
        };
        let missing = ours.payment.refunds().iter().filter(|refund| {
            let Some(id) = refund.id else { return false };
            let called = refund.reference.as_ref().map(ProviderReference::as_str);
            refund.status == RefundStatus::Completed
                && self.period.contains(refund.at)
                && !self.refunds.contains(id.to_string().as_str())
                && !called.is_some_and(|called| self.refunds.contains(called))
        });
        let found = missing.map(|refund| {
            let called = refund.reference.as_ref().map_or(charge, ProviderReference::as_str);
            let difference = ours.differs(Code::RefundUnknownThere, called);
            let (refund_id, here) = (refund.id, Some(refund.amount));
            doubted(Difference { refund_id, here, ..difference }, charge)
        });
        found.collect()
    }
}

/// The lines of the books, by charge and currency.
fn charges(period: Period, books: &[Entry]) -> BTreeMap<(&str, &str), Charge<'_>> {
    let mut charges = BTreeMap::new();
    for entry in books {
        let reference = entry.charge.as_ref().map(ChargeReference::as_str);
        let (reference, amount) = match &entry.moved {
            Moved::Charge(Progress::Captured { amount } | Progress::Authorized { amount }) => {
                (reference.unwrap_or(entry.id.as_str()), *amount)
            }
            Moved::Refund(RefundProgress::Succeeded) => match reference {
                Some(reference) => (reference, entry.amount),
                None => continue,
            },
            Moved::Charge(_) | Moved::Refund(_) => continue,
        };
        let key = (reference, amount.currency().code());
        let charge = charges.entry(key).or_insert_with(|| Charge {
            reference,
            ours: None,
            taken: None,
            promised: None,
            given_back: None,
            is_asked_for: false,
        });
        match &entry.moved {
            Moved::Refund(_) => charge.given_back = sum(charge.given_back, amount),
            Moved::Charge(progress) => {
                charge.ours = entry.ours.as_ref().and_then(|ours| ours.as_str().parse().ok());
                charge.is_asked_for |= period.contains(entry.at);
                match progress {
                    Progress::Captured { .. } => charge.taken = sum(charge.taken, amount),
                    _ => charge.promised = sum(charge.promised, amount),
                }
            }
        }
    }
    charges
}

/// Of one currency; what nobody can count is not counted.
fn sum(before: Option<Money>, amount: Money) -> Option<Money> {
    before.map_or(Some(amount), |before| before.try_add(amount).ok())
}

fn captured(ours: &Known, reference: &str, there: Money) -> Option<Found> {
    let here = ours.payment.captured()?;
    if here == there {
        return None;
    }
    let code = match (here.is_zero(), there.is_zero()) {
        (true, _) => Code::CapturedOnlyThere,
        (_, true) => Code::CapturedOnlyHere,
        (false, false) => Code::CapturedDiffers,
    };
    let difference = ours.differs(code, reference);
    let difference = Difference { here: Some(here), there: Some(there), ..difference };
    if there.minor() < here.minor() {
        return Some(doubted(difference, reference));
    }
    let facts = told(ours, reference, Progress::Captured { amount: there });
    Some(Found { difference, facts, doubted: None })
}

/// What is promised there, where nobody was told; taken here and only promised there is another matter.
fn promised(ours: &Known, reference: &str, there: Money) -> Option<Found> {
    let here = ours.payment.captured()?;
    if !here.is_zero() {
        let difference = ours.differs(Code::CapturedOnlyHere, reference);
        return Some(doubted(Difference { here: Some(here), ..difference }, reference));
    }
    let phase = ours.payment.attempts().last()?.phase;
    let difference = ours.differs(Code::AuthorizedOnlyThere, reference);
    let difference = Difference { there: Some(there), ..difference };
    let facts = told(ours, reference, Progress::Authorized { amount: there });
    (phase <= Phase::Declined).then_some(Found { difference, facts, doubted: None })
}

/// Money of an attempt that was over when it came: as much of it as did not go back.
fn of_no_attempt(ours: &Known, charge: &Charge<'_>) -> Option<Found> {
    let taken = charge.taken?;
    let left = match charge.given_back {
        Some(back) => taken.try_sub(back).ok()?,
        None => taken,
    };
    let difference = ours.differs(Code::ChargeOfNoAttempt, charge.reference);
    (!left.is_zero()).then(|| reported(Difference { there: Some(left), ..difference }))
}

/// How what the books say of one refund differs from what is known of it.
fn differs(
    there: &RefundProgress,
    here: Option<&Back>,
    amount: Money,
    asked_for: bool,
) -> Option<Code> {
    match (there, here.map(|refund| refund.status)) {
        (RefundProgress::Succeeded, None) => asked_for.then_some(Code::RefundUnknownHere),
        (RefundProgress::Succeeded, Some(_)) if here.is_some_and(|it| it.amount != amount) => {
            Some(Code::RefundDiffers)
        }
        (RefundProgress::Succeeded, Some(RefundStatus::Requested | RefundStatus::Failed)) => {
            Some(Code::RefundSucceededThere)
        }
        (RefundProgress::Pending, _)
        | (RefundProgress::Succeeded, Some(RefundStatus::Completed))
        | (RefundProgress::Failed { .. }, None | Some(RefundStatus::Failed)) => None,
        (
            RefundProgress::Failed { .. },
            Some(RefundStatus::Requested | RefundStatus::Completed),
        ) => Some(Code::RefundFailedThere),
    }
}

/// What a line of the books tells of its refund, as a webhook would.
fn standing_of(entry: &Entry, progress: &RefundProgress) -> Option<RefundStanding> {
    Some(RefundStanding {
        reference: RefundReference::try_new(entry.id.as_str()).ok()?,
        charge: entry.charge.clone(),
        refund: entry.ours.clone(),
        amount: entry.amount,
        progress: progress.clone(),
    })
}

/// What the books tell of a charge, as a webhook would.
fn told(ours: &Known, reference: &str, progress: Progress) -> Vec<Fact> {
    let Ok(reference) = ChargeReference::try_new(reference) else { return Vec::new() };
    let Some(amount) = ours.payment.requested() else { return Vec::new() };
    let (payment, refunded, fee, for_client) = (None, None, None, None);
    let standing = Standing { reference, payment, amount, progress, refunded, fee, for_client };
    facts::of_charge(&ours.payment, &standing).facts
}

fn reported(difference: Difference) -> Found {
    Found { difference, facts: Vec::new(), doubted: None }
}

fn doubted(difference: Difference, charge: &str) -> Found {
    Found { difference, facts: Vec::new(), doubted: Some(charge.to_owned()) }
}

/// What a look at a charge leaves of a difference that was doubted.
pub(super) fn looked_at(found: Found, standing: &Standing, payment: &Payment) -> Option<Found> {
    let Found { mut difference, .. } = found;
    let there = match &standing.progress {
        Progress::Captured { amount } => Some(*amount),
        _ => None,
    };
    if difference.code == Code::RefundUnknownThere {
        let back = standing.refunded.zip(payment.refunded());
        let is_there = back.is_some_and(|(there, here)| {
            there.currency() == here.currency() && there.minor() >= here.minor()
        });
        return (!is_there).then(|| reported(difference));
    }
    difference.there = there;
    difference.code = match there {
        Some(there) if Some(there) == payment.captured() => return None,
        Some(_) => Code::CapturedDiffers,
        None => Code::CapturedOnlyHere,
    };
    Some(reported(difference))
}
