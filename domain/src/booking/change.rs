//! Changes of what is booked: each replaces all lines, and says in its event what kind of change it was.

use super::{
    Booking, CancelTerms, ChangeTerms, Event, Line, Lines, Order, Portion, Refusal, Status,
    cancellation, check_ends,
};
use crate::values::{Party, Reason, Timestamp};

impl Booking {
    /// Refuses if nothing of what is booked can be changed at an instant.
    pub fn check_changeable(&self, at: Timestamp) -> Result<(), Refusal> {
        self.changeable(at).map(|_| ())
    }

    /// Books something else instead.
    pub(super) fn amend(
        &self,
        lines: Lines,
        party: Party,
        terms: ChangeTerms,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let order = self.changeable(at)?;
        if order.lines == lines && order.party == party {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        order.check_new(&lines, at)?;
        let (fee, refund) = cancellation::parts(self.settle_change(&lines, terms, at)?);
        let total = lines.total();
        Ok(vec![Event::Amended { lines, party, total, fee, refund, at }])
    }

    /// Books the same for other times.
    pub(super) fn reschedule(
        &self,
        lines: Lines,
        terms: ChangeTerms,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let order = self.changeable(at)?;
        if order.lines == lines {
            return Ok(Vec::new());
        }
        if let Some(number) = order.differs(&lines, Line::is_same_but_for_the_time) {
            return Err(Refusal::NotOnlyTheTime { number });
        }
        order.check_new(&lines, at)?;
        let (fee, refund) = cancellation::parts(self.settle_change(&lines, terms, at)?);
        let total = lines.total();
        Ok(vec![Event::Rescheduled { lines, total, fee, refund, at }])
    }

    /// Books the same for the same times elsewhere.
    pub(super) fn move_lines(&self, lines: Lines, at: Timestamp) -> Result<Vec<Event>, Refusal> {
        let order = self.changeable(at)?;
        if order.lines == lines {
            return Ok(Vec::new());
        }
        if let Some(number) = order.differs(&lines, Line::is_same_but_for_the_place) {
            return Err(Refusal::NotOnlyThePlace { number });
        }
        order.check_new(&lines, at)?;
        let total = lines.total();
        Ok(vec![Event::Moved { lines, total, at }])
    }

    /// Calls a portion off.
    pub(super) fn cancel_portion(
        &self,
        portion: &Portion,
        reason: Option<Reason>,
        terms: CancelTerms,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let order = self.changeable(at)?;
        let cut = portion.cut(&order.lines)?;
        if cut.gone.is_empty() {
            return Ok(Vec::new());
        }
        let (fee, refund) = cancellation::parts(self.settle(portion, &cut, terms, at)?);
        let cancelled = cut.gone;
        // part of lines that add up adds up as well, so that none but add-ons is the only mistake
        let lines = Lines::try_new(cut.kept).map_err(|_| Refusal::NothingLeft)?;
        let total = lines.total();
        Ok(vec![Event::LinesCancelled { cancelled, lines, total, reason, fee, refund, at }])
    }

    /// What is booked, as long as it can be changed.
    fn changeable(&self, at: Timestamp) -> Result<&Order, Refusal> {
        match (self.status, &self.order) {
            (Status::Requested | Status::Held | Status::Confirmed, Some(order)) => {
                self.check_deadline(at)?;
                Ok(order)
            }
            _ => Err(self.stands_in_the_way()),
        }
    }
}

impl Order {
    fn check_new(&self, lines: &Lines, at: Timestamp) -> Result<(), Refusal> {
        if lines.total().currency() != self.lines.total().currency() {
            return Err(Refusal::CurrencyMismatch);
        }
        if self.lines == *lines { Ok(()) } else { check_ends(lines, at) }
    }

    /// The first line that is not alike.
    fn differs(&self, lines: &Lines, alike: impl Fn(&Line, &Line) -> bool) -> Option<usize> {
        let (old, new) = (self.lines.as_slice(), lines.as_slice());
        let mut pairs = old.iter().zip(new);
        let first = pairs.position(|(old, new)| !alike(old, new));
        first.or((old.len() != new.len()).then_some(old.len().min(new.len())))
    }
}

impl Line {
    fn is_same_but_for_the_time(&self, other: &Self) -> bool {
        self.quantity() == other.quantity()
            && self.listing() == other.listing()
            && match (self, other) {
                (Self::Nights(a), Self::Nights(b)) => a.resource() == b.resource(),
                (Self::Time(a), Self::Time(b)) => a.resource() == b.resource(),
                // another date of a performance is another session
                (Self::Places(a), Self::Places(b)) => a.offer() == b.offer(),
                (Self::AddOn(a), Self::AddOn(b)) => a.add_on() == b.add_on(),
                (Self::Nights(_) | Self::Time(_) | Self::Places(_) | Self::AddOn(_), _) => false,
            }
    }

    fn is_same_but_for_the_place(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Nights(a), Self::Nights(b)) => a.clone().moved(b.resource()) == *b,
            (Self::Time(a), Self::Time(b)) => {
                a.clone().moved(b.resource()).occupying(b.occupies()) == *b
            }
            (Self::Places(a), Self::Places(b)) => a.clone().seated(b.seats().to_vec()) == *b,
            (Self::AddOn(a), Self::AddOn(b)) => a == b,
            (Self::Nights(_) | Self::Time(_) | Self::Places(_) | Self::AddOn(_), _) => false,
        }
    }
}
