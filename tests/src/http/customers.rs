//! Customers: registered, changed, found, and two records of one made one.

mod input;
mod merges;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::harness::{Answer, Client, Hotel, World, with};

fn rania(organization: &str) -> Value {
    json!({
        "organization_id": organization,
        "kind": "person",
        "name": "رانيا حداد",
        "language": "ar",
        "zone": "Asia/Amman",
        "emails": [
            {"address": "rania@example.com", "label": "home"},
            {"address": "r.haddad@example.com", "label": "work", "primary": true},
        ],
        "phones": [{"number": "+962 79 555 0100"}],
        "tags": ["vip"],
    })
}

fn bare(organization: &str, name: &str) -> Value {
    json!({"organization_id": organization, "kind": "person", "name": name, "language": "en"})
}

async fn register(client: &Client, body: &Value) -> String {
    client.post("/v1/customers", body).await.id(201)
}

async fn shown(client: &Client, id: &str, answer: &Answer) -> Value {
    client.get(&format!("/v1/customers/{id}?min_position={}", answer.position())).await.expect(200)
}

/// What a customer booked, the newest first.
async fn booked(client: &Client, id: &str) -> Vec<String> {
    let path = format!("/v1/customers/{id}/bookings?min_position={}", client.head().await);
    ids(&client.get(&path).await.expect(200))
}

fn ids(page: &Value) -> Vec<String> {
    let items = page["items"].as_array().expect("a page has items");
    items.iter().map(|item| item["id"].as_str().expect("an id").to_owned()).collect()
}

#[tokio::test]
async fn a_customer_is_registered_and_shown() {
    let world = World::start().await;
    let client = world.client();
    let organization = Uuid::now_v7().to_string();
    let made = client.post("/v1/customers", &rania(&organization)).await;
    let id = made.id(201);
    assert_eq!(made.json()["status"], "active");
    let found = shown(&client, &id, &made).await;
    for member in ["organization_id", "kind", "name", "language", "zone", "tags"] {
        assert_eq!(found[member], rania(&organization)[member], "{member}");
    }
    assert_eq!(
        found["emails"],
        json!([
            {"address": "rania@example.com", "label": "home", "primary": false, "verified": false},
            {"address": "r.haddad@example.com", "label": "work", "primary": true, "verified": false},
        ])
    );
    let phone = json!([{"number": "+962795550100", "primary": true, "verified": false}]);
    assert_eq!(found["phones"], phone);
    assert_eq!((&found["status"], &found["notes"]), (&json!("active"), &json!([])));
    assert_eq!(found["merged_from"], json!([]));
    let again = with(rania(&organization), "id", id.clone());
    client.post("/v1/customers", &again).await.problem(409, "already-exists");
}

#[tokio::test]
async fn a_patch_says_what_changed_and_not_what_was_seen_too_late() {
    let world = World::start().await;
    let client = world.client();
    let made = client.post("/v1/customers", &rania(&Uuid::now_v7().to_string())).await;
    let path = format!("/v1/customers/{}", made.id(201));
    let seen = client.get(&format!("{path}?min_position={}", made.position())).await;
    let etag = seen.header("etag").to_owned();
    // what was shown can be sent back as it is
    let mut emails = seen.expect(200)["emails"].clone();
    emails[0]["label"] = json!("private");
    let patch = json!({"emails": emails, "zone": null, "language": "ar"});
    let patched = client.patch_with(&path, &patch, &[("if-match", &etag)]).await;
    patched.expect(200);
    let stale = client.patch_with(&path, &json!({"kind": "company"}), &[("if-match", &etag)]).await;
    stale.problem(412, "precondition-failed");
    client.patch(&path, &patch).await.expect(200);
    assert_eq!(client.head().await, patched.position());

    let history = client.get(&format!("{path}/history")).await.expect(200);
    assert_eq!(history["items"].as_array().map(Vec::len), Some(2));
    let revised = history["items"][1]["data"]["revised"].as_object().unwrap();
    assert_eq!(revised.keys().collect::<Vec<_>>(), ["at", "personal", "zone"]);
    let personal = revised["personal"].as_object().unwrap();
    assert_eq!(personal.keys().collect::<Vec<_>>(), ["emails"]);
    let found =
        client.get(&format!("{path}?min_position={}", patched.position())).await.expect(200);
    assert_eq!(found["emails"], emails);
    assert!(found["zone"].is_null());
}

