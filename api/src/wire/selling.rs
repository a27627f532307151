//! Terms of sale as they look in the OpenAPI document, and bills as they go out.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use daybook_domain::{
    booking::{self, Lines},
    policy::{Bound, Fee as DomainFee, Policy as DomainPolicy, Start, Tier as DomainTier},
    pricing::{Deposit as DomainDeposit, Discount, Due},
    values::{Money, MoneyError, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::wire::{self, times::Days};

/// The rules that turn the price of a room type, an hour, an offer or a service into what a line costs. Amounts are in
/// the minor unit of the listing's currency. A price that a line brings itself is touched by no rule.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "rules": [
        {"code": "summer", "dates": {"first": "2031-06-01", "end": "2031-09-01"}, "set": 18_000},
        {"code": "weekend", "weekdays": ["thursday", "friday"], "percent": 1_500},
        {"code": "week", "length": {"least": 7}, "percent": -1_000}
    ],
    "guests": {"included": 2, "categories": {"adult": {"amount": 3_000}, "child": {"percent": 5_000}}}
}))]
pub struct Tariff {
    /// The rules: of those that hold, the first `set` replaces the price, then each `percent` is added up, then each
    /// `amount`.
    #[schema(required = false, max_items = 100)]
    pub rules: Vec<Rule>,
    /// What guests pay by category.
    pub guests: Option<GuestTerms>,
}

/// A rule: all conditions that it has must hold, and it does one thing.
#[derive(Debug, Serialize, ToSchema)]
pub struct Rule {
    /// What it is known by in a bill.
    #[schema(example = "summer")]
    pub code: String,
    /// On which days: of the night, or on which it begins.
    pub dates: Option<Days>,
    /// On which days of the week.
    #[schema(required = false, example = json!(["thursday", "friday"]))]
    pub weekdays: Vec<String>,
    /// For how many nights, or for how many minutes of anything else.
    pub length: Option<Between>,
    /// For how many people.
    pub party: Option<Between>,
    /// How many days before the first day it is booked.
    pub booked_days_before: Option<Between>,
    /// For which category of guests; of nights, for those beyond the included ones.
    #[schema(example = "resident")]
    pub guest: Option<String>,
    /// The price instead of the base price, in minor units.
    #[schema(minimum = 0)]
    pub set: Option<i64>,
    /// By how much the price rises or falls, in basis points: 1,500 are 15 %.
    #[schema(minimum = -10_000, maximum = 100_000)]
    pub percent: Option<i32>,
    /// By how many minor units it rises or falls.
    pub amount: Option<i64>,
}

/// Bounds, both inclusive; at least one is given.
#[derive(Debug, Serialize, ToSchema)]
pub struct Between {
    /// The lower one.
    pub least: Option<u32>,
    /// The upper one.
    pub most: Option<u32>,
}

/// What guests pay: each for a place, or those beyond the included ones for a night.
#[derive(Debug, Serialize, ToSchema)]
pub struct GuestTerms {
    /// How many guests the price of a night includes; whoever would pay most is included first.
    #[schema(required = false)]
    pub included: u16,
    /// What each category pays, by its code. `adult` is always there: for a place, adults pay the price itself.
    #[schema(required = false)]
    pub categories: BTreeMap<String, Category>,
}

/// What guests of a category pay: as adults do, unless one of these is given.
#[derive(Debug, Serialize, ToSchema)]
pub struct Category {
    /// This part of what adults do, in basis points.
    #[schema(maximum = 10_000)]
    pub percent: Option<u32>,
    /// This amount, in minor units.
    #[schema(minimum = 0)]
    pub amount: Option<i64>,
}

/// A tax: given one of `rate`, `per_night` and `per_person_night`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tax {
    /// What it is known by in a bill.
    #[schema(example = "vat")]
    pub code: String,
    /// What it is called, by language tag.
    pub name: BTreeMap<String, String>,
    /// A part of the price without taxes, in basis points.
    #[schema(maximum = 10_000, example = 1_600)]
    pub rate: Option<u32>,
    /// So many minor units for each night of each room.
    pub per_night: Option<i64>,
    /// So many minor units for each person and night.
    pub per_person_night: Option<i64>,
    /// Whether prices include it; otherwise it is added.
    #[schema(required = false)]
    pub included: bool,
}

/// What calling off costs; as it is when the booking is made.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"tiers": [
    {"until": {"days_before": 7}},
    {"until": {"days_before": 1}, "fee": {"percent": 5_000}},
    {"fee": {"percent": 10_000}}
]}))]
pub struct Policy {
    /// The tiers, in any order: each holds until its bound, and the last one from then on, also after the start.
    #[schema(min_items = 1, max_items = 20)]
    pub tiers: Vec<Tier>,
    /// What it costs not to come; what the last tier says, if not given.
    pub no_show: Option<Fee>,
    /// Until when dates, quantities or anything else can be changed, and what each change costs. Not given: for nothing, as
    /// long as anything can be changed. What a change makes cheaper counts as called off.
    pub changes: Option<Tier>,
}

