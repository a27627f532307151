//! Rules of waiting lists. Who is served when, on a real session and in real calendars, stands in modules of its own, as
//! do the laws.

mod laws;
mod nights;
mod served;
mod world;

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{
    Command, Ending, Event, MAX_ENTRIES, MAX_OF_CUSTOMER, NewEntry, Refusal, Status, Vacancy,
    WaitingList, Wanted,
};
use crate::testing::{at, quantity, uuid};
use crate::values::{
    Code, CustomerId, Length, ListingId, Priority, SessionId, Timestamp, WaitingEntryId,
};

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<WaitingList> {
    TestFramework::with(()).given(events.into())
}

fn entry(n: u128) -> WaitingEntryId {
    WaitingEntryId::from_uuid(uuid(1_000 + n))
}

fn customer(n: u128) -> CustomerId {
    CustomerId::from_uuid(uuid(2_000 + n))
}

fn listing() -> ListingId {
    ListingId::from_uuid(uuid(7))
}

fn session() -> SessionId {
    SessionId::from_uuid(uuid(8))
}

fn code(text: &str) -> Code {
    Code::try_new(text).expect("a short code")
}

fn priority(value: u32) -> Priority {
    Priority::try_new(value).expect("a low priority")
}

fn length(minutes: u32) -> Length {
    Length::try_new(minutes).expect("a few minutes")
}

fn places(offer: &str, n: u32) -> Wanted {
    Wanted::Places { session: session(), offer: code(offer), quantity: quantity(n) }
}

/// The n-th customer, who wants one place.
fn new(n: u128) -> NewEntry {
    NewEntry {
        id: entry(n),
        customer: customer(n),
        listing: listing(),
        wanted: places("any", 1),
        priority: Priority::default(),
        wait_until: None,
    }
}

fn joined(new: NewEntry) -> Event {
    let NewEntry { id: entry, customer, listing, wanted, priority, wait_until } = new;
    Event::Joined { entry, customer, listing, wanted, priority, wait_until, at: at(0) }
}

fn offered(n: u128, until: i64) -> Event {
    Event::Offered { entry: entry(n), until: at(until), at: at(1) }
}

fn join(entry: NewEntry) -> Command {
    Command::Join { entry, vacancy: Vacancy::Taken, at: at(5) }
}

fn accept(n: u128, minute: i64) -> Command {
    let wanted = Some(places("any", 1));
    Command::Accept { entry: entry(n), customer: customer(n), wanted, at: at(minute) }
}

fn decline(n: u128, minute: i64) -> Command {
    Command::Decline { entry: entry(n), at: at(minute) }
}

fn leave(n: u128) -> Command {
    Command::Leave { entry: entry(n), at: at(5) }
}

#[test]
fn who_finds_it_sold_out_may_wait() {
    let NewEntry { id, customer, listing, wanted, priority, wait_until } = new(1);
    let at = at(5);
    let event = Event::Joined { entry: id, customer, listing, wanted, priority, wait_until, at };
    given([]).when(join(new(1))).then_expect_events(vec![event]);
}

#[test]
fn nobody_waits_for_what_is_free() {
    let command = Command::Join { entry: new(1), vacancy: Vacancy::Free, at: at(5) };
    given([]).when(command).then_expect_error(Refusal::StillFree);
}

#[test]
fn nobody_waits_for_more_than_there_ever_was() {
    let command = Command::Join { entry: new(1), vacancy: Vacancy::Never, at: at(5) };
    given([]).when(command).then_expect_error(Refusal::NeverFree);
}

#[test]
fn a_customer_waits_once_for_the_same() {
    let again = NewEntry { id: entry(9), wanted: places("other", 2), ..new(1) };
    let other = entry(1);
    let refusal = || Refusal::AlreadyWaiting { entry: other };
    given([joined(new(1))]).when(join(again.clone())).then_expect_error(refusal());
    let offered = [joined(new(1)), offered(1, 60)];
    given(offered).when(join(again.clone())).then_expect_error(refusal());
    // who waits no longer may begin anew
    let left = Event::Left { entry: entry(1), at: at(2) };
    let NewEntry { id, customer, listing, wanted, priority, wait_until } = again.clone();
    let at = at(5);
    let event = Event::Joined { entry: id, customer, listing, wanted, priority, wait_until, at };
    given([joined(new(1)), left]).when(join(again)).then_expect_events(vec![event]);
}

#[test]
fn an_entry_is_made_once() {
    let other = NewEntry { customer: customer(9), ..new(1) };
    given([joined(new(1))]).when(join(other.clone())).then_expect_error(Refusal::AlreadyJoined);
    let over = [joined(new(1)), Event::Left { entry: entry(1), at: at(2) }];
    given(over).when(join(other)).then_expect_error(Refusal::AlreadyJoined);
}

#[test]
fn nobody_waits_until_an_instant_that_has_passed() {
    let late = NewEntry { wait_until: Some(at(5)), ..new(1) };
    given([]).when(join(late)).then_expect_error(Refusal::DeadlinePassed { at: at(5) });
}

#[test]
fn a_list_has_so_many_entries_and_no_more() {
    let full: Vec<_> = (0..MAX_ENTRIES as u128).map(|n| joined(new(n))).collect();
    given(full).when(join(new(5_000))).then_expect_error(Refusal::Full);
}

