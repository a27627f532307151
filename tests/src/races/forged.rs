//! Controls of the auditor: logs made by hand, sound ones and ones that promise too much.

use serde_json::{Value, json};

use crate::harness::{Row, broken, in_calendars, in_sessions};

fn log(stream: &str, events: &[Value]) -> Vec<Row> {
    let rows = events.iter().zip(1..).map(|(payload, position)| Row {
        position,
        aggregate_id: stream.to_owned(),
        event_type: payload.as_object().unwrap().keys().next().unwrap().clone(),
        payload: payload.clone(),
    });
    rows.collect()
}

fn at(minute: u32) -> String {
    format!("2031-05-01T00:{minute:02}:00Z")
}

/// A calendar of so many in May, by times.
fn opened(capacity: u32) -> Value {
    let times = json!({"start": "2031-05-01T00:00:00Z", "end": "2031-06-01T00:00:00Z"});
    let limits = json!({"capacity": capacity, "overbooking": 0});
    json!({"opened": {"month": "2031-05", "limits": limits, "times": times, "at": at(0)}})
}

/// Minutes of the first hour of the tenth, buffers included.
fn takes(first: u32, end: u32, quantity: u32) -> Value {
    let minute = |minute: u32| format!("2031-05-10T00:{minute:02}:00Z");
    json!([{"time": {"start": minute(first), "end": minute(end)}, "quantity": quantity}])
}

fn allocated(booking: &str, takes: &Value, now: u32) -> Value {
    json!({"allocated": {"booking": booking, "takes": takes, "overbooked": false, "at": at(now)}})
}

fn held(booking: &str, takes: &Value, until: u32, now: u32) -> Value {
    let mut event = allocated(booking, takes, now);
    event["allocated"]["until"] = json!(at(until));
    event
}

fn about(event: &str, booking: &str, now: u32) -> Value {
    json!({event: {"booking": booking, "at": at(now)}})
}

/// The positions at which a calendar by times promised too much.
fn found(events: &[Value]) -> Vec<i64> {
    let mut found: Vec<_> =
        in_calendars(&log("r/2031-05", events)).iter().map(|one| one.position).collect();
    found.dedup();
    found
}

#[test]
fn a_peak_beyond_the_capacity_is_found_and_a_sum_is_none() {
    let [a, b, c] = [takes(0, 20, 1), takes(10, 30, 1), takes(20, 40, 1)];
    let events = [opened(2), allocated("a", &a, 1), allocated("b", &b, 2), allocated("c", &c, 3)];
    assert_eq!(found(&events), [0_i64; 0]);
    let mut narrow = events.clone();
    narrow[0] = opened(1);
    assert_eq!(found(&narrow), [3, 4]);
    let wide = allocated("d", &takes(19, 21, 1), 4);
    assert_eq!(found(&[&events[..], &[wide]].concat()), [5]);
    assert_eq!(found(&[opened(2), allocated("a", &takes(0, 1, 3), 1)]), [2]);
}

#[test]
fn a_hold_counts_until_its_deadline_and_a_block_until_it_is_lifted() {
    let take = takes(0, 20, 1);
    let hold = held("a", &take, 10, 1);
    assert_eq!(found(&[opened(1), hold.clone(), allocated("b", &take, 9)]), [3]);
    assert_eq!(found(&[opened(1), hold.clone(), allocated("b", &take, 10)]), [0_i64; 0]);
    let confirmed = about("confirmed", "a", 11);
    assert_eq!(found(&[opened(1), hold, allocated("b", &take, 10), confirmed]), [4]);

    let block = |event: &str, takes: &str| json!({event: {"block": "x", takes: take, "reason": "Repair", "overbooked": false, "at": at(2)}});
    let blocked = block("blocked", "takes");
    assert_eq!(found(&[opened(1), blocked.clone(), allocated("a", &take, 3)]), [3]);
    assert_eq!(found(&[opened(1), allocated("a", &take, 1), blocked.clone()]), [3]);
    let lifted = block("unblocked", "freed");
    assert_eq!(found(&[opened(1), blocked, lifted, allocated("a", &take, 3)]), [0_i64; 0]);
}

