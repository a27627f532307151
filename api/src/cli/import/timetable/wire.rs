//! The part of the API that the importer speaks, as any other client would.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use daybook_domain::values::{
    BlockId, BookingId, CustomerId, Dimensions, ListingId, Party, ResourceId, SeriesId, Timestamp,
    Zone,
};
use serde::{Deserialize, Serialize};

/// `GET /v1/resources`, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct RoomPage {
    pub(super) items: Vec<RoomItem>,
    pub(super) next_cursor: Option<String>,
}

/// A room.
#[derive(Deserialize)]
pub(super) struct RoomItem {
    pub(super) id: ResourceId,
    pub(super) listing_id: Option<ListingId>,
    pub(super) name: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) attributes: BTreeMap<String, serde_json::Value>,
    pub(super) zone: Zone,
}

/// `POST /v1/series`.
#[derive(Serialize)]
pub(super) struct NewSeries<'a> {
    pub(super) id: SeriesId,
    pub(super) listing_id: ListingId,
    pub(super) customer_id: CustomerId,
    pub(super) zone: Zone,
    pub(super) start: NaiveDateTime,
    pub(super) duration_minutes: u32,
    pub(super) rule: &'a str,
    pub(super) lines: [NewLine; 1],
    pub(super) party: Party,
    pub(super) dimensions: &'a Dimensions,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) hold_minutes: Option<u32>,
    pub(super) on_conflict: &'static str,
}

/// What is booked at each date.
#[derive(Serialize)]
pub(super) struct NewLine {
    pub(super) resource_id: ResourceId,
}

/// `POST /v1/series/{id}/cancel`.
#[derive(Serialize)]
pub(super) struct CancelSeries {
    pub(super) scope: &'static str,
    pub(super) reason: &'static str,
}

/// `GET /v1/series/{id}`, as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct SeriesView {
    pub(super) occurrences: Vec<Occurrence>,
}

/// One date of a series.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Occurrence {
    pub(super) original: NaiveDateTime,
    #[serde(rename = "starts_at")]
    pub(super) start: Timestamp,
    #[serde(rename = "ends_at")]
    pub(super) end: Timestamp,
    pub(super) status: Status,
    pub(super) booking_id: Option<BookingId>,
    pub(super) conflict: Option<Obstacle>,
}

/// How far the booking of a date has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Skipped,
    Requested,
    Held,
    Confirmed,
    CheckedIn,
    Completed,
    NoShow,
    Declined,
    Lapsed,
    Cancelled,
}

/// What is in the way of a date.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Obstacle {
    pub(super) cause: String,
    #[serde(default)]
    pub(super) taken_by_bookings: Vec<BookingId>,
    #[serde(default)]
    pub(super) taken_by_blocks: Vec<BlockId>,
}

/// The problem of a series of which dates cannot be had.
#[derive(Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    pub(super) conflicts: Vec<Conflict>,
}

/// A date that cannot be had.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Conflict {
    pub(super) original: NaiveDateTime,
    pub(super) start: Timestamp,
    pub(super) end: Timestamp,
    #[serde(flatten)]
    pub(super) obstacle: Obstacle,
}

/// `GET /v1/bookings/{id}`, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct Booking {
    pub(super) dimensions: Dimensions,
}

/// `GET /v1/resources/{id}/blocks`, as far as it matters here.
#[derive(Deserialize)]
pub(super) struct Blocks {
    pub(super) items: Vec<Block>,
}

/// What nobody may book.
#[derive(Deserialize)]
pub(super) struct Block {
    pub(super) id: BlockId,
    pub(super) reason: String,
}
