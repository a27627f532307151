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

    /// The events after a position, or `None` if the tail does not reach back so far.
    pub(crate) fn after(&self, position: Position, limit: usize) -> Option<Vec<Arc<Recorded>>> {
        let ring = self.events.read();
        let first = ring.events.front()?.position;
        let skip = usize::try_from(position.get() + 1 - first.get()).ok()?;
        Some(ring.events.iter().skip(skip).take(limit).cloned().collect())
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