#[test]
fn a_customer_has_so_many_entries_of_a_list_and_no_more() {
    let of = |n: u128| NewEntry {
        id: entry(n),
        wanted: Wanted::Places {
            session: SessionId::from_uuid(uuid(n)),
            offer: code("any"),
            quantity: quantity(1),
        },
        ..new(1)
    };
    let many: Vec<_> = (0..MAX_OF_CUSTOMER as u128).map(|n| joined(of(n))).collect();
    given(many).when(join(of(50))).then_expect_error(Refusal::TooManyOfCustomer);
}

#[test]
fn terms_are_set_once() {
    let set = |minutes| Command::SetTerms { offer_for: length(minutes), at: at(3) };
    let event = |minutes| Event::TermsSet { offer_for: length(minutes), at: at(3) };
    given([]).when(set(60)).then_expect_events(vec![event(60)]);
    given([event(60)]).when(set(60)).then_expect_events(Vec::new());
    given([event(60)]).when(set(30)).then_expect_events(vec![event(30)]);
}

#[test]
fn a_priority_is_changed_while_somebody_waits() {
    let change = |n, value| {
        let (entry, priority) = (entry(n), priority(value));
        Command::Prioritize { entry, priority, at: at(3) }
    };
    let event = Event::Prioritized { entry: entry(1), priority: priority(5), at: at(3) };
    given([joined(new(1))]).when(change(1, 5)).then_expect_events(vec![event]);
    given([joined(new(1))]).when(change(1, 0)).then_expect_events(Vec::new());
    given([joined(new(1))]).when(change(2, 5)).then_expect_error(Refusal::NotFound);
    let over = [joined(new(1)), Event::Left { entry: entry(1), at: at(2) }];
    let refusal = Refusal::Ended { status: Status::Left };
    given(over).when(change(1, 5)).then_expect_error(refusal);
}

#[test]
fn an_offer_is_accepted_before_its_deadline() {
    let offer = || [joined(new(1)), offered(1, 60)];
    let event = |minute| Event::Accepted { entry: entry(1), at: at(minute) };
    given(offer()).when(accept(1, 59)).then_expect_events(vec![event(59)]);
    let ended = Refusal::OfferEnded { at: at(60) };
    given(offer()).when(accept(1, 60)).then_expect_error(ended);
}

#[test]
fn only_what_was_offered_is_accepted_by_whom_it_was_offered_to() {
    let offer = || [joined(new(1)), offered(1, 60)];
    let accept =
        |n, wanted| Command::Accept { entry: entry(1), customer: customer(n), wanted, at: at(5) };
    let one = Some(places("any", 1));
    given(offer()).when(accept(2, one)).then_expect_error(Refusal::OtherCustomer);
    for other in [None, Some(places("any", 2)), Some(places("other", 1))] {
        given(offer()).when(accept(1, other)).then_expect_error(Refusal::OtherThanOffered);
    }
}

#[test]
fn what_was_not_offered_is_neither_accepted_nor_declined() {
    for command in [accept(1, 5), decline(1, 5)] {
        given([joined(new(1))]).when(command.clone()).then_expect_error(Refusal::NotOffered);
        given([]).when(command).then_expect_error(Refusal::NotFound);
    }
}

#[test]
fn an_offer_is_declined_once() {
    let event = Event::Declined { entry: entry(1), at: at(5) };
    let offer = [joined(new(1)), offered(1, 60)];
    given(offer.clone()).when(decline(1, 5)).then_expect_events(vec![event.clone()]);
    let [joined, offered] = offer.clone();
    given([joined, offered, event]).when(decline(1, 6)).then_expect_events(Vec::new());
    let ended = Refusal::OfferEnded { at: at(60) };
    given(offer).when(decline(1, 60)).then_expect_error(ended);
}

#[test]
fn whoever_waits_or_has_an_offer_may_leave() {
    let event = Event::Left { entry: entry(1), at: at(5) };
    given([joined(new(1))]).when(leave(1)).then_expect_events(vec![event.clone()]);
    given([joined(new(1)), offered(1, 60)]).when(leave(1)).then_expect_events(vec![event.clone()]);
    given([joined(new(1)), event]).when(leave(1)).then_expect_events(Vec::new());
}

#[test]
fn what_is_over_stays_over() {
    let ended = Event::Ended { entry: entry(1), ending: Ending::GaveUp, at: at(4) };
    let accepted = Event::Accepted { entry: entry(1), at: at(4) };
    let expired = Event::Expired { entry: entry(1), at: at(4) };
    for (event, status) in
        [(ended, Status::GaveUp), (accepted, Status::Accepted), (expired, Status::Expired)]
    {
        for command in [accept(1, 5), decline(1, 5), leave(1)] {
            let refusal = Refusal::Ended { status };
            given([joined(new(1)), event.clone()]).when(command).then_expect_error(refusal);
        }
    }
}

#[test]
fn a_list_is_the_same_after_it_was_stored() {
    let mut list = WaitingList::default();
    let given_up = Event::Ended { entry: entry(2), ending: Ending::GaveUp, at: at(4) };
    for event in [joined(new(1)), joined(new(2)), offered(1, 60), given_up] {
        list.evolve(&event);
    }
    let stored = serde_json::to_string(&list).expect("a state is JSON");
    assert_eq!(serde_json::from_str::<WaitingList>(&stored).expect("it reads"), list);
    assert!(list.weight() > size_of::<WaitingList>());
}
