//! Whose turn it is by the clock: offers that ended, those who waited long enough, and room that came about without a
//! booking, such as more places or a hold that nobody has recorded as lapsed.
//!
//! Whatever frees something serves those who wait in the same unit of work, and no order is taken before they were
//! served. So this decides nothing; it only sees to it that nobody waits for an offer longer than need be.

use std::{sync::Arc, time::Duration};

use daybook_domain::values::WaitingListId;
use daybook_event_store::{CommandContext, Metadata, Role, Writer};
use daybook_projections::ProjectionError;

use crate::{
    app::App,
    bus::{self, Order, Serving},
    extract::now,
    problem::{Code, Problem},
};

/// How often lists are looked through.
const TICK: Duration = Duration::from_millis(500);
/// How many at a time.
const BATCH: u32 = 200;
/// How long to wait when they could not be.
const PATIENCE: Duration = Duration::from_secs(5);

/// Serves those whose turn has come for as long as the task lives, while this process owns the log.
pub(crate) async fn run(app: App) {
    let mut after = None;
    loop {
        tokio::time::sleep(TICK).await;
        let writer = match &*app.role.borrow() {
            Role::Owner(writer) => writer.clone(),
            Role::Follower(_) => continue,
        };
        match go_through(&app, &writer, after).await {
            Ok(last) => after = last,
            Err(error) => {
                tracing::warn!(%error, "waiting lists could not be looked through");
                tokio::time::sleep(PATIENCE).await;
            }
        }
    }
}

/// Goes through some lists; gives the last of them, if there may be more.
async fn go_through(
    app: &App,
    writer: &Writer,
    after: Option<WaitingListId>,
) -> Result<Option<WaitingListId>, ProjectionError> {
    let lists = app.projections.queries().lists_with_entries(after, BATCH).await?;
    for list in &lists {
        let list = *list;
        let order = Order {
            writer: writer.clone(),
            context: CommandContext { metadata: metadata(), idempotency: None },
            about: None,
            expected: None,
            tickets: Arc::clone(&app.ticket_keys),
        };
        let work =
            async move { bus::serve_waiting_list(&order, list, Serving::Unasked, now()).await };
        match app.commands.spawn(work).await {
            Ok(Ok(_)) => {}
            Ok(Err(problem)) => tell(&problem, list),
            Err(error) => tracing::error!(%error, %list, "those who wait could not be served"),
        }
    }
    let full = lists.len() == usize::try_from(BATCH).unwrap_or(usize::MAX);
    Ok(lists.last().copied().filter(|_| full))
}

fn tell(problem: &Problem, list: WaitingListId) {
    match problem.code() {
        Code::Overloaded | Code::NoOwner | Code::ConcurrentChange => {
            tracing::debug!(%list, code = problem.code().as_str(), "those who wait are served later");
        }
        _ => tracing::warn!(%list, ?problem, "those who wait could not be served"),
    }
}

fn metadata() -> Metadata {
    Metadata::from([
        ("principal".to_owned(), "system".to_owned()),
        ("principal_name".to_owned(), "waiting lists".to_owned()),
        ("causation".to_owned(), "somebody's turn has come".to_owned()),
    ])
}
