//! Having dates of a series take place at another time or elsewhere.

use std::cmp::Reverse;

use chrono::{NaiveDateTime, NaiveTime, TimeDelta};
use daybook_domain::{
    booking::{self, Booking, ChangeTerms, Demands, Line, Lines, Time},
    series::{
        Scope,
        booked::{BookedSeries, Cause, Command, Hindrance, Kept, Moved},
    },
    values::{BookingId, Party, ResourceId, SeriesId, TimeRange, Timestamp, Zone},
};
use daybook_event_store::{Answer, Response, Unit};

use super::{
    Concerned, OnConflict, Outcome, concerned,
    hindrance::{by_rule, in_the_way, refused, settled},
    span,
};
use crate::{
    bus::{
        ATTEMPTS, Asked, Candidates, NewLine, NewTime, Order, Stop,
        bookings::Opened,
        calendars,
        inventory::{Inventory, Taking},
        kept_changing,
        lines::{Catalogue, Plan, plan},
        prices::Buyer,
    },
    problem::{Conflict, Problem},
};

/// A change of when or where dates take place.
#[derive(Clone, Copy, Debug)]
pub struct Reschedule {
    /// Which series.
    pub id: SeriesId,
    /// Which of its dates.
    pub scope: Scope,
    /// What is to be other about them.
    pub shift: Shift,
    /// What is done if a date cannot be had.
    pub on_conflict: OnConflict,
    /// When.
    pub at: Timestamp,
}

/// What is to be other about dates.
#[derive(Clone, Copy, Debug)]
pub struct Shift {
    /// What the wall clock of the series shows at their start, if not what it does.
    pub time: Option<NaiveTime>,
    /// By how many days later they take place.
    pub days: i32,
    /// What they occupy, if not what they do.
    pub resource: Option<ResourceId>,
}

/// Dates that are put off cost what they did, so that nothing is to be given back.
const AS_AGREED: ChangeTerms = ChangeTerms { paid: None, waived: false };

/// A change that was looked up, before the inventory is asked.
struct Prepared {
    concerned: Concerned,
    /// Dates whose bookings can be changed, in the order in which they make room for each other.
    dates: Vec<Date>,
    /// Dates whose bookings are over, or not of times.
    unchangeable: Vec<NaiveDateTime>,
}

/// One date as it is, and as it is to be.
struct Date {
    original: NaiveDateTime,
    booking: BookingId,
    lines: Vec<Line>,
    from: TimeRange,
    to: TimeRange,
    wanted: Result<Plan, Hindrance>,
}

