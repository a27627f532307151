//! Changes of what is booked: the new places are taken and the old ones freed in one commit, or nothing changes.

use std::collections::BTreeSet;

use daybook_domain::{
    allotment::{Item, Seating},
    booking::{
        self, Booking, CancelTerms, ChangeTerms, Demands, Event, Line, Lines, Nights, Portion,
    },
    quote::{self, Quote},
    resource::{Details, Resource},
    tickets::Tickets,
    values::{
        BookingId, ListingId, Money, Party, QuoteId, Reason, ResourceId, Seat, SessionId, Stay,
        TicketNumber, Timestamp, VoucherId,
    },
    voucher::{Grant, Voucher},
};
use daybook_event_store::{Answer, Response, Stream, Unit};
use serde::Serialize;

use super::{
    ATTEMPTS, Order, Stop, add_ons,
    bookings::{Opened, json},
    calendars,
    inventory::{Inventory, Taking},
    kept_changing,
    lines::{self, Catalogue, NewLine, NewNights, NewPlaces, Plan, Planned, plan_line},
    prices::{Asked, Buyer},
    tickets,
    times::{self, Candidates, NewTime},
    vouchers::Changing,
};
use crate::problem::Problem;

/// What is to be other than it is.
#[derive(Clone, Debug)]
pub enum Change {
    /// Something else is booked; what is not given stays.
    Amend {
        /// All lines.
        lines: Option<Vec<NewLine>>,
        /// All add-ons.
        add_ons: Option<Vec<NewLine>>,
        /// Who comes along.
        party: Option<Party>,
        /// The quote it is, if it is one.
        quote: Option<QuoteId>,
    },
    /// Some lines are booked for other times.
    Reschedule(Vec<NewTimes>),
    /// Some lines are booked with other resources, or in other seats.
    Move(Vec<NewPlace>),
    /// Some of it is called off.
    Cancel {
        /// What.
        gone: Gone,
        /// Why.
        reason: Option<Reason>,
        /// What is known about the money.
        terms: CancelTerms,
    },
}

/// What of a booking is called off.
#[derive(Clone, Debug)]
pub enum Gone {
    /// All of it.
    All,
    /// Lines, counted from 0.
    Lines(BTreeSet<usize>),
    /// What tickets are for.
    Tickets(BTreeSet<TicketNumber>),
}

impl Gone {
    /// Which portion of the booking that is.
    pub(super) fn portion(&self, tickets: &Tickets, lines: &[Line]) -> Result<Portion, Problem> {
        Ok(match self {
            Self::All => Portion::All,
            Self::Lines(numbers) => Portion::Lines(numbers.clone()),
            Self::Tickets(numbers) => {
                let portion = tickets.portion(numbers, lines);
                portion.map_err(|refusal| Problem::from(refusal).in_field("/tickets"))?
            }
        })
    }

    fn tickets(&self) -> BTreeSet<TicketNumber> {
        match self {
            Self::All | Self::Lines(_) => BTreeSet::new(),
            Self::Tickets(numbers) => numbers.clone(),
        }
    }
}

/// When a line is to be instead.
#[derive(Clone, Debug)]
pub struct NewTimes {
    /// Which line, counted from 0.
    pub number: usize,
    /// When.
    pub when: When,
    /// What one costs (for a night), unless today's price.
    pub price: Option<Money>,
}

/// When a line is to be, in the way its kind is told.
#[derive(Clone, Debug)]
pub enum When {
    /// From one date to another.
    Stay(Stay),
    /// From an instant on; as long as before, unless the end is given.
    From(Timestamp, Option<Timestamp>),
    /// At another session of what is booked, in these seats or the best.
    Session(SessionId, Option<Vec<Seat>>),
}

/// Where a line is to be instead.
#[derive(Clone, Debug)]
pub struct NewPlace {
    /// Which line, counted from 0.
    pub number: usize,
    /// Where.
    pub place: Place,
}

