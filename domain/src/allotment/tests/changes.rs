//! Other places instead, fewer places, and none.

use super::*;

#[test]
fn a_change_gives_up_the_old_places_only_if_the_new_ones_can_be_had() {
    let lunch = |n| take("adult-lunch", n, &[("boat", n), ("lunch", n)]);
    let full = [opened(trip(3, 0, 2)), allocated(A, &[adults(2)], None)];
    given(full.clone())
        .when(reallocate(A, &[item("adult-lunch", 2)], None, at(1)))
        .then_expect_events(vec![Event::Reallocated {
            booking: A,
            customer: ANNA,
            freed: vec![adults(2)],
            takes: vec![lunch(2)],
            until: None,
            overbooked: false,
            at: at(1),
        }]);
    given(full)
        .when(reallocate(A, &[item("adult-lunch", 3)], None, at(1)))
        .then_expect_error(sold_out("lunch", 2, 3, Obstacle::Capacity));
}

#[test]
fn a_change_to_the_same_places_records_nothing_and_to_another_deadline_does() {
    let held = [opened(trip(1, 0, 0)), allocated(A, &[adults(1)], Some(at(15)))];
    given(held.clone())
        .when(reallocate(A, &[item("adult", 1)], Some(at(15)), at(1)))
        .then_expect_events(Vec::new());
    let extended = given(held).when(reallocate(A, &[item("adult", 1)], Some(at(30)), at(1)));
    let events = extended.inspect_result().unwrap();
    assert!(matches!(&events[..], [Event::Reallocated { until, .. }] if *until == Some(at(30))));
}

#[test]
fn a_change_into_a_session_is_an_allocation_and_out_of_it_a_release() {
    let open = opened(trip(1, 0, 0));
    given([open.clone()])
        .when(reallocate(A, &[item("adult", 1)], None, at(0)))
        .then_expect_events(vec![allocated(A, &[adults(1)], None)]);
    given([open.clone(), allocated(A, &[adults(1)], None)])
        .when(reallocate(A, &[], None, at(1)))
        .then_expect_events(vec![Event::Released {
            booking: A,
            freed: vec![adults(1)],
            at: at(1),
        }]);
    given([open]).when(reallocate(A, &[], None, at(1))).then_expect_events(Vec::new());
}

#[test]
fn what_was_released_is_free_and_releasing_again_records_nothing() {
    let released = Event::Released { booking: A, freed: vec![adults(2)], at: at(1) };
    let release = Command::Release { booking: A, parts: None, at: at(1) };
    let taken = [opened(trip(2, 0, 0)), allocated(A, &[adults(2)], Some(at(9)))];
    given(taken.clone()).when(release.clone()).then_expect_events(vec![released.clone()]);
    let [open, taken] = taken;
    let allotment = state(&[open, taken, released]);
    assert_eq!((allotment.free(&code("boat"), at(1)), allotment.takes_of(A)), (2, Vec::new()));
    assert!(allotment.decide(release).unwrap().is_empty());
}

#[test]
fn some_tickets_of_a_booking_can_be_given_up() {
    let lunch = |n| take("adult-lunch", n, &[("boat", n), ("lunch", n)]);
    let part = |offer: &str, n| Part { offer: code(offer), quantity: quantity(n), seats: vec![] };
    let release =
        |parts: &[Part]| Command::Release { booking: A, parts: Some(parts.to_vec()), at: at(1) };
    let taken = [opened(trip(9, 0, 9)), allocated(A, &[adults(3), lunch(2)], None)];
    let freed = vec![adults(2), lunch(2)];
    let released = Event::Released { booking: A, freed, at: at(1) };
    given(taken.clone())
        .when(release(&[part("adult-lunch", 2), part("adult", 1), part("adult", 1)]))
        .then_expect_events(vec![released.clone()]);
    let [open, all] = taken.clone();
    let allotment = state(&[open, all, released]);
    assert_eq!(allotment.takes_of(A), [adults(1)]);
    assert_eq!(
        (allotment.free(&code("boat"), at(1)), allotment.free(&code("lunch"), at(1))),
        (8, 9)
    );

    let refused = |parts: &[Part], refusal| {
        given(taken.clone()).when(release(parts)).then_expect_error(refusal);
    };
    let offer = code("adult");
    refused(&[part("adult", 2), part("adult", 2)], Refusal::NotTaken { offer, taken: 3, asked: 4 });
    let offer = code("family");
    refused(&[part("family", 1)], Refusal::NotTaken { offer, taken: 0, asked: 1 });
    refused(&[part("senior", 1)], Refusal::UnknownOffer { offer: code("senior") });
    refused(&[], Refusal::NothingAsked);
    given([opened(trip(9, 0, 9))])
        .when(release(&[part("adult", 1)]))
        .then_expect_error(Refusal::NotAllocated);
}

#[test]
fn a_booking_has_nothing_for_sure_once_its_hold_ended() {
    let held = allocated(A, &[adults(2)], Some(at(15)));
    let shut = [opened(trip(2, 0, 0)), held, Event::SalesClosed { at: at(1) }];
    let again = |minute| reallocate(A, &[item("adult", 2)], Some(at(30)), at(minute));
    assert_eq!(given(shut.clone()).when(again(14)).inspect_result().unwrap().len(), 1);
    given(shut).when(again(15)).then_expect_error(Refusal::SalesClosed);
}
