//! A small hotel with a real log and real tables.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its own part")]

pub mod evening;
pub mod minutes;
pub mod salon;
pub mod times;

use std::time::Duration;

use chrono::{NaiveDate, NaiveTime, TimeZone, Utc};
use cqrs_es::Aggregate;
use daybook_domain::{
    booking::{self, Booking, Demands, Line, Terms},
    calendar::{self, Calendar, Point, SoldBy},
    listing::{self, Content, FirstStatus, HouseTimes, Listing},
    payment::{self, Payment},
    resource::{self, Nights, Resource, StayRules},
    values::{
        Attributes, BookingId, CalendarId, Capacity, Currency, CustomerId, Dimensions, Label,
        Limits, ListingId, LocalizedText, Money, Month, OrganizationId, Party, PaymentId, Quantity,
        ResourceId, Stay, Timestamp, Zone,
    },
};
use daybook_event_store::{
    CommandContext, Log, LogSettings, Node, Position, Response, Stream, Unit, Verdict, Writer,
    WriterSettings,
};
use daybook_local_postgres::testing::{self, TestDatabase};
use daybook_projections::{ModelName, ModelStatus, Projections, ProjectionsSettings};
use uuid::Uuid;

pub const PATIENCE: Duration = Duration::from_secs(20);

/// A migrated database, its log and its writer.
pub struct World {
    pub url: String,
    database: Option<TestDatabase>, // dropped with the world
    pub log: Log,
    pub writer: Writer,
    pub pool: sqlx::PgPool,
}

/// A listing with one resource.
#[derive(Clone, Copy)]
pub struct Hotel {
    pub organization: OrganizationId,
    pub listing: ListingId,
    pub room: ResourceId,
}

/// What is to be booked.
#[derive(Clone)]
pub struct Order {
    pub booking: BookingId,
    pub customer: CustomerId,
    pub hotel: Hotel,
    pub stays: Vec<(NaiveDate, NaiveDate, u32)>,
    pub price: u64,
    pub channel: Option<&'static str>,
}

impl World {
    pub async fn new() -> Self {
        let database = testing::database().await;
        let world = Self::at(database.url()).await;
        Self { database: Some(database), ..world }
    }

    /// A world in an empty database that somebody else takes care of.
    pub async fn at(url: String) -> Self {
        daybook_event_store::migrate(&url).await.expect("the migrations apply");
        let log = Log::connect(&url, LogSettings::new(8)).await.expect("the log opens");
        let node = Node { id: Uuid::now_v7(), address: "http://127.0.0.1:1".to_owned() };
        let writer = Writer::take_over(&log, &node, WriterSettings::default()).await;
        let writer = writer.expect("the log can be taken over");
        let pool = sqlx::PgPool::connect(&url).await.expect("the database answers");
        Self { url, database: None, log, writer, pool }
    }

    /// The same world under a new writer.
    pub async fn succeeded(self) -> Self {
        let node = Node { id: Uuid::now_v7(), address: "http://127.0.0.1:2".to_owned() };
        let writer = Writer::take_over(&self.log, &node, WriterSettings::default()).await;
        Self { writer: writer.expect("the log can be taken over"), ..self }
    }

    /// The models, run by this process, and there.
    pub async fn projections(&self) -> Projections {
        let projections = self.projections_with(ProjectionsSettings::default()).await;
        projections.ready(PATIENCE).await.expect("an empty log is soon read");
        projections
    }

    pub async fn projections_with(&self, settings: ProjectionsSettings) -> Projections {
        let started = Projections::start(self.log.clone(), &self.url, settings).await;
        started.expect("the models open")
    }

    /// The models as another process opens them, which knows of this one only through the database.
    pub async fn elsewhere(&self, settings: ProjectionsSettings) -> Projections {
        elsewhere(&self.url, settings).await
    }

    /// Waits until every model has read the whole log.
    pub async fn settle(&self, projections: &Projections) {
        let head = self.log.head().await.expect("the log has a head");
        for model in ModelName::ALL {
            projections.wait_for(model, head, PATIENCE).await.expect("a model reads on");
        }
    }

    pub async fn send<A>(&self, id: impl ToString, command: A::Command) -> Position
    where
        A: Aggregate<Services = ()> + 'static,
        A::Command: Clone + Send,
        A::Event: 'static,
        A::Error: std::fmt::Debug,
    {
        let context = CommandContext::default();
        let answer =
            self.writer.execute::<A>(&id.to_string(), command, &context, Response::default()).await;
        answer.expect("the command is in order").position
    }

