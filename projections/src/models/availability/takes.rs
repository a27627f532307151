//! Arithmetic on what bookings take.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use daybook_domain::{
    calendar::{Extent, Take},
    values::{BusyTime, DayRange, Quantity},
};

/// More was given up than had been taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("more was given up {0} than had been taken")]
pub(crate) struct NeverTaken(Extent);

/// What is left of some takes when others are given up: of times, the part before each.
pub(crate) fn without(takes: &[Take], freed: &[Take]) -> Result<Vec<Take>, NeverTaken> {
    if takes == freed {
        return Ok(Vec::new()); // by far the most frequent
    }
    let mut days: BTreeMap<NaiveDate, u32> = BTreeMap::new();
    let mut times: BTreeMap<BusyTime, u32> = BTreeMap::new();
    for take in takes {
        match take {
            Take::Nights { days: taken, quantity } => {
                taken.iter().for_each(|day| *days.entry(day).or_default() += quantity.get());
            }
            Take::Time { time, quantity } => *times.entry(*time).or_default() += quantity.get(),
        }
    }
    for take in freed {
        match take {
            Take::Nights { days: freed, quantity } => give_up_days(&mut days, *freed, *quantity)?,
            Take::Time { time, quantity } => cut(&mut times, *time, quantity.get())?,
        }
    }
    let mut left = runs(&days);
    for (time, count) in times {
        left.extend(parts(count).map(|quantity| Take::Time { time, quantity }));
    }
    Ok(left)
}

fn give_up_days(
    left: &mut BTreeMap<NaiveDate, u32>,
    freed: DayRange,
    quantity: Quantity,
) -> Result<(), NeverTaken> {
    for day in freed.iter() {
        let before = left.get(&day).copied().unwrap_or_default();
        let after = before.checked_sub(quantity.get());
        left.insert(day, after.ok_or(NeverTaken(Extent::Days(freed)))?);
    }
    Ok(())
}

/// Cuts so many short that end as the freed part does.
fn cut(left: &mut BTreeMap<BusyTime, u32>, freed: BusyTime, count: u32) -> Result<(), NeverTaken> {
    let part = freed.range();
    let ends_alike = |time: &BusyTime, there: u32| {
        time.range().end() == part.end() && time.range().start() <= part.start() && there >= count
    };
    let found = left.iter().filter(|(time, there)| ends_alike(time, **there));
    let found = found.max_by_key(|(time, there)| (**there == count, time.range().start()));
    let (time, there) = found.map(|(t, n)| (*t, *n)).ok_or(NeverTaken(Extent::Time(part)))?;
    if there > count {
        left.insert(time, there - count);
    } else {
        left.remove(&time);
    }
    if let Some(before) = time.before_instant(part.start()) {
        *left.entry(before).or_default() += count;
    }
    Ok(())
}

/// Days in order, those in a row with the same quantity put together.
fn runs(days: &BTreeMap<NaiveDate, u32>) -> Vec<Take> {
    let mut runs: Vec<(DayRange, u32)> = Vec::new();
    for (&day, &count) in days.iter().filter(|(_, count)| **count > 0) {
        let end = day.checked_add_days(Days::new(1)).unwrap_or(day);
        let longer = runs
            .last()
            .filter(|(last, quantity)| *quantity == count && last.end() == day)
            .and_then(|(last, _)| DayRange::try_new(last.first(), end).ok());
        if let (Some(days), Some(last)) = (longer, runs.last_mut()) {
            last.0 = days;
        } else if let Ok(days) = DayRange::try_new(day, end) {
            runs.push((days, count));
        }
    }
    let takes = |(days, count)| parts(count).map(move |quantity| Take::Nights { days, quantity });
    runs.into_iter().flat_map(takes).collect()
}

/// A count as quantities: more than the largest becomes several.
fn parts(count: u32) -> impl Iterator<Item = Quantity> {
    let most = Quantity::MAX.get();
    (0..count.div_ceil(most))
        .filter_map(move |n| Quantity::try_new((count - n * most).min(most)).ok())
}

#[cfg(test)]
mod tests {
    use chrono::{NaiveTime, TimeDelta};
    use daybook_domain::values::{Minutes, TimeRange};

    use super::*;

    fn take(first: u32, end: u32, quantity: u32) -> Take {
        let day = |day| NaiveDate::from_ymd_opt(2026, 5, day).expect("a day of May");
        Take::Nights {
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

    fn busy(start: u32, end: u32, after: u32, quantity: u32) -> Take {
        let at = |minute: u32| {
            let midnight =
                NaiveDate::from_ymd_opt(2026, 5, 4).expect("a day").and_time(NaiveTime::MIN);
            midnight.and_utc() + TimeDelta::minutes(minute.into())
        };
        let time = TimeRange::try_new(at(start), at(end)).expect("minutes in order");
        let [none, after] = [0, after].map(|n| Minutes::try_new(n).expect("a few minutes"));
        let time = BusyTime::try_new(time, none, after).expect("a time");
        Take::Time { time, quantity: Quantity::try_new(quantity).expect("a small quantity") }
    }

    #[test]
    fn ending_early_keeps_the_time_before() {
        let left = without(&[busy(60, 120, 10, 2)], &[busy(90, 120, 10, 2)]);
        assert_eq!(left, Ok(vec![busy(60, 90, 0, 2)]));
        let several = [busy(60, 120, 0, 1), busy(60, 180, 0, 1), busy(90, 120, 0, 1)];
        let freed = [busy(100, 120, 0, 1), busy(100, 180, 0, 1), busy(100, 120, 0, 1)];
        assert_eq!(without(&several, &freed), Ok(vec![busy(60, 100, 0, 2), busy(90, 100, 0, 1)]));
        assert!(without(&several, &[busy(50, 120, 0, 1)]).is_err());
        assert!(without(&several, &[busy(100, 120, 0, 3)]).is_err());
    }

    #[test]
    fn more_than_the_largest_quantity_stays_several_takes() {
        let many = [take(1, 5, 10_000), take(1, 5, 10_000), take(1, 5, 5)];
        let freed = [take(3, 5, 10_000), take(3, 5, 10_000), take(3, 5, 5)];
        let left = [take(1, 3, 10_000), take(1, 3, 10_000), take(1, 3, 5)];
        assert_eq!(without(&many, &freed), Ok(left.to_vec()));
        let many = [busy(60, 120, 0, 10_000), busy(60, 120, 0, 5)];
        let freed = [busy(90, 120, 0, 10_000), busy(90, 120, 0, 5)];
        let left = [busy(60, 90, 0, 10_000), busy(60, 90, 0, 5)];
        assert_eq!(without(&many, &freed), Ok(left.to_vec()));
    }
}
