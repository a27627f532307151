//! Resources: what they are, whose they are, and how they change.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Client, Hotel, World, with};

struct Salon {
    organization: String,
    haircut: String,
}

impl Salon {
    async fn open(client: &Client) -> Self {
        let organization = json!({
            "name": {"en": "Jasmine Salon"}, "zone": "Asia/Amman", "currency": "JOD",
            "weekend": "fri_sat",
        });
        let organization = client.post("/v1/organizations", &organization).await.id(201);
        let haircut = json!({
            "organization_id": organization, "kind": "service", "name": {"en": "Haircut"},
            "zone": "Asia/Riyadh", "currency": "JOD",
        });
        let haircut = client.post("/v1/listings", &haircut).await.id(201);
        Self { organization, haircut }
    }

    fn rania(&self) -> Value {
        json!({
            "organization_id": self.organization, "kind": "staff", "name": {"en": "Rania"},
            "capacity": 1, "services": [self.haircut],
        })
    }
}

async fn shown(client: &Client, path: &str, position: i64) -> Value {
    client.get(&format!("{path}?min_position={position}")).await.expect(200)
}

#[tokio::test]
async fn what_is_taken_by_the_hour_keeps_the_time_of_whatever_it_belongs_to() {
    let world = World::start().await;
    let client = world.client();
    let salon = Salon::open(&client).await;
    let under_listing = json!({
        "listing_id": salon.haircut, "kind": "room", "name": {"en": "Chair"}, "capacity": 3,
    });
    let own_zone = with(salon.rania(), "zone", "Europe/London");
    for (body, zone) in
        [(salon.rania(), "Asia/Amman"), (under_listing, "Asia/Riyadh"), (own_zone, "Europe/London")]
    {
        let made = client.post("/v1/resources", &body).await;
        let path = format!("/v1/resources/{}", made.id(201));
        let found = shown(&client, &path, made.position()).await;
        assert_eq!((&found["zone"], &found["shape"]), (&json!(zone), &json!("times")));
        assert_eq!(found["organization_id"], *salon.organization);
        assert!(found.get("price_per_night").is_none(), "{found}");
    }
    for (filter, count) in [
        (format!("organization_id={}", salon.organization), 3),
        (format!("listing_id={}", salon.haircut), 1),
        ("kind=staff".to_owned(), 2),
        ("kind=room_type".to_owned(), 0),
    ] {
        let page = client.get(&format!("/v1/resources?{filter}")).await.expect(200);
        assert_eq!(page["items"].as_array().unwrap().len(), count, "{filter}");
    }
}

#[tokio::test]
async fn a_patch_of_a_resource_records_what_it_changed_and_nothing_else() {
    let world = World::start().await;
    let client = world.client();
    let salon = Salon::open(&client).await;
    let made = client.post("/v1/resources", &salon.rania()).await;
    let path = format!("/v1/resources/{}", made.id(201));
    let patch = json!({"name": {"ar": "رانيا"}, "attributes": {"arabic": true}});
    client.patch(&path, &patch).await.expect(200);
    let patched = client.patch(&path, &json!({"services": null, "attributes": {}})).await;
    let found = shown(&client, &path, patched.position()).await;
    assert_eq!(found["name"], json!({"en": "Rania", "ar": "رانيا"}));
    assert_eq!((&found["attributes"], found.get("services")), (&json!({"arabic": true}), None));
    client.patch(&path, &patch).await.expect(200);
    assert_eq!(client.head().await, patched.position());

    let history = client.get(&format!("{path}/history")).await.expect(200);
    let events = history["items"].as_array().unwrap();
    let types: Vec<_> = events.iter().map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["created", "revised", "revised"]);
    let members = |n: usize| {
        let revised = events[n]["data"]["revised"].as_object().unwrap();
        revised.keys().map(String::as_str).collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(members(1), ["at", "attributes", "name"].into());
    assert_eq!(members(2), ["at", "services"].into());
    let unknown = format!("/v1/resources/{}/history", Uuid::now_v7());
    client.get(&unknown).await.problem(404, "not-found");
}