#[tokio::test]
async fn customers_are_found_in_arabic_and_in_english() {
    let world = World::start().await;
    let client = world.client();
    let [home, other] = [(); 2].map(|()| Uuid::now_v7().to_string());
    let rania_of_home = register(&client, &rania(&home)).await;
    let fatima = with(bare(&home, "فاطمة الزهراء أحمد"), "tags", json!(["press"]));
    let fatima = register(&client, &fatima).await;
    let zoe = register(&client, &bare(&home, "Zoë Müller")).await;
    let rania_of_other = register(&client, &rania(&other)).await;
    let head = client.head().await;
    let find = async |query: &[(&str, &str)]| {
        let request = client.request(reqwest::Method::GET, "/v1/customers").query(query);
        let request = request.query(&[("min_position", head.to_string())]);
        ids(&crate::harness::send(request).await.expect(200))
    };
    for search in ["فاطمه", "فَاطِمَة", "زهراء", "احمد فاط", "الزهراء"]
    {
        assert_eq!(find(&[("search", search)]).await, [&*fatima], "{search}");
    }
    for search in ["zoe", "ZOË MULLER", "müll"] {
        assert_eq!(find(&[("search", search)]).await, [&*zoe], "{search}");
    }
    let both = [rania_of_home.clone(), rania_of_other];
    assert_eq!(find(&[("search", "رانيا")]).await, both);
    assert_eq!(find(&[("email", "RANIA@example.com")]).await, both);
    assert_eq!(find(&[("phone", "+962 79 555 0100")]).await, both);
    assert_eq!(find(&[("phone", "962795550100")]).await, both);
    let of_home = [("organization_id", &*home), ("email", "rania@example.com"), ("tag", "vip")];
    assert_eq!(find(&of_home).await, [rania_of_home]);
    assert_eq!(find(&[("tag", "press")]).await, [fatima]);
    assert_eq!(find(&[("search", "haddad")]).await, [""; 0]);
    assert_eq!(find(&[("status", "merged")]).await, [""; 0]);
    for bad in ["search=%3F", "email=nobody", "phone=12", "tag=V.I.P.", "status=gone", "colour=red"]
    {
        client.get(&format!("/v1/customers?{bad}")).await.problem(400, "bad-query");
    }
    let long = "a".repeat(201);
    client.get(&format!("/v1/customers?search={long}")).await.problem(400, "bad-query");
}

#[tokio::test]
async fn notes_tell_who_wrote_them_and_can_be_taken_back() {
    let world = World::start().await;
    let client = world.client();
    let body = json!({"name": "front desk", "rights": ["book", "read"]});
    let made = client.post("/v1/api-keys", &body).await.expect(201);
    let desk = client.with_key(made["key"].as_str().unwrap());
    let id = register(&desk, &rania(&Uuid::now_v7().to_string())).await;
    let notes = format!("/v1/customers/{id}/notes");
    let kept = desk.post(&notes, &json!({"text": "تفضّل الشرفة"})).await.id(201);
    let gone = client.post(&notes, &json!({"text": "Called twice"})).await.id(201);
    let withdraw = format!("{notes}/{gone}/withdraw");
    let withdrawn = client.post(&withdraw, &json!({})).await;
    assert_eq!(withdrawn.expect(200)["status"], "withdrawn");
    client.post(&withdraw, &json!({})).await.expect(200);
    let found = shown(&client, &id, &withdrawn).await;
    assert_eq!(found["notes"].as_array().map(Vec::len), Some(1));
    let note = &found["notes"][0];
    assert_eq!((&note["id"], &note["text"]), (&json!(kept), &json!("تفضّل الشرفة")));
    assert_eq!(note["author"], json!({"id": made["id"], "name": "front desk"}));
    let history = client.get(&format!("/v1/customers/{id}/history")).await.expect(200);
    let types = history["items"].as_array().unwrap().iter();
    let types: Vec<_> = types.map(|event| event["event_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["registered", "note_added", "note_added", "note_withdrawn"]);
    assert!(history.to_string().contains("Called twice"), "the history keeps it");
}

#[tokio::test]
async fn nobody_need_be_registered_to_book_and_a_record_can_follow() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 5).await;
    let id = Uuid::now_v7().to_string();
    let request = with(hotel.booking("2031-05-10", "2031-05-12"), "customer_id", id.clone());
    let first = client.post("/v1/bookings", &request).await.id(201);
    let problem = client.get(&format!("/v1/customers/{id}")).await.problem(404, "not-found");
    assert_eq!(problem["reason"], "customer_not_found");
    assert_eq!(booked(&client, &id).await, [&*first]);

    let body = with(rania(&hotel.organization), "id", id.clone());
    assert_eq!(register(&client, &body).await, id);
    let second = client.post("/v1/bookings", &request).await.id(201);
    assert_eq!(booked(&client, &id).await, [second.clone(), first.clone()]);
    let path = format!("/v1/customers/{id}/bookings?limit=1&min_position={}", client.head().await);
    let page = client.get(&path).await.expect(200);
    assert_eq!((ids(&page), &page["items"][0]["status"]), (vec![second], &json!("confirmed")));
    let cursor = page["next_cursor"].as_str().unwrap();
    let page = client.get(&format!("{path}&cursor={cursor}")).await.expect(200);
    assert_eq!((ids(&page), &page["next_cursor"]), (vec![first], &Value::Null));
}

