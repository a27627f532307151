//! Follows the log and writes the notices that events call for.
//!
//! At least once: the position is recorded after the notices are, and a notice has an id made of what it tells, so that
//! reading an event again writes nothing. Nothing of it is on the way of a booking: it reads what is committed, and
//! stands back while commands wait for the log.

use std::{collections::HashMap, time::Duration};

use anyhow::{Context, Result};
use chrono::TimeDelta;
use daybook_domain::{
    booking::{Booking, Event, Line},
    notice::{Command, Kind, Letter, Message, Notice, Refusal, Topic},
    values::{BookingId, NoticeId},
};
use daybook_event_store::{
    CommandContext, Filter, Metadata, Position, Recorded, Response, Role, Stream, Verdict, Writer,
};
use serde::de::DeserializeOwned;

use super::{
    facts::{self, Booked},
    offers::LISTS,
    place::{Place, Places},
    refunds::PAYMENTS,
    text,
};
use crate::{app::App, extract::now};

/// What it is called where its position is kept.
pub(super) const NAME: &str = "notices";
/// The kind of aggregate that most notices are about.
const BOOKINGS: &str = "booking";
/// What is told late is told to nobody: history that is written down or taken over from elsewhere.
pub(super) const LATEST: TimeDelta = TimeDelta::hours(1);
/// How many events are read at once.
const PAGE: usize = 1_000;
/// How far behind it reads bookings, waiting lists and payments alone, from the database; nearer the head, everything is in memory.
const FAR: i64 = 5_000;
/// How many notices are written in one go.
const BATCH: usize = 64;
/// How long events may come together.
const GATHERING: Duration = Duration::from_millis(100);
/// How many commands wait for the log when it stands back, and for how long it does so at the most.
const CROWD: usize = 16;
const STANDING_BACK: Duration = Duration::from_secs(1);
/// How long it waits for news before it looks whether it still owns the log.
const PATIENCE: Duration = Duration::from_secs(1);

/// Follows the log for as long as the task lives, while this process owns it. Where notices go nowhere, none are written,
/// now or when they go somewhere again.
pub(super) async fn run(app: App, tells: bool) {
    loop {
        let writer = match &*app.role.borrow() {
            Role::Owner(writer) => Some(writer.clone()),
            Role::Follower(_) => None,
        };
        if let Some(writer) = writer {
            let manager = Manager { app: &app, writer: &writer, tells };
            if let Err(error) = manager.follow().await {
                let error = format!("{error:#}");
                tracing::warn!(error, "notices could not be written");
            }
        }
        tokio::time::sleep(PATIENCE).await;
    }
}

pub(super) struct Manager<'a> {
    pub(super) app: &'a App,
    pub(super) writer: &'a Writer,
    pub(super) tells: bool,
}

/// Something to do about a notice.
pub(super) struct Action {
    pub(super) id: NoticeId,
    pub(super) command: Command,
    /// Nobody can have written it before.
    pub(super) is_new: bool,
}

/// What is looked up once for all events that are read together.
#[derive(Default)]
struct Known {
    bookings: HashMap<BookingId, (Booking, i64)>,
    places: Places,
}

