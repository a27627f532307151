//! Arithmetic on what bookings take.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use daybook_domain::{
    calendar::Take,
    values::{DayRange, Quantity},
};

/// More was given up than had been taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more was given up on {0} than had been taken")]
pub(super) struct NeverTaken(NaiveDate);

/// What is left of some takes when others are given up.
pub(super) fn without(takes: &[Take], freed: &[Take]) -> Result<Vec<Take>, NeverTaken> {
    if takes == freed {
        return Ok(Vec::new()); // by far the most frequent
    }
    let mut left: BTreeMap<NaiveDate, u32> = BTreeMap::new();
    for take in takes {
        for day in take.days.iter() {
            *left.entry(day).or_default() += take.quantity.get();
        }
    }
    for take in freed {
        for day in take.days.iter() {
            let before = left.get(&day).copied().unwrap_or_default();
            let after = before.checked_sub(take.quantity.get()).ok_or(NeverTaken(day))?;
            left.insert(day, after);
        }
    }
    Ok(runs(&left))
}

/// Days in order, those in a row with the same quantity put together.
fn runs(days: &BTreeMap<NaiveDate, u32>) -> Vec<Take> {
    let mut takes: Vec<Take> = Vec::new();
    for (&day, &count) in days {
        let Ok(quantity) = Quantity::try_new(count) else { continue }; // nothing is left on this day
        let end = day.checked_add_days(Days::new(1)).unwrap_or(day);
        let longer = takes
            .last()
            .filter(|last| last.quantity == quantity && last.days.end() == day)
            .and_then(|last| DayRange::try_new(last.days.first(), end).ok());
        if let (Some(days), Some(last)) = (longer, takes.last_mut()) {
            last.days = days;
        } else if let Ok(days) = DayRange::try_new(day, end) {
            takes.push(Take { days, quantity });
        }
    }
    takes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(first: u32, end: u32, quantity: u32) -> Take {
        let day = |day| NaiveDate::from_ymd_opt(2026, 5, day).expect("a day of May");
        Take {
            days: DayRange::try_new(day(first), day(end)).expect("days in order"),
            quantity: Quantity::try_new(quantity).expect("a small quantity"),
        }
    }

    #[test]
    fn giving_everything_up_leaves_nothing() {
        assert_eq!(without(&[take(1, 5, 2)], &[take(1, 5, 2)]), Ok(Vec::new()));
        assert_eq!(without(&[take(1, 5, 2)], &[take(1, 3, 2), take(3, 5, 2)]), Ok(Vec::new()));
    }

    #[test]
    fn leaving_early_keeps_the_days_before() {
        assert_eq!(without(&[take(1, 9, 2)], &[take(4, 9, 2)]), Ok(vec![take(1, 4, 2)]));
    }

    #[test]
    fn giving_some_up_splits_the_days() {
        let left = without(&[take(1, 9, 3)], &[take(4, 6, 1)]);
        assert_eq!(left, Ok(vec![take(1, 4, 3), take(4, 6, 2), take(6, 9, 3)]));
    }

    #[test]
    fn nothing_can_be_given_up_that_was_not_taken() {
        assert!(without(&[take(1, 5, 1)], &[take(5, 6, 1)]).is_err());
        assert!(without(&[take(1, 5, 1)], &[take(2, 3, 2)]).is_err());
    }
}
