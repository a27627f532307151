//! Vouchers over HTTP: given out, told, used, changed, given back and withdrawn.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Hotel, World, order, with};

pub(super) fn euros(minor: u64) -> Value {
    json!({"minor": minor, "currency": "EUR"})
}

/// A hotel whose organization is registered, with taxes within its prices.
pub(super) async fn house(client: &Client) -> Hotel {
    let hotel = Hotel::open(client, 9).await;
    let body = json!({
        "id": hotel.organization, "name": {"en": "House"}, "zone": "Europe/Lisbon",
        "currency": "EUR", "weekend": "sat_sun",
    });
    client.post("/v1/organizations", &body).await.expect(201);
    let taxes =
        json!({"taxes": [{"code": "vat", "name": {"en": "VAT"}, "rate": 1_000, "included": true}]});
    client.patch(&format!("/v1/listings/{}", hotel.listing), &taxes).await.expect(200);
    hotel
}

pub(super) fn voucher(hotel: &Hotel, code: &str, terms: &Value) -> Value {
    let mut body = json!({"organization_id": hotel.organization, "code": code});
    body.as_object_mut().unwrap().extend(terms.as_object().unwrap().clone());
    body
}

pub(super) async fn give_out(client: &Client, hotel: &Hotel, code: &str, terms: &Value) -> String {
    client.post("/v1/vouchers", &voucher(hotel, code, terms)).await.id(201)
}

pub(super) async fn shown(client: &Client, kind: &str, id: &str) -> Value {
    let path = format!("/v1/{kind}/{id}?min_position={}", client.head().await);
    client.get(&path).await.expect(200)
}

/// Two nights of 125.50 each, and the voucher.
fn stay(hotel: &Hotel, code: &str) -> Value {
    with(hotel.booking("2031-06-10", "2031-06-12"), "voucher_code", code)
}

async fn refused(client: &Client, request: &Value) -> Value {
    let problem = client.post("/v1/bookings", request).await.problem(422, "policy-refusal");
    assert_eq!(problem["errors"][0]["field"], "/voucher_code", "{problem}");
    problem["reason"].clone()
}

#[tokio::test]
async fn a_voucher_takes_its_part_off_before_taxes_and_the_bill_says_so() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let id =
        give_out(&client, &hotel, "Summer10", &json!({"percent_off": 1_000, "max_uses": 50})).await;
    let mut quoted = stay(&hotel, "SUMMER10");
    quoted.as_object_mut().unwrap().remove("customer_id");
    let quote = client.post("/v1/quotes", &quoted).await.expect(201);
    assert_eq!(quote["voucher_code"], "Summer10");
    assert_eq!(quote["bill"]["total"], euros(22_590));
    assert_eq!(shown(&client, "vouchers", &id).await["uses"], 0, "a quote does not use it");

    let booking = client.post("/v1/bookings", &stay(&hotel, "summer10")).await.id(201);
    let booking = shown(&client, "bookings", &booking).await;
    assert_eq!(
        (&booking["voucher_id"], &booking["voucher_code"]),
        (&json!(id), &json!("Summer10"))
    );
    assert_eq!(booking["total"], euros(22_590));
    assert_eq!(
        booking["bill"],
        json!({
            "net": euros(20_536), "total": euros(22_590),
            "taxes": [{"code": "vat", "included": true, "amount": euros(2_054)}],
            "discounts": [{"voucher": "Summer10", "amount": euros(2_510)}],
        })
    );
    let charge = &booking["lines"][0]["charge"];
    assert_eq!(charge["discount"], json!({"voucher": "Summer10", "amount": euros(2_510)}));

    // nobody has the discount without a use: no booking is amended to a quote with a voucher
    let mut plain = stay(&hotel, "SUMMER10");
    plain.as_object_mut().unwrap().remove("voucher_code");
    let plain = client.post("/v1/bookings", &plain).await.id(201);
    let amend = format!("/v1/bookings/{plain}/amend");
    let refused = client.post(&amend, &json!({"quote_id": quote["id"]})).await;
    assert_eq!(refused.problem(422, "bad-value")["errors"][0]["field"], "/quote_id");
    // the quote is booked at the price that was told, and uses the voucher as well
    let by_quote = json!({"quote_id": quote["id"], "customer_id": Uuid::now_v7()});
    let again = client.post("/v1/bookings", &by_quote).await.id(201);
    assert_eq!(shown(&client, "bookings", &again).await["total"], euros(22_590));
    let voucher = shown(&client, "vouchers", &id).await;
    assert_eq!((&voucher["uses"], &voucher["left"]), (&json!(2), &json!(48)));
    assert_eq!((&voucher["given"], &voucher["state"]), (&euros(5_020), &json!("active")));
    let page = client.get(&format!("/v1/vouchers/{id}/bookings")).await.expect(200);
    assert_eq!(page["items"].as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_quote_does_not_save_the_last_use() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    give_out(&client, &hotel, "LAST", &json!({"amount_off": 1_000, "max_uses": 1})).await;
    let mut quoted = stay(&hotel, "LAST");
    quoted.as_object_mut().unwrap().remove("customer_id");
    let quote = client.post("/v1/quotes", &quoted).await.id(201);
    client.post("/v1/bookings", &stay(&hotel, "LAST")).await.expect(201);
    let by_quote = json!({"quote_id": quote, "customer_id": Uuid::now_v7()});
    assert_eq!(refused(&client, &by_quote).await, "voucher_used_up");
    client.post("/v1/quotes", &quoted).await.problem(422, "policy-refusal");
    let both = with(by_quote, "voucher_code", "LAST");
    let problem = client.post("/v1/bookings", &both).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/voucher_code");
}