impl Manager<'_> {
    async fn follow(&self) -> Result<()> {
        // whatever is older may have been told by a run that broke off before it could say so
        let known_before = self.app.log.head().await?;
        let mut done = self.app.processes.position(NAME).await?;
        let mut recorded = done;
        let mut committed = self.app.log.committed();
        while !self.writer.is_fenced() {
            let head = *committed.borrow_and_update();
            report(done, head);
            if head <= done {
                if done > recorded {
                    self.app.processes.advance(NAME, done).await?;
                    recorded = done;
                }
                // whether or not there is news, there may be another owner
                let _ = tokio::time::timeout(PATIENCE, committed.changed()).await;
                continue;
            }
            tokio::time::sleep(GATHERING).await;
            let page = self.app.log.read_after(done, PAGE, &filter(done, head)).await?;
            let of = |kind: &str| -> Vec<&Recorded> {
                let events = page.events.iter().filter(|event| event.aggregate_type == kind);
                events.map(|event| &**event).collect()
            };
            let until = page.searched_to;
            let mut actions = self.actions(&of(BOOKINGS), until, known_before).await?;
            actions.extend(self.offers(&of(LISTS), until, known_before).await?);
            actions.extend(self.refunds(&of(PAYMENTS), until, known_before).await?);
            if !actions.is_empty() {
                self.carry_out(&actions, page.searched_to).await?;
                self.app.processes.advance(NAME, page.searched_to).await?;
                recorded = page.searched_to;
            }
            done = page.searched_to;
        }
        Ok(())
    }

    /// What some events call for, in their order.
    async fn actions(
        &self,
        events: &[&Recorded],
        until: Position,
        known_before: Position,
    ) -> Result<Vec<Action>> {
        let mut actions = Vec::new();
        if !self.tells {
            return Ok(actions);
        }
        let mut known = Known::default();
        let events: Vec<(&Recorded, Event)> = events
            .iter()
            .filter_map(|recorded| read(self.app, recorded).map(|event| (*recorded, event)))
            .filter(|(recorded, event)| matters(recorded, event))
            .collect();
        self.recall(&mut known, &events, until).await?;
        for (recorded, event) in &events {
            let id: BookingId = recorded.aggregate_id.parse()?;
            let before = known.before(id, recorded.sequence).clone();
            let mut after = before.clone();
            after.evolve(event);
            let moment = Moment { recorded, event, id, before: &before, after: &after };
            let place = known.places.of(self.writer, after.listing()).await?;
            if let Some(place) = place {
                let is_new = recorded.position > known_before;
                let first = actions.len();
                self.add(&mut actions, &moment, &place).await?;
                actions[first..].iter_mut().for_each(|action| action.is_new &= is_new);
            }
            known.bookings.insert(id, (after, recorded.sequence));
        }
        Ok(actions)
    }

    /// Looks up what the bookings were before the first of these events, where that is not the first of all.
    async fn recall(
        &self,
        known: &mut Known,
        events: &[(&Recorded, Event)],
        until: Position,
    ) -> Result<()> {
        let mut first = HashMap::new();
        for (recorded, _) in events {
            first.entry(recorded.aggregate_id.clone()).or_insert(recorded.sequence);
        }
        let earlier = first.iter().filter(|(_, sequence)| **sequence > 1);
        let ids: Vec<String> = earlier.map(|(id, _)| id.clone()).collect();
        if ids.is_empty() {
            return Ok(());
        }
        for recorded in self.app.log.read_streams(BOOKINGS, &ids, until).await? {
            if first.get(&recorded.aggregate_id).is_some_and(|first| recorded.sequence < *first)
                && let Some(event) = read(self.app, &recorded)
            {
                let id = recorded.aggregate_id.parse()?;
                let (booking, sequence) = known.bookings.entry(id).or_default();
                booking.evolve(&event);
                *sequence = recorded.sequence;
            }
        }
        Ok(())
    }

    async fn add(
        &self,
        actions: &mut Vec<Action>,
        moment: &Moment<'_>,
        place: &Place,
    ) -> Result<()> {
        let Moment { recorded, event, id, before, after } = *moment;
        let (cause, at) =
            (u64::try_from(recorded.sequence).unwrap_or_default(), recorded.recorded_at);
        let message = facts::message(event, before).filter(|_| moment.is_told_in_time());
        if let Some(message) = message.filter(|message| place.settings.wants(message.kind()))
            && let Some(booked) = Booked::of(after)
        {
            let letter = self.letter(moment, message, booked, place).await?;
            let command = Command::Write { letter, cause, due_at: at, at };
            let id = facts::notice_of(recorded, message.kind());
            actions.push(Action { id, command, is_new: true });
        }
        let reminder = |booking| Booked::to_remind_of(id, booking);
        let (old, new) = (reminder(before), reminder(after));
        if old.map(|(id, _)| id) == new.map(|(id, _)| id) {
            return Ok(());
        }
        if let Some((id, _)) = old {
            let command = Command::Withdraw { cause, at };
            actions.push(Action { id, command, is_new: false });
        }
        if let Some((id, booked)) = new.filter(|_| place.settings.wants(Kind::Reminder)) {
            let due_at = place.settings.reminder_of(booked.starts_at);
            if due_at > at {
                let letter = self.letter(moment, Message::Reminder {}, booked, place).await?;
                let command = Command::Write { letter, cause, due_at, at };
                // a booking that was put back to where it had been has had its reminder before
                actions.push(Action { id, command, is_new: old.is_none() });
            }
        }
        Ok(())
    }

    async fn letter(
        &self,
        moment: &Moment<'_>,
        message: Message,
        booked: Booked,
        place: &Place,
    ) -> Result<Box<Letter>> {
        self.letter_about((moment.id, moment.after), message, booked, place).await
    }

    /// A letter to the customer of a booking.
    pub(super) async fn letter_about(
        &self,
        (id, booking): (BookingId, &Booking),
        message: Message,
        booked: Booked,
        place: &Place,
    ) -> Result<Box<Letter>> {
        let customer = booking.customer().context("a booking has a customer")?;
        let Booked { starts_at, ends_at, nights, lines, total } = booked;
        Ok(Box::new(Letter {
            customer,
            language: text::tag(place.language_of(self.writer, customer).await?),
            template: text::EDITION,
            message,
            topic: Topic {
                organization: place.organization,
                organization_name: place.organization_name.clone(),
                listing: booking.listing().context("a booking has a listing")?,
                title: place.title.clone(),
                booking: Some(id),
                starts_at,
                ends_at,
                zone: booking.zone().context("a booking has a zone")?,
                nights,
                lines,
                total: Some(total),
            },
        }))
    }

    async fn carry_out(&self, actions: &[Action], last: Position) -> Result<()> {
        for actions in actions.chunks(BATCH) {
            self.stand_back().await;
            let stream = |action: &Action| {
                if action.is_new {
                    Stream::fresh::<Notice>(action.id)
                } else {
                    Stream::of::<Notice>(action.id)
                }
            };
            let streams: Vec<_> = actions.iter().map(stream).collect();
            let context = CommandContext { metadata: metadata(last), idempotency: None };
            let written = self.writer.run(&streams, &context, |unit| {
                for Action { id, command, .. } in actions {
                    unit.decide(id, |notice: &Notice| notice.decide(command.clone()))?;
                }
                Ok::<_, Refusal>(Verdict::Commit(Response::default()))
            });
            written.await?;
        }
        Ok(())
    }

    /// Lets customers' commands go first, though not for ever.
    async fn stand_back(&self) {
        let begun = tokio::time::Instant::now();
        while self.writer.waiting() >= CROWD && begun.elapsed() < STANDING_BACK {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

/// An event, and the booking before and after it.
#[derive(Clone, Copy)]
struct Moment<'a> {
    recorded: &'a Recorded,
    event: &'a Event,
    id: BookingId,
    before: &'a Booking,
    after: &'a Booking,
}

impl Moment<'_> {
    /// Nobody is told of what happened long before it was written down, nor that something was arranged which was over
    /// by then.
    fn is_told_in_time(&self) -> bool {
        let recorded_at = self.recorded.recorded_at;
        let is_late = recorded_at - facts::happened_at(self.event) > LATEST;
        let is_over = Booked::of(self.after).is_some_and(|booked| booked.ends_at <= recorded_at);
        !is_late && (!is_over || matches!(self.event, Event::NoShowRecorded { .. }))
    }
}

