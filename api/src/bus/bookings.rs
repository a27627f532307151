//! Commands on bookings: each is one unit of work over the booking and the calendars it takes days of.

use std::collections::{BTreeMap, BTreeSet};

use daybook_domain::{
    booking::{self, Booking, Lines, Status, Terms, takes_by_calendar},
    calendar::{self, Calendar, Take},
    resource::Resource,
    values::{
        BookingId, CalendarId, CustomerId, Dimensions, ListingId, Money, Party, Reason, Timestamp,
    },
};
use daybook_event_store::{Answer, Response, Stream, Unit, Writer};
use serde::Serialize;

use super::{
    ATTEMPTS, NamedBy, Order, Stop,
    calendars::open,
    calendars_of, kept_changing, release,
    terms::{NewLine, listing_of, priced},
};
use crate::problem::Problem;

/// A booking to be made.
#[derive(Clone, Debug)]
pub struct NewBooking {
    /// Its id.
    pub id: BookingId,
    /// Who chose the id.
    pub named_by: NamedBy,
    /// What listing is booked.
    pub listing: ListingId,
    /// Who books.
    pub customer: CustomerId,
    /// What is booked.
    pub lines: Vec<NewLine>,
    /// Who comes along.
    pub party: Party,
    /// What reports group it by.
    pub dimensions: Dimensions,
    /// Until when it is held, unless it is confirmed at once.
    pub until: Option<Timestamp>,
    /// When it is made.
    pub at: Timestamp,
}

/// What a booking should be instead; what is not given stays.
#[derive(Clone, Debug)]
pub struct Amendment {
    /// All lines.
    pub lines: Option<Vec<NewLine>>,
    /// Who comes along.
    pub party: Option<Party>,
    /// When.
    pub at: Timestamp,
}

/// A step in a booking's life.
#[derive(Clone, Debug)]
pub enum Step {
    /// Keep it for good.
    Confirm,
    /// The guest came.
    CheckIn,
    /// The guest left; the nights from that day on are free.
    CheckOut,
    /// The guest did not come; the nights after that day are free.
    NoShow,
    /// It is called off, and everything is free.
    Cancel(Option<Reason>),
}

/// The deadline of a hold that has come.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// Whose hold.
    pub booking: BookingId,
    /// When it is recorded.
    pub at: Timestamp,
}

#[derive(Serialize)]
struct Made<'a> {
    id: BookingId,
    status: &'a str,
    total: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_until: Option<Timestamp>,
}

#[derive(Serialize)]
struct Changed<'a> {
    id: BookingId,
    status: &'a str,
}

