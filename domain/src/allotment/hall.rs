//! Which seats are free, indexed so that looking for the best costs the same however full the hall is.
//!
//! Seats are counted through in the order of the seat map. For each pool a tree over its rows knows
//! the longest stretch of free seats, so the first row with enough of them is found without looking
//! at the rows before it.

use super::longest::Longest;
use super::refusal::Obstacle;
use super::{SeatMap, Session};
use crate::values::{Seat, Timestamp};

/// A seat by its place on the seat map.
pub(super) type SeatIndex = u32;

/// Whether a seat can be had.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum SeatState {
    #[default]
    Free,
    Held,
    Sold,
    Blocked,
}

impl SeatState {
    /// What an allocation makes of its seats.
    pub(super) fn taken(until: Option<Timestamp>) -> Self {
        if until.is_some() { Self::Held } else { Self::Sold }
    }

    /// What stands in the way of a seat, if anything does.
    pub(super) fn obstacle(self) -> Option<Obstacle> {
        match self {
            Self::Free => None,
            Self::Held => Some(Obstacle::Held),
            Self::Sold => Some(Obstacle::Sold),
            Self::Blocked => Some(Obstacle::Blocked),
        }
    }
}

/// The seats of one row among all seats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HallRow {
    section: usize,
    row: usize,
    first: SeatIndex,
    length: u32,
    /// The pool it belongs to, and its place among the rows of that pool.
    pub(super) pool: Option<(usize, usize)>,
}

impl HallRow {
    fn range(&self) -> std::ops::Range<usize> {
        self.first as usize..(self.first + self.length) as usize
    }

    /// The seat so many places from the start of the row.
    pub(super) fn seat(&self, offset: usize) -> SeatIndex {
        self.first + u32::try_from(offset).unwrap_or(0)
    }

    /// How far from the start of the row a seat is.
    pub(super) fn offset(&self, seat: SeatIndex) -> usize {
        (seat - self.first) as usize
    }
}

/// The rows of one pool, the best first.
#[derive(Clone, Debug, PartialEq, Eq)]
struct PoolRows {
    rows: Vec<usize>,
    longest: Longest,
    seats: u32,
}

/// All seats of a session; none if it has no seat map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hall {
    rows: Vec<HallRow>,
    /// The first row of each section.
    sections: Vec<usize>,
    states: Vec<SeatState>,
    pools: Vec<PoolRows>,
}

impl Hall {
    /// The hall of a session, with every seat free.
    pub(super) fn new(session: &Session) -> Self {
        let mut hall = Self::default();
        if let Some(map) = &session.details().seat_map {
            hall.add_rows(map, session);
        }
        for pool in 0..session.details().pools.len() {
            let of_pool =
                |row: &usize| hall.rows[*row].pool.is_some_and(|(owner, _)| owner == pool);
            let rows: Vec<_> = (0..hall.rows.len()).filter(of_pool).collect();
            let lengths = || rows.iter().map(|row| hall.rows[*row].length);
            let (longest, seats) = (Longest::new(lengths()), lengths().sum());
            hall.pools.push(PoolRows { rows, longest, seats });
        }
        hall
    }

    fn add_rows(&mut self, map: &SeatMap, session: &Session) {
        let mut counts = vec![0; session.details().pools.len()];
        let mut first = 0;
        for (section, of) in map.sections().iter().enumerate() {
            let owner =
                session.details().pools.iter().position(|pool| pool.sections.contains(&of.code));
            self.sections.push(self.rows.len());
            for (row, of) in of.rows.iter().enumerate() {
                let length = u32::try_from(of.seats.len()).unwrap_or(0); // far fewer: see the map
                let pool = owner.map(|pool| {
                    counts[pool] += 1;
                    (pool, counts[pool] - 1)
                });
                self.rows.push(HallRow { section, row, first, length, pool });
                first += length;
            }
        }
        self.states = vec![SeatState::Free; first as usize];
    }

