//! The use of a voucher by a booking, as it is made, changed, and taken step by step.

use std::collections::{BTreeMap, BTreeSet};

use daybook_domain::{
    allotment::{self, Allotment, Item, Part, Seating, Take},
    booking::{Booking, Line},
    values::{
        BookingId, Code, ListingId, OrganizationId, Quantity, SessionId, Timestamp, VoucherCode,
        VoucherId,
    },
    voucher::{Block, Command, Grant, Redemption, Refusal, Voucher},
};
use daybook_event_store::{Stream, Unit, Writer};

use super::aside::replenish;
use crate::{
    bus::{
        Step, Stop,
        inventory::Taking,
        lines::{Plan, Planned},
    },
    problem::Problem,
};

/// Where a request names its voucher.
const FIELD: &str = "/voucher_code";

/// A voucher that a booking is to use.
#[derive(Clone, Debug)]
pub(in crate::bus) struct Redeeming {
    id: VoucherId,
    /// What a quote promised already.
    promised: Option<Grant>,
}

impl Redeeming {
    /// The voucher with a code, of the organization whose listings are booked.
    pub(in crate::bus) async fn find(
        writer: &Writer,
        organization: OrganizationId,
        code: &VoucherCode,
    ) -> Result<Self, Problem> {
        let id = VoucherId::of(organization, code);
        let known = writer.peek(&id.to_string(), |v: &Voucher| v.details().is_some()).await?;
        if known {
            return Ok(Self { id, promised: None });
        }
        let detail = "the organization has no such voucher";
        Err(Problem::bad_value(FIELD, detail).because("voucher_not_found"))
    }

    /// The voucher of a quote.
    pub(in crate::bus) fn quoted(grant: &Grant) -> Self {
        Self { id: grant.voucher, promised: Some(grant.clone()) }
    }

    pub(in crate::bus) fn stream(&self) -> Stream {
        Stream::of::<Voucher>(self.id)
    }

    /// Refuses what cannot be used at all, and frees what is set aside of what is asked for, so that it can be taken.
    pub(in crate::bus) fn begin(
        &self,
        unit: &mut Unit,
        plan: &Plan,
        listing: ListingId,
        taking: Taking,
    ) -> Result<Begun, Stop> {
        let voucher = unit.state::<Voucher>(self.id);
        let usable = voucher.check_usable(Some(taking.customer), taking.at);
        let grant = usable.map_err(in_field)?.grant();
        let grant = self.promised.clone().unwrap_or(grant);
        let drawn = draw(unit, &grant, plan, (listing, &[]), taking.at)?;
        Ok(Begun { priced: self.promised.is_some(), grant, drawn })
    }

    /// What the voucher promises as it stands, whoever uses it, and what that comes to: nothing is used.
    pub(in crate::bus) async fn tell(
        &self,
        writer: &Writer,
        lines: &mut [Line],
        listing: ListingId,
        at: Timestamp,
    ) -> Result<Grant, Problem> {
        let voucher = writer.peek(&self.id.to_string(), Voucher::clone).await?;
        let grant = voucher.check_usable(None, at).map_err(in_field)?.grant();
        take_off(&grant, lines, listing)?;
        let discounts = grant.taken_off(lines, listing).map_err(Refusal::from)?;
        voucher.check_discounts(discounts, at).map_err(in_field)?;
        Ok(grant)
    }
}

/// A use of a voucher while the booking is made.
pub(in crate::bus) struct Begun {
    grant: Grant,
    /// Whether the lines come with the discount.
    priced: bool,
    drawn: Vec<Block>,
}

impl Begun {
    /// Takes off the lines what is promised.
    pub(in crate::bus) fn take_off(
        &self,
        lines: &mut [Line],
        listing: ListingId,
    ) -> Result<(), Problem> {
        if self.priced { Ok(()) } else { take_off(&self.grant, lines, listing) }
    }

    /// What is frozen in the booking.
    pub(in crate::bus) fn grant(&self) -> Grant {
        self.grant.clone()
    }

