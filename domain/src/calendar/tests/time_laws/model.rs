//! The model: a plain list that is counted anew, minute by minute, for every question.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::calendar::{Command, Obstacle, Point, Take};
use crate::testing::{booking, month, zone};
use crate::values::{BlockId, BookingId, Limits, Timestamp};

/// Only the first minutes of the month are asked for.
pub(super) const MINUTES: usize = 100;

/// What is taken in each of them.
pub(super) type Counts = [u32; MINUTES];

/// Times with their buffers, each with how many: first minute, end, minutes of buffer before and after.
pub(super) type Times = BTreeMap<(usize, usize, usize, usize), u32>;

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) times: Times,
    until: Option<Timestamp>,
    /// Whether it counted in every decision that gave room away since it was made.
    assured: bool,
}

impl Entry {
    pub(super) fn counts_at(&self, at: Timestamp) -> bool {
        self.until.is_none_or(|until| until > at)
    }
}

/// The plainest calendar there is.
pub(super) struct Model {
    pub(super) limits: Limits,
    pub(super) latest: Option<Timestamp>,
    pub(super) entries: BTreeMap<BookingId, Entry>,
    pub(super) blocks: BTreeMap<BlockId, Times>,
}

#[derive(Debug, PartialEq)]
pub(super) enum Answer {
    Accepted,
    Nothing,
    Refused,
    /// From this minute on, with so many free and so many asked for.
    Lacking(usize, u32, u32, Obstacle),
}

/// What others have at a minute.
#[derive(Clone, Copy, Default)]
pub(super) struct Others {
    sold: u32,
    held: u32,
    blocked: u32,
}

impl Others {
    pub(super) fn all(self) -> u32 {
        self.sold + self.held + self.blocked
    }
}

impl Model {
    pub(super) fn others(&self, minute: usize, at: Timestamp, except: BookingId) -> Others {
        let mut others = Others::default();
        for (_, entry) in
            self.entries.iter().filter(|(id, own)| **id != except && own.counts_at(at))
        {
            let kind = if entry.until.is_some() { &mut others.held } else { &mut others.sold };
            *kind += counts(&entry.times)[minute];
        }
        others.blocked = self.blocks.values().map(|times| counts(times)[minute]).sum();
        others
    }

    fn lacking(&self, who: BookingId, asked: &Counts, at: Timestamp) -> Option<Answer> {
        let own = self.entries.get(&who).filter(|own| own.assured && own.counts_at(at));
        let own = own.map_or(Counts::from([0; MINUTES]), |own| counts(&own.times));
        let total = self.limits.total();
        (0..asked.len()).find_map(|minute| {
            let others = self.others(minute, at, who);
            let n = asked[minute];
            let obstacle = match () {
                () if n <= own[minute] || others.all() + n <= total => return None,
                () if others.sold + others.blocked + n <= total => Obstacle::Held,
                () if others.sold + n <= total => Obstacle::Blocked,
                () => Obstacle::Sold,
            };
            let free = total.saturating_sub(others.all());
            Some(Answer::Lacking(minute, free, n, obstacle))
        })
    }

    fn gave(&mut self, at: Timestamp) -> Answer {
        self.latest = self.latest.max(Some(at));
        for entry in self.entries.values_mut() {
            entry.assured = entry.until.is_none_or(|until| Some(until) > self.latest);
        }
        Answer::Accepted
    }

