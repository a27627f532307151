//! When something happened.

use crate::values::Timestamp;
use crate::{booking, payment};

/// When something happened to a booking.
pub(super) fn to_booking(event: &booking::Event) -> Timestamp {
    use booking::Event as E;
    match event {
        E::Requested { at, .. }
        | E::Approved { at, .. }
        | E::Declined { at, .. }
        | E::HoldExtended { at, .. }
        | E::Held { at, .. }
        | E::Booked { at, .. }
        | E::Confirmed { at }
        | E::Amended { at, .. }
        | E::Rescheduled { at, .. }
        | E::Moved { at, .. }
        | E::LinesCancelled { at, .. }
        | E::CancellationQuoted { at, .. }
        | E::CheckedIn { at }
        | E::CheckedOut { at }
        | E::NoShowRecorded { at, .. }
        | E::Cancelled { at, .. }
        | E::HoldLapsed { at, .. } => *at,
    }
}

/// When something happened to a payment.
pub(super) fn to_payment(event: &payment::Event) -> Timestamp {
    use payment::Event as E;
    match event {
        E::Requested { at, .. }
        | E::Started { at, .. }
        | E::Declined { at, .. }
        | E::Retried { at, .. }
        | E::Authorized { at, .. }
        | E::Expired { at }
        | E::CaptureRequested { at, .. }
        | E::CaptureFailed { at, .. }
        | E::Captured { at, .. }
        | E::Released { at }
        | E::RefundRequested { at, .. }
        | E::Refunded { at, .. }
        | E::RefundFailed { at, .. }
        | E::DisputeOpened { at, .. }
        | E::DisputeWon { at, .. }
        | E::DisputeLost { at, .. }
        | E::FeeCharged { at, .. }
        | E::VoidRequested { at }
        | E::Voided { at }
        | E::Failed { at, .. } => *at,
    }
}
