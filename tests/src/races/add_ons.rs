//! A crowd for the last of an add-on over two servers, and the same crowd where nothing orders it: then an auditor, which
//! counts from the log alone, sees more taken than there are.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use chrono::{DateTime, Utc};
use daybook_domain::{
    add_on::{AddOn, Ask, Command, Refusal},
    values::{BookingId, DayRange, OrganizationId},
};
use daybook_event_store::CommandError;
use serde_json::json;
use uuid::Uuid;

use super::{
    Outcome, book,
    engine::{Engine, Guard, until_it_shows},
    race, rotated, two_servers,
    vouchers::register,
};
use crate::harness::{Hotel, Row, with};

const STOCK: usize = 7;
const CROWD: usize = 120;

/// What a log says of one add-on: how many there are, and who takes how many until when.
#[derive(Default)]
struct Ledger {
    stock: u64,
    takes: HashMap<String, (u64, Option<DateTime<Utc>>)>,
}

/// Where more of a stock was taken than there is: recomputed from the events alone.
fn oversold(events: &[Row]) -> Vec<String> {
    let mut add_ons = BTreeMap::<&str, Ledger>::new();
    let mut wrong = Vec::new();
    for event in events {
        let Ledger { stock, takes } = add_ons.entry(&event.aggregate_id).or_default();
        let data = &event.payload[&event.event_type];
        let booking = data["booking"].as_str().unwrap_or_default().to_owned();
        let instant = |field: &str| -> Option<DateTime<Utc>> {
            data[field].as_str().map(|at| at.parse().expect("an instant"))
        };
        match &*event.event_type {
            "created" => *stock = data["terms"]["stock"]["total"].as_u64().expect("a stock"),
            "taken" => {
                let asks = data["asks"].as_array().expect("what is taken").iter();
                let pieces = asks.map(|ask| ask["quantity"].as_u64().expect("a number")).sum();
                takes.insert(booking, (pieces, instant("until")));
            }
            "confirmed" => takes.get_mut(&booking).expect("it is taken").1 = None,
            "released" => drop(takes.remove(&booking).expect("it is taken")),
            other => panic!("an unexpected event of an add-on: {other}"),
        }
        let at = instant("at").expect("a time");
        let counting = takes.values().filter(|(_, until)| until.is_none_or(|until| at < until));
        let taken: u64 = counting.map(|(pieces, _)| pieces).sum();
        if taken > *stock {
            wrong.push(format!("of {stock} of {} {taken} are taken", event.aggregate_id));
        }
    }
    wrong
}

#[tokio::test]
async fn the_last_of_an_add_on_are_had_by_as_many_as_there_are() {
    let world = two_servers().await;
    let clients = world.clients();
    let hotel = Hotel::open(&clients[0], 200).await;
    register(&clients[0], &hotel.organization, "EUR").await;
    let shirt = json!({
        "organization_id": hotel.organization, "name": {"en": "Shirt"}, "stock": STOCK,
        "price": {"minor": 1_500, "currency": "EUR"},
    });
    let shirt = clients[0].post("/v1/add-ons", &shirt).await.id(201);
    let attempts = (0..60).map(|number| {
        // each on other nights, so that nothing but the add-on stands between them
        let day = 1 + number % 20;
        let stay = (format!("2031-05-{day:02}"), format!("2031-05-{:02}", day + 2));
        let add_ons = json!([{"add_on_id": shirt, "quantity": 1}]);
        let mut request = with(hotel.booking(&stay.0, &stay.1), "add_ons", add_ons);
        if number % 3 == 0 {
            request = with(request, "hold_minutes", 30);
        }
        book(rotated(&clients, number), request)
    });
    assert_eq!(race(attempts.collect()).await, (STOCK, 60 - STOCK));
    let left = clients[1].get(&format!("/v1/add-ons/{shirt}/left")).await.expect(200);
    assert_eq!(left["left"], 0);
    let audit = world.audit().await;
    audit.assert_sound().await;
    let made: usize = audit.bookings_made().await.values().sum();
    assert_eq!(made, STOCK, "who got none has no room either");
    let events = audit.events("add_on").await;
    assert_eq!(oversold(&events), [""; 0]);

    // the control: had one more been given away, it would be seen
    let taken = events.iter().find(|event| event.event_type == "taken").unwrap();
    let mut forged = events.clone();
    forged.push(taken.for_another());
    assert_eq!(oversold(&forged), [format!("of {STOCK} of {shirt} {} are taken", STOCK + 1)]);
}

/// Lets a crowd take an add-on, with its guard or without, and tells how many had one.
async fn crowd(engine: &Arc<Engine>, guard: Guard) -> usize {
    let id = Uuid::now_v7().to_string();
    let terms = json!({
        "name": {"en": "Shirt"}, "price": {"minor": 1_500, "currency": "EUR"},
        "charged": "once", "stock": {"total": STOCK}, "listings": [],
    });
    let terms = Box::new(serde_json::from_value(terms).expect("terms"));
    let organization = OrganizationId::from_uuid(Uuid::now_v7());
    let create = Command::Create { organization, terms, at: at() };
    let made = engine.decide(Guard::On, &id, |add_on: &AddOn| add_on.decide(create.clone()));
    made.await.expect("a new add-on");
    let attempts = (0..CROWD).map(|_| {
        let (engine, id, command) = (Arc::clone(engine), id.clone(), take());
        async move {
            let decide = |add_on: &AddOn| add_on.decide(command.clone());
            match engine.decide(guard, &id, decide).await {
                Ok(()) => Outcome::Sold,
                Err(CommandError::Refused(Refusal::SoldOut { .. })) => Outcome::SoldOut,
                Err(error) => panic!("neither taken nor sold out: {error}"),
            }
        }
    });
    race(attempts.collect()).await.0
}

fn take() -> Command {
    let booking = BookingId::from_uuid(Uuid::now_v7());
    let asks = vec![Ask { quantity: 1, days: DayRange::single(at().date_naive()) }];
    Command::Take { booking, asks, until: None, at: at() }
}

fn at() -> DateTime<Utc> {
    "2031-01-01T00:00:00Z".parse().expect("an instant")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_add_on_with_its_guard_is_had_as_often_as_there_is_one() {
    let engine = Engine::new().await;
    assert_eq!(crowd(&engine, Guard::On).await, STOCK);
    assert_eq!(oversold(&engine.audit.events("add_on").await), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_add_on_with_its_guard_switched_off_is_oversold_and_the_auditor_sees_it() {
    until_it_shows(async || {
        let engine = Engine::new().await;
        let sold = crowd(&engine, Guard::Off).await;
        let wrong = oversold(&engine.audit.events("add_on").await);
        assert_eq!(wrong.is_empty(), sold <= STOCK, "auditor and race agree");
        sold > STOCK
    })
    .await;
}
