//! Whether deciding becomes slower as an inventory fills.

use std::{hint::black_box, num::TryFromIntError, time::Instant};

use anyhow::{Context, Result, ensure};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use daybook_domain::{
    calendar::{Beside, Calendar, Command, SoldBy, Take},
    values::{
        BookingId, BusyTime, Capacity, DayRange, Limits, Minutes, Month, Quantity, TimeRange, Zone,
    },
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
    /// In what the calendar is sold.
    pub(super) sold_by: &'static str,
    /// Live allocations in the full calendar.
    pub(super) allocations: usize,
    /// Nanoseconds in an empty calendar.
    pub(super) empty_ns: f64,
    /// Nanoseconds in the full one.
    pub(super) full_ns: f64,
    /// The one over the other.
    pub(super) ratio: f64,
}

/// Decides by nights, and by times.
pub(super) fn run() -> Result<Vec<Decision>> {
    let month = Month::try_new(2031, 6)?;
    let zone = Zone::try_new("Europe/Lisbon")?;
    let start = month.time(zone).start();
    let by_nights = compare("nights", month, SoldBy::Nights, nights)?;
    let by_times =
        compare("times", month, SoldBy::Times { zone, beside: Beside::default() }, |choice| {
            time(choice, start)
        })?;
    Ok(vec![by_nights, by_times])
}

/// Decides on the same commands in both calendars, in turns.
fn compare(
    name: &'static str,
    month: Month,
    sold_by: SoldBy,
    mut take: impl FnMut(&mut Choice) -> Result<Take>,
) -> Result<Decision> {
    let now = Utc::now();
    let mut choice = Choice::new(LIVE, 1);
    let mut allocate = || Ok(allocate(take(&mut choice)?, now));
    let empty = opened(month, sold_by, now)?;
    let full = filled(&empty, &mut allocate, now)?;
    let (mut in_empty, mut in_full) = (Vec::new(), Vec::new());
    for _ in 0..TURNS {
        let commands: Vec<Command> = (0..DECISIONS).map(|_| allocate()).collect::<Result<_>>()?;
        in_empty.push(clocked(&empty, commands.clone())?);
        in_full.push(clocked(&full, commands)?);
    }
    let (empty_ns, full_ns) = (median(in_empty), median(in_full));
    let ratio = full_ns / empty_ns;
    Ok(Decision { sold_by: name, allocations: LIVE, empty_ns, full_ns, ratio })
}

/// Nanoseconds for each decision.
fn clocked(calendar: &Calendar, commands: Vec<Command>) -> Result<f64> {
    let many = commands.len() as f64;
    let started = Instant::now();
    for command in commands {
        let decided = black_box(calendar).decide(command);
        ensure!(black_box(decided).is_ok(), "the calendar refused");
    }
    Ok(started.elapsed().as_nanos() as f64 / many)
}

fn opened(month: Month, sold_by: SoldBy, at: DateTime<Utc>) -> Result<Calendar> {
    let limits = Limits { capacity: Capacity::try_new(HOT_CAPACITY)?, overbooking: 0 };
    let mut calendar = Calendar::default();
    for event in calendar.decide(Command::Open { month, sold_by, limits, at })? {
        calendar.evolve(&event);
    }
    Ok(calendar)
}

fn filled(
    empty: &Calendar,
    allocate: &mut impl FnMut() -> Result<Command>,
    at: DateTime<Utc>,
) -> Result<Calendar> {
    let mut calendar = empty.clone();
    for number in 0..LIVE {
        let mut command = allocate()?;
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

fn allocate(take: Take, at: DateTime<Utc>) -> Command {
    let booking = BookingId::from_uuid(Uuid::now_v7());
    Command::Allocate { booking, takes: vec![take], until: None, at }
}

/// One to three nights somewhere in June.
fn nights(choice: &mut Choice) -> Result<Take> {
    let nights = choice.next() % 3 + 1;
    let first = choice.next() % (30 - nights) + 1;
    let day = |day: usize| {
        NaiveDate::from_ymd_opt(2031, 6, u32::try_from(day)?).context("no day of June")
    };
    let days = DayRange::try_new(day(first)?, day(first + nights)?)?;
    Ok(Take::Nights { days, quantity: Quantity::ONE })
}

/// Half an hour to two hours somewhere in June, from any minute on.
fn time(choice: &mut Choice, june: DateTime<Utc>) -> Result<Take> {
    let length = choice.next() % 91 + 30;
    let first = choice.next() % (30 * 24 * 60 - length);
    let at = |minute: usize| Ok::<_, TryFromIntError>(june + Duration::minutes(minute.try_into()?));
    let time = TimeRange::try_new(at(first)?, at(first + length)?)?;
    let time = BusyTime::try_new(time, Minutes::default(), Minutes::default())?;
    Ok(Take::Time { time, quantity: Quantity::ONE })
}
