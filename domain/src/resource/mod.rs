//! A resource: a thing or somebody occupied in time, how many of it there are and, if it is sold by the night, what a
//! night of it costs.
//!
//! It knows its open months, so that a change of limits can reach every open calendar in one commit.

mod command;
mod event;
mod schedules;
mod stay_rules;
mod terms;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use command::{Command, Refusal};
pub use event::{Created, Event, Revised};
pub use schedules::{Schedules, TooManySchedules};
pub use stay_rules::{StayPeriod, StayRefusal, StayRules, StayRulesError, StayTerms};
pub use terms::{
    Nights, Parts, ResourceKind, Services, ServicesError, Shape, Sort, Terms, TermsError, Times,
};

use crate::values::{
    Attributes, Currency, Limits, LocalizedText, Money, Month, OrganizationId, Timestamp,
};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 3;

/// What a resource says of itself; all of it can change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Its name.
    pub name: LocalizedText,
    /// What distinguishes it.
    pub attributes: Attributes,
}

/// A resource so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resource {
    details: Option<Box<Details>>,
}

/// What decisions and the edges read of a resource that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Whose it is; unless said, its listing's organization.
    pub organization: Option<OrganizationId>,
    /// What it is.
    pub terms: Terms,
    /// What it says of itself.
    pub content: Content,
    /// How many there are.
    pub limits: Limits,
    /// The months whose calendars are open.
    pub open_months: BTreeSet<Month>,
}

impl Resource {
    /// The resource, once it was created.
    pub fn details(&self) -> Option<&Details> {
        self.details.as_deref()
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let details = self.details.as_ref().map_or(0, |details| {
            let months = details.open_months.len() * size_of::<Month>() * 2;
            let content = details.content.name.weight() + details.content.attributes.weight();
            size_of::<Details>() + content + details.terms.weight() + months
        });
        size_of::<Self>() + details
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Create { organization, terms, currency, content, limits, at } => {
                if self.details.is_some() {
                    return Err(Refusal::AlreadyExists);
                }
                if let Some(nights) = terms.nights() {
                    same_currency(currency, nights.price_per_night)?;
                }
                let organization = Some(organization);
                let created = Created { organization, terms, content, limits, at };
                Ok(vec![Event::Created(Box::new(created))])
            }
            Command::Revise { content, services, at } => self.revise(content, services, at),
            Command::ChangeLimits { limits, at } => {
                let changed = self.found()?.limits != limits;
                Ok(once(changed, Event::LimitsChanged { limits, at }))
            }
            Command::ChangePrice { price_per_night, at } => self.change_price(price_per_night, at),
            Command::ChangeSchedules { schedules, at } => {
                let times = self.found()?.terms.times().ok_or(Refusal::NotTakenByTime)?;
                let changed = times.schedules != schedules;
                Ok(once(changed, Event::SchedulesChanged { schedules, at }))
            }
            Command::ChangeStayRules { rules, at } => {
                let nights = self.found()?.terms.nights().ok_or(Refusal::NotSoldByNight)?;
                let changed = nights.rules != rules;
                Ok(once(changed, Event::StayRulesChanged { rules, at }))
            }
            Command::OpenMonth { month, at } => {
                let closed = !self.found()?.open_months.contains(&month);
                Ok(once(closed, Event::MonthOpened { month, at }))
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        if let Event::Created(created) = event {
            self.details = Some(Box::new(Details {
                organization: created.organization,
                terms: created.terms.clone(),
                content: created.content.clone(),
                limits: created.limits,
                open_months: BTreeSet::new(),
            }));
            return;
        }
        let Some(details) = &mut self.details else { return };
        match event {
            Event::Created(_) => {}
            Event::Revised(revised) => revised.apply(&mut details.terms, &mut details.content),
            Event::LimitsChanged { limits, at: _ } => details.limits = *limits,
            Event::PriceChanged { price_per_night, at: _ } => {
                details.terms.set_price(*price_per_night);
            }
            Event::SchedulesChanged { schedules, at: _ } => details.terms.set_schedules(schedules),
            Event::StayRulesChanged { rules, at: _ } => details.terms.set_rules(rules),
            Event::MonthOpened { month, at: _ } => {
                details.open_months.insert(*month);
            }
        }
    }

    fn revise(
        &self,
        content: Content,
        services: Services,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let present = self.found()?;
        let offered = present.terms.services();
        if offered.is_none() && !services.is_empty() {
            return Err(Refusal::NotStaff);
        }
        if content == present.content && offered.is_none_or(|offered| *offered == services) {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        let revised = Revised::between((offered, &present.content), (services, content), at);
        Ok(vec![Event::Revised(Box::new(revised))])
    }

    fn change_price(&self, price_per_night: Money, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let nights = self.found()?.terms.nights().ok_or(Refusal::NotSoldByNight)?;
        let present = nights.price_per_night;
        same_currency(present.currency(), price_per_night)?;
        Ok(once(present != price_per_night, Event::PriceChanged { price_per_night, at }))
    }

    fn found(&self) -> Result<&Details, Refusal> {
        self.details().ok_or(Refusal::NotFound)
    }
}

fn same_currency(expected: Currency, price: Money) -> Result<(), Refusal> {
    if price.currency() == expected {
        Ok(())
    } else {
        Err(Refusal::CurrencyMismatch { expected, given: price.currency() })
    }
}

/// The event if it says something new: a repeat is not a new fact.
fn once(new: bool, event: Event) -> Vec<Event> {
    if new { vec![event] } else { Vec::new() }
}

crate::aggregate::aggregate!(Resource, "resource");
