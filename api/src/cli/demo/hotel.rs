//! The demonstration: a hotel in Aqaba with some weeks of guests behind it and some before it.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use serde_json::{Value, json};
use uuid::Uuid;

use super::ids;

type Timestamp = DateTime<Utc>;

/// One command to the API.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) path: String,
    pub(super) key: String,
    pub(super) body: Value,
}

/// A kind of room.
struct Room {
    name: &'static str,
    arabic: &'static str,
    capacity: u32,
    /// Fils (thousandths of a Jordanian dinar) per night.
    price: u64,
}

const ROOMS: [Room; 3] = [
    Room { name: "Double room", arabic: "غرفة مزدوجة", capacity: 12, price: 45_000 },
    Room { name: "Family room", arabic: "غرفة عائلية", capacity: 6, price: 70_000 },
    Room {
        name: "Suite with sea view", arabic: "جناح مطل على البحر", capacity: 3, price: 120_000
    },
];
const SUITE: usize = 2;

const CHANNELS: [&str; 3] = ["Direct", "Online agency", "Tour operator"];
const COUNTRIES: [&str; 6] = ["JOR", "SAU", "DEU", "EGY", "GBR", "FRA"];

const BOOKINGS: u64 = 96;

/// A guest's stay as the demonstration wants it to have gone.
struct Stay {
    number: u64,
    room: usize,
    arrival: NaiveDate,
    nights: u64,
    booked: Timestamp,
    ending: Ending,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Stays,
    Cancels,
    NeverComes,
    OnlyHolds,
}

/// All commands in the order in which they happened: the hotel opens, then what guests did.
pub(super) fn requests(today: NaiveDate, now: Timestamp) -> Vec<Request> {
    let mut stays: Vec<Stay> = (0..BOOKINGS).map(|number| stay(number, today, now)).collect();
    let weekend = today + Days::new(10);
    fill_suites(&mut stays, weekend, now);
    let mut happened: Vec<(Timestamp, Request)> =
        stays.iter().flat_map(|stay| course_of(stay, now)).collect();
    happened.sort_by_key(|(at, _)| *at);
    let mut requests = opening(today);
    requests.extend(happened.into_iter().map(|(_, request)| request));
    requests
}

fn opening(today: NaiveDate) -> Vec<Request> {
    let at = instant(today - Days::new(90), 9);
    let listing = json!({
        "id": ids::listing(), "organization_id": ids::organization(), "kind": "stay",
        "name": {"en": "Al Bahr Hotel, Aqaba", "ar": "فندق البحر، العقبة"},
        "zone": "Asia/Amman", "currency": "JOD", "check_in": "15:00", "check_out": "11:00",
        "occurred_at": at,
    });
    let mut requests = vec![request("/v1/listings", "listing", listing)];
    for room in &ROOMS {
        let body = json!({
            "id": ids::named(room.name), "listing_id": ids::listing(),
            "name": {"en": room.name, "ar": room.arabic}, "capacity": room.capacity,
            "price_per_night": {"minor": room.price, "currency": "JOD"}, "occurred_at": at,
        });
        requests.push(request("/v1/resources", room.name, body));
    }
    requests
}

/// Spreads the guests over seven weeks by plain arithmetic, so that every filling is the same.
fn stay(number: u64, today: NaiveDate, now: Timestamp) -> Stay {
    let arrival = today + Days::new(number * 37 % 50) - Days::new(18);
    let room = match number % 10 {
        0..6 => 0,
        6..9 => 1,
        _ => SUITE,
    };
    let ending = match number {
        _ if number % 11 == 5 => Ending::Cancels,
        _ if number % 13 == 7 => Ending::NeverComes,
        _ if number % 19 == 3 && arrival > today => Ending::OnlyHolds,
        _ => Ending::Stays,
    };
    let booked = instant(arrival - Days::new(4 + number * 7 % 25), 10).min(now);
    Stay {
        number,
        room,
        arrival,
        nights: if number % 17 == 4 { 0 } else { 1 + number % 5 },
        booked,
        ending,
    }
}

/// Sells what is left of the suites for one night, so that there is something sold out to see.
fn fill_suites(stays: &mut Vec<Stay>, night: NaiveDate, now: Timestamp) {
    let takes = |stay: &&Stay| {
        stay.room == SUITE
            && stay.ending != Ending::Cancels
            && stay.arrival <= night
            && night < stay.arrival + Days::new(stay.nights.max(1))
    };
    let taken = stays.iter().filter(takes).count();
    let left = usize::try_from(ROOMS[SUITE].capacity).unwrap_or_default().saturating_sub(taken);
    for number in (BOOKINGS..).take(left) {
        let booked = instant(night - Days::new(12), 12).min(now);
        let ending = Ending::Stays;
        stays.push(Stay { number, room: SUITE, arrival: night, nights: 1, booked, ending });
    }
}

