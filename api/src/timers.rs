//! Deadlines that have come: the owner turns each into the command that records it.
//!
//! A hold stops counting at its deadline by itself; this only writes it down and tidies up. Doing it twice does nothing,
//! so a crash between the command and the read model is harmless.

use std::{sync::Arc, time::Duration};

use daybook_event_store::{CommandContext, Metadata, Role, Writer};
use daybook_projections::{Due, ModelName};

use crate::{
    app::App,
    bus::{Order, Step, step},
    extract::now,
    problem::{Code, Problem},
};

/// How often the deadlines are looked at.
const TICK: Duration = Duration::from_millis(250);
/// How many are worked off at a time.
const BATCH: u32 = 200;
/// How long the read model may take to see what was done.
const PATIENCE: Duration = Duration::from_secs(5);

/// Works off deadlines for as long as the task lives, while this process owns the log.
pub async fn run(app: App) {
    loop {
        tokio::time::sleep(TICK).await;
        let writer = match &*app.role.borrow() {
            Role::Owner(writer) => writer.clone(),
            Role::Follower(_) => continue,
        };
        if let Err(error) = work_off(&app, &writer).await {
            tracing::warn!(%error, "deadlines could not be worked off");
            tokio::time::sleep(PATIENCE).await;
        }
    }
}

async fn work_off(app: &App, writer: &Writer) -> Result<(), daybook_projections::ProjectionError> {
    let due = app.projections.queries().due(now(), BATCH).await?;
    let mut last = None;
    for Due { booking, at } in due {
        let order = Order {
            writer: writer.clone(),
            context: CommandContext { metadata: metadata(&at.to_rfc3339()), idempotency: None },
            about: None,
            expected: None,
            tickets: Arc::clone(&app.ticket_keys),
        };
        let work = async move { step(&order, booking, &Step::Lapse, now()).await };
        match app.carry_out(work).await {
            Ok(answer) => last = last.max(Some(answer.0.position)),
            Err(problem) => tell(&problem, booking),
        }
    }
    if let Some(position) = last {
        app.projections.wait_for(ModelName::Timers, position, PATIENCE).await?;
    }
    Ok(())
}

fn tell(problem: &Problem, booking: daybook_domain::values::BookingId) {
    match problem.code() {
        Code::Overloaded | Code::NoOwner | Code::ConcurrentChange => {
            tracing::debug!(%booking, code = problem.code().as_str(), "a deadline waits");
        }
        _ => tracing::warn!(%booking, ?problem, "a deadline could not be recorded"),
    }
}

fn metadata(due: &str) -> Metadata {
    Metadata::from([
        ("principal".to_owned(), "system".to_owned()),
        ("principal_name".to_owned(), "timers".to_owned()),
        ("causation".to_owned(), format!("the deadline {due} has come")),
    ])
}
