//! What a provider is asked for one payment, and what its answer means. Knows the provider, the payment and nothing else.

use anyhow::Result;
use chrono::TimeDelta;
use daybook_domain::{
    payment::{Fact, Failure, Payment, Task},
    values::{BookingId, Money, PaymentId, RefundId},
};
use daybook_gateways::{
    Charge, ChargeReference, Conflict, Gateway, GatewayError, OurId, Progress, ProviderKey, Refund,
    RefundProgress, Url,
};

use super::facts::{self, STRAY, Told};

/// What came of a call.
#[derive(Debug)]
pub(super) enum Outcome {
    /// This.
    Told(Told),
    /// The provider is at it, and will tell.
    Accepted,
    /// Nothing yet; it is worth another try.
    Later { error: String, after: Option<TimeDelta> },
    /// It will not work.
    Never(String),
}

/// Asks one provider about one payment.
pub(super) struct Asking<'a> {
    pub(super) gateway: &'a dyn Gateway,
    pub(super) id: PaymentId,
    pub(super) payment: &'a Payment,
    pub(super) booking: BookingId,
    /// Where the provider sends the customer back to.
    pub(super) return_url: Option<&'a Url>,
}

impl Asking<'_> {
    /// Asks for one thing. What was perhaps asked for before is in doubt.
    pub(super) async fn ask(
        &self,
        task: Task,
        key: &ProviderKey,
        in_doubt: bool,
    ) -> Result<Outcome> {
        match task {
            Task::Start { .. } => self.start(key).await,
            Task::Capture { number, amount } => self.capture(number, amount, key).await,
            Task::Void => self.void(key).await,
            Task::Refund { refund, amount } => self.refund(refund, amount, key, in_doubt).await,
        }
    }

    async fn start(&self, key: &ProviderKey) -> Result<Outcome> {
        let stray = match self.end_earlier(key).await? {
            Ok(stray) => stray,
            Err(outcome) => return Ok(outcome),
        };
        let (Some(amount), Some(method), Some(capture)) =
            (self.payment.requested(), self.payment.method(), self.payment.capture_mode())
        else {
            return Ok(Outcome::Never("nothing was asked for".to_owned()));
        };
        let return_url = self.return_url.cloned().map(|mut url| {
            url.query_pairs_mut().append_pair("payment_id", &self.id.to_string());
            url
        });
        let charge = Charge {
            amount,
            payment: OurId::try_new(self.id.to_string())?,
            booking: OurId::try_new(self.booking.to_string())?,
            method,
            capture,
            token: None,
            return_url,
        };
        let mut told = match self.gateway.start(&charge, key).await {
            Ok(standing) => facts::of_charge(self.payment, &standing),
            Err(GatewayError::Declined(decline)) => self.declined(facts::failure(&decline)),
            Err(error) => return Ok(failed(&error)),
        };
        told.strays.extend(stray);
        Ok(Outcome::Told(told))
    }

    /// Calls off what the customer tried before, lest it be paid as well. What was paid all the same is to be given back.
    async fn end_earlier(
        &self,
        key: &ProviderKey,
    ) -> Result<Result<Option<ChargeReference>, Outcome>> {
        let attempts: Vec<_> = self.payment.attempts().collect();
        let earlier = attempts.len().checked_sub(2).and_then(|last| attempts.get(last));
        let Some(reference) = earlier.and_then(|attempt| attempt.reference.as_ref()) else {
            return Ok(Ok(None));
        };
        let reference = ChargeReference::try_new(reference.as_str())?;
        let key = ProviderKey::try_new(format!("{key}-end"))?;
        Ok(match self.gateway.void(&reference, &key).await {
            Ok(_) | Err(GatewayError::Conflict { conflict: Conflict::AlreadyVoided, .. }) => {
                Ok(None)
            }
            Err(GatewayError::Conflict { conflict: Conflict::AlreadyCaptured, .. }) => {
                Ok(Some(reference))
            }
            Err(error) if error.is_passing() => Err(failed(&error)),
            // some cannot be called off before somebody pays; what comes of it then is given back
            Err(error) => {
                tracing::debug!(%error, %reference, "an earlier attempt could not be called off");
                Ok(None)
            }
        })
    }

    fn declined(&self, failure: Failure) -> Told {
        let attempt = self.payment.attempt();
        Told::facts(attempt.map(|attempt| Fact::Declined { attempt, failure }))
    }

    async fn capture(&self, number: u32, amount: Money, key: &ProviderKey) -> Result<Outcome> {
        let Some(reference) = self.reference()? else {
            return Ok(Outcome::Never("the provider does not know of it".to_owned()));
        };
        Ok(match self.gateway.capture(&reference, amount, key).await {
            Ok(standing) => Outcome::Told(facts::of_charge(self.payment, &standing)),
            Err(GatewayError::Declined(decline)) => {
                let failure = facts::failure(&decline);
                Outcome::Told(Told::facts([Fact::CaptureFailed { number, failure }]))
            }
            Err(GatewayError::Conflict { .. }) => self.look(&reference).await,
            Err(error) => failed(&error),
        })
    }

    async fn void(&self, key: &ProviderKey) -> Result<Outcome> {
        let Some(reference) = self.reference()? else {
            // no client was given anything to pay with, so nothing can come of whatever the provider may know
            let attempt = self.payment.attempt();
            let voided = attempt.map(|attempt| Fact::Voided { attempt });
            return Ok(Outcome::Told(Told::facts(voided)));
        };
        Ok(match self.gateway.void(&reference, key).await {
            Ok(standing) => Outcome::Told(facts::of_charge(self.payment, &standing)),
            Err(GatewayError::Conflict { .. } | GatewayError::Declined(_)) => {
                self.look(&reference).await
            }
            Err(error) => failed(&error),
        })
    }

    async fn refund(
        &self,
        refund: RefundId,
        amount: Money,
        key: &ProviderKey,
        in_doubt: bool,
    ) -> Result<Outcome> {
        let Some(charge) = self.reference()? else {
            return Ok(Outcome::Never("the provider does not know of it".to_owned()));
        };
        if in_doubt {
            match self.was_given_back(&charge, amount).await {
                Ok(true) => {
                    let done = Fact::Refunded { refund, amount, reference: None };
                    return Ok(Outcome::Told(Told::facts([done])));
                }
                Ok(false) => {}
                Err(error) => return Ok(failed(&error)),
            }
        }
        let asked = Refund { charge, amount, refund: OurId::try_new(refund.to_string())? };
        Ok(match self.gateway.refund(&asked, key).await {
            Ok(standing) if standing.progress == RefundProgress::Pending => Outcome::Accepted,
            Ok(standing) => Outcome::Told(Told::facts(facts::of_refund(&standing))),
            Err(GatewayError::Declined(decline)) => {
                let failure = facts::failure(&decline);
                Outcome::Told(Told::facts([Fact::RefundFailed { refund, failure }]))
            }
            Err(error) => failed(&error),
        })
    }

    /// Whether a refund that may have been asked for was: the provider gave back more than is known here by as much.
    /// Refunds of one payment are asked for one after the other.
    async fn was_given_back(
        &self,
        charge: &ChargeReference,
        amount: Money,
    ) -> Result<bool, GatewayError> {
        let standing = self.gateway.look(charge).await?;
        let known = self.payment.refunded().and_then(|known| known.try_add(amount).ok());
        let told = standing.refunded;
        Ok(told.zip(known).is_some_and(|(told, known)| told.minor() >= known.minor()))
    }

    async fn look(&self, reference: &ChargeReference) -> Outcome {
        match self.gateway.look(reference).await {
            Ok(standing) => Outcome::Told(facts::of_charge(self.payment, &standing)),
            Err(error) => failed(&error),
        }
    }

    fn reference(&self) -> Result<Option<ChargeReference>> {
        let reference = self.payment.reference();
        Ok(reference.map(|known| ChargeReference::try_new(known.as_str())).transpose()?)
    }
}

