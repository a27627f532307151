//! `/v1/vouchers`: a price or something off, so often and up to a budget, and what is set aside.

pub mod blocks;
pub mod view;
pub mod wire;

use axum::extract::State;
use daybook_domain::values::VoucherId;
use utoipa_axum::{router::OpenApiRouter, routes};

use self::wire::{NewVoucher, VoucherPatch};
use crate::{
    app::App,
    bus::{self, Answered},
    extract::Command,
    one::Directed,
    problem::Problem,
    wire::{CommandProblems, Occurrence, Receipt},
};

/// The routes of vouchers.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(view::list, create))
        .routes(routes!(view::get, revise))
        .routes(routes!(view::history))
        .routes(routes!(view::bookings))
        .routes(routes!(withdraw))
}

/// Give out a voucher
///
/// Its code is unique within the organization, in whatever case. Bookings and quotes use it by `voucher_code`. What
/// `blocks` name (places of a session, nights of a room type, a time of a room, a person or a thing) is set aside for
/// whoever uses it, until `valid_until`: all of it, or the voucher is not given out. A booking that uses it has of that
/// what it asks for, and what it gives back is set aside again.
#[utoipa::path(post, path = "/v1/vouchers", tag = "vouchers", request_body = NewVoucher,
    responses((status = 201, description = "The voucher is given out", body = Receipt), CommandProblems))]
async fn create(State(app): State<App>, command: Command<NewVoucher>) -> Result<Answered, Problem> {
    let (order, body, at) = app.order(command)?;
    let new = body.checked(at)?;
    app.carry_out(async move { bus::create_voucher(&order, &new).await }).await
}

/// Change what a voucher promises
///
/// Bookings that use it keep what was promised to them. Code and currency stay.
#[utoipa::path(patch, path = "/v1/vouchers/{id}", tag = "vouchers",
    request_body(content = VoucherPatch, content_type = "application/merge-patch+json"),
    params(("id" = Uuid, Path, description = "The voucher")),
    responses((status = 200, description = "The voucher is as asked for", body = Receipt), CommandProblems))]
async fn revise(voucher: Directed<VoucherPatch>) -> Result<Answered, Problem> {
    voucher
        .carry_out(
            |patch, _| Ok(patch),
            |order, id: VoucherId, patch, at| async move {
                let patched = |present: &_| wire::patched(&patch, present);
                bus::revise_voucher(&order, id, patched, at).await
            },
        )
        .await
}

/// Withdraw a voucher
///
/// Nobody can use it any more, and what is set aside for it can be had by everybody. Bookings that use it keep what was
/// promised to them.
#[utoipa::path(post, path = "/v1/vouchers/{id}/withdraw", tag = "vouchers", request_body = Option<Occurrence>,
    params(("id" = Uuid, Path, description = "The voucher")),
    responses((status = 200, description = "The voucher is withdrawn", body = Receipt), CommandProblems))]
async fn withdraw(voucher: Directed<Occurrence>) -> Result<Answered, Problem> {
    let work =
        |order, id: VoucherId, (), at| async move { bus::withdraw_voucher(&order, id, at).await };
    voucher.carry_out(|_, _| Ok(()), work).await
}
