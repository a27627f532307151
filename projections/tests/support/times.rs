//! What is taken by the hour, as the calendars have it.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta};
use daybook_domain::{
    calendar::{self, Beside, Calendar, Point, SoldBy, Take},
    values::{
        BlockId, BookingId, BusyTime, CalendarId, Limits, Minutes, Quantity, Reason, ResourceId,
        TimeRange, Timestamp, Zone,
    },
};
use daybook_event_store::Stream;
use uuid::Uuid;

use super::{World, decide};

/// Something that is taken by the hour.
#[derive(Clone, Copy)]
pub struct Thing {
    pub resource: ResourceId,
    pub zone: Zone,
    pub limits: Limits,
}

/// Something to be done with a calendar for one part of a time.
type Order<'a> = &'a dyn Fn(BusyTime) -> calendar::Command;

impl World {
    /// Sends a command to each calendar that a time touches, all in one unit of work.
    pub async fn in_calendars(
        &self,
        thing: Thing,
        time: BusyTime,
        at: Timestamp,
        order: Order<'_>,
    ) -> Result<(), String> {
        let calendar = |month| CalendarId { resource: thing.resource, month };
        let parts: BTreeMap<CalendarId, BusyTime> = time
            .split_by_month(thing.zone)
            .into_iter()
            .map(|(month, part)| (calendar(month), part))
            .collect();
        let streams: Vec<Stream> = parts.keys().map(Stream::of::<Calendar>).collect();
        let done = self.unit(&streams, |unit| {
            for (id, part) in &parts {
                let sold_by = SoldBy::Times { zone: thing.zone, beside: Beside::default() };
                let (month, limits) = (id.month, thing.limits);
                decide::<Calendar>(
                    unit,
                    id,
                    calendar::Command::Open { month, sold_by, limits, at },
                )?;
                decide::<Calendar>(unit, id, order(*part))?;
            }
            Ok(())
        });
        done.await.map(drop)
    }

    pub async fn take(
        &self,
        thing: Thing,
        (time, quantity): (BusyTime, u32),
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<BookingId, String> {
        let booking = BookingId::from_uuid(Uuid::now_v7());
        self.in_calendars(thing, time, at, &|part| {
            let takes = vec![taking(part, quantity)];
            calendar::Command::Allocate { booking, takes, until, at }
        })
        .await
        .map(|()| booking)
    }

    pub async fn block(
        &self,
        thing: Thing,
        (time, quantity): (BusyTime, u32),
        at: Timestamp,
    ) -> Result<BlockId, String> {
        let block = BlockId::from_uuid(Uuid::now_v7());
        let reason = Reason::try_new("repairs").expect("a short reason");
        self.in_calendars(thing, time, at, &|part| {
            let takes = vec![taking(part, quantity)];
            calendar::Command::Block { block, takes, reason: reason.clone(), at }
        })
        .await
        .map(|()| block)
    }

    pub async fn unblock(&self, thing: Thing, time: BusyTime, block: BlockId, at: Timestamp) {
        let order = |_| calendar::Command::Unblock { block, at };
        self.in_calendars(thing, time, at, &order).await.expect("a block can be lifted");
    }

    pub async fn firm(&self, thing: Thing, time: BusyTime, booking: BookingId, at: Timestamp) {
        let order = |_| calendar::Command::Confirm { booking, at };
        self.in_calendars(thing, time, at, &order).await.expect("a hold can be confirmed");
    }

    pub async fn give_up(
        &self,
        thing: Thing,
        (time, booking): (BusyTime, BookingId),
        from: Option<Timestamp>,
        at: Timestamp,
    ) {
        let from = from.map(Point::Instant);
        let order = |_| calendar::Command::Release { booking, from, at };
        self.in_calendars(thing, time, at, &order).await.expect("a time can be given up");
    }
}

pub fn taking(time: BusyTime, quantity: u32) -> Take {
    Take::Time { time, quantity: Quantity::try_new(quantity).expect("a small quantity") }
}

/// A time from an instant on, with its buffers, all in minutes.
pub fn busy(start: Timestamp, length: i64, before: u32, after: u32) -> BusyTime {
    let time = TimeRange::try_new(start, start + TimeDelta::minutes(length));
    let buffer = |minutes| Minutes::try_new(minutes).expect("a short buffer");
    BusyTime::try_new(time.expect("a time"), buffer(before), buffer(after)).expect("a busy time")
}

/// An instant as RFC 3339 has it.
pub fn instant(text: &str) -> Timestamp {
    DateTime::parse_from_rfc3339(text).expect("an instant").to_utc()
}

/// Something that happened to a thing, for those who count for themselves.
#[derive(Clone, Copy, Debug)]
pub struct Busy {
    pub time: TimeRange,
    pub quantity: u32,
    pub until: Option<Timestamp>,
    pub blocked: bool,
    /// When it begins, buffers apart, if it is a booking.
    pub begins: Option<Timestamp>,
}

/// So many takes of all fates, one after the other, within some minutes from an instant on. Those that find no room are
/// turned away. What is left at the end is told.
pub async fn hours(
    world: &World,
    thing: Thing,
    (start, minutes): (Timestamp, u32),
    draw: &mut impl FnMut(u32) -> u32,
    count: u32,
) -> Vec<Busy> {
    let (now, deadline) = (start - TimeDelta::days(9), start - TimeDelta::days(2));
    let mut left = Vec::new();
    for _ in 0..count {
        let begins = start + TimeDelta::minutes(i64::from(5 * draw(minutes / 5)));
        let length = i64::from(15 * (1 + draw(8)));
        let time = busy(begins, length, 5 * draw(4), 5 * draw(4));
        let quantity = 1 + draw(thing.limits.capacity.get());
        let what = Busy {
            time: time.range(),
            quantity,
            until: None,
            blocked: false,
            begins: Some(begins),
        };
        let fate = draw(7);
        if fate == 0 {
            let Ok(block) = world.block(thing, (time, quantity), now).await else { continue };
            if draw(3) == 0 {
                world.unblock(thing, time, block, now).await;
            } else {
                left.push(Busy { blocked: true, begins: None, ..what });
            }
            continue;
        }
        let until = (fate > 2).then_some(deadline);
        let Ok(booking) = world.take(thing, (time, quantity), until, now).await else { continue };
        match fate {
            3 => left.push(Busy { until, ..what }),
            4 => world.give_up(thing, (time, booking), None, now).await,
            5 => {
                let end = begins + TimeDelta::minutes(length / 2);
                world.give_up(thing, (time, booking), Some(end), now).await;
                let end = time.before_instant(end).expect("it began before").range();
                left.push(Busy { time: end, until, ..what });
            }
            _ => {
                if until.is_some() {
                    world.firm(thing, time, booking, now).await;
                }
                left.push(what);
            }
        }
    }
    left
}
