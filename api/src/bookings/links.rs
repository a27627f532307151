//! What can be done next with a booking.

use std::collections::BTreeMap;

use daybook_domain::{booking::Status, values::BookingId};
use serde::Serialize;
use utoipa::ToSchema;

/// Commands that the booking's status allows, by name, and where it is read.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "self": {"method": "GET", "href": "/v1/bookings/019a0000-0000-7000-8000-000000000001"},
    "confirm": {"method": "POST", "href": "/v1/bookings/019a0000-0000-7000-8000-000000000001/confirm"}
}))]
pub struct Links(BTreeMap<&'static str, Link>);

/// How something is asked for.
#[derive(Debug, Serialize, ToSchema)]
pub struct Link {
    /// `GET` or `POST`.
    method: &'static str,
    /// The path.
    href: String,
}

impl Links {
    /// Where more is read about something, by name.
    pub(crate) fn to<const N: usize>(pages: [(&'static str, String); N]) -> Self {
        let get = |(name, href)| (name, Link { method: "GET", href });
        Self(pages.into_iter().map(get).collect())
    }

    pub(super) fn of(id: BookingId, status: Status) -> Self {
        let get = |href| Link { method: "GET", href };
        let mut links = BTreeMap::from([
            ("self", get(format!("/v1/bookings/{id}"))),
            ("history", get(format!("/v1/bookings/{id}/history"))),
        ]);
        for name in next(status) {
            let href = format!("/v1/bookings/{id}/{name}");
            links.insert(name, Link { method: "POST", href });
        }
        Self(links)
    }
}

/// The commands that a status allows.
fn next(status: Status) -> &'static [&'static str] {
    match status {
        Status::Requested => &[
            "approve",
            "decline",
            "extend",
            "amend",
            "reschedule",
            "move",
            "cancellation-quotes",
            "cancel",
        ],
        Status::Held => {
            &["confirm", "extend", "amend", "reschedule", "move", "cancellation-quotes", "cancel"]
        }
        Status::Confirmed => {
            &["check-in", "no-show", "amend", "reschedule", "move", "cancellation-quotes", "cancel"]
        }
        Status::CheckedIn => &["check-out"],
        Status::Absent
        | Status::Completed
        | Status::Declined
        | Status::Lapsed
        | Status::Cancelled
        | Status::NoShow => &[],
    }
}
