//! What the engine is meant to reach, and whether it did. Aims are ratios within one run, because only those hold on any
//! machine; the one limit in milliseconds is what a person still feels as at once.

use serde::Serialize;

use super::{
    availability::Availability,
    decision::Decision,
    figure::{Contender, Figure, Row, Shape},
    report::Report,
};

/// At how many connections bookings are judged.
pub(super) const JUDGED_AT: u16 = 32;

/// One aim.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Aim {
    pub(super) what: String,
    /// What was measured.
    pub(super) measured: f64,
    /// What it is compared with.
    pub(super) limit: f64,
    /// Whether less is better.
    pub(super) at_most: bool,
    /// In what it is measured; nothing for ratios.
    pub(super) unit: &'static str,
    pub(super) met: bool,
}

impl Aim {
    fn at_least(what: impl Into<String>, measured: f64, limit: f64) -> Self {
        let met = measured >= limit;
        Self { what: what.into(), measured, limit, at_most: false, unit: "x", met }
    }

    fn at_most(what: impl Into<String>, measured: f64, limit: f64, unit: &'static str) -> Self {
        let met = measured <= limit;
        Self { what: what.into(), measured, limit, at_most: true, unit, met }
    }
}

/// Judges what was measured; what was not measured has no aim.
pub(super) fn judge(report: &Report) -> Vec<Aim> {
    let mut aims = Vec::new();
    let races = &report.races;
    for (shape, aim) in [(Shape::Hot, 5.0), (Shape::Spread, 1.0)] {
        let ours = find(races, Contender::Http, shape, Some(JUDGED_AT));
        let rival = find(races, Contender::SqlTransaction, shape, Some(JUDGED_AT));
        if let (Some(ours), Some(rival)) = (ours, rival) {
            let what = format!("bookings over HTTP, {}, over plain SQL", shape.title());
            aims.push(Aim::at_least(what, ours.per_second / rival.per_second, aim));
        }
        if let Some(ours) = ours {
            let what = format!("p99 of bookings over HTTP, {}", shape.title());
            aims.push(Aim::at_most(what, ours.p99_ms, 50.0, "ms"));
        }
    }
    let ours = find(&report.engines, Contender::Engine, Shape::Fresh, None);
    let rival = find(&report.engines, Contender::CqrsEs, Shape::Fresh, None);
    if let (Some(ours), Some(rival)) = (ours, rival) {
        let what = "commands over our store, over postgres-es";
        aims.push(Aim::at_least(what, ours.per_second / rival.per_second, 10.0));
    }
    if let Some(replay) = &report.replay {
        let ratio = replay.rebuild_per_second / replay.copy_per_second;
        aims.push(Aim::at_least("projections rebuilt, over COPY of the log", ratio, 0.3));
    }
    for decision in &report.decisions {
        let Decision { sold_by, allocations, .. } = decision;
        let what = format!("a decision by {sold_by} with {allocations} allocations, over none");
        aims.push(Aim::at_most(what, decision.ratio, 1.5, "x"));
    }
    if let Some(availability) = &report.availability {
        let Availability { bookings, staff, rooms, slots, free_rooms } = availability;
        for (what, latency) in [
            (format!("p99 of slots of {staff} staff in 30 days"), slots),
            (format!("p99 of {rooms} rooms for two hours"), free_rooms),
        ] {
            let what = format!("{what}, {bookings} bookings");
            aims.push(Aim::at_most(what, latency.p99_ms, 50.0, "ms"));
        }
    }
    aims
}

/// The median of a discipline.
pub(super) fn find(
    rows: &[Row],
    contender: Contender,
    shape: Shape,
    at_once: Option<u16>,
) -> Option<&Figure> {
    let found = rows.iter().find(|row| {
        row.contender == contender
            && row.shape == shape
            && at_once.is_none_or(|at_once| row.at_once == at_once)
    });
    found.map(|row| &row.median)
}