    pub async fn unit(
        &self,
        streams: &[Stream],
        mut decide: impl FnMut(&mut Unit) -> Result<(), String>,
    ) -> Result<Position, String> {
        let context = CommandContext::default();
        let answer = self
            .writer
            .run(streams, &context, |unit| {
                decide(unit).map(|()| Verdict::Commit(Response::default()))
            })
            .await;
        answer.map(|answer| answer.position).map_err(|error| error.to_string())
    }

    pub async fn hotel(&self, zone: &str, capacity: u32) -> Hotel {
        let hotel = Hotel {
            organization: OrganizationId::from_uuid(Uuid::now_v7()),
            listing: ListingId::from_uuid(Uuid::now_v7()),
            room: ResourceId::from_uuid(Uuid::now_v7()),
        };
        let create = listing::Command::Create {
            organization: hotel.organization,
            terms: listing::Terms::Stay(house_times(11)),
            content: Box::new(Content::new(text("Hotel"))),
            zone: zone.parse().expect("a zone"),
            currency: eur(),
            on_request: false,
            status: FirstStatus::Published,
            at: at(1, 8),
        };
        self.send::<Listing>(hotel.listing, create).await;
        self.room(&hotel, hotel.room, capacity).await;
        hotel
    }

    pub async fn room(&self, hotel: &Hotel, room: ResourceId, capacity: u32) {
        let (listing, price_per_night) = (hotel.listing, euros(100));
        let rules = StayRules::default();
        let create = resource::Command::Create {
            organization: hotel.organization,
            terms: resource::Terms::Nights(Nights { listing, price_per_night, rules }),
            currency: eur(),
            content: described("Room"),
            limits: limits(capacity),
            at: at(1, 8),
        };
        self.send::<Resource>(room, create).await;
    }