/// What one guest did up to now.
fn course_of(stay: &Stay, now: Timestamp) -> Vec<(Timestamp, Request)> {
    let id = ids::named(&format!("booking {}", stay.number));
    let mut course = vec![(stay.booked, booking(stay, id, now))];
    let arrives = instant(stay.arrival, 13);
    let departs =
        instant(stay.arrival + Days::new(stay.nights), if stay.nights == 0 { 16 } else { 8 });
    let steps: &[(&str, Timestamp)] = match stay.ending {
        Ending::Stays => &[("check-in", arrives), ("check-out", departs)],
        Ending::Cancels => &[("cancel", stay.booked + TimeDelta::days(2))],
        Ending::NeverComes => &[("no-show", instant(stay.arrival, 20))],
        Ending::OnlyHolds => &[],
    };
    for (step, at) in steps.iter().filter(|(_, at)| *at <= now) {
        let path = format!("/v1/bookings/{id}/{step}");
        let key = format!("{step} {}", stay.number);
        course.push((*at, request(&path, &key, json!({"occurred_at": at}))));
    }
    if stay.ending == Ending::Stays && departs <= now {
        course.push((departs, payment(stay, id, departs)));
    }
    course
}

fn booking(stay: &Stay, id: Uuid, now: Timestamp) -> Request {
    let number = stay.number;
    let pick = |list: &[&'static str], step: u64| {
        let index = usize::try_from(number / step).unwrap_or_default() % list.len();
        list[index]
    };
    let mut body = json!({
        "id": id, "listing_id": ids::listing(),
        "customer_id": ids::named(&format!("customer {}", number % 60)),
        "lines": [{
            "resource_id": ids::named(ROOMS[stay.room].name),
            "arrival": stay.arrival, "departure": stay.arrival + Days::new(stay.nights),
        }],
        "party": {"adults": 1 + number % 2, "children": number % 3, "babies": 0},
        "dimensions": {
            "channel": pick(&CHANNELS, 1), "country": pick(&COUNTRIES, 2),
            "customer_type": if number % 8 == 1 { "Group" } else { "Transient" },
        },
        "occurred_at": stay.booked,
    });
    if stay.ending == Ending::OnlyHolds {
        body["hold_until"] = json!(now + TimeDelta::days(2));
    }
    request("/v1/bookings", &format!("booking {number}"), body)
}

fn payment(stay: &Stay, booking: Uuid, at: Timestamp) -> Request {
    let amount = ROOMS[stay.room].price * stay.nights.max(1);
    let body = json!({
        "id": ids::named(&format!("payment {}", stay.number)), "booking_id": booking,
        "amount": {"minor": amount, "currency": "JOD"},
        "method": if stay.number.is_multiple_of(3) { "bank_transfer" } else { "cash" },
        "occurred_at": at,
    });
    request("/v1/payments", &format!("payment {}", stay.number), body)
}

fn request(path: &str, key: &str, body: Value) -> Request {
    Request { path: path.to_owned(), key: format!("demo-{}", key.replace(' ', "-")), body }
}

/// A full hour of a day, in UTC.
fn instant(day: NaiveDate, hour: u32) -> Timestamp {
    let time = NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default();
    day.and_time(time).and_utc()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_happens_in_the_future_and_every_key_is_used_once() {
        let today = day("2026-11-21");
        let now = instant(today, 12);
        let requests = requests(today, now);
        let mut keys = std::collections::HashSet::new();
        for request in &requests {
            assert!(keys.insert(request.key.clone()), "{}", request.key);
            let at: Timestamp =
                serde_json::from_value(request.body["occurred_at"].clone()).unwrap();
            assert!(at <= now, "{}", request.key);
        }
        assert!(requests.len() > 150);
    }

    #[test]
    fn every_stay_finds_room_on_whatever_day_it_is_shown() {
        for offset in 0..400 {
            let today = day("2026-01-01") + Days::new(offset);
            let now = instant(today, 12);
            let mut taken: HashMap<(String, NaiveDate), u32> = HashMap::new();
            for request in requests(today, now).iter().filter(|r| r.path == "/v1/bookings") {
                let line = &request.body["lines"][0];
                let arrival: NaiveDate = serde_json::from_value(line["arrival"].clone()).unwrap();
                let departure: NaiveDate =
                    serde_json::from_value(line["departure"].clone()).unwrap();
                let departure = departure.max(arrival + Days::new(1));
                for night in arrival.iter_days().take_while(|night| *night < departure) {
                    *taken.entry((line["resource_id"].to_string(), night)).or_default() += 1;
                }
            }
            for room in &ROOMS {
                let id = json!(ids::named(room.name)).to_string();
                let most = taken.iter().filter(|((r, _), _)| *r == id).map(|(_, n)| *n).max();
                assert!(most.unwrap_or_default() <= room.capacity, "{} on {today}", room.name);
            }
        }
    }
}
