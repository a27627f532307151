//! What listings say of themselves, how far they have come, and what stands in the way of a booking.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Hotel, World, with};

/// A listing with everything that it can say of itself.
fn concert() -> Value {
    json!({
        "organization_id": Uuid::now_v7(),
        "kind": "event",
        "status": "draft",
        "zone": "Asia/Amman",
        "currency": "JOD",
        "name": {"en": "Oud under the stars", "ar": "عود تحت النجوم"},
        "summary": {"en": "An evening of music."},
        "description": {"en": "Doors open at seven.\nThere is seating.", "ar": "تفتح الأبواب في السابعة."},
        "categories": ["concert"],
        "tags": ["family", "outdoor"],
        "attributes": {"seats": 1200, "covered": false, "stage": 12.5, "surface": "grass"},
        "address": {"lines": ["Al-Hashemi Street"], "locality": "Amman", "country": "JO"},
        "location": {"latitude": 31.951_569, "longitude": 35.939_289},
        "contact": {"email": "tickets@example.com"},
        "images": [
            {"url": "https://example.com/stage.jpg", "alt": {"en": "The stage"}, "width": 1600, "height": 900},
            {"url": "https://example.com/lawn.jpg"},
        ],
    })
}

async fn shown(client: &Client, path: &str, position: i64) -> Value {
    client.get(&format!("{path}?min_position={position}")).await.expect(200)
}

fn types(history: &Value) -> Vec<&str> {
    let events = history["items"].as_array().unwrap().iter();
    events.map(|event| event["event_type"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_listing_says_of_itself_what_it_was_made_with() {
    let world = World::start().await;
    let client = world.client();
    let body = concert();
    let made = client.post("/v1/listings", &body).await;
    assert_eq!(made.expect(201)["status"], "draft");
    let path = format!("/v1/listings/{}", made.id(201));
    let found = shown(&client, &path, made.position()).await;
    for (member, value) in body.as_object().unwrap() {
        assert_eq!(&found[member], value, "{member}");
    }
    assert!(found.get("check_in").is_none());
    for (filter, expected) in [
        ("kind=event", 1),
        ("status=draft", 1),
        ("status=published", 0),
        ("kind=stay&status=draft", 0),
    ] {
        let page = client.get(&format!("/v1/listings?{filter}")).await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), expected, "{filter}");
    }
    client.get("/v1/listings?kind=castle").await.problem(400, "bad-query");
}

#[tokio::test]
async fn a_patch_of_a_listing_records_what_it_changed_and_nothing_else() {
    let world = World::start().await;
    let client = world.client();
    let made = client.post("/v1/listings", &concert()).await;
    let path = format!("/v1/listings/{}", made.id(201));
    let patch = json!({
        "name": {"fr": "Oud sous les étoiles", "ar": null},
        "summary": null,
        "attributes": {"seats": 900, "surface": null},
        "tags": ["family"],
        "address": {"postcode": "11181"},
        "location": {"latitude": 31.95},
        "categories": ["concert"],
    });
    let patched = client.patch(&path, &patch).await;
    assert_eq!(patched.expect(200)["status"], "draft");
    let found = shown(&client, &path, patched.position()).await;
    let name = json!({"en": "Oud under the stars", "fr": "Oud sous les étoiles"});
    assert_eq!(found["name"], name);
    assert_eq!(found["attributes"], json!({"seats": 900, "covered": false, "stage": 12.5}));
    assert_eq!((found.get("summary"), &found["tags"]), (None, &json!(["family"])));
    assert_eq!(found["address"]["postcode"], "11181");
    assert_eq!(found["address"]["locality"], "Amman");
    assert_eq!(found["location"], json!({"latitude": 31.95, "longitude": 35.939_289}));
    assert_eq!(found["images"], concert()["images"]);

    client.patch(&path, &patch).await.expect(200);
    client.patch(&path, &json!({})).await.expect(200);
    assert_eq!(client.head().await, patched.position());
    let history = client.get(&format!("{path}/history")).await.expect(200);
    assert_eq!(types(&history), ["created", "revised"]);
    let revised = &history["items"][1]["data"]["revised"];
    assert_eq!(revised["summary"], Value::Null);
    let mut members: Vec<_> = revised.as_object().unwrap().keys().map(String::as_str).collect();
    members.sort_unstable();
    let expected = ["address", "at", "attributes", "location", "name", "summary", "tags"];
    assert_eq!(members, expected);
}

#[tokio::test]
async fn only_what_is_on_offer_can_be_booked() {
    let world = World::start().await;
    let client = world.client();
    let draft = with(Hotel::listing(&Uuid::now_v7().to_string()), "status", "draft");
    let mut hotel = Hotel::open(&client, 5).await;
    hotel.listing = client.post("/v1/listings", &draft).await.id(201);
    hotel.rooms = vec![client.post("/v1/resources", &hotel.resource(5)).await.id(201)];
    let booking = hotel.booking("2031-05-10", "2031-05-12");
    let head = client.head().await;
    let refused = client.post_keyed("/v1/bookings", &booking, "early").await;
    let problem = refused.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "listing_not_published");
    assert_eq!(client.head().await, head);

    let path = format!("/v1/listings/{}", hotel.listing);
    let published = client.post(&format!("{path}/publish"), &json!({})).await;
    assert_eq!(published.expect(200)["status"], "published");
    client.post(&format!("{path}/publish"), &json!({})).await.expect(200);
    assert_eq!(client.head().await, published.position());
    // The refusal was kept under its key; under another the booking is made.
    let again = client.post_keyed("/v1/bookings", &booking, "early").await;
    assert_eq!((again.status, &again.body), (422, &refused.body));
    let made = client.post_keyed("/v1/bookings", &booking, "made").await;
    let id = made.id(201);

    let archived = client.post(&format!("{path}/archive"), &json!({})).await;
    assert_eq!(archived.expect(200)["status"], "archived");
    let problem = client.post("/v1/bookings", &booking).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "listing_archived");
    let again = client.post_keyed("/v1/bookings", &booking, "made").await;
    assert_eq!((again.status, &again.body), (201, &made.body));
    for (command, body) in [("publish", json!({})), ("archive", json!({}))] {
        let answer = client.post(&format!("{path}/{command}"), &body).await;
        assert_eq!(answer.status, if command == "archive" { 200 } else { 422 });
    }
    let patch = client.patch(&path, &json!({"check_in": "16:00"})).await;
    assert_eq!(patch.problem(422, "policy-refusal")["reason"], "listing_archived");
    // What was booked goes on, and what is archived can be read.
    client.post(&format!("/v1/bookings/{id}/cancel"), &json!({})).await.expect(200);
    let found = shown(&client, &path, archived.position()).await;
    assert_eq!(found["status"], "archived");
    let history = client.get(&format!("{path}/history")).await.expect(200);
    assert_eq!(types(&history), ["created", "published", "archived"]);
}

