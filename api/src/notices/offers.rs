//! What those who wait are told: that what they wait for is kept for them for a while.

use std::collections::HashMap;

use anyhow::Result;
use chrono::NaiveTime;
use daybook_domain::{
    allotment::Allotment,
    notice::{Command, Kind, Letter, Message, Topic},
    values::{CustomerId, ListingId, Quantity, Timestamp, WaitingEntryId, Zone},
    waiting_list::{Event, Wanted},
};
use daybook_event_store::{Position, Recorded};

use super::{
    facts,
    manager::{Action, LATEST, Manager, read},
    place::{Place, Places},
    text,
};

/// The kind of aggregate that offers are made by.
pub(super) const LISTS: &str = "waiting_list";

/// Who waits for what.
struct Waiting {
    customer: CustomerId,
    listing: ListingId,
    wanted: Wanted,
}

/// When what somebody waits for takes place.
struct Span {
    starts_at: Timestamp,
    ends_at: Timestamp,
    zone: Zone,
    nights: Option<u32>,
}

impl Manager<'_> {
    /// The notices of offers among some events.
    pub(super) async fn offers(
        &self,
        events: &[&Recorded],
        until: Position,
        known_before: Position,
    ) -> Result<Vec<Action>> {
        let offered = |recorded: &&Recorded| match read::<Event>(self.app, recorded)? {
            Event::Offered { entry, until, .. } => Some((entry, until)),
            _ => None,
        };
        let offers: Vec<_> =
            events.iter().filter_map(|event| Some((*event, offered(event)?))).collect();
        let (mut actions, mut places) = (Vec::new(), Places::default());
        if offers.is_empty() || !self.tells {
            return Ok(actions);
        }
        let waiting = self.waiting(&offers, until).await?;
        for (recorded, (entry, offered_until)) in offers {
            let Some(waiting) = waiting.get(&entry) else { continue };
            let place = places.of(self.writer, Some(waiting.listing)).await?;
            let place = place.filter(|place| place.settings.wants(Kind::WaitingListOffer));
            let Some(place) = place else { continue };
            let at = recorded.recorded_at;
            let span = self.span(&waiting.wanted, place.zone).await?;
            // an offer that has ended, or was made long before it was written down, is no news
            let Some(span) = span.filter(|_| offered_until > at - LATEST) else { continue };
            let message = Message::WaitingListOffer { until: offered_until };
            let letter = self.offer_letter(waiting, message, span, &place).await?;
            let cause = u64::try_from(recorded.sequence).unwrap_or_default();
            actions.push(Action {
                id: facts::notice_of(recorded, message.kind()),
                command: Command::Write { letter, cause, due_at: at, at },
                is_new: recorded.position > known_before,
            });
        }
        Ok(actions)
    }

    /// Who waits in the lists of some offers, and for what.
    async fn waiting(
        &self,
        offers: &[(&Recorded, (WaitingEntryId, Timestamp))],
        until: Position,
    ) -> Result<HashMap<WaitingEntryId, Waiting>> {
        let mut ids: Vec<_> =
            offers.iter().map(|(recorded, _)| recorded.aggregate_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut all = HashMap::new();
        for recorded in self.app.log.read_streams(LISTS, &ids, until).await? {
            if let Some(Event::Joined { entry, customer, listing, wanted, .. }) =
                read(self.app, &recorded)
            {
                all.insert(entry, Waiting { customer, listing, wanted });
            }
        }
        Ok(all)
    }

    async fn span(&self, wanted: &Wanted, zone: Zone) -> Result<Option<Span>> {
        Ok(match wanted {
            Wanted::Places { session, .. } => {
                let look = |allotment: &Allotment| {
                    let details = allotment.session()?.details();
                    Some((details.time, details.zone))
                };
                let found = self.writer.peek(&session.to_string(), look).await?;
                found.map(|(time, zone)| Span {
                    starts_at: time.start(),
                    ends_at: time.end(),
                    zone,
                    nights: None,
                })
            }
            Wanted::Nights { stay, starts_at, .. } => Some(Span {
                starts_at: *starts_at,
                ends_at: zone.instant(stay.departure(), NaiveTime::MIN),
                zone,
                nights: Some(stay.nights()).filter(|nights| *nights > 0),
            }),
            Wanted::Time { time, zone, .. } => time.plain().map(|time| Span {
                starts_at: time.start(),
                ends_at: time.end(),
                zone: *zone,
                nights: None,
            }),
        })
    }

    async fn offer_letter(
        &self,
        waiting: &Waiting,
        message: Message,
        span: Span,
        place: &Place,
    ) -> Result<Box<Letter>> {
        let Span { starts_at, ends_at, zone, nights } = span;
        Ok(Box::new(Letter {
            customer: waiting.customer,
            language: text::tag(place.language_of(self.writer, waiting.customer).await?),
            template: text::EDITION,
            message,
            topic: Topic {
                organization: place.organization,
                organization_name: place.organization_name.clone(),
                listing: waiting.listing,
                title: place.title.clone(),
                booking: None,
                starts_at,
                ends_at,
                zone,
                nights,
                lines: Quantity::ONE,
                total: None,
            },
        }))
    }
}
