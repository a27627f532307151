//! Bookings over HTTP and in plain SQL, taking turns on the same server: all of them after one night of one resource, or
//! spread over many.

use std::sync::Arc;

use anyhow::{Result, bail};
use uuid::Uuid;

use super::{
    figure::{Contender, Figure, Row, Shape, record},
    http::Connection,
    load::{Load, Timing, Worker, drive, drive_on_one_thread},
    note,
    plain_sql::PlainSql,
    plan::{Part, Plan},
    process::{Meter, resident_mib},
    request::BookingRequest,
    safety::{self, Safety},
    server::Server,
    stage::Stage,
};

/// So much that it never runs out while it is measured.
pub(super) const HOT_CAPACITY: u32 = 1_000_000;

/// What the races came to.
pub(super) struct Raced {
    pub(super) rows: Vec<Row>,
    pub(super) safety: Option<Safety>,
}

/// Everything on the course.
struct Course<'a> {
    stage: &'a Stage,
    timing: Timing,
    http: Option<Http>,
    sql: Option<PlainSql>,
}

/// The server, and every booking it has acknowledged.
struct Http {
    server: Server,
    spread: Arc<[Uuid]>,
    acknowledged: Vec<Uuid>,
}

/// Lets the contenders take turns.
pub(super) async fn run(plan: &Plan, stage: &Stage) -> Result<Raced> {
    let mut course = Course::set_up(plan, stage).await?;
    let contenders = [
        (Contender::Http, Part::Http),
        (Contender::SqlTransaction, Part::Sql),
        (Contender::SqlStatement, Part::Sql),
    ];
    let mut rows = Vec::new();
    for &connections in &plan.connections {
        for round in 1..=plan.rounds {
            note(&format!("bookings at {connections} connections, round {round}"));
            for shape in [Shape::Hot, Shape::Spread] {
                for (contender, _) in contenders.iter().filter(|(_, part)| plan.has(*part)) {
                    let figure = course.measure(*contender, shape, connections).await?;
                    record(&mut rows, (*contender, shape, connections), figure);
                }
            }
        }
    }
    let safety = course.finish(plan).await?;
    Ok(Raced { rows, safety })
}

impl<'a> Course<'a> {
    async fn set_up(plan: &Plan, stage: &'a Stage) -> Result<Self> {
        let timing = Timing::from(plan);
        let sql = if plan.has(Part::Sql) {
            Some(PlainSql::open(stage, plan.resources).await?)
        } else {
            None
        };
        let http = if plan.has(Part::Http) {
            note(&format!("starting the server and creating {} resources", plan.resources));
            Some(Http::open(stage, plan.resources).await?)
        } else {
            None
        };
        Ok(Self { stage, timing, http, sql })
    }

    async fn measure(
        &mut self,
        contender: Contender,
        shape: Shape,
        connections: u16,
    ) -> Result<Figure> {
        if let Some(http) = &self.http {
            http.server.wait_until_idle().await?;
        }
        self.stage.settle().await?;
        match (contender, &mut self.http, &self.sql) {
            (Contender::Http, Some(http), _) => {
                http.measure(self.stage, shape, connections, self.timing).await
            }
            (Contender::SqlTransaction | Contender::SqlStatement, _, Some(sql)) => {
                let clients = sql.clients(contender, shape, connections).await?;
                let meter = Meter::start(None, self.stage.pid());
                let (load, clients) = drive(clients, self.timing).await?;
                // Before the connections end, and what they cost with them.
                let figure = meter.stop(&load);
                for client in clients {
                    client.close().await?;
                }
                Ok(figure)
            }
            _ => bail!("{} does not race", contender.title()),
        }
    }

    /// Sells out one resource under pressure, kills the server, and looks into the log.
    async fn finish(self, plan: &Plan) -> Result<Option<Safety>> {
        let Some(mut http) = self.http else { return Ok(None) };
        note("selling out one resource, killing the server and counting what is in the log");
        let contest = safety::contest(&http.server, plan).await?;
        http.acknowledged.extend(&contest.acknowledged);
        http.server.kill().await?;
        Ok(Some(safety::audit(self.stage, &contest, &http.acknowledged).await?))
    }
}

