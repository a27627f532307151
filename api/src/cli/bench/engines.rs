//! Commands in this process, without HTTP: cqrs-es over unmodified postgres-es, the same framework over our store, and
//! our unit of work over a booking and its calendar.

use std::sync::Arc;

use anyhow::{Context, Result, anyhow};
use chrono::Utc;
use cqrs_es::{CqrsFramework, EventStore, persist::PersistedEventStore};
use daybook_domain::{
    booking::{self, Booking, Terms},
    calendar::{self, Calendar, Take},
    values::{BookingId, DayRange, Quantity},
};
use daybook_event_store::{CommandContext, FrameworkStore, Idempotency, Stream, Verdict, Writer};
use postgres_es::PostgresEventRepository;
use sqlx::{Executor, postgres::PgPoolOptions};
use uuid::Uuid;

use super::{
    figure::{Contender, Figure, Row, Shape, record},
    load::{Load, Timing, Worker, drive},
    note,
    plan::{Part, Plan},
    premises::{Offer, answer, set_up, take_over},
    process::Meter,
    races::Choice,
    stage::Stage,
};

/// The tables as postgres-es documents them.
const POSTGRES_ES: &str = "
CREATE TABLE events (
    aggregate_type text                         NOT NULL,
    aggregate_id   text                         NOT NULL,
    sequence       bigint CHECK (sequence >= 0) NOT NULL,
    event_type     text                         NOT NULL,
    event_version  text                         NOT NULL,
    payload        json                         NOT NULL,
    metadata       json                         NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, sequence)
);
CREATE TABLE snapshots (
    aggregate_type   text                                 NOT NULL,
    aggregate_id     text                                 NOT NULL,
    last_sequence    bigint CHECK (last_sequence >= 0)    NOT NULL,
    current_snapshot bigint CHECK (current_snapshot >= 0) NOT NULL,
    payload          json                                 NOT NULL,
    PRIMARY KEY (aggregate_type, aggregate_id, last_sequence)
);";

/// Both engines, each on its own database.
struct Engines<'a> {
    stage: &'a Stage,
    timing: Timing,
    in_flight: u16,
    rival: Arc<CqrsFramework<Booking, PersistedEventStore<PostgresEventRepository, Booking>>>,
    ours: Arc<CqrsFramework<Booking, FrameworkStore<Booking>>>,
    writer: Writer,
    hot: Arc<[Offer]>,
    spread: Arc<[Offer]>,
}

/// Lets the engines take turns.
pub(super) async fn run(plan: &Plan, stage: &Stage) -> Result<Vec<Row>> {
    note("setting the engines up");
    let engines = Engines::set_up(plan, stage).await?;
    let disciplines = [
        (Part::CqrsEs, Contender::CqrsEs, Shape::Fresh),
        (Part::Engine, Contender::Engine, Shape::Fresh),
        (Part::Engine, Contender::UnitOfWork, Shape::Hot),
        (Part::Engine, Contender::UnitOfWork, Shape::Spread),
    ];
    let mut rows = Vec::new();
    for round in 1..=plan.rounds {
        note(&format!("commands in process, round {round}"));
        for (_, contender, shape) in disciplines.iter().filter(|(part, ..)| plan.has(*part)) {
            let figure = engines.measure(*contender, *shape).await?;
            record(&mut rows, (*contender, *shape, plan.in_flight), figure);
        }
    }
    Ok(rows)
}

impl<'a> Engines<'a> {
    async fn set_up(plan: &Plan, stage: &'a Stage) -> Result<Self> {
        let url = stage.database("cqrs_es").await?;
        let pool = PgPoolOptions::new()
            .max_connections(plan.in_flight.into())
            .min_connections(plan.in_flight.into())
            .connect(&url)
            .await?;
        pool.execute(POSTGRES_ES).await?;
        let store = PersistedEventStore::new_event_store(PostgresEventRepository::new(pool));
        let url = stage.database("engine").await?;
        let writer = take_over(&url).await?;
        Ok(Self {
            stage,
            timing: Timing::from(plan),
            in_flight: plan.in_flight,
            rival: Arc::new(CqrsFramework::new(store, vec![], ())),
            ours: Arc::new(CqrsFramework::new(FrameworkStore::fresh(&writer), vec![], ())),
            hot: set_up(&writer, 1).await?,
            spread: set_up(&writer, plan.resources).await?,
            writer,
        })
    }

