//! From rows to an order of steps, and what finds no place.

use std::collections::HashMap;

use daybook_domain::values::BookingId;
use indicatif::ProgressBar;

use super::super::hotel::Hotel;
use super::super::plan::{HotelPlan, Percent, Stage};
use super::super::row::Row;
use super::super::run::Importer;
use super::super::state::RowState;
use super::super::step::{Phase, RowIndex, Step, StepKind};
use super::super::wire::Status;
use super::{excerpt, rows};
use crate::cli::client::{Client, Patience};

fn city(rows: &[Row], percent: u32) -> HotelPlan {
    HotelPlan::new(Hotel::City, rows, Percent(percent)).expect("rows are about the city hotel")
}

/// The stages in short: day, phase and, lane by lane, who does what.
fn shown(stages: &[Stage]) -> Vec<String> {
    let lane = |steps: &Vec<Step>| {
        steps
            .iter()
            .map(|step| format!("{} {}", step.kind.name(), step.row.0))
            .collect::<Vec<_>>()
            .join(" > ")
    };
    let stage = |stage: &Stage| {
        let lanes = stage.lanes.iter().map(lane).collect::<Vec<_>>().join(", ");
        format!("{} {:?}: {lanes}", stage.day, stage.phase)
    };
    stages.iter().map(stage).collect()
}

fn refused(plan: &HotelPlan) -> Vec<usize> {
    let mut rows: Vec<_> = plan.refused.iter().map(|row| row.0).collect();
    rows.sort_unstable();
    rows
}

/// One night from a day of July 2016 in a room of type B, booked on the day before.
const NIGHT: [(&str, &str); 3] =
    [("lead_time", "1"), ("stays_in_weekend_nights", "0"), ("stays_in_week_nights", "1")];

fn night<'a>(day: &'a str, left: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let dates = [("arrival_date_day_of_month", day), ("reservation_status_date", left)];
    more.iter().copied().chain(dates).chain(NIGHT).collect()
}

#[test]
fn days_follow_each_other_and_room_is_made_before_it_is_taken() {
    let day_use = [("lead_time", "0"), ("stays_in_week_nights", "0")];
    let at_once = [("lead_time", "0"), ("reservation_status", "Canceled")];
    let rows = rows(&[
        &night("10", "7/11/2016", &[]),
        &night("11", "7/11/2016", &day_use),
        &night("11", "7/11/2016", &at_once),
        &night("12", "7/12/2016", &[("reservation_status", "No-Show")]),
        &night("14", "7/11/2016", &[("lead_time", "9"), ("reservation_status", "Canceled")]),
    ]);
    assert_eq!(
        shown(&city(&rows, 100).stages),
        [
            "2016-07-05 Bookings: book 4",
            "2016-07-09 Bookings: book 0",
            "2016-07-10 Arrivals: check-in 0",
            "2016-07-11 Releases: check-out 0, cancel 4",
            "2016-07-11 Bookings: book 1, book 2, book 3",
            "2016-07-11 Arrivals: check-in 1 > check-out 1, cancel 2",
            "2016-07-12 Arrivals: no-show 3",
        ]
    );
}

#[test]
fn the_steps_of_a_row_happen_one_after_the_other() {
    let source = excerpt();
    for (index, row) in source.rows.iter().enumerate() {
        let steps: Vec<_> = Step::of(RowIndex(index), row).collect();
        assert!(steps.is_sorted_by_key(|step| (step.day, step.phase)), "line {}", row.line);
        assert!(steps.windows(2).all(|pair| pair[0].at() < pair[1].at()), "line {}", row.line);
    }
}

#[test]
fn times_are_those_of_the_hotel_in_summer_and_winter() {
    let rows = rows(&[&night("10", "7/11/2016", &[("lead_time", "180")])]);
    let times: Vec<_> =
        Step::of(RowIndex(0), &rows[0]).map(|step| step.at().to_rfc3339()).collect();
    assert_eq!(
        times,
        ["2016-01-12T14:00:00+00:00", "2016-07-10T14:00:00+00:00", "2016-07-11T10:00:00+00:00"]
    );
}

#[test]
fn the_capacity_is_the_most_that_is_taken_at_once() {
    let early = [("stays_in_week_nights", "5")];
    let rows = rows(&[
        &night("10", "7/11/2016", &early), // leaves after one night of five
        &night("10", "7/11/2016", &[]),
        &night("12", "7/13/2016", &[("lead_time", "1")]), // booked on the 11th, when the first has left
        &night("12", "7/11/2016", &[("lead_time", "9"), ("reservation_status", "Canceled")]),
        &night("10", "7/11/2016", &[("assigned_room_type", "C")]),
    ]);
    let plan = city(&rows, 100);
    let capacities: HashMap<_, _> =
        plan.rooms.values().map(|room| (room.kind.as_str(), room.capacity)).collect();
    assert_eq!(capacities, HashMap::from([("B", 2), ("C", 1)]));
    assert_eq!(refused(&plan), [0; 0]);
}

