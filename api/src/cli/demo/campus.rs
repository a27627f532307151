//! A campus: forty rooms, a term's timetable of weekly classes, projectors, and halls that are had on request.

use chrono::{Datelike, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use daybook_domain::values::Timestamp;
use serde_json::{Map, Value, json};

use super::story::{Request, Story, Try};

const NAME: &str = "campus";
const ZONE: &str = "Europe/London";

/// Rooms for classes, on four floors.
const ROOMS: u32 = 36;
const HALLS: [&str; 4] = ["Great Hall", "Library Hall", "Garden Hall", "Black Box Theatre"];
const PROJECTORS: u32 = 10;
/// How many classes have each room in a week.
const CLASSES: u32 = 3;
const WEEKS: u64 = 12;
const SUBJECTS: [&str; 9] = [
    "Algebra",
    "Statistics",
    "Organic chemistry",
    "European history",
    "Linguistics",
    "Macroeconomics",
    "Thermodynamics",
    "Arabic",
    "Drawing",
];

/// What the campus did up to a day.
pub(super) fn requests(today: NaiveDate) -> Vec<Request> {
    let mut story = Story::new(NAME, ZONE, today);
    open(&mut story);
    open_registry(&mut story);
    for room in 0..ROOMS {
        (0..CLASSES).for_each(|class| tell_class(&mut story, room, class));
    }
    tell_club(&mut story);
    tell_changes(&mut story);
    tell_halls(&mut story);
    story.requests()
}

/// The Monday on which the term began.
fn term(story: &Story) -> NaiveDate {
    let about = story.day(-35);
    about - Days::new(about.weekday().num_days_from_monday().into())
}

fn open(story: &mut Story) {
    let organization = json!({
        "name": {"en": "Riverside Campus"}, "contact": {"email": "rooms@riverside.example.com"},
        "zone": ZONE, "currency": "GBP", "weekend": "sat_sun",
    });
    let organization = story.open("/v1/organizations", "organization", organization);
    let slots = |minutes| json!({"duration": minutes, "step": 30, "grid": "clock"});
    let rooms = json!({
        "organization_id": organization, "kind": "room", "zone": ZONE, "currency": "GBP",
        "name": {"en": "Teaching rooms"}, "summary": {"en": "Rooms for classes and study groups."},
        "categories": ["classroom"], "attributes": {"step-free": true}, "slots": slots(30),
    });
    let rooms = story.open("/v1/listings", "rooms", rooms);
    let halls = json!({
        "organization_id": organization, "kind": "room", "zone": ZONE, "currency": "GBP",
        "name": {"en": "Halls"}, "summary": {"en": "For ceremonies, concerts and conferences."},
        "categories": ["hall"], "slots": slots(120), "on_request": true,
        "price_per_hour": {"minor": 9_500, "currency": "GBP"},
        "policy": {"tiers": [{"until": {"days_before": 7}}, {"fee": {"percent": 5_000}}]},
    });
    let halls = story.open("/v1/listings", "halls", halls);
    for room in 0..ROOMS {
        let seats = [20, 30, 40, 60, 120][(room % 5) as usize];
        let attributes = json!({"seats": seats, "projector": room % 3 == 0, "board": "white"});
        open_room(story, &name_of(room), json!({"listing_id": rooms, "attributes": attributes}));
    }
    for (hall, seats) in HALLS.into_iter().zip([600, 250, 180, 140]) {
        open_room(
            story,
            hall,
            json!({"listing_id": halls, "attributes": {"seats": seats, "stage": true}}),
        );
    }
    let projector = json!({
        "organization_id": organization, "kind": "equipment", "name": {"en": "Projector on wheels"},
        "capacity": PROJECTORS, "attributes": {"lumens": 4_000},
    });
    story.open("/v1/resources", "projector", projector);
}

fn name_of(room: u32) -> String {
    format!("Room {}", 100 * (room / 9 + 1) + room % 9 + 1)
}

fn open_room(story: &mut Story, name: &str, mut body: Value) {
    body["kind"] = json!("room");
    body["name"] = json!({"en": name});
    body["capacity"] = json!(1);
    let id = story.open("/v1/resources", name, body);
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday"];
    let hours: Map<String, Value> = days
        .iter()
        .map(|day| ((*day).to_owned(), json!([{"from": "08:00", "to": "22:00"}])))
        .collect();
    let schedules = json!({"schedules": [{"zone": ZONE, "hours": hours}]});
    story.set(&format!("/v1/resources/{id}/schedules"), &format!("{name} hours"), schedules);
}

/// On which day of the week a class is, counted from Monday, and at which hour. Classes of one room are on different
/// days.
fn lesson(room: u32, class: u32) -> (u32, u32) {
    ((room + 2 * class) % 5, 9 + 2 * ((room / 5 + 2 * class) % 4))
}

/// What the wall clock shows at the start of a class in a week of the term.
fn start_of(story: &Story, room: u32, class: u32, week: u64) -> NaiveDateTime {
    let (weekday, hour) = lesson(room, class);
    let day = term(story) + Days::new(u64::from(weekday) + 7 * week);
    day.and_time(NaiveTime::from_hms_opt(hour, 0, 0).unwrap_or_default())
}

/// Whoever books the classes of a term.
fn open_registry(story: &mut Story) {
    let body = json!({
        "kind": "company", "name": "The Registry", "language": "en-GB",
        "emails": [{"address": "registry@riverside.example.com", "label": "timetable"}],
    });
    story.register("registry", body);
}

fn wall(start: NaiveDateTime) -> String {
    start.format("%Y-%m-%dT%H:%M").to_string()
}

fn series(story: &Story, start: NaiveDateTime, minutes: u32, title: &str, lines: &Value) -> Value {
    json!({
        "listing_id": story.id("rooms"), "customer_id": story.id("registry"), "lines": lines,
        "start": wall(start), "duration_minutes": minutes, "rule": format!("FREQ=WEEKLY;COUNT={WEEKS}"),
        "dimensions": {"segment": "Teaching", "extra": {"title": title}},
    })
}

fn class_name(room: u32, class: u32) -> String {
    format!("class {room} {class}")
}

/// A class of the timetable, booked before the term; some take a projector along.
fn tell_class(story: &mut Story, room: u32, class: u32) {
    let subject = SUBJECTS[((room + 4 * class) % 9) as usize];
    let title = format!("{subject} {}", 101 + 100 * class + room / 9);
    let mut lines = vec![json!({"resource_id": story.id(&name_of(room))})];
    if room % 4 == 1 && class == 0 {
        lines.push(json!({"resource_id": story.id("projector")}));
    }
    let start = start_of(story, room, class, 0);
    let body = series(story, start, 90, &title, &json!(lines));
    let booked = story.at(term(story) - Days::new(30), 10, 0);
    story.make("/v1/series", &class_name(room, class), booked, body);
}

/// A club meets on Tuesdays; on one of them its room is closed for exams, and that date is left out.
fn tell_club(story: &mut Story) {
    let room = story.id(&name_of(5));
    let exams = term(story) + Days::new(7 * 8 + 1);
    let block = json!({
        "start": story.at(exams, 8, 0), "end": story.at(exams, 22, 0).to_rfc3339(), "reason": "Exams",
    });
    story.open(&format!("/v1/resources/{room}/blocks"), "exams", block);
    let first = (term(story) + Days::new(1))
        .and_time(NaiveTime::from_hms_opt(18, 0, 0).unwrap_or_default());
    let mut body = series(story, first, 120, "Robotics club", &json!([{"resource_id": room}]));
    body["on_conflict"] = json!("skip_conflicts");
    let booked = story.at(term(story) - Days::new(10), 16, 0);
    story.make("/v1/series", "club", booked, body);
}

/// One lesson is called off, and a class is put off to the evening for the rest of the term.
fn tell_changes(story: &mut Story) {
    let (at, week) = (story.now() - TimeDelta::days(1), 6);
    let cancel = json!({
        "scope": "one", "original": wall(start_of(story, 0, 0, week)), "reason": "The lecturer is at a conference",
    });
    let path = format!("/v1/series/{}/cancel", story.id(&class_name(0, 0)));
    story.tell(&path, "conference", at, cancel);
    let evening = json!({
        "scope": "following", "original": wall(start_of(story, 1, 1, week)), "start_time": "18:00",
    });
    let path = format!("/v1/series/{}/reschedule", story.id(&class_name(1, 1)));
    story.tell(&path, "evening class", at, evening);
}

/// Halls are asked for: one request was granted, one turned down, and one waits.
fn tell_halls(story: &mut Story) {
    let asks = [("ball", "approve"), ("fair", "decline"), ("last request", "")];
    for ((number, hall), (what, answer)) in (0_i64..).zip(HALLS).zip(asks) {
        let asked = story.now() - TimeDelta::days(2 - number);
        let mut body = hall_from(story, &json!([story.id(hall)]), 14 + number);
        body["hold_until"] = json!(story.now() + TimeDelta::days(7));
        story.book(what, number.unsigned_abs(), asked, body);
        let next_day = asked + TimeDelta::hours(20);
        match answer {
            "approve" => story.step(what, answer, next_day, json!({})),
            "decline" => {
                story.step(what, answer, next_day, json!({"reason": "The hall is being painted"}));
            }
            _ => {}
        }
    }
}

/// The day so many days after this one, or the Monday after it.
fn weekday(story: &Story, offset: i64) -> NaiveDate {
    let weekend = i64::from(story.day(offset).weekday().num_days_from_monday()) - 4;
    story.day(offset + if weekend > 0 { 3 - weekend } else { 0 })
}

/// A request for one of some halls, on an afternoon so many days after this one or soon after.
fn hall_from(story: &Story, halls: &Value, offset: i64) -> Value {
    let day = weekday(story, offset);
    json!({
        "listing_id": story.id("halls"), "party": {"adults": 120},
        "lines": [{"resource_ids": halls, "start": story.at(day, 14, 0), "end": story.at(day, 18, 0)}],
    })
}

/// What to look at, and what to try.
pub(super) fn tries(today: NaiveDate, now: Timestamp) -> Vec<Try> {
    let story = Story::new(NAME, ZONE, today);
    let (rooms, club) = (story.id("rooms"), story.id("club"));
    let halls: Vec<_> = HALLS.iter().map(|hall| story.id(hall)).collect();
    let age = (now - story.now()).num_days();
    let day = weekday(&story, age + 2);
    let (start, end) = (story.at(day, 10, 0), story.at(day, 12, 0));
    let free = format!(
        "/v1/availability/rooms?listing_id={rooms}&start={}&end={}&capacity=40&attribute.projector=true",
        start.format("%Y-%m-%dT%H:%M:%SZ"),
        end.format("%Y-%m-%dT%H:%M:%SZ")
    );
    let mut body = hall_from(&story, &json!(halls), age + 30);
    body["customer_id"] = json!(story.id("visitor"));
    vec![
        Try::get("the timetable", format!("/v1/series?listing_id={rooms}")),
        Try::get("a club, and the date on which its room was closed", format!("/v1/series/{club}")),
        Try::get("which rooms for 40 with a projector are free", free),
        Try::post("ask for any hall", "/v1/bookings", body),
    ]
}
