//! What clients send about sessions.

use chrono::SubsecRound;
use daybook_domain::{
    allotment::{Allotment, Command, Event, Refusal, Session, SessionError},
    listing,
    values::{FIRST_DAY, LAST_DAY, ListingId, Reason, Seat, SessionId, TimeRange, Timestamp, Zone},
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::content::SessionContent;
use crate::{
    extract::CommandBody,
    patch::Unchecked,
    problem::Problem,
    wire::{NewId, chosen},
};

/// A session to be opened.
#[derive(Debug, Deserialize, ToSchema)]
pub struct NewSession {
    /// The id it shall have: a UUID of version 7.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    id: Option<NewId>,
    /// What takes place: a listing of kind `experience` or `event`.
    #[schema(value_type = Uuid)]
    listing_id: ListingId,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    end: Timestamp,
    /// The IANA zone where its wall clock hangs; that of the listing, unless said otherwise.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Africa/Cairo")]
    zone: Option<Zone>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
    #[serde(flatten)]
    #[schema(value_type = SessionContent)]
    content: Unchecked<SessionContent>,
}

/// A session to be opened, but for what its listing says.
#[derive(Debug)]
pub(super) struct Opening {
    pub(super) id: SessionId,
    pub(super) listing: ListingId,
    time: TimeRange,
    zone: Option<Zone>,
    content: SessionContent,
}

impl NewSession {
    pub(super) fn checked(self) -> Result<Opening, Problem> {
        Ok(Opening {
            id: SessionId::from_uuid(chosen(self.id)),
            listing: self.listing_id,
            time: time(self.start, self.end)?,
            zone: self.zone,
            content: self.content.checked()?,
        })
    }
}

impl Opening {
    /// The session of a listing.
    pub(super) fn session(&self, listing: &listing::Details) -> Result<Session, Problem> {
        self.content.check_currency(listing.currency)?;
        self.content.session(self.listing, self.time, self.zone.unwrap_or(listing.zone))
    }
}

/// The time between two instants that read models can keep.
fn time(start: Timestamp, end: Timestamp) -> Result<TimeRange, Problem> {
    for (field, at) in [("/start", start), ("/end", end)] {
        if !(FIRST_DAY..=LAST_DAY).contains(&at.date_naive()) {
            let detail = format!("sessions are kept from {FIRST_DAY} to {LAST_DAY} only");
            return Err(Problem::bad_value(field, detail));
        }
    }
    TimeRange::try_new(start.trunc_subsecs(6), end.trunc_subsecs(6))
        .map_err(|error| Problem::bad_value("/end", error.to_string()))
}

/// Another time for a session.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveSession {
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    start: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    end: Timestamp,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl MoveSession {
    pub(super) fn time(self) -> Result<TimeRange, Problem> {
        time(self.start, self.end)
    }
}

/// Decides another time on the session as it stands.
pub(super) fn moved(
    session: &Allotment,
    time: TimeRange,
    at: Timestamp,
) -> Result<Vec<Event>, Problem> {
    session.decide(Command::Move { time, at }).map_err(|refusal| match refusal {
        // sales end with the start, unless somebody says otherwise
        Refusal::Session(SessionError::NeverOnSale { .. }) => {
            Problem::bad_value("/start", refusal.to_string())
        }
        other => other.into(),
    })
}

/// Why a session does not take place.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CallOff {
    /// Why: up to 500 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "The sea is too rough")]
    pub(super) reason: Option<Reason>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// Some seats of a session.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Seats {
    /// Which, each by section, row and number.
    #[schema(value_type = Vec<String>, min_items = 1, example = json!(["stalls/A-12", "stalls/A-13"]))]
    seats: Vec<Seat>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl Seats {
    pub(super) fn checked(self) -> Result<Vec<Seat>, Problem> {
        if self.seats.is_empty() {
            return Err(Problem::bad_value("/seats", "name at least one seat"));
        }
        Ok(self.seats)
    }
}

/// A refusal about one of some seats, with its place among them.
pub(super) fn about_seats(refusal: Refusal, seats: &[Seat]) -> Problem {
    let named = if let Refusal::UnknownSeat { seat } | Refusal::SeatNotFree { seat, reason: _ } =
        &refusal
    {
        seats.iter().position(|named| named == seat)
    } else {
        None // it is about all of them
    };
    let problem = Problem::from(refusal);
    match named {
        Some(index) => problem.in_field(format!("/seats/{index}")),
        None => problem,
    }
}

impl CommandBody for NewSession {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for MoveSession {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for CallOff {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for Seats {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}
