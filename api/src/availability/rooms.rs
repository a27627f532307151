//! `/v1/availability/rooms`: which rooms, or things, are free throughout a time.

use std::collections::BTreeMap;

use axum::{
    extract::{FromRequestParts, State},
    http::request::Parts,
    response::Response,
};
use chrono::{DateTime, Utc};
use daybook_domain::{
    resource::{ResourceKind, Shape},
    values::{
        Attribute, Attributes, BusyTime, Code, Label, ListingId, LocalizedText, Minutes, Number,
        OrganizationId, Quantity, TimeRange, Timestamp,
    },
};
use daybook_projections::{ModelName, RoomFound, RoomsAnswer, RoomsWanted};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::Reason;
use crate::{
    app::{App, json},
    extract::Reader,
    pages::{bad_query, read},
    problem::Problem,
    wire::QueryProblems,
};

/// Which rooms are asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// From this instant on.
    #[param(value_type = String, format = DateTime, example = "2031-05-10T09:00:00Z")]
    start: Timestamp,
    /// To before this instant.
    #[param(value_type = String, format = DateTime, example = "2031-05-10T11:00:00Z")]
    end: Timestamp,
    /// Those of this organization.
    organization_id: Option<Uuid>,
    /// Those of this listing.
    listing_id: Option<Uuid>,
    /// `room`, unless said otherwise, or `equipment`.
    #[serde(default = "rooms")]
    #[param(value_type = Option<String>, example = "room")]
    kind: ResourceKind,
    /// Only those whose attribute `seats` is at least so much.
    capacity: Option<u32>,
    /// How many of the same; one, unless said otherwise.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 10_000)]
    quantity: Option<Quantity>,
    /// Whether to list those that are not free as well, with the reason.
    #[serde(default)]
    include_busy: bool,
    /// Waits until the answer includes this position.
    #[param(minimum = 0)]
    min_position: Option<i64>,
}

fn rooms() -> ResourceKind {
    ResourceKind::Room
}

/// Which rooms are asked for, and with what attributes.
#[derive(Debug)]
pub(super) struct Asked {
    wanted: Wanted,
    attributes: BTreeMap<Code, Attribute>,
}

const ATTRIBUTE: &str = "attribute.";

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let query = parts.uri.query().unwrap_or_default();
        let (named, fixed): (Vec<_>, Vec<_>) =
            query.split('&').partition(|parameter| parameter.starts_with(ATTRIBUTE));
        let mut attributes = BTreeMap::new();
        for (name, value) in read::<Vec<(String, String)>>(&named.join("&"))? {
            let code = name.trim_start_matches(ATTRIBUTE).parse::<Code>();
            let code = code.map_err(|error| bad_query(format!("`{name}`: {error}")))?;
            let value =
                attribute(&value).map_err(|error| bad_query(format!("`{name}`: {error}")))?;
            attributes.insert(code, value);
        }
        Ok(Self { wanted: read(&fixed.join("&"))?, attributes })
    }
}

/// An attribute as it is written in an address: a flag, a number, or else a text.
fn attribute(text: &str) -> Result<Attribute, String> {
    match (text, text.parse::<f64>().ok().filter(|number| number.is_finite())) {
        ("true", _) => Ok(Attribute::Flag(true)),
        ("false", _) => Ok(Attribute::Flag(false)),
        (_, Some(number)) => {
            Number::try_new(number).map(Attribute::Number).map_err(|e| e.to_string())
        }
        (text, None) => Label::try_new(text).map(Attribute::Text).map_err(|e| e.to_string()),
    }
}

