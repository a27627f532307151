//! The problems clients rely on, word for word. A changed snapshot is a changed promise.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Hotel, World, with};

/// A problem without what differs from run to run.
fn stable(answer: &Answer) -> Value {
    let mut problem = answer.any_problem();
    let members = problem.as_object_mut().expect("a problem is an object");
    let instance = members.remove("instance");
    assert_eq!(instance.as_ref().and_then(Value::as_str), Some(answer.header("x-request-id")));
    problem
}

struct Scene {
    _world: World,
    client: Client,
    hotel: Hotel,
}

impl Scene {
    async fn new() -> Self {
        let world = World::start().await;
        let client = world.client();
        let hotel = Hotel::open(&client, 1).await;
        Self { _world: world, client, hotel }
    }

    async fn book(&self, body: &Value) -> Answer {
        self.client.post("/v1/bookings", body).await
    }
}

#[tokio::test]
async fn problems_of_the_request_read_as_promised() {
    let scene = Scene::new().await;
    let request = scene.hotel.booking("2031-05-10", "2031-05-12");
    let malformed = scene.client.post_bytes("/v1/bookings", "{\"listing_id\": ").await;
    insta::assert_json_snapshot!("malformed_json", stable(&malformed));
    let unknown = scene.book(&with(request.clone(), "surprise", 1)).await;
    insta::assert_json_snapshot!("unknown_field", stable(&unknown));
    let mut body = request.clone();
    body["lines"][0]["departure"] = json!("2031-05-09");
    insta::assert_json_snapshot!("bad_value", stable(&scene.book(&body).await));
    let query = scene.client.get("/v1/bookings?limit=0").await;
    insta::assert_json_snapshot!("bad_query", stable(&query));
    let unauthorized = scene.client.with_key("dbk_unknown").get("/v1/bookings").await;
    insta::assert_json_snapshot!("unauthorized", stable(&unauthorized));
    let body = json!({"name": "reader", "rights": ["read"]});
    let key = scene.client.post("/v1/api-keys", &body).await.expect(201);
    let reader = scene.client.with_key(key["key"].as_str().expect("a key"));
    insta::assert_json_snapshot!("forbidden", stable(&reader.post("/v1/bookings", &request).await));
    let plain = scene.client.request(reqwest::Method::POST, "/v1/bookings").body("hello");
    insta::assert_json_snapshot!(
        "unsupported_media_type",
        stable(&crate::harness::send(plain).await)
    );
    let large = scene.client.post_bytes("/v1/bookings", vec![b' '; 300 * 1024]).await;
    insta::assert_json_snapshot!("payload_too_large", stable(&large));
    let nothing = scene.client.get("/v1/nothing").await;
    insta::assert_json_snapshot!("not_found", stable(&nothing));
    let method = scene.client.request(reqwest::Method::DELETE, "/v1/bookings");
    insta::assert_json_snapshot!("method_not_allowed", stable(&crate::harness::send(method).await));
}

#[tokio::test]
async fn problems_of_the_rules_read_as_promised() {
    let scene = Scene::new().await;
    let request = scene.hotel.booking("2031-05-10", "2031-05-12");
    let id = scene.client.post_keyed("/v1/bookings", &request, "order").await.id(201);
    insta::assert_json_snapshot!("sold_out", stable(&scene.book(&request).await));
    let path = format!("/v1/bookings/{id}/check-in");
    insta::assert_json_snapshot!(
        "policy_refusal",
        stable(&scene.client.post(&path, &json!({})).await)
    );
    let other = scene
        .client
        .post_keyed("/v1/bookings", &scene.hotel.booking("2031-05-11", "2031-05-12"), "order")
        .await;
    insta::assert_json_snapshot!("idempotency_key_reused", stable(&other));
    let path = format!("/v1/bookings/{id}/cancel");
    let stale = scene.client.post_with(&path, &json!({}), &[("if-match", "\"7\"")]).await;
    insta::assert_json_snapshot!("precondition_failed", stable(&stale));
    let missing = scene.client.get("/v1/bookings/018f3c1e-0000-7000-8000-000000000000").await;
    insta::assert_json_snapshot!("booking_not_found", stable(&missing));
    let behind = scene.client.get("/v1/bookings?min_position=999999").await;
    insta::assert_json_snapshot!("projection_behind", stable(&behind));
}

#[tokio::test]
async fn problems_read_as_promised_in_arabic() {
    let scene = Scene::new().await;
    let request = scene.hotel.booking("2031-05-10", "2031-05-12");
    scene.book(&request).await.expect(201);
    let headers = [("accept-language", "ar")];
    let full = scene.client.post_with("/v1/bookings", &request, &headers).await;
    insta::assert_json_snapshot!("sold_out_in_arabic", stable(&full));
    assert_eq!(full.header("content-language"), "ar");
    let missing = "/v1/bookings/018f3c1e-0000-7000-8000-000000000000";
    let missing = scene.client.get_with(missing, &headers).await;
    insta::assert_json_snapshot!("booking_not_found_in_arabic", stable(&missing));
}
