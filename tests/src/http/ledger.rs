//! The ledger and what partners are owed, from the sale to the payout.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Hotel, World, run, said, with};

fn euros(minor: u64) -> Value {
    json!({"minor": minor, "currency": "EUR"})
}

/// A partner at fifteen per cent, whose nights cost 125.50, taxes of 25.10 in them. Half is kept of what is called off.
async fn partner(client: &Client) -> Hotel {
    let hotel = Hotel::open(client, 5).await;
    let organization = json!({
        "id": hotel.organization,
        "name": {"en": "Houses by the Sea"},
        "zone": "Europe/Lisbon",
        "currency": "EUR",
        "weekend": "sat_sun",
        "occurred_at": "2024-01-01T08:00:00Z",
    });
    client.post("/v1/organizations", &organization).await.expect(201);
    let path = format!("/v1/organizations/{}/commission", hotel.organization);
    let agreed = json!({"basis_points": 1_500, "occurred_at": "2024-01-02T08:00:00Z"});
    let answer = client.post(&path, &agreed).await;
    answer.expect(200);
    let path =
        format!("/v1/organizations/{}?min_position={}", hotel.organization, answer.position());
    assert_eq!(client.get(&path).await.expect(200)["commission_basis_points"], 1_500);
    let selling = json!({
        "taxes": [{"code": "vat", "name": {"en": "VAT"}, "rate": 2_500, "included": true}],
        "policy": {"tiers": [{"fee": {"percent": 5_000}}]},
    });
    client.patch(&format!("/v1/listings/{}", hotel.listing), &selling).await.expect(200);
    hotel
}

async fn sell(client: &Client, hotel: &Hotel, arrival: &str, departure: &str) -> String {
    let order = with(hotel.booking(arrival, departure), "occurred_at", "2024-02-01T10:00:00Z");
    client.post("/v1/bookings", &order).await.id(201)
}

async fn pay(client: &Client, booking: &str, minor: u64, method: &str, at: &str) -> String {
    let body = json!({
        "booking_id": booking, "amount": euros(minor), "method": method, "occurred_at": at,
    });
    client.post("/v1/payments", &body).await.id(201)
}

/// What is on the accounts at the end of a day, by code.
async fn balances(client: &Client, hotel: &Hotel, at: &str) -> Vec<(String, i64)> {
    let (organization, head) = (&hotel.organization, client.head().await);
    let path =
        format!("/v1/ledger/balances?organization_id={organization}&at={at}&min_position={head}");
    let found = client.get(&path).await.expect(200);
    let items = found["items"].as_array().expect("a list").clone();
    assert!(items.len() <= 1, "one currency: {found}");
    let accounts = items.iter().flat_map(|item| {
        assert_eq!((&item["currency"], &item["total_minor"]), (&json!("EUR"), &json!(0)));
        item["accounts"].as_array().expect("a list").clone()
    });
    let told = |account: Value| {
        let code = account["account"].as_str().expect("a code").to_owned();
        (code, account["amount_minor"].as_i64().expect("an amount"))
    };
    accounts.map(told).collect()
}

fn accounts(expected: &[(&str, i64)]) -> Vec<(String, i64)> {
    expected.iter().map(|(account, minor)| ((*account).to_owned(), *minor)).collect()
}

async fn statement(client: &Client, hotel: &Hotel, from: &str, to: &str) -> Value {
    let (organization, head) = (&hotel.organization, client.head().await);
    let path = format!(
        "/v1/payouts?organization_id={organization}&from={from}&to={to}&min_position={head}"
    );
    client.get(&path).await.expect(200)
}

async fn pay_out(client: &Client, hotel: &Hotel, (from, to): (&str, &str), minor: u64) -> Answer {
    let body = json!({
        "organization_id": hotel.organization,
        "from": from,
        "to": to,
        "amount": euros(minor),
        "reference": "SEPA 17",
        "paid_on": to,
    });
    client.post("/v1/payouts", &body).await
}

