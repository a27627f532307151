//! One refund, split over the payments of a booking.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::values::PaymentId;

fn payment(n: u128) -> PaymentId {
    PaymentId::from_uuid(uuid(n))
}

#[test]
fn the_latest_payment_is_given_back_first() {
    let left = [(payment(1), eur(50)), (payment(2), eur(0)), (payment(3), eur(30))];
    let split = |minor| split_refund(eur(minor), &left);
    assert_eq!(split(0), Ok(Vec::new()));
    assert_eq!(split(30), Ok(vec![(payment(3), eur(30))]));
    assert_eq!(split(31), Ok(vec![(payment(3), eur(30)), (payment(1), eur(1))]));
    assert_eq!(split(81), Err(SplitError::TooMuch { left: eur(80) }));
    let yen = Money::zero(currency("JPY"));
    assert_eq!(split_refund(yen, &left), Err(SplitError::CurrencyMismatch));
    assert_eq!(split_refund(yen, &[]), Ok(Vec::new()));
}

proptest! {
    #[test]
    fn a_split_adds_up_and_never_exceeds_what_is_left(
        code in proptest::sample::select(vec!["JPY", "EUR", "JOD"]),
        left in vec(0_u64..5_000, 0..6),
        amount in 0_u64..20_000,
    ) {
        let money = |minor| Money::try_new(minor, currency(code)).unwrap();
        let payments: Vec<_> =
            left.iter().zip(1..).map(|(minor, n)| (payment(n), money(*minor))).collect();
        let all: u64 = left.iter().sum();
        match split_refund(money(amount), &payments) {
            Err(error) => {
                prop_assert!(amount > all);
                prop_assert_eq!(error, SplitError::TooMuch { left: money(all) });
            }
            Ok(shares) => {
                let sum: u64 = shares.iter().map(|(_, share)| share.minor()).sum();
                prop_assert_eq!(sum, amount);
                for (id, share) in &shares {
                    let left = payments.iter().find(|(other, _)| other == id).unwrap().1;
                    prop_assert!(!share.is_zero() && share.minor() <= left.minor());
                }
                let ids: std::collections::BTreeSet<_> = shares.iter().map(|(id, _)| *id).collect();
                prop_assert_eq!(ids.len(), shares.len());
            }
        }
    }
}
