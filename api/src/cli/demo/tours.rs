//! A tour operator on the Red Sea: two tours, their departures, and windows in which they are sold.

use chrono::{Datelike, NaiveDate, TimeDelta, Weekday};
use daybook_domain::values::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

use super::story::{Course, Request, Story, Taken, Try};

const NAME: &str = "tours";
const ZONE: &str = "Africa/Cairo";

/// A tour and its departures.
struct Tour {
    code: &'static str,
    english: &'static str,
    arabic: &'static str,
    summary: &'static str,
    category: &'static str,
    /// The weekdays on which there is none.
    rests: &'static [Weekday],
    starts: u32,
    hours: i64,
    places: u64,
    /// Piastres of an adult and of a child.
    prices: [u64; 2],
}

const TOURS: [Tour; 2] = [
    Tour {
        code: "reef",
        english: "A day at the reef",
        arabic: "يوم عند الشعاب",
        summary: "By boat to three places of the reef, with lunch on board.",
        category: "boat",
        rests: &[Weekday::Fri],
        starts: 9,
        hours: 7,
        places: 24,
        prices: [180_000, 95_000],
    },
    Tour {
        code: "desert",
        english: "Sunset in the desert",
        arabic: "غروب في الصحراء",
        summary: "By jeep to the dunes, and dinner under the stars.",
        category: "safari",
        rests: &[Weekday::Mon, Weekday::Wed, Weekday::Fri, Weekday::Sun],
        starts: 15,
        hours: 6,
        places: 12,
        prices: [145_000, 80_000],
    },
];

/// The days of departures: the first, and the day after the last.
const DAYS: (i64, i64) = (-14, 29);
/// The fewest that a group is, and the most.
const GROUP: (u64, u64) = (6, 12);
/// Sales of a departure begin so many days before it, and end so many hours before.
const OPENS: i64 = 45;
const CLOSES: i64 = 12;

/// What the operator did up to a day.
pub(super) fn requests(today: NaiveDate) -> Vec<Request> {
    let mut story = Story::new(NAME, ZONE, today);
    open(&mut story);
    let mut taken = Taken::default();
    for tour in &TOURS {
        for day in departures(&story, tour) {
            open_departure(&mut story, tour, day);
            (0..5).for_each(|number| tell_order(&mut story, &mut taken, tour, (day, number)));
        }
    }
    tell_weather(&mut story);
    tell_last(&mut story);
    story.requests()
}

fn open(story: &mut Story) {
    let organization = json!({
        "name": {"en": "Red Sea Trips", "ar": "رحلات البحر الأحمر"},
        "contact": {"email": "hello@redsea.example.com", "website": "https://redsea.example.com"},
        "zone": ZONE, "currency": "EGP", "weekend": "fri_sat",
    });
    let organization = story.open("/v1/organizations", "organization", organization);
    for tour in &TOURS {
        let body = json!({
            "organization_id": organization, "kind": "experience", "zone": ZONE, "currency": "EGP",
            "name": {"en": tour.english, "ar": tour.arabic}, "summary": {"en": tour.summary},
            "categories": [tour.category],
            "address": {"lines": ["Marina Boulevard"], "locality": "Hurghada", "country": "EG"},
            "policy": {"tiers": [{"fee": {"percent": 10_000}}]},
        });
        story.open("/v1/listings", tour.code, body);
    }
}

fn departures(story: &Story, tour: &Tour) -> Vec<i64> {
    let goes = |day: &i64| !tour.rests.contains(&story.day(*day).weekday());
    (DAYS.0..DAYS.1).filter(goes).collect()
}

fn departure(story: &Story, tour: &Tour, day: i64) -> Uuid {
    story.id(&format!("{} {day}", tour.code))
}

fn open_departure(story: &mut Story, tour: &Tour, offset: i64) {
    let start = story.at(story.day(offset), tour.starts, 0);
    let offer = |code: &str, english: &str, arabic: &str, price: u64| {
        json!({
            "code": code, "name": {"en": english, "ar": arabic},
            "price": {"minor": price, "currency": "EGP"}, "draws": [{"pool": "places", "places": 1}],
        })
    };
    let [adult, child] = tour.prices;
    let mut group = offer("group", "Member of a group", "عضو في مجموعة", adult * 4 / 5);
    (group["least"], group["most"]) = (json!(GROUP.0), json!(GROUP.1));
    // whoever comes alone may still come when groups no longer can
    group["sales"] = json!({"closes": start - TimeDelta::days(3)});
    let body = json!({
        "listing_id": story.id(tour.code), "start": start, "end": start + TimeDelta::hours(tour.hours),
        "pools": [{"code": "places", "name": {"en": "Places", "ar": "أماكن"}, "capacity": tour.places}],
        "offers": [
            offer("adult", "Adult", "بالغ", adult), offer("child", "Child", "طفل", child), group
        ],
        "sales": {
            "opens": start - TimeDelta::days(OPENS), "closes": start - TimeDelta::hours(CLOSES)
        },
        "order_limits": {"per_order": GROUP.1},
    });
    story.open("/v1/sessions", &format!("{} {offset}", tour.code), body);
}

