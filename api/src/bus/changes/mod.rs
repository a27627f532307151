//! Changes of what is booked: the new places are taken and the old ones freed in one commit, or nothing changes.

mod answer;
mod asked;
mod present;

use daybook_domain::{
    booking::{self, Booking, ChangeTerms, Demands, Line, Lines},
    quote::{self, Quote},
    tickets::Tickets,
    values::{BookingId, Party, QuoteId, Timestamp},
    voucher::{Grant, Voucher},
};
use daybook_event_store::{Answer, Response, Stream, Unit};

pub(super) use answer::{Changed, Kept};
pub use asked::{Change, Gone, NewPlace, NewTimes, Place, When};

use self::present::Present;
use super::{
    ATTEMPTS, Order, Stop, add_ons,
    bookings::{Opened, json},
    calendars,
    inventory::{self, Inventory, Taking},
    kept_changing,
    lines::Plan,
    tickets::{self, NONE},
    vouchers::Changing,
};
use crate::problem::Problem;

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
            let told = change.gone().filter(|gone| gone.tickets().is_some());
            if let Some(gone) = told
                && gone.portion(|| unit.state::<Tickets>(&stream), &present.lines)?
                    != present.portion
            {
                return Err(Stop::Again);
            }
            let prepared = Prepared { change, present: &present, plan: &plan, opened };
            let changed = prepared.decide(unit, id, terms, at)?;
            if admits {
                let given_up = change.gone().and_then(Gone::tickets).unwrap_or(&NONE);
                tickets::settle(unit, &order.tickets, id, given_up, at)?;
            }
            Ok(changed)
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

/// A change that was looked up, with the inventory it may touch.
struct Prepared<'a> {
    change: &'a Change,
    present: &'a Present,
    plan: &'a Plan,
    opened: Opened<'a>,
}

impl Prepared<'_> {
    /// Decides on a booking and on all that it takes from now on, or took until now.
    fn decide(
        &self,
        unit: &mut Unit,
        id: BookingId,
        terms: ChangeTerms,
        at: Timestamp,
    ) -> Result<Response, Stop> {
        let Self { change, present, plan, opened } = *self;
        let booking = unit.state::<Booking>(id);
        // what cannot be changed at all is said before what there is no room for
        booking.check_changeable(at)?;
        let customer = booking.customer().ok_or(booking::Refusal::NotFound)?;
        let before = booking.total().ok_or(booking::Refusal::NotFound)?;
        let listing = booking.listing().ok_or(booking::Refusal::NotFound)?;
        let zone = booking.zone().ok_or(booking::Refusal::NotFound)?;
        let taking = Taking { booking: id, customer, until: booking.until(), at };
        let grant = booking.voucher().cloned();
        if let Some(quote) = change.quote() {
            let used = quote::Command::Use { booking: id, at };
            unit.decide(quote, |quote: &Quote| quote.decide(used))?;
        }
        let begin = |grant: &Grant| Changing::begin(unit, grant, plan, listing, taking);
        let mut using = grant.as_ref().map(begin);
        let drawing = using.as_mut().map(Changing::drawing);
        let mut lines = plan.settle(unit, taking, &opened.touched.sessions, drawing)?;
        if lines.iter().all(|line| matches!(line, Line::AddOn(_))) {
            return Err(booking::Refusal::NothingLeft.into());
        }
        if let Some(party) = change.party(present) {
            add_ons::follow(&mut lines, party, zone)?;
        }
        if let Some(using) = &using {
            using.take_off(&mut lines)?;
        }
        let demands = Demands::of(&lines);
        let lines = Lines::try_new(lines)
            .map_err(|error| Problem::bad_value("/lines", error.to_string()))?;
        let (command, mut kept) = (change.command(present, lines, terms, at), Kept::default());
        unit.decide(id, |booking: &Booking| {
            let events = booking.decide(command)?;
            kept = Kept::by(&events);
            Ok::<_, booking::Refusal>(events)
        })?;
        opened.take(unit, taking, &demands, using.as_mut().map(Changing::drawing))?;
        if let Some(using) = using {
            using.finish(unit, (id, opened.touched), at)?;
            inventory::serve(unit, opened.touched, at)?;
        }
        let booking = unit.state::<Booking>(id);
        let total = booking.total().unwrap_or(before);
        let changed = Changed::of(booking, id, kept).costing(total, before);
        Ok(Response { status: 200, body: json(&changed) })
    }
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
    fn command(
        &self,
        present: &Present,
        lines: Lines,
        terms: ChangeTerms,
        at: Timestamp,
    ) -> booking::Command {
        match self {
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
