//! Commands on vouchers, and what a booking does to the voucher it uses: all of it in the booking's own unit of work.

use std::collections::{BTreeMap, BTreeSet};

use daybook_domain::{
    allotment::{self, Allotment, Item, Part, Seating, Take},
    booking::{Booking, Line},
    organization::Organization,
    values::{
        BookingId, Code, Currency, ListingId, OrganizationId, Quantity, SessionId, Timestamp,
        VoucherCode, VoucherId,
    },
    voucher::{Block, Command, Details, Grant, Redemption, Refusal, Terms, Voucher},
};
use daybook_event_store::{Answer, Stream, Unit, Writer};

use super::{
    ATTEMPTS, Order, Step, Stop,
    inventory::Taking,
    kept_changing,
    lines::{self, Plan, Planned},
    told::{Told, told},
};
use crate::problem::{self, Problem};

/// Where a request names its voucher.
const FIELD: &str = "/voucher_code";

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
    for (index, listing) in terms.scope.listings.iter().enumerate() {
        let field = format!("/listings/{index}");
        let found = lines::listing_of(writer, *listing).await;
        let found = found.map_err(|problem| match problem.reason() {
            Some("listing_not_found") => Problem::bad_value(&*field, "there is no such listing"),
            _ => problem,
        })?;
        if found.organization != organization {
            return Err(Problem::bad_value(field, "the listing belongs to another organization"));
        }
    }
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

/// Sets aside in each session what is left to be set aside of it: all of it, or it is refused.
fn set_all_aside(
    unit: &mut Unit,
    id: VoucherId,
    sessions: &BTreeSet<SessionId>,
    at: Timestamp,
) -> Result<(), Stop> {
    for session in sessions {
        let set = |unit: &mut Unit, aside: Aside| {
            let command = aside.command(|wanted, _| wanted);
            unit.decide(session, |allotment: &Allotment| allotment.decide(command))
        };
        let all = Aside::of(unit, id, *session, at);
        let decided = match set(unit, all) {
            // what ended meanwhile may be anybody's, so that other seats have to do
            Err(allotment::Refusal::SeatNotFree { .. }) => {
                let all = Aside::of(unit, id, *session, at).anew();
                set(unit, all)
            }
            decided => decided,
        };
        decided.map_err(|refusal| Problem::from(refusal).in_field("/blocks"))?;
    }
    Ok(())
}

/// Sets aside again what a booking gave back of some sessions, as far as nobody else has taken it since.
fn replenish(unit: &mut Unit, id: VoucherId, sessions: &BTreeSet<SessionId>, at: Timestamp) {
    for session in sessions {
        let all = Aside::of(unit, id, *session, at).command(|wanted, _| wanted);
        if aside(unit, *session, all) {
            continue;
        }
        // one offer after the other, since they may share a pool
        for index in 0..Aside::of(unit, id, *session, at).offers.len() {
            let mut offer = 0..;
            let part = Aside::of(unit, id, *session, at).command(|wanted, of| {
                let free = if offer.next() == Some(index) { of.free } else { 0 };
                wanted.min(of.had().saturating_add(free))
            });
            aside(unit, *session, part);
        }
    }
}

/// Whether it could be had.
fn aside(unit: &mut Unit, session: SessionId, command: allotment::Command) -> bool {
    unit.decide(session, |allotment: &Allotment| allotment.decide(command)).is_ok()
}

/// What is set aside of a session for a voucher, and what is to be.
struct Aside {
    voucher: VoucherId,
    offers: Vec<OfferAside>,
    until: Option<Timestamp>,
    at: Timestamp,
}

struct OfferAside {
    offer: Code,
    wanted: u32,
    present: Option<Take>,
    seated: bool,
    free: u32,
}