#[tokio::test]
async fn a_sale_is_followed_from_its_deposit_to_its_refund() {
    let world = World::start().await;
    let client = world.client();
    let hotel = partner(&client).await;
    let booking = sell(&client, &hotel, "2024-03-10", "2024-03-12").await;
    assert_eq!(balances(&client, &hotel, "2024-02-01").await, []);
    pay(&client, &booking, 8_000, "bank_transfer", "2024-02-03T10:00:00Z").await;
    let deposit = [("cash:bank_transfer", 8_000), ("deposits", -8_000)];
    assert_eq!(balances(&client, &hotel, "2024-02-03").await, accounts(&deposit));

    // put off by a day and a night longer: 376.50
    let line = hotel.line("2024-03-11", "2024-03-14");
    let longer = json!({"lines": [line], "occurred_at": "2024-02-05T10:00:00Z"});
    client.post(&format!("/v1/bookings/{booking}/amend"), &longer).await.expect(200);
    let rest = pay(&client, &booking, 29_650, "cash", "2024-03-11T15:00:00Z").await;
    let first_night = [
        ("cash:on_site", 29_650),
        ("cash:bank_transfer", 8_000),
        ("deposits", -25_100),
        ("revenue", -10_040),
        ("tax_payable", -2_510),
        ("commission", -1_506),
        ("partner_payable", 1_506),
    ];
    assert_eq!(balances(&client, &hotel, "2024-03-11").await, accounts(&first_night));
    let all_nights = [
        ("cash:on_site", 29_650),
        ("cash:bank_transfer", 8_000),
        ("revenue", -30_120),
        ("tax_payable", -7_530),
        ("commission", -4_518),
        ("partner_payable", 4_518),
    ];
    assert_eq!(balances(&client, &hotel, "2024-03-31").await, accounts(&all_nights));

    // called off on the second day after all: half is kept, and half is due back
    let cancel = json!({"occurred_at": "2024-03-12T09:00:00Z"});
    client.post(&format!("/v1/bookings/{booking}/cancel"), &cancel).await.expect(200);
    assert_eq!(balances(&client, &hotel, "2024-03-11").await, accounts(&first_night));
    let called_off = [
        ("cash:on_site", 29_650),
        ("cash:bank_transfer", 8_000),
        ("refunds_due", -18_825),
        ("cancellation_fees", -18_825),
        ("commission", -2_824),
        ("partner_payable", 2_824),
    ];
    assert_eq!(balances(&client, &hotel, "2024-03-31").await, accounts(&called_off));
    let refund = json!({"amount": euros(18_825), "occurred_at": "2024-03-13T09:00:00Z"});
    client.post(&format!("/v1/payments/{rest}/refund"), &refund).await.expect(200);
    let refunded = [
        ("cash:on_site", 10_825),
        ("cash:bank_transfer", 8_000),
        ("cancellation_fees", -18_825),
        ("commission", -2_824),
        ("partner_payable", 2_824),
    ];
    assert_eq!(balances(&client, &hotel, "2024-03-31").await, accounts(&refunded));

    // paid on site, the money is with the partner, who owes the commission
    let march = statement(&client, &hotel, "2024-03-01", "2024-04-01").await;
    let item = &march["items"][0];
    assert_eq!(item["earned_minor"], 18_825, "{march}");
    assert_eq!((&item["fees_minor"], &item["collected_minor"]), (&json!(18_825), &json!(0)));
    assert_eq!(item["collected_elsewhere_minor"], 18_825);
    assert_eq!((&item["commission_minor"], &item["owed_minor"]), (&json!(2_824), &json!(-2_824)));
    let refused = pay_out(&client, &hotel, ("2024-03-01", "2024-04-01"), 1).await;
    assert_eq!(refused.problem(422, "policy-refusal")["reason"], "exceeds_owed");

    told_in_entries(&client, &hotel, &booking).await;
    let mut command = run(&["projections", "verify", "ledger"]);
    let output = command.env("DATABASE_URL", world.database_url()).output().await;
    let output = output.expect("the command runs");
    assert!(output.status.success(), "{}", said(&output));
    let rebuilt = client.post("/v1/projections/ledger/rebuild", &json!({})).await;
    assert!(rebuilt.status < 300, "{}", rebuilt.text());
    assert_eq!(balances(&client, &hotel, "2024-03-31").await, accounts(&refunded));
}