    /// Uses the voucher for a booking that was just made.
    pub(in crate::bus) fn finish(
        self,
        unit: &mut Unit,
        listing: ListingId,
        taking: Taking,
    ) -> Result<(), Stop> {
        let Taking { booking, customer, until, at } = taking;
        let lines = unit.state::<Booking>(booking).lines();
        let discounts = self.grant.taken_off(lines, listing).map_err(Refusal::from)?;
        let redemption = Redemption { customer, discounts, drawn: self.drawn };
        let command = Command::Use { booking, redemption, until, at };
        let voucher = self.grant.voucher;
        let used = unit.decide(voucher, |voucher: &Voucher| voucher.decide(command));
        Ok(used.map_err(in_field)?)
    }
}

/// A use of a voucher while its booking changes.
pub(in crate::bus) struct Changing {
    grant: Grant,
    drawn: Vec<Block>,
    /// Where less is drawn than before.
    given_back: BTreeSet<SessionId>,
}

impl Changing {
    /// Frees what is set aside of what is asked for beyond what the booking has of it.
    pub(in crate::bus) fn begin(
        unit: &mut Unit,
        grant: &Grant,
        plan: &Plan,
        listing: ListingId,
        taking: Taking,
    ) -> Result<Self, Stop> {
        let before = unit.state::<Voucher>(grant.voucher).drawn_by(taking.booking).to_vec();
        let drawn = draw(unit, grant, plan, (listing, &before), taking.at)?;
        let of = |all: &[Block], one: &Block| {
            let mut same = all.iter().filter(|b| b.session == one.session && b.offer == one.offer);
            same.next().map_or(0, |block| block.quantity.get())
        };
        let less = before.iter().filter(|block| of(&drawn, block) < block.quantity.get());
        let given_back = less.map(|block| block.session).collect();
        Ok(Self { grant: grant.clone(), drawn, given_back })
    }

    /// Takes off new lines what is promised.
    pub(in crate::bus) fn take_off(
        &self,
        lines: &mut [Line],
        listing: ListingId,
    ) -> Result<(), Problem> {
        take_off(&self.grant, lines, listing)
    }

    /// Lets the use be that of the booking as it is now.
    pub(in crate::bus) fn finish(
        self,
        unit: &mut Unit,
        listing: ListingId,
        booking: BookingId,
        at: Timestamp,
    ) -> Result<(), Stop> {
        let Self { grant, drawn, given_back } = self;
        let lines = unit.state::<Booking>(booking).lines();
        let given = grant.taken_off(lines, listing).map_err(Refusal::from)?.given;
        let command = Command::ChangeUse { booking, given, drawn, at };
        unit.decide(grant.voucher, |voucher: &Voucher| voucher.decide(command))?;
        replenish(unit, grant.voucher, &given_back, at);
        Ok(())
    }
}

/// Does to the use of a voucher what a step of its booking means for it.
pub(in crate::bus) fn follow(
    unit: &mut Unit,
    voucher: VoucherId,
    booking: BookingId,
    step: &Step,
    at: Timestamp,
) -> Result<(), Stop> {
    let command = match step {
        Step::Approve(None) | Step::Confirm => Command::ConfirmUse { booking, at },
        Step::ConfirmLate => return follow_late(unit, voucher, booking, at),
        Step::Approve(Some(until)) | Step::Extend(until) => {
            Command::ExtendUse { booking, until: *until, at }
        }
        Step::CheckIn | Step::CheckOut | Step::NoShow(_) => return Ok(()),
        Step::Decline(_) | Step::Cancel(..) | Step::Lapse => Command::ReturnUse { booking, at },
    };
    let drawn = unit.state::<Voucher>(voucher).drawn_by(booking).iter();
    let drawn: BTreeSet<_> = drawn.map(|block| block.session).collect();
    let returns = matches!(command, Command::ReturnUse { .. });
    unit.decide(voucher, |voucher: &Voucher| voucher.decide(command))?;
    if returns {
        replenish(unit, voucher, &drawn, at);
    }
    Ok(())
}

