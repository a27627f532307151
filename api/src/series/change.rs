//! Changing several dates of a series at once, and how that is asked for.

use std::sync::Arc;

use axum::extract::State;
use chrono::{NaiveDateTime, NaiveTime};
use daybook_domain::{
    series::Scope,
    values::{Reason, ResourceId, SeriesId, Timestamp},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::wire::OnConflict;
use crate::{
    app::App,
    bus::{self, Answered, Confirmation, Reschedule, Shift},
    extract::{Command, CommandBody},
    pages::Segment,
    problem::{Conflict, Problem},
    wire::{CommandProblems, optional_time, optional_wall_clock},
};

/// Which dates a change is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Extent {
    /// The one that `original` names.
    One,
    /// The one that `original` names and all after it.
    Following,
    /// All of them.
    #[default]
    All,
}

impl Extent {
    fn checked(self, original: Option<NaiveDateTime>) -> Result<Scope, Problem> {
        match (self, original) {
            (Self::One, Some(original)) => Ok(Scope::One(original)),
            (Self::Following, Some(original)) => Ok(Scope::Following(original)),
            (Self::All, None) => Ok(Scope::All),
            (Self::One | Self::Following, None) => {
                Err(Problem::bad_value("/original", "say which date it is about"))
            }
            (Self::All, Some(_)) => {
                Err(Problem::bad_value("/original", "all dates are meant, so name none"))
            }
        }
    }
}

/// Dates to be called off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelSeries {
    /// Which dates: `one`, `following` or `all`.
    scope: Extent,
    /// The date it is about, by its original local start, unless `all`.
    #[serde(default, deserialize_with = "optional_wall_clock")]
    #[schema(value_type = Option<String>, example = "2027-01-18T09:00:00")]
    original: Option<NaiveDateTime>,
    /// Why, in the words of whoever calls them off.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 500)]
    reason: Option<Reason>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// Dates whose holds are to be kept for good.