/// Where a line is to be, in the way its kind is told.
#[derive(Clone, Debug)]
pub enum Place {
    /// With another resource.
    Resource(ResourceId),
    /// In other seats.
    Seats(Vec<Seat>),
}

/// The answer to a step or a change.
#[derive(Serialize)]
pub(super) struct Changed {
    id: BookingId,
    status: &'static str,
    /// What it costs from now on, and by how much that is more than before.
    #[serde(flatten)]
    cost: Option<Cost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fee: Option<Money>,
    #[serde(skip_serializing_if = "Option::is_none")]
    refund: Option<Money>,
}

#[derive(Serialize)]
struct Cost {
    total: Money,
    difference: Difference,
}

/// By how much a total rises, or falls with a minus.
#[derive(Serialize)]
struct Difference {
    minor: i128,
    currency: &'static str,
}

impl Changed {
    /// What became of a booking by an event.
    pub(super) fn of(booking: &Booking, id: BookingId, event: Option<&Event>) -> Self {
        let (fee, refund) = match event {
            Some(
                Event::Amended { fee, refund, .. }
                | Event::Rescheduled { fee, refund, .. }
                | Event::LinesCancelled { fee, refund, .. }
                | Event::NoShowRecorded { fee, refund, .. }
                | Event::Cancelled { fee, refund, .. },
            ) => (*fee, *refund),
            Some(_) | None => (None, None),
        };
        Self { id, status: booking.status().as_str(), cost: None, fee, refund }
    }

    /// With what it costs now, and cost before.
    fn costing(self, total: Money, before: Money) -> Self {
        let minor = i128::from(total.minor()) - i128::from(before.minor());
        let difference = Difference { minor, currency: total.currency().code() };
        Self { cost: Some(Cost { total, difference }), ..self }
    }
}

