//! The bookings as they stand: one row per booking.

pub(crate) mod query;

use std::sync::Arc;

use chrono::NaiveDate;
use daybook_domain::{
    booking::{Event as Happened, Line, Lines, Nights, Status, Terms},
    policy::Policy,
    pricing::Deposit,
    values::{
        BookingId, CustomerId, Dimensions, Label, ListingId, Money, Party, Reason, Stay, Timestamp,
        Zone,
    },
    voucher::Grant,
};
use sqlx::postgres::PgRow;

use super::{
    column::minor,
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::Named,
};

/// A booking as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookingView {
    /// Which booking.
    pub id: BookingId,
    /// The listing that was booked.
    pub listing: ListingId,
    /// Who booked.
    pub customer: CustomerId,
    /// Where the wall clock of the listing hangs.
    pub zone: Zone,
    /// How far it has come.
    pub status: Status,
    /// What was booked.
    pub lines: Lines,
    /// Who comes along.
    pub party: Party,
    /// What reports group it by.
    pub dimensions: Dimensions,
    /// What calling it off costs, if that was agreed.
    pub policy: Option<Arc<Policy>>,
    /// What is to be paid when, if that was agreed.
    pub deposit: Option<Deposit>,
    /// What a voucher promised, if one is used.
    pub voucher: Option<Grant>,
    /// What is kept for what was called off, or because nobody came.
    pub fee: Option<Money>,
    /// What is given back of what was paid.
    pub refund: Option<Money>,
    /// Until when it is held, or waits for approval, while it does.
    pub hold_until: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When a request for it was agreed to.
    pub approved_at: Option<Timestamp>,
    /// When a request for it was turned down.
    pub declined_at: Option<Timestamp>,
    /// Why the request was turned down.
    pub decline_reason: Option<Reason>,
    /// When it became firm.
    pub confirmed_at: Option<Timestamp>,
    /// When the guest came.
    pub checked_in_at: Option<Timestamp>,
    /// When the guest left.
    pub checked_out_at: Option<Timestamp>,
    /// When it was recorded that the guest did not come.
    pub no_show_at: Option<Timestamp>,
    /// When it was called off.
    pub cancelled_at: Option<Timestamp>,
    /// Why it was called off.
    pub cancel_reason: Option<Reason>,
    /// When it was recorded that the hold lapsed.
    pub lapsed_at: Option<Timestamp>,
    /// Where in the log it is.
    pub span: Span,
}

impl BookingView {
    /// The first day of any line.
    pub fn arrival(&self) -> NaiveDate {
        arrival(&self.lines)
    }

    /// The last day of any line.
    pub fn departure(&self) -> NaiveDate {
        departure(&self.lines)
    }

    /// The nights between the first arrival and the last departure of the lines that have any.
    pub fn nights(&self) -> i64 {
        let stays = || self.lines.as_slice().iter().filter_map(Line::nights).map(Nights::stay);
        let first = stays().map(Stay::arrival).min();
        let last = stays().map(Stay::departure).max();
        first.zip(last).map_or(0, |(first, last)| (last - first).num_days())
    }

    /// What it costs altogether.
    pub fn total(&self) -> Money {
        self.lines.total()
    }

    /// How many minor units a voucher took off.
    fn discount(&self) -> i64 {
        let discounts = self.lines.as_slice().iter().filter_map(Line::discount);
        discounts.map(|discount| minor(discount.amount)).fold(0, i64::saturating_add)
    }

    /// The nights of all lines, each as often as it was booked.
    fn room_nights(&self) -> i64 {
        let lines = self.lines.as_slice().iter().filter_map(Line::nights);
        lines.map(|line| i64::from(line.stay().nights()) * i64::from(line.quantity().get())).sum()
    }

    /// Days from the booking to the arrival, once it is firm; negative where it was recorded afterwards.
    fn lead_days(&self) -> Option<i64> {
        self.day_of(self.confirmed_at).map(|booked_on| (self.arrival() - booked_on).num_days())
    }

    /// The day where the listing is.
    fn day_of(&self, at: Option<Timestamp>) -> Option<NaiveDate> {
        at.map(|at| self.zone.local_date(at))
    }