    /// The seat with a name, if there is one.
    pub(super) fn find(&self, map: Option<&SeatMap>, seat: &Seat) -> Option<SeatIndex> {
        let sections = map?.sections();
        let section = sections.iter().position(|section| section.code == seat.section)?;
        let rows = &sections[section].rows;
        let row = rows.iter().position(|row| row.name == seat.row)?;
        let offset = rows[row].seats.iter().position(|number| *number == seat.number)?;
        Some(self.rows.get(self.sections[section] + row)?.seat(offset))
    }

    /// The name of a seat.
    pub(super) fn name(&self, map: Option<&SeatMap>, seat: SeatIndex) -> Option<Seat> {
        let own = self.row(self.row_of(seat)?);
        let section = map?.sections().get(own.section)?;
        let row = section.rows.get(own.row)?;
        let number = *row.seats.get(own.offset(seat))?;
        Some(Seat { section: section.code.clone(), row: row.name.clone(), number })
    }

    /// The row a seat stands in.
    pub(super) fn row_of(&self, seat: SeatIndex) -> Option<usize> {
        let after = self.rows.partition_point(|row| row.first <= seat);
        ((seat as usize) < self.states.len()).then(|| after - 1)
    }

    pub(super) fn row(&self, row: usize) -> &HallRow {
        &self.rows[row]
    }

    /// The seats of a row, side by side.
    pub(super) fn states_of(&self, row: usize) -> &[SeatState] {
        &self.states[self.rows[row].range()]
    }

    pub(super) fn state(&self, seat: SeatIndex) -> SeatState {
        self.states.get(seat as usize).copied().unwrap_or_default()
    }

    /// The pool a seat belongs to.
    pub(super) fn pool_of(&self, seat: SeatIndex) -> Option<usize> {
        self.row(self.row_of(seat)?).pool.map(|(pool, _)| pool)
    }

    /// The row at a place among those of a pool.
    pub(super) fn row_of_pool(&self, pool: usize, place: usize) -> usize {
        self.pools[pool].rows[place]
    }

    /// The longest stretches of free seats in the rows of a pool.
    pub(super) fn longest(&self, pool: usize) -> &Longest {
        &self.pools[pool].longest
    }

    pub(super) fn set(&mut self, seat: SeatIndex, state: SeatState) {
        let Some(row) = self.row_of(seat) else { return };
        self.states[seat as usize] = state;
        if let Some((pool, place)) = self.rows[row].pool {
            let longest = longest_stretch(self.states_of(row));
            self.pools[pool].longest.set(place, longest);
        }
    }

    /// The blocked seats, in order.
    pub(super) fn blocked(&self) -> impl Iterator<Item = SeatIndex> {
        let blocked = |(_, state): &(u32, &SeatState)| **state == SeatState::Blocked;
        (0..).zip(&self.states).filter(blocked).map(|(seat, _)| seat)
    }

    /// How many seats a pool has; none if its places have no seats.
    pub(super) fn size(&self, pool: usize) -> u32 {
        self.pools.get(pool).map_or(0, |pool| pool.seats)
    }

    pub(super) fn weight(&self) -> usize {
        let row = size_of::<HallRow>() + size_of::<usize>() + 2 * size_of::<u32>();
        self.rows.capacity() * row + self.states.capacity() * size_of::<SeatState>()
    }
}

/// How many free seats stand side by side at most.
pub(super) fn longest_stretch(row: &[SeatState]) -> u32 {
    let (mut longest, mut length) = (0, 0);
    for state in row {
        length = if *state == SeatState::Free { length + 1 } else { 0 };
        longest = longest.max(length);
    }
    longest
}

/// Where the first so many free seats side by side begin.
pub(super) fn first_stretch(row: &[SeatState], seats: usize) -> Option<usize> {
    let mut length = 0;
    for (offset, state) in row.iter().enumerate() {
        length = if *state == SeatState::Free { length + 1 } else { 0 };
        if length == seats {
            return Some(offset + 1 - seats);
        }
    }
    None
}
