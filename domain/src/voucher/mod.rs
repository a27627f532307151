//! A voucher: a fixed price or something off, so often and up to a budget, and what is set aside for it.
//!
//! A use belongs to a booking and is decided here, in the booking's unit of work: this stream orders all uses, so that
//! the last one is had once. What a booking holds until a deadline counts until then, and stops counting by itself.

mod benefit;
mod block;
mod command;
mod drawn;
mod event;
mod grant;
mod ledger;
mod levels;
mod terms;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use benefit::{Benefit, BenefitError};
pub use block::Block;
pub use command::{Command, Redemption, Refusal};
pub use event::{Event, Revised};
pub use grant::{Discounts, Grant};
pub use ledger::Tally;
pub use terms::{Scope, Terms, TermsError, Uses, UsesError};

use crate::calendar::Take;
use crate::values::{
    BookingId, Code, Currency, CustomerId, Money, OrganizationId, ResourceId, SessionId, Timestamp,
    VoucherCode, VoucherId,
};
use ledger::{Ledger, Use};

/// Raised whenever the serialised state changes, so that older snapshots are left alone.
pub const STATE_VERSION: u32 = 2;

/// Whether a voucher can be used at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// As far as its terms say.
    Active,
    /// No more.
    Withdrawn,
}

impl Status {
    /// The name as it is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// A voucher so far.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Voucher {
    given_out: Option<Box<GivenOut>>,
    /// How many events there are, and how many there were when its terms changed last.
    events: i64,
    terms_at: i64,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct GivenOut {
    details: Details,
    ledger: Ledger,
}

/// What decisions and the edges read of a voucher that was given out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Whose it is.
    pub organization: OrganizationId,
    /// What people type in.
    pub code: VoucherCode,
    /// The currency of its amounts.
    pub currency: Currency,
    /// What it promises.
    pub terms: Terms,
    /// Whether it can be used at all.
    pub status: Status,
}

impl Details {
    /// The voucher as it was given out.
    pub fn begun(event: &Event) -> Option<Self> {
        let Event::Created { organization, code, currency, terms, at: _ } = event else {
            return None;
        };
        Some(Self {
            organization: *organization,
            code: code.clone(),
            currency: *currency,
            terms: Terms::clone(terms),
            status: Status::Active,
        })
    }

    /// Folds one event into a voucher that was given out.
    pub fn evolve(&mut self, event: &Event) {
        match event {
            Event::Revised(revised) => revised.apply(&mut self.terms),
            Event::Withdrawn { at: _ } => self.status = Status::Withdrawn,
            Event::Created { .. }
            | Event::Used { .. }
            | Event::UseChanged { .. }
            | Event::UseExtended { .. }
            | Event::UseConfirmed { .. }
            | Event::UseReturned { .. } => {}
        }
    }

    /// What a booking is promised that uses it.
    pub fn grant(&self) -> Grant {
        Grant {
            voucher: VoucherId::of(self.organization, &self.code),
            code: self.code.clone(),
            benefit: self.terms.benefit,
            scope: self.terms.scope.clone(),
        }
    }

    /// Until when something is set aside for it: not at all, once it can no longer be used.
    pub fn blocks_until(&self, at: Timestamp) -> Option<Timestamp> {
        let until = self.terms.valid_until.filter(|until| at < *until);
        until.filter(|_| self.status == Status::Active)
    }

    fn check_valid(&self, at: Timestamp) -> Result<(), Refusal> {
        if self.status == Status::Withdrawn {
            return Err(Refusal::Withdrawn);
        }
        if let Some(from) = self.terms.valid_from.filter(|from| at < *from) {
            return Err(Refusal::NotYetValid { from });
        }
        if let Some(at) = self.terms.valid_until.filter(|until| *until <= at) {
            return Err(Refusal::Expired { at });
        }
        Ok(())
    }
}

impl Voucher {
    /// The voucher, once it was given out.
    pub fn details(&self) -> Option<&Details> {
        self.given_out.as_ref().map(|given_out| &given_out.details)
    }

    /// The sequence of the last event that changed its terms: who uses it does not count, so that whoever edits it is not
    /// disturbed by its use.
    pub fn terms_version(&self) -> i64 {
        self.terms_at
    }

    /// How often it counts as used at an instant, and what it gave away.
    pub fn tally(&self, at: Timestamp) -> Tally {
        let tally = |given_out: &GivenOut| given_out.ledger.others(None, at);
        self.given_out.as_deref().map_or_else(Tally::default, tally)
    }

