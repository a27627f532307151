//! What all bookings together have of what is set aside for a voucher.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::Block;
use super::levels::Levels;
use crate::calendar::Take;
use crate::values::{
    BusyTime, Code, DayRange, Minutes, Quantity, ResourceId, SessionId, Timestamp,
};

/// How many of each offer, on each night and at each time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Drawn {
    places: BTreeMap<(SessionId, Code), u32>,
    nights: BTreeMap<ResourceId, Levels<NaiveDate>>,
    times: BTreeMap<ResourceId, Levels<Timestamp>>,
}

impl Drawn {
    /// How many of an offer.
    pub(super) fn of_offer(&self, session: SessionId, offer: &Code) -> u32 {
        self.places.get(&(session, offer.clone())).copied().unwrap_or(0)
    }

    /// What is left of a take of a resource.
    pub(super) fn left_of(&self, resource: ResourceId, take: Take) -> Vec<Take> {
        match take {
            Take::Nights { days, quantity } => {
                let Some(levels) = self.nights.get(&resource) else { return vec![take] };
                let left = |(stretch, drawn): (std::ops::Range<_>, u32)| {
                    let days = DayRange::try_new(stretch.start, stretch.end).ok()?;
                    let quantity = left(quantity, drawn)?;
                    Some(Take::Nights { days, quantity })
                };
                levels.over(days.first()..days.end()).into_iter().filter_map(left).collect()
            }
            Take::Time { time, quantity } => {
                let Some(levels) = self.times.get(&resource) else { return vec![take] };
                let left = |(stretch, drawn): (std::ops::Range<_>, u32)| {
                    let none = Minutes::default();
                    let time = BusyTime::from_parts(stretch.start, stretch.end, none, none).ok()?;
                    let quantity = left(quantity, drawn)?;
                    Some(Take::Time { time, quantity })
                };
                let time = time.range();
                levels.over(time.start()..time.end()).into_iter().filter_map(left).collect()
            }
        }
    }

    pub(super) fn add(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Places { session, offer, quantity } => {
                    let drawn = self.places.entry((*session, offer.clone())).or_default();
                    *drawn = drawn.saturating_add(quantity.get());
                }
                Block::Nights { resource, days, quantity } => {
                    let levels = self.nights.entry(*resource).or_default();
                    levels.add(days.first()..days.end(), quantity.get());
                }
                Block::Time { resource, time, quantity } => {
                    let (levels, time) = (self.times.entry(*resource).or_default(), time.range());
                    levels.add(time.start()..time.end(), quantity.get());
                }
            }
        }
    }

    pub(super) fn subtract(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Places { session, offer, quantity } => {
                    let key = (*session, offer.clone());
                    if let Some(drawn) = self.places.get_mut(&key) {
                        *drawn = drawn.saturating_sub(quantity.get());
                        if *drawn == 0 {
                            self.places.remove(&key);
                        }
                    }
                }
                Block::Nights { resource, days, quantity } => {
                    let levels = self.nights.entry(*resource).or_default();
                    levels.subtract(days.first()..days.end(), quantity.get());
                    if levels.is_empty() {
                        self.nights.remove(resource);
                    }
                }
                Block::Time { resource, time, quantity } => {
                    let (levels, time) = (self.times.entry(*resource).or_default(), time.range());
                    levels.subtract(time.start()..time.end(), quantity.get());
                    if levels.is_empty() {
                        self.times.remove(resource);
                    }
                }
            }
        }
    }

    /// About how many bytes it takes beyond its own size.
    pub(super) fn weight(&self) -> usize {
        let changes = self.nights.values().map(Levels::len).sum::<usize>()
            + self.times.values().map(Levels::len).sum::<usize>();
        let places = self.places.len() * (size_of::<(SessionId, Code)>() + Code::MAX);
        let resources = self.nights.len() + self.times.len();
        (places + resources * 2 * size_of::<ResourceId>() + changes * size_of::<(Timestamp, u32)>())
            * 2
    }
}

fn left(quantity: Quantity, drawn: u32) -> Option<Quantity> {
    Quantity::try_new(quantity.get().saturating_sub(drawn)).ok()
}
