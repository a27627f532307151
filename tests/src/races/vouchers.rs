//! Crowds for the last use of a voucher, for the rest of its budget and for what is set aside for it, over two servers;
//! and an auditor of vouchers that is seen to notice one use too many.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use chrono::{DateTime, Utc};
use daybook_domain::{
    values::{BookingId, Currency, CustomerId, Money, OrganizationId, VoucherCode, VoucherId},
    voucher::{Command, Discounts, Redemption, Refusal, Voucher},
};
use daybook_event_store::CommandError;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Outcome,
    engine::{Engine, Guard, until_it_shows},
    race, rotated, two_servers,
};
use crate::harness::{Client, Hotel, Row, insist, order, with};

/// What a log says of one voucher.
#[derive(Default)]
struct Ledger {
    max_uses: Option<u64>,
    budget: Option<u64>,
    uses: HashMap<String, (u64, Option<DateTime<Utc>>)>,
}

/// Where a voucher was used more often, or gave more away, than it promises: recomputed from its events alone.
fn exceeded(events: &[Row]) -> Vec<String> {
    let mut vouchers = BTreeMap::<&str, Ledger>::new();
    let mut wrong = Vec::new();
    for event in events {
        let ledger = vouchers.entry(&event.aggregate_id).or_default();
        let data = &event.payload[&event.event_type];
        let booking = data["booking"].as_str().unwrap_or_default().to_owned();
        let until = || data["until"].as_str().map(|until| until.parse().expect("an instant"));
        let given = || data["given"]["minor"].as_u64().expect("an amount");
        match &*event.event_type {
            "created" => {
                ledger.max_uses = data["terms"]["max_uses"].as_u64();
                ledger.budget = data["terms"]["budget"].as_u64();
            }
            "used" => {
                ledger.uses.insert(booking, (given(), until()));
            }
            "use_changed" => {
                ledger.uses.get_mut(&booking).expect("it is used").0 = given();
            }
            "use_extended" => {
                ledger.uses.get_mut(&booking).expect("it is used").1 = until();
            }
            "use_confirmed" => {
                ledger.uses.get_mut(&booking).expect("it is used").1 = None;
            }
            "use_returned" => {
                ledger.uses.remove(&booking).expect("it is used");
            }
            "withdrawn" => {}
            other => panic!("an unknown event of a voucher: {other}"),
        }
        let at: DateTime<Utc> = data["at"].as_str().expect("a time").parse().expect("an instant");
        let counting =
            ledger.uses.values().filter(|(_, until)| until.is_none_or(|until| at < until));
        let counting: Vec<_> = counting.map(|(given, _)| given).collect();
        let (uses, given): (u64, u64) = (counting.len() as u64, counting.into_iter().sum());
        if ledger.max_uses.is_some_and(|max| uses > max) {
            wrong.push(format!("{} is used {uses} times", event.aggregate_id));
        }
        if ledger.budget.is_some_and(|budget| given > budget) {
            wrong.push(format!("{} gave {given}", event.aggregate_id));
        }
    }
    wrong
}

async fn give_out(client: &Client, organization: &str, code: &str, terms: Value) -> String {
    let mut body = with(json!({"organization_id": organization}), "code", code);
    body.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
    client.post("/v1/vouchers", &body).await.id(201)
}

/// Books over HTTP until there is a final answer. Anything but a booking or this refusal fails the test.
async fn redeem(servers: Vec<Client>, request: Value, reason: &'static str) -> Outcome {
    let key = Uuid::now_v7().to_string();
    let patience = Duration::from_mins(1);
    let (answer, troubles) = insist(&servers, "/v1/bookings", &request, &key, patience).await;
    assert_eq!(troubles.wrong, Vec::<String>::new());
    if answer.status == 201 {
        return Outcome::Sold;
    }
    let problem = answer.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], reason);
    assert_eq!(problem["errors"][0]["field"], "/voucher_code");
    Outcome::SoldOut
}

/// An organization is needed before it can give anything out: a hotel's is only an id.
pub(super) async fn register(client: &Client, organization: &str, currency: &str) {
    let body = json!({
        "id": organization, "name": {"en": "House"}, "zone": "Europe/Lisbon",
        "currency": currency, "weekend": "sat_sun",
    });
    client.post("/v1/organizations", &body).await.expect(201);
}

