//! Whether a voucher is for what its organization sells, and whether what it sets aside can be.

use std::collections::BTreeSet;

use daybook_domain::{
    allotment::Allotment,
    resource::{self, Nights, Resource, Sort, Times},
    values::{
        BusyTime, CalendarId, DayRange, ListingId, OrganizationId, ResourceId, SessionId, Timestamp,
    },
    voucher::{Block, Terms},
};
use daybook_event_store::Writer;

use crate::{bus::lines, problem::Problem};

/// What a voucher is to promise, and what it promised until then.
pub(super) struct Promise<'a> {
    pub(super) organization: OrganizationId,
    pub(super) terms: &'a Terms,
    pub(super) before: Option<&'a Terms>,
    pub(super) at: Timestamp,
}

impl Promise<'_> {
    /// Refuses what another organization sells and what cannot be set aside, and tells in which calendars something is:
    /// those of each resource in its own zone.
    pub(super) async fn check(&self, writer: &Writer) -> Result<BTreeSet<CalendarId>, Problem> {
        let terms = self.terms;
        lines::check_own(writer, self.organization, &terms.scope.listings).await?;
        let is_new =
            |block: &Block| self.before.is_none_or(|before| !before.blocks.contains(block));
        let ended = terms.valid_until.is_some_and(|until| until <= self.at);
        if ended && terms.blocks.iter().any(is_new) {
            let detail = "nothing can be set aside for a voucher that has ended";
            return Err(Problem::bad_value("/valid_until", detail));
        }
        let mut calendars = BTreeSet::new();
        for (index, block) in terms.blocks.iter().enumerate() {
            let place = Place { promise: self, writer, index, is_new: is_new(block) };
            match *block {
                Block::Places { session, .. } => place.check_session(session).await?,
                Block::Nights { resource, days, .. } => {
                    calendars.extend(place.check_nights(resource, days).await?);
                }
                Block::Time { resource, time, .. } => {
                    calendars.extend(place.check_time(resource, time).await?);
                }
            }
        }
        Ok(calendars)
    }

    /// Whether the voucher is for something sold under one of these listings.
    fn is_for(&self, mut listings: impl Iterator<Item = ListingId>) -> bool {
        let scope = &self.terms.scope.listings;
        scope.is_empty() || listings.any(|listing| scope.contains(&listing))
    }
}

/// One block.
struct Place<'a> {
    promise: &'a Promise<'a>,
    writer: &'a Writer,
    index: usize,
    /// Whether it was not there before. What was may be over in part.
    is_new: bool,
}

const IN_VAIN: &str = "the voucher is not for what is set aside for it";

impl Place<'_> {
    fn wrong(&self, member: &str, detail: impl Into<String>) -> Problem {
        Problem::bad_value(format!("/blocks/{}/{member}", self.index), detail)
    }

    async fn check_session(&self, session: SessionId) -> Result<(), Problem> {
        let wrong = |detail: &str| self.wrong("session_id", detail);
        let listing = |a: &Allotment| a.session().map(|session| session.details().listing);
        let listing = self.writer.peek(&session.to_string(), listing).await?;
        let listing = listing.ok_or_else(|| wrong("there is no such session"))?;
        let organization = lines::listing_of(self.writer, listing).await?.organization;
        if organization != self.promise.organization {
            return Err(wrong("the session belongs to another organization"));
        }
        if self.promise.is_for([listing].into_iter()) { Ok(()) } else { Err(wrong(IN_VAIN)) }
    }

    async fn check_nights(
        &self,
        id: ResourceId,
        days: DayRange,
    ) -> Result<Vec<CalendarId>, Problem> {
        let found = self.resource(id).await?;
        let Some(Nights { listing, .. }) = found.terms.nights() else {
            let detail = "of what is taken by the hour, a time is set aside: `start` and `end`";
            return Err(self.wrong("arrival", detail));
        };
        let sold_under = lines::listing_of(self.writer, *listing).await?;
        self.check_owner(found.organization.unwrap_or(sold_under.organization))?;
        if !self.promise.is_for([*listing].into_iter()) {
            return Err(self.wrong("resource_id", IN_VAIN));
        }
        if self.is_new && days.first() < sold_under.zone.local_date(self.promise.at) {
            return Err(self.wrong("arrival", "nights that are over cannot be set aside"));
        }
        let months = days.split_by_month().into_iter();
        Ok(months.map(|(month, _)| CalendarId { resource: id, month }).collect())
    }

    async fn check_time(&self, id: ResourceId, time: BusyTime) -> Result<Vec<CalendarId>, Problem> {
        let found = self.resource(id).await?;
        let Some(Times { listing, sort, zone, .. }) = found.terms.times() else {
            let detail =
                "of what is sold by the night, nights are set aside: `arrival` and `departure`";
            return Err(self.wrong("start", detail));
        };
        let organization = match (found.organization, listing) {
            (Some(organization), _) => Some(organization),
            (None, Some(listing)) => {
                Some(lines::listing_of(self.writer, *listing).await?.organization)
            }
            (None, None) => None,
        };
        self.check_owner(organization.unwrap_or(self.promise.organization))?;
        let is_meant = match (listing, sort) {
            (Some(listing), _) => self.promise.is_for([*listing].into_iter()),
            (None, Sort::Staff(services)) => self.promise.is_for(services.iter()),
            // shared by all of its organization, it is booked under any listing
            (None, Sort::Room | Sort::Equipment) => true,
        };
        if !is_meant {
            return Err(self.wrong("resource_id", IN_VAIN));
        }
        if self.is_new && time.range().start() < self.promise.at {
            return Err(self.wrong("start", "a time that has begun cannot be set aside"));
        }
        let months = time.split_by_month(*zone).into_iter();
        Ok(months.map(|(month, _)| CalendarId { resource: id, month }).collect())
    }

    async fn resource(&self, id: ResourceId) -> Result<resource::Details, Problem> {
        let found = |resource: &Resource| resource.details().cloned();
        let found = self.writer.peek(&id.to_string(), found).await?;
        found.ok_or_else(|| self.wrong("resource_id", "there is no such resource"))
    }

    fn check_owner(&self, organization: OrganizationId) -> Result<(), Problem> {
        if organization == self.promise.organization {
            return Ok(());
        }
        Err(self.wrong("resource_id", "the resource belongs to another organization"))
    }
}