impl Http {
    async fn open(stage: &Stage, resources: usize) -> Result<Self> {
        let server = Server::start(stage).await?;
        let (spread, acknowledged) = server.create_resources(resources, HOT_CAPACITY).await?;
        Ok(Self { server, spread: spread.into(), acknowledged })
    }

    /// What clients need; the connections are opened on the thread that drives them.
    async fn clients(&mut self, shape: Shape, connections: u16) -> Result<Vec<Ready>> {
        let resources = match shape {
            Shape::Spread | Shape::Fresh => Arc::clone(&self.spread),
            Shape::Hot => {
                let (hot, booked) = self.server.create_resources(1, HOT_CAPACITY).await?;
                self.acknowledged.extend(booked);
                hot.into()
            }
        };
        let ready = |number| {
            let request = self.server.booking_request()?;
            Ok(Ready { request, picked: Picked::new(&resources, number) })
        };
        (0..connections).map(ready).collect()
    }

    async fn measure(
        &mut self,
        stage: &Stage,
        shape: Shape,
        connections: u16,
        timing: Timing,
    ) -> Result<Figure> {
        let clients = self.clients(shape, connections).await?;
        let server = self.server.pid();
        let meter = Meter::start(server, stage.pid());
        let load = self.drive(clients, timing).await?;
        let figure = meter.stop(&load);
        Ok(Figure { server_mib: server.and_then(resident_mib), ..figure })
    }

    async fn drive(&mut self, clients: Vec<Ready>, timing: Timing) -> Result<Load> {
        let address = self.server.address;
        let open = async move || {
            let mut workers = Vec::with_capacity(clients.len());
            for Ready { request, picked } in clients {
                let connection = Connection::open(address).await?;
                workers.push(Client { connection, request, picked, acknowledged: Vec::new() });
            }
            Ok(workers)
        };
        let (load, clients) = drive_on_one_thread(open, timing).await?;
        for client in clients {
            self.acknowledged.extend(client.acknowledged);
        }
        Ok(load)
    }
}

/// A client before it has its connection.
struct Ready {
    request: BookingRequest,
    picked: Picked,
}

/// A client that books one night after another.
pub(super) struct Client {
    connection: Connection,
    request: BookingRequest,
    picked: Picked,
    pub(super) acknowledged: Vec<Uuid>,
}

impl Client {
    pub(super) async fn open(server: &Server, picked: Picked) -> Result<Self> {
        let connection = Connection::open(server.address).await?;
        let request = server.booking_request()?;
        Ok(Self { connection, request, picked, acknowledged: Vec::new() })
    }
}

impl Worker for Client {
    async fn once(&mut self) -> Result<bool> {
        let request = self.request.fill(Uuid::now_v7(), self.picked.next());
        match self.connection.send(request).await? {
            201 => {
                self.acknowledged.push(self.connection.id()?);
                Ok(true)
            }
            // Sold out, or too much at once.
            409 | 503 => Ok(false),
            other => bail!("a booking was answered {other}: {:?}", self.connection.json()),
        }
    }
}

/// Picks one of several by its index, each as likely as the other, the same at every run.
pub(super) struct Choice {
    among: u64,
    state: u64,
}

impl Choice {
    pub(super) fn new(among: usize, number: u16) -> Self {
        // Far apart from each other, and never 0, from where xorshift does not move.
        let state = (u64::from(number) + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        Self { among: u64::try_from(among).unwrap_or(u64::MAX).max(1), state }
    }

    pub(super) fn next(&mut self) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state % self.among).unwrap_or_default()
    }
}

/// One of several ids at a time.
pub(super) struct Picked {
    among: Arc<[Uuid]>,
    choice: Choice,
}

impl Picked {
    pub(super) fn new(among: &Arc<[Uuid]>, number: u16) -> Self {
        Self { among: Arc::clone(among), choice: Choice::new(among.len(), number) }
    }

    pub(super) fn next(&mut self) -> Uuid {
        self.among.get(self.choice.next()).copied().unwrap_or_default()
    }
}
