//! Add-ons over HTTP: offered, taken with bookings, given back, told and refused.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Hotel, World, with};

fn euros(minor: u64) -> Value {
    json!({"minor": minor, "currency": "EUR"})
}

/// A hotel whose organization is registered, with a tax that is added to its prices.
async fn house(client: &Client) -> Hotel {
    let hotel = Hotel::open(client, 9).await;
    let body = json!({
        "id": hotel.organization, "name": {"en": "House"}, "zone": "Europe/Lisbon",
        "currency": "EUR", "weekend": "sat_sun",
    });
    client.post("/v1/organizations", &body).await.expect(201);
    let taxes = json!({"taxes": [{"code": "vat", "name": {"en": "VAT"}, "rate": 1_000}]});
    client.patch(&format!("/v1/listings/{}", hotel.listing), &taxes).await.expect(200);
    hotel
}

async fn offer(client: &Client, hotel: &Hotel, terms: &Value) -> String {
    let mut body = json!({
        "organization_id": hotel.organization, "name": {"en": "Something"}, "price": euros(1_000),
    });
    body.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
    client.post("/v1/add-ons", &body).await.id(201)
}

async fn shown(client: &Client, kind: &str, id: &str) -> Value {
    let path = format!("/v1/{kind}/{id}?min_position={}", client.head().await);
    client.get(&path).await.expect(200)
}

async fn left(client: &Client, id: &str, day: &str) -> Value {
    client.get(&format!("/v1/add-ons/{id}/left?day={day}")).await.expect(200)["left"].clone()
}

/// Two nights from 10 June 2031 for two adults and a child, and an add-on.
fn stay(hotel: &Hotel, add_on: &str, quantity: u32) -> Value {
    let request = hotel.booking("2031-06-10", "2031-06-12");
    let request = with(request, "party", json!({"adults": 2, "children": 1}));
    with(request, "add_ons", json!([{"add_on_id": add_on, "quantity": quantity}]))
}

