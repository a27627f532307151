//! The ledger: entries that sum to zero, made of what happens to bookings, their payments and payouts.
//!
//! A booking and its payments are streams of their own, so that this model joins them; what it knows of a booking is kept
//! in a row. Entries are only ever added: the state of a key holds those alone that are not stored yet.

mod payouts;
pub(crate) mod query;

use cqrs_es::DomainEvent;
use daybook_domain::{
    ledger::{Book, Entry, Happened},
    payment,
    values::{BookingId, ListingId, OrganizationId, PaymentId, PayoutId},
};
use daybook_event_store::Position;
use sqlx::{PgConnection, Row};
use uuid::Uuid;

use super::column::json;
use crate::{
    engine::{Event, Fact, Loaded, Model, NoSums, Poison, Rows},
    name::ModelName,
};
use payouts::Payout;

/// The model.
pub(crate) struct Ledger;

/// What entries belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// A booking with its payments.
    Booking(BookingId),
    /// What an organization was paid.
    Organization(OrganizationId),
}

/// What is known of a key.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct State {
    known: Known,
    /// The entries that are not stored yet.
    fresh: Vec<Posted>,
}

#[derive(Clone, Debug, PartialEq)]
enum Known {
    Book(Box<Book>),
    Payouts(Vec<Payout>),
}

/// An entry in its transaction.
#[derive(Clone, Debug, PartialEq)]
struct Posted {
    position: Position,
    number: i64,
    listing: Option<ListingId>,
    payment: Option<PaymentId>,
    payout: Option<PayoutId>,
    cause: String,
    entry: Entry,
}

/// How many entries a transaction may have: with its position, their numbers make one number that orders all entries.
const NUMBERS: i64 = 1 << 20;

impl Model for Ledger {
    const NAME: ModelName = ModelName::Ledger;
    const VERSION: i32 = 1;
    const AGGREGATES: &'static [&'static str] = &["booking", "payment", "payouts"];
    const TABLES: &'static [&'static str] =
        &["ledger_books", "ledger_payments", "ledger_entries", "ledger_payouts"];
    const CREATE: &'static str = include_str!("tables.sql");
    const INDEXES: &'static str = "
ALTER TABLE ledger_books ADD PRIMARY KEY (booking_id);
ALTER TABLE ledger_payments ADD PRIMARY KEY (payment_id);
CREATE INDEX ledger_payments_by_booking ON ledger_payments (booking_id);
ALTER TABLE ledger_entries ADD PRIMARY KEY (entry);
CREATE INDEX ledger_entries_by_booking ON ledger_entries (booking_id, entry);
CREATE INDEX ledger_entries_by_listing ON ledger_entries (listing_id, day);
CREATE INDEX ledger_entries_by_organization ON ledger_entries (organization_id, day)
 WHERE organization_id IS NOT NULL;
