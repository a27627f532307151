//! Vouchers as they stand: one, many, and the bookings that use one.

use axum::{extract::State, response::Response};
use chrono::{DateTime, Utc};
use daybook_domain::{
    values::{Currency, Money, OrganizationId, VoucherCode, VoucherId},
    voucher::Voucher as Aggregate,
};
use daybook_projections::{BookingFilter, ModelName, VoucherFilter, VoucherStanding, VoucherState};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::wire::VoucherContent;
use crate::{
    app::App,
    bookings::view::Booking,
    extract::{self, Reader},
    history::History,
    one::Lookup,
    pages::{self, Asked, Newness, PageOf, Paging, Segment, Tagged, missing},
    problem::Problem,
    wire::{self, QueryProblems},
};

/// A voucher as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct Voucher {
    id: Uuid,
    organization_id: Uuid,
    #[schema(value_type = String, example = "SUMMER10")]
    code: VoucherCode,
    #[schema(value_type = String, example = "JOD")]
    currency: Currency,
    /// `active`; or why it cannot be used: `upcoming`, `used_up`, `expired` or `withdrawn`.
    #[schema(value_type = String, example = "active")]
    state: VoucherState,
    #[serde(flatten)]
    content: VoucherContent,
    /// How many bookings use it: those that are called off, turned down or ended at their deadline do not count.
    uses: u32,
    /// How many of those are only held until a deadline, or wait for approval.
    held: u32,
    /// How many more can use it, if there is a limit.
    left: Option<u32>,
    /// How much it takes off for the bookings that use it.
    #[schema(value_type = wire::Money)]
    given: Option<Money>,
    /// How much it has left to give, if there is a budget.
    #[schema(value_type = Option<wire::Money>)]
    budget_left: Option<Money>,
    created_at: DateTime<Utc>,
    /// The sequence of the last event that changed it, for `If-Match`; uses do not count.
    sequence: i64,
}

impl From<VoucherStanding> for Voucher {
    fn from(standing: VoucherStanding) -> Self {
        let (left, budget_left) = (standing.left(), standing.budget_left());
        let VoucherStanding { voucher, state, uses, held, given } = standing;
        let details = voucher.details;
        let money = |minor| Money::try_new(minor, details.currency).ok();
        Self {
            id: voucher.id.as_uuid(),
            organization_id: details.organization.as_uuid(),
            state,
            uses,
            held,
            left,
            given: money(given),
            budget_left: budget_left.and_then(money),
            code: details.code,
            currency: details.currency,
            content: details.terms.into(),
            created_at: voucher.created_at,
            sequence: voucher.span.sequence,
        }
    }
}

/// Which vouchers are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only those of this organization.
    organization_id: Option<Uuid>,
    /// Only those with this code, in whatever case.
    #[param(value_type = Option<String>, example = "summer10")]
    code: Option<VoucherCode>,
    /// Only those that are `active`, `upcoming`, `used_up`, `expired` or `withdrawn`.
    #[param(value_type = Option<String>, example = "active")]
    state: Option<VoucherState>,
}

/// List vouchers in the order in which they were given out
#[utoipa::path(get, path = "/v1/vouchers", tag = "vouchers", params(Wanted, Paging),
    responses((status = 200, description = "A page of vouchers", body = PageOf<Voucher>), QueryProblems))]
pub(super) async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked<Wanted>,
) -> Result<Response, Problem> {
    asked.page(&app, ModelName::Bookings).await?;
    let page = asked.page(&app, ModelName::Vouchers).await?;
    let wanted = asked.filter;
    let filter = VoucherFilter {
        id: None,
        organization: wanted.organization_id.map(OrganizationId::from_uuid),
        code: wanted.code,
        state: wanted.state,
    };
    let vouchers = app.projections.queries().vouchers(&filter, extract::now(), page).await?;
    Ok(pages::answer(vouchers, Voucher::from))
}

/// Look at one voucher
///
/// With how often it is used and what it has left, as things stand now.
#[utoipa::path(get, path = "/v1/vouchers/{id}", tag = "vouchers",
    params(("id" = Uuid, Path, description = "The voucher"), Newness),
    responses((status = 200, description = "The voucher; its ETag is its sequence", body = Voucher), QueryProblems))]
pub(super) async fn get(voucher: Lookup) -> Result<Response, Problem> {
    let id = voucher.id(&[ModelName::Bookings, ModelName::Vouchers]).await?;
    let found = voucher.app.projections.queries().voucher(id, extract::now()).await?;
    let found = found.ok_or_else(unknown)?;
    Ok(Tagged::new(found.voucher.span.sequence, Voucher::from(found)).into())
}

/// See all that happened to a voucher
///
/// Its events in the order in which they were written, every use included: what, when, and who.
#[utoipa::path(get, path = "/v1/vouchers/{id}/history", tag = "vouchers",
    params(("id" = Uuid, Path, description = "The voucher"), Newness),
    responses((status = 200, description = "The events, oldest first", body = History), QueryProblems))]
pub(super) async fn history(voucher: Lookup) -> Result<Response, Problem> {
    voucher.history::<Aggregate>(ModelName::Vouchers, unknown).await
}

/// See which bookings use a voucher, or used it
///
/// The newest first, those included that gave their use back.
#[utoipa::path(get, path = "/v1/vouchers/{id}/bookings", tag = "vouchers",
    params(("id" = Uuid, Path, description = "The voucher"), Paging),
    responses((status = 200, description = "A page of bookings", body = PageOf<Booking>), QueryProblems))]
pub(super) async fn bookings(
    State(app): State<App>,
    _: Reader,
    id: Segment,
    asked: Asked<Anything>,
) -> Result<Response, Problem> {
    let id = VoucherId::from_uuid(id.id()?);
    let page = asked.page(&app, ModelName::Bookings).await?;
    let filter = BookingFilter { voucher: Some(id), ..BookingFilter::default() };
    let bookings = app.projections.queries().bookings(&filter, page).await?;
    Ok(pages::answer(bookings, Booking::from))
}

/// Which bookings are asked for: nothing tells one from another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Anything {}

fn unknown() -> Problem {
    missing("there is no such voucher", "voucher_not_found")
}
