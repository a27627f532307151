//! What clients send to put a booking off, to move it, or to answer a request.

use chrono::NaiveDate;
use daybook_domain::values::{Money, Reason, ResourceId, Seat, SessionId, Timestamp};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    lines::{at, stay},
    wire::deadline,
};
use crate::{
    bus::{Change, NewPlace, NewTimes, Place, Step, When},
    extract::CommandBody,
    problem::Problem,
    wire,
};

/// Other times for some lines; the others stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RescheduleBooking {
    /// The lines.
    #[schema(min_items = 1, max_items = 50)]
    lines: Vec<OtherTime>,
    /// Whether the policy does not count: neither its deadline for changes nor what they cost (needs the right
    /// `set_price`).
    #[serde(default)]
    pub(super) waive_fee: bool,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// Another time for a line: dates for nights, instants for a time, another session for places.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherTime {
    /// Which line, counted from 0.
    line: usize,
    /// The day the guest comes.
    #[serde(default, deserialize_with = "wire::optional_date")]
    arrival: Option<NaiveDate>,
    /// The day the guest leaves.
    #[serde(default, deserialize_with = "wire::optional_date")]
    departure: Option<NaiveDate>,
    /// When it begins.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    start: Option<Timestamp>,
    /// When it ends; if not said, it lasts as long as before.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    end: Option<Timestamp>,
    /// The session.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
    /// In which seats of it; if not said, in the best there are.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    seats: Option<Vec<Seat>>,
    /// What one costs (for a night), if not today's price (needs the right `set_price`).
    #[serde(default)]
    #[schema(value_type = Option<wire::Money>)]
    price: Option<Money>,
}

impl RescheduleBooking {
    /// Whether a line brings its own price.
    pub(super) fn sets_prices(&self) -> bool {
        self.lines.iter().any(|line| line.price.is_some())
    }

    /// The change, if its parts fit together.
    pub(super) fn checked(self) -> Result<Change, Problem> {
        check_numbers(self.lines.iter().map(|line| line.line))?;
        let lines = self.lines.into_iter().enumerate();
        let lines = lines.map(|(index, line)| line.checked(index)).collect::<Result<_, _>>()?;
        Ok(Change::Reschedule(lines))
    }
}

impl OtherTime {
    fn checked(self, index: usize) -> Result<NewTimes, Problem> {
        let Self { line: number, price, .. } = self;
        let when = match (self.arrival, self.departure, self.start, self.session_id) {
            (Some(arrival), Some(departure), None, None) => {
                When::Stay(stay(index, arrival, departure)?)
            }
            (None, None, Some(start), None) => When::From(start, self.end),
            (None, None, None, Some(session)) => When::Session(session, self.seats),
            _ => {
                let detail = "give `arrival` and `departure`, or `start`, or `session_id`";
                return Err(Problem::bad_value(format!("/lines/{index}"), detail));
            }
        };
        Ok(NewTimes { number, when, price })
    }
}

/// Other resources or seats for some lines; the others stay as they are.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoveBooking {
    /// The lines.
    #[schema(min_items = 1, max_items = 50)]
    lines: Vec<OtherPlace>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// Another place for a line: a resource, or seats.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherPlace {
    /// Which line, counted from 0.
    line: usize,
    /// The resource.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    resource_id: Option<ResourceId>,
    /// The seats.
    #[serde(default)]
    #[schema(value_type = Option<Vec<String>>)]
    seats: Option<Vec<Seat>>,
}

impl MoveBooking {
    /// The change, if its parts fit together.
    pub(super) fn checked(self) -> Result<Change, Problem> {
        check_numbers(self.lines.iter().map(|line| line.line))?;
        let place = |(index, line): (usize, OtherPlace)| {
            let place = match (line.resource_id, line.seats) {
                (Some(resource), None) => Place::Resource(resource),
                (None, Some(seats)) => Place::Seats(seats),
                (None, None) | (Some(_), Some(_)) => {
                    let detail = "give `resource_id` or `seats`";
                    return Err(Problem::bad_value(at(index, "resource_id"), detail));
                }
            };
            Ok(NewPlace { number: line.line, place })
        };
        let lines = self.lines.into_iter().enumerate().map(place);
        Ok(Change::Move(lines.collect::<Result<_, _>>()?))
    }
}

/// Refuses no lines at all, and a line that is there twice.
fn check_numbers(numbers: impl Iterator<Item = usize>) -> Result<(), Problem> {
    let mut seen = std::collections::HashSet::new();
    for (index, number) in numbers.enumerate() {
        if !seen.insert(number) {
            let detail = format!("line {number} is there twice");
            return Err(Problem::bad_value(at(index, "line"), detail));
        }
    }
    if seen.is_empty() {
        return Err(Problem::bad_value("/lines", "name at least one line"));
    }
    Ok(())
}

/// How a request is agreed to.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApproveBooking {
    /// For how many minutes it is held from now on, to be confirmed before; if no deadline is given, it is confirmed at
    /// once.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 43200, example = 1440)]
    hold_minutes: Option<u32>,
    /// Until when it is held from now on.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    hold_until: Option<Timestamp>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl ApproveBooking {
    pub(super) fn checked(&self, at: Timestamp) -> Result<Step, Problem> {
        deadline(self.hold_minutes, self.hold_until, at).map(Step::Approve)
    }
}

/// How what is held is kept for good.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBooking {
    /// Whether the deadline may have come already.
    #[serde(default)]
    pub(super) late: bool,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// Why a request is turned down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DeclineBooking {
    /// Why, in the words of whoever turns it down.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    pub(super) reason: Option<Reason>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// A later deadline.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtendBooking {
    /// For how many minutes it is held, counted from now.
    #[serde(default)]
    #[schema(minimum = 1, maximum = 43200, example = 30)]
    hold_minutes: Option<u32>,
    /// Until when it is held.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    hold_until: Option<Timestamp>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl ExtendBooking {
    pub(super) fn checked(&self, at: Timestamp) -> Result<Step, Problem> {
        let until = deadline(self.hold_minutes, self.hold_until, at)?;
        let missing = || Problem::bad_value("/hold_until", "give `hold_minutes` or `hold_until`");
        until.map(Step::Extend).ok_or_else(missing)
    }
}

impl CommandBody for RescheduleBooking {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for MoveBooking {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for ApproveBooking {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for ConfirmBooking {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for DeclineBooking {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for ExtendBooking {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}
