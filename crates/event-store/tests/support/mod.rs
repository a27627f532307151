//! A small aggregate and a log to try the store with.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::sync::Arc;

use cqrs_es::{Aggregate, DomainEvent, event_sink::EventSink};
use daybook_event_store::{
    AggregateSettings, CommandContext, Idempotency, Log, LogSettings, Metadata, Node, Response,
    Verdict, Writer, WriterSettings,
};
use daybook_local_postgres::testing::{self, TestDatabase};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A stock that is never taken below zero.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    pub left: u64,
    pub taken: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    Stock(u64),
    Take(u64),
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fact {
    Stocked { amount: u64 },
    Taken { amount: u64, note: String },
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("only {0} left")]
pub struct TooFew(pub u64);

impl DomainEvent for Fact {
    fn event_type(&self) -> String {
        match self {
            Self::Stocked { .. } => "stocked",
            Self::Taken { .. } => "taken",
        }
        .to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}

impl Stock {
    pub fn decide(&self, order: Order) -> Result<Vec<Fact>, TooFew> {
        match order {
            Order::Stock(amount) => Ok(vec![Fact::Stocked { amount }]),
            Order::Take(0) => Ok(Vec::new()),
            Order::Take(amount) if amount > self.left => Err(TooFew(self.left)),
            Order::Take(amount) => Ok(vec![Fact::Taken { amount, note: String::new() }]),
        }
    }

    /// Takes with a note, which a test may use to make the database refuse the row.
    pub fn take(&self, amount: u64, note: &str) -> Result<Vec<Fact>, TooFew> {
        let mut events = self.decide(Order::Take(amount))?;
        for event in &mut events {
            if let Fact::Taken { note: empty, .. } = event {
                note.clone_into(empty);
            }
        }
        Ok(events)
    }
}

impl Aggregate for Stock {
    const TYPE: &'static str = "stock";
    type Command = Order;
    type Event = Fact;
    type Error = TooFew;
    type Services = ();

    async fn handle(
        &mut self,
        command: Order,
        (): &(),
        sink: &EventSink<Self>,
    ) -> Result<(), TooFew> {
        for event in self.decide(command)? {
            sink.write(event, self).await;
        }
        Ok(())
    }

    fn apply(&mut self, event: Fact) {
        match event {
            Fact::Stocked { amount } => self.left += amount,
            Fact::Taken { amount, .. } => {
                self.left -= amount;
                self.taken += amount;
            }
        }
    }
}

/// A migrated database, and its log as one process opens it.
pub struct World {
    pub database: TestDatabase,
    pub log: Log,
}

impl World {
    pub async fn new() -> Self {
        let database = testing::database().await;
        daybook_event_store::migrate(&database.url()).await.expect("the migrations apply");
        let log = open(&database.url(), 0).await;
        Self { database, log }
    }

    pub async fn writer(&self) -> Writer {
        self.writer_with(WriterSettings::default()).await
    }

    pub async fn writer_with(&self, settings: WriterSettings) -> Writer {
        Writer::take_over(&self.log, &node(), settings).await.expect("the log can be taken over")
    }

    pub async fn pool(&self) -> sqlx::PgPool {
        sqlx::PgPool::connect(&self.database.url()).await.expect("the database answers")
    }
}

pub async fn open(url: &str, snapshot_every: i64) -> Log {
    let settings = AggregateSettings::<Stock> { snapshot_every, ..AggregateSettings::default() };
    let settings = LogSettings::new(4).aggregate(settings);
    Log::connect(url, settings).await.expect("the log opens")
}

pub fn node() -> Node {
    Node { id: Uuid::now_v7(), address: "http://127.0.0.1:1".to_owned() }
}

pub fn accepted(body: &str) -> Verdict {
    Verdict::Commit(Response { status: 201, body: body.to_owned() })
}

pub fn keyed(key: &str) -> CommandContext {
    keyed_for(key, 1)
}

pub fn keyed_for(key: &str, request: u8) -> CommandContext {
    let idempotency =
        Idempotency { principal: Uuid::nil(), key: key.to_owned(), request_hash: [request; 32] };
    CommandContext {
        metadata: Metadata::from([("principal".to_owned(), "tester".to_owned())]),
        idempotency: Some(idempotency),
    }
}

/// Stocks a new stream through the framework.
pub async fn stocked(writer: &Writer, amount: u64) -> Arc<str> {
    let id = Uuid::now_v7().to_string();
    let context = CommandContext::default();
    writer
        .execute::<Stock>(&id, Order::Stock(amount), &context, Response::default())
        .await
        .expect("a new stock can be stocked");
    id.into()
}

/// Every position in the log, and every stream's sequences, must be without gap or double.
pub async fn assert_dense(pool: &sqlx::PgPool) {
    let (events, first, last, head): (i64, Option<i64>, Option<i64>, i64) = sqlx::query_as(
        "SELECT count(*), min(position), max(position), (SELECT position FROM log_head) FROM events",
    )
    .fetch_one(pool)
    .await
    .expect("the log can be counted");
    assert_eq!(events, head);
    assert_eq!(last.unwrap_or_default(), head);
    assert!(first.is_none_or(|first| first == 1));
    let gaps: i64 = sqlx::query_scalar(
        "SELECT count(*) FROM (SELECT 1 FROM events GROUP BY aggregate_type, aggregate_id
                               HAVING min(sequence) <> 1 OR max(sequence) <> count(*)) AS broken",
    )
    .fetch_one(pool)
    .await
    .expect("streams can be counted");
    assert_eq!(gaps, 0);
}
