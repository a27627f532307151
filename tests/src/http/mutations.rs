//! Random changes to valid requests: whatever comes of them, it is never a fault of the server.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};

use crate::harness::{Client, Hotel, Studio, World, mondays, with};

const ROUNDS: usize = 1_500;

#[tokio::test]
async fn no_mutation_of_a_request_makes_the_server_fail() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1_000).await;
    let seed: u64 = rand::rng().random();
    let mut chance = StdRng::seed_from_u64(seed);
    let booking = client.post("/v1/bookings", &hotel.booking("2031-05-10", "2031-05-12")).await;
    let mut valid = requests(&hotel, &booking.id(201));
    valid.extend(recurring(&client).await);
    let mut accepted = 0;
    for round in 0..ROUNDS {
        let (path, mut body) = valid[chance.random_range(0..valid.len())].clone();
        for _ in 0..chance.random_range(1..4) {
            mutate(&mut body, &mut chance);
        }
        let mut bytes = body.to_string().into_bytes();
        if chance.random_range(0..5) == 0 {
            scramble(&mut bytes, &mut chance);
        }
        let shown = String::from_utf8_lossy(&bytes).into_owned();
        let answer = client.post_bytes(&path, bytes).await;
        let told = format!("round {round} of seed {seed}: {path} {shown}\n{}", answer.text());
        match answer.status {
            200 | 201 => accepted += 1,
            400..=499 => drop(answer.any_problem()),
            status => panic!("{status} in {told}"),
        }
    }
    // Neither all refused at the door nor all let through: the mutations reach the rules.
    assert!(
        accepted > ROUNDS / 50 && accepted < ROUNDS * 9 / 10,
        "{accepted} accepted, seed {seed}"
    );
    world.audit().await.assert_sound().await;
    let status = client.get("/v1/projections").await.expect(200);
    assert!(!status.to_string().contains("\"parked\":1"), "seed {seed}: {status}");
}

fn requests(hotel: &Hotel, booking: &str) -> Vec<(String, Value)> {
    let mut full = hotel.order(&[
        hotel.line("2031-05-10", "2031-05-12"),
        with(hotel.line("2031-05-30", "2031-06-02"), "quantity", 2),
    ]);
    full["party"] = json!({"adults": 2, "children": 1, "babies": 0});
    full["dimensions"] =
        json!({"channel": "web", "segment": "s", "country": "PT", "extra": {"a": "b"}});
    full["hold_minutes"] = json!(5);
    full["occurred_at"] = json!("2024-02-01T10:00:00Z");
    let payment = json!({
        "booking_id": booking,
        "amount": {"minor": 100, "currency": "EUR"},
        "method": "cash",
        "captured": true,
    });
    let amend = json!({"lines": [hotel.line("2031-05-11", "2031-05-13")], "party": {"adults": 1}});
    vec![
        ("/v1/bookings".to_owned(), full),
        ("/v1/bookings".to_owned(), hotel.booking("2031-05-10", "2031-05-12")),
        (format!("/v1/bookings/{booking}/amend"), amend),
        ("/v1/listings".to_owned(), Hotel::listing(&hotel.organization)),
        ("/v1/listings".to_owned(), described(&hotel.organization)),
        ("/v1/organizations".to_owned(), organization()),
        ("/v1/resources".to_owned(), hotel.resource(5)),
        ("/v1/payments".to_owned(), payment),
    ]
}

/// A series of room bookings, and what can be asked of one that is held.
async fn recurring(client: &Client) -> Vec<(String, Value)> {
    let studio = Studio::open(client, json!({"duration": 60}), &[]).await;
    let (listing, room) = studio.room(client, 1_000, json!({"duration": 30})).await;
    let mut request = with(mondays(&listing, &room, 4), "hold_minutes", 60);
    let series = client.post("/v1/series", &request).await.id(201);
    request["except"] = json!(["2031-03-17T09:00"]);
    request["also"] = json!(["2031-03-18T09:00"]);
    request["on_conflict"] = json!("skip_conflicts");
    request["lines"][0]["quantity"] = json!(2);
    let one = json!({"scope": "one", "original": "2031-03-24T09:00:00"});
    let moved = json!({"scope": "all", "start_time": "10:30", "day_shift": 1});
    let path = |name: &str| format!("/v1/series/{series}/{name}");
    vec![
        ("/v1/series".to_owned(), request),
        (path("confirm"), with(one.clone(), "skip_lapsed", true)),
        (path("reschedule"), with(moved, "on_conflict", "refuse")),
        (path("cancel"), with(one, "reason", "a holiday")),
    ]
}

