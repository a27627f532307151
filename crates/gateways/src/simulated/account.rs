//! One charge of the simulated gateway, and what can become of it.

use std::fmt::Write;

use daybook_domain::values::{Currency, Money, Timestamp};
use ring::digest::{SHA256, digest};

use super::Means;
use crate::{
    CaptureMode, Charge, ChargeReference, ClientSecret, Conflict, Decline, FailureCode, ForClient,
    GatewayError, OurId, Progress, ProviderKey, Refund, RefundProgress, RefundReference,
    RefundStanding, Standing,
};

/// A charge.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) reference: ChargeReference,
    pub(super) at: Timestamp,
    pub(super) means: Option<Means>,
    pub(super) refunds: Vec<(Timestamp, RefundStanding)>,
    payment: Option<OurId>,
    amount: Money,
    capture: CaptureMode,
    progress: Progress,
    /// It was made before this process began, so that the caller knows better what has become of it.
    revived: bool,
}

impl Account {
    /// A new charge. Its reference tells all that is needed to go on with it after a restart.
    pub(super) fn open(
        charge: &Charge,
        key: &ProviderKey,
        at: Timestamp,
    ) -> Result<Self, GatewayError> {
        let when = match charge.capture {
            CaptureMode::Manual => 'm',
            CaptureMode::Automatic => 'a',
        };
        let (minor, currency) = (charge.amount.minor(), charge.amount.currency());
        let reference = format!("sim.{when}.{minor}.{currency}.{}", short_digest(key.as_str()));
        let reference = ChargeReference::try_new(reference);
        Ok(Self {
            reference: reference.map_err(|error| GatewayError::refused("reference", error))?,
            at,
            means: None,
            refunds: Vec::new(),
            payment: Some(charge.payment.clone()),
            amount: charge.amount,
            capture: charge.capture,
            progress: Progress::RequiresMethod,
            revived: false,
        })
    }

    /// A charge of which only the reference is left.
    pub(super) fn revive(reference: &ChargeReference, at: Timestamp) -> Option<Self> {
        let mut parts = reference.as_str().split('.');
        if parts.next() != Some("sim") {
            return None;
        }
        let capture = match parts.next()? {
            "m" => CaptureMode::Manual,
            "a" => CaptureMode::Automatic,
            _ => return None,
        };
        let minor = parts.next()?.parse().ok()?;
        let amount = Money::try_new(minor, Currency::try_new(parts.next()?).ok()?).ok()?;
        let progress = match capture {
            CaptureMode::Manual => Progress::Authorized { amount },
            CaptureMode::Automatic => Progress::Captured { amount },
        };
        Some(Self {
            reference: reference.clone(),
            at,
            means: None,
            refunds: Vec::new(),
            payment: None,
            amount,
            capture,
            progress,
            revived: true,
        })
    }

    /// How it stands, as far as it is known: of a charge from before this process began, nobody knows what the customer
    /// did.
    pub(super) fn look(&self) -> Standing {
        let unknown = match self.progress {
            Progress::Authorized { amount } => amount == self.amount && self.capture.is_manual(),
            Progress::Captured { amount } => amount == self.amount && !self.capture.is_manual(),
            _ => false,
        };
        let standing = self.standing();
        if self.revived && unknown && self.refunds.is_empty() {
            return Standing { progress: Progress::RequiresMethod, ..standing };
        }
        standing
    }

    /// How it stands.
    pub(super) fn standing(&self) -> Standing {
        let secret = format!("{}_secret", short_digest(self.reference.as_str()));
        Standing {
            reference: self.reference.clone(),
            payment: self.payment.clone(),
            amount: self.amount,
            progress: self.progress.clone(),
            refunded: Some(self.refunded()),
            fee: None, // whoever moves no money keeps none
            for_client: Some(ForClient::Secret(ClientSecret::new(secret))),
        }
    }

    /// The customer pays by these means.
    pub(super) fn confirm(&mut self, means: Means) -> Result<(), GatewayError> {
        match &self.progress {
            Progress::RequiresMethod | Progress::Declined(_) => {}
            _ => return Err(self.conflict()),
        }
        self.means = Some(means);
        self.progress = match means.declined() {
            Some(code) => Progress::Declined(declined(code, means)),
            None if means == Means::Authenticate => Progress::RequiresAction,
            None => self.agreed(),
        };
        Ok(())
    }