/// Entries come in pages, and each transaction sums to zero.
async fn told_in_entries(client: &Client, hotel: &Hotel, booking: &str) {
    let mut sums = std::collections::BTreeMap::<i64, i64>::new();
    let (mut cursor, mut count) = (String::new(), 0);
    loop {
        let path = format!("/v1/ledger/entries?booking_id={booking}&limit=7{cursor}");
        let page = client.get(&path).await.expect(200);
        for entry in page["items"].as_array().expect("a list") {
            assert_eq!(entry["organization_id"], json!(hotel.organization));
            let transaction = entry["transaction"].as_i64().expect("a position");
            *sums.entry(transaction).or_default() += entry["amount_minor"].as_i64().unwrap();
            count += 1;
        }
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }
    assert!(count > 20 && sums.values().all(|sum| *sum == 0), "{count}: {sums:?}");
    let organization = &hotel.organization;
    let path = format!(
        "/v1/ledger/entries?organization_id={organization}&account=cancellation_fees&from=2024-03-12&to=2024-03-13"
    );
    let fees = client.get(&path).await.expect(200);
    let [fee] = &fees["items"].as_array().expect("a list")[..] else { panic!("{fees}") };
    assert_eq!(
        (&fee["amount_minor"], &fee["cause"]),
        (&json!(-18_825), &json!("booking.cancelled"))
    );
    client.get("/v1/ledger/entries?account=gold").await.problem(400, "bad-query");
}

#[tokio::test]
async fn only_the_operator_says_what_partners_pay_and_were_paid() {
    let world = World::start().await;
    let client = world.client();
    let hotel = partner(&client).await;
    let key = json!({"name": "desk", "rights": ["book", "read", "record_past", "set_price"]});
    let made = client.post("/v1/api-keys", &key).await.expect(201);
    let desk = client.with_key(made["key"].as_str().expect("the key, this once"));
    let path = format!("/v1/organizations/{}/commission", hotel.organization);
    desk.post(&path, &json!({"basis_points": 0})).await.problem(403, "forbidden");
    pay_out(&desk, &hotel, ("2024-03-01", "2024-04-01"), 1).await.problem(403, "forbidden");
    let withdraw = format!("/v1/payouts/{}/withdraw", uuid::Uuid::now_v7());
    let body = json!({"organization_id": hotel.organization});
    desk.post(&withdraw, &body).await.problem(403, "forbidden");
    client.post(&withdraw, &body).await.problem(404, "not-found");
    let head = client.head().await;
    client.post(&path, &json!({"basis_points": 1_500})).await.expect(200);
    assert_eq!(client.head().await, head, "a repeat is not a new fact");
    let problem = client.post(&path, &json!({"basis_points": 10_001})).await;
    assert_eq!(problem.problem(422, "bad-value")["errors"][0]["field"], "/basis_points");
    for query in ["balances?", "entries?booking_id=nonsense&"] {
        let path = format!("/v1/ledger/{query}at=2024-13-01");
        client.get(&path).await.problem(400, "bad-query");
    }
    let nobody = uuid::Uuid::now_v7();
    client
        .get(&format!("/v1/ledger/balances?organization_id={nobody}"))
        .await
        .problem(404, "not-found");
    let path = format!("/v1/payouts?organization_id={nobody}&from=2024-03-01&to=2024-04-01");
    client.get(&path).await.problem(404, "not-found");
    let path = format!("/v1/payouts?organization_id={nobody}&from=2024-03-01&to=2024-03-01");
    client.get(&path).await.problem(400, "bad-query");
}

#[tokio::test]
async fn a_sale_keeps_the_commission_it_was_made_with() {
    let world = World::start().await;
    let client = world.client();
    let hotel = partner(&client).await;
    sell(&client, &hotel, "2024-03-10", "2024-03-11").await;
    let path = format!("/v1/organizations/{}/commission", hotel.organization);
    client.post(&path, &json!({"basis_points": 3_000})).await.expect(200);
    sell(&client, &hotel, "2024-04-10", "2024-04-11").await;
    client.post(&path, &json!({})).await.expect(200);
    sell(&client, &hotel, "2024-05-10", "2024-05-11").await;
    for (from, to, commission) in [
        ("2024-03-01", "2024-04-01", 1_506),
        ("2024-04-01", "2024-05-01", 3_012),
        ("2024-05-01", "2024-06-01", 0),
    ] {
        let month = statement(&client, &hotel, from, to).await;
        assert_eq!(month["items"][0]["commission_minor"], commission, "{month}");
    }
}
