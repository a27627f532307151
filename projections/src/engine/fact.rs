//! Events in the types of the domain.

use std::sync::Arc;

use daybook_domain::{
    add_on, allotment, booking, calendar, customer, invoice, listing, notice, organization,
    payment, payouts, resource,
    series::booked,
    tickets,
    values::{
        AddOnId, BookingId, CalendarId, CustomerId, ListingId, NoticeId, OrganizationId, PaymentId,
        ResourceId, SeriesId, SessionId, VoucherId, WaitingListId,
    },
    voucher, waiting_list,
};
use daybook_event_store::{Log, Position, Recorded};
use serde::de::DeserializeOwned;

use super::Poison;

/// What happened, and to whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// To an organization.
    Organization(OrganizationId, organization::Event),
    /// To a listing.
    Listing(ListingId, listing::Event),
    /// To a resource.
    Resource(ResourceId, resource::Event),
    /// To a calendar.
    Calendar(CalendarId, calendar::Event),
    /// To the places of a session.
    Allotment(SessionId, allotment::Event),
    /// To a booking.
    Booking(BookingId, booking::Event),
    /// To a series of bookings.
    Series(SeriesId, booked::Event),
    /// To a payment.
    Payment(PaymentId, payment::Event),
    /// To the invoices of a booking.
    Invoices((BookingId, invoice::Event)),
    /// To what an organization was paid.
    Payouts(OrganizationId, payouts::Event),
    /// To the record of a customer.
    Customer(CustomerId, customer::Event),
    /// To the tickets of a booking.
    Tickets(BookingId, tickets::Event),
    /// To a notice.
    Notice(NoticeId, notice::Event),
    /// To a waiting list.
    WaitingList(WaitingListId, waiting_list::Event),
    /// To an add-on.
    AddOn(AddOnId, add_on::Event),
    /// To a voucher.
    Voucher(VoucherId, voucher::Event),
    /// To something no model knows.
    Other,
}

/// A fact and its place in the log and in its stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) position: Position,
    pub(crate) sequence: i64,
    pub(crate) fact: Fact,
}

/// An event that is not what it should be stays with the reason why.
pub(crate) type Decoded = Result<Event, Poison>;

impl Event {
    /// Decodes an event that is in today's shape already.
    pub(crate) fn decode(recorded: &Recorded) -> Decoded {
        let Recorded { aggregate_id: id, payload, .. } = recorded;
        let fact = match recorded.aggregate_type.as_str() {
            "organization" => Fact::Organization(parse(id)?, read(payload)?),
            "listing" => Fact::Listing(parse(id)?, read(payload)?),
            "resource" => Fact::Resource(parse(id)?, read(payload)?),
            "calendar" => Fact::Calendar(parse(id)?, read(payload)?),
            "allotment" => Fact::Allotment(parse(id)?, read(payload)?),
            "booking" => Fact::Booking(parse(id)?, read(payload)?),
            "series" => Fact::Series(parse(id)?, read(payload)?),
            "payment" => Fact::Payment(parse(id)?, read(payload)?),
            "invoices" => Fact::Invoices((parse(id)?, read(payload)?)),
            "payouts" => Fact::Payouts(parse(id)?, read(payload)?),
            "customer" => Fact::Customer(parse(id)?, read(payload)?),
            "tickets" => Fact::Tickets(parse(id)?, read(payload)?),
            "notice" => Fact::Notice(parse(id)?, read(payload)?),
            "waiting_list" => Fact::WaitingList(parse(id)?, read(payload)?),
            "add_on" => Fact::AddOn(parse(id)?, read(payload)?),
            "voucher" => Fact::Voucher(parse(id)?, read(payload)?),
            _ => Fact::Other,
        };
        Ok(Self { position: recorded.position, sequence: recorded.sequence, fact })
    }
}

fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(id: &str) -> Result<T, Poison> {
    id.parse().map_err(Poison::of)
}

fn read<T: DeserializeOwned>(payload: &str) -> Result<T, Poison> {
    serde_json::from_str(payload).map_err(Poison::of)
}

/// How many decoded events are kept for the other models.
const KEPT: usize = 8192;

type Slot = parking_lot::Mutex<Option<(Position, Arc<Decoded>)>>;

/// Decodes each event once for all models of this process, as long as they are not far apart.
pub(crate) struct Decoder {
    log: Log,
    slots: Box<[Slot]>,
}

impl Decoder {
    pub(crate) fn new(log: Log) -> Self {
        Self { log, slots: (0..KEPT).map(|_| Slot::default()).collect() }
    }

    pub(crate) fn decode(&self, recorded: &Recorded) -> Arc<Decoded> {
        let number = usize::try_from(recorded.position.get()).unwrap_or_default();
        let slot = &self.slots[number % KEPT];
        if let Some((position, decoded)) = &*slot.lock()
            && *position == recorded.position
        {
            return Arc::clone(decoded);
        }
        let mut current = recorded.clone();
        let decoded = match self.log.upcast(&mut current) {
            Ok(()) => Event::decode(&current),
            Err(error) => Err(Poison::of(error)),
        };
        let decoded = Arc::new(decoded);
        *slot.lock() = Some((recorded.position, Arc::clone(&decoded)));
        decoded
    }
}