    /// Books in one unit of work, as the engine does: calendars and booking together.
    pub async fn book(
        &self,
        order: &Order,
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<Position, String> {
        let terms = order.terms();
        let takes = Demands::of(terms.lines().as_slice()).calendars;
        let mut streams = vec![Stream::of::<Booking>(order.booking)];
        streams.extend(takes.keys().map(Stream::of::<Calendar>));
        self.unit(&streams, |unit| {
            for (id, takes) in &takes {
                let open = calendar::Command::Open {
                    month: id.month,
                    sold_by: SoldBy::Nights,
                    limits: limits(4),
                    at,
                };
                decide::<Calendar>(unit, id, open)?;
                let (booking, takes) = (order.booking, takes.clone());
                decide::<Calendar>(
                    unit,
                    id,
                    calendar::Command::Allocate { booking, takes, until, at },
                )?;
            }
            let terms = terms.clone();
            let command = match until {
                Some(until) => booking::Command::Hold { terms, until, at },
                None => booking::Command::Book { terms, at },
            };
            decide::<Booking>(unit, order.booking, command)
        })
        .await
    }

    /// One command to the booking, one to each of its calendars.
    pub async fn advance(
        &self,
        order: &Order,
        command: booking::Command,
        calendars: impl Fn(BookingId) -> Option<calendar::Command>,
    ) -> Result<Position, String> {
        let ids: Vec<CalendarId> =
            Demands::of(order.terms().lines().as_slice()).calendars.into_keys().collect();
        let mut streams = vec![Stream::of::<Booking>(order.booking)];
        streams.extend(ids.iter().map(Stream::of::<Calendar>));
        self.unit(&streams, |unit| {
            decide::<Booking>(unit, order.booking, command.clone())?;
            for id in &ids {
                if let Some(command) = calendars(order.booking) {
                    decide::<Calendar>(unit, id, command)?;
                }
            }
            Ok(())
        })
        .await
    }

    pub async fn confirm(&self, order: &Order, at: Timestamp) -> Result<Position, String> {
        self.advance(order, booking::Command::Confirm { at }, |booking| {
            Some(calendar::Command::Confirm { booking, at })
        })
        .await
    }

    pub async fn cancel(&self, order: &Order, at: Timestamp) -> Result<Position, String> {
        let command =
            booking::Command::Cancel { reason: None, terms: booking::CancelTerms::NONE, at };
        self.advance(order, command, |booking| {
            Some(calendar::Command::Release { booking, from: None, at })
        })
        .await
    }

    pub async fn check_in(&self, order: &Order, at: Timestamp) -> Result<Position, String> {
        self.advance(order, booking::Command::CheckIn { at }, |_| None).await
    }

    pub async fn check_out(&self, order: &Order, at: Timestamp) -> Result<Position, String> {
        self.advance(order, booking::Command::CheckOut { at }, |booking| {
            Some(calendar::Command::Release {
                booking,
                from: Some(Point::Day(at.date_naive())),
                at,
            })
        })
        .await
    }

    pub async fn no_show(&self, order: &Order, at: Timestamp) -> Result<Position, String> {
        self.advance(order, booking::Command::NoShow { paid: None, at }, |_| None).await
    }

    pub async fn lapse(&self, order: &Order, at: Timestamp) -> Result<Position, String> {
        self.advance(order, booking::Command::Lapse { at }, |booking| {
            Some(calendar::Command::Release { booking, from: None, at })
        })
        .await
    }

    pub async fn pay(&self, booking: BookingId, amount: Money, at: Timestamp) -> PaymentId {
        let id = PaymentId::from_uuid(Uuid::now_v7());
        let request = payment::Command::Request {
            booking,
            amount,
            method: payment::Method::Cash,
            provider: None,
            purpose: None,
            capture: payment::CaptureMode::Manual,
            at,
        };
        self.send::<Payment>(id, request).await;
        let rest = payment::Rest::Released;
        self.send::<Payment>(id, payment::Command::Capture { amount: None, rest, at }).await;
        id
    }

    /// Every model must be what the log says.
    pub async fn assert_verified(&self, projections: &Projections) {
        for model in ModelName::ALL {
            let report = projections.verify(model).await.expect("a model can be verified");
            assert_eq!(report.differing_rows, 0, "{model}: {:?}", report.differences);
        }
    }

    pub async fn count(&self, sql: &str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(&self.pool).await.expect("rows can be counted")
    }
}

/// The models as another process opens them.
pub async fn elsewhere(url: &str, settings: ProjectionsSettings) -> Projections {
    let log = Log::connect(url, LogSettings::new(4)).await.expect("the log opens twice");
    Projections::start(log, url, settings).await.expect("the models open")
}

/// How one model stands.
pub async fn status(projections: &Projections, model: ModelName) -> ModelStatus {
    let all = projections.status().await.expect("the models have a status");
    all.into_iter().find(|status| status.name == model).expect("every model has one")
}

pub fn decide<A: Aggregate + Decides>(
    unit: &mut Unit,
    id: impl std::fmt::Display,
    command: A::Command,
) -> Result<(), String>
where
    A::Event: 'static,
{
    unit.decide::<A, String>(id, |state| state.decided(command))
}

/// The pure decision of an aggregate.
pub trait Decides: Aggregate + 'static {
    fn decided(&self, command: Self::Command) -> Result<Vec<Self::Event>, String>;
}

impl Decides for Booking {
    fn decided(&self, command: booking::Command) -> Result<Vec<booking::Event>, String> {
        self.decide(command).map_err(|refusal| refusal.to_string())
    }
}

impl Decides for Calendar {
    fn decided(&self, command: calendar::Command) -> Result<Vec<calendar::Event>, String> {
        self.decide(command).map_err(|refusal| refusal.to_string())
    }
}

impl Order {
    pub fn new(hotel: Hotel, first: u32, end: u32, quantity: u32) -> Self {
        Self {
            booking: BookingId::from_uuid(Uuid::now_v7()),
            customer: CustomerId::from_uuid(Uuid::now_v7()),
            hotel,
            stays: vec![(day(first), day(end), quantity)],
            price: 100,
            channel: None,
        }
    }

    pub fn lines(&self, zone: Zone) -> Vec<Line> {
        let line = |(arrival, departure, quantity): &(NaiveDate, NaiveDate, u32)| {
            let nights = booking::Nights::priced(
                self.hotel.room,
                Stay::try_new(*arrival, *departure).expect("dates in order"),
                Quantity::try_new(*quantity).expect("a small quantity"),
                euros(self.price),
                zone,
                time(15),
                time(11),
            );
            Line::Nights(nights.expect("a small price"))
        };
        self.stays.iter().map(line).collect()
    }

