//! Whether deciding becomes slower as an inventory fills.

use std::{hint::black_box, time::Instant};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use daybook_domain::{
    calendar::{Calendar, Command, SoldBy, Take},
    values::{BookingId, Capacity, DayRange, Limits, Month, Quantity},
};
use serde::Serialize;
use uuid::Uuid;

use super::{
    figure::median,
    races::{Choice, HOT_CAPACITY},
};

/// Live allocations in the full calendar.
const LIVE: usize = 100_000;
/// Every so many of them is a hold with a deadline.
const HOLDS: usize = 4;
/// Decisions in one turn, and turns of each calendar.
const DECISIONS: usize = 1_000;
const TURNS: usize = 101;

/// What one decision takes.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Decision {
    /// Live allocations in the full calendar.
    pub(super) allocations: usize,
    /// Nanoseconds in an empty calendar.
    pub(super) empty_ns: f64,
    /// Nanoseconds in the full one.
    pub(super) full_ns: f64,
    /// The one over the other.
    pub(super) ratio: f64,
}

/// Decides on the same commands in both calendars, in turns.
pub(super) fn run() -> Result<Decision> {
    let now = Utc::now();
    let month = Month::try_new(2031, 6)?;
    let mut choice = Choice::new(30, 1);
    let empty = opened(month, now)?;
    let full = filled(&empty, &mut choice, now)?;
    let (mut in_empty, mut in_full) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let commands: Vec<Command> =
            (0..DECISIONS).map(|_| allocate(&mut choice, now)).collect::<Result<_>>()?;
        in_empty.push(time(&empty, commands.clone())?);
        in_full.push(time(&full, commands)?);
    }
    let (empty_ns, full_ns) = (median(in_empty), median(in_full));
    Ok(Decision { allocations: LIVE, empty_ns, full_ns, ratio: full_ns / empty_ns })
}

/// Nanoseconds for each decision.
fn time(calendar: &Calendar, commands: Vec<Command>) -> Result<f64> {
    let many = commands.len() as f64;
    let started = Instant::now();
    for command in commands {
        let decided = black_box(calendar).decide(command);
        ensure!(black_box(decided).is_ok(), "the calendar refused");
    }
    Ok(started.elapsed().as_nanos() as f64 / many)
}

fn opened(month: Month, at: DateTime<Utc>) -> Result<Calendar> {
    let limits = Limits { capacity: Capacity::try_new(HOT_CAPACITY)?, overbooking: 0 };
    let mut calendar = Calendar::default();
    for event in calendar.decide(Command::Open { month, sold_by: SoldBy::Nights, limits, at })? {
        calendar.evolve(&event);
    }
    Ok(calendar)
}

fn filled(empty: &Calendar, choice: &mut Choice, at: DateTime<Utc>) -> Result<Calendar> {
    let mut calendar = empty.clone();
    for number in 0..LIVE {
        let mut command = allocate(choice, at)?;
        if let Command::Allocate { until, .. } = &mut command
            && number % HOLDS == 0
        {
            *until = Some(at + Duration::days(1));
        }
        for event in calendar.decide(command)? {
            calendar.evolve(&event);
        }
    }
    Ok(calendar)
}

/// One to three nights somewhere in June.
fn allocate(choice: &mut Choice, at: DateTime<Utc>) -> Result<Command> {
    let nights = choice.next() % 3 + 1;
    let first = choice.next() % (30 - nights) + 1;
    let day = |day: usize| {
        NaiveDate::from_ymd_opt(2031, 6, u32::try_from(day)?).context("no day of June")
    };
    let days = DayRange::try_new(day(first)?, day(first + nights)?)?;
    let takes = vec![Take::Nights { days, quantity: Quantity::ONE }];
    Ok(Command::Allocate { booking: BookingId::from_uuid(Uuid::now_v7()), takes, until: None, at })
}
