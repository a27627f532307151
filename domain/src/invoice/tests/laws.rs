//! Laws of invoices, with generated lives of several bookings of one organization.

use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::testing::currency;

/// What somebody does about one of the bookings.
#[derive(Clone, Debug)]
enum Step {
    /// Books these instead, for a fee.
    Amend(Vec<Wanted>, Option<u64>),
    /// Calls all of it off and keeps something.
    Cancel(Option<u64>),
    /// Issues what is missing.
    Issue,
}

/// A line: nights or places, how many, when, at which price, and whether it is taxed.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    is_room: bool,
    count: u32,
    day: u32,
    /// In which of two rooms.
    room: u128,
    price: u64,
    is_taxed: bool,
}

impl Wanted {
    fn line(self, code: &str) -> Line {
        let price = Money::try_new(self.price, currency(code)).unwrap();
        let line = if self.is_room {
            in_room(self.room, rooms(self.count, (self.day, self.day + 2), price))
        } else {
            places(self.count, price)
        };
        if self.is_taxed { taxed(line) } else { line }
    }
}

fn wanted() -> impl Strategy<Value = Vec<Wanted>> {
    // few prices, so that something may be the same elsewhere
    let price = prop_oneof![Just(1_000_u64), 0_u64..5_000];
    let one = (any::<bool>(), 1_u32..4, 1_u32..4, 3_u128..5, price, any::<bool>());
    let one = one.prop_map(|(is_room, count, day, room, price, is_taxed)| Wanted {
        is_room,
        count,
        day,
        room,
        price,
        is_taxed,
    });
    vec(one, 1..4)
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (wanted(), prop::option::of(0_u64..500)).prop_map(|(lines, fee)| Step::Amend(lines, fee)),
        1 => prop::option::of(0_u64..2_000).prop_map(Step::Cancel),
        4 => Just(Step::Issue),
    ]
}

/// What something costs: without taxes, and each tax by its code.
type Sums = BTreeMap<String, i128>;

fn add(sums: &mut Sums, sign: i128, items: &[Item]) {
    for Item { subject, service, amounts, .. } in items {
        // who moves to another room keeps the invoice
        let subject = match subject {
            Subject::Resource { listing, resource: _ } => listing.to_string(),
            other => format!("{other:?}"),
        };
        let thing = format!("{subject} {service:?}");
        let mut one = |what: &str, amount: Money| {
            *sums.entry(format!("{thing} {what}")).or_default() +=
                sign * i128::from(amount.minor());
        };
        one("net", amounts.net);
        one("total", amounts.total);
        for tax in &amounts.taxes {
            one(tax.code.as_str(), tax.amount);
        }
    }
    sums.retain(|_, sum| *sum != 0);
}

proptest! {
    #[test]
    fn numbers_are_dense_and_documents_come_to_what_bookings_cost(
        codes in prop::sample::subsequence(vec!["JPY", "EUR", "JOD"], 3),
        first in vec(wanted(), 3),
        steps in vec((0_usize..3, step()), 1..24),
    ) {
        let mut bookings: Vec<Booking> = first.iter().zip(&codes).map(|(lines, code)| {
            booked(lines.iter().map(|line| line.line(code)).collect())
        }).collect();
        let mut books = vec![Invoices::default(); 3];
        let mut register = Register::default();
        let mut issued: Vec<Vec<Document>> = vec![Vec::new(); 3];
        for (number, step) in steps {
            let (booking, code) = (&bookings[number], codes[number]);
            let money = |minor| Money::try_new(minor, currency(code)).unwrap();
            let is_there = booking.status() == crate::booking::Status::Confirmed;
            match step {
                Step::Amend(lines, fee) if is_there => {
                    let lines = lines.iter().map(|line| line.line(code)).collect();
                    bookings[number] = after(booking, &amended(lines, fee.map(money)));
                }
                Step::Cancel(fee) if is_there => {
                    bookings[number] = after(booking, &cancelled(fee.map(money)));
                }
                Step::Amend(..) | Step::Cancel(_) => {}
                Step::Issue => {
                    let invoices = std::mem::take(&mut books[number]);
                    let mut both = Books { invoices, register };
                    let result = both.issue(booking);
                    (books[number], register) = (both.invoices, both.register);
                    match result {
                        Ok(documents) => {
                            prop_assert!(!documents.is_empty());
                            issued[number].extend(documents);
                        }
                        Err(refusal) => prop_assert_eq!(refusal, Refusal::NothingToIssue),
                    }
                    let (mut cost, mut told) = (Sums::new(), Sums::new());
                    add(&mut cost, 1, &statement(booking).unwrap().items);
                    for document in &issued[number] {
                        let sign = if document.kind() == Kind::Invoice { 1 } else { -1 };
                        add(&mut told, sign, &document.items);
                    }
                    prop_assert_eq!(cost, told);
                }
            }
        }
        for kind in Kind::ALL {
            let of_kind = issued.iter().flatten().filter(|document| document.kind() == kind);
            let mut numbers: Vec<u64> = of_kind.map(|document| document.name.number.get()).collect();
            numbers.sort_unstable();
            let dense: Vec<u64> = (1..).take(numbers.len()).collect();
            prop_assert_eq!(numbers, dense);
        }
        for document in issued.iter().flatten() {
            let sum: u64 = document.items.iter().map(|item| item.amounts.total.minor()).sum();
            let taxes: u64 = document.totals.taxes.iter().map(|tax| tax.amount.minor()).sum();
            prop_assert_eq!(document.totals.total.minor(), sum);
            prop_assert_eq!(document.totals.net.minor() + taxes, sum);
            prop_assert_eq!(document.corrects.is_empty(), document.kind() == Kind::Invoice);
        }
    }
}
