//! Laws of vouchers, with generated lines and generated lives.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::discounts::{grant, nights, places};
use super::*;
use crate::booking::{Bill, Line, Lines};
use crate::voucher::{Grant, Tally};

const MAIN: ListingId = ListingId::from_uuid(uuid::Uuid::from_u128(2));

fn benefits() -> impl Strategy<Value = Benefit> {
    prop_oneof![
        (0_u64..30_000).prop_map(|value| Benefit::FixedPrice(minor(value))),
        (0_u64..300_000).prop_map(|value| Benefit::AmountOff(minor(value))),
        (0_i64..=10_000).prop_map(percent),
    ]
}

/// Lines in a currency of no, two or three decimals.
fn some_lines() -> impl Strategy<Value = Vec<Line>> {
    let line = (any::<bool>(), 0_u64..50_000, 1_u32..5);
    (select(vec!["JPY", "EUR", "JOD"]), vec(line, 1..12)).prop_map(|(code, lines)| {
        let line = |(by_night, price, count)| {
            let price = Money::try_new(price, currency(code)).unwrap();
            if by_night { nights(price, count) } else { places(price, count) }
        };
        lines.into_iter().map(line).collect()
    })
}

fn sum(lines: &[Line]) -> u64 {
    lines.iter().map(|line| line.total().minor()).sum()
}

proptest! {
    #[test]
    fn what_is_taken_off_adds_up_exactly(benefit in benefits(), before in some_lines()) {
        let grant = grant(benefit);
        let mut after = before.clone();
        grant.take_off(&mut after, MAIN).unwrap();
        let Discounts { basis, given } = grant.taken_off(&after, MAIN).unwrap();
        prop_assert_eq!(basis.map(Money::minor), Some(sum(&before)));
        prop_assert_eq!(sum(&before) - given.minor(), sum(&after));
        let bill = Bill::of(&Lines::try_new(after.clone()).unwrap()).unwrap();
        let told: u64 = bill.discounts.iter().map(|discount| discount.amount.minor()).sum();
        prop_assert_eq!((told, bill.total.minor()), (given.minor(), sum(&after)));
        match benefit {
            Benefit::AmountOff(amount) => {
                prop_assert_eq!(given.minor(), amount.get().min(sum(&before)));
            }
            Benefit::PercentOff(part) => for (before, after) in before.iter().zip(&after) {
                let off = part.of(before.total()).unwrap();
                prop_assert_eq!(before.total().try_sub(off).unwrap(), after.total());
            },
            Benefit::FixedPrice(price) => for (before, after) in before.iter().zip(&after) {
                let fixed = price.get() * before.units();
                prop_assert_eq!(after.total().minor(), fixed.min(before.total().minor()));
            },
        }
    }

    #[test]
    fn taking_off_once_more_takes_nothing_more(benefit in benefits(), mut lines in some_lines()) {
        let grant = grant(benefit);
        grant.take_off(&mut lines, MAIN).unwrap();
        let once = lines.clone();
        grant.take_off(&mut lines, MAIN).unwrap();
        prop_assert_eq!(lines, once);
    }

    #[test]
    fn no_line_has_a_share_of_an_amount_that_is_more_than_a_unit_off(
        amount in 0_u64..300_000, lines in some_lines(),
    ) {
        let all = u128::from(sum(&lines));
        let mut after = lines.clone();
        grant(Benefit::AmountOff(minor(amount))).take_off(&mut after, MAIN).unwrap();
        let off = u128::from(sum(&lines) - sum(&after));
        for (before, after) in lines.iter().zip(&after) {
            let own = u128::from(before.total().minor());
            let share = own - u128::from(after.total().minor());
            prop_assert!(share * all <= off * own + all && off * own <= share * all + all);
        }
    }
}

/// A step in the life of a voucher of few bookings.
fn steps() -> impl Strategy<Value = Vec<(u8, u128, u64, i64)>> {
    vec((0_u8..5, 1_u128..8, 0_u64..900, 1_i64..40), 1..60)
}

fn step((kind, who, amount, length): (u8, u128, u64, i64), now: i64) -> Command {
    let (booking, at_now) = (booking(who), at(now));
    match kind {
        0 => let_use(who, if who % 2 == 0 { ANNA } else { BASIL }, amount, None, now),
        1 => let_use(who, if who % 2 == 0 { ANNA } else { BASIL }, amount, Some(now + length), now),
        2 => Command::ConfirmUse { booking, at: at_now },
        3 => Command::ChangeUse { booking, given: eur(amount), drawn: Vec::new(), at: at_now },
        _ => Command::ReturnUse { booking, at: at_now },
    }
}

/// What counts at an instant, straight from the events.
fn counted(events: &[Event], now: Timestamp) -> (u32, u64) {
    let mut live = std::collections::BTreeMap::new();
    for event in events {
        match event {
            Event::Used { booking, given, until, .. } => {
                live.insert(*booking, (given.minor(), *until));
            }
            Event::UseChanged { booking, given, .. } => {
                live.entry(*booking).and_modify(|using| using.0 = given.minor());
            }
            Event::UseConfirmed { booking, .. } => {
                live.entry(*booking).and_modify(|using| using.1 = None);
            }
            Event::UseReturned { booking, .. } => {
                live.remove(booking);
            }
            Event::Created { .. }
            | Event::Revised(_)
            | Event::Withdrawn { .. }
            | Event::UseExtended { .. } => {}
        }
    }
    let counts = |until: &Option<Timestamp>| until.is_none_or(|until| now < until);
    let counting: Vec<_> = live.values().filter(|(_, until)| counts(until)).collect();
    (u32::try_from(counting.len()).unwrap(), counting.iter().map(|(given, _)| given).sum())
}

proptest! {
    #[test]
    fn whatever_happens_neither_uses_nor_budget_are_exceeded(steps in steps()) {
        let limited = Terms {
            max_uses: Some(uses(3)),
            max_uses_per_customer: Some(uses(2)),
            budget: Some(minor(1_500)),
            ..terms()
        };
        let mut events = vec![created(limited)];
        let mut voucher = state(&events);
        for (number, one) in steps.into_iter().enumerate() {
            let now = i64::try_from(number).unwrap() * 3;
            let (count, given) = counted(&events, at(now));
            prop_assert_eq!(voucher.tally(at(now)), Tally { uses: count, given });
            let Ok(new) = voucher.decide(step(one, now)) else { continue };
            for event in &new {
                voucher.evolve(event);
            }
            events.extend(new);
            let (count, given) = counted(&events, at(now));
            prop_assert!(count <= 3 && given <= 1_500, "{} uses, {} given", count, given);
        }
        // a snapshot is the same voucher
        let stored = serde_json::to_string(&voucher).unwrap();
        prop_assert_eq!(serde_json::from_str::<Voucher>(&stored).unwrap(), voucher);
    }
}

#[test]
fn a_grant_is_stored_as_it_is() {
    let grant = grant(percent(1_000));
    let stored = serde_json::to_string(&grant).unwrap();
    assert_eq!(serde_json::from_str::<Grant>(&stored).unwrap(), grant);
}