/// A listing with everything that it can say of itself.
fn described(organization: &str) -> Value {
    json!({
        "organization_id": organization, "kind": "event", "status": "draft",
        "name": {"en": "Concert", "ar": "حفل"}, "summary": {"en": "x"}, "description": {"en": "x"},
        "zone": "Asia/Amman", "currency": "JOD", "categories": ["a", "b"], "tags": ["c"],
        "attributes": {"seats": 12, "covered": true, "area": 1.5, "wood": "oak"},
        "address": {"lines": ["1"], "locality": "Amman", "postcode": "11181", "country": "JO"},
        "location": {"latitude": 31.95, "longitude": 35.92},
        "contact": {"email": "a@example.com", "phone": "+96265550100"},
        "images": [{"url": "https://example.com/a.jpg", "alt": {"en": "x"}, "width": 1}],
    })
}

fn organization() -> Value {
    json!({
        "name": {"en": "Nights of Amman"}, "contact": {"website": "https://example.com"},
        "zone": "Asia/Amman", "currency": "JOD", "weekend": "fri_sat",
    })
}

/// Changes one value somewhere in the tree.
fn mutate(value: &mut Value, chance: &mut StdRng) {
    match value {
        Value::Object(members) if !members.is_empty() && chance.random_range(0..8) != 0 => {
            let at = chance.random_range(0..members.len());
            let name = members.keys().nth(at).cloned().expect("it is there");
            match chance.random_range(0..10) {
                0 => drop(members.remove(&name)),
                1 => drop(members.insert(format!("{name}x"), strange(chance))),
                _ => mutate(&mut members[&name], chance),
            }
        }
        Value::Array(items) if !items.is_empty() && chance.random_range(0..8) != 0 => {
            let at = chance.random_range(0..items.len());
            match chance.random_range(0..6) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => mutate(&mut items[at], chance),
            }
        }
        Value::Number(number) if chance.random_range(0..2) == 0 => {
            let near = number.as_i64().unwrap_or_default();
            *value = json!(near.saturating_add(chance.random_range(-3..4)));
        }
        Value::String(text) if chance.random_range(0..2) == 0 => {
            let mut characters: Vec<char> = text.chars().collect();
            let at = chance.random_range(0..=characters.len());
            let odd = ['0', '9', '-', ' ', '\u{0}', '\u{7f}', '\u{202e}', '\'', 'é', '😀'];
            characters.insert(at, odd[chance.random_range(0..odd.len())]);
            *text = characters.into_iter().collect();
        }
        other => *other = strange(chance),
    }
}

fn strange(chance: &mut StdRng) -> Value {
    let values = [
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1),
        json!(2_147_483_648_u64),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(0.1),
        json!(1e300),
        json!(""),
        json!("\u{0}"),
        json!("x".repeat(2_000)),
        json!("2031-05-11"),
        json!("9999-12-31"),
        json!("0001-01-01"),
        json!("EUR"),
        json!("JPY"),
        json!([]),
        json!({}),
        json!([[]]),
        json!({"en": "x"}),
        json!("018f3c1e-0000-7000-8000-000000000000"),
        json!("Africa/Cairo"),
        json!("24:00"),
    ];
    values[chance.random_range(0..values.len())].clone()
}

fn scramble(bytes: &mut Vec<u8>, chance: &mut StdRng) {
    let at = chance.random_range(0..bytes.len().max(1));
    match chance.random_range(0..3) {
        0 => bytes.truncate(at),
        1 => bytes.insert(at, chance.random()),
        _ => bytes[at] = chance.random(),
    }
}
