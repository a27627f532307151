//! An events organizer in Amman: a concert with a seat map, and an exhibition that is free of charge.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use daybook_domain::values::Timestamp;
use serde_json::{Value, json};

use super::story::{Course, Request, Story, Taken, Try};

const NAME: &str = "events";
const ZONE: &str = "Asia/Amman";

/// The days of the concerts.
const CONCERTS: [i64; 3] = [-9, 12, 26];
/// The day of a small night that is sold out.
const SMALL_NIGHT: i64 = 19;
/// An order of a concert to come that stays as it is.
const TICKETED: &str = "order 12 0";
/// A voucher that takes 2.000 off, for a hundred times at the most, and the orders that use it.
const FRIENDS: &str = "FRIENDS-OF-OUD";
/// Who is given the seats of the last concert that are set aside.
const PRESS: &str = "PRESS";
/// The days of the exhibition: the first, and the day after the last.
const EXHIBITION: (i64, i64) = (-7, 22);

const STALLS_ROWS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];
const STALLS_SEATS: u64 = 14;
const STALLS: u64 = 6 * STALLS_SEATS;
/// Seats of the last row that the house keeps for itself.
const KEPT: u64 = 4;
const BALCONY: u64 = 20;
const LAWN: u64 = 120;
const VISITORS: u64 = 30;

/// A customer who was registered twice, and how the name was written the second time.
const TWICE: (u64, &str) = (3, "اياد عوده");

/// What the organizer did up to a day.
pub(super) fn requests(today: NaiveDate) -> Vec<Request> {
    let mut story = Story::new(NAME, ZONE, today);
    open(&mut story);
    for day in CONCERTS {
        open_concert(&mut story, day);
    }
    open_exhibition(&mut story);
    give_out(&mut story);
    let mut taken = Taken::default();
    for day in &CONCERTS[..2] {
        (0..34).for_each(|number| tell_order(&mut story, &mut taken, *day, number));
    }
    for day in days_of_exhibition(&story) {
        (0..4).for_each(|number| tell_visit(&mut story, day, number));
    }
    tell_small_night(&mut story);
    tell_press(&mut story);
    tell_last(&mut story);
    story.requests()
}

fn open(story: &mut Story) {
    let organization = json!({
        "name": {"en": "Nights of Amman", "ar": "ليالي عمّان"},
        "contact": {"email": "tickets@nights.example.com", "phone": "+962 6 555 0100"},
        "zone": ZONE, "currency": "JOD", "weekend": "fri_sat",
    });
    let organization = story.open("/v1/organizations", "organization", organization);
    let concert = json!({
        "organization_id": organization, "kind": "event", "zone": ZONE, "currency": "JOD",
        "name": {"en": "Oud under the stars", "ar": "عود تحت النجوم"},
        "summary": {
            "en": "An evening of music at the Roman theatre.", "ar": "أمسية موسيقية في المدرج الروماني."
        },
        "categories": ["concert"], "tags": ["outdoor"], "attributes": {"wheelchair": true},
        "address": {"lines": ["Al-Hashemi Street"], "locality": "Amman", "country": "JO"},
        "location": {"latitude": 31.951_569, "longitude": 35.939_289},
        "policy": {"tiers": [
            {"until": {"hours_before": 48}, "fee": {"percent": 1_000, "least": 500}}, {"fee": {"percent": 10_000}},
        ]},
    });
    story.open("/v1/listings", "concert", concert);
    let exhibition = json!({
        "organization_id": organization, "kind": "event", "zone": ZONE, "currency": "JOD",
        "name": {"en": "Amman in photographs", "ar": "عمّان في صور"},
        "summary": {
            "en": "A hundred years of the city. Admission is free.", "ar": "مئة عام من المدينة. الدخول مجاني."
        },
        "categories": ["exhibition"], "tags": ["free", "family"],
    });
    story.open("/v1/listings", "exhibition", exhibition);
}

fn concert(day: i64) -> String {
    format!("concert {day}")
}

fn offer(code: &str, english: &str, arabic: &str, fils: u64, places: u32) -> Value {
    json!({
        "code": code, "name": {"en": english, "ar": arabic},
        "price": {"minor": fils, "currency": "JOD"},
        "draws": [{"pool": if code == "family" { "lawn" } else { code }, "places": places}],
    })
}

