//! What is recorded of what a provider says, which may come late, twice or out of order.
//!
//! Within an attempt the phases have an order, and so have totals and refunds: what lies behind what is known is old
//! news and records nothing. What cannot be true beside it is refused, however sure the provider is, and so cannot move
//! an amount beyond another.

use super::account::{Account, End, Pending};
use super::refund::minus;
use super::{
    Attempt, AttemptNumber, DisputeStatus, Event, Fact, Phase, Refund, RefundStatus, Refusal, Rest,
};
use crate::values::{Money, ProviderReference, RefundId, Timestamp};

impl Account {
    pub(super) fn record(&self, fact: Fact, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.check_online()?;
        let event = match fact {
            Fact::Started { attempt, reference } => self.started(attempt, reference, at)?,
            Fact::Declined { attempt, failure } => {
                let open = self.is_last(attempt)? && self.attempt.phase == Phase::Open;
                let alive = self.end.is_none();
                (open && alive).then_some(Event::Declined { attempt, failure, at })
            }
            Fact::Authorized { attempt, amount, reference, expires_at } => {
                let news = self.authorized(attempt, amount)?;
                let amount = Some(amount);
                news.then_some(Event::Authorized { amount, reference, expires_at, at })
            }
            Fact::Expired { attempt } => {
                let last = self.is_last(attempt)? && self.end.is_none();
                let news = last && self.attempt.phase < Phase::Expired;
                news.then_some(Event::Expired { at })
            }
            Fact::Captured { attempt, total, rest, reference } => {
                self.captured(attempt, total, rest, reference, at)?
            }
            Fact::CaptureFailed { number, failure } => {
                if number > self.asked {
                    return Err(Refusal::UnknownCapture { number });
                }
                let pending =
                    matches!(self.pending, Some(Pending::Capture { number: n, .. }) if n == number);
                pending.then_some(Event::CaptureFailed { number, failure, at })
            }
            Fact::Voided { attempt } => self.voided(attempt, at)?,
            Fact::Refunded { refund, amount, reference } => {
                self.refunded(refund, amount, reference, at)?
            }
            Fact::RefundFailed { refund, failure } => {
                let known = self.refund(refund).ok_or(Refusal::UnknownRefund)?;
                let news = known.status != RefundStatus::Failed;
                news.then_some(Event::RefundFailed { refund, failure, at })
            }
            Fact::DisputeOpened { dispute, amount } => self.dispute_opened(dispute, amount, at)?,
            Fact::DisputeWon { dispute } => self.dispute_won(dispute, at)?,
            Fact::DisputeLost { dispute, amount } => self.dispute_lost(dispute, amount, at)?,
            Fact::Fee { total } => self.fee_charged(total, at)?,
        };
        Ok(event.into_iter().collect())
    }

    /// Whether an attempt is the last one; refuses one that was never begun.
    fn is_last(&self, attempt: AttemptNumber) -> Result<bool, Refusal> {
        let last = self.number();
        if attempt > last { Err(Refusal::UnknownAttempt { attempt }) } else { Ok(attempt == last) }
    }

    fn started(
        &self,
        attempt: AttemptNumber,
        reference: ProviderReference,
        at: Timestamp,
    ) -> Result<Option<Event>, Refusal> {
        let known = if self.is_last(attempt)? {
            Some(&self.attempt)
        } else {
            self.earlier.get(attempt.others())
        };
        match known.and_then(|attempt| attempt.reference.as_ref()) {
            Some(known) if *known == reference => Ok(None),
            Some(_) => Err(Refusal::OtherReference),
            None => Ok(Some(Event::Started { attempt, reference, at })),
        }
    }

    /// Whether it is news that so much was promised.
    fn authorized(&self, attempt: AttemptNumber, amount: Money) -> Result<bool, Refusal> {
        self.check(amount)?;
        let requested = self.requested;
        if amount.minor() > requested.minor() {
            return Err(Refusal::AuthorizationExceedsRequested { requested });
        }
        if !self.is_last(attempt)? {
            let promised = |attempt: &Attempt| attempt.phase > Phase::Declined;
            let old = self.earlier.get(attempt.others()).is_some_and(promised);
            return if old { Ok(false) } else { Err(Refusal::AttemptOver { attempt }) };
        }
        match (self.attempt.phase, self.end) {
            (Phase::Expired | Phase::Closed, _) | (Phase::Authorized, Some(_)) => Ok(false),
            (Phase::Open | Phase::Declined, Some(End::Voided)) => Err(Refusal::Voided),
            (Phase::Open | Phase::Declined, Some(End::Failed) | None) => Ok(true),
            (Phase::Authorized, None) => {
                let more = |known: Money| amount.minor() > known.minor();
                let fits = amount.minor() >= self.captured.minor();
                Ok(fits && self.authorized.is_none_or(more))
            }
        }
    }