#[tokio::test]
async fn an_add_on_is_a_line_of_the_bill_and_counted_in_its_own_stock() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let terms = json!({"charged": "per_person_night", "stock_per_day": 5});
    let breakfast = offer(&client, &hotel, &terms).await;
    let mut quoted = stay(&hotel, &breakfast, 1);
    quoted.as_object_mut().unwrap().remove("customer_id");
    let quote = client.post("/v1/quotes", &quoted).await.expect(201);
    // 251.00 of nights and six breakfasts of 10.00, and a tenth of taxes
    assert_eq!(quote["bill"]["total"], euros(27_610 + 6_600));
    assert_eq!(left(&client, &breakfast, "2031-06-10").await, 5, "a quote takes nothing");
    let by_quote = json!({"quote_id": quote["id"], "customer_id": Uuid::now_v7()});
    let booking = client.post("/v1/bookings", &by_quote).await.id(201);
    let told = shown(&client, "bookings", &booking).await;
    assert_eq!(told["total"], euros(34_210));
    assert_eq!(
        (&told["arrival"], &told["departure"]),
        (&json!("2031-06-10"), &json!("2031-06-12"))
    );
    let line = &told["lines"][1];
    assert_eq!((&line["kind"], &line["add_on_id"]), (&json!("add_on"), &json!(breakfast)));
    assert_eq!((&line["units"], &line["total"]), (&json!(6), &euros(6_600)));
    for (day, free) in [("2031-06-10", 2), ("2031-06-11", 2), ("2031-06-12", 5)] {
        assert_eq!(left(&client, &breakfast, day).await, free, "{day}");
    }
    let audit = world.audit().await;
    let taken = audit.events("calendar").await.len();
    let problem = client.post("/v1/bookings", &stay(&hotel, &breakfast, 1)).await;
    let problem = problem.problem(409, "sold-out");
    assert_eq!(audit.events("calendar").await.len(), taken, "no room without its breakfast");
    assert_eq!(audit.bookings_made().await.len(), 1);
    assert_eq!((&problem["add_on_id"], &problem["day"]), (&json!(breakfast), &json!("2031-06-10")));
    assert_eq!((&problem["free"], &problem["asked"]), (&json!(2), &json!(3)));
    client.post(&format!("/v1/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    assert_eq!(left(&client, &breakfast, "2031-06-10").await, 5);
    audit.assert_sound().await;
}

#[tokio::test]
async fn an_add_on_follows_its_booking_through_every_change() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let terms = json!({"charged": "per_night", "stock_per_day": 3});
    let parking = offer(&client, &hotel, &terms).await;
    let shirt = offer(&client, &hotel, &json!({"stock": 4})).await;
    let booking = client.post("/v1/bookings", &stay(&hotel, &parking, 1)).await.id(201);
    let total = async || shown(&client, "bookings", &booking).await["total"]["minor"].clone();
    assert_eq!(total().await, 27_610 + 2_200);
    // put off and longer: three nights elsewhere, at the price that was agreed
    client
        .patch(&format!("/v1/add-ons/{parking}"), &json!({"price": euros(9_900)}))
        .await
        .expect(200);
    let later = json!({"lines": [{"line": 0, "arrival": "2031-06-20", "departure": "2031-06-23"}]});
    client.post(&format!("/v1/bookings/{booking}/reschedule"), &later).await.expect(200);
    assert_eq!(total().await, 41_415 + 3_300);
    assert_eq!(left(&client, &parking, "2031-06-10").await, 3);
    assert_eq!(left(&client, &parking, "2031-06-22").await, 2);
    // amended: other nights keep it, other add-ons replace it
    let amend = json!({"lines": [hotel.line("2031-07-01", "2031-07-02")]});
    let path = format!("/v1/bookings/{booking}/amend");
    client.post(&path, &amend).await.expect(200);
    assert_eq!(total().await, 13_805 + 1_100);
    let replaced = json!({"add_ons": [{"add_on_id": shirt, "quantity": 3}]});
    client.post(&path, &replaced).await.expect(200);
    assert_eq!(total().await, 13_805 + 3_300);
    assert_eq!(left(&client, &parking, "2031-07-01").await, 3);
    assert_eq!(left(&client, &shirt, "2031-07-01").await, 1);
    // called off alone; and not the last that it is beside
    let cancel = format!("/v1/bookings/{booking}/cancel");
    let refused = client.post(&cancel, &json!({"lines": [0]})).await.problem(422, "policy-refusal");
    assert_eq!(refused["reason"], "nothing_left");
    client.post(&cancel, &json!({"lines": [1]})).await.expect(200);
    assert_eq!(
        (total().await, left(&client, &shirt, "2031-07-01").await),
        (json!(13_805), json!(4))
    );
    let audit = world.audit().await;
    audit.assert_sound().await;
}

#[tokio::test]
async fn a_hold_has_its_add_ons_until_its_deadline() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let last = offer(&client, &hotel, &json!({"stock": 1})).await;
    let soon = chrono::Utc::now() + chrono::TimeDelta::milliseconds(1_500);
    let held = with(stay(&hotel, &last, 1), "hold_until", soon.to_rfc3339());
    client.post("/v1/bookings", &held).await.expect(201);
    client.post("/v1/bookings", &stay(&hotel, &last, 1)).await.problem(409, "sold-out");
    let wait = (soon - chrono::Utc::now()).to_std().unwrap_or_default();
    tokio::time::sleep(wait + std::time::Duration::from_millis(20)).await;
    client.post("/v1/bookings", &stay(&hotel, &last, 1)).await.expect(201);
}

