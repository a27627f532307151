//! Rules of the register.

use cqrs_es::test::{AggregateTestExecutor, TestFramework};

use super::{Command, Event, Refusal, Register};
use crate::invoice::{Kind, Number};
use crate::testing::{at, booking, uuid};
use crate::values::InvoiceId;

fn given(events: impl Into<Vec<Event>>) -> AggregateTestExecutor<Register> {
    TestFramework::with(()).given(events.into())
}

fn number(number: u64) -> Number {
    Number::try_from(number).unwrap()
}

fn ask(kind: Kind, n: u64) -> Command {
    let document = InvoiceId::from_uuid(uuid(7));
    Command::Number { kind, number: number(n), document, booking: booking(1), at: at(0) }
}

fn numbered(kind: Kind, n: u64) -> Event {
    let document = InvoiceId::from_uuid(uuid(7));
    Event::Numbered { kind, number: number(n), document, booking: booking(1), at: at(0) }
}

#[test]
fn numbers_begin_with_one_and_follow_each_other() {
    given([]).when(ask(Kind::Invoice, 1)).then_expect_events(vec![numbered(Kind::Invoice, 1)]);
    given([numbered(Kind::Invoice, 1)])
        .when(ask(Kind::Invoice, 2))
        .then_expect_events(vec![numbered(Kind::Invoice, 2)]);
}

#[test]
fn no_number_is_left_out_or_given_twice() {
    let first = [numbered(Kind::Invoice, 1)];
    for wrong in [1, 3] {
        given(first.clone())
            .when(ask(Kind::Invoice, wrong))
            .then_expect_error(Refusal::OutOfTurn { next: number(2) });
    }
}

#[test]
fn credit_notes_have_numbers_of_their_own() {
    given([numbered(Kind::Invoice, 1), numbered(Kind::Invoice, 2)])
        .when(ask(Kind::CreditNote, 1))
        .then_expect_events(vec![numbered(Kind::CreditNote, 1)]);
}
