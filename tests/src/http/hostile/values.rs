//! Values that cannot be: dates, amounts, quantities, ids.

use serde_json::json;
use uuid::Uuid;

use super::{Target, assert_client_error};
use crate::harness::with;

#[tokio::test]
async fn values_of_the_wrong_type_are_named_by_their_place() {
    let target = Target::new().await;
    let wrong =
        [json!(null), json!(1), json!(-1.5), json!(true), json!("x"), json!([1]), json!({"a": 1})];
    for member in ["listing_id", "customer_id", "lines", "id"] {
        for value in &wrong {
            if member == "id" && value.is_null() {
                continue; // an id may be left out
            }
            target.refuse(&with(target.booking(), member, value.clone())).await;
        }
    }
    for member in ["resource_id", "arrival", "departure", "quantity", "price_per_night"] {
        for value in &wrong {
            let optional = ["quantity", "price_per_night"].contains(&member) && value.is_null();
            if optional || (member == "quantity" && value == 1) {
                continue;
            }
            let mut body = target.booking();
            body["lines"][0][member] = value.clone();
            target.refuse(&body).await;
        }
    }
    let mut body = target.booking();
    body["lines"][0]["arrival"] = json!("soon");
    let problem = target.refuse(&body).await;
    assert_eq!(problem["errors"][0]["field"], "/lines/0/arrival", "{problem}");
    target.assert_untouched().await;
}

#[tokio::test]
async fn absurd_dates_are_refused() {
    let target = Target::new().await;
    let days = [
        ("0000-01-01", "0000-01-02"),
        ("99999-01-01", "99999-01-02"),
        ("2031-02-30", "2031-03-01"),
        ("2031-02-28", "2031-02-29"),
        ("2031-13-01", "2031-13-02"),
        ("2031-00-01", "2031-00-02"),
        ("1899-12-31", "1900-01-02"),
        ("2199-12-31", "2200-01-02"),
        ("2031-05-12", "2031-05-10"),
        ("2031-05-10", "2033-05-10"),
        ("-2031-05-10", "-2031-05-12"),
        ("2031-5-1", "2031-5-2"),
        ("2031-05-10T00:00:00Z", "2031-05-12T00:00:00Z"),
        ("", ""),
        ("10/05/2031", "12/05/2031"),
        ("٢٠٣١-٠٥-١٠", "٢٠٣١-٠٥-١٢"),
        ("+2031-05-10", "+2031-05-12"),
        (" 2031-05-10", "2031-05-12"),
    ];
    for (arrival, departure) in days {
        target.refuse(&target.hotel.booking(arrival, departure)).await;
    }
    for at in [
        "2024-02-30T00:00:00Z",
        "99999-01-01T00:00:00Z",
        "yesterday",
        "2024-01-01",
        "0000-00-00T00:00:00Z",
        "-9999-01-01T00:00:00Z",
    ] {
        target.refuse(&with(target.booking(), "occurred_at", at)).await;
        target.refuse(&with(target.booking(), "hold_until", at)).await;
    }
    target.assert_untouched().await;
}

#[tokio::test]
async fn absurd_amounts_are_refused() {
    let target = Target::new().await;
    for amount in [
        json!({"minor": -1, "currency": "EUR"}),
        json!({"minor": 9_223_372_036_854_775_808_u64, "currency": "EUR"}),
        json!({"minor": u64::MAX, "currency": "EUR"}),
        json!({"minor": 12.5, "currency": "EUR"}),
        json!({"minor": "100", "currency": "EUR"}),
        json!({"minor": 100, "currency": "USD"}),
        json!({"minor": 100, "currency": "eur"}),
        json!({"minor": 100, "currency": "XXX"}),
        json!({"minor": 100, "currency": "EURO"}),
        json!({"minor": 100}),
        json!({"currency": "EUR"}),
        json!({"minor": 100, "currency": "EUR", "extra": 1}),
        json!(100),
    ] {
        let mut body = target.booking();
        body["lines"][0]["price_per_night"] = amount;
        target.refuse(&body).await;
    }
    // Each is a number we could keep, but not their product.
    let mut body = target.booking();
    body["lines"][0]["price_per_night"] = json!({"minor": i64::MAX, "currency": "EUR"});
    target.refuse(&body).await;
    let huge = target.booking().to_string().replace("\"2031-05-10\"", "1e400");
    assert_client_error(&target.client.post_bytes("/v1/bookings", huge).await, "1e400");
    target.assert_untouched().await;
}

#[tokio::test]
async fn absurd_quantities_are_refused() {
    let target = Target::new().await;
    for quantity in [
        json!(0),
        json!(-1),
        json!(1_000_000_000),
        json!(10_001),
        json!(1.5),
        json!(4_294_967_297_u64),
        json!(u64::MAX),
        json!("1"),
        json!([1]),
    ] {
        let mut body = target.booking();
        body["lines"][0]["quantity"] = quantity;
        target.refuse(&body).await;
    }
    let line = target.hotel.line("2031-05-10", "2031-05-12");
    target.refuse(&target.hotel.order(&[])).await;
    target.refuse(&target.hotel.order(&vec![line.clone(); 51])).await;
    let many = target.hotel.order(&vec![line; 10_000]);
    let answer = target.client.post("/v1/bookings", &many).await;
    assert_client_error(&answer, "10,000 lines");
    for party in [
        json!({"adults": -1, "children": 0, "babies": 0}),
        json!({"adults": 1001, "children": 0, "babies": 0}),
        json!({"adults": 70_000, "children": 0, "babies": 0}),
        json!({"adults": 1.5}),
        json!([]),
    ] {
        target.refuse(&with(target.booking(), "party", party)).await;
    }
    for capacity in [json!(-1), json!(10_000_001), json!(4_294_967_296_u64), json!(0.5), json!("5")]
    {
        let mut body = target.hotel.resource(1);
        body["capacity"] = capacity;
        let answer = target.client.post("/v1/resources", &body).await;
        assert_client_error(&answer, &body.to_string());
    }
    target.assert_untouched().await;
}

#[tokio::test]
async fn ids_that_are_none_are_refused_wherever_they_stand() {
    let target = Target::new().await;
    for id in [
        "x",
        "1",
        "00000000",
        "018f3c1e-0000-7000-8000-00000000000",
        "018f3c1e-0000-7000-8000-0000000000000",
        "018f3c1e-0000-7000-8000-00000000000g",
        "%00",
        "%ff",
        "'; DROP TABLE events; --",
        "..%2f..",
        "%F0%9F%92%A3",
    ] {
        for path in ["bookings", "organizations", "listings", "resources", "payments"] {
            let answer = target.client.get(&format!("/v1/{path}/{id}")).await;
            assert_client_error(&answer, &format!("{path}/{id}"));
        }
        let path = format!("/v1/bookings/{id}/cancel");
        assert_client_error(&target.client.post(&path, &json!({})).await, &path);
        let path = format!("/v1/bookings?customer_id={id}");
        assert_client_error(&target.client.get(&path).await, &path);
        target.refuse(&with(target.booking(), "customer_id", id)).await;
        target.refuse(&with(target.booking(), "id", id)).await;
    }
    target.refuse(&with(target.booking(), "id", Uuid::nil().to_string())).await;
    target.assert_untouched().await;
}
