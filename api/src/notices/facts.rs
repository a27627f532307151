//! What an event of a booking means to its customer. Pure.

use daybook_domain::{
    booking::{Booking, Event, Line, Status},
    notice::{Change, Kind, Message},
    values::{BookingId, Money, NoticeId, Quantity, Timestamp},
};
use daybook_event_store::Recorded;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::derived_id::version_7;

/// What a customer is told of an event, if of that one.
pub(super) fn message(event: &Event, before: &Booking) -> Option<Message> {
    let changed = |change, fee: Option<Money>, refund: Option<Money>| {
        let [fee, refund] = [fee, refund].map(|sum| sum.filter(|sum| !sum.is_zero()));
        before.total().map(|before| Message::Changed { change, before, fee, refund })
    };
    match *event {
        Event::Requested { until, .. } => Some(Message::Requested { until }),
        Event::Held { until, .. } | Event::Approved { until: Some(until), .. } => {
            Some(Message::Held { until })
        }
        // whoever was told of the deadline hears of the new one
        Event::HoldExtended { until, .. } if before.status() == Status::Requested => {
            Some(Message::Requested { until })
        }
        Event::HoldExtended { until, .. } => Some(Message::Held { until }),
        Event::Booked { .. } | Event::Approved { until: None, .. } | Event::Confirmed { .. } => {
            Some(Message::Confirmed {})
        }
        Event::Declined { .. } => Some(Message::Declined {}),
        Event::Amended { fee, refund, .. } => changed(Change::Amended, fee, refund),
        Event::Rescheduled { fee, refund, .. } => changed(Change::Rescheduled, fee, refund),
        Event::Moved { .. } => changed(Change::Moved, None, None),
        Event::LinesCancelled { fee, refund, .. } => changed(Change::LinesCancelled, fee, refund),
        Event::Cancelled { fee, refund, .. } => Some(Message::Cancelled { fee, refund }),
        Event::HoldLapsed { .. } => Some(Message::Lapsed {}),
        Event::NoShowRecorded { fee, refund, .. } => Some(Message::NoShow { fee, refund }),
        Event::CancellationQuoted { .. } | Event::CheckedIn { .. } | Event::CheckedOut { .. } => {
            None
        }
    }
}

/// When an event happened.
pub(super) fn happened_at(event: &Event) -> Timestamp {
    match *event {
        Event::Requested { at, .. }
        | Event::Approved { at, .. }
        | Event::Declined { at, .. }
        | Event::HoldExtended { at, .. }
        | Event::Held { at, .. }
        | Event::Booked { at, .. }
        | Event::Confirmed { at, .. }
        | Event::Amended { at, .. }
        | Event::Rescheduled { at, .. }
        | Event::Moved { at, .. }
        | Event::LinesCancelled { at, .. }
        | Event::CancellationQuoted { at, .. }
        | Event::CheckedIn { at, .. }
        | Event::CheckedOut { at, .. }
        | Event::NoShowRecorded { at, .. }
        | Event::Cancelled { at, .. }
        | Event::HoldLapsed { at, .. } => at,
    }
}

/// What is booked, as far as notices tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Booked {
    pub(super) starts_at: Timestamp,
    pub(super) ends_at: Timestamp,
    /// If all of it is sold by the night.
    pub(super) nights: Option<u32>,
    pub(super) lines: Quantity,
    pub(super) total: Money,
}

impl Booked {
    /// What a booking has booked, once it was made.
    pub(super) fn of(booking: &Booking) -> Option<Self> {
        let lines = booking.lines();
        let first = lines.iter().min_by_key(|line| line.starts_at())?;
        let last = lines.iter().max_by_key(|line| line.ends_at())?;
        let by_night = lines.iter().all(|line| line.nights().is_some());
        let nights = |line: &Line| line.nights().map(|nights| nights.stay().arrival());
        let departure = |line: &Line| line.nights().map(|nights| nights.stay().departure());
        let nights = nights(first).zip(departure(last)).filter(|_| by_night);
        let nights = nights.map(|(arrival, departure)| (departure - arrival).num_days());
        Some(Self {
            starts_at: first.starts_at(),
            ends_at: last.ends_at(),
            // day use of a room has no night at all
            nights: nights.and_then(|nights| u32::try_from(nights).ok()).filter(|n| *n > 0),
            lines: Quantity::try_new(u32::try_from(lines.len()).ok()?).ok()?,
            total: booking.total()?,
        })
    }

    /// What customers are reminded of, and by which notice: one for each way in which it is booked.
    pub(super) fn to_remind_of(id: BookingId, booking: &Booking) -> Option<(NoticeId, Self)> {
        let booked = Self::of(booking).filter(|_| booking.status() == Status::Confirmed)?;
        Some((booked.reminder(id), booked))
    }

    fn reminder(&self, booking: BookingId) -> NoticeId {
        let mut hash = Sha256::new();
        hash.update(booking.as_uuid());
        hash.update(Kind::Reminder.as_str());
        for instant in [self.starts_at, self.ends_at] {
            hash.update(instant.timestamp_micros().to_be_bytes());
        }
        hash.update(self.lines.get().to_be_bytes());
        hash.update(self.total.minor().to_be_bytes());
        NoticeId::from_uuid(version_7(hash, made_at(booking.as_uuid())))
    }
}

/// The notice of an event: the same however often it is asked for.
pub(super) fn notice_of(event: &Recorded, kind: Kind) -> NoticeId {
    let mut hash = Sha256::new();
    hash.update(event.event_id);
    hash.update(kind.as_str());
    NoticeId::from_uuid(version_7(hash, event.recorded_at))
}

/// When an id was made, if it tells: ids near each other in time are near each other in the database.
fn made_at(id: Uuid) -> Timestamp {
    let (seconds, nanos) = id.get_timestamp().map_or((0, 0), |stamp| stamp.to_unix());
    i64::try_from(seconds)
        .ok()
        .and_then(|seconds| Timestamp::from_timestamp(seconds, nanos))
        .unwrap_or_default()
}
