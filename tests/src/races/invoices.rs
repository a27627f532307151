//! Many invoices at once: each has a number of its own, and none is left out.

use daybook_domain::{
    invoice::{
        Kind,
        register::{Command, Register},
    },
    values::{BookingId, InvoiceId},
};
use serde_json::json;
use uuid::Uuid;

use super::{
    Outcome,
    engine::{Engine, Guard, until_it_shows},
    race, rotated, two_servers,
};
use crate::{
    harness::{insist, misnumbered},
    http::invoices::hotel,
};

const CROWD: usize = 10;

#[tokio::test]
async fn invoices_issued_at_once_over_two_servers_have_numbers_without_a_gap() {
    let world = two_servers().await;
    let clients = world.clients();
    let hotel = hotel(&clients[0], false).await;
    let mut bookings = Vec::new();
    for month in 1..=CROWD {
        let (arrival, departure) = (format!("2032-{month:02}-02"), format!("2032-{month:02}-04"));
        let order = hotel.booking(&arrival, &departure);
        bookings.push(clients[0].post("/v1/bookings", &order).await.id(201));
    }
    // each is asked for twice, and issued once
    let ask = |number: usize| {
        let servers = rotated(&clients, number);
        let path = format!("/v1/bookings/{}/invoices", bookings[number % CROWD]);
        async move {
            let key = Uuid::now_v7().to_string();
            let patience = std::time::Duration::from_mins(1);
            let (answer, troubles) = insist(&servers, &path, &json!({}), &key, patience).await;
            assert_eq!(troubles.wrong, Vec::<String>::new());
            if answer.status == 201 {
                return Outcome::Sold;
            }
            let problem = answer.problem(422, "policy-refusal");
            assert_eq!(problem["reason"], "nothing_to_invoice");
            Outcome::SoldOut
        }
    };
    assert_eq!(race((0..2 * CROWD).map(ask).collect()).await, (CROWD, CROWD));
    let path = format!(
        "/v1/invoices?organization_id={}&min_position={}",
        hotel.organization,
        clients[1].head().await
    );
    let found = clients[1].get(&path).await.expect(200);
    let numbers = found["items"].as_array().unwrap().iter().map(|item| item["number"].as_u64());
    let expected: Vec<_> = (1..).map(Some).take(CROWD).collect();
    assert_eq!(numbers.collect::<Vec<_>>(), expected);
    world.audit().await.assert_sound().await;
}

/// Gives numbers of one organization to many documents at once; what an auditor finds wrong with them.
async fn numbered(guard: Guard) -> Vec<String> {
    let engine = Engine::new().await;
    let organization = Uuid::now_v7().to_string();
    let ask = |_| {
        let (engine, organization) = (engine.clone(), organization.clone());
        async move {
            let document = InvoiceId::from_uuid(Uuid::now_v7());
            let booking = BookingId::from_uuid(Uuid::now_v7());
            let decide = |register: &Register| {
                let number = register.next().of(Kind::Invoice);
                let (kind, at) = (Kind::Invoice, chrono::DateTime::UNIX_EPOCH);
                register.decide(Command::Number { kind, number, document, booking, at })
            };
            match engine.decide::<Register, _>(guard, &organization, decide).await {
                Ok(()) => Outcome::Sold,
                Err(error) => panic!("{error}"),
            }
        }
    };
    let (given, _) = race((0..CROWD).map(ask).collect()).await;
    assert_eq!(given, CROWD);
    misnumbered(&engine.audit.events("invoice_register").await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_register_gives_each_number_once() {
    assert_eq!(numbered(Guard::On).await, [""; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn numbers_read_before_they_are_given_are_given_twice() {
    until_it_shows(async || !numbered(Guard::Off).await.is_empty()).await;
}
