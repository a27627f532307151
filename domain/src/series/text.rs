//! Series as calendars write them: lines of RRULE, EXDATE and RDATE.

use chrono::NaiveDateTime;

use super::rule::parse_time;
use super::{Rule, RuleError, Series};
use crate::values::{UnknownZone, Zone};

/// What the lines of a calendar say about how something recurs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeriesText {
    /// The rule.
    pub rule: Rule,
    /// The dates that are left out, by their local start.
    pub except: Vec<NaiveDateTime>,
    /// The dates that are added, by their local start.
    pub also: Vec<NaiveDateTime>,
}

/// Why lines do not say how something recurs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SeriesTextError {
    /// There is no line with a rule, or there are several.
    #[error("exactly one RRULE is needed, and {0} were found")]
    Rules(usize),
    /// The rule cannot be followed.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A line is none of RRULE, EXDATE and RDATE.
    #[error("`{0}` is no line of RRULE, EXDATE or RDATE")]
    Line(String),
    /// A line names an unknown zone.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// What stands in a list of dates is no date with a time.
    #[error("`{0}` is no date with a time, as in `20261224T090000`")]
    Time(String),
    /// There are more dates than a series may have.
    #[error("a series has at most {} dates", Series::MAX_DATES)]
    TooMany,
}

impl SeriesText {
    /// Reads lines such as `RRULE:FREQ=DAILY;COUNT=5` and `EXDATE:20261224T090000`. A line without
    /// a name is the rule; times without a zone are those of `zone`.
    pub fn try_new(text: &str, zone: Zone) -> Result<Self, SeriesTextError> {
        let (mut rules, mut except, mut also) = (Vec::new(), Vec::new(), Vec::new());
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let (head, value) = line.split_once(':').unwrap_or(("RRULE", line));
            let (name, parameters) = head.split_once(';').unwrap_or((head, ""));
            match name.to_ascii_uppercase().as_str() {
                "RRULE" if parameters.is_empty() => rules.push(value),
                "EXDATE" => read_dates(parameters, value, zone, &mut except)?,
                "RDATE" => read_dates(parameters, value, zone, &mut also)?,
                _ => return Err(SeriesTextError::Line(shortened(line))),
            }
        }
        match rules[..] {
            [rule] => Ok(Self { rule: Rule::try_new(rule)?, except, also }),
            _ => Err(SeriesTextError::Rules(rules.len())),
        }
    }
}

fn read_dates(
    parameters: &str,
    value: &str,
    zone: Zone,
    dates: &mut Vec<NaiveDateTime>,
) -> Result<(), SeriesTextError> {
    let mut written_in = zone;
    for parameter in parameters.split(';').filter(|parameter| !parameter.is_empty()) {
        match parameter.split_once('=') {
            Some((name, id)) if name.eq_ignore_ascii_case("TZID") => written_in = id.parse()?,
            Some((name, "DATE-TIME")) if name.eq_ignore_ascii_case("VALUE") => (),
            _ => return Err(SeriesTextError::Line(shortened(parameter))),
        }
    }
    for text in value.split(',') {
        if dates.len() == Series::MAX_DATES {
            return Err(SeriesTextError::TooMany);
        }
        let unreadable = || SeriesTextError::Time(shortened(text));
        let wall = parse_time(text).and_then(|time| time.wall_clock(written_in));
        let wall = wall.ok_or_else(unreadable)?;
        let elsewhere = written_in != zone;
        let at_home = || zone.wall_clock(written_in.instant(wall.date(), wall.time()));
        dates.push(if elsewhere { at_home() } else { wall });
    }
    Ok(())
}

fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}
