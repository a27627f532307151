//! PayPal accounts, by Orders v2.
//!
//! An order is approved by the customer on PayPal's page and then waits for us: [`resume`](Gateway::resume)
//! authorizes or captures it. A [`ChargeReference`] is an order's name; the authorization and the capture under it
//! are looked up.

mod account;
mod amounts;
mod errors;
mod standing;
mod transactions;
mod webhook;
mod wire;

use async_trait::async_trait;
use daybook_domain::values::{Currency, Money, Timestamp};
use reqwest::{Url, header::HeaderMap};
use secrecy::SecretString;
use serde_json::json;

use account::Account;

use crate::{
    CaptureMode, Charge, ChargeReference, Conflict, Entry, Gateway, GatewayError, Method,
    Notification, Period, Progress, Provider, ProviderKey, Refund, RefundStanding, SetupError,
    Standing, WebhookError,
};

/// Where PayPal is, and who we are there.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `https://api-m.paypal.com`, or `https://api-m.sandbox.paypal.com`.
    pub base: Url,
    /// The app's public name.
    pub client_id: String,
    /// The app's secret.
    pub secret: SecretString,
    /// What PayPal calls the webhook that was registered for the app.
    pub webhook_id: String,
}

/// PayPal.
#[derive(Debug)]
pub struct PayPal {
    account: Account,
    webhook_id: String,
}

impl PayPal {
    /// A PayPal app. Nothing is asked of it yet.
    pub fn try_new(settings: &Settings) -> Result<Self, SetupError> {
        if settings.webhook_id.is_empty() {
            return Err(SetupError::NoWebhookSecret);
        }
        let account = Account::try_new(settings)?;
        Ok(Self { account, webhook_id: settings.webhook_id.clone() })
    }

    async fn order(&self, reference: &ChargeReference) -> Result<wire::Order, GatewayError> {
        self.account.get(&format!("/v2/checkout/orders/{reference}"), &[]).await
    }

    /// A capture, if PayPal knows it.
    async fn capture_named(&self, capture: &str) -> Result<Option<wire::Movement>, GatewayError> {
        let capture = standing::reference(capture)?;
        match self.account.get(&format!("/v2/payments/captures/{capture}"), &[]).await {
            Ok(found) => Ok(Some(found)),
            Err(GatewayError::Refused { code, .. })
                if code == "RESOURCE_NOT_FOUND" || code == "INVALID_RESOURCE_ID" =>
            {
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Gateway for PayPal {
    fn provider(&self) -> Provider {
        Provider::Paypal
    }

    fn takes(&self, method: Method, currency: Currency) -> bool {
        method == Method::Paypal && amounts::taken(currency)
    }

    #[tracing::instrument(
        name = "paypal.start",
        skip_all,
        fields(payment = %charge.payment),
        err(Display, level = "debug")
    )]
    async fn start(&self, charge: &Charge, key: &ProviderKey) -> Result<Standing, GatewayError> {
        if charge.method != Method::Paypal {
            return Err(GatewayError::refused(
                "method_not_supported",
                "PayPal takes accounts only",
            ));
        }
        let order = new_order(charge)?;
        let order = self.account.post("/v2/checkout/orders", &order, Some(key)).await?;
        standing::standing(&order)
    }

    #[tracing::instrument(
        name = "paypal.resume",
        skip_all,
        fields(%reference),
        err(Display, level = "debug")
    )]
    async fn resume(
        &self,
        reference: &ChargeReference,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        let order = self.order(reference).await?;
        let standing = standing::standing(&order)?;
        if standing.progress != Progress::Approved {
            return Ok(standing);
        }
        let step = match order.intent {
            Some(wire::Intent::Authorize) => "authorize",
            Some(wire::Intent::Capture) => "capture",
            None => return Err(standing::unknown("order without an intent", &order.id)),
        };
        let path = format!("/v2/checkout/orders/{reference}/{step}");
        let order = match self.account.post(&path, &json!({}), Some(key)).await {
            // the customer may approve again, with another means of payment
            Err(GatewayError::Declined(decline)) => {
                return Ok(Standing { progress: Progress::Declined(decline), ..standing });
            }
            order => order?,
        };
        let after = standing::standing(&order)?;
        Ok(Standing { amount: standing.amount, payment: standing.payment, ..after })
    }

