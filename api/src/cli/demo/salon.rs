//! A salon in Casablanca: five people, what each of them does, and their hours, breaks and days off.

use chrono::{Datelike, Days, NaiveDate, TimeDelta, Weekday};
use daybook_domain::values::Timestamp;
use serde_json::{Map, Value, json};

use super::story::{Course, Request, Story, Try};

const NAME: &str = "salon";
const ZONE: &str = "Africa/Casablanca";

/// Something that is done for customers.
struct Service {
    code: &'static str,
    english: &'static str,
    french: &'static str,
    minutes: u32,
    after: u32,
    /// Centimes.
    price: u64,
    on_request: bool,
}

const SERVICES: [Service; 4] = [
    Service {
        code: "cut",
        english: "Haircut",
        french: "Coupe",
        minutes: 45,
        after: 10,
        price: 15_000,
        on_request: false,
    },
    Service {
        code: "colour",
        english: "Colour",
        french: "Couleur",
        minutes: 100,
        after: 15,
        price: 42_000,
        on_request: false,
    },
    Service {
        code: "nails",
        english: "Manicure",
        french: "Manucure",
        minutes: 40,
        after: 5,
        price: 12_000,
        on_request: false,
    },
    Service {
        code: "bridal",
        english: "Bridal styling",
        french: "Coiffure de mariée",
        minutes: 150,
        after: 20,
        price: 120_000,
        on_request: true,
    },
];

/// Somebody who works there, and what they do between 10 and 13, from 16 and from 17:30.
struct Person {
    name: &'static str,
    services: &'static [&'static str],
    day: [&'static str; 3],
    /// The day on which they do not come.
    off: i64,
}

const PEOPLE: [Person; 5] = [
    Person { name: "Rania", services: &["cut", "colour"], day: ["colour", "cut", "cut"], off: 3 },
    Person { name: "Salma", services: &["cut", "colour"], day: ["cut", "cut", "cut"], off: 8 },
    Person { name: "Yassine", services: &["cut"], day: ["cut", "cut", "cut"], off: 5 },
    Person { name: "Imane", services: &["cut", "nails"], day: ["nails", "nails", "cut"], off: 11 },
    Person {
        name: "Hicham",
        services: &["nails", "bridal"],
        day: ["nails", "nails", "nails"],
        off: 6,
    },
];

/// The days with appointments: the first, and the day after the last.
const DAYS: (i64, i64) = (-15, 16);
/// When appointments of the day begin.
const STARTS: [(u32, u32); 3] = [(10, 0), (16, 0), (17, 30)];
/// When nobody has been booked, so that whoever tries it out finds somebody.
const LEFT_FREE: (u32, u32) = (15, 0);
/// A day on which the salon closes early.
const SHORT_DAY: i64 = 9;

/// What the salon did up to a day.
pub(super) fn requests(today: NaiveDate) -> Vec<Request> {
    let mut story = Story::new(NAME, ZONE, today);
    open(&mut story);
    for offset in DAYS.0..DAYS.1 {
        if works(&story, offset) {
            for (number, person) in (0..).zip(&PEOPLE) {
                tell_day(&mut story, (number, person), offset);
            }
        }
    }
    tell_brides(&mut story);
    story.requests()
}

fn open(story: &mut Story) {
    let organization = json!({
        "name": {"en": "Jasmine Salon", "fr": "Salon Jasmin", "ar": "صالون الياسمين"},
        "contact": {"phone": "+212 522 555 010"},
        "zone": ZONE, "currency": "MAD", "weekend": "sat_sun",
    });
    let organization = story.open("/v1/organizations", "organization", organization);
    for service in &SERVICES {
        let body = json!({
            "organization_id": organization, "kind": "service", "zone": ZONE, "currency": "MAD",
            "name": {"en": service.english, "fr": service.french}, "categories": ["hair"],
            "slots": {
                "duration": service.minutes, "step": 15, "buffer_after": service.after,
                "notice": {"minutes": 120}, "ahead": {"days": 60},
            },
            "price": {"minor": service.price, "currency": "MAD"}, "on_request": service.on_request,
            "policy": {
                "tiers": [{"until": {"hours_before": 24}}, {"fee": {"percent": 2_500}}],
                "no_show": {"percent": 5_000},
            },
        });
        story.open("/v1/listings", service.code, body);
    }
    for person in &PEOPLE {
        let services: Vec<_> = person.services.iter().map(|service| story.id(service)).collect();
        let body = json!({
            "organization_id": organization, "kind": "staff", "name": {"en": person.name},
            "services": services, "capacity": 1,
        });
        let id = story.open("/v1/resources", person.name, body);
        let hours = json!({"schedules": [schedule(story, person)]});
        let what = format!("{} hours", person.name);
        story.set(&format!("/v1/resources/{id}/schedules"), &what, hours);
    }
}

/// From Tuesday to Saturday with a break at noon, a day off, and a day on which the salon closes early.
fn schedule(story: &Story, person: &Person) -> Value {
    let days = ["tuesday", "wednesday", "thursday", "friday", "saturday"];
    let each = |from: &str, to: &str| -> Map<String, Value> {
        days.iter().map(|day| ((*day).to_owned(), json!([{"from": from, "to": to}]))).collect()
    };
    json!({
        "zone": ZONE, "hours": each("10:00", "19:00"), "breaks": each("13:00", "14:00"),
        "special": [
            {"date": story.day(person.off), "hours": "closed"},
            {"date": story.day(SHORT_DAY), "hours": {"closed_during": [{"from": "16:00", "to": "24:00"}]}},
        ],
    })
}

