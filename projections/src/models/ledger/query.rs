//! Questions about the ledger: entries, what is on accounts, and what partners are owed.

use chrono::NaiveDate;
use daybook_domain::{
    ledger::Account,
    values::{
        BookingId, Currency, DayRange, ListingId, Money, OrganizationId, PaymentId, PayoutId,
        Phrase, Timestamp,
    },
};
use daybook_event_store::Position;
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use super::payouts::Payout;
use crate::{
    ProjectionError,
    models::column::parsed,
    name::ModelName,
    queries::{Listed, Page, PageRequest, Queries},
};

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EntryView {
    /// Its place among all entries.
    place: i64,
    /// The position of the event that made it: entries of one position are a transaction.
    pub transaction: Position,
    /// The organization whose sale it is about, once that is known.
    pub organization: Option<OrganizationId>,
    /// The listing that was booked.
    pub listing: Option<ListingId>,
    /// The booking it is about.
    pub booking: Option<BookingId>,
    /// The payment that made it.
    pub payment: Option<PaymentId>,
    /// The payout that made it.
    pub payout: Option<PayoutId>,
    /// What happened, such as `payment.captured`.
    pub cause: String,
    /// The account.
    pub account: Account,
    /// The day it counts on.
    pub day: NaiveDate,
    /// Of which currency.
    pub currency: Currency,
    /// How much, in minor units: a debit above zero, a credit below.
    pub minor: i64,
}

/// Which entries are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EntryFilter {
    /// Of one organization's sales.
    pub organization: Option<OrganizationId>,
    /// Of one booking.
    pub booking: Option<BookingId>,
    /// On one account.
    pub account: Option<Account>,
    /// From this day on.
    pub from: Option<NaiveDate>,
    /// To before this day.
    pub to: Option<NaiveDate>,
}

/// What is on an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Balance {
    /// In which currency.
    pub currency: Currency,
    /// The account.
    pub account: Account,
    /// How much, in minor units: more debits above zero, more credits below.
    pub minor: i64,
}

/// What a partner earned in a period and is owed for it, in minor units of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Statement {
    /// Of which currency.
    pub currency: Currency,
    /// What was owed before the period; negative if the partner owed.
    pub brought_forward: i64,
    /// What its sales earned: services, taxes and fees.
    pub earned: i64,
    /// What of that was kept for calling off, not coming and changing.
    pub fees: i64,
    /// What of what was earned the operator has.
    pub collected: i64,
    /// What the operator keeps.
    pub commission: i64,
    /// What the operator gave back to customers.
    pub refunds: i64,
    /// What the partner was paid for the period.
    pub paid_out: i64,
}

impl Statement {
    /// What the partner is owed after all; negative if the partner owes.
    pub fn owed(&self) -> i64 {
        let Self { brought_forward, collected, commission, paid_out, .. } = *self;
        brought_forward
            .saturating_add(collected)
            .saturating_sub(commission)
            .saturating_sub(paid_out)
    }
}

/// What a partner was paid for a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutView {
    /// Which payout.
    pub id: PayoutId,
    /// For which days.
    pub period: DayRange,
    /// How much.
    pub amount: Money,
    /// What the transfer is called.
    pub reference: Option<Phrase>,
    /// On which day.
    pub paid_on: NaiveDate,
    /// When it came back, if it did.
    pub withdrawn_on: Option<NaiveDate>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

/// What a partner is owed, and how new that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutsAnswer {
    /// One for each currency.
    pub statements: Vec<Statement>,
    /// What was paid for any of the days, the earliest first.
    pub payouts: Vec<PayoutView>,
    /// Every event up to here is in the answer.
    pub position: Position,
}

const LIST: &str = include_str!("list.sql");
const BALANCES: &str = include_str!("balances.sql");
const STATEMENT: &str = include_str!("statement.sql");
const PAYOUTS: &str = include_str!("payouts.sql");

/// The models that are asked: listings tell whose sales they are.
const MODELS: [ModelName; 2] = [ModelName::Ledger, ModelName::Listings];

