//! Questions about customers.

use daybook_domain::{
    customer::Status,
    values::{Code, CustomerId, Email, Folded, OrganizationId, PhoneNumber},
};

use super::{CustomerView, of_email, of_phone, of_tag};
use crate::{
    ProjectionError,
    models::bookings::BookingView,
    name::ModelName,
    queries::{Listed as _, Page, PageRequest, Queries, View as _},
};

/// Which customers are asked for; what is not given does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CustomerFilter {
    /// Only those of this organization.
    pub organization: Option<OrganizationId>,
    /// Only those whose record has come so far.
    pub status: Option<Status>,
    /// Only those whose name has a word that begins like each word of this.
    pub name: Option<Folded>,
    /// Only those with this tag.
    pub tag: Option<Code>,
    /// Only those with this email address.
    pub email: Option<Email>,
    /// Only those with this telephone number.
    pub phone: Option<PhoneNumber>,
}

impl CustomerFilter {
    fn found_by(&self) -> Vec<String> {
        let tag = self.tag.as_ref().map(of_tag);
        let email = self.email.as_ref().map(of_email);
        tag.into_iter().chain(email).chain(self.phone.as_ref().map(of_phone)).collect()
    }

    /// The name as a query of PostgreSQL. Words are letters and digits alone, so nothing in them can end the quotes.
    fn words(&self) -> Option<String> {
        let name = self.name.as_ref()?;
        let words: Vec<_> = name.words().map(|word| format!("'{word}':*")).collect();
        Some(words.join(" & "))
    }
}

/// In what two records are alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Likeness {
    /// They have an email address in common.
    Email,
    /// They have a telephone number in common.
    Phone,
    /// They have the same name, as search sees it.
    Name,
}

/// A record that may be another one of the same customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Duplicate {
    /// The other record.
    pub customer: CustomerView,
    /// What speaks for it.
    pub likeness: Vec<Likeness>,
}

impl Duplicate {
    fn of(one: &CustomerView, customer: CustomerView) -> Self {
        let has_same = |of: &str| {
            let (one, other) = (one.ways(), customer.ways());
            one.intersection(&other).any(|way| way.starts_with(of))
        };
        let mut likeness = Vec::new();
        if has_same("email:") {
            likeness.push(Likeness::Email);
        }
        if has_same("phone:") {
            likeness.push(Likeness::Phone);
        }
        if !one.folded().as_str().is_empty() && one.folded() == customer.folded() {
            likeness.push(Likeness::Name);
        }
        Self { customer, likeness }
    }
}

const LIST: &str = "
SELECT *
  FROM customers
 WHERE ($1::uuid IS NULL OR organization_id = $1)
   AND ($2::bool IS NULL OR (merged_into IS NOT NULL) = $2)
   AND ($3::text IS NULL
        OR array_to_tsvector(string_to_array(words, ' ')) @@ $3::text::tsquery)
   AND ($4::text[] = '{}' OR found_by ?& $4)
   AND ($5::bigint IS NULL OR created_position > $5)
 ORDER BY created_position
 LIMIT $6";

const DUPLICATES: &str = "
SELECT *
  FROM customers
 WHERE organization_id = $1
   AND customer_id <> $2
   AND merged_into IS NULL
   AND (found_by ?| $3 OR (folded = $4 AND folded <> ''))
 ORDER BY created_position
 LIMIT $5";

const BOOKINGS: &str = "
SELECT *
  FROM bookings
 WHERE customer_id = ANY ($1)
   AND ($2::bigint IS NULL OR created_position < $2)
 ORDER BY created_position DESC
 LIMIT $3";

impl Queries {
    /// Customers in the order they were registered.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn customers(
        &self,
        filter: &CustomerFilter,
        page: PageRequest,
    ) -> Result<Page<CustomerView>, ProjectionError> {
        let query = sqlx::query(LIST)
            .bind(filter.organization.map(OrganizationId::as_uuid))
            .bind(filter.status.map(|status| status == Status::Merged))
            .bind(filter.words())
            .bind(filter.found_by());
        self.page(query, page).await
    }

    /// Records that may be of the same customer as one: up to so many of the same organization, those that ended left out.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn duplicates(
        &self,
        one: &CustomerView,
        limit: u32,
    ) -> Result<Vec<Duplicate>, ProjectionError> {
        let rows = sqlx::query(DUPLICATES)
            .bind(one.details.organization.as_uuid())
            .bind(one.id.as_uuid())
            .bind(one.ways().into_iter().collect::<Vec<_>>())
            .bind(one.folded().as_str())
            .bind(i64::from(limit))
            .fetch_all(&self.pool)
            .await?;
        let found =
            rows.iter().map(|row| CustomerView::read(row).map(|row| Duplicate::of(one, row)));
        Ok(found.collect::<Result<_, _>>()?)
    }

    /// The bookings of a customer and of all whose records ended in theirs, the newest first. Nobody need have a record.
    ///
    /// # Errors
    /// [`ProjectionError`] when the models cannot be read.
    pub async fn bookings_of_customer(
        &self,
        id: CustomerId,
        page: PageRequest,
    ) -> Result<Page<BookingView>, ProjectionError> {
        let position = self.position_of_all(&[ModelName::Customers, ModelName::Bookings]);
        let query = sqlx::query(BOOKINGS).bind(self.all_records_of(id).await?);
        Ok(Page { position, ..self.page(query, page).await? })
    }

    /// A customer, and all whose records ended in theirs. Nobody need have a record.
    pub(crate) async fn all_records_of(
        &self,
        id: CustomerId,
    ) -> Result<Vec<uuid::Uuid>, ProjectionError> {
        let absorbed = CustomerView::find(self, id).await?.map(|found| found.details.absorbed);
        Ok(absorbed.into_iter().flatten().chain([id]).map(CustomerId::as_uuid).collect())
    }
}
