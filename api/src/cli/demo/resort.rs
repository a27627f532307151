//! A resort in Cabo San Lucas: rooms by the night with rules of stay, and a boat that goes out on every other day.

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use daybook_domain::values::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::story::{Course, Request, Story, Taken, Try};

const NAME: &str = "resort";
const ZONE: &str = "America/Mazatlan";

/// A kind of room.
struct Room {
    name: &'static str,
    spanish: &'static str,
    capacity: u64,
    /// US cents a night.
    price: u64,
    least: u64,
}

const ROOMS: [Room; 3] = [
    Room {
        name: "Garden room",
        spanish: "Habitación jardín",
        capacity: 14,
        price: 18_500,
        least: 1,
    },
    Room {
        name: "Ocean room",
        spanish: "Habitación con vista al mar",
        capacity: 8,
        price: 26_000,
        least: 2,
    },
    Room {
        name: "Suite with terrace",
        spanish: "Suite con terraza",
        capacity: 3,
        price: 48_000,
        least: 2,
    },
];
const SUITE: usize = 2;
/// Nobody moves into a suite on this day.
const NO_ARRIVAL: Weekday = Weekday::Tue;

/// The places on the boat, and the sets of snorkelling gear.
const BOAT: u64 = 18;
const GEAR: u64 = 8;
/// The days on which the boat goes out: the first, and the day after the last.
const TRIPS: (i64, i64) = (-20, 36);

/// A tenth off the nights.
const SUMMER: &str = "SUMMER10";

const CHANNELS: [&str; 3] = ["Direct", "Online agency", "Tour operator"];
const COUNTRIES: [&str; 6] = ["USA", "MEX", "CAN", "DEU", "GBR", "FRA"];
const STAYS: u64 = 84;

/// What the resort did up to a day.
pub(super) fn requests(today: NaiveDate) -> Vec<Request> {
    let mut story = Story::new(NAME, ZONE, today);
    open(&mut story);
    open_boat(&mut story);
    let mut taken = Taken::default();
    for number in 0..STAYS {
        tell_stay(&mut story, &mut taken, number);
    }
    fill_suites(&mut story, &mut taken);
    tell_last(&mut story);
    story.requests()
}

fn open(story: &mut Story) {
    let organization = json!({
        "name": {"en": "Arch Bay Resort", "es": "Resort Bahía del Arco"},
        "contact": {"email": "stay@archbay.example.com", "phone": "+52 624 555 0100"},
        "zone": ZONE, "currency": "USD", "weekend": "sat_sun",
    });
    let organization = story.open("/v1/organizations", "organization", organization);
    let stay = json!({
        "organization_id": organization, "kind": "stay", "zone": ZONE, "currency": "USD",
        "name": {"en": "Arch Bay Resort", "es": "Resort Bahía del Arco"},
        "summary": {"en": "Rooms and suites on the beach, ten minutes from the marina."},
        "categories": ["resort"], "tags": ["beach", "family"], "attributes": {"pools": 3, "pets": false},
        "address": {"lines": ["Camino Viejo a San José 1"], "locality": "Cabo San Lucas", "country": "MX"},
        "location": {"latitude": 22.890_533, "longitude": -109.916_737},
        "check_in": "15:00", "check_out": "11:00",
        "tariff": {"rules": [
            {"code": "weekend", "weekdays": ["friday", "saturday"], "percent": 1_500},
            {"code": "week", "length": {"least": 7}, "percent": -1_000},
        ]},
        "taxes": [{"code": "vat", "name": {"en": "VAT", "es": "IVA"}, "rate": 1_600, "included": true}],
        "policy": {
            "tiers": [
                {"until": {"days_before": 14}},
                {"until": {"days_before": 3}, "fee": {"first_night": true}},
                {"fee": {"percent": 10_000}},
            ],
            "changes": {"until": {"days_before": 3}, "fee": {"amount": 2_500}},
        },
        "deposit": {"percent": 3_000, "balance_days_before": 14},
    });
    let stay = story.open("/v1/listings", "stay", stay);
    let boat = json!({
        "organization_id": organization, "kind": "experience", "zone": ZONE, "currency": "USD",
        "name": {"en": "Boat trip to the Arch", "es": "Paseo en barco al Arco"},
        "summary": {"en": "Three hours along the coast, with a stop to snorkel at Pelican Rock."},
        "categories": ["boat"], "tags": ["snorkelling"],
    });
    story.open("/v1/listings", "boat", boat);
    for room in &ROOMS {
        open_room(story, stay, room);
    }
    let voucher = json!({
        "organization_id": organization, "code": SUMMER, "percent_off": 1_000, "max_uses": 50,
        "listings": [stay],
    });
    story.set("/v1/vouchers", "voucher", voucher);
    let breakfast = json!({
        "organization_id": organization, "name": {"en": "Breakfast", "es": "Desayuno"},
        "price": {"minor": 2_200, "currency": "USD"}, "charged": "per_person_night",
        "stock_per_day": 60, "listings": [stay],
    });
    story.open("/v1/add-ons", "breakfast", breakfast);
}