    pub fn terms(&self) -> Terms {
        let zone: Zone = "Asia/Tokyo".parse().expect("a zone");
        let channel = self.channel.map(|label| Label::try_new(label).expect("a short label"));
        let dimensions = Dimensions { channel, ..Dimensions::default() };
        let party = Party::try_new(2, 0, 0).expect("a small party");
        Terms::try_new(self.hotel.listing, self.customer, zone, self.lines(zone), party, dimensions)
            .expect("the lines add up")
    }
}

/// A day of May and June 2026, counted from the first of May.
pub fn day(number: u32) -> NaiveDate {
    let first = NaiveDate::from_ymd_opt(2026, 5, 1).expect("a date");
    first + chrono::Days::new(u64::from(number) - 1)
}

/// An hour, UTC, of such a day.
pub fn at(number: u32, hour: u32) -> Timestamp {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour");
    Utc.from_utc_datetime(&day(number).and_time(time))
}

pub fn time(hour: u32) -> NaiveTime {
    NaiveTime::from_hms_opt(hour, 0, 0).expect("an hour")
}

/// From three in the afternoon until an hour in the morning.
pub fn house_times(check_out: u32) -> HouseTimes {
    HouseTimes { check_in: time(15), check_out: time(check_out) }
}

pub fn described(name: &str) -> resource::Content {
    resource::Content { name: text(name), attributes: Attributes::default() }
}

pub fn eur() -> Currency {
    "EUR".parse().expect("a currency")
}

pub fn euros(whole: u64) -> Money {
    Money::try_new(whole * 100, eur()).expect("a small amount")
}

pub fn limits(capacity: u32) -> Limits {
    Limits { capacity: Capacity::try_new(capacity).expect("a small capacity"), overbooking: 0 }
}

pub fn text(english: &str) -> LocalizedText {
    LocalizedText::try_new([("en", english)]).expect("a short text")
}

pub fn month(number: u32) -> Month {
    Month::try_new(2026, number).expect("a month")
}

/// A busy house: so many orders, of all fates, one after the other. Those that find no room are turned away.
pub async fn busy(world: &World, hotel: Hotel, seed: u32, orders: u32) {
    let mut chance = u64::from(seed).wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut draw = |sides: u32| {
        chance =
            chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((chance >> 33) % u64::from(sides)).expect("a small number")
    };
    let session = world.evening(&hotel).await;
    // what the house has by the hour is known to calendars alone
    let thing = times::Thing {
        resource: ResourceId::from_uuid(hotel.organization.as_uuid()),
        zone: "America/New_York".parse().expect("a zone"),
        limits: limits(3),
    };
    for order in 0..orders {
        if order % 4 == 0 {
            times::hours(world, thing, (at(25, 0), 10 * 24 * 60), &mut draw, 2).await;
        }
        let (first, nights, quantity) = (10 + draw(40), draw(5), 1 + draw(2));
        let mut order = Order::new(hotel, first, first + nights, quantity);
        order.price = u64::from(50 + draw(100));
        order.channel = [None, Some("Direct"), Some("Agent")][draw(3) as usize];
        let fate = draw(7);
        let until = (fate != 0).then(|| at(3, 0));
        evening::attend(world, session, &order, fate, draw(6)).await;
        if world.book(&order, until, at(1, draw(24))).await.is_err() {
            continue;
        }
        fulfil(world, &order, fate).await.expect("what was booked can be fulfilled");
    }
}

async fn fulfil(world: &World, order: &Order, fate: u32) -> Result<(), String> {
    let arrival = order.stays[0].0.signed_duration_since(day(1)).num_days();
    let arrival = u32::try_from(arrival).expect("after the first of May") + 1;
    match fate {
        0 | 1 => {}
        2 => drop(world.lapse(order, at(3, 0)).await?),
        3 => drop(world.cancel(order, at(2, 1)).await?),
        4 => drop(world.confirm(order, at(2, 2)).await?),
        5 => {
            world.confirm(order, at(2, 2)).await?;
            world.no_show(order, at(arrival, 14)).await?;
        }
        _ => {
            world.confirm(order, at(2, 2)).await?;
            world.pay(order.booking, euros(10), at(2, 3)).await;
            world.check_in(order, at(arrival, 14)).await?;
            world.check_out(order, at(arrival + 1, 2)).await?;
        }
    }
    Ok(())
}