#[tokio::test]
async fn each_refusal_has_its_name_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let (past, future) = ("2020-01-01T00:00:00Z", "2040-01-01T00:00:00Z");
    for (code, terms, reason) in [
        ("GONE", json!({"percent_off": 1, "valid_until": past}), "voucher_expired"),
        ("SOON", json!({"percent_off": 1, "valid_from": future}), "voucher_not_yet_valid"),
        ("MUCH", json!({"percent_off": 1, "minimum": 25_101}), "voucher_minimum"),
        ("POOR", json!({"amount_off": 500, "budget": 499}), "voucher_budget"),
        ("ELSE", json!({"percent_off": 1, "offers": ["adult"]}), "voucher_not_for_this"),
        ("YENS", json!({"amount_off": 5, "currency": "JPY"}), "currency_mismatch"),
    ] {
        give_out(&client, &hotel, code, &terms).await;
        let head = client.head().await;
        assert_eq!(refused(&client, &stay(&hotel, code)).await, reason);
        assert_eq!(client.head().await, head, "nothing is written");
    }
    let id = give_out(&client, &hotel, "BACK", &json!({"percent_off": 1})).await;
    let path = format!("/v1/vouchers/{id}/withdraw");
    assert_eq!(client.post(&path, &json!({})).await.expect(200)["status"], "withdrawn");
    client.post(&path, &json!({})).await.expect(200);
    assert_eq!(refused(&client, &stay(&hotel, "BACK")).await, "voucher_withdrawn");
    give_out(&client, &hotel, "ONCE", &json!({"percent_off": 1, "max_uses_per_customer": 1})).await;
    let mine = stay(&hotel, "ONCE");
    client.post("/v1/bookings", &mine).await.expect(201);
    assert_eq!(refused(&client, &mine).await, "voucher_used_up_by_customer");
    client.post("/v1/bookings", &stay(&hotel, "ONCE")).await.expect(201);
}