/// Gives back what belongs to no attempt of a payment. `None` once nothing of it is left at the provider.
pub(super) async fn give_back(
    gateway: &dyn Gateway,
    id: PaymentId,
    reference: ChargeReference,
    key: &ProviderKey,
) -> Result<Option<Outcome>> {
    let standing = match gateway.look(&reference).await {
        Ok(standing) => standing,
        Err(error) => return Ok(Some(failed(&error))),
    };
    let result = match standing.progress {
        Progress::Voided => return Ok(None),
        Progress::Captured { amount } => {
            let back = standing.refunded.unwrap_or(Money::zero(amount.currency()));
            let left = amount.try_sub(back)?;
            if left.is_zero() {
                return Ok(None);
            }
            let refund = OurId::try_new(format!("{STRAY}{id}"))?;
            let refund = Refund { charge: reference, amount: left, refund };
            gateway.refund(&refund, key).await.map(|_| ())
        }
        Progress::RequiresMethod
        | Progress::RequiresAction
        | Progress::Approved
        | Progress::Processing
        | Progress::Authorized { .. }
        | Progress::Declined(_) => gateway.void(&reference, key).await.map(|_| ()),
    };
    Ok(match result {
        Ok(()) => None,
        Err(error) => Some(failed(&error)),
    })
}

/// The key as the provider gets it: another one each time somebody saw to a call that had been given up, since providers
/// repeat what they answered to a key.
pub(super) fn provider_key(key: &str, round: i32) -> Result<ProviderKey> {
    let key = if round > 1 { format!("{key}-r{round}") } else { key.to_owned() };
    Ok(ProviderKey::try_new(key)?)
}

fn failed(error: &GatewayError) -> Outcome {
    let after = error.retry_after().and_then(|after| TimeDelta::from_std(after).ok());
    match error {
        GatewayError::Unavailable { .. }
        | GatewayError::InDoubt { .. }
        | GatewayError::BreakerOpen { .. }
        | GatewayError::Conflict { .. } => Outcome::Later { error: error.to_string(), after },
        GatewayError::Refused { .. } | GatewayError::Declined(_) => {
            Outcome::Never(error.to_string())
        }
    }
}
