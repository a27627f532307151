//! Stripe's webhooks.

use serde_json::value::RawValue;

use super::{standing, wire};
use crate::{
    GatewayError, Kind, Notification, ProviderId, WebhookError,
    notification::{not_understood, parse, unreadable},
};

/// Reads a body whose signature was checked.
pub(super) fn read(body: &[u8]) -> Result<Notification, WebhookError> {
    let event: wire::Event<'_> = serde_json::from_slice(body).map_err(unreadable)?;
    Ok(Notification {
        id: standing::named(&event.id, ProviderId::try_new).map_err(not_understood)?,
        at: standing::time(event.created).map_err(not_understood)?,
        kind: kind(&event.kind, event.data.object)?,
        name: event.kind,
    })
}

fn kind(name: &str, object: &RawValue) -> Result<Kind, WebhookError> {
    let kind = match name {
        "charge.refunded" => standing::refunded(&parse(object)?),
        "charge.refund.updated" => refund(object)?,
        _ if name.starts_with("payment_intent.") => {
            standing::standing(&parse(object)?).map(without_secret)
        }
        _ if name.starts_with("refund.") => refund(object)?,
        _ if name.starts_with("charge.dispute.") => {
            standing::dispute(&parse(object)?).map(Kind::Dispute)
        }
        _ => Ok(Kind::Unknown),
    };
    kind.map_err(not_understood)
}

fn refund(object: &RawValue) -> Result<Result<Kind, GatewayError>, WebhookError> {
    Ok(standing::refund_standing(&parse(object)?).map(Kind::Refund))
}

/// Notifications are kept, and secrets are not.
fn without_secret(standing: crate::Standing) -> Kind {
    Kind::Charge(crate::Standing { for_client: None, ..standing })
}