/// Changes what is booked.
pub(crate) async fn change(
    order: &Order,
    id: BookingId,
    change: &Change,
    terms: ChangeTerms,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let stream = id.to_string();
    for attempt in 0..ATTEMPTS {
        let present = Present::find(order, &stream, change).await?;
        let plan = match present.planned(order, change, at).await {
            Ok(plan) => plan,
            Err(problem) => return order.tell(problem).await,
        };
        let before = Inventory::of(&present.lines);
        let touched = plan.inventory().and(&before);
        let mut streams = vec![Stream::of::<Booking>(&stream)];
        streams.extend(touched.streams());
        streams.extend(calendars::streams(plan.counted()));
        streams.extend(present.voucher.map(Stream::of::<Voucher>));
        let admits = !touched.sessions.is_empty();
        if admits {
            streams.push(Stream::of::<Tickets>(&stream));
        }
        streams.extend(change.quote().map(Stream::of::<Quote>));
        let opened = Opened { touched: &touched, before: &before, can_open: attempt > 0 };
        if opened.can_open {
            streams.extend(calendars::needed_to_open(&touched.calendars));
        }
        let answer = order.run(&streams, |unit| {
            order.check::<Booking>(unit, &stream)?;
            let booking = unit.state::<Booking>(&stream);
            if booking.lines() != present.lines || booking.party() != Some(present.party) {
                return Err(Stop::Again);
            }
            if let Some(gone) = change.gone().filter(|_| admits)
                && gone.portion(unit.state::<Tickets>(&stream), &present.lines)? != present.portion
            {
                return Err(Stop::Again);
            }
            let command = change.command(&present, terms);
            let follows = change.party(&present);
            let changed = decide(unit, id, (command, change.quote(), follows), &plan, opened, at)?;
            if admits {
                let given_up = change.gone().map(Gone::tickets).unwrap_or_default();
                tickets::settle(unit, &order.tickets, id, &given_up, at)?;
            }
            Ok(changed)
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

impl Change {
    /// What of the booking is called off, if anything is.
    fn gone(&self) -> Option<&Gone> {
        match self {
            Self::Cancel { gone, .. } => Some(gone),
            Self::Amend { .. } | Self::Reschedule(_) | Self::Move(_) => None,
        }
    }

    /// The quote that is booked instead, if one is.
    fn quote(&self) -> Option<QuoteId> {
        match self {
            Self::Amend { quote, .. } => *quote,
            Self::Reschedule(_) | Self::Move(_) | Self::Cancel { .. } => None,
        }
    }

    /// Whom the add-ons are for from now on, if they follow the change. What is called off has been cut from them already.
    fn party(&self, present: &Present) -> Option<Party> {
        match self {
            Self::Amend { party, .. } => Some(party.unwrap_or(present.party)),
            Self::Reschedule(_) => Some(present.party),
            Self::Move(_) | Self::Cancel { .. } => None,
        }
    }

    /// What is asked of the booking once its lines are settled.
    fn command<'a>(
        &'a self,
        present: &'a Present,
        terms: ChangeTerms,
    ) -> impl FnOnce(Lines, Timestamp) -> booking::Command + use<'a> {
        move |lines, at| match self {
            Self::Amend { party, .. } => {
                let party = party.unwrap_or(present.party);
                booking::Command::Amend { lines, party, terms, at }
            }
            Self::Reschedule(_) => booking::Command::Reschedule { lines, terms, at },
            Self::Move(_) => booking::Command::Move { lines, at },
            Self::Cancel { gone: _, reason, terms } => {
                let (portion, reason) = (present.portion.clone(), reason.clone());
                booking::Command::CancelPortion { portion, reason, terms: *terms, at }
            }
        }
    }
}

/// Decides on a booking and on all that it takes from now on, or took until now.
fn decide(
    unit: &mut Unit,
    id: BookingId,
    (command, quote, follows): (
        impl FnOnce(Lines, Timestamp) -> booking::Command,
        Option<QuoteId>,
        Option<Party>,
    ),
    plan: &Plan,
    opened: Opened<'_>,
    at: Timestamp,
) -> Result<Response, Stop> {
    let booking = unit.state::<Booking>(id);
    // what cannot be changed at all is said before what there is no room for
    booking.check_changeable(at)?;
    let customer = booking.customer().ok_or(booking::Refusal::NotFound)?;
    let before = booking.total().ok_or(booking::Refusal::NotFound)?;
    let listing = booking.listing().ok_or(booking::Refusal::NotFound)?;
    let zone = booking.zone().ok_or(booking::Refusal::NotFound)?;
    let taking = Taking { booking: id, customer, until: booking.until(), at };
    let grant = booking.voucher().cloned();
    if let Some(quote) = quote {
        let used = quote::Command::Use { booking: id, at };
        unit.decide(quote, |quote: &Quote| quote.decide(used))?;
    }
    let begin = |grant: &Grant| Changing::begin(unit, grant, plan, listing, taking);
    let using = grant.as_ref().map(begin).transpose()?;
    let mut lines = plan.settle(unit, taking, &opened.touched.sessions)?;
    if lines.iter().all(|line| matches!(line, Line::AddOn(_))) {
        return Err(booking::Refusal::NothingLeft.into());
    }
    if let Some(party) = follows {
        add_ons::follow(&mut lines, party, zone)?;
    }
    if let Some(using) = &using {
        using.take_off(&mut lines, listing)?;
    }
    let demands = Demands::of(&lines);
    let lines =
        Lines::try_new(lines).map_err(|error| Problem::bad_value("/lines", error.to_string()))?;
    let mut event = None;
    unit.decide(id, |booking: &Booking| {
        let events = booking.decide(command(lines, at))?;
        event = events.first().cloned();
        Ok::<_, booking::Refusal>(events)
    })?;
    opened.take(unit, taking, &demands)?;
    if let Some(using) = using {
        using.finish(unit, listing, id, at)?;
    }
    let booking = unit.state::<Booking>(id);
    let total = booking.total().unwrap_or(before);
    let changed = Changed::of(booking, id, event.as_ref()).costing(total, before);
    Ok(Response { status: 200, body: json(&changed) })
}

/// What is booked now.
struct Present {
    listing: ListingId,
    party: Party,
    lines: Vec<Line>,
    voucher: Option<VoucherId>,
    /// What of it is to be called off; all of it unless a change says so.
    portion: Portion,
}

impl Present {
    async fn find(order: &Order, stream: &str, change: &Change) -> Result<Self, Problem> {
        let present = order.writer.peek(stream, Self::of).await?;
        let mut present = present.ok_or(booking::Refusal::NotFound)?;
        if let Some(gone) = change.gone() {
            let portion = |tickets: &Tickets| gone.portion(tickets, &present.lines);
            present.portion = order.writer.peek(stream, portion).await??;
        }
        Ok(present)
    }

    fn of(booking: &Booking) -> Option<Self> {
        let (listing, party) = (booking.listing()?, booking.party()?);
        let voucher = booking.voucher().map(|grant| grant.voucher);
        let (lines, portion) = (booking.lines().to_vec(), Portion::All);
        Some(Self { listing, party, lines, voucher, portion })
    }

    async fn catalogue<'a>(
        &self,
        order: &'a Order,
        party: Party,
        at: Timestamp,
    ) -> Result<Catalogue<'a>, Problem> {
        let buyer = Buyer::has(party, &self.lines, at);
        Catalogue::open(&order.writer, self.listing, buyer).await
    }

    /// What is to be booked from now on.
    async fn planned(
        &self,
        order: &Order,
        change: &Change,
        at: Timestamp,
    ) -> Result<Plan, Problem> {
        let mut plan = Plan::fixed(&self.lines);
        match change {
            Change::Amend { lines: None, add_ons: None, party: None, .. } => {}
            Change::Amend { lines: None, add_ons, party, .. } => {
                let party = party.unwrap_or(self.party);
                let mut catalogue = self.catalogue(order, party, at).await?;
                let others = self.lines.iter().enumerate().filter(|_| party != self.party);
                for (number, line) in others {
                    if let Some(line) = for_another_party(line) {
                        plan.lines[number] = plan_line(&mut catalogue, number, &line, at).await?;
                    }
                }
                if let Some(add_ons) = add_ons {
                    add_ons::replace(&mut catalogue, &mut plan, add_ons).await?;
                }
            }
            Change::Amend { lines: Some(lines), add_ons, party, .. } => {
                let lines = &add_ons::beside(lines, add_ons.as_deref(), &self.lines);
                let buyer = Buyer::of(party.unwrap_or(self.party), lines, at);
                let mut catalogue = Catalogue::open(&order.writer, self.listing, buyer).await?;
                plan = lines::plan(&mut catalogue, lines, at).await?;
            }
            Change::Reschedule(changes) => {
                let mut catalogue = self.catalogue(order, self.party, at).await?;
                for (index, new) in changes.iter().enumerate() {
                    let line = rescheduled(self.line(new.number, index)?, new, index)?;
                    plan.lines[new.number] = plan_line(&mut catalogue, index, &line, at).await?;
                }
            }
            Change::Move(changes) => {
                let mut catalogue = self.catalogue(order, self.party, at).await?;
                for (index, new) in changes.iter().enumerate() {
                    let line = self.line(new.number, index)?;
                    plan.lines[new.number] = self.moved(&mut catalogue, line, new, index).await?;
                }
            }
            Change::Cancel { .. } => {
                let lines = Lines::try_new(self.lines.clone());
                let lines = lines.map_err(|error| Problem::internal(&error))?;
                plan = Plan::fixed(&self.portion.cut(&lines)?.kept);
            }
        }
        Ok(plan)
    }

    fn line(&self, number: usize, index: usize) -> Result<&Line, Problem> {
        self.lines.get(number).ok_or_else(|| {
            let detail = booking::Refusal::UnknownLine { number }.to_string();
            Problem::bad_value(format!("/lines/{index}/line"), detail)
        })
    }

    /// The same elsewhere, at the price it had.
    async fn moved(
        &self,
        catalogue: &mut Catalogue<'_>,
        line: &Line,
        new: &NewPlace,
        index: usize,
    ) -> Result<Planned, Problem> {
        match (line, &new.place) {
            (Line::Nights(nights), Place::Resource(resource)) => {
                let nights = self.in_other_room(catalogue, nights, *resource, index).await?;
                Ok(Planned::Fixed(Line::Nights(nights)))
            }
            (Line::Time(time), Place::Resource(resource)) => {
                let moved = times::moved(catalogue, index, time, *resource).await?;
                Ok(Planned::Choice(moved))
            }
            (Line::Places(places), Place::Seats(seats)) => {
                let (offer, quantity) = (places.offer().clone(), places.quantity());
                let seating = Seating::Chosen(seats.clone());
                let unseated = places.clone().seated(Vec::new());
                Ok(Planned::Seating(unseated, Item { offer, quantity, seating }))
            }
            (Line::Nights(_) | Line::Time(_) | Line::Places(_) | Line::AddOn(_), _) => {
                Err(other_kind(index))
            }
        }
    }

    /// The same nights in a room type of the same listing. What is asked of new stays is not asked of who is moved.
    async fn in_other_room(
        &self,
        catalogue: &Catalogue<'_>,
        nights: &Nights,
        resource: ResourceId,
        index: usize,
    ) -> Result<Nights, Problem> {
        let listing = |resource: &Resource| {
            let nights = |details: &Details| details.terms.nights().map(|nights| nights.listing);
            resource.details().and_then(nights)
        };
        let found = catalogue.writer().peek(&resource.to_string(), listing).await?;
        if found == Some(nights.listing().unwrap_or(self.listing)) {
            return Ok(nights.clone().moved(resource));
        }
        let detail = "guests are moved to a room type of the same listing";
        Err(Problem::bad_value(format!("/lines/{index}/resource_id"), detail))
    }
}

