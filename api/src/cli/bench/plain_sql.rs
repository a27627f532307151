//! The rival: what one writes without an engine. A row of stock is counted up under a condition, and the booking is
//! inserted beside it, without events, receipts or read models.

use std::sync::Arc;

use anyhow::{Context, Result};
use chrono::NaiveDate;
use sqlx::{Connection, Executor, PgConnection};
use uuid::Uuid;

use super::{
    figure::{Contender, Shape},
    load::Worker,
    races::{HOT_CAPACITY, Picked},
    stage::Stage,
};

const DATABASE: &str = "plain_sql";

const SCHEMA: &str = "
CREATE TABLE stock (
    id       uuid    PRIMARY KEY,
    capacity integer NOT NULL,
    reserved integer NOT NULL DEFAULT 0
);
CREATE TABLE bookings (
    id          uuid        PRIMARY KEY,
    stock_id    uuid        NOT NULL,
    customer_id uuid        NOT NULL,
    night       date        NOT NULL,
    price_minor bigint      NOT NULL,
    created_at  timestamptz NOT NULL
);";

const TAKE: &str = "
UPDATE stock SET reserved = reserved + 1
 WHERE id = $1 AND reserved < capacity";

const INSERT: &str = "
INSERT INTO bookings (id, stock_id, customer_id, night, price_minor, created_at)
VALUES ($1, $2, $3, $4, $5, now())";

const TAKE_AND_INSERT: &str = "
WITH taken AS (
    UPDATE stock SET reserved = reserved + 1
     WHERE id = $2 AND reserved < capacity
    RETURNING id
)
INSERT INTO bookings (id, stock_id, customer_id, night, price_minor, created_at)
SELECT $1, id, $3, $4, $5, now() FROM taken";

/// The rival's database.
pub(super) struct PlainSql {
    url: String,
    spread: Arc<[Uuid]>,
}

impl PlainSql {
    pub(super) async fn open(stage: &Stage, resources: usize) -> Result<Self> {
        let mut connection = stage.connect(DATABASE).await?;
        connection.execute(SCHEMA).await?;
        let spread = add_stock(&mut connection, resources).await?;
        Ok(Self { url: stage.database(DATABASE).await?, spread: spread.into() })
    }

    /// So many clients, each with its own connection, that want the same stock or choose among many.
    pub(super) async fn clients(
        &self,
        contender: Contender,
        shape: Shape,
        connections: u16,
    ) -> Result<Vec<Client>> {
        let stock = match shape {
            Shape::Spread | Shape::Fresh => Arc::clone(&self.spread),
            Shape::Hot => {
                let mut connection = PgConnection::connect(&self.url).await?;
                add_stock(&mut connection, 1).await?.into()
            }
        };
        let mut clients = Vec::with_capacity(connections.into());
        for number in 0..connections {
            clients.push(Client {
                connection: PgConnection::connect(&self.url).await?,
                one_statement: contender == Contender::SqlStatement,
                picked: Picked::new(&stock, number),
                customer: Uuid::now_v7(),
                night: NaiveDate::from_ymd_opt(2031, 6, 15).context("the night exists")?,
            });
        }
        Ok(clients)
    }
}

async fn add_stock(connection: &mut PgConnection, rows: usize) -> Result<Vec<Uuid>> {
    let ids: Vec<Uuid> = (0..rows).map(|_| Uuid::now_v7()).collect();
    sqlx::query("INSERT INTO stock (id, capacity) SELECT id, $2 FROM unnest($1::uuid[]) AS id")
        .bind(&ids)
        .bind(i32::try_from(HOT_CAPACITY)?)
        .execute(connection)
        .await?;
    Ok(ids)
}

/// A client that books one night after another.
pub(super) struct Client {
    connection: PgConnection,
    one_statement: bool,
    picked: Picked,
    customer: Uuid,
    night: NaiveDate,
}

impl Client {
    pub(super) async fn close(self) -> Result<()> {
        Ok(self.connection.close().await?)
    }
}

impl Worker for Client {
    async fn once(&mut self) -> Result<bool> {
        let (booking, stock) = (Uuid::now_v7(), self.picked.next());
        if self.one_statement {
            let done = insert(TAKE_AND_INSERT, booking, stock, self.customer, self.night);
            return Ok(done.execute(&mut self.connection).await?.rows_affected() == 1);
        }
        let mut transaction = self.connection.begin().await?;
        let taken = sqlx::query(TAKE).bind(stock).execute(&mut *transaction).await?;
        if taken.rows_affected() == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
        insert(INSERT, booking, stock, self.customer, self.night)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        Ok(true)
    }
}

fn insert(
    statement: &'static str,
    booking: Uuid,
    stock: Uuid,
    customer: Uuid,
    night: NaiveDate,
) -> sqlx::query::Query<'static, sqlx::Postgres, sqlx::postgres::PgArguments> {
    sqlx::query(statement).bind(booking).bind(stock).bind(customer).bind(night).bind(12_550_i64)
}