fn open_room(story: &mut Story, stay: Uuid, room: &Room) {
    let body = json!({
        "listing_id": stay, "name": {"en": room.name, "es": room.spanish}, "capacity": room.capacity,
        "attributes": {"beds": 2}, "price_per_night": {"minor": room.price, "currency": "USD"},
    });
    let id = story.open("/v1/resources", room.name, body);
    let closed = if room.name == ROOMS[SUITE].name { json!(["tuesday"]) } else { json!([]) };
    let rules = json!({
        "least": room.least, "most": 28, "closed_to_arrival": closed,
        "periods": [
            {"days": {"first": story.day(60), "end": story.day(74)}, "least": 4},
            {"days": {"first": story.day(100), "end": story.day(130)}, "closed": true},
        ],
    });
    let what = format!("{} rules", room.name);
    story.set(&format!("/v1/resources/{id}/stay-rules"), &what, rules);
}

/// Whether the boat goes out so many days from the day.
fn has_trip(offset: i64) -> bool {
    (TRIPS.0..TRIPS.1).contains(&offset) && offset.rem_euclid(2) == 0
}

fn trip(offset: i64) -> String {
    format!("trip {offset}")
}

fn open_boat(story: &mut Story) {
    for offset in (TRIPS.0..TRIPS.1).filter(|offset| has_trip(*offset)) {
        let day = story.day(offset);
        let offer = |code: &str, name: &str, spanish: &str, price: u64, draws: Value| {
            json!({
                "code": code, "name": {"en": name, "es": spanish}, "draws": draws,
                "price": {"minor": price, "currency": "USD"},
            })
        };
        let seat = json!({"pool": "boat", "places": 1});
        let gear = json!({"pool": "gear", "places": 1});
        let body = json!({
            "listing_id": story.id("boat"),
            "start": story.at(day, 10, 0), "end": story.at(day, 13, 0),
            "pools": [
                {"code": "boat", "name": {"en": "Places on the boat"}, "capacity": BOAT},
                {"code": "gear", "name": {"en": "Snorkelling gear"}, "capacity": GEAR},
            ],
            "offers": [
                offer("adult", "Adult", "Adulto", 6_500, json!([seat])),
                offer("child", "Child", "Niño", 4_000, json!([seat])),
                offer("snorkeller", "Adult with gear", "Adulto con equipo", 8_500, json!([seat, gear])),
            ],
            "order_limits": {"per_order": 10},
        });
        story.open("/v1/sessions", &trip(offset), body);
    }
}

/// A stay by plain arithmetic, so that every filling is the same; two in three go on the boat as well.
fn tell_stay(story: &mut Story, taken: &mut Taken, number: u64) {
    let room = match number % 10 {
        0..6 => 0,
        6..9 => 1,
        _ => SUITE,
    };
    let mut offset = i64::try_from(number * 37 % 50).unwrap_or_default() - 18;
    if room == SUITE && story.day(offset).weekday() == NO_ARRIVAL {
        offset += 1;
    }
    let nights = ROOMS[room].least.max(1 + number % 5);
    let course = Course::of(number, offset > 1);
    let mut lines = vec![nights_of(story, room, offset, nights)];
    let mut wanted = nights_wanted(room, offset, nights);
    let boards = offset + 1;
    if number % 3 != 2 && has_trip(boards) {
        let (offer, places) =
            if number.is_multiple_of(4) { ("snorkeller", 2) } else { ("adult", 2) };
        let gear = if offer == "snorkeller" { places } else { 0 };
        wanted.push((format!("boat {boards}"), places, BOAT - 4));
        wanted.push((format!("gear {boards}"), gear, GEAR - 2));
        lines.push(
            json!({"session_id": story.id(&trip(boards)), "offer": offer, "quantity": places}),
        );
    }
    if taken.take(&wanted) {
        live(story, &format!("booking {number}"), number, course, (offset, nights), &lines);
    }
}

fn nights_of(story: &Story, room: usize, offset: i64, nights: u64) -> Value {
    let arrival = story.day(offset);
    json!({
        "resource_id": story.id(ROOMS[room].name),
        "arrival": arrival, "departure": arrival + Days::new(nights),
    })
}

fn nights_wanted(room: usize, offset: i64, nights: u64) -> Vec<(String, u64, u64)> {
    let night = |night| (format!("room {room} {}", offset + night), 1, ROOMS[room].capacity);
    (0..i64::try_from(nights).unwrap_or_default()).map(night).collect()
}

