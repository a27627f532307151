//! What a plan comes to once the inventory is asked: who is free, and in which seats.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::TimeDelta;
use daybook_domain::{
    allotment::{Allotment, Item, Seating},
    booking::{Demands, Line, Places},
    calendar::{Calendar, Take},
    values::{BookingId, CalendarId, Code, Quantity, Seat, SessionId, TimeRange, Timestamp},
};
use daybook_event_store::Unit;

use super::{
    Stop,
    inventory::Taking,
    lines::{Plan, Planned},
    times::{Candidate, Choice, limit_reached},
    vouchers::Drawing,
    waiting,
};

impl Plan {
    /// Chooses who is taken, takes the places of sessions and finds out their seats. What is taken of calendars is
    /// left to be decided. `touched` are the sessions that the booking takes something of before or after; with a voucher,
    /// it draws on what is set aside for it.
    pub(super) fn settle(
        &self,
        unit: &mut Unit,
        taking: Taking,
        touched: &BTreeSet<SessionId>,
        mut drawing: Option<&mut Drawing>,
    ) -> Result<Vec<Line>, Stop> {
        let mut lines: Vec<Line> = Vec::with_capacity(self.lines.len());
        // whoever is kept free for those who wait is not free
        waiting::serve_calendars(unit, &self.inventory().calendars, taking.at)?;
        for planned in &self.lines {
            lines.push(match planned {
                Planned::Fixed(line) => line.clone(),
                Planned::Choice(choice) => {
                    let asking = Asking { chosen: &lines, taking, drawing: drawing.as_deref() };
                    Line::Time(choose(unit, choice, asking)?.line.clone())
                }
                Planned::Seating(places, _) => Line::Places(places.clone()),
            });
        }
        if let Some(drawing) = drawing.as_deref_mut() {
            drawing.ask_for(&lines);
        }
        if !touched.is_empty() {
            let demands = Demands { sessions: self.items(), ..Demands::default() };
            taking.of_sessions(unit, touched, &demands, drawing)?;
            self.seat(unit, taking, &mut lines);
        }
        Ok(lines)
    }

    /// What is asked of each session.
    fn items(&self) -> BTreeMap<SessionId, Vec<Item>> {
        let mut items: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for planned in &self.lines {
            if let Some((places, item)) = planned.places() {
                items.entry(places.session()).or_default().push(item);
            }
        }
        items
    }

    /// Writes into each line the seats that its session found for it: those it chose, or its part of the others.
    fn seat(&self, unit: &mut Unit, taking: Taking, lines: &mut [Line]) {
        let mut found: HashMap<(SessionId, &Code), Found> = HashMap::new();
        for item in self.lines.iter().filter_map(Planned::asked) {
            let (session, Item { offer, quantity, seating }) = item;
            let found = found.entry((session, offer)).or_insert_with(|| {
                let takes = unit.state::<Allotment>(session).takes_of(taking.booking);
                let of_offer = takes.into_iter().find(|take| take.offer == *offer);
                Found { seats: of_offer.map_or_else(Vec::new, |take| take.seats), anywhere: 0 }
            });
            match seating {
                Seating::Chosen(chosen) => found.seats.retain(|seat| !chosen.contains(seat)),
                Seating::BestAvailable => found.anywhere += quantity.get(),
                Seating::Unseated => {}
            }
        }
        for (planned, line) in self.lines.iter().zip(lines) {
            let (Some((session, item)), Line::Places(places)) = (planned.asked(), &*line) else {
                continue;
            };
            let seats = match &item.seating {
                Seating::Unseated => continue,
                Seating::Chosen(seats) => seats.clone(),
                Seating::BestAvailable => found
                    .get_mut(&(session, &item.offer))
                    .map_or_else(Vec::new, |found| found.part(item.quantity.get())),
            };
            *line = Line::Places(places.clone().seated(seats));
        }
    }
}

impl Planned {
    /// The places that a line asks for.
    pub(super) fn places(&self) -> Option<(Places, Item)> {
        match self {
            Self::Fixed(Line::Places(places)) => Some((places.clone(), places.item())),
            Self::Seating(places, item) => Some((places.clone(), item.clone())),
            Self::Fixed(Line::Nights(_) | Line::Time(_) | Line::AddOn(_)) | Self::Choice(_) => None,
        }
    }

    /// What a line whose seats are to be found asks of its session.
    fn asked(&self) -> Option<(SessionId, &Item)> {
        match self {
            Self::Seating(places, item) => Some((places.session(), item)),
            Self::Fixed(_) | Self::Choice(_) => None,
        }
    }
}

/// The seats of one offer that no line has chosen, and for how many they are.
struct Found {
    seats: Vec<Seat>,
    anywhere: u32,
}

