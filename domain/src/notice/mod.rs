//! A notice: one fact that a customer should hear about, and whether it reached a gateway.
//!
//! What is told stands here as kind and figures, never as prose: the text is written when somebody reads it. A notice is
//! `waiting → delivered`; after the last attempt it is `failed`, until somebody asks for it to be tried again. What has
//! become pointless before it was delivered, such as the reminder of a booking that was called off, is `withdrawn`.

mod command;
mod event;
mod letter;
mod settings;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::Event;
pub use letter::{Change, Kind, Letter, Message, Topic};
pub use settings::Settings;

use crate::values::Timestamp;

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// How far a notice has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Never written.
    #[default]
    Absent,
    /// Due now or later, or about to be tried again.
    Waiting,
    /// A gateway took it.
    Delivered,
    /// No gateway took it, however often it was tried.
    Failed,
    /// There is nothing to tell any more.
    Withdrawn,
}

impl State {
    /// The state as it is written in tables and answers.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A notice so far: only what decisions read, since there are many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    state: State,
    /// The last event of its booking that was taken account of.
    cause: u64,
    /// How often delivering it failed since it was written, or since it was asked for again.
    failures: u32,
    next_at: Option<Timestamp>,
}

impl Notice {
    /// How far it has come.
    pub fn state(&self) -> State {
        self.state
    }

    /// How often delivering it failed, since it was last asked for.
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// Whether it is to be delivered at an instant.
    pub fn is_due(&self, at: Timestamp) -> bool {
        self.next_at.is_some_and(|due| due <= at)
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>()
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Write { letter, cause, due_at, at } => {
                Ok(self.write(letter, (cause, due_at), at))
            }
            Command::Withdraw { cause, at } => Ok(self.withdraw(cause, at)),
            Command::Deliver { gateway, at } => match self.state {
                State::Absent => Err(Refusal::NotFound),
                State::Delivered => Ok(Vec::new()), // a repeat is not a new fact
                // it went out before anybody could stop it
                State::Waiting | State::Failed | State::Withdrawn => {
                    Ok(vec![Event::Delivered { gateway, at }])
                }
            },
            Command::Fail { reason, next_at, at } => match self.state {
                State::Absent => Err(Refusal::NotFound),
                State::Waiting => {
                    let attempt = self.failures + 1;
                    Ok(vec![match next_at {
                        Some(next_at) => Event::Failed { reason, attempt, next_at, at },
                        None => Event::GivenUp { reason, attempt, at },
                    }])
                }
                State::Delivered | State::Failed | State::Withdrawn => Ok(Vec::new()),
            },
            Command::Retry { at } => self.retry(at),
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Written { cause, due_at, .. } => {
                let (state, next_at) = (State::Waiting, Some(*due_at));
                *self = Self { state, cause: *cause, failures: 0, next_at };
            }
            Event::Delivered { .. } => (self.state, self.next_at) = (State::Delivered, None),
            Event::Failed { attempt, next_at, .. } => {
                (self.failures, self.next_at) = (*attempt, Some(*next_at));
            }
            Event::GivenUp { attempt, .. } => {
                (self.state, self.failures, self.next_at) = (State::Failed, *attempt, None);
            }
            Event::Retried { at } => {
                (self.state, self.failures, self.next_at) = (State::Waiting, 0, Some(*at));
            }
            Event::Withdrawn { cause, .. } => {
                (self.state, self.cause, self.next_at) = (State::Withdrawn, *cause, None);
            }
        }
    }

    fn write(
        &self,
        letter: Box<Letter>,
        (cause, due_at): (u64, Timestamp),
        at: Timestamp,
    ) -> Vec<Event> {
        match self.state {
            State::Absent => vec![Event::Written { letter, cause, due_at, at }],
            // what was no longer to be told is to be told again: a booking was put back to where it had been
            State::Withdrawn if self.cause < cause => {
                vec![Event::Written { letter, cause, due_at, at }]
            }
            State::Withdrawn | State::Waiting | State::Delivered | State::Failed => Vec::new(),
        }
    }

    fn withdraw(&self, cause: u64, at: Timestamp) -> Vec<Event> {
        match self.state {
            State::Waiting | State::Failed if self.cause < cause => {
                vec![Event::Withdrawn { cause, at }]
            }
            State::Waiting
            | State::Failed
            | State::Absent
            | State::Delivered
            | State::Withdrawn => Vec::new(),
        }
    }

    fn retry(&self, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        match self.state {
            State::Absent => Err(Refusal::NotFound),
            State::Delivered => Err(Refusal::Delivered),
            State::Withdrawn => Err(Refusal::Withdrawn),
            State::Failed => Ok(vec![Event::Retried { at }]),
            State::Waiting if self.failures > 0 => Ok(vec![Event::Retried { at }]),
            State::Waiting => Ok(Vec::new()), // it has yet to be tried at all
        }
    }
}

crate::aggregate::aggregate!(Notice, "notice");
