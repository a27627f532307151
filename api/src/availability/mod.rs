//! `/v1/availability`: what can be booked when, and why not.

mod nights;
mod rooms;
mod slots;

use daybook_projections::{Closed, WhyNot};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{app::App, pages::missing, problem::Problem};

/// The routes of availability.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(nights::list))
        .routes(routes!(nights::stays))
        .routes(routes!(slots::list))
        .routes(routes!(rooms::list))
}

/// Why nothing is free; left out if something is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Reason {
    /// `closed` (see `detail`), `held` (holds stand in the way, which may end), `unpaid` (only such holds for which a
    /// payment has been asked) or `sold`.
    #[schema(value_type = String, example = "closed")]
    reason: &'static str,
    /// In what way it is closed: `not_offered`, `hours`, `period`, `blocked`, `notice`, `too_far_ahead`, `limit`,
    /// `to_arrival`, `to_departure`, `too_short` or `too_long`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "blocked")]
    detail: Option<&'static str>,
}

impl From<WhyNot> for Reason {
    fn from(why_not: WhyNot) -> Self {
        Self { reason: why_not.as_str(), detail: why_not.detail().map(Closed::as_str) }
    }
}

fn unknown_listing() -> Problem {
    missing("there is no such listing", "listing_not_found")
}
