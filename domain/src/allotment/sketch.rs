//! The hall as one command finds it: what ended by then, and what the booking itself gives up, is free.

use std::borrow::Cow;
use std::collections::HashMap;

use super::hall::{Hall, SeatIndex, SeatState, first_stretch, longest_stretch};

/// A hall with some rows drawn anew, which leaves the hall itself alone.
pub(super) struct Sketch<'a> {
    hall: &'a Hall,
    rows: HashMap<usize, Vec<SeatState>>,
}

impl<'a> Sketch<'a> {
    pub(super) fn new(hall: &'a Hall) -> Self {
        Self { hall, rows: HashMap::new() }
    }

    pub(super) fn state(&self, seat: SeatIndex) -> SeatState {
        let Some(row) = self.hall.row_of(seat) else { return SeatState::Free };
        match self.rows.get(&row) {
            Some(states) => states[self.hall.row(row).offset(seat)],
            None => self.hall.state(seat),
        }
    }

    pub(super) fn set(&mut self, seat: SeatIndex, state: SeatState) {
        if let Some(row) = self.hall.row_of(seat) {
            let offset = self.hall.row(row).offset(seat);
            self.drawn(row)[offset] = state;
        }
    }

    pub(super) fn are_free(&self, seats: &[SeatIndex]) -> bool {
        seats.iter().all(|seat| self.state(*seat) == SeatState::Free)
    }

    /// Takes seats for this command.
    pub(super) fn take(&mut self, seats: &[SeatIndex]) {
        for seat in seats {
            self.set(*seat, SeatState::Held);
        }
    }

    /// Takes the best free seats of a pool, side by side as far as can be; none if there are too few.
    pub(super) fn take_best(&mut self, pool: usize, seats: u32) -> Option<Vec<SeatIndex>> {
        let mut longest = Cow::Borrowed(self.hall.longest(pool));
        for (row, states) in &self.rows {
            if let Some((_, place)) = self.hall.row(*row).pool.filter(|(owner, _)| *owner == pool) {
                longest.to_mut().set(place, longest_stretch(states));
            }
        }
        let (mut best, mut left) = (Vec::new(), seats);
        while left > 0 {
            let together = left.min(longest.longest());
            if together == 0 {
                return None;
            }
            let place = longest.first(together)?;
            let row = self.hall.row_of_pool(pool, place);
            best.extend(self.take_stretch(row, together as usize)?);
            left -= together;
            if left > 0 {
                longest.to_mut().set(place, longest_stretch(self.drawn(row)));
            }
        }
        best.sort_unstable();
        Some(best)
    }

    fn take_stretch(&mut self, row: usize, seats: usize) -> Option<Vec<SeatIndex>> {
        let hall = self.hall;
        let states = self.drawn(row);
        let start = first_stretch(states, seats)?;
        states[start..start + seats].fill(SeatState::Held);
        Some((start..start + seats).map(|offset| hall.row(row).seat(offset)).collect())
    }

    fn drawn(&mut self, row: usize) -> &mut Vec<SeatState> {
        self.rows.entry(row).or_insert_with(|| self.hall.states_of(row).to_vec())
    }
}
