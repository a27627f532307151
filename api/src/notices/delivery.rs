//! Hands due notices to the gateway, and records what came of it.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Result;
use chrono::TimeDelta;
use daybook_domain::{
    booking::Booking,
    notice::{Command, Message, Notice, Refusal},
    values::{CustomerId, NoticeId, Reason},
};
use daybook_event_store::{CommandContext, Metadata, Response, Role, Stream, Verdict, Writer};
use daybook_projections::{ModelName, NoticeView};
use futures::{StreamExt, TryStreamExt};

use super::{
    facts::Booked,
    gateway::{Gateway, Outgoing},
    text,
};
use crate::{app::App, extract::now, problem::Language};

/// How often due notices are looked for.
const TICK: Duration = Duration::from_millis(250);
/// How many are handed over in one go, and how many of them at the same time.
const BATCH: u32 = 64;
const AT_ONCE: usize = 8;
/// How long a gateway may take.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// How long the read model may take to see what was done.
const PATIENCE: Duration = Duration::from_secs(5);
/// The longest pause between two attempts.
const LONGEST_PAUSE: Duration = Duration::from_hours(1);

/// How often and how soon a gateway is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attempts {
    /// How often it is tried altogether.
    pub most: u32,
    /// How long after the first failure; twice as long after each further one.
    pub pause: Duration,
}

impl Attempts {
    /// The pause after so many failures, none after the last: twice as long each time, and not the same for all that
    /// failed together. `chance` is from 0 to 1.
    fn pause_after(self, failures: u32, chance: f64) -> Option<Duration> {
        if failures >= self.most {
            return None;
        }
        let doublings = failures.saturating_sub(1).min(20);
        let pause = self.pause.saturating_mul(1 << doublings).min(LONGEST_PAUSE);
        Some(pause.mul_f64(0.75 + chance / 2.0))
    }
}

/// Delivers for as long as the task lives, while this process owns the log.
pub(super) async fn run(app: App, gateway: Arc<dyn Gateway>, attempts: Attempts) {
    loop {
        tokio::time::sleep(TICK).await;
        let writer = match &*app.role.borrow() {
            Role::Owner(writer) => writer.clone(),
            Role::Follower(_) => continue,
        };
        let post = Post { app: &app, writer: &writer, gateway: &*gateway, attempts };
        if let Err(error) = post.work_off().await {
            let error = format!("{error:#}");
            tracing::warn!(error, "notices could not be delivered");
            tokio::time::sleep(PATIENCE).await;
        }
    }
}

struct Post<'a> {
    app: &'a App,
    writer: &'a Writer,
    gateway: &'a dyn Gateway,
    attempts: Attempts,
}