/// What calling off costs until a bound.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tier {
    /// Until when; the tier without it holds after all others.
    pub until: Option<Until>,
    /// What it costs; nothing, if not given.
    pub fee: Option<Fee>,
}

/// How long before the start: one of them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Until {
    /// Until the end of the day so many days before, where the listing is.
    #[schema(maximum = 3_660)]
    pub days_before: Option<u32>,
    /// Until so many hours before.
    #[schema(maximum = 8_784)]
    pub hours_before: Option<u32>,
}

/// What calling off costs: a part of the total and an amount, or the first night. Never more than was paid.
#[derive(Debug, Serialize, ToSchema)]
pub struct Fee {
    /// A part of the total, in basis points.
    #[schema(required = false, maximum = 10_000)]
    pub percent: u32,
    /// An amount, in minor units.
    #[schema(required = false, minimum = 0)]
    pub amount: i64,
    /// No less than this, in minor units.
    #[schema(required = false, minimum = 0)]
    pub least: i64,
    /// What the first night costs, and nothing else.
    #[schema(required = false)]
    pub first_night: bool,
}

/// What is to be paid when booking: `percent` or `amount`.
#[derive(Debug, Serialize, ToSchema)]
pub struct Deposit {
    /// A part of the total, in basis points.
    #[schema(maximum = 10_000, example = 3_000)]
    pub percent: Option<u32>,
    /// An amount, in minor units.
    #[schema(minimum = 0)]
    pub amount: Option<i64>,
    /// How many days before the first day the rest is due. Whoever books later pays all at once.
    #[schema(required = false, maximum = 3_660, example = 14)]
    pub balance_days_before: u32,
}

/// What all lines cost together.
#[derive(Debug, Serialize, ToSchema)]
pub struct Bill {
    /// Without any tax.
    #[schema(value_type = wire::Money)]
    net: Money,
    /// The taxes of all lines.
    taxes: Vec<TaxOfBill>,
    /// What a voucher took off, before taxes; in none of the other sums.
    #[schema(value_type = Vec<crate::bookings::booked_line::DiscountOfLine>)]
    discounts: Vec<Discount>,
    /// What is to be paid.
    #[schema(value_type = wire::Money)]
    total: Money,
}

/// One tax of all lines.
#[derive(Debug, Serialize, ToSchema)]
pub struct TaxOfBill {
    /// Its code.
    #[schema(example = "vat")]
    code: String,
    /// Whether prices include it.
    included: bool,
    #[schema(value_type = wire::Money)]
    amount: Money,
}

impl Bill {
    /// The bill of lines.
    pub(crate) fn of(lines: &Lines) -> Result<Self, MoneyError> {
        let booking::Bill { net, taxes, discounts, total } = booking::Bill::of(lines)?;
        let tax = |tax: booking::TaxSum| TaxOfBill {
            code: tax.code.to_string(),
            included: tax.included,
            amount: tax.amount,
        };
        Ok(Self { net, taxes: taxes.into_iter().map(tax).collect(), discounts, total })
    }
}

/// What calling off costs, with the deadlines that follow from when the first line begins.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreedPolicy {
    /// The tiers, the one that ends first being the first.
    tiers: Vec<AgreedTier>,
    /// What it costs not to come.
    #[schema(value_type = Fee)]
    no_show: DomainFee,
    /// Until when it can be changed and what that costs, if anything was agreed about it.
    changes: Option<AgreedTier>,
}

/// What calling off costs until a deadline.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreedTier {
    /// As it was agreed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Until>)]
    until: Option<Bound>,
    /// The last instant at which it costs that.
    deadline: Option<DateTime<Utc>>,
    /// What the wall clock of the listing shows then.
    deadline_local: Option<NaiveDateTime>,
    #[schema(value_type = Fee)]
    fee: DomainFee,
}

impl AgreedPolicy {
    pub(crate) fn of(policy: &DomainPolicy, start: Start) -> Self {
        let agreed = |tier: &DomainTier| {
            let deadline = tier.deadline(start);
            let deadline_local = deadline.map(|at| start.zone.wall_clock(at));
            AgreedTier { until: tier.until, deadline, deadline_local, fee: tier.fee }
        };
        Self {
            tiers: policy.tiers().iter().map(agreed).collect(),
            no_show: policy.no_show(),
            changes: policy.changes().as_ref().map(agreed),
        }
    }
}

/// What is to be paid when.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgreedDeposit {
    /// What is paid when booking.
    #[schema(value_type = wire::Money)]
    due_now: Money,
    /// What is paid later.
    #[schema(value_type = wire::Money)]
    balance: Money,
    /// The last day to pay that, where the listing is.
    balance_due_on: Option<NaiveDate>,
}

impl AgreedDeposit {
    /// What is due of a total that begins at one time and was booked at another.
    pub(crate) fn of(
        deposit: DomainDeposit,
        total: Money,
        start: Start,
        booked_at: Timestamp,
    ) -> Result<Self, MoneyError> {
        let (first, booked_on) =
            (start.zone.local_date(start.at), start.zone.local_date(booked_at));
        let Due { now, balance, balance_on } = deposit.due(total, first, booked_on)?;
        Ok(Self { due_now: now, balance, balance_due_on: balance_on })
    }
}
