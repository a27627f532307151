//! The rule of a series: an RRULE of RFC 5545, from which the dates are counted off.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use rrule::{Frequency, NWeekday, RRule, RRuleSet, Tz, Unvalidated};

use super::Series;
use crate::values::{LAST_DAY, Timestamp, Zone};

/// How bookings recur: the value of an RRULE (RFC 5545), such as `FREQ=WEEKLY;BYDAY=MO,WE;COUNT=20`.
/// It recurs daily or more seldom, and it ends: by `COUNT`, by `UNTIL`, or by whichever is first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    text: Box<str>,
    /// The rule without its end, which is counted here and not by the library: COUNT must not
    /// count times that clocks skip, and an UNTIL without a zone would be read in the machine's.
    steps: RRule<Unvalidated>,
    count: Option<usize>,
    until: Option<Until>,
}

/// Why a text is no rule that bookings can recur by.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The text is too long to be a rule.
    #[error("a rule has at most {} characters", Rule::MAX_LENGTH)]
    TooLong,
    /// It is no RRULE.
    #[error("the rule is not an RRULE of RFC 5545: {0}")]
    Malformed(String),
    /// It never ends.
    #[error("the rule never ends: it needs a COUNT or an UNTIL")]
    Endless,
    /// It gives more dates than a series may have.
    #[error("a series has at most {} dates, and COUNT asks for {asked}", Series::MAX_DATES)]
    TooMany {
        /// The number asked for.
        asked: u64,
    },
    /// It recurs several times a day by its frequency.
    #[error("bookings recur daily, weekly, monthly or yearly, not {0}")]
    TooFrequent(String),
}

/// The last date and time of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Until {
    /// What the wall clock shows; a date means all of that day.
    Wall(NaiveDateTime),
    /// An instant, written with a `Z`.
    Instant(Timestamp),
}

impl Rule {
    /// The most characters.
    pub const MAX_LENGTH: usize = 500;

    /// The rule that a text says, with or without `RRULE:` before it.
    pub fn try_new(text: &str) -> Result<Self, RuleError> {
        let value = text.trim();
        if value.len() > Self::MAX_LENGTH {
            return Err(RuleError::TooLong);
        }
        let value = value.to_ascii_uppercase();
        let value = value.strip_prefix("RRULE:").unwrap_or(&value);
        let (mut count, mut until, mut steps) = (None, None, Vec::new());
        for part in value.split(';') {
            match part.split_once('=') {
                Some(("COUNT", number)) if count.is_none() => count = Some(counted(number)?),
                Some(("UNTIL", end)) if until.is_none() => until = Some(end.parse()?),
                Some(("COUNT" | "UNTIL", _)) => return Err(malformed(part, "it is there twice")),
                Some((_, "")) | None => return Err(malformed(part, "it has no value")),
                Some(_) => steps.push(part),
            }
        }
        let steps = stepping(&steps.join(";"))?;
        if count.is_none() && until.is_none() {
            return Err(RuleError::Endless);
        }
        Ok(Self { text: value.into(), steps, count, until })
    }

    /// The rule as it is written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many dates it asks for, if it says so.
    pub(super) fn count(&self) -> Option<usize> {
        self.count
    }

    /// Whether a date and time, shown at an instant, is not after the end.
    pub(super) fn includes(&self, wall: NaiveDateTime, at: Timestamp) -> bool {
        match self.until {
            None => true,
            Some(Until::Wall(until)) => wall <= until,
            Some(Until::Instant(until)) => at <= until,
        }
    }

    /// All dates and times from `start` on, in order, that the steps of the rule lead to, whether it
    /// has ended or not; up to the last day the engine keeps.
    ///
    /// The library is told that the wall clock runs in UTC, where no time is skipped or shown twice.
    pub(super) fn dates_from(
        &self,
        start: NaiveDateTime,
    ) -> Result<impl Iterator<Item = NaiveDateTime> + use<>, RuleError> {
        let as_if_utc = |wall: NaiveDateTime| wall.and_utc().with_timezone(&Tz::UTC);
        let last = as_if_utc(LAST_DAY.and_time(END_OF_DAY));
        let steps = self.steps.clone().until(last).validate(as_if_utc(start));
        let steps = steps.map_err(|error| RuleError::Malformed(error.to_string()))?;
        let set = RRuleSet::new(as_if_utc(start)).rrule(steps).limit();
        let dates = (&set).into_iter();
        Ok(dates.map(|date: DateTime<Tz>| date.naive_utc()))
    }
}

