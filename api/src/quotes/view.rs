//! Quotes as they stand.

use chrono::{DateTime, Utc};
use daybook_domain::{
    quote::Details,
    values::{BookingId, Party, QuoteId, Timestamp, VoucherCode},
};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    bookings::{booked_line::BookedLine, wire::PartyBody},
    problem::Problem,
    wire::selling::{AgreedDeposit, AgreedPolicy, Bill},
};

/// What something would cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct Quote {
    id: Uuid,
    /// `open`, `used` or `expired`.
    #[schema(example = "open")]
    status: &'static str,
    listing_id: Uuid,
    /// What would be booked: with the first of several resources, and without seats that are yet to be found.
    lines: Vec<BookedLine>,
    #[schema(value_type = PartyBody)]
    party: Party,
    /// The code of the voucher that would be used.
    #[schema(value_type = Option<String>, example = "SUMMER10")]
    voucher_code: Option<VoucherCode>,
    /// What it costs.
    bill: Bill,
    /// What calling it off would cost, with the deadlines.
    policy: Option<AgreedPolicy>,
    /// What is to be paid when.
    deposit: Option<AgreedDeposit>,
    /// The IANA zone of the listing.
    zone: &'static str,
    created_at: DateTime<Utc>,
    /// From when on it is no longer kept to.
    expires_at: DateTime<Utc>,
    /// The booking that was made of it.
    booking_id: Option<Uuid>,
}

/// The answer to a quote made.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuoteMade {
    #[serde(flatten)]
    quote: Quote,
    /// The position of the command's last event.
    position: i64,
}

impl Quote {
    /// A quote as it stands at an instant.
    pub(crate) fn of(id: QuoteId, details: &Details, at: Timestamp) -> Result<Self, Problem> {
        let Details { terms, expires_at, made_at, booking } = details;
        let (lines, start) = (&terms.lines, terms.lines.start(terms.zone));
        let uncounted = |error| Problem::bad_value("/lines", format!("{error}"));
        let deposit =
            |deposit| AgreedDeposit::of(deposit, lines.total(), start, *made_at).map_err(uncounted);
        let status = match booking {
            Some(_) => "used",
            None if *expires_at <= at => "expired",
            None => "open",
        };
        Ok(Self {
            id: id.as_uuid(),
            status,
            listing_id: terms.listing.as_uuid(),
            lines: lines.as_slice().iter().map(|line| BookedLine::of(line, terms.zone)).collect(),
            party: terms.party,
            voucher_code: terms.voucher.as_ref().map(|grant| grant.code.clone()),
            bill: Bill::of(lines).map_err(uncounted)?,
            policy: terms.policy.as_ref().map(|policy| AgreedPolicy::of(policy, start)),
            deposit: terms.deposit.map(deposit).transpose()?,
            zone: terms.zone.name(),
            created_at: *made_at,
            expires_at: *expires_at,
            booking_id: booking.map(BookingId::as_uuid),
        })
    }
}
