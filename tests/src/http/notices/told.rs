//! Which facts are told, in which language, with which figures.

use serde_json::json;

use super::*;
use crate::faults::assert_projections_hold;

#[tokio::test]
async fn each_step_of_a_booking_is_told_once_in_the_customers_language() {
    let mut world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    organize(&client, &hotel, &json!({})).await;
    let policy = json!({"policy": {"tiers": [{"fee": {"percent": 10_000}}]}});
    client.patch(&format!("/v1/listings/{}", hotel.listing), &policy).await.expect(200);
    let rania = customer(&client, &hotel, "ar-JO").await;
    let order = with(hotel.booking("2031-05-30", "2031-06-01"), "customer_id", rania.clone());
    let held = client.post("/v1/bookings", &with(order, "hold_minutes", 30)).await.id(201);
    step(&client, &held, "confirm", &json!({})).await;
    step(&client, &held, "reschedule", &other_times("2031-07-01", "2031-07-04")).await;
    let payment = json!({
        "booking_id": held, "amount": {"minor": 40_000, "currency": "EUR"}, "method": "cash", "captured": true,
    });
    client.post("/v1/payments", &payment).await.expect(201);
    step(&client, &held, "cancel", &json!({})).await;

    let told = about(&client, &held).await;
    assert_eq!(each(&told, "kind"), ["held", "confirmed", "changed", "cancelled"]);
    for notice in &told {
        assert_eq!((&notice["language"], &notice["direction"]), (&json!("ar"), &json!("rtl")));
        assert_eq!(
            (&notice["state"], &notice["gateway"]),
            (&json!("delivered"), &json!("console"))
        );
        assert_eq!(notice["customer_id"], json!(rania));
        let text = visible(&notice["text"]);
        assert!(text.contains("بيت البحر") && text.contains("فنادق الساحل"), "{text}");
        assert!(text.contains(&held), "{text}");
    }
    let id = told[2]["id"].as_str().unwrap();
    let changed = client.get(&format!("/v1/notices/{id}?language=en")).await.expect(200);
    let text = visible(&changed["text"]);
    assert!(text.contains("Tuesday 1 July 2031 to Friday 4 July 2031, 3 nights"), "{text}");
    assert!(text.contains("Total: 376.50 EUR, which is 125.50 EUR more than before"), "{text}");
    let id = told[3]["id"].as_str().unwrap();
    let cancelled = client.get(&format!("/v1/notices/{id}?language=en-GB")).await.expect(200);
    assert_eq!(visible(&cancelled["subject"]), "Cancelled: House by the Sea");
    let text = visible(&cancelled["text"]);
    assert!(text.contains("Charge: 376.50 EUR\nRefund: 23.50 EUR\n"), "{text}");

    // Nothing of what was told is written into the log in words, nor anybody's name.
    for event in client.feed(0).await.iter().filter(|event| event["aggregate_type"] == "notice") {
        let event = event.to_string();
        assert!(!event.contains("رانيا") && !event.contains("حجزك"), "{event}");
    }
    // A customer's record leads to it.
    let record = client.get(&format!("/v1/customers/{rania}")).await.expect(200);
    let link = record["links"]["notices"]["href"].as_str().unwrap();
    assert_eq!(items(&client, link).await.len(), 6, "with two reminders that were withdrawn");

    // Starting again and rebuilding tell nothing a second time.
    let head = client.head().await;
    assert!(world.server().stop().await.success());
    world.server().start_again().await;
    for model in ["notices", "bookings"] {
        client.post(&format!("/v1/projections/{model}/rebuild"), &json!({})).await.expect(202);
    }
    // Nor does reading the whole log again.
    let pool = world.pool().await;
    sqlx::query("UPDATE process SET position = 0").execute(&pool).await.unwrap();
    world.server().kill();
    world.server().start_again().await;
    settled(&client).await;
    assert_eq!(client.head().await, head);
    assert_projections_hold(&world).await;
}

