//! What is free: room types for a stay, rooms for a time, slots of a service.

use serde_json::{Value, json};

use crate::harness::{Client, Hotel, World, with};

fn reasons(answer: &Value) -> [Option<&str>; 2] {
    ["reason", "detail"].map(|name| answer[name].as_str())
}

#[tokio::test]
async fn a_stay_is_offered_by_the_room_types_that_have_all_its_nights() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::with_rooms(&client, &[2, 1]).await;
    let both = [
        hotel.line_in(0, "2031-05-11", "2031-05-12"),
        hotel.line_in(1, "2031-05-10", "2031-05-12"),
    ];
    let held = with(hotel.order(&both), "hold_minutes", 60);
    let held = client.post("/v1/bookings", &held).await;
    let listing = &hotel.listing;
    let path = |stay: &str, position: i64| {
        format!("/v1/availability/stays?listing_id={listing}&{stay}&min_position={position}")
    };
    let stay = "arrival=2031-05-11&departure=2031-05-13";
    let found = client.get(&path(stay, held.position())).await.expect(200);
    assert_eq!((&found["items"][0]["free"], &found["items"][1]["free"]), (&json!(1), &json!(0)));
    assert_eq!(reasons(&found), [None, None]);
    assert_eq!(reasons(&found["items"][1]), [Some("held"), None]);
    let two = format!("{stay}&quantity=2");
    let found = client.get(&path(&two, held.position())).await.expect(200);
    assert_eq!(reasons(&found), [Some("held"), None]);
    let payment = json!({
        "booking_id": held.id(201), "amount": {"minor": 100, "currency": "EUR"}, "method": "card",
    });
    let asked = client.post("/v1/payments", &payment).await;
    asked.expect(201);
    let found = client.get(&path(&two, asked.position())).await.expect(200);
    assert_eq!(reasons(&found["items"][0]), [Some("unpaid"), None]);
    assert_eq!(reasons(&found["items"][1]), [Some("sold"), None], "there is only one");

    let firm = client.post("/v1/bookings", &hotel.booking("2031-06-01", "2031-06-02")).await;
    let days = format!(
        "/v1/availability?listing_id={listing}&from=2031-05-10&to=2031-05-12&min_position={}",
        firm.position()
    );
    let days = client.get(&days).await.expect(200);
    assert_eq!(days["items"][2]["reason"], "unpaid");
    assert_eq!(days["items"][0]["closed_to_arrival"], false);
    assert!(days["items"][0].get("reason").is_none());
}

async fn campus(client: &Client) -> String {
    let campus = json!({
        "name": {"en": "Campus"}, "zone": "Africa/Cairo", "currency": "EGP", "weekend": "fri_sat",
    });
    let campus = client.post("/v1/organizations", &campus).await.id(201);
    for (name, seats, projector) in [("A", 20, false), ("B", 60, true), ("C", 200, true)] {
        let room = json!({
            "organization_id": campus, "kind": "room", "name": {"en": name}, "capacity": 1,
            "attributes": {"seats": seats, "projector": projector, "floor": "ground"},
        });
        client.post("/v1/resources", &room).await.expect(201);
    }
    campus
}

#[tokio::test]
async fn rooms_are_found_by_what_they_have() {
    let world = World::start().await;
    let client = world.client();
    let campus = campus(&client).await;
    let position = client.head().await;
    let time = "start=2031-05-10T09:00:00Z&end=2031-05-10T11:00:00Z";
    let found = async |filter: &str| {
        let path = format!(
            "/v1/availability/rooms?organization_id={campus}&{time}&min_position={position}{filter}"
        );
        client.get(&path).await.expect(200)
    };
    let names = |found: &Value, list: &str| -> Vec<String> {
        let items = found[list].as_array().expect("a list");
        items.iter().map(|item| item["name"]["en"].as_str().expect("a name").to_owned()).collect()
    };
    for (filter, expected) in [
        ("", vec!["A", "B", "C"]),
        ("&capacity=60", vec!["B", "C"]),
        ("&attribute.seats=61&attribute.projector=true", vec!["C"]),
        ("&attribute.projector=false&attribute.floor=ground", vec!["A"]),
        ("&attribute.floor=attic", vec![]),
    ] {
        assert_eq!(names(&found(filter).await, "items"), expected, "{filter}");
    }
    let none = found("&attribute.floor=attic").await;
    assert_eq!(reasons(&none), [Some("closed"), Some("not_offered")]);
    let two = found("&quantity=2&include_busy=true").await;
    assert_eq!(names(&two, "busy"), ["A", "B", "C"]);
    assert_eq!(reasons(&two), [Some("sold"), None]);
    assert_eq!(reasons(&two["busy"][0]), [Some("sold"), None]);
    assert!(found("").await.get("busy").is_none());
}

#[tokio::test]
async fn questions_that_make_no_sense_are_refused() {
    let world = World::start().await;
    let client = world.client();
    let id = "018f3c1e-0000-7000-8000-000000000000";
    let room = "start=2031-05-10T09:00:00Z&end=2031-05-10T11:00:00Z";
    for path in [
        format!("rooms?{room}"),
        format!("rooms?{room}&organization_id={id}&listing_id={id}"),
        format!("rooms?{room}&organization_id={id}&kind=room_type"),
        format!("rooms?{room}&organization_id={id}&attribute.Seats=1"),
        format!("rooms?{room}&organization_id={id}&attribute.seats="),
        format!("rooms?{room}&organization_id={id}&quantity=0"),
        format!("rooms?organization_id={id}&start=2031-05-10T09:00:00Z&end=2031-05-10T09:00:00Z"),
        format!("slots?service_id={id}&from=2031-05-10&to=2031-05-10"),
        format!("slots?service_id={id}&from=2031-05-10&to=2031-08-10"),
        format!("slots?service_id={id}&from=2031-05-10&to=2031-05-11&zone=Mars"),
        format!("stays?listing_id={id}&arrival=2031-05-10&departure=2031-05-09"),
    ] {
        client.get(&format!("/v1/availability/{path}")).await.problem(400, "bad-query");
    }
    for path in [
        format!("slots?service_id={id}&from=2031-05-10&to=2031-05-11"),
        format!("stays?listing_id={id}&arrival=2031-05-10&departure=2031-05-11"),
    ] {
        client.get(&format!("/v1/availability/{path}")).await.problem(404, "not-found");
    }
}

#[tokio::test]
async fn a_service_without_slots_is_not_offered_at_any_time() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let path = format!(
        "/v1/availability/slots?service_id={}&from=2031-05-10&to=2031-05-11&min_position={}",
        hotel.listing,
        client.head().await
    );
    let found = client.get(&path).await.expect(200);
    assert_eq!(found["items"], json!([]));
    assert_eq!(reasons(&found), [Some("closed"), Some("not_offered")]);
}