    /// What the calendar must answer; what is accepted is done here too.
    pub(super) fn answer(&mut self, command: &Command) -> Answer {
        match command {
            Command::Open { .. } | Command::SetAside { .. } | Command::Draw { .. } => {
                Answer::Nothing
            }
            Command::ChangeLimits { limits, .. } => {
                let before = std::mem::replace(&mut self.limits, *limits);
                if before == *limits { Answer::Nothing } else { Answer::Accepted }
            }
            Command::Allocate { booking, takes, until, at } => {
                let refused = self.entries.contains_key(booking) || takes.is_empty();
                if refused { Answer::Refused } else { self.put(*booking, takes, *until, *at) }
            }
            Command::Reallocate { booking, takes, .. } if takes.is_empty() => {
                self.release(*booking, 0)
            }
            Command::Reallocate { booking, takes, until, at } => {
                let same = self.entries.get(booking).is_some_and(|own| {
                    own.times == times(takes)
                        && own.until == *until
                        && own.assured
                        && own.counts_at(*at)
                });
                if same { Answer::Nothing } else { self.put(*booking, takes, *until, *at) }
            }
            Command::Confirm { booking, at } => self.confirm(*booking, *at),
            Command::Release { booking, from, .. } => match from {
                None => self.release(*booking, 0),
                Some(Point::Instant(at)) => self.release(*booking, minute(*at)),
                Some(Point::Day(_)) => Answer::Refused,
            },
            Command::Block { block, takes, at, .. } => self.block(*block, takes, *at),
            Command::Unblock { block, .. } => match self.blocks.remove(block) {
                Some(_) => Answer::Accepted,
                None => Answer::Nothing,
            },
        }
    }

    fn put(
        &mut self,
        who: BookingId,
        takes: &[Take],
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Answer {
        if until.is_some_and(|until| until <= at) {
            return Answer::Refused;
        }
        let times = times(takes);
        if let Some(lacking) = self.lacking(who, &counts(&times), at) {
            return lacking;
        }
        self.entries.insert(who, Entry { times, until, assured: true });
        self.gave(at)
    }

    fn confirm(&mut self, who: BookingId, at: Timestamp) -> Answer {
        let Some(own) = self.entries.get(&who).cloned() else { return Answer::Refused };
        if own.until.is_none() {
            return Answer::Nothing;
        }
        if !own.counts_at(at) || self.lacking(who, &counts(&own.times), at).is_some() {
            return Answer::Refused;
        }
        self.entries.insert(who, Entry { until: None, ..own });
        self.gave(at)
    }

    fn release(&mut self, who: BookingId, from: usize) -> Answer {
        let Some(own) = self.entries.get_mut(&who) else { return Answer::Nothing };
        let mut left = Times::new();
        for ((first, end, before, after), n) in &own.times {
            if *first < from {
                let kept = from.min(*end);
                let after = kept.saturating_sub(end - after);
                *left.entry((*first, kept, (*before).min(kept - first), after)).or_default() += n;
            }
        }
        let changed = own.times != left;
        if left.is_empty() {
            self.entries.remove(&who);
        } else {
            own.times = left;
        }
        if changed { Answer::Accepted } else { Answer::Nothing }
    }

    fn block(&mut self, block: BlockId, takes: &[Take], at: Timestamp) -> Answer {
        let asked = times(takes);
        match self.blocks.get(&block) {
            _ if takes.is_empty() => return Answer::Refused,
            Some(there) if *there == asked => return Answer::Nothing,
            Some(_) => return Answer::Refused,
            None => {}
        }
        if let Some(lacking) = self.lacking(booking(99), &counts(&asked), at) {
            return lacking;
        }
        self.blocks.insert(block, asked);
        self.gave(at)
    }
}

pub(super) fn start() -> Timestamp {
    month(11).time(zone("America/New_York")).start()
}

pub(super) fn minute(at: Timestamp) -> usize {
    usize::try_from((at - start()).num_minutes()).expect("an instant of the month")
}

pub(super) fn instant(minute: usize) -> Timestamp {
    start() + TimeDelta::minutes(minute.try_into().expect("a minute of the month"))
}

pub(super) fn times(takes: &[Take]) -> Times {
    let mut times = Times::new();
    for take in takes {
        let Take::Time { time, quantity } = take else { panic!("days in a calendar by times") };
        let (all, buffers) = (time.range(), [time.before(), time.after()]);
        let [before, after] = buffers.map(|buffer| usize::try_from(buffer.get()).expect("a few"));
        let key = (minute(all.start()), minute(all.end()), before, after);
        *times.entry(key).or_default() += quantity.get();
    }
    times
}

pub(super) fn counts(times: &Times) -> Counts {
    let mut counts = [0; MINUTES];
    for ((first, end, ..), n) in times {
        counts[*first..*end].iter_mut().for_each(|count| *count += n);
    }
    counts
}
