//! What was paid for bookings.

use std::time::Duration;

use daybook_domain::{
    booking::{Booking, Paid},
    payment::Payment,
    values::{BookingId, MoneyError},
};
use daybook_event_store::Writer;
use daybook_projections::ModelName;

use crate::{app::AppState, problem::Problem};

/// How long the list of payments may take to come up with the log.
const PATIENCE: Duration = Duration::from_secs(5);

/// What was paid for a booking. Which payments there are is asked of the read model once it has come
/// as far as the log; how they stand is asked of themselves.
pub(crate) async fn paid(
    app: &AppState,
    writer: &Writer,
    booking: BookingId,
) -> Result<Option<Paid>, Problem> {
    app.projections.wait_for(ModelName::Payments, app.log.head().await?, PATIENCE).await?;
    let mut sum: Option<Paid> = None;
    for payment in app.projections.queries().payments_of(booking).await? {
        let look = |payment: &Payment| payment.captured().zip(payment.left());
        if let Some((taken, left)) = writer.peek(&payment.to_string(), look).await? {
            // what is on its way back, or lost in a dispute, is no more there to be kept than what was given back
            let returned = taken.try_sub(left).map_err(|error| Problem::internal(&error))?;
            let with = and(sum, Paid { taken, returned });
            sum = Some(with.map_err(|error| Problem::internal(&error))?);
        }
    }
    Ok(sum)
}

fn and(sum: Option<Paid>, more: Paid) -> Result<Paid, MoneyError> {
    let Some(Paid { taken, returned }) = sum else { return Ok(more) };
    Ok(Paid { taken: taken.try_add(more.taken)?, returned: returned.try_add(more.returned)? })
}

/// What was paid, if anything was agreed about what calling the booking off costs.
pub(crate) async fn paid_under_policy(
    app: &AppState,
    writer: &Writer,
    booking: BookingId,
) -> Result<Option<Paid>, Problem> {
    let agreed = |booking: &Booking| booking.policy().is_some();
    if writer.peek(&booking.to_string(), agreed).await? {
        paid(app, writer, booking).await
    } else {
        Ok(None)
    }
}
