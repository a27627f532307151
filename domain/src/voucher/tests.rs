//! Rules of the voucher: who may use it, how often, and what is left of it.

mod aside;
mod discounts;
mod laws;

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{
    Benefit, Block, Command, Discounts, Event, Redemption, Refusal, Revised, Scope, Terms,
    TermsError, Uses, Voucher,
};
use crate::pricing::{Minor, Rate};
use crate::testing::{at, booking, currency, eur, quantity, uuid};
use crate::values::{
    Change, Code, Codes, CustomerId, ListingId, Money, OrganizationId, SessionId, Timestamp,
    VoucherCode, VoucherId,
};

const ANNA: CustomerId = CustomerId::from_uuid(uuid::Uuid::from_u128(71));
const BASIL: CustomerId = CustomerId::from_uuid(uuid::Uuid::from_u128(72));

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Voucher> {
    TestFramework::with(()).given(events.into())
}

fn state(events: &[Event]) -> Voucher {
    let mut voucher = Voucher::default();
    for event in events {
        voucher.evolve(event);
    }
    voucher
}

fn code(text: &str) -> VoucherCode {
    VoucherCode::try_new(text).expect("a code")
}

fn offer(text: &str) -> Code {
    Code::try_new(text).expect("a code")
}

fn minor(value: u64) -> Minor {
    Minor::try_new(value).expect("a small amount")
}

fn uses(value: u32) -> Uses {
    Uses::try_new(value).expect("a few times")
}

fn percent(points: i64) -> Benefit {
    Benefit::PercentOff(Rate::try_new(points).expect("a part"))
}

fn terms() -> Terms {
    Terms {
        benefit: percent(1_000),
        valid_from: None,
        valid_until: None,
        scope: Scope::default(),
        minimum: None,
        max_uses: None,
        max_uses_per_customer: None,
        budget: None,
        blocks: Vec::new(),
    }
}

fn create(terms: Terms) -> Command {
    Command::Create {
        organization: OrganizationId::from_uuid(uuid(1)),
        code: code("SUMMER10"),
        currency: currency("EUR"),
        terms: Box::new(terms),
        at: at(0),
    }
}

fn created(terms: Terms) -> Event {
    state(&[]).decide(create(terms)).expect("a new voucher").remove(0)
}

fn redemption(customer: CustomerId, given: u64) -> Redemption {
    let discounts = Discounts { basis: Some(eur(10_000)), given: eur(given) };
    Redemption { customer, discounts, drawn: Vec::new() }
}

fn let_use(who: u128, customer: CustomerId, given: u64, until: Option<i64>, now: i64) -> Command {
    let redemption = redemption(customer, given);
    Command::Use { booking: booking(who), redemption, until: until.map(at), at: at(now) }
}

fn used(who: u128, customer: CustomerId, given: u64, until: Option<i64>, now: i64) -> Event {
    Event::Used {
        booking: booking(who),
        customer,
        given: eur(given),
        drawn: Vec::new(),
        until: until.map(at),
        at: at(now),
    }
}

#[test]
fn a_code_is_given_out_once() {
    given([]).when(create(terms())).then_expect_events(vec![created(terms())]);
    given([created(terms())]).when(create(terms())).then_expect_error(Refusal::AlreadyExists);
}

#[test]
fn a_code_in_another_case_is_the_same_voucher_and_elsewhere_another() {
    let [one, other] = [1, 2].map(|n| OrganizationId::from_uuid(uuid(n)));
    assert_eq!(VoucherId::of(one, &code("Summer-10")), VoucherId::of(one, &code("sUMMER-10")));
    assert_ne!(VoucherId::of(one, &code("SUMMER10")), VoucherId::of(other, &code("SUMMER10")));
    for text in ["ab", "a b c", "\u{661}\u{662}\u{663}", "---", "__", &"a".repeat(41)] {
        assert!(VoucherCode::try_new(text).is_err(), "{text}");
    }
}

