//! Names of things. Each kind of id is its own type, so that one cannot stand in for another.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Month, MonthError, VoucherCode};

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The id behind a UUID.
            pub const fn from_uuid(id: Uuid) -> Self {
                Self(id)
            }

            /// The UUID behind the id.
            pub const fn as_uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    )*};
}

ids! {
    /// Names a listing: something that can be booked.
    ListingId;
    /// Names a resource: something occupied in time.
    ResourceId;
    /// Names a session: one dated occurrence with places.
    SessionId;
    /// Names a block: days or a time that nobody may book.
    BlockId;
    /// Names a booking.
    BookingId;
    /// Names a series of bookings.
    SeriesId;
    /// Names a quote: what something would cost.
    QuoteId;
    /// Names a quote of what calling something off would cost.
    CancellationQuoteId;
    /// Names a payment.
    PaymentId;
    /// Names one giving back of a payment, or of a part of it.
    RefundId;
    /// Names an invoice or a credit note.
    InvoiceId;
    /// Names one payment of the operator to a partner.
    PayoutId;
    /// Names a voucher. Follows from its organization and its code.
    VoucherId;
    /// Names an add-on: something sold beside what is booked.
    AddOnId;
    /// Names the person or company who books.
    CustomerId;
    /// Names the organization a listing belongs to.
    OrganizationId;
    /// Names an account: somebody who may sign in.
    AccountId;
    /// Names a notice: one fact that a customer hears about.
    NoticeId;
    /// Names a note about a customer.
    NoteId;
    /// Names whoever sends commands: an API key.
    PrincipalId;
    /// Names the waiting list of a session or a resource, by the id of that.
    WaitingListId;
    /// Names an entry of a waiting list, and the booking that is made of it.
    WaitingEntryId;
}

impl From<SessionId> for WaitingListId {
    fn from(session: SessionId) -> Self {
        Self(session.0)
    }
}

impl From<ResourceId> for WaitingListId {
    fn from(resource: ResourceId) -> Self {
        Self(resource.0)
    }
}

impl From<WaitingEntryId> for BookingId {
    fn from(entry: WaitingEntryId) -> Self {
        Self(entry.0)
    }
}

impl From<BookingId> for WaitingEntryId {
    fn from(booking: BookingId) -> Self {
        Self(booking.0)
    }
}

impl VoucherId {
    /// The id of an organization's voucher with a code, in whatever case: so that one code is one stream, which decides
    /// by itself that there is no second one.
    pub fn of(organization: OrganizationId, code: &VoucherCode) -> Self {
        Self(Uuid::new_v5(&organization.0, code.key().as_bytes()))
    }

    /// Under which name what is set aside for the voucher is held.
    pub fn as_holder(self) -> (BookingId, CustomerId) {
        (BookingId(self.0), CustomerId(self.0))
    }
}

/// Names a calendar: one resource in one month. Written `<resource>/2016-07`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CalendarId {
    /// Whose calendar it is.
    pub resource: ResourceId,
    /// The month it covers, in the zone of the resource's listing.
    pub month: Month,
}

/// The text is not a resource and a month with a slash between them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarIdError {
    /// There is no slash.
    #[error("a calendar is named by its resource and month, as in `<uuid>/2016-07`")]
    Shape,
    /// The part before the slash is no id.
    #[error("the resource of the calendar is not an id: {0}")]
    Resource(#[from] uuid::Error),
    /// The part after the slash is no month.
    #[error(transparent)]
    Month(#[from] MonthError),
}

impl fmt::Display for CalendarId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.resource, self.month)
    }
}

impl FromStr for CalendarId {
    type Err = CalendarIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (resource, month) = text.split_once('/').ok_or(CalendarIdError::Shape)?;
        Ok(Self { resource: resource.parse()?, month: month.parse()? })
    }
}

super::stored_as_text!(CalendarId, "a resource and a month, as in `<uuid>/2016-07`");