/// Moves dates, all in one commit.
pub(crate) async fn reschedule(order: &Order, change: Reschedule) -> Result<Answer, Problem> {
    let Reschedule { id, scope, .. } = change;
    for attempt in 0..ATTEMPTS {
        let prepared = match prepare(order, change).await {
            Ok(prepared) => prepared,
            Err(problem) => return order.tell(problem).await,
        };
        let can_open = attempt > 0;
        let mut streams = prepared.concerned.streams(id);
        let mut touched = Inventory::default();
        for date in &prepared.dates {
            touched = touched.and(&Inventory::of(&date.lines));
            if let Ok(plan) = &date.wanted {
                touched = touched.and(&plan.inventory());
                streams.extend(calendars::streams(plan.counted()));
            }
        }
        streams.extend(touched.streams());
        if can_open {
            streams.extend(calendars::needed_to_open(&touched.calendars));
        }
        let answer = order.run(&streams, |unit| {
            prepared.concerned.check_unchanged(order, unit, id, scope)?;
            decide(unit, change, &prepared, can_open)
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

async fn prepare(order: &Order, change: Reschedule) -> Result<Prepared, Problem> {
    let concerned = concerned(&order.writer, change.id, change.scope).await?;
    let buyer = Buyer::has(Party::default(), &[], change.at);
    let mut catalogue = Catalogue::open(&order.writer, concerned.listing, buyer).await?;
    let (mut dates, mut unchangeable) = (Vec::new(), Vec::new());
    for (original, booking) in concerned.booked() {
        let look = |booking: &Booking| {
            booking.check_changeable(change.at).map(|()| booking.lines().to_vec())
        };
        match (order.writer.peek(&booking.to_string(), look).await?, change.scope) {
            (Ok(lines), _) => match Date::of(original, booking, lines, concerned.zone, change)? {
                Some(date) => dates.push(date.looked_up(&mut catalogue, change).await?),
                None => unchangeable.push(original),
            },
            (Err(refusal), Scope::One(_)) => return Err(refusal.into()),
            (Err(_), Scope::Following(_) | Scope::All) => unchangeable.push(original),
        }
    }
    Ok(Prepared { concerned, dates: making_room(dates), unchangeable })
}

/// Whoever moves to a later time goes first if it is the last, and whoever moves to an earlier one if it is the first:
/// so that each finds the time free that the next one leaves.
fn making_room(dates: Vec<Date>) -> Vec<Date> {
    let (mut later, mut others): (Vec<_>, Vec<_>) =
        dates.into_iter().partition(|date| date.to.start() > date.from.start());
    later.sort_by_key(|date| Reverse(date.from.start()));
    others.sort_by_key(|date| date.from.start());
    later.extend(others);
    later
}

impl Shift {
    /// When something takes place instead, and whether clocks show that time at all.
    fn target(self, zone: Zone, from: TimeRange) -> Result<(TimeRange, bool), Problem> {
        let wall = zone.wall_clock(from.start());
        let date = wall.date().checked_add_signed(TimeDelta::days(self.days.into()));
        let date = date.ok_or_else(|| Problem::bad_value("/day_shift", "there is no such day"))?;
        let wall = date.and_time(self.time.unwrap_or(wall.time()));
        let shown = zone.shown_at(wall);
        let start = shown.unwrap_or_else(|| zone.instant(wall.date(), wall.time()));
        let to = TimeRange::try_new(start, start + (from.end() - from.start()));
        let to = to.map_err(|error| Problem::bad_value("/start_time", error.to_string()))?;
        Ok((to, shown.is_some()))
    }
}

impl Date {
    /// The lines of a booking as they are to be; none if they are not all of times.
    fn of(
        original: NaiveDateTime,
        booking: BookingId,
        lines: Vec<Line>,
        zone: Zone,
        change: Reschedule,
    ) -> Result<Option<Self>, Problem> {
        let (Some(from), true) = (span(&lines), lines.iter().all(|line| time_of(line).is_some()))
        else {
            return Ok(None);
        };
        if change.shift.resource.is_some() && lines.len() > 1 {
            let detail = "a booking of several lines does not say which of them is meant";
            return Err(Problem::bad_value("/resource_id", detail));
        }
        let (to, is_shown) = change.shift.target(zone, from)?;
        let wanted = match (is_shown, to.end() > change.at) {
            (false, _) => Err(Hindrance::of(Cause::SkippedByClocks)),
            (true, false) => Err(Hindrance::of(Cause::Past)),
            (true, true) => Ok(Plan::fixed(&lines)),
        };
        Ok(Some(Self { original, booking, lines, from, to, wanted }))
    }

    /// With what is known of the new time and place.
    async fn looked_up(
        mut self,
        catalogue: &mut Catalogue<'_>,
        change: Reschedule,
    ) -> Result<Self, Problem> {
        if self.wanted.is_err() || !self.is_changed(change.shift) {
            return Ok(self);
        }
        let moved = |time: &Time| {
            let shifted = |at: Timestamp| at + (self.to.start() - self.from.start());
            NewLine::Time(NewTime {
                candidates: Candidates::AsBefore(match change.shift.resource {
                    Some(resource) => time.clone().moved(resource),
                    None => time.clone(),
                }),
                service: time.listing(),
                start: shifted(time.plain().start()),
                end: Some(shifted(time.plain().end())),
                quantity: time.quantity(),
                price: Asked::As(Box::new(Line::Time(time.clone()))),
                guests: None,
            })
        };
        let lines: Vec<_> = self.lines.iter().filter_map(time_of).map(moved).collect();
        self.wanted = match plan(catalogue, &lines, change.at).await {
            Ok(plan) => Ok(plan),
            Err(problem) => Err(by_rule(problem.relocated(in_body))?),
        };
        Ok(self)
    }

    fn is_changed(&self, shift: Shift) -> bool {
        self.from != self.to || self.is_elsewhere(shift)
    }

    fn is_elsewhere(&self, shift: Shift) -> bool {
        let mut resources = self.lines.iter().filter_map(time_of).map(Time::resource);
        shift.resource.is_some_and(|resource| resources.any(|present| present != resource))
    }

    /// What is asked of the booking: what was agreed stays as far as it can.
    fn command(&self, change: Reschedule, lines: Lines, booking: &Booking) -> booking::Command {
        let at = change.at;
        match (self.is_elsewhere(change.shift), self.from == self.to) {
            (false, _) => booking::Command::Reschedule { lines, terms: AS_AGREED, at },
            (true, true) => booking::Command::Move { lines, at },
            (true, false) => {
                let party = booking.party().unwrap_or_default();
                booking::Command::Amend { lines, party, terms: AS_AGREED, at }
            }
        }
    }
}

fn time_of(line: &Line) -> Option<&Time> {
    match line {
        Line::Time(time) => Some(time),
        Line::Nights(_) | Line::Places(_) | Line::AddOn(_) => None,
    }
}

/// Where in the body of a change stands what a line is made of.
fn in_body(field: &str) -> Option<&'static str> {
    match field.strip_prefix("/lines/")?.split('/').nth(1)? {
        "resource_id" => Some("/resource_id"),
        "start" | "end" => Some("/start_time"),
        _ => None,
    }
}

/// Moves each date that can be and remembers what became of all.
fn decide(
    unit: &mut Unit,
    change: Reschedule,
    prepared: &Prepared,
    can_open: bool,
) -> Result<Response, Stop> {
    let Reschedule { id, shift, on_conflict, at, .. } = change;
    let mut outcome = Outcome::default();
    let (mut moved, mut kept) = (Vec::new(), Vec::new());
    for date in &prepared.dates {
        let Date { original, from, to, .. } = *date;
        match move_date(unit, change, date, can_open)? {
            Ok(false) => {} // it is there already
            Ok(true) => {
                let resource = shift.resource.filter(|_| date.is_elsewhere(shift));
                moved.push(Moved { original, from, to, resource });
                outcome.changed.push(original);
            }
            Err(hindrance) => {
                let conflict = Conflict::new(original, to, &hindrance).of_booking(date.booking);
                outcome.conflicts.push(conflict);
                kept.push(Kept { original, hindrance });
            }
        }
    }
    if on_conflict == OnConflict::Refuse && !outcome.conflicts.is_empty() {
        return Err(refused(outcome.conflicts, prepared.dates.len()).into());
    }
    outcome.unchangeable.extend(&prepared.unchangeable);
    outcome.unchangeable.extend(prepared.concerned.cancelled());
    moved.sort_by_key(|date| date.original);
    kept.sort_by_key(|date| date.original);
    let command = Command::Reschedule { moved, kept, at };
    unit.decide(id, |series: &BookedSeries| series.decide(command))?;
    Ok(outcome.answer(id))
}

/// Moves one date unless something stands in its way; tells whether that changed anything.
fn move_date(
    unit: &mut Unit,
    change: Reschedule,
    date: &Date,
    can_open: bool,
) -> Result<Result<bool, Hindrance>, Stop> {
    let booking = unit.state::<Booking>(date.booking);
    if booking.lines() != date.lines || booking.check_changeable(change.at).is_err() {
        return Err(Stop::Again);
    }
    let plan = match &date.wanted {
        Ok(plan) if date.is_changed(change.shift) => plan,
        Ok(_) => return Ok(Ok(false)),
        Err(hindrance) => return Ok(Err(hindrance.clone())),
    };
    let customer = booking.customer().ok_or(booking::Refusal::NotFound)?;
    let taking = Taking { booking: date.booking, customer, until: booking.until(), at: change.at };
    let (touched, before) = (plan.inventory(), Inventory::of(&date.lines));
    let lines = match settled(plan.settle(unit, taking, &touched.sessions, None))? {
        Ok(lines) => lines,
        Err(hindrance) => return Ok(Err(hindrance)),
    };
    let demands = Demands::of(&lines);
    for calendar in demands.calendars.keys() {
        calendars::open(unit, calendar, can_open, change.at)?;
    }
    if let Some(hindrance) = in_the_way(unit, taking, &demands)? {
        return Ok(Err(hindrance));
    }
    let lines = Lines::try_new(lines)
        .map_err(|error| Problem::bad_value("/start_time", error.to_string()))?;
    unit.decide(date.booking, |booking: &Booking| {
        booking.decide(date.command(change, lines, booking))
    })?;
    let opened = Opened { touched: &touched, before: &before, can_open };
    opened.take(unit, taking, &demands, None)?;
    Ok(Ok(true))
}
