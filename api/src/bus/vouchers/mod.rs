//! Commands on vouchers. What a booking does to the voucher it uses is in `using`, in the booking's own unit of work.

mod aside;
mod using;

use std::collections::BTreeSet;

use daybook_domain::{
    allotment::Allotment,
    organization::Organization,
    values::{Currency, OrganizationId, SessionId, Timestamp, VoucherCode, VoucherId},
    voucher::{Command, Details, Refusal, Terms, Voucher},
};
use daybook_event_store::{Answer, Stream, Unit, Writer};

use self::aside::set_all_aside;
pub(super) use self::using::{Begun, Changing, Redeeming, follow};
use super::{
    ATTEMPTS, Order, Stop, kept_changing, lines,
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
    check_scope(&order.writer, organization, &new.terms).await?;
    let id = VoucherId::of(organization, &new.code);
    let command = Command::Create {
        organization,
        code: new.code.clone(),
        currency: new.currency.unwrap_or(found),
        terms: Box::new(new.terms.clone()),
        at,
    };
    let sessions = sessions_of(&new.terms);
    let streams = streams(id, &sessions);
    let answer = order.run(&streams, |unit| {
        let decided = unit.decide(id, |voucher: &Voucher| voucher.decide(command.clone()));
        decided.map_err(|refusal| match refusal {
            Refusal::AlreadyExists => Problem::from(refusal).in_field("/code"),
            refusal => refusal.into(),
        })?;
        set_all_aside(unit, id, &sessions, at)?;
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
        check_scope(&order.writer, before.organization, &terms).await?;
        let mut sessions = sessions_of(&before.terms);
        sessions.extend(sessions_of(&terms));
        let streams = streams(id, &sessions);
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
                set_all_aside(unit, id, &sessions, at)?;
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
        let sessions = |v: &Voucher| v.details().map(|details| sessions_of(&details.terms));
        let sessions = order.writer.peek(&stream, sessions).await?.ok_or(Refusal::NotFound)?;
        let streams = streams(id, &sessions);
        let answer = order.run(&streams, |unit| {
            check_version(order, unit, id)?;
            let details = unit.state::<Voucher>(id).details();
            if details.map(|details| sessions_of(&details.terms)).as_ref() != Some(&sessions) {
                return Err(Stop::Again);
            }
            unit.decide(id, |voucher: &Voucher| voucher.decide(Command::Withdraw { at }))?;
            set_all_aside(unit, id, &sessions, at)?;
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

fn streams(id: VoucherId, sessions: &BTreeSet<SessionId>) -> Vec<Stream> {
    let sessions = sessions.iter().map(Stream::of::<Allotment>);
    std::iter::once(Stream::of::<Voucher>(id)).chain(sessions).collect()
}

fn sessions_of(terms: &Terms) -> BTreeSet<SessionId> {
    terms.blocks.iter().map(|block| block.session).collect()
}

/// Refuses a voucher for what another organization sells.
async fn check_scope(
    writer: &Writer,
    organization: OrganizationId,
    terms: &Terms,
) -> Result<(), Problem> {
    lines::check_own(writer, organization, &terms.scope.listings).await?;
    for (index, block) in terms.blocks.iter().enumerate() {
        let field = format!("/blocks/{index}/session_id");
        let listing = |a: &Allotment| a.session().map(|session| session.details().listing);
        let listing = writer.peek(&block.session.to_string(), listing).await?;
        let unknown = || Problem::bad_value(&*field, "there is no such session");
        let listing = listing.ok_or_else(unknown)?;
        if lines::listing_of(writer, listing).await?.organization != organization {
            return Err(Problem::bad_value(field, "the session belongs to another organization"));
        }
        if !terms.scope.listings.is_empty() && !terms.scope.listings.contains(&listing) {
            let detail = "the voucher is not for what is set aside for it";
            return Err(Problem::bad_value(field, detail));
        }
    }
    Ok(())
}
