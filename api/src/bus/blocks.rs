//! Commands on blocks: days or a time of a resource that nobody may book, in all of its calendars at once.

use std::collections::BTreeMap;

use daybook_domain::{
    calendar::{self, Calendar, Take},
    resource::{Details, Refusal, Resource, Terms},
    values::{
        BlockId, BusyTime, CalendarId, DayRange, Limits, Quantity, Reason, ResourceId, Timestamp,
    },
};
use daybook_event_store::{Answer, Response, Stream, Unit};

use super::{
    ATTEMPTS, NamedBy, Order, Stop,
    calendars::{needed_to_open, open},
    kept_changing,
    resources::open_months,
};
use crate::problem::{Code, Problem};

/// What to block.
#[derive(Clone, Debug)]
pub(crate) struct NewBlock {
    pub(crate) id: BlockId,
    /// Who chose the id.
    pub(crate) named_by: NamedBy,
    pub(crate) resource: ResourceId,
    pub(crate) stretch: Stretch,
    /// How many of it; all that could be promised, unless said.
    pub(crate) quantity: Option<Quantity>,
    pub(crate) reason: Reason,
    pub(crate) at: Timestamp,
}

/// From where to where.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stretch {
    /// Days of what is sold by the night.
    Days(DayRange),
    /// A time of what is taken by the hour.
    Time(BusyTime),
}

type Takes = BTreeMap<CalendarId, Vec<Take>>;

/// Takes days or a time for nobody: all of it, or none.
pub(crate) async fn block(order: &Order, new: &NewBlock) -> Result<Answer, Problem> {
    let stream = new.resource.to_string();
    for _ in 0..ATTEMPTS {
        let details = order.writer.peek(&stream, |r: &Resource| r.details().cloned()).await?;
        let details = details.ok_or(Refusal::NotFound)?;
        let takes = takes(new, &details)?;
        let elsewhere = elsewhere(new, &details, &takes);
        let mut streams = vec![Stream::of::<Resource>(&stream)];
        streams.extend(takes.keys().chain(&elsewhere).map(Stream::of::<Calendar>));
        streams.extend(needed_to_open(takes.keys()));
        let answer = order.run(&streams, |unit| {
            order.check::<Resource>(unit, &stream)?;
            if unit.state::<Resource>(&stream).details() != Some(&details) {
                return Err(Stop::Again);
            }
            if elsewhere.iter().any(|calendar| has(unit, calendar, new.id)) {
                return Err(calendar::Refusal::AlreadyBlocked.into());
            }
            decide(unit, new, &takes)?;
            Ok(Response { status: 201, body: body(new.id, "blocked") })
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

fn decide(unit: &mut Unit, new: &NewBlock, takes: &Takes) -> Result<(), Stop> {
    for (calendar, takes) in takes {
        open(unit, calendar, true, new.at)?;
        let (block, takes, reason, at) = (new.id, takes.clone(), new.reason.clone(), new.at);
        let command = calendar::Command::Block { block, takes, reason, at };
        unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?;
    }
    Ok(())
}

/// What a block takes of each calendar.
fn takes(new: &NewBlock, details: &Details) -> Result<Takes, Problem> {
    let mut takes = Takes::new();
    let mut put = |month, take: &dyn Fn(Quantity) -> Take| {
        let all = quantities(new.quantity, details.limits).into_iter().map(take).collect();
        takes.insert(CalendarId { resource: new.resource, month }, all);
    };
    match (&details.terms, new.stretch) {
        (Terms::Nights(_), Stretch::Days(days)) => {
            for (month, days) in days.split_by_month() {
                put(month, &|quantity| Take::Nights { days, quantity });
            }
        }
        (Terms::Times(times), Stretch::Time(time)) => {
            for (month, time) in time.split_by_month(times.zone) {
                put(month, &|quantity| Take::Time { time, quantity });
            }
        }
        (Terms::Nights(_), Stretch::Time(_)) => {
            let detail = "of what is sold by the night, days are blocked: `first` and `end`";
            return Err(Problem::bad_value("/start", detail));
        }
        (Terms::Times(_), Stretch::Days(_)) => {
            let detail = "of what is taken by the hour, a time is blocked: `start` and `end`";
            return Err(Problem::bad_value("/first", detail));
        }
    }
    Ok(takes)
}

/// How many are blocked, in parts of at most the largest quantity.
fn quantities(asked: Option<Quantity>, limits: Limits) -> Vec<Quantity> {
    let all = asked.map_or(limits.total(), Quantity::get);
    let most = Quantity::MAX.get();
    (0..all.div_ceil(most))
        .filter_map(|n| Quantity::try_new((all - n * most).min(most)).ok())
        .collect()
}

/// The other calendars in which a block of that name may be already.
fn elsewhere(new: &NewBlock, details: &Details, takes: &Takes) -> Vec<CalendarId> {
    match new.named_by {
        NamedBy::Us => Vec::new(),
        NamedBy::Client => {
            let all = calendars(new.resource, details.open_months.iter().copied());
            all.filter(|calendar| !takes.contains_key(calendar)).collect()
        }
    }
}

/// Lets what was blocked be booked again, wherever it is.
pub(crate) async fn lift(
    order: &Order,
    resource: ResourceId,
    block: BlockId,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let stream = resource.to_string();
    for _ in 0..ATTEMPTS {
        let months = order.writer.peek(&stream, open_months).await?;
        let all: Vec<_> = calendars(resource, months.iter().copied()).collect();
        let mut streams = vec![Stream::of::<Resource>(&stream)];
        streams.extend(all.iter().map(Stream::of::<Calendar>));
        let answer = order.run(&streams, |unit| {
            order.check::<Resource>(unit, &stream)?;
            if open_months(unit.state::<Resource>(&stream)) != months {
                return Err(Stop::Again);
            }
            let mut found = false;
            for calendar in &all {
                found |= has(unit, calendar, block);
                let command = calendar::Command::Unblock { block, at };
                unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?;
            }
            if !found {
                let unknown = Problem::new(Code::NotFound, "there is no such block");
                return Err(unknown.because("block_not_found").into());
            }
            Ok(Response { status: 200, body: body(block, "lifted") })
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

fn calendars(
    resource: ResourceId,
    months: impl Iterator<Item = daybook_domain::values::Month>,
) -> impl Iterator<Item = CalendarId> {
    months.map(move |month| CalendarId { resource, month })
}

fn has(unit: &mut Unit, calendar: &CalendarId, block: BlockId) -> bool {
    unit.state::<Calendar>(calendar).blocks().any(|there| there.id == block)
}

fn body(id: BlockId, status: &str) -> String {
    format!(r#"{{"id":"{id}","status":"{status}"}}"#)
}
