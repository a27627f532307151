//! Sessions: how many places of each pool are promised, and each seat to how many.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{
    Excess, Fold,
    holders::{Amounts, Holders, beyond},
    instant, list, number, text,
};

/// What is counted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Place {
    Pool(String),
    Seat(String),
}

/// A pool as it was last described.
#[derive(Debug)]
struct Pool {
    limit: i64,
    sections: Vec<String>,
}

/// One session.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    pools: BTreeMap<String, Pool>,
    /// How many places of each pool one of an offer takes.
    offers: BTreeMap<String, BTreeMap<String, i64>>,
    seats: BTreeSet<String>,
    blocked: BTreeSet<String>,
    holders: Holders<Place>,
}

impl Fold for Ledger {
    fn fold(&mut self, event_type: &str, data: &Value) -> Vec<Excess> {
        match event_type {
            "opened" => self.describe(&data["session"]),
            "revised" => {
                for change in list(&data["changes"]) {
                    self.change(change);
                }
            }
            "moved" | "called_off" | "sales_closed" | "sales_reopened" => {}
            "seats_blocked" => {
                let seats = seats(&data["seats"]);
                let asked = seats.iter().map(|seat| (Place::Seat(seat.clone()), 1)).collect();
                self.blocked.extend(seats);
                return self.excess(&asked, data);
            }
            "seats_unblocked" => {
                for seat in seats(&data["seats"]) {
                    assert!(self.blocked.remove(&seat), "{seat} was not blocked");
                }
            }
            "allocated" | "reallocated" => {
                let asked = self.amounts(&data["takes"]);
                let before = self.holders.put(text(&data["booking"]), asked.clone(), data);
                return self.excess(&beyond(&asked, &before), data);
            }
            "confirmed" => {
                let own = self.holders.confirm(data);
                return self.excess(&own, data);
            }
            "released" => {
                let freed = self.amounts(&data["freed"]);
                let left = self.holders.release(text(&data["booking"]), &freed);
                assert!(left.values().all(|left| *left >= 0), "gave up what it had not: {data}");
            }
            other => panic!("an unknown event of a session: {other}"),
        }
        Vec::new()
    }
}

impl Ledger {
    fn describe(&mut self, session: &Value) {
        for pool in list(&session["pools"]) {
            self.describe_pool(pool);
        }
        for offer in list(&session["offers"]) {
            self.describe_offer(offer);
        }
        self.describe_seats(&session["seat_map"]);
    }

    fn change(&mut self, change: &Value) {
        let (what, new) = change.as_object().and_then(|one| one.iter().next()).expect("one change");
        match &**what {
            "pool" => self.describe_pool(new),
            "offer" => self.describe_offer(new),
            "seat_map" => self.describe_seats(new),
            "title" | "sales" | "order_limits" => {}
            other => panic!("an unknown change of a session: {other}"),
        }
    }

    fn describe_pool(&mut self, pool: &Value) {
        let limits = &pool["limits"];
        let limit = number(&limits["capacity"]) + number(&limits["overbooking"]);
        let sections = list(&pool["sections"]).iter().map(|code| text(code).to_owned()).collect();
        self.pools.insert(text(&pool["code"]).to_owned(), Pool { limit, sections });
    }

    fn describe_offer(&mut self, offer: &Value) {
        let draws = list(&offer["draws"]).iter();
        let draws = draws.map(|draw| (text(&draw["pool"]).to_owned(), number(&draw["places"])));
        self.offers.insert(text(&offer["code"]).to_owned(), draws.collect());
    }

    fn describe_seats(&mut self, map: &Value) {
        for section in list(map) {
            for row in list(&section["rows"]) {
                let row_name = format!("{}/{}", text(&section["code"]), text(&row["name"]));
                let numbers = list(&row["seats"]).iter().map(number);
                self.seats.extend(numbers.map(|number| format!("{row_name}-{number}")));
            }
        }
    }

    /// What takes come to by what the offers draw, whatever the event says they draw.
    fn amounts(&self, takes: &Value) -> Amounts<Place> {
        let mut amounts = Amounts::new();
        for take in list(takes) {
            let draws = &self.offers[text(&take["offer"])];
            let mut seated = 0;
            for (pool, places) in draws {
                let places = places * number(&take["quantity"]);
                *amounts.entry(Place::Pool(pool.clone())).or_default() += places;
                seated += if self.pools[pool].sections.is_empty() { 0 } else { places };
            }
            let seats = seats(&take["seats"]);
            assert_eq!(i64::try_from(seats.len()), Ok(seated), "each place has its seat: {take}");
            for seat in seats {
                assert!(self.seats.contains(&seat), "there is no seat {seat}");
                *amounts.entry(Place::Seat(seat)).or_default() += 1;
            }
        }
        amounts
    }

    /// Where more is taken than there is, of what was asked for.
    fn excess(&self, asked: &Amounts<Place>, data: &Value) -> Vec<Excess> {
        let mut counted = self.holders.counted(instant(&data["at"]));
        for seat in &self.blocked {
            *counted.entry(Place::Seat(seat.clone())).or_default() += 1;
        }
        let asked = asked.iter().filter(|(_, more)| **more > 0);
        let compared = asked.map(|(place, _)| {
            let taken = counted.get(place).copied().unwrap_or_default();
            (place, taken, self.limit(place))
        });
        let beyond = compared.filter(|(_, taken, limit)| taken > limit);
        beyond.map(|(place, taken, limit)| (format!("{place:?}"), taken, limit)).collect()
    }

    fn limit(&self, place: &Place) -> i64 {
        let Place::Pool(pool) = place else { return 1 };
        let pool = &self.pools[pool];
        if pool.sections.is_empty() {
            return pool.limit;
        }
        let here = |seat: &&String| {
            let section = seat.split_once('/').map(|(section, _)| section);
            pool.sections.iter().any(|own| Some(&**own) == section)
        };
        let free = self.seats.difference(&self.blocked).filter(here).count();
        pool.limit.min(i64::try_from(free).expect("seats can be counted"))
    }
}

fn seats(value: &Value) -> Vec<String> {
    list(value).iter().map(|seat| text(seat).to_owned()).collect()
}
