//! Commands on vouchers. What a booking does to the voucher it uses is in `using`, in the booking's own unit of work.

mod aside;
mod drawing;
mod scope;
mod stretches;
mod using;

use std::collections::BTreeSet;

use daybook_domain::{
    allotment::Allotment,
    organization::Organization,
    values::{CalendarId, Currency, OrganizationId, SessionId, Timestamp, VoucherCode, VoucherId},
    voucher::{Block, Command, Details, Refusal, Terms, Voucher},
};
use daybook_event_store::{Answer, Stream, Unit};

use self::scope::Promise;
pub(super) use self::{
    drawing::Drawing,
    using::{Begun, Changing, Redeeming, follow},
};
use super::{
    ATTEMPTS, Order, Stop, calendars, kept_changing,
    told::{Told, told},
};
use crate::problem::{self, Problem};

/// A voucher to be given out.
#[derive(Clone, Debug)]
pub(crate) struct NewVoucher {
    pub(crate) organization: OrganizationId,
    pub(crate) code: VoucherCode,
    /// That of the organization, unless said.
    pub(crate) currency: Option<Currency>,
    pub(crate) terms: Terms,
    pub(crate) at: Timestamp,
}

/// Gives a voucher out, and sets aside what is to be set aside for it: all of it, or nothing.
pub(crate) async fn create(order: &Order, new: &NewVoucher) -> Result<Answer, Problem> {
    let NewVoucher { organization, at, .. } = *new;
    let own = |o: &Organization| o.details().map(|details| details.profile.currency);
    let found = order.writer.peek(&organization.to_string(), own).await?.ok_or_else(|| {
        Problem::about(problem::Code::NotFound, "/organization_id", "there is no such organization")
            .because("organization_not_found")
    })?;
    let promise = Promise { organization, terms: &new.terms, before: None, at };
    let opened = promise.check(&order.writer).await?;
    let id = VoucherId::of(organization, &new.code);
    let command = Command::Create {
        organization,
        code: new.code.clone(),
        currency: new.currency.unwrap_or(found),
        terms: Box::new(new.terms.clone()),
        at,
    };
    let concerned = Concerned::by(&new.terms).opening(opened);
    let streams = concerned.streams(id);
    let answer = order.run(&streams, |unit| {
        let decided = unit.decide(id, |voucher: &Voucher| voucher.decide(command.clone()));
        decided.map_err(|refusal| match refusal {
            Refusal::AlreadyExists => Problem::from(refusal).in_field("/code"),
            refusal => refusal.into(),
        })?;
        concerned.set_all_aside(unit, id, at)?;
        Ok(told(201, id, unit.state::<Voucher>(id).standing()))
    });
    answer.await?.ok_or_else(kept_changing)
}

/// Lets a voucher promise something else.
pub(crate) async fn revise(
    order: &Order,
    id: VoucherId,
    patched: impl Fn(&Details) -> Result<Terms, Problem> + Send + Sync,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let stream = id.to_string();
    for _ in 0..ATTEMPTS {
        let before = order.writer.peek(&stream, |v: &Voucher| v.details().cloned()).await?;
        let before = before.ok_or(Refusal::NotFound)?;
        let terms = patched(&before)?;
        let organization = before.organization;
        let promise = Promise { organization, terms: &terms, before: Some(&before.terms), at };
        let opened = promise.check(&order.writer).await?;
        let concerned = Concerned::by(&before.terms).and(Concerned::by(&terms)).opening(opened);
        let streams = concerned.streams(id);
        let answer = order.run(&streams, |unit| {
            check_version(order, unit, id)?;
            if unit.state::<Voucher>(id).details() != Some(&before) {
                return Err(Stop::Again);
            }
            let command = Command::Revise { terms: Box::new(terms.clone()), at };
            unit.decide(id, |voucher: &Voucher| voucher.decide(command))?;
            if (&before.terms.blocks, before.terms.valid_until)
                != (&terms.blocks, terms.valid_until)
            {
                concerned.set_all_aside(unit, id, at)?;
            }
            Ok(told(200, id, unit.state::<Voucher>(id).standing()))
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

/// Lets nobody use a voucher any more, and everybody have what was set aside for it.
pub(crate) async fn withdraw(
    order: &Order,
    id: VoucherId,
    at: Timestamp,
) -> Result<Answer, Problem> {
    let stream = id.to_string();
    for _ in 0..ATTEMPTS {
        let concerned = |v: &Voucher| v.details().map(|details| Concerned::by(&details.terms));
        let concerned = order.writer.peek(&stream, concerned).await?.ok_or(Refusal::NotFound)?;
        let streams = concerned.streams(id);
        let answer = order.run(&streams, |unit| {
            check_version(order, unit, id)?;
            let details = unit.state::<Voucher>(id).details();
            if details.map(|details| Concerned::by(&details.terms)).as_ref() != Some(&concerned) {
                return Err(Stop::Again);
            }
            unit.decide(id, |voucher: &Voucher| voucher.decide(Command::Withdraw { at }))?;
            concerned.set_all_aside(unit, id, at)?;
            Ok(told(200, id, unit.state::<Voucher>(id).standing()))
        });
        if let Some(answer) = answer.await? {
            return Ok(answer);
        }
    }
    Err(kept_changing())
}

fn check_version(order: &Order, unit: &mut Unit, id: VoucherId) -> Result<(), Problem> {
    match order.expected {
        None => Ok(()),
        Some(expected) => expected.check(unit.state::<Voucher>(id).terms_version()),
    }
}

/// What something is or was set aside of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Concerned {
    sessions: BTreeSet<SessionId>,
    /// The calendars in which it lies, or may lie.
    calendars: BTreeSet<CalendarId>,
    /// Those that are opened for it.
    opened: BTreeSet<CalendarId>,
}

impl Concerned {
    fn by(terms: &Terms) -> Self {
        let sessions = terms.blocks.iter().filter_map(Block::session).collect();
        let calendars = terms.blocks.iter().flat_map(Block::calendars).collect();
        Self { sessions, calendars, opened: BTreeSet::new() }
    }

    fn opening(self, opened: BTreeSet<CalendarId>) -> Self {
        Self { opened, ..self }
    }

    fn and(mut self, other: Self) -> Self {
        self.sessions.extend(other.sessions);
        self.calendars.extend(other.calendars);
        self.opened.extend(other.opened);
        self
    }

    fn streams(&self, id: VoucherId) -> Vec<Stream> {
        let sessions = self.sessions.iter().map(Stream::of::<Allotment>);
        let calendars = calendars::streams(self.calendars.iter().copied());
        let opened = calendars::needed_to_open(&self.opened);
        let opened = calendars::streams(self.opened.iter().copied()).chain(opened);
        let voucher = std::iter::once(Stream::of::<Voucher>(id));
        voucher.chain(sessions).chain(calendars).chain(opened).collect()
    }

    /// Sets aside what is to be set aside for a voucher, and nothing else: all of it, or it is refused.
    fn set_all_aside(&self, unit: &mut Unit, id: VoucherId, at: Timestamp) -> Result<(), Stop> {
        aside::set_all_aside(unit, id, &self.sessions, at)?;
        stretches::set_all_aside(unit, id, &self.calendars, &self.opened, at)
    }
}