#[tokio::test]
async fn a_request_is_told_and_so_is_its_answer() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    let listing = format!("/v1/listings/{}", hotel.listing);
    client.patch(&listing, &json!({"on_request": true})).await.expect(200);
    let [approved, declined, extended] = [
        booked(&client, &hotel).await,
        booked(&client, &hotel).await,
        booked(&client, &hotel).await,
    ];
    step(&client, &approved, "approve", &json!({})).await;
    step(&client, &declined, "decline", &json!({"reason": "we are full"})).await;
    step(&client, &extended, "extend", &json!({"hold_minutes": 4_000})).await;
    let told = about(&client, &approved).await;
    assert_eq!(each(&told, "kind"), ["requested", "confirmed"]);
    let told = about(&client, &declined).await;
    assert_eq!(each(&told, "kind"), ["requested", "declined"]);
    assert_eq!(told[1]["subject"], "Not accepted: House by the Sea");
    let told = about(&client, &extended).await;
    assert_eq!(each(&told, "kind"), ["requested", "requested"]);
    assert_ne!(told[0]["text"], told[1]["text"], "the deadline is another");
}

#[tokio::test]
async fn a_hold_that_ends_by_itself_is_told() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let until = (Utc::now() + TimeDelta::seconds(2)).to_rfc3339();
    let order = with(hotel.booking("2031-05-30", "2031-06-01"), "hold_until", until);
    let booking = client.post("/v1/bookings", &order).await.id(201);
    eventually("the hold lapses and that is told", PATIENCE, || async {
        (each(&about(&client, &booking).await, "kind") == ["held", "lapsed"]).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_part_that_is_called_off_is_told_with_what_is_left() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let order = hotel.order(&[
        hotel.line("2031-06-01", "2031-06-02"),
        hotel.line("2031-06-10", "2031-06-12"),
        hotel.line("2031-06-20", "2031-06-25"),
    ]);
    let booking = client.post("/v1/bookings", &order).await.id(201);
    step(&client, &booking, "cancel", &json!({"lines": [2]})).await;
    let told = about(&client, &booking).await;
    assert_eq!(each(&told, "kind"), ["confirmed", "changed"]);
    let texts: Vec<_> = told.iter().map(|notice| visible(&notice["text"])).collect();
    assert!(texts[0].contains("House by the Sea and 2 more items"), "{}", texts[0]);
    assert!(texts[1].contains("House by the Sea and one more item"), "{}", texts[1]);
    assert!(
        texts[1].contains("Total: 376.50 EUR, which is 627.50 EUR less than before"),
        "{}",
        texts[1]
    );
}

#[tokio::test]
async fn without_a_record_the_only_language_of_the_listing_is_taken() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    let booking = booked(&client, &hotel).await;
    assert_eq!(each(&about(&client, &booking).await, "language"), ["en"]);
    let listing = format!("/v1/listings/{}", hotel.listing);
    client.patch(&listing, &json!({"name": {"en": null}})).await.expect(200);
    let booking = booked(&client, &hotel).await;
    assert_eq!(each(&about(&client, &booking).await, "language"), ["ar"]);
    let french = customer(&client, &hotel, "fr").await;
    let order = with(hotel.booking("2031-05-30", "2031-06-01"), "customer_id", french);
    let booking = client.post("/v1/bookings", &order).await.id(201);
    assert_eq!(each(&about(&client, &booking).await, "language"), ["ar"]);
}