    fn new(id: BookingId, terms: &Terms, status: Status, at: Timestamp, span: Span) -> Self {
        Self {
            id,
            listing: terms.listing(),
            customer: terms.customer(),
            zone: terms.zone(),
            status,
            lines: terms.lines().clone(),
            party: terms.party(),
            dimensions: terms.dimensions().clone(),
            policy: terms.policy().cloned(),
            deposit: terms.deposit(),
            voucher: terms.voucher().cloned(),
            fee: None,
            refund: None,
            hold_until: None,
            created_at: at,
            approved_at: None,
            declined_at: None,
            decline_reason: None,
            confirmed_at: None,
            checked_in_at: None,
            checked_out_at: None,
            no_show_at: None,
            cancelled_at: None,
            cancel_reason: None,
            lapsed_at: None,
            span,
        }
    }

    /// Adds to what is kept and to what is given back.
    fn settle(&mut self, fee: Option<Money>, refund: Option<Money>) {
        self.fee = and(self.fee, fee);
        self.refund = and(self.refund, refund);
    }
}

/// The sum of what there was and what comes to it.
fn and(sum: Option<Money>, more: Option<Money>) -> Option<Money> {
    match (sum, more) {
        (Some(sum), Some(more)) => Some(sum.try_add(more).unwrap_or(sum)),
        (sum, more) => sum.or(more),
    }
}

/// The first day of any line.
pub(crate) fn arrival(lines: &Lines) -> NaiveDate {
    let days = lines.as_slice().iter().map(Line::first_date);
    days.min().expect("a booking has at least one line")
}

/// The last day of any line.
pub(crate) fn departure(lines: &Lines) -> NaiveDate {
    let days = lines.as_slice().iter().map(Line::last_date);
    days.max().expect("a booking has at least one line")
}

/// The model.
pub(crate) type Bookings = Each<BookingView>;

impl Named for BookingView {
    type Id = BookingId;
}

impl Kept for BookingView {
    const NAME: ModelName = ModelName::Bookings;
    const VERSION: i32 = 6;
    const AGGREGATE: &'static str = "booking";
    const CREATE: &'static str = include_str!("tables.sql");
    const INDEXES: &'static str = "
ALTER TABLE bookings ADD PRIMARY KEY (booking_id);
CREATE UNIQUE INDEX bookings_by_creation ON bookings (created_position);
CREATE INDEX bookings_by_customer ON bookings (customer_id, created_position);
CREATE INDEX bookings_by_arrival ON bookings (listing_id, arrival);
CREATE INDEX bookings_by_voucher ON bookings (voucher_id, created_position)
 WHERE voucher_id IS NOT NULL;
CREATE INDEX bookings_by_rare_status ON bookings (status, created_position)
 WHERE status NOT IN ('confirmed', 'completed', 'cancelled')";
    kept_in!("bookings", "booking_id");
    const COLUMNS: i16 = 47;
    type Happened = Happened;

    fn happened(fact: &Fact) -> Option<(BookingId, &Happened)> {
        if let Fact::Booking(id, happened) = fact { Some((*id, happened)) } else { None }
    }

    fn begins(happened: &Happened) -> bool {
        matches!(
            happened,
            Happened::Requested { .. } | Happened::Held { .. } | Happened::Booked { .. }
        )
    }

