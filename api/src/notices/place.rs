//! Where something is booked, and in which language its customers are told.

use std::collections::HashMap;

use anyhow::Result;
use daybook_domain::{
    customer::Customer,
    listing::Listing,
    notice::Settings,
    organization::Organization,
    values::{CustomerId, Language as Tag, ListingId, LocalizedText, OrganizationId, Zone},
};
use daybook_event_store::Writer;

use super::text;
use crate::problem::Language;

/// Where something is booked.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) organization: OrganizationId,
    pub(super) organization_name: Option<LocalizedText>,
    pub(super) title: LocalizedText,
    pub(super) zone: Zone,
    pub(super) settings: Settings,
}

/// What was looked up already.
#[derive(Default)]
pub(super) struct Places(HashMap<ListingId, Option<Place>>);

impl Places {
    /// The place of a listing, if there is one.
    pub(super) async fn of(
        &mut self,
        writer: &Writer,
        listing: Option<ListingId>,
    ) -> Result<Option<Place>> {
        let Some(listing) = listing else { return Ok(None) };
        if let Some(place) = self.0.get(&listing) {
            return Ok(place.clone());
        }
        let place = Place::find(writer, listing).await?;
        self.0.insert(listing, place.clone());
        Ok(place)
    }
}

impl Place {
    async fn find(writer: &Writer, listing: ListingId) -> Result<Option<Self>> {
        let look = |found: &Listing| {
            let details = found.details();
            details.map(|found| (found.organization, found.content.name.clone(), found.zone))
        };
        let found = writer.peek(&listing.to_string(), look).await?;
        let Some((organization, title, zone)) = found else { return Ok(None) };
        let look = |found: &Organization| {
            let profile = found.details().map(|found| &found.profile);
            profile.map(|profile| (profile.name.clone(), profile.notices.clone()))
        };
        let found = writer.peek(&organization.to_string(), look).await?;
        let (name, settings) = found.unzip();
        let organization_name = name.as_ref().map(readable);
        let (title, settings) = (readable(&title), settings.unwrap_or_default());
        Ok(Some(Self { organization, organization_name, title, zone, settings }))
    }

    /// The language of the customer's record; else the only one of ours in which the listing or its organization says
    /// anything; else English.
    pub(super) async fn language_of(
        &self,
        writer: &Writer,
        customer: CustomerId,
    ) -> Result<Language> {
        let look = |found: &Customer| {
            (found.merged_into(), found.details().map(|found| found.profile.language.clone()))
        };
        let (mut into, mut language) = writer.peek(&customer.to_string(), look).await?;
        // a record ends once, and in one that went on at that time, so this leads to an end
        while let Some(survivor) = into {
            (into, language) = writer.peek(&survivor.to_string(), look).await?;
        }
        let known = language.as_ref().map(Tag::as_str).and_then(text::language_of);
        let only = || only_language(&self.title);
        let its = || self.organization_name.as_ref().and_then(only_language);
        Ok(known.or_else(only).or_else(its).unwrap_or_default())
    }
}

/// The text in those languages in which notices are written; others would only take room.
fn readable(text: &LocalizedText) -> LocalizedText {
    let ours = text.iter().filter(|(language, _)| text::language_of(language.as_str()).is_some());
    LocalizedText::try_new(ours.map(|(language, text)| (language.as_str(), text)))
        .unwrap_or_else(|_| text.clone())
}

/// The one language of ours that a text has.
fn only_language(text: &LocalizedText) -> Option<Language> {
    let mut ours = text.iter().filter_map(|(language, _)| text::language_of(language.as_str()));
    let first = ours.next()?;
    ours.all(|other| other == first).then_some(first)
}
