//! What staff wrote down about a customer.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::values::{NoteId, Phrase, PrincipalId, Remark, Timestamp};

/// Who wrote a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Author {
    /// Whose API key it was.
    pub principal: PrincipalId,
    /// What that is called, as in `front desk`.
    pub name: Phrase,
}

/// One note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Which note.
    pub id: NoteId,
    /// Who wrote it.
    pub author: Author,
    /// What it says.
    pub text: Remark,
    /// When it was written.
    pub at: Timestamp,
}

/// The notes about one customer in the order in which they came, and the names of those that were withdrawn.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notes {
    kept: Vec<Note>,
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    withdrawn: BTreeSet<NoteId>,
}

impl Notes {
    /// The most notes, withdrawn ones included.
    pub const MAX: usize = 500;

    /// Those that stand.
    pub fn as_slice(&self) -> &[Note] {
        &self.kept
    }

    /// Whether there ever was such a note.
    pub(super) fn knows(&self, id: NoteId) -> bool {
        self.stands(id) || self.was_withdrawn(id)
    }

    pub(super) fn stands(&self, id: NoteId) -> bool {
        self.kept.iter().any(|note| note.id == id)
    }

    pub(super) fn was_withdrawn(&self, id: NoteId) -> bool {
        self.withdrawn.contains(&id)
    }

    /// Whether so many more can be kept.
    pub(super) fn has_room_for(&self, more: usize) -> bool {
        self.kept.len() + self.withdrawn.len() + more <= Self::MAX
    }

    /// What others have and these never had.
    pub(super) fn lacking(&self, others: &Self) -> Vec<Note> {
        others.kept.iter().filter(|note| !self.knows(note.id)).cloned().collect()
    }

    pub(super) fn add(&mut self, note: Note) {
        self.kept.push(note);
    }

    pub(super) fn withdraw(&mut self, id: NoteId) {
        self.kept.retain(|note| note.id != id);
        self.withdrawn.insert(id);
    }

    pub(super) fn weight(&self) -> usize {
        let note = |note: &Note| size_of::<Note>() + note.text.as_str().len();
        self.kept.iter().map(note).sum::<usize>() + self.withdrawn.len() * 32
    }
}