/// An order of one departure: adults with children, or a group.
fn tell_order(story: &mut Story, taken: &mut Taken, tour: &Tour, (offset, number): (i64, u64)) {
    let spread = number * 5 + (offset - DAYS.0).unsigned_abs() * 3;
    let (adults, children) = (1 + spread % 2, spread % 3);
    let is_group = spread % 8 == 6;
    let places = if is_group { GROUP.0 } else { adults + children };
    // a few places are left for whoever tries it out
    let wanted = (format!("{} {offset}", tour.code), places, tour.places - 6);
    if spread % 5 == 4 || !taken.take(&[wanted]) {
        return;
    }
    let id = departure(story, tour, offset);
    let line =
        |offer: &str, quantity| json!({"session_id": id, "offer": offer, "quantity": quantity});
    let lines: Vec<Value> = match (is_group, children) {
        (true, _) => vec![line("group", places)],
        (false, 0) => vec![line("adult", adults)],
        (false, _) => vec![line("adult", adults), line("child", children)],
    };
    let body = json!({
        "listing_id": story.id(tour.code), "lines": lines,
        "party": if is_group { json!({"adults": places}) } else { json!({"adults": adults, "children": children}) },
        "dimensions": {"channel": if spread.is_multiple_of(2) { "Web" } else { "Hotel desk" }},
    });
    let start = story.at(story.day(offset), tour.starts, 0);
    let booked = start - TimeDelta::days(4 + i64::try_from(spread % 17).unwrap_or_default());
    let times = [booked, start, start + TimeDelta::hours(tour.hours)];
    let course = Course::of(spread, offset > 1);
    let what = format!("{} {offset} order {number}", tour.code);
    story.live(&what, (spread % 50, course), times, body);
}

/// The sea will be too rough on one day, and a bus is full of friends on another.
fn tell_weather(story: &mut Story) {
    let mut coming = departures(story, &TOURS[0]).into_iter().filter(|day| *day > 3);
    let at = story.now();
    if let Some(day) = coming.next() {
        let path = format!("/v1/sessions/{}/call-off", departure(story, &TOURS[0], day));
        story.tell(&path, "rough sea", at, json!({"reason": "The sea is too rough"}));
    }
    if let Some(day) = coming.next() {
        let path = format!("/v1/sessions/{}/close-sales", departure(story, &TOURS[0], day));
        story.tell(&path, "friends", at, json!({}));
    }
}

/// A family has asked for places just now.
fn tell_last(story: &mut Story) {
    let at = story.now();
    let offset = departures(story, &TOURS[1]).into_iter().rfind(|day| *day < DAYS.1 - 3);
    let mut body = order(story, &TOURS[1], offset.unwrap_or_default());
    body["hold_until"] = json!(at + TimeDelta::days(2));
    story.book("last order", 5, at, body);
}

fn order(story: &Story, tour: &Tour, offset: i64) -> Value {
    let id = departure(story, tour, offset);
    json!({
        "listing_id": story.id(tour.code),
        "party": {"adults": 2, "children": 1},
        "lines": [
            {"session_id": id, "offer": "adult", "quantity": 2},
            {"session_id": id, "offer": "child", "quantity": 1},
        ],
    })
}

/// What to look at, and what to try.
pub(super) fn tries(today: NaiveDate, now: Timestamp) -> Vec<Try> {
    let story = Story::new(NAME, ZONE, today);
    let [reef, desert] = &TOURS;
    let mut tries = vec![Try::get(
        "departures with places left, and those that are not on sale",
        format!("/v1/sessions?listing_id={}", story.id(reef.code)),
    )];
    let soon = now + TimeDelta::days(2);
    let mut coming = departures(&story, desert).into_iter();
    let next = coming.find(|day| story.at(story.day(*day), 0, 0) > soon);
    tries.extend(next.map(|day| {
        let mut body = order(&story, desert, day);
        (body["customer_id"], body["hold_minutes"]) = (json!(story.id("visitor")), json!(15));
        Try::post("hold places for two adults and a child", "/v1/bookings", body)
    }));
    tries
}
