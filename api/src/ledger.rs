//! `/v1/ledger`: what happened in money, in entries that sum to zero.

use axum::{extract::State, response::Response};
use chrono::NaiveDate;
use daybook_domain::{
    ledger::Account,
    values::{BookingId, Currency, ListingId, OrganizationId, PaymentId, PayoutId},
};
use daybook_projections::{
    Balance, EntryFilter, EntryView, ModelName, OrganizationView, View as _,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use crate::{
    app::{App, json},
    extract::{Reader, now},
    pages::{self, Asked, PageOf, Paging, Parameters, bad_query, missing},
    problem::Problem,
    wire::{self, QueryProblems},
};

/// The models that the ledger is asked of: listings tell whose sales they are, and organizations where their day ends.
pub(crate) const MODELS: [ModelName; 3] =
    [ModelName::Ledger, ModelName::Listings, ModelName::Organizations];

/// The routes of the ledger.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(entries)).routes(routes!(balances))
}

/// Which entries are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// Only of this organization's sales and payouts.
    organization_id: Option<Uuid>,
    /// Only of this booking.
    booking_id: Option<Uuid>,
    /// Only on this account.
    #[param(example = "revenue")]
    account: Option<String>,
    /// From this day on.
    #[serde(default, deserialize_with = "wire::optional_date")]
    from: Option<NaiveDate>,
    /// To before this day.
    #[serde(default, deserialize_with = "wire::optional_date")]
    to: Option<NaiveDate>,
}

/// So much on one account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "transaction": 118,
    "day": "2027-05-30",
    "account": "revenue",
    "amount_minor": -10_000,
    "currency": "EUR",
    "cause": "booking.confirmed",
    "organization_id": "0199aa00-0000-7000-8000-000000000003",
    "listing_id": "0199aa00-0000-7000-8000-000000000004",
    "booking_id": "0199aa00-0000-7000-8000-000000000005",
    "payment_id": null,
    "payout_id": null,
}))]
pub struct LedgerEntry {
    /// The position of the event that made it. All entries of one transaction sum to zero, and so do those of each of its
    /// days.
    transaction: i64,
    /// The day it counts on, where the listing is; it may lie ahead.
    day: NaiveDate,
    /// The code of the account; `docs/ledger.md` explains each.
    account: &'static str,
    /// How many minor units: a debit above zero, a credit below.
    amount_minor: i64,
    /// The ISO 4217 code.
    currency: String,
    /// What happened.
    cause: String,
    organization_id: Option<Uuid>,
    listing_id: Option<Uuid>,
    booking_id: Option<Uuid>,
    /// The payment that made it, if one did.
    payment_id: Option<Uuid>,
    /// The payout that made it, if one did.
    payout_id: Option<Uuid>,
}

impl From<EntryView> for LedgerEntry {
    fn from(entry: EntryView) -> Self {
        Self {
            transaction: entry.transaction.get(),
            day: entry.day,
            account: entry.account.as_str(),
            amount_minor: entry.minor,
            currency: entry.currency.to_string(),
            cause: entry.cause,
            organization_id: entry.organization.map(OrganizationId::as_uuid),
            listing_id: entry.listing.map(ListingId::as_uuid),
            booking_id: entry.booking.map(BookingId::as_uuid),
            payment_id: entry.payment.map(PaymentId::as_uuid),
            payout_id: entry.payout.map(PayoutId::as_uuid),
        }
    }
}

/// List entries in the order they were posted
///
/// Entries are never changed: what comes to be otherwise is posted beside them.
#[utoipa::path(get, path = "/v1/ledger/entries", tag = "ledger", params(Wanted, Paging),
    responses((status = 200, description = "A page of entries", body = PageOf<LedgerEntry>), QueryProblems))]
