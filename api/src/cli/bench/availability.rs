//! How fast is found what is free by the hour, with a million bookings stored.
//!
//! The bookings are events of calendars as the engine writes them; they are put into a fresh log at once, and the read
//! models are rebuilt from it.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use chrono::{Days, TimeDelta, Utc};
use daybook_projections::{
    ModelName, Projections, ProjectionsSettings, RoomsAnswer, RoomsWanted, SlotsWanted,
};
use serde::Serialize;

use crate::serve::open_log;

use super::{
    history::History,
    house::{self, House},
    note,
    plan::Plan,
    stage::Stage,
};

const DATABASE: &str = "availability";
/// Days whose slots are asked for at once.
const DAYS: u64 = 30;
const QUESTIONS: u64 = 200;

/// How long questions take.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Availability {
    /// Bookings stored.
    pub(super) bookings: usize,
    pub(super) staff: usize,
    pub(super) rooms: usize,
    /// When a service can begin in 30 days with any of the staff.
    pub(super) slots: Latency,
    /// Which of the rooms are free for two hours.
    pub(super) free_rooms: Latency,
}

/// How long one question takes, in milliseconds.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Latency {
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

/// Stores the bookings, then asks.
pub(super) async fn run(plan: &Plan, stage: &Stage) -> Result<Availability> {
    let url = stage.database(DATABASE).await?;
    daybook_event_store::migrate(&url).await?;
    note("storing a million bookings by the hour");
    let house = House::new(plan)?;
    let mut history = History::new(Utc::now());
    let mut connection = stage.connect(DATABASE).await?;
    let bookings = house.write(&mut history, &mut connection).await?;
    history.close(connection).await?;

    note("asking for free slots and rooms");
    let settings = ProjectionsSettings { run: false, ..ProjectionsSettings::default() };
    let projections = Projections::start(open_log(&url).await?, &url, settings).await?;
    for model in [
        ModelName::Listings,
        ModelName::Resources,
        ModelName::Bookings,
        ModelName::Payments,
        ModelName::BusyTimes,
    ] {
        projections.rebuild(model).await?;
    }
    stage.settle().await?;
    let mut slots = Vec::new();
    let mut free_rooms = Vec::new();
    for question in 0..QUESTIONS {
        slots.push(ask_for_slots(&house, &projections, question).await?);
        free_rooms.push(ask_for_rooms(&house, &projections, question).await?);
    }
    projections.shutdown().await;
    Ok(Availability {
        bookings,
        staff: house.staff.len(),
        rooms: house.rooms.len(),
        slots: Latency::of(slots),
        free_rooms: Latency::of(free_rooms),
    })
}

/// Milliseconds until the slots of some days are known.
async fn ask_for_slots(house: &House, projections: &Projections, question: u64) -> Result<f64> {
    let (days, now) = (house.days_from(question, DAYS)?, Utc::now());
    let quantity = house::one();
    let service = house.service;
    let wanted = SlotsWanted { service, with: None, days, zone: None, quantity, now };
    let started = Instant::now();
    let answer = projections.queries().slots(wanted).await?.context("the service is there")?;
    let took = started.elapsed();
    ensure!(!answer.slots.is_empty(), "nobody is free: {:?}", answer.why_not);
    Ok(took.as_secs_f64() * 1_000.0)
}

/// Milliseconds until the free rooms are known.
async fn ask_for_rooms(house: &House, projections: &Projections, question: u64) -> Result<f64> {
    let day = house.days.first() + Days::new(question % 31);
    let start = house.at(day, 8) + TimeDelta::minutes(15 * i64::try_from(question % 40)?);
    let wanted = RoomsWanted { now: Utc::now(), ..house.rooms_wanted(start)? };
    let started = Instant::now();
    let RoomsAnswer { rooms, .. } = projections.queries().rooms(&wanted).await?;
    let took = started.elapsed();
    ensure!(rooms.len() == house.rooms.len(), "only {} rooms were looked at", rooms.len());
    Ok(took.as_secs_f64() * 1_000.0)
}

impl Latency {
    fn of(mut took: Vec<f64>) -> Self {
        took.sort_by(f64::total_cmp);
        let at = |share: usize| took.get(took.len() * share / 100).copied().unwrap_or_default();
        Self { p50_ms: at(50), p99_ms: at(99) }
    }
}