#[tokio::test]
async fn add_ons_that_cannot_be_had_are_named_by_their_field_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let (hotel, other) = (house(&client).await, house(&client).await);
    let theirs = offer(&client, &other, &json!({})).await;
    let elsewhere = offer(&client, &hotel, &json!({"listings": [hotel.listing]})).await;
    let yens = offer(&client, &hotel, &json!({"price": {"minor": 5, "currency": "JPY"}})).await;
    let few = offer(&client, &hotel, &json!({"max_per_booking": 1})).await;
    let gone = offer(&client, &hotel, &json!({})).await;
    client.post(&format!("/v1/add-ons/{gone}/withdraw"), &json!({})).await.expect(200);
    let head = client.head().await;
    for (add_on, status) in
        [(&theirs, 422), (&yens, 422), (&gone, 422), (&Uuid::now_v7().to_string(), 404)]
    {
        let answer = client.post("/v1/bookings", &stay(&hotel, add_on, 1)).await;
        assert_eq!(answer.status, status);
        let field = &answer.any_problem()["errors"][0]["field"];
        assert_eq!(field, "/add_ons/0/add_on_id");
    }
    let problem = client.post("/v1/bookings", &stay(&hotel, &few, 2)).await;
    assert_eq!(problem.problem(422, "policy-refusal")["reason"], "too_many_of_add_on");
    let mut twice = stay(&hotel, &few, 1);
    twice["add_ons"] = json!([{"add_on_id": few}, {"add_on_id": few}]);
    let problem = client.post("/v1/bookings", &twice).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/add_ons/1/add_on_id");
    for (terms, field) in [
        (json!({"price": {"minor": -1, "currency": "EUR"}}), "/price/minor"),
        (json!({"price": {"minor": 1, "currency": "XXX"}}), "/price/currency"),
        (json!({"stock": 1, "stock_per_day": 1}), "/stock_per_day"),
        (json!({"listings": [other.listing]}), "/listings/0"),
        (json!({"organization_id": Uuid::now_v7()}), "/organization_id"),
    ] {
        let mut body = json!({
            "organization_id": hotel.organization, "name": {"en": "Bad"}, "price": euros(1),
        });
        body.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
        let problem = client.post("/v1/add-ons", &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    assert_eq!(client.head().await, head, "nothing is written");
    client.post("/v1/bookings", &stay(&hotel, &elsewhere, 1)).await.expect(201);
    let organization = &hotel.organization;
    let query = format!("organization_id={organization}&status=withdrawn&min_position={head}");
    let page = client.get(&format!("/v1/add-ons?{query}")).await.expect(200);
    assert_eq!(page["items"][0]["id"], gone);
}

#[tokio::test]
async fn a_voucher_takes_nothing_off_add_ons() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let shirt = offer(&client, &hotel, &json!({})).await;
    let voucher =
        json!({"organization_id": hotel.organization, "code": "HALF", "percent_off": 5_000});
    client.post("/v1/vouchers", &voucher).await.expect(201);
    let request = with(stay(&hotel, &shirt, 1), "voucher_code", "half");
    let booking = client.post("/v1/bookings", &request).await.id(201);
    assert_eq!(shown(&client, "bookings", &booking).await["total"], euros(13_805 + 1_100));
}

#[tokio::test]
async fn nights_that_are_called_off_take_their_add_ons_along() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let parking = json!({"charged": "per_night", "stock_per_day": 3});
    let parking = offer(&client, &hotel, &parking).await;
    let shirt = offer(&client, &hotel, &json!({"charged": "per_person", "stock": 9})).await;
    let lines = [hotel.line("2031-06-10", "2031-06-12"), hotel.line("2031-06-12", "2031-06-15")];
    let request = with(hotel.order(&lines), "party", json!({"adults": 2}));
    let both = json!([{"add_on_id": parking}, {"add_on_id": shirt}]);
    let booking = client.post("/v1/bookings", &with(request, "add_ons", both)).await.id(201);
    let before = shown(&client, "bookings", &booking).await;
    assert_eq!(before["total"], euros(5 * 13_805 + 5 * 1_100 + 2 * 1_100));
    assert_eq!(left(&client, &parking, "2031-06-14").await, 2);
    let cancel = format!("/v1/bookings/{booking}/cancel");
    client.post(&cancel, &json!({"lines": [1]})).await.expect(200);
    let after = shown(&client, "bookings", &booking).await;
    // what is for the party stays, since the party does
    assert_eq!(after["total"], euros(2 * 13_805 + 2 * 1_100 + 2 * 1_100));
    assert_eq!(after["departure"], "2031-06-12");
    assert_eq!(left(&client, &parking, "2031-06-11").await, 2);
    assert_eq!(left(&client, &parking, "2031-06-14").await, 3);
    assert_eq!(left(&client, &shirt, "2031-06-14").await, 7);
    let audit = world.audit().await;
    let events = audit.events("booking").await;
    let called_off = events.iter().find(|event| event.event_type == "lines_cancelled").unwrap();
    let gone = &called_off.payload["lines_cancelled"]["cancelled"];
    assert_eq!((gone.as_array().unwrap().len(), &gone[1]["units"]), (2, &json!(3)));
    assert_eq!(gone[1]["total"], euros(3 * 1_100));
    audit.assert_sound().await;
}