    /// The customer was asked to prove who they are.
    pub(super) fn authenticate(&mut self, passed: bool) -> Result<(), GatewayError> {
        if self.progress != Progress::RequiresAction {
            return Err(self.conflict());
        }
        self.progress = if passed {
            self.agreed()
        } else {
            let code = FailureCode::AuthenticationFailed;
            Progress::Declined(declined(code, Means::Authenticate))
        };
        Ok(())
    }

    /// Takes what was authorized.
    pub(super) fn capture(&mut self, amount: Money) -> Result<(), GatewayError> {
        let Progress::Authorized { amount: most } = self.progress else {
            return Err(self.conflict());
        };
        within(amount, most)?;
        self.progress = Progress::Captured { amount };
        Ok(())
    }

    /// Calls it off.
    pub(super) fn void(&mut self) -> Result<(), GatewayError> {
        match self.progress {
            Progress::Captured { .. } | Progress::Voided => Err(self.conflict()),
            _ => {
                self.progress = Progress::Voided;
                Ok(())
            }
        }
    }

    /// Gives some of it back.
    pub(super) fn refund(
        &mut self,
        refund: &Refund,
        key: &ProviderKey,
        at: Timestamp,
    ) -> Result<RefundStanding, GatewayError> {
        let left = match self.progress {
            Progress::Captured { amount } => amount.try_sub(self.refunded()),
            Progress::Authorized { amount } if self.revived => amount.try_sub(self.refunded()),
            _ => return Err(self.conflict()),
        };
        let left = left.map_err(|error| GatewayError::refused("amount", error))?;
        if left.is_zero() {
            let message = "all of it was given back";
            return Err(GatewayError::conflict(Conflict::AlreadyRefunded, message));
        }
        within(refund.amount, left)?;
        let reference = format!("simre.{}", short_digest(key.as_str()));
        let reference = RefundReference::try_new(reference);
        let standing = RefundStanding {
            reference: reference.map_err(|error| GatewayError::refused("reference", error))?,
            charge: Some(self.reference.clone()),
            refund: Some(refund.refund.clone()),
            amount: refund.amount,
            progress: RefundProgress::Succeeded,
        };
        self.refunds.push((at, standing.clone()));
        Ok(standing)
    }

    fn agreed(&self) -> Progress {
        match self.capture {
            CaptureMode::Manual => Progress::Authorized { amount: self.amount },
            CaptureMode::Automatic => Progress::Captured { amount: self.amount },
        }
    }

    fn refunded(&self) -> Money {
        let zero = Money::zero(self.amount.currency());
        let amounts = self.refunds.iter().map(|(_, refund)| refund.amount);
        // never more than was captured, so the sums fit
        amounts.fold(zero, |sum, amount| sum.try_add(amount).unwrap_or(sum))
    }

    fn conflict(&self) -> GatewayError {
        let conflict = match self.progress {
            Progress::Captured { .. } => Conflict::AlreadyCaptured,
            Progress::Voided => Conflict::AlreadyVoided,
            _ => Conflict::NotReady,
        };
        GatewayError::conflict(conflict, format_args!("{} is not that far", self.reference))
    }
}

fn declined(code: FailureCode, means: Means) -> Decline {
    Decline { code, provider_code: Some(means.as_str().to_owned()), message: None }
}

fn within(amount: Money, most: Money) -> Result<(), GatewayError> {
    match most.try_sub(amount) {
        Ok(_) if !amount.is_zero() => Ok(()),
        _ => Err(GatewayError::refused("amount", format_args!("{amount} of {most}"))),
    }
}

/// The first 24 hexadecimal digits of a digest: the same for the same text, and for no other.
pub(super) fn short_digest(text: &str) -> String {
    let bytes = digest(&SHA256, text.as_bytes());
    let mut digits = String::with_capacity(24);
    for byte in bytes.as_ref().iter().take(12) {
        // writing to a text cannot fail
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
