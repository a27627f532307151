//! Tickets shown at a gate, and what that comes to.
//!
//! A scan online is answered before anybody goes through; one that a gate made offline is a fact: somebody did. So a
//! passage is never taken back, but what it counts as follows from all passages in the order of their time, and a scan
//! that comes in late can change what later ones count as.

use serde::{Deserialize, Serialize};

use crate::allotment::Admission;
use crate::values::{Code, Generation, Nonce, SessionId, TimeRange, Timestamp};

/// Which way somebody goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// In.
    Entry,
    /// Out.
    Exit,
}

/// Whether the gate waited for the answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// It did: nobody has gone through yet.
    #[default]
    Online,
    /// It could not: somebody went through.
    Offline,
}

/// What a gate read.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Reading {
    /// What the gate calls this scan.
    pub nonce: Nonce,
    /// Which gate.
    pub gate: Code,
    /// Which way.
    pub direction: Direction,
    /// Which issue of the ticket.
    pub generation: Generation,
    /// When, by the clock of the gate.
    pub scanned_at: Timestamp,
}

impl Reading {
    /// Whether two are of the same scan: clocks aside, which a gate may leave to us.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.gate == other.gate
            && self.direction == other.direction
            && self.generation == other.generation
    }
}

/// Why a ticket was refused at a gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It was called off with its booking, or with its part of it.
    Void,
    /// It was issued anew since.
    Superseded,
    /// The session does not take place.
    CalledOff,
    /// It is for another session than the gate.
    OtherSession,
    /// It is not for this gate.
    OtherGate,
    /// The gates are not open yet.
    TooEarly,
    /// The session is over.
    TooLate,
    /// Its holder is inside.
    AlreadyInside,
    /// Its holder was inside, and nobody comes in twice.
    AlreadyUsed,
    /// Its holder is not inside.
    NotInside,
}

impl Reason {
    /// The reason as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Void => "void",
            Self::Superseded => "superseded",
            Self::CalledOff => "called_off",
            Self::OtherSession => "other_session",
            Self::OtherGate => "other_gate",
            Self::TooEarly => "too_early",
            Self::TooLate => "too_late",
            Self::AlreadyInside => "already_inside",
            Self::AlreadyUsed => "already_used",
            Self::NotInside => "not_inside",
        }
    }
}

/// What a scan comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Its holder went in, or out.
    Admitted,
    /// Somebody went in with a ticket that had let somebody in.
    Duplicate,
    /// Somebody went out whom no gate had let in.
    Unmatched,
    /// It was refused.
    Refused(Reason),
}

impl Outcome {
    /// Whether somebody went through the gate.
    pub(super) fn is_passage(self) -> bool {
        match self {
            Self::Admitted | Self::Duplicate | Self::Unmatched => true,
            Self::Refused(_) => false,
        }
    }
}

/// A scan of a ticket as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// What the gate read.
    #[serde(flatten)]
    pub reading: Reading,
    /// Whether it waited for the answer.
    #[serde(default, skip_serializing_if = "is_online")]
    pub mode: Mode,
    /// The session that the ticket was for.
    pub session: SessionId,
    /// Whether somebody who had left might come in again.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub reentry: bool,
    /// Its place among all scans of the ticket: when it was made, or behind all that were known if it was answered then.
    pub counted_at: Timestamp,
    /// What the gate was told.
    pub answered: Outcome,
    /// What it counts as by now.
    pub outcome: Outcome,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_online(mode: &Mode) -> bool {
    *mode == Mode::Online
}

impl Scan {
    /// The place of a scan in the order in which scans count.
    pub(super) fn place(&self) -> (Timestamp, &Nonce) {
        (self.counted_at, &self.reading.nonce)
    }
}

/// What an earlier scan counts as, now that another one is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejudged {
    /// Which.
    pub nonce: Nonce,
    /// As what.
    pub outcome: Outcome,
}

/// Where the holder of a ticket is, as far as gates know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Never let in.
    #[default]
    Expected,
    /// In.
    Inside,
    /// In before, and out again.
    Left,
}

impl Standing {
    /// The standing as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expected => "expected",
            Self::Inside => "inside",
            Self::Left => "left",
        }
    }

    /// Somebody goes through a gate: what that counts as.
    pub(super) fn pass(&mut self, direction: Direction, reentry: bool) -> Outcome {
        match (self.refusal(direction, reentry), direction) {
            (None, Direction::Entry) => {
                *self = Self::Inside;
                Outcome::Admitted
            }
            (None, Direction::Exit) => {
                *self = Self::Left;
                Outcome::Admitted
            }
            (Some(_), Direction::Entry) => Outcome::Duplicate,
            (Some(_), Direction::Exit) => Outcome::Unmatched,
        }
    }

    /// Why nobody may go through, if so.
    pub(super) fn refusal(self, direction: Direction, reentry: bool) -> Option<Reason> {
        match (direction, self) {
            (Direction::Entry, Self::Inside) => Some(Reason::AlreadyInside),
            (Direction::Entry, Self::Left) if !reentry => Some(Reason::AlreadyUsed),
            (Direction::Exit, Self::Expected | Self::Left) => Some(Reason::NotInside),
            (Direction::Entry, Self::Expected | Self::Left) | (Direction::Exit, Self::Inside) => {
                None
            }
        }
    }
}

/// What a gate goes by: the session of a ticket as it stands, and the session the gate is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doors {
    /// The session.
    pub session: SessionId,
    /// When it takes place.
    pub time: TimeRange,
    /// Whether it was called off.
    pub called_off: bool,
    /// How people are let in.
    pub admission: Admission,
    /// The only session that the gate lets people in to, if it said so.
    pub only: Option<SessionId>,
}

impl Doors {
    /// Refuses what is refused whoever is inside.
    pub(super) fn check(&self, offer: &Code, reading: &Reading) -> Result<(), Reason> {
        let Reading { gate, direction, scanned_at, .. } = reading;
        if self.only.is_some_and(|only| only != self.session) {
            return Err(Reason::OtherSession);
        }
        if !self.admission.allows(gate, offer) {
            return Err(Reason::OtherGate);
        }
        if *direction == Direction::Exit {
            return Ok(()); // nobody is locked in
        }
        if self.called_off {
            return Err(Reason::CalledOff);
        }
        if *scanned_at < self.admission.opens(self.time) {
            return Err(Reason::TooEarly);
        }
        if *scanned_at >= self.time.end() { Err(Reason::TooLate) } else { Ok(()) }
    }
}