    /// How many of an offer are still set aside, what bookings have of it left out.
    pub fn left_aside(&self, session: SessionId, offer: &Code) -> u32 {
        let Some(GivenOut { details, ledger }) = self.given_out.as_deref() else { return 0 };
        let all = details.terms.blocks.iter().find_map(|block| match block {
            Block::Places { session: place, offer: of, quantity } => {
                (*place == session && of == offer).then_some(quantity.get())
            }
            Block::Nights { .. } | Block::Time { .. } => None,
        });
        all.unwrap_or(0).saturating_sub(ledger.drawn().of_offer(session, offer))
    }

    /// What is still set aside of a resource, what bookings have of it left out.
    pub fn left_aside_of(&self, resource: ResourceId) -> Vec<Take> {
        let Some(GivenOut { details, ledger }) = self.given_out.as_deref() else {
            return Vec::new();
        };
        let takes = details.terms.blocks.iter().filter_map(Block::take);
        let here = takes.filter(|(of, _)| *of == resource);
        here.flat_map(|(_, take)| ledger.drawn().left_of(resource, take)).collect()
    }

    /// What a booking has of what is set aside.
    pub fn drawn_by(&self, booking: BookingId) -> &[Block] {
        let using = self.given_out.as_ref().and_then(|given_out| given_out.ledger.of(booking));
        using.map_or(&[], |using| &using.drawn)
    }

    /// About how many bytes the state takes.
    pub fn weight(&self) -> usize {
        let beyond = |given_out: &GivenOut| {
            size_of::<GivenOut>() + given_out.details.terms.weight() + given_out.ledger.weight()
        };
        size_of::<Self>() + self.given_out.as_deref().map_or(0, beyond)
    }

    /// Refuses if nobody, or not this customer, could use it at an instant, whatever is booked.
    pub fn check_usable(
        &self,
        customer: Option<CustomerId>,
        at: Timestamp,
    ) -> Result<&Details, Refusal> {
        let details = &self.found()?.details;
        details.check_valid(at)?;
        self.check_counts(customer, None, at)?;
        Ok(details)
    }

    /// Refuses if what it comes to for some lines is not what it promises, or more than it has left to give.
    pub fn check_discounts(&self, discounts: Discounts, at: Timestamp) -> Result<(), Refusal> {
        let details = &self.found()?.details;
        let basis = discounts.basis.ok_or(Refusal::NotForThis)?;
        if basis.currency() != details.currency {
            return Err(Refusal::CurrencyMismatch(details.currency));
        }
        if let Some(least) = details.terms.minimum.filter(|least| basis.minor() < least.get()) {
            return Err(Refusal::Minimum { least: least.of(details.currency) });
        }
        self.check_budget(discounts.given, None, at)
    }

    /// Answers a command with new events, or refuses it. Pure: no clock, no I/O, no chance.
    pub fn decide(&self, command: Command) -> Result<Vec<Event>, Refusal> {
        match command {
            Command::Create { .. } if self.given_out.is_some() => Err(Refusal::AlreadyExists),
            Command::Create { organization, code, currency, terms, at } => {
                Ok(vec![Event::Created { organization, code, currency, terms, at }])
            }
            Command::Revise { terms, at } => {
                let present = &self.found()?.details;
                if present.status == Status::Withdrawn {
                    return Err(Refusal::Withdrawn);
                }
                if present.terms == *terms {
                    return Ok(Vec::new()); // a repeat is not a new fact
                }
                let revised = Revised::between(&present.terms, *terms, at);
                Ok(vec![Event::Revised(Box::new(revised))])
            }
            Command::Withdraw { at } => match self.found()?.details.status {
                Status::Active => Ok(vec![Event::Withdrawn { at }]),
                Status::Withdrawn => Ok(Vec::new()), // a repeat is not a new fact
            },
            Command::Use { booking, redemption, until, at } => {
                self.let_use(booking, redemption, until, at)
            }
            Command::ChangeUse { booking, given, drawn, at } => {
                self.change_use(booking, given, drawn, at)
            }
            Command::ExtendUse { booking, until, at } => {
                let present = self.assured(booking, at)?;
                let same = present.until == Some(until);
                Ok(if same { vec![] } else { vec![Event::UseExtended { booking, until, at }] })
            }
            Command::ConfirmUse { booking, at } => {
                let for_good = self.assured(booking, at)?.until.is_none();
                Ok(if for_good { vec![] } else { vec![Event::UseConfirmed { booking, at }] })
            }
            Command::ReturnUse { booking, at } => {
                let using = self.found()?.ledger.of(booking);
                let returned = using.map(|Use { given, .. }| (booking, *given));
                let event = |(booking, given)| Event::UseReturned { booking, given, at };
                Ok(returned.map(event).into_iter().collect())
            }
        }
    }