impl Known {
    /// The booking before one of its events.
    fn before(&self, id: BookingId, sequence: i64) -> &Booking {
        static NEVER_MADE: std::sync::LazyLock<Booking> =
            std::sync::LazyLock::new(Booking::default);
        let known = self.bookings.get(&id).filter(|(_, known)| *known < sequence);
        known.map_or(&NEVER_MADE, |(booking, _)| booking)
    }
}

/// Near the head everything is in memory; far behind, the database looks for what is wanted.
fn filter(done: Position, head: Position) -> Filter {
    if head.get() - done.get() <= FAR {
        return Filter::default();
    }
    let aggregate_types = [BOOKINGS, LISTS, PAYMENTS].map(str::to_owned).to_vec();
    Filter { aggregate_types, event_types: Vec::new() }
}

/// An event in the types of the domain. One that cannot be read concerns nobody: whoever waits for it would wait for
/// ever, and so would everybody behind.
pub(super) fn read<E: DeserializeOwned>(app: &App, recorded: &Recorded) -> Option<E> {
    let mut current = recorded.clone();
    let read = app.log.upcast(&mut current).map_err(|error| error.to_string());
    let read = read
        .and_then(|()| serde_json::from_str(&current.payload).map_err(|error| error.to_string()));
    read.inspect_err(|error| {
        let position = recorded.position.get();
        tracing::error!(position, error, "notices cannot read an event and pass it over");
    })
    .ok()
}

/// Whether anything may follow from an event, as far as the event alone tells: most of what is taken over from elsewhere
/// was over long ago, and is not worth a look at its booking.
fn matters(recorded: &Recorded, event: &Event) -> bool {
    if let Event::CancellationQuoted { .. } | Event::CheckedOut { .. } = event {
        return false;
    }
    let (Event::Requested { terms, .. } | Event::Held { terms, .. } | Event::Booked { terms, .. }) =
        event
    else {
        return true;
    };
    let ends = terms.lines().as_slice().iter().map(Line::ends_at).max();
    ends.is_some_and(|ends| ends > recorded.recorded_at)
}

fn metadata(last: Position) -> Metadata {
    Metadata::from([
        ("principal".to_owned(), "system".to_owned()),
        ("principal_name".to_owned(), NAME.to_owned()),
        ("causation".to_owned(), format!("the log up to {last} at {}", now().to_rfc3339())),
    ])
}

fn report(done: Position, head: Position) {
    let lag = (head.get() - done.get()).max(0);
    metrics::gauge!("daybook_process_position", "process" => NAME).set(done.get() as f64);
    metrics::gauge!("daybook_process_lag_events", "process" => NAME).set(lag as f64);
}