/// Whether the salon is open at all.
fn works(story: &Story, offset: i64) -> bool {
    !matches!(story.day(offset).weekday(), Weekday::Sun | Weekday::Mon)
}

fn is_open(person: &Person, offset: i64, hour: u32) -> bool {
    offset != person.off && (offset != SHORT_DAY || hour < 15)
}

/// Some of a person's appointments of a day.
fn tell_day(story: &mut Story, (number, person): (u64, &Person), offset: i64) {
    let day = story.day(offset);
    for (index, ((hour, minute), service)) in (0..).zip(STARTS.into_iter().zip(person.day)) {
        let spread = number * 7 + index * 3 + (offset - DAYS.0).unsigned_abs() * 5;
        if spread % 4 == 1 || !is_open(person, offset, hour) {
            continue;
        }
        let start = story.at(day, hour, minute);
        let body = json!({
            "listing_id": story.id(service),
            "lines": [{"resource_id": story.id(person.name), "start": start}],
            "dimensions": {"channel": if spread.is_multiple_of(3) { "Telephone" } else { "Web" }},
        });
        let booked = start - TimeDelta::days(1 + i64::try_from(spread % 6).unwrap_or_default());
        let times = [booked, start, start + TimeDelta::minutes(40)];
        let what = format!("appointment {} {offset} {index}", person.name);
        story.live(&what, (spread % 45, Course::of(spread, offset > 1)), times, body);
    }
}

/// Brides ask first: one has been told yes, one no, and one waits.
fn tell_brides(story: &mut Story) {
    let person = &PEOPLE[4];
    let free = |story: &Story, from: i64| {
        (from..from + 9).find(|day| works(story, *day) && is_open(person, *day, 16))
    };
    let after = DAYS.1 + 2;
    for (number, what, answer) in
        [(0_i64, "bride", "approve"), (1, "second bride", "decline"), (2, "last bride", "")]
    {
        let Some(offset) = free(story, after + number * 9) else { continue };
        let start = story.at(story.day(offset), 10, 0);
        let asked = story.now() - TimeDelta::days(2 - number);
        let body = json!({
            "listing_id": story.id("bridal"), "hold_until": story.now() + TimeDelta::days(5),
            "lines": [{"resource_id": story.id(person.name), "start": start}],
        });
        story.book(what, 50 + number.unsigned_abs(), asked, body);
        let next_day = asked + TimeDelta::hours(20);
        match answer {
            "approve" => story.step(what, answer, next_day, json!({})),
            "decline" => {
                let why = json!({"reason": "We are at a wedding in Rabat that day"});
                story.step(what, answer, next_day, why);
            }
            _ => {}
        }
    }
}

/// What to look at, and what to try.
pub(super) fn tries(today: NaiveDate, now: Timestamp) -> Vec<Try> {
    let story = Story::new(NAME, ZONE, today);
    let (cut, bridal, person) = (story.id("cut"), story.id("bridal"), story.id(PEOPLE[0].name));
    let (from, to) = (now.date_naive(), now.date_naive() + Days::new(7));
    let mut tries = vec![
        Try::get("when Rania works", format!("/v1/resources/{person}")),
        Try::get(
            "when somebody is free for a haircut",
            format!("/v1/availability/slots?service_id={cut}&from={from}&to={to}"),
        ),
        Try::get(
            "who waits for an answer",
            format!("/v1/bookings?listing_id={bridal}&status=requested"),
        ),
    ];
    let soon = now + TimeDelta::days(1);
    let time = |day: i64| story.at(story.day(day), LEFT_FREE.0, LEFT_FREE.1);
    let age = (now - story.now()).num_days();
    let mut days = (age + 1..age + 9).filter(|day| works(&story, *day) && *day != SHORT_DAY);
    if let Some(day) = days.find(|day| time(*day) > soon) {
        tries.extend(pay(&story, time(day), now));
    }
    tries
}

/// How a haircut is held, and paid by a card that moves no money.
fn pay(story: &Story, start: Timestamp, now: Timestamp) -> [Try; 5] {
    let cut = story.id("cut");
    // another one each time it is shown
    let [booking, payment] = ["visit", "payment"].map(|what| story.id(&format!("{what} {now}")));
    let hold = json!({
        "id": booking, "listing_id": cut, "customer_id": story.id("visitor"), "hold_minutes": 15,
        "lines": [{"service_id": cut, "start": start}],
    });
    let price = json!({
        "id": payment, "booking_id": booking, "amount": {"minor": SERVICES[0].price, "currency": "MAD"},
        "method": "card", "capture": "automatic",
    });
    let of_payment = |step: &str| format!("/v1/payments/{payment}/{step}");
    let means = json!({"means": "sim_success"});
    [
        Try::post("hold a haircut by whoever is free", "/v1/bookings", hold),
        Try::post("ask for its price by card", "/v1/payments", price),
        Try::post("see what the customer has to do", &of_payment("checkout"), json!({})),
        Try::post("pay; no money moves", &of_payment("simulate"), means),
        Try::get("see that it is kept for good", format!("/v1/bookings/{booking}")),
    ]
}