fn live(
    story: &mut Story,
    what: &str,
    number: u64,
    course: Course,
    (offset, nights): (i64, u64),
    lines: &[Value],
) {
    let arrival = story.day(offset);
    let pick = |list: &[&'static str], step: u64| {
        list[usize::try_from(number / step).unwrap_or_default() % list.len()]
    };
    let mut body = json!({
        "listing_id": story.id("stay"), "lines": lines,
        "party": {"adults": 2, "children": number % 3, "babies": 0},
        "dimensions": {
            "channel": pick(&CHANNELS, 1), "country": pick(&COUNTRIES, 2),
            "customer_type": if number % 8 == 1 { "Group" } else { "Transient" },
        },
    });
    if number % 12 == 7 {
        body["add_ons"] = json!([{"add_on_id": story.id("breakfast")}]);
    }
    if number % 12 == 4 {
        body["voucher_code"] = json!(SUMMER);
    }
    let booked = story.at(arrival - Days::new(4 + number * 7 % 22), 10, 0);
    let departs = story.at(arrival + Days::new(nights), 10, 30);
    let times = [booked, story.at(arrival, 16, 0), departs];
    story.live(what, (number % 60, course), times, body);
    if course == Course::Comes && departs <= story.now() {
        pay(story, what, number, departs);
    }
}

/// Guests pay for their extras when they leave.
fn pay(story: &mut Story, what: &str, number: u64, at: Timestamp) {
    let body = json!({
        "booking_id": story.id(what), "amount": {"minor": 4_000 + number % 7 * 1_250, "currency": "USD"},
        "method": if number.is_multiple_of(3) { "bank_transfer" } else { "cash" },
    });
    story.make("/v1/payments", &format!("payment {number}"), at, body);
}

/// Sells what is left of the suites for two nights, so that there is something sold out to see.
fn fill_suites(story: &mut Story, taken: &mut Taken) {
    let offset = if story.day(10).weekday() == NO_ARRIVAL { 11 } else { 10 };
    for number in STAYS.. {
        if !taken.take(&nights_wanted(SUITE, offset, 2)) {
            return;
        }
        let lines = vec![nights_of(story, SUITE, offset, 2)];
        live(story, &format!("booking {number}"), number, Course::Comes, (offset, 2), &lines);
    }
}

/// Two nights and the boat trip of the day between, in one order.
fn nights_and_trip(story: &Story, trip_on: i64, adults: u32) -> Value {
    let places =
        json!({"session_id": story.id(&trip(trip_on)), "offer": "adult", "quantity": adults});
    json!([nights_of(story, 0, trip_on - 1, 2), places])
}

/// Somebody has called just now and thinks it over for two days.
fn tell_last(story: &mut Story) {
    let at = story.now();
    let body = json!({
        "listing_id": story.id("stay"), "lines": nights_and_trip(story, 6, 2),
        "party": {"adults": 2}, "hold_until": at + TimeDelta::days(2),
    });
    story.book("last booking", 7, at, body);
}

/// What to look at, and what to try.
pub(super) fn tries(today: NaiveDate, now: Timestamp) -> Vec<Try> {
    let story = Story::new(NAME, ZONE, today);
    let (stay, boat) = (story.id("stay"), story.id("boat"));
    let (from, to) = (now.date_naive(), now.date_naive() + Days::new(31));
    let mut tries = vec![
        Try::get(
            "which rooms are free",
            format!("/v1/availability?listing_id={stay}&from={from}&to={to}"),
        ),
        Try::get("places left on the boat", format!("/v1/sessions?listing_id={boat}")),
        Try::get(
            "what was sold, by month and channel",
            format!("/v1/analytics/bookings?group_by=month,channel&listing_id={stay}"),
        ),
    ];
    let soon = now + TimeDelta::days(3);
    let next =
        (TRIPS.0..TRIPS.1).find(|day| has_trip(*day) && story.at(story.day(*day), 0, 0) > soon);
    if let Some(trip_on) = next {
        let lines = nights_and_trip(&story, trip_on, 1);
        let quote = json!({
            "listing_id": stay, "party": {"adults": 2}, "lines": lines, "voucher_code": SUMMER,
            "add_ons": [{"add_on_id": story.id("breakfast")}],
        });
        let what = "what two nights with breakfast and a boat trip cost with a voucher, and on which terms";
        tries.push(Try::post(what, "/v1/quotes", quote));
        let body = json!({
            "listing_id": stay, "customer_id": story.id("visitor"), "lines": lines,
            "hold_minutes": 15,
        });
        tries.push(Try::post("hold them in one order", "/v1/bookings", body));
    }
    tries
}