#[test]
fn terms_that_do_not_go_together_are_refused() {
    let block = |name: &str| Block::Places {
        session: SessionId::from_uuid(uuid(5)),
        offer: offer(name),
        quantity: quantity(2),
    };
    let never = Terms { valid_from: Some(at(5)), valid_until: Some(at(5)), ..terms() };
    assert_eq!(never.checked(), Err(TermsError::NeverValid));
    let endless = Terms { blocks: vec![block("adult")], ..terms() };
    assert_eq!(endless.checked(), Err(TermsError::BlocksWithoutEnd));
    let ends = Terms { valid_until: Some(at(5)), ..terms() };
    let twice = Terms { blocks: vec![block("adult"), block("adult")], ..ends.clone() };
    assert_eq!(twice.checked(), Err(TermsError::BlockedTwice(offer("adult"))));
    let offers = Codes::try_new([offer("child")]).unwrap();
    let scope = Scope { offers, ..Scope::default() };
    let in_vain = Terms { scope, blocks: vec![block("adult")], ..ends };
    assert_eq!(in_vain.checked(), Err(TermsError::BlockedInVain(offer("adult"))));
}

#[test]
fn what_changes_is_told_and_nothing_else() {
    let new = Terms { max_uses: Some(uses(5)), ..terms() };
    let revise = Command::Revise { terms: Box::new(new.clone()), at: at(1) };
    let revised = Event::Revised(Box::new(Revised {
        benefit: None,
        valid_from: Change::Kept,
        valid_until: Change::Kept,
        scope: None,
        minimum: Change::Kept,
        max_uses: Change::Set(uses(5)),
        max_uses_per_customer: Change::Kept,
        budget: Change::Kept,
        blocks: None,
        at: at(1),
    }));
    given([created(terms())]).when(revise.clone()).then_expect_events(vec![revised.clone()]);
    given([created(terms()), revised.clone()]).when(revise.clone()).then_expect_events(vec![]);
    assert_eq!(state(&[created(terms()), revised]).details().unwrap().terms, new);
    let withdrawn = Event::Withdrawn { at: at(0) };
    given([created(terms()), withdrawn]).when(revise).then_expect_error(Refusal::Withdrawn);
}

#[test]
fn it_is_used_within_its_time_the_end_excluded() {
    let within = Terms { valid_from: Some(at(10)), valid_until: Some(at(20)), ..terms() };
    let attempt = |now| given([created(within.clone())]).when(let_use(1, ANNA, 1_000, None, now));
    attempt(9).then_expect_error(Refusal::NotYetValid { from: at(10) });
    attempt(10).then_expect_events(vec![used(1, ANNA, 1_000, None, 10)]);
    attempt(19).then_expect_events(vec![used(1, ANNA, 1_000, None, 19)]);
    attempt(20).then_expect_error(Refusal::Expired { at: at(20) });
}

#[test]
fn a_withdrawn_voucher_is_not_used_any_more() {
    let gone = [created(terms()), Event::Withdrawn { at: at(1) }];
    given(gone.clone())
        .when(let_use(1, ANNA, 1_000, None, 2))
        .then_expect_error(Refusal::Withdrawn);
    given(gone).when(Command::Withdraw { at: at(3) }).then_expect_events(vec![]);
    given([]).when(Command::Withdraw { at: at(3) }).then_expect_error(Refusal::NotFound);
    given([]).when(let_use(1, ANNA, 1, None, 2)).then_expect_error(Refusal::NotFound);
}

#[test]
fn it_is_used_as_often_as_it_can_be() {
    let twice = Terms { max_uses: Some(uses(2)), ..terms() };
    let once = [created(twice), used(1, ANNA, 1_000, None, 1)];
    let second = used(2, BASIL, 1_000, None, 2);
    given(once.clone())
        .when(let_use(2, BASIL, 1_000, None, 2))
        .then_expect_events(vec![second.clone()]);
    let [voucher, first] = once;
    given([voucher.clone(), first.clone(), second.clone()])
        .when(let_use(3, BASIL, 1_000, None, 3))
        .then_expect_error(Refusal::UsedUp { max: 2 });
    // who gives it back makes room for another
    let returned = Event::UseReturned { booking: booking(1), given: eur(1_000), at: at(3) };
    given([voucher, first, second, returned])
        .when(let_use(3, BASIL, 1_000, None, 4))
        .then_expect_events(vec![used(3, BASIL, 1_000, None, 4)]);
}

