//! The stories, on whatever day they are told.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Days, NaiveDate, Utc};
use serde_json::Value;

use super::{ORGANIZATIONS, story::Request};

type Timestamp = DateTime<Utc>;

fn days() -> impl Iterator<Item = NaiveDate> {
    let first: NaiveDate = "2026-01-01".parse().unwrap();
    first.iter_days().step_by(13).take(30)
}

fn instant(value: &Value) -> Timestamp {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{value}: {error}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn date(value: &Value) -> NaiveDate {
    text(value).parse().unwrap()
}

fn count(value: &Value) -> u64 {
    if value.is_null() { 1 } else { value.as_u64().unwrap() }
}

/// What is made under a path, by its id.
fn made<'a>(requests: &'a [Request], path: &str) -> HashMap<&'a str, &'a Value> {
    let found = requests.iter().filter(|request| request.path == path);
    found.map(|request| (text(&request.body["id"]), &request.body)).collect()
}

#[test]
fn nothing_happens_after_the_day_begins_and_every_key_is_used_once() {
    for today in days() {
        let now = today.and_hms_opt(0, 0, 0).unwrap().and_utc();
        let mut keys = HashSet::new();
        for organization in &ORGANIZATIONS {
            let requests = (organization.requests)(today);
            assert!(requests.len() > 100, "{} on {today}", organization.name);
            let mut last = Timestamp::UNIX_EPOCH;
            for request in &requests {
                assert!(keys.insert(request.key.clone()), "{}", request.key);
                let at = instant(&request.body["occurred_at"]);
                assert!(last <= at && at <= now, "{} at {at}", request.key);
                last = at;
            }
            let last = requests.last().unwrap();
            assert!(last.path == "/v1/bookings", "{} ends with {}", organization.name, last.path);
        }
    }
}

#[test]
fn a_story_is_the_same_whenever_it_is_told() {
    let today = days().next().unwrap();
    for organization in &ORGANIZATIONS {
        let told = || -> Vec<_> {
            let requests = (organization.requests)(today).into_iter();
            requests.map(|request| (request.key, request.body.to_string())).collect()
        };
        assert_eq!(told(), told());
    }
}

#[test]
fn everybody_finds_a_place_on_whatever_day_it_is_told() {
    for today in days() {
        for organization in &ORGANIZATIONS {
            let requests = (organization.requests)(today);
            let (resources, sessions) =
                (made(&requests, "/v1/resources"), made(&requests, "/v1/sessions"));
            let mut taken: HashMap<String, (u64, u64)> = HashMap::new();
            let mut take = |what: String, places: u64, most: &Value| {
                let entry = taken.entry(what).or_insert((0, most.as_u64().unwrap()));
                entry.0 += places;
            };
            for booking in made(&requests, "/v1/bookings").values() {
                for line in booking["lines"].as_array().unwrap() {
                    if let Some(session) = line["session_id"].as_str() {
                        places(sessions[session], line, |pool, places, most| {
                            take(format!("{session} {pool}"), places, most);
                        });
                    } else if !line["arrival"].is_null() {
                        let resource = text(&line["resource_id"]);
                        nights(line, |night| {
                            take(
                                format!("{resource} {night}"),
                                1,
                                &resources[resource]["capacity"],
                            );
                        });
                    }
                }
            }
            for (what, (taken, most)) in taken {
                assert!(
                    taken <= most,
                    "{}, {today}: {taken} of {most} of {what}",
                    organization.name
                );
            }
        }
    }
}

/// What a line takes of each pool of its session.
fn places(session: &Value, line: &Value, mut take: impl FnMut(&str, u64, &Value)) {
    let named = |list: &str, code: &Value| {
        let found = session[list].as_array().unwrap().iter().find(|item| item["code"] == *code);
        found.unwrap_or_else(|| panic!("{code} is not among the {list}")).clone()
    };
    for draw in named("offers", &line["offer"])["draws"].as_array().unwrap() {
        let pool = named("pools", &draw["pool"]);
        let places = count(&draw["places"]) * count(&line["quantity"]);
        take(text(&draw["pool"]), places, &pool["capacity"]);
    }
}

fn nights(line: &Value, mut take: impl FnMut(NaiveDate)) {
    let (arrival, departure) = (date(&line["arrival"]), date(&line["departure"]));
    arrival.iter_days().take_while(|night| *night < departure).for_each(&mut take);
}

#[test]
fn everybody_who_books_is_registered_and_has_a_telephone_of_their_own() {
    let today = days().next().unwrap();
    for organization in &ORGANIZATIONS {
        let requests = (organization.requests)(today);
        let customers = made(&requests, "/v1/customers");
        for path in ["/v1/bookings", "/v1/series"] {
            for booking in made(&requests, path).values() {
                let customer = text(&booking["customer_id"]);
                assert!(customers.contains_key(customer), "{} {customer}", organization.name);
            }
        }
        let phones =
            customers.values().filter_map(|customer| customer["phones"][0]["number"].as_str());
        let mut people = HashMap::<_, usize>::new();
        phones.for_each(|phone| *people.entry(phone).or_default() += 1);
        let merges = requests.iter().filter(|request| request.path.ends_with("/merge")).count();
        assert_eq!(people.values().filter(|count| **count > 1).count(), merges);
    }
}

#[test]
fn nobody_in_the_salon_does_two_things_at_once() {
    for today in days() {
        let requests = super::salon::requests(today);
        let listings = made(&requests, "/v1/listings");
        let mut times: HashMap<String, Vec<(Timestamp, Timestamp)>> = HashMap::new();
        for booking in made(&requests, "/v1/bookings").values() {
            let slots = &listings[text(&booking["listing_id"])]["slots"];
            let minutes = count(&slots["duration"]) + count(&slots["buffer_after"]);
            let line = &booking["lines"][0];
            let start = instant(&line["start"]);
            let end = start + chrono::TimeDelta::minutes(minutes.try_into().unwrap());
            times.entry(line["resource_id"].to_string()).or_default().push((start, end));
        }
        assert_eq!(times.len(), 5);
        for (person, mut times) in times {
            times.sort_unstable();
            let apart = times.windows(2).all(|pair| pair[0].1 <= pair[1].0);
            assert!(apart, "{person} on {today}");
        }
    }
}

#[test]
fn there_is_something_to_try_for_every_organization_for_weeks() {
    let today = days().next().unwrap();
    for later in 0..8 {
        let now = (today + Days::new(later)).and_hms_opt(21, 0, 0).unwrap().and_utc();
        for organization in &ORGANIZATIONS {
            let tries = (organization.tries)(today, now);
            assert!(tries.iter().any(|one| one.body.is_some()), "{}", organization.name);
            let plain = |body: &Value| !body.to_string().contains('\'');
            assert!(tries.iter().filter_map(|one| one.body.as_ref()).all(plain));
        }
    }
}
