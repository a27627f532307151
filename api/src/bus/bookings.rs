//! Commands on bookings: each is one unit of work over the booking and the inventory it takes something of.

use chrono::TimeDelta;
use daybook_domain::{
    booking::{self, Booking, CancelTerms, Demands, Paid, Status, Terms},
    quote::{self, Quote},
    tickets::Tickets,
    values::{
        BookingId, CustomerId, Dimensions, ListingId, Money, Party, QuoteId, Reason, Timestamp,
        VoucherCode,
    },
    voucher::Voucher,
};
use daybook_event_store::{Answer, Response, Stream, Unit};
use serde::Serialize;

use super::{
    ATTEMPTS, NamedBy, Order, Stop, add_ons, calendars,
    changes::{Changed, Kept},
    customers, inventory,
    inventory::{Inventory, Rest, Taking},
    kept_changing,
    lines::{Catalogue, Conditions, NewLine, Plan, plan},
    prices::Buyer,
    tickets::{self, NONE},
    vouchers::{self, Begun, Drawing, Redeeming},
};
use crate::problem::Problem;

/// How long a request waits for approval, unless it says so itself.
const REQUEST: TimeDelta = TimeDelta::days(1);

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
    /// Whether it waits for approval even if no listing asks for that.
    pub request: bool,
    /// Until when it is held, or waits for approval, unless it is confirmed at once.
    pub until: Option<Timestamp>,
    /// The quote it is made of, if it is.
    pub quote: Option<Quoted>,
    /// The code of the voucher that is used, if that of no quote is.
    pub voucher: Option<VoucherCode>,
    /// When it is made.
    pub at: Timestamp,
}

/// A quote that is to be booked.
#[derive(Clone, Debug)]
pub struct Quoted {
    id: QuoteId,
    conditions: Conditions,
}

impl Quoted {
    /// A quote with what was told.
    pub fn new(id: QuoteId, terms: &quote::Terms) -> Self {
        let quote::Terms { zone, policy, deposit, voucher, .. } = terms;
        let voucher = voucher.as_ref().map(Redeeming::quoted);
        let (zone, policy, deposit) = (*zone, policy.clone(), *deposit);
        let conditions = Conditions { zone, policy, deposit, voucher };
        Self { id, conditions }
    }
}

/// A step in a booking's life.
#[derive(Clone, Debug)]
pub enum Step {
    /// Agree to what was requested: at once, or once it is confirmed before a deadline.
    Approve(Option<Timestamp>),
    /// Turn down what was requested, and everything is free.
    Decline(Option<Reason>),
    /// Put the deadline off.
    Extend(Timestamp),
    /// Keep it for good.
    Confirm,
    /// Keep it for good, even if its deadline has come, as long as its places are free.
    ConfirmLate,
    /// The guest came.
    CheckIn,
    /// The guest left; nights from that day on and times from then on are free.
    CheckOut,
    /// The guest did not come; the nights after that day and times from then on are free. So much was paid.
    NoShow(Option<Paid>),
    /// It is called off, and everything is free.
    Cancel(Option<Reason>, CancelTerms),
    /// Its deadline has come, and everything is free.
    Lapse,
}

#[derive(Serialize)]
struct Made<'a> {
    id: BookingId,
    status: &'a str,
    total: Money,
    #[serde(skip_serializing_if = "Option::is_none")]
    hold_until: Option<Timestamp>,
}

