//! Questions about bookings.

use chrono::NaiveDate;
use daybook_domain::{
    booking::Status,
    values::{BookingId, CustomerId, ListingId, Reason, VoucherId},
};
use sqlx::{Row, postgres::PgRow};

use super::BookingView;
use crate::{
    ProjectionError,
    models::{
        column::{dimensions, json, maybe_json, maybe_money, named, parsed, party, unreadable},
        kept::{Kept, Span},
    },
    queries::{Listed, Page, PageRequest, Queries},
};

/// Which bookings are asked for; what is not given is not looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BookingFilter {
    /// Of this customer.
    pub customer: Option<CustomerId>,
    /// At this listing.
    pub listing: Option<ListingId>,
    /// That use this voucher, or used it.
    pub voucher: Option<VoucherId>,
    /// That have come this far.
    pub status: Option<Status>,
    /// Whose first day is this one or a later one.
    pub arrival_from: Option<NaiveDate>,
    /// Whose first day is before this one.
    pub arrival_to: Option<NaiveDate>,
}

const LIST: &str = "
SELECT *
  FROM bookings
 WHERE ($1::uuid IS NULL OR customer_id = $1)
   AND ($2::uuid IS NULL OR listing_id = $2)
   AND ($3::text IS NULL OR status = $3)
   AND ($4::date IS NULL OR arrival >= $4)
   AND ($5::date IS NULL OR arrival < $5)
   AND ($6::uuid IS NULL OR voucher_id = $6)
   AND ($7::bigint IS NULL OR created_position < $7)
 ORDER BY created_position DESC
 LIMIT $8";

impl Queries {
    /// Those of some bookings that are known, in no order.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn bookings_of(
        &self,
        ids: &[BookingId],
    ) -> Result<Vec<BookingView>, ProjectionError> {
        let ids: Vec<_> = ids.iter().map(|id| id.as_uuid()).collect();
        let rows = sqlx::query(BookingView::FIND).bind(ids).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(BookingView::read).collect::<Result<_, _>>()?)
    }

    /// Bookings, the newest first.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn bookings(
        &self,
        filter: &BookingFilter,
        page: PageRequest,
    ) -> Result<Page<BookingView>, ProjectionError> {
        let query = sqlx::query(LIST)
            .bind(filter.customer.map(CustomerId::as_uuid))
            .bind(filter.listing.map(ListingId::as_uuid))
            .bind(filter.status.map(Status::as_str))
            .bind(filter.arrival_from)
            .bind(filter.arrival_to)
            .bind(filter.voucher.map(VoucherId::as_uuid));
        self.page(query, page).await
    }
}

pub(super) fn view(id: BookingId, row: &PgRow, span: Span) -> Result<BookingView, sqlx::Error> {
    Ok(BookingView {
        id,
        listing: ListingId::from_uuid(row.try_get("listing_id")?),
        customer: CustomerId::from_uuid(row.try_get("customer_id")?),
        zone: parsed(row, "zone")?,
        status: named(row, "status")?,
        lines: json(row, "lines")?,
        party: party(row)?,
        dimensions: dimensions(row)?,
        policy: maybe_json(row, "policy")?,
        deposit: maybe_json(row, "deposit")?,
        voucher: maybe_json(row, "voucher")?,
        fee: maybe_money(row, "fee_minor")?,
        refund: maybe_money(row, "refund_minor")?,
        hold_until: row.try_get("hold_until")?,
        created_at: row.try_get("created_at")?,
        approved_at: row.try_get("approved_at")?,
        declined_at: row.try_get("declined_at")?,
        decline_reason: reason(row, "decline_reason")?,
        confirmed_at: row.try_get("confirmed_at")?,
        checked_in_at: row.try_get("checked_in_at")?,
        checked_out_at: row.try_get("checked_out_at")?,
        no_show_at: row.try_get("no_show_at")?,
        cancelled_at: row.try_get("cancelled_at")?,
        cancel_reason: reason(row, "cancel_reason")?,
        lapsed_at: row.try_get("lapsed_at")?,
        span,
    })
}

fn reason(row: &PgRow, column: &str) -> Result<Option<Reason>, sqlx::Error> {
    let reason: Option<&str> = row.try_get(column)?;
    reason.map(Reason::try_new).transpose().map_err(|error| unreadable(column, error))
}
