//! Booking all dates of a rule: all of them, or all but those that cannot be had.

use std::collections::BTreeMap;

use chrono::{NaiveDateTime, Timelike};
use daybook_domain::{
    booking::{Booking, Demands},
    series::{
        Occurrence, Rule, Series, SeriesError, SeriesPlan,
        booked::{BookedSeries, Cause, Command, Hindrance, Outcome, Refusal},
    },
    values::{
        BookingId, CustomerId, Dimensions, FIRST_DAY, LAST_DAY, Length, ListingId, Money, Party,
        Quantity, SeriesId, Timestamp, Zone,
    },
};
use daybook_event_store::{Answer, Response, Stream, Unit};
use serde::Serialize;
use uuid::Uuid;

use super::{
    OnConflict,
    hindrance::{by_rule, in_the_way, refused, settled},
    json,
};
use crate::{
    bus::{
        Candidates, NamedBy, NewBooking, NewLine, NewTime, Order, Stop,
        bookings::{Opened, make},
        calendars, customers,
        inventory::{Inventory, Taking},
        kept_changing,
        lines::{Catalogue, Conditions, Plan, plan},
        prices::Buyer,
    },
    problem::{Conflict, Problem},
};

/// A series to be booked.
#[derive(Clone, Debug)]
pub struct NewSeries {
    /// Its id.
    pub id: SeriesId,
    /// Who chose the id.
    pub named_by: NamedBy,
    /// What listing is booked.
    pub listing: ListingId,
    /// Who books.
    pub customer: CustomerId,
    /// Where its wall clock hangs, unless where the listing's does.
    pub zone: Option<Zone>,
    /// What the wall clock shows when the first one starts.
    pub start: NaiveDateTime,
    /// How long each of them lasts.
    pub duration: Length,
    /// How they recur.
    pub rule: Rule,
    /// Dates of the rule that are left out.
    pub except: Vec<NaiveDateTime>,
    /// Dates besides those of the rule.
    pub also: Vec<NaiveDateTime>,
    /// What is booked at each date.
    pub lines: Vec<SeriesLine>,
    /// Who comes along each time.
    pub party: Party,
    /// What reports group the bookings by.
    pub dimensions: Dimensions,
    /// Until when all of it is held, unless it is confirmed at once.
    pub until: Option<Timestamp>,
    /// What is done if a date cannot be had.
    pub on_conflict: OnConflict,
    /// When it is booked.
    pub at: Timestamp,
}

/// What is booked at each date, from its start to its end.
#[derive(Clone, Debug)]
pub struct SeriesLine {
    /// Who or what could be taken.
    pub candidates: Candidates,
    /// The service that somebody is booked for; that of the series, if it is one.
    pub service: Option<ListingId>,
    /// How many of it.
    pub quantity: Quantity,
    /// What one costs, unless the price of the listing.
    pub price: Option<Money>,
}

/// A series whose dates were looked up, before the inventory is asked.
struct Prepared {
    series: Series,
    conditions: Conditions,
    dates: Vec<Date>,
}

/// One date: the booking it is to become, unless something stands in its way already.
struct Date {
    occurrence: Occurrence,
    wanted: Result<(NewBooking, Plan), Hindrance>,
}

#[derive(Serialize)]
struct Made<'a> {
    id: SeriesId,
    status: &'a str,
    booked: usize,
    skipped: usize,
    total: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_until: Option<Timestamp>,
    conflicts: &'a [Conflict],
}