#[test]
fn one_customer_uses_it_as_often_as_one_can() {
    let once_each = Terms { max_uses_per_customer: Some(uses(1)), ..terms() };
    let events = [created(once_each), used(1, ANNA, 1_000, None, 1)];
    given(events.clone())
        .when(let_use(2, ANNA, 1_000, None, 2))
        .then_expect_error(Refusal::CustomerUsedUp { max: 1 });
    given(events)
        .when(let_use(2, BASIL, 1_000, None, 2))
        .then_expect_events(vec![used(2, BASIL, 1_000, None, 2)]);
}

#[test]
fn a_hold_counts_until_its_deadline_and_not_at_it() {
    let once = Terms { max_uses: Some(uses(1)), max_uses_per_customer: Some(uses(1)), ..terms() };
    let held = [created(once), used(1, ANNA, 1_000, Some(15), 0)];
    let attempt = |customer, now| given(held.clone()).when(let_use(2, customer, 1, None, now));
    attempt(BASIL, 14).then_expect_error(Refusal::UsedUp { max: 1 });
    attempt(BASIL, 15).then_expect_events(vec![used(2, BASIL, 1, None, 15)]);
    attempt(ANNA, 15).then_expect_events(vec![used(2, ANNA, 1, None, 15)]);
}

#[test]
fn what_it_gives_away_fits_into_its_budget_as_a_whole() {
    let budget = Terms { budget: Some(minor(2_500)), ..terms() };
    let spent = [created(budget), used(1, ANNA, 1_000, None, 1), used(2, ANNA, 1_000, Some(9), 1)];
    let attempt = |asked, now| given(spent.clone()).when(let_use(3, BASIL, asked, None, now));
    attempt(500, 2).then_expect_events(vec![used(3, BASIL, 500, None, 2)]);
    attempt(501, 2).then_expect_error(Refusal::Budget { left: eur(500), asked: eur(501) });
    attempt(1_500, 9).then_expect_events(vec![used(3, BASIL, 1_500, None, 9)]);
    attempt(1_501, 9).then_expect_error(Refusal::Budget { left: eur(1_500), asked: eur(1_501) });
}

#[test]
fn it_is_for_enough_of_what_it_is_for_in_its_currency() {
    let least = Terms { minimum: Some(minor(5_000)), ..terms() };
    let attempt = |basis| {
        let discounts = Discounts { basis, given: eur(0) };
        let redemption = Redemption { customer: ANNA, discounts, drawn: Vec::new() };
        let command = Command::Use { booking: booking(1), redemption, until: None, at: at(1) };
        given([created(least.clone())]).when(command)
    };
    attempt(None).then_expect_error(Refusal::NotForThis);
    attempt(Some(eur(4_999))).then_expect_error(Refusal::Minimum { least: eur(5_000) });
    attempt(Some(eur(5_000))).then_expect_events(vec![used(1, ANNA, 0, None, 1)]);
    let dinars = Money::try_new(9_000, currency("JOD")).unwrap();
    attempt(Some(dinars)).then_expect_error(Refusal::CurrencyMismatch(currency("EUR")));
}

#[test]
fn a_use_is_confirmed_extended_and_given_back() {
    let held = [created(terms()), used(1, ANNA, 1_000, Some(15), 0)];
    let when = |command| given(held.clone()).when(command);
    let confirm = |now| Command::ConfirmUse { booking: booking(1), at: at(now) };
    let confirmed = Event::UseConfirmed { booking: booking(1), at: at(14) };
    when(confirm(14)).then_expect_events(vec![confirmed.clone()]);
    when(confirm(15)).then_expect_error(Refusal::HoldEnded { at: at(15) });
    let extend = Command::ExtendUse { booking: booking(1), until: at(30), at: at(14) };
    let extended = Event::UseExtended { booking: booking(1), until: at(30), at: at(14) };
    when(extend).then_expect_events(vec![extended]);
    let give_back = |who| Command::ReturnUse { booking: booking(who), at: at(20) };
    let returned = Event::UseReturned { booking: booking(1), given: eur(1_000), at: at(20) };
    when(give_back(1)).then_expect_events(vec![returned]);
    when(give_back(2)).then_expect_events(vec![]);
    when(let_use(1, ANNA, 1, None, 1)).then_expect_error(Refusal::AlreadyUsed);
    let unknown = Command::ConfirmUse { booking: booking(2), at: at(1) };
    when(unknown).then_expect_error(Refusal::NotUsed);
    let [voucher, held] = held;
    given([voucher, held, confirmed]).when(confirm(20)).then_expect_events(vec![]);
}

