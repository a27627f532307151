//! What surrounds a command: who sends it, under which idempotency key, and how it is answered.

use uuid::Uuid;

use crate::event::{Metadata, Position};

/// What a command carries beside its own content.
#[derive(Clone, Debug, Default)]
pub struct CommandContext {
    /// Written beside each event of the command.
    pub metadata: Metadata,
    /// Makes a repeated request harmless; `None` for commands that are harmless by nature.
    pub idempotency: Option<Idempotency>,
}

/// A client's promise that requests with the same key are one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Idempotency {
    /// Whose key it is: keys of different principals never meet.
    pub principal: Uuid,
    /// The key, as the client chose it.
    pub key: String,
    /// A digest of the request, to tell a repetition from a reuse.
    pub request_hash: [u8; 32],
}

/// What the client is told, stored with the events so that a repetition is told the same, byte for byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Response {
    /// The status code of the answer.
    pub status: u16,
    /// The body of the answer.
    pub body: String,
}

/// What a decision comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Append the decided events, and answer this.
    Commit(Response),
    /// Append no event, but keep the answer under the idempotency key: a final refusal.
    Refuse(Response),
}

/// The answer to a command: fresh, or from the receipt of the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// What the client is told.
    pub response: Response,
    /// The position of the command's last event; where it has none, the head of the log when it was answered.
    pub position: Position,
    /// Whether the answer comes from a receipt.
    pub replayed: bool,
}
