//! How far each model has come, as this process knows.

use daybook_event_store::Position;
use tokio::sync::watch;

use crate::name::ModelName;

/// One watch per model: the position of its live checkpoint, `None` until its tables are there.
pub(crate) struct Progress {
    watches: [watch::Sender<Option<Position>>; ModelName::ALL.len()],
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self { watches: ModelName::ALL.map(|_| watch::Sender::new(None)) }
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

    pub(crate) fn subscribe(&self, model: ModelName) -> watch::Receiver<Option<Position>> {
        self.watches[model.index()].subscribe()
    }
}
