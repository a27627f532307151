//! The plainest search there is: it looks at every minute.

use chrono::{NaiveDate, TimeDelta, Timelike};
use daybook_domain::{
    schedule::SlotRules,
    values::{TimeRange, Timestamp},
};
use daybook_projections::SlotsWanted;

use super::times::{Busy, Thing};

/// How much is taken at an instant, as things stand at another.
pub fn taken(busy: &[Busy], at: Timestamp, now: Timestamp) -> u32 {
    let counts = |busy: &&Busy| {
        busy.time.start() <= at
            && at < busy.time.end()
            && busy.until.is_none_or(|until| now < until)
    };
    busy.iter().filter(counts).map(|busy| busy.quantity).sum()
}

/// How many units are free throughout a time, looked at minute by minute.
pub fn units(busy: &[Busy], thing: Thing, unit: u32, time: TimeRange, now: Timestamp) -> u32 {
    let mut at = time.start();
    let mut fewest = u32::MAX;
    while at < time.end() {
        fewest = fewest.min((thing.limits.total() - taken(busy, at, now)) / unit);
        at += TimeDelta::minutes(1);
    }
    fewest
}

/// The slots of one person on the clock, each found by looking at all that happens in every minute of it.
pub fn slowly(
    busy: &[Busy],
    (thing, rules): (Thing, &SlotRules),
    hours: &[(u32, u32)],
    wanted: &SlotsWanted,
) -> Vec<(Timestamp, u32)> {
    let zone = thing.zone;
    let shown = |at: Timestamp| zone.wall_clock(at);
    let is_open = |at: Timestamp| {
        let minute = shown(at).hour() * 60 + shown(at).minute();
        hours.iter().any(|(from, to)| (*from..*to).contains(&minute))
    };
    let date = |at: Timestamp| -> NaiveDate { shown(at).date() };
    let minutes = |count: u32| TimeDelta::minutes(count.into());
    let unit = thing.limits.capacity.get().div_ceil(rules.capacity.get());
    let first = wanted.days.first().and_time(chrono::NaiveTime::MIN).and_utc();
    let mut found = Vec::new();
    for minute in -24 * 60..i64::from(wanted.days.count() + 1) * 24 * 60 {
        let start = first + TimeDelta::minutes(minute);
        let end = start + minutes(rules.duration.get());
        let on_grid = (shown(start).hour() * 60 + shown(start).minute()) % rules.step.get() == 0;
        let service = (0..rules.duration.get()).all(|n| is_open(start + minutes(n)));
        if !on_grid || !service || !wanted.days.contains(date(start)) {
            continue;
        }
        let (before, after) =
            (minutes(rules.buffer_before.get()), minutes(rules.buffer_after.get()));
        let time = TimeRange::try_new(start - before, end + after).expect("a time");
        let left = units(busy, thing, unit, time, wanted.now).min(rules.capacity.get());
        if left >= wanted.quantity.get() {
            found.push((start, left));
        }
    }
    found
}
