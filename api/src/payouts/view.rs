//! What partners are owed, as clients see it.

use chrono::{DateTime, NaiveDate, Utc};
use daybook_domain::values::{DayRange, Money, OrganizationId, Phrase};
use daybook_projections::{PayoutView, PayoutsAnswer, Statement};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::wire;

/// What a partner earned in a period, and is owed for it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayoutReport {
    organization_id: Uuid,
    /// From this day on.
    from: NaiveDate,
    /// To before this day.
    to: NaiveDate,
    /// One for each currency; currencies are never added.
    items: Vec<PayoutStatement>,
    /// What was paid for any of these days, the earliest first.
    payouts: Vec<Payout>,
    /// Every event up to this position is in the answer.
    position: i64,
}

/// What a partner earned in one currency, in minor units.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "currency": "EUR",
    "brought_forward_minor": 0,
    "earned_minor": 120_000,
    "fees_minor": 4_000,
    "collected_minor": 99_000,
    "collected_elsewhere_minor": 21_000,
    "commission_minor": 14_850,
    "refunds_minor": 8_000,
    "paid_out_minor": 0,
    "owed_minor": 84_150,
}))]
pub struct PayoutStatement {
    /// The ISO 4217 code.
    currency: String,
    /// What was owed for earlier days and not paid; negative if the partner owed.
    brought_forward_minor: i64,
    /// What its sales earned, on the day of service: services, taxes and fees.
    earned_minor: i64,
    /// What of that was kept for calling off, not coming and changing.
    fees_minor: i64,
    /// What of what was earned the operator has.
    collected_minor: i64,
    /// The rest: paid on site or by transfer to the partner, not paid yet, or taken back by a bank.
    collected_elsewhere_minor: i64,
    /// What the operator keeps of what was earned, taxes apart.
    commission_minor: i64,
    /// What the operator gave back to customers in the period; `collected_minor` is what is left.
    refunds_minor: i64,
    /// What was paid to the partner for these days, whenever that was.
    paid_out_minor: i64,
    /// What is owed at the end of the period: what was brought forward and collected, less the commission and what was
    /// paid. Negative if the partner owes.
    owed_minor: i64,
}

/// What a partner was paid.
#[derive(Debug, Serialize, ToSchema)]
pub struct Payout {
    id: Uuid,
    /// For the days from this one on.
    from: NaiveDate,
    /// For the days before this one.
    to: NaiveDate,
    /// How much.
    #[schema(value_type = wire::Money)]
    amount: Money,
    /// What the transfer is called.
    #[schema(value_type = Option<String>)]
    reference: Option<Phrase>,
    /// `recorded`, or `withdrawn` if it counts no longer.
    status: &'static str,
    paid_on: NaiveDate,
    /// When it was taken back, if it was.
    withdrawn_on: Option<NaiveDate>,
    recorded_at: DateTime<Utc>,
}

impl PayoutReport {
    /// What the ledger says.
    pub(super) fn new(
        organization: OrganizationId,
        period: DayRange,
        answer: PayoutsAnswer,
    ) -> Self {
        Self {
            organization_id: organization.as_uuid(),
            from: period.first(),
            to: period.end(),
            items: answer.statements.iter().map(PayoutStatement::from).collect(),
            payouts: answer.payouts.into_iter().map(Payout::from).collect(),
            position: answer.position.get(),
        }
    }
}

impl From<&Statement> for PayoutStatement {
    fn from(statement: &Statement) -> Self {
        Self {
            currency: statement.currency.to_string(),
            brought_forward_minor: statement.brought_forward,
            earned_minor: statement.earned,
            fees_minor: statement.fees,
            collected_minor: statement.collected,
            collected_elsewhere_minor: statement.earned.saturating_sub(statement.collected),
            commission_minor: statement.commission,
            refunds_minor: statement.refunds,
            paid_out_minor: statement.paid_out,
            owed_minor: statement.owed(),
        }
    }
}

impl From<PayoutView> for Payout {
    fn from(view: PayoutView) -> Self {
        Self {
            id: view.id.as_uuid(),
            from: view.period.first(),
            to: view.period.end(),
            amount: view.amount,
            reference: view.reference,
            status: if view.withdrawn_on.is_some() { "withdrawn" } else { "recorded" },
            paid_on: view.paid_on,
            withdrawn_on: view.withdrawn_on,
            recorded_at: view.recorded_at,
        }
    }
}
