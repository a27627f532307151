//! Who books, as the staff of an organization know them: one row per record.
//!
//! Names are kept as search sees them as well, so that a search is a look into an index: no extension is needed for it.

pub(crate) mod query;

use std::collections::BTreeSet;

use daybook_domain::{
    customer::{Details, Event as Happened, Personal, Profile, Reachable},
    values::{Code, CustomerId, Email, Folded, OrganizationId, PhoneNumber, Timestamp, Zone},
};
use sqlx::{Row, postgres::PgRow};
use uuid::Uuid;

use super::{
    column::{json, maybe_parsed, named, parsed},
    kept::{Each, Kept, Span, kept_in},
};
use crate::{
    engine::{Fact, Poison, Rows},
    name::ModelName,
    queries::Named,
};

/// A customer's record as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerView {
    /// Which customer.
    pub id: CustomerId,
    /// All that is known.
    pub details: Details,
    /// When the record was begun.
    pub created_at: Timestamp,
    /// Where in the log it is.
    pub span: Span,
}

impl CustomerView {
    /// The name as search sees it.
    fn folded(&self) -> Folded {
        Folded::of(self.personal().name.as_str())
    }

    fn personal(&self) -> &Personal {
        &self.details.profile.personal
    }

    /// Where somebody writes or calls, each marked as what it is.
    fn ways(&self) -> BTreeSet<String> {
        let Personal { emails, phones, .. } = self.personal();
        let emails = emails.as_slice().iter().map(|way| of_email(&way.value));
        let phones = phones.as_slice().iter().map(|way| of_phone(&way.value));
        emails.chain(phones).collect()
    }

    /// All that one index finds it by, beside its name.
    fn found_by(&self) -> BTreeSet<String> {
        let mut found_by = self.ways();
        found_by.extend(self.details.profile.tags.iter().map(of_tag));
        found_by
    }
}

/// An email address as it is looked for.
fn of_email(email: &Email) -> String {
    format!("email:{}", email.key())
}

/// A telephone number as it is looked for.
fn of_phone(phone: &PhoneNumber) -> String {
    format!("phone:{}", phone.key())
}

/// A tag as it is looked for.
fn of_tag(tag: &Code) -> String {
    format!("tag:{tag}")
}

/// The model.
pub(crate) type Customers = Each<CustomerView>;

impl Named for CustomerView {
    type Id = CustomerId;
}

impl Kept for CustomerView {
    const NAME: ModelName = ModelName::Customers;
    const VERSION: i32 = 1;
    const AGGREGATE: &'static str = "customer";
    const CREATE: &'static str = r#"
CREATE TABLE customers (
    customer_id      uuid        NOT NULL,
    organization_id  uuid        NOT NULL,
    kind             text        COLLATE "C" NOT NULL,
    name             text        NOT NULL,
    language         text        COLLATE "C" NOT NULL,
    zone             text        COLLATE "C",
    tags             jsonb       NOT NULL,
    emails           jsonb       NOT NULL,
    phones           jsonb       NOT NULL,
    notes            jsonb       NOT NULL,
    merged_into      uuid,
    absorbed         jsonb       NOT NULL,
    folded           text        COLLATE "C" NOT NULL,
    words            text        COLLATE "C" NOT NULL,
    found_by         jsonb       NOT NULL,
    created_at       timestamptz NOT NULL,
    created_position bigint      NOT NULL,
    sequence         bigint      NOT NULL,
    position         bigint      NOT NULL
)"#;
    // The words are words already, so that no parser of the database need guess what is one.
    const INDEXES: &'static str = "
ALTER TABLE customers ADD PRIMARY KEY (customer_id);
CREATE UNIQUE INDEX customers_by_creation ON customers (created_position);
CREATE INDEX customers_by_organization ON customers (organization_id, created_position);
CREATE INDEX customers_by_name ON customers (organization_id, folded);
CREATE INDEX customers_by_word ON customers
 USING gin (array_to_tsvector(string_to_array(words, ' ')));
CREATE INDEX customers_by_what_is_known ON customers USING gin (found_by)";
    kept_in!("customers", "customer_id");
    const COLUMNS: i16 = 19;
    type Happened = Happened;

    fn happened(fact: &Fact) -> Option<(CustomerId, &Happened)> {
        if let Fact::Customer(id, happened) = fact { Some((*id, happened)) } else { None }
    }

    fn begins(happened: &Happened) -> bool {
        matches!(happened, Happened::Registered(_))
    }

    fn begin(id: CustomerId, happened: &Happened, span: Span) -> Option<Self> {
        let Happened::Registered(registered) = happened else { return None };
        let (details, created_at) = (registered.details(), registered.at);
        Some(Self { id, details, created_at, span })
    }

    fn advance(&mut self, happened: &Happened) -> Result<(), Poison> {
        self.details.evolve(happened);
        Ok(())
    }

    fn encode(&self, row: &mut Rows) {
        let (details, folded) = (&self.details, self.folded());
        let profile = &details.profile;
        let words: Vec<_> = folded.findable().collect();
        row.uuid(details.organization.as_uuid())
            .text(profile.kind.as_str())
            .text(profile.personal.name.as_str())
            .text(profile.language.as_str())
            .maybe_text(profile.zone.map(Zone::name))
            .jsonb(&profile.tags)
            .jsonb(&profile.personal.emails)
            .jsonb(&profile.personal.phones)
            .jsonb(&details.notes)
            .maybe_uuid(details.merged_into.map(CustomerId::as_uuid))
            .jsonb(&details.absorbed)
            .text(folded.as_str())
            .text(&words.join(" "))
            .jsonb(&self.found_by())
            .instant(self.created_at);
    }

    fn decode(id: CustomerId, row: &PgRow, span: Span) -> Result<Self, sqlx::Error> {
        Ok(Self { id, details: details(row)?, created_at: row.try_get("created_at")?, span })
    }
}

fn details(row: &PgRow) -> Result<Details, sqlx::Error> {
    let merged_into: Option<Uuid> = row.try_get("merged_into")?;
    Ok(Details {
        organization: OrganizationId::from_uuid(row.try_get("organization_id")?),
        profile: Profile {
            kind: named(row, "kind")?,
            language: parsed(row, "language")?,
            zone: maybe_parsed(row, "zone")?,
            tags: json(row, "tags")?,
            personal: Personal {
                name: parsed(row, "name")?,
                emails: json(row, "emails")?,
                phones: json(row, "phones")?,
            },
        },
        notes: json(row, "notes")?,
        merged_into: merged_into.map(CustomerId::from_uuid),
        absorbed: json(row, "absorbed")?,
    })
}