impl Queries {
    /// Entries in the order they were posted.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn ledger_entries(
        &self,
        filter: &EntryFilter,
        page: PageRequest,
    ) -> Result<Page<EntryView>, ProjectionError> {
        let query = sqlx::query(LIST)
            .bind(filter.organization.map(OrganizationId::as_uuid))
            .bind(filter.booking.map(BookingId::as_uuid))
            .bind(filter.account.map(Account::as_str))
            .bind(filter.from)
            .bind(filter.to);
        self.page(query, page).await
    }

    /// What is on the accounts of an organization at the end of a day, by currency and in the order of accounts, and how
    /// new that is. Accounts with nothing on them are left out.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn ledger_balances(
        &self,
        organization: OrganizationId,
        at: NaiveDate,
    ) -> Result<(Vec<Balance>, Position), ProjectionError> {
        let position = self.position_of_all(&MODELS);
        let query = sqlx::query(BALANCES).bind(organization.as_uuid()).bind(at);
        let rows = query.fetch_all(&self.pool).await?;
        let balance = |row: &PgRow| {
            let (currency, account) = (parsed(row, "currency")?, parsed(row, "account")?);
            Ok(Balance { currency, account, minor: row.try_get("minor")? })
        };
        let mut balances = rows.iter().map(balance).collect::<Result<Vec<_>, sqlx::Error>>()?;
        balances.sort_by_key(|balance| (balance.currency.code(), balance.account));
        Ok((balances, position))
    }

    /// What an organization earned in a period and is owed for it, and what it was paid.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn payouts(
        &self,
        organization: OrganizationId,
        period: DayRange,
    ) -> Result<PayoutsAnswer, ProjectionError> {
        let position = self.position_of_all(&MODELS);
        let [statements, payouts] = [STATEMENT, PAYOUTS].map(|query| {
            sqlx::query(query)
                .bind(organization.as_uuid())
                .bind(period.first())
                .bind(period.end())
                .fetch_all(&self.pool)
        });
        let statements = statements.await?.iter().map(statement).collect::<Result<_, _>>()?;
        let payouts = payouts.await?.iter().map(payout).collect::<Result<_, _>>()?;
        Ok(PayoutsAnswer { statements, payouts, position })
    }

    /// What an organization is owed at the end of a period, in one currency; negative if it owes.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn owed(
        &self,
        organization: OrganizationId,
        period: DayRange,
        currency: Currency,
    ) -> Result<i64, ProjectionError> {
        let answer = self.payouts(organization, period).await?;
        let found = answer.statements.iter().find(|statement| statement.currency == currency);
        Ok(found.map_or(0, Statement::owed))
    }
}

fn statement(row: &PgRow) -> Result<Statement, sqlx::Error> {
    Ok(Statement {
        currency: parsed(row, "currency")?,
        brought_forward: row.try_get("brought_forward_minor")?,
        earned: row.try_get("earned_minor")?,
        fees: row.try_get("fees_minor")?,
        collected: row.try_get("collected_minor")?,
        commission: row.try_get("commission_minor")?,
        refunds: row.try_get("refunds_minor")?,
        paid_out: row.try_get("paid_out_minor")?,
    })
}

fn payout(row: &PgRow) -> Result<PayoutView, sqlx::Error> {
    let payout = Payout::decode(row)?;
    Ok(PayoutView {
        id: payout.id,
        period: payout.period,
        amount: payout.amount,
        reference: payout.reference,
        paid_on: payout.paid_on,
        withdrawn_on: payout.withdrawn_on,
        recorded_at: payout.recorded_at,
    })
}

impl Listed for EntryView {
    const MODEL: ModelName = ModelName::Ledger;

    fn read(row: &PgRow) -> Result<Self, sqlx::Error> {
        let id = |column| row.try_get::<Option<Uuid>, _>(column);
        Ok(Self {
            place: row.try_get("entry")?,
            transaction: Position::new(row.try_get("position")?),
            organization: id("owner_id")?.map(OrganizationId::from_uuid),
            listing: id("listing_id")?.map(ListingId::from_uuid),
            booking: id("booking_id")?.map(BookingId::from_uuid),
            payment: id("payment_id")?.map(PaymentId::from_uuid),
            payout: id("payout_id")?.map(PayoutId::from_uuid),
            cause: row.try_get("cause")?,
            account: parsed(row, "account")?,
            day: row.try_get("day")?,
            currency: parsed(row, "currency")?,
            minor: row.try_get("amount_minor")?,
        })
    }

    /// Entries are listed by a place of their own: several are made at one position.
    fn created_position(&self) -> Position {
        Position::new(self.place)
    }
}