/// The same for another time, to be priced anew.
fn rescheduled(line: &Line, new: &NewTimes, index: usize) -> Result<NewLine, Problem> {
    Ok(match (line, &new.when) {
        (Line::Nights(nights), When::Stay(stay)) => NewLine::Nights(NewNights {
            resource: nights.resource(),
            stay: *stay,
            quantity: nights.quantity(),
            price: new.price.into(),
            guests: line.guests().cloned(),
        }),
        (Line::Time(time), When::From(start, end)) => {
            let lasted = time.plain().end() - time.plain().start();
            NewLine::Time(NewTime {
                candidates: Candidates::AsBefore(time.clone()),
                service: time.listing(),
                start: *start,
                end: Some(end.unwrap_or(*start + lasted)),
                quantity: time.quantity(),
                price: new.price.into(),
                guests: line.guests().cloned(),
            })
        }
        (Line::Places(places), When::Session(session, seats)) => NewLine::Places(NewPlaces {
            session: *session,
            offer: places.offer().clone(),
            quantity: places.quantity(),
            seats: seats.clone(),
            price: new.price.into(),
            guests: line.guests().cloned(),
        }),
        (Line::Nights(_) | Line::Time(_) | Line::Places(_) | Line::AddOn(_), _) => {
            return Err(other_kind(index));
        }
    })
}

/// The same for another party, to be priced anew: if what it costs depended on who comes, and the line did not say who.
fn for_another_party(line: &Line) -> Option<NewLine> {
    let nights = line.nights()?;
    let charge = nights.charge().filter(|charge| charge.guests.is_none())?;
    let agreed = charge.parts.is_empty();
    Some(NewLine::Nights(NewNights {
        resource: nights.resource(),
        stay: nights.stay(),
        quantity: nights.quantity(),
        price: if agreed { Asked::Agreed(nights.price_per_night()) } else { Asked::Listed },
        guests: None,
    }))
}

fn other_kind(index: usize) -> Problem {
    let detail = "the line is of another kind: nights have dates and rooms, times have instants and resources, \
                  places have sessions and seats";
    Problem::bad_value(format!("/lines/{index}"), detail)
}
