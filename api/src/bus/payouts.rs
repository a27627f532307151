//! Commands on payouts: what a partner was paid, decided on what the ledger says is owed.

use std::time::Duration;

use chrono::NaiveDate;
use daybook_domain::{
    organization::Organization,
    payouts::{Command, Payouts},
    values::{DayRange, Money, OrganizationId, PayoutId, Phrase, Reason, Timestamp, Zone},
};
use daybook_event_store::{Answer, Stream, Writer};
use daybook_projections::ModelName;

use super::{Order, kept_changing, told::told};
use crate::{
    app::AppState,
    problem::{Code, Problem},
};

/// How long the ledger may take to come up with the log.
const PATIENCE: Duration = Duration::from_secs(5);

/// A payout to be recorded.
#[derive(Clone, Debug)]
pub(crate) struct NewPayout {
    pub(crate) id: PayoutId,
    /// Who was paid.
    pub(crate) organization: OrganizationId,
    /// For which days.
    pub(crate) period: DayRange,
    pub(crate) amount: Money,
    /// What the transfer is called.
    pub(crate) reference: Option<Phrase>,
    /// On which day, where the organization is, if not on that of the command.
    pub(crate) paid_on: Option<NaiveDate>,
    pub(crate) at: Timestamp,
}

/// Records that a partner was paid: no more than the ledger says is owed once it has come as far as the log, and for no
/// days twice.
pub(crate) async fn record(
    app: &AppState,
    order: &Order,
    new: NewPayout,
) -> Result<Answer, Problem> {
    let NewPayout { id: payout, organization, period, amount, reference, paid_on, at } = new;
    let zone = zone_of(&order.writer, organization).await?;
    let head = app.log.head().await?;
    for model in [ModelName::Ledger, ModelName::Listings] {
        app.projections.wait_for(model, head, PATIENCE).await?;
    }
    let owed = app.projections.queries().owed(organization, period, amount.currency()).await?;
    let owed = u64::try_from(owed).ok();
    let owed = owed.and_then(|minor| Money::try_new(minor, amount.currency()).ok());
    let paid_on = paid_on.unwrap_or(zone.local_date(at));
    let command = Command::Record { payout, period, amount, owed, reference, paid_on, at };
    decide(order, organization, command, (201, payout, "recorded")).await
}

/// Takes back what was recorded.
pub(crate) async fn withdraw(
    order: &Order,
    payout: PayoutId,
    organization: OrganizationId,
    reason: Option<Reason>,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let withdrawn_on = zone_of(&order.writer, organization).await?.local_date(at);
    let command = Command::Withdraw { payout, reason, withdrawn_on, at };
    decide(order, organization, command, (200, payout, "withdrawn")).await
}

async fn decide(
    order: &Order,
    organization: OrganizationId,
    command: Command,
    (status, payout, standing): (u16, PayoutId, &str),
) -> Result<Answer, Problem> {
    let streams = [Stream::of::<Payouts>(organization)];
    let answer = order.run(&streams, |unit| {
        unit.decide(organization, |payouts: &Payouts| payouts.decide(command.clone()))?;
        Ok(told(status, payout, standing))
    });
    answer.await?.ok_or_else(kept_changing)
}

/// Where the wall clock of an organization hangs.
async fn zone_of(writer: &Writer, organization: OrganizationId) -> Result<Zone, Problem> {
    let look = |found: &Organization| found.details().map(|details| details.profile.zone);
    let zone = writer.peek(&organization.to_string(), look).await?;
    zone.ok_or_else(|| {
        Problem::about(Code::NotFound, "/organization_id", "there is no such organization")
            .because("organization_not_found")
    })
}
