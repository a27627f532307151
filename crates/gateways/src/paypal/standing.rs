//! PayPal's objects in our words.

use daybook_domain::values::Money;
use reqwest::Url;

use super::{
    amounts::from_paypal,
    errors::decline_code,
    wire::{self, Movement, Order},
};
use crate::{
    ChargeReference, Decline, FailureCode, ForClient, GatewayError, OurId, Progress,
    RefundProgress, RefundReference, RefundStanding, Standing,
};

/// How our ids are told apart, since refunds may inherit the id of what they give back.
const PAYMENT: &str = "payment:";
const REFUND: &str = "refund:";

/// Our payment as it travels.
pub(super) fn from_payment(payment: &OurId) -> String {
    format!("{PAYMENT}{payment}")
}

/// Our refund as it travels.
pub(super) fn from_refund(refund: &OurId) -> String {
    format!("{REFUND}{refund}")
}

/// Our payment as it came back.
pub(super) fn payment(custom: Option<&String>) -> Option<OurId> {
    OurId::try_new(custom?.strip_prefix(PAYMENT)?).ok()
}

/// Our refund as it came back.
pub(super) fn refund(custom: Option<&String>) -> Option<OurId> {
    OurId::try_new(custom?.strip_prefix(REFUND)?).ok()
}

/// How an order stands. What was captured outdoes what was authorized, and that what the order says.
pub(super) fn standing(order: &Order) -> Result<Standing, GatewayError> {
    let Some(unit) = order.purchase_units.first() else {
        return Err(unknown("order without a purchase unit", &order.id));
    };
    let payments = &unit.payments;
    let decided = payments.captures.last().map(capture_progress);
    let decided = decided.or_else(|| payments.authorizations.last().map(authorization_progress));
    let progress = decided.unwrap_or_else(|| order_progress(&order.status))?;
    let amount = unit.amount.as_ref();
    let moved = || payments.authorizations.iter().chain(&payments.captures);
    let amount = amount.or_else(|| moved().find_map(|movement| movement.amount.as_ref()));
    let amount = from_paypal(amount.ok_or_else(|| unknown("order without an amount", &order.id))?)?;
    let custom = unit.custom_id.as_ref();
    Ok(Standing {
        reference: reference(&order.id)?,
        payment: payment(custom.or_else(|| moved().find_map(|it| it.custom_id.as_ref()))),
        amount,
        progress,
        refunded: Some(refunded(payments, amount)?),
        fee: fee(payments, amount)?,
        for_client: order.links.iter().find_map(approval),
    })
}

fn refunded(payments: &wire::Payments, amount: Money) -> Result<Money, GatewayError> {
    let mut total = Money::zero(amount.currency());
    let given = payments.refunds.iter().filter(|refund| refund.status == "COMPLETED");
    for amount in given.filter_map(|refund| refund.amount.as_ref()) {
        let sum = total.try_add(from_paypal(amount)?);
        total = sum.map_err(|error| unknown("refund", &error.to_string()))?;
    }
    Ok(total)
}

/// What PayPal kept of the captures, where it says so and reckons in the currency of the order.
fn fee(payments: &wire::Payments, amount: Money) -> Result<Option<Money>, GatewayError> {
    let kept = payments.captures.iter().filter_map(|it| it.seller_receivable_breakdown.as_ref());
    let mut total: Option<Money> = None;
    for fee in kept.filter_map(|kept| kept.paypal_fee.as_ref()) {
        let fee = from_paypal(fee)?;
        if fee.currency() != amount.currency() {
            return Ok(None);
        }
        let sum = total.map_or(Ok(fee), |total| total.try_add(fee));
        total = Some(sum.map_err(|error| unknown("fee", &error.to_string()))?);
    }
    Ok(total)
}

fn approval(link: &wire::Link) -> Option<ForClient> {
    let approves = matches!(link.rel.as_str(), "payer-action" | "approve");
    approves.then(|| Url::parse(&link.href).ok().map(ForClient::Approve)).flatten()
}

fn order_progress(status: &str) -> Result<Progress, GatewayError> {
    Ok(match status {
        "CREATED" | "SAVED" | "PAYER_ACTION_REQUIRED" => Progress::RequiresAction,
        "APPROVED" => Progress::Approved,
        "COMPLETED" => Progress::Processing,
        "VOIDED" => Progress::Voided,
        other => return Err(unknown("status of an order", other)),
    })
}

/// How far an authorization is. One that was captured is told by its capture, which comes with a moment's delay.
pub(super) fn authorization_progress(it: &Movement) -> Result<Progress, GatewayError> {
    Ok(match it.status.as_str() {
        "CREATED" => Progress::Authorized { amount: amount(it)? },
        "PENDING" | "CAPTURED" | "PARTIALLY_CAPTURED" => Progress::Processing,
        "DENIED" => Progress::Declined(decline(it)),
        "VOIDED" | "EXPIRED" => Progress::Voided,
        other => return Err(unknown("status of an authorization", other)),
    })
}

/// How far a capture is.
pub(super) fn capture_progress(it: &Movement) -> Result<Progress, GatewayError> {
    Ok(match it.status.as_str() {
        "COMPLETED" | "PARTIALLY_REFUNDED" | "REFUNDED" => {
            Progress::Captured { amount: amount(it)? }
        }
        "PENDING" => Progress::Processing,
        "DECLINED" | "FAILED" => Progress::Declined(decline(it)),
        other => return Err(unknown("status of a capture", other)),
    })
}

/// How a refund of a charge stands.
pub(super) fn refund_standing(
    it: &Movement,
    charge: Option<ChargeReference>,
) -> Result<RefundStanding, GatewayError> {
    let progress = match it.status.as_str() {
        "COMPLETED" => RefundProgress::Succeeded,
        "PENDING" => RefundProgress::Pending,
        "FAILED" | "CANCELLED" => {
            let why = it.status_details.as_ref().and_then(|details| details.reason.clone());
            RefundProgress::Failed { why: why.unwrap_or_else(|| it.status.clone()) }
        }
        other => return Err(unknown("status of a refund", other)),
    };
    let reference = RefundReference::try_new(it.id.as_str());
    Ok(RefundStanding {
        reference: reference.map_err(|_| unknown("refund", &it.id))?,
        charge,
        refund: refund(it.custom_id.as_ref()),
        amount: amount(it)?,
        progress,
    })
}

/// The order something belongs to.
pub(super) fn order_of(it: &Movement) -> Option<ChargeReference> {
    let related = it.supplementary_data.as_ref()?.related_ids.as_ref()?;
    ChargeReference::try_new(related.order_id.as_deref()?).ok()
}

/// An order's name.
pub(super) fn reference(id: &str) -> Result<ChargeReference, GatewayError> {
    ChargeReference::try_new(id).map_err(|_| unknown("order", id))
}

/// How much was moved.
pub(super) fn amount(it: &Movement) -> Result<Money, GatewayError> {
    let amount = it.amount.as_ref();
    from_paypal(amount.ok_or_else(|| unknown("movement without an amount", &it.id))?)
}

fn decline(it: &Movement) -> Decline {
    let reason = it.status_details.as_ref().and_then(|details| details.reason.clone());
    let code = reason.as_deref().and_then(decline_code).unwrap_or(FailureCode::CardDeclined);
    Decline {
        code,
        provider_code: Some(reason.unwrap_or_else(|| it.status.clone())),
        message: None,
    }
}

pub(super) fn unknown(what: &str, value: &str) -> GatewayError {
    GatewayError::in_doubt(format_args!("PayPal's {what}: `{value}` is unknown here"))
}