async fn entries(
    State(app): State<App>,
    _: Reader,
    asked: Asked<Wanted>,
) -> Result<Response, Problem> {
    asked.page(&app, ModelName::Listings).await?; // which tell whose sales they are
    let page = asked.page(&app, ModelName::Ledger).await?;
    let wanted = asked.filter;
    let account = wanted.account.as_deref().map(str::parse::<Account>).transpose();
    let filter = EntryFilter {
        organization: wanted.organization_id.map(OrganizationId::from_uuid),
        booking: wanted.booking_id.map(BookingId::from_uuid),
        account: account.map_err(|error| bad_query(error.to_string()))?,
        from: wanted.from,
        to: wanted.to,
    };
    let entries = app.projections.queries().ledger_entries(&filter, page).await?;
    Ok(pages::answer(entries, LedgerEntry::from))
}

/// Whose accounts are asked for, at the end of which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct WantedBalances {
    /// The organization.
    organization_id: Uuid,
    /// At the end of this day; without it, of today where the organization is.
    #[serde(default, deserialize_with = "wire::optional_date")]
    at: Option<NaiveDate>,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

/// What is on the accounts of an organization.
#[derive(Debug, Serialize, ToSchema)]
pub struct TrialBalance {
    organization_id: Uuid,
    /// At the end of this day.
    at: NaiveDate,
    /// One for each currency; currencies are never added.
    items: Vec<CurrencyBalance>,
    /// Every event up to this position is in the answer.
    position: i64,
}

/// What is on the accounts in one currency.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "currency": "EUR",
    "accounts": [
        {"account": "cash:stripe", "amount_minor": 21_000},
        {"account": "revenue", "amount_minor": -19_500},
        {"account": "tax_payable", "amount_minor": -1_500},
    ],
    "total_minor": 0,
}))]
pub struct CurrencyBalance {
    /// The ISO 4217 code.
    currency: String,
    /// The accounts with something on them.
    accounts: Vec<AccountBalance>,
    /// What all of them sum to: zero.
    total_minor: i64,
}

/// What is on one account.
#[derive(Debug, Serialize, ToSchema)]
pub struct AccountBalance {
    /// The code of the account; `docs/ledger.md` explains each.
    account: &'static str,
    /// How many minor units: more debits above zero, more credits below.
    amount_minor: i64,
}

/// See what is on the accounts of an organization
#[utoipa::path(get, path = "/v1/ledger/balances", tag = "ledger", params(WantedBalances),
    responses((status = 200, description = "A trial balance for each currency", body = TrialBalance), QueryProblems))]
async fn balances(
    State(app): State<App>,
    _: Reader,
    Parameters(wanted): Parameters<WantedBalances>,
) -> Result<Response, Problem> {
    for model in MODELS {
        app.wait(model, wanted.min_position).await?;
    }
    let organization = OrganizationId::from_uuid(wanted.organization_id);
    let view = found(&app, organization).await?;
    let at = wanted.at.unwrap_or_else(|| view.profile.zone.local_date(now()));
    let (balances, position) = app.projections.queries().ledger_balances(organization, at).await?;
    Ok(json(&TrialBalance {
        organization_id: wanted.organization_id,
        at,
        items: by_currency(&balances),
        position: position.get(),
    }))
}

/// An organization; a problem if there is none.
pub(crate) async fn found(
    app: &App,
    organization: OrganizationId,
) -> Result<OrganizationView, Problem> {
    let found = OrganizationView::find(app.projections.queries(), organization).await?;
    found.ok_or_else(|| missing("there is no such organization", "organization_not_found"))
}

/// Balances come in the order of their currencies.
fn by_currency(balances: &[Balance]) -> Vec<CurrencyBalance> {
    let same = |a: &Balance, b: &Balance| a.currency == b.currency;
    let of = |some: &[Balance]| CurrencyBalance {
        currency: some.first().map(|first| first.currency).map_or_else(String::new, code),
        accounts: some
            .iter()
            .map(|one| AccountBalance { account: one.account.as_str(), amount_minor: one.minor })
            .collect(),
        total_minor: some.iter().map(|one| one.minor).fold(0, i64::saturating_add),
    };
    balances.chunk_by(same).map(of).collect()
}

fn code(currency: Currency) -> String {
    currency.to_string()
}