#[test]
fn a_hold_that_somebody_else_was_given_is_not_confirmed_by_a_clock_that_is_behind() {
    let once = Terms { max_uses: Some(uses(1)), ..terms() };
    let events =
        [created(once), used(1, ANNA, 1_000, Some(15), 0), used(2, BASIL, 1_000, None, 15)];
    let confirm = Command::ConfirmUse { booking: booking(1), at: at(14) };
    given(events).when(confirm.clone()).then_expect_error(Refusal::HoldEnded { at: at(15) });
    let often =
        [created(terms()), used(1, ANNA, 1_000, Some(15), 0), used(2, BASIL, 1_000, None, 15)];
    let confirmed = Event::UseConfirmed { booking: booking(1), at: at(14) };
    given(often).when(confirm).then_expect_events(vec![confirmed]);
}

#[test]
fn a_booking_that_changes_keeps_what_was_promised_within_the_budget() {
    let budget = Terms { budget: Some(minor(2_500)), valid_until: Some(at(5)), ..terms() };
    let events = [
        created(budget),
        used(1, ANNA, 1_000, None, 1),
        used(2, BASIL, 1_000, None, 1),
        Event::Withdrawn { at: at(2) },
    ];
    let change = |given| Command::ChangeUse {
        booking: booking(1),
        given: eur(given),
        drawn: Vec::new(),
        at: at(9),
    };
    let changed = |given| Event::UseChanged {
        booking: booking(1),
        given: eur(given),
        drawn: Vec::new(),
        at: at(9),
    };
    let when = |given_away| given(events.clone()).when(change(given_away));
    when(1_000).then_expect_events(vec![]);
    when(400).then_expect_events(vec![changed(400)]);
    when(1_500).then_expect_events(vec![changed(1_500)]);
    when(1_501).then_expect_error(Refusal::Budget { left: eur(1_500), asked: eur(1_501) });
}

#[test]
fn what_bookings_have_of_a_block_is_left_out_of_it() {
    let session = SessionId::from_uuid(uuid(5));
    let block = |count| Block::Places { session, offer: offer("adult"), quantity: quantity(count) };
    let blocks = Terms { blocks: vec![block(5)], valid_until: Some(at(60)), ..terms() };
    let draw = Event::Used {
        booking: booking(1),
        customer: ANNA,
        given: eur(0),
        drawn: vec![block(2)],
        until: None,
        at: at(1),
    };
    let mut voucher = state(&[created(blocks), draw]);
    let left = |voucher: &Voucher| voucher.left_aside(session, &offer("adult"));
    assert_eq!((left(&voucher), voucher.drawn_by(booking(1))), (3, &[block(2)][..]));
    assert_eq!(voucher.left_aside(session, &offer("child")), 0);
    let details = voucher.details().unwrap();
    assert_eq!((details.blocks_until(at(59)), details.blocks_until(at(60))), (Some(at(60)), None));
    voucher.evolve(&Event::UseReturned { booking: booking(1), given: eur(0), at: at(2) });
    assert_eq!(left(&voucher), 5);
    voucher.evolve(&Event::Withdrawn { at: at(3) });
    assert_eq!(voucher.details().unwrap().blocks_until(at(4)), None);
}

#[test]
fn uses_do_not_change_the_version_that_is_edited() {
    let mut voucher = state(&[created(terms()), used(1, ANNA, 1_000, None, 1)]);
    assert_eq!(voucher.terms_version(), 1);
    voucher.evolve(&Event::Withdrawn { at: at(2) });
    assert_eq!(voucher.terms_version(), 3);
}
