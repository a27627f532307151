//! What one booking contributes to which day. Each measure counts on the day it belongs to, in the listing's zone.

use std::sync::Arc;

use chrono::NaiveDate;
use daybook_domain::{
    booking::{Line, Nights, Status},
    values::{Currency, ListingId, Money},
};

use super::{BookingFact, Labels};
use crate::{
    engine::Measures,
    models::{bookings::arrival, column::minor},
};

/// A row of daily measures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct DailyKey {
    pub(super) listing: ListingId,
    pub(super) day: NaiveDate,
    pub(super) labels: Arc<Labels>,
    pub(super) currency: Currency,
}

pub(super) const BOOKINGS: usize = 0;
pub(super) const CANCELLATIONS: usize = 1;
pub(super) const NO_SHOWS: usize = 2;
pub(super) const ARRIVALS: usize = 3;
pub(super) const DEPARTURES: usize = 4;
pub(super) const ROOM_NIGHTS: usize = 5;
pub(super) const REVENUE: usize = 6;
pub(super) const LEAD_DAYS: usize = 7;

/// Adds what a booking contributes: nothing while it is only held, or when its hold ended without a confirmation.
pub(super) fn contribute(fact: &BookingFact, add: &mut impl FnMut(DailyKey, Measures)) {
    let Some(booked_on) = fact.booked_on else { return };
    let currency = fact.lines.total().currency();
    let mut at = |listing: Option<ListingId>, day: NaiveDate, measured: &[(usize, i64)]| {
        let mut measures = Measures::default();
        for (measure, value) in measured {
            measures[*measure] += value;
        }
        let labels = Arc::clone(&fact.labels);
        add(DailyKey { listing: listing.unwrap_or(fact.listing), day, labels, currency }, measures);
    };
    if earns(fact.status) {
        for line in fact.lines.as_slice() {
            let listing = line.listing();
            earnings(line, fact.checked_out_on, &mut |day, measured: &[_]| {
                at(listing, day, measured);
            });
        }
    }
    let mut on = |day, measured: &[_]| at(None, day, measured);
    on(booked_on, &[(BOOKINGS, 1), (LEAD_DAYS, fact.lead_days().unwrap_or_default())]);
    if let Some(day) = fact.cancelled_on {
        on(day, &[(CANCELLATIONS, 1)]);
    }
    if fact.status == Status::NoShow {
        on(arrival(&fact.lines), &[(NO_SHOWS, 1)]);
    }
    if let Some(day) = fact.checked_in_on {
        on(day, &[(ARRIVALS, 1)]);
    }
    if let Some(day) = fact.checked_out_on {
        on(day, &[(DEPARTURES, 1)]);
    }
}

/// Whether the nights of a booking in this status count.
fn earns(status: Status) -> bool {
    match status {
        Status::Confirmed | Status::CheckedIn | Status::Completed => true,
        Status::Absent
        | Status::Requested
        | Status::Held
        | Status::Declined
        | Status::Lapsed
        | Status::Cancelled
        | Status::NoShow => false,
    }
}

/// What a line earns, on which day: nights on each of theirs, everything else on the day it begins.
fn earnings(
    line: &Line,
    checked_out_on: Option<NaiveDate>,
    on: &mut impl FnMut(NaiveDate, &[(usize, i64)]),
) {
    match line {
        Line::Nights(of) => nights(of, line.amount(), checked_out_on, on),
        Line::Time(_) | Line::Places(_) | Line::AddOn(_) => {
            on(line.first_date(), &[(REVENUE, minor(line.amount()))]);
        }
    }
}

/// A night earns its price on its own day, and is slept unless the guest had left. A day use earns and is not slept.
fn nights(
    line: &Nights,
    amount: Money,
    checked_out_on: Option<NaiveDate>,
    on: &mut impl FnMut(NaiveDate, &[(usize, i64)]),
) {
    let quantity = i64::from(line.quantity().get());
    let mut earned = |day: NaiveDate, revenue: Money| {
        let left = checked_out_on.is_some_and(|left| left <= day);
        let slept = if line.stay().is_day_use() || left { 0 } else { quantity };
        on(day, &[(ROOM_NIGHTS, slept), (REVENUE, minor(revenue))]);
    };
    if line.charge().is_some() {
        line.by_night(amount).into_iter().for_each(|(day, revenue)| earned(day, revenue));
        return;
    }
    let nothing = Money::zero(amount.currency());
    let price = line.price_per_night().try_mul(line.quantity().get().into());
    let price = price.unwrap_or(nothing); // the line's total is at least this, and it fits
    line.stay().days().iter().for_each(|day| earned(day, price));
}
