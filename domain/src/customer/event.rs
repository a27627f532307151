//! What happened to a customer's record.
//!
//! What only concerns the person stands in a member of its own, `personal`, so that it can be sealed by itself.

use cqrs_es::DomainEvent;
use serde::{Deserialize, Serialize};

use super::{Author, Details, Kind, Note, Notes, Personal, Profile, Way, Ways};
use crate::values::{
    Change, Codes, CustomerId, Email, Language, NoteId, OrganizationId, PhoneNumber, Phrase,
    Remark, Timestamp, Zone, changed, replace,
};

/// What happened. Stored for good: add variants and optional fields, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// The record was begun.
    Registered(Box<Registered>),
    /// Some of it changed; what is not given stayed.
    Revised(Box<Revised>),
    /// Something was written down.
    NoteAdded {
        /// The id of the note.
        note: NoteId,
        /// Who wrote it.
        author: Author,
        /// What it says.
        personal: Written,
        /// When.
        at: Timestamp,
    },
    /// A note was taken back.
    NoteWithdrawn {
        /// Which note.
        note: NoteId,
        /// When.
        at: Timestamp,
    },
    /// The record ended in another one.
    MergedInto {
        /// Which one goes on.
        survivor: CustomerId,
        /// When.
        at: Timestamp,
    },
    /// Another record ended in this one.
    TookOver(Box<TookOver>),
}

/// A record as it began.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registered {
    /// Whose record it is.
    pub organization: OrganizationId,
    /// Whether it is a person.
    pub kind: Kind,
    /// The language of notices.
    pub language: Language,
    /// Where their wall clock hangs, if that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zone: Option<Zone>,
    /// What staff sort customers by.
    #[serde(default, skip_serializing_if = "Codes::is_empty")]
    pub tags: Codes,
    /// What only concerns the person.
    pub personal: Personal,
    /// When.
    pub at: Timestamp,
}

/// What changed of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised {
    /// Whether it is a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// The new language of notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
    /// The new zone.
    #[serde(default, skip_serializing_if = "Change::is_kept")]
    pub zone: Change<Zone>,
    /// All tags from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Codes>,
    /// What changed of what only concerns the person.
    #[serde(default, skip_serializing_if = "PersonalChange::is_empty")]
    pub personal: PersonalChange,
    /// When.
    pub at: Timestamp,
}

/// What changed of what only concerns the person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonalChange {
    /// The new name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Phrase>,
    /// All email addresses from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emails: Option<Ways<Email>>,
    /// All telephone numbers from then on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phones: Option<Ways<PhoneNumber>>,
}

/// What a note says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Its text.
    pub text: Remark,
}

/// What was taken over of another record: what this one lacked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TookOver {
    /// The record that ended.
    pub merged: CustomerId,
    /// Those that had ended in that one before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<CustomerId>,
    /// Its tags.
    #[serde(default, skip_serializing_if = "Codes::is_empty")]
    pub tags: Codes,
    /// What only concerns the person.
    #[serde(default, skip_serializing_if = "Gained::is_empty")]
    pub personal: Gained,
    /// When.
    pub at: Timestamp,
}

/// What was taken over of what only concerns the person.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gained {
    /// Email addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<Way<Email>>,
    /// Telephone numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<Way<PhoneNumber>>,
    /// Notes, with who wrote them and when.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

impl Registered {
    pub(super) fn of(organization: OrganizationId, profile: Profile, at: Timestamp) -> Self {
        let Profile { kind, language, zone, tags, personal } = profile;
        Self { organization, kind, language, zone, tags, personal, at }
    }

    /// The record as it began.
    pub fn details(&self) -> Details {
        Details {
            organization: self.organization,
            profile: Profile {
                kind: self.kind,
                language: self.language.clone(),
                zone: self.zone,
                tags: self.tags.clone(),
                personal: self.personal.clone(),
            },
            notes: Notes::default(),
            merged_into: None,
            absorbed: Vec::new(),
        }
    }
}

impl Revised {
    /// What leads from one profile to another.
    pub(super) fn between(present: &Profile, new: Profile, at: Timestamp) -> Self {
        let (old, personal) = (&present.personal, new.personal);
        Self {
            kind: changed(&present.kind, new.kind),
            language: changed(&present.language, new.language),
            zone: Change::between(present.zone.as_ref(), new.zone),
            tags: changed(&present.tags, new.tags),
            personal: PersonalChange {
                name: changed(&old.name, personal.name),
                emails: changed(&old.emails, personal.emails),
                phones: changed(&old.phones, personal.phones),
            },
            at,
        }
    }

    pub(super) fn apply(&self, profile: &mut Profile) {
        replace(&mut profile.kind, self.kind.as_ref());
        replace(&mut profile.language, self.language.as_ref());
        self.zone.apply(&mut profile.zone);
        replace(&mut profile.tags, self.tags.as_ref());
        replace(&mut profile.personal.name, self.personal.name.as_ref());
        replace(&mut profile.personal.emails, self.personal.emails.as_ref());
        replace(&mut profile.personal.phones, self.personal.phones.as_ref());
    }
}

impl PersonalChange {
    /// Whether nothing of it changed.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.emails.is_none() && self.phones.is_none()
    }
}

impl Gained {
    /// Whether there was nothing to take over.
    pub fn is_empty(&self) -> bool {
        self.emails.is_empty() && self.phones.is_empty() && self.notes.is_empty()
    }
}

impl DomainEvent for Event {
    fn event_type(&self) -> String {
        let name = match self {
            Self::Registered(_) => "registered",
            Self::Revised(_) => "revised",
            Self::NoteAdded { .. } => "note_added",
            Self::NoteWithdrawn { .. } => "note_withdrawn",
            Self::MergedInto { .. } => "merged_into",
            Self::TookOver(_) => "took_over",
        };
        name.to_owned()
    }

    fn event_version(&self) -> String {
        "1.0".to_owned()
    }
}