/// Makes a booking: everything it asks for, or nothing.
pub(crate) async fn book(order: &Order, new: &NewBooking) -> Result<Answer, Problem> {
    let (plan, conditions) = match prepare(order, new).await {
        Ok(prepared) => prepared,
        Err(problem) => return order.tell(problem).await,
    };
    let mut streams = vec![new.named_by.stream::<Booking>(new.id)];
    let (touched, nothing) = (plan.inventory(), Inventory::default());
    streams.extend(touched.streams());
    streams.extend(calendars::streams(plan.counted()));
    streams.extend(new.quote.iter().map(|quoted| Stream::of::<Quote>(quoted.id)));
    streams.extend(conditions.voucher.iter().map(Redeeming::stream));
    let admits = !touched.sessions.is_empty();
    if admits {
        // whatever has no booking has no tickets either, so nobody need look for them
        streams.push(Stream::fresh::<Tickets>(new.id));
    }
    for attempt in 0..2 {
        let opened = Opened { touched: &touched, before: &nothing, can_open: attempt > 0 };
        if opened.can_open {
            streams.extend(calendars::needed_to_open(&touched.calendars));
        }
        let answer = order.run(&streams, |unit| {
            let made = make(unit, new, &plan, &conditions, opened)?;
            if admits {
                tickets::settle(unit, &order.tickets, new.id, &NONE, new.at)?;
            }
            Ok(made)
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

/// Looks up what is to be booked: like prices, it is what is known when the command comes in, so that bookings do not
/// queue for their listing.
async fn prepare(order: &Order, new: &NewBooking) -> Result<(Plan, Conditions), Problem> {
    customers::may_order(&order.writer, new.customer).await?;
    let buyer = Buyer::of(new.party, &new.lines, new.at);
    let mut catalogue = Catalogue::open(&order.writer, new.listing, buyer).await?;
    catalogue.main().bookable()?;
    let plan = plan(&mut catalogue, &new.lines, new.at).await?;
    let conditions = match (&new.quote, &new.voucher) {
        (Some(quoted), _) => quoted.conditions.clone(),
        (None, None) => Conditions::of(catalogue.main()),
        (None, Some(code)) => {
            let found = Redeeming::find(&order.writer, catalogue.main().organization, code).await?;
            Conditions { voucher: Some(found), ..Conditions::of(catalogue.main()) }
        }
    };
    Ok((plan, conditions))
}

/// The inventory that a unit was opened with.
#[derive(Clone, Copy)]
pub(super) struct Opened<'a> {
    /// All that the command may touch.
    pub(super) touched: &'a Inventory,
    /// What the booking takes something of until now.
    pub(super) before: &'a Inventory,
    /// Whether all is there as well that calendars need to be opened.
    pub(super) can_open: bool,
}

impl Opened<'_> {
    /// Takes what is demanded of calendars and add-ons, and gives up whatever else the booking took of them. With a
    /// voucher, it draws on what is set aside for it.
    pub(super) fn take(
        self,
        unit: &mut Unit,
        taking: Taking,
        demands: &Demands,
        drawing: Option<&mut Drawing>,
    ) -> Result<(), Stop> {
        for calendar in demands.calendars.keys() {
            calendars::open(unit, calendar, self.can_open, taking.at)?;
        }
        let demanded = demands.calendars.keys().copied();
        let concerned = self.before.calendars.iter().copied().chain(demanded).collect();
        taking.of_calendars(unit, &concerned, demands, drawing)?;
        let demanded = demands.add_ons.keys().copied();
        let concerned = self.before.add_ons.iter().copied().chain(demanded).collect();
        Ok(taking.of_add_ons(unit, &concerned, demands)?)
    }
}

/// Decides on a booking and on all that it takes.
pub(super) fn make(
    unit: &mut Unit,
    new: &NewBooking,
    plan: &Plan,
    conditions: &Conditions,
    opened: Opened<'_>,
) -> Result<Response, Stop> {
    let NewBooking { id, listing, customer, party, at, .. } = *new;
    if unit.state::<Booking>(id).status() != Status::Absent {
        return Err(booking::Refusal::AlreadyExists.into());
    }
    if let Some(quoted) = &new.quote {
        let command = quote::Command::Use { booking: id, at };
        unit.decide(quoted.id, |quote: &Quote| quote.decide(command))?;
    }
    let requested = new.request || plan.on_request;
    let until = if requested { new.until.or(Some(at + REQUEST)) } else { new.until };
    let taking = Taking { booking: id, customer, until, at };
    let Conditions { zone, policy, deposit, voucher } = conditions;
    let begin = |redeeming: &Redeeming| redeeming.begin(unit, plan, listing, taking);
    let mut using = voucher.as_ref().map(begin).transpose()?;
    let drawing = using.as_mut().map(Begun::drawing);
    let mut lines = plan.settle(unit, taking, &opened.touched.sessions, drawing)?;
    add_ons::follow(&mut lines, party, *zone)?;
    if let Some(using) = &using {
        using.take_off(&mut lines)?;
    }
    let demands = Demands::of(&lines);
    let terms = Terms::try_new(listing, customer, *zone, lines, party, new.dimensions.clone())
        .map_err(|error| Problem::bad_value("/lines", error.to_string()))?
        .under(policy.clone(), *deposit)
        .with_voucher(using.as_ref().map(Begun::grant))
        .with_commission(plan.commission);
    let total = terms.total();
    let command = match until {
        Some(until) if requested => booking::Command::Request { terms, until, at },
        Some(until) => booking::Command::Hold { terms, until, at },
        None => booking::Command::Book { terms, at },
    };
    unit.decide(id, |booking: &Booking| booking.decide(command))?;
    opened.take(unit, taking, &demands, using.as_mut().map(Begun::drawing))?;
    if let Some(using) = using {
        using.finish(unit, taking)?;
        inventory::serve(unit, opened.touched, at)?;
    }
    let status = unit.state::<Booking>(id).status().as_str();
    Ok(Response { status: 201, body: json(&Made { id, status, total, hold_until: until }) })
}

/// What is decided in one unit of work with a step.
pub(super) trait Along {
    /// The streams it touches besides.
    fn streams(&self) -> Vec<Stream>;

    /// Whether the step may be taken, as all of it stands.
    fn before(&self, unit: &mut Unit) -> Result<(), Stop>;

    /// What follows from the step.
    fn after(&self, unit: &mut Unit) -> Result<(), Stop>;
}

/// A step that nothing goes along with.
struct Alone;

impl Along for Alone {
    fn streams(&self) -> Vec<Stream> {
        Vec::new()
    }

    fn before(&self, _: &mut Unit) -> Result<(), Stop> {
        Ok(())
    }

    fn after(&self, _: &mut Unit) -> Result<(), Stop> {
        Ok(())
    }
}

/// Takes a booking one step on.
pub async fn step(
    order: &Order,
    id: BookingId,
    step: &Step,
    at: Timestamp,
) -> Result<Answer, Problem> {
    step_along(order, id, step, &Alone, at).await
}

/// Takes a booking one step on, and decides something else in the same unit of work.
pub(super) async fn step_along(
    order: &Order,
    id: BookingId,
    step: &Step,
    along: &(impl Along + Sync),
    at: Timestamp,
) -> Result<Answer, Problem> {
    let command = step.command(at);
    let stream = id.to_string();
    for _ in 0..ATTEMPTS {
        let touched = |booking: &Booking| {
            let voucher = booking.voucher().map(|grant| grant.voucher);
            (Inventory::of(booking.lines()), voucher)
        };
        let (expected, voucher) = order.writer.peek(&stream, touched).await?;
        let mut streams = vec![Stream::of::<Booking>(&stream)];
        streams.extend(expected.streams());
        streams.extend(voucher.map(Stream::of::<Voucher>));
        let tickets = step.tickets(id).filter(|_| !expected.sessions.is_empty());
        let admits = tickets.is_some();
        streams.extend(tickets);
        streams.extend(along.streams());
        let answer = order.run(&streams, |unit| {
            order.check::<Booking>(unit, &stream)?;
            along.before(unit)?;
            let before = unit.sequence::<Booking>(&stream);
            let (now, its_voucher) = touched(unit.state::<Booking>(&stream));
            if now != expected || its_voucher != voucher {
                return Err(Stop::Again);
            }
            let mut kept = Kept::default();
            unit.decide(&stream, |booking: &Booking| {
                let events = booking.decide(command.clone())?;
                kept = Kept::by(&events);
                Ok::<_, booking::Refusal>(events)
            })?;
            if unit.sequence::<Booking>(&stream) > before {
                step.on_inventory(unit, id, &expected, at)?;
                if let Some(voucher) = voucher {
                    vouchers::follow(unit, voucher, (id, &expected), step, at)?;
                }
                if step.gives_all_back() {
                    inventory::serve(unit, &expected, at)?;
                }
                if admits {
                    tickets::settle(unit, &order.tickets, id, &NONE, at)?;
                }
            }
            along.after(unit)?;
            let changed = Changed::of(unit.state::<Booking>(id), id, kept);
            Ok(Response { status: 200, body: json(&changed) })
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

impl Step {
    fn command(&self, at: Timestamp) -> booking::Command {
        use booking::Command as C;
        match self {
            Self::Approve(until) => C::Approve { until: *until, at },
            Self::Decline(reason) => C::Decline { reason: reason.clone(), at },
            Self::Extend(until) => C::Extend { until: *until, at },
            Self::Confirm => C::Confirm { at },
            Self::ConfirmLate => C::ConfirmLate { at },
            Self::CheckIn => C::CheckIn { at },
            Self::CheckOut => C::CheckOut { at },
            Self::NoShow(paid) => C::NoShow { paid: *paid, at },
            Self::Cancel(reason, terms) => C::Cancel { reason: reason.clone(), terms: *terms, at },
            Self::Lapse => C::Lapse { at },
        }
    }

    /// The tickets of a booking, if there are others after the step. Before a booking is kept for good it has none, so that
    /// nobody need look for them.
    fn tickets(&self, id: BookingId) -> Option<Stream> {
        match self {
            Self::Approve(None) | Self::Confirm | Self::ConfirmLate => {
                Some(Stream::fresh::<Tickets>(id))
            }
            Self::Cancel(..) => Some(Stream::of::<Tickets>(id)),
            Self::Approve(Some(_))
            | Self::Decline(_)
            | Self::Extend(_)
            | Self::CheckIn
            | Self::CheckOut
            | Self::NoShow(_)
            | Self::Lapse => None,
        }
    }

    /// Whether the booking has nothing any more.
    fn gives_all_back(&self) -> bool {
        match self {
            Self::Decline(_) | Self::Cancel(..) | Self::Lapse => true,
            Self::Approve(_)
            | Self::Extend(_)
            | Self::Confirm
            | Self::ConfirmLate
            | Self::CheckIn
            | Self::CheckOut
            | Self::NoShow(_) => false,
        }
    }

    /// Does to the inventory what the booking's new event means for it.
    fn on_inventory(
        &self,
        unit: &mut Unit,
        id: BookingId,
        all: &Inventory,
        at: Timestamp,
    ) -> Result<(), Stop> {
        match self {
            Self::Approve(None) | Self::Confirm => inventory::confirm(unit, all, id, at),
            Self::ConfirmLate => take(unit, id, all, None, at),
            Self::Approve(Some(until)) | Self::Extend(until) => {
                take(unit, id, all, Some(*until), at)
            }
            Self::CheckIn => Ok(()),
            Self::CheckOut => rest(unit, id, all, Rest::FromToday, at),
            Self::NoShow(_) => rest(unit, id, all, Rest::AfterToday, at),
            Self::Decline(_) | Self::Cancel(..) | Self::Lapse => {
                inventory::release(unit, all, id, at)
            }
        }
    }
}

/// Takes the same, until another deadline or for good.
fn take(
    unit: &mut Unit,
    id: BookingId,
    all: &Inventory,
    until: Option<Timestamp>,
    at: Timestamp,
) -> Result<(), Stop> {
    let booking = unit.state::<Booking>(id);
    let demands = Demands::of(booking.lines());
    let customer = booking.customer().ok_or(booking::Refusal::NotFound)?;
    let taking = Taking { booking: id, customer, until, at };
    taking.of_calendars(unit, &all.calendars, &demands, None)?;
    taking.of_add_ons(unit, &all.add_ons, &demands)?;
    taking.of_sessions(unit, &all.sessions, &demands, None)
}

fn rest(
    unit: &mut Unit,
    id: BookingId,
    all: &Inventory,
    rest: Rest,
    at: Timestamp,
) -> Result<(), Stop> {
    let zone = unit.state::<Booking>(id).zone().ok_or(booking::Refusal::NotFound)?;
    inventory::release_rest(unit, all, id, (rest, zone), at)
}

pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("an answer is plain JSON")
}