#[tokio::test]
async fn what_an_organization_does_not_want_told_is_told_to_nobody() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    organize(&client, &hotel, &json!({"off": ["held", "reminder"]})).await;
    let held = || with(hotel.booking("2031-05-30", "2031-06-01"), "hold_minutes", 30);
    let booking = client.post("/v1/bookings", &held()).await.id(201);
    step(&client, &booking, "confirm", &json!({})).await;
    assert_eq!(each(&about(&client, &booking).await, "kind"), ["confirmed"]);
    assert_eq!(reminders(&client, &booking).await, Vec::<Value>::new());
    let settings = format!("/v1/organizations/{}", hotel.organization);
    client.patch(&settings, &json!({"notices": {"off": null}})).await.expect(200);
    let booking = client.post("/v1/bookings", &held()).await.id(201);
    assert_eq!(each(&about(&client, &booking).await, "kind"), ["held"]);
    let path = format!("/v1/notices?kind=held&organization_id={}", hotel.organization);
    assert_eq!(items(&client, &path).await.len(), 1);
}

#[tokio::test]
async fn history_that_is_written_down_later_is_told_to_nobody() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    // long over when it was written down
    let past =
        with(hotel.booking("2025-05-30", "2025-06-01"), "occurred_at", "2025-03-01T10:00:00Z");
    let past = client.post("/v1/bookings", &past).await.id(201);
    // yet to come, but arranged too long ago: the reminder is for what comes
    let late = with(hotel.booking("2031-05-30", "2031-06-01"), "occurred_at", ago(61));
    let late = client.post("/v1/bookings", &late).await.id(201);
    let timely = with(hotel.booking("2031-05-30", "2031-06-01"), "occurred_at", ago(59));
    let timely = client.post("/v1/bookings", &timely).await.id(201);
    assert_eq!(about(&client, &past).await, Vec::<Value>::new());
    assert_eq!(reminders(&client, &past).await, Vec::<Value>::new());
    assert_eq!(about(&client, &late).await, Vec::<Value>::new());
    assert_eq!(each(&reminders(&client, &late).await, "state"), ["waiting"]);
    assert_eq!(each(&about(&client, &timely).await, "kind"), ["confirmed"]);
}

#[tokio::test]
async fn those_whose_records_were_merged_are_found_under_the_survivor() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 3).await;
    let [one, other] =
        [customer(&client, &hotel, "en").await, customer(&client, &hotel, "ar").await];
    let order = with(hotel.booking("2031-05-30", "2031-06-01"), "customer_id", one.clone());
    let booking = client.post("/v1/bookings", &order).await.id(201);
    about(&client, &booking).await;
    let merge = json!({"into": other});
    client.post(&format!("/v1/customers/{one}/merge"), &merge).await.expect(200);
    step(&client, &booking, "cancel", &json!({})).await;
    assert_eq!(each(&about(&client, &booking).await, "language"), ["en", "ar"]);
    let path = format!("/v1/notices?customer_id={other}&min_position={}", client.head().await);
    assert_eq!(items(&client, &path).await.len(), 3);
}

#[tokio::test]
async fn whoever_waits_is_told_of_the_offer() {
    let world = telling().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    organize(&client, &hotel, &json!({})).await;
    let first = booked(&client, &hotel).await;
    let rania = customer(&client, &hotel, "en").await;
    let entry = json!({
        "listing_id": hotel.listing, "customer_id": rania,
        "line": hotel.line("2031-05-30", "2031-06-01"),
    });
    client.post("/v1/waiting-list-entries", &entry).await.expect(201);
    settled(&client).await;
    let path = format!("/v1/notices?customer_id={rania}");
    assert_eq!(items(&client, &path).await, [json!(null); 0], "there is nothing to tell yet");
    step(&client, &first, "cancel", &json!({})).await;
    settled(&client).await;
    let told = items(&client, &path).await;
    assert_eq!(each(&told, "kind"), ["waiting_list_offer"]);
    assert_eq!(each(&told, "state"), ["delivered"]);
    let id = told[0]["id"].as_str().unwrap();
    let text = visible(&client.get(&format!("/v1/notices/{id}")).await.expect(200)["text"]);
    assert!(text.contains("Friday 30 May 2031 to Sunday 1 June 2031, 2 nights"), "{text}");
    assert!(text.contains("House by the Sea"), "{text}");
}
