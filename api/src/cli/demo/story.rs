//! What one organization did, as commands in the order in which they happened.
//!
//! All of it follows from one day, so that telling it again says the same, byte for byte.

use std::collections::{BTreeSet, HashMap};

use chrono::{Days, NaiveDate, NaiveTime, TimeDelta};
use daybook_domain::values::{Timestamp, Zone};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{ids, people};

/// How long before the day the organizations open.
const OPENED_BEFORE: Days = Days::new(120);

/// One command to the API.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) path: String,
    pub(super) key: String,
    pub(super) body: Value,
}

/// One organization's story up to the beginning of a day, as UTC counts days.
pub(super) struct Story {
    name: &'static str,
    zone: Zone,
    today: NaiveDate,
    opening: Vec<Request>,
    happened: Vec<(Timestamp, Request)>,
    /// Who has booked, by number.
    customers: BTreeSet<u64>,
    /// Who was registered twice, and how the name was written then.
    twice: Option<(u64, &'static str)>,
}

/// When the organizations of a day open.
pub(super) fn opened_at(today: NaiveDate) -> Timestamp {
    (today - OPENED_BEFORE).and_time(NaiveTime::MIN).and_utc()
}

/// The day of the organizations that opened then.
pub(super) fn day_of(opened: Timestamp) -> NaiveDate {
    opened.date_naive() + OPENED_BEFORE
}

impl Story {
    /// The story of the organization that is known here by a name, on the wall clock of a zone.
    pub(super) fn new(name: &'static str, zone: &str, today: NaiveDate) -> Self {
        let zone = Zone::try_new(zone).expect("the demonstration plays in zones of the database");
        Self {
            name,
            zone,
            today,
            opening: Vec::new(),
            happened: Vec::new(),
            customers: BTreeSet::new(),
            twice: None,
        }
    }

    /// The end of what happened: nothing is told of later.
    pub(super) fn now(&self) -> Timestamp {
        self.today.and_time(NaiveTime::MIN).and_utc()
    }

    /// The day so many days after this one.
    pub(super) fn day(&self, offset: i64) -> NaiveDate {
        self.today + TimeDelta::days(offset)
    }

    /// The instant at which the organization's wall clock shows a time.
    pub(super) fn at(&self, day: NaiveDate, hour: u32, minute: u32) -> Timestamp {
        self.zone.instant(day, NaiveTime::from_hms_opt(hour, minute, 0).unwrap_or_default())
    }

    /// The id of something of this organization.
    pub(super) fn id(&self, what: &str) -> Uuid {
        ids::named(self.name, what)
    }

    /// Makes something before the first booking; gives its id.
    pub(super) fn open(&mut self, path: &str, what: &str, mut body: Value) -> Uuid {
        let id = self.id(what);
        body["id"] = json!(id);
        self.set(path, what, body);
        id
    }

    /// Sets something up before the first booking.
    pub(super) fn set(&mut self, path: &str, what: &str, mut body: Value) {
        body["occurred_at"] = json!(opened_at(self.today));
        let request = self.request(path, what, body);
        self.opening.push(request);
    }

    /// Makes something at an instant; gives its id.
    pub(super) fn make(&mut self, path: &str, what: &str, at: Timestamp, mut body: Value) -> Uuid {
        let id = self.id(what);
        body["id"] = json!(id);
        self.tell(path, what, at, body);
        id
    }

    /// Makes a booking by one of some customers; gives its id.
    pub(super) fn book(&mut self, what: &str, by: u64, at: Timestamp, mut body: Value) -> Uuid {
        self.customers.insert(by);
        body["customer_id"] = json!(self.id(&format!("customer {by}")));
        self.make("/v1/bookings", what, at, body)
    }

    /// A later step of a booking, unless that lies in the future.
    pub(super) fn step(&mut self, what: &str, step: &str, at: Timestamp, body: Value) {
        if at <= self.now() {
            let path = format!("/v1/bookings/{}/{step}", self.id(what));
            self.tell(&path, &format!("{what} {step}"), at, body);
        }
    }

    /// What somebody did at an instant, or just now if that lies in the future.
    pub(super) fn tell(&mut self, path: &str, what: &str, at: Timestamp, mut body: Value) {
        let at = at.min(self.now());
        body["occurred_at"] = json!(at);
        let request = self.request(path, what, body);
        self.happened.push((at, request));
    }

    /// All commands in order. The last one makes something: where that is, the story was told.
    pub(super) fn requests(mut self) -> Vec<Request> {
        self.register_all();
        self.happened.sort_by_key(|(at, _)| *at);
        self.opening.extend(self.happened.into_iter().map(|(_, request)| request));
        self.opening
    }

