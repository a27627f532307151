//! PayPal's webhooks. PayPal itself says whether it sent one, and what an event leaves out is looked up.

use reqwest::header::HeaderMap;
use serde_json::value::RawValue;

use super::{PayPal, amounts, standing, wire};
use crate::{
    ChargeReference, Dispute, DisputeState, Gateway, Kind, Notification, ProviderId, Standing,
    WebhookError,
    notification::{not_understood, parse, unreadable},
};

impl PayPal {
    /// Asks PayPal whether it sent this.
    pub(super) async fn verify(
        &self,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(), WebhookError> {
        let header = |name: &'static str| {
            let value = headers.get(name).and_then(|value| value.to_str().ok());
            value.ok_or(WebhookError::Unsigned(name))
        };
        let question = wire::Verify {
            auth_algo: header("PayPal-Auth-Algo")?,
            cert_url: header("PayPal-Cert-Url")?,
            transmission_id: header("PayPal-Transmission-Id")?,
            transmission_sig: header("PayPal-Transmission-Sig")?,
            transmission_time: header("PayPal-Transmission-Time")?,
            webhook_id: &self.webhook_id,
            // what is no JSON was not sent by PayPal
            webhook_event: serde_json::from_slice(body).map_err(|_| WebhookError::Forged)?,
        };
        let path = "/v1/notifications/verify-webhook-signature";
        let answer: Result<wire::Verified, _> = self.account.post(path, &question, None).await;
        match answer {
            Ok(answer) if answer.verification_status == "SUCCESS" => Ok(()),
            Ok(_) => Err(WebhookError::Forged),
            Err(error) => Err(WebhookError::Unavailable(error)),
        }
    }

    /// Reads a body that PayPal says it sent.
    pub(super) async fn read(&self, body: &[u8]) -> Result<Notification, WebhookError> {
        let event: wire::Event<'_> = serde_json::from_slice(body).map_err(unreadable)?;
        let id = ProviderId::try_new(event.id.as_str());
        Ok(Notification {
            id: id.map_err(|error| WebhookError::Unreadable(error.to_string()))?,
            at: event.create_time,
            kind: self.kind(&event.event_type, event.resource).await?,
            name: event.event_type,
        })
    }

    async fn kind(&self, name: &str, resource: &RawValue) -> Result<Kind, WebhookError> {
        match name {
            "PAYMENT.CAPTURE.REFUNDED"
            | "PAYMENT.CAPTURE.REVERSED"
            | "PAYMENT.REFUND.PENDING"
            | "PAYMENT.REFUND.FAILED" => self.refund_told(&parse(resource)?).await,
            "CHECKOUT.ORDER.APPROVED"
            | "CHECKOUT.ORDER.COMPLETED"
            | "CHECKOUT.ORDER.SAVED"
            | "CHECKOUT.ORDER.VOIDED" => {
                let standing = standing::standing(&parse(resource)?).map_err(not_understood)?;
                Ok(Kind::Charge(Standing { for_client: None, ..standing }))
            }
            _ if name.starts_with("PAYMENT.CAPTURE.") => {
                let capture: wire::Movement = parse(resource)?;
                let told = standing::capture_progress(&capture).map_err(not_understood)?;
                let standing = self.charge_of(&capture).await?;
                Ok(standing.map_or(Kind::Unknown, |standing| {
                    Kind::Charge(Standing { progress: told, ..standing })
                }))
            }
            _ if name.starts_with("PAYMENT.AUTHORIZATION.") => {
                Ok(self.charge_of(&parse(resource)?).await?.map_or(Kind::Unknown, Kind::Charge))
            }
            _ if name.starts_with("CUSTOMER.DISPUTE.") => self.dispute(&parse(resource)?).await,
            _ => Ok(Kind::Unknown),
        }
    }

    /// The charge that a movement belongs to: such an event tells of the movement only.
    async fn charge_of(&self, it: &wire::Movement) -> Result<Option<Standing>, WebhookError> {
        let Some(order) = standing::order_of(it) else { return Ok(None) };
        let standing = self.look(&order).await.map_err(WebhookError::Unavailable)?;
        Ok(Some(Standing { for_client: None, ..standing }))
    }

    async fn refund_told(&self, refund: &wire::Movement) -> Result<Kind, WebhookError> {
        let charge = match standing::order_of(refund) {
            Some(order) => Some(order),
            None => match capture_above(refund) {
                Some(capture) => self.order_of_capture(&capture).await?,
                None => None,
            },
        };
        standing::refund_standing(refund, charge).map(Kind::Refund).map_err(not_understood)
    }

    async fn dispute(&self, dispute: &wire::Dispute) -> Result<Kind, WebhookError> {
        let capture = dispute.disputed_transactions.first();
        let charge = match capture.and_then(|it| it.seller_transaction_id.as_deref()) {
            Some(capture) => self.order_of_capture(capture).await?,
            None => None,
        };
        let id = ProviderId::try_new(dispute.dispute_id.as_str());
        Ok(Kind::Dispute(Dispute {
            id: id.map_err(|error| WebhookError::Unreadable(error.to_string()))?,
            charge,
            amount: amounts::from_paypal(&dispute.dispute_amount).map_err(not_understood)?,
            reason: dispute.reason.clone(),
            state: state(dispute),
        }))
    }

    /// The order behind a capture; none, if PayPal does not know the capture, or made it without an order.
    pub(super) async fn order_of_capture(
        &self,
        capture: &str,
    ) -> Result<Option<ChargeReference>, WebhookError> {
        let found = self.capture_named(capture).await.map_err(WebhookError::Unavailable)?;
        Ok(found.as_ref().and_then(standing::order_of))
    }
}

/// The capture that a refund links to.
fn capture_above(refund: &wire::Movement) -> Option<String> {
    let link = refund.links.iter().find(|link| link.rel == "up")?;
    let (_, capture) = link.href.rsplit_once("/captures/")?;
    Some(capture.to_owned())
}

/// A dispute that the customer takes back, or that PayPal pays for, leaves the money with us.
fn state(dispute: &wire::Dispute) -> DisputeState {
    let outcome = dispute.dispute_outcome.as_ref().and_then(|it| it.outcome_code.as_deref());
    match outcome {
        Some(
            "RESOLVED_SELLER_FAVOUR" | "RESOLVED_WITH_PAYOUT" | "CANCELED_BY_BUYER" | "DENIED",
        ) => DisputeState::Won,
        Some("RESOLVED_BUYER_FAVOUR" | "ACCEPTED") => DisputeState::Lost,
        _ => DisputeState::Open,
    }
}
