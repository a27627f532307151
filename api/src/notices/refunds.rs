//! What those who paid are told: that money is on its way back.

use std::collections::{HashMap, HashSet};

use anyhow::Result;
use daybook_domain::{
    booking::Booking,
    notice::{Command, Kind, Message},
    payment::Event,
    values::{BookingId, Money, RefundId, Timestamp},
};
use daybook_event_store::{Position, Recorded};

use super::{
    facts::{self, Booked},
    manager::{Action, LATEST, Manager, read},
    place::Places,
};

/// The kind of aggregate that money goes back by.
pub(super) const PAYMENTS: &str = "payment";

/// Money that goes back.
#[derive(Clone, Copy)]
struct Back {
    /// Which refund; refunds of old had no name.
    refund: Option<RefundId>,
    amount: Money,
    at: Timestamp,
    /// Whether it went back at once, without the provider being asked for it before.
    is_done: bool,
}

/// What is known of payments up to now.
#[derive(Default)]
struct Payments {
    bookings: HashMap<String, BookingId>,
    /// Refunds that a provider was asked for.
    asked: HashSet<(String, RefundId)>,
}

impl Manager<'_> {
    /// The notices of money that goes back by some events: one for each refund, when it is asked for.
    pub(super) async fn refunds(
        &self,
        events: &[&Recorded],
        until: Position,
        known_before: Position,
    ) -> Result<Vec<Action>> {
        let (mut actions, mut places) = (Vec::new(), Places::default());
        if !self.tells {
            return Ok(actions);
        }
        let events = events.iter().filter_map(|recorded| Some((*recorded, self.back(recorded)?)));
        let events: Vec<(&Recorded, Back)> = events.collect();
        let payments = self.payments(&events, until).await?;
        for (recorded, back) in events {
            let asked = |id| payments.asked.contains(&(recorded.aggregate_id.clone(), id));
            if back.is_done && back.refund.is_some_and(asked) {
                continue; // they were told when it was asked for
            }
            let Some(id) = payments.bookings.get(&recorded.aggregate_id).copied() else { continue };
            let booking = self.writer.peek(&id.to_string(), Booking::clone).await?;
            let place = places.of(self.writer, booking.listing()).await?;
            let place = place.filter(|place| place.settings.wants(Kind::Refunded));
            let (Some(place), Some(booked)) = (place, Booked::of(&booking)) else { continue };
            let message = Message::Refunded { amount: back.amount };
            let letter = self.letter_about((id, &booking), message, booked, &place).await?;
            let at = recorded.recorded_at;
            let cause = u64::try_from(recorded.sequence).unwrap_or_default();
            actions.push(Action {
                id: facts::notice_of(recorded, message.kind()),
                command: Command::Write { letter, cause, due_at: at, at },
                is_new: recorded.position > known_before,
            });
        }
        Ok(actions)
    }

    /// The money that goes back by an event, unless that happened long before it was written down.
    fn back(&self, recorded: &Recorded) -> Option<Back> {
        let back = match read::<Event>(self.app, recorded)? {
            Event::RefundRequested { refund, amount, at, .. } => {
                Back { refund: Some(refund), amount, at, is_done: false }
            }
            Event::Refunded { refund, amount, at, .. } => {
                Back { refund, amount, at, is_done: true }
            }
            _ => return None,
        };
        (recorded.recorded_at - back.at <= LATEST).then_some(back)
    }

    /// What the payments of some events are for, and what was asked of their providers.
    async fn payments(&self, events: &[(&Recorded, Back)], until: Position) -> Result<Payments> {
        let mut ids: Vec<_> =
            events.iter().map(|(recorded, _)| recorded.aggregate_id.clone()).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut payments = Payments::default();
        if ids.is_empty() {
            return Ok(payments);
        }
        for recorded in self.app.log.read_streams(PAYMENTS, &ids, until).await? {
            let id = recorded.aggregate_id.clone();
            match read(self.app, &recorded) {
                Some(Event::Requested { booking, .. }) => {
                    payments.bookings.insert(id, booking);
                }
                Some(Event::RefundRequested { refund, .. }) => {
                    payments.asked.insert((id, refund));
                }
                _ => {}
            }
        }
        Ok(payments)
    }
}
