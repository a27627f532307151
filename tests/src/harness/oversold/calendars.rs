//! Calendars: the most that is promised at once, on each day or at each minute.

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde_json::Value;

use super::{
    Excess, Fold,
    holders::{Amounts, Holders, beyond},
    instant, list, number, text,
};

/// How many more are taken from a place on than before it; places are numbers of days or minutes.
type Changes = Amounts<i64>;

/// One calendar.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    limit: i64,
    /// The first minute and the end, if it is sold by times.
    times: Option<(i64, i64)>,
    holders: Holders<i64>,
}

impl Fold for Ledger {
    fn fold(&mut self, event_type: &str, data: &Value) -> Vec<Excess> {
        match event_type {
            "opened" => {
                let times = &data["times"];
                self.times =
                    times.is_object().then(|| (minute(&times["start"]), minute(&times["end"])));
                self.set_limit(data)
            }
            "limits_changed" => self.set_limit(data),
            "allocated" | "reallocated" => {
                let asked = self.changes(&data["takes"]);
                let before = self.holders.put(text(&data["booking"]), asked.clone(), data);
                self.excess(&beyond(&asked, &before), data)
            }
            "blocked" => {
                let asked = self.changes(&data["takes"]);
                let before = self.holders.put(&block(data), asked.clone(), data);
                assert!(before.is_empty(), "blocked twice: {data}");
                self.excess(&asked, data)
            }
            "set_aside" => {
                let asked = self.changes(&data["takes"]);
                let whose = format!("voucher {}", text(&data["voucher"]));
                let before = self.holders.put(&whose, asked.clone(), data);
                self.excess(&beyond(&asked, &before), data)
            }
            "confirmed" => {
                let own = self.holders.confirm(data);
                self.excess(&own, data)
            }
            "released" => self.release(text(&data["booking"]), data),
            "unblocked" => self.release(&block(data), data),
            other => panic!("an unknown event of a calendar: {other}"),
        }
    }
}

impl Ledger {
    fn set_limit(&mut self, data: &Value) -> Vec<Excess> {
        let limits = &data["limits"];
        self.limit = number(&limits["capacity"]) + number(&limits["overbooking"]);
        Vec::new()
    }

    fn release(&mut self, whose: &str, data: &Value) -> Vec<Excess> {
        let freed = self.changes(&data["freed"]);
        let left = self.holders.release(whose, &freed);
        let least = steps(left).into_iter().map(|(_, _, taken)| taken).min();
        assert!(least.is_none_or(|least| least >= 0), "{whose} gave up what it had not: {data}");
        Vec::new()
    }

    fn changes(&self, takes: &Value) -> Changes {
        let mut changes = Changes::new();
        for take in list(takes) {
            let (first, end) = match self.times {
                Some((opens, closes)) => {
                    let time = &take["time"];
                    let (start, end) = (minute(&time["start"]), minute(&time["end"]));
                    assert!(opens <= start && end <= closes, "outside of its month: {take}");
                    (start, end)
                }
                None => (day(&take["days"]["first"]), day(&take["days"]["end"])),
            };
            assert!(first < end, "nothing is taken: {take}");
            let quantity = number(&take["quantity"]);
            *changes.entry(first).or_default() += quantity;
            *changes.entry(end).or_default() -= quantity;
        }
        changes
    }

    /// Where more is taken than there is, of the places on which something was asked for.
    fn excess(&self, asked: &Changes, data: &Value) -> Vec<Excess> {
        let counted = steps(&self.holders.counted(instant(&data["at"])));
        let asked: Vec<_> = steps(asked).into_iter().filter(|(_, _, more)| *more > 0).collect();
        let mut found = Vec::new();
        for (first, end, taken) in counted {
            let concerned = asked.iter().find(|(from, to, _)| *from < end && first < *to);
            if let Some((from, ..)) = concerned.filter(|_| taken > self.limit) {
                found.push((self.name(first.max(*from)), taken, self.limit));
            }
        }
        found
    }

    fn name(&self, place: i64) -> String {
        if self.times.is_some() {
            let at = DateTime::<Utc>::from_timestamp(place * 60, 0);
            return at.expect("a minute that was read").to_rfc3339();
        }
        let day = i32::try_from(place).ok().and_then(NaiveDate::from_num_days_from_ce_opt);
        day.expect("a day that was read").to_string()
    }
}

/// Stretches of places, and how many are taken throughout each.
pub(super) fn steps(changes: &Changes) -> Vec<(i64, i64, i64)> {
    let mut taken = 0;
    let ends = changes.keys().skip(1);
    let starts = changes.iter().zip(ends);
    starts
        .map(|((first, change), end)| {
            taken += change;
            (*first, *end, taken)
        })
        .collect()
}

fn block(data: &Value) -> String {
    format!("block {}", text(&data["block"]))
}

pub(super) fn minute(value: &Value) -> i64 {
    instant(value).timestamp().div_euclid(60)
}

pub(super) fn day(value: &Value) -> i64 {
    text(value).parse::<NaiveDate>().expect("a date").num_days_from_ce().into()
}
