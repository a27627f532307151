//! `/v1/payments`: money asked for, taken and given back, recorded by hand or through a provider.
//!
//! What a provider says of a payment is no command that a client can send.

mod view;

use axum::{extract::State, response::Response};
use daybook_domain::{
    payment::{self, CaptureMode, Command as PaymentCommand, Method, Provider, Purpose, Rest},
    values::{BookingId, Money, PaymentId, Reason, RefundId, Timestamp},
};
use daybook_projections::{ModelName, PaymentView};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::App,
    bus::{self, Answered, Order, PaymentRequest, Way},
    extract::{Command, CommandBody, Reader},
    one::{Directed, Lookup},
    pages::{self, Asked, Newness, PageOf, Paging, missing},
    problem::Problem,
    wire::{self, CommandProblems, NewId, Occurrence, QueryProblems, Receipt, chosen, named_by},
};

pub use view::{Payment, PaymentDispute, PaymentFailure, PaymentRefund};

/// The routes of payments.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, request))
        .routes(routes!(get))
        .routes(routes!(capture))
        .routes(routes!(refund))
        .routes(routes!(void))
}

/// A payment to be asked for, or one that was made by hand.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPayment {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// What is paid for.
    #[schema(value_type = Uuid)]
    booking_id: BookingId,
    /// How much.
    #[schema(value_type = wire::Money)]
    amount: Money,
    /// How it is paid: `cash` or `bank_transfer`, which is recorded, or `card`, `apple_pay` or `paypal`, which a provider
    /// moves.
    #[schema(value_type = String, example = "cash")]
    method: Method,
    /// Through whom, if several take the method: `stripe`, `paypal` or `simulated`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "stripe")]
    provider: Option<Provider>,
    /// Whether the provider takes the money only when the booking is confirmed (`manual`) or at once (`automatic`).
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "manual")]
    capture: Option<CaptureMode>,
    /// What it is of the booking's price: `deposit`, `balance`, `full` or `other`.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "deposit")]
    purpose: Option<Purpose>,
    /// Whether the money was taken already, of what is recorded; it was, unless said otherwise.
    #[serde(default)]
    captured: Option<bool>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

fn yes() -> bool {
    true
}

/// How much is taken.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CapturePayment {
    /// How much, unless all that can still be taken.
    #[serde(default)]
    #[schema(value_type = Option<wire::Money>)]
    amount: Option<Money>,
    /// Whether this is the last time that something is taken, so that the rest is let go.
    #[serde(default = "yes", rename = "final")]
    #[schema(default = true)]
    last: bool,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// How much is given back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefundPayment {
    /// The id this refund shall have: a UUID of version 7. The same once more gives nothing back.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// How much, unless all that is left.
    #[serde(default)]
    #[schema(value_type = Option<wire::Money>)]
    amount: Option<Money>,
    /// Why.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    reason: Option<Reason>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for NewPayment {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for CapturePayment {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for RefundPayment {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// Which payments are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct PaymentFilter {
    /// Only those for this booking.
    booking_id: Option<Uuid>,
}

/// List payments in the order they were asked for
#[utoipa::path(get, path = "/v1/payments", tag = "payments", params(PaymentFilter, Paging),
    responses((status = 200, description = "A page of payments", body = PageOf<Payment>), QueryProblems))]
async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<PaymentFilter>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Payments).await?;
    let booking = asked.filter.booking_id.map(BookingId::from_uuid);
    let payments = app.projections.queries().payments(booking, page).await?;
    Ok(pages::answer(payments, Payment::from))
}

/// Look at one payment
#[utoipa::path(get, path = "/v1/payments/{id}", tag = "payments",
    params(("id" = Uuid, Path, description = "The payment"), Newness),
    responses((status = 200, description = "The payment; its ETag is its sequence", body = Payment), QueryProblems))]
async fn get(payment: Lookup) -> Result<Response, Problem> {
    payment.shown::<PaymentView, Payment>(unknown).await
}

/// Ask for a payment, or record one
///
/// What is paid by `card`, `apple_pay` or `paypal` begins at a provider: go on with `POST /v1/payments/{id}/checkout`. Once
/// enough is promised the booking is confirmed by itself, and the money is taken.
#[utoipa::path(post, path = "/v1/payments", tag = "payments", request_body = NewPayment,
    responses((status = 201, description = "The payment is asked for or recorded", body = Receipt), CommandProblems))]
