//! What is set aside for a voucher, as it comes in and as it is told.

use chrono::NaiveDate;
use daybook_domain::{
    values::{
        BusyTime, BusyTimeError, Code, DayRange, Minutes, Quantity, ResourceId, SessionId,
        TimeRange, Timestamp,
    },
    voucher::Block,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{problem::Problem, wire};

/// What is set aside: places of a session (`session_id`, `offer`), nights of a room type (`resource_id`, `arrival`,
/// `departure`), or a time of a room, a person or a thing (`resource_id`, `start`, `end`).
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(
    json!({"session_id": "0199aa00-0000-7000-8000-0000000000a1", "offer": "adult", "quantity": 20}),
    json!({
        "resource_id": "0199aa00-0000-7000-8000-000000000004",
        "arrival": "2027-07-28", "departure": "2027-08-04", "quantity": 5,
    }),
    json!({
        "resource_id": "0199aa00-0000-7000-8000-000000000005",
        "start": "2027-05-30T06:00:00Z", "end": "2027-05-30T12:00:00Z", "quantity": 1,
    }),
))]
pub struct VoucherBlock {
    /// The session, if places are set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    session_id: Option<SessionId>,
    /// Which of its offers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    offer: Option<Code>,
    /// The resource, if nights or a time are set aside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Uuid>)]
    resource_id: Option<ResourceId>,
    /// The day of the first night, of what is sold by the night.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "wire::optional_date"
    )]
    arrival: Option<NaiveDate>,
    /// The day after the last night, at most 366 days later.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "wire::optional_date"
    )]
    departure: Option<NaiveDate>,
    /// The first instant, of what is taken by the hour.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    start: Option<Timestamp>,
    /// The first instant after the time, at most 366 days later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    end: Option<Timestamp>,
    /// How many of the offer, or of the resource.
    #[schema(value_type = u32, minimum = 1, maximum = 10_000)]
    quantity: Quantity,
}

/// The most nights of one block.
const LONGEST: u32 = 366;

const GIVE_ONE: &str = "give `session_id` and `offer`, or `resource_id` with `arrival` and `departure`, or `resource_id` \
                        with `start` and `end`";

impl VoucherBlock {
    /// The block, if its parts fit together; problems name it by its index.
    pub(super) fn checked(self, index: usize) -> Result<Block, Problem> {
        let wrong = |member: &str, detail: String| {
            Problem::bad_value(format!("/blocks/{index}/{member}"), detail)
        };
        let missing = |member: &str| wrong(member, GIVE_ONE.to_owned());
        let Self { session_id, offer, resource_id, arrival, departure, start, end, quantity } =
            self;
        let stretch = [
            ("arrival", arrival.is_some()),
            ("departure", departure.is_some()),
            ("start", start.is_some()),
            ("end", end.is_some()),
        ];
        let unexpected = |members: &[&'static str]| {
            let mut given = stretch.iter().filter(|(_, given)| *given);
            given.find(|(member, _)| members.contains(member)).map(|(member, _)| missing(member))
        };
        match (session_id, resource_id) {
            (Some(_), Some(_)) => Err(missing("resource_id")),
            (None, None) => {
                Err(missing(if offer.is_some() { "session_id" } else { "resource_id" }))
            }
            (Some(session), None) => {
                if let Some(problem) = unexpected(&["arrival", "departure", "start", "end"]) {
                    return Err(problem);
                }
                let offer = offer.ok_or_else(|| missing("offer"))?;
                Ok(Block::Places { session, offer, quantity })
            }
            (None, Some(_)) if offer.is_some() => Err(missing("offer")),
            (None, Some(resource)) if arrival.is_some() || departure.is_some() => {
                if let Some(problem) = unexpected(&["start", "end"]) {
                    return Err(problem);
                }
                let first = arrival.ok_or_else(|| missing("arrival"))?;
                let end = departure.ok_or_else(|| missing("departure"))?;
                let days = nights(first, end).map_err(|detail| wrong("departure", detail))?;
                Ok(Block::Nights { resource, days, quantity })
            }
            (None, Some(resource)) => {
                let start = start.ok_or_else(|| missing("start"))?;
                let end = end.ok_or_else(|| missing("end"))?;
                let time = time(start, end).map_err(|(member, detail)| wrong(member, detail))?;
                Ok(Block::Time { resource, time, quantity })
            }
        }
    }
}

fn nights(first: NaiveDate, end: NaiveDate) -> Result<DayRange, String> {
    let days = DayRange::try_new(first, end).map_err(|error| error.to_string())?;
    if days.count() > LONGEST {
        return Err(format!("at most {LONGEST} nights can be set aside in one block"));
    }
    Ok(days)
}

fn time(start: Timestamp, end: Timestamp) -> Result<BusyTime, (&'static str, String)> {
    let range = TimeRange::try_new(start, end).map_err(|error| ("end", error.to_string()))?;
    let none = Minutes::default();
    BusyTime::try_new(range, none, none).map_err(|error| {
        let member = match error {
            BusyTimeError::NotOnTheMinute { at } if at == start => "start",
            BusyTimeError::NotOnTheMinute { .. }
            | BusyTimeError::Empty(_)
            | BusyTimeError::BuffersTooLong
            | BusyTimeError::TooLong
            | BusyTimeError::OutOfBounds => "end",
        };
        (member, error.to_string())
    })
}

impl From<Block> for VoucherBlock {
    fn from(block: Block) -> Self {
        let of = |quantity| Self {
            session_id: None,
            offer: None,
            resource_id: None,
            arrival: None,
            departure: None,
            start: None,
            end: None,
            quantity,
        };
        match block {
            Block::Places { session, offer, quantity } => {
                Self { session_id: Some(session), offer: Some(offer), ..of(quantity) }
            }
            Block::Nights { resource, days, quantity } => Self {
                resource_id: Some(resource),
                arrival: Some(days.first()),
                departure: Some(days.end()),
                ..of(quantity)
            },
            Block::Time { resource, time, quantity } => Self {
                resource_id: Some(resource),
                start: Some(time.range().start()),
                end: Some(time.range().end()),
                ..of(quantity)
            },
        }
    }
}
