//! Bookings as they stand.

use axum::{extract::State, response::Response};
use chrono::{DateTime, NaiveDate, Utc};
use daybook_domain::{
    booking::Status,
    values::{CustomerId, Dimensions, ListingId, Money, Party, Reason, VoucherCode, VoucherId},
};
use daybook_projections::{BookingFilter, BookingView, ModelName};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{
    booked_line::BookedLine,
    links::Links,
    wire::{DimensionsBody, PartyBody},
};
use crate::{
    app::App,
    extract::Reader,
    one::Lookup,
    pages::{self, Asked, Newness, PageOf, Paging, missing},
    problem::Problem,
    wire::{
        self, QueryProblems,
        selling::{AgreedDeposit, AgreedPolicy, Bill},
    },
};

/// A booking as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Booking {
    id: Uuid,
    listing_id: Uuid,
    customer_id: Uuid,
    /// `requested`, `held`, `confirmed`, `checked_in`, `completed`, `declined`, `lapsed`, `cancelled` or `no_show`.
    #[schema(value_type = String, example = "confirmed")]
    status: Status,
    /// The first day of any line, where it takes place.
    arrival: NaiveDate,
    /// The last day of any line, where it takes place.
    departure: NaiveDate,
    /// The nights between the first and the last of all stays.
    nights: i64,
    lines: Vec<BookedLine>,
    #[schema(value_type = PartyBody)]
    party: Party,
    #[schema(value_type = DimensionsBody)]
    dimensions: Dimensions,
    /// What it costs altogether.
    #[schema(value_type = wire::Money)]
    total: Money,
    /// The code of the voucher that it uses, or used.
    #[schema(value_type = Option<String>, example = "SUMMER10")]
    voucher_code: Option<VoucherCode>,
    /// That voucher.
    voucher_id: Option<Uuid>,
    /// The total broken down.
    bill: Option<Bill>,
    /// What calling it off costs, if that was agreed.
    policy: Option<AgreedPolicy>,
    /// What is to be paid when, if that was agreed.
    deposit: Option<AgreedDeposit>,
    /// What is kept for what was called off, or because nobody came.
    #[schema(value_type = Option<wire::Money>)]
    cancellation_fee: Option<Money>,
    /// What is to be given back of what was paid.
    #[schema(value_type = Option<wire::Money>)]
    refund_due: Option<Money>,
    /// The IANA zone of the listing.
    zone: &'static str,
    /// Until when it is held, or waits for approval.
    hold_until: Option<DateTime<Utc>>,
    created_at: DateTime<Utc>,
    approved_at: Option<DateTime<Utc>>,
    declined_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    decline_reason: Option<Reason>,
    confirmed_at: Option<DateTime<Utc>>,
    checked_in_at: Option<DateTime<Utc>>,
    checked_out_at: Option<DateTime<Utc>>,
    no_show_at: Option<DateTime<Utc>>,
    cancelled_at: Option<DateTime<Utc>>,
    #[schema(value_type = Option<String>)]
    cancel_reason: Option<Reason>,
    lapsed_at: Option<DateTime<Utc>>,
    /// The sequence of its last event, for `If-Match`.
    sequence: i64,
    /// What can be done next, and where.
    links: Links,
}

impl From<BookingView> for Booking {
    fn from(view: BookingView) -> Self {
        let start = view.lines.start(view.zone);
        let deposit =
            |deposit| AgreedDeposit::of(deposit, view.total(), start, view.created_at).ok();
        Self {
            bill: Bill::of(&view.lines).ok(),
            voucher_code: view.voucher.as_ref().map(|grant| grant.code.clone()),
            voucher_id: view.voucher.as_ref().map(|grant| grant.voucher.as_uuid()),
            policy: view.policy.as_ref().map(|policy| AgreedPolicy::of(policy, start)),
            deposit: view.deposit.and_then(deposit),
            cancellation_fee: view.fee,
            refund_due: view.refund,
            id: view.id.as_uuid(),
            listing_id: view.listing.as_uuid(),
            customer_id: view.customer.as_uuid(),
            status: view.status,
            arrival: view.arrival(),
            departure: view.departure(),
            nights: view.nights(),
            lines: view
                .lines
                .as_slice()
                .iter()
                .map(|line| BookedLine::of(line, view.zone))
                .collect(),
            party: view.party,
            total: view.total(),
            dimensions: view.dimensions,
            zone: view.zone.name(),
            hold_until: view.hold_until,
            created_at: view.created_at,
            approved_at: view.approved_at,
            declined_at: view.declined_at,
            decline_reason: view.decline_reason,
            confirmed_at: view.confirmed_at,
            checked_in_at: view.checked_in_at,
            checked_out_at: view.checked_out_at,
            no_show_at: view.no_show_at,
            cancelled_at: view.cancelled_at,
            cancel_reason: view.cancel_reason,
            lapsed_at: view.lapsed_at,
            sequence: view.span.sequence,
            links: Links::of(view.id, view.status),
        }
    }
}

/// Which bookings are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only those of this customer.
    customer_id: Option<Uuid>,
    /// Only those at this listing.
    listing_id: Option<Uuid>,
    /// Only those that use this voucher, or used it.
    voucher_id: Option<Uuid>,
    /// Only those that have come this far.
    #[param(value_type = Option<String>, example = "confirmed")]
    status: Option<Status>,
    /// Only those whose first day is this one or a later one.
    #[serde(default, deserialize_with = "wire::optional_date")]
    arrival_from: Option<NaiveDate>,
    /// Only those whose first day is before this one.
    #[serde(default, deserialize_with = "wire::optional_date")]
    arrival_to: Option<NaiveDate>,
}

/// List bookings, the newest first
#[utoipa::path(get, path = "/v1/bookings", tag = "bookings", params(Wanted, Paging),
    responses((status = 200, description = "A page of bookings", body = PageOf<Booking>), QueryProblems))]
pub(super) async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<Wanted>,
) -> Result<Response, Problem> {
    let page = asked.page(&app, ModelName::Bookings).await?;
    let wanted = asked.filter;
    let filter = BookingFilter {
        customer: wanted.customer_id.map(CustomerId::from_uuid),
        listing: wanted.listing_id.map(ListingId::from_uuid),
        voucher: wanted.voucher_id.map(VoucherId::from_uuid),
        status: wanted.status,
        arrival_from: wanted.arrival_from,
        arrival_to: wanted.arrival_to,
    };
    let bookings = app.projections.queries().bookings(&filter, page).await?;
    Ok(pages::answer(bookings, Booking::from))
}

/// Look at one booking
#[utoipa::path(get, path = "/v1/bookings/{id}", tag = "bookings",
    params(("id" = Uuid, Path, description = "The booking"), Newness),
    responses((status = 200, description = "The booking; its ETag is its sequence", body = Booking), QueryProblems))]
pub(super) async fn get(booking: Lookup) -> Result<Response, Problem> {
    booking.shown::<BookingView, Booking>(unknown).await
}

pub(super) fn unknown() -> Problem {
    missing("there is no such booking", "booking_not_found")
}
