//! What a booking sells, as far as the books need to know.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::booking::{Event, Line, Lines, Terms};
use crate::pricing::Rate;
use crate::values::{Currency, ListingId, Money, Zone};

/// What a booking sells: what each day earns, and what is kept beside that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sale {
    listing: ListingId,
    zone: Zone,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    commission: Option<Rate>,
    stage: Stage,
    days: BTreeMap<NaiveDate, Earned>,
    /// What is kept for calling off, not coming and changing.
    fees: Money,
}

/// How far a sale has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    /// It may come to be.
    Open,
    /// Each day earns what it costs.
    Firm,
    /// Nothing is earned but what is kept.
    Over,
}

/// What services earn, in minor units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Earned {
    /// Without taxes.
    pub(super) net: u64,
    /// The taxes, whether prices include them or not.
    pub(super) tax: u64,
}

impl AddAssign for Earned {
    // the total of a booking was counted before, and all days together are no more than that
    fn add_assign(&mut self, other: Self) {
        self.net = self.net.saturating_add(other.net);
        self.tax = self.tax.saturating_add(other.tax);
    }
}

impl Sale {
    /// A sale, by the event that begins a booking.
    pub(super) fn begin(event: &Event) -> Option<Self> {
        match event {
            Event::Requested { terms, .. } | Event::Held { terms, .. } => {
                Some(Self::new(terms, Stage::Open))
            }
            Event::Booked { terms, .. } => Some(Self::new(terms, Stage::Firm)),
            Event::Approved { .. }
            | Event::Declined { .. }
            | Event::HoldExtended { .. }
            | Event::Confirmed { .. }
            | Event::Amended { .. }
            | Event::Rescheduled { .. }
            | Event::Moved { .. }
            | Event::LinesCancelled { .. }
            | Event::CancellationQuoted { .. }
            | Event::CheckedIn { .. }
            | Event::CheckedOut { .. }
            | Event::NoShowRecorded { .. }
            | Event::Cancelled { .. }
            | Event::HoldLapsed { .. } => None,
        }
    }

    fn new(terms: &Terms, stage: Stage) -> Self {
        Self {
            listing: terms.listing(),
            zone: terms.zone(),
            commission: terms.commission(),
            stage,
            days: days_of(terms.lines()),
            fees: Money::zero(terms.total().currency()),
        }
    }

    /// Folds a later event in.
    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::Requested { .. }
            | Event::Held { .. }
            | Event::Booked { .. }
            | Event::HoldExtended { .. }
            | Event::CancellationQuoted { .. }
            | Event::CheckedIn { .. }
            | Event::CheckedOut { .. } => {}
            Event::Approved { until, .. } => {
                self.stage = if until.is_some() { Stage::Open } else { Stage::Firm };
            }
            Event::Confirmed { .. } => self.stage = Stage::Firm,
            Event::Moved { lines, .. } => self.days = days_of(lines),
            Event::Amended { lines, fee, .. }
            | Event::Rescheduled { lines, fee, .. }
            | Event::LinesCancelled { lines, fee, .. } => {
                self.days = days_of(lines);
                self.keep(*fee);
            }
            Event::NoShowRecorded { fee, .. } | Event::Cancelled { fee, .. } => {
                self.stage = Stage::Over;
                self.keep(*fee);
            }
            Event::Declined { .. } | Event::HoldLapsed { .. } => self.stage = Stage::Over,
        }
    }

    fn keep(&mut self, fee: Option<Money>) {
        let more = fee.map_or(Ok(self.fees), |fee| self.fees.try_add(fee));
        self.fees = more.unwrap_or(self.fees); // fees are no more than what was paid, which was counted
    }

    /// The listing that was booked.
    pub fn listing(&self) -> ListingId {
        self.listing
    }

    /// Where the wall clock of the listing hangs.
    pub(super) fn zone(&self) -> Zone {
        self.zone
    }

    /// What the operator earns by it, if it is a partner's.
    pub(super) fn commission(&self) -> Option<Rate> {
        self.commission
    }

    pub(super) fn currency(&self) -> Currency {
        self.fees.currency()
    }

    /// What is kept beside what the days earn.
    pub(super) fn fees(&self) -> i128 {
        self.fees.minor().into()
    }

    /// What the days earn, once that is certain.
    pub(super) fn days(&self) -> impl Iterator<Item = (NaiveDate, Earned)> {
        let firm = self.stage == Stage::Firm;
        self.days.iter().filter(move |_| firm).map(|(day, earned)| (*day, *earned))
    }

    /// All that will be owed as far as is known: money up to that is no money to be given back.
    pub(super) fn agreed(&self) -> i128 {
        let expected = match self.stage {
            Stage::Open | Stage::Firm => self.days.values().map(Earned::gross).sum(),
            Stage::Over => 0,
        };
        expected + self.fees()
    }
}

impl Earned {
    /// With taxes.
    pub(super) fn gross(&self) -> i128 {
        i128::from(self.net) + i128::from(self.tax)
    }
}

/// What lines earn on which day.
fn days_of(lines: &Lines) -> BTreeMap<NaiveDate, Earned> {
    let mut days: BTreeMap<_, Earned> = BTreeMap::new();
    for line in lines.as_slice() {
        let taxes = line.charge().map_or(0, |charge| {
            charge.taxes.iter().map(|tax| tax.amount.minor()).fold(0, u64::saturating_add)
        });
        let total = line.total();
        let tax = Money::try_new(taxes.min(total.minor()), total.currency()).unwrap_or(total);
        let net = total.try_sub(tax).unwrap_or(Money::zero(total.currency()));
        for (day, net) in by_day(line, net) {
            *days.entry(day).or_default() += Earned { net: net.minor(), tax: 0 };
        }
        for (day, tax) in by_day(line, tax) {
            *days.entry(day).or_default() += Earned { net: 0, tax: tax.minor() };
        }
    }
    days.retain(|_, earned| *earned != Earned::default());
    days
}

/// A sum of a line on the days on which it is earned: that of nights on each of them, any other on the day it begins.
fn by_day(line: &Line, sum: Money) -> Vec<(NaiveDate, Money)> {
    match line {
        Line::Nights(nights) => nights.by_night(sum),
        Line::AddOn(addition) if addition.charged().by_night() => {
            let days: Vec<_> = addition.ask().days.iter().collect();
            let shares = sum.split(&vec![1; days.len()]);
            days.into_iter().zip(shares).collect()
        }
        Line::Time(_) | Line::Places(_) | Line::AddOn(_) => vec![(line.first_date(), sum)],
    }
}