#[derive(Clone, Copy, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"scope": "all", "skip_lapsed": true}))]
pub struct ConfirmSeries {
    /// Which dates: `one`, `following` or `all`; all, unless said otherwise.
    #[serde(default)]
    scope: Extent,
    /// The date it is about, by its original local start, unless `all`.
    #[serde(default, deserialize_with = "optional_wall_clock")]
    #[schema(value_type = Option<String>, example = "2027-01-18T09:00:00")]
    original: Option<NaiveDateTime>,
    /// Whether all other dates are confirmed if the hold of a date has ended; nothing is, unless this says so.
    #[serde(default)]
    skip_lapsed: bool,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// Dates that shall take place at another time, or elsewhere.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RescheduleSeries {
    /// Which dates: `one`, `following` or `all`.
    scope: Extent,
    /// The date it is about, by its original local start, unless `all`.
    #[serde(default, deserialize_with = "optional_wall_clock")]
    #[schema(value_type = Option<String>, example = "2027-01-18T09:00:00")]
    original: Option<NaiveDateTime>,
    /// What the wall clock of the series shall show at their start.
    #[serde(default, deserialize_with = "optional_time")]
    #[schema(value_type = Option<String>, example = "10:30")]
    start_time: Option<NaiveTime>,
    /// By how many days later they shall take place; fewer than none is earlier.
    #[serde(default)]
    #[schema(minimum = -366, maximum = 366, example = 1)]
    day_shift: Option<i32>,
    /// What they shall occupy instead; only for bookings of one line.
    #[serde(default)]
    #[schema(value_type = Option<Uuid>)]
    resource_id: Option<ResourceId>,
    /// What is done if a date cannot be had there: nothing at all, unless said otherwise.
    #[serde(default)]
    on_conflict: OnConflict,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// The answer to a change of several dates.
#[derive(Debug, Serialize, ToSchema)]
pub struct SeriesChanged {
    /// The series.
    pub id: Uuid,
    /// The dates that were changed, by their original local starts.
    pub changed: Vec<NaiveDateTime>,
    /// The dates that stayed as they were because their bookings are over, were cancelled or are confirmed already.
    pub unchangeable: Vec<NaiveDateTime>,
    /// The dates that stayed as they were because they cannot be had otherwise, or because their holds have ended.
    pub conflicts: Vec<Conflict>,
    /// The position of the command's last event.
    pub position: i64,
}

impl CommandBody for CancelSeries {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for ConfirmSeries {
    const OPTIONAL: bool = true;

    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for RescheduleSeries {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// How far a date may be moved at once, in days.
const FARTHEST: i32 = 366;

impl RescheduleSeries {
    fn shift(&self) -> Result<Shift, Problem> {
        let days = self.day_shift.unwrap_or(0);
        if !(-FARTHEST..=FARTHEST).contains(&days) {
            let detail = format!("a date is moved by at most {FARTHEST} days");
            return Err(Problem::bad_value("/day_shift", detail));
        }
        if self.start_time.is_none() && self.day_shift.is_none() && self.resource_id.is_none() {
            let detail = "say what changes: `start_time`, `day_shift` or `resource_id`";
            return Err(Problem::bad_value("/start_time", detail));
        }
        Ok(Shift { time: self.start_time, days, resource: self.resource_id })
    }
}

/// Call dates of a series off
///
/// One date, it and all after it, or all, in one commit. Dates whose bookings are over or cancelled stay as they are;
/// if the only date asked for is such a one, that is refused.
#[utoipa::path(post, path = "/v1/series/{id}/cancel", tag = "series", request_body = CancelSeries,
    params(("id" = Uuid, Path, description = "The series")),
    responses((status = 200, description = "The dates are cancelled and their places are free", body = SeriesChanged), CommandProblems))]
pub(super) async fn cancel(
    State(app): State<App>,
    id: Segment,
    command: Command<CancelSeries>,
) -> Result<Answered, Problem> {
    let id = SeriesId::from_uuid(id.id()?);
    let (order, body, at) = app.order(command)?;
    let scope = body.scope.checked(body.original)?;
    let (reason, state) = (body.reason, Arc::clone(&app));
    app.carry_out(async move {
        bus::cancel_series(&state, &order, id, scope, reason.as_ref(), at).await
    })
    .await
}

/// Keep for good what dates of a series hold
///
/// One date, it and all after it, or all, in one commit. If the hold of a date has ended, nothing is confirmed and the
/// problem names each such date; or, with `skip_lapsed`, those dates are told as `conflicts` and all others are
/// confirmed. A date that waits for approval refuses the command in any case. Dates that are confirmed, over or
/// cancelled stay as they are.
#[utoipa::path(post, path = "/v1/series/{id}/confirm", tag = "series", request_body = Option<ConfirmSeries>,
    params(("id" = Uuid, Path, description = "The series")),
    responses((status = 200, description = "The dates are confirmed", body = SeriesChanged), CommandProblems))]
pub(super) async fn confirm(
    State(app): State<App>,
    id: Segment,
    command: Command<ConfirmSeries>,
) -> Result<Answered, Problem> {
    let id = SeriesId::from_uuid(id.id()?);
    let (order, body, at) = app.order(command)?;
    let scope = body.scope.checked(body.original)?;
    let on_lapsed = if body.skip_lapsed { bus::OnConflict::Skip } else { bus::OnConflict::Refuse };
    let confirmation = Confirmation { id, scope, on_lapsed, at };
    app.carry_out(async move { bus::confirm_series(&order, confirmation).await }).await
}

/// Have dates of a series take place at another time or elsewhere
///
/// One date, it and all after it, or all, in one commit. The new times are those of the wall clock where the series
/// is, and each date lasts as long as before. If a date cannot be had there, nothing changes and the problem names
/// each such date; or, with `skip_conflicts`, those dates stay as they were. Dates whose bookings are over or
/// cancelled stay as they are. Prices stay as they were agreed.
#[utoipa::path(post, path = "/v1/series/{id}/reschedule", tag = "series", request_body = RescheduleSeries,
    params(("id" = Uuid, Path, description = "The series")),
    responses((status = 200, description = "The dates take place as asked for", body = SeriesChanged), CommandProblems))]
pub(super) async fn reschedule(
    State(app): State<App>,
    id: Segment,
    command: Command<RescheduleSeries>,
) -> Result<Answered, Problem> {
    let id = SeriesId::from_uuid(id.id()?);
    let (order, body, at) = app.order(command)?;
    let scope = body.scope.checked(body.original)?;
    let (shift, on_conflict) = (body.shift()?, body.on_conflict.into());
    let change = Reschedule { id, scope, shift, on_conflict, at };
    app.carry_out(async move { bus::reschedule_series(&order, change).await }).await
}
