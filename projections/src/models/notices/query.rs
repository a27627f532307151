//! Questions about notices.

use daybook_domain::{
    notice::{Kind, State},
    values::{BookingId, CustomerId, OrganizationId, Timestamp},
};

use super::NoticeView;
use crate::{
    ProjectionError,
    name::ModelName,
    queries::{Listed as _, Page, PageRequest, Queries},
};

/// Which notices are asked for; what is not given does not matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NoticeFilter {
    /// Only those to this customer, or to one whose record ended in theirs.
    pub customer: Option<CustomerId>,
    /// Only those of this organization.
    pub organization: Option<OrganizationId>,
    /// Only those about this booking.
    pub booking: Option<BookingId>,
    /// Only those of this kind.
    pub kind: Option<Kind>,
    /// Only those that have come so far.
    pub state: Option<State>,
}

const LIST: &str = "
SELECT *
  FROM notices
 WHERE ($1::uuid[] IS NULL OR customer_id = ANY ($1))
   AND ($2::uuid IS NULL OR organization_id = $2)
   AND ($3::uuid IS NULL OR booking_id = $3)
   AND ($4::text IS NULL OR kind = $4)
   AND ($5::text IS NULL OR state = $5)
   AND ($6::bigint IS NULL OR created_position > $6)
 ORDER BY created_position
 LIMIT $7";

const DUE: &str = "
SELECT *
  FROM notices
 WHERE next_at <= $1
 ORDER BY next_at, created_position
 LIMIT $2";

impl Queries {
    /// Notices in the order they were written.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn notices(
        &self,
        filter: NoticeFilter,
        page: PageRequest,
    ) -> Result<Page<NoticeView>, ProjectionError> {
        let models = [ModelName::Notices, ModelName::Customers];
        let models = if filter.customer.is_some() { &models[..] } else { &models[..1] };
        let position = self.position_of_all(models);
        let customers = match filter.customer {
            None => None,
            Some(customer) => Some(self.all_records_of(customer).await?),
        };
        let query = sqlx::query(LIST)
            .bind(customers)
            .bind(filter.organization.map(OrganizationId::as_uuid))
            .bind(filter.booking.map(BookingId::as_uuid))
            .bind(filter.kind.map(Kind::as_str))
            .bind(filter.state.map(State::as_str));
        Ok(Page { position, ..self.page(query, page).await? })
    }

    /// Notices that are to be delivered by now, the longest overdue first.
    ///
    /// # Errors
    /// [`ProjectionError`] when the model cannot be read.
    pub async fn due_notices(
        &self,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<NoticeView>, ProjectionError> {
        let rows = sqlx::query(DUE).bind(now).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(NoticeView::read).collect::<Result<_, _>>()?)
    }
}