#[tokio::test]
async fn what_only_concerns_a_person_stands_in_the_payload_alone() {
    let mut world = World::start_with(&[("DAYBOOK_LOG", "debug")]).await;
    let client = world.client();
    let id = register(&client, &rania(&Uuid::now_v7().to_string())).await;
    let path = format!("/v1/customers/{id}");
    client.post(&format!("{path}/notes"), &json!({"text": "Allergic to pollen"})).await.id(201);
    client.patch(&path, &json!({"name": "Rania Nowhere"})).await.expect(200);
    client.patch(&path, &json!({"emails": [{"address": "rania@nowhere"}]})).await.any_problem();
    client.get("/v1/customers?search=nowhere&email=rania%40example.com").await.expect(200);
    let told = std::fs::read_to_string(world.server().log()).expect("the server logs");
    let pool = world.pool().await;
    let metadata: String = sqlx::query_scalar("SELECT string_agg(metadata::text, ' ') FROM events")
        .fetch_one(&pool)
        .await
        .expect("the log can be read");
    for word in ["رانيا", "Nowhere", "nowhere", "rania", "haddad", "962795550100", "Allergic"]
    {
        assert!(!told.contains(word), "the server logged {word}");
        assert!(!metadata.contains(word), "{word} stands in metadata");
    }
    // and within the payload in one member
    for event in world.audit().await.events("customer").await {
        let mut payload = event.payload.clone();
        let content = payload[&event.event_type].as_object_mut().expect("an event is an object");
        content.remove("personal");
        let rest = payload.to_string();
        for word in ["رانيا", "Nowhere", "rania@", "haddad", "962795550100", "Allergic"] {
            assert!(!rest.contains(word), "{word} stands in {rest}");
        }
    }
}

#[tokio::test]
async fn customers_are_written_and_read_with_the_rights_of_bookings() {
    let world = World::start().await;
    let client = world.client();
    let key = async |rights: Value| {
        let body = json!({"name": "somebody", "rights": rights});
        let made = client.post("/v1/api-keys", &body).await.expect(201);
        client.with_key(made["key"].as_str().unwrap())
    };
    let (writer, reader) = (key(json!(["book"])).await, key(json!(["read"])).await);
    let body = rania(&Uuid::now_v7().to_string());
    let id = register(&writer, &body).await;
    reader.post("/v1/customers", &body).await.problem(403, "forbidden");
    let path = format!("/v1/customers/{id}");
    reader.patch(&path, &json!({"kind": "company"})).await.problem(403, "forbidden");
    reader.post(&format!("{path}/notes"), &json!({"text": "x"})).await.problem(403, "forbidden");
    for path in ["", "/history", "/duplicates", "/bookings"].map(|part| format!("{path}{part}")) {
        let path = format!("{path}?min_position={}", client.head().await);
        writer.get(&path).await.problem(403, "forbidden");
        reader.get(&path).await.expect(200);
    }
    writer.get("/v1/customers").await.problem(403, "forbidden");
}