#[tokio::test]
async fn what_is_wrong_with_a_listing_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let made = client.post("/v1/listings", &concert()).await;
    let path = format!("/v1/listings/{}", made.id(201));
    let image = |n: u32| json!({"url": format!("https://example.com/{n}.jpg")});
    let images = |n| (0..n).map(image).collect::<Vec<_>>();
    let contents = [
        ("name", json!({"english please": "x"}), "/name"),
        ("description", json!({"en": "x".repeat(10_001)}), "/description"),
        ("categories", json!(["Concert"]), "/categories/0"),
        ("tags", json!(["a", "a"]), "/tags"),
        ("tags", json!((0..51).map(|n| format!("t{n}")).collect::<Vec<_>>()), "/tags"),
        ("attributes", json!({"seats": []}), "/attributes/seats"),
        ("attributes", json!({"Seats": 1}), "/attributes/Seats"),
        ("address", json!({"country": "XX"}), "/address/country"),
        ("location", json!({"latitude": 91, "longitude": 0}), "/location/latitude"),
        ("location", json!({"latitude": 0, "longitude": -181}), "/location/longitude"),
        ("contact", json!({"email": "nobody"}), "/contact/email"),
        ("images", json!(images(31)), "/images"),
        ("images", json!([image(1), image(1)]), "/images"),
        ("images", json!([{"url": "http://example.com/1.jpg"}]), "/images/0/url"),
        ("images", json!([{"url": "https://example.com/1.jpg", "width": 0}]), "/images/0/width"),
        ("check_in", json!("15:00"), "/check_in"),
        ("check_in", json!("25:00"), "/check_in"),
        ("colour", json!("red"), "/colour"),
    ];
    for (member, value, field) in contents {
        let body = with(concert(), member, value.clone());
        let problem = client.post("/v1/listings", &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{member} {value}: {problem}");
        let patch = json!({ (member): value });
        let problem = client.patch(&path, &patch).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{patch}: {problem}");
    }
    for (member, value) in [
        ("kind", json!("castle")),
        ("zone", json!("Mars/Olympus")),
        ("currency", json!("XXX")),
        ("status", json!("archived")),
        ("organization_id", json!("x")),
    ] {
        let body = with(concert(), member, value.clone());
        let problem = client.post("/v1/listings", &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], format!("/{member}"), "{problem}");
        let patch = client.patch(&path, &json!({ (member): value })).await;
        patch.problem(400, "unknown-field"); // none of these ever changes
    }
    let mut stay = Hotel::listing(&Uuid::now_v7().to_string());
    stay.as_object_mut().unwrap().remove("check_out");
    let problem = client.post("/v1/listings", &stay).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/check_out");
    assert_eq!(client.head().await, made.position());
}

