//! Calling bookings off: what it would cost, and doing it.

use std::sync::Arc;

use daybook_domain::{
    booking::{CancelTerms, ChangeTerms, Paid},
    values::{BookingId, CancellationQuoteId, TicketNumber, Timestamp},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::wire::{BookingChanged, CancelBooking, gone};
use crate::{
    app::{App, AppState},
    bus::{self, Answered, Change, Gone, Order, Step, paid, paid_under_policy},
    extract::CommandBody,
    one::Directed,
    problem::Problem,
    wire::{self, CommandProblems, Occurrence, Receipt},
};

/// The routes.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(quote)).routes(routes!(cancel)).routes(routes!(no_show))
}

/// What is to be called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuoteCancellation {
    /// Only these lines, counted from 0 in the order of the booking.
    #[serde(default)]
    #[schema(min_items = 1, max_items = 50, example = json!([1]))]
    lines: Option<Vec<usize>>,
    /// Only the places of these tickets.
    #[serde(default)]
    #[schema(value_type = Option<Vec<u32>>, min_items = 1, max_items = 1000)]
    tickets: Option<Vec<TicketNumber>>,
    /// When it was asked, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl CommandBody for QuoteCancellation {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// What calling off would cost.
#[derive(Debug, Serialize, ToSchema)]
pub struct CancellationQuote {
    /// What to name when calling off, so that this is kept to.
    pub id: Uuid,
    /// What would be kept: never more than was paid.
    pub fee: wire::Money,
    /// What would be given back of what was paid.
    pub refund: wire::Money,
    /// Until when that holds, this instant included.
    #[schema(format = DateTime)]
    pub valid_until: String,
    /// The position of the command's last event.
    pub position: i64,
}

/// Ask what calling off would cost
///
/// By the policy as it was agreed when the booking was made, and by what was paid so far. The answer holds for at least
/// half an hour and at most an hour: whoever calls off under its id until then pays no more.
#[utoipa::path(post, path = "/v1/bookings/{id}/cancellation-quotes", tag = "bookings",
    request_body = Option<QuoteCancellation>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 201, description = "What it costs, and until when that holds", body = CancellationQuote), CommandProblems))]
async fn quote(booking: Directed<QuoteCancellation>) -> Result<Answered, Problem> {
    let app = Arc::clone(&booking.app);
    let gone = |body: QuoteCancellation, _| gone(body.lines.as_deref(), body.tickets.as_deref());
    let work = move |order: Order, id, gone, at| async move {
        let paid = paid(&app, &order.writer, id).await?;
        bus::quote_cancellation(&order, id, &gone, paid, at).await
    };
    booking.carry_out(gone, work).await
}

/// Call a booking off, or some of its lines or tickets
///
/// If a policy was agreed, what is kept and what is to be given back follow from it and from what was paid so far, and
/// are recorded with it. Giving the money back is a command on the payment.
#[utoipa::path(post, path = "/v1/bookings/{id}/cancel", tag = "bookings", request_body = Option<CancelBooking>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The booking, or what was named of it, is cancelled and its places are free", body = BookingChanged), CommandProblems))]
async fn cancel(booking: Directed<CancelBooking>) -> Result<Answered, Problem> {
    let app = Arc::clone(&booking.app);
    let gone = |body: CancelBooking, _| Ok((body.gone()?, body));
    let work = move |order: Order, id, (gone, body): (Gone, CancelBooking), at| async move {
        let CancelBooking { reason, cancellation_quote_id: quote, .. } = body;
        let terms = CancelTerms { paid: settled(&app, &order, id, quote).await?, quote };
        match gone {
            Gone::All => bus::step(&order, id, &Step::Cancel(reason, terms), at).await,
            Gone::Lines(_) | Gone::Tickets(_) => {
                let change = Change::Cancel { gone, reason, terms };
                bus::change_booking(&order, id, &change, ChangeTerms::default(), at).await
            }
        }
    };
    booking.carry_out(gone, work).await
}

/// What was paid, if that matters.
async fn settled(
    app: &AppState,
    order: &Order,
    id: BookingId,
    quote: Option<CancellationQuoteId>,
) -> Result<Option<Paid>, Problem> {
    match quote {
        Some(_) => paid(app, &order.writer, id).await,
        None => paid_under_policy(app, &order.writer, id).await,
    }
}

/// Record that the guest did not come
///
/// The nights after that day are free again. What is kept, if a policy was agreed, is recorded with it.
#[utoipa::path(post, path = "/v1/bookings/{id}/no-show", tag = "bookings", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The booking")),
    responses((status = 200, description = "The guest did not come", body = Receipt), CommandProblems))]
async fn no_show(booking: Directed<Occurrence>) -> Result<Answered, Problem> {
    let app = Arc::clone(&booking.app);
    let work = move |order: Order, id, (), at| async move {
        let paid = paid_under_policy(&app, &order.writer, id).await?;
        bus::step(&order, id, &Step::NoShow(paid), at).await
    };
    booking.carry_out(|_, _| Ok(()), work).await
}
