//! The use of a voucher by a booking, as it is made, changed, and taken step by step.

use std::collections::BTreeSet;

use daybook_domain::{
    booking::{Booking, Line},
    values::{BookingId, CalendarId, ListingId, OrganizationId, Timestamp, VoucherCode, VoucherId},
    voucher::{Block, Command, Grant, Redemption, Refusal, Voucher},
};
use daybook_event_store::{Stream, Unit, Writer};

use super::{aside, drawing::Drawing, stretches};
use crate::{
    bus::{
        Step, Stop,
        inventory::{Inventory, Taking},
        lines::Plan,
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

    /// Refuses what cannot be used at all.
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
        let drawing = Drawing::new(grant, plan, listing, Vec::new());
        Ok(Begun { priced: self.promised.is_some(), drawing })
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
    /// Whether the lines come with the discount.
    priced: bool,
    drawing: Drawing,
}

impl Begun {
    /// What the booking draws of what is set aside.
    pub(in crate::bus) fn drawing(&mut self) -> &mut Drawing {
        &mut self.drawing
    }

    /// Takes off the lines what is promised.
    pub(in crate::bus) fn take_off(&self, lines: &mut [Line]) -> Result<(), Problem> {
        if self.priced {
            Ok(())
        } else {
            take_off(self.drawing.grant(), lines, self.drawing.listing())
        }
    }

    /// What is frozen in the booking.
    pub(in crate::bus) fn grant(&self) -> Grant {
        self.drawing.grant().clone()
    }

    /// Uses the voucher for a booking that was just made.
    pub(in crate::bus) fn finish(self, unit: &mut Unit, taking: Taking) -> Result<(), Stop> {
        let Taking { booking, customer, until, at } = taking;
        let (grant, listing) = (self.grant(), self.drawing.listing());
        let lines = unit.state::<Booking>(booking).lines();
        let discounts = grant.taken_off(lines, listing).map_err(Refusal::from)?;
        let (_, drawn) = self.drawing.into_blocks();
        let redemption = Redemption { customer, discounts, drawn };
        let command = Command::Use { booking, redemption, until, at };
        let used = unit.decide(grant.voucher, |voucher: &Voucher| voucher.decide(command));
        Ok(used.map_err(in_field)?)
    }
}

/// A use of a voucher while its booking changes.
pub(in crate::bus) struct Changing {
    drawing: Drawing,
}

impl Changing {
    /// With what the booking has of what is set aside.
    pub(in crate::bus) fn begin(
        unit: &mut Unit,
        grant: &Grant,
        plan: &Plan,
        listing: ListingId,
        taking: Taking,
    ) -> Self {
        let before = unit.state::<Voucher>(grant.voucher).drawn_by(taking.booking).to_vec();
        Self { drawing: Drawing::new(grant.clone(), plan, listing, before) }
    }

    /// What the booking draws of what is set aside.
    pub(in crate::bus) fn drawing(&mut self) -> &mut Drawing {
        &mut self.drawing
    }

    /// Takes off new lines what is promised.
    pub(in crate::bus) fn take_off(&self, lines: &mut [Line]) -> Result<(), Problem> {
        take_off(self.drawing.grant(), lines, self.drawing.listing())
    }

    /// Lets the use be that of the booking as it is now, and sets aside again what it gave back.
    pub(in crate::bus) fn finish(
        self,
        unit: &mut Unit,
        (booking, touched): (BookingId, &Inventory),
        at: Timestamp,
    ) -> Result<(), Stop> {
        let grant = self.drawing.grant();
        let (voucher, listing) = (grant.voucher, self.drawing.listing());
        let lines = unit.state::<Booking>(booking).lines();
        let given = grant.taken_off(lines, listing).map_err(Refusal::from)?.given;
        let (before, drawn) = self.drawing.into_blocks();
        let command = Command::ChangeUse { booking, given, drawn, at };
        unit.decide(voucher, |voucher: &Voucher| voucher.decide(command))?;
        replenish(unit, voucher, &before, touched, at)
    }
}

/// Does to the use of a voucher what a step of its booking means for it.
pub(in crate::bus) fn follow(
    unit: &mut Unit,
    voucher: VoucherId,
    (booking, taken): (BookingId, &Inventory),
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
    let drawn = unit.state::<Voucher>(voucher).drawn_by(booking).to_vec();
    let returns = matches!(command, Command::ReturnUse { .. });
    unit.decide(voucher, |voucher: &Voucher| voucher.decide(command))?;
    if returns { replenish(unit, voucher, &drawn, taken, at) } else { Ok(()) }
}

/// Sets aside again what a booking that took something of some inventory gave back of what it had drawn.
fn replenish(
    unit: &mut Unit,
    voucher: VoucherId,
    drawn: &[Block],
    taken: &Inventory,
    at: Timestamp,
) -> Result<(), Stop> {
    let sessions = drawn.iter().filter_map(Block::session).collect();
    aside::replenish(unit, voucher, &sessions, at);
    let resources: BTreeSet<_> =
        drawn.iter().filter_map(Block::take).map(|(resource, _)| resource).collect();
    let concerned = |calendar: &&CalendarId| resources.contains(&calendar.resource);
    let calendars = taken.calendars.iter().filter(concerned).copied().collect();
    stretches::replenish(unit, voucher, &calendars, at)
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