impl Asked {
    fn checked(mut self, now: DateTime<Utc>) -> Result<RoomsWanted, Problem> {
        let Wanted { start, end, organization_id, listing_id, kind, capacity, .. } = self.wanted;
        if organization_id.is_some() == listing_id.is_some() {
            return Err(bad_query("give either `organization_id` or `listing_id`"));
        }
        if kind.shape() == Shape::Nights {
            return Err(bad_query("`kind` is what is taken by the hour: `room` or `equipment`"));
        }
        let time = TimeRange::try_new(start, end).map_err(|error| bad_query(error.to_string()))?;
        BusyTime::try_new(time, Minutes::default(), Minutes::default())
            .map_err(|error| bad_query(error.to_string()))?;
        if let Some(seats) = capacity {
            let (code, seats) = seats_at_least(seats)?;
            self.attributes.insert(code, seats);
        }
        Ok(RoomsWanted {
            kind,
            organization: organization_id.map(OrganizationId::from_uuid),
            listing: listing_id.map(ListingId::from_uuid),
            attributes: self.attributes,
            time,
            quantity: self.wanted.quantity.unwrap_or(Quantity::ONE),
            now,
        })
    }
}

fn seats_at_least(seats: u32) -> Result<(Code, Attribute), Problem> {
    let code = "seats".parse::<Code>().map_err(|error| bad_query(error.to_string()))?;
    let number = Number::try_new(seats.into()).map_err(|error| bad_query(error.to_string()))?;
    Ok((code, Attribute::Number(number)))
}

/// A room.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RoomForTime {
    resource_id: Uuid,
    listing_id: Option<Uuid>,
    /// Its name by language tag.
    #[schema(value_type = BTreeMap<String, String>)]
    name: LocalizedText,
    /// What distinguishes it, by code.
    #[schema(value_type = Object)]
    attributes: Attributes,
    /// How many are free throughout the time; 0 if there is a reason against it.
    free: u32,
    #[serde(flatten)]
    reason: Option<Reason>,
}

impl From<RoomFound> for RoomForTime {
    fn from(found: RoomFound) -> Self {
        let RoomFound { resource, free } = found;
        let listing = resource.terms.times().and_then(|times| times.listing);
        Self {
            resource_id: resource.id.as_uuid(),
            listing_id: listing.map(ListingId::as_uuid),
            name: resource.content.name,
            attributes: resource.content.attributes,
            free: free.unwrap_or(0),
            reason: free.err().map(Reason::from),
        }
    }
}

/// Rooms in the order they were made.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct FreeRooms {
    /// Those that are free.
    items: Vec<RoomForTime>,
    /// Those that have what is asked for but are not free, if they were asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    busy: Option<Vec<RoomForTime>>,
    #[serde(flatten)]
    reason: Option<Reason>,
    /// Every event up to this position is in the answer.
    position: i64,
}

impl FreeRooms {
    fn new(answer: RoomsAnswer, include_busy: bool) -> Self {
        let reason = answer.why_not().map(Reason::from);
        let (free, busy): (Vec<_>, Vec<_>) =
            answer.rooms.into_iter().partition(|found| found.free.is_ok());
        Self {
            items: free.into_iter().map(RoomForTime::from).collect(),
            busy: include_busy.then(|| busy.into_iter().map(RoomForTime::from).collect()),
            reason,
            position: answer.position.get(),
        }
    }
}

/// See which rooms are free
///
/// Rooms, or equipment, of an organization or of a listing that are free throughout a time. Each parameter
/// `attribute.<code>` asks for an attribute: numbers are at least so much, `true`, `false` and texts are the same. If none
/// is free, the reason of whichever came nearest.
#[utoipa::path(get, path = "/v1/availability/rooms", tag = "availability",
    params(Wanted, ("attribute.{code}" = Option<String>, Query, description = "An attribute of the room, as in `attribute.projector=true`")),
    responses((status = 200, description = "The rooms that are free", body = FreeRooms), QueryProblems))]
pub(super) async fn list(
    State(app): State<App>,
    _: Reader,
    asked: Asked,
) -> Result<Response, Problem> {
    let (include_busy, min_position) = (asked.wanted.include_busy, asked.wanted.min_position);
    let wanted = asked.checked(Utc::now())?;
    for model in [ModelName::Listings, ModelName::Resources, ModelName::BusyTimes] {
        app.wait(model, min_position).await?;
    }
    let answer = app.projections.queries().rooms(&wanted).await?;
    Ok(json(&FreeRooms::new(answer, include_busy)))
}