#[tokio::test]
async fn what_is_wrong_with_a_resource_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let salon = Salon::open(&client).await;
    let rania = client.post("/v1/resources", &salon.rania()).await;
    let room = hotel.resource(1);
    let price = json!({"minor": 1, "currency": "JOD"});
    let mut homeless = salon.rania();
    homeless.as_object_mut().unwrap().remove("organization_id");
    let mut unpriced = hotel.resource(1);
    unpriced.as_object_mut().unwrap().remove("price_per_night");
    let of_other = with(salon.rania(), "listing_id", hotel.listing.clone());
    for (body, field) in [
        (with(room.clone(), "kind", "castle"), "/kind"),
        (with(room.clone(), "zone", "Europe/Lisbon"), "/zone"),
        (with(room.clone(), "listing_id", salon.haircut.clone()), "/listing_id"),
        (with(room.clone(), "listing_id", Uuid::now_v7().to_string()), "/listing_id"),
        (with(room, "attributes", json!({"a b": 1})), "/attributes/a b"),
        (unpriced, "/price_per_night"),
        (with(salon.rania(), "price_per_night", price), "/price_per_night"),
        (with(salon.rania(), "zone", "Mars/Olympus"), "/zone"),
        (with(salon.rania(), "services", json!([hotel.listing])), "/services"),
        (with(salon.rania(), "services", json!([Uuid::now_v7()])), "/services"),
        (with(salon.rania(), "services", json!([salon.haircut, salon.haircut])), "/services"),
        (with(salon.rania(), "kind", "equipment"), "/services"),
        (with(salon.rania(), "organization_id", Uuid::now_v7().to_string()), "/organization_id"),
        (with(of_other, "services", json!([])), "/organization_id"),
        (homeless, "/organization_id"),
    ] {
        let head = client.head().await;
        let problem = client.post("/v1/resources", &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
        assert_eq!(client.head().await, head);
    }
    let (head, room) = (client.head().await, &hotel.rooms[0]);
    for (id, patch, field) in [
        (rania.id(201), json!({"services": [hotel.listing]}), "/services"),
        (room.clone(), json!({"services": [salon.haircut]}), "/services"),
        (room.clone(), json!({"capacity": 7}), "/capacity"),
        (room.clone(), json!({"name": {"en": ""}}), "/name"),
    ] {
        let problem = client.patch(&format!("/v1/resources/{id}"), &patch).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{patch}: {problem}");
    }
    let path = format!("/v1/resources/{}/price", rania.id(201));
    let body = json!({"price_per_night": {"minor": 1, "currency": "JOD"}});
    let problem = client.post(&path, &body).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "not_sold_by_night");
    assert_eq!(client.head().await, head);
}

#[tokio::test]
async fn what_is_taken_by_the_hour_cannot_be_booked_by_the_night() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let sauna = json!({
        "listing_id": hotel.listing, "kind": "room", "name": {"en": "Sauna"}, "capacity": 1,
    });
    let sauna = client.post("/v1/resources", &sauna).await;
    let mut booking = hotel.booking("2031-05-10", "2031-05-12");
    booking["lines"][0]["resource_id"] = json!(sauna.id(201));
    let problem = client.post("/v1/bookings", &booking).await.problem(422, "bad-value");
    assert_eq!(problem["errors"][0]["field"], "/lines/0/resource_id");
    // Nor is it counted among what is free by the night.
    let (listing, position) = (&hotel.listing, sauna.position());
    let path = format!(
        "/v1/availability?listing_id={listing}&from=2031-05-10&to=2031-05-11&min_position={position}"
    );
    let free = client.get(&path).await.expect(200).to_string();
    assert!(free.contains(&hotel.rooms[0]) && !free.contains(&sauna.id(201)), "{free}");
}