/// Books a series in one commit.
pub(crate) async fn book(order: &Order, new: &NewSeries) -> Result<Answer, Problem> {
    let prepared = match prepare(order, new).await {
        Ok(prepared) => prepared,
        Err(problem) => return order.tell(problem).await,
    };
    let mut streams = vec![new.named_by.stream::<BookedSeries>(new.id)];
    let mut touched = Inventory::default();
    for (booking, plan) in prepared.dates.iter().filter_map(|date| date.wanted.as_ref().ok()) {
        streams.push(Stream::fresh::<Booking>(booking.id));
        streams.extend(calendars::streams(plan.counted()));
        touched = touched.and(&plan.inventory());
    }
    streams.extend(touched.streams());
    for attempt in 0..2 {
        let can_open = attempt > 0;
        if can_open {
            streams.extend(calendars::needed_to_open(&touched.calendars));
        }
        let answer = order.run(&streams, |unit| decide(unit, new, &prepared, can_open));
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

async fn prepare(order: &Order, new: &NewSeries) -> Result<Prepared, Problem> {
    customers::may_order(&order.writer, new.customer).await?;
    let buyer = Buyer::of(new.party, &[], new.at);
    let mut catalogue = Catalogue::open(&order.writer, new.listing, buyer).await?;
    catalogue.main().bookable()?;
    let conditions = Conditions::of(catalogue.main());
    let series = new.series(conditions.zone)?;
    let mut dates = Vec::with_capacity(series.occurrences().len());
    for occurrence in series.occurrences() {
        let wanted = wanted(&mut catalogue, new, occurrence).await?;
        dates.push(Date { occurrence: *occurrence, wanted });
    }
    Ok(Prepared { series, conditions, dates })
}

/// The booking that a date is to become.
async fn wanted(
    catalogue: &mut Catalogue<'_>,
    new: &NewSeries,
    occurrence: &Occurrence,
) -> Result<Result<(NewBooking, Plan), Hindrance>, Problem> {
    if occurrence.time.end() <= new.at {
        return Ok(Err(Hindrance::of(Cause::Past)));
    }
    let booking = new.booking(occurrence);
    match plan(catalogue, &booking.lines, new.at).await {
        Ok(plan) => Ok(Ok((booking, plan))),
        Err(problem) => by_rule(problem.relocated(in_body)).map(Err),
    }
}

/// Where in the body of a series stands what a line of a booking is made of.
fn in_body(field: &str) -> Option<&'static str> {
    let member = field.strip_prefix("/lines/")?.split('/').nth(1)?;
    match member {
        "start" => Some("/start"),
        "end" => Some("/duration_minutes"),
        _ => None,
    }
}

/// Books each date that can be had and remembers what became of all.
fn decide(
    unit: &mut Unit,
    new: &NewSeries,
    prepared: &Prepared,
    can_open: bool,
) -> Result<Response, Stop> {
    if unit.state::<BookedSeries>(new.id).details().is_some() {
        return Err(Refusal::AlreadyExists.into());
    }
    let (mut outcomes, mut booked, mut conflicts) = (BTreeMap::new(), Vec::new(), Vec::new());
    for Date { occurrence: Occurrence { original, time }, wanted } in &prepared.dates {
        let outcome = match wanted {
            Ok(wanted) => book_date(unit, wanted, &prepared.conditions, can_open)?,
            Err(hindrance) => Outcome::Skipped(hindrance.clone()),
        };
        match &outcome {
            Outcome::Booked(booking) => booked.push(*booking),
            Outcome::Skipped(hindrance) => {
                conflicts.push(Conflict::new(*original, *time, hindrance));
            }
        }
        outcomes.insert(*original, outcome);
    }
    let is_refused = new.on_conflict == OnConflict::Refuse && !conflicts.is_empty();
    if is_refused || booked.is_empty() {
        return Err(refused(conflicts, prepared.dates.len()).into());
    }
    let NewSeries { id, listing, customer, at, .. } = *new;
    let series = Box::new(prepared.series.clone());
    let command = Command::Create { listing, customer, series, outcomes, at };
    unit.decide(id, |series: &BookedSeries| series.decide(command))?;
    answer(unit, id, &booked, conflicts)
}

/// Books one date unless something stands in its way.
fn book_date(
    unit: &mut Unit,
    (booking, plan): &(NewBooking, Plan),
    conditions: &Conditions,
    can_open: bool,
) -> Result<Outcome, Stop> {
    let NewBooking { id, customer, until, at, .. } = *booking;
    let (touched, before) = (plan.inventory(), Inventory::default());
    let opened = Opened { touched: &touched, before: &before, can_open };
    let taking = Taking { booking: id, customer, until, at };
    let lines = match settled(plan.settle(unit, taking, &touched.sessions, None))? {
        Ok(lines) => lines,
        Err(hindrance) => return Ok(Outcome::Skipped(hindrance)),
    };
    let demands = Demands::of(&lines);
    for calendar in demands.calendars.keys() {
        calendars::open(unit, calendar, can_open, at)?;
    }
    if let Some(hindrance) = in_the_way(unit, taking, &demands)? {
        return Ok(Outcome::Skipped(hindrance));
    }
    make(unit, booking, plan, conditions, opened)?;
    Ok(Outcome::Booked(id))
}

fn answer(
    unit: &mut Unit,
    id: SeriesId,
    booked: &[BookingId],
    mut conflicts: Vec<Conflict>,
) -> Result<Response, Stop> {
    let first = booked.first().ok_or(Refusal::NothingBooked)?;
    let first = unit.state::<Booking>(first);
    let (status, hold_until) = (first.status(), first.until());
    let totals = booked.iter().filter_map(|booking| unit.state::<Booking>(booking).total());
    let total = totals.map(Ok).reduce(|sum, total| sum?.try_add(total?));
    let total = total.ok_or(Refusal::NothingBooked)?;
    let total = total.map_err(|error| Problem::bad_value("/lines", error.to_string()))?;
    let skipped = conflicts.len();
    conflicts.truncate(Conflict::MOST);
    let made = Made {
        id,
        status: status.as_str(),
        booked: booked.len(),
        skipped,
        total,
        hold_until,
        conflicts: &conflicts,
    };
    Ok(Response { status: 201, body: json(&made) })
}

impl NewSeries {
    /// All dates that it gives.
    fn series(&self, zone: Zone) -> Result<Series, Problem> {
        let plan = SeriesPlan {
            zone: self.zone.unwrap_or(zone),
            start: self.start,
            duration: self.duration,
            rule: self.rule.clone(),
            except: self.except.clone(),
            also: self.also.clone(),
        };
        let series = Series::try_new(plan);
        let series =
            series.map_err(|error| Problem::bad_value(self.place_of(&error), error.to_string()))?;
        let starts = series.occurrences().iter().map(|date| date.original);
        match starts.filter(|start| start.second() > 0).min() {
            None => Ok(series),
            Some(start) => {
                let detail = format!("{start} is not on a whole minute");
                Err(Problem::bad_value("/start", detail))
            }
        }
    }

    /// Which member of the body a mistake is in.
    fn place_of(&self, error: &SeriesError) -> String {
        let named = |list: &[NaiveDateTime], name: &str, wall: &NaiveDateTime| {
            let index = list.iter().position(|other| other == wall);
            index.map(|index| format!("/{name}/{index}"))
        };
        let one_of = |wall: &NaiveDateTime| {
            let except = named(&self.except, "except", wall);
            except
                .or_else(|| named(&self.also, "also", wall))
                .unwrap_or_else(|| "/start".to_owned())
        };
        match error {
            SeriesError::Rule(_) | SeriesError::TooMany | SeriesError::Empty => "/rule".to_owned(),
            SeriesError::OutOfBounds => self.out_of_bounds().map_or("/rule".to_owned(), one_of),
            SeriesError::StartNotOnRule { .. } => "/start".to_owned(),
            SeriesError::Fraction(wall)
            | SeriesError::NotOnRule(wall)
            | SeriesError::Skipped(wall) => one_of(wall),
        }
    }

    /// The first date given by name that lies outside the years the engine keeps.
    fn out_of_bounds(&self) -> Option<&NaiveDateTime> {
        let mut walls = [&self.start].into_iter().chain(&self.except).chain(&self.also);
        walls.find(|wall| !(FIRST_DAY..=LAST_DAY).contains(&wall.date()))
    }

    /// The booking that a date is to become.
    fn booking(&self, Occurrence { original: _, time }: &Occurrence) -> NewBooking {
        let line = |line: &SeriesLine| {
            NewLine::Time(NewTime {
                candidates: line.candidates.clone(),
                service: line.service,
                start: time.start(),
                end: Some(time.end()),
                quantity: line.quantity,
                price: line.price.into(),
                guests: None,
            })
        };
        NewBooking {
            id: BookingId::from_uuid(Uuid::now_v7()),
            named_by: NamedBy::Us,
            listing: self.listing,
            customer: self.customer,
            lines: self.lines.iter().map(line).collect(),
            party: self.party,
            dimensions: self.dimensions.clone(),
            request: false,
            until: self.until,
            quote: None,
            voucher: None,
            at: self.at,
        }
    }
}
