//! What is to be done next about a booking and its payments.

use std::{sync::Arc, time::Duration};

use daybook_domain::{
    booking::{Booking, Status},
    payment::{Payment, Phase},
    values::{BookingId, PaymentId},
};
use daybook_event_store::CommandContext;
use daybook_projections::ModelName;

use super::{
    record,
    worker::{self, Worker},
};
use crate::{
    bus::{
        Order,
        checkout::{self, Checkout, Settled},
    },
    extract::now,
    problem::{Code, Problem},
};

/// How long the list of payments may take to come up with the log.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often something that changes underneath is tried again at once.
const ATTEMPTS: usize = 5;

/// Does what is due next about one booking's money.
pub(super) async fn settle(worker: &Worker, booking: BookingId) -> Result<Settled, Problem> {
    let app = &worker.app;
    app.projections.wait_for(ModelName::Payments, app.log.head().await?, PATIENCE).await?;
    let payments = app.projections.queries().payments_of(booking).await?;
    let checkout = Checkout { booking, payments };
    look_before_letting_go(worker, &checkout).await?;
    let cause = format!("what was due on the booking {booking}");
    let order = Order {
        writer: worker.writer.clone(),
        context: CommandContext { metadata: record::metadata(&cause), idempotency: None },
        about: None,
        expected: None,
        tickets: Arc::clone(&app.ticket_keys),
    };
    let mut tried = 0;
    loop {
        tried += 1;
        match checkout::settle(&order, &checkout, now()).await {
            Err(problem) if tried < ATTEMPTS && problem.code() == Code::ConcurrentChange => {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            settled => {
                if let Ok(settled) = settled {
                    count(settled);
                }
                app.cashier.news.notify_one();
                return settled;
            }
        }
    }
}

/// A hold that ends while nobody has told us of the money may have been paid in time: whoever would be let go without a
/// look is looked at first.
async fn look_before_letting_go(worker: &Worker, checkout: &Checkout) -> Result<(), Problem> {
    let status = worker.writer.peek(&checkout.booking.to_string(), Booking::status).await?;
    if status != Status::Lapsed {
        return Ok(());
    }
    for id in &checkout.payments {
        let open = |payment: &Payment| {
            let phase = payment.attempts().last().map(|attempt| attempt.phase);
            phase == Some(Phase::Open)
                && payment.pending().is_none()
                && payment.reference().is_some()
        };
        if worker.writer.peek(&id.to_string(), open).await? {
            look(worker, *id).await;
        }
    }
    Ok(())
}

/// What a provider cannot be asked now it tells later, when it is asked to let go.
async fn look(worker: &Worker, id: PaymentId) {
    if let Err(error) = worker::sync(worker, id).await {
        tracing::warn!(payment = %id, %error, "a payment could not be looked at before it is let go");
    }
}

fn count(settled: Settled) {
    let outcome = match settled {
        Settled::Already => return,
        Settled::Confirmed => "confirmed",
        Settled::TooLate => "too_late",
        Settled::Moved => "moved",
    };
    metrics::counter!("daybook_checkouts_total", "outcome" => outcome).increment(1);
}