impl Found {
    /// The seats of the next so many.
    fn part(&mut self, quantity: u32) -> Vec<Seat> {
        let each = self.seats.len() / self.anywhere.max(1) as usize;
        self.anywhere -= quantity.min(self.anywhere);
        let rest = self.seats.split_off((each * quantity as usize).min(self.seats.len()));
        std::mem::replace(&mut self.seats, rest)
    }
}

/// Who asks for one of several candidates.
#[derive(Clone, Copy)]
struct Asking<'a> {
    /// What other lines of the booking have chosen.
    chosen: &'a [Line],
    taking: Taking,
    drawing: Option<&'a Drawing>,
}

/// A candidate that is free, as far as limits allow; if none is, the first that limits allow, whose calendar will say
/// what stands in the way.
fn choose<'a>(
    unit: &mut Unit,
    Choice { candidates, by_bookings }: &'a Choice,
    asking: Asking<'_>,
) -> Result<&'a Candidate, Stop> {
    let taking = asking.taking;
    let mut allowed =
        candidates.iter().filter(|one| is_within_limits(unit, one, taking)).collect::<Vec<_>>();
    if let [only] = *allowed {
        return Ok(only);
    }
    let first = allowed.first().copied();
    allowed.retain(|one| is_free(unit, one, asking));
    if *by_bookings {
        allowed.sort_by_cached_key(|one| (begun_that_day(unit, one, taking), one.line.resource()));
    }
    allowed.first().copied().or(first).ok_or_else(|| Stop::Problem(limit_reached()))
}

/// How many bookings of a candidate begin on the date of the line.
fn begun_that_day(unit: &mut Unit, candidate: &Candidate, taking: Taking) -> usize {
    let line = &candidate.line;
    let day = line.zone().day_of(line.plain().start());
    let begun = |calendar| unit.state::<Calendar>(calendar).begun_within(day, taking.at).count();
    line.takes().into_keys().map(begun).sum()
}

fn is_within_limits(unit: &mut Unit, candidate: &Candidate, taking: Taking) -> bool {
    candidate.windows.iter().all(|window| {
        let calendars: Vec<_> = candidate.calendars_of(window).collect();
        let mut begun = begun_within(unit, &calendars, window.time, taking.at);
        begun.remove(&taking.booking);
        begun.len() < window.most.get() as usize
    })
}

/// The bookings that begin within a time, by the calendars of one resource in order. The first is asked only which of
/// them run on into the next.
fn begun_within(
    unit: &mut Unit,
    calendars: &[CalendarId],
    time: TimeRange,
    at: Timestamp,
) -> BTreeSet<BookingId> {
    let mut begun = BTreeSet::new();
    for pair in calendars.windows(2) {
        let [before, calendar] = pair else { continue };
        let state = unit.state::<Calendar>(calendar);
        let Some(month) = state.time() else { continue };
        let mut here: BTreeSet<_> = state.begun_within(time, at).collect();
        let later = TimeRange::try_new(month.start() + TimeDelta::minutes(1), time.end());
        let later: BTreeSet<_> =
            later.into_iter().flat_map(|later| state.begun_within(later, at)).collect();
        let before = unit.state::<Calendar>(before);
        let runs_on = |booking: &BookingId| {
            before.takes_of(*booking).iter().any(|take| match take {
                Take::Time { time, .. } => time.range().end() == month.start(),
                Take::Nights { .. } => false,
            })
        };
        here.retain(|booking| later.contains(booking) || !runs_on(booking));
        begun.extend(here);
    }
    begun
}

/// Whether there is room beside what other lines of the booking have chosen of the same resource.
fn is_free(unit: &mut Unit, candidate: &Candidate, asking: Asking<'_>) -> bool {
    let own: u32 = asking
        .chosen
        .iter()
        .filter_map(|line| match line {
            Line::Time(time) if time.resource() == candidate.line.resource() => {
                Some(time.occupies().get())
            }
            Line::Time(_) | Line::Nights(_) | Line::Places(_) | Line::AddOn(_) => None,
        })
        .sum();
    let asked = own.saturating_add(candidate.line.occupies().get());
    candidate.line.takes().into_iter().all(|(calendar, take)| {
        let state = unit.state::<Calendar>(calendar);
        match (take, Quantity::try_new(asked)) {
            (Take::Time { time, .. }, Ok(quantity)) if state.month().is_some() => {
                // what the booking has until now is its own to take again
                let takes = vec![Take::Time { time, quantity }];
                let command = match asking.drawing {
                    Some(drawing) => drawing.for_one(state, &candidate.line, takes, asking.taking),
                    None => asking.taking.command(takes),
                };
                state.decide(command).is_ok()
            }
            (Take::Time { .. } | Take::Nights { .. }, _) => asked <= candidate.most,
        }
    })
}