    /// Folds one event into the state. Total: whatever was stored can be replayed.
    pub fn evolve(&mut self, event: &Event) {
        self.events += 1;
        if event.changes_terms() {
            self.terms_at = self.events;
        }
        if let Some(details) = Details::begun(event) {
            let ledger = Ledger::default();
            self.given_out = Some(Box::new(GivenOut { details, ledger }));
        } else if let Some(given_out) = &mut self.given_out {
            given_out.details.evolve(event);
            given_out.ledger.evolve(event);
        }
    }

    fn let_use(
        &self,
        booking: BookingId,
        redemption: Redemption,
        until: Option<Timestamp>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let Redemption { customer, discounts, drawn } = redemption;
        if self.found()?.ledger.of(booking).is_some() {
            return Err(Refusal::AlreadyUsed);
        }
        self.check_usable(Some(customer), at)?;
        self.check_discounts(discounts, at)?;
        let given = discounts.given;
        Ok(vec![Event::Used { booking, customer, given, drawn, until, at }])
    }

    /// What was promised stays so, whether or not the voucher could be used anew; but no more is given than there is.
    fn change_use(
        &self,
        booking: BookingId,
        given: Money,
        drawn: Vec<Block>,
        at: Timestamp,
    ) -> Result<Vec<Event>, Refusal> {
        let present = self.assured(booking, at)?;
        if present.given == given && present.drawn == drawn {
            return Ok(Vec::new()); // a repeat is not a new fact
        }
        if given.minor() > present.given.minor() {
            self.check_budget(given, Some(booking), at)?;
        }
        Ok(vec![Event::UseChanged { booking, given, drawn, at }])
    }

    /// A booking's use, as long as nobody else can have been given it. Until its deadline nobody is; only when clocks
    /// disagree can a decision at a later instant have passed it over already: then it is counted anew.
    fn assured(&self, booking: BookingId, at: Timestamp) -> Result<&Use, Refusal> {
        let ledger = &self.found()?.ledger;
        let using = ledger.of(booking).ok_or(Refusal::NotUsed)?;
        if let Some(until) = using.until {
            let latest = ledger.latest(at);
            let fits = || {
                self.check_counts(Some(using.customer), Some(booking), latest).is_ok()
                    && self.check_budget(using.given, Some(booking), latest).is_ok()
            };
            if until <= at || (ledger.passed_over(until) && !fits()) {
                return Err(Refusal::HoldEnded { at: until });
            }
        }
        Ok(using)
    }

    fn check_counts(
        &self,
        customer: Option<CustomerId>,
        own: Option<BookingId>,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let GivenOut { details, ledger } = self.found()?;
        let Terms { max_uses, max_uses_per_customer, .. } = &details.terms;
        let others = ledger.others(own, at).uses;
        if let Some(max) = max_uses.map(Uses::get).filter(|max| others >= *max) {
            return Err(Refusal::UsedUp { max });
        }
        if let (Some(max), Some(customer)) = (max_uses_per_customer.map(Uses::get), customer)
            && ledger.others_of(customer, own, at) >= max
        {
            return Err(Refusal::CustomerUsedUp { max });
        }
        Ok(())
    }

    /// The whole discount has to fit into what is left of the budget.
    fn check_budget(
        &self,
        asked: Money,
        own: Option<BookingId>,
        at: Timestamp,
    ) -> Result<(), Refusal> {
        let GivenOut { details, ledger } = self.found()?;
        let Some(budget) = details.terms.budget else { return Ok(()) };
        let left = budget.get().saturating_sub(ledger.others(own, at).given);
        if asked.minor() <= left {
            return Ok(());
        }
        let left = Money::try_new(left, details.currency)?;
        Err(Refusal::Budget { left, asked })
    }

    fn found(&self) -> Result<&GivenOut, Refusal> {
        self.given_out.as_deref().ok_or(Refusal::NotFound)
    }
}

crate::aggregate::aggregate!(Voucher, "voucher");