#[tokio::test]
async fn one_use_is_had_by_one_of_a_crowd_whatever_they_book() {
    let world = two_servers().await;
    let clients = world.clients();
    let hotel = Hotel::open(&clients[0], 200).await;
    register(&clients[0], &hotel.organization, "EUR").await;
    let once = json!({"percent_off": 1_000, "max_uses": 1});
    for round in 0..4 {
        let code = format!("ONCE-{round}");
        let id = give_out(&clients[0], &hotel.organization, &code, once.clone()).await;
        let attempts = (0..40).map(|number| {
            // each on other nights, so that nothing but the voucher stands between them
            let day = 1 + number % 20;
            let stay = (format!("2031-05-{day:02}"), format!("2031-05-{:02}", day + 2));
            let mut request = with(hotel.booking(&stay.0, &stay.1), "voucher_code", &*code);
            if number % 3 == 0 {
                request = with(request, "hold_minutes", 30);
            }
            redeem(rotated(&clients, number), request, "voucher_used_up")
        });
        assert_eq!(race(attempts.collect()).await, (1, 39));
        let path = format!("/v1/vouchers/{id}?min_position={}", clients[0].head().await);
        let voucher = clients[1].get(&path).await.expect(200);
        assert_eq!((&voucher["uses"], &voucher["left"]), (&json!(1), &json!(0)));
        assert_eq!(voucher["state"], "used_up");
    }
    let audit = world.audit().await;
    audit.assert_sound().await;
    let events = audit.events("voucher").await;
    assert_eq!(exceeded(&events), [""; 0]);

    // the control: had the use been given to one more, it would be seen
    let used = events.iter().find(|event| event.event_type == "used").unwrap();
    let mut forged = events.clone();
    forged.push(used.for_another());
    assert_eq!(exceeded(&forged).len(), 1);
}

#[tokio::test]
async fn a_budget_is_given_away_to_the_last_whole_discount_and_no_further() {
    let world = two_servers().await;
    let clients = world.clients();
    let hotel = Hotel::open(&clients[0], 200).await;
    register(&clients[0], &hotel.organization, "EUR").await;
    // seven discounts of 13.00 fit in, and 5.00 are left that nobody can have
    let terms = json!({"amount_off": 1_300, "budget": 9_600});
    let id = give_out(&clients[0], &hotel.organization, "BUDGET", terms).await;
    let attempts = (0..60).map(|number| {
        let request = hotel.booking("2031-05-10", "2031-05-12");
        let code = ["BUDGET", "budget"][number % 2];
        let request = with(request, "voucher_code", code);
        redeem(rotated(&clients, number), request, "voucher_budget")
    });
    assert_eq!(race(attempts.collect()).await, (7, 53));
    let path = format!("/v1/vouchers/{id}?min_position={}", clients[0].head().await);
    let voucher = clients[1].get(&path).await.expect(200);
    assert_eq!(voucher["given"], json!({"minor": 9_100, "currency": "EUR"}));
    assert_eq!(voucher["budget_left"], json!({"minor": 500, "currency": "EUR"}));
    let audit = world.audit().await;
    audit.assert_sound().await;
    let events = audit.events("voucher").await;
    assert_eq!(exceeded(&events), [""; 0]);
    // the control
    let used = events.iter().find(|event| event.event_type == "used").unwrap();
    let mut forged = events.clone();
    forged.push(used.for_another());
    assert_eq!(exceeded(&forged), [format!("{id} gave 10400")]);
}

#[tokio::test]
async fn a_use_that_is_given_back_is_had_by_one_of_many() {
    let world = two_servers().await;
    let clients = world.clients();
    let hotel = Hotel::open(&clients[0], 200).await;
    register(&clients[0], &hotel.organization, "EUR").await;
    let once = json!({"percent_off": 1_000, "max_uses": 1});
    give_out(&clients[0], &hotel.organization, "AGAIN", once).await;
    let request = with(hotel.booking("2031-05-10", "2031-05-12"), "voucher_code", "AGAIN");
    let mut holder = clients[0].post("/v1/bookings", &request).await.id(201);
    for _ in 0..6 {
        let path = format!("/v1/bookings/{holder}/cancel");
        let cancel = async { clients[1].post(&path, &json!({})).await };
        let attempts = (0..12)
            .map(|number| redeem(rotated(&clients, number), request.clone(), "voucher_used_up"));
        let (cancelled, (used, _)) = tokio::join!(cancel, race(attempts.collect()));
        cancelled.expect(200);
        assert!(used <= 1, "{used} use what is used once");
        let made = if used == 0 {
            clients[0].post("/v1/bookings", &request).await.id(201)
        } else {
            let path =
                format!("/v1/bookings?status=confirmed&min_position={}", clients[0].head().await);
            let page = clients[0].get(&path).await.expect(200);
            page["items"][0]["id"].as_str().unwrap().to_owned()
        };
        holder = made;
    }
    let audit = world.audit().await;
    audit.assert_sound().await;
    assert_eq!(exceeded(&audit.events("voucher").await), [""; 0]);
}

