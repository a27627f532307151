//! An auditor of invoices: numbers and documents, from the log alone.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::Row;

/// Where an organization's numbers have a gap, or one was given twice: they are 1, 2, 3, … for each kind in the order of
/// the log.
pub(crate) fn misnumbered(registers: &[Row]) -> Vec<String> {
    let mut last: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    let mut found = Vec::new();
    for row in registers {
        let told = &row.payload[&row.event_type];
        let kind = told["kind"].as_str().unwrap_or_default();
        let number = told["number"].as_u64().unwrap_or_default();
        let last = last.entry((&row.aggregate_id, kind)).or_default();
        if number != *last + 1 {
            found.push(format!("{} gives {kind} {number} after {last}", row.aggregate_id));
        }
        *last = number;
    }
    found
}

/// Which numbers have no document, which documents no number, and which do not add up; and which bookings were credited
/// more than they were invoiced.
pub(crate) fn undocumented(registers: &[Row], documents: &[Row]) -> Vec<String> {
    let mut found = Vec::new();
    let mut numbered = BTreeSet::new();
    for row in registers {
        let told = &row.payload[&row.event_type];
        let whose = Value::from(row.aggregate_id.clone());
        numbered.insert(
            [&told["document"], &told["booking"], &whose, &told["kind"], &told["number"]]
                .map(Value::to_string),
        );
    }
    let mut balances: BTreeMap<&str, i128> = BTreeMap::new();
    for row in documents {
        let told = &row.payload[&row.event_type];
        let (name, booking) = (&told["name"], Value::from(row.aggregate_id.clone()));
        let key = [&told["id"], &booking, &told["organization"], &name["kind"], &name["number"]];
        if !numbered.remove(&key.map(Value::to_string)) {
            found.push(format!("{} was issued without its number", told["id"]));
        }
        let minor = |of: &Value| i128::from(of["minor"].as_u64().unwrap_or_default());
        let total = minor(&told["totals"]["total"]);
        let items = told["items"].as_array().into_iter().flatten();
        let sum: i128 = items.map(|item| minor(&item["amounts"]["total"])).sum();
        let taxes = told["totals"]["taxes"].as_array().into_iter().flatten();
        let taxes: i128 = taxes.map(|tax| minor(&tax["amount"])).sum();
        if total != sum || total != minor(&told["totals"]["net"]) + taxes {
            found.push(format!("{} does not add up", told["id"]));
        }
        let balance = balances.entry(&row.aggregate_id).or_default();
        *balance += if name["kind"] == "invoice" { total } else { -total };
    }
    found.extend(numbered.into_iter().map(|number| format!("{number:?} has no document")));
    let overdrawn = balances.into_iter().filter(|(_, balance)| *balance < 0);
    found.extend(overdrawn.map(|(booking, _)| format!("{booking} was credited too much")));
    found
}