ALTER TABLE ledger_payouts ADD PRIMARY KEY (payout_id);
CREATE INDEX ledger_payouts_by_organization ON ledger_payouts (organization_id, end_day)";
    const COPY: &'static [&'static str] = &[
        "COPY ledger_books FROM STDIN (FORMAT binary)",
        "COPY ledger_payments FROM STDIN (FORMAT binary)",
        "COPY ledger_entries FROM STDIN (FORMAT binary)",
        "COPY ledger_payouts FROM STDIN (FORMAT binary)",
    ];
    const JOINS: bool = true;
    type Key = Key;
    type State = State;
    type Sum = NoSums;

    fn key(fact: &Fact) -> Option<Key> {
        match fact {
            Fact::Booking(id, _) => Some(Key::Booking(*id)),
            Fact::Payment(_, payment::Event::Requested { booking, .. }) => {
                Some(Key::Booking(*booking))
            }
            Fact::Payouts(id, _) => Some(Key::Organization(*id)),
            // whose payment it is its first event said
            Fact::Payment(..)
            | Fact::Organization(..)
            | Fact::Listing(..)
            | Fact::Resource(..)
            | Fact::Calendar(..)
            | Fact::Allotment(..)
            | Fact::Series(..)
            | Fact::Customer(..)
            | Fact::Tickets(..)
            | Fact::Notice(..)
            | Fact::WaitingList(..)
            | Fact::Voucher(..)
            | Fact::AddOn(..)
            | Fact::Invoices(..)
            | Fact::Other => None,
        }
    }

    fn branch(fact: &Fact) -> Option<Uuid> {
        if let Fact::Payment(id, _) = fact { Some(id.as_uuid()) } else { None }
    }

    async fn roots(connection: &mut PgConnection, branches: &[Uuid]) -> Loaded<Uuid, Key> {
        let rows = sqlx::query("SELECT * FROM ledger_payments WHERE payment_id = ANY ($1)")
            .bind(branches)
            .fetch_all(connection)
            .await?;
        let root = |row: &sqlx::postgres::PgRow| {
            let booking = BookingId::from_uuid(row.try_get("booking_id")?);
            Ok((row.try_get("payment_id")?, Key::Booking(booking)))
        };
        rows.iter().map(root).collect()
    }

    fn evolve(_: &Key, state: &mut Option<State>, event: &Event) -> Result<(), Poison> {
        match &event.fact {
            Fact::Booking(_, happened) => {
                let cause = || format!("booking.{}", happened.event_type());
                record(state, event.position, Happened::Booking(happened), None, cause)
            }
            Fact::Payment(id, happened) => {
                let cause = || format!("payment.{}", happened.event_type());
                record(state, event.position, Happened::Payment(*id, happened), Some(*id), cause)
            }
            Fact::Payouts(_, happened) => payouts::evolve(state, event.position, happened),
            Fact::Organization(..)
            | Fact::Listing(..)
            | Fact::Resource(..)
            | Fact::Calendar(..)
            | Fact::Allotment(..)
            | Fact::Series(..)
            | Fact::Customer(..)
            | Fact::Tickets(..)
            | Fact::Notice(..)
            | Fact::WaitingList(..)
            | Fact::Voucher(..)
            | Fact::AddOn(..)
            | Fact::Invoices(..)
            | Fact::Other => Ok(()),
        }
    }

    fn encode(key: &Key, state: &State, tables: &mut [Rows]) {
        match (key, &state.known) {
            (Key::Booking(booking), Known::Book(book)) => {
                tables[0]
                    .row(4)
                    .uuid(booking.as_uuid())
                    .maybe_uuid(book.listing().map(ListingId::as_uuid))
                    .boolean(book.is_settled())
                    .jsonb(book);
                for payment in book.payments() {
                    tables[1].row(2).uuid(payment.as_uuid()).uuid(booking.as_uuid());
                }
            }
            (Key::Organization(organization), Known::Payouts(payouts)) => {
                for payout in payouts {
                    payout.encode(*organization, &mut tables[3]);
                }
            }
            // a key has states of one kind only
            (Key::Booking(_), Known::Payouts(_)) | (Key::Organization(_), Known::Book(_)) => {}
        }
        state.fresh.iter().for_each(|posted| posted.encode(*key, &mut tables[2]));
    }

    async fn load(connection: &mut PgConnection, keys: &[Key]) -> Loaded<Key, State> {
        let [bookings, organizations] = apart(keys);
        let mut states = Vec::with_capacity(keys.len());
        if !bookings.is_empty() {
            let query = "SELECT * FROM ledger_books WHERE booking_id = ANY ($1)";
            let rows = sqlx::query(query).bind(bookings).fetch_all(&mut *connection).await?;
            for row in &rows {
                let booking = BookingId::from_uuid(row.try_get("booking_id")?);
                let known = Known::Book(json(row, "state")?);
                states.push((Key::Booking(booking), State { known, fresh: Vec::new() }));
            }
        }
        if !organizations.is_empty() {
            for (organization, payouts) in payouts::load(connection, organizations).await? {
                let known = Known::Payouts(payouts);
                let state = State { known, fresh: Vec::new() };
                states.push((Key::Organization(organization), state));
            }
        }
        Ok(states)
    }

    /// Entries stay: whatever comes is posted beside them.
    async fn delete(connection: &mut PgConnection, keys: &[Key]) -> Result<(), sqlx::Error> {
        let [bookings, organizations] = apart(keys);
        for (statement, ids) in [
            ("DELETE FROM ledger_books WHERE booking_id = ANY ($1)", &bookings),
            ("DELETE FROM ledger_payments WHERE booking_id = ANY ($1)", &bookings),
            ("DELETE FROM ledger_payouts WHERE organization_id = ANY ($1)", &organizations),
        ] {
            if !ids.is_empty() {
                sqlx::query(statement).bind(ids).execute(&mut *connection).await?;
            }
        }
        Ok(())
    }
}

/// The ids of bookings, and those of organizations.
fn apart(keys: &[Key]) -> [Vec<Uuid>; 2] {
    let (mut bookings, mut organizations) = (Vec::new(), Vec::new());
    for key in keys {
        match key {
            Key::Booking(id) => bookings.push(id.as_uuid()),
            Key::Organization(id) => organizations.push(id.as_uuid()),
        }
    }
    [bookings, organizations]
}

/// Lets the book of a booking take in what happened, and keeps the entries it posts.
fn record(
    state: &mut Option<State>,
    position: Position,
    happened: Happened<'_>,
    payment: Option<PaymentId>,
    cause: impl Fn() -> String,
) -> Result<(), Poison> {
    let fresh = || State { known: Known::Book(Box::default()), fresh: Vec::new() };
    let mut new = state.is_none().then(fresh);
    let Some(State { known: Known::Book(book), fresh }) = new.as_mut().or(state.as_mut()) else {
        return Err(Poison::of("the key is no booking's"));
    };
    let entries = book.record(happened).map_err(Poison::of)?;
    let listing = book.listing();
    fresh.extend((0..).zip(entries).map(|(number, entry)| Posted {
        position,
        number,
        listing,
        payment,
        payout: None,
        cause: cause(),
        entry,
    }));
    if new.is_some() {
        *state = new;
    }
    Ok(())
}

impl Posted {
    fn encode(&self, key: Key, rows: &mut Rows) {
        let (booking, organization) = match key {
            Key::Booking(id) => (Some(id.as_uuid()), None),
            Key::Organization(id) => (None, Some(id.as_uuid())),
        };
        let Entry { day, account, minor, currency } = self.entry;
        let position = self.position.get();
        rows.row(12)
            .int8(position.saturating_mul(NUMBERS).saturating_add(self.number))
            .int8(position)
            .maybe_uuid(booking)
            .maybe_uuid(self.payment.map(PaymentId::as_uuid))
            .maybe_uuid(self.payout.map(PayoutId::as_uuid))
            .maybe_uuid(self.listing.map(ListingId::as_uuid))
            .maybe_uuid(organization)
            .text(&self.cause)
            .text(account.as_str())
            .date(day)
            .text(currency.code())
            .int8(minor);
    }
}
