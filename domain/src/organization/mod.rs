//! An organization: a business partner, organizer, school or salon, and who works for it.

mod command;
mod event;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::Event;

use crate::invoice;
use crate::notice::Settings;
use crate::pricing::Rate;
use crate::values::{
    AccountId, Change, Contact, Currency, LocalizedText, Phrase, Timestamp, Weekend, Zone, changed,
    replace,
};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 3;

/// What an organization says of itself; all of it can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Its name.
    pub name: LocalizedText,
    /// How to reach it.
    pub contact: Contact,
    /// Where its wall clock hangs, unless something of its own says otherwise.
    pub zone: Zone,
    /// In which currency it sells, unless something of its own says otherwise.
    pub currency: Currency,
    /// On which days its offices are closed.
    pub weekend: Weekend,
    /// What its customers hear of.
    pub notices: Settings,
    /// In whose name it invoices, and how; without it, it does not.
    pub invoicing: Option<invoice::Settings>,
}

/// Somebody who works for an organization.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// By which account they sign in.
    pub account: AccountId,
    /// Their name.
    pub name: Phrase,
    /// As what they work there.
    pub role: Role,
}

/// What a member may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything, members included.
    Owner,
    /// Look after what is sold.
    Manager,
    /// Serve customers.
    Staff,
}

/// An organization so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    details: Option<Box<Details>>,
}

/// What decisions and the edges read of an organization that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// What it says of itself.
    pub profile: Profile,
    roles: BTreeMap<AccountId, Role>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commission: Option<Rate>,
}

impl Details {
    /// The members' roles by account.
    pub fn roles(&self) -> &BTreeMap<AccountId, Role> {
        &self.roles
    }

    /// What part of each sale the operator earns, if the organization is a partner that is settled with.
    pub fn commission(&self) -> Option<Rate> {
        self.commission
    }

    fn role(&self, account: AccountId) -> Result<Role, Refusal> {
        self.roles.get(&account).copied().ok_or(Refusal::NotAMember)
    }

    /// Refuses to take its role from the only owner.
    fn spare(&self, role: Role) -> Result<(), Refusal> {
        let owners = self.roles.values().filter(|role| **role == Role::Owner).count();
        if role == Role::Owner && owners == 1 { Err(Refusal::LastOwner) } else { Ok(()) }
    }
}

impl Organization {
    /// The most members.
    pub const MAX_MEMBERS: usize = 1_000;

    /// The organization, once it was registered.
    pub fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let details = self.details.as_ref().map_or(0, |details| {
            size_of::<Details>() + details.profile.name.weight() + details.roles.len() * 64
        });
        size_of::<Self>() + details
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Register { .. } if self.details.is_some() => Err(Refusal::AlreadyExists),
            Command::Register { profile, at } => {
                let Profile { name, contact, zone, currency, weekend, notices, invoicing } =
                    profile;
                let registered = Event::Registered {
                    name,
                    contact,
                    zone,
                    currency,
                    weekend,
                    notices,
                    invoicing,
                    at,
                };
                Ok(vec![registered])
            }
            Command::Revise { profile, at } => self.revise(profile, at),
            Command::AddMember { member, at } => self.add(member, at),
            Command::ChangeRole { account, role, at } => {
                let found = self.found()?;
                let present = found.role(account)?;
                if present == role {
                    return Ok(Vec::new()); // a repeat is not a new fact
                }
                found.spare(present)?;
                Ok(vec![Event::RoleChanged { account, role, at }])
            }
            Command::RemoveMember { account, at } => {
                let found = self.found()?;
                found.spare(found.role(account)?)?;
                Ok(vec![Event::MemberRemoved { account, at }])
            }
            Command::SetCommission { commission, at } => {
                if self.found()?.commission == commission {
                    return Ok(Vec::new()); // a repeat is not a new fact
                }
                Ok(vec![Event::CommissionSet { commission, at }])
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        if let Event::Registered {
            name,
            contact,
            zone,
            currency,
            weekend,
            notices,
            invoicing,
            ..
        } = event
        {
            let profile = Profile {
                name: name.clone(),
                contact: contact.clone(),
                zone: *zone,
                currency: *currency,
                weekend: *weekend,
                notices: notices.clone(),
                invoicing: invoicing.clone(),
            };
            self.details =
                Some(Box::new(Details { profile, roles: BTreeMap::new(), commission: None }));
            return;
        }
        let Some(details) = &mut self.details else { return };
        match event {
            Event::Registered { .. } => {}
            Event::Revised {
                name, contact, zone, currency, weekend, notices, invoicing, ..
            } => {
                replace(&mut details.profile.name, name.as_ref());
                replace(&mut details.profile.contact, contact.as_ref());
                replace(&mut details.profile.zone, zone.as_ref());
                replace(&mut details.profile.currency, currency.as_ref());
                replace(&mut details.profile.weekend, weekend.as_ref());
                replace(&mut details.profile.notices, notices.as_ref());
                invoicing.apply(&mut details.profile.invoicing);
            }
            Event::MemberAdded { account, role, name: _, at: _ }
            | Event::RoleChanged { account, role, at: _ } => {
                details.roles.insert(*account, *role);
            }
            Event::MemberRemoved { account, at: _ } => {
                details.roles.remove(account);
            }
            Event::CommissionSet { commission, at: _ } => details.commission = *commission,
        }
    }

    fn revise(&self, profile: Profile, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let present = &self.found()?.profile;
        if profile == *present {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        Ok(vec![Event::Revised {
            name: changed(&present.name, profile.name),
            contact: changed(&present.contact, profile.contact),
            zone: changed(&present.zone, profile.zone),
            currency: changed(&present.currency, profile.currency),
            weekend: changed(&present.weekend, profile.weekend),
            notices: changed(&present.notices, profile.notices),
            invoicing: Change::between(present.invoicing.as_ref(), profile.invoicing),
            at,
        }])
    }

    fn add(&self, member: Member, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let roles = &self.found()?.roles;
        if roles.contains_key(&member.account) {
            return Err(Refusal::AlreadyMember);
        }
        if roles.len() >= Self::MAX_MEMBERS {
            return Err(Refusal::TooManyMembers { max: Self::MAX_MEMBERS });
        }
        let Member { account, name, role } = member;
        Ok(vec![Event::MemberAdded { account, name, role, at }])
    }

    fn found(&self) -> Result<&Details, Refusal> {
        self.details().ok_or(Refusal::NotFound)
    }
}

crate::aggregate::aggregate!(Organization, "organization");
