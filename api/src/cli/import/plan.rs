//! What will be sent, in which order, and which bookings will find no place.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use daybook_domain::values::{Label, Money, ResourceId};

use super::capacity::Simulation;
use super::hotel::{self, Hotel};
use super::row::Row;
use super::step::{Phase, RowIndex, Step, StepKind};

/// Steps that follow each other. Lanes of one stage run side by side.
pub(super) type Lane = Vec<Step>;

/// One phase of one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stage {
    pub(super) day: NaiveDate,
    pub(super) phase: Phase,
    pub(super) lanes: Vec<Lane>,
}

/// What one hotel needs.
pub(super) struct HotelPlan {
    pub(super) hotel: Hotel,
    pub(super) rooms: BTreeMap<ResourceId, Room>,
    pub(super) stages: Vec<Stage>,
    /// The rows for which there will be no place.
    pub(super) refused: HashSet<RowIndex>,
}

/// One room type of a hotel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Room {
    pub(super) kind: Label,
    pub(super) capacity: u32,
    /// What a night costs unless a booking names its own price: the median of the file.
    pub(super) price_per_night: Money,
}

/// How much of the capacity that would admit every booking there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Percent(pub(super) u32);

impl Percent {
    /// The share of a capacity, rounded down.
    pub(super) fn of(self, capacity: u32) -> u32 {
        let share = u64::from(capacity) * u64::from(self.0) / 100;
        u32::try_from(share).unwrap_or(u32::MAX)
    }
}

impl HotelPlan {
    /// Plans one hotel; `None` when no row is about it.
    pub(super) fn new(hotel: Hotel, rows: &[Row], percent: Percent) -> Option<Self> {
        let mut stages = stages(hotel, rows);
        let peaks = Simulation::unlimited(rows).replay(&stages).peaks;
        let limits =
            peaks.into_iter().map(|(resource, peak)| (resource, percent.of(peak))).collect();
        let rooms = rooms(hotel, rows, &limits);
        let refused = Simulation::limited(rows, limits).replay(&stages).refused;
        for stage in &mut stages {
            queue_for_contested_rooms(rows, stage, &refused);
        }
        (!stages.is_empty()).then_some(Self { hotel, rooms, stages, refused })
    }

    /// The first day on which anything happens.
    pub(super) fn first_day(&self) -> NaiveDate {
        self.stages.first().map_or(NaiveDate::MIN, |stage| stage.day)
    }
}

fn stages(hotel: Hotel, rows: &[Row]) -> Vec<Stage> {
    let mut phases: BTreeMap<(NaiveDate, Phase), Vec<Step>> = BTreeMap::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, row)| row.hotel == hotel) {
        for step in Step::of(RowIndex(index), row) {
            phases.entry((step.day, step.phase)).or_default().push(step);
        }
    }
    let stage = |((day, phase), steps): (_, Vec<Step>)| {
        let lanes = steps.chunk_by(|one, next| one.row == next.row).map(<[Step]>::to_vec).collect();
        Stage { day, phase, lanes }
    };
    phases.into_iter().map(stage).collect()
}

/// Where a resource refuses somebody in a stage, who comes first decides who that is: its bookings
/// then follow each other in the order of the file. Where all find a place, order decides nothing.
fn queue_for_contested_rooms(rows: &[Row], stage: &mut Stage, refused: &HashSet<RowIndex>) {
    let resource = |step: &Step| rows[step.row.0].resource;
    let is_refused = |step: &&Step| step.kind == StepKind::Book && refused.contains(&step.row);
    let contested: HashSet<_> =
        stage.lanes.iter().flatten().filter(is_refused).map(resource).collect();
    if contested.is_empty() {
        return;
    }
    let is_contested = |lane: &Lane| lane.iter().map(resource).any(|id| contested.contains(&id));
    let (queued, mut lanes): (Vec<_>, Vec<_>) =
        std::mem::take(&mut stage.lanes).into_iter().partition(is_contested);
    let mut queues: BTreeMap<ResourceId, Lane> = BTreeMap::new();
    for step in queued.into_iter().flatten() {
        queues.entry(resource(&step)).or_default().push(step);
    }
    lanes.extend(queues.into_values());
    stage.lanes = lanes;
}

fn rooms(
    hotel: Hotel,
    rows: &[Row],
    limits: &BTreeMap<ResourceId, u32>,
) -> BTreeMap<ResourceId, Room> {
    let mut by_resource: BTreeMap<ResourceId, (&Label, Vec<u64>)> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.hotel == hotel) {
        let (_, prices) =
            by_resource.entry(row.resource).or_insert_with(|| (&row.room_type, Vec::new()));
        prices.push(row.price_per_night.minor());
    }
    let room = |(resource, (room_type, mut prices)): (ResourceId, (&Label, Vec<u64>))| {
        prices.sort_unstable();
        let price_per_night = Money::try_new(prices[prices.len() / 2], hotel::currency())
            .expect("it is the price of a row");
        let capacity = limits.get(&resource).copied().unwrap_or(0);
        (resource, Room { kind: room_type.clone(), capacity, price_per_night })
    };
    by_resource.into_iter().map(room).collect()
}
