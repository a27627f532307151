//! Stripe's objects in our words.

use chrono::{DateTime, Utc};
use daybook_domain::values::Money;

use super::{amounts::from_stripe, errors::decline, wire};
use crate::{
    ChargeReference, ClientSecret, Dispute, DisputeState, Entry, ForClient, GatewayError, Kind,
    Moved, OurId, Progress, ProviderId, RefundProgress, RefundReference, RefundStanding, Standing,
};

/// How an intent stands.
pub(super) fn standing(intent: &wire::Intent) -> Result<Standing, GatewayError> {
    let amount = from_stripe(intent.amount, &intent.currency)?;
    let charge = intent.latest_charge.as_ref().and_then(wire::Expandable::object);
    let refunded = charge.map(|charge| from_stripe(charge.amount_refunded, &charge.currency));
    let secret = intent.client_secret.clone();
    Ok(Standing {
        reference: named(&intent.id, ChargeReference::try_new)?,
        payment: ours(intent.metadata.payment.as_ref()),
        amount,
        progress: progress(intent)?,
        refunded: refunded.transpose()?,
        fee: charge.and_then(fee).transpose()?,
        for_client: secret.map(|secret| ForClient::Secret(ClientSecret::new(secret))),
    })
}

/// What Stripe kept of a charge, unless the balance is in another currency.
fn fee(charge: &wire::Charge) -> Option<Result<Money, GatewayError>> {
    let booked = charge.balance_transaction.as_ref()?.object()?;
    let same = booked.currency.eq_ignore_ascii_case(&charge.currency);
    let units = u64::try_from(booked.fee?).ok().filter(|_| same)?;
    Some(from_stripe(units, &booked.currency))
}

fn progress(intent: &wire::Intent) -> Result<Progress, GatewayError> {
    let amount = |units: Option<u64>| from_stripe(units.unwrap_or(intent.amount), &intent.currency);
    Ok(match intent.status.as_str() {
        "requires_payment_method" => match &intent.last_payment_error {
            Some(failure) => Progress::Declined(decline(failure)),
            None => Progress::RequiresMethod,
        },
        "requires_confirmation" | "requires_action" => Progress::RequiresAction,
        "processing" => Progress::Processing,
        "requires_capture" => Progress::Authorized { amount: amount(intent.amount_capturable)? },
        "succeeded" => Progress::Captured { amount: amount(intent.amount_received)? },
        "canceled" => Progress::Voided,
        other => return Err(unknown("status of an intent", other)),
    })
}

/// How a refund stands.
pub(super) fn refund_standing(refund: &wire::Refund) -> Result<RefundStanding, GatewayError> {
    let failed = |why: &str| {
        let why = refund.failure_reason.as_deref().unwrap_or(why);
        RefundProgress::Failed { why: why.to_owned() }
    };
    let progress = match refund.status.as_deref() {
        None | Some("pending" | "requires_action") => RefundProgress::Pending,
        Some("succeeded") => RefundProgress::Succeeded,
        Some(why @ ("failed" | "canceled")) => failed(why),
        Some(other) => return Err(unknown("status of a refund", other)),
    };
    Ok(RefundStanding {
        reference: named(&refund.id, RefundReference::try_new)?,
        charge: charge(refund.payment_intent.as_ref())?,
        refund: ours(refund.metadata.refund.as_ref()),
        amount: from_stripe(refund.amount, &refund.currency)?,
        progress,
    })
}

/// How much of a charge was given back; charges made without an intent are none of ours.
pub(super) fn refunded(charge_: &wire::Charge) -> Result<Kind, GatewayError> {
    let total = from_stripe(charge_.amount_refunded, &charge_.currency)?;
    let charge = charge(charge_.payment_intent.as_ref())?;
    Ok(charge.map_or(Kind::Unknown, |charge| Kind::Refunded { charge, total }))
}

/// How a dispute stands. An inquiry that was closed without a claim is won.
pub(super) fn dispute(dispute: &wire::Dispute) -> Result<Dispute, GatewayError> {
    let state = match dispute.status.as_str() {
        "won" | "warning_closed" | "prevented" => DisputeState::Won,
        "lost" => DisputeState::Lost,
        _ => DisputeState::Open,
    };
    Ok(Dispute {
        id: named(&dispute.id, ProviderId::try_new)?,
        charge: charge(dispute.payment_intent.as_ref())?,
        amount: from_stripe(dispute.amount, &dispute.currency)?,
        reason: dispute.reason.clone(),
        state,
    })
}

/// A line of the books for a charge.
pub(super) fn charge_entry(intent: &wire::Intent) -> Result<Entry, GatewayError> {
    let standing = standing(intent)?;
    Ok(Entry {
        id: named(&intent.id, ProviderId::try_new)?,
        at: time(intent.created)?,
        moved: Moved::Charge(standing.progress),
        charge: Some(standing.reference),
        ours: standing.payment,
        amount: standing.amount,
    })
}

/// A line of the books for a refund.
pub(super) fn refund_entry(refund: &wire::Refund) -> Result<Entry, GatewayError> {
    let standing = refund_standing(refund)?;
    Ok(Entry {
        id: named(&refund.id, ProviderId::try_new)?,
        at: time(refund.created)?,
        moved: Moved::Refund(standing.progress),
        charge: standing.charge,
        ours: standing.refund,
        amount: standing.amount,
    })
}

/// An instant, of seconds.
pub(super) fn time(seconds: i64) -> Result<DateTime<Utc>, GatewayError> {
    DateTime::from_timestamp(seconds, 0).ok_or_else(|| unknown("time", &seconds.to_string()))
}

/// A name that Stripe gave something.
pub(super) fn named<T, E>(
    name: &str,
    parse: impl Fn(String) -> Result<T, E>,
) -> Result<T, GatewayError> {
    parse(name.to_owned()).map_err(|_| unknown("name", name))
}

/// Our id, unless somebody else wrote something there.
fn ours(id: Option<&String>) -> Option<OurId> {
    id.and_then(|id| OurId::try_new(id.as_str()).ok())
}

fn charge(
    intent: Option<&wire::Expandable<wire::Named>>,
) -> Result<Option<ChargeReference>, GatewayError> {
    intent.map(|intent| named(intent.name(), ChargeReference::try_new)).transpose()
}

fn unknown(what: &str, value: &str) -> GatewayError {
    GatewayError::in_doubt(format_args!("Stripe's {what} is `{value}`, which is unknown here"))
}
