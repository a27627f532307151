//! One ticket: what it admits to, who holds it, and every time it was shown.

use serde::{Deserialize, Serialize};

use super::scan::{Outcome, Reading, Scan, Standing};
use crate::allotment::Session;
use crate::booking::Places;
use crate::values::{
    Code, CodeHash, CustomerId, Email, Generation, Nonce, Phrase, Seat, SessionId, TicketNumber,
    Timestamp,
};

/// What a ticket admits one person to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Entitlement {
    /// The session.
    pub session: SessionId,
    /// As what.
    pub offer: Code,
    /// In which seat; none if the places have no seats.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seat: Option<Seat>,
}

impl Entitlement {
    /// What places of a session entitle to: one person for each seat, or as many as their offer admits.
    pub fn of_places(places: &Places, session: Option<&Session>) -> Vec<Self> {
        let one = |seat| Self { session: places.session(), offer: places.offer().clone(), seat };
        if !places.seats().is_empty() {
            return places.seats().iter().cloned().map(Some).map(one).collect();
        }
        let offer = session.and_then(|session| session.offer(places.offer()));
        let each = offer.map_or(1, crate::allotment::Offer::admits);
        let people = u64::from(places.quantity().get()) * u64::from(each);
        // one more than there can be is refused as well as any more are
        let people = people.min(u64::from(TicketNumber::MAX) + 1);
        (0..people).map(|_| one(None)).collect()
    }
}

/// Who holds a ticket; personal, so all of it is kept in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// Their name.
    pub name: Phrase,
    /// Where to write to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    /// Which customer that is, if one is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_id: Option<CustomerId>,
}

/// One issue of a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issue {
    /// What it admits to.
    #[serde(flatten)]
    pub entitlement: Entitlement,
    /// The digest of its code.
    pub code_hash: CodeHash,
    /// Since when it is the one in force.
    pub since: Timestamp,
}

/// A ticket so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its number within the booking.
    pub number: TicketNumber,
    /// All its issues, oldest first; the last is in force.
    pub(super) issues: Vec<Issue>,
    /// Who holds it, if somebody other than who booked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal: Option<Holder>,
    /// Since when it is void, if it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voided_at: Option<Timestamp>,
    /// Every time it was shown, in the order in which that counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) scans: Vec<Scan>,
}

impl Ticket {
    pub(super) fn new(number: TicketNumber, issue: Issue) -> Self {
        Self { number, issues: vec![issue], personal: None, voided_at: None, scans: Vec::new() }
    }

    /// The issue in force.
    ///
    /// # Panics
    /// Never: a ticket begins with its first issue, and none is taken away.
    pub fn issue(&self) -> &Issue {
        self.issues.last().expect("a ticket was issued at least once")
    }

    /// All issues with their generations, oldest first.
    pub fn issues(&self) -> impl DoubleEndedIterator<Item = (Generation, &Issue)> {
        let generations = (1..).map_while(|generation| Generation::try_new(generation).ok());
        let issues: Vec<_> = generations.zip(&self.issues).collect();
        issues.into_iter()
    }

    /// What it admits to now.
    pub fn entitlement(&self) -> &Entitlement {
        &self.issue().entitlement
    }

    /// How often it was issued.
    pub fn generation(&self) -> Generation {
        self.issues().next_back().map_or(Generation::FIRST, |(generation, _)| generation)
    }

    /// Whether it is void.
    pub fn is_void(&self) -> bool {
        self.voided_at.is_some()
    }

    /// Every time it was shown, in the order in which that counts.
    pub fn scans(&self) -> &[Scan] {
        &self.scans
    }

    /// The scan that a gate calls by a nonce.
    pub fn scan(&self, nonce: &Nonce) -> Option<&Scan> {
        self.scans.iter().find(|scan| scan.reading.nonce == *nonce)
    }

    /// Where its holder is, as far as the gates of a session know.
    pub fn standing(&self, session: SessionId) -> Standing {
        let mut standing = Standing::default();
        for scan in self.passages(session) {
            standing.pass(scan.reading.direction, scan.reentry);
        }
        standing
    }

    /// How many scans at the gates of a session came to something.
    pub fn count(&self, session: SessionId, came_to: impl Fn(Outcome) -> bool) -> usize {
        let scans = self.scans.iter().filter(|scan| scan.session == session);
        scans.filter(|scan| came_to(scan.outcome)).count()
    }

    /// The scans at which somebody went through a gate of a session, in order.
    pub(super) fn passages(&self, session: SessionId) -> impl Iterator<Item = &Scan> {
        self.scans.iter().filter(move |scan| scan.session == session && scan.outcome.is_passage())
    }

    /// The issue that a gate read, and since when it is superseded, if it is.
    pub(super) fn read(&self, reading: &Reading) -> Option<(&Issue, Option<Timestamp>)> {
        let index = usize::try_from(reading.generation.get()).ok()?.checked_sub(1)?;
        let issue = self.issues.get(index)?;
        Some((issue, self.issues.get(index + 1).map(|next| next.since)))
    }

    pub(super) fn weight(&self) -> usize {
        let issue = size_of::<Issue>() + Code::MAX;
        let scan = size_of::<Scan>() + Nonce::MAX;
        let holder = self.personal.as_ref().map_or(0, |_| 2 * Phrase::MAX);
        size_of::<Self>() + self.issues.len() * issue + self.scans.len() * scan + holder
    }
}