#[test]
fn who_moves_gives_up_what_they_had_and_only_that() {
    let [a, b] = [takes(0, 20, 1), takes(20, 40, 1)];
    let moved = json!({"reallocated": {
        "booking": "a", "freed": a, "takes": b, "overbooked": false, "at": at(3),
    }});
    let before = [opened(1), allocated("a", &a, 1)];
    assert_eq!(found(&[&before[..], &[moved.clone(), allocated("c", &a, 4)]].concat()), [0_i64; 0]);
    assert_eq!(found(&[&before[..], &[allocated("b", &b, 2), moved.clone()]].concat()), [4]);
    let part = json!({"released": {"booking": "a", "freed": takes(10, 20, 1), "at": at(3)}});
    let late = allocated("c", &takes(10, 20, 1), 4);
    assert_eq!(found(&[&before[..], &[part.clone(), late]].concat()), [0_i64; 0]);
    assert_eq!(found(&[&before[..], &[part, allocated("c", &takes(9, 20, 1), 4)]].concat()), [4]);

    // the booking says where it is; who is elsewhere, or nowhere, or twice, is found
    let line = json!({"resource": "r", "time": b[0]["time"], "quantity": 1});
    let booking = json!({"booked": {"terms": {"lines": [line]}, "at": at(1)}});
    let bookings = log("a", &[booking]);
    let says = |events: &[Value]| broken(&bookings, &log("r/2031-05", events), &[]).len();
    assert_eq!(says(&[&before[..], &[moved]].concat()), 0);
    assert_eq!(says(&before), 1);
    assert_eq!(says(&before[..1]), 1);
    assert_eq!(says(&[opened(1), allocated("c", &b, 1)]), 2);
    assert_eq!(says(&[opened(2), allocated("a", &takes(20, 40, 2), 1)]), 1);
}

/// A session of three seats and two places to park, of which an offer takes one each.
fn session() -> Value {
    let map = json!([{"code": "left", "rows": [{"name": "A", "seats": [1, 3, 5]}]}]);
    let limits = |capacity: u32| json!({"capacity": capacity, "overbooking": 0});
    let pools = json!([
        {"code": "stalls", "limits": limits(3), "sections": ["left"]},
        {"code": "parking", "limits": limits(2)},
    ]);
    let draw = |pool: &str| json!({"pool": pool, "places": 1});
    let offers = json!([
        {"code": "vip", "draws": [draw("stalls"), draw("parking")]},
        {"code": "seat", "draws": [draw("stalls")]},
    ]);
    json!({"opened": {"session": {"pools": pools, "offers": offers, "seat_map": map}, "at": at(0)}})
}

fn seated(booking: &str, offer: &str, seats: &[u32], now: u32) -> Value {
    let names: Vec<_> = seats.iter().map(|seat| format!("left/A-{seat}")).collect();
    // what the event says it draws is not believed
    let takes = json!([{"offer": offer, "quantity": seats.len(), "draws": [], "seats": names}]);
    allocated(booking, &takes, now)
}

fn found_in_session(events: &[Value]) -> Vec<i64> {
    let mut found: Vec<_> = in_sessions(&log("s", events)).iter().map(|one| one.position).collect();
    found.dedup();
    found
}

#[test]
fn a_seat_sold_twice_and_a_pool_sold_too_often_are_found() {
    let fine = [session(), seated("a", "vip", &[1], 1), seated("b", "seat", &[3, 5], 2)];
    assert_eq!(found_in_session(&fine), [0_i64; 0]);
    assert_eq!(found_in_session(&[session(), seated("a", "vip", &[1, 3, 5], 1)]), [2]);
    assert_eq!(found_in_session(&[&fine[..2], &[seated("b", "seat", &[1], 2)]].concat()), [3]);
    assert_eq!(found_in_session(&[&fine[..], &[fine[1].clone()]].concat()), [0_i64; 0], "its own");

    let mut hold = seated("a", "seat", &[1], 1);
    hold["allocated"]["until"] = json!(at(10));
    let other = |now| seated("b", "seat", &[1], now);
    assert_eq!(found_in_session(&[session(), hold.clone(), other(9)]), [3]);
    assert_eq!(found_in_session(&[session(), hold, other(10)]), [0_i64; 0]);

    let seats = json!({"seats": ["left/A-1"], "places": [], "at": at(1)});
    let blocked = json!({"seats_blocked": seats});
    let lifted = json!({"seats_unblocked": seats});
    assert_eq!(found_in_session(&[session(), blocked.clone(), other(2)]), [3]);
    assert_eq!(found_in_session(&[session(), other(1), blocked.clone()]), [3]);
    assert_eq!(found_in_session(&[session(), blocked, lifted, other(2)]), [0_i64; 0]);
}