    /// Has one customer registered a second time under a name written otherwise, and the records merged.
    pub(super) fn register_twice(&mut self, number: u64, name: &'static str) {
        self.twice = Some((number, name));
    }

    /// Everybody who books is registered when the organization opens.
    fn register_all(&mut self) {
        for number in std::mem::take(&mut self.customers) {
            let body = people::customer(self.name, number);
            self.register(&format!("customer {number}"), body);
        }
        let Some((number, name)) = self.twice else { return };
        let (what, mut body) =
            (format!("customer {number} again"), people::customer(self.name, number));
        body["name"] = json!(name);
        body["emails"] = json!([{"address": format!("again{number}@{}.example.com", self.name)}]);
        body["tags"] = json!(["press"]);
        let id = self.register(&what, body);
        let note = json!({"id": self.id("note"), "text": "Prefers seats on the aisle"});
        self.set(&format!("/v1/customers/{id}/notes"), "note", note);
        let into = json!({"into": self.id(&format!("customer {number}"))});
        self.set(&format!("/v1/customers/{id}/merge"), &format!("{what} merged"), into);
    }

    /// Registers a customer of the organization; gives the id.
    pub(super) fn register(&mut self, what: &str, mut body: Value) -> Uuid {
        body["organization_id"] = json!(self.id("organization"));
        self.open("/v1/customers", what, body)
    }

    fn request(&self, path: &str, what: &str, body: Value) -> Request {
        let key = format!("demo-{}-{}", self.name, what.replace(' ', "-"));
        Request { path: path.to_owned(), key, body }
    }
}

/// How a booking goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    Comes,
    Cancels,
    NeverComes,
    OnlyHolds,
}

impl Course {
    /// Spreads the courses over numbered bookings; only what is still to come can be held.
    pub(super) fn of(number: u64, is_to_come: bool) -> Self {
        match number {
            _ if number % 11 == 5 => Self::Cancels,
            _ if number % 13 == 7 => Self::NeverComes,
            _ if number % 9 == 3 && is_to_come => Self::OnlyHolds,
            _ => Self::Comes,
        }
    }
}

impl Story {
    /// Books, and lets the booking take its course between its arrival and its departure.
    pub(super) fn live(
        &mut self,
        what: &str,
        (by, course): (u64, Course),
        [booked, arrives, departs]: [Timestamp; 3],
        mut body: Value,
    ) {
        let booked = booked.min(self.now());
        if course == Course::OnlyHolds {
            body["hold_until"] = json!(self.now() + TimeDelta::days(2));
        }
        self.book(what, by, booked, body);
        match course {
            Course::Comes => {
                self.step(what, "check-in", arrives, json!({}));
                self.step(what, "check-out", departs, json!({}));
            }
            Course::Cancels => {
                let halfway = booked + (arrives - booked) / 2;
                self.step(what, "cancel", halfway, json!({"reason": "Plans have changed"}));
            }
            Course::NeverComes => self.step(what, "no-show", departs, json!({})),
            Course::OnlyHolds => {}
        }
    }
}

/// What is taken of everything so far, so that nobody in a story asks for more than there is.
#[derive(Default)]
pub(super) struct Taken(HashMap<String, u64>);

impl Taken {
    /// Takes so many of each, unless one of them has fewer left.
    pub(super) fn take(&mut self, wanted: &[(String, u64, u64)]) -> bool {
        let fits = |(what, count, most): &(String, u64, u64)| {
            self.0.get(what).copied().unwrap_or_default() + count <= *most
        };
        let all = wanted.iter().all(fits);
        if all {
            for (what, count, _) in wanted {
                *self.0.entry(what.clone()).or_default() += count;
            }
        }
        all
    }
}

/// Something to try out: a query, or a command if there is a body.
pub(super) struct Try {
    pub(super) what: &'static str,
    pub(super) path: String,
    pub(super) body: Option<Value>,
    /// Where the ticket is whose code goes with it.
    pub(super) ticket: Option<String>,
}

impl Try {
    /// A query.
    pub(super) fn get(what: &'static str, path: String) -> Self {
        Self { what, path, body: None, ticket: None }
    }

    /// A command.
    pub(super) fn post(what: &'static str, path: &str, body: Value) -> Self {
        Self { what, path: path.to_owned(), body: Some(body), ticket: None }
    }
    /// A command with the code of a ticket, which only the server knows.
    pub(super) fn scan(what: &'static str, ticket: String, body: Value) -> Self {
        Self { ticket: Some(ticket), ..Self::post(what, "/v1/scans", body) }
    }
}