#[tokio::test]
async fn of_two_who_pay_late_for_the_last_of_an_add_on_one_has_it_and_the_other_nothing() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let last = offer(&client, &hotel, &json!({"stock": 1})).await;
    let mut bookings = Vec::new();
    for minutes in [0, 10] {
        let began = chrono::Utc::now() - chrono::TimeDelta::days(1);
        let at = began + chrono::TimeDelta::minutes(minutes);
        let hold = with(stay(&hotel, &last, 1), "hold_minutes", 5);
        let hold = with(hold, "occurred_at", at.to_rfc3339());
        let booking = client.post("/v1/bookings", &hold).await.id(201);
        let payment = json!({
            "booking_id": booking, "amount": euros(27_610 + 1_100), "method": "cash",
            "captured": true,
        });
        client.post("/v1/payments", &payment).await.expect(201);
        bookings.push(booking);
    }
    assert_eq!(left(&client, &last, "2031-06-10").await, 1);
    let late = json!({"late": true});
    client.post(&format!("/v1/bookings/{}/confirm", bookings[0]), &late).await.expect(200);
    assert_eq!(left(&client, &last, "2031-06-10").await, 0);
    let refused = client.post(&format!("/v1/bookings/{}/confirm", bookings[1]), &late).await;
    assert_eq!(refused.problem(409, "sold-out")["add_on_id"], json!(last));
    let audit = world.audit().await;
    assert_eq!(audit.bookings_with("confirmed").await.len(), 1);
    audit.assert_sound().await;
    // once it is given back, who comes later still can have it
    client.post(&format!("/v1/bookings/{}/cancel", bookings[0]), &json!({})).await.expect(200);
    client.post(&format!("/v1/bookings/{}/confirm", bookings[1]), &late).await.expect(200);
    assert_eq!(left(&client, &last, "2031-06-10").await, 0);
    audit.assert_sound().await;
}

#[tokio::test]
async fn a_quote_that_is_booked_instead_brings_its_own_add_ons() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let parking = offer(&client, &hotel, &json!({"stock": 1})).await;
    let shirt = offer(&client, &hotel, &json!({"stock": 4})).await;
    let booking = client.post("/v1/bookings", &stay(&hotel, &parking, 1)).await.id(201);
    let mut quoted = stay(&hotel, &shirt, 3);
    quoted.as_object_mut().unwrap().remove("customer_id");
    let quote = client.post("/v1/quotes", &quoted).await.id(201);
    let amend = format!("/v1/bookings/{booking}/amend");
    let both = json!({"quote_id": quote, "add_ons": []});
    let problem = client.post(&amend, &both).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/add_ons");
    client.post(&amend, &json!({"quote_id": quote})).await.expect(200);
    let told = shown(&client, "bookings", &booking).await;
    assert_eq!(told["total"], euros(27_610 + 3_300));
    assert_eq!(told["lines"].as_array().unwrap().len(), 2);
    assert_eq!(left(&client, &parking, "2031-06-10").await, 1);
    assert_eq!(left(&client, &shirt, "2031-06-10").await, 1);
}