    #[tracing::instrument(
        name = "paypal.capture",
        skip_all,
        fields(%reference),
        err(Display, level = "debug")
    )]
    async fn capture(
        &self,
        reference: &ChargeReference,
        amount: Money,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        let body = wire::NewCapture { amount: amounts::to_paypal(amount)?, final_capture: true };
        let order = self.order(reference).await?;
        // even if it is captured: only PayPal knows whether under this key
        let Some(authorization) = authorization(&order) else {
            return Err(without_authorization(&order));
        };
        let path = format!("/v2/payments/authorizations/{}/capture", authorization.id);
        let capture: wire::Movement = self.account.post(&path, &body, Some(key)).await?;
        let progress = standing::capture_progress(&capture)?;
        Ok(Standing { progress, ..standing::standing(&order)? })
    }

    /// An order that was not authorized cannot be called off with PayPal, and need not be: it takes our
    /// [`resume`](Gateway::resume) to move its money, and it lapses.
    #[tracing::instrument(
        name = "paypal.void",
        skip_all,
        fields(%reference),
        err(Display, level = "debug")
    )]
    async fn void(
        &self,
        reference: &ChargeReference,
        key: &ProviderKey,
    ) -> Result<Standing, GatewayError> {
        let order = self.order(reference).await?;
        let standing = standing::standing(&order)?;
        if let Some(authorization) = authorization(&order) {
            let path = format!("/v2/payments/authorizations/{}/void", authorization.id);
            let answer = self.account.post_for_answer(&path, &json!({}), Some(key)).await?;
            if !answer.status.is_success() {
                return Err(errors::error(&answer));
            }
        } else if matches!(standing.progress, Progress::Captured { .. } | Progress::Processing) {
            return Err(without_authorization(&order));
        }
        Ok(Standing { progress: Progress::Voided, for_client: None, ..standing })
    }

    #[tracing::instrument(
        name = "paypal.refund",
        skip_all,
        fields(charge = %refund.charge, refund = %refund.refund),
        err(Display, level = "debug")
    )]
    async fn refund(
        &self,
        refund: &Refund,
        key: &ProviderKey,
    ) -> Result<RefundStanding, GatewayError> {
        let body = wire::NewRefund {
            amount: amounts::to_paypal(refund.amount)?,
            custom_id: standing::from_refund(&refund.refund),
        };
        let order = self.order(&refund.charge).await?;
        let captures = order.purchase_units.first().map(|unit| &unit.payments.captures);
        let Some(capture) = captures.and_then(|captures| captures.last()) else {
            let message = format_args!("order {} has no capture", order.id);
            return Err(GatewayError::conflict(Conflict::NotReady, message));
        };
        let path = format!("/v2/payments/captures/{}/refund", capture.id);
        let made: wire::Movement = self.account.post(&path, &body, Some(key)).await?;
        let standing = standing::refund_standing(&made, Some(refund.charge.clone()))?;
        Ok(RefundStanding { refund: Some(refund.refund.clone()), ..standing })
    }

    #[tracing::instrument(
        name = "paypal.look",
        skip_all,
        fields(%reference),
        err(Display, level = "debug")
    )]
    async fn look(&self, reference: &ChargeReference) -> Result<Standing, GatewayError> {
        standing::standing(&self.order(reference).await?)
    }

    /// Charges are listed once they are captured: PayPal's books know no promises.
    #[tracing::instrument(name = "paypal.list", skip_all, err(Display, level = "debug"))]
    async fn list(&self, period: Period) -> Result<Vec<Entry>, GatewayError> {
        self.books(period).await
    }

    #[tracing::instrument(name = "paypal.webhook", skip_all, err(Display, level = "debug"))]
    async fn read_webhook(
        &self,
        headers: &HeaderMap,
        body: &[u8],
        _now: Timestamp,
    ) -> Result<Notification, WebhookError> {
        self.verify(headers, body).await?;
        self.read(body).await
    }
}

fn new_order(charge: &Charge) -> Result<wire::NewOrder, GatewayError> {
    let back = charge.return_url.as_ref().map(ToString::to_string);
    Ok(wire::NewOrder {
        intent: match charge.capture {
            CaptureMode::Manual => wire::Intent::Authorize,
            CaptureMode::Automatic => wire::Intent::Capture,
        },
        purchase_units: [wire::NewUnit {
            reference_id: charge.booking.to_string(),
            custom_id: standing::from_payment(&charge.payment),
            amount: amounts::to_paypal(charge.amount)?,
        }],
        payment_source: wire::NewSource {
            paypal: wire::NewPayPal {
                experience_context: wire::Experience {
                    user_action: "PAY_NOW",
                    shipping_preference: "NO_SHIPPING",
                    return_url: back.clone(),
                    cancel_url: back,
                },
            },
        },
    })
}

fn authorization(order: &wire::Order) -> Option<&wire::Movement> {
    order.purchase_units.first()?.payments.authorizations.last()
}

fn without_authorization(order: &wire::Order) -> GatewayError {
    let captured = order.purchase_units.iter().any(|unit| !unit.payments.captures.is_empty());
    let conflict = if captured { Conflict::AlreadyCaptured } else { Conflict::NotReady };
    GatewayError::conflict(conflict, format_args!("order {} has no authorization", order.id))
}