impl Post<'_> {
    async fn work_off(&self) -> Result<()> {
        let due = self.app.projections.queries().due_notices(now(), BATCH).await?;
        // each customer hears in the order in which it happened
        let mut by_customer: BTreeMap<CustomerId, Vec<NoticeView>> = BTreeMap::new();
        for notice in due {
            by_customer.entry(notice.customer()).or_default().push(notice);
        }
        let outcomes = by_customer.into_values().map(|notices| self.outcomes(notices));
        let outcomes = futures::stream::iter(outcomes).buffer_unordered(AT_ONCE);
        let outcomes: Vec<_> =
            outcomes.try_collect::<Vec<_>>().await?.into_iter().flatten().collect();
        if outcomes.is_empty() {
            return Ok(());
        }
        let streams: Vec<_> = outcomes.iter().map(|(id, _)| Stream::of::<Notice>(id)).collect();
        let context = CommandContext { metadata: metadata(), idempotency: None };
        let recorded = self.writer.run(&streams, &context, |unit| {
            for (id, command) in &outcomes {
                unit.decide(id, |notice: &Notice| notice.decide(command.clone()))?;
            }
            Ok::<_, Refusal>(Verdict::Commit(Response::default()))
        });
        let position = recorded.await?.position;
        self.app.projections.wait_for(ModelName::Notices, position, PATIENCE).await?;
        Ok(())
    }

    async fn outcomes(&self, notices: Vec<NoticeView>) -> Result<Vec<(NoticeId, Command)>> {
        let mut outcomes = Vec::with_capacity(notices.len());
        for notice in notices {
            outcomes.extend(self.outcome(&notice).await?);
        }
        Ok(outcomes)
    }

    /// What came of handing a notice over; nothing if that was done before, and the read model has yet to see it.
    async fn outcome(&self, notice: &NoticeView) -> Result<Option<(NoticeId, Command)>> {
        let id = notice.id.to_string();
        let look = |notice: &Notice| notice.is_due(now()).then(|| notice.failures());
        let Some(failures) = self.writer.peek(&id, look).await? else { return Ok(None) };
        if self.is_overtaken(notice).await? {
            return Ok(None);
        }
        let outgoing = outgoing(notice);
        let delivery = self.gateway.deliver(&outgoing);
        let told = match tokio::time::timeout(TIME_LIMIT, delivery).await {
            Ok(told) => told.map_err(|error| error.to_string()),
            Err(_) => Err(format!("no answer within {} seconds", TIME_LIMIT.as_secs())),
        };
        let at = now();
        let command = match told {
            Ok(()) => Command::Deliver { gateway: self.gateway.name(), at },
            Err(error) => {
                let pause = self.attempts.pause_after(failures + 1, rand::random());
                let next_at = pause.and_then(|pause| TimeDelta::from_std(pause).ok());
                let next_at = next_at.map(|pause| at + pause);
                Command::Fail { reason: reason(&error), next_at, at }
            }
        };
        count(&command);
        Ok(Some((notice.id, command)))
    }

    /// Whether the booking of a reminder is no longer what the reminder says. The event that changed it will withdraw
    /// the reminder; this is for the moment until then.
    async fn is_overtaken(&self, notice: &NoticeView) -> Result<bool> {
        let Some(booking) = notice.letter.topic.booking else { return Ok(false) };
        if !matches!(notice.letter.message, Message::Reminder {}) {
            return Ok(false);
        }
        let look = |found: &Booking| Booked::to_remind_of(booking, found).map(|(id, _)| id);
        Ok(self.writer.peek(&booking.to_string(), look).await? != Some(notice.id))
    }
}

fn outgoing(notice: &NoticeView) -> Outgoing {
    let letter = &notice.letter;
    let language = text::language_of(letter.language.as_str()).unwrap_or(Language::English);
    let text::Text { subject, body } = text::write(letter, language);
    Outgoing {
        key: notice.id,
        kind: notice.kind().as_str(),
        customer_id: notice.customer(),
        language: language.tag(),
        subject,
        text: body,
    }
}

fn reason(error: &str) -> Reason {
    let short: String = error.chars().take(Reason::MAX).collect();
    Reason::try_new(&short).unwrap_or_else(|_| {
        Reason::try_new("the gateway did not say why").expect("a short text is a reason")
    })
}

fn count(command: &Command) {
    let outcome = match command {
        Command::Deliver { .. } => "delivered",
        Command::Fail { next_at: Some(_), .. } => "failed",
        Command::Fail { next_at: None, .. } => "given_up",
        Command::Write { .. } | Command::Withdraw { .. } | Command::Retry { .. } => return,
    };
    metrics::counter!("daybook_notices_total", "outcome" => outcome).increment(1);
}

fn metadata() -> Metadata {
    Metadata::from([
        ("principal".to_owned(), "system".to_owned()),
        ("principal_name".to_owned(), super::manager::NAME.to_owned()),
        ("causation".to_owned(), "the notices were due".to_owned()),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_an_hour_and_end_with_the_last_attempt() {
        let attempts = Attempts { most: 20, pause: Duration::from_secs(4) };
        let pause = |failures, chance| attempts.pause_after(failures, chance);
        assert_eq!(pause(1, 0.5), Some(Duration::from_secs(4)));
        assert_eq!(pause(2, 0.5), Some(Duration::from_secs(8)));
        assert_eq!(pause(1, 0.0), Some(Duration::from_secs(3)));
        assert_eq!(pause(1, 1.0), Some(Duration::from_secs(5)));
        assert_eq!(pause(19, 0.5), Some(LONGEST_PAUSE));
        assert_eq!(pause(20, 0.5), None);
    }

    #[test]
    fn whatever_a_gateway_says_is_a_reason() {
        assert_eq!(reason(&"x".repeat(9_999)).as_str().len(), Reason::MAX);
        assert_eq!(reason("  ").as_str(), "the gateway did not say why");
    }
}
