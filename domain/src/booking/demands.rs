//! What lines ask of the inventory.

use std::collections::BTreeMap;

use super::Line;
use crate::add_on::Ask;
use crate::allotment::Item;
use crate::calendar::Take;
use crate::values::{AddOnId, CalendarId, SessionId};

/// What lines take of each calendar, of each session and of each add-on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demands {
    /// Days or times of resources; what spans months takes part of all of them.
    pub calendars: BTreeMap<CalendarId, Vec<Take>>,
    /// Places of sessions.
    pub sessions: BTreeMap<SessionId, Vec<Item>>,
    /// Pieces of add-ons.
    pub add_ons: BTreeMap<AddOnId, Vec<Ask>>,
}

impl Demands {
    /// What lines take together.
    pub fn of(lines: &[Line]) -> Self {
        let mut demands = Self::default();
        for line in lines {
            demands.add(line);
        }
        demands
    }

    fn add(&mut self, line: &Line) {
        match line {
            Line::Nights(nights) => {
                for (month, days) in nights.stay().days().split_by_month() {
                    let calendar = CalendarId { resource: nights.resource(), month };
                    let take = Take::Nights { days, quantity: nights.quantity() };
                    self.calendars.entry(calendar).or_default().push(take);
                }
            }
            Line::Time(time) => {
                for (calendar, take) in time.takes() {
                    self.calendars.entry(calendar).or_default().push(take);
                }
            }
            Line::AddOn(addition) => {
                self.add_ons.entry(addition.add_on()).or_default().push(addition.ask());
            }
            Line::Places(places) => {
                self.sessions.entry(places.session()).or_default().push(places.item());
            }
        }
    }
}
