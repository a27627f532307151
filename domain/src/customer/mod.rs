//! A customer: who books, as the staff of one organization know them.
//!
//! An order names a customer by id alone, and nobody need register one. A record adds what a partner wants to know: how
//! to reach them and in which language, tags and notes. Two records of one customer become one by a merge.

mod command;
mod event;
mod merge;
mod note;
#[cfg(test)]
mod tests;
mod ways;

use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::{Event, Gained, PersonalChange, Registered, Revised, TookOver, Written};
pub use merge::Merge;
pub use note::{Author, Note, Notes};
pub use ways::{Reachable, Way, Ways, WaysError};

use crate::values::{
    Codes, CustomerId, Email, Language, NoteId, OrganizationId, PhoneNumber, Phrase, Timestamp,
    Zone,
};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 1;

/// Whether a customer is a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Somebody.
    Person,
    /// A firm, a school, an association.
    Company,
}

impl Kind {
    /// The name as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Company => "company",
        }
    }
}

/// How far a record has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It is the customer's record.
    Active,
    /// It ended in another one.
    Merged,
}

impl Status {
    /// The name as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Merged => "merged",
        }
    }
}

/// What is known of a customer; all of it can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Whether it is a person.
    pub kind: Kind,
    /// The language of notices.
    pub language: Language,
    /// Where their wall clock hangs, if that is known.
    pub zone: Option<Zone>,
    /// What staff sort customers by.
    pub tags: Codes,
    /// What only concerns the person.
    pub personal: Personal,
}

/// What only concerns the person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Personal {
    /// The name.
    pub name: Phrase,
    /// Where to write.
    #[serde(default, skip_serializing_if = "Ways::is_empty")]
    pub emails: Ways<Email>,
    /// Where to call.
    #[serde(default, skip_serializing_if = "Ways::is_empty")]
    pub phones: Ways<PhoneNumber>,
}

/// A customer's record so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    details: Option<Box<Details>>,
}

/// What decisions and the edges read of a record that was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Whose record it is.
    pub organization: OrganizationId,
    /// What is known of the customer.
    pub profile: Profile,
    /// What staff wrote down.
    pub notes: Notes,
    /// The record in which this one ended, if it has.
    pub merged_into: Option<CustomerId>,
    /// The records that ended in this one, by whatever way.
    pub absorbed: Vec<CustomerId>,
}

impl Details {
    /// How far the record has come.
    pub fn status(&self) -> Status {
        if self.merged_into.is_some() { Status::Merged } else { Status::Active }
    }

    /// Folds one event into a record that was begun.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Registered(_) => {}
            Event::Revised(revised) => revised.apply(&mut self.profile),
            Event::NoteAdded { note, author, personal, at } => {
                let (author, text) = (author.clone(), personal.text.clone());
                self.notes.add(Note { id: *note, author, text, at: *at });
            }
            Event::NoteWithdrawn { note, at: _ } => self.notes.withdraw(*note),
            Event::MergedInto { survivor, at: _ } => self.merged_into = Some(*survivor),
            Event::TookOver(gained) => gained.apply(self),
        }
    }

    /// Refuses to touch what has ended.
    fn active(&self) -> Result<&Self, Refusal> {
        self.merged_into.map_or(Ok(self), |into| Err(Refusal::Merged { into }))
    }

    fn weight(&self) -> usize {
        let personal = &self.profile.personal;
        let emails = personal.emails.as_slice().iter().map(|way| way.value.weight());
        let phones = personal.phones.as_slice().iter().map(|way| way.value.as_str().len());
        let ways = emails.chain(phones).map(|bytes| bytes + size_of::<Way<Email>>());
        size_of::<Self>()
            + personal.name.as_str().len()
            + ways.sum::<usize>()
            + self.profile.tags.weight()
            + self.notes.weight()
            + self.absorbed.len() * size_of::<CustomerId>()
    }
}

impl Customer {
    /// The record, once it was begun.
    pub fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// The record in which this one ended, if it has.
    pub fn merged_into(&self) -> Option<CustomerId> {
        self.details().and_then(|details| details.merged_into)
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        size_of::<Self>() + self.details().map_or(0, Details::weight)
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Register { .. } if self.details.is_some() => Err(Refusal::AlreadyExists),
            Command::Register { organization, profile, at } => {
                let registered = Registered::of(organization, *profile, at);
                Ok(vec![Event::Registered(Box::new(registered))])
            }
            Command::Revise { profile, at } => {
                let present = &self.found()?.active()?.profile;
                if *profile == *present {
                    return Ok(Vec::new()); // a repeat is not a new fact
                }
                let revised = Revised::between(present, *profile, at);
                Ok(vec![Event::Revised(Box::new(revised))])
            }
            Command::AddNote { note, author, text, at } => {
                let notes = &self.found()?.active()?.notes;
                if notes.knows(note) {
                    return Err(Refusal::NoteExists);
                }
                if !notes.has_room_for(1) {
                    return Err(Refusal::TooManyNotes);
                }
                Ok(vec![Event::NoteAdded { note, author, personal: Written { text }, at }])
            }
            Command::WithdrawNote { note, at } => self.withdraw(note, at),
            Command::MergeInto { merge, at } => self.merge(merge, at),
            Command::TakeOver { merge, record, at } => self.take_over(merge, &record, at),
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        if let Event::Registered(registered) = event {
            self.details = Some(Box::new(registered.details()));
        } else if let Some(details) = &mut self.details {
            details.evolve(event);
        }
    }

    fn withdraw(&self, note: NoteId, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let notes = &self.found()?.active()?.notes;
        if notes.was_withdrawn(note) {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        if !notes.stands(note) {
            return Err(Refusal::NoSuchNote);
        }
        Ok(vec![Event::NoteWithdrawn { note, at }])
    }

    fn merge(&self, merge: Merge, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let found = self.found()?;
        if found.merged_into == Some(merge.survivor()) {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        found.active()?;
        Ok(vec![Event::MergedInto { survivor: merge.survivor(), at }])
    }

    fn take_over(
        &self,
        merge: Merge,
        record: &Details,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let found = self.found()?.active()?;
        if found.absorbed.contains(&merge.merged()) {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        let gained = merge.gained(found, record, at)?;
        Ok(vec![Event::TookOver(Box::new(gained))])
    }

    fn found(&self) -> Result<&Details, Refusal> {
        self.details().ok_or(Refusal::NotFound)
    }
}

crate::aggregate::aggregate!(Customer, "customer");
