//! What is answered to staff, and to whoever drives a payment.

use super::account::{Account, Pending};
use super::refund::minus;
use super::{AttemptNumber, Command, Event, Failure, Phase, Refusal, Rest};
use crate::values::{Money, Reason, RefundId, Timestamp};

/// Asks for money.
pub(super) fn request(command: &Command) -> Result<Vec<Event>, Refusal> {
    let Command::Request { booking, amount, method, provider, purpose, capture, at } = *command
    else {
        return Err(Refusal::NotFound);
    };
    if amount.is_zero() {
        return Err(Refusal::ZeroAmount);
    }
    if method.is_online() != provider.is_some() {
        return Err(Refusal::ProviderMismatch);
    }
    Ok(vec![Event::Requested { booking, amount, method, provider, purpose, capture, at }])
}

impl Account {
    pub(super) fn retry(
        &self,
        attempt: AttemptNumber,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        self.check_online()?;
        let last = self.number();
        if attempt <= last {
            return Ok(Vec::new()); // it was begun before
        }
        self.check_alive()?;
        if self.pending == Some(Pending::Void) {
            return Err(Refusal::BeingVoided);
        }
        match self.attempt.phase {
            Phase::Open | Phase::Authorized => return Err(Refusal::AttemptOpen),
            Phase::Declined | Phase::Expired | Phase::Closed => {}
        }
        if !self.captured.is_zero() {
            return Err(Refusal::AlreadyCaptured { amount: self.captured });
        }
        if last.next() != Some(attempt) {
            return Err(Refusal::UnknownAttempt { attempt });
        }
        Ok(vec![Event::Retried { attempt, at }])
    }

    pub(super) fn authorize(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        if self.method.is_online() {
            return Err(Refusal::ByProvider);
        }
        self.check_alive()?;
        if !self.captured.is_zero() || self.attempt.phase == Phase::Authorized {
            return Ok(Vec::new()); // has been authorized or needs it no more
        }
        let all = Event::Authorized { amount: None, reference: None, expires_at: None, at };
        Ok(vec![all])
    }

    pub(super) fn capture(
        &self,
        amount: Option<Money>,
        rest: Rest,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        self.check_alive()?;
        let (captured, ceiling) = (self.captured, self.ceiling());
        if self.attempt.phase == Phase::Closed || !captured.is_zero() && self.capturable().is_zero()
        {
            return match amount.filter(|amount| *amount != captured) {
                None => Ok(Vec::new()), // a repeat is not a new fact
                Some(_) => Err(Refusal::AlreadyCaptured { amount: captured }),
            };
        }
        let left = minus(ceiling, captured);
        let amount = amount.unwrap_or(left);
        self.check(amount)?;
        // nothing is kept of what is taken to the last
        let rest = if amount == left { Rest::Released } else { rest };
        if self.method.is_online() {
            return self.ask_capture(amount, rest, at);
        }
        if amount.minor() > left.minor() {
            return Err(Refusal::CaptureExceedsRequested { requested: ceiling });
        }
        Ok(vec![Event::Captured { amount, rest, reference: None, at }])
    }

    /// Asks the provider to take some of what it holds: one thing at a time.
    fn ask_capture(&self, amount: Money, rest: Rest, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        if self.attempt.phase != Phase::Authorized {
            return Err(Refusal::NotAuthorized);
        }
        match self.pending {
            None => {}
            Some(Pending::Void) => return Err(Refusal::BeingVoided),
            Some(Pending::Capture { amount: asked, rest: kept, .. }) => {
                let same = (asked, kept) == (amount, rest);
                return if same { Ok(Vec::new()) } else { Err(Refusal::CaptureInProgress) };
            }
        }
        if let Some(ended) = self.expires_at.filter(|end| *end <= at) {
            return Err(Refusal::AuthorizationExpired { at: ended });
        }
        let authorized = self.ceiling();
        if amount.minor() > minus(authorized, self.captured).minor() {
            return Err(Refusal::CaptureExceedsAuthorized { authorized });
        }
        let number = self.asked.saturating_add(1);
        Ok(vec![Event::CaptureRequested { number, amount, rest, at }])
    }