impl Aside {
    fn of(unit: &mut Unit, id: VoucherId, session: SessionId, at: Timestamp) -> Self {
        let voucher = unit.state::<Voucher>(id);
        let until = voucher.details().and_then(|details| details.blocks_until(at));
        let blocks = voucher.details().map_or(&[][..], |details| &details.terms.blocks);
        let here = blocks.iter().filter(|block| block.session == session);
        let wanted: Vec<_> = here
            .map(|Block { offer, .. }| (offer.clone(), voucher.left_aside(session, offer)))
            .collect();
        let allotment = unit.state::<Allotment>(session);
        let takes = allotment.takes_of(id.as_holder().0);
        let offers = wanted.into_iter().map(|(offer, wanted)| OfferAside {
            present: takes.iter().find(|take| take.offer == offer).cloned(),
            seated: allotment.is_seated(&offer),
            free: allotment.free_of_offer(&offer, at),
            offer,
            wanted,
        });
        Self { voucher: id, offers: offers.collect(), until, at }
    }

    /// The same in whatever seats there are.
    fn anew(mut self) -> Self {
        self.offers.iter_mut().for_each(|offer| offer.present = None);
        self
    }

    /// Sets so many aside of each offer; those that are set aside already stay so.
    fn command(&self, mut how_many: impl FnMut(u32, &OfferAside) -> u32) -> allotment::Command {
        let Self { voucher, until, at, .. } = *self;
        let mut items = Vec::new();
        if until.is_some() {
            for offer in &self.offers {
                offer.ask(how_many(offer.wanted, offer), &mut items);
            }
        }
        // without an end nothing is asked for, so that any end will do
        allotment::Command::SetAside { voucher, items, until: until.unwrap_or(at), at }
    }
}

impl OfferAside {
    fn had(&self) -> u32 {
        self.present.as_ref().map_or(0, |take| take.quantity.get())
    }

    fn ask(&self, wanted: u32, items: &mut Vec<Item>) {
        let kept = self.had().min(wanted);
        let mut put = |quantity, seating| {
            if let Ok(quantity) = Quantity::try_new(quantity) {
                items.push(Item { offer: self.offer.clone(), quantity, seating });
            }
        };
        match &self.present {
            _ if !self.seated => put(wanted, Seating::Unseated),
            Some(take) if kept > 0 => {
                let seats = (take.seats.len() / take.quantity.get() as usize) * kept as usize;
                put(kept, Seating::Chosen(take.seats[..seats].to_vec()));
                put(wanted - kept, Seating::BestAvailable);
            }
            Some(_) | None => put(wanted, Seating::BestAvailable),
        }
    }
}

/// A voucher that a booking is to use.
#[derive(Clone, Debug)]
pub(super) struct Redeeming {
    id: VoucherId,
    /// What a quote promised already.
    promised: Option<Grant>,
}

impl Redeeming {
    /// The voucher with a code, of the organization whose listings are booked.
    pub(super) async fn find(
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
    pub(super) fn quoted(grant: &Grant) -> Self {
        Self { id: grant.voucher, promised: Some(grant.clone()) }
    }

    pub(super) fn stream(&self) -> Stream {
        Stream::of::<Voucher>(self.id)
    }

    /// Refuses what cannot be used at all, and frees what is set aside of what is asked for, so that it can be taken.
    pub(super) fn begin(
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
    pub(super) async fn tell(
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
pub(super) struct Begun {
    grant: Grant,
    /// Whether the lines come with the discount.
    priced: bool,
    drawn: Vec<Block>,
}

impl Begun {
    /// Takes off the lines what is promised.
    pub(super) fn take_off(&self, lines: &mut [Line], listing: ListingId) -> Result<(), Problem> {
        if self.priced { Ok(()) } else { take_off(&self.grant, lines, listing) }
    }

    /// What is frozen in the booking.
    pub(super) fn grant(&self) -> Grant {
        self.grant.clone()
    }

    /// Uses the voucher for a booking that was just made.
    pub(super) fn finish(
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
pub(super) struct Changing {
    grant: Grant,
    drawn: Vec<Block>,
    /// Where less is drawn than before.
    given_back: BTreeSet<SessionId>,
}

impl Changing {
    /// Frees what is set aside of what is asked for beyond what the booking has of it.
    pub(super) fn begin(
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
    pub(super) fn take_off(&self, lines: &mut [Line], listing: ListingId) -> Result<(), Problem> {
        take_off(&self.grant, lines, listing)
    }

    /// Lets the use be that of the booking as it is now.
    pub(super) fn finish(
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
pub(super) fn follow(
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