    fn begin(id: BookingId, happened: &Happened, span: Span) -> Option<Self> {
        match happened {
            Happened::Requested { terms, until, at } => {
                let requested = Self::new(id, terms, Status::Requested, *at, span);
                Some(Self { hold_until: Some(*until), ..requested })
            }
            Happened::Held { terms, until, at } => {
                let held = Self::new(id, terms, Status::Held, *at, span);
                Some(Self { hold_until: Some(*until), ..held })
            }
            Happened::Booked { terms, at } => {
                let booked = Self::new(id, terms, Status::Confirmed, *at, span);
                Some(Self { confirmed_at: Some(*at), ..booked })
            }
            Happened::Approved { .. }
            | Happened::Declined { .. }
            | Happened::HoldExtended { .. }
            | Happened::CancellationQuoted { .. }
            | Happened::Confirmed { .. }
            | Happened::Amended { .. }
            | Happened::Rescheduled { .. }
            | Happened::Moved { .. }
            | Happened::LinesCancelled { .. }
            | Happened::CheckedIn { .. }
            | Happened::CheckedOut { .. }
            | Happened::NoShowRecorded { .. }
            | Happened::Cancelled { .. }
            | Happened::HoldLapsed { .. } => None,
        }
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        match happened {
            Happened::Requested { .. }
            | Happened::Held { .. }
            | Happened::Booked { .. }
            | Happened::CancellationQuoted { .. } => {}
            Happened::Approved { until, at } => {
                (self.approved_at, self.hold_until) = (Some(*at), *until);
                if until.is_some() {
                    self.status = Status::Held;
                } else {
                    (self.status, self.confirmed_at) = (Status::Confirmed, Some(*at));
                }
            }
            Happened::Declined { reason, at } => {
                (self.status, self.declined_at) = (Status::Declined, Some(*at));
                self.decline_reason.clone_from(reason);
                self.hold_until = None;
            }
            Happened::HoldExtended { until, at: _ } => self.hold_until = Some(*until),
            Happened::Confirmed { at } => {
                (self.status, self.confirmed_at) = (Status::Confirmed, Some(*at));
                self.hold_until = None;
            }
            Happened::Amended { lines, party, total: _, fee, refund, at: _ } => {
                self.lines.clone_from(lines);
                self.party = *party;
                self.settle(*fee, *refund);
            }
            Happened::Moved { lines, .. } => self.lines.clone_from(lines),
            Happened::Rescheduled { lines, fee, refund, .. }
            | Happened::LinesCancelled { lines, fee, refund, .. } => {
                self.lines.clone_from(lines);
                self.settle(*fee, *refund);
            }
            Happened::CheckedIn { at } => {
                (self.status, self.checked_in_at) = (Status::CheckedIn, Some(*at));
            }
            Happened::CheckedOut { at } => {
                (self.status, self.checked_out_at) = (Status::Completed, Some(*at));
            }
            Happened::NoShowRecorded { fee, refund, at } => {
                (self.status, self.no_show_at) = (Status::NoShow, Some(*at));
                self.settle(*fee, *refund);
            }
            Happened::Cancelled { reason, fee, refund, at } => {
                (self.status, self.cancelled_at) = (Status::Cancelled, Some(*at));
                self.settle(*fee, *refund);
                self.cancel_reason.clone_from(reason);
                self.hold_until = None;
            }
            Happened::HoldLapsed { until: _, at } => {
                (self.status, self.lapsed_at) = (Status::Lapsed, Some(*at));
                self.hold_until = None;
            }
        }
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        let Dimensions { channel, segment, country, customer_type, extra } = &self.dimensions;
        row.uuid(self.listing.as_uuid())
            .uuid(self.customer.as_uuid())
            .text(self.zone.name())
            .text(self.status.as_str())
            .date(self.arrival())
            .date(self.departure())
            .int8(self.nights())
            .int8(self.room_nights())
            .maybe_int8(self.lead_days())
            .maybe_date(self.day_of(self.confirmed_at))
            .maybe_date(self.day_of(self.checked_in_at))
            .maybe_date(self.day_of(self.checked_out_at))
            .maybe_date(self.day_of(self.cancelled_at))
            .jsonb(&self.lines)
            .int8(self.party.adults().into())
            .int8(self.party.children().into())
            .int8(self.party.babies().into())
            .maybe_text(channel.as_ref().map(Label::as_str))
            .maybe_text(segment.as_ref().map(Label::as_str))
            .maybe_text(country.as_ref().map(Label::as_str))
            .maybe_text(customer_type.as_ref().map(Label::as_str))
            .maybe_jsonb((!extra.is_empty()).then_some(extra))
            .int8(minor(self.total()))
            .text(self.total().currency().code())
            .maybe_jsonb(self.policy.as_ref())
            .maybe_jsonb(self.deposit.as_ref())
            .maybe_uuid(self.voucher.as_ref().map(|grant| grant.voucher.as_uuid()))
            .maybe_jsonb(self.voucher.as_ref())
            .int8(self.discount())
            .maybe_int8(self.fee.map(minor))
            .maybe_int8(self.refund.map(minor))
            .maybe_instant(self.hold_until)
            .instant(self.created_at)
            .maybe_instant(self.approved_at)
            .maybe_instant(self.declined_at)
            .maybe_text(self.decline_reason.as_ref().map(Reason::as_str))
            .maybe_instant(self.confirmed_at)
            .maybe_instant(self.checked_in_at)
            .maybe_instant(self.checked_out_at)
            .maybe_instant(self.no_show_at)
            .maybe_instant(self.cancelled_at)
            .maybe_text(self.cancel_reason.as_ref().map(Reason::as_str))
            .maybe_instant(self.lapsed_at);
    }

    fn decode(id: BookingId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        query::view(id, row, span)
    }
}