fn open_concert(story: &mut Story, offset: i64) {
    let day = story.day(offset);
    let numbers: Vec<u64> = (1..=STALLS_SEATS).collect();
    let rows: Vec<Value> =
        STALLS_ROWS.iter().map(|row| json!({"name": row, "seats": numbers})).collect();
    let pool = |code: &str, english: &str, arabic: &str, capacity: u64, seated: bool| {
        let sections = if seated { json!([code]) } else { json!([]) };
        let name = json!({"en": english, "ar": arabic});
        json!({"code": code, "name": name, "capacity": capacity, "sections": sections})
    };
    let body = json!({
        "listing_id": story.id("concert"), "start": story.at(day, 20, 0), "end": story.at(day, 22, 30),
        "seat_map": [
            {"code": "stalls", "rows": rows},
            {"code": "balcony", "rows": [
                {"name": "A", "seats": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]},
                {"name": "B", "seats": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]},
            ]},
        ],
        "pools": [
            pool("stalls", "Stalls", "الصالة", STALLS, true),
            pool("balcony", "Balcony", "الشرفة", BALCONY, true),
            pool("lawn", "Lawn", "المرج", LAWN, false),
        ],
        "offers": [
            offer("stalls", "Stalls", "الصالة", 25_000, 1),
            offer("balcony", "Balcony", "الشرفة", 18_500, 1),
            offer("family", "Family on the lawn", "عائلة على المرج", 30_750, 5),
        ],
        "sales": {"opens": story.at(story.day(offset - 60), 10, 0)},
        "order_limits": {"per_order": 8, "per_customer": 12},
        "admission": {"opens_before": 90, "gates": {"main": [], "lawn": ["family"]}},
    });
    let id = story.open("/v1/sessions", &concert(offset), body);
    let kept: Vec<String> =
        (STALLS_SEATS - KEPT + 1..=STALLS_SEATS).map(|seat| format!("stalls/F-{seat}")).collect();
    let what = format!("{} house seats", concert(offset));
    story.set(&format!("/v1/sessions/{id}/block-seats"), &what, json!({"seats": kept}));
}

/// Every day but Friday.
/// A voucher for friends of the house, and one for the press with ten seats of the last concert.
fn give_out(story: &mut Story) {
    let organization = story.id("organization");
    let friends = json!({
        "organization_id": organization, "code": FRIENDS, "amount_off": 2_000, "budget": 200_000,
        "listings": [story.id("concert")],
    });
    story.set("/v1/vouchers", "friends", friends);
    let last = CONCERTS[2];
    let press = json!({
        "organization_id": organization, "code": PRESS, "percent_off": 10_000, "max_uses": 5,
        "valid_until": story.at(story.day(last), 18, 0),
        "blocks": [{"session_id": story.id(&concert(last)), "offer": "stalls", "quantity": 10}],
    });
    story.set("/v1/vouchers", "press", press);
}

/// A newspaper has two of the seats that are set aside.
fn tell_press(story: &mut Story) {
    let at = story.at(story.day(-1), 9, 0);
    let body = json!({
        "listing_id": story.id("concert"), "party": {"adults": 2}, "voucher_code": PRESS,
        "lines": [{
            "session_id": story.id(&concert(CONCERTS[2])), "offer": "stalls", "quantity": 2,
        }],
        "dimensions": {"channel": "Box office"},
    });
    story.book("press seats", 39, at, body);
}

fn days_of_exhibition(story: &Story) -> Vec<i64> {
    let open = |day: &i64| story.day(*day).weekday() != Weekday::Fri;
    (EXHIBITION.0..EXHIBITION.1).filter(open).collect()
}

fn open_exhibition(story: &mut Story) {
    for offset in days_of_exhibition(story) {
        let day = story.day(offset);
        let body = json!({
            "listing_id": story.id("exhibition"),
            "start": story.at(day, 10, 0), "end": story.at(day, 18, 0),
            "pools": [{"code": "entry", "capacity": VISITORS}],
            "offers": [offer("entry", "Free admission", "دخول مجاني", 0, 1)],
            "order_limits": {"per_order": 6},
        });
        story.open("/v1/sessions", &format!("exhibition {offset}"), body);
    }
}

/// An order of a concert: most of the best seats there are, a family on the lawn now and then.
fn tell_order(story: &mut Story, taken: &mut Taken, offset: i64, number: u64) {
    let quantity = 1 + number % 4;
    let (offer, quantity, places, most) = match number % 7 {
        2 | 5 => ("balcony", quantity, quantity, BALCONY),
        3 => ("family", 1, 5, LAWN),
        _ => ("stalls", quantity, quantity, STALLS - KEPT - 8),
    };
    if !taken.take(&[(format!("{offer} {offset}"), places, most)]) {
        return;
    }
    let day = story.day(offset);
    let mut body = json!({
        "listing_id": story.id("concert"), "party": {"adults": places},
        "lines": [{"session_id": story.id(&concert(offset)), "offer": offer, "quantity": quantity}],
        "dimensions": {"channel": if number.is_multiple_of(2) { "Web" } else { "Box office" }},
    });
    if number % 8 == 1 {
        body["voucher_code"] = json!(FRIENDS);
    }
    let booked =
        story.at(story.day(offset - 2 - i64::try_from(number % 25).unwrap_or_default()), 12, 0);
    let times = [booked, story.at(day, 19, 15), story.at(day, 22, 30)];
    let course = Course::of(number, offset > 0);
    story.live(&format!("order {offset} {number}"), (number, course), times, body);
}

