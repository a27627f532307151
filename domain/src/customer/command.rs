//! What can be asked of a customer's record, and why it may say no.

use super::{Author, Details, Merge, Notes, Profile, Ways};
use crate::values::{Codes, CustomerId, Email, NoteId, OrganizationId, Remark, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Begin a record.
    Register {
        /// Whose record it is.
        organization: OrganizationId,
        /// What is known of the customer.
        profile: Box<Profile>,
        /// When.
        at: Timestamp,
    },
    /// Have this known of the customer from now on.
    Revise {
        /// All that is known.
        profile: Box<Profile>,
        /// When.
        at: Timestamp,
    },
    /// Write something down.
    AddNote {
        /// The id of the note.
        note: NoteId,
        /// Who writes it.
        author: Author,
        /// What it says.
        text: Remark,
        /// When.
        at: Timestamp,
    },
    /// Take a note back.
    WithdrawNote {
        /// Which note.
        note: NoteId,
        /// When.
        at: Timestamp,
    },
    /// End in another record.
    MergeInto {
        /// Which record ends in which.
        merge: Merge,
        /// When.
        at: Timestamp,
    },
    /// Take over what another record has and this one lacks.
    TakeOver {
        /// Which record ends in which.
        merge: Merge,
        /// The other record.
        record: Box<Details>,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such customer.
    #[error("there is no such customer")]
    NotFound,
    /// The customer was registered before.
    #[error("the customer exists already")]
    AlreadyExists,
    /// The record ended in another one.
    #[error("the customer was merged into {into}")]
    Merged {
        /// Which one goes on.
        into: CustomerId,
    },
    /// A record would end in itself.
    #[error("a customer cannot be merged into itself")]
    IntoItself,
    /// The records belong to two organizations.
    #[error("the customers belong to different organizations")]
    OtherOrganization,
    /// There is or was a note of that id.
    #[error("the note exists already")]
    NoteExists,
    /// There never was a note of that id.
    #[error("there is no such note")]
    NoSuchNote,
    /// There are as many notes as can be kept.
    #[error("a customer has at most {} notes, withdrawn ones included", Notes::MAX)]
    TooManyNotes,
    /// Together they could be reached in more ways than can be kept.
    #[error("a customer has at most {0} email addresses and {0} telephone numbers", Ways::<Email>::MAX)]
    TooManyContacts,
    /// Together they would have more tags than can be kept.
    #[error("a customer has at most {} tags", Codes::MAX)]
    TooManyTags,
    /// As many records ended in this one as can be kept.
    #[error("at most {max} records can be merged into one customer")]
    TooManyRecords {
        /// The most records.
        max: usize,
    },
}
