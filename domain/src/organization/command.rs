//! What can be asked of an organization, and why it may say no.

use super::{Member, Profile, Role};
use crate::pricing::Rate;
use crate::values::{AccountId, Timestamp};

/// What a caller asks for, with every fact the answer needs, the time included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Take in a new organization.
    Register {
        /// What it says of itself.
        profile: Profile,
        /// When.
        at: Timestamp,
    },
    /// Have it say this of itself from now on.
    Revise {
        /// All that it says.
        profile: Profile,
        /// When.
        at: Timestamp,
    },
    /// Let somebody work for it.
    AddMember {
        /// Who, and as what.
        member: Member,
        /// When.
        at: Timestamp,
    },
    /// Let a member do more or less.
    ChangeRole {
        /// Which member.
        account: AccountId,
        /// As what from now on.
        role: Role,
        /// When.
        at: Timestamp,
    },
    /// Let somebody go.
    RemoveMember {
        /// Which member.
        account: AccountId,
        /// When.
        at: Timestamp,
    },
    /// Agree on what the operator earns by its sales from then on. For the operator alone.
    SetCommission {
        /// Which part of each sale; without it, nothing is settled with the organization.
        commission: Option<Rate>,
        /// When.
        at: Timestamp,
    },
}

/// Why a command was turned down: an answer to the caller, not a fault.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such organization.
    #[error("there is no such organization")]
    NotFound,
    /// The organization was registered before.
    #[error("the organization exists already")]
    AlreadyExists,
    /// The account belongs to a member.
    #[error("the account belongs to a member already")]
    AlreadyMember,
    /// The account belongs to no member.
    #[error("the account belongs to no member")]
    NotAMember,
    /// There would be nobody left to decide.
    #[error("an organization keeps at least one owner")]
    LastOwner,
    /// There are as many members as can be kept.
    #[error("an organization has at most {max} members")]
    TooManyMembers {
        /// The most members.
        max: usize,
    },
}
