//! What is changed by itself, and how an answer tells it.

use std::{fmt::Display, str::FromStr};

use cqrs_es::Aggregate;
use daybook_domain::{
    add_on::{self, AddOn},
    allotment::{self, Allotment},
    customer::{self, Customer},
    listing::{self, Listing},
    notice::Notice,
    organization::Organization,
    payment::Payment,
    resource::Resource,
    values::{
        AddOnId, CustomerId, ListingId, NoticeId, OrganizationId, PaymentId, ResourceId, SessionId,
        VoucherId, WaitingListId,
    },
    voucher::{self, Voucher},
    waiting_list::WaitingList,
};
use daybook_event_store::Response;

/// What an answer calls a thing that is simply there.
pub(crate) const ACTIVE: &str = "active";

/// An aggregate that an answer tells by its id and by how far it has come.
pub(crate) trait Told: Aggregate<Event: 'static> + 'static {
    /// Names one.
    type Id: Copy + Display + FromStr + Send + Sync + 'static;

    /// How far it has come.
    fn standing(&self) -> &'static str;

    /// Which version of it a client saw, told from the sequence of its last event.
    fn version(&self, sequence: i64) -> i64 {
        sequence
    }
}

/// The answer.
pub(super) fn told(status: u16, id: impl Display, standing: &str) -> Response {
    Response { status, body: format!(r#"{{"id":"{id}","status":"{standing}"}}"#) }
}

impl Told for Organization {
    type Id = OrganizationId;

    fn standing(&self) -> &'static str {
        ACTIVE
    }
}

impl Told for Listing {
    type Id = ListingId;

    fn standing(&self) -> &'static str {
        self.details().map_or(listing::Status::Archived, |details| details.status).as_str()
    }
}

impl Told for Resource {
    type Id = ResourceId;

    fn standing(&self) -> &'static str {
        ACTIVE
    }
}

impl Told for Allotment {
    type Id = SessionId;

    fn standing(&self) -> &'static str {
        self.status().unwrap_or(allotment::Status::CalledOff).as_str()
    }

    /// That of its terms: what is booked of it meanwhile does no harm.
    fn version(&self, _: i64) -> i64 {
        self.terms_version()
    }
}

impl Told for Payment {
    type Id = PaymentId;

    fn standing(&self) -> &'static str {
        self.status().as_str()
    }
}

impl Told for Customer {
    type Id = CustomerId;

    fn standing(&self) -> &'static str {
        self.details().map_or(customer::Status::Active, customer::Details::status).as_str()
    }
}

impl Told for Notice {
    type Id = NoticeId;

    fn standing(&self) -> &'static str {
        self.state().as_str()
    }
}

impl Told for WaitingList {
    type Id = WaitingListId;

    fn standing(&self) -> &'static str {
        ACTIVE
    }

    /// That of its terms: who joins meanwhile does no harm.
    fn version(&self, _: i64) -> i64 {
        self.terms_version()
    }
}

impl Told for Voucher {
    type Id = VoucherId;

    fn standing(&self) -> &'static str {
        self.details().map_or(voucher::Status::Active, |details| details.status).as_str()
    }

    /// That of its terms: who uses it meanwhile does no harm.
    fn version(&self, _: i64) -> i64 {
        self.terms_version()
    }
}

impl Told for AddOn {
    type Id = AddOnId;

    fn standing(&self) -> &'static str {
        self.details().map_or(add_on::Status::Active, |details| details.status).as_str()
    }

    /// That of its terms: what is taken of it meanwhile does no harm.
    fn version(&self, _: i64) -> i64 {
        self.terms_version()
    }
}