    async fn measure(&self, contender: Contender, shape: Shape) -> Result<Figure> {
        self.stage.settle().await?;
        let meter = Meter::start(None, self.stage.pid());
        let load = match contender {
            Contender::CqrsEs => self.drive_framework(&self.rival).await?,
            Contender::Engine => self.drive_framework(&self.ours).await?,
            Contender::UnitOfWork => {
                let offers = if shape == Shape::Hot { &self.hot } else { &self.spread };
                book(&self.writer, offers, self.in_flight, self.timing).await?
            }
            Contender::Http | Contender::SqlTransaction | Contender::SqlStatement => {
                return Err(anyhow!("{} is no engine", contender.title()));
            }
        };
        Ok(meter.stop(&load))
    }

    async fn drive_framework<S>(&self, framework: &Arc<CqrsFramework<Booking, S>>) -> Result<Load>
    where
        S: EventStore<Booking, AC: Send> + 'static,
    {
        let offer = self.hot.first().context("there is an offer")?;
        let worker = || Commander { framework: Arc::clone(framework), terms: offer.terms.clone() };
        let workers = (0..self.in_flight).map(|_| worker()).collect();
        Ok(drive(workers, self.timing).await?.0)
    }
}

/// Makes bookings through units of work, so many at once.
pub(super) async fn book(
    writer: &Writer,
    offers: &Arc<[Offer]>,
    in_flight: u16,
    timing: Timing,
) -> Result<Load> {
    let workers = (0..in_flight).map(|number| Booker::new(writer, offers, number)).collect();
    Ok(drive(workers, timing).await?.0)
}

/// Sends one `Book` after another, each to a booking that does not exist yet.
struct Commander<S>
where
    S: EventStore<Booking>,
{
    framework: Arc<CqrsFramework<Booking, S>>,
    terms: Terms,
}

impl<S> Worker for Commander<S>
where
    S: EventStore<Booking, AC: Send> + 'static,
{
    async fn once(&mut self) -> Result<bool> {
        let id = Uuid::now_v7().to_string();
        let command = booking::Command::Book { terms: self.terms.clone(), at: Utc::now() };
        self.framework.execute(&id, command).await?;
        Ok(true)
    }
}

/// Makes one booking after another, each with its calendar and its receipt, as the server does.
struct Booker {
    writer: Writer,
    offers: Arc<[Offer]>,
    choice: Choice,
    principal: Uuid,
}

impl Booker {
    fn new(writer: &Writer, offers: &Arc<[Offer]>, number: u16) -> Self {
        Self {
            writer: writer.clone(),
            offers: Arc::clone(offers),
            choice: Choice::new(offers.len(), number),
            principal: Uuid::now_v7(),
        }
    }
}

impl Worker for Booker {
    async fn once(&mut self) -> Result<bool> {
        let offer = self.offers.get(self.choice.next()).context("there is an offer")?;
        let (uuid, at) = (Uuid::now_v7(), Utc::now());
        let booking = BookingId::from_uuid(uuid);
        let take = Take::Nights { days: night(offer)?, quantity: Quantity::ONE };
        let streams = [Stream::fresh::<Booking>(booking), Stream::of::<Calendar>(offer.calendar)];
        let idempotency =
            Idempotency { principal: self.principal, key: uuid.to_string(), request_hash: [7; 32] };
        let context =
            CommandContext { idempotency: Some(idempotency), ..CommandContext::default() };
        let done = self.writer.run(&streams, &context, |unit| {
            let command = booking::Command::Book { terms: offer.terms.clone(), at };
            unit.decide(booking, |booking: &Booking| booking.decide(command))?;
            let takes = vec![take];
            let command = calendar::Command::Allocate { booking, takes, until: None, at };
            unit.decide(offer.calendar, |calendar: &Calendar| calendar.decide(command))?;
            Ok::<_, anyhow::Error>(Verdict::Commit(answer()))
        });
        done.await.map_err(|error| anyhow!("a booking failed: {error}"))?;
        Ok(true)
    }
}

/// The one night that everybody wants.
fn night(offer: &Offer) -> Result<DayRange> {
    let line = offer.terms.lines().as_slice().first().context("there is a line")?;
    Ok(line.nights().context("the line is sold by the night")?.stay().days())
}
