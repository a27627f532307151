//! An auditor of payments: counts the money of each from its events alone.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Row;

/// What the events of one payment come to.
#[derive(Default)]
struct Purse {
    currency: Value,
    requested: u64,
    promised: Option<u64>,
    captured: u64,
    /// What each refund is of, set aside or given back.
    refunds: BTreeMap<String, u64>,
    lost: u64,
}

impl Purse {
    /// Takes an event in, and gives its amount if that is in another currency.
    fn see(&mut self, row: &Row) -> Option<Value> {
        let told = &row.payload[&row.event_type];
        let amount = told["amount"]["minor"].as_u64();
        let minor = amount.unwrap_or_default();
        // refunds of old have no name: each is one of its own
        let refund = told["refund"].as_str().map_or(row.position.to_string(), str::to_owned);
        match &*row.event_type {
            "requested" => {
                self.requested = minor;
                self.currency = told["amount"]["currency"].clone();
            }
            "retried" => self.promised = None,
            "authorized" => self.promised = Some(amount.unwrap_or(self.requested)),
            "captured" => self.captured += minor,
            "refund_requested" | "refunded" => {
                self.refunds.insert(refund, minor);
            }
            "refund_failed" => {
                self.refunds.remove(&refund);
            }
            "dispute_lost" => self.lost += minor,
            _ => {}
        }
        let currency = &told["amount"]["currency"];
        (amount.is_some() && *currency != self.currency).then(|| currency.clone())
    }

    fn is_sound(&self) -> bool {
        let promised = self.promised.unwrap_or(self.requested);
        let gone: u64 = self.refunds.values().sum::<u64>() + self.lost;
        gone <= self.captured && self.captured <= promised && promised <= self.requested
    }
}

/// After which events a payment had more taken than was promised, more gone than was taken, or two currencies.
pub(crate) fn overdrawn(payments: &[Row]) -> Vec<String> {
    let mut purses: BTreeMap<&str, Purse> = BTreeMap::new();
    let mut found = Vec::new();
    for row in payments {
        let purse = purses.entry(&row.aggregate_id).or_default();
        let foreign = purse.see(row);
        if foreign.is_some() || !purse.is_sound() {
            found
                .push(format!("{} after {} at {}", row.aggregate_id, row.event_type, row.position));
        }
    }
    found
}