#[test]
fn a_no_show_keeps_its_first_night_and_frees_the_others() {
    let away = [("stays_in_week_nights", "2"), ("reservation_status", "No-Show")];
    let blocked = [("lead_time", "0")];
    let rows = rows(&[
        &night("10", "7/10/2016", &away),
        &night("11", "7/12/2016", &blocked), // takes the second night once it is free
        &night("10", "7/11/2016", &blocked), // the first night is not free on the day itself
    ]);
    assert_eq!(city(&rows, 100).rooms.values().map(|room| room.capacity).max(), Some(2));
    assert_eq!(refused(&city(&rows, 50)), [2]);
}

#[test]
fn with_less_capacity_the_later_line_is_refused() {
    let rows = rows(&[
        &night("10", "7/11/2016", &[]),
        &night("10", "7/11/2016", &[]),
        &night("11", "7/12/2016", &[]),
    ]);
    assert_eq!(refused(&city(&rows, 50)), [1]);
    assert_eq!(refused(&city(&rows, 0)), [0, 1, 2]);
    assert_eq!(Percent(80).of(9), 7);
}

#[test]
fn bookings_queue_only_for_rooms_that_refuse_somebody() {
    let other = [("assigned_room_type", "C")];
    let rows = rows(&[
        &night("10", "7/11/2016", &other), // of two rooms like this one remains, enough on this day
        &night("10", "7/11/2016", &[]),
        &night("10", "7/11/2016", &[]),
        &night("12", "7/13/2016", &other),
        &night("12", "7/13/2016", &other),
    ]);
    let plan = city(&rows, 50);
    assert_eq!(refused(&plan), [2, 4]);
    let booked: Vec<_> =
        plan.stages.iter().filter(|stage| stage.phase == Phase::Bookings).cloned().collect();
    assert_eq!(
        shown(&booked),
        ["2016-07-09 Bookings: book 0, book 1 > book 2", "2016-07-11 Bookings: book 3 > book 4",]
    );
}

/// The expected figures come from an independent replay of the same file.
#[test]
fn the_excerpt_needs_these_rooms_and_loses_these_bookings() {
    let rows = excerpt().rows;
    let figures = |hotel, percent| {
        let plan = HotelPlan::new(hotel, &rows, Percent(percent)).unwrap();
        let a = plan.rooms.values().find(|room| room.kind.as_str() == "A").unwrap().capacity;
        (a, plan.refused.len())
    };
    assert_eq!((figures(Hotel::Resort, 100), figures(Hotel::City, 100)), ((24, 0), (53, 0)));
    assert_eq!((figures(Hotel::Resort, 80), figures(Hotel::City, 80)), ((19, 33), (42, 28)));
}

fn importer(rows: &[Row]) -> Importer {
    let client = Client::try_new("http://127.0.0.1:9", "key", Patience::default()).unwrap();
    Importer::new(client, rows.to_vec(), 1, ProgressBar::hidden())
}

#[test]
fn steps_done_before_are_not_left() {
    let rows = rows(&[&night("10", "7/11/2016", &[]), &night("10", "7/11/2016", &[])]);
    let plan = city(&rows, 100);
    let importer = importer(&rows);
    assert_eq!(importer.left(&plan), 6);
    let existing = HashMap::from([(rows[0].booking, Status::CheckedIn)]);
    assert_eq!(importer.resume(&plan, &existing), 1);
    assert_eq!(importer.left(&plan), 4);
}

#[test]
fn a_refusal_stands_once_a_later_stage_has_begun() {
    let rows = rows(&[&night("10", "7/11/2016", &[]), &night("10", "7/11/2016", &[])]);
    let plan = city(&rows, 50);
    let resumed = |status: Option<Status>| {
        let importer = importer(&rows);
        let existing: HashMap<BookingId, _> =
            status.map(|status| (rows[0].booking, status)).into_iter().collect();
        importer.resume(&plan, &existing);
        importer.progress().get(RowIndex(1))
    };
    assert_eq!(resumed(None), RowState::Unknown);
    assert_eq!(resumed(Some(Status::Confirmed)), RowState::Unknown, "its stage may not be over");
    assert_eq!(resumed(Some(Status::CheckedIn)), RowState::Refused);
}

#[test]
fn every_step_is_past_once_it_is_done() {
    let rows = excerpt().rows;
    for (index, row) in rows.iter().enumerate() {
        let steps: Vec<_> = Step::of(RowIndex(index), row).collect();
        let mut state = RowState::Unknown;
        for (done, step) in steps.iter().enumerate() {
            assert!(!state.is_past(step.kind));
            state = RowState::from(step.kind);
            assert!(steps[..=done].iter().all(|step| state.is_past(step.kind)));
        }
        assert_eq!(state.ending(), Some(row.ending));
    }
    assert!(RowState::Refused.is_past(StepKind::Cancel));
}