async fn request(
    State(app): State<App>,
    command: Command<NewPayment>,
) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let way = body.way(&app)?;
    let new = PaymentRequest {
        id: PaymentId::from_uuid(chosen(body.id)),
        named_by: named_by(body.id),
        booking: body.booking_id,
        amount: body.amount,
        method: body.method,
        purpose: body.purpose,
        way,
        at,
    };
    app.carry_out(async move { bus::request_payment(&order, new).await }).await
}

impl NewPayment {
    /// How the money comes: what is recorded has no provider, and what a provider moves is not recorded.
    fn way(&self, app: &App) -> Result<Way, Problem> {
        let misplaced = |field, detail: &'static str| Err(Problem::bad_value(field, detail));
        if !self.method.is_online() {
            if self.provider.is_some() {
                return misplaced("/provider", "cash and transfers go through no provider");
            }
            if self.capture.is_some() {
                return misplaced(
                    "/capture",
                    "cash and transfers are taken when they are recorded",
                );
            }
            return Ok(Way::ByHand { captured: self.captured.unwrap_or(true) });
        }
        if self.captured == Some(true) {
            return misplaced("/captured", "only the provider can say that the money was taken");
        }
        if self.occurred_at.is_some() {
            return misplaced("/occurred_at", "a provider is asked now");
        }
        let provider = app.cashier.choose(self.method, self.amount.currency(), self.provider)?;
        Ok(Way::Online { provider, capture: self.capture.unwrap_or_default() })
    }
}

/// Take the money, or some of it
///
/// Cash and transfers are recorded as taken. Of an online payment the provider takes what it holds, and the payment is
/// `captured` when it says so. With `final` false the rest stays and more can be taken later.
#[utoipa::path(post, path = "/v1/payments/{id}/capture", tag = "payments", request_body = Option<CapturePayment>,
    params(("id" = Uuid, Path, description = "The payment")),
    responses((status = 200, description = "The money is taken, or the provider is asked to", body = Receipt), CommandProblems))]
async fn capture(payment: Directed<CapturePayment>) -> Result<Answered, Problem> {
    let capture = |body: CapturePayment, at| {
        let rest = if body.last { Rest::Released } else { Rest::Kept };
        PaymentCommand::Capture { amount: body.amount, rest, at }
    };
    change(payment, capture).await
}

/// Give money back
///
/// Never more than was taken. Cash and transfers are recorded as given back. What was paid online is set aside until
/// the provider says that it was given back, so that refunds under way never exceed what is left.
#[utoipa::path(post, path = "/v1/payments/{id}/refund", tag = "payments", request_body = Option<RefundPayment>,
    params(("id" = Uuid, Path, description = "The payment")),
    responses((status = 200, description = "The money is given back, or the provider is asked to", body = Receipt), CommandProblems))]
async fn refund(payment: Directed<RefundPayment>) -> Result<Answered, Problem> {
    let refund = |body: RefundPayment, at| PaymentCommand::Refund {
        refund: RefundId::from_uuid(chosen(body.id)),
        amount: body.amount,
        reason: body.reason,
        at,
    };
    change(payment, refund).await
}

/// Call a payment off before it is taken
///
/// If some of it was taken, only the rest is let go. Of an online payment the provider lets go what it holds, and the
/// payment is `voided` when it says so.
#[utoipa::path(post, path = "/v1/payments/{id}/void", tag = "payments", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The payment")),
    responses((status = 200, description = "The payment is called off, or the provider is asked to let it go", body = Receipt), CommandProblems))]
async fn void(payment: Directed<Occurrence>) -> Result<Answered, Problem> {
    change(payment, |_, at| PaymentCommand::Void { at }).await
}

async fn change<T: CommandBody>(
    payment: Directed<T>,
    asked: impl FnOnce(T, Timestamp) -> PaymentCommand,
) -> Result<Answered, Problem> {
    let asked = |body, at| Ok(asked(body, at));
    let decide = |order: Order, id, command: PaymentCommand, _| async move {
        order
            .change(id, 200, |payment: &payment::Payment| Ok(payment.decide(command.clone())?))
            .await
    };
    payment.carry_out(asked, decide).await
}

fn unknown() -> Problem {
    missing("there is no such payment", "payment_not_found")
}