const END_OF_DAY: NaiveTime =
    NaiveTime::from_hms_opt(23, 59, 59).expect("the last second of a day");

fn counted(number: &str) -> Result<usize, RuleError> {
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    if !is_number || number.trim_start_matches('0').is_empty() {
        return Err(malformed(number, "COUNT is a number from 1 on"));
    }
    let count = number.parse::<u64>().unwrap_or(u64::MAX); // so many digits that any number will do
    match usize::try_from(count) {
        Ok(count) if count <= Series::MAX_DATES => Ok(count),
        _ => Err(RuleError::TooMany { asked: count }),
    }
}

/// Reads a rule without its end, and refuses what the library lets through.
fn stepping(text: &str) -> Result<RRule<Unvalidated>, RuleError> {
    if let Some(unknown) =
        text.chars().find(|c| !matches!(c, 'A'..='Z' | '0'..='9' | '=' | ';' | ',' | '-' | '+'))
    {
        return Err(malformed(text, &format!("`{}` has no place there", unknown.escape_debug())));
    }
    let steps: RRule<Unvalidated> =
        text.parse().map_err(|error: rrule::RRuleError| RuleError::Malformed(error.to_string()))?;
    let frequency = steps.get_freq();
    match frequency {
        Frequency::Daily | Frequency::Weekly | Frequency::Monthly | Frequency::Yearly => (),
        Frequency::Hourly | Frequency::Minutely | Frequency::Secondly => {
            return Err(RuleError::TooFrequent(frequency.to_string().to_lowercase()));
        }
    }
    if steps.get_interval() == 0 {
        return Err(malformed(text, "INTERVAL is a number from 1 on"));
    }
    let month_days = steps.get_by_month_day();
    if month_days.contains(&0) || (frequency == Frequency::Weekly && !month_days.is_empty()) {
        return Err(malformed(text, "BYMONTHDAY is 1 to 31 or -31 to -1, and not for weeks"));
    }
    let numbered = steps.get_by_weekday().iter().any(|day| matches!(day, NWeekday::Nth(..)));
    if numbered && matches!(frequency, Frequency::Daily | Frequency::Weekly) {
        return Err(malformed(text, "a numbered BYDAY is for months and years only"));
    }
    Ok(steps)
}

fn malformed(part: &str, why: &str) -> RuleError {
    let part: String = part.chars().take(40).collect();
    RuleError::Malformed(format!("`{}`: {why}", part.escape_debug()))
}

impl FromStr for Until {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse_time(text)
            .map(|time| match time {
                Written::Date(date) => Self::Wall(date.and_time(END_OF_DAY)),
                Written::Wall(wall) => Self::Wall(wall),
                Written::Instant(at) => Self::Instant(at),
            })
            .ok_or_else(|| malformed(text, "UNTIL is a date or a time, as in `20261224T090000`"))
    }
}

/// The three ways in which RFC 5545 writes a time.
pub(super) enum Written {
    Date(NaiveDate),
    Wall(NaiveDateTime),
    Instant(Timestamp),
}

pub(super) fn parse_time(text: &str) -> Option<Written> {
    if !text.is_ascii() {
        return None;
    }
    let digits = |part: &str, len| part.len() == len && part.bytes().all(|b| b.is_ascii_digit());
    let (date, time) = match text.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let day = digits(date, 8).then(|| NaiveDate::parse_from_str(date, "%Y%m%d").ok()).flatten()?;
    let Some(time) = time else { return Some(Written::Date(day)) };
    let plain = time.strip_suffix('Z').unwrap_or(time);
    let clock = digits(plain, 6).then(|| NaiveTime::parse_from_str(plain, "%H%M%S").ok());
    let wall = day.and_time(clock.flatten()?);
    let is_utc = plain.len() < time.len();
    Some(if is_utc { Written::Instant(wall.and_utc()) } else { Written::Wall(wall) })
}

impl Written {
    /// What the wall clock of a zone shows then; a date alone shows no time.
    pub(super) fn wall_clock(&self, zone: Zone) -> Option<NaiveDateTime> {
        match self {
            Self::Date(_) => None,
            Self::Wall(wall) => Some(*wall),
            Self::Instant(at) => Some(zone.wall_clock(*at)),
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::try_new(text)
    }
}

crate::values::stored_as_text!(Rule, "an RRULE, as in `FREQ=WEEKLY;COUNT=10`");
