//! Laws of the ledger, with generated lives: whatever happens to a booking and its payments, the books balance.

use chrono::Duration;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::world::{World, nights, terms};
use crate::booking::{CancelTerms, ChangeTerms, Command, Lines, Portion, Status};
use crate::ledger::{Account, Book, Till};
use crate::payment::{Fact, Failure, FailureCode, Method, Payment};
use crate::policy::Policy;
use crate::pricing::Rate;
use crate::testing::at;
use crate::values::{Money, PaymentId, ProviderReference, RefundId};

/// One thing that happens: what kind, to which payment, refund or line, and how much.
type Step = (u8, u8, u64);

/// A life: its currency, its commission, whether it is held first, what the nights cost, and what happens.
type Life = (&'static str, Option<i64>, bool, Vec<(u64, u64)>, Vec<Step>);

fn lives() -> impl Strategy<Value = Life> {
    let prices = vec((0_u64..400, 0_u64..60), 1..4);
    let steps = vec((0_u8..16, 0_u8..5, 0_u64..500), 1..40);
    let commission = prop_oneof![Just(None), (0_i64..=10_000).prop_map(Some)];
    (select(vec!["JPY", "EUR", "JOD"]), commission, any::<bool>(), prices, steps)
}

fn policy() -> Policy {
    let tiers = json!([{"until": {"days_before": 4}}, {"fee": {"percent": 3_300, "least": 40}}]);
    let changes = json!({"until": {"hours_before": 1}, "fee": {"amount": 17}});
    serde_json::from_value(json!({"tiers": tiers, "changes": changes})).unwrap()
}

fn begin((code, commission, held, prices, _): &Life) -> World {
    let mut world = World::new(code);
    let lines = (0..)
        .zip(prices)
        .map(|(n, (price, tax))| nights(3 + n * 2, 5 + n * 3, world.money(*price), *tax));
    let terms = terms(lines.collect(), *commission, Some(policy()));
    let at = at(0);
    let began = if *held {
        world.order(Command::Hold { terms, until: at + Duration::days(3), at })
    } else {
        world.order(Command::Book { terms, at })
    };
    assert!(began, "a booking begins");
    world
}

fn take(world: &mut World, (kind, n, minor): Step) {
    let at = world.now;
    let known = |world: &World| -> Option<PaymentId> {
        let count = world.payments.len();
        (count > 0).then(|| world.payments.keys().nth(usize::from(n) % count).copied())?
    };
    match kind {
        0 | 1 => drop(world.take(world.payments.len() as u128, Method::Card, minor + 1)),
        2 => drop(world.take(world.payments.len() as u128, Method::Cash, minor + 1)),
        3..=7 => {
            let Some(payment) = known(world) else { return };
            let refund = RefundId::from_uuid(crate::testing::uuid(u128::from(n)));
            match kind {
                3 | 4 => world.give_back(payment, u128::from(n), minor / 3 + 1),
                5 => {
                    let failure = Failure::from(FailureCode::Other);
                    world.say(payment, Fact::RefundFailed { refund, failure });
                }
                6 => {
                    let dispute = ProviderReference::try_new(&format!("dp_{n}")).unwrap();
                    let amount = world.money(minor / 2 + 1);
                    world.say(payment, Fact::DisputeLost { dispute, amount });
                }
                _ => {
                    let total = world.money(minor / 20);
                    world.say(payment, Fact::Fee { total });
                }
            }
        }
        8 => world.wait(i64::from(n)),
        9 => drop(world.order(Command::Confirm { at })),
        10 => {
            let lines = [usize::from(n) % world.booking.lines().len()].into();
            let terms = CancelTerms { paid: Some(world.paid()), quote: None };
            let portion = Portion::Lines(lines);
            world.order(Command::CancelPortion { portion, reason: None, terms, at });
        }
        11 => put_off(world, minor),
        12 if n == 0 => {
            let terms = CancelTerms { paid: Some(world.paid()), quote: None };
            world.order(Command::Cancel { reason: None, terms, at });
        }
        13 if n == 0 => drop(world.order(Command::NoShow { paid: Some(world.paid()), at })),
        14 => drop(world.order(Command::CheckIn { at })),
        15 => drop(world.order(Command::Lapse { at })),
        _ => drop(world.order(Command::CheckOut { at })),
    }
}

/// The same nights later in the month, at another price.
fn put_off(world: &mut World, minor: u64) {
    let (at, price) = (world.now, world.money(minor));
    let lines = (0..).zip(world.booking.lines()).map(|(n, _)| nights(20 + n, 22 + n, price, 7));
    let lines = Lines::try_new(lines.collect()).unwrap();
    let terms = ChangeTerms { paid: Some(world.paid()), waived: false };
    world.order(Command::Reschedule { lines, terms, at });
}

fn sum(world: &World, of: fn(&Payment) -> Option<Money>, online: Option<bool>) -> i128 {
    let counted = world.payments.values().filter(|payment| {
        online.is_none_or(|online| payment.method().is_some_and(Method::is_online) == online)
    });
    counted.filter_map(of).map(|money| i128::from(money.minor())).sum()
}

/// What customers paid and did not get back.
fn held(world: &World, online: Option<bool>) -> i128 {
    sum(world, Payment::captured, online)
        - sum(world, Payment::refunded, online)
        - sum(world, Payment::lost, online)
}

/// What the booking keeps in the end.
fn kept(world: &World) -> i128 {
    let services = match world.booking.status() {
        Status::Confirmed | Status::CheckedIn | Status::Completed => {
            world.booking.total().map_or(0, Money::minor)
        }
        _ => 0,
    };
    i128::from(services) + i128::from(world.fees)
}

fn check(world: &World) -> Result<(), TestCaseError> {
    for entries in &world.posted {
        let mut days = std::collections::BTreeMap::<_, i128>::new();
        for entry in entries {
            *days.entry((entry.day, entry.currency)).or_default() += i128::from(entry.minor);
            prop_assert!(entry.minor != 0);
        }
        prop_assert!(days.values().all(|sum| *sum == 0), "{entries:?}");
    }
    let today = world.balances(Some(world.today()));
    let online = held(world, Some(true)) - sum(world, Payment::fees, None);
    prop_assert_eq!(today.of(Account::Cash(Till::Stripe)), online);
    prop_assert_eq!(today.of(Account::Cash(Till::OnSite)), held(world, Some(false)));
    prop_assert_eq!(today.of(Account::ProviderFees), sum(world, Payment::fees, None));
    let (owed, deposits) = (today.of(Account::Receivable), today.of(Account::Deposits));
    prop_assert!(owed >= 0 && deposits <= 0 && (owed == 0 || deposits == 0));
    prop_assert!(today.of(Account::RefundsDue) <= 0 && today.of(Account::Chargebacks) >= 0);
    ends(world)
}

/// What the accounts show when the last service is over.
fn ends(world: &World) -> Result<(), TestCaseError> {
    let of = |account| world.ends_with(account);
    let (kept, held_in_all) = (kept(world), held(world, None));
    let earned = of(Account::Revenue) + of(Account::TaxPayable) + of(Account::CancellationFees);
    prop_assert_eq!(-earned, kept);
    let is_open = matches!(world.booking.status(), Status::Requested | Status::Held);
    if !is_open {
        prop_assert_eq!(of(Account::Deposits), 0);
        prop_assert_eq!(-of(Account::RefundsDue), (held_in_all - kept).max(0));
        let missing = of(Account::Receivable) + of(Account::Chargebacks);
        prop_assert_eq!(missing, (kept - held_in_all).max(0));
    }
    partner(world, kept)
}

fn partner(world: &World, kept: i128) -> Result<(), TestCaseError> {
    let of = |account| world.ends_with(account);
    let parts = [Account::Commission, Account::PartnerPayable, Account::PartnerShare].map(of);
    prop_assert_eq!(parts.iter().sum::<i128>(), 0);
    let collected = held(world, Some(true)).min(kept);
    if parts[0] != 0 {
        prop_assert_eq!(parts[2], collected);
        let base = -(of(Account::Revenue) + of(Account::CancellationFees));
        prop_assert!(-parts[0] <= base);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_books_balance_after_every_event(life in lives()) {
        let mut world = begin(&life);
        check(&world)?;
        for step in life.4 {
            take(&mut world, step);
            check(&world)?;
        }
    }

    #[test]
    fn what_was_posted_is_never_posted_otherwise(life in lives()) {
        let mut world = begin(&life);
        for step in &life.4 {
            let (yesterday, before) = (world.today().pred_opt(), world.balances(world.today().pred_opt()));
            take(&mut world, *step);
            prop_assert_eq!(world.balances(yesterday), before);
        }
        let stored = serde_json::to_string(&world.book).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Book>(&stored).unwrap(), &world.book);
    }

    #[test]
    fn what_is_paid_in_full_leaves_neither_claim_nor_debt(life in lives()) {
        let mut world = begin(&(life.0, life.1, false, life.3, Vec::new()));
        let total = world.booking.total().map_or(0, Money::minor);
        if total > 0 {
            world.take(1, if life.2 { Method::Card } else { Method::Cash }, total);
        }
        world.wait(90);
        let today = world.balances(Some(world.today()));
        for account in [Account::Receivable, Account::Deposits, Account::RefundsDue] {
            prop_assert_eq!(today.of(account), 0);
        }
        let sold = today.of(Account::Revenue) + today.of(Account::TaxPayable);
        prop_assert_eq!(-sold, i128::from(total));
        if let Some(points) = life.1 {
            let rate = Rate::try_new(points).unwrap();
            let net = u64::try_from(-today.of(Account::Revenue)).unwrap();
            let commission = rate.of(world.money(net)).unwrap().minor();
            prop_assert_eq!(-today.of(Account::Commission), i128::from(commission));
        }
    }
}