    fn captured(
        &self,
        attempt: AttemptNumber,
        total: Money,
        rest: Rest,
        reference: Option<ProviderReference>,
        at: Timestamp,
    ) -> Result<Option<Event>, Refusal> {
        self.check(total)?;
        if !self.is_last(attempt)? {
            return Err(Refusal::AttemptOver { attempt }); // nothing was taken in it, or there were no other
        }
        if self.end == Some(End::Voided) {
            return Err(Refusal::Voided);
        }
        let known = self.captured;
        if total.minor() <= known.minor() {
            let open = self.attempt.phase == Phase::Authorized;
            let ends = total == known && open && rest.is_released();
            return Ok(ends.then_some(Event::Released { at }));
        }
        if self.attempt.phase == Phase::Closed {
            return Err(Refusal::AlreadyCaptured { amount: known });
        }
        match self.authorized {
            Some(authorized) if total.minor() > authorized.minor() => {
                return Err(Refusal::CaptureExceedsAuthorized { authorized });
            }
            None if total.minor() > self.requested.minor() => {
                return Err(Refusal::CaptureExceedsRequested { requested: self.requested });
            }
            Some(_) | None => {}
        }
        let rest = if total == self.requested { Rest::Released } else { rest };
        let amount = minus(total, known);
        Ok(Some(Event::Captured { amount, rest, reference, at }))
    }

    fn voided(&self, attempt: AttemptNumber, at: Timestamp) -> Result<Option<Event>, Refusal> {
        let old = !self.is_last(attempt)? || self.end.is_some();
        let asked = self.pending == Some(Pending::Void);
        Ok(match self.attempt.phase {
            _ if old => None,
            Phase::Closed => None,
            Phase::Expired => asked.then(|| self.let_go(at)),
            Phase::Open | Phase::Declined | Phase::Authorized => Some(self.let_go(at)),
        })
    }

    fn refunded(
        &self,
        refund: RefundId,
        amount: Money,
        reference: Option<ProviderReference>,
        at: Timestamp,
    ) -> Result<Option<Event>, Refusal> {
        self.check(amount)?;
        let reason = match self.refund(refund) {
            Some(Refund { amount: known, .. }) if *known != amount => {
                return Err(Refusal::RefundDiffers { amount: *known });
            }
            Some(Refund { status: RefundStatus::Completed | RefundStatus::Failed, .. }) => {
                return Ok(None);
            }
            Some(Refund { status: RefundStatus::Requested, reason, .. }) => reason.clone(),
            None if self.captured.is_zero() => return Err(Refusal::NotCaptured),
            None if amount.minor() > self.left().minor() => {
                return Err(Refusal::RefundExceedsCaptured { left: self.left() });
            }
            None => None,
        };
        let refund = Some(refund);
        Ok(Some(Event::Refunded { refund, amount, reason, reference, at }))
    }

    fn dispute_opened(
        &self,
        dispute: ProviderReference,
        amount: Money,
        at: Timestamp,
    ) -> Result<Option<Event>, Refusal> {
        self.check(amount)?;
        if let Some(known) = self.dispute(&dispute) {
            return match known.amount.filter(|known| *known != amount) {
                Some(amount) if known.status == DisputeStatus::Open => {
                    Err(Refusal::DisputeDiffers { amount })
                }
                Some(_) | None => Ok(None),
            };
        }
        let captured = self.captured;
        if captured.is_zero() {
            return Err(Refusal::NotCaptured);
        }
        if amount.minor() > captured.minor() {
            return Err(Refusal::DisputeExceedsCaptured { captured });
        }
        Ok(Some(Event::DisputeOpened { dispute, amount, at }))
    }

    fn dispute_won(
        &self,
        dispute: ProviderReference,
        at: Timestamp,
    ) -> Result<Option<Event>, Refusal> {
        match self.dispute(&dispute).map(|dispute| dispute.status) {
            Some(DisputeStatus::Won) => Ok(None),
            Some(DisputeStatus::Lost) => Err(Refusal::DisputeEnded),
            None if self.captured.is_zero() => Err(Refusal::NotCaptured),
            Some(DisputeStatus::Open) | None => Ok(Some(Event::DisputeWon { dispute, at })),
        }
    }

    fn dispute_lost(
        &self,
        dispute: ProviderReference,
        amount: Money,
        at: Timestamp,
    ) -> Result<Option<Event>, Refusal> {
        self.check(amount)?;
        if self.captured.is_zero() {
            return Err(Refusal::NotCaptured);
        }
        if let Some(known) = self.dispute(&dispute) {
            let about = known.amount.unwrap_or(self.captured);
            match known.status {
                DisputeStatus::Won => return Err(Refusal::DisputeEnded),
                DisputeStatus::Lost if about == amount => return Ok(None),
                DisputeStatus::Open if amount.minor() <= about.minor() => {}
                DisputeStatus::Lost | DisputeStatus::Open => {
                    return Err(Refusal::DisputeDiffers { amount: about });
                }
            }
        }
        let left = self.left();
        if amount.minor() > left.minor() {
            return Err(Refusal::LossExceedsCaptured { left });
        }
        Ok(Some(Event::DisputeLost { dispute, amount, at }))
    }

    /// A provider charges for what it moved, so that there is no fee before anything was taken; one that is told as less
    /// than before is old news.
    fn fee_charged(&self, total: Money, at: Timestamp) -> Result<Option<Event>, Refusal> {
        if total.currency() != self.requested.currency() {
            return Err(Refusal::CurrencyMismatch);
        }
        if total.minor() <= self.fees.minor() {
            return Ok(None);
        }
        if self.captured.is_zero() {
            return Err(Refusal::NotCaptured);
        }
        Ok(Some(Event::FeeCharged { amount: minus(total, self.fees), at }))
    }
}
