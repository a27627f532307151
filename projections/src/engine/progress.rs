//! How far each model has come, as this process knows.

use daybook_event_store::Position;
use tokio::sync::watch;

use crate::name::ModelName;

/// Two watches per model: the position of its live checkpoint, `None` until its tables are there, and the furthest
/// position that a query is waiting for.
pub(crate) struct Progress {
    watches: [watch::Sender<Option<Position>>; ModelName::ALL.len()],
    wanted: [watch::Sender<Position>; ModelName::ALL.len()],
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            watches: ModelName::ALL.map(|_| watch::Sender::new(None)),
            wanted: ModelName::ALL.map(|_| watch::Sender::new(Position::START)),
        }
    }

    /// How far a model is known to have come.
    pub(crate) fn position(&self, model: ModelName) -> Position {
        self.known(model).unwrap_or_default()
    }

    pub(crate) fn known(&self, model: ModelName) -> Option<Position> {
        *self.watches[model.index()].borrow()
    }

    /// Notes that a model has come this far. It never goes back: a new generation is switched to once it has caught up.
    pub(crate) fn advance(&self, model: ModelName, position: Position) {
        self.watches[model.index()].send_if_modified(|known| {
            let moved = known.is_none_or(|known| known < position);
            if moved {
                *known = Some(position);
            }
            moved
        });
    }

    /// Notes that a query waits for a model to come this far.
    pub(crate) fn want(&self, model: ModelName, position: Position) {
        self.wanted[model.index()].send_if_modified(|wanted| {
            let further = *wanted < position;
            if further {
                *wanted = position;
            }
            further
        });
    }

    /// Resolves as soon as a query waits for what comes after a position.
    pub(crate) async fn wanted_after(&self, model: ModelName, position: Position) {
        let mut wanted = self.wanted[model.index()].subscribe();
        // an error means that nobody is left who could want anything
        let _ = wanted.wait_for(|wanted| *wanted > position).await;
    }

    pub(crate) fn subscribe(&self, model: ModelName) -> watch::Receiver<Option<Position>> {
        self.watches[model.index()].subscribe()
    }
}
