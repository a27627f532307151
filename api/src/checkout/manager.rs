//! Follows the log and sees to bookings that are paid online.
//!
//! At least once: the position is recorded after what the events call for was done, and what is due follows from how
//! things stand, so that reading an event again does nothing more.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Result;
use daybook_domain::{
    payment::Payment,
    values::{BookingId, PaymentId},
};
use daybook_event_store::{Filter, Position, Recorded, Role};
use daybook_projections::ModelName;

use super::{NAME, calls::About, settling, worker::Worker};
use crate::app::App;

const BOOKINGS: &str = "booking";
const PAYMENTS: &str = "payment";
/// How many events are read at once.
const PAGE: usize = 1_000;
/// How far behind it reads bookings and payments alone, from the database; nearer the head, everything is in memory.
const FAR: i64 = 5_000;
/// How long events may come together.
const GATHERING: Duration = Duration::from_millis(20);
/// How long it waits for news before it looks whether it still owns the log, and how long after something went wrong.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long the list of payments may take to come up with the log.
const BEHIND: Duration = Duration::from_secs(10);
/// By how many events the recorded position may lag while nothing concerns payments.
const STEP: i64 = 10_000;

/// Follows the log for as long as the task lives, while this process owns it.
pub(super) async fn run(app: App) {
    loop {
        let writer = match &*app.role.borrow() {
            Role::Owner(writer) => Some(writer.clone()),
            Role::Follower(_) => None,
        };
        if let Some(writer) = writer {
            let manager = Manager { worker: Worker { app: App::clone(&app), writer } };
            if let Err(error) = manager.follow().await {
                let error = format!("{error:#}");
                tracing::warn!(error, "payments could not be followed");
            }
        }
        tokio::time::sleep(PATIENCE).await;
    }
}

struct Manager {
    worker: Worker,
}

impl Manager {
    async fn follow(&self) -> Result<()> {
        let app = &self.worker.app;
        let mut done = app.processes.position(NAME).await?;
        let mut recorded = done;
        let mut committed = app.log.committed();
        while !self.worker.writer.is_fenced() {
            let head = *committed.borrow_and_update();
            report(done, head);
            if head <= done {
                if done > recorded {
                    app.processes.advance(NAME, done).await?;
                    recorded = done;
                }
                // whether or not there is news, there may be another owner
                let _ = tokio::time::timeout(PATIENCE, committed.changed()).await;
                continue;
            }
            tokio::time::sleep(GATHERING).await;
            let page = app.log.read_after(done, PAGE, &filter(done, head)).await?;
            let until = page.searched_to;
            let concerned = self.concerned(&page.events, until).await?;
            for booking in &concerned {
                self.see_to(*booking).await?;
            }
            if !concerned.is_empty() || until.get() - recorded.get() > STEP {
                app.processes.advance(NAME, until).await?;
                recorded = until;
            }
            done = until;
        }
        Ok(())
    }

    /// The bookings that are paid online and that some events are about.
    async fn concerned<E: std::ops::Deref<Target = Recorded>>(
        &self,
        events: &[E],
        until: Position,
    ) -> Result<BTreeSet<BookingId>> {
        let (mut bookings, mut payments) = (BTreeSet::new(), BTreeSet::new());
        for event in events {
            match &*event.aggregate_type {
                // nobody can have paid for a booking before it was made
                BOOKINGS if event.sequence > 1 => {
                    bookings.insert(event.aggregate_id.parse::<BookingId>()?);
                }
                PAYMENTS => {
                    payments.insert(event.aggregate_id.parse::<PaymentId>()?);
                }
                _ => {}
            }
        }
        if !bookings.is_empty() {
            let projections = &self.worker.app.projections;
            projections.wait_for(ModelName::Payments, until, BEHIND).await?;
            bookings = projections.queries().paid_online(&bookings).await?;
        }
        for payment in payments {
            let online = |payment: &Payment| payment.provider().and(payment.booking());
            let booking = self.worker.writer.peek(&payment.to_string(), online).await?;
            bookings.extend(booking);
        }
        Ok(bookings)
    }

    /// Does what is due about one booking; what cannot be done now is put on the list, so that the others go on.
    async fn see_to(&self, booking: BookingId) -> Result<()> {
        let Err(problem) = settling::settle(&self.worker, booking).await else { return Ok(()) };
        let key = format!("settle-{booking}");
        let (payment, reference) = (None, None);
        let about = About { key, step: "settle", booking, payment, reference };
        let error = format!("{problem:?}");
        tracing::warn!(%booking, error, "a booking could not be settled with its payments");
        self.worker.app.cashier.calls.note(&about, &error).await?;
        Ok(())
    }
}

/// Near the head everything is in memory; far behind, the database looks for what is wanted.
fn filter(done: Position, head: Position) -> Filter {
    if head.get() - done.get() <= FAR {
        return Filter::default();
    }
    let aggregate_types = vec![BOOKINGS.to_owned(), PAYMENTS.to_owned()];
    Filter { aggregate_types, event_types: Vec::new() }
}

fn report(done: Position, head: Position) {
    let lag = (head.get() - done.get()).max(0);
    metrics::gauge!("daybook_process_position", "process" => NAME).set(done.get() as f64);
    metrics::gauge!("daybook_process_lag_events", "process" => NAME).set(lag as f64);
}
