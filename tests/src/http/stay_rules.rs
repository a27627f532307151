//! What is asked of a stay.

use serde_json::{Value, json};

use crate::harness::{Hotel, World};

fn rules() -> Value {
    json!({
        "least": 2,
        "most": 28,
        "closed_to_arrival": ["friday", "sunday"],
        "periods": [
            {"days": {"first": "2031-07-01", "end": "2031-09-01"}, "least": 7, "closed_to_arrival": []},
            {"days": {"first": "2031-11-01", "end": "2031-12-01"}, "closed": true},
        ],
    })
}

#[tokio::test]
async fn the_rules_of_stays_are_replaced_all_at_once() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let path = format!("/v1/resources/{}", hotel.rooms[0]);
    let shown = async |position| {
        let path = format!("{path}?min_position={position}");
        client.get(&path).await.expect(200)
    };
    let found = shown(hotel.position).await;
    assert_eq!((&found["stay_rules"], found.get("schedules")), (&json!({}), None));

    let changed = client.post(&format!("{path}/stay-rules"), &rules()).await;
    assert_eq!(shown(changed.position()).await["stay_rules"], rules());
    client.post(&format!("{path}/stay-rules"), &rules()).await.expect(200);
    assert_eq!(client.head().await, changed.position());
    let none = client.post(&format!("{path}/stay-rules"), &json!({})).await;
    assert_eq!(shown(none.position()).await["stay_rules"], json!({}));
    let history = client.get(&format!("{path}/history")).await.expect(200);
    assert_eq!(history["items"][1]["data"]["stay_rules_changed"]["rules"], rules());
}

#[tokio::test]
async fn what_is_wrong_with_rules_of_stays_is_named_and_nothing_is_written() {
    let world = World::start().await;
    let client = world.client();
    let hotel = Hotel::open(&client, 1).await;
    let path = format!("/v1/resources/{}/stay-rules", hotel.rooms[0]);
    let period = |first: &str, end: &str| json!({"days": {"first": first, "end": end}});
    let overlapping = [period("2031-05-01", "2031-05-10"), period("2031-05-09", "2031-05-20")];
    let short =
        json!({"days": {"first": "2031-05-01", "end": "2031-05-10"}, "least": 3, "most": 2});
    for (body, field) in [
        (json!({"least": 0}), "/least"),
        (json!({"most": 367}), "/most"),
        (json!({"least": 3, "most": 2}), "/most"),
        (json!({"closed_to_arrival": ["friday", "someday"]}), "/closed_to_arrival/1"),
        (json!({"periods": [period("2031-05-01", "2031-05-01")]}), "/periods/0/days"),
        (json!({"periods": overlapping}), "/periods"),
        (json!({"periods": [short]}), "/periods"),
        (json!({"minimum": 2}), "/minimum"),
    ] {
        let problem = client.post(&path, &body).await.any_problem();
        assert_eq!(problem["errors"][0]["field"], field, "{body}: {problem}");
    }
    let sauna = json!({
        "listing_id": hotel.listing, "kind": "room", "name": {"en": "Sauna"}, "capacity": 1,
    });
    let sauna = client.post("/v1/resources", &sauna).await;
    let path = format!("/v1/resources/{}/stay-rules", sauna.id(201));
    let problem = client.post(&path, &rules()).await.problem(422, "policy-refusal");
    assert_eq!(problem["reason"], "not_sold_by_night");
    assert_eq!(client.head().await, sauna.position());
}
