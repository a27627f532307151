//! The newest events in memory, and a wake-up when the head of the log moves.
//!
//! Projections of the owning process are fed from here without a database read. Other processes have an empty tail and
//! learn of the head by polling.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::RwLock;
use tokio::sync::watch;

use crate::event::{Position, Recorded};

const TAIL_BYTES: usize = 16 << 20;

pub(crate) struct Tail {
    events: RwLock<Ring>,
    head: watch::Sender<Position>,
}

#[derive(Default)]
struct Ring {
    events: VecDeque<Arc<Recorded>>,
    bytes: usize,
}

impl Tail {
    pub(crate) fn new() -> Self {
        Self { events: RwLock::default(), head: watch::Sender::new(Position::START) }
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    pub(crate) fn head(&self) -> Position {
        *self.head.borrow()
    }

    /// Adds committed events, in order, and wakes whoever waits.
    pub(crate) fn push(&self, events: impl IntoIterator<Item = Recorded>) {
        let mut last = None;
        {
            let mut ring = self.events.write();
            for event in events {
                last = Some(event.position);
                ring.push(event);
            }
        }
        if let Some(head) = last {
            self.advance(head);
        }
    }

    /// Tells that the log reaches at least this far.
    pub(crate) fn advance(&self, head: Position) {
        self.head.send_if_modified(|known| {
            let moved = head > *known;
            if moved {
                *known = head;
            }
            moved
        });
    }

    /// Forgets the events: after another process may have written, they are no longer contiguous with what follows.
    pub(crate) fn clear(&self) {
        *self.events.write() = Ring::default();
    }

    /// The events after a position, or `None` if the tail does not reach back so far. Nor may it reach far enough: the
    /// head can be seen in the database before the committer has passed the events on.
    pub(crate) fn after(&self, position: Position, limit: usize) -> Option<Vec<Arc<Recorded>>> {
        let events: Vec<_> = {
            let ring = self.events.read();
            let first = ring.events.front()?.position;
            let skip = usize::try_from(position.get() + 1 - first.get()).ok()?;
            ring.events.iter().skip(skip).take(limit).cloned().collect()
        };
        let is_short = events.is_empty() && self.head() > position;
        (!is_short).then_some(events)
    }
}

impl Ring {
    fn push(&mut self, event: Recorded) {
        if self.events.back().is_some_and(|last| last.position.plus(1) != event.position) {
            *self = Self::default();
        }
        self.bytes += weight(&event);
        self.events.push_back(Arc::new(event));
        while self.bytes > TAIL_BYTES {
            let Some(oldest) = self.events.pop_front() else { break };
            self.bytes -= weight(&oldest);
        }
    }
}

fn weight(event: &Recorded) -> usize {
    event.payload.len() + event.metadata.len() + event.aggregate_id.len() + 256
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use uuid::Uuid;

    use super::*;

    fn event(position: i64) -> Recorded {
        Recorded {
            position: Position::new(position),
            aggregate_type: "stock".to_owned(),
            aggregate_id: "one".to_owned(),
            sequence: position,
            event_type: "taken".to_owned(),
            event_version: "1.0".to_owned(),
            payload: "{}".to_owned(),
            metadata: "{}".to_owned(),
            event_id: Uuid::nil(),
            recorded_at: DateTime::UNIX_EPOCH,
        }
    }

    fn positions(tail: &Tail, after: i64) -> Option<Vec<i64>> {
        let events = tail.after(Position::new(after), 10)?;
        Some(events.iter().map(|event| event.position.get()).collect())
    }

    #[test]
    fn a_tail_gives_what_it_has_and_says_what_it_lacks() {
        let tail = Tail::new();
        tail.push((5..8).map(event));
        assert_eq!(positions(&tail, 4), Some(vec![5, 6, 7]));
        assert_eq!(positions(&tail, 7), Some(vec![]));
        assert_eq!(positions(&tail, 3), None);
    }

    #[test]
    fn a_head_seen_before_its_events_sends_the_reader_to_the_database() {
        let tail = Tail::new();
        tail.push((5..8).map(event));
        tail.advance(Position::new(9));
        assert_eq!(positions(&tail, 7), None);
        assert_eq!(positions(&tail, 6), Some(vec![7]));
    }
}