#[tokio::test]
async fn the_examples_of_every_business_in_the_document_work() {
    let world = World::start().await;
    let client = world.client();
    let document = client.get("/openapi.json").await.expect(200);
    let examples = |path: &str| {
        let body = &document["paths"][path]["post"]["requestBody"]["content"]["application/json"];
        body["examples"].clone()
    };
    let (organizations, listings, resources) =
        (examples("/v1/organizations"), examples("/v1/listings"), examples("/v1/resources"));
    let businesses: Vec<_> = organizations.as_object().unwrap().keys().cloned().collect();
    assert_eq!(businesses, ["campus", "events", "resort", "salon", "tours"]);
    for business in businesses {
        let request = &organizations[&business]["value"];
        let organization = client.post("/v1/organizations", request).await.id(201);
        let request =
            with(listings[&business]["value"].clone(), "organization_id", organization.clone());
        let listing = client.post("/v1/listings", &request).await.id(201);
        let mut request = resources[&business]["value"].clone();
        if request.get("organization_id").is_some() {
            request["organization_id"] = json!(organization);
        }
        if request.get("listing_id").is_some() {
            request["listing_id"] = json!(listing);
        }
        if request.get("services").is_some() {
            request["services"] = json!([listing]);
        }
        let made = client.post("/v1/resources", &request).await;
        let resource = made.id(201);
        let path = format!("/v1/resources/{resource}");
        let found = shown(&client, &path, made.position()).await;
        assert_eq!(found["organization_id"], *organization, "{business}");
        assert_eq!(found["kind"], request["kind"], "{business}");
        for rules in ["schedules", "stay-rules"] {
            let examples = examples(&format!("/v1/resources/{{id}}/{rules}"));
            if let Some(example) = examples.get(&business) {
                client.post(&format!("{path}/{rules}"), &example["value"]).await.expect(200);
            }
        }
        let mut session = None;
        if let Some(example) = examples("/v1/sessions").get(&business) {
            let request = with(example["value"].clone(), "listing_id", listing.clone());
            session = Some(client.post("/v1/sessions", &request).await.id(201));
        }
        let publish = format!("/v1/listings/{listing}/publish");
        client.post(&publish, &json!({})).await.expect(200);
        let customer = examples("/v1/customers")[&business]["value"].clone();
        let customer = with(customer, "organization_id", organization.clone());
        client.post("/v1/customers", &customer).await.id(201);
        let booking = examples("/v1/bookings")[&business]["value"].clone();
        let mut request = with(booking, "listing_id", listing);
        for line in request["lines"].as_array_mut().unwrap() {
            for (member, id) in [("resource_id", Some(&resource)), ("session_id", session.as_ref())]
            {
                if line.get(member).is_some() {
                    line[member] = json!(id);
                }
            }
        }
        let answer = client.post("/v1/bookings", &request).await;
        // what it asks for is understood; whether it can be had on that day depends on today
        let reason = answer.json()["reason"].clone();
        let today = ["too_far_ahead", "notice", "not_yet_on_sale", "no_longer_on_sale", "over"];
        let is_open = answer.status == 201 || today.map(Value::from).contains(&reason);
        assert!(is_open, "{business}: {}", answer.text());
        if let Some(example) = examples("/v1/series").get(&business) {
            let mut request =
                with(example["value"].clone(), "listing_id", request["listing_id"].clone());
            request["lines"][0]["resource_id"] = json!(resource);
            let answer = client.post("/v1/series", &request).await;
            let causes = answer.json()["conflicts"].clone();
            let causes = causes.as_array().unwrap().iter();
            let today = causes
                .map(|date| &date["cause"])
                .all(|cause| ["too_far_ahead", "notice", "past"].map(Value::from).contains(cause));
            assert!(today && [201, 422].contains(&answer.status), "{business}: {}", answer.text());
        }
    }
}
