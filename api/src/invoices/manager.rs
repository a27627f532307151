//! Follows the log and issues what organizations want issued by itself.
//!
//! At least once: the position is recorded after the documents are issued, and what is missing is told by the booking and
//! its invoices as they stand, so that reading an event again issues nothing. Nothing of it is on the way of a booking.

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
    time::Duration,
};

use anyhow::Result;
use daybook_domain::{
    booking::Booking,
    values::{BookingId, OrganizationId},
};
use daybook_event_store::{CommandContext, Filter, Metadata, Position, Role, Writer};
use daybook_projections::ModelName;
use futures::{StreamExt, TryStreamExt, stream};

use crate::{
    app::App,
    bus::{self, InvoiceWishes, Order},
    extract::now,
    problem::{Code, Problem},
};

/// What it is called where its position is kept.
const NAME: &str = "invoices";
const BOOKINGS: &str = "booking";
/// The events after which a booking may cost something else than was invoiced.
const TELLING: [&str; 8] = [
    "booked",
    "confirmed",
    "approved",
    "amended",
    "rescheduled",
    "lines_cancelled",
    "cancelled",
    "no_show_recorded",
];
/// How many events are read at once.
const PAGE: usize = 1_000;
/// How far behind it reads what concerns it alone, from the database; nearer the head, everything is in memory.
const FAR: i64 = 5_000;
/// How many bookings are looked at side by side.
const AT_ONCE: usize = 4;
/// How long events may come together.
const GATHERING: Duration = Duration::from_millis(100);
/// How long it waits for news before it looks whether it still owns the log, and after something went wrong.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long the list of organizations may take to come up with the log.
const CATCHING_UP: Duration = Duration::from_secs(5);

/// Follows the log for as long as the task lives, while this process owns it.
pub(super) async fn run(app: App) {
    loop {
        let writer = match &*app.role.borrow() {
            Role::Owner(writer) => Some(writer.clone()),
            Role::Follower(_) => None,
        };
        if let Some(writer) = writer
            && let Err(error) = follow(&app, &writer).await
        {
            let error = format!("{error:#}");
            tracing::warn!(error, "invoices could not be issued");
        }
        tokio::time::sleep(PATIENCE).await;
    }
}

async fn follow(app: &App, writer: &Writer) -> Result<()> {
    let mut done = app.processes.position(NAME).await?;
    let mut recorded = done;
    let mut committed = app.log.committed();
    while !writer.is_fenced() {
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
        let telling = page.events.iter().filter(|event| {
            event.aggregate_type == BOOKINGS && TELLING.contains(&event.event_type.as_str())
        });
        let bookings: BTreeSet<&str> = telling.map(|event| event.aggregate_id.as_str()).collect();
        if !bookings.is_empty() && work_off(app, writer, &bookings, page.searched_to).await? {
            app.processes.advance(NAME, page.searched_to).await?;
            recorded = page.searched_to;
        }
        done = page.searched_to;
    }
    Ok(())
}

/// Issues what is missing for bookings of organizations that want it; whether there were any.
async fn work_off(
    app: &App,
    writer: &Writer,
    bookings: &BTreeSet<&str>,
    until: Position,
) -> Result<bool> {
    app.projections.wait_for(ModelName::Organizations, until, CATCHING_UP).await?;
    let willing = &app.projections.queries().organizations_that_invoice_by_themselves().await?;
    if willing.is_empty() {
        return Ok(false);
    }
    let each = stream::iter(bookings).map(|booking| Ok(booking.parse::<BookingId>()?));
    let issued = each.try_for_each_concurrent(AT_ONCE, |booking| async move {
        if is_of(writer, booking, willing).await? {
            issue(app, writer, booking, until).await?;
        }
        Ok::<_, anyhow::Error>(())
    });
    issued.await?;
    Ok(true)
}

async fn is_of(
    writer: &Writer,
    booking: BookingId,
    organizations: &HashSet<OrganizationId>,
) -> Result<bool> {
    let listing = writer.peek(&booking.to_string(), Booking::listing).await?;
    let Some(listing) = listing else { return Ok(false) };
    let found = bus::listed(writer, listing).await?;
    Ok(found.is_some_and(|(organization, _)| organizations.contains(&organization)))
}

/// Issues what is missing, if anything is. What the rules refuse is passed over; anything else is tried again.
async fn issue(app: &App, writer: &Writer, booking: BookingId, until: Position) -> Result<()> {
    let order = Order {
        writer: writer.clone(),
        context: CommandContext { metadata: metadata(until), idempotency: None },
        about: None,
        expected: None,
        tickets: Arc::clone(&app.ticket_keys),
    };
    let own = Arc::clone(app);
    let work = async move {
        let wishes = InvoiceWishes::default();
        bus::issue_invoice(&own, &order, booking, &wishes, now()).await
    };
    match app.carry_out(work).await {
        Ok(_) => Ok(()),
        Err(problem) => passed_over(booking, &problem),
    }
}

fn passed_over(booking: BookingId, problem: &Problem) -> Result<()> {
    match problem.code() {
        Code::PolicyRefusal | Code::NotFound | Code::BadValue => {
            let reason = problem.reason().unwrap_or_default();
            tracing::debug!(%booking, reason, "nothing is issued");
            Ok(())
        }
        code => anyhow::bail!("{booking} waits: {}", code.as_str()),
    }
}

/// Near the head everything is in memory; far behind, the database looks for what is wanted.
fn filter(done: Position, head: Position) -> Filter {
    if head.get() - done.get() <= FAR {
        return Filter::default();
    }
    Filter {
        aggregate_types: vec![BOOKINGS.to_owned()],
        event_types: TELLING.map(str::to_owned).to_vec(),
    }
}

fn metadata(last: Position) -> Metadata {
    Metadata::from([
        ("principal".to_owned(), "system".to_owned()),
        ("principal_name".to_owned(), NAME.to_owned()),
        ("causation".to_owned(), format!("the log up to {last} at {}", now().to_rfc3339())),
    ])
}

fn report(done: Position, head: Position) {
    let lag = (head.get() - done.get()).max(0);
    metrics::gauge!("daybook_process_position", "process" => NAME).set(done.get() as f64);
    metrics::gauge!("daybook_process_lag_events", "process" => NAME).set(lag as f64);
}
