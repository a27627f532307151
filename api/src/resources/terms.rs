//! When a resource can be booked at all: schedules of what is taken by the hour, rules of what is sold by the night.

use daybook_domain::{
    resource::{
        Command as ResourceCommand, Resource, Schedules, StayPeriod, StayRules, StayRulesError,
        StayTerms,
    },
    values::{NightCount, Timestamp, Weekdays},
};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    app::App,
    bus::Answered,
    extract::CommandBody,
    one::Directed,
    problem::Problem,
    wire::{self, CommandProblems, Receipt},
};

/// The routes of schedules and rules.
pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(change_schedules)).routes(routes!(change_stay_rules))
}

/// When it can be taken from now on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSchedules {
    /// All schedules: it is open whenever one of them is, and without any it never closes.
    #[schema(value_type = Vec<wire::times::Schedule>, max_items = 10)]
    schedules: Schedules,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

/// What is asked of later stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStayRules {
    /// The fewest nights; whoever leaves on the day of arrival stays none and need not.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 366, example = 2)]
    least: Option<NightCount>,
    /// The most nights.
    #[serde(default)]
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 366, example = 14)]
    most: Option<NightCount>,
    /// The days of the week on which nobody arrives.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, example = json!(["sunday"]))]
    closed_to_arrival: Weekdays,
    /// The days of the week on which nobody departs.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false, example = json!(["saturday"]))]
    closed_to_departure: Weekdays,
    /// Periods of arrival that ask something else; none shares a day with another.
    #[serde(default)]
    #[schema(value_type = Vec<wire::times::StayPeriod>, required = false, max_items = 200)]
    periods: Vec<StayPeriod>,
    /// When it happened, if not now (needs the right `record_past`).
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    occurred_at: Option<Timestamp>,
}

impl NewStayRules {
    fn checked(self) -> Result<StayRules, Problem> {
        let Self { least, most, closed_to_arrival, closed_to_departure, periods, occurred_at: _ } =
            self;
        let usual = StayTerms { least, most, closed_to_arrival, closed_to_departure };
        StayRules::try_new(usual, periods).map_err(|error| {
            let field = match error {
                StayRulesError::NoLength { .. } => "/most",
                StayRulesError::NoLengthFrom { .. }
                | StayRulesError::Overlap(_)
                | StayRulesError::TooManyPeriods => "/periods",
            };
            Problem::bad_value(field, error.to_string())
        })
    }
}

impl CommandBody for NewSchedules {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

impl CommandBody for NewStayRules {
    fn occurred_at(&self) -> Option<Timestamp> {
        self.occurred_at
    }
}

/// Open a resource at other times
///
/// For what is taken by the hour. These are all schedules from now on; what is booked stays.
#[utoipa::path(post, path = "/v1/resources/{id}/schedules", tag = "resources", request_body = NewSchedules,
    params(("id" = Uuid, Path, description = "The resource")),
    responses((status = 200, description = "Later bookings keep to this", body = Receipt), CommandProblems))]
async fn change_schedules(resource: Directed<NewSchedules>) -> Result<Answered, Problem> {
    resource
        .change(Ok, |resource: &Resource, body, at| {
            let schedules = body.schedules.clone();
            Ok(resource.decide(ResourceCommand::ChangeSchedules { schedules, at })?)
        })
        .await
}

/// Ask something else of later stays
///
/// For what is sold by the night. These are all rules from now on; what is booked stays.
#[utoipa::path(post, path = "/v1/resources/{id}/stay-rules", tag = "resources", request_body = NewStayRules,
    params(("id" = Uuid, Path, description = "The resource")),
    responses((status = 200, description = "Later stays keep to this", body = Receipt), CommandProblems))]
async fn change_stay_rules(resource: Directed<NewStayRules>) -> Result<Answered, Problem> {
    resource
        .change(NewStayRules::checked, |resource: &Resource, rules, at| {
            let rules = rules.clone();
            Ok(resource.decide(ResourceCommand::ChangeStayRules { rules, at })?)
        })
        .await
}