/// Makes a booking: everything it asks for, or nothing.
pub(crate) async fn book(order: &Order, new: &NewBooking) -> Result<Answer, Problem> {
    let listing = listing_of(&order.writer, new.listing).await?;
    // As with prices, what holds is what is known when the command comes in; bookings do not queue for their listing.
    if let Err(refusal) = listing.bookable() {
        return order.refuse(&Problem::from(refusal)).await;
    }
    let lines = priced(&order.writer, new.listing, &listing, &new.lines).await?;
    let terms = Terms::try_new(
        new.listing,
        new.customer,
        listing.zone,
        lines,
        new.party,
        new.dimensions.clone(),
    )
    .map_err(|error| Problem::bad_value("/lines", error.to_string()))?;
    let takes = takes_by_calendar(terms.lines().as_slice());
    let id = new.id.to_string();
    let response = made(new, &terms);
    let mut streams = streams(new.named_by.stream::<Booking>(&id), takes.keys());
    for attempt in 0..2 {
        if attempt > 0 {
            streams.extend(resources_of(takes.keys()));
        }
        let answer = order.run(&streams, |unit| {
            let command = match new.until {
                Some(until) => booking::Command::Hold { terms: terms.clone(), until, at: new.at },
                None => booking::Command::Book { terms: terms.clone(), at: new.at },
            };
            unit.decide(&id, |booking: &Booking| booking.decide(command))?;
            for (calendar, takes) in &takes {
                open(unit, calendar, attempt > 0, new.at)?;
                let (booking, until, at) = (new.id, new.until, new.at);
                let takes = takes.clone();
                let command = calendar::Command::Allocate { booking, takes, until, at };
                unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?;
            }
            Ok(response.clone())
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

fn made(new: &NewBooking, terms: &Terms) -> Response {
    let status = if new.until.is_some() { Status::Held } else { Status::Confirmed };
    let made =
        Made { id: new.id, status: status.as_str(), total: terms.total(), hold_until: new.until };
    Response { status: 201, body: json(&made) }
}

/// Takes a booking one step on.
pub(crate) async fn step(
    order: &Order,
    id: BookingId,
    step: &Step,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let command = match step {
        Step::Confirm => booking::Command::Confirm { at },
        Step::CheckIn => booking::Command::CheckIn { at },
        Step::CheckOut => booking::Command::CheckOut { at },
        Step::NoShow => booking::Command::NoShow { at },
        Step::Cancel(reason) => booking::Command::Cancel { reason: reason.clone(), at },
    };
    on_booking(order, id, &command, |unit, zone, calendar| {
        let today = zone.map(|zone| zone.local_date(at));
        match step {
            Step::Confirm => {
                let command = calendar::Command::Confirm { booking: id, at };
                unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))
            }
            Step::CheckIn => Ok(()),
            Step::CheckOut => release(unit, calendar, id, today, at),
            Step::NoShow => {
                release(unit, calendar, id, today.and_then(|today| today.succ_opt()), at)
            }
            Step::Cancel(_) => release(unit, calendar, id, None, at),
        }
    })
    .await
}

/// Records that a hold has ended, and frees what it held.
pub async fn lapse(order: &Order, deadline: Deadline) -> Result<Answer, Problem> {
    let Deadline { booking: id, at } = deadline;
    let command = booking::Command::Lapse { at };
    on_booking(order, id, &command, |unit, _, calendar| release(unit, calendar, id, None, at)).await
}

/// Decides on a booking and, if that says something new, on each of its calendars.
async fn on_booking(
    order: &Order,
    booking: BookingId,
    command: &booking::Command,
    on_calendar: impl Fn(
        &mut Unit,
        Option<daybook_domain::values::Zone>,
        &CalendarId,
    ) -> Result<(), calendar::Refusal>,
) -> Result<Answer, Problem> {
    let id = booking.to_string();
    for _ in 0..ATTEMPTS {
        let expected = order.writer.peek(&id, calendars_of).await?;
        let streams = streams(Stream::of::<Booking>(&id), &expected);
        let answer = order.run(&streams, |unit| {
            order.check::<Booking>(unit, &id)?;
            let before = unit.sequence::<Booking>(&id);
            let state = unit.state::<Booking>(&id);
            let (zone, calendars) = (state.zone(), calendars_of(state));
            if calendars != expected {
                return Err(Stop::Again);
            }
            unit.decide(&id, |booking: &Booking| booking.decide(command.clone()))?;
            if unit.sequence::<Booking>(&id) > before {
                for calendar in &calendars {
                    on_calendar(unit, zone, calendar)?;
                }
            }
            Ok(changed(unit, booking, &id))
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

/// Books something else instead: the new places are taken and the old ones freed in one commit, or nothing changes.
pub(crate) async fn amend(
    order: &Order,
    booking: BookingId,
    amendment: &Amendment,
) -> Result<Answer, Problem> {
    let id = booking.to_string();
    for attempt in 0..ATTEMPTS {
        let (listing, before) =
            order.writer.peek(&id, |b: &Booking| (b.listing(), calendars_of(b))).await?;
        let listing = listing.ok_or(booking::Refusal::NotFound)?;
        let lines = amended_lines(&order.writer, listing, amendment).await?;
        let after = lines.as_ref().map(|lines| takes_by_calendar(lines.as_slice()));
        let touched: BTreeSet<_> =
            before.iter().chain(after.iter().flat_map(BTreeMap::keys)).copied().collect();
        let mut streams = streams(Stream::of::<Booking>(&id), &touched);
        if attempt > 0 {
            streams.extend(resources_of(after.iter().flat_map(BTreeMap::keys)));
        }
        let answer = order.run(&streams, |unit| {
            order.check::<Booking>(unit, &id)?;
            if calendars_of(unit.state::<Booking>(&id)) != before {
                return Err(Stop::Again);
            }
            decide_amendment(unit, booking, lines.as_ref(), amendment)?;
            for calendar in after.iter().flat_map(BTreeMap::keys) {
                open(unit, calendar, attempt > 0, amendment.at)?;
            }
            reallocate(unit, booking, &touched, after.as_ref(), amendment.at)?;
            Ok(changed(unit, booking, &id))
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

fn decide_amendment(
    unit: &mut Unit,
    id: BookingId,
    lines: Option<&Lines>,
    amendment: &Amendment,
) -> Result<(), Stop> {
    unit.decide(id, |booking: &Booking| {
        let lines = match lines {
            Some(lines) => lines.clone(),
            None => Lines::try_new(booking.lines().to_vec())
                .map_err(|_| Problem::from(booking::Refusal::NotFound))?,
        };
        let party = amendment.party.or(booking.party()).unwrap_or_default();
        let command = booking::Command::Amend { lines, party, at: amendment.at };
        booking.decide(command).map_err(Problem::from)
    })?;
    Ok(())
}

/// Takes the new days and frees the old, calendar by calendar.
fn reallocate(
    unit: &mut Unit,
    booking: BookingId,
    touched: &BTreeSet<CalendarId>,
    after: Option<&BTreeMap<CalendarId, Vec<Take>>>,
    at: Timestamp,
) -> Result<(), Stop> {
    let Some(after) = after else { return Ok(()) }; // only the party changes
    let until = unit.state::<Booking>(booking).until();
    for calendar in touched {
        let takes = after.get(calendar).cloned().unwrap_or_default();
        let command = calendar::Command::Reallocate { booking, takes, until, at };
        unit.decide(calendar, |calendar: &Calendar| calendar.decide(command))?;
    }
    Ok(())
}

async fn amended_lines(
    writer: &Writer,
    id: ListingId,
    amendment: &Amendment,
) -> Result<Option<Lines>, Problem> {
    let Some(lines) = &amendment.lines else { return Ok(None) };
    let listing = listing_of(writer, id).await?;
    let lines = priced(writer, id, &listing, lines).await?;
    let lines = Lines::try_new(lines);
    lines.map(Some).map_err(|error| Problem::bad_value("/lines", error.to_string()))
}

fn streams<'a>(
    booking: Stream,
    calendars: impl IntoIterator<Item = &'a CalendarId>,
) -> Vec<Stream> {
    let mut streams = vec![booking];
    streams.extend(calendars.into_iter().map(Stream::of::<Calendar>));
    streams
}

fn resources_of<'a>(calendars: impl Iterator<Item = &'a CalendarId>) -> Vec<Stream> {
    calendars.map(|calendar| Stream::of::<Resource>(calendar.resource)).collect()
}

fn changed(unit: &mut Unit, booking: BookingId, id: &str) -> Response {
    let status = unit.state::<Booking>(id).status();
    Response { status: 200, body: json(&Changed { id: booking, status: status.as_str() }) }
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("an answer is plain JSON")
}