    pub(super) fn end_promise(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        self.check_online()?;
        if self.end.is_some() {
            return Ok(Vec::new());
        }
        match self.attempt.phase {
            Phase::Open | Phase::Declined => Err(Refusal::NotAuthorized),
            Phase::Expired | Phase::Closed => Ok(Vec::new()),
            Phase::Authorized if self.expires_at.is_none_or(|end| at < end) => {
                Err(Refusal::NotExpired)
            }
            // whether that was in time is for the provider to say
            Phase::Authorized if matches!(self.pending, Some(Pending::Capture { .. })) => {
                Err(Refusal::CaptureInProgress)
            }
            Phase::Authorized => Ok(vec![Event::Expired { at }]),
        }
    }

    pub(super) fn give_some_back(
        &self,
        refund: RefundId,
        amount: Option<Money>,
        reason: Option<Reason>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        if self.captured.is_zero() {
            self.check_alive()?;
            return Err(Refusal::NotCaptured);
        }
        if let Some(known) = self.refund(refund) {
            let same = amount.is_none_or(|amount| amount == known.amount);
            let differs = Refusal::RefundDiffers { amount: known.amount };
            return if same { Ok(Vec::new()) } else { Err(differs) };
        }
        let left = self.left();
        if amount.is_none() && left.is_zero() {
            return Ok(Vec::new()); // all of it was given back: a repeat is not a new fact
        }
        let amount = amount.unwrap_or(left);
        self.check(amount)?;
        if self.is_disputed() {
            return Err(Refusal::Disputed);
        }
        if amount.minor() > left.minor() {
            return Err(Refusal::RefundExceedsCaptured { left });
        }
        if self.method.is_online() {
            return Ok(vec![Event::RefundRequested { refund, amount, reason, at }]);
        }
        let refund = Some(refund);
        Ok(vec![Event::Refunded { refund, amount, reason, reference: None, at }])
    }

    pub(super) fn void(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.check_alive() {
            Ok(()) => {}
            Err(Refusal::Voided) => return Ok(Vec::new()), // a repeat is not a new fact
            Err(refusal) => return Err(refusal),
        }
        if !self.captured.is_zero() && self.attempt.phase != Phase::Authorized {
            return Err(Refusal::AlreadyCaptured { amount: self.captured });
        }
        if self.method.is_online() {
            return match (self.pending, self.attempt.phase) {
                (Some(Pending::Capture { .. }), _) => Err(Refusal::CaptureInProgress),
                (Some(Pending::Void), _) => Ok(Vec::new()),
                (None, Phase::Open | Phase::Authorized) => Ok(vec![Event::VoidRequested { at }]),
                // where one card was declined the customer may be about to try another one
                (None, Phase::Declined) if self.attempt.reference.is_some() => {
                    Ok(vec![Event::VoidRequested { at }])
                }
                (None, Phase::Declined | Phase::Expired | Phase::Closed) => {
                    Ok(vec![Event::Voided { at }]) // the provider holds nothing
                }
            };
        }
        Ok(vec![self.let_go(at)])
    }

    /// The end of what is promised: of all of it, or of the rest.
    pub(super) fn let_go(&self, at: Timestamp) -> Event {
        if self.captured.is_zero() { Event::Voided { at } } else { Event::Released { at } }
    }

    pub(super) fn give_up(&self, failure: Failure, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.check_alive() {
            Ok(()) => {}
            Err(Refusal::Failed) => return Ok(Vec::new()), // a repeat is not a new fact
            Err(refusal) => return Err(refusal),
        }
        if !self.captured.is_zero() {
            return Err(Refusal::AlreadyCaptured { amount: self.captured });
        }
        if self.method.is_online() && self.attempt.phase == Phase::Authorized {
            return Err(Refusal::Authorized); // the provider holds money, which is voided instead
        }
        let Failure { code, reason } = failure;
        Ok(vec![Event::Failed { code, reason, at }])
    }

    /// Refuses what only a provider does.
    pub(super) fn check_online(&self) -> Result<(), Refusal> {
        if self.method.is_online() { Ok(()) } else { Err(Refusal::ByHand) }
    }
}
