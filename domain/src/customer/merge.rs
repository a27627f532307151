//! One record for what two were kept of: the survivor takes over what it lacks, the other one ends.
//!
//! A record ends once, and only in one that goes on. So whoever follows where records ended comes to one that goes on,
//! and never in a circle.

use super::{Details, Gained, Refusal, TookOver, Ways};
use crate::values::{Codes, CustomerId, Timestamp};

/// Which record ends in which: never in itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Merge {
    merged: CustomerId,
    survivor: CustomerId,
}

impl Merge {
    /// The most records that can end in one, by whatever way.
    pub const MAX: usize = 500;

    /// A record that ends in another.
    pub fn try_new(merged: CustomerId, survivor: CustomerId) -> Result<Self, Refusal> {
        if merged == survivor { Err(Refusal::IntoItself) } else { Ok(Self { merged, survivor }) }
    }

    /// The record that ends.
    pub fn merged(self) -> CustomerId {
        self.merged
    }

    /// The record that goes on.
    pub fn survivor(self) -> CustomerId {
        self.survivor
    }

    /// What the survivor takes over of the record that ends.
    pub(super) fn gained(
        self,
        survivor: &Details,
        ending: &Details,
        at: Timestamp,
    ) -> Result<TookOver, Refusal> {
        if survivor.organization != ending.organization {
            return Err(Refusal::OtherOrganization);
        }
        let (own, other) = (&survivor.profile.personal, &ending.profile.personal);
        let gained = TookOver {
            merged: self.merged,
            before: ending.absorbed.clone(),
            tags: ending.profile.tags.less(&survivor.profile.tags),
            personal: Gained {
                emails: own.emails.lacking(&other.emails),
                phones: own.phones.lacking(&other.phones),
                notes: survivor.notes.lacking(&ending.notes),
            },
            at,
        };
        has_room(survivor, &gained).map(|()| gained)
    }
}

/// Refuses to take over more than can be kept: what does not fit is not lost silently.
fn has_room(survivor: &Details, gained: &TookOver) -> Result<(), Refusal> {
    let (own, more) = (&survivor.profile.personal, &gained.personal);
    if !fits(&own.emails, more.emails.len()) || !fits(&own.phones, more.phones.len()) {
        return Err(Refusal::TooManyContacts);
    }
    if survivor.profile.tags.and(&gained.tags).is_err() {
        return Err(Refusal::TooManyTags);
    }
    if !survivor.notes.has_room_for(more.notes.len()) {
        return Err(Refusal::TooManyNotes);
    }
    if survivor.absorbed.len() + 1 + gained.before.len() > Merge::MAX {
        return Err(Refusal::TooManyRecords { max: Merge::MAX });
    }
    Ok(())
}

fn fits<T>(own: &Ways<T>, more: usize) -> bool {
    own.as_slice().len() + more <= Ways::<T>::MAX
}

impl TookOver {
    /// Takes it over.
    pub(super) fn apply(&self, survivor: &mut Details) {
        let profile = &mut survivor.profile;
        profile.tags = together(&profile.tags, &self.tags);
        profile.personal.emails.extend(&self.personal.emails);
        profile.personal.phones.extend(&self.personal.phones);
        for note in &self.personal.notes {
            survivor.notes.add(note.clone());
        }
        survivor.absorbed.push(self.merged);
        survivor.absorbed.extend(&self.before);
    }
}

/// All tags; as many as there were, should the log have more than can be kept.
fn together(own: &Codes, more: &Codes) -> Codes {
    own.and(more).unwrap_or_else(|_| own.clone())
}