#[tokio::test]
async fn what_is_set_aside_is_had_by_those_with_the_voucher_and_the_rest_by_all() {
    let world = two_servers().await;
    let clients = world.clients();
    let organization = Uuid::now_v7().to_string();
    register(&clients[0], &organization, "JOD").await;
    let listing = json!({
        "organization_id": organization, "kind": "event", "name": {"en": "Evening"},
        "zone": "Asia/Amman", "currency": "JOD",
    });
    let listing = clients[0].post("/v1/listings", &listing).await.id(201);
    let session = json!({
        "listing_id": listing, "start": "2031-06-24T17:00:00Z", "end": "2031-06-24T20:00:00Z",
        "pools": [{"code": "lawn", "capacity": 12}],
        "offers": [{
            "code": "lawn", "name": {"en": "Lawn"}, "price": {"minor": 9_000, "currency": "JOD"},
            "draws": [{"pool": "lawn", "places": 1}],
        }],
    });
    let session = clients[0].post("/v1/sessions", &session).await.id(201);
    let terms = json!({
        "percent_off": 0, "valid_until": "2031-06-24T17:00:00Z",
        "blocks": [{"session_id": session, "offer": "lawn", "quantity": 5}],
    });
    give_out(&clients[0], &organization, "GUESTS", terms).await;
    let line = json!({"session_id": session, "offer": "lawn", "quantity": 1});
    let attempts = (0..50).map(|number| {
        let request = order(&listing, std::slice::from_ref(&line));
        let guest = number % 10 == 0;
        let request = if guest { with(request, "voucher_code", "guests") } else { request };
        let servers = rotated(&clients, number);
        async move {
            let outcome = super::book(servers, request).await;
            assert!(!guest || outcome == Outcome::Sold, "a guest was turned away");
            outcome
        }
    });
    assert_eq!(race(attempts.collect()).await, (12, 38));
    let audit = world.audit().await;
    audit.assert_sound().await;
    let used = audit.events("voucher").await;
    let used = used.iter().filter(|event| event.event_type == "used");
    let drawn = used.map(|event| event.payload["used"]["drawn"][0]["quantity"].clone());
    assert_eq!(drawn.collect::<Vec<_>>(), vec![json!(1); 5]);
}

const MAX_USES: usize = 3;
const CROWD: usize = 120;

/// Lets a crowd use a voucher for three, with its guard or without, and tells how often it was used.
async fn crowd(engine: &Arc<Engine>, guard: Guard) -> usize {
    let organization = OrganizationId::from_uuid(Uuid::now_v7());
    let code = VoucherCode::try_new("THRICE").expect("a code");
    let id = VoucherId::of(organization, &code).to_string();
    let terms = json!({"benefit": {"amount_off": 100}, "max_uses": MAX_USES});
    let terms = Box::new(serde_json::from_value(terms).expect("terms"));
    let create = Command::Create { organization, code, currency: euro(), terms, at: at() };
    let made = engine.decide(Guard::On, &id, |voucher: &Voucher| voucher.decide(create.clone()));
    made.await.expect("a new voucher");
    let attempts = (0..CROWD).map(|_| {
        let (engine, id, command) = (Arc::clone(engine), id.clone(), let_use());
        async move {
            let decide = |voucher: &Voucher| voucher.decide(command.clone());
            match engine.decide(guard, &id, decide).await {
                Ok(()) => Outcome::Sold,
                Err(CommandError::Refused(Refusal::UsedUp { .. })) => Outcome::SoldOut,
                Err(error) => panic!("neither used nor used up: {error}"),
            }
        }
    });
    race(attempts.collect()).await.0
}

fn euro() -> Currency {
    Currency::try_new("EUR").expect("a currency")
}

fn let_use() -> Command {
    let money = |minor| Money::try_new(minor, euro()).expect("a small amount");
    let discounts = Discounts { basis: Some(money(10_000)), given: money(100) };
    let customer = CustomerId::from_uuid(Uuid::now_v7());
    let redemption = Redemption { customer, discounts, drawn: Vec::new() };
    let booking = BookingId::from_uuid(Uuid::now_v7());
    Command::Use { booking, redemption, until: None, at: at() }
}

fn at() -> DateTime<Utc> {
    "2031-01-01T00:00:00Z".parse().expect("an instant")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_voucher_with_its_guard_is_used_as_often_as_it_can_be() {
    let engine = Engine::new().await;
    assert_eq!(crowd(&engine, Guard::On).await, MAX_USES);
    assert_eq!(exceeded(&engine.audit.events("voucher").await), [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_voucher_with_its_guard_switched_off_is_used_too_often_and_the_auditor_sees_it() {
    until_it_shows(async || {
        let engine = Engine::new().await;
        let used = crowd(&engine, Guard::Off).await;
        let wrong = exceeded(&engine.audit.events("voucher").await);
        assert_eq!(wrong.is_empty(), used <= MAX_USES, "auditor and race agree");
        used > MAX_USES
    })
    .await;
}