#[tokio::test]
async fn a_voucher_of_another_organization_is_none() {
    let world = World::start().await;
    let client = world.client();
    let (hotel, other) = (house(&client).await, house(&client).await);
    give_out(&client, &other, "THEIRS", &json!({"percent_off": 1_000})).await;
    let head = client.head().await;
    let request = stay(&hotel, "THEIRS");
    for path in ["/v1/bookings", "/v1/quotes"] {
        let mut request = request.clone();
        if path == "/v1/quotes" {
            request.as_object_mut().unwrap().remove("customer_id");
        }
        let problem = client.post(path, &request).await.problem(422, "bad-value");
        assert_eq!(problem["errors"][0]["field"], "/voucher_code");
        assert_eq!(problem["reason"], "voucher_not_found");
    }
    assert_eq!(client.head().await, head);
    // the same code is one voucher in each organization
    give_out(&client, &hotel, "theirs", &json!({"percent_off": 1_000})).await;
    client.post("/v1/bookings", &request).await.expect(201);
    let again = voucher(&hotel, "THEIRS", &json!({"percent_off": 500}));
    let problem = client.post("/v1/vouchers", &again).await.problem(409, "already-exists");
    assert_eq!(problem["errors"][0]["field"], "/code");
}

#[tokio::test]
async fn bad_vouchers_are_named_by_their_field() {
    let world = World::start().await;
    let client = world.client();
    let (hotel, other) = (house(&client).await, house(&client).await);
    let head = client.head().await;
    let block = |session: &str| json!([{"session_id": session, "offer": "a", "quantity": 1}]);
    let nowhere = Uuid::now_v7().to_string();
    for (terms, field) in [
        (json!({"amount_off": -1}), "/amount_off"),
        (json!({"fixed_price": -5}), "/fixed_price"),
        (json!({"percent_off": 10_001}), "/percent_off"),
        (json!({"percent_off": 1, "amount_off": 1}), "/percent_off"),
        (json!({}), "/percent_off"),
        (json!({"percent_off": 1, "max_uses": 0}), "/max_uses"),
        (json!({"percent_off": 1, "budget": -1}), "/budget"),
        (json!({"percent_off": 1, "currency": "XXX"}), "/currency"),
        (json!({"percent_off": 1, "code": "no spaces"}), "/code"),
        (json!({"percent_off": 1, "organization_id": nowhere}), "/organization_id"),
        (json!({"percent_off": 1, "listings": [other.listing]}), "/listings/0"),
        (json!({"percent_off": 1, "listings": [nowhere]}), "/listings/0"),
        (json!({"percent_off": 1, "blocks": block(&nowhere)}), "/valid_until"),
        (
            json!({"percent_off": 1, "valid_until": "2040-01-01T00:00:00Z", "blocks": block(&nowhere)}),
            "/blocks/0/session_id",
        ),
    ] {
        let body = voucher(&hotel, "BAD", &terms);
        let problem = client.post("/v1/vouchers", &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
    }
    let problem = client.post("/v1/bookings", &stay(&hotel, "x")).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/voucher_code");
    assert_eq!(client.head().await, head, "nothing is written");
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_uses_do_not_disturb_an_edit() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let terms = json!({"percent_off": 1_000, "max_uses": 5, "budget": 90_000});
    let id = give_out(&client, &hotel, "EDIT", &terms).await;
    let path = format!("/v1/vouchers/{id}");
    let told = client.get(&format!("{path}?min_position={}", client.head().await)).await;
    let tag = told.header("etag").to_owned();
    client.post("/v1/bookings", &stay(&hotel, "EDIT")).await.expect(201);
    let patch = json!({"max_uses": null, "percent_off": null, "amount_off": 700});
    let headers = [("if-match", &*tag)];
    client.patch_with(&path, &patch, &headers).await.expect(200);
    client.patch_with(&path, &patch, &headers).await.problem(412, "precondition-failed");
    let voucher = shown(&client, "vouchers", &id).await;
    assert_eq!((&voucher["amount_off"], &voucher["budget"]), (&json!(700), &json!(90_000)));
    assert_eq!((&voucher["max_uses"], &voucher["uses"]), (&Value::Null, &json!(1)));
    let history = client.get(&format!("{path}/history")).await.expect(200);
    let events: Vec<_> =
        history["items"].as_array().unwrap().iter().map(|e| &e["event_type"]).collect();
    assert_eq!(events, ["created", "used", "revised"]);
    let problem = client.patch(&path, &json!({"amount_off": -1})).await.any_problem();
    assert_eq!(problem["errors"][0]["field"], "/amount_off");
    let problem = client.patch(&path, &json!({"code": "OTHER"})).await.any_problem();
    assert_eq!(problem["errors"][0]["field"], "/code");
}

#[tokio::test]
async fn a_booking_that_ends_gives_its_use_back_and_one_that_changes_its_part() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let terms = json!({"amount_off": 3_000, "max_uses": 1, "budget": 3_000});
    let id = give_out(&client, &hotel, "ONE", &terms).await;
    let lines = [hotel.line("2031-06-10", "2031-06-12"), hotel.line("2031-06-20", "2031-06-21")];
    let request = with(hotel.order(&lines), "voucher_code", "ONE");
    let standing = async || {
        let voucher = shown(&client, "vouchers", &id).await;
        (voucher["uses"].clone(), voucher["given"]["minor"].clone())
    };
    for end in ["cancel", "decline"] {
        let request =
            if end == "decline" { with(request.clone(), "request", true) } else { request.clone() };
        let booking = client.post("/v1/bookings", &request).await.id(201);
        assert_eq!(standing().await, (json!(1), json!(3_000)));
        assert_eq!(refused(&client, &request).await, "voucher_used_up");
        client.post(&format!("/v1/bookings/{booking}/{end}"), &json!({})).await.expect(200);
        assert_eq!(standing().await, (json!(0), json!(0)));
    }
    let booking = client.post("/v1/bookings", &request).await.id(201);
    let told = shown(&client, "bookings", &booking).await;
    let totals = |told: &Value| {
        let lines = told["lines"].as_array().unwrap().iter();
        lines.map(|line| line["total"]["minor"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(totals(&told), [25_100 - 2_000, 12_550 - 1_000]);
    // a line that is put off keeps its share
    let later = json!({"lines": [{"line": 1, "arrival": "2031-07-01", "departure": "2031-07-03"}]});
    client.post(&format!("/v1/bookings/{booking}/reschedule"), &later).await.expect(200);
    let told = shown(&client, "bookings", &booking).await;
    assert_eq!(totals(&told), [25_100 - 2_000, 25_100 - 1_000]);
    // a line that is called off gives its part back
    let cancel = json!({"lines": [0]});
    client.post(&format!("/v1/bookings/{booking}/cancel"), &cancel).await.expect(200);
    assert_eq!(totals(&shown(&client, "bookings", &booking).await), [25_100 - 1_000]);
    assert_eq!(standing().await, (json!(1), json!(1_000)));
    // amended anew, it has all of it, withdrawn or not
    client.post(&format!("/v1/vouchers/{id}/withdraw"), &json!({})).await.expect(200);
    let amend = json!({"lines": [hotel.line("2031-06-10", "2031-06-11")]});
    client.post(&format!("/v1/bookings/{booking}/amend"), &amend).await.expect(200);
    assert_eq!(totals(&shown(&client, "bookings", &booking).await), [12_550 - 3_000]);
    assert_eq!(standing().await, (json!(1), json!(3_000)));
    let audit = world.audit().await;
    audit.assert_sound().await;
}

#[tokio::test]
async fn a_hold_counts_until_its_deadline_by_itself() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let id = give_out(&client, &hotel, "HELD", &json!({"percent_off": 1_000, "max_uses": 1})).await;
    let soon = chrono::Utc::now() + chrono::TimeDelta::milliseconds(1_500);
    let held = with(stay(&hotel, "HELD"), "hold_until", soon.to_rfc3339());
    let booking = client.post("/v1/bookings", &held).await.id(201);
    let voucher = shown(&client, "vouchers", &id).await;
    assert_eq!((&voucher["uses"], &voucher["held"]), (&json!(1), &json!(1)));
    assert_eq!(refused(&client, &stay(&hotel, "HELD")).await, "voucher_used_up");
    let left = (soon - chrono::Utc::now()).to_std().unwrap_or_default();
    tokio::time::sleep(left + std::time::Duration::from_millis(20)).await;
    let next = client.post("/v1/bookings", &stay(&hotel, "HELD")).await.id(201);
    let confirm = client.post(&format!("/v1/bookings/{booking}/confirm"), &json!({})).await;
    assert_eq!(confirm.status, 422, "{}", confirm.text());
    let voucher = shown(&client, "vouchers", &id).await;
    assert_eq!((&voucher["uses"], &voucher["held"]), (&json!(1), &json!(0)));
    client.post(&format!("/v1/bookings/{next}/cancel"), &json!({})).await.expect(200);
}

/// An evening with a lawn of ten and two rows of three seats.
pub(super) async fn evening(client: &Client, organization: &str) -> (String, String) {
    let listing = json!({
        "organization_id": organization, "kind": "event", "name": {"en": "Evening"},
        "zone": "Europe/Lisbon", "currency": "EUR",
    });
    let listing = client.post("/v1/listings", &listing).await.id(201);
    let offer = |code: &str, most: Value| {
        json!({
            "code": code, "name": {"en": code}, "price": euros(2_000), "most": most,
            "draws": [{"pool": code, "places": 1}],
        })
    };
    let row = |name: &str| json!({"name": name, "seats": [1, 2, 3]});
    let session = json!({
        "listing_id": listing, "start": "2031-06-24T17:00:00Z", "end": "2031-06-24T20:00:00Z",
        "seat_map": [{"code": "stalls", "rows": [row("A"), row("B")]}],
        "pools": [
            {"code": "lawn", "capacity": 10},
            {"code": "stalls", "capacity": 6, "sections": ["stalls"]},
        ],
        "offers": [offer("lawn", json!(4)), offer("stalls", Value::Null)],
    });
    let session = client.post("/v1/sessions", &session).await.id(201);
    (listing, session)
}

pub(super) fn places(listing: &str, session: &str, offer: &str, quantity: u32) -> Value {
    order(listing, &[json!({"session_id": session, "offer": offer, "quantity": quantity})])
}

#[tokio::test]
async fn what_is_set_aside_is_taken_by_who_has_the_voucher_and_free_when_it_ends() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let (listing, session) = evening(&client, &hotel.organization).await;
    let blocks = |lawn: u32, stalls: u32| {
        json!([
            {"session_id": session, "offer": "lawn", "quantity": lawn},
            {"session_id": session, "offer": "stalls", "quantity": stalls},
        ])
    };
    let terms = |lawn, stalls| json!({"fixed_price": 1_500, "valid_until": "2031-06-20T00:00:00Z", "blocks": blocks(lawn, stalls)});
    let free = async || {
        let told = shown(&client, "sessions", &session).await;
        let offers = told["offers"].as_array().unwrap().iter();
        offers.map(|offer| offer["left"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    // more than there is cannot be set aside, and then there is no voucher
    let head = client.head().await;
    let problem = client.post("/v1/vouchers", &voucher(&hotel, "CLUB", &terms(11, 1))).await;
    problem.problem(409, "sold-out");
    assert_eq!(client.head().await, head);
    let id = give_out(&client, &hotel, "CLUB", &terms(6, 3)).await;
    assert_eq!(free().await, [4, 3]);
    client.post("/v1/bookings", &places(&listing, &session, "lawn", 4)).await.expect(201);
    let one = places(&listing, &session, "lawn", 1);
    client.post("/v1/bookings", &one).await.problem(409, "sold-out");

    let club = with(places(&listing, &session, "lawn", 4), "voucher_code", "CLUB");
    let booking = client.post("/v1/bookings", &club).await.id(201);
    let told = shown(&client, "bookings", &booking).await;
    assert_eq!((&told["total"], free().await), (&euros(6_000), vec![0, 3]));
    // limits are those of the order: no more than four, set aside or not
    let more = with(places(&listing, &session, "lawn", 5), "voucher_code", "CLUB");
    assert_eq!(
        client.post("/v1/bookings", &more).await.problem(422, "policy-refusal")["reason"],
        "too_many"
    );
    // a seat that is set aside is anybody's with the voucher, and nobody's without
    let seat = |seat: &str| {
        let line =
            json!({"session_id": session, "offer": "stalls", "quantity": 1, "seats": [seat]});
        order(&listing, &[line])
    };
    client.post("/v1/bookings", &seat("stalls/A-2")).await.problem(409, "sold-out");
    let seated = with(seat("stalls/A-2"), "voucher_code", "club");
    let seated = client.post("/v1/bookings", &seated).await.id(201);
    assert_eq!(free().await, [0, 3]);
    // given back, it is set aside again
    for booking in [&booking, &seated] {
        client.post(&format!("/v1/bookings/{booking}/cancel"), &json!({})).await.expect(200);
    }
    assert_eq!(free().await, [0, 3]);
    client.post("/v1/bookings", &seat("stalls/A-2")).await.problem(409, "sold-out");
    // fewer may be set aside, and none once it is withdrawn
    client.patch(&format!("/v1/vouchers/{id}"), &json!({"blocks": blocks(2, 1)})).await.expect(200);
    assert_eq!(free().await, [4, 5]);
    client.post(&format!("/v1/vouchers/{id}/withdraw"), &json!({})).await.expect(200);
    assert_eq!(free().await, [6, 6]);
    let audit = world.audit().await;
    audit.assert_sound().await;
}

#[tokio::test]
async fn what_is_set_aside_is_free_at_the_end_of_the_voucher_by_itself() {
    let world = World::start().await;
    let client = world.client();
    let hotel = house(&client).await;
    let (listing, session) = evening(&client, &hotel.organization).await;
    let soon = chrono::Utc::now() + chrono::TimeDelta::milliseconds(1_500);
    let blocks = json!([{"session_id": session, "offer": "stalls", "quantity": 6}]);
    let terms = json!({"percent_off": 0, "valid_until": soon.to_rfc3339(), "blocks": blocks});
    give_out(&client, &hotel, "SOON", &terms).await;
    let all = places(&listing, &session, "stalls", 6);
    client.post("/v1/bookings", &all).await.problem(409, "sold-out");
    let left = (soon - chrono::Utc::now()).to_std().unwrap_or_default();
    tokio::time::sleep(left + std::time::Duration::from_millis(20)).await;
    assert_eq!(
        refused(&client, &with(all.clone(), "voucher_code", "SOON")).await,
        "voucher_expired"
    );
    client.post("/v1/bookings", &all).await.expect(201);
    let audit = world.audit().await;
    audit.assert_sound().await;
}

#[tokio::test]
async fn vouchers_are_found_by_organization_code_and_state() {
    let world = World::start().await;
    let client = world.client();
    let (hotel, other) = (house(&client).await, house(&client).await);
    let once = json!({"percent_off": 1_000, "max_uses": 1});
    let used = give_out(&client, &hotel, "USED", &once).await;
    client.post("/v1/bookings", &stay(&hotel, "USED")).await.expect(201);
    let open = give_out(&client, &hotel, "OPEN", &once).await;
    let later = json!({"percent_off": 1, "valid_from": "2040-01-01T00:00:00Z"});
    let later = give_out(&client, &hotel, "LATER", &later).await;
    let theirs = give_out(&client, &other, "open", &once).await;
    let head = client.head().await;
    let found = async |query: &str| {
        let path = format!("/v1/vouchers?min_position={head}&{query}");
        let page = client.get(&path).await.expect(200);
        let items = page["items"].as_array().unwrap().iter();
        items.map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found("").await, [&*used, &open, &later, &theirs]);
    assert_eq!(found("code=Open").await, [&*open, &theirs]);
    assert_eq!(found(&format!("organization_id={}", other.organization)).await, [&*theirs]);
    assert_eq!(found("state=used_up").await, [&*used]);
    assert_eq!(found("state=upcoming").await, [&*later]);
    assert_eq!(found("state=active&limit=1").await, [&*open]);
    let bookings = client.get(&format!("/v1/bookings?voucher_id={used}")).await.expect(200);
    assert_eq!(bookings["items"].as_array().map(Vec::len), Some(1));
    client.get(&format!("/v1/vouchers/{}", Uuid::now_v7())).await.problem(404, "not-found");
}
