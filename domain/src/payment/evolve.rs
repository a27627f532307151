//! How events change what is known of a payment. Total: whatever was stored can be replayed.

use super::account::{Account, Capture, End, Pending};
use super::refund::{minus, plus};
use super::{
    Attempt, AttemptNumber, Dispute, DisputeStatus, Event, Failure, FailureCode, Phase, Refund,
    RefundStatus, Rest,
};
use crate::values::{Money, ProviderReference, RefundId, Timestamp};

impl Account {
    /// Folds one event into what is known.
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::Requested { .. } => {}
            Event::Started { attempt, reference, at: _ } => self.start(*attempt, reference),
            Event::Declined { attempt: _, failure, at: _ } => {
                self.attempt.phase = Phase::Declined;
                self.attempt.failure = Some(failure.clone());
            }
            Event::Retried { attempt: _, at: _ } => {
                self.earlier.push(std::mem::take(&mut self.attempt));
                (self.authorized, self.expires_at) = (None, None);
            }
            Event::Authorized { amount, reference, expires_at, at: _ } => {
                self.authorized = Some(amount.unwrap_or(self.requested));
                self.expires_at = *expires_at;
                self.attempt.authorization.clone_from(reference);
                self.come_to(Phase::Authorized);
            }
            Event::Expired { at: _ } => self.expire(),
            Event::CaptureRequested { number, amount, rest, at: _ } => {
                let (number, amount, rest) = (*number, *amount, *rest);
                let total = plus(self.captured, amount);
                self.asked = number;
                self.pending = Some(Pending::Capture { number, amount, total, rest });
            }
            Event::CaptureFailed { number: _, failure: _, at: _ } => self.pending = None,
            Event::Captured { amount, rest, reference, at: _ } => {
                self.take(Capture { amount: *amount, reference: reference.clone() }, *rest);
            }
            Event::Released { at: _ } => {
                (self.attempt.phase, self.pending) = (Phase::Closed, None);
            }
            Event::RefundRequested { refund, amount, reason, at } => {
                self.reserved = plus(self.reserved, *amount);
                let refund = Refund::new(Some(*refund), *amount, reason.clone(), *at);
                self.refunds.push(refund);
            }
            Event::Refunded { refund, amount, reason, reference, at } => {
                let told = Refund::new(*refund, *amount, reason.clone(), *at);
                self.give_back(told, reference.as_ref());
            }
            Event::RefundFailed { refund, failure, at: _ } => self.keep(*refund, failure),
            Event::DisputeOpened { dispute, amount, at } => {
                self.settle(dispute, Some(*amount), DisputeStatus::Open, *at);
            }
            Event::DisputeWon { dispute, at } => {
                self.settle(dispute, None, DisputeStatus::Won, *at);
            }
            Event::DisputeLost { dispute, amount, at } => {
                self.lost = plus(self.lost, *amount);
                self.settle(dispute, Some(*amount), DisputeStatus::Lost, *at);
            }
            Event::FeeCharged { amount, at: _ } => self.fees = plus(self.fees, *amount),
            Event::VoidRequested { at: _ } => self.pending = Some(Pending::Void),
            Event::Voided { at: _ } => (self.end, self.pending) = (Some(End::Voided), None),
            Event::Failed { code, reason, at: _ } => {
                (self.end, self.pending) = (Some(End::Failed), None);
                self.failure = Some(Failure { code: *code, reason: reason.clone() });
            }
        }
    }

    fn start(&mut self, number: AttemptNumber, reference: &ProviderReference) {
        let others = number.others();
        let attempt = if others == self.earlier.len() {
            Some(&mut self.attempt)
        } else {
            self.earlier.get_mut(others)
        };
        if let Some(Attempt { reference: known, .. }) = attempt {
            *known = Some(reference.clone());
        }
    }

    /// Something came of the last attempt, even if the payment had been given up.
    fn come_to(&mut self, phase: Phase) {
        self.attempt.phase = phase;
        self.attempt.failure = None;
        (self.end, self.failure) = (None, None);
    }

    fn expire(&mut self) {
        self.attempt.phase = Phase::Expired;
        if self.captured.is_zero() {
            self.attempt.failure = Some(FailureCode::Expired.into());
        }
        // whoever wanted it called off still does, unless there is only a rest that is gone now
        if self.pending != Some(Pending::Void) || !self.captured.is_zero() {
            self.pending = None;
        }
    }

    fn take(&mut self, capture: Capture, rest: Rest) {
        self.captured = plus(self.captured, capture.amount);
        self.captures.push(capture);
        let done = match self.pending {
            Some(Pending::Capture { total, .. }) => self.captured.minor() >= total.minor(),
            Some(Pending::Void) | None => false,
        };
        if done || rest.is_released() {
            self.pending = None;
        }
        self.come_to(if rest.is_released() { Phase::Closed } else { Phase::Authorized });
    }

    fn give_back(&mut self, told: Refund, reference: Option<&ProviderReference>) {
        self.refunded = plus(self.refunded, told.amount);
        let asked = told.id.and_then(|id| self.refunds.iter().position(|r| r.id == Some(id)));
        let place = if let Some(asked) = asked {
            self.reserved = minus(self.reserved, told.amount);
            asked
        } else {
            self.refunds.push(told);
            self.refunds.len() - 1
        };
        self.refunds[place].status = RefundStatus::Completed;
        self.refunds[place].reference = reference.cloned();
    }

    fn keep(&mut self, id: RefundId, failure: &Failure) {
        let Some(refund) = self.refunds.iter_mut().find(|refund| refund.id == Some(id)) else {
            return;
        };
        match refund.status {
            RefundStatus::Requested => self.reserved = minus(self.reserved, refund.amount),
            RefundStatus::Completed => self.refunded = minus(self.refunded, refund.amount),
            RefundStatus::Failed => {}
        }
        refund.status = RefundStatus::Failed;
        refund.failure = Some(failure.clone());
    }

    fn settle(
        &mut self,
        reference: &ProviderReference,
        amount: Option<Money>,
        status: DisputeStatus,
        at: Timestamp,
    ) {
        let known = self.disputes.iter_mut().find(|dispute| dispute.reference == *reference);
        if let Some(dispute) = known {
            dispute.amount = amount.or(dispute.amount);
            dispute.status = status;
        } else {
            self.disputes.push(Dispute { reference: reference.clone(), amount, status, at });
        }
    }
}