fn tell_visit(story: &mut Story, offset: i64, number: u64) {
    let day = story.day(offset);
    let body = json!({
        "listing_id": story.id("exhibition"),
        "lines": [{
            "session_id": story.id(&format!("exhibition {offset}")), "offer": "entry",
            "quantity": 1 + number % 3,
        }],
        "dimensions": {"channel": "Web"},
    });
    let times =
        [story.at(day, 8, 0) - TimeDelta::days(2), story.at(day, 11, 0), story.at(day, 12, 0)];
    let spread = number + offset.unsigned_abs() * 3;
    let course = Course::of(spread, offset > 1);
    story.live(&format!("visit {offset} {number}"), (40 + number, course), times, body);
}

/// A small night that sold out: six places, and more who want to come. One order was called off, and went to whom it was
/// due: neither the group of four, for whom two places are too few, nor the public.
fn tell_small_night(story: &mut Story) {
    let day = story.day(SMALL_NIGHT);
    let body = json!({
        "listing_id": story.id("concert"), "start": story.at(day, 21, 0), "end": story.at(day, 23, 0),
        "title": {"en": "Oud in the cellar", "ar": "عود في القبو"},
        "pools": [{"code": "cellar", "name": {"en": "Cellar", "ar": "القبو"}, "capacity": 6}],
        "offers": [offer("cellar", "Cellar", "القبو", 22_000, 1)],
        "sales": {"opens": story.at(story.day(SMALL_NIGHT - 60), 10, 0)},
    });
    let session = story.open("/v1/sessions", "small night", body);
    let line =
        |quantity: u64| json!({"session_id": session, "offer": "cellar", "quantity": quantity});
    let sold = story.now() - TimeDelta::days(5);
    for number in 0..3 {
        let body = json!({"listing_id": story.id("concert"), "lines": [line(2)]});
        story.book(&format!("small night {number}"), 4 + number, sold, body);
    }
    let waiting = [("a group of four", 4, 0), ("a couple", 2, 0), ("a couple of friends", 2, 10)];
    for (number, (who, quantity, priority)) in (1..).zip(waiting) {
        let body = json!({
            "listing_id": story.id("concert"), "customer_id": story.id(who), "line": line(quantity),
            "priority": priority,
        });
        let at = sold + TimeDelta::days(number);
        story.make("/v1/waiting-list-entries", &format!("{who} waits"), at, body);
    }
    let off = story.now() - TimeDelta::hours(1);
    let reason = json!({"reason": "Plans have changed"});
    story.step("small night 1", "cancel", off, reason);
}

/// Somebody has chosen seats just now.
fn tell_last(story: &mut Story) {
    let at = story.now();
    let body = json!({
        "listing_id": story.id("concert"), "hold_until": at + TimeDelta::days(2), "party": {"adults": 2},
        "lines": [{
            "session_id": story.id(&concert(CONCERTS[2])), "offer": "stalls", "quantity": 2,
            "seats": ["stalls/C-7", "stalls/C-8"],
        }],
    });
    story.book("last order", TWICE.0, at, body);
    story.register_twice(TWICE.0, TWICE.1);
}

/// What to look at, and what to try.
pub(super) fn tries(today: NaiveDate, now: Timestamp) -> Vec<Try> {
    let story = Story::new(NAME, ZONE, today);
    let listing = story.id("concert");
    let mut tries =
        vec![Try::get("the concert, in Arabic and English", format!("/v1/listings/{listing}"))];
    let next = CONCERTS.into_iter().find(|day| story.at(story.day(*day), 20, 0) > now);
    if let Some(session) = next.map(|day| story.id(&concert(day))) {
        let body = json!({
            "listing_id": listing, "customer_id": story.id("visitor"), "hold_minutes": 15,
            "lines": [{"session_id": session, "offer": "stalls", "quantity": 2}],
        });
        tries.push(Try::get("its seats", format!("/v1/sessions/{session}/seats")));
        tries.push(Try::post("hold the two best seats", "/v1/bookings", body));
    }
    let told = format!("/v1/notices?organization_id={}&limit=5", story.id("organization"));
    tries.push(Try::get("what customers are told, each in their own language", told));
    tries.push(Try::get(
        "a customer who was registered twice: one record goes on, with what both had",
        format!("/v1/customers/{}", story.id(&format!("customer {}", TWICE.0))),
    ));
    let ticket = format!("/v1/bookings/{}/tickets/1", story.id(TICKETED));
    tries.push(Try::get("the QR code of a ticket", format!("{ticket}/qr.svg")));
    let scan = json!({"gate": "main", "direction": "entry", "nonce": "try-1"});
    tries.push(Try::scan("show it at the gate, which may not be open", ticket, scan));
    let list = format!("/v1/waiting-lists/{}", story.id("small night"));
    tries.push(Try::get("who waits for a night that is sold out, and to whom it is offered", list));
    let vouchers = format!("/v1/vouchers?organization_id={}", story.id("organization"));
    tries.push(Try::get("its vouchers, with what is left of them", vouchers));
    let exhibition = story.id("exhibition");
    let free = format!("/v1/sessions?listing_id={exhibition}");
    tries.push(Try::get("the days of the free exhibition", free));
    tries
}
