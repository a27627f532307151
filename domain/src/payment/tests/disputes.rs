//! Money that whoever paid wants back from their bank.

use super::*;

fn name(n: u8) -> ProviderReference {
    reference(&format!("dp_{n}"))
}

fn told_opened(n: u8, minor: u64) -> Command {
    record(Fact::DisputeOpened { dispute: name(n), amount: eur(minor) })
}

fn told_won(n: u8) -> Command {
    record(Fact::DisputeWon { dispute: name(n) })
}

fn told_lost(n: u8, minor: u64) -> Command {
    record(Fact::DisputeLost { dispute: name(n), amount: eur(minor) })
}

fn opened(n: u8, minor: u64) -> Event {
    Event::DisputeOpened { dispute: name(n), amount: eur(minor), at: at(2) }
}

fn won(n: u8) -> Event {
    Event::DisputeWon { dispute: name(n), at: at(2) }
}

fn lost(n: u8, minor: u64) -> Event {
    Event::DisputeLost { dispute: name(n), amount: eur(minor), at: at(2) }
}

fn then(events: &[Event]) -> Vec<Event> {
    [&[by_card(), captured(100)], events].concat()
}

#[test]
fn nothing_is_given_back_while_a_dispute_is_open() {
    given(then(&[])).when(told_opened(1, 80)).then_expect_events(vec![opened(1, 80)]);
    let open = then(&[opened(1, 80)]);
    assert_eq!(state(&open).status(), Status::Disputed);
    given(open.clone()).when(refund(1, Some(10))).then_expect_error(Refusal::Disputed);
    given(open.clone()).when(told_opened(1, 80)).then_expect_events(Vec::new());
    given(open.clone())
        .when(told_opened(1, 70))
        .then_expect_error(Refusal::DisputeDiffers { amount: eur(80) });
    given(then(&[]))
        .when(told_opened(1, 101))
        .then_expect_error(Refusal::DisputeExceedsCaptured { captured: eur(100) });
    given([by_card()]).when(told_opened(1, 80)).then_expect_error(Refusal::NotCaptured);
    given([requested(), captured(100)]).when(told_opened(1, 80)).then_expect_error(Refusal::ByHand);
}

#[test]
fn a_dispute_that_is_won_leaves_all_as_it_was() {
    let open = then(&[opened(1, 80)]);
    given(open.clone()).when(told_won(1)).then_expect_events(vec![won(1)]);
    let over = [&open[..], &[won(1)]].concat();
    let payment = state(&over);
    assert_eq!((payment.status(), payment.left()), (Status::Captured, Some(eur(100))));
    given(over.clone()).when(told_won(1)).then_expect_events(Vec::new());
    given(over.clone()).when(told_opened(1, 80)).then_expect_events(Vec::new());
    given(over).when(told_lost(1, 80)).then_expect_error(Refusal::DisputeEnded);
}

#[test]
fn what_is_lost_cannot_be_given_back_as_well() {
    let open = then(&[opened(1, 80)]);
    given(open.clone()).when(told_lost(1, 80)).then_expect_events(vec![lost(1, 80)]);
    let over = [&open[..], &[lost(1, 80)]].concat();
    let payment = state(&over);
    assert_eq!((payment.status(), payment.lost()), (Status::Disputed, Some(eur(80))));
    assert_eq!((payment.refunded(), payment.left()), (Some(eur(0)), Some(eur(20))));
    assert_eq!(payment.disputes()[0].status, DisputeStatus::Lost);
    given(over.clone()).when(told_lost(1, 80)).then_expect_events(Vec::new());
    given(over.clone()).when(told_opened(1, 80)).then_expect_events(Vec::new());
    given(over.clone()).when(told_won(1)).then_expect_error(Refusal::DisputeEnded);
    given(over.clone())
        .when(told_lost(1, 70))
        .then_expect_error(Refusal::DisputeDiffers { amount: eur(80) });
    given(over)
        .when(refund(1, Some(21)))
        .then_expect_error(Refusal::RefundExceedsCaptured { left: eur(20) });
    given(open)
        .when(told_lost(1, 81))
        .then_expect_error(Refusal::DisputeDiffers { amount: eur(80) });
}

#[test]
fn no_more_is_lost_than_is_left() {
    let on_its_way =
        Event::RefundRequested { refund: refund_id(1), amount: eur(30), reason: None, at: at(3) };
    for gone in [on_its_way, refunded_as(1, 30)] {
        let open = then(&[gone, opened(1, 100)]);
        given(open.clone())
            .when(told_lost(1, 71))
            .then_expect_error(Refusal::LossExceedsCaptured { left: eur(70) });
        given(open).when(told_lost(1, 70)).then_expect_events(vec![lost(1, 70)]);
    }
}

#[test]
fn the_end_of_a_dispute_can_be_heard_of_before_its_beginning() {
    given(then(&[])).when(told_lost(1, 80)).then_expect_events(vec![lost(1, 80)]);
    given(then(&[lost(1, 80)])).when(told_opened(1, 90)).then_expect_events(Vec::new());
    given(then(&[])).when(told_won(1)).then_expect_events(vec![won(1)]);
    given(then(&[won(1)])).when(told_opened(1, 80)).then_expect_events(Vec::new());
    assert_eq!(state(&then(&[won(1)])).disputes()[0].amount, None);
}

#[test]
fn one_dispute_may_be_open_when_another_ends() {
    let both = then(&[opened(1, 40), opened(2, 50), won(1)]);
    assert_eq!(state(&both).status(), Status::Disputed);
    given(both.clone()).when(refund(1, Some(10))).then_expect_error(Refusal::Disputed);
    given(both).when(told_lost(2, 50)).then_expect_events(vec![lost(2, 50)]);
}