/// Keeps the use of a booking that is kept for good although its deadline may have come: then the voucher is used anew,
/// if it still can be.
fn follow_late(
    unit: &mut Unit,
    voucher: VoucherId,
    booking: BookingId,
    at: Timestamp,
) -> Result<(), Stop> {
    let kept = Command::ConfirmUse { booking, at };
    match unit.decide(voucher, |voucher: &Voucher| voucher.decide(kept)) {
        Ok(()) => return Ok(()),
        Err(Refusal::HoldEnded { .. } | Refusal::NotUsed) => {}
        Err(refusal) => return Err(refusal.into()),
    }
    let returned = Command::ReturnUse { booking, at };
    unit.decide(voucher, |voucher: &Voucher| voucher.decide(returned))?;
    let state = unit.state::<Booking>(booking);
    let Some(((customer, listing), grant)) =
        state.customer().zip(state.listing()).zip(state.voucher())
    else {
        return Ok(());
    };
    let discounts = grant.taken_off(state.lines(), listing).map_err(Refusal::from)?;
    let redemption = Redemption { customer, discounts, drawn: Vec::new() };
    let used = Command::Use { booking, redemption, until: None, at };
    Ok(unit.decide(voucher, |voucher: &Voucher| voucher.decide(used))?)
}

fn take_off(grant: &Grant, lines: &mut [Line], listing: ListingId) -> Result<(), Problem> {
    let taken = grant.take_off(lines, listing);
    taken.map_err(|error| Problem::bad_value(FIELD, error.to_string()))
}

fn in_field(refusal: Refusal) -> Problem {
    Problem::from(refusal).in_field(FIELD)
}

/// Frees what is set aside of the places that a plan asks for, beyond what was drawn before, and tells what is drawn now.
fn draw(
    unit: &mut Unit,
    grant: &Grant,
    plan: &Plan,
    (listing, before): (ListingId, &[Block]),
    at: Timestamp,
) -> Result<Vec<Block>, Stop> {
    let (holder, _) = grant.voucher.as_holder();
    let mut had: BTreeMap<_, _> = before
        .iter()
        .map(|block| ((block.session, block.offer.clone()), block.quantity.get()))
        .collect();
    let details = unit.state::<Voucher>(grant.voucher).details();
    let in_force = details.is_some_and(|details| details.blocks_until(at).is_some());
    let mut drawn = BTreeMap::<(SessionId, Code), u32>::new();
    for (places, item) in plan.lines.iter().filter_map(Planned::places) {
        let key = (places.session(), item.offer.clone());
        if !grant.is_for(&Line::Places(places), listing) {
            continue;
        }
        let own = had.get(&key).copied().unwrap_or(0).min(item.quantity.get());
        had.entry(key.clone()).and_modify(|had| *had -= own);
        let takes = unit.state::<Allotment>(key.0).takes_of(holder);
        let here = takes.iter().find(|take| in_force && take.offer == key.1);
        let part = here.and_then(|take| part_of(take, &item, item.quantity.get() - own));
        let freed = part.as_ref().map_or(0, |part| part.quantity.get());
        if let Some(part) = part {
            let command =
                allotment::Command::Release { booking: holder, parts: Some(vec![part]), at };
            unit.decide(key.0, |allotment: &Allotment| allotment.decide(command))?;
        }
        *drawn.entry(key).or_default() += own + freed;
    }
    let block = |((session, offer), quantity)| {
        Some(Block { session, offer, quantity: Quantity::try_new(quantity).ok()? })
    };
    Ok(drawn.into_iter().filter_map(block).collect())
}

/// What can be had of what is set aside, for at most so many: with chosen seats, only those of them that are.
fn part_of(take: &Take, item: &Item, most: u32) -> Option<Part> {
    let each = take.seats.len() / take.quantity.get() as usize;
    let seats: Vec<_> = match &item.seating {
        Seating::Chosen(chosen) => {
            chosen.iter().filter(|seat| take.seats.contains(seat)).cloned().collect()
        }
        Seating::BestAvailable | Seating::Unseated => take.seats.clone(),
    };
    let seated = seats.len().checked_div(each);
    let seated = seated.and_then(|units| u32::try_from(units).ok());
    let quantity = most.min(take.quantity.get()).min(seated.unwrap_or(u32::MAX));
    let quantity = Quantity::try_new(quantity).ok()?;
    let seats = seats.into_iter().take(each * quantity.get() as usize).collect();
    Some(Part { offer: take.offer.clone(), quantity, seats })
}
